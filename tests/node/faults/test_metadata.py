"""An answer that is lost while scylladb-rs-driver reads what the cluster tells of itself: changes of the schema end."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import errors, init_coodie, unregister_driver
from coodie_drivers.testing import FaultProxy
from coodie_drivers.testing import proxy as faults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from coodie_drivers.testing.sources import CqlCluster

    Ask = Callable[[str], list[dict[str, object]]]

session_builder: Any = pytest.importorskip("scylla.session_builder", reason="needs scylladb-rs-driver")

pytestmark = [
    pytest.mark.node,
    pytest.mark.adapter,
    pytest.mark.excepted(driver_type="scylla", reason="about the metadata that scylladb-rs-driver reads"),
]

AGREEMENT = 10.0
"""Seconds that a change of the schema has beside its limit."""

QUESTIONS = ["system.peers", "system_schema.columns"]
"""What the library asks for first of the nodes, and of the tables."""

numbers = count(1)


@pytest.fixture
def one(cql_cluster: CqlCluster) -> Iterator[FaultProxy]:
    """A proxy that is all of a cluster, in which what the library asks for passes as it is."""
    with FaultProxy(cql_cluster) as started:
        yield started


def ways(driver: Any) -> dict[str, Callable[..., object]]:
    return {"sync": driver.execute, "async": lambda *given: asyncio.run(driver.execute_async(*given))}


@pytest.mark.parametrize("way", ["sync", "async"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_changes_of_the_schema_do_not_wait_for_the_metadata(
    one: FaultProxy, ask: Ask, cql_module_keyspace: str, question: str, way: str
) -> None:
    driver: Any = init_coodie(hosts=one.hosts, port=one.port, name="metadata", driver_type="rust")
    unregister_driver("metadata")
    tables = [f"read_{next(numbers)}" for _ in range(2)]
    with one.rules.add(faults.drop_reply(), text=question), ThreadPoolExecutor(1) as threads:
        for table in tables:
            cql = f"CREATE TABLE {cql_module_keyspace}.{table} (id int PRIMARY KEY)"
            asked = threads.submit(ways(driver)[way], cql, [], None, 5)
            try:
                assert asked.result(AGREEMENT) == []
            finally:
                if not asked.done():
                    driver.close(timeout=0)
    driver.close(timeout=0)
    there = ask(f"SELECT table_name FROM system_schema.tables WHERE keyspace_name = '{cql_module_keyspace}'")
    assert set(tables) <= {str(row["table_name"]) for row in there}


@pytest.mark.long
def test_a_session_of_ones_own_that_waits_for_them_is_waited_for_no_longer_than_said(
    one: FaultProxy, ask: Ask, cql_module_keyspace: str
) -> None:
    points = [(host, one.port) for host in one.hosts]
    driver: Any = init_coodie(session=session_builder.SessionBuilder().contact_points(points).connect().result())
    unregister_driver("default")
    began, limit = time.monotonic(), 0.5

    def failed(way: str, table: str) -> errors.OperationTimedOutError:
        with pytest.raises(errors.OperationTimedOutError) as raised:
            ways(driver)[way](f"CREATE TABLE {cql_module_keyspace}.{table} (id int PRIMARY KEY)", [], None, limit)
        return raised.value

    with one.rules.add(faults.drop_reply(), text="system.peers"), ThreadPoolExecutor(2) as threads:
        tables = {"sync": f"read_{next(numbers)}", "async": f"read_{next(numbers)}"}
        asked = [threads.submit(partial(failed, way, table)) for way, table in tables.items()]
        told = [each.result(2 * AGREEMENT) for each in asked]
        assert limit + AGREEMENT <= time.monotonic() - began
    assert [(error.outcome, error.attempts) for error in told] == [("unknown", 1)] * 2
    there = ask(f"SELECT table_name FROM system_schema.tables WHERE keyspace_name = '{cql_module_keyspace}'")
    assert set(tables.values()) <= {str(row["table_name"]) for row in there}
