"""Reaching a first node within one time limit: a session for all hosts, and others beside it when it is slow.

By itself the library tries one host after the other in an order of its own, each for as long as all of them may take.
"""

from __future__ import annotations

import time
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._rust_library import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from coodie_drivers.config import Host

_NEXT_HOST_AFTER: Final = 0.25
"""Seconds without an answer after which the next host is tried as well, as RFC 8305 has it for addresses."""


class Reach:
    """One way to a session; who waits for it can let go at any moment, from any thread."""

    def __init__(self, seconds: float, hosts: Sequence[Host]) -> None:
        """Take the limit, which begins now, and the hosts that were given."""
        self._seconds = seconds
        self._until = time.monotonic() + seconds
        self._hosts = tuple(hosts)
        self._ended: SimpleQueue[Any] = SimpleQueue()
        self._under_way: list[Any] = []
        self._given_up = False

    def left(self) -> float:
        """Return how many seconds are left, none below 0."""
        return max(0, self._until - time.monotonic())

    def give_up(self) -> None:
        """Let whoever waits go."""
        self._given_up = True
        self._ended.put(None)

    def session(self, opening: Callable[[Sequence[Host]], Any]) -> Any:
        """Return the first session that is open, blocking until then; the others are given up.

        Args:
            opening: begins to open a session by these hosts, and returns the library's future of it.

        Raises:
            ScyllaError: if no host can be used.
            TimeoutError: if there is none in time, or nobody waits any more.
        """
        if self._given_up:
            raise TimeoutError
        won = None
        try:
            won = self._first(opening)
            return won.result()
        finally:
            for each in self._under_way:
                if each is not won:
                    each.cancel()
            # A future keeps its error, that its traceback, and that the names, which must not keep the future in turn:
            # the garbage collector does not see into the library.
            won = each = None
            self._ended, self._under_way = SimpleQueue(), []

    def _first(self, opening: Callable[[Sequence[Host]], Any]) -> Any:
        whole = self._start(opening, self._hosts)
        beside = list(self._hosts) if len(self._hosts) > 1 else []
        step = min(_NEXT_HOST_AFTER, self._seconds / (2 * len(self._hosts) + 2))
        ended = None
        try:
            while True:
                left = self.left()
                if left <= 0:
                    raise TimeoutError
                try:
                    ended = self._ended.get(timeout=min(left, step) if beside else left)
                except Empty:
                    if beside:
                        self._start(opening, [beside.pop(0)])
                    continue
                if ended is None:
                    raise TimeoutError
                try:
                    ended.result()
                except errors.ScyllaError:
                    if ended is whole:  # it has tried all hosts
                        raise
                else:
                    return ended
        finally:
            whole = ended = None  # as above

    def _start(self, opening: Callable[[Sequence[Host]], Any], hosts: Sequence[Host]) -> Any:
        future = opening(hosts)
        self._under_way.append(future)
        future.on_done(self._ended.put)
        return future
