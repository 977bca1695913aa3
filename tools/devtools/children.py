"""The programs that a task waits for, and the signals that this process passes on to them.

Each has a session of its own, so a signal reaches it in one way only: Ctrl-C at a terminal, which goes to all programs
at work there, and `kill`, which goes to this process alone, are the same to it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

from devtools.failures import DevError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import FrameType

PASSED_ON = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT") if hasattr(signal, name))

_received: list[int] = []
_waiting: set[object] = set()

LEFT_BEHIND = 20.0
"""Seconds for which something may hold the output of a process that has ended."""

_living: set[subprocess.Popen[bytes]] = set()


class Interrupted(BaseException):
    """A signal has ended the task.

    Attributes:
        status: the exit status that a shell gives to a program that this signal ended.
    """

    def __init__(self, number: int) -> None:
        """Say which signal it was."""
        super().__init__("interrupted" if number == signal.SIGINT else f"ended by {signal.Signals(number).name}")
        self.status = 128 + number


def pass_signals_on() -> None:
    """From here on a signal that is to end this process goes to those it waits for, and ends it when they have ended.

    What was ignored stays ignored, as `nohup` wants it.
    """
    for number in PASSED_ON:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _on_signal)


def wait_for(
    command: Sequence[str], cwd: Path | None, environ: Mapping[str, str], *, in_sight: bool
) -> tuple[int, bytes]:
    """Run a program to its end; give its exit status as a shell would, and what it printed where it is out of sight.

    Raises:
        DevError: when there is no such program.
        Interrupted: when a signal came meanwhile; the program has had it too, and has ended.
    """
    here = object()
    _waiting.add(here)
    try:
        _stop_where_told()
        status, output = _run_in_own_session(command, cwd, environ, in_sight=in_sight)
    except OSError as error:
        raise DevError(
            f"{command[0]} cannot be started: {error}", "./dev clean, then the same command again"
        ) from error
    finally:
        _waiting.discard(here)
    _stop_where_told()
    return (status if status >= 0 else 128 - status), output


def _run_in_own_session(
    command: Sequence[str], cwd: Path | None, environ: Mapping[str, str], *, in_sight: bool
) -> tuple[int, bytes]:
    with subprocess.Popen(
        list(command),
        cwd=cwd,
        env=dict(environ),
        stdin=None if in_sight else subprocess.DEVNULL,
        stdout=None if in_sight else subprocess.PIPE,
        stderr=None if in_sight else subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        _living.add(process)
        try:
            for number in _received:  # came while it was being started
                _send(process, number)
            output = _output_of(process)
        except BaseException:
            _send(process, signal.SIGKILL)
            raise
        finally:
            _living.discard(process)
    return process.returncode, output or b""


def _output_of(process: subprocess.Popen[bytes]) -> bytes:
    """Return what a process writes until it ends: what it leaves behind, such as a fork that hangs, is ended soon."""
    ended: float | None = None
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=1.0)[0]
        if ended is None and process.poll() is not None:
            ended = time.monotonic()
        if ended is not None and time.monotonic() - ended > LEFT_BEHIND:
            _send(process, signal.SIGKILL)


def _stop_where_told() -> None:
    if _received:
        raise Interrupted(_received[0])


def _on_signal(number: int, _frame: FrameType | None) -> None:
    _received.append(number)
    for process in tuple(_living):
        _send(process, number)
    if not _waiting:
        raise Interrupted(number)


def _send(process: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # it has ended; macOS says the latter of a zombie
        os.killpg(process.pid, number)
