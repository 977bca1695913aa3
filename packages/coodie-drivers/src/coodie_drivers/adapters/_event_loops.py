"""How replies come back to event loops from the threads of a client library: one wake-up for a burst of replies."""

from __future__ import annotations

import asyncio
import weakref
from collections import deque
from contextlib import suppress


class Wakeups:
    """Settles the waiting futures of one event loop, from any thread, waking the loop once for all that are due.

    Attributes:
        begun: an entry for each request that was begun in the loop, put and taken there.
    """

    __slots__ = ("__weakref__", "_due", "_loop", "_woken", "begun")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = weakref.ref(loop)
        self._due: deque[asyncio.Future[None]] = deque()
        self._woken = False
        self.begun: list[None] = []

    def answered(self, _answer: object, waiter: asyncio.Future[None]) -> None:
        """Have `waiter` done soon, in its own loop; nothing happens when that loop is closed."""
        # The waiter is queued before the flag is read, and the loop lowers the flag before it reads the queue: whoever
        # finds the flag raised knows that the loop has yet to look.
        self._due.append(waiter)
        if not self._woken:
            self._woken = True
            loop = self._loop()
            if loop is not None:
                with suppress(RuntimeError):  # the loop was closed: nobody waits any more
                    loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        self._woken = False
        while self._due:
            waiter = self._due.popleft()
            if not waiter.done():  # its task may have been cancelled
                waiter.set_result(None)


class EventLoops:
    """The wake-ups of each event loop that is in use; a loop that is gone is forgotten."""

    __slots__ = ("_wakeups",)

    def __init__(self) -> None:
        self._wakeups: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Wakeups] = weakref.WeakKeyDictionary()

    def running(self) -> tuple[asyncio.AbstractEventLoop, Wakeups]:
        """Return the running event loop with its wake-ups."""
        loop = asyncio.get_running_loop()
        found = self._wakeups.get(loop)
        if found is None:
            found = self._wakeups[loop] = Wakeups(loop)
        return loop, found

    def begun(self) -> int:
        """Return how many requests are under way in all event loops; in one that was closed none will ever end."""
        loops = [ref() for ref in self._wakeups.keyrefs()]
        return sum(len(self._wakeups[loop].begun) for loop in loops if loop is not None and not loop.is_closed())
