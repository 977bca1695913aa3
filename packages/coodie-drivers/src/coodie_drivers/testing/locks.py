"""Locks on files: they keep processes apart, and the system lets go of them when their holder dies."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

_PAUSE = 0.05
_SPEAK_AFTER = 2.0


def try_lock(path: Path) -> int | None:
    """The descriptor that holds the lock on `path`, or None when another process holds it.

    The lock lasts until every copy of the descriptor is closed; a child process that inherits it holds it too.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    if _locked(descriptor):
        return descriptor
    os.close(descriptor)
    return None


@contextlib.contextmanager
def locked(path: Path, waiting: Callable[[], object] | None = None) -> Generator[None]:
    """Hold the lock on `path` for the length of a block; waits as long as another process has it.

    Args:
        path: the lock file; it and its folder are made when absent, and the file stays.
        waiting: called once when the wait takes longer than two seconds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    while (descriptor := try_lock(path)) is None:
        if waiting is not None and time.monotonic() - started > _SPEAK_AFTER:
            waiting()
            waiting = None
        time.sleep(_PAUSE)
    try:
        yield
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _locked(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _locked(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
