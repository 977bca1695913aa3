"""The table of `./dev test --matrix`: what reports of pytest say of the cases of the suite."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from devtools.matrix import Results, printed, read_results

if TYPE_CHECKING:
    from pathlib import Path

OF = """
<properties><property name="driver_type" value="{adapter}"/><property name="way" value="{way}"/></properties>
"""
PASSED = ""
FAILED = '<failure message="assert 1 == 2">its traceback</failure>'
BROKEN = '<error message="failed on setup with a NodeError">its traceback</error>'
EXCEPTED = '<skipped type="pytest.xfail" message="{adapter}: the library has no warnings"/>'
TOO_OLD = '<skipped type="pytest.skip" message="vectors: since Cassandra 5.0">where</skipped>'


def report(folder: Path, *cases: tuple[str, str, str, str], name: str = "report.xml") -> Path:
    """Write a report as pytest does: cases of an adapter, by a way, with what became of them."""
    written = [
        f'<testcase name="test_{case}[{way}]" time="0.1">{OF}{became}</testcase>'.format(adapter=adapter, way=way)
        for adapter, way, case, became in cases
    ]
    path = folder / name
    inside = "".join([*written, '<testcase name="test_of_something_else" time="0.1"/>'])
    path.write_text(f"<testsuites><testsuite>{inside}</testsuite></testsuites>", "utf-8")
    return path


def table_of(*reports: Path) -> list[str]:
    results = Results()
    for each in reports:
        read_results(each, results)
    return printed(results).splitlines()


def test_each_adapter_has_a_row_for_each_way(tmp_path: Path) -> None:
    native = report(
        tmp_path,
        ("rust", "async", "rows", PASSED),
        ("rust", "sync", "rows", PASSED),
        ("rust", "sync", "batches", PASSED),
        ("acsylla", "sync", "rows", PASSED),
        ("acsylla", "sync", "the_server_may_warn", EXCEPTED),
        ("acsylla", "sync", "vectors", TOO_OLD),
        name="native.xml",
    )
    other = report(tmp_path, ("cassandra", "sync", "rows", PASSED), name="other.xml")
    assert table_of(native, other) == [
        "",
        "adapter    way    passed  excepted  failed  not run",
        "acsylla    sync   1       1         0       1",
        "cassandra  sync   1       0         0       0",
        "rust       sync   2       0         0       0",
        "rust       async  1       0         0       0",
        "",
        "acsylla is excepted from",
        "  the server may warn: the library has no warnings",
    ]


def test_an_exception_is_listed_once_for_all_its_ways_and_parameters(tmp_path: Path) -> None:
    cases = [("rust", way, "the_server_may_warn", EXCEPTED) for way in ("sync", "async")]
    assert table_of(report(tmp_path, *cases))[2:] == [
        "rust     sync   0       1         0       0",
        "rust     async  0       1         0       0",
        "",
        "rust is excepted from",
        "  the server may warn: the library has no warnings",
    ]


@pytest.mark.parametrize("became", [FAILED, BROKEN])
def test_what_failed_is_named_last(tmp_path: Path, became: str) -> None:
    path = report(
        tmp_path,
        ("scylla", "sync", "rows", became),
        ("scylla", "async", "the_server_may_warn", EXCEPTED),
        ("acsylla", "async", "rows", became),
    )
    lines = table_of(path)
    assert [line.split() for line in lines[2:5]] == [
        ["acsylla", "async", "0", "0", "1", "0"],
        ["scylla", "sync", "0", "0", "1", "0"],
        ["scylla", "async", "0", "1", "0", "0"],
    ]
    assert lines[-4:] == ["", "failed", "  acsylla: test_rows[async]", "  scylla: test_rows[sync]"]


def test_a_case_that_failed_and_whose_end_broke_counts_once(tmp_path: Path) -> None:
    lines = table_of(report(tmp_path, ("scylla", "sync", "rows", FAILED + BROKEN)))
    assert lines[2].split() == ["scylla", "sync", "0", "0", "1", "0"]


def test_of_other_tests_nothing_is_said(tmp_path: Path) -> None:
    assert table_of(report(tmp_path)) == ["", "adapter  way  passed  excepted  failed  not run"]


SUITE = """
import pytest

from coodie_drivers.testing.conformance.suite import Suite, since
from coodie_drivers.testing.scripted import ScriptedDriver
from coodie_drivers.testing.sources import CqlCluster

@pytest.fixture
def cql_cluster():
    return CqlCluster(["127.0.0.1"], 9042, "4.1.10", "made up")

class TestPaper(Suite):
    driver_type = "paper"
    exceptions = {"test_a": "paper cannot do this", "test_b": "paper cannot do that"}

    @pytest.fixture
    def driver(self):
        return ScriptedDriver()

    def test_a(self, way): assert way.execute("SELECT a FROM t") == [1]

    def test_b(self, way): assert way.execute("SELECT a FROM t") == []

    def test_c(self, way): assert way.execute("SELECT a FROM t") == []

    @since("5.0", "vectors")
    def test_d(self, way): raise AssertionError
"""


def test_the_report_that_pytest_writes_of_a_suite_is_understood(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n", "utf-8")
    (tmp_path / "test_paper.py").write_text(SUITE, "utf-8")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junit-xml=report.xml"]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout
    assert table_of(tmp_path / "report.xml") == [
        "",
        "adapter  way    passed  excepted  failed  not run",
        "paper    sync   1       1         1       1",
        "paper    async  1       1         1       1",
        "",
        "paper is excepted from",
        "  a: paper cannot do this",
        "",
        "failed",
        "  paper: test_b[async]",
        "  paper: test_b[sync]",
    ]
