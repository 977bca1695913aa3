"""What a test run says of a process of it that crashed, as one with native libraries in it may.

It tells of each thread what Python did there, and where `CI=true` is set and gdb is at hand, what the machine did in
the one that crashed: of a crash that comes once in a hundred runs nothing else is left.
"""

from __future__ import annotations

import faulthandler
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_TRACES = pytest.StashKey[Path]()
_BEGAN = pytest.StashKey[float]()
_CRASHES = pytest.StashKey[list[str]]()
_RUNNERS = ("/_pytest/", "/pluggy/", "/xdist/", "/execnet/", '"<string>"', "Extension modules:")
"""What stands in the lines of a crash that say nothing of its cause."""

_FRAMES, _WIDTH = 30, 150
"""How many of the machine's frames are shown, and how many characters of each."""


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401 - xdist has no types
    """Have each process of the run write down its threads when it crashes."""
    config: pytest.Config = node.config
    if _TRACES not in config.stash:
        folder = tempfile.TemporaryDirectory(prefix="coodie-crashes-")
        config.add_cleanup(folder.cleanup)
        config.stash[_TRACES], config.stash[_BEGAN] = Path(folder.name), time.time()
    node.workerinput["trace"] = str(config.stash[_TRACES] / f"{node.gateway.id}.txt")


def write_crashes(config: pytest.Config) -> None:
    """Have this process, if it is one of several of a run, leave what it did when it crashes."""
    given: dict[str, Any] = getattr(config, "workerinput", {})
    if place := given.get("trace"):
        trace = Path(place).open("w", encoding="utf-8")  # noqa: SIM115 - for as long as the process lives
        config.add_cleanup(faulthandler.disable)
        config.add_cleanup(trace.close)
        faulthandler.enable(trace)
        if os.environ.get("CI") == "true":
            most = resource.getrlimit(resource.RLIMIT_CORE)[1]
            resource.setrlimit(resource.RLIMIT_CORE, (most, most))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:  # noqa: ANN401 - as above
    """Note what a process of the run left that crashed."""
    if not error:
        return
    process: Any = getattr(getattr(node.gateway, "_io", None), "popen", None)
    code = None if process is None else process.wait(60)  # it may have to write a dump of its memory
    config: pytest.Config = node.config
    trace = config.stash[_TRACES] / f"{node.gateway.id}.txt"
    told = trace.read_text("utf-8", "replace").splitlines() if trace.exists() else []
    known = [line for line in told if line and not any(runner in line for runner in _RUNNERS)]
    found = config.stash.setdefault(_CRASHES, [])
    found.append("\n".join([f"{node.gateway.id} ended with {code}", *_native_frames(config), *known]))


def say_crashes(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what was noted."""
    for crash in config.stash.setdefault(_CRASHES, []):
        terminalreporter.section("a process of the run crashed")
        terminalreporter.write_line(crash)


def _native_frames(config: pytest.Config) -> Iterator[str]:
    """Give the machine's frames of the thread that crashed, out of the dump of the process, which is removed."""
    for dump in config.rootpath.glob("core*"):
        if dump.is_file() and dump.stat().st_mtime >= config.stash[_BEGAN]:
            if gdb := shutil.which("gdb"):
                asked = [gdb, "-batch", "-nx", "-ex", f"bt {_FRAMES}", sys.executable, str(dump)]
                shown = subprocess.run(asked, capture_output=True, text=True, timeout=120, check=False).stdout
                frames = [line for line in shown.splitlines() if line.startswith("#")]
                yield from (line[:_WIDTH] for line in frames[1:])  # gdb begins with the first of them
            dump.unlink()
