"""What a document knows of columns that a write has skipped, where the write fails, is dropped, or is under way."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from tests.coodie.failing import Failing, timed_out

from coodie import aio, using
from coodie.exceptions import DriverError
from coodie.fields import PrimaryKey
from coodie.sync import BatchQuery, Document
from coodie.types import UNSET
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


class Awaited(aio.Document):
    id: Annotated[int, PrimaryKey()]
    title: str | None = None
    tags: set[str] = set()

    class Settings:
        name = "leaf"
        keyspace = "ks"
        nulls = "skip"


class Slow(ScriptedDriver):
    """Answers what is no update when it is let."""

    let: asyncio.Event

    async def send_async(self, request: Request | BatchRequest) -> Reply:
        """Take the request now, and answer it later."""
        self.requests.append(request)
        if "UPDATE" not in getattr(getattr(request, "statement", None), "cql", ""):
            await self.let.wait()
        return Reply()


def sent(driver: ScriptedDriver) -> tuple[str, list[Any]]:
    request = driver.requests[-1]
    return request.statement.cql, list(request.params)


@pytest.mark.parametrize("verb", ["save", "save_json"])
def test_a_batch_that_failed_and_is_sent_again_leaves_known_what_it_skipped(
    register: Callable[[ScriptedDriver], None], verb: str
) -> None:
    driver = Failing(timed_out())
    register(driver)
    leaf = Leaf(id=1)
    leaf.save(nulls="write")
    batch = BatchQuery()
    for title in ("x", None):
        leaf.title = title
        getattr(leaf, verb)(batch=batch)
    with pytest.raises(DriverError):
        batch.execute()
    for again in (False, True):  # of the first time nobody knows whether it was made
        if again:
            batch.execute()
        leaf.update()
        assert sent(driver) == (UPDATE, [None, 1])
    leaf.update()
    assert len(driver.requests) == 5


@pytest.mark.parametrize("verb", ["save", "save_json"])
def test_what_a_batch_had_that_was_dropped_was_never_in_the_row(driver: ScriptedDriver, verb: str) -> None:
    leaf = Leaf(id=1, title="y")
    leaf.save(nulls="write")

    def drop() -> None:
        with BatchQuery() as batch:
            leaf.tags.add("a")
            getattr(leaf, verb)(batch=batch)
            raise KeyError

    with pytest.raises(KeyError):
        drop()
    leaf.tags.clear()
    with BatchQuery() as batch:
        leaf.save(batch=batch)
    assert [list(values) for _, values in driver.requests[-1].parts] == [[1, "y", UNSET]]
    leaf.update()
    assert len(driver.requests) == 2


def test_what_is_known_of_a_row_in_another_place_is_not_kept(driver: ScriptedDriver) -> None:
    leaf = Leaf(id=1)
    batch = BatchQuery()
    leaf.save(batch=batch)
    leaf.title = "x"
    with using(keyspace="elsewhere"):
        leaf.save()
    batch.execute()
    leaf.update()
    assert sent(driver) == ("UPDATE ks.leaf SET title = ?, tags = ? WHERE id = ?", ["x", set(), 1])


@pytest.mark.parametrize("verb", ["save", "save_json"])
@pytest.mark.parametrize("batched", [True, False])
async def test_a_column_that_is_skipped_is_not_under_way(
    register: Callable[[ScriptedDriver], None], verb: str, *, batched: bool
) -> None:
    driver = Slow()
    driver.let = asyncio.Event()
    driver.let.set()
    register(driver)
    leaf = Awaited(id=1, title="x")
    await leaf.save(nulls="write")
    driver.let.clear()
    batch, leaf.title = aio.AsyncBatchQuery(), None
    if batched:
        await getattr(leaf, verb)(batch=batch)
    saving = asyncio.create_task(batch.execute() if batched else getattr(leaf, verb)())
    for _ in range(5):
        await asyncio.sleep(0)
    leaf.tags.add("a")
    await leaf.update()
    driver.let.set()
    await saving
    await leaf.update()
    assert sent(driver) == ("UPDATE ks.leaf SET title = ?, tags = tags + ? WHERE id = ?", [None, {"a"}, 1])
    assert len(driver.requests) == 3


def test_a_field_that_is_filled_while_a_new_document_waits_is_written_whole(driver: ScriptedDriver) -> None:
    leaf = Leaf(id=1)
    with BatchQuery() as batch:
        leaf.update(add__tags={"a"}, batch=batch)
        leaf.save(batch=batch)
    leaf.tags = {"a", "b"}
    leaf.update()
    assert sent(driver) == ("UPDATE ks.leaf SET tags = ? WHERE id = ?", [{"a", "b"}, 1])
