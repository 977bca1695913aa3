"""Copies of a document that is being written: they hear of no answer, and write nothing a second time."""

from __future__ import annotations

import asyncio
import copy
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.aio import AsyncBatchQuery, Document
from coodie.fields import PrimaryKey
from coodie_drivers.messages import Reply
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.messages import BatchRequest, Request


class Slow(ScriptedDriver):
    """Answers after everybody else has done something."""

    async def send_async(self, request: Request | BatchRequest) -> Reply:
        """Take the answer now, and give it later."""
        try:
            return self.send(request)
        finally:
            await asyncio.sleep(0)


class Log(Document):
    id: Annotated[int, PrimaryKey()]
    lines: list[str] = []
    tags: set[str] = set()
    title: str = "old"
    seen: int = 0


COPIES: dict[str, Callable[[Log], Log]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "model_copy": lambda log: log.model_copy(),
    "model_copy(deep)": lambda log: log.model_copy(deep=True),
}
WRITES: dict[str, Callable[[Log], Any]] = {
    "update": lambda log: log.update(),
    "save": lambda log: log.save(),
    "save what changed": lambda log: log.save(changed_only=True),
}


async def log_of(register: Callable[[ScriptedDriver], None]) -> tuple[Log, Slow]:
    driver = Slow([Reply()] * 9)
    register(driver)
    log = Log(id=1, lines=["a"])
    await log.save()
    return log, driver


def last_sent(driver: ScriptedDriver) -> tuple[str, list[Any]]:
    """Of the last write the part of the text between SET and WHERE, and the values."""
    request: Any = driver.requests[-1]
    text = request.statement.cql.partition(" SET ")[2].partition(" WHERE ")[0]
    return text, list(request.params)[:-1]


@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)
@pytest.mark.parametrize("written", WRITES.values(), ids=WRITES)
async def test_a_copy_made_during_a_write_appends_nothing_that_is_written_already(
    written: Callable[[Log], Any], copied: Callable[[Log], Log], register: Callable[[ScriptedDriver], None]
) -> None:
    log, driver = await log_of(register)
    log.lines.append("b")
    writing = asyncio.ensure_future(written(log))
    await asyncio.sleep(0)
    twin = copied(log)
    await writing
    await twin.update()
    assert last_sent(driver) == ("lines = ?", [["a", "b"]])
    twin.lines.append("c")
    await twin.update()
    assert last_sent(driver) == ("lines = lines + ?", [["c"]])


@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)
async def test_a_copy_made_before_a_batch_is_sent_appends_nothing_that_is_in_it(
    copied: Callable[[Log], Log], register: Callable[[ScriptedDriver], None]
) -> None:
    log, driver = await log_of(register)
    for saves in (False, True):
        batch = AsyncBatchQuery()
        log.lines = [*log.lines, "b"]
        await (log.save(batch=batch) if saves else log.update(batch=batch))
        twin = copied(log)
        await batch.execute()
        await twin.update()
        assert last_sent(driver) == ("lines = ?", [log.lines])
        after = copied(log)
        after.lines = [*after.lines, "c"]
        await after.update()
        assert last_sent(driver) == ("lines = lines + ?", [["c"]])


async def test_a_batch_that_was_dropped_leaves_copies_as_they_were(register: Callable[[ScriptedDriver], None]) -> None:
    log, driver = await log_of(register)
    log.lines.append("b")
    batch = AsyncBatchQuery()
    await log.update(batch=batch)
    del batch
    twin = copy.copy(log)
    await twin.update()
    assert last_sent(driver) == ("lines = lines + ?", [["b"]])


async def test_a_copy_does_not_write_back_what_its_document_was_given(
    register: Callable[[ScriptedDriver], None],
) -> None:
    log, driver = await log_of(register)
    writing = asyncio.ensure_future(log.update(title="new"))
    await asyncio.sleep(0)
    twin = copy.copy(log)
    await writing
    twin.seen = 1
    await twin.update()
    assert last_sent(driver) == ("seen = ?", [1])
