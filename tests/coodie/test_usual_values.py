"""Usual values take a shorter way than others: what becomes of both, and of calls that follow upon each other."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import NaiveDatetime

from coodie.exceptions import InvalidQueryError, InvalidValueError
from coodie.fields import PrimaryKey
from coodie.sync import BatchQuery, Document
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Whole(int):
    """A whole number of a kind of its own."""


class Words(list[str]):
    """A list of a kind of its own."""


class Entry(Document):
    number: Annotated[int, PrimaryKey()]
    size: int | None = None
    at: NaiveDatetime | None = None
    words: list[str] = []
    labels: set[str] = set()

    class Settings:
        keyspace = "ks"


def entry(**values: Any) -> Entry:
    """A document with values that were assigned after it was constructed, which nothing has checked."""
    made = Entry(number=1)
    vars(made).update(values)
    return made


@pytest.mark.parametrize(
    ("field", "value", "sent"),
    [
        ("size", 5, 5),
        ("size", Whole(5), 5),
        ("size", None, None),
        ("words", ["a"], ["a"]),
        ("words", Words(["a"]), ["a"]),
        ("words", ("a",), ["a"]),
        ("labels", {"a"}, {"a"}),
        ("labels", frozenset({"a"}), {"a"}),
    ],
)
def test_a_value_is_sent_as_its_columns_type(field: str, value: Any, sent: object, driver: ScriptedDriver) -> None:
    entry(**{field: value}).save()
    found = driver.requests[-1].params[list(Entry.model_fields).index(field)]
    assert found == sent
    assert type(found) is type(sent)
    assert found is not value or isinstance(value, (int, type(None)))


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("size", True, "CQL int takes int, not bool"),
        ("size", 2**31, "a CQL int is a whole number"),
        ("words", "ab", "a str is no collection"),
        ("words", ["a", None], "holds no null"),
        ("labels", {"a", None}, "holds no null"),
        ("at", "today", "CQL timestamp takes datetime, not str"),
    ],
)
def test_a_value_of_another_kind_is_refused(field: str, value: Any, sentence: str, driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidValueError, match=sentence):
        entry(**{field: value}).save()
    assert driver.requests == []


@pytest.mark.parametrize(("field", "value"), [("words", [1]), ("labels", {1}), ("words", ["\ud800"])])
def test_a_batch_looks_into_collections_each_time(field: str, value: Any, driver: ScriptedDriver) -> None:
    batch = BatchQuery()
    entry(words=["a"], labels={"a"}).save(batch=batch)
    entry(words=["ä"], labels={"ä"}).save(batch=batch)
    wrong = entry(**{"words": ["a"], "labels": {"a"}, field: value})
    with pytest.raises(InvalidValueError, match=field):
        wrong.save(batch=batch)
    assert driver.requests == []


@pytest.mark.parametrize("zone", [dt.timezone.utc, dt.timezone(dt.timedelta(hours=2)), None])
def test_a_naive_moment_is_read_as_the_driver_gives_it(
    zone: dt.tzinfo | None, script: Callable[..., ScriptedDriver]
) -> None:
    moment = dt.datetime(1969, 12, 31, 23, 59, 59, 999_000)  # noqa: DTZ001 - naive
    row = (1, None, moment.replace(tzinfo=zone), ["a"], {"a"})
    script(Reply([row], tuple(Entry.model_fields)))
    assert Entry.get(number=1).at == moment


def test_a_condition_is_of_one_call_alone(driver: ScriptedDriver) -> None:
    made = entry()
    made.save()
    made.update(size=1, if_exists=True)
    made.update(size=2)
    made.delete(if_conditions={"size": 2})
    made.delete()
    conditional = [request.statement.conditional for request in driver.requests]
    assert conditional == [False, True, False, True, False]


def test_a_field_that_is_changed_twice_is_refused_each_time(driver: ScriptedDriver) -> None:
    made = entry()
    for _ in range(2):
        with pytest.raises(InvalidQueryError, match="is changed twice"):
            made.update(add__labels={"a"}, labels={"b"})
    assert driver.requests == []


def test_a_list_of_values_is_the_callers_own(script: Callable[..., ScriptedDriver]) -> None:
    reply = Reply([(1, 5)], ("number", "size"))
    script(reply, reply)
    query = Entry.find(number=1).values_list("number", "size")
    query.all().clear()
    assert query.all() == [(1, 5)]
