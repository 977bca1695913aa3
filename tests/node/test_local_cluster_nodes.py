"""A cluster of several real nodes: they know each other, can be killed, paused and restarted, and go with the owner."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coodie_drivers.errors import ConfigurationError
from coodie_drivers.testing import LocalCluster
from coodie_drivers.testing.errors import NodeError
from coodie_drivers.testing.frames import ALL
from coodie_drivers.testing.probe import Probe

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.node, pytest.mark.usefixtures("local_node")]

KEYSPACE = "CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}"

# A process that has two nodes, one of them paused, until it is killed.
OWNER = """
import json, time
from coodie_drivers.testing import LocalCluster
cluster = LocalCluster(nodes=2).start()
cluster.pause(1)
print(json.dumps(str(cluster.directory.parent)), flush=True)
time.sleep(60)
"""


def changed(cluster: LocalCluster, n: int, *statements: str) -> None:
    """Change the schema through one node, and wait until all have it."""
    with Probe(cluster.hosts[n], cluster.port) as probe:
        for statement in statements:
            probe.execute(statement)
            probe.agree()


def written(cluster: LocalCluster, n: int, number: int, consistency: int = ALL) -> None:
    with Probe(cluster.hosts[n], cluster.port) as probe:
        probe.rows(f"INSERT INTO k.t (id) VALUES ({number})", consistency)


def numbers(cluster: LocalCluster, n: int) -> list[int]:
    """What one node has by itself: it is the nearest replica of every row."""
    with Probe(cluster.hosts[n], cluster.port) as probe:
        return sorted(int(str(row["id"])) for row in probe.rows("SELECT id FROM k.t"))


def answers(cluster: LocalCluster, n: int) -> bool:
    with contextlib.suppress(OSError), Probe(cluster.hosts[n], cluster.port, timeout=1.0):
        return True
    return False


def processes_of(place: str) -> list[str]:
    """The command lines in which this place occurs: those of nodes and their supervisors."""
    listed = subprocess.run(["ps", "-ww", "-eo", "command="], capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if place in line]


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_three_nodes_are_killed_paused_and_restarted_and_nothing_acknowledged_is_lost() -> None:
    with LocalCluster(nodes=3, durable=True) as cluster:
        assert len(cluster.hosts) == 3
        changed(cluster, 0, KEYSPACE, "CREATE TABLE k.t (id int PRIMARY KEY)")
        written(cluster, 2, 1)
        cluster.kill(1)
        assert not cluster.is_running
        assert not answers(cluster, 1)
        with pytest.raises(NodeError, match=r"node 1 has ended, so it cannot be paused or resumed; restart\(1\)"):
            cluster.pause(1)
        cluster.restart(1)
        assert cluster.is_running
        assert numbers(cluster, 1) == [1]

        cluster.pause(2)
        assert not answers(cluster, 2)
        assert answers(cluster, 0)
        assert cluster.is_running
        cluster.resume(2)
        assert numbers(cluster, 2) == [1]

        changed(cluster, 1, "ALTER TABLE k.t ADD name text")
        written(cluster, 0, 2)
        for n in range(3):
            cluster.kill(n)
        hosts = cluster.hosts
        cluster.start()
        assert cluster.hosts == hosts
        assert [numbers(cluster, n) for n in range(3)] == [[1, 2]] * 3
        with Probe(cluster.hosts[2], cluster.port) as probe:
            assert probe.rows("SELECT name FROM k.t WHERE id = 1", ALL) == [{"name": None}]


def test_a_killed_owner_leaves_no_node_not_even_a_paused_one() -> None:
    with subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        place = json.loads(owner.stdout.readline())
        assert len(processes_of(place)) == 4
        owner.kill()
    wait_for(lambda: not processes_of(place))
    # The last of the supervisors takes the files away.
    assert not Path(place).exists()


@pytest.mark.long
def test_a_directory_brings_several_nodes_back_where_they_were(tmp_path: Path) -> None:
    with LocalCluster(nodes=2, durable=True, directory=tmp_path) as first:
        changed(first, 0, KEYSPACE.replace("3}", "2}"), "CREATE TABLE k.t (id int PRIMARY KEY)")
        written(first, 1, 1)
        hosts = first.hosts
    with pytest.raises(ConfigurationError, match="holds a cluster of nodes=2, not 1; say so, or give another"):
        LocalCluster(durable=True, directory=tmp_path).start()
    with LocalCluster(nodes=2, durable=True, directory=tmp_path) as second:
        assert second.hosts == hosts
        assert [numbers(second, n) for n in range(2)] == [[1], [1]]


@pytest.mark.long
def test_a_cluster_of_4_1_starts() -> None:
    with LocalCluster("4.1.10") as cluster, Probe(cluster.hosts[0], cluster.port) as probe:
        assert probe.rows("SELECT release_version FROM system.local") == [{"release_version": "4.1.10"}]
        probe.execute(KEYSPACE)
        probe.execute("CREATE TABLE k.t (id int PRIMARY KEY, name text)")
        probe.execute(
            "CREATE MATERIALIZED VIEW k.v AS SELECT * FROM k.t WHERE name IS NOT NULL AND id IS NOT NULL"
            " PRIMARY KEY (name, id)"
        )


@pytest.mark.long
def test_a_cluster_of_the_alpha_of_6_0_starts() -> None:
    with LocalCluster("6.0-alpha2") as cluster, Probe(cluster.hosts[0], cluster.port) as probe:
        assert probe.rows("SELECT release_version FROM system.local") == [{"release_version": "6.0-alpha2"}]
