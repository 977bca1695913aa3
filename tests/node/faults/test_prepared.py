"""Prepared statements under faults: forgotten by the node, slow to prepare, failing to prepare."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import BatchRequest, Request, errors
from coodie_drivers.messages import Statement
from coodie_drivers.testing import proxy as faults
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from coodie_drivers.testing.proxy import FaultProxy

    Ask = Callable[[str], list[dict[str, object]]]

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.usefixtures("calm", "schema_stands_still")]

texts, keys = count(1), count(1)


@pytest.fixture(scope="module")
def table(ask: Ask, cql_module_keyspace: str) -> str:
    """A table of counters, for which each execution shows."""
    name = f"{cql_module_keyspace}.counters"
    ask(f"CREATE TABLE {name} (id int PRIMARY KEY, n counter)")
    return name


def fresh(table: str) -> str:
    """A text that was never prepared before."""
    return f"SELECT n AS n{next(texts)} FROM {table} WHERE id = ?"


def test_a_statement_that_the_node_forgot_is_prepared_again_and_executed_once(
    caller: Any, proxy: FaultProxy, table: str
) -> None:
    key, cql = next(keys), f"UPDATE {table} SET n = n + 1 WHERE id = ?"
    caller.execute(cql, [key])
    for _ in range(3):
        proxy.traffic.clear()
        with proxy.rules.add(faults.answer(faults.unprepared()), text=cql, when=faults.nth(1)):
            caller.execute(cql, [key])
        first, *again, last = [passed.opcode for passed in proxy.traffic.requests(text=cql)]
        assert (first, set(again), last) == ("EXECUTE", {"PREPARE"}, "EXECUTE")
        assert len(again) <= len(proxy.hosts)
    assert caller.execute(f"SELECT n FROM {table} WHERE id = ?", [key]) == [{"n": 4}]


@pytest.mark.parametrize("batched", [False, True])
def test_a_statement_that_the_node_forgets_often_is_executed_once_in_the_end(
    caller: Any, proxy: FaultProxy, table: str, batched: bool
) -> None:
    """As a node does whose cache of them another client keeps full."""
    key, cql = next(keys), f"UPDATE {table} SET n = n + 1 WHERE id = ?"
    caller.execute(cql, [key])
    opcode = "BATCH" if batched else "EXECUTE"
    with proxy.rules.add(faults.answer(faults.unprepared()), text=cql, opcode=opcode, when=faults.first(24)) as rule:
        if batched:
            part = Statement(cql, StatementKind.UPDATE, idempotent=False)
            caller.send(BatchRequest([(part, [key])], "counter", timeout=10.0))
        else:
            caller.send(Request(Statement(cql, StatementKind.UPDATE, idempotent=False), [key], timeout=10.0))
        assert rule.hits == 24
    assert caller.execute(f"SELECT n FROM {table} WHERE id = ?", [key]) == [{"n": 2}]


def test_a_statement_that_the_node_forgets_each_time_was_not_applied(
    caller: Any, proxy: FaultProxy, table: str, excepted: Collection[str]
) -> None:
    if "forgotten" in excepted:
        pytest.skip("the library prepares again and again by itself until the time is over")
    key, cql = next(keys), f"UPDATE {table} SET n = n + 1 WHERE id = ?"
    caller.execute(cql, [key])
    request, began = (
        Request(Statement(cql, StatementKind.UPDATE, idempotent=False), [key], timeout=1.5),
        time.monotonic(),
    )
    with (
        proxy.rules.add(faults.answer(faults.unprepared()), text=cql, opcode="EXECUTE") as rule,
        pytest.raises(errors.ServerError, match=r"forgets .* enlarge prepared_statements_cache_size") as raised,
    ):
        caller.send(request)
    assert 1 < time.monotonic() - began < 3
    assert (raised.value.outcome, raised.value.retryable) == ("not_applied", True)
    assert 10 < raised.value.attempts <= rule.hits <= 60  # the node is not flooded
    assert caller.execute(f"SELECT n FROM {table} WHERE id = ?", [key]) == [{"n": 1}]


async def test_many_whose_statement_was_forgotten_are_all_answered(through: Any, proxy: FaultProxy, table: str) -> None:
    cql, key = f"UPDATE {table} SET n = n + 1 WHERE id = ?", next(keys)
    await through.execute_async(cql, [key])
    with proxy.rules.add(faults.answer(faults.unprepared()), text=cql, when=faults.first(100)) as rule:
        await asyncio.gather(*[through.execute_async(cql, [key]) for _ in range(100)])
        assert rule.hits == 100
    assert await through.execute_async(f"SELECT n FROM {table} WHERE id = ?", [key]) == [{"n": 101}]


def test_many_who_ask_at_once_cause_one_prepare_at_each_host(through: Any, proxy: FaultProxy, table: str) -> None:
    cql = fresh(table)

    async def together() -> None:
        await asyncio.gather(*[through.execute_async(cql, [number]) for number in range(20)])

    with (
        proxy.rules.add(faults.delay_reply(0.2), opcode="PREPARE", text=cql) as slow,
        ThreadPoolExecutor(24) as threads,
    ):
        work: list[Any] = [threads.submit(through.execute, cql, [number]) for number in range(20)]
        work += [threads.submit(asyncio.run, together()) for _ in range(4)]
        for done in work:
            done.result()
        assert slow.hits <= len(proxy.hosts)


async def test_a_prepare_of_a_second_does_not_stall_the_event_loop(through: Any, proxy: FaultProxy, table: str) -> None:
    async def stall() -> float:
        cql, longest, last = fresh(table), 0.0, time.perf_counter()
        with proxy.rules.add(faults.delay_reply(1.0), opcode="PREPARE", text=cql) as rule:
            working = asyncio.ensure_future(through.execute_async(cql, [1]))
            while not working.done():
                await asyncio.sleep(0.002)
                now = time.perf_counter()
                longest, last = max(longest, now - last), now
            await working
            assert rule.hits > 0
        return longest

    stalls = [await stall()]
    while stalls[-1] >= 0.02 and len(stalls) < 10:  # on a busy machine anything may be kept from running for a while
        stalls.append(await stall())
    assert min(stalls) < 0.02


def test_a_prepare_has_the_time_of_a_request(connect: Callable[..., Any], proxy: FaultProxy, table: str) -> None:
    driver, began = connect(request_timeout=0.5), time.monotonic()
    with (
        proxy.rules.add(faults.drop_reply(), opcode="PREPARE", text=table),
        pytest.raises(errors.OperationTimedOutError, match=r"no answer within 0\.5 s") as raised,
    ):
        driver.execute(fresh(table), [1])
    assert time.monotonic() - began < 3
    assert (raised.value.outcome, raised.value.attempts) == ("not_applied", 0)


@pytest.mark.parametrize(
    ("reply", "raises"),
    [
        (faults.server_error(), errors.DriverError),
        (faults.overloaded(), errors.DriverError),
        (faults.is_bootstrapping(), errors.DriverError),
        (faults.unauthorized(), errors.UnauthorizedError),
        (faults.invalid(), errors.InvalidRequestError),
    ],
    ids=lambda value: getattr(value, "message", None),
)
def test_what_cannot_be_prepared_was_not_applied_and_is_prepared_the_next_time(
    caller: Any, proxy: FaultProxy, table: str, reply: Any, raises: type[errors.CoodieError]
) -> None:
    key = next(keys)
    cql = f"UPDATE {table} SET n = n + {100 + next(texts)} WHERE id = ?"
    with proxy.rules.add(faults.answer(reply), opcode="PREPARE", text=cql), pytest.raises(raises) as raised:
        caller.execute(cql, [key])
    assert raised.value.outcome == "not_applied"
    assert proxy.traffic.requests("EXECUTE", cql) == []
    assert caller.execute(cql, [key]) == []
    assert len(caller.execute(f"SELECT n FROM {table} WHERE id = ?", [key])) == 1
