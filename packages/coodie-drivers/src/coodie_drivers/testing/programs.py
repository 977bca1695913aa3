"""Running a program to its end, so that what ends this process ends the program first."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import FrameType

_ENDING = (signal.SIGINT, signal.SIGTERM)


def run_to_end(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a program, pass on the signals that are to end this process, and give its exit code as a shell would.

    Raises:
        OSError: it could not be started.
    """
    with subprocess.Popen(list(command), env=dict(environment)) as program:

        def pass_on(number: int, _frame: FrameType | None) -> None:
            # Ctrl-C at the terminal reaches the program by itself, and twice is more than once to many.
            if number != signal.SIGINT or not _has_terminal():
                program.send_signal(number)

        before = {number: signal.signal(number, pass_on) for number in _ENDING}
        try:
            code = program.wait()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
    return code if code >= 0 else 128 - code


def _has_terminal() -> bool:
    """Whether this process is one of those to which its terminal sends Ctrl-C."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    return False
