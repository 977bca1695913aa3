"""Blocking calls of client libraries: kept off the event loop, and made once for all who ask at the same time."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future, ThreadPoolExecutor

T = TypeVar("T")

_MAX_THREADS = 8


class _Threads:
    """A few threads for blocking calls, started when first needed, anew in a forked child."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._executor: ThreadPoolExecutor | None = None

    def submit(self, call: Callable[[], T]) -> Future[T]:
        with self._lock:
            if self._executor is None:
                from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - blocking callers never need it

                self._executor = ThreadPoolExecutor(_MAX_THREADS, thread_name_prefix="coodie-blocking")
            return self._executor.submit(call)

    def forget(self) -> None:
        """Start over: a forked child has the parent's objects but none of its threads."""
        self._lock = threading.Lock()
        self._executor = None


_THREADS = _Threads()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_THREADS.forget)


async def in_thread(call: Callable[[], T], *, abandoned: Callable[[T], object] | None = None) -> T:
    """Make a blocking call without blocking the event loop; return or raise what it does.

    When the awaiting task is cancelled the call still runs to its end; its result is then given to `abandoned`, in the
    thread that made it, so that what was opened for nobody can be closed.
    """
    future = _THREADS.submit(call)
    try:
        return await _awaited(future)
    except BaseException:
        if abandoned is not None:
            future.add_done_callback(lambda done: _clean_up(done, abandoned))
        raise


def _clean_up(done: Future[T], abandoned: Callable[[T], object]) -> None:
    if not done.cancelled() and done.exception() is None:
        abandoned(done.result())


async def _awaited(future: Future[T]) -> T:
    """Await the outcome of a thread's work; the work itself knows nothing of who waits, nor of event loops ending."""
    import asyncio  # noqa: PLC0415 - whoever is here has an event loop running

    loop = asyncio.get_running_loop()
    waiter = loop.create_future()

    def settle() -> None:
        if not waiter.done():
            waiter.set_result(None)

    def wake(_: Future[T]) -> None:
        with suppress(RuntimeError):  # the loop was closed meanwhile: nobody waits any more
            loop.call_soon_threadsafe(settle)

    future.add_done_callback(wake)
    await waiter
    return future.result()


class SharedCall(Generic[T]):
    """A blocking call that is made once, however many threads and tasks ask for its result.

    The first to ask makes it; all others wait for its outcome, be it a result or an error.
    """

    __slots__ = ("_call", "_future", "_lock")

    def __init__(self, call: Callable[[], T]) -> None:
        from concurrent.futures import Future  # noqa: PLC0415 - connecting and preparing are rare

        self._call: Callable[[], T] | None = call
        self._future: Future[T] = Future()
        self._lock = threading.Lock()

    @property
    def failed(self) -> bool:
        """Whether the call was made and raised."""
        return self._future.done() and self._future.exception() is not None

    def result(self) -> T:
        """Return the result, blocking until it is there."""
        call = self._taken()
        if call is not None:
            self._make(call)
        return self._future.result()

    async def result_async(self) -> T:
        """Return the result without blocking the event loop."""
        call = self._taken()
        if call is not None:
            _THREADS.submit(lambda: self._make(call))
        return await _awaited(self._future)

    def _taken(self) -> Callable[[], T] | None:
        with self._lock:
            call, self._call = self._call, None
        return call

    def _make(self, call: Callable[[], T]) -> None:
        try:
            result = call()
        except BaseException as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
            self._future.set_exception(error)
        else:
            self._future.set_result(result)
