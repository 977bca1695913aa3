"""The time limits of the requests of all sessions that were opened here, under one timer of the package `cassandra`.

By itself the library starts a timer for each request. That wakes the thread of its event loop, which the caller then
shares the interpreter with, just when the request is to be written; and the timer stays there, with the request and
its values, until the time is over, though the answer came long before. Here the limits that end at about the same time
stand together, an answered request's is taken away, and the library has a timer for the earliest alone.
"""

from __future__ import annotations

import logging
import os
from functools import lru_cache
from math import inf
from threading import RLock
from time import monotonic
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Callable

    Start = Callable[[float, Callable[[], object]], Any]

_STEPS: Final = 50
"""How many times in a second limits end: one is exceeded by a fiftieth at most."""

_SHORTEST: Final = 0.5
"""Seconds below which a limit, or the delay of a speculative attempt, has a timer of the library, to be exact."""

_LONGEST: Final = 86_400.0
"""Seconds above which a limit has a timer of the library: steps are counted, and not all numbers can be."""

_SOONEST: Final = 0.001
"""Seconds that the library's timer takes at least: its clock may be a little ahead of ours."""

_LOST: Final = 1.0
"""Seconds late after which the library's timer counts as lost, and another one is started."""

_KEPT: Final = 64
"""How many steps are held, at least, before those are dropped that no limit ends with any more."""

_LOG: Final = logging.getLogger("cassandra.connection")
"""Where the library itself tells of a request that failed in the thread of the event loop."""


class Limit:
    """A limit that has been set; all that the library asks of its own timers is that they can be cancelled."""

    __slots__ = ("_beside", "callback")

    def __init__(self, beside: set[Limit], callback: Callable[[], object]) -> None:
        """Take what is to be called; `beside` are the limits that end with this one."""
        self._beside = beside
        self.callback: Callable[[], object] | None = callback

    def cancel(self) -> None:
        """Call nothing any more, and hold nothing: whoever is called belongs to a request, with its values."""
        self.callback = None
        self._beside.discard(self)  # in one step, so without the lock


class Limits:
    """The limits under way on one event loop of the library.

    They are set by any thread, and end in that of the event loop. The lock may be taken again by who holds it: by what
    a signal handler does, or a finalizer that runs in between.
    """

    __slots__ = ("__weakref__", "_armed", "_kept", "_lock", "_lost", "_start", "_steps")

    def __init__(self, start: Start) -> None:
        """Begin without any; `start` starts a timer of the library."""
        self._start = start
        self.forget()
        _ALL.add(self)

    def forget(self) -> None:
        """Forget all there are: in a forked process neither their requests go on nor the event loop."""
        self._lock = RLock()
        self._steps: dict[int, set[Limit]] = {}
        self._kept = _KEPT
        self._armed = inf
        self._lost = inf

    def begin(self, seconds: float, callback: Callable[[], object]) -> Any:
        """Have this called after as many seconds, or a little later; return what can be cancelled."""
        if not _SHORTEST <= seconds <= _LONGEST:
            return self._start(seconds, callback)
        now = monotonic()
        step = int((now + seconds) * _STEPS) + 1
        with self._lock:
            together = self._steps.get(step)
            if together is None:
                together = self._begun(step)
            limit = Limit(together, callback)
            together.add(limit)
            if step < self._armed or now > self._lost:
                try:
                    self._arm(step, now)
                except BaseException:
                    limit.cancel()  # whoever asked for it never hears of it
                    raise
        return limit

    def _begun(self, step: int) -> set[Limit]:
        """Begin a step, after dropping those that are empty by now if there are many."""
        steps = self._steps
        if len(steps) >= self._kept:
            self._drop_empty()
            self._kept = max(_KEPT, 2 * len(steps))
        together = steps[step] = set()
        return together

    def _drop_empty(self) -> None:
        for step, limits in list(self._steps.items()):
            if not limits:
                del self._steps[step]

    def _arm(self, step: int, now: float) -> None:
        """Have the library call when this step is there."""
        self._armed, before = step, self._armed
        try:
            self._start(max(step / _STEPS - now, _SOONEST), self._end)
        except BaseException:
            self._armed = before
            raise
        self._lost = step / _STEPS + _LOST

    def _end(self) -> None:
        """End the limits that are due, and have the library call again for the next."""
        with self._lock:
            self._armed = self._lost = inf
            now = monotonic()
            self._drop_empty()
            due = [self._steps.pop(step) for step in sorted(self._steps) if step <= now * _STEPS]
            if self._steps:
                self._arm(min(self._steps), now)
        for limits in due:
            while limits:
                limit = limits.pop()
                callback, limit.callback = limit.callback, None
                if callback is not None:
                    _called(callback)


def _called(callback: Callable[[], object]) -> None:
    """Call this; what it raises is told as the library tells it, for the other limits have to end, too."""
    try:
        callback()
    except Exception:  # noqa: BLE001 - a listener may raise anything
        _LOG.exception("a request's time was over, and what was to be done then failed")


_ALL: Final[WeakSet[Limits]] = WeakSet()


def _forget_all() -> None:
    for limits in list(_ALL):
        limits.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)


@lru_cache(maxsize=8)
def sharing_timers(connection_class: Any) -> Any:
    """Return a class of connections like this one, of which the requests' time limits share a timer."""

    def start(seconds: float, callback: Callable[[], object]) -> Any:
        return connection_class.create_timer(seconds, callback)

    limits = Limits(start)

    def create_timer(_: Any, timeout: float, callback: Callable[[], object]) -> Any:
        return limits.begin(timeout, callback)

    def initialize_reactor(_: Any) -> None:
        connection_class.initialize_reactor()  # some keep their event loop on the class, and start timers there

    methods = {"create_timer": classmethod(create_timer), "initialize_reactor": classmethod(initialize_reactor)}
    return type(connection_class.__name__, (connection_class,), methods)
