"""Threads, tasks and event loops that share one driver: each gets its own answer, and no event loop is kept waiting."""

from __future__ import annotations

import asyncio
import random
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import pytest

from coodie_drivers.testing.conformance.stalls import STALL, stall_of
from coodie_drivers.testing.conformance.statements import fresh_statement
from coodie_drivers.testing.conformance.suite import Suite, fresh_number, made_once
from coodie_drivers.testing.conformance.ways import Awaiting, Blocking
from cql_builder.schema import ColumnDefinition

if TYPE_CHECKING:
    import logging

    from coodie_drivers.testing.conformance.suite import Connect
    from coodie_drivers.testing.conformance.ways import Way

__all__ = ["ConcurrencyCases", "EventLoopCases"]

ROWS: Final = 100


def named(key: int) -> list[dict[str, Any]]:
    """Return the rows that the key has."""
    return [{"id": key, "name": f"name {key}"}]


class NamedRowsSuite(Suite):
    """What the parts share that look at whose answer they were given."""

    @pytest.fixture
    def by_key(self, driver: Any, keyspace: str) -> str:
        """A SELECT whose rows say which key they have."""
        table = f"{keyspace}.named"
        if made_once(driver, table, "CREATE TABLE {name} (id int PRIMARY KEY, name text)"):
            for key in range(ROWS):
                driver.execute(f"INSERT INTO {table} (id, name) VALUES (?, ?)", [key, f"name {key}"])
        return f"SELECT id, name FROM {table} WHERE id = ?"


class ConcurrencyCases(NamedRowsSuite):
    """The cases about many who ask at once, in either way."""

    def test_many_requests_at_once_get_each_its_own_answer(self, way: Way, by_key: str) -> None:
        keys = [random.randrange(ROWS) for _ in range(1_000)]  # noqa: S311 - any keys will do
        assert way.together("execute", [(by_key, [key]) for key in keys]) == [named(key) for key in keys]

    def test_two_hundred_who_ask_one_after_the_other(self, way: Way, by_key: str) -> None:
        for key in range(200):
            assert way.execute(by_key, [key % ROWS]) == named(key % ROWS)

    def test_threads_and_event_loops_share_one_driver(self, way: Way, driver: Any, by_key: str) -> None:
        others = Awaiting(driver) if isinstance(way, Blocking) else Blocking(driver)
        keys = list(range(ROWS))
        with ThreadPoolExecutor(8) as threads:
            work = [
                threads.submit(each.together, "execute", [(by_key, [key]) for key in keys])
                for each in (way, others, way, others)
            ]
            work += [threads.submit(way.together, "execute", [(by_key, [key]) for key in keys]) for _ in range(4)]
            assert [done.result() for done in work] == [[named(key) for key in keys]] * len(work)

    def test_options_of_one_call_are_not_those_of_another(self, way: Way, by_key: str) -> None:
        calls: list[tuple[object, ...]] = [
            (by_key, [key], "THREE" if key % 2 else "ONE", 10.0, key + 1) for key in range(ROWS)
        ]
        for key, answer in enumerate(way.together("execute", calls)):
            assert isinstance(answer, Exception) if key % 2 else answer == named(key)


class EventLoopCases(NamedRowsSuite):
    """The cases about event loops: what is asked in one while blocking calls, or other loops, have the driver too."""

    def test_connecting_and_closing_leave_the_event_loop_free(self, way: Way, connect: Connect) -> None:
        async def connect_and_close() -> None:
            if isinstance(way, Blocking):
                await asyncio.to_thread(self._connect_and_close, connect)
            else:
                await (await connect.awaited()).close_async()

        assert asyncio.run(stall_of(connect_and_close)) < STALL

    def _connect_and_close(self, connect: Connect) -> None:
        connect().driver.close()

    def test_preparing_leaves_the_event_loop_free(self, way: Way, driver: Any) -> None:
        async def prepare_many() -> None:
            stmts = [fresh_statement() for _ in range(30)]
            if isinstance(way, Blocking):
                await asyncio.to_thread(way.together, "execute", [(stmt, ["local"]) for stmt in stmts])
            else:
                await asyncio.gather(*[driver.execute_async(stmt, ["local"]) for stmt in stmts])

        assert asyncio.run(stall_of(prepare_many)) < STALL

    def test_making_a_table_leaves_the_event_loop_free(self, way: Way, driver: Any, keyspace: str) -> None:
        columns = [ColumnDefinition("id", "int", primary_key=True), ColumnDefinition("name", "text", index=True)]

        async def make_a_table() -> None:
            name = f"stall_{fresh_number()}"
            if isinstance(way, Blocking):
                made = await asyncio.to_thread(driver.sync_table, name, keyspace, columns)
            else:
                made = await driver.sync_table_async(name, keyspace, columns)
            assert len(made) == 2

        assert asyncio.run(stall_of(make_a_table)) < STALL

    def test_cancelled_tasks_leave_no_trace(self, way: Way, driver: Any, by_key: str) -> None:
        troubles: list[dict[str, Any]] = []

        async def cancel_some() -> None:
            asyncio.get_running_loop().set_exception_handler(lambda _, context: troubles.append(context))
            for number in range(40):
                tasks = {key: asyncio.create_task(driver.execute_async(by_key, [key])) for key in range(25)}
                await asyncio.sleep(number * 0.0001)
                for key in range(0, 25, 2):
                    tasks[key].cancel()
                found = await asyncio.gather(*tasks.values(), return_exceptions=True)
                for key, rows in zip(tasks, found, strict=True):
                    assert isinstance(rows, asyncio.CancelledError) or rows == named(key)
            await asyncio.sleep(0.05)

        asyncio.run(cancel_some())
        assert troubles == []
        assert way.execute(by_key, [7]) == named(7)

    def test_an_event_loop_that_ends_before_its_answers_disturbs_nobody(
        self, way: Way, driver: Any, by_key: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        for _ in range(20):
            loop = asyncio.new_event_loop()
            tasks = [loop.create_task(driver.execute_async(by_key, [key])) for key in range(10)]
            loop.run_until_complete(asyncio.sleep(0))
            for task in tasks:
                task.cancel()
            loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            loop.close()
        assert way.execute(by_key, [3]) == named(3)
        assert [each.getMessage() for each in caplog.records if _of_event_loops(each)] == []


def _of_event_loops(record: logging.LogRecord) -> bool:
    """Return whether a line of the log is about an event loop or a future; other connections of the run log, too."""
    about = isinstance(record.exc_info[1], RuntimeError | asyncio.InvalidStateError) if record.exc_info else False
    return about or record.name in {"asyncio", "concurrent.futures"}
