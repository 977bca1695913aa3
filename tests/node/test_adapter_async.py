"""The adapter beside event loops: it never blocks one, belongs to none, and outlives them."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import init_coodie_async, unregister_driver
from cql_builder.schema import ColumnDefinition

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter]

STALL = 0.05
"""Seconds that an event loop may be kept from running: far below any wait for a server."""

CHOICE = random.Random(7)  # noqa: S311 - any numbers will do

texts = count()


@pytest.fixture(scope="module")
def table(driver: Any, cql_module_keyspace: str) -> str:
    """A table whose rows say which key they have."""
    name = f"{cql_module_keyspace}.rows"
    driver.execute(f"CREATE TABLE {name} (id int PRIMARY KEY, name text)", [])
    for key in range(100):
        driver.execute(f"INSERT INTO {name} (id, name) VALUES (?, ?)", [key, f"name {key}"])
    return name


async def stall_of(work: Callable[[], Awaitable[Any]]) -> float:
    """How long the event loop was kept from running anything else, at the longest.

    The least of five tries, for on a busy machine anything may be kept from running for a while.
    """

    async def once() -> float:
        longest, last = 0.0, time.perf_counter()
        working = asyncio.ensure_future(work())
        while not working.done():
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
        await working
        return longest

    found = await once()
    for _ in range(4):
        if found >= STALL:
            found = min(found, await once())
    return found


async def test_connecting_and_closing_leave_the_event_loop_free(cql_cluster: CqlCluster, driver_type: str) -> None:
    arguments: dict[str, Any] = {"driver_type": driver_type, "hosts": cql_cluster.hosts, "port": cql_cluster.port}

    async def connect_and_close() -> None:
        driver = await init_coodie_async(**arguments, name="stall")
        unregister_driver("stall")
        await driver.close_async()

    assert await stall_of(connect_and_close) < STALL


async def test_preparing_leaves_the_event_loop_free(driver: Any, table: str) -> None:
    async def prepare_many() -> None:
        stmts = [f"SELECT id, name AS n{next(texts)} FROM {table} WHERE id = ?" for _ in range(30)]
        await asyncio.gather(*[driver.execute_async(stmt, [1]) for stmt in stmts])

    assert await stall_of(prepare_many) < STALL


async def test_changing_the_schema_leaves_the_event_loop_free(driver: Any, keyspace: str) -> None:
    columns = [ColumnDefinition("id", "int", primary_key=True), ColumnDefinition("name", "text", index=True)]

    async def make_a_table() -> None:
        name = f"stall_{next(texts)}"
        assert len(await driver.sync_table_async(name, keyspace, columns)) == 2
        await driver.execute_async(f"DROP TABLE {keyspace}.{name}", [])

    assert await stall_of(make_a_table) < STALL


async def test_many_requests_at_once_get_each_its_own_answer(driver: Any, table: str) -> None:
    keys = [CHOICE.randrange(100) for _ in range(2_000)]
    found = await asyncio.gather(
        *[driver.execute_async(f"SELECT id, name FROM {table} WHERE id = ?", [key]) for key in keys]
    )
    assert found == [[{"id": key, "name": f"name {key}"}] for key in keys]


async def test_cancelled_tasks_leave_no_trace(driver: Any, table: str) -> None:
    troubles: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: troubles.append(context))

    async def ask(key: int) -> Any:
        return await driver.execute_async(f"SELECT id, name FROM {table} WHERE id = ?", [key])

    for _ in range(40):
        tasks = {key: asyncio.create_task(ask(key)) for key in range(25)}
        await asyncio.sleep(CHOICE.random() * 0.004)
        cancelled = [key for key in tasks if CHOICE.random() < 0.5]
        for key in cancelled:
            tasks[key].cancel()
        found = await asyncio.gather(*tasks.values(), return_exceptions=True)
        for key, rows in zip(tasks, found, strict=True):
            if not isinstance(rows, asyncio.CancelledError):
                assert rows == [{"id": key, "name": f"name {key}"}]
    assert await ask(7) == [{"id": 7, "name": "name 7"}]
    await asyncio.sleep(0.05)
    assert troubles == []


def test_two_hundred_event_loops_in_a_row(driver: Any, table: str) -> None:
    for key in range(200):
        stmt = f"SELECT id FROM {table} WHERE id = ?"
        assert asyncio.run(driver.execute_async(stmt, [key % 100])) == [{"id": key % 100}]


def test_an_event_loop_that_ends_before_its_answers_disturbs_nobody(
    driver: Any, table: str, caplog: pytest.LogCaptureFixture
) -> None:
    stmt = f"SELECT id, name FROM {table} WHERE id = ?"
    for _ in range(20):
        loop = asyncio.new_event_loop()
        tasks = [loop.create_task(driver.execute_async(stmt, [key])) for key in range(10)]
        loop.run_until_complete(asyncio.sleep(0))
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.close()
    assert driver.execute(stmt, [3]) == [{"id": 3, "name": "name 3"}]
    assert caplog.records == []


def test_threads_and_event_loops_share_one_driver(driver: Any, table: str) -> None:
    stmt = f"SELECT id, name FROM {table} WHERE id = ?"
    wrong: list[Any] = []

    def blocking(seed: int) -> None:
        chosen = random.Random(seed)  # noqa: S311 - any numbers will do
        for _ in range(100):
            key = chosen.randrange(100)
            if driver.execute(stmt, [key]) != [{"id": key, "name": f"name {key}"}]:
                wrong.append(key)

    async def awaiting(seed: int) -> None:
        chosen = random.Random(seed)  # noqa: S311 - any numbers will do
        keys = [chosen.randrange(100) for _ in range(100)]
        found = await asyncio.gather(*[driver.execute_async(stmt, [key]) for key in keys])
        wrong.extend(rows for key, rows in zip(keys, found, strict=True) if rows[0]["id"] != key)

    with ThreadPoolExecutor(16) as threads:
        work = [threads.submit(blocking, seed) for seed in range(8)]
        work += [threads.submit(asyncio.run, awaiting(seed)) for seed in range(8)]
        for done in work:
            done.result()
    assert wrong == []


async def test_a_connection_that_nobody_waits_for_any_more_is_closed(
    cql_cluster: CqlCluster, driver_type: str, connections_open: Callable[[], int]
) -> None:
    before = connections_open()
    arguments: dict[str, Any] = {"hosts": cql_cluster.hosts, "port": cql_cluster.port, "driver_type": driver_type}
    task = asyncio.create_task(init_coodie_async(**arguments, name="abandoned"))
    await asyncio.sleep(0.005)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    for _ in range(200):
        if connections_open() <= before:
            break
        await asyncio.sleep(0.05)
    assert connections_open() <= before
