"""Iterating over whole tables for the shells: several ranges are read at once, a page of each ahead of the loop."""

from __future__ import annotations

import contextvars
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from coodie._ops import scanning
from coodie._query import choosing
from coodie._shell.running import aquery_at, linked, looked_at, query_at
from coodie_drivers.blocking import in_own_thread

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
    from concurrent.futures import Future

    from coodie._ops.scanning import Page, Step
    from coodie._query.chain import Chain

T_co = TypeVar("T_co", covariant=True)

_MOST_AT_ONCE = 256


class _Scanning(Generic[T_co]):
    """A scan, and how far it is."""

    __slots__ = ("_at_once", "_link", "_starting", "_state", "_walk")

    def __init__(
        self,
        chain: Chain[T_co],
        splits: int | None,
        at_once: int,
        resume: str | None,
        progress: Callable[[int, int], object] | None,
    ) -> None:
        """Begin, or go on where a position says."""
        choosing.whole_number("scan(at_once=...)", at_once, _MOST_AT_ONCE)
        choosing.refuse_uncalled("scan", progress)
        self._link = linked(chain)
        self._state = chain.state
        self._walk = scanning.Walk(self._link.target, self._state, splits, resume, progress)
        self._at_once = at_once
        self._starting = Lock()

    @property
    def position(self) -> str:
        """How far it is: `scan(resume=position)` goes on behind the items that were given out so far.

        The text holds page states, and with them primary keys. It is not signed: take it from nobody who is not
        trusted, or sign it by `PageCursors.sign(query, scan.position.encode())`.
        """
        return self._walk.position


class _Loop:
    """What a loop holds as long as it runs."""

    __slots__ = ("__weakref__",)


class _AsyncLoop(_Loop, Generic[T_co]):
    """An asynchronous loop, which is over when nobody holds it; the generator that it asks is closed later."""

    __slots__ = ("items",)

    items: AsyncGenerator[T_co]

    def __aiter__(self) -> AsyncIterator[T_co]:
        return self

    def __anext__(self) -> Awaitable[T_co]:
        return self.items.__anext__()

    async def aclose(self) -> None:
        """End the loop."""
        await self.items.aclose()


class Scan(_Scanning[T_co]):
    """A whole table as an iterator; another loop goes on where the last one was left."""

    __slots__ = ()

    def __iter__(self) -> Iterator[T_co]:
        """Iterate over the items, in no order.

        Raises:
            InvalidQueryError: another loop over this scan runs, or has given out everything.
        """
        import concurrent.futures  # noqa: PLC0415 - few programs read whole tables

        walk, loop = self._walk, _Loop()
        with self._starting:
            number = walk.start(loop)
        try:
            pending = {self._fetching(step): step for step in walk.begin(self._at_once)}
            while pending:
                done, _ = concurrent.futures.wait(pending, return_when=concurrent.futures.FIRST_COMPLETED)
                for future in done:
                    step = pending.pop(future)
                    page = future.result()
                    following = walk.after(step, page)
                    if following is not None:
                        pending[self._fetching(following)] = following
                    yield from walk.items(step, page)
        finally:
            walk.end(number)

    def _fetching(self, step: Step) -> Future[Page]:
        there = contextvars.copy_context()

        def fetch() -> Page:
            return query_at(self._link, self._state, scanning.fetch_step, step, self._walk.splits)

        return in_own_thread(lambda: there.run(fetch), "coodie-scan")


class AsyncScan(_Scanning[T_co]):
    """A whole table as an asynchronous iterator; another loop goes on where the last one was left."""

    __slots__ = ()

    def __aiter__(self) -> AsyncIterator[T_co]:
        """Iterate over the items, in no order.

        Raises:
            InvalidQueryError: another loop over this scan runs, or has given out everything.
        """
        loop = _AsyncLoop[T_co]()
        loop.items = self._items(self._walk.start(loop))
        return loop

    async def _items(self, number: int) -> AsyncGenerator[T_co]:
        import asyncio  # noqa: PLC0415 - whoever is here has an event loop running

        walk = self._walk
        pending: dict[asyncio.Task[Page], Step] = {}
        try:
            pending = {self._fetching(step): step for step in walk.begin(self._at_once)}
            while pending:
                done, _ = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    step = pending.pop(task)
                    page = task.result()
                    following = walk.after(step, page)
                    if following is not None:
                        pending[self._fetching(following)] = following
                    for item in walk.items(step, page):
                        yield item
        finally:
            walk.end(number)
            for task in pending:
                task.cancel()

    def _fetching(self, step: Step) -> asyncio.Task[Page]:
        import asyncio  # noqa: PLC0415 - whoever is here has an event loop running

        task: asyncio.Task[Any] = asyncio.ensure_future(
            aquery_at(self._link, self._state, scanning.fetch_step, step, self._walk.splits)
        )
        task.add_done_callback(looked_at)
        return task
