"""Writes of one document that are under way at once: what an update without fields sends, and what it sends next."""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import pytest

from coodie import aio, sync
from coodie.fields import PrimaryKey
from coodie_drivers.messages import Reply
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from coodie_drivers.messages import BatchRequest, Request


class Held(ScriptedDriver):
    """Answers each request when its number is let go."""

    gates: list[asyncio.Event]

    async def send_async(self, request: Request | BatchRequest) -> Reply:
        """Take the request now, and answer it later."""
        gate = asyncio.Event()
        self.gates.append(gate)
        reply = self.send(request)
        await gate.wait()
        return reply

    def answer(self, *numbers: int) -> None:
        """Let requests go."""
        for number in numbers:
            self.gates[number].set()

    def sent(self) -> list[tuple[str, Any]]:
        """What was sent: the part of each text before WHERE, and its first value."""
        found: list[tuple[str, Any]] = []
        for request in self.requests:
            statement, params = request.parts[0] if hasattr(request, "parts") else (request.statement, request.params)
            found.append((statement.cql.partition(" WHERE ")[0].partition(" SET ")[2], params[0]))
        return found


class Log(aio.Document):
    id: Annotated[int, PrimaryKey()]
    lines: list[str] = []


class Grouped(aio.Document):
    id: Annotated[int, PrimaryKey()]
    groups: dict[str, list[int]] = {}


D = TypeVar("D", bound=aio.Document)


async def saved(driver: Held, document: D) -> D:
    saving = asyncio.ensure_future(document.save())
    await until_sent()
    driver.answer(0)
    await saving
    return document


async def until_sent() -> None:
    """Let all tasks go as far as they can."""
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture
def held(register: Callable[[ScriptedDriver], None]) -> Callable[..., Held]:
    """Make a driver with these answers the default connection."""

    def made(*answers: Reply) -> Held:
        driver = Held(answers)
        driver.gates = []
        register(driver)
        return driver

    return made


async def in_a_batch(log: Log) -> None:
    async with aio.AsyncBatchQuery() as batch:
        await log.save(batch=batch)


FIRST: dict[str, Callable[[Log], Any]] = {
    "save": lambda log: log.save(),
    "save in a batch": in_a_batch,
    "save_json": lambda log: log.save_json(),
    "insert": lambda log: log.insert(),
    "update": lambda log: log.update(),
    "update by name": lambda log: log.update(lines=log.lines),
}


@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("order", [(1, 2), (2, 1)], ids=["in order", "the later one first"])
async def test_an_update_beside_another_write_replaces_what_that_writes(
    held: Callable[..., Held], first: str, order: tuple[int, int]
) -> None:
    driver = held(Reply(), Reply([(True,)], ("[applied]",), None, True) if first == "insert" else Reply())
    log = await saved(driver, Log(id=1, lines=["a"]))
    log.lines.append("v")
    writing = [asyncio.ensure_future(FIRST[first](log))]
    await until_sent()
    log.lines.append("w")
    writing.append(asyncio.ensure_future(log.update()))
    await until_sent()
    for number in order:
        driver.answer(number)
        await writing[number - 1]
    for line in ("x", "y"):
        log.lines.append(line)
        updating = asyncio.ensure_future(log.update())
        await until_sent()
        driver.answer(-1)
        await updating
    assert driver.sent()[2:] == [
        ("lines = ?", ["a", "v", "w"]),
        ("lines = ?", ["a", "v", "w", "x"]),  # which of the two came last is not known
        ("lines = lines + ?", ["y"]),
    ]


async def test_what_changes_inside_a_value_while_it_is_written_is_written_next(held: Callable[..., Held]) -> None:
    driver = held()
    log = await saved(driver, Grouped(id=1))
    log.groups["b"] = [2]
    writing = asyncio.ensure_future(log.update())
    await until_sent()
    log.groups["b"].append(9)
    driver.answer(1)
    await writing
    writing = asyncio.ensure_future(log.update())
    await until_sent()
    driver.answer(2)
    await writing
    assert driver.sent()[1:] == [("groups = groups + ?", {"b": [2]}), ("groups = groups + ?", {"b": [2, 9]})]


async def test_what_was_given_up_beside_another_update_is_written_whole(held: Callable[..., Held]) -> None:
    driver = held()
    log = await saved(driver, Log(id=1, lines=["a"]))
    log.lines.append("v")
    first = asyncio.ensure_future(log.update())
    await until_sent()
    log.lines.append("w")
    second = asyncio.ensure_future(log.update())
    await until_sent()
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    driver.answer(1)
    await first
    third = asyncio.ensure_future(log.update())
    await until_sent()
    driver.answer(3)
    await third
    assert driver.sent()[3] == ("lines = ?", ["a", "v", "w"])


class Tally(sync.Document):
    id: Annotated[int, PrimaryKey()]
    lines: list[int] = []
    number: int = 0


@pytest.fixture
def switching() -> Iterator[None]:
    """Have threads take turns after each few instructions."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("switching")
def test_when_threads_have_ended_their_writes_nothing_counts_as_under_way(
    register: Callable[[ScriptedDriver], None],
) -> None:
    driver = ScriptedDriver()
    register(driver)
    tally = Tally(id=1)
    tally.save()

    def write() -> None:
        for number in range(100):
            tally.update(number=number)
            tally.save()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tally.save()
    tally.lines.append(1)
    tally.update()
    assert driver.requests[-1].statement.cql == "UPDATE ks.tally SET lines = lines + ? WHERE id = ?"


@pytest.mark.usefixtures("switching")
def test_batches_are_sent_while_threads_write_documents_of_theirs_and_others(
    register: Callable[[ScriptedDriver], None],
) -> None:
    register(ScriptedDriver())
    tallies = [Tally(id=number) for number in range(300)]
    failures: list[BaseException] = []
    is_over = threading.Event()

    def write(tally: Tally) -> None:
        try:
            while not is_over.is_set():
                tally.number += 1
                tally.update()
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)

    for tally in tallies:
        tally.save()
    strangers = [Tally(id=-1), Tally(id=-2)]
    for stranger in strangers:
        stranger.save()
    threads = [threading.Thread(target=write, args=[tally]) for tally in (*strangers, tallies[0], tallies[-1])]
    for thread in threads:
        thread.start()
    try:
        for _ in range(20):
            batch = sync.BatchQuery(logged=False)
            for tally in tallies:
                tally.save(batch=batch)
            batch.execute()
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    assert failures == []
