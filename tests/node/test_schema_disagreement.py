"""A node that stands still, or is gone, while the schema is changed: whoever changed it is told the truth."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import Request, TableRequest, errors, init_coodie, statement_of, unregister_driver
from coodie_drivers.operations import adrive, drive
from coodie_drivers.tables import sync_table
from coodie_drivers.testing import LocalCluster
from coodie_drivers.testing.probe import Probe
from cql_builder.analysis import StatementKind
from cql_builder.schema import ColumnDefinition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coodie_drivers.operations import Op

pytestmark = [pytest.mark.node, pytest.mark.every_adapter, pytest.mark.usefixtures("local_node"), pytest.mark.long]

WAITS = {
    "scylla": ("max_schema_agreement_wait", 1),
    "cassandra": ("max_schema_agreement_wait", 1),
    "acsylla": ("max_schema_wait_time_ms", 1_000),
    "rust": ("schema_agreement_timeout", 1),
}
"""Each library's own option for how long the nodes may take to agree, and a second in its unit."""

ID, NAME = ColumnDefinition("id", "int", primary_key=True), ColumnDefinition("name", "text")
KEYSPACE = "CREATE KEYSPACE disagreed WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"
STILL = 2
"""The node that stands still, or is gone."""

numbers = count()


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """Three nodes."""
    with LocalCluster(nodes=3, durable=True) as started:
        change(started, KEYSPACE)
        yield started


def change(cluster: LocalCluster, cql: str | None = None) -> None:
    """Change the schema, or nothing, and wait until all nodes have the same."""
    with Probe(cluster.hosts[0], cluster.port) as probe:
        if cql is not None:
            probe.execute(cql)
        probe.agree()


@pytest.fixture(params=[1.0])
def driver(cluster: LocalCluster, driver_type: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A driver that gives the nodes a second to agree, or as many as a test says."""
    option, second = WAITS[driver_type]
    arguments: dict[str, Any] = {"request_timeout": 1.0 + request.param, option: request.param * second}
    arguments |= {"driver_type": driver_type, "name": "disagreeing"}
    opened: Any = init_coodie(hosts=cluster.hosts, port=cluster.port, **arguments)
    yield opened
    unregister_driver("disagreeing")
    opened.close(timeout=0)


def created(_: LocalCluster) -> Op[object]:
    return (yield Request(statement_of(f"CREATE TABLE disagreed.t{next(numbers)} (id int PRIMARY KEY)"), []))


def altered(cluster: LocalCluster) -> Op[object]:
    table = f"t{next(numbers)}"
    change(cluster, f"CREATE TABLE disagreed.{table} (id int PRIMARY KEY)")
    return sync_table(TableRequest(table, "disagreed", [ID, NAME]))


def while_one_stands_still(cluster: LocalCluster, operation: Op[object]) -> Op[object]:
    """Have a node stand still whenever the operation changes the schema, and only then."""
    asked = next(operation)
    while True:
        changes = isinstance(asked, Request) and asked.statement.kind is StatementKind.SCHEMA
        if changes:
            cluster.pause(STILL)
        try:
            reply = yield asked
        finally:
            if changes:
                cluster.resume(STILL)
                change(cluster)
        try:
            asked = operation.send(reply)
        except StopIteration as finished:
            return finished.value


@pytest.mark.parametrize("changing", [created, altered])
@pytest.mark.parametrize("way", ["sync", "async"])
def test_nodes_that_do_not_agree_in_time_are_told(cluster: LocalCluster, driver: Any, way: str, changing: Any) -> None:
    for attempt in range(8):
        for _ in range(attempt):  # so that the nodes' turns do not come round with the attempts
            driver.execute("SELECT key FROM system.local", [])
        operation = while_one_stands_still(cluster, changing(cluster))
        try:
            asyncio.run(adrive(operation, driver)) if way == "async" else drive(operation, driver)
        except errors.OperationTimedOutError:
            continue  # the node that stands still was to coordinate it
        except errors.SchemaDisagreementError as told:
            facts = (told.outcome, told.retryable, told.statement_kind)
            assert facts == ("unknown", False, StatementKind.SCHEMA)
            return
        pytest.fail("it was said to be done")
    pytest.fail("only the node that stands still was asked")


@pytest.mark.parametrize("driver", [10.0], indirect=True)
def test_a_node_that_is_down_is_not_waited_for(cluster: LocalCluster, driver: Any) -> None:
    cluster.kill(STILL)
    try:
        assert len(driver.sync_table(f"t{next(numbers)}", "disagreed", [ID, NAME])) == 1
    finally:
        cluster.restart(STILL)
        change(cluster)
