"""Rows that hold what their model cannot: raised, left out or gathered, each with the primary key of its row."""

from __future__ import annotations

import pickle
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel, Field, model_validator

from coodie import aio
from coodie.exceptions import InvalidQueryError, InvalidRowError, InvalidRowsError
from coodie.fields import ClusteringKey, PrimaryKey
from coodie.hooks import after_load
from coodie.sync import Document
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Colour(Enum):
    RED = "red"


class Car(Document):
    town: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    doors: Annotated[int, Field(ge=1)] = 4


class Painted(Document):
    model_config = {"use_enum_values": False}

    id: Annotated[int, PrimaryKey()]
    colour: Colour = Colour.RED


class AsyncCar(aio.Document):
    town: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    doors: Annotated[int, Field(ge=1)] = 4


class Brief(BaseModel):
    number: int
    doors: Annotated[int, Field(ge=1)]


class Town(BaseModel):
    town: str


class Doors(BaseModel):
    model_config = {"extra": "forbid"}

    doors: Annotated[int, Field(ge=1)]


class Checked(BaseModel):
    number: int

    @model_validator(mode="after")
    def check(self) -> Checked:
        if self.number == 2:
            raise ValueError("two")
        return self


class CheckedCar(Document):
    town: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]

    @model_validator(mode="after")
    def check(self) -> CheckedCar:
        if self.number == 2:
            raise ValueError("two")
        return self


class Counted(Document):
    id: Annotated[int, PrimaryKey()]
    doors: Annotated[int, Field(ge=1)] = 4
    _seen: list[int] = []

    @after_load
    def note(self) -> None:
        SEEN.append(self.id)


SEEN: list[int] = []
COLUMNS = ("town", "number", "doors")
ROWS: list[tuple[Any, ...]] = [("Rome", 1, 4), ("Rome", 2, 0), ("Rome", 3, 2), ("Rome", 4, "secret")]
GOOD = [1, 3]
KEYS = [{"town": "Rome", "number": 2}, {"town": "Rome", "number": 4}]


def pages() -> list[Reply]:
    return [Reply(ROWS[:2], COLUMNS, b"next"), Reply(ROWS[2:], COLUMNS)]


def test_the_first_is_raised_with_its_key(script: Callable[..., ScriptedDriver]) -> None:
    script(*pages(), *pages())
    for query in (Car.find(town="Rome").validate(), Car.find(town="Rome").only("doors").validate(on_invalid="raise")):
        with pytest.raises(InvalidRowError, match=r"^Car\.doors: .*attribute key of this error") as caught:
            query.all()
        assert caught.value.key == KEYS[0]


@pytest.mark.parametrize(
    ("query", "name"),
    [(Car.find(town="Rome").into(Checked), "Checked"), (CheckedCar.find(town="Rome").validate(), "CheckedCar")],
)
def test_what_a_validator_of_the_whole_model_refuses_is_of_no_field(
    query: Any, name: str, script: Callable[..., ScriptedDriver]
) -> None:
    script(Reply([("Rome", 2)], ("town", "number")))
    with pytest.raises(InvalidRowError, match=rf"^{name}: Value error, two; the attribute key") as caught:
        query.all()
    assert (caught.value.field, caught.value.key) == ("", KEYS[0])


@pytest.mark.parametrize("model", [Brief, Doors])
def test_what_becomes_another_model_has_the_key_of_its_row_too(
    model: type[BaseModel], script: Callable[..., ScriptedDriver]
) -> None:
    driver = script(*pages(), *pages(), *pages())
    query: Any = Car.find(town="Rome").into(model)
    with pytest.raises(InvalidRowError, match=rf"^{model.__name__}\.doors: .*attribute key") as caught:
        query.all()
    assert caught.value.key == KEYS[0]
    with pytest.raises(InvalidRowsError) as several:
        query.validate(on_invalid="collect").all()
    assert [error.key for error in several.value.errors] == KEYS
    assert [each.doors for each in several.value.items] == [4, 2]
    selected = driver.requests[0].statement.cql.partition(" FROM")[0].removeprefix("SELECT ")
    assert sorted(selected.split(", ")) == sorted(COLUMNS)


def test_what_is_made_of_several_rows_has_no_key(script: Callable[..., ScriptedDriver]) -> None:
    driver = script(Reply([(0,)], ("doors",)), Reply([("Rome",)], ("town",)))
    with pytest.raises(InvalidRowError) as caught:
        Car.find(town="Rome").into(Doors).group_by("town").all()
    assert caught.value.key == {}
    Car.find().distinct().into(Town).all()
    assert driver.requests[-1].statement.cql == "SELECT DISTINCT town FROM ks.car"


@pytest.mark.parametrize("form", ["documents", "only", "values_list", "flat", "into"])
def test_they_are_skipped_whatever_rows_become(form: str, script: Callable[..., ScriptedDriver]) -> None:
    script(*pages())
    query: Any = Car.find(town="Rome").validate(on_invalid="skip")
    forms: dict[str, tuple[Any, list[Any]]] = {
        "documents": (query, [Car(town="Rome", number=1), Car(town="Rome", number=3, doors=2)]),
        "only": (query.only("doors"), [Car(town="Rome", number=1), Car(town="Rome", number=3, doors=2)]),
        # Values are taken as they are: nothing of them is validated.
        "values_list": (query.values_list(*COLUMNS), ROWS),
        "flat": (query.values_list("number", flat=True), [1, 2, 3, 4]),
        "into": (query.into(Brief), [Brief(number=1, doors=4), Brief(number=3, doors=2)]),
    }
    asked, expected = forms[form]
    found = asked.all()
    if form == "only":
        assert [(each.number, each.doors) for each in found] == [(1, 4), (3, 2)]
    else:
        assert found == expected


def test_they_are_skipped_by_every_terminal(script: Callable[..., ScriptedDriver]) -> None:
    script(*pages(), *pages(), pages()[0], *pages(), Reply(ROWS[1:2], COLUMNS), *pages())
    query = Car.find(town="Rome").validate(on_invalid="skip")
    assert [car.number for car in query.all()] == GOOD
    assert [car.number for car in query] == GOOD
    page = query.paged_all()
    assert ([car.number for car in page], page.has_more, page.invalid) == ([1], True, ())
    assert [[car.number for car in page] for page in query.pages()] == [[1], [3]]
    assert query.first() is None
    assert [car.number for car in query.order_by("doors").order_by("-number").all()] == GOOD


def test_the_first_is_the_first_that_can_be_read(script: Callable[..., ScriptedDriver]) -> None:
    driver = script(Reply(ROWS[1:2], COLUMNS, b"next"), Reply([], COLUMNS, b"more"), Reply(ROWS[2:], COLUMNS))
    query = Car.find(town="Rome").validate(on_invalid="skip")
    first = query.first()
    assert first is not None
    assert first.number == GOOD[1]
    assert [request.paging_state for request in driver.requests] == [None, b"next", b"more"]
    script(Reply(ROWS[1:3], COLUMNS))
    first = query.order_by("doors").first()
    assert first is not None
    assert first.number == GOOD[1]
    script(Reply(ROWS[1:2], COLUMNS))
    assert query.limit(1).first() is None


def test_a_slice_counts_rows_as_a_limit_does(script: Callable[..., ScriptedDriver]) -> None:
    rows = [("Rome", 0, 0), ("Rome", 1, 4), ("Rome", 2, 3), ("Rome", 3, 2)]
    script(*[Reply(rows[:3], COLUMNS)] * 2, Reply(rows[:1], COLUMNS, b"next"), Reply(rows[1:3], COLUMNS))
    part = Car.find(town="Rome").validate(on_invalid="skip")[1:3]
    assert [car.number for car in part.all()] == [1, 2]
    assert [car.number for car in part] == [1, 2]
    assert [car.number for car in part] == [1, 2]


def test_they_are_gathered(script: Callable[..., ScriptedDriver]) -> None:
    script(*pages(), *pages(), *pages())
    query = Car.find(town="Rome").validate(on_invalid="collect")
    with pytest.raises(InvalidRowsError, match=r"^Car: 2 rows cannot be read; .*first: Car\.doors: ") as caught:
        query.all()
    assert [error.key for error in caught.value.errors] == KEYS
    assert [car.number for car in caught.value.items] == GOOD
    assert "secret" not in str(caught.value)
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - of its own
    assert [error.key for error in again.errors] == KEYS
    found = list(query.pages())
    assert [[car.number for car in page] for page in found] == [[1], [3]]
    assert [[error.key for error in page.invalid] for page in found] == [KEYS[:1], KEYS[1:]]
    seen: list[int] = []
    with pytest.raises(InvalidRowsError) as caught:
        seen.extend(car.number for car in query)
    assert (seen, [error.key for error in caught.value.errors]) == (GOOD, KEYS)


async def test_they_are_gathered_when_awaited(script: Callable[..., ScriptedDriver]) -> None:
    script(*pages(), *pages(), *pages())
    query = AsyncCar.find(town="Rome").validate(on_invalid="collect")
    with pytest.raises(InvalidRowsError) as caught:
        await query.all()
    assert [error.key for error in caught.value.errors] == KEYS
    seen: list[int] = []
    with pytest.raises(InvalidRowsError):  # noqa: PT012 - the loop is what the test is about
        async for car in query:
            seen.append(car.number)  # noqa: PERF401 - as above
    assert seen == GOOD
    assert [car.number async for car in query.validate(on_invalid="skip")] == GOOD


def test_what_no_field_can_be_made_of_is_left_out_without_validation(script: Callable[..., ScriptedDriver]) -> None:
    rows = Reply([(1, "red"), (2, "blue")], ("id", "colour"))
    script(rows, rows)
    assert Painted.find().validate(False, on_invalid="skip").all() == [Painted(id=1)]
    with pytest.raises(InvalidRowsError) as caught:
        Painted.find().validate(False, on_invalid="collect").all()
    assert caught.value.errors[0].key == {"id": 2}


def test_a_row_is_read_once_where_reading_runs_methods(script: Callable[..., ScriptedDriver]) -> None:
    script(Reply([(1, 4), (2, 0), (3, 4)], ("id", "doors")))
    SEEN.clear()
    Counted.find().validate(on_invalid="skip").all()
    assert SEEN == [1, 3]


def test_what_cannot_gather_says_so(driver: ScriptedDriver) -> None:
    query = Car.find().validate(on_invalid="collect")
    refused: list[Callable[[], object]] = [lambda: list(query.scan()), lambda: query.in_bulk([("Rome", 1)])]
    for call in refused:
        with pytest.raises(InvalidQueryError, match=r"takes no validate\(on_invalid='collect'\); leave it out, or"):
            call()
    with pytest.raises(InvalidQueryError, match=r"all\(lazy=True\) of Car reads each row when it is looked at"):
        query.all(lazy=True)
    with pytest.raises(InvalidQueryError, match="'raise', 'skip' or 'collect'"):
        Car.find().validate(on_invalid="ignore")  # type: ignore[arg-type]  # what the test is about
    assert repr(query) == "<QuerySet Car.find().validate(...)>"
    assert driver.requests == []


def test_a_scan_and_keys_leave_them_out(script: Callable[..., ScriptedDriver]) -> None:
    script(Reply(ROWS, COLUMNS), Reply(ROWS[1:2], COLUMNS), Reply(ROWS[:1], COLUMNS))
    query = Car.find().validate(on_invalid="skip")
    assert [car.number for car in query.scan(splits=1)] == GOOD
    assert list(query.in_bulk([("Rome", 2), ("Rome", 1)])) == [("Rome", 1)]
