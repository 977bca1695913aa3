"""`UnderWay`: the tasks that wait for answers over one session, and their end when these are waited for no longer."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.loop_thread import hear_of_failure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from coodie_drivers.loop_thread import Submitted
    from coodie_drivers.messages import BatchRequest, Reply, Request

    Asked = Request | BatchRequest

_PAUSE: Final = 0.005
"""Seconds between two looks at what is still under way."""


class UnderWay:
    """What is under way over one session.

    Acsylla ends a session when the last answer is there, or its time is over. So the tasks that wait are ended here: as
    if they had been cancelled, but for those who wait for them, who are told that the driver was closed.

    Attributes:
        tasks: the tasks that are within a request.
        prepares: the calls that prepare a statement.
    """

    __slots__ = ("_cut", "prepares", "tasks")

    def __init__(self) -> None:
        """Begin with nothing."""
        self.tasks: set[asyncio.Task[Any] | None] = set()
        self.prepares: set[Submitted[Any]] = set()
        self._cut: set[asyncio.Task[Any]] = set()

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

    async def drained(self, seconds: float) -> None:
        """Wait until all requests are answered, for that long at most."""
        deadline = time.monotonic() + seconds
        while self.tasks and time.monotonic() < deadline:  # noqa: ASYNC110 - a task that asked may go on for long
            await asyncio.sleep(_PAUSE)

    def cut(self) -> None:
        """End what waits, in the event loop of the session or after that has ended."""
        for call in list(self.prepares):
            call.cancel()
        for task in list(self.tasks):
            if task is not None:
                self._cut.add(task)
                with suppress(RuntimeError):  # its event loop is closed: it will hear of nothing any more
                    task.cancel()

    def was_cut(self) -> bool:
        """Return whether the running task was ended here, and nowhere else, when it is told that it is cancelled."""
        task = asyncio.current_task()
        if task is None or task not in self._cut:
            return False
        self._cut.discard(task)
        uncancel: Callable[[], int] | None = getattr(task, "uncancel", None)
        return uncancel is None or not uncancel()  # before Python 3.11 no task knows how often it was cancelled
