"""A private event loop in a thread of its own: how blocking code uses a client library that only knows asyncio."""

from __future__ import annotations

import asyncio
import os
import threading
import weakref
from typing import TYPE_CHECKING, Any, TypeVar

from coodie_drivers.errors import DriverClosedError

if TYPE_CHECKING:
    from collections.abc import Coroutine

__all__ = ["LoopThread"]

T = TypeVar("T")

_LIVE: weakref.WeakSet[LoopThread] = weakref.WeakSet()


class LoopThread:
    """An event loop that runs in a daemon thread, started when the first coroutine comes.

    The end of the process does not wait for it. A forked child has the object and not the thread: it gets a new one.
    """

    __slots__ = ("__weakref__", "_closed", "_lock", "_loop", "_name")

    def __init__(self, name: str) -> None:
        """Take the name that the thread will have."""
        self._name = name
        self._closed = False
        self.forget()
        _LIVE.add(self)

    def forget(self) -> None:
        """Start over, as a forked child must."""
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the private loop and return its result, blocking until it is there.

        Raises whatever the coroutine raises. When the waiting thread is interrupted, the coroutine is cancelled.
        """
        try:
            future = asyncio.run_coroutine_threadsafe(coroutine, self.loop())
        except BaseException:
            coroutine.close()
            raise
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def loop(self) -> asyncio.AbstractEventLoop:
        """Return the private loop, running.

        Raises:
            DriverClosedError: if it was closed.
        """
        with self._lock:
            if self._closed:
                raise DriverClosedError
            if self._loop is None:
                loop = self._loop = asyncio.new_event_loop()
                threading.Thread(target=_run, args=(loop,), name=self._name, daemon=True).start()
            return self._loop

    def close(self) -> None:
        """Stop the loop; what still runs in it is cancelled. Nothing happens when it never ran."""
        with self._lock:
            self._closed = True
            loop, self._loop = self._loop, None
        if loop is not None:
            loop.call_soon_threadsafe(loop.stop)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    finally:
        loop.close()


def _forget_all() -> None:
    for each in list(_LIVE):
        each.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
