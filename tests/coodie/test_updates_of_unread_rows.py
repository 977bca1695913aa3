"""What documents know of rows that they never read, behind updates that name fields, where saves skip nulls."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from tests.coodie.failing import Failing, timed_out

from coodie import aio, using
from coodie.exceptions import DriverError, InvalidQueryError, StaleDocumentError
from coodie.fields import PrimaryKey, Version
from coodie.sync import BatchQuery, Document
from coodie.types import UNSET
from coodie_drivers.errors import UnavailableError
from coodie_drivers.messages import Reply
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.messages import BatchRequest, Request

UPDATE = "UPDATE ks.leaf SET title = ? WHERE id = ?"


class Leaf(Document):
    id: Annotated[int, PrimaryKey()]
    title: str | None = None
    tags: set[str] = set()

    class Settings:
        name = "leaf"
        keyspace = "ks"
        nulls = "skip"


class Plain(Leaf):
    """The same table, whose writes skip nulls where they say so."""

    class Settings(Leaf.Settings):
        nulls = "write"


class Awaited(aio.Document):
    id: Annotated[int, PrimaryKey()]
    title: str | None = None
    tags: set[str] = set()

    class Settings(Leaf.Settings):
        name = "leaf"


class Plan(Document):
    id: Annotated[int, PrimaryKey()]
    title: str | None = None
    version: Annotated[int, Version()] = 0

    class Settings:
        name = "plan"
        keyspace = "ks"
        nulls = "skip"


class Slow(ScriptedDriver):
    """Answers updates when it is let."""

    let: asyncio.Event

    async def send_async(self, request: Request | BatchRequest) -> Reply:
        """Take the request now, and answer it later."""
        self.requests.append(request)
        if "UPDATE" in getattr(getattr(request, "statement", None), "cql", ""):
            await self.let.wait()
        return Reply()


def last(driver: ScriptedDriver) -> tuple[str, list[Any]]:
    request: Any = driver.requests[-1]
    return request.statement.cql, list(request.params)


def by_values(leaf: Leaf) -> None:
    leaf.update(title="x", tags={"a"})


def by_operators(leaf: Leaf) -> None:
    leaf.update(title="x", add__tags={"a"})


def in_a_batch(leaf: Leaf) -> None:
    with BatchQuery() as batch:
        leaf.update(title="x", tags={"a"}, batch=batch)


WAYS = [by_values, by_operators, in_a_batch]


@pytest.mark.parametrize("way", WAYS)
def test_what_was_put_there_is_no_null(driver: ScriptedDriver, way: Callable[[Leaf], None]) -> None:
    leaf = Leaf(id=1)
    way(leaf)
    leaf.title, leaf.tags = None, set()
    leaf.save()
    assert last(driver)[1] == [1, UNSET, set()]
    leaf.update()
    assert last(driver) == (UPDATE, [None, 1])
    leaf.update()
    assert len(driver.requests) == 3  # it is known again


@pytest.mark.parametrize("model", [Leaf, Plain])
@pytest.mark.parametrize("way", WAYS)
def test_what_may_have_been_put_there_is_no_null_either(
    register: Callable[[ScriptedDriver], None], way: Callable[[Leaf], None], model: type[Leaf]
) -> None:
    driver = Failing(timed_out(), (0,))
    register(driver)
    leaf = model(id=1)
    with pytest.raises(DriverError):
        way(leaf)
    leaf.save(nulls="skip")
    assert last(driver)[1] == [1, UNSET, set()]
    leaf.update()
    assert last(driver) == (UPDATE, [None, 1])


def test_what_was_surely_not_put_there_is_null(register: Callable[[ScriptedDriver], None]) -> None:
    driver = Failing(UnavailableError("ONE", 1, 0, outcome="not_applied"), (0,))
    register(driver)
    leaf = Leaf(id=1)
    with pytest.raises(DriverError):
        by_values(leaf)
    leaf.save()
    assert last(driver)[1] == [1, UNSET, UNSET]
    leaf.update()
    assert len(driver.requests) == 2


def test_nulls_and_what_is_removed_put_nothing_there(driver: ScriptedDriver) -> None:
    leaf = Leaf(id=1)
    leaf.update(title=None, remove__tags={"a"})
    leaf.save()
    assert last(driver)[1] == [1, UNSET, UNSET]
    leaf.update()
    assert len(driver.requests) == 2


def test_the_row_of_another_key_is_not_emptied(driver: ScriptedDriver) -> None:
    leaf = Leaf(id=1)
    by_values(leaf)
    leaf.id, leaf.title, leaf.tags = 2, None, set()
    leaf.save()
    assert last(driver)[1] == [2, UNSET, UNSET]


def test_the_row_of_another_place_is_not_emptied(driver: ScriptedDriver) -> None:
    leaf = Leaf(id=1)
    with using(keyspace="other"):
        by_values(leaf)
    leaf.tags = set()
    leaf.save()
    assert last(driver)[1] == [1, "x", UNSET]
    with using(keyspace="other"):
        there = Leaf(id=1)
        by_values(there)
        there.tags = set()
        there.save()
    assert last(driver)[1] == [1, "x", set()]


async def test_the_row_is_that_of_the_key_that_was_sent(register: Callable[[ScriptedDriver], None]) -> None:
    driver = Slow()
    driver.let = asyncio.Event()
    register(driver)
    leaf = Awaited(id=1)
    updating = asyncio.create_task(leaf.update(tags={"a"}))
    await asyncio.sleep(0.01)
    leaf.id = 2
    driver.let.set()
    await updating
    leaf.tags = set()
    await leaf.save()
    assert last(driver)[1] == [2, UNSET, UNSET]


@pytest.mark.parametrize("fails", [True, False])
def test_the_document_was_neither_read_nor_saved(register: Callable[[ScriptedDriver], None], *, fails: bool) -> None:
    driver = Failing(timed_out(), (0,) if fails else ())
    register(driver)
    leaf = Leaf(id=1)
    if fails:
        with pytest.raises(DriverError):
            by_values(leaf)
    else:
        by_values(leaf)
    with pytest.raises(InvalidQueryError, match="was neither read from the table nor saved; name the fields, or save"):
        leaf.update()
    leaf.save(changed_only=True)
    assert last(driver)[0].startswith("INSERT INTO ks.leaf")


def test_a_save_among_the_updates_is_said_to_be_one(register: Callable[[ScriptedDriver], None]) -> None:
    driver = Failing(timed_out(), (0,))
    register(driver)
    leaf = Leaf(id=1, title="y")
    with pytest.raises(DriverError):
        leaf.save()
    by_values(leaf)
    with pytest.raises(InvalidQueryError, match="was saved by a write that was not answered"):
        leaf.update()


def test_a_version_that_exists_is_not_of_an_update(register: Callable[[ScriptedDriver], None]) -> None:
    driver = Failing(
        timed_out(), (0,), Reply([(False, 1, None, 1)], ("[applied]", "id", "title", "version"), None, False)
    )
    register(driver)
    plan = Plan(id=1)
    with pytest.raises(DriverError):
        plan.update(title="x")
    with pytest.raises(StaleDocumentError, match="exists already") as found:
        plan.save()
    assert "was not answered" not in str(found.value)
