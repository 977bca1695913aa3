"""What a write sends: its CQL, its values, and what is refused before anything is sent."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import Field

from coodie.exceptions import ConfigurationError, InvalidQueryError, InvalidValueError, UnknownNameError
from coodie.fields import ClusteringKey, Frozen, PrimaryKey
from coodie.sync import Document
from coodie.types import UNSET
from coodie_drivers import register_driver, unregister_driver
from coodie_drivers.messages import Reply
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Note(Document):
    owner: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    title: Annotated[str, Field(max_length=9)] = "x"
    size: int | None = None
    tags: set[str] = set()
    lines: list[str] = []
    extra: dict[str, int] = {}
    fixed: Annotated[list[int], Frozen()] = []


INSERT = "INSERT INTO ks.note (owner, number, title, size, tags, lines, extra, fixed) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
KEY = "WHERE owner = ? AND number = ?"


def sent(driver: ScriptedDriver) -> tuple[str, list[Any]]:
    request = driver.requests[-1]
    return request.statement.cql, list(request.params)


def note(**values: Any) -> Note:
    return Note(owner="o", number=1, **values)


def test_save_writes_every_column_and_none_as_null(driver: ScriptedDriver) -> None:
    note(tags={"a"}).save()
    assert sent(driver) == (INSERT, ["o", 1, "x", None, {"a"}, [], {}, []])
    assert driver.requests[-1].statement.idempotent


@pytest.mark.parametrize(
    ("options", "using", "values"),
    [
        ({"ttl": 60}, "USING TTL ?", [60]),
        ({"timestamp": 5}, "USING TIMESTAMP ?", [5]),
        ({"ttl": 0}, "USING TTL ?", [0]),
    ],
)
def test_ttl_and_timestamp_are_values(
    options: Mapping[str, Any], using: str, values: list[int], driver: ScriptedDriver
) -> None:
    note().save(**options)
    cql, params = sent(driver)
    assert cql == f"{INSERT} {using}"
    assert params[-1:] == values


def test_ttl_and_timestamp_together_keep_their_places(driver: ScriptedDriver) -> None:
    note().save(ttl=60, timestamp=5)
    cql, params = sent(driver)
    order = ["ttl", "timestamp"] if cql.index("TTL") < cql.index("TIMESTAMP") else ["timestamp", "ttl"]
    assert dict(zip(order, params[-2:], strict=True)) == {"ttl": 60, "timestamp": 5}


def test_consistency_and_timeout_go_with_the_request(driver: ScriptedDriver) -> None:
    note().save(consistency="QUORUM", timeout=2.5)
    assert (driver.requests[-1].consistency, driver.requests[-1].timeout) == ("QUORUM", 2.5)


def test_insert_is_conditional_and_leaves_none_unset(driver: ScriptedDriver) -> None:
    note().insert()
    cql, params = sent(driver)
    assert cql == f"{INSERT} IF NOT EXISTS"
    assert params[3] is UNSET
    statement = driver.requests[-1].statement
    assert (statement.conditional, statement.idempotent) == (True, False)


def test_insert_names_only_present_columns_where_a_driver_has_no_unset(driver: ScriptedDriver) -> None:
    driver.supports_unset = False
    note().insert()
    cql, params = sent(driver)
    assert "size" not in cql
    assert params == ["o", 1, "x", []]  # the one that is frozen: no other empty collection is kept


def test_insert_tells_what_stood_in_the_way() -> None:
    columns = ("[applied]", "owner", "number", "title")
    register_driver("scripted", ScriptedDriver([Reply([(False, "o", 1, "old")], columns, applied=False)]), default=True)
    try:
        result = note(title="new").insert()
    finally:
        unregister_driver("scripted")
    assert result is not None
    assert (result.applied, result.existing) == (False, {"owner": "o", "number": 1, "title": "old"})


@pytest.mark.parametrize(
    ("change", "assignment", "value"),
    [
        ({"title": "new"}, "title = ?", "new"),
        ({"size": None}, "size = ?", None),
        ({"size": "12"}, "size = ?", 12),
        ({"add__tags": {"b"}}, "tags = tags + ?", {"b"}),
        ({"tags__add": "b"}, "tags = tags + ?", {"b"}),
        ({"remove__tags": ["b"]}, "tags = tags - ?", {"b"}),
        ({"append__lines": "l"}, "lines = lines + ?", ["l"]),
        ({"prepend__lines": ["l"]}, "lines = ? + lines", ["l"]),
        ({"remove__lines": ["l"]}, "lines = lines - ?", ["l"]),
        ({"remove__extra": ["k"]}, "extra = extra - ?", {"k"}),
        ({"fixed": [1]}, "fixed = ?", [1]),
    ],
)
def test_update_sends_what_changes(
    change: dict[str, Any], assignment: str, value: object, driver: ScriptedDriver
) -> None:
    note().update(**change)
    assert sent(driver) == (f"UPDATE ks.note SET {assignment} {KEY}", [value, "o", 1])


@pytest.mark.usefixtures("driver")
def test_update_changes_the_document_as_the_row() -> None:
    kept = note(tags={"a"}, lines=["m"], extra={"k": 1, "l": 2})
    kept.update(title="new", add__tags={"b"}, prepend__lines="f", remove__extra=["k"])
    assert (kept.title, kept.tags, kept.lines, kept.extra) == ("new", {"a", "b"}, ["f", "m"], {"l": 2})


@pytest.mark.parametrize(("applied", "title"), [(False, "x"), (True, "new")])
def test_a_conditional_update_changes_the_document_only_when_it_was_applied(applied: bool, title: str) -> None:
    register_driver("scripted", ScriptedDriver([Reply([(applied,)], ("[applied]",), applied=applied)]), default=True)
    try:
        kept = note()
        result = kept.update(if_conditions={"size__gt": 3}, title="new")
    finally:
        unregister_driver("scripted")
    assert result is not None
    assert (result.applied, kept.title) == (applied, title)


def test_conditions_and_ttl_keep_their_values_in_place(driver: ScriptedDriver) -> None:
    note().update(ttl=60, title="new", if_conditions={"title": "x", "size__in": [1, 2], "size__ne": None})
    cql, params = sent(driver)
    assert cql == f"UPDATE ks.note USING TTL ? SET title = ? {KEY} IF title = ? AND size IN ? AND size != ?"
    assert params == [60, "new", "o", 1, "x", [1, 2], None]


def test_places_of_lists_are_not_written_idempotently_all_else_is(driver: ScriptedDriver) -> None:
    elsewhere: list[dict[str, Any]] = [{"add__tags": "l"}, {"remove__lines": "l"}, {"title": "l"}]
    places: list[dict[str, Any]] = [{"append__lines": "l"}, {"prepend__lines": "l"}, {"setindex__lines": (0, "l")}]
    conditions: list[dict[str, Any]] = [{"title": "l", "if_exists": True}]
    for change in [*elsewhere, *places, *conditions]:
        note().update(**change)
        assert driver.requests[-1].statement.idempotent is (change in elsewhere), change


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        ({}, InvalidQueryError, "neither read from the table nor saved; name the fields"),
        ({"titel": "x"}, UnknownNameError, "did you mean 'title'"),
        ({"owner": "x"}, InvalidQueryError, "part of the primary key, which cannot change"),
        ({"title": "far too long"}, InvalidValueError, "Note.title: .*at most 9 characters"),
        ({"size": "many"}, InvalidValueError, r"^Note\.size: .*\(given: str\); the column is CQL int$"),
        ({"tags": ["a", 5]}, InvalidValueError, r"^Note\.tags: .*\(given: int\); the column is CQL set<text>$"),
        ({"size": 1 << 31}, InvalidValueError, r"mark the field BigInt\(\)"),
        ({"push__lines": "x"}, UnknownNameError, "no operation 'push'; known: 'add'"),
        ({"add__lines": "x"}, InvalidQueryError, "Note.lines is a list; add is for set fields"),
        ({"append__tags": "x"}, InvalidQueryError, "append is for list fields"),
        ({"append__title": "x"}, InvalidQueryError, "Note.title is CQL text; append is for list fields"),
        ({"append__fixed": 1}, InvalidQueryError, r"frozen and can only be set as a whole: update\(fixed=\.\.\.\)"),
        ({"add__tags": [1]}, InvalidValueError, "valid string"),
        ({"title": "a", "lines": ["b"], "append__lines": ["c"]}, InvalidQueryError, "changed twice"),
        ({"title": "a", "if_exists": True, "if_conditions": {"size": 1}}, InvalidQueryError, "not both"),
        ({"title": "a", "if_conditions": {}}, InvalidQueryError, "if_conditions is empty"),
        ({"title": "a", "if_conditions": {"owner": "o"}}, InvalidQueryError, "which a condition cannot compare"),
        ({"title": "a", "if_conditions": {"tags__contains": "o"}}, InvalidQueryError, "a condition compares by value"),
        ({"title": "a", "if_exists": 5}, InvalidQueryError, "if_exists is True or False"),
        ({"title": "a", "if_conditions": 5}, InvalidQueryError, "if_conditions is a dict"),
        ({"title": "a", "if_conditions": {5: 1}}, InvalidQueryError, "names a field as text"),
        ({"title": "a", "ttl": -1}, InvalidQueryError, "ttl is a whole number of seconds"),
        ({"title": "a", "ttl": 630_720_001}, InvalidQueryError, "ttl is a whole number of seconds"),
    ],
)
def test_a_wrong_update_is_refused_before_anything_is_sent(
    change: dict[str, Any], error: type[Exception], sentence: str, driver: ScriptedDriver
) -> None:
    with pytest.raises(error, match=sentence):
        note().update(**change)
    assert driver.requests == []


def test_a_value_that_went_wrong_after_construction_is_named(driver: ScriptedDriver) -> None:
    broken = note()
    broken.size = 1 << 40
    with pytest.raises(InvalidValueError, match=r"Note\.size: a CQL int is a whole number"):
        broken.save()
    keyless = note()
    keyless.owner = None  # type: ignore[assignment]  # what the test is about
    for verb in (keyless.save, keyless.insert, keyless.delete):
        with pytest.raises(InvalidValueError, match=r"Note\.owner: is part of the primary key and is None"):
            verb()
    nulls = note()
    nulls.lines = ["a", None]  # type: ignore[list-item]  # what the test is about
    with pytest.raises(InvalidValueError, match=r"Note\.lines\[1\]: a CQL collection holds no null"):
        nulls.save()
    assert driver.requests == []


def test_delete_finds_the_row_by_its_key(driver: ScriptedDriver) -> None:
    assert note().delete() is None
    assert sent(driver) == (f"DELETE FROM ks.note {KEY}", ["o", 1])
    note().delete(timestamp=7, if_conditions=None)
    assert sent(driver) == (f"DELETE FROM ks.note USING TIMESTAMP ? {KEY}", [7, "o", 1])


def test_a_conditional_delete_returns_the_answer(driver: ScriptedDriver) -> None:
    result = note().delete(if_exists=True)
    assert result is not None
    assert sent(driver)[0] == f"DELETE FROM ks.note {KEY} IF EXISTS"
    note().delete(if_conditions={"title__ne": "x"})
    assert sent(driver) == (f"DELETE FROM ks.note {KEY} IF title != ?", ["o", 1, "x"])


def test_delete_columns_takes_columns_and_elements(driver: ScriptedDriver) -> None:
    note().delete_columns("title", collection_elements=[("extra", "k"), ("lines", 0)], timestamp=3)
    cql, params = sent(driver)
    assert cql == f"DELETE title, extra[?], lines[?] FROM ks.note USING TIMESTAMP ? {KEY}"
    assert params == ["k", 0, 3, "o", 1]
    assert not driver.requests[-1].statement.idempotent


@pytest.mark.parametrize(
    ("names", "elements", "sentence"),
    [
        ((), None, "deletes nothing"),
        (("titel",), None, "did you mean 'title'"),
        ((5,), None, "no field 5"),
        ((), 5, "is a list of pairs"),
        ((), [("title",)], "is a list of pairs"),
        (("owner",), None, r"delete\(\) removes the whole row"),
        ((), [("title", 1)], "has no elements"),
        ((), [("lines", "x")], "by its index"),
        ((), [("fixed", 0)], "has no elements"),
    ],
)
def test_wrong_columns_are_refused_before_anything_is_sent(
    names: tuple[str, ...], elements: list[tuple[str, Any]] | None, sentence: str, driver: ScriptedDriver
) -> None:
    with pytest.raises(InvalidQueryError, match=sentence):
        note().delete_columns(*names, collection_elements=elements)
    assert driver.requests == []


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"timeout": "5"}, InvalidQueryError, "timeout is a positive number of seconds"),
        ({"timeout": 0}, InvalidQueryError, "timeout is a positive number of seconds"),
        ({"timeout": True}, InvalidQueryError, "timeout is a positive number of seconds"),
        ({"consistency": "QUORM"}, ConfigurationError, "did you mean 'QUORUM'"),
        ({"timestamp": "now"}, InvalidQueryError, "timestamp is a whole number"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_sent(
    options: dict[str, Any], error: type[Exception], sentence: str, driver: ScriptedDriver
) -> None:
    for verb in (note().save, note().delete):
        with pytest.raises(error, match=sentence):
            verb(**options)
    assert driver.requests == []


def test_a_lightweight_transaction_takes_no_timestamp(driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidQueryError, match="timed by the server"):
        note().insert(timestamp=5)
    with pytest.raises(InvalidQueryError, match="timed by the server"):
        note().delete(if_exists=True, timestamp=5)
    assert driver.requests == []


@pytest.mark.parametrize(
    ("field", "value"), [("lines", "abc"), ("lines", {"k": "v"}), ("tags", "abc"), ("lines", b"abc")]
)
def test_a_collection_that_went_wrong_is_not_stored_as_another(
    field: str, value: object, driver: ScriptedDriver
) -> None:
    broken = note()
    setattr(broken, field, value)
    with pytest.raises(InvalidValueError, match=rf"Note\.{field}: a (str|bytes|dict) is no collection"):
        broken.save()
    assert driver.requests == []


class Moment(Document):
    id: Annotated[int, PrimaryKey()]
    at: dt.datetime


@pytest.mark.parametrize(
    "moment",
    [
        dt.datetime(1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=5))),
        dt.datetime.max.replace(tzinfo=dt.timezone(-dt.timedelta(hours=5))),
    ],
)
def test_a_moment_that_utc_cannot_hold_is_refused(moment: dt.datetime, driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidValueError, match=r"Moment\.at: this moment lies outside the years 1 to 9999 in UTC"):
        Moment(id=1, at=moment).save()
    assert driver.requests == []


class Word(Document):
    text: Annotated[str, PrimaryKey()]
    count: int = 0


class Blob(Document):
    data: Annotated[bytes, PrimaryKey()]


class Pair(Document):
    left: Annotated[str, PrimaryKey(partition_key_index=0)]
    right: Annotated[str, PrimaryKey(partition_key_index=1)]


@pytest.mark.parametrize(
    "call",
    [
        lambda: Word(text="").save(),
        lambda: Word(text="").insert(),
        lambda: Word(text="").update(count=1),
        lambda: Word(text="").delete(),
        lambda: Word.get(text=""),
        lambda: Word.find(text__in=["a", ""]).all(),
        lambda: Blob(data=b"").save(),
        lambda: Blob.get(data=b""),
    ],
)
def test_an_empty_partition_key_is_refused_before_anything_is_sent(
    call: Callable[[], object], driver: ScriptedDriver
) -> None:
    with pytest.raises(InvalidValueError, match=r"(Word\.text|Blob\.data): is the whole partition key and is empty"):
        call()
    assert driver.requests == []


def test_a_partition_key_may_be_compared_with_nothing(driver: ScriptedDriver) -> None:
    Word.find(text__gt="").allow_filtering().all()
    assert sent(driver)[1] == [""]


def test_a_part_of_a_partition_key_may_be_empty(driver: ScriptedDriver) -> None:
    Pair(left="", right="").save()
    assert sent(driver)[1] == ["", ""]
    Pair.find(left="", right="").all()
    assert sent(driver)[1] == ["", ""]
