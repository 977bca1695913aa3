"""What becomes of a signal that is sent to `./dev` alone, as `kill` and most supervisors send it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

ROOT = Path(__file__).resolve().parent.parent.parent


class Workspace(Protocol):
    """A tree with `dev` in it, and a home of its own; see conftest.py."""

    root: Path
    home: Path
    variables: dict[str, str]

    def seen(self) -> list[str]: ...

    def install(self, path: Path, script: str | None = None) -> None: ...


@contextlib.contextmanager
def waiting(workspace: Workspace, name: str, *arguments: str) -> Generator[subprocess.Popen[str]]:
    """Run `./dev` until the Python of this environment has something to wait for."""
    process = subprocess.Popen(
        [sys.executable, str(workspace.root / "dev"), *arguments],
        env={**workspace.variables, "WAITS_IN": name},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A test run in the background ignores Ctrl-C, and what it starts would inherit that. Other threads may be at
        # work (that of a time limit, say): what runs here between fork and exec takes no lock that they might hold.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - see above
    )
    with process:
        while f"{name} waits" not in workspace.seen():
            assert process.poll() is None
            time.sleep(0.02)
        yield process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("arguments", [("python",), ("demo",), ("node", "status"), ("test", "-k", "one")])
def test_a_signal_to_this_process_alone_reaches_the_program(
    workspace: Workspace, arguments: tuple[str, ...], number: signal.Signals
) -> None:
    with waiting(workspace, ".venv", *arguments) as process:
        process.send_signal(number)
        _, complaints = process.communicate(timeout=20)
    assert (process.returncode, complaints) == (7, "")
    assert workspace.seen().count(f".venv got {number.name}") == 1


@pytest.mark.parametrize(("number", "words"), [(signal.SIGINT, "interrupted"), (signal.SIGTERM, "ended by SIGTERM")])
@pytest.mark.parametrize("name", ["python-3.10", ".venv"])
def test_a_signal_ends_the_program_that_is_waited_for_and_then_the_task(
    workspace: Workspace, name: str, number: signal.Signals, words: str
) -> None:
    workspace.install(workspace.home / "pyenv/versions/3.10.13/bin/python")
    with waiting(workspace, name, "test") as process:
        process.send_signal(number)
        shown, complaints = process.communicate(timeout=20)
    assert process.returncode == 128 + number
    assert complaints.splitlines()[-1] == f"./dev test: {words}"
    assert "FAILED" not in shown
    assert workspace.seen()[-1] == f"{name} got {number.name}"


def test_an_interrupted_check_starts_nothing_more(workspace: Workspace) -> None:
    with waiting(workspace, ".venv", "check") as process:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 130
    begun = [line for line in workspace.seen() if " got " not in line and not line.endswith(" waits")]
    assert 1 <= len(begun) - 1 <= max(2, os.cpu_count() or 2)  # one line is that of uv


@pytest.mark.parametrize("slow", ["devtools/commands.py", "coodie/__init__.py"])
def test_nothing_is_said_when_interrupted_while_importing(workspace: Workspace, slow: str) -> None:
    """The first file is imported by `dev`, the other one by the demo."""
    module = workspace.root / "tools" / slow
    module.parent.mkdir(exist_ok=True)
    module.write_text("import time\nprint('importing', flush=True)\ntime.sleep(60)\n", "utf-8")
    begun = (
        workspace.root / "dev"
        if slow.startswith("devtools")
        else shutil.copy(ROOT / "tools/demo.py", module.parents[1])
    )
    with subprocess.Popen(
        [sys.executable, str(begun)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - as above
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "importing\n"
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=20)
    assert (process.returncode, complaints) == (-signal.SIGINT, "")
