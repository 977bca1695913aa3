"""What the suite says about tests that did not run, and that a missing node is a failure where `CI=true`."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.once  # whole runs of pytest, which say the same on every Python

CONFTEST = Path(__file__).resolve().parent.parent / "conftest.py"
TOOLS = CONFTEST.parents[1] / "tools"

SUITE = """
import pytest

@pytest.fixture(scope="session")
def cql_cluster():
    pytest.skip("no Cassandra node: no Docker, no Java")

@pytest.mark.node
def test_one(cql_cluster): pass

@pytest.mark.node
def test_two(cql_cluster): pass

@pytest.mark.long
def test_long(): pass

@pytest.mark.skip(reason="not on this system")
def test_elsewhere(): pass

def test_unit(): pass
"""


def run(folder: Path, *arguments: str, ci: str | None, processes: int = 0) -> tuple[int, list[str]]:
    shutil.copy(CONFTEST, folder)
    (folder / "test_suite.py").write_text(SUITE, "utf-8")
    settings = f"[pytest]\npythonpath = {shlex.quote(str(TOOLS))}\nmarkers =\n    node\n    long\n"
    (folder / "pytest.ini").write_text(settings, "utf-8")
    environ = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("PYTEST_")}
    plugins = ["-p", "no:cacheprovider", "-p", "no:randomly", "-n", str(processes)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, *arguments],
        cwd=folder,
        env={**environ, **({"CI": ci} if ci else {})},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, [line for line in done.stdout.splitlines() if line]


@pytest.mark.parametrize("processes", [0, 2])
def test_what_did_not_run_is_listed_with_its_reason(tmp_path: Path, processes: int) -> None:
    status, lines = run(tmp_path, "--not-run", "Python 3.13: not found", ci=None, processes=processes)
    assert status == 0
    start = next(number for number, line in enumerate(lines) if " not run " in line)
    assert lines[start + 1 : start + 5] == [
        "Python 3.13: not found",
        "2 tests: no Cassandra node: no Docker, no Java",
        "1 test: not on this system",
        "1 test: takes long; ./dev test --long runs it",
    ]
    assert "1 passed, 4 skipped" in lines[-1]


@pytest.mark.parametrize("processes", [0, 2])
def test_where_ci_is_true_a_missing_node_is_a_failure(tmp_path: Path, processes: int) -> None:
    status, lines = run(tmp_path, ci="true", processes=processes)
    assert status == 1
    assert "1 passed, 2 skipped, 2 errors" in lines[-1]
    assert any("CI=true: a test that needs a real node must run" in line for line in lines)


def test_where_ci_is_something_else_it_is_not(tmp_path: Path) -> None:
    status, _ = run(tmp_path, ci="false")
    assert status == 0


def test_those_that_take_long_run_when_asked_for(tmp_path: Path) -> None:
    _, lines = run(tmp_path, "--long", ci=None)
    assert "2 passed, 3 skipped" in lines[-1]


@pytest.mark.parametrize(
    ("failing", "tasks"), [("", ["check", "test"]), ("check", ["check"]), ("test", ["check", "test"])]
)
def test_ci_checks_and_then_tests_and_fails_with_either(tmp_path: Path, failing: str, tasks: list[str]) -> None:
    (tmp_path / ".ci").mkdir()
    script = shutil.copy(CONFTEST.parent.parent / ".ci/run", tmp_path / ".ci")
    (tmp_path / "dev").write_text('#!/bin/sh\necho "$1 CI=$CI"\n[ "$1" != "$FAILING" ]\n', "utf-8")
    (tmp_path / "dev").chmod(0o755)
    environ = {**os.environ, "FAILING": failing}
    done = subprocess.run([script], cwd="/", env=environ, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [f"{task} CI=true" for task in tasks]
    assert (done.returncode != 0) == bool(failing)
