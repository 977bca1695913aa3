"""Nodes that have no time: how often a request goes out again, after which pauses, and who is held up by them."""

from __future__ import annotations

import asyncio
import time
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import Request, Statement, errors
from coodie_drivers.testing import proxy as faults
from coodie_drivers.testing.conformance.statements import fresh_statement
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from coodie_drivers.testing.proxy import ErrorReply, FaultProxy
    from coodie_drivers.testing.sources import CqlCluster

    Ask = Callable[[str], list[dict[str, object]]]

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.usefixtures("calm")]

SHORT = 1.0
"""Seconds that a request may take."""

keys = count(1)


@pytest.fixture(scope="module")
def table(ask: Ask, cql_module_keyspace: str) -> str:
    """A table of counters, which show each execution."""
    name = f"{cql_module_keyspace}.counters"
    ask(f"CREATE TABLE {name} (id int PRIMARY KEY, n counter)")
    return name


def increment(table: str) -> Statement:
    return Statement(f"UPDATE {table} SET n = n + 1 WHERE id = ?", StatementKind.UPDATE, idempotent=False)


@pytest.mark.parametrize(("refusals", "least"), [(1, 0.05), (2, 0.15), (3, 0.3)])
def test_a_request_goes_out_again_after_longer_and_longer_pauses(
    caller: Any, proxy: FaultProxy, table: str, refusals: int, least: float
) -> None:
    statement, key = increment(table), next(keys)
    caller.send(Request(statement, [0]))
    began = time.monotonic()
    with proxy.rules.add(faults.answer(faults.overloaded()), text=statement.cql, when=faults.first(refusals)) as rule:
        caller.send(Request(statement, [key]))
    assert least <= time.monotonic() - began < 2 * least + 1
    assert rule.seen == refusals + 1
    assert caller.execute(f"SELECT n FROM {table} WHERE id = ?", [key]) == [{"n": 1}]


def test_a_batch_in_one_text_may_have_been_applied_in_part(caller: Any, proxy: FaultProxy, table: str) -> None:
    first, second = next(keys), next(keys)
    update = f"UPDATE {table} SET n = n + 1 WHERE id = ?"
    text = f"BEGIN COUNTER BATCH {update}; {update}; APPLY BATCH"
    caller.execute(text, [first, second])
    overloaded = faults.answer(faults.overloaded(), delivered=True)
    with (
        proxy.rules.add(overloaded, text="COUNTER BATCH", when=faults.nth(1)) as rule,
        pytest.raises(errors.OverloadedError) as caught,
    ):
        caller.execute(text, [first, second])
    assert (caught.value.outcome, caught.value.attempts, rule.seen) == ("unknown", 1, 1)
    rows = caller.execute(f"SELECT n FROM {table} WHERE id IN (?, ?)", [first, second])
    assert rows == [{"n": 2}, {"n": 2}]


async def test_neither_the_event_loop_nor_other_requests_are_held_up(
    through: Any, proxy: FaultProxy, table: str
) -> None:
    statement, key = increment(table), next(keys)
    select = f"SELECT n FROM {table} WHERE id = ?"
    await through.send_async(Request(statement, [0]))
    await through.execute_async(select, [0])
    stalls: list[float] = []
    answered = 0

    async def ask_on() -> None:
        nonlocal answered
        while True:
            before = time.monotonic()
            await through.execute_async(select, [0])
            stalls.append(time.monotonic() - before)
            answered += 1

    with proxy.rules.add(faults.answer(faults.overloaded()), text=statement.cql) as rule:
        asking = asyncio.ensure_future(ask_on())
        sent = [through.send_async(Request(statement, [key])) for _ in range(50)]
        failed = await asyncio.gather(*sent, return_exceptions=True)
        asking.cancel()
    assert {type(each) for each in failed} == {errors.OverloadedError}
    assert {(each.outcome, each.attempts) for each in failed if isinstance(each, errors.OverloadedError)} == {
        ("not_applied", 4)
    }
    assert rule.hits == 200
    assert answered > 20
    # On the event loop the 50 first pauses alone would take 2.5 s; a small machine is slow by itself.
    assert max(stalls) < 1.5
    assert await through.execute_async(select, [key]) == []


@pytest.fixture(scope="module")
def alone(cql_cluster: CqlCluster) -> Iterator[FaultProxy]:
    """A proxy that is all of a cluster."""
    with faults.FaultProxy(cql_cluster) as started:
        yield started


@pytest.mark.every_adapter
@pytest.mark.parametrize(
    ("reply", "times"),
    [(faults.overloaded(), 1), (faults.overloaded(), 3), (faults.is_bootstrapping(), 1), (faults.server_error(), 1)],
)
def test_preparing_is_tried_again_where_a_node_turns_it_away(
    connect: Any, alone: FaultProxy, reply: ErrorReply, times: int
) -> None:
    driver = connect(hosts=alone.hosts, port=alone.port)
    cql = fresh_statement()
    with alone.rules.add(faults.answer(reply), opcode="PREPARE", text=cql, when=faults.first(times)) as rule:
        assert driver.execute(cql, ["local"])
    assert rule.hits == times


@pytest.mark.every_adapter
@pytest.mark.parametrize(
    ("reply", "least", "error"),
    [(faults.overloaded(), 0.3, errors.OverloadedError), (faults.server_error(), 0.0, errors.ServerError)],
)
def test_preparing_is_given_up_where_a_node_goes_on_turning_it_away(
    connect: Any, alone: FaultProxy, reply: ErrorReply, least: float, error: type[errors.DriverError]
) -> None:
    driver = connect(hosts=alone.hosts, port=alone.port)
    cql, began = fresh_statement(), time.monotonic()
    with (
        alone.rules.add(faults.answer(reply), opcode="PREPARE", text=cql) as rule,
        pytest.raises(error) as raised,
    ):
        driver.execute(cql, ["local"])
    assert time.monotonic() - began >= least
    assert rule.hits >= (4 if least else 2)
    assert (raised.value.attempts, raised.value.outcome) == (0, "not_applied")


@pytest.mark.every_adapter
def test_preparing_again_has_what_is_left_of_the_limit(connect: Any, alone: FaultProxy) -> None:
    driver = connect(hosts=alone.hosts, port=alone.port, request_timeout=SHORT)
    cql = fresh_statement()
    late = alone.rules.add(faults.delay_request(0.8 * SHORT), opcode="PREPARE", text=cql, when=faults.first(1))
    refused = faults.answer(faults.overloaded(), delivered=True)
    began = time.monotonic()
    with (
        late,
        alone.rules.add(refused, opcode="PREPARE", text=cql, when=faults.first(1)),
        alone.rules.add(faults.drop_reply(), opcode="PREPARE", text=cql),
        pytest.raises(errors.OperationTimedOutError, match=rf"no answer within {SHORT:g} s") as raised,
    ):
        driver.execute(cql, ["local"])
    assert time.monotonic() - began < 1.6 * SHORT
    assert (raised.value.attempts, raised.value.outcome, raised.value.retryable) == (0, "not_applied", True)
    assert driver.execute(cql, ["local"])
