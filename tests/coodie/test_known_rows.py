"""What a document knows of its row after an update: the next one writes what differs from that."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import pytest
from pydantic import Field

from coodie.exceptions import InvalidQueryError, InvalidValueError
from coodie.fields import ClusteringKey, Frozen, PrimaryKey
from coodie.sync import BatchQuery, Document
from coodie_drivers import register_driver
from coodie_drivers.messages import Reply
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Callable


class Note(Document):
    owner: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    title: str = "x"
    size: int | None = None

    class Settings:
        name = "note"
        keyspace = "ks"


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Painted(Document):
    id: Annotated[int, PrimaryKey()]
    colour: Colour = Colour.RED
    other: Colour | None = None


class Kept(Painted):
    model_config = {"use_enum_values": False}


@pytest.mark.parametrize(("model", "held"), [(Painted, "blue"), (Kept, Colour.BLUE)])
def test_an_update_holds_of_an_enum_what_constructing_holds(
    model: type[Painted], held: object, driver: ScriptedDriver
) -> None:
    painted = model(id=1)
    painted.update(colour=Colour.BLUE, other=Colour.BLUE)
    assert (vars(painted)["colour"], vars(painted)["other"]) == (held, held)
    assert painted == model(id=1, colour=Colour.BLUE, other=Colour.BLUE)
    assert tuple(driver.requests[-1].params) == ("blue", "blue", 1)


@pytest.mark.parametrize("begin", ["saved", "read in part", "new"])
def test_an_update_of_whole_fields_is_what_the_next_one_compares_with(driver: ScriptedDriver, begin: str) -> None:
    if begin == "read in part":
        register_driver("scripted", ScriptedDriver([Reply([("o", 1, 3)], ("owner", "number", "size"))]), default=True)
        mine = Note.find(owner="o").only("size").all()[0]
        register_driver("scripted", driver, default=True)
    else:
        mine = Note(owner="o", number=1, size=3)
    if begin == "saved":
        mine.save()
    for size in (4, 5):
        mine.update(size=size)
        assert (mine.size, driver.requests[-1].params[0]) == (size, size)
    before = len(driver.requests)
    if begin == "new":
        with pytest.raises(InvalidQueryError, match="neither read from the table nor saved"):
            mine.update()
    else:
        mine.update()
        assert len(driver.requests) == before
        mine.size = 6
        mine.update()
        request = driver.requests[-1]
        assert request.statement.cql == "UPDATE ks.note SET size = ? WHERE owner = ? AND number = ?"
        assert tuple(request.params) == (6, "o", 1)


def test_a_new_document_knows_of_its_row_when_a_batch_was_sent(driver: ScriptedDriver) -> None:
    note = Note(owner="o", number=1, title="a")
    batch = BatchQuery()
    note.save(batch=batch)
    note.title = "b"
    batch.execute()
    note.save(changed_only=True)
    assert driver.requests[-1].statement.cql.startswith("UPDATE ks.note SET title = ?")
    assert tuple(driver.requests[-1].params) == ("b", "o", 1)


def test_a_new_document_knows_nothing_of_a_row_whose_batch_was_not_sent(driver: ScriptedDriver) -> None:
    note, other = Note(owner="o", number=1), Note(owner="o", number=2)
    batch = BatchQuery()
    note.save(batch=batch)
    note.save(changed_only=True)
    assert driver.requests[-1].statement.cql.startswith("INSERT")
    with suppress(LookupError), BatchQuery() as dropped:
        other.save(batch=dropped)
        raise LookupError
    other.save(changed_only=True)
    assert driver.requests[-1].statement.cql.startswith("INSERT")


class Measured(Document):
    id: Annotated[int, PrimaryKey()]
    price: Decimal = Decimal(0)
    height: float = 0.0
    prices: list[Decimal] = []
    heights: dict[str, float] = {}
    raw: bytes = b""


@pytest.mark.parametrize(
    ("field", "before", "now", "written"),
    [
        ("price", Decimal("1.10"), Decimal("1.100"), Decimal("1.100")),
        ("height", 0.0, -0.0, -0.0),
        ("prices", [Decimal(1)], [Decimal("1.0")], [Decimal("1.0")]),
        ("prices", [Decimal(1)], [Decimal("1.0"), Decimal(2)], [Decimal("1.0"), Decimal(2)]),
        ("heights", {"a": 0.0, "b": 0.0}, {"a": -0.0, "b": 0.0}, {"a": -0.0}),
    ],
)
def test_what_is_equal_and_stored_in_another_way_has_changed(
    field: str, before: object, now: object, written: object, driver: ScriptedDriver
) -> None:
    measured = Measured.model_validate({"id": 1, field: before})
    measured.save()
    measured.update()
    assert len(driver.requests) == 1
    setattr(measured, field, now)
    measured.update()
    assert str(driver.requests[-1].params[0]) == str(written)
    measured.update()
    assert len(driver.requests) == 2


def test_bytes_that_changed_in_place_are_written(driver: ScriptedDriver) -> None:
    raw: Any = bytearray(b"one")
    measured = Measured(id=1)
    measured.raw = raw
    measured.save()
    raw[:] = b"two"
    measured.update()
    assert bytes(driver.requests[-1].params[0]) == b"two"


class Tokened(Document):
    id: Annotated[int, PrimaryKey()]
    token: UUID = Field(default_factory=uuid4)
    title: str = ""


READ: dict[str, Callable[[], Tokened]] = {
    "whole": lambda: Tokened.find(id=1).all()[0],
    "in part": lambda: Tokened.find(id=1).only("token").all()[0],
    "validated": lambda: Tokened.find(id=1).validate().all()[0],
    "in a place": lambda: Tokened.find(id=1).using(keyspace="other").all()[0],
}


@pytest.mark.parametrize("way", READ)
def test_what_a_field_made_of_a_null_has_not_changed(way: str, script: Callable[..., ScriptedDriver]) -> None:
    columns = ("id", "token") if way == "in part" else ("id", "token", "title")
    applied = Reply([(True,)], ("[applied]",), None, True)
    driver = script(Reply([(1, None, None)[: len(columns)]], columns), applied)
    tokened = READ[way]()
    tokened.update()
    assert len(driver.requests) == 1
    tokened.update(if_conditions={"token": tokened.token}, title="x")
    assert driver.requests[-1].params[-1] is None
    tokened.update()
    tokened.delete_columns("token")
    tokened.update()
    assert len(driver.requests) == 3
    tokened.token = uuid4()
    tokened.update()
    assert driver.requests[-1].params[0] == tokened.token


def test_a_condition_alone_needs_a_column_that_is_left_as_it_is(driver: ScriptedDriver) -> None:
    driver.supports_unset = False
    note = Note(owner="a", number=1)
    note.save()
    assert note.update() is None
    given: list[dict[str, Any]] = [{"if_exists": True}, {"if_conditions": {"title": "x"}}]
    for conditions in given:
        with pytest.raises(InvalidQueryError, match=r"update\(\) of Note: nothing changed, .*; name a field"):
            note.update(**conditions)
    assert len(driver.requests) == 1


class Bare(Document):
    id: Annotated[int, PrimaryKey()]


def test_a_row_with_a_key_alone_is_asked_for_by_reading_it(driver: ScriptedDriver) -> None:
    bare = Bare(id=1)
    bare.save()
    with pytest.raises(InvalidQueryError, match=r"update\(\) of Bare: nothing changed, .*; find the row and look"):
        bare.update(if_exists=True)
    assert len(driver.requests) == 1


class Stock(Document):
    id: Annotated[int, PrimaryKey()]
    kinds: dict[Colour, int] = {}


def test_an_element_that_is_none_is_refused_before_anything_is_sent(driver: ScriptedDriver) -> None:
    stock: Any = Stock(id=1, kinds={Colour.RED: 1})
    stock.save()
    for element in ("purple", None, 5):
        with pytest.raises(InvalidValueError, match=r"Stock\.kinds"):
            stock.update(remove__kinds=[element])
        with pytest.raises(InvalidValueError, match=r"Stock\.kinds"):
            stock.delete_columns(collection_elements=[("kinds", element)])
    assert (len(driver.requests), stock.kinds) == (1, {"red": 1})


class Tagged(Document):
    id: Annotated[int, PrimaryKey()]
    tags: set[str] | None = None
    lines: list[str] | None = None
    notes: dict[str, int] = {}
    fixed: Annotated[list[int], Frozen()] = []


CHANGED: list[tuple[str, Any, Any, str, Any]] = [
    ("tags", None, {"a"}, "tags = tags + ?", {"a"}),
    ("lines", None, ["a"], "lines = lines + ?", ["a"]),
    ("notes", {}, {"a": 1}, "notes = notes + ?", {"a": 1}),
    ("tags", {"a"}, set(), "tags = tags - ?", {"a"}),
    ("notes", {"a": 1}, {}, "notes = notes - ?", {"a"}),
    ("lines", ["a"], [], "lines = ?", []),
    ("tags", {"a"}, None, "tags = ?", None),
    ("fixed", [], [1], "fixed = ?", [1]),
    ("fixed", [1], [], "fixed = ?", []),
]


@pytest.mark.parametrize(
    ("field", "before", "now", "assignment", "sent"),
    CHANGED,
)
def test_a_collection_that_was_or_is_empty_is_changed_by_what_came_or_went(
    field: str, before: object, now: object, assignment: str, sent: object, driver: ScriptedDriver
) -> None:
    tagged = Tagged.model_validate({"id": 1, field: before})
    tagged.save()
    setattr(tagged, field, now)
    tagged.update()
    request = driver.requests[-1]
    assert f"SET {assignment} WHERE" in request.statement.cql
    assert request.params[0] == sent
    tagged.update()
    assert (len(driver.requests), getattr(tagged, field)) == (2, now)


@pytest.mark.parametrize(
    ("before", "now", "assignments", "sent"),
    [
        (["a"], ["0", "a", "b", "c"], "lines = ? + lines, lines = lines + ?", [["0"], ["b", "c"]]),
        (["a", "a"], ["a", "a", "a"], "lines = lines + ?", [["a"]]),
        (["a", "b"], ["b", "a", "b"], "lines = ? + lines", [["b"]]),
        (["a", "b"], ["a", "x", "b"], "lines = ?", [["a", "x", "b"]]),
        (["a", "b"], ["x", "b", "y"], "lines = ?", [["x", "b", "y"]]),
        (["a", "b"], ["a"], "lines = ?", [["a"]]),
    ],
)
def test_a_list_is_added_to_at_its_ends_or_written_whole(
    before: list[str], now: list[str], assignments: str, sent: list[list[str]], driver: ScriptedDriver
) -> None:
    tagged = Tagged(id=1, lines=before)
    tagged.save()
    tagged.lines = [*now]
    tagged.update()
    request = driver.requests[-1]
    assert request.statement.cql == f"UPDATE ks.tagged SET {assignments} WHERE id = ?"
    assert [*request.params] == [*sent, 1]
    assert not request.statement.idempotent or assignments == "lines = ?"
    tagged.update()
    assert (len(driver.requests), tagged.lines) == (2, now)


@pytest.mark.parametrize(("field", "empty"), [("tags", set[str]()), ("lines", list[str]())])
def test_an_empty_collection_is_no_change_of_a_null(field: str, empty: object, driver: ScriptedDriver) -> None:
    tagged = Tagged(id=1)
    tagged.save()
    setattr(tagged, field, empty)
    assert tagged.update() is None
    assert len(driver.requests) == 1


def test_a_collection_of_which_nothing_is_known_is_written_whole(script: Callable[..., ScriptedDriver]) -> None:
    driver = script(Reply([(1, {"a": 1})], ("id", "notes")), Reply())
    tagged = Tagged.find(id=1).only("notes").all()[0]
    tagged.tags = {"b"}
    tagged.update()
    assert "SET tags = ? WHERE" in driver.requests[-1].statement.cql
