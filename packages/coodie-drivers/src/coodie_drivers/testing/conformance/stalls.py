"""How long an event loop is kept from running, told apart from what a busy machine does to every thread."""

from __future__ import annotations

import asyncio
import threading
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

_NOTED: Final = 0.003
"""Seconds that a thread which does nothing is kept from doing so, for it to be noted."""


async def stall_of(work: Callable[[], Awaitable[object]]) -> float:
    """Return by how much longer work keeps the event loop from running than a thread is kept that does nothing.

    In seconds, the median of seven tries; of each it is the longest time. What keeps the machine busy meanwhile, the
    node among it, keeps the whole process waiting, and so both of them; a call that blocks keeps the event loop alone.
    """
    with _idling() as pauses:
        tries = await _tried(work)
    return median([each.longest - each.longest_of(pauses) for each in tries])


@contextmanager
def _idling() -> Generator[list[tuple[float, float]]]:
    """Have a thread do nothing; the list says from when to when it was kept from doing so."""
    pauses: list[tuple[float, float]] = []
    over = threading.Event()

    def idle() -> None:
        last = time.monotonic()
        while not over.is_set():
            time.sleep(_STEP)
            now = time.monotonic()
            if now - last >= _NOTED:
                pauses.append((last, now))
            last = now

    thread = threading.Thread(target=idle, name="idle", daemon=True)
    thread.start()
    try:
        yield pauses
    finally:
        over.set()
        thread.join()


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
