"""Hosts that are slow to answer, or all down for a while: apart, for the connections of all clients are cut."""

from __future__ import annotations

import time
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import Request, Statement, errors
from coodie_drivers.testing import proxy as faults
from coodie_drivers.testing.conformance.statements import fresh_statement
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.proxy import FaultProxy

    Ask = Callable[[str], list[dict[str, object]]]

pytestmark = [pytest.mark.node, pytest.mark.adapter]

LONG = 30.0
keys = count(1)


@pytest.fixture(scope="module")
def table(ask: Ask, cql_module_keyspace: str) -> str:
    """A table of counters, which show each execution."""
    name = f"{cql_module_keyspace}.counters"
    ask(f"CREATE TABLE {name} (id int PRIMARY KEY, n counter)")
    return name


@pytest.mark.every_adapter
def test_hosts_that_all_refuse_are_named_and_used_again_when_they_return(
    breaking: Any, proxy: FaultProxy, table: str
) -> None:
    key = next(keys)
    cql = f"UPDATE {table} SET n = n + 1 WHERE id = ?"
    statement = Statement(cql, StatementKind.UPDATE, idempotent=False)
    breaking.send(Request(statement, [0]))
    proxy.refuse_connections()
    proxy.cut_connections()
    deadline = time.monotonic() + LONG
    while True:  # until the client has noticed, a request may still leave and its connection break
        with pytest.raises(errors.DriverError) as raised:
            breaking.send(Request(statement, [key]))
        assert raised.value.outcome == ("unknown" if raised.value.attempts else "not_applied")
        if isinstance(raised.value, errors.ClusterUnavailableError) and not raised.value.attempts:
            break
        assert time.monotonic() < deadline
    assert raised.value.retryable
    assert set(raised.value.reasons) == {f"{host}:{proxy.port}" for host in proxy.hosts}
    assert all(raised.value.reasons.values())
    with pytest.raises(errors.ClusterUnavailableError) as unprepared:
        breaking.execute(fresh_statement(), ["local"])
    assert unprepared.value.reasons.keys() == raised.value.reasons.keys()
    proxy.accept_connections()
    outcomes: set[str] = set()
    while True:
        try:
            breaking.send(Request(statement, [key]))
            break
        except errors.DriverError as error:
            outcomes.add(error.outcome)
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert outcomes <= {"not_applied"}
    assert breaking.execute(f"SELECT n FROM {table} WHERE id = ?", [key]) == [{"n": 1}]


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.3])
def test_hosts_that_agree_on_an_older_version_do_not_overtake_each_other(
    connect: Callable[..., Any], proxy: FaultProxy, delay: float
) -> None:
    # The proxies speak version 4 alone; clients begin with a newer one.
    with proxy.rules.add(faults.delay_reply(delay), opcode="STARTUP"):
        driver = connect(lazy=False)
    assert len(driver.execute("SELECT key FROM system.local", [])) == 1
