"""What the kit says while it works: whole lines, and a line that moves while something takes long."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

_EVERY = 0.5
_EVERY_WITHOUT_TERMINAL = 15.0


def say(line: str) -> None:
    """Write one line to standard error, where it does not mix with what a program prints."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def answer(text: str) -> None:
    """Write to standard output what was asked for, so that another program can read it."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@contextlib.contextmanager
def moving_line(task: str, detail: Callable[[], str] = str) -> Generator[None]:
    """Say that `task` is at work, with the seconds it has taken and `detail`, and at the end how long it took.

    On a terminal the line is rewritten in place; elsewhere a new line comes every 15 seconds.
    """
    terminal = sys.stderr.isatty()
    started = time.monotonic()
    done = threading.Event()

    def show(*, last: bool = False) -> None:
        told = detail()
        line = f"{task}: {time.monotonic() - started:.0f} s" + (f", {told}" if told else "")
        sys.stderr.write(f"\r{line}" if terminal else f"{line}\n")
        sys.stderr.write("\n" if terminal and last else "")
        sys.stderr.flush()

    def keep_showing() -> None:
        while not done.wait(_EVERY if terminal else _EVERY_WITHOUT_TERMINAL):
            show()

    if not terminal:
        say(f"{task} …")
    shower = threading.Thread(target=keep_showing, name="coodie-progress", daemon=True)
    shower.start()
    try:
        yield
    finally:
        done.set()
        shower.join()
        show(last=True)
