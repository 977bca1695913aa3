from __future__ import annotations

from pathlib import Path

import pytest

from coodie_drivers.testing.local.configuration import NodeFiles
from coodie_drivers.testing.local.flags import company_flags
from coodie_drivers.testing.local.installation import Installation
from coodie_drivers.testing.local.jars import Jars
from coodie_drivers.testing.local.java import Java
from coodie_drivers.testing.local.releases import RELEASES


def installation(java: str = "17.0.9", place: Path = Path("/jars"), line: str = "5.0") -> Installation:
    return Installation(RELEASES[line], Java(Path("/jdk/bin/java"), java, "", "PATH"), Jars("5.0.9", place))


def test_a_careless_node_keeps_schema_changes_off_the_disk() -> None:
    careless, durable = (set(installation().test_flags(durable=durable)) for durable in (False, True))
    assert careless - durable == {"-Dcassandra.unsafesystem=true", "-Dcassandra.skip_sync=true"}
    assert durable < careless


def test_a_node_is_told_what_it_would_measure_and_wait_for() -> None:
    flags = installation().test_flags(durable=False)
    assert {
        "-XX:TieredStopAtLevel=1",
        "-Xms64m",
        "-Dcassandra.memtable.row_overhead_size=181",
        "-Dcassandra.skip_wait_for_gossip_to_settle=0",
        "-Dcassandra.ring_delay_ms=0",
        "-Dcassandra.superuser_setup_delay_ms=0",
    } <= set(flags)


@pytest.mark.parametrize(("line", "loaded"), [("4.1", True), ("5.0", False)])
def test_only_an_old_node_is_given_the_agent_that_it_needs(line: str, loaded: bool, tmp_path: Path) -> None:
    (tmp_path / "jamm-0.3.2.jar").touch()
    command = installation(place=tmp_path, line=line).command(NodeFiles(tmp_path), [])
    assert (f"-javaagent:{tmp_path}/jamm-0.3.2.jar" in command) is loaded


@pytest.mark.parametrize(("java", "allowed"), [("17.0.9", False), ("21.0.2", True)])
def test_a_java_that_forbids_security_managers_is_asked_to_allow_one(java: str, allowed: bool, tmp_path: Path) -> None:
    command = installation(java).command(NodeFiles(tmp_path), [])
    assert ("-Djava.security.manager=allow" in command) is allowed


def test_the_command_ends_with_the_class_path_and_the_main_class(tmp_path: Path) -> None:
    for name in ("b.jar", "a.jar", "notes.txt"):
        (tmp_path / name).touch()
    command = installation(place=tmp_path).command(NodeFiles(tmp_path), ["-Xmine"])
    assert command[0] == "/jdk/bin/java"
    main = "org.apache.cassandra.service.CassandraDaemon"
    assert command[-4:] == ["-Xmine", "-cp", f"{tmp_path}/a.jar:{tmp_path}/b.jar", main]
    assert "--add-opens=java.base/java.nio=ALL-UNNAMED" in command


def test_a_node_that_is_not_alone_waits_for_the_others() -> None:
    # Without this a node that says its token a moment late is taken for gone, for good.
    assert "-Dcassandra.ring_delay_ms=5000" in company_flags(2)
    assert company_flags(1) == []
