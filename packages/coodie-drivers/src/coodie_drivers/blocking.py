"""Blocking calls of client libraries: kept off the event loop, and made once for all who ask at the same time."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

T = TypeVar("T")

_MAX_THREADS = 8


class _Threads:
    """A few threads for blocking calls, started when first needed, anew in a forked child.

    Not those of `concurrent.futures`: the end of the process waits for these, and here nobody would be waiting.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Start over: a forked child has the parent's objects but none of its threads."""
        self._lock = threading.Lock()
        self._calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._started = 0
        self._idle = 0

    def submit(self, call: Callable[[], T]) -> Future[T]:
        from concurrent.futures import Future  # noqa: PLC0415 - blocking callers never need it

        future: Future[T] = Future()
        with self._lock:
            self._calls.put(lambda: _settle(future, call))
            if self._idle:
                self._idle -= 1
            elif self._started < _MAX_THREADS:
                self._started += 1
                name = f"coodie-blocking_{self._started}"
                threading.Thread(target=self._work, args=(self._calls,), name=name, daemon=True).start()
        return future

    def _work(self, calls: SimpleQueue[Callable[[], None]]) -> None:
        while True:
            calls.get()()
            with self._lock:
                waiting = calls.qsize()
                # A call that was put while all were busy woke nobody: whoever is done takes it, and is not idle.
                self._idle += not waiting


_THREADS = _Threads()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_THREADS.forget)


def in_own_thread(call: Callable[[], T], name: str) -> Future[T]:
    """Make a blocking call in a thread of its own, for which the end of the process does not wait."""
    from concurrent.futures import Future  # noqa: PLC0415 - whoever only reads the registry never needs it

    future: Future[T] = Future()
    threading.Thread(target=_settle, args=(future, call), name=name, daemon=True).start()
    return future


def _settle(future: Future[T], call: Callable[[], T]) -> None:
    """Make the call and put what it does into `future`."""
    try:
        result = call()
    except BaseException as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
        future.set_exception(error)
    else:
        future.set_result(result)


def in_background(call: Callable[[], T]) -> Future[T]:
    """Make a blocking call in another thread, which the end of the process does not wait for."""
    return _THREADS.submit(call)


async def in_thread(call: Callable[[], T], *, abandoned: Callable[[T], object] | None = None) -> T:
    """Make a blocking call without blocking the event loop; return or raise what it does.

    When the awaiting task is cancelled the call still runs to its end, unless the process ends before; its result is
    then given to `abandoned`, in the thread that made it, so that what was opened for nobody can be closed.
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
    def done(self) -> bool:
        """Whether the call was made, and returned or raised."""
        return self._future.done()

    @property
    def failed(self) -> bool:
        """Whether the call was made and raised."""
        return self._future.done() and self._future.exception() is not None

    def result(self) -> T:
        """Return the result, blocking until it is there."""
        call = self._taken()
        if call is not None:
            _settle(self._future, call)
        return self._future.result()

    async def result_async(self) -> T:
        """Return the result without blocking the event loop."""
        call = self._taken()
        if call is not None:
            _THREADS.submit(lambda: _settle(self._future, call))
        return await _awaited(self._future)

    def _taken(self) -> Callable[[], T] | None:
        with self._lock:
            call, self._call = self._call, None
        return call
