"""What `update()` demands of a value: what constructing the model demands of its field, and nothing of the whole."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, TypeVar

import pytest
from pydantic import Field, GetCoreSchemaHandler, ValidationInfo, field_validator, model_validator
from pydantic_core import CoreSchema, core_schema
from typing_extensions import TypeAliasType

from coodie.exceptions import InvalidModelError, InvalidQueryError, InvalidValueError
from coodie.fields import PrimaryKey
from coodie.sync import Document
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver

Item = TypeVar("Item")
Label = TypeAliasType("Label", Annotated[str, Field(max_length=4)])


class Colour(Enum):
    RED = "red"


class Named(Document):
    model_config: ClassVar[Any] = {"str_strip_whitespace": True, "str_max_length": 8}
    id: Annotated[int, PrimaryKey()]
    name: str = "n"

    @field_validator("name")
    @classmethod
    def check_name(cls, value: str) -> str:
        if "!" in value:
            raise ValueError("no exclamations")
        return value.title()


class Shelf(Named):
    low: int = 0
    high: int = 9
    tags: set[str] = set()
    words: list[str] = []
    sizes: dict[str, int] = {}
    owner: Annotated[str, Field(frozen=True)] = "o"
    marks: Annotated[set[str], Field(frozen=True)] = set()
    notes: Annotated[dict[str, str], Field(frozen=True)] = {}
    short: Label = ""
    shorter: list[Label] = []
    colour: Colour = Colour.RED
    full_name: str = Field(default="", alias="fullName")

    @field_validator("high")
    @classmethod
    def check_high(cls, value: int, info: ValidationInfo) -> int:
        if value < info.data["low"]:
            raise ValueError("below low")
        return value

    @field_validator("tags", "words")
    @classmethod
    def fold(cls, values: Any) -> Any:
        return type(values)(value.lower() for value in values)

    @model_validator(mode="before")
    @classmethod
    def look_before(cls, data: Any) -> Any:
        assert "forbidden" not in data.values(), "the whole is refused"
        return data

    @model_validator(mode="wrap")
    @classmethod
    def look_around(cls, data: Any, handler: Callable[[Any], Any]) -> Any:
        return handler(data)

    @model_validator(mode="after")
    def look_after(self) -> Shelf:
        assert self.low <= self.high, "low is above high"
        return self


def sent(driver: ScriptedDriver) -> list[Any]:
    return list(driver.requests[-1].params)[:-1]


@pytest.mark.parametrize(
    ("changes", "written"),
    [
        ({"name": "  bob "}, ["Bob"]),
        ({"add__tags": " VIP "}, [{"vip"}]),
        ({"append__words": ["A", " B"]}, [["a", "b"]]),
        ({"remove__words": "A"}, [["a"]]),
        ({"full_name": " x "}, ["x"]),
        ({"fullName": "x"}, ["x"]),
        ({"short": "abc", "shorter": [" d"]}, ["abc", ["d"]]),
        ({"colour": Colour.RED}, ["red"]),
        ({"low": "3"}, [3]),
        ({"low": 20, "high": 21}, [20, 21]),
    ],
)
def test_a_value_becomes_what_constructing_the_model_makes_of_it(
    changes: dict[str, Any], written: list[Any], driver: ScriptedDriver
) -> None:
    Shelf(id=1).update(**changes)
    assert sent(driver) == written


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"name": "hey!"}, "name", "no exclamations"),
        ({"name": "far too long"}, "name", "at most 8 characters"),
        ({"add__tags": "far too long"}, "tags", "at most 8 characters"),
        ({"high": -1}, "high", "below low"),
        ({"low": 20, "high": 10}, "high", "below low"),
        ({"short": "abcde"}, "short", "at most 4 characters"),
        ({"append__shorter": "abcde"}, "shorter", "at most 4 characters"),
        ({"colour": "blue"}, "colour", "'red'"),
        ({"owner": "x"}, "owner", r"is fixed by Field\(frozen=True\) and cannot change; only saving a new document"),
        ({"add__marks": "x"}, "marks", "cannot change"),
        ({"remove__notes": "x"}, "notes", "cannot change"),
    ],
)
def test_what_constructing_the_model_refuses_is_refused(
    changes: dict[str, Any], field: str, sentence: str, driver: ScriptedDriver
) -> None:
    shelf = Shelf(id=1)
    before = dict(vars(shelf))
    with pytest.raises(InvalidValueError, match=rf"^Shelf\.{field}(\[0\])?: .*{sentence}") as caught:
        shelf.update(**changes)
    assert (caught.value.model, caught.value.field) == ("Shelf", field)
    assert caught.value.__cause__ is None
    assert vars(shelf) == before
    assert driver.requests == []


def test_what_is_fixed_is_not_deleted_either(driver: ScriptedDriver) -> None:
    shelf = Shelf(id=1)
    with pytest.raises(InvalidValueError, match=r"^Shelf\.owner: is fixed"):
        shelf.delete_columns("name", "owner")
    with pytest.raises(InvalidValueError, match=r"^Shelf\.notes: is fixed"):
        shelf.delete_columns(collection_elements=[("notes", "x")])
    assert driver.requests == []


def test_each_value_sees_the_document_and_what_the_same_update_changed_before_it(driver: ScriptedDriver) -> None:
    shelf = Shelf(id=1, low=5)
    with pytest.raises(InvalidValueError, match="below low"):
        shelf.update(high=4, low=1)
    assert driver.requests == []
    shelf.update(low=1, high=4)
    assert (shelf.low, shelf.high) == (1, 4)


def test_collections_that_change_in_place_are_seen_as_they_will_be(driver: ScriptedDriver) -> None:
    seen: list[Any] = []

    class Bag(Document):
        id: Annotated[int, PrimaryKey()]
        tags: set[str] = set()
        words: list[str] = []
        count: int = 0

        @field_validator("count")
        @classmethod
        def look(cls, value: int, info: ValidationInfo) -> int:
            seen.append((set(info.data["tags"]), list(info.data["words"])))
            return value

    bag = Bag(id=1, tags={"a"}, words=["x"])
    seen.clear()
    bag.update(add__tags="b", append__words="y", count=1)
    assert seen == [({"a", "b"}, ["x", "y"])]
    assert (bag.tags, bag.words) == ({"a", "b"}, ["x", "y"])
    assert sent(driver) == [{"b"}, ["y"], 1]


def test_the_validators_of_the_whole_model_do_not_run(script: Callable[..., ScriptedDriver]) -> None:
    columns = tuple(column for column in Shelf.model_fields if column != "full_name")
    row = [{"id": 1, "low": 9, "high": 1}.get(column) for column in columns]
    script(Reply([(*row, "forbidden")], (*columns, "fullName")))
    shelf = Shelf.get(id=1)
    shelf.update(name="x")
    assert shelf.name == "X"


def test_a_strict_model_takes_no_other_type(driver: ScriptedDriver) -> None:
    class Strict(Document):
        model_config: ClassVar[Any] = {"strict": True}
        id: Annotated[int, PrimaryKey()]
        size: int = 0
        tags: set[str] = set()

    wrong: list[dict[str, Any]] = [{"size": "5"}, {"tags": ["a"]}, {"add__tags": 5}, {"add__tags": [["a"]]}]
    for changes in wrong:
        with pytest.raises(InvalidValueError, match=r"^Strict\.(size|tags): "):
            Strict(id=1).update(**changes)
    assert driver.requests == []
    for given in ("a", ["a"], {"a"}):
        Strict(id=1).update(add__tags=given)
        assert sent(driver) == [{"a"}]


def test_a_generic_model_checks_as_it_was_filled_in(driver: ScriptedDriver) -> None:
    class Box(Document, Generic[Item]):
        id: Annotated[int, PrimaryKey()]
        item: Item

    Box[int](id=1, item=1).update(item="5")
    assert sent(driver) == [5]
    with pytest.raises(InvalidValueError, match=r"^Box\[int\]\.item: .*valid integer"):
        Box[int](id=1, item=1).update(item="x")


def test_a_forward_reference_is_checked_when_it_is_resolved(driver: ScriptedDriver) -> None:
    class Later(Document):
        id: Annotated[int, PrimaryKey()]
        kind: Kind | None = None  # type: ignore[name-defined]  # pyright: ignore[reportUndefinedVariable]  # noqa: F821

    Later.model_rebuild(_types_namespace={"Kind": Colour})
    Later(id=1).update(kind="red")
    assert sent(driver) == ["red"]
    with pytest.raises(InvalidValueError, match=r"^Later\.kind: "):
        Later(id=1).update(kind="blue")


def test_a_frozen_model_is_updated_all_the_same(driver: ScriptedDriver) -> None:
    class Still(Document):
        model_config: ClassVar[Any] = {"frozen": True}
        id: Annotated[int, PrimaryKey()]
        size: int = 0

    still = Still(id=1)
    still.update(size=2)
    assert (still.size, sent(driver)) == (2, [2])


def test_a_model_whose_fields_cannot_be_told_is_refused(driver: ScriptedDriver) -> None:
    class Opaque(Document):
        id: Annotated[int, PrimaryKey()]
        size: int = 0

        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
            return core_schema.union_schema([handler(source), core_schema.int_schema()])

    with pytest.raises(InvalidModelError, match=r"^Opaque: its __get_pydantic_core_schema__ hides the fields"):
        Opaque.model_construct(id=1, size=0).update(size=1)
    assert driver.requests == []


def test_a_filter_and_a_condition_look_at_the_type_alone(driver: ScriptedDriver) -> None:
    Shelf.find(name="hey! far too long").allow_filtering().all()
    assert list(driver.requests[-1].params) == ["hey! far too long"]
    Shelf(id=1).update(low=2, if_conditions={"name": "hey! far too long"})
    assert sent(driver) == [2, 1]
    with pytest.raises(InvalidQueryError, match=r"^Shelf\.low: "):
        Shelf.find(low="x").allow_filtering().all()
