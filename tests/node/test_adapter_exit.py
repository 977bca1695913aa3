"""A program that is done leaves at once, whether it closed its driver or forgot to."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from coodie_drivers.testing import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter]

PROGRAM = """
import sys, time
from coodie_drivers import init_coodie
driver = init_coodie(hosts=[sys.argv[1]], port=int(sys.argv[2]), driver_type=sys.argv[4])
driver.execute("SELECT release_version FROM system.local", [])
if sys.argv[3] == "closes":
    driver.close()
print(time.time())
"""


@pytest.mark.parametrize("ending", ["closes", "forgets"])
def test_a_program_that_is_done_leaves_at_once(ending: str, cql_cluster: CqlCluster, driver_type: str) -> None:
    # The library's own exit handler waited five seconds in about every second run.
    for _ in range(4):
        command = [sys.executable, "-c", PROGRAM, cql_cluster.hosts[0], str(cql_cluster.port), ending, driver_type]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert time.time() - float(done.stdout) < 4
        assert done.stderr == ""
