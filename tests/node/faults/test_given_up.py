"""Closing does not wait for the answers to requests that nobody waits for any more."""

from __future__ import annotations

import asyncio
import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import errors
from coodie_drivers.request_driver import CLOSE_TIMEOUT
from coodie_drivers.testing import proxy as faults
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.proxy import FaultProxy

    Ask = Callable[[str], list[dict[str, object]]]
    Connect = Callable[..., Any]

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter, pytest.mark.usefixtures("calm")]

SOON = CLOSE_TIMEOUT / 2
"""Seconds within which closing ends that waits for nobody, on a busy machine too."""


@pytest.fixture(scope="module")
def table(ask: Ask, cql_module_keyspace: str) -> str:
    """A table of rows."""
    name = f"{cql_module_keyspace}.rows"
    ask(f"CREATE TABLE {name} (id int PRIMARY KEY, note text)")
    return name


@pytest.fixture
def own(connect: Connect, table: str) -> Any:
    """A driver of the test's own, that has prepared what is asked."""
    driver = connect()
    driver.execute(asked(table), [1])
    return driver


def asked(table: str) -> str:
    return f"SELECT note FROM {table} WHERE id = ?"


def closed_within(driver: Any, way: str, timeout: float | None = None) -> float:
    """Close; return the seconds that it took."""
    limit = {} if timeout is None else {"timeout": timeout}
    began = time.monotonic()
    if way == "sync":
        driver.close(**limit)
    else:
        asyncio.run(driver.close_async(**limit))
    return time.monotonic() - began


@pytest.mark.parametrize("way", ["sync", "async"])
@pytest.mark.parametrize("opcode", ["EXECUTE", "PREPARE"])
def test_closing_does_not_wait_for_requests_whose_limit_is_over(
    own: Any, proxy: FaultProxy, table: str, way: str, opcode: str
) -> None:
    cql = asked(table) if opcode == "EXECUTE" else f"SELECT id, note FROM {table} WHERE id = ?"
    with proxy.rules.add(faults.drop_reply(), text=table, opcode=opcode):
        with pytest.raises(errors.OperationTimedOutError):
            own.execute(cql, [1], None, 0.2) if way == "sync" else asyncio.run(own.execute_async(cql, [1], None, 0.2))
        assert closed_within(own, way) < SOON


@pytest.mark.parametrize("way", ["sync", "async"])
def test_closing_does_not_wait_for_requests_whose_tasks_were_cancelled(
    own: Any, proxy: FaultProxy, table: str, way: str
) -> None:
    async def ask_and_go() -> None:
        asking = [asyncio.create_task(own.execute_async(asked(table), [each])) for each in range(8)]
        await asyncio.to_thread(rule.wait, len(asking))
        for each in asking:
            each.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    with proxy.rules.add(faults.drop_reply(), text=table, opcode="EXECUTE") as rule:
        asyncio.run(ask_and_go())
        assert closed_within(own, way) < SOON


def test_closing_does_not_wait_in_the_event_loop_that_asked_most(own: Any, proxy: FaultProxy, table: str) -> None:
    """Such a loop has a session of its own with acsylla."""

    async def ask_and_close() -> float:
        for _ in range(150):
            await own.execute_async(asked(table), [1])
        await asyncio.sleep(0.1)
        with proxy.rules.add(faults.drop_reply(), text=table, opcode="EXECUTE"):
            with pytest.raises(errors.OperationTimedOutError):
                await own.execute_async(asked(table), [1], None, 0.2)
            began = time.monotonic()
            await own.close_async()
            return time.monotonic() - began

    assert asyncio.run(ask_and_close()) < SOON


def test_closing_waits_for_those_who_still_wait_beside_them(own: Any, proxy: FaultProxy, table: str) -> None:
    later = f"SELECT id, note FROM {table} WHERE id = ?"
    own.execute(later, [1])
    with (
        ThreadPoolExecutor(1) as threads,
        proxy.rules.add(faults.drop_reply(), text=asked(table), opcode="EXECUTE"),
        proxy.rules.add(faults.delay_reply(0.5), text=later, opcode="EXECUTE") as rule,
    ):
        with contextlib.suppress(errors.OperationTimedOutError):
            own.execute(asked(table), [1], None, 0.2)
        waiting = threads.submit(own.execute, later, [1])
        rule.wait()
        assert closed_within(own, "sync") < SOON
        assert waiting.result() == []


def test_what_was_given_up_leaves_no_connection_when_its_time_is_over(own: Any, proxy: FaultProxy, table: str) -> None:
    before = proxy.connections
    with proxy.rules.add(faults.drop_reply(), text=table, opcode="EXECUTE"):
        with pytest.raises(errors.OperationTimedOutError):
            own.execute(asked(table), [1], None, 0.2)
        own.close()
        until = time.monotonic() + 10
        while proxy.connections >= before and time.monotonic() < until:
            time.sleep(0.01)
    assert proxy.connections < before


@pytest.mark.parametrize("way", ["sync", "async"])
def test_closing_while_the_nodes_agree_on_the_schema_says_so(
    own: Any, proxy: FaultProxy, driver_type: str, cql_module_keyspace: str, way: str
) -> None:
    cql = f"CREATE TABLE {cql_module_keyspace}.agreed_{driver_type}_{way} (id int PRIMARY KEY)"
    with ThreadPoolExecutor(1) as other, proxy.rules.add(faults.drop_reply(), text="schema_version") as asked_for_it:
        changing = other.submit(
            own.execute if way == "sync" else lambda *call: asyncio.run(own.execute_async(*call)), cql, []
        )
        asked_for_it.wait()
        own.close(timeout=0)
        told = changing.exception()
    assert isinstance(told, (errors.ConnectionLostError, errors.ClusterUnavailableError))
    assert (told.outcome, told.statement_kind) == ("unknown", StatementKind.SCHEMA)
