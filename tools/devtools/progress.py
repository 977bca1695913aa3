"""Running programs out of sight, with a line that says what is being waited for once that takes long."""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from devtools.children import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

PATIENCE = 2.0
"""Seconds that pass without a word."""

REDRAW = 0.5
"""Seconds between two states of the line at a terminal."""

REPEAT = 20.0
"""Seconds between two lines where the output is not a terminal."""


@dataclass(frozen=True)
class Finished:
    """How a program ended."""

    status: int
    output: str
    seconds: float


class Progress:
    """Says on standard error what is being waited for, while its block runs longer than `PATIENCE`.

    `title` may change meanwhile: it is asked for anew each time.
    """

    def __init__(self, title: Callable[[], str]) -> None:
        self._title = title
        self._done = threading.Event()
        self._began = time.monotonic()
        self._thread = threading.Thread(target=self._speak, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _speak(self) -> None:
        if self._done.wait(PATIENCE):
            return
        terminal = sys.stderr.isatty()
        while True:
            line = f"{self._title()} … {time.monotonic() - self._began:.0f} s"
            print(f"\r\x1b[K{line}" if terminal else line, end="" if terminal else "\n", file=sys.stderr, flush=True)
            if self._done.wait(REDRAW if terminal else REPEAT):
                break
        if terminal:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def run(command: Sequence[str | Path], cwd: Path, environ: Mapping[str, str]) -> Finished:
    """Run a program to its end, out of sight; its two outputs come back as one text.

    Raises:
        DevError: when there is no such program.
    """
    began = time.monotonic()
    status, output = wait_for([str(part) for part in command], cwd, environ, in_sight=False)
    return Finished(status, output.decode(errors="replace"), time.monotonic() - began)


def run_announced(title: str, command: Sequence[str | Path], cwd: Path, environ: Mapping[str, str]) -> Finished:
    """Run a program out of sight, and say that it runs when that takes long."""
    with Progress(lambda: title):
        finished = run(command, cwd, environ)
    if finished.seconds > PATIENCE:
        print(f"{title}: {finished.seconds:.1f} s", file=sys.stderr)
    return finished
