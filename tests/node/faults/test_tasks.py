"""Tasks that are cancelled, loops that close, threads that share a driver, and a driver that closes under load."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import errors
from coodie_drivers.testing import proxy as faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.proxy import FaultProxy

    Ask = Callable[[str], list[dict[str, object]]]

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.usefixtures("calm")]

ROWS = 50


@pytest.fixture(scope="module")
def table(ask: Ask, cql_module_keyspace: str) -> str:
    """A table whose rows say which key they have."""
    name = f"{cql_module_keyspace}.tasks"
    ask(f"CREATE TABLE {name} (id int PRIMARY KEY, note text)")
    for key in range(ROWS):
        ask(f"INSERT INTO {name} (id, note) VALUES ({key}, 'note {key}')")
    return name


def right(rows: Any, key: int) -> bool:
    return bool(rows == [{"id": key, "note": f"note {key}"}])


@pytest.mark.parametrize("tasks", [2_000, pytest.param(100_000, marks=pytest.mark.long)])
@pytest.mark.timeout(1_800)
async def test_cancelled_tasks_leave_nothing_behind(through: Any, proxy: FaultProxy, table: str, tasks: int) -> None:
    cql, chosen = f"SELECT id, note FROM {table} WHERE id = ?", random.Random(11)  # noqa: S311 - any numbers will do
    loop, complaints = asyncio.get_running_loop(), list[dict[str, Any]]()
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    assert right(await through.execute_async(cql, [1]), 1)
    wrong, under_way = list[int](), list[int]()

    async def ask_and_perhaps_go(number: int) -> bool:
        key, patience = number % ROWS, chosen.choice([0.0, 0.001, 0.01, 0.05, None])
        asking = asyncio.ensure_future(through.execute_async(cql, [key]))
        if patience is not None:
            await asyncio.sleep(patience)
            under_way.append(through.in_flight())
            asking.cancel()
        try:
            if not right(await asking, key):
                wrong.append(key)
        except asyncio.CancelledError:
            return True
        return False

    with proxy.rules.add(faults.delay_reply(0.02), text=cql, when=faults.sometimes(0.5, seed=2)):
        cancelled = 0
        for start in range(0, tasks, 100):
            cancelled += sum(await asyncio.gather(*[ask_and_perhaps_go(start + each) for each in range(100)]))
    assert cancelled > tasks // 10
    assert max(under_way) > 0
    for key in range(ROWS):
        assert right(await through.execute_async(cql, [key]), key)
    deadline = time.monotonic() + 10
    while through.in_flight() and time.monotonic() < deadline:  # noqa: ASYNC110 - replies come in other threads
        await asyncio.sleep(0.01)
    gc.collect()
    assert (wrong, complaints, through.in_flight()) == ([], [], 0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_a_time_limit_that_ends_as_its_task_is_cancelled_is_not_complained_of(
    through: Any, table: str, caplog: pytest.LogCaptureFixture
) -> None:
    cql = f"SELECT id, note FROM {table} WHERE id = ?"

    async def ask_and_go() -> None:
        for after in range(40):
            asked = [asyncio.ensure_future(through.execute_async(cql, [1], None, 0.0005)) for _ in range(8)]
            await asyncio.sleep(0.0004 + after / 10_000)
            for each in asked:
                each.cancel()
            await asyncio.gather(*asked, return_exceptions=True)

    through.execute(cql, [1])
    asyncio.run(ask_and_go())  # a library may have an event loop of its own, in which nobody would ask for the failure
    deadline = time.monotonic() + 10
    while through.in_flight() and time.monotonic() < deadline:
        time.sleep(0.01)
    gc.collect()
    assert [each.getMessage() for each in caplog.records if each.name == "asyncio"] == []


def test_a_loop_may_close_while_a_reply_is_awaited(through: Any, proxy: FaultProxy, table: str) -> None:
    cql = f"SELECT id, note FROM {table} WHERE id = ?"
    through.execute(cql, [1])

    async def leave_behind(key: int) -> None:
        waiting = asyncio.ensure_future(through.execute_async(cql, [key]))
        await asyncio.sleep(0)
        waiting.cancel()

    with proxy.rules.add(faults.delay_reply(0.05), text=cql, when=faults.every(2)):
        for number in range(40):
            asyncio.run(leave_behind(number % ROWS))
            assert right(asyncio.run(through.execute_async(cql, [number % ROWS])), number % ROWS)


def test_threads_and_loops_get_their_own_answers(through: Any, proxy: FaultProxy, table: str) -> None:
    cql = f"SELECT id, note FROM {table} WHERE id = ?"

    def blocking(start: int) -> bool:
        return all(right(through.execute(cql, [key % ROWS]), key % ROWS) for key in range(start, start + 60))

    async def awaiting(start: int) -> bool:
        found = await asyncio.gather(*[through.execute_async(cql, [key % ROWS]) for key in range(start, start + 60)])
        return all(right(rows, key % ROWS) for key, rows in enumerate(found, start))

    with (
        proxy.rules.add(faults.delay_reply(0.01), text=cql, when=faults.sometimes(0.2, seed=4)),
        ThreadPoolExecutor(32) as threads,
    ):
        work = [threads.submit(blocking, number) for number in range(16)]
        work += [threads.submit(asyncio.run, awaiting(number)) for number in range(16)]
        assert all(done.result() for done in work)


@pytest.mark.parametrize("timeout", [0.0, 0.5])
async def test_closing_under_load_ends_every_call(
    connect: Callable[..., Any], proxy: FaultProxy, ask: Ask, table: str, timeout: float
) -> None:
    driver = connect()
    cql, first = f"INSERT INTO {table} (id, note) VALUES (?, 'written')", 1_000 + int(timeout * 100_000)
    await driver.execute_async(cql, [first])
    with proxy.rules.add(faults.drop_reply(), text=cql, when=faults.every(3)):
        writes = [asyncio.ensure_future(driver.execute_async(cql, [first + number])) for number in range(1, 501)]
        await asyncio.sleep(0)
        await driver.close_async(timeout=timeout)
        ended = await asyncio.wait_for(asyncio.gather(*writes, return_exceptions=True), 30)
    assert [
        each for each in ended if isinstance(each, BaseException) and not isinstance(each, errors.CoodieError)
    ] == []
    there = {row["id"] for row in ask(f"SELECT id FROM {table}")}
    for number, each in enumerate(ended, 1):
        if isinstance(each, errors.CoodieError):
            assert each.outcome == "unknown" or first + number not in there
        else:
            assert first + number in there
    with pytest.raises(errors.DriverClosedError):
        await driver.execute_async(cql, [first])


@pytest.mark.parametrize("opcode", ["EXECUTE", "PREPARE"])
def test_closing_at_once_cuts_what_is_under_way(
    connect: Callable[..., Any], proxy: FaultProxy, table: str, opcode: str
) -> None:
    driver = connect()
    cql = f"SELECT id, note AS {opcode.lower()}d FROM {table} WHERE id = ?"
    if opcode == "EXECUTE":
        driver.execute(cql, [1])
    with proxy.rules.add(faults.delay_reply(6), opcode=opcode, text=cql) as rule, ThreadPoolExecutor(1) as asking:
        asked = asking.submit(driver.execute, cql, [1])
        rule.wait()
        began = time.monotonic()
        driver.close(timeout=0)
        error = asked.exception()
        assert time.monotonic() - began < 3
    assert isinstance(error, (errors.ConnectionLostError, errors.ClusterUnavailableError))
    assert (error.outcome, error.retryable) == ("not_applied", True)


@pytest.mark.parametrize("level", ["QUORM", "quorums", ""])
def test_a_misspelt_consistency_is_refused_before_anything_is_sent(
    caller: Any, proxy: FaultProxy, table: str, level: str
) -> None:
    known, unknown = f"SELECT id, note FROM {table} WHERE id = ?", f"SELECT note, id FROM {table} WHERE id = ?"
    caller.execute(known, [1])
    proxy.traffic.clear()
    for cql in (known, unknown):
        with pytest.raises(errors.ConfigurationError) as raised:
            caller.execute(cql, [1], level)
        assert raised.value.outcome == "not_applied"
    assert proxy.traffic.requests(text=unknown) == []
    # A library may prepare on the other nodes, too, after it has answered.
    assert {sent.opcode for sent in proxy.traffic.requests(text=known)} <= {"PREPARE"}


def overlook(_loop: object, _context: object) -> None:
    """Do nothing about what an event loop complains of."""


@pytest.mark.every_adapter
@pytest.mark.parametrize("way", ["sync", "async"])
def test_closing_does_not_wait_for_tasks_of_a_closed_event_loop(
    connect: Callable[..., Any], proxy: FaultProxy, table: str, way: str
) -> None:
    driver, loop, cql = connect(), asyncio.new_event_loop(), f"SELECT id, note FROM {table} WHERE id = ?"
    loop.set_exception_handler(overlook)  # it would complain of tasks that are left pending
    loop.run_until_complete(driver.execute_async(cql, [1]))
    with proxy.rules.add(faults.delay_reply(0.2), text=cql) as rule:
        left = [loop.create_task(driver.execute_async(cql, [key])) for key in range(3)]
        loop.run_until_complete(asyncio.sleep(0.1))
        loop.close()
        rule.wait(3)
        deadline = time.monotonic() + 3  # the answers come, and nobody will ever read them
        while driver.in_flight() and time.monotonic() < deadline:
            time.sleep(0.01)
    assert driver.in_flight() == 0
    began = time.monotonic()
    driver.close() if way == "sync" else asyncio.run(driver.close_async())
    assert time.monotonic() - began < 2
    assert not any(task.done() for task in left)


@pytest.mark.every_adapter
@pytest.mark.parametrize("way", ["sync", "async"])
@pytest.mark.parametrize(
    ("fault", "limit"), [(faults.delay_reply(0.5), 5.0), (faults.drop_reply(), 0.1)], ids=["answered", "unanswered"]
)
def test_closing_ends_the_connections_on_which_tasks_of_a_closed_event_loop_asked(
    connect: Callable[..., Any], proxy: FaultProxy, table: str, fault: faults.Action, limit: float, way: str
) -> None:
    before = proxy.connections
    driver, loop, cql = (
        connect(request_timeout=2),
        asyncio.new_event_loop(),
        f"SELECT id, note FROM {table} WHERE id = ?",
    )
    loop.set_exception_handler(overlook)
    driver.execute(cql, [1])
    with proxy.rules.add(fault, text=cql, opcode="EXECUTE") as rule:
        left = [loop.create_task(driver.execute_async(cql, [key])) for key in range(3)]
        while rule.hits < len(left):
            loop.run_until_complete(asyncio.sleep(0.01))
        loop.close()
        with contextlib.suppress(errors.OperationTimedOutError):
            driver.execute(cql, [1], None, limit)  # what was asked before is answered before
    driver.close() if way == "sync" else asyncio.run(driver.close_async())
    deadline = time.monotonic() + 10
    while proxy.connections > before and time.monotonic() < deadline:
        if "scylla.statement" in sys.modules:  # what its threads let go of is freed when it is called next
            sys.modules["scylla.statement"].Statement("SELECT")
        gc.collect()
        time.sleep(0.01)
    assert proxy.connections <= before  # those of drivers before it may end meanwhile
    assert not any(task.done() for task in left)
