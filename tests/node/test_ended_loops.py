"""Event loops that end in several threads before the answers to what was asked in them."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from coodie_drivers.testing import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.timed]

PROGRAM = """
import asyncio, random, sys, threading
from coodie_drivers import init_coodie

driver = init_coodie(hosts=[sys.argv[1]], port=int(sys.argv[2]), driver_type=sys.argv[3])
text = "SELECT key FROM system.local WHERE key = ?"
driver.execute(text, ["local"])

def end_loops():
    for _ in range(200):
        loop = asyncio.new_event_loop()
        tasks = [loop.create_task(driver.execute_async(text, ["local"])) for _ in range(10)]
        loop.run_until_complete(asyncio.sleep(random.choice((0, 0.0005, 0.001))))
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.close()

threads = [threading.Thread(target=end_loops, daemon=True) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(driver.execute(text, ["local"]))
driver.close()
"""


def test_loops_that_end_before_their_answers_stop_no_thread(cql_cluster: CqlCluster, driver_type: str) -> None:
    # Every second run of these stopped all threads for good, over scylladb-rs-driver.
    command = [sys.executable, "-c", PROGRAM, cql_cluster.hosts[0], str(cql_cluster.port), driver_type]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert (done.stdout, done.stderr) == ("[{'key': 'local'}]\n", "")
