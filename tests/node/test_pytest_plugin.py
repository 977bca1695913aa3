"""The pytest plugin in a project of its own, with a real node: one for the run, a keyspace for each test."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from coodie_drivers.testing.probe import Probe

if TYPE_CHECKING:
    from pathlib import Path

    from coodie_drivers.testing import CqlCluster

pytestmark = pytest.mark.node

TESTS = """
import pytest
from coodie_drivers.testing.probe import Probe

@pytest.mark.parametrize("n", range(3))
def test_it(cql_cluster, cql_keyspace, n):
    with Probe(cql_cluster.hosts[0], cql_cluster.port) as probe:
        probe.execute(f"CREATE TABLE {cql_keyspace}.t (id int PRIMARY KEY)")
        probe.execute(f"INSERT INTO {cql_keyspace}.t (id) VALUES ({n})")
        assert probe.rows(f"SELECT id FROM {cql_keyspace}.t") == [{"id": n}]
        print("at", cql_cluster.hosts[0], cql_cluster.port)
"""
WAITING_TEST = """
import time
def test_it(cql_cluster):
    with open("address", "w") as address:
        print(cql_cluster.hosts[0], cql_cluster.port, file=address)
    time.sleep(60)
"""


def environment() -> dict[str, str]:
    # What the run around this one tells its own workers, and where it works, is not for this one.
    return {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "COODIE_TEST_HOSTS"))}


def command(project: Path, tests: str, *options: str) -> list[str]:
    (project / "test_it.py").write_text(tests, encoding="utf-8")
    (project / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n", encoding="utf-8")
    return [sys.executable, "-m", "pytest", "-rP", "-p", "no:cacheprovider", f"--basetemp={project}/temp", *options]


def no_longer_answers(host: str, port: int) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            Probe(host, port).close()
        except OSError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.usefixtures("cql_cluster")
@pytest.mark.parametrize("workers", [(), ("-n", "2", "--dist", "each")])
def test_one_node_for_the_run_and_nothing_after_it(tmp_path: Path, workers: tuple[str, ...]) -> None:
    ended = subprocess.run(
        command(tmp_path, TESTS, *workers),
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"{6 if workers else 3} passed" in ended.stdout
    addresses = set(re.findall(r"^at (\S+) (\d+)$", ended.stdout, re.MULTILINE))
    assert len(addresses) == 1
    host, port = addresses.pop()
    assert f"Cassandra 5.0.9 at {host}, port {port}: " in ended.stdout
    assert no_longer_answers(host, int(port))


@pytest.mark.usefixtures("cql_cluster")
def test_the_node_of_a_killed_run_ends(tmp_path: Path) -> None:
    running = subprocess.Popen(
        command(tmp_path, WAITING_TEST, "-n", "1"),
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = tmp_path / "address"
    deadline = time.monotonic() + 60
    while not (address.exists() and address.read_text(encoding="utf-8").endswith("\n")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    host, port = address.read_text(encoding="utf-8").split()
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert no_longer_answers(host, int(port))


def test_a_keyspace_is_fresh_and_cheap(cql_cluster: CqlCluster, cql_keyspace: str, cql_module_keyspace: str) -> None:
    with Probe(cql_cluster.hosts[0], cql_cluster.port) as probe:
        rows = probe.rows("SELECT keyspace_name FROM system_schema.keyspaces")
        tables = probe.rows(f"SELECT table_name FROM system_schema.tables WHERE keyspace_name = '{cql_keyspace}'")
    assert {cql_keyspace, cql_module_keyspace} <= {row["keyspace_name"] for row in rows}
    assert tables == []
