"""A node that stands still: requests go on being made, and the event loop goes on running."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import init_coodie_async, unregister_driver
from coodie_drivers.errors import OperationTimedOutError
from coodie_drivers.testing import LocalCluster
from coodie_drivers.testing.errors import SourceMissingError

if TYPE_CHECKING:
    from collections.abc import Iterator

cluster: Any = pytest.importorskip("cassandra.cluster", reason="needs scylla-driver or cassandra-driver")

pytestmark = [
    pytest.mark.node,
    pytest.mark.adapter,
    pytest.mark.timed,
    pytest.mark.excepted(driver_type="rust", reason="its library blocks nobody when a connection is full: it refuses"),
]

STALL = 1.0
"""Seconds that the loop may be kept: half of what the library would wait for each single request."""

STMT = "SELECT key FROM system.local WHERE key = ?"


@pytest.fixture(scope="module")
def own_cluster() -> Iterator[LocalCluster]:
    """A node of the module's own, for nobody else must find it standing still."""
    from coodie_drivers.testing.local.installation import check_installation  # noqa: PLC0415 - asked when needed

    try:
        check_installation("5.0")
    except SourceMissingError as error:
        pytest.skip(f"no Cassandra node: {error}")
    with LocalCluster() as started:
        yield started


def process_of(node: LocalCluster) -> int:
    listed = subprocess.run(["ps", "-ww", "-eo", "pid=,command="], capture_output=True, text=True, check=True).stdout
    (line,) = [line for line in listed.splitlines() if f"-Dcassandra.storagedir={node.directory}" in line]
    return int(line.split()[0])


async def test_a_node_that_stands_still_does_not_keep_the_event_loop(own_cluster: LocalCluster) -> None:
    small = type("Small", (cluster.Cluster.connection_class,), {"max_in_flight": 64})
    driver: Any = await init_coodie_async(
        hosts=own_cluster.hosts, port=own_cluster.port, name="stalled", connection_class=small
    )
    unregister_driver("stalled")
    await driver.execute_async(STMT, ["local"])
    node = process_of(own_cluster)
    os.kill(node, signal.SIGSTOP)
    try:
        asked = [asyncio.create_task(driver.execute_async(STMT, ["local"], None, 60)) for _ in range(70)]
        began = time.perf_counter()
        await asyncio.sleep(0)  # now all of them have been made, or wait for their turn
        with pytest.raises(OperationTimedOutError) as refused:
            await driver.execute_async(STMT, ["local"], None, 0.1)
        assert time.perf_counter() - began < STALL
        assert (refused.value.outcome, refused.value.attempts) == ("not_applied", 0)
        assert not any(task.done() for task in asked)
    finally:
        os.kill(node, signal.SIGCONT)
    assert await asyncio.gather(*asked) == [[{"key": "local"}]] * 70
    await driver.close_async()
