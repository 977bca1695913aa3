"""Prepared statements by their text: bounded, and prepared once however many ask at the same time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from coodie_drivers.blocking import SharedCall

if TYPE_CHECKING:
    from collections.abc import Callable

P = TypeVar("P")

DEFAULT_CAPACITY = 1_000


class StatementCache(Generic[P]):
    """The most recently used prepared statements, by CQL text.

    Safe to use from any number of threads and event loops at once: a text that many ask for is prepared once, and all
    of them get that statement, or that error; an error is not kept.
    """

    __slots__ = ("_calls", "_capacity", "_lock", "_prepare", "_ready")

    def __init__(self, prepare: Callable[[str], P], capacity: int = DEFAULT_CAPACITY) -> None:
        """Hold at most `capacity` statements, each made by the blocking `prepare`."""
        self._prepare = prepare
        self._capacity = capacity
        self._ready: OrderedDict[str, P] = OrderedDict()
        self._calls: dict[str, SharedCall[P]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return how many statements are held."""
        return len(self._ready)

    def ready(self, cql: str) -> P | None:
        """Return the prepared statement of this text if it is held; prepare nothing."""
        with self._lock:
            if cql not in self._ready:
                return None
            self._ready.move_to_end(cql)
            return self._ready[cql]

    def get(self, cql: str) -> P:
        """Return the prepared statement of this text, blocking while it is being prepared."""
        ready, call = self._look_up(cql)
        return call.result() if call is not None else cast("P", ready)

    async def get_async(self, cql: str) -> P:
        """Return the prepared statement of this text; preparing never blocks the event loop."""
        ready, call = self._look_up(cql)
        return await call.result_async() if call is not None else cast("P", ready)

    def _look_up(self, cql: str) -> tuple[P | None, SharedCall[P] | None]:
        with self._lock:
            if cql in self._ready:
                self._ready.move_to_end(cql)
                return self._ready[cql], None
            call = self._calls.get(cql)
            if call is None:
                call = self._calls[cql] = SharedCall(lambda: self._prepared(cql))
            return None, call

    def _prepared(self, cql: str) -> P:
        """Prepare and keep; whoever waits may go away meanwhile without harm."""
        try:
            prepared = self._prepare(cql)
        except BaseException:
            with self._lock:
                del self._calls[cql]
            raise
        with self._lock:
            del self._calls[cql]
            self._ready[cql] = prepared
            if len(self._ready) > self._capacity:
                self._ready.popitem(last=False)
        return prepared
