"""How long an event loop is kept from running, told apart from what a busy machine does to every process."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from contextlib import contextmanager
from statistics import median
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Iterable

__all__ = ["STALL", "stall_of"]

STALL: Final = 0.02
"""Seconds that an event loop may be kept from running: a frame of a screen, and far below any wait for a server."""

_TRIES: Final = 7
_STEP: Final = 0.001
"""Seconds from one look at the clock to the next."""

_IDLE: Final = """
import os, sys, threading, time

def end_with_the_parent():
    sys.stdin.read()
    sys.stdout.flush()
    os._exit(0)

threading.Thread(target=end_with_the_parent, daemon=True).start()
print("ready", flush=True)
last = time.monotonic()
while True:
    time.sleep(0.001)
    now = time.monotonic()
    if now - last > 0.003:
        print(last, now)
    last = now
"""
"""A process that does nothing, and notes from when to when it was kept from doing so."""


async def stall_of(work: Callable[[], Awaitable[object]]) -> float:
    """Return by how much longer work keeps the event loop from running than a process is kept that does nothing.

    In seconds, the median of seven tries; of each it is the longest time. What keeps the machine busy meanwhile, the
    node among it, keeps both of them waiting.
    """
    with _idling() as pauses:
        tries = await _tried(work)
    return median([each.longest - each.longest_of(pauses) for each in tries])


@contextmanager
def _idling() -> Generator[list[tuple[float, float]]]:
    """Have a process do nothing; when it has ended, the list says from when to when it was kept from doing so."""
    pauses: list[tuple[float, float]] = []
    command = [sys.executable, "-I", "-S", "-c", _IDLE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as idle:
        try:
            (idle.stdout or sys.stdin).readline()  # it is running
            yield pauses
        finally:
            told = idle.communicate()[0]
            pauses += [(float(began), float(ended)) for began, ended in map(str.split, told.splitlines())]


class _Try(NamedTuple):
    """From when to when work was done, and the longest time that it kept the event loop from running."""

    began: float
    ended: float
    longest: float

    def longest_of(self, pauses: Iterable[tuple[float, float]]) -> float:
        """Return the longest of these pauses that it saw something of."""
        return max((ended - began for began, ended in pauses if began < self.ended and ended > self.began), default=0.0)


async def _tried(work: Callable[[], Awaitable[object]]) -> list[_Try]:
    """Return what each try found; once most of them are short enough, no more are needed."""
    tries: list[_Try] = []
    while len(tries) < _TRIES and sum(each.longest < STALL for each in tries) <= _TRIES // 2:
        began = last = time.monotonic()
        longest = 0.0
        working = asyncio.ensure_future(work())
        while not working.done():
            await asyncio.sleep(_STEP)
            now = time.monotonic()
            longest, last = max(longest, now - last), now
        await working
        tries.append(_Try(began, last, longest))
    return tries
