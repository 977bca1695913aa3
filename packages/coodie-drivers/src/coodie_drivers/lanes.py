"""Threads for blocking calls, and lanes in which these take turns."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from functools import partial
from itertools import count
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final

from coodie_drivers.errors import ClusterUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

AT_ONCE: Final = 8
"""Calls of one lane that are made at the same time, and threads that are kept when there is nothing to do."""

_WITH_OVERDUE: Final = 64
"""Calls of one lane that are under way at most, with those that are overdue."""


def start(thread: threading.Thread) -> None:
    """Start a thread.

    Raises:
        ClusterUnavailableError: if no further one can be had.
    """
    try:
        thread.start()
    except RuntimeError as error:
        raise ClusterUnavailableError(
            {"no thread": str(error)}, outcome="not_applied", retryable=True, attempts=0
        ) from error


class Threads:
    """Threads for blocking calls, started when one is needed and none is idle, anew in a forked child.

    Not those of `concurrent.futures`: the end of the process waits for these, and here nobody would be waiting.
    """

    def __init__(self) -> None:
        self._numbers = count(1)
        self.forget()

    def forget(self) -> None:
        """Start over: a forked child has the parent's objects but none of its threads."""
        self._lock = threading.Lock()
        self._calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._idle = 0

    def submit(self, call: Callable[[], None]) -> None:
        """Have a call made that raises nothing, at once, however many are under way."""
        with self._lock:
            if self._idle:
                self._idle -= 1
                self._calls.put(call)
                return
        name = f"coodie-blocking_{next(self._numbers)}"
        start(threading.Thread(target=self._work, args=([call], self._calls), name=name, daemon=True))

    def _work(self, first: list[Callable[[], None]], calls: SimpleQueue[Callable[[], None]]) -> None:
        call = first.pop()  # out of what the thread was started with, which that keeps for as long as it lives
        while True:
            call()
            # Nobody is to keep alive what it was about: not a thread that waits, and not the variables of one that has
            # ended, which any error that was raised in it holds by the frames of its traceback.
            del call
            with self._lock:
                if self._idle == AT_ONCE:
                    return
                self._idle += 1
            call = calls.get()


THREADS = Threads()


class Lane:
    """Blocking calls of which eight are made at the same time; the others wait for their turn, and for these alone.

    Those that are overdue, or that nobody waits for, count no more, so that others get their turn: 64 are under way at
    most.
    """

    __slots__ = ("_lock", "_overdue", "_under_way", "_waiting")

    def __init__(self) -> None:
        """Begin with nothing under way."""
        self.forget()

    def forget(self) -> None:
        """Start over: in a forked child none of what was under way comes to its end."""
        self._lock = threading.Lock()
        self._waiting: deque[tuple[object, Callable[[], None]]] = deque()
        self._under_way: dict[object, float] = {}  # and when it began, in monotonic seconds
        self._overdue: set[object] = set()

    def submit(self, call: Callable[[], None], key: object = None) -> bool:
        """Have a call made that raises nothing, now or when it is its turn; return whether that is now.

        Args:
            call: what is made.
            key: by what `leave` knows it.
        """
        key = object() if key is None else key
        with self._lock:
            if self._room() <= 0:
                self._waiting.append((key, call))
                return False
            self._under_way[key] = time.monotonic()
        try:
            THREADS.submit(partial(self._make, key, call))
        except BaseException:  # no further thread can be had
            with self._lock:
                self._ended(key)
            raise
        return True

    def overdue(self, seconds: float) -> None:
        """Count those calls no more that are under way for so long."""
        latest = time.monotonic() - seconds
        with self._lock:
            self._overdue.update([key for key, began in self._under_way.items() if began <= latest])
        self._fill()

    def leave(self, key: object) -> None:
        """Count a call no more, if it is under way, for nobody waits for it."""
        with self._lock:
            if key in self._under_way:
                self._overdue.add(key)
        self._fill()

    def _fill(self) -> None:
        """Have others made in the place of those that count no more."""
        turns: list[object] = []
        try:
            with self._lock:
                turns += [object() for _ in range(min(len(self._waiting), self._room()))]
                self._under_way.update(dict.fromkeys(turns, time.monotonic()))
            while turns:
                THREADS.submit(partial(self._make_waiting, turns[-1]))
                turns.pop()
        except ClusterUnavailableError:  # no further thread can be had: their turn comes when another call has ended
            pass
        finally:
            with self._lock:
                for key in turns:
                    self._ended(key)

    def _room(self) -> int:
        """Return how many more calls may begin."""
        under_way = len(self._under_way)
        return min(AT_ONCE - under_way + len(self._overdue), _WITH_OVERDUE - under_way)

    def _ended(self, key: object) -> None:
        self._under_way.pop(key, None)
        self._overdue.discard(key)

    def _make(self, key: object, call: Callable[[], None]) -> None:
        call()
        del call  # as above
        self._make_waiting(key)

    def _make_waiting(self, key: object) -> None:
        """Make the calls that wait, one after the other, in the place of one that has ended."""
        while True:
            with self._lock:
                self._ended(key)
                if not self._waiting or self._room() <= 0:
                    return
                key, call = self._waiting.popleft()
                self._under_way[key] = time.monotonic()
            call()
            del call  # as above


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=THREADS.forget)
