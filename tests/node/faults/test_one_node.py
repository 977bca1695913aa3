"""A cluster of one node: the next node is the same one again, whatever the client library."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import Request, Statement, errors, init_coodie, unregister_driver
from coodie_drivers.testing import FaultProxy
from coodie_drivers.testing import proxy as faults
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter]

CQL = "SELECT cluster_name, key FROM system.local WHERE key = ?"
numbers = count(1)


@pytest.fixture(scope="module")
def one(cql_cluster: CqlCluster) -> Iterator[FaultProxy]:
    """A proxy that is all of a cluster."""
    with FaultProxy(cql_cluster) as started:
        yield started


@pytest.fixture
def driver(one: FaultProxy, driver_type: str) -> Iterator[Any]:
    """A driver of the test's own, which has prepared the statement."""
    name = f"one-node-{next(numbers)}"
    connected: Any = init_coodie(hosts=one.hosts, port=one.port, name=name, driver_type=driver_type)
    unregister_driver(name)
    connected.execute(CQL, ["local"])
    yield connected
    connected.close(timeout=0)


FAULTS = {
    "bootstrapping": faults.answer(faults.is_bootstrapping()),
    "cut after": faults.cut_after(),
    "cut before": faults.cut_before(),
    "overloaded": faults.answer(faults.overloaded()),
    "server error": faults.answer(faults.server_error()),
    "unavailable": faults.answer(faults.unavailable()),
}


@pytest.mark.parametrize("way", ["sync", "async"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_read_is_sent_to_the_only_node_again(
    one: FaultProxy, driver: Any, driver_type: str, fault: str, way: str
) -> None:
    if driver_type == "scylla" and fault.startswith("cut"):
        pytest.skip("scylla: the library does not wait for another connection to the node")
    with one.rules.add(FAULTS[fault], opcode="EXECUTE", text=CQL, when=faults.first(1)) as rule:
        rows = driver.execute(CQL, ["local"]) if way == "sync" else asyncio.run(driver.execute_async(CQL, ["local"]))
    assert [row["key"] for row in rows] == ["local"]
    assert rule.seen == 2


@pytest.mark.parametrize("fault", ["bootstrapping", "server error", "unavailable"])
def test_it_is_not_sent_there_for_ever(one: FaultProxy, driver: Any, fault: str) -> None:
    raises: dict[str, type[errors.DriverError]] = {
        "bootstrapping": errors.ClusterUnavailableError,
        "server error": errors.ServerError,
        "unavailable": errors.UnavailableError,
    }
    with one.rules.add(FAULTS[fault], opcode="EXECUTE", text=CQL) as rule, pytest.raises(raises[fault]) as raised:
        driver.execute(CQL, ["local"])
    assert (raised.value.outcome, raised.value.retryable, raised.value.attempts) == ("not_applied", True, 2)
    assert rule.hits == 2


@pytest.mark.parametrize("opcode", ["EXECUTE", "QUERY", "PREPARE"])
def test_a_node_that_is_starting_is_told_by_its_address(one: FaultProxy, driver: Any, opcode: str) -> None:
    stmt, params = {
        "EXECUTE": (CQL, ["local"]),
        "QUERY": ("SELECT key FROM system.local", list[str]()),
        "PREPARE": (f"SELECT key AS k{next(numbers)} FROM system.local WHERE key = ?", ["local"]),
    }[opcode]
    starting = one.rules.add(FAULTS["bootstrapping"], opcode=opcode, text=stmt)
    with starting, pytest.raises(errors.ClusterUnavailableError, match=r"starting|bootstrapping") as raised:
        driver.execute(stmt, params)
    assert list(raised.value.reasons) == [f"{one.hosts[0]}:{one.port}"]
    assert (raised.value.outcome, raised.value.retryable) == ("not_applied", True)
    assert raised.value.attempts == (0 if opcode == "PREPARE" else 2)


@pytest.mark.parametrize("way", ["sync", "async"])
@pytest.mark.parametrize("fault", ["bootstrapping", "overloaded"])
def test_a_text_is_prepared_on_the_only_node_again(one: FaultProxy, driver: Any, fault: str, way: str) -> None:
    cql = f"SELECT key AS k{next(numbers)} FROM system.local WHERE key = ?"
    with one.rules.add(FAULTS[fault], opcode="PREPARE", text=cql, when=faults.first(1)) as rule:
        rows = driver.execute(cql, ["local"]) if way == "sync" else asyncio.run(driver.execute_async(cql, ["local"]))
    assert [list(row.values()) for row in rows] == [["local"]]
    assert rule.seen == 2


def test_it_is_not_prepared_there_for_ever(one: FaultProxy, driver: Any, driver_type: str) -> None:
    cql = f"SELECT key AS k{next(numbers)} FROM system.local WHERE key = ?"
    with (
        one.rules.add(FAULTS["overloaded"], opcode="PREPARE", text=cql) as rule,
        pytest.raises(errors.DriverError) as raised,
    ):
        driver.execute(cql, ["local"])
    at_most = 8 if driver_type == "rust" else 4  # its library asks each node twice, at once
    assert (raised.value.outcome, raised.value.attempts, rule.hits <= at_most) == ("not_applied", 0, True)


@pytest.mark.parametrize("reply", [faults.is_bootstrapping(), faults.overloaded(), faults.server_error()])
def test_what_a_node_says_to_those_who_connect_is_told(
    one: FaultProxy, driver_type: str, reply: faults.ErrorReply
) -> None:
    with (
        one.rules.add(faults.answer(reply), opcode="STARTUP"),
        pytest.raises(errors.ClusterUnavailableError) as raised,
    ):
        init_coodie(hosts=one.hosts, port=one.port, name="starting", driver_type=driver_type)
    (told,) = raised.value.reasons.items()
    assert told == (f"{one.hosts[0]}:{one.port}", reply.message)


@pytest.mark.parametrize("fault", ["cut after", "server error"])
def test_what_may_not_be_sent_again_is_sent_once(one: FaultProxy, driver: Any, fault: str) -> None:
    once = Request(Statement(CQL, StatementKind.UPDATE, idempotent=False), ["local"])
    with one.rules.add(FAULTS[fault], opcode="EXECUTE", text=CQL) as rule, pytest.raises(errors.DriverError) as raised:
        driver.send(once)
    assert (raised.value.outcome, raised.value.retryable, rule.hits) == ("unknown", False, 1)
