"""`UnderWay`: the tasks that wait for answers over one session, and their end when these are waited for no longer."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from coodie_drivers.loop_thread import LoopEndedError, hear_of_failure, submit_to

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine

    from coodie_drivers.loop_thread import Submitted
    from coodie_drivers.messages import BatchRequest, Reply, Request

    Asked = Request | BatchRequest

P = TypeVar("P")

_PAUSE: Final = 0.005
"""Seconds between two looks at what is still under way."""


class Until:
    """The end of a time limit, which may be brought forward meanwhile."""

    __slots__ = ("at",)

    def __init__(self, seconds: float) -> None:
        self.at = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """How many seconds are left; 0 when it is over."""
        return max(0.0, self.at - time.monotonic())

    def bring_forward(self, seconds: float) -> None:
        """Have it end after as many seconds at the latest."""
        self.at = min(self.at, time.monotonic() + seconds)


class UnderWay:
    """What is under way over one session.

    Acsylla ends a session when the last answer is there, or its time is over. So the tasks that wait are ended here: as
    if they had been cancelled, but for those who wait for them, who are told that the driver was closed.

    Attributes:
        tasks: the tasks that are within a request.
    """

    __slots__ = ("_cut", "_ends_with_loop", "_keeper", "_lock", "_over", "_prepares", "_preparing", "tasks")

    def __init__(self, *, ends_with_loop: bool) -> None:
        """Begin with nothing.

        Args:
            ends_with_loop: whether nobody else cuts what is being prepared when the event loop of the session ends.
        """
        self._ends_with_loop = ends_with_loop
        self._keeper: AsyncGenerator[None, None] | None = None
        self.tasks: set[asyncio.Task[Any] | None] = set()
        self._prepares: set[Submitted[Any]] = set()
        self._preparing: set[asyncio.Task[Any] | None] = set()
        self._cut: set[asyncio.Task[Any]] = set()
        self._over = False
        self._lock = threading.Lock()

    async def alone(self, exchange: Callable[[Asked], Awaitable[Reply]], request: Asked) -> Reply:
        """Make a request in a task of its own, for who waits in another thread and may be gone before the end."""
        task = asyncio.current_task()
        self.tasks.add(task)
        try:
            return await exchange(request)
        except Exception:
            hear_of_failure()
            raise
        finally:
            self.tasks.discard(task)
            del task  # which keeps the error of its being cancelled, and that this name: a ring, and the session in it

    def prepared(
        self, loop: asyncio.AbstractEventLoop, prepare: Callable[[str], Coroutine[Any, Any, P]], cql: str, limit: float
    ) -> P:
        """Have a statement prepared in the session's event loop, and block until it is; from any other thread.

        Raises:
            concurrent.futures.TimeoutError: if it is not prepared after `limit` seconds.
            concurrent.futures.CancelledError: if it was cut.
            LoopEndedError: if it was cut before, or the event loop has ended.
        """
        with self._lock:  # so that what has ended when it was cut is all there ever will be
            if self._over:
                raise LoopEndedError
            try:
                call = submit_to(loop, self._prepare(prepare, cql))
            except RuntimeError:  # it is closed
                raise LoopEndedError from None
            self._prepares.add(call)
        try:
            return call.result(limit)
        except FutureTimeoutError:
            call.cancel()
            raise
        finally:
            self._prepares.discard(call)
            del call  # it keeps its error, which keeps this name by its traceback

    async def _prepare(self, prepare: Callable[[str], Coroutine[Any, Any, P]], cql: str) -> P:
        if self._over:
            raise LoopEndedError
        if self._ends_with_loop and self._keeper is None:
            self._keeper = self._kept()
            await self._keeper.__anext__()
        task = asyncio.current_task()
        self._preparing.add(task)
        try:
            return await prepare(cql)
        except Exception:
            hear_of_failure()
            raise
        finally:
            self._preparing.discard(task)
            del task  # as above

    async def _kept(self) -> AsyncGenerator[None, None]:
        """Wait for the end of the event loop, as `asyncio.run` ends one: with the generators that are left."""
        try:
            yield
        finally:
            self.cut()
            await self.ended()

    async def drained(self, until: Until) -> None:
        """Wait until all requests are answered, until then at most."""
        while self.tasks and until.left:  # noqa: ASYNC110 - a task that asked may go on for long
            await asyncio.sleep(_PAUSE)

    def cut(self) -> None:
        """End what waits, in the event loop of the session or after that has ended; no statement is prepared then."""
        with self._lock:
            self._over = True
        for call in list(self._prepares):
            call.cancel()
        for task in list(self.tasks):
            if task is not None:
                self._cut.add(task)
                with suppress(RuntimeError):  # its event loop is closed: it will hear of nothing any more
                    task.cancel()

    async def ended(self) -> None:
        """Wait in the event loop of the session until all has ended that was cut: what is left there would be logged.

        That also ends what threads have just handed over, and leaves nothing that another loop could wake.
        """
        await asyncio.sleep(0)  # what was handed over becomes a task
        await asyncio.sleep(0)  # and each of these hears that it is over
        preparing = {task for task in self._preparing if task is not None}
        if preparing:
            await asyncio.wait(preparing)

    def was_cut(self) -> bool:
        """Return whether the running task was ended here, and nowhere else, when it is told that it is cancelled."""
        task = asyncio.current_task()
        if task is None or task not in self._cut:
            return False
        self._cut.discard(task)
        uncancel: Callable[[], int] | None = getattr(task, "uncancel", None)
        return uncancel is None or not uncancel()  # before Python 3.11 no task knows how often it was cancelled
