"""Prepared statements by their text: bounded, and prepared once however many ask at the same time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from coodie_drivers.blocking import Lane, SharedCall
from coodie_drivers.errors import OperationTimedOutError
from coodie_drivers.messages import statement_of

if TYPE_CHECKING:
    from collections.abc import Callable

P = TypeVar("P")

DEFAULT_CAPACITY = 1_000
MOST_CHARACTERS = 10_000_000
"""How long all texts that are held may be together; the one used last is held in any case."""


class StatementCache(Generic[P]):
    """The most recently used prepared statements, by CQL text.

    Safe to use from any number of threads and event loops at once: a text that many ask for is prepared once, and all
    of them get that statement, or that error; an error is not kept.
    """

    __slots__ = ("_calls", "_capacity", "_characters", "_lane", "_lock", "_prepare", "_ready", "_timeout")

    def __init__(
        self, prepare: Callable[[str], P], capacity: int = DEFAULT_CAPACITY, *, timeout: float | None = None
    ) -> None:
        """Hold at most `capacity` statements, and ten million characters of them, made by the blocking `prepare`.

        Args:
            prepare: returns the statement of a text; it has a time limit of its own.
            capacity: how many are held.
            timeout: seconds to wait at most for a text that another thread is to prepare, or is preparing.
        """
        self._prepare = prepare
        self._timeout = timeout
        self._lane = Lane()
        self._capacity = capacity
        self._ready: OrderedDict[str, P] = OrderedDict()
        self._characters = 0
        self._calls: dict[str, SharedCall[P]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return how many statements are held."""
        return len(self._ready)

    def ready(self, cql: str) -> P | None:
        """Return the prepared statement of this text if it is held; prepare nothing."""
        ready = self._ready
        try:
            # Without the lock: each of the two is one step to other threads, and what goes between them is not held.
            ready.move_to_end(cql)
            return ready[cql]
        except KeyError:
            return None

    def forget(self, cql: str, prepared: P) -> None:
        """Have this text prepared anew when it is asked for next, if it is still held as this very statement."""
        with self._lock:
            if self._ready.get(cql) is prepared:
                del self._ready[cql]
                self._characters -= len(cql)

    def get(self, cql: str, timeout: float | None = None) -> P:
        """Return the prepared statement of this text, blocking while it is being prepared.

        Args:
            cql: the text.
            timeout: seconds after which to wait no longer; None for the limit that all have.

        Raises:
            OperationTimedOutError: if it was not prepared in time; it goes on being prepared for others.
        """
        ready, call = self._look_up(cql)
        if call is None:
            return cast("P", ready)
        from concurrent.futures import TimeoutError as FutureTimeoutError  # noqa: PLC0415 - preparing is rare

        limit = self._timeout if timeout is None else timeout
        try:
            return call.result(limit, here=timeout is None)
        except FutureTimeoutError:
            if call.failed:  # with an error of its own
                raise
            raise _timed_out(cql, limit) from None
        finally:
            del call  # it keeps its error, which keeps this name by its traceback

    async def get_async(self, cql: str, timeout: float | None = None) -> P:
        """Return the prepared statement of this text; preparing never blocks the event loop.

        Raises:
            OperationTimedOutError: if it was not prepared in time; it goes on being prepared for others.
        """
        ready, call = self._look_up(cql)
        if call is None:
            return cast("P", ready)
        import asyncio  # noqa: PLC0415 - whoever is here has an event loop running

        limit = self._timeout if timeout is None else timeout
        try:
            return await call.result_async(limit)
        except asyncio.TimeoutError:
            if call.failed:  # as above
                raise
            raise _timed_out(cql, limit) from None
        finally:
            del call  # as above

    def _look_up(self, cql: str) -> tuple[P | None, SharedCall[P] | None]:
        with self._lock:
            if cql in self._ready:
                self._ready.move_to_end(cql)
                return self._ready[cql], None
            call = self._calls.get(cql)
            if call is None:
                call = self._calls[cql] = SharedCall(lambda: self._prepared(cql), self._lane)
            return None, call

    def _prepared(self, cql: str) -> P:
        """Prepare and keep; whoever waits may go away meanwhile without harm."""
        try:
            prepared = self._prepare(cql)
        except BaseException:
            with self._lock:
                self._calls.pop(cql, None)
            raise
        with self._lock:
            # Another made it when whoever did so at first was interrupted, and a third may have asked meanwhile.
            self._calls.pop(cql, None)
            if self._ready.pop(cql, None) is not None:
                self._characters -= len(cql)
            # Room first: whoever looks without the lock never sees more than may be held.
            while self._ready and (len(self._ready) >= self._capacity or self._characters + len(cql) > MOST_CHARACTERS):
                self._characters -= len(self._ready.popitem(last=False)[0])
            self._ready[cql] = prepared
            self._characters += len(cql)
        return prepared


def _timed_out(cql: str, limit: float | None) -> OperationTimedOutError:
    """Return the error of who waited too long: nothing was executed."""
    kind = statement_of(cql).kind
    return OperationTimedOutError(limit, outcome="not_applied", retryable=True, statement_kind=kind, attempts=0)
