"""Updates of one document at once: what one has found by comparing with the row, another one does not send again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.aio import AsyncBatchQuery, Document
from coodie.exceptions import InvalidQueryError, InvalidRequestError
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
    price: int = 0
    seen: int = 0


async def log_of(*answers: Reply | Exception, register: Callable[[ScriptedDriver], None]) -> tuple[Log, Slow]:
    driver = Slow([Reply(), *answers])
    register(driver)
    log = Log(id=1, lines=["a"], price=10)
    await log.save()
    return log, driver


def sent(driver: ScriptedDriver) -> list[tuple[str, list[Any]]]:
    """What followed the first write: the part of the text between SET and WHERE, and the values."""
    requests: list[Any] = driver.requests[1:]
    texts = [request.statement.cql.partition(" SET ")[2].partition(" WHERE ")[0] for request in requests]
    return [(text, list(request.params)[:-1]) for text, request in zip(texts, requests, strict=True)]


async def test_what_an_update_under_way_has_found_is_not_appended_by_another(
    register: Callable[[ScriptedDriver], None],
) -> None:
    log, driver = await log_of(*[Reply()] * 4, register=register)

    async def note() -> None:
        log.lines.append("b")
        log.tags.add("x")
        await log.update()

    async def look() -> None:
        log.seen = 1
        await log.save(changed_only=True)

    await asyncio.gather(note(), look())
    assert sent(driver) == [
        ("lines = lines + ?, tags = tags + ?", [["b"], {"x"}]),
        ("lines = ?, tags = ?, seen = ?", [["a", "b"], {"x"}, 1]),
    ]
    log.lines.append("c")
    await log.update()  # which of the two came last is not known: whole once more
    assert sent(driver)[-1] == ("lines = ?, tags = ?", [["a", "b", "c"], {"x"}])
    log.lines.append("d")
    await log.update()
    assert sent(driver)[-1] == ("lines = lines + ?", [["d"]])


async def test_what_is_put_back_while_it_is_written_is_written_back(
    register: Callable[[ScriptedDriver], None],
) -> None:
    log, driver = await log_of(Reply(), Reply(), register=register)
    log.price = 99
    writing = asyncio.ensure_future(log.update())
    await asyncio.sleep(0)
    log.price = 10
    await log.update()
    await writing
    assert sent(driver) == [("price = ?", [99]), ("price = ?", [10])]
    assert log.price == 10


async def test_what_a_batch_under_way_has_found_is_not_appended_by_another(
    register: Callable[[ScriptedDriver], None],
) -> None:
    log, driver = await log_of(*[Reply()] * 4, register=register)

    async def note() -> None:
        log.lines.append("b")
        async with AsyncBatchQuery() as batch:
            await log.update(batch=batch)

    async def look() -> None:
        log.seen = 1
        await log.update()

    await asyncio.gather(note(), look())
    batch: Any = driver.requests[1]
    ((statement, params),) = batch.parts
    assert (statement.cql.partition(" WHERE ")[0], list(params)[:-1]) == (
        "UPDATE ks.log SET lines = lines + ?",
        [["b"]],
    )
    del driver.requests[1]
    assert sent(driver) == [("lines = ?, seen = ?", [["a", "b"], 1])]
    log.lines.append("c")
    await log.update()
    assert sent(driver)[-1] == ("lines = ?", [["a", "b", "c"]])
    log.lines.append("d")
    await log.update()
    assert sent(driver)[-1] == ("lines = lines + ?", [["d"]])


async def test_a_batch_that_was_refused_lets_its_documents_know_what_they_knew(
    register: Callable[[ScriptedDriver], None],
) -> None:
    log, driver = await log_of(InvalidRequestError("no"), Reply(), Reply(), register=register)
    log.lines.append("b")
    batch = AsyncBatchQuery()
    await log.update(batch=batch)
    with pytest.raises(InvalidRequestError):
        await batch.execute()
    assert log.lines == ["a", "b"]
    await batch.execute()
    await log.update()
    first, second = [request.parts for request in driver.requests[1:]]
    assert first == second
    log.lines.append("c")
    await log.update()
    del driver.requests[1:3]
    assert sent(driver) == [("lines = lines + ?", [["c"]])]


async def test_a_field_that_a_batch_has_by_name_is_not_written_as_changed_too(
    register: Callable[[ScriptedDriver], None],
) -> None:
    log, driver = await log_of(Reply(), Reply(), register=register)
    log.lines = []
    log.seen = 1
    batch = AsyncBatchQuery()
    await log.update(lines=["x"], batch=batch)
    refused = r"^Log\.lines has changed, and an update of this batch gives it by name"
    with pytest.raises(InvalidQueryError, match=refused):
        await log.update(batch=batch)
    log.lines = ["a"]  # as the row has it, but not behind the batch
    with pytest.raises(InvalidQueryError, match=refused):
        await log.update(batch=batch)
    await batch.execute()
    assert (log.lines, log.seen) == (["a"], 1)  # what the program has assigned since stays
    del driver.requests[1:]
    await log.update()
    assert sent(driver) == [("lines = ?, seen = ?", [["a"], 1])]


async def test_what_was_certainly_not_written_is_known_as_before(register: Callable[[ScriptedDriver], None]) -> None:
    log, driver = await log_of(InvalidRequestError("no"), Reply(), register=register)
    log.lines.append("b")
    with pytest.raises(InvalidRequestError):
        await log.update()
    await log.update()
    assert sent(driver) == [("lines = lines + ?", [["b"]])] * 2


async def test_what_is_appended_by_name_beside_one_in_place_is_not_appended_once_more(
    register: Callable[[ScriptedDriver], None],
) -> None:
    log, driver = await log_of(*[Reply()] * 4, register=register)

    async def in_place() -> None:
        log.lines.append("in place")
        await log.update()

    await asyncio.gather(log.update(append__lines=["named"]), in_place())
    log.seen = 1
    await log.update()
    text, values = sent(driver)[-1]
    assert (text, values) == ("lines = ?, seen = ?", [log.lines, 1])
    assert sorted(log.lines) == ["a", "in place", "named"]
    log.seen = 2
    await log.update()
    assert sent(driver)[-1] == ("seen = ?", [2])
