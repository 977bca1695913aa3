"""A real node of one's own: quick to start, complete, apart from others, and gone when its owner is."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from coodie_drivers.errors import ConfigurationError
from coodie_drivers.testing import LocalCluster
from coodie_drivers.testing.errors import DirectoryInUseError, PortTakenError
from coodie_drivers.testing.probe import Probe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.node, pytest.mark.usefixtures("local_node")]

KEYSPACE = "CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"

# A process that has a cluster until it is killed.
OWNER = """
import json, time
from coodie_drivers.testing import LocalCluster
cluster = LocalCluster().start()
print(json.dumps([cluster.hosts[0], cluster.port, str(cluster.directory.parent)]), flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster() as started:
        yield started


def ask(cluster: LocalCluster, *statements: str) -> list[dict[str, object]]:
    """Run statements in turn; gives the rows of the last one."""
    with Probe(cluster.hosts[0], cluster.port) as probe:
        return [probe.rows(statement) for statement in statements][-1]


def answers(host: str, port: int) -> bool:
    with contextlib.suppress(OSError), Probe(host, port):
        return True
    return False


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def processes_of(place: str) -> list[str]:
    """The command lines in which this place occurs: those of a node and its supervisor."""
    listed = subprocess.run(["ps", "-ww", "-eo", "command="], capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if place in line]


def test_the_features_of_cassandra_5_are_on(cluster: LocalCluster) -> None:
    rows = ask(
        cluster,
        KEYSPACE,
        "CREATE TABLE k.people (id int, name text, mail text MASKED WITH DEFAULT, place vector<float, 2>,"
        " PRIMARY KEY (id))",
        "CREATE MATERIALIZED VIEW k.by_name AS SELECT * FROM k.people WHERE name IS NOT NULL AND id IS NOT NULL"
        " PRIMARY KEY (name, id)",
        "CREATE INDEX ON k.people (mail) USING 'sai'",
        "CREATE INDEX ON k.people (place) USING 'sai'",
        "CREATE CUSTOM INDEX ON k.people (name) USING 'org.apache.cassandra.index.sasi.SASIIndex'"
        " WITH OPTIONS = {'mode': 'CONTAINS'}",
        "CREATE FUNCTION k.twice (n int) CALLED ON NULL INPUT RETURNS int LANGUAGE java AS 'return n * 2;'",
        "CREATE TABLE k.watched (id int PRIMARY KEY) WITH cdc = true",
        "INSERT INTO k.people (id, name, mail, place) VALUES (21, 'Ada', 'ada@example.org', [0.1, 0.9])",
        "INSERT INTO k.people (id, name, mail, place) VALUES (1, 'Bob', 'bob@example.org', [0.9, 0.1])",
        "SELECT id, k.twice(id) AS twice, mail FROM k.people ORDER BY place ANN OF [0.0, 1.0] LIMIT 1",
    )
    assert [(row["id"], row["twice"]) for row in rows] == [(21, 42)]
    assert ask(cluster, "SELECT id FROM k.people WHERE mail = 'bob@example.org'") == [{"id": 1}]
    assert ask(cluster, "SELECT name FROM k.people WHERE name LIKE '%d%'") == [{"name": "Ada"}]
    wait_for(lambda: ask(cluster, "SELECT id FROM k.by_name WHERE name = 'Ada'") == [{"id": 21}])


def test_what_is_said_about_it_is_so(cluster: LocalCluster) -> None:
    assert ask(cluster, "SELECT release_version FROM system.local") == [{"release_version": cluster.version}]
    assert cluster.is_running
    assert (cluster.directory / "cassandra.yaml").exists()
    assert "Starting listening for CQL clients" in cluster.log()
    assert len(cluster.log_tail(3).splitlines()) == 3


def test_starting_it_again_leaves_it_as_it_is(cluster: LocalCluster) -> None:
    before = cluster.directory
    assert cluster.start().directory == before


def test_a_node_that_would_lose_its_data_is_not_restarted(cluster: LocalCluster) -> None:
    with pytest.raises(ConfigurationError) as refused:
        cluster.restart(0)
    assert str(refused.value) == (
        "a node that is not durable loses schema and data when it ends; pass durable=True to restart one"
    )
    assert answers(cluster.hosts[0], cluster.port)


def test_two_clusters_know_nothing_of_each_other(cluster: LocalCluster) -> None:
    with LocalCluster() as other:
        assert (other.hosts, other.port) != (cluster.hosts, cluster.port)
        ask(other, KEYSPACE.replace(" k ", " only_here "))
        asked = "SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = 'only_here'"
        assert len(ask(other, asked)) == 1
        assert ask(cluster, asked) == []
        assert ask(other, "SELECT peer FROM system.peers_v2") == []
        address, directory = (other.hosts[0], other.port), other.directory
    assert not answers(*address)
    assert not directory.exists()
    assert not other.is_running


def test_a_port_that_is_served_is_refused_at_once(cluster: LocalCluster) -> None:
    with pytest.raises(PortTakenError) as refused:
        LocalCluster(host=cluster.hosts[0], port=cluster.port).start()
    assert str(refused.value).startswith(f"{cluster.hosts[0]}:{cluster.port} is taken by another program")
    assert answers(cluster.hosts[0], cluster.port)


def test_a_durable_cluster_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    place = tmp_path / "kept here"
    with LocalCluster(durable=True, directory=place) as durable:
        address = (durable.hosts, durable.port)
        ask(durable, KEYSPACE, "CREATE TABLE k.t (id int PRIMARY KEY)", "INSERT INTO k.t (id) VALUES (1)")
        with pytest.raises(DirectoryInUseError):
            LocalCluster(durable=True, directory=place).start()

        durable.stop()
        assert not durable.is_running
        durable.start()
        assert (durable.hosts, durable.port) == address
        ask(durable, "INSERT INTO k.t (id) VALUES (2)")
        kill_node(place)
        wait_for(lambda: not durable.is_running)
        durable.start()
        assert len(ask(durable, "SELECT id FROM k.t")) == 2
    assert (place / "data").exists()


def kill_node(place: Path) -> None:
    """Kill the Java that works there, as a crash would."""
    listed = subprocess.run(["ps", "-ww", "-eo", "pid=,command="], capture_output=True, text=True, check=True).stdout
    nodes = [line for line in listed.splitlines() if f"-Dcassandra.storagedir={place}" in line]
    assert len(nodes) == 1
    os.kill(int(nodes[0].split()[0]), signal.SIGKILL)


def test_a_killed_owner_leaves_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        host, port, place = json.loads(owner.stdout.readline())
        assert answers(host, port)
        owner.kill()
    wait_for(lambda: not processes_of(place))
    wait_for(lambda: not os.path.exists(place))  # noqa: PTH110 - a text from another process
    assert not answers(host, port)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the node of a killed supervisor ends at the next start")
def test_the_next_start_reaps_what_a_killed_owner_and_supervisor_left() -> None:
    with subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        place = json.loads(owner.stdout.readline())[2]
        listed = subprocess.run(["ps", "-ww", "-eo", "pid=,command="], capture_output=True, text=True, check=True)
        supervisors = [line.split()[0] for line in listed.stdout.splitlines() if f"{place}/plan0.json" in line]
        assert len(supervisors) == 1
        for process in (int(supervisors[0]), owner.pid):
            os.kill(process, signal.SIGKILL)
    wait_for(lambda: not processes_of(place))
    with LocalCluster():
        assert not os.path.exists(place)  # noqa: PTH110 - a text from another process


def test_the_command_line_serves_a_node_until_it_is_told_to_stop() -> None:
    def run(command: str, *options: str) -> subprocess.CompletedProcess[str]:
        full = [sys.executable, "-m", "coodie_drivers.testing", command, *options]
        return subprocess.run(full, capture_output=True, text=True, check=False)

    # An address of its own, for 127.0.0.1:9042 may be what the developer works with.
    at = ("--host", "127.0.0.1", "--port", "29042")
    try:
        started = run("start", *at)
        assert (started.returncode, started.stdout) == (0, "127.0.0.1:29042\n"), started.stderr
        assert answers("127.0.0.1", 29042)
        assert run("start", *at).stderr == "it runs already\n"
        other = run("start", *at, "--durable")
        assert other.returncode == 1
        assert "serves Cassandra 5.0.9, not a durable Cassandra 5.0.9; stop it first" in other.stderr
        assert "127.0.0.1:29042  Cassandra 5.0.9  not durable  served until it is stopped" in run("status").stdout
        assert "Startup complete" in run("logs", *at).stdout
    finally:
        stopped = run("stop", *at)
    assert (stopped.returncode, stopped.stderr) == (0, "")
    assert not answers("127.0.0.1", 29042)


@pytest.mark.long
def test_a_node_of_many_tables_still_takes_writes() -> None:
    with LocalCluster() as own, Probe(own.hosts[0], own.port, timeout=60.0) as probe:
        probe.execute(KEYSPACE)
        for number in range(900):
            probe.execute(f"CREATE TABLE k.t{number} (id int PRIMARY KEY, tags set<text>)")
            probe.execute(f"INSERT INTO k.t{number} (id, tags) VALUES (1, {{'a'}})")  # it has two seconds for that
