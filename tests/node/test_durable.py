"""A durable node is found again as it was left: after a stop, after a crash, from another process."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from coodie_drivers.testing import LocalCluster
from coodie_drivers.testing.cache import durable_place
from coodie_drivers.testing.local.entries import running_clusters
from coodie_drivers.testing.probe import Probe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.node, pytest.mark.usefixtures("local_node")]


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


PORT = free_port()
TABLE = (
    "CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
    "CREATE TABLE k.t (id int PRIMARY KEY)",
)

# A process that has a durable cluster until it is killed.
OWNER = """
import sys, time
from coodie_drivers.testing import LocalCluster
cluster = LocalCluster(durable=True, directory=sys.argv[1]).start()
print(cluster.hosts[0], cluster.port, flush=True)
time.sleep(60)
"""


@pytest.fixture
def served() -> Iterator[Path]:
    """The folder of a durable node that the command line serves; the node and the folder go at the end."""
    place = durable_place(f"5.0.9-127.0.0.1-{PORT}")
    shutil.rmtree(place, ignore_errors=True)
    yield place
    node("stop")
    shutil.rmtree(place, ignore_errors=True)


def node(command: str, *options: str) -> subprocess.CompletedProcess[str]:
    full = [sys.executable, "-m", "coodie_drivers.testing", command, "--port", str(PORT), *options]
    return subprocess.run(full, capture_output=True, text=True, check=False)


def started() -> None:
    ended = node("start", "--durable")
    assert (ended.returncode, ended.stdout) == (0, f"127.0.0.1:{PORT}\n"), ended.stderr


def ask(host: str, port: int, *statements: str) -> list[dict[str, object]]:
    """Run statements in turn; gives the rows of the last one."""
    with Probe(host, port) as probe:
        return [probe.rows(statement) for statement in statements][-1]


def written(host: str, port: int, number: int) -> list[int]:
    """What is in the table once this number is, too."""
    rows = ask(host, port, f"INSERT INTO k.t (id) VALUES ({number})", "SELECT id FROM k.t")
    return sorted(int(str(row["id"])) for row in rows)


def nodes_in(place: Path) -> list[int]:
    """The processes of Java that work there."""
    listed = subprocess.run(["ps", "-ww", "-eo", "pid=,command="], capture_output=True, text=True, check=True)
    return [int(line.split()[0]) for line in listed.stdout.splitlines() if f"-Dcassandra.storagedir={place} " in line]


def kill_node(place: Path) -> None:
    """Kill the node that works there, as a crash would, and wait until it is gone."""
    (process,) = nodes_in(place)
    os.kill(process, signal.SIGKILL)
    wait_for(lambda: not is_held(place))


def is_held(place: Path) -> bool:
    """Whether a node, or the supervisor that has yet to notice its end, has the folder."""
    return any(running.home == place for running in running_clusters())


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_a_durable_node_of_the_command_line_comes_back_with_its_data(served: Path) -> None:
    started()
    ask("127.0.0.1", PORT, *TABLE)
    assert written("127.0.0.1", PORT, 1) == [1]
    assert node("stop").returncode == 0
    started()
    assert written("127.0.0.1", PORT, 2) == [1, 2]
    kill_node(served)
    # What it says last is not lost, neither now nor after somebody has looked.
    for _ in range(2):
        log = node("logs")
        assert (log.returncode, "Starting listening for CQL clients" in log.stdout) == (0, True)
        assert "no node runs there any more, and nobody stopped it" in log.stderr
    started()
    assert written("127.0.0.1", PORT, 3) == [1, 2, 3]
    assert node("logs").stderr == ""
    node("stop")
    assert "no node is served" in node("logs").stderr


def test_a_directory_brings_the_data_back_to_the_next_cluster(tmp_path: Path) -> None:
    place = tmp_path / "kept here"
    with LocalCluster(durable=True, directory=place) as first:
        ask(first.hosts[0], first.port, *TABLE)
        assert written(first.hosts[0], first.port, 1) == [1]
    with LocalCluster(durable=True, directory=place) as second:
        assert written(second.hosts[0], second.port, 2) == [1, 2]


def test_a_directory_brings_the_data_of_a_killed_process_back(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", OWNER, tmp_path], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        host, port = owner.stdout.readline().split()
        ask(host, int(port), *TABLE)
        assert written(host, int(port), 1) == [1]
        for process in (owner.pid, *nodes_in(tmp_path)):
            os.kill(process, signal.SIGKILL)
    wait_for(lambda: not is_held(tmp_path))
    with LocalCluster(durable=True, directory=tmp_path) as again:
        assert written(again.hosts[0], again.port, 2) == [1, 2]


@pytest.mark.long
def test_without_a_directory_the_next_cluster_is_empty() -> None:
    for _ in range(2):
        with LocalCluster(durable=True) as cluster:
            # Refused where the keyspace is there already.
            ask(cluster.hosts[0], cluster.port, *TABLE)
            place = cluster.directory
        assert not place.exists()
