"""What documents know of their rows after a first save of which nobody knows whether it was made: it skips nulls."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from tests.coodie.failing import Failing, timed_out

from coodie import using
from coodie.exceptions import BulkWriteError, DriverError, InvalidQueryError, StaleDocumentError
from coodie.fields import PrimaryKey, Version
from coodie.sync import BatchQuery, Document
from coodie.types import UNSET
from coodie_drivers.errors import UnavailableError
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Leaf(Document):
    id: Annotated[int, PrimaryKey()]
    title: str | None = None
    size: int | None = None
    tags: set[str] = set()

    class Settings:
        name = "leaf"
        keyspace = "ks"
        nulls = "skip"


class Plan(Document):
    id: Annotated[int, PrimaryKey()]
    version: Annotated[int, Version()] = 0


def batched(leaf: Leaf, verb: str) -> None:
    with BatchQuery() as batch:
        getattr(leaf, verb)(batch=batch)


def with_an_update(leaf: Leaf) -> None:
    with BatchQuery() as batch:
        title, leaf.title = leaf.title, None
        leaf.save(batch=batch)
        leaf.update(title=title, batch=batch)


WRITES: dict[str, Callable[[Leaf], object]] = {
    "save": lambda leaf: leaf.save(),
    "save with nulls": lambda leaf: leaf.save(nulls="write"),
    "save_json": lambda leaf: leaf.save_json(),
    "insert": lambda leaf: leaf.insert(),
    "save_many": lambda leaf: Leaf.find().save_many([leaf]),
    "batched save": lambda leaf: batched(leaf, "save"),
    "batched save_json": lambda leaf: batched(leaf, "save_json"),
    "batched save and update": with_an_update,
}
SAVES = [name for name in WRITES if name not in ("insert", "save with nulls", "batched save and update")]


def failed(leaf: Leaf, write: Callable[[Leaf], object] = WRITES["save"]) -> Leaf:
    with pytest.raises((DriverError, BulkWriteError)):
        write(leaf)
    return leaf


def last(driver: ScriptedDriver) -> tuple[str, list[Any]]:
    request: Any = driver.requests[-1]
    return request.statement.cql, list(request.params)


def failing(register: Callable[[ScriptedDriver], None], places: Iterable[int] = (0,), **answer: Any) -> Failing:
    driver = Failing(timed_out(), places, **answer)
    register(driver)
    return driver


UPDATE = "UPDATE ks.leaf SET title = ?, tags = ? WHERE id = ?"


@pytest.mark.parametrize("first", WRITES)
@pytest.mark.parametrize("then", SAVES)
def test_what_is_null_since_is_written_by_the_next_update(
    first: str, then: str, register: Callable[[ScriptedDriver], None]
) -> None:
    driver = failing(register)
    leaf = failed(Leaf(id=1, title="x", tags={"a"}), WRITES[first])
    leaf.title, leaf.tags = None, set()
    WRITES[then](leaf)
    leaf.update()
    cql, params = last(driver)
    assert cql.startswith("UPDATE ks.leaf SET title = ?")
    assert params[0] is None
    count = len(driver.requests)
    leaf.update()
    assert len(driver.requests) == count  # it is known again


def test_a_collection_that_was_emptied_since_is_emptied_by_the_next_save(
    register: Callable[[ScriptedDriver], None],
) -> None:
    driver = failing(register)
    leaf = failed(Leaf(id=1, title="x", tags={"a"}))
    leaf.title, leaf.tags = None, set()
    leaf.save()
    assert last(driver)[1] == [1, UNSET, UNSET, set()]
    leaf.update()
    assert last(driver) == ("UPDATE ks.leaf SET title = ? WHERE id = ?", [None, 1])


def test_what_several_writes_may_have_put_there_is_in_doubt(register: Callable[[ScriptedDriver], None]) -> None:
    driver = failing(register, (0, 1))
    leaf = failed(Leaf(id=1, title="x"))
    leaf.title, leaf.tags = None, {"a"}
    failed(leaf)
    leaf.tags = set()
    leaf.save(nulls="skip")
    assert last(driver)[1] == [1, UNSET, UNSET, set()]
    leaf.update()
    assert last(driver) == ("UPDATE ks.leaf SET title = ? WHERE id = ?", [None, 1])


def test_what_was_never_sent_is_not_overwritten(register: Callable[[ScriptedDriver], None]) -> None:
    driver = failing(register)
    leaf = failed(Leaf(id=1, size=1))
    leaf.save()
    leaf.size = 2
    leaf.update()
    assert last(driver) == ("UPDATE ks.leaf SET size = ? WHERE id = ?", [2, 1])


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, Leaf.model_copy])
def test_copies_doubt_it_as_well(copied: Callable[[Leaf], Leaf], register: Callable[[ScriptedDriver], None]) -> None:
    driver = failing(register)
    leaf = copied(failed(Leaf(id=1, title="x", tags={"a"})))
    leaf.tags = set()
    leaf.save()
    assert last(driver)[1] == [1, "x", UNSET, set()]


def test_a_row_that_was_surely_not_written_is_new(register: Callable[[ScriptedDriver], None]) -> None:
    driver = Failing(UnavailableError("ONE", 1, 0, outcome="not_applied"), (0,))
    register(driver)
    leaf = Leaf(id=1, title="x", tags={"a"})
    with pytest.raises(DriverError):
        leaf.save()
    leaf.title, leaf.tags = None, set()
    leaf.save()
    assert last(driver)[1] == [1, UNSET, UNSET, UNSET]
    leaf.update()
    assert len(driver.requests) == 2


def test_the_row_of_another_key_is_not_emptied(register: Callable[[ScriptedDriver], None]) -> None:
    driver = failing(register)
    leaf = failed(Leaf(id=1, title="x", tags={"a"}))
    leaf.id, leaf.title, leaf.tags = 2, None, set()
    leaf.save()
    assert last(driver)[1] == [2, UNSET, UNSET, UNSET]
    leaf.update()
    assert len(driver.requests) == 2


def test_the_row_of_another_place_is_not_emptied(register: Callable[[ScriptedDriver], None]) -> None:
    driver = failing(register, (0, 2))
    leaf = Leaf(id=1, title="x", tags={"a"})
    with using(keyspace="other"):
        failed(leaf)
    leaf.tags = set()
    leaf.save()
    assert last(driver) == ("INSERT INTO ks.leaf (id, title, size, tags) VALUES (?, ?, ?, ?)", [1, "x", UNSET, UNSET])
    with using(keyspace="other"):
        there = failed(Leaf(id=1, title="x", tags={"a"}))
        there.tags = set()
        there.save()
    assert last(driver)[1] == [1, "x", UNSET, set()]


def test_a_document_that_was_pickled_before_doubts_what_it_sent(register: Callable[[ScriptedDriver], None]) -> None:
    driver = failing(register, (1,))
    leaf = Leaf(id=1, title="x", tags={"a"})
    leaf.save()
    again = pickle.loads(pickle.dumps(leaf))  # noqa: S301 - our own
    failed(again)
    again.tags = set()
    again.save()
    assert last(driver)[1] == [1, "x", UNSET, set()]
    again.size = None
    again.update()
    assert last(driver) == ("UPDATE ks.leaf SET size = ? WHERE id = ?", [None, 1])


def test_what_changed_since_cannot_be_told_and_the_error_says_why(register: Callable[[ScriptedDriver], None]) -> None:
    driver = failing(register)
    leaf = failed(Leaf(id=1, title="x"))
    with pytest.raises(InvalidQueryError, match="was saved by a write that was not answered; name the fields, or save"):
        leaf.update()
    leaf.save(changed_only=True)
    assert last(driver)[0].startswith("INSERT INTO ks.leaf")


def test_a_version_that_exists_may_be_the_documents_own(register: Callable[[ScriptedDriver], None]) -> None:
    rejected = Reply([(False, 1, 1)], ("[applied]", "id", "version"), None, False)
    failing(register, answer=rejected)
    plan = Plan(id=1)
    with pytest.raises(DriverError):
        plan.save()
    with pytest.raises(StaleDocumentError, match="exists already, perhaps by a write of its own that was not answered"):
        plan.save()
