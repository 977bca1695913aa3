"""What the kit says while it works: whole lines, and a line that moves while something takes long."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

_EVERY = 0.5
_EVERY_WITHOUT_TERMINAL = 15.0
_PATIENCE = 2.0
_PATIENCE_IN_A_TEST = 15.0


def say(line: str) -> None:
    """Write one line to standard error, where it does not mix with what a program prints."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def answer(text: str) -> None:
    """Write to standard output what was asked for, so that another program can read it."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@contextlib.contextmanager
def moving_line(task: str, detail: Callable[[], str] = str, *, usual: bool = False) -> Generator[None]:
    """Say that `task` is at work, with the seconds it has taken and `detail`, and at the end how long it took.

    On a terminal the line is rewritten in place; elsewhere a new line comes every 15 seconds.

    Args:
        task: what is done.
        detail: how far it is; asked for each line.
        usual: it is done often and is mostly quick, so nothing is said of it within the first two seconds; in a test of
            pytest, whose own lines it would break, within the first 15.
    """
    terminal = sys.stderr.isatty()
    every = _EVERY if terminal else _EVERY_WITHOUT_TERMINAL
    patience = (_PATIENCE_IN_A_TEST if _in_a_test() else _PATIENCE) if usual else every
    started = time.monotonic()
    done = threading.Event()
    said = threading.Event()

    def show(*, last: bool = False) -> None:
        told = detail()
        line = f"{task}: {time.monotonic() - started:.0f} s" + (f", {told}" if told else "")
        sys.stderr.write(f"\r{line}" if terminal else f"{line}\n")
        sys.stderr.write("\n" if terminal and last else "")
        sys.stderr.flush()
        said.set()

    def keep_showing() -> None:
        pause = patience
        while not done.wait(pause):
            show()
            pause = every

    if not terminal and not usual:
        say(f"{task} …")
    shower = threading.Thread(target=keep_showing, name="coodie-progress", daemon=True)
    shower.start()
    try:
        yield
    finally:
        done.set()
        shower.join()
        if said.is_set() or not usual:
            show(last=True)


def _in_a_test() -> bool:
    # pytest sets it while a test or its fixtures are at work, and what they start inherits it.
    return "PYTEST_CURRENT_TEST" in os.environ
