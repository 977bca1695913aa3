"""`Pauses`: the waiting of requests that a busy node turned away, which ends at once when the session ends."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress


class Pauses:
    """Has threads and tasks wait, until their time is over or nothing can be sent any more."""

    __slots__ = ("_ended", "_lock", "_waiting")

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._waiting: set[asyncio.Future[None]] = set()

    @property
    def ended(self) -> bool:
        """Whether the session has ended, or is about to: then nobody waits any longer."""
        return self._ended.is_set()

    def wait(self, seconds: float) -> None:
        """Wait in this thread."""
        self._ended.wait(seconds)

    async def wait_async(self, seconds: float) -> None:
        """Wait in this task."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        with self._lock:
            if self.ended:
                return
            self._waiting.add(waiter)
        timer = loop.call_later(seconds, _wake, waiter)
        try:
            await waiter
        finally:
            timer.cancel()
            with self._lock:
                self._waiting.discard(waiter)

    def end(self) -> None:
        """End all of them, those too that begin from now on."""
        with self._lock:
            self._ended.set()
            waiting = list(self._waiting)
        for waiter in waiting:
            with suppress(RuntimeError):  # its event loop has been closed
                waiter.get_loop().call_soon_threadsafe(_wake, waiter)


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
