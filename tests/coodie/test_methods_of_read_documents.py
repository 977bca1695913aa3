"""What `after_load` hooks and `model_post_init` raise when a document was made of a row."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import Field

from coodie.exceptions import InvalidRowError, InvalidRowsError
from coodie.fields import PrimaryKey
from coodie.hooks import after_load
from coodie.sync import Document
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Colour(Enum):
    RED = "red"


class Car(Document):
    model_config = {"use_enum_values": False}

    id: Annotated[int, PrimaryKey()]
    colour: Colour = Colour.RED
    doors: Annotated[int, Field(ge=1)] = 4

    @after_load
    def check(self) -> None:
        LOADED.append(self.id)
        if self.id in FAULTS:
            raise FAULTS[self.id]


class Truck(Document):
    id: Annotated[int, PrimaryKey()]
    axles: int = 2
    doors: Annotated[int, Field(ge=1)] = 4

    def model_post_init(self, _: Any, /) -> None:
        if self.id in FAULTS:
            raise FAULTS[self.id]


LOADED: list[int] = []
FAULTS: dict[int, Exception] = {}
COLUMNS = ("id", "colour", "doors")
QUERIES: dict[str, Callable[[Any], object]] = {
    "get": lambda model: model.get(id=2),
    "all": lambda model: model.find().all(),
    "first": lambda model: model.find().first(),
    "paged": lambda model: model.find().paged_all(),
    "not validated": lambda model: model.find().validate(False).all(),
    "skipping": lambda model: model.find().validate(False, on_invalid="skip").all(),
    "gathering": lambda model: model.find().validate(False, on_invalid="collect").all(),
    "validated": lambda model: model.find().validate().all(),
    "validated and skipping": lambda model: model.find().validate(on_invalid="skip").all(),
    "validated in part": lambda model: model.find().only("doors").validate(on_invalid="skip").all(),
}


@pytest.fixture(autouse=True)
def _anew() -> None:
    LOADED.clear()
    FAULTS.clear()


@pytest.mark.parametrize("kind", [ValueError, TypeError, AttributeError, KeyError, ArithmeticError, RuntimeError])
@pytest.mark.parametrize("way", QUERIES)
def test_what_a_hook_raises_ends_the_verb_as_it_is(
    way: str, kind: type[Exception], script: Callable[..., ScriptedDriver]
) -> None:
    script(Reply([(2, 4)], ("id", "doors")) if way.endswith("part") else Reply([(2, "red", 4)], COLUMNS))
    FAULTS[2] = kind("not yours")
    with pytest.raises(kind, match="not yours") as caught:
        QUERIES[way](Car)
    assert caught.value is FAULTS[2]


def test_a_row_that_cannot_be_read_has_its_own_error_beside_hooks(script: Callable[..., ScriptedDriver]) -> None:
    rows = Reply([(1, "red", 4), (2, "blue", 4), (3, "red", 4)], COLUMNS)
    script(rows, rows)
    with pytest.raises(InvalidRowError, match=r"^Car\.colour: .*attribute key") as caught:
        Car.find().validate(False).all()
    assert (caught.value.key, LOADED) == ({"id": 2}, [1])
    LOADED.clear()
    assert [car.id for car in Car.find().validate(False, on_invalid="skip").all()] == [1, 3]
    assert LOADED == [1, 3]


def test_hooks_run_for_what_was_found_valid_also_in_part(script: Callable[..., ScriptedDriver]) -> None:
    script(Reply([(1, 4), (2, "four"), (3, 4)], ("id", "doors")))
    found = Car.find().only("doors").validate(on_invalid="skip").all()
    assert ([car.id for car in found], LOADED) == ([1, 3], [1, 3])


@pytest.mark.parametrize(("kind", "what"), [(ValueError, "Value error"), (AssertionError, "Assertion failed")])
@pytest.mark.parametrize("validated", [False, True])
@pytest.mark.parametrize("in_part", [False, True])
def test_what_model_post_init_refuses_is_an_invalid_row_in_its_words(
    kind: type[Exception], what: str, script: Callable[..., ScriptedDriver], *, validated: bool, in_part: bool
) -> None:
    columns = ("id", "doors") if in_part else ("id", "axles", "doors")
    script(*[Reply([(number, 4, 4)[: len(columns)] for number in (1, 2, 3)], columns)] * 3)
    FAULTS[2] = kind("not yours")
    query = Truck.find().only("doors").validate(validated) if in_part else Truck.find().validate(validated)
    with pytest.raises(InvalidRowError, match=rf"^Truck: {what}, not yours; the attribute key") as caught:
        query.all()
    assert (caught.value.field, caught.value.key) == ("", {"id": 2})
    if not validated or in_part:  # else Pydantic runs it, whose error has the row's values
        assert caught.value.__cause__ is FAULTS[2]
    assert [truck.id for truck in query.validate(validated, on_invalid="skip").all()] == [1, 3]
    with pytest.raises(InvalidRowsError, match="not yours"):
        query.validate(validated, on_invalid="collect").all()


@pytest.mark.parametrize("on_invalid", ["raise", "skip", "collect"])
@pytest.mark.parametrize("kind", [TypeError, AttributeError, KeyError])
def test_another_error_of_model_post_init_is_raised_as_it_is(
    kind: type[Exception], on_invalid: Any, script: Callable[..., ScriptedDriver]
) -> None:
    script(Reply([(1, 2, 4), (2, 2, 4)], ("id", "axles", "doors")))
    FAULTS[2] = kind("a mistake")
    with pytest.raises(kind, match="a mistake"):
        Truck.find().validate(False, on_invalid=on_invalid).all()
