"""The first connection of a process: importing the client library must not keep the event loop either."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("cassandra", reason="needs scylla-driver or cassandra-driver")

pytestmark = [pytest.mark.adapter, pytest.mark.timed]

STALL = 0.05
"""Seconds that the loop may be kept; importing on it takes twice as many on a machine that does nothing else."""

# Connects where nothing listens, and says how long the event loop was kept from running anything else, at the longest.
FIRST = """
import asyncio, sys, time
from coodie_drivers import init_coodie_async
from coodie_drivers.errors import ClusterUnavailableError


async def connect():
    try:
        driver = await init_coodie_async(hosts=["127.0.0.1:1"], lazy="lazy" in sys.argv)
        await driver.execute_async("SELECT key FROM system.local", [])
    except ClusterUnavailableError:
        return
    raise SystemExit("something listens on port 1")


async def measure():
    longest, last = 0.0, time.perf_counter()
    connecting = asyncio.ensure_future(connect())
    while not connecting.done():
        await asyncio.sleep(0.001)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    await connecting
    print(longest)


asyncio.run(measure())
"""


def stall_of_first(how: str) -> float:
    command = [sys.executable, "-W", "error", "-c", FIRST, how]
    return float(subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout)


@pytest.mark.parametrize("how", ["at once", "lazy"])
def test_the_first_connection_of_a_process_leaves_the_event_loop_free(how: str) -> None:
    # The least of some processes, for on a busy machine anything may be kept from running for a while.
    found = stall_of_first(how)
    for _ in range(4):
        if found >= STALL:
            found = min(found, stall_of_first(how))
    assert found < STALL
