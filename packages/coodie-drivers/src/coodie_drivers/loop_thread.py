"""A private event loop in a thread of its own: how blocking code uses a client library that only knows asyncio."""

from __future__ import annotations

import asyncio
import os
import threading
import time
import weakref
from concurrent.futures import CancelledError, wait
from contextlib import suppress
from inspect import CORO_CREATED, getcoroutinestate
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from coodie_drivers.errors import ClusterUnavailableError, DriverClosedError
from coodie_drivers.reaching import system_reason

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from concurrent.futures import Future

__all__ = ["LoopEndedError", "LoopThread", "Submitted", "hear_of_failure", "submit_to"]

T = TypeVar("T")

_LOOK: Final = 0.05
"""Seconds between two looks at whether an event loop has ended; it tells nobody."""

_LIVE: weakref.WeakSet[LoopThread] = weakref.WeakSet()


class LoopThread:
    """An event loop that runs in a daemon thread, started when the first coroutine comes.

    The end of the process does not wait for it. A forked child has the object and not the thread: it gets a new one.
    """

    __slots__ = ("__weakref__", "_closed", "_end", "_lock", "_loop", "_name")

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
        self._end: asyncio.Future[None] | None = None

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the private loop and return its result, blocking until it is there.

        Raises whatever the coroutine raises. When the waiting thread is interrupted, the coroutine is cancelled.

        Raises:
            ClusterUnavailableError: if there is no loop yet, and not enough file descriptors for one.
            DriverClosedError: if it was closed; its outcome is `unknown` if the coroutine may have begun.
        """
        begun: list[asyncio.Task[T]] = []
        # Not a future of `concurrent`: a signal handler that raises while one is asked may leave it locked, and the
        # loop would wait for that lock for ever. This one is taken and released in C.
        ended = threading.Lock()
        ended.acquire()

        def begin() -> None:
            task = asyncio.get_running_loop().create_task(coroutine)
            begun.append(task)
            wake: Callable[..., None] = ended.__exit__
            task.add_done_callback(wake)

        try:
            with self._lock:  # so that closing comes before it or after it
                self._started().call_soon_threadsafe(begin)
            ended.acquire()
        except BaseException:
            self._drop(coroutine, begun)
            raise
        try:
            return begun[0].result()
        except asyncio.CancelledError:
            if not self._closed:
                raise CancelledError from None
            closed = DriverClosedError()
            closed.outcome = "unknown"
            raise closed from None

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Hand a coroutine over to the private loop; what is returned ends in any case, cancelled if that is closed.

        Raises:
            ClusterUnavailableError: if there is no loop yet, and not enough file descriptors for one.
            DriverClosedError: if it was closed.
        """
        try:
            with self._lock:  # so that closing comes before it or after it
                return asyncio.run_coroutine_threadsafe(coroutine, self._started())
        except BaseException:
            self._drop(coroutine, [])
            raise

    def _drop(self, coroutine: Coroutine[Any, Any, Any], begun: list[asyncio.Task[T]]) -> None:
        """Cancel a coroutine; close one that was not handed over, for Python would warn of one that nobody awaits.

        Only its own loop can tell how far it is when who waited for it was interrupted.
        """
        loop = self._loop
        if loop is None:
            _give_up(coroutine, begun)
            return
        with suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(_give_up, coroutine, begun)

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._closed:
            raise DriverClosedError
        if self._loop is None:
            loop = _new_loop()
            end = loop.create_future()
            try:
                threading.Thread(target=_run, args=(loop, end), name=self._name, daemon=True).start()
            except BaseException:  # no further thread can be had
                loop.close()
                raise
            self._loop, self._end = loop, end
        return self._loop

    def close(self) -> None:
        """Stop the loop; what still runs in it is cancelled. Nothing happens when it never ran."""
        with self._lock:
            self._closed = True
            loop, self._loop = self._loop, None
            end, self._end = self._end, None
            if loop is not None and end is not None:
                loop.call_soon_threadsafe(end.set_result, None)


class LoopEndedError(Exception):
    """An event loop was closed before it was done with a coroutine; how far it came is not known."""


class Submitted(Generic[T]):
    """A coroutine in somebody else's event loop, which may end, and then leaves it as it is, without a word."""

    __slots__ = ("_coroutine", "_future", "_loop")

    def __init__(self, loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, T]) -> None:
        """Hand it over."""
        self._loop = loop
        self._coroutine = coroutine
        self._future = asyncio.run_coroutine_threadsafe(coroutine, loop)

    def is_lost(self) -> bool:
        """Return whether the event loop was closed before it was done, so that it never will be."""
        if not self._loop.is_closed() or self._future.done():
            return False
        if getcoroutinestate(self._coroutine) == CORO_CREATED:
            self._coroutine.close()  # Python would warn of one that nobody awaits
        return True

    def done(self) -> bool:
        """Return whether there is nothing to wait for: it is done, or lost."""
        return self._future.done() or self.is_lost()

    def cancel(self) -> None:
        """Cancel it, unless it is lost: nobody could be told in an event loop that is closed."""
        if not self.is_lost():
            self._future.cancel()

    def result(self, timeout: float | None = None) -> T:
        """Return its result, blocking until it is there.

        Raises:
            concurrent.futures.TimeoutError: if it is not there after so many seconds.
            LoopEndedError: if it will never be there.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while not self.done() and (until is None or time.monotonic() < until):
            wait((self._future,), _LOOK if until is None else min(_LOOK, max(0, until - time.monotonic())))
        if self.is_lost():
            raise LoopEndedError
        try:
            return self._future.result(0)
        finally:
            del self  # it keeps its error, which keeps this name by its traceback

    async def result_async(self) -> T:
        """Return its result without blocking the event loop; it is cancelled when the awaiting task is.

        Raises:
            LoopEndedError: if it will never be there.
        """
        here = asyncio.wrap_future(self._future)
        try:
            while not here.done():
                await asyncio.wait((here,), timeout=_LOOK)
                if self.is_lost():
                    raise LoopEndedError
        except asyncio.CancelledError:
            here.cancel()
            raise
        return here.result()


def submit_to(loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, T]) -> Submitted[T]:
    """Hand a coroutine over to somebody else's event loop, which runs in another thread.

    Raises:
        RuntimeError: if that is closed.
    """
    try:
        return Submitted(loop, coroutine)
    except BaseException:
        try:
            loop.call_soon_threadsafe(_give_up, coroutine)  # it may have been handed over before an interruption
        except RuntimeError:
            _give_up(coroutine)
        raise


def hear_of_failure() -> None:
    """Have the failure of the task that runs here count as heard.

    Who waits for it in another event loop may have been cancelled: asyncio would log, long after, that nobody asked.
    """
    task = asyncio.current_task()
    if task is not None:
        task.add_done_callback(lambda done: done.cancelled() or done.exception())


def _give_up(coroutine: Coroutine[Any, Any, Any], begun: Sequence[asyncio.Task[Any]] = ()) -> None:
    if begun:
        begun[0].cancel()
    elif getcoroutinestate(coroutine) == CORO_CREATED:
        coroutine.close()


def _new_loop() -> asyncio.AbstractEventLoop:
    try:
        return asyncio.new_event_loop()
    except OSError as error:
        reason = system_reason(error) or str(error)
        raise ClusterUnavailableError(
            {"no event loop": reason}, outcome="not_applied", retryable=True, attempts=0
        ) from error


def _run(loop: asyncio.AbstractEventLoop, end: asyncio.Future[None]) -> None:
    asyncio.set_event_loop(loop)
    try:
        _run_until(loop, end)
        while True:
            _run_until(loop, loop.create_task(asyncio.sleep(0)))  # what came in meanwhile begins
            left = asyncio.all_tasks(loop)
            if not left:
                break
            for task in left:
                task.cancel()
            _run_until(loop, asyncio.gather(*left, return_exceptions=True))
        _run_until(loop, loop.create_task(asyncio.sleep(0)))  # who waits for what has just ended is told
    finally:
        loop.close()


def _run_until(loop: asyncio.AbstractEventLoop, end: asyncio.Future[Any]) -> None:
    """Run an event loop until something is done.

    A task that raises `SystemExit` or `KeyboardInterrupt` tells who waits for it, as any other does; asyncio ends its
    loop besides, and all others would wait for ever.
    """
    done = False
    while not done:
        with suppress(KeyboardInterrupt, SystemExit):
            loop.run_until_complete(end)
            done = True


def _forget_all() -> None:
    for each in list(_LIVE):
        each.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
