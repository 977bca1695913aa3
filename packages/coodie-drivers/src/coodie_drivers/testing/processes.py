"""What the system knows of a process: how it was called, and when it started."""

from __future__ import annotations

import subprocess
from pathlib import Path

_PROC = Path("/proc")


class Owner:
    """A process on whose behalf something runs, told by its start from a later one that got the same id."""

    def __init__(self, process: int) -> None:
        """Take note of the process as it is now."""
        self.process = process
        self._started = start_of(process)

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs; one that only waits to be taken note of does not."""
        return self._started != "" and start_of(self.process) == self._started


def command_line(process: int) -> str:
    """How the process was called; empty when it is gone."""
    if _has_proc():
        return _file(process, "cmdline").replace("\0", " ").strip()
    return _told_by_ps(process, "command=")


def is_paused(process: int) -> bool:
    """Whether the process is there and stands still (SIGSTOP)."""
    state = _stat(process)[:1] if _has_proc() else [_told_by_ps(process, "stat=")[:1]]
    return state == ["T"]


def start_of(process: int) -> str:
    """When the process started, in the system's own terms; empty when it is gone or only waits to be taken note of."""
    if _has_proc():
        fields = _stat(process)
        return fields[19] if fields and fields[0] not in {"Z", "X"} else ""
    state, _, started = _told_by_ps(process, "stat=", "lstart=").partition(" ")
    return "" if state.startswith("Z") else started.strip()


def _stat(process: int) -> list[str]:
    # The name in parentheses may hold spaces; behind it come the state and, as the 20th, the start (proc(5)).
    return _file(process, "stat").rpartition(")")[2].split()


def _has_proc() -> bool:
    return (_PROC / "self" / "stat").exists()


def _file(process: int, name: str) -> str:
    try:
        return (_PROC / str(process) / name).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _told_by_ps(process: int, *columns: str) -> str:
    wanted = [part for column in columns for part in ("-o", column)]
    told = subprocess.run(["ps", "-ww", *wanted, "-p", str(process)], capture_output=True, text=True, check=False)  # noqa: S607 - its place differs by system
    return told.stdout.strip()
