"""Prepared statements by their text: bounded, and prepared once however many ask at the same time."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final, Generic, TypeVar, cast

from coodie_drivers.blocking import SharedCall
from coodie_drivers.errors import ClusterUnavailableError, OperationTimedOutError
from coodie_drivers.lanes import AT_ONCE, Lane
from coodie_drivers.messages import statement_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from coodie_drivers.messages import BatchRequest

P = TypeVar("P")

DEFAULT_CAPACITY = 1_000
MOST_CHARACTERS = 10_000_000
"""How long all texts that are held may be together; the one used last is held in any case."""

_NEARLY: Final = 0.9
"""How much of a time limit a call has been made for at its end: it begins somewhat later than who waits for it."""


class StatementCache(Generic[P]):
    """The most recently used prepared statements, by CQL text.

    Safe to use from any number of threads and event loops at once: a text that many ask for is prepared once, and all
    of them get that statement, or that error; an error is not kept. Once the time of one of them is over in vain, who
    asks next has it prepared anew, for the answer may be lost; then the first that comes counts, for all who wait.
    """

    __slots__ = ("_calls", "_capacity", "_characters", "_lane", "_lock", "_prepare", "_ready", "_timeout")

    def __init__(
        self, prepare: Callable[[str], P], capacity: int = DEFAULT_CAPACITY, *, timeout: float | None = None
    ) -> None:
        """Hold at most `capacity` statements, and ten million characters of them, made by the blocking `prepare`.

        Args:
            prepare: returns the statement of a text; it has a time limit of its own.
            capacity: how many are held.
            timeout: seconds to wait at most for texts that other threads are to prepare, or are preparing.
        """
        self._prepare = prepare
        self._timeout = timeout
        self._lane = Lane()
        self._capacity = capacity
        self._ready: OrderedDict[str, P] = OrderedDict()
        self._characters = 0
        self._calls: dict[str, SharedCall[P]] = {}
        self._lock = threading.Lock()

    def anew(self, timeout: float | None) -> StatementCache[P]:
        """Return an empty one, with this limit for all; what is being prepared for both counts as for one."""
        empty = StatementCache(self._prepare, self._capacity, timeout=timeout)
        empty._lane = self._lane
        return empty

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
        held = self.ready(cql)
        return self.get_all((cql,), timeout)[cql] if held is None else held

    async def get_async(self, cql: str, timeout: float | None = None) -> P:
        """Return the prepared statement of this text; preparing never blocks the event loop.

        Raises:
            OperationTimedOutError: if it was not prepared in time; it goes on being prepared for others.
        """
        held = self.ready(cql)
        return (await self.get_all_async((cql,), timeout))[cql] if held is None else held

    def get_all(
        self,
        texts: Iterable[str],
        timeout: float | None = None,
        until: float | None = None,
        prepare: Callable[[str], P] | None = None,
    ) -> dict[str, P]:
        """Return the prepared statements of these texts, prepared side by side, in the same time for all together.

        Args:
            texts: the texts.
            timeout: seconds after which to wait no longer; None for the limit that all have.
            until: when these are over, in monotonic seconds, if they do not begin now.
            prepare: what prepares a text for which nobody else has asked, where that depends on who asks.

        Raises:
            OperationTimedOutError: if one was not prepared in time; it goes on being prepared for others.
        """
        found, missing = self._held(texts)
        if not missing:
            return found
        from concurrent.futures import TimeoutError as FutureTimeoutError  # noqa: PLC0415 - preparing is rare

        limit = self._timeout if timeout is None else timeout
        until = _end_of(limit) if until is None else until
        begun: deque[tuple[str, SharedCall[P]]] = deque()
        try:
            for cql in self._in_turn(missing, found, begun, limit, prepare):
                found[cql] = begun[0][1].result(_left(until), here=timeout is None)
        except FutureTimeoutError:
            if begun[0][1].failed:  # with an error of its own
                raise
            raise _timed_out(begun, limit) from None
        finally:
            _leave(begun)
            del begun  # these keep their errors, which keep this name by their tracebacks
        return found

    async def get_all_async(
        self,
        texts: Iterable[str],
        timeout: float | None = None,
        until: float | None = None,
        prepare: Callable[[str], P] | None = None,
    ) -> dict[str, P]:
        """Do as `get_all` does; preparing never blocks the event loop."""
        found, missing = self._held(texts)
        if not missing:
            return found
        import asyncio  # noqa: PLC0415 - whoever is here has an event loop running

        limit = self._timeout if timeout is None else timeout
        until = _end_of(limit) if until is None else until
        begun: deque[tuple[str, SharedCall[P]]] = deque()
        try:
            for cql in self._in_turn(missing, found, begun, limit, prepare):
                found[cql] = await begun[0][1].result_async(_left(until))
        except asyncio.TimeoutError:
            if begun[0][1].failed:  # as above
                raise
            raise _timed_out(begun, limit) from None
        finally:
            _leave(begun)
            del begun  # as above
        return found

    def _held(self, texts: Iterable[str]) -> tuple[dict[str, P], list[str]]:
        """Return the statements that are held, and the texts of which none is."""
        found: dict[str, P] = {}
        missing: list[str] = []
        for cql in dict.fromkeys(texts):
            held = self.ready(cql)
            if held is None:
                missing.append(cql)
            else:
                found[cql] = held
        return found, missing

    def _in_turn(
        self,
        texts: Sequence[str],
        found: dict[str, P],
        begun: deque[tuple[str, SharedCall[P]]],
        limit: float | None,
        prepare: Callable[[str], P] | None,
    ) -> Iterator[str]:
        """Give the texts that are not held by now, each when its call is the first of `begun`: others are ahead."""
        for cql in texts:
            held, call = self._look_up(cql, prepare)
            if call is None:
                found[cql] = cast("P", held)
                continue
            if limit is not None:
                call.overdue(limit)
            call.join()
            begun.append((cql, call))
            if len(texts) > 1:
                with suppress(ClusterUnavailableError):  # no further thread can be had: whoever waits for it says so
                    call.begin()
            if len(begun) == AT_ONCE:
                yield begun[0][0]
                begun.popleft()[1].leave()
        while begun:
            yield begun[0][0]
            begun.popleft()[1].leave()

    def _look_up(self, cql: str, prepare: Callable[[str], P] | None) -> tuple[P | None, SharedCall[P] | None]:
        with self._lock:
            if cql in self._ready:
                self._ready.move_to_end(cql)
                return self._ready[cql], None
            call = self._calls.get(cql)
            if call is None:
                call = self._calls[cql] = SharedCall(
                    partial(prepare or self._prepare, cql), self._lane, partial(self._keep, cql)
                )
            return None, call

    def _keep(self, cql: str, prepared: P | None) -> None:
        """Keep what was prepared, if it was; whoever waits may go away meanwhile without harm."""
        with self._lock:
            # Another made it when whoever did so at first was interrupted, and a third may have asked meanwhile.
            self._calls.pop(cql, None)
            if prepared is None:
                return
            if self._ready.pop(cql, None) is not None:
                self._characters -= len(cql)
            # Room first: whoever looks without the lock never sees more than may be held.
            while self._ready and (len(self._ready) >= self._capacity or self._characters + len(cql) > MOST_CHARACTERS):
                self._characters -= len(self._ready.popitem(last=False)[0])
            self._ready[cql] = prepared
            self._characters += len(cql)


def texts_of(batch: BatchRequest) -> list[str]:
    """Return the texts of a batch that are prepared, for they have values: each once."""
    texts: dict[str, None] = {}
    before = None
    for part, values in batch.parts:
        if part is not before and values:  # mostly those that are alike follow each other
            before = part
            texts[part.cql] = None
    return [*texts]


def _end_of(limit: float | None) -> float | None:
    """Return when a time limit is over that begins now."""
    return None if limit is None else time.monotonic() + limit


def _left(until: float | None) -> float | None:
    return None if until is None else max(0.0, until - time.monotonic())


def _leave(begun: Iterable[tuple[str, SharedCall[P]]]) -> None:
    for _, call in begun:
        call.leave()


def _timed_out(begun: Iterable[tuple[str, SharedCall[P]]], limit: float | None) -> OperationTimedOutError:
    """Return the error of who waited too long for the first of these, after which others begin anew."""
    texts = [cql for cql, _ in begun]
    if limit is not None:
        for _, call in begun:
            call.overdue(limit * _NEARLY)
    return OperationTimedOutError(
        limit, outcome="not_applied", retryable=True, statement_kind=statement_of(texts[0]).kind, attempts=0
    )
