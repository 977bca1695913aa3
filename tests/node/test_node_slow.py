"""Three nodes of which one stands still: reads go on as fast as the others are, where a second node may be asked."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.node.speculating import policy_of

from coodie_drivers import Request, Statement, errors, init_coodie, unregister_driver
from coodie_drivers.testing import LocalCluster
from coodie_drivers.testing.probe import Probe
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.node, pytest.mark.every_adapter, pytest.mark.usefixtures("local_node"), pytest.mark.long]

SCHEMA = (
    "CREATE KEYSPACE slow WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}",
    "CREATE TABLE slow.notes (id int PRIMARY KEY, note text)",
)
READ = Statement("SELECT note FROM slow.notes WHERE id = ?", StatementKind.SELECT, idempotent=True)
ROWS, READS, ABREAST = 300, 3_000, 8
SOON, TIMEOUT = 0.05, 2.0
"""Seconds after which another node is asked as well, and after which a read is given up."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """Three nodes that all have all rows."""
    with LocalCluster(nodes=3) as started:
        with Probe(started.hosts[0], started.port) as probe:
            for statement in SCHEMA:
                probe.execute(statement)
                probe.agree()
            for key in range(ROWS):
                probe.execute(f"INSERT INTO slow.notes (id, note) VALUES ({key}, 'note {key}')")
        yield started


async def longest_of_most(driver: Any) -> tuple[float, int]:
    """Read many rows; return the seconds that 99 % of the reads keep below, and how many failed."""
    keys, taken, failed = iter(range(READS)), list[float](), 0

    async def read() -> None:
        nonlocal failed
        for key in keys:
            began = time.monotonic()
            try:
                reply = await driver.send_async(Request(READ, [key % ROWS], timeout=TIMEOUT))
                assert list(reply.rows) == [(f"note {key % ROWS}",)]
            except errors.DriverError:
                failed += 1
            taken.append(time.monotonic() - began)

    await asyncio.gather(*[read() for _ in range(ABREAST)])
    return sorted(taken)[READS * 99 // 100], failed


@pytest.mark.timeout(1_200)
async def test_reads_go_on_beside_a_node_that_stands_still(
    cluster: LocalCluster, driver_type: str, note: Callable[..., None]
) -> None:
    found: dict[str, tuple[float, int]] = {}
    for name, options in {
        "without": {},
        "with": {"speculative_execution_policy": policy_of(driver_type, SOON)},
    }.items():
        given: dict[str, Any] = {"hosts": cluster.hosts, "port": cluster.port, "driver_type": driver_type, **options}
        driver: Any = init_coodie(**given, name=name)
        unregister_driver(name)
        try:
            calm, _ = await longest_of_most(driver)
            cluster.pause(1)
            found[name] = await longest_of_most(driver)
            note(speculative=name, calm=calm, one_still=found[name])
        finally:
            cluster.resume(1)
            await driver.close_async(timeout=0)
            await asyncio.sleep(2.0)  # for the nodes to see each other again
    assert found["without"][0] >= TIMEOUT / 2
    assert found["with"][0] < TIMEOUT / 4
    assert found["with"][1] == 0
