"""Speculative execution: it answers a read beside a slow node, and sends nothing twice that may not be."""

from __future__ import annotations

import time
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from tests.node.speculating import policy_of

from coodie_drivers import Request, Statement
from coodie_drivers.testing import proxy as faults
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from coodie_drivers.testing.proxy import FaultProxy

    Ask = Callable[[str], list[dict[str, object]]]

pytestmark = [
    pytest.mark.node,
    pytest.mark.adapter,
    pytest.mark.every_adapter,
    pytest.mark.usefixtures("calm"),
]

keys = count(2)

SLOW, SOON = 0.8, 0.1
"""Seconds after which the slow node answers, and after which the other one is asked as well."""


@pytest.fixture(scope="module")
def table(ask: Ask, cql_module_keyspace: str) -> str:
    """A table of counters, for which each execution shows."""
    name = f"{cql_module_keyspace}.counters"
    ask(f"CREATE TABLE {name} (id int PRIMARY KEY, n counter)")
    return name


@pytest.fixture(scope="module", params=["without", "with"])
def speculating(
    connect: Callable[..., Any], proxy: FaultProxy, driver_type: str, request: pytest.FixtureRequest
) -> Iterator[tuple[Any, bool]]:
    """A driver that reaches both nodes, and whether it may ask both."""
    asks_both = request.param == "with"
    options = {"speculative_execution_policy": policy_of(driver_type, SOON)} if asks_both else {}
    proxy.traffic.clear()
    driver, deadline = connect(**options), time.monotonic() + 5
    while len(proxy.traffic.replies("READY")) < 3 and time.monotonic() < deadline:
        time.sleep(0.005)
    yield driver, asks_both
    driver.close(timeout=0)


def longest_of(driver: Any, proxy: FaultProxy, statement: Statement, host: str) -> float:
    """How long a request takes at most while one of the nodes is slow; some are asked of each."""
    driver.send(Request(statement, [1]))
    longest = 0.0
    with proxy.rules.add(faults.delay_reply(SLOW), host=host, text="counters", opcode="EXECUTE"):
        for _ in range(4):
            began = time.monotonic()
            driver.send(Request(statement, [1], timeout=5.0))
            longest = max(longest, time.monotonic() - began)
    return longest


@pytest.mark.shows("connect: speculative_execution_policy")
def test_a_read_does_not_wait_for_a_slow_node(speculating: tuple[Any, bool], proxy: FaultProxy, table: str) -> None:
    driver, asks_both = speculating
    read = Statement(f"SELECT n FROM {table} WHERE id = ?", StatementKind.SELECT, idempotent=True)
    longest = max(longest_of(driver, proxy, read, host) for host in proxy.hosts)
    assert (longest < SLOW) == asks_both


def test_an_increment_waits_and_is_applied_once(
    speculating: tuple[Any, bool], proxy: FaultProxy, ask: Ask, table: str
) -> None:
    driver, _ = speculating
    key = next(keys)
    increment = Statement(f"UPDATE {table} SET n = n + 1 WHERE id = ?", StatementKind.UPDATE, idempotent=False)
    driver.send(Request(increment, [key]))
    with proxy.rules.add(faults.delay_reply(SLOW), text="counters", opcode="EXECUTE") as slow:
        driver.send(Request(increment, [key], timeout=5.0))
        assert slow.hits == 1
    assert ask(f"SELECT n FROM {table} WHERE id = {key}") == [{"n": 2}]
