"""Blocking calls of client libraries: kept off the event loop, and made once for all who ask at the same time."""

from __future__ import annotations

import os
import threading
from collections import deque
from contextlib import suppress
from functools import partial
from itertools import count
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final, Generic, TypeVar, cast

from coodie_drivers.errors import ClusterUnavailableError
from coodie_drivers.interrupts import is_interrupt

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

T = TypeVar("T")

_AT_ONCE: Final = 8
"""Calls of one lane that are made at the same time, and threads that are kept when there is nothing to do."""


def _start(thread: threading.Thread) -> None:
    """Start a thread.

    Raises:
        ClusterUnavailableError: if no further one can be had.
    """
    try:
        thread.start()
    except RuntimeError as error:
        raise ClusterUnavailableError(
            {"no thread": str(error)}, outcome="not_applied", retryable=True, attempts=0
        ) from error


class _Threads:
    """Threads for blocking calls, started when one is needed and none is idle, anew in a forked child.

    Not those of `concurrent.futures`: the end of the process waits for these, and here nobody would be waiting.
    """

    def __init__(self) -> None:
        self._numbers = count(1)
        self.forget()

    def forget(self) -> None:
        """Start over: a forked child has the parent's objects but none of its threads."""
        self._lock = threading.Lock()
        self._calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._idle = 0

    def submit(self, call: Callable[[], None]) -> None:
        """Have a call made that raises nothing, at once, however many are under way."""
        with self._lock:
            if self._idle:
                self._idle -= 1
                self._calls.put(call)
                return
        name = f"coodie-blocking_{next(self._numbers)}"
        _start(threading.Thread(target=self._work, args=([call], self._calls), name=name, daemon=True))

    def _work(self, first: list[Callable[[], None]], calls: SimpleQueue[Callable[[], None]]) -> None:
        call = first.pop()  # out of what the thread was started with, which that keeps for as long as it lives
        while True:
            call()
            # Nobody is to keep alive what it was about: not a thread that waits, and not the variables of one that has
            # ended, which any error that was raised in it holds by the frames of its traceback.
            del call
            with self._lock:
                if self._idle == _AT_ONCE:
                    return
                self._idle += 1
            call = calls.get()


_THREADS = _Threads()


class Lane:
    """Blocking calls of which eight are made at the same time; the others wait for their turn, and for these alone."""

    __slots__ = ("_lock", "_under_way", "_waiting")

    def __init__(self) -> None:
        """Begin with nothing under way."""
        self.forget()

    def forget(self) -> None:
        """Start over: in a forked child none of what was under way comes to its end."""
        self._lock = threading.Lock()
        self._waiting: deque[Callable[[], None]] = deque()
        self._under_way = 0

    def submit(self, call: Callable[[], None]) -> None:
        """Have a call made that raises nothing, now or when it is its turn."""
        with self._lock:
            if self._under_way == _AT_ONCE:
                self._waiting.append(call)
                return
            self._under_way += 1
        try:
            _THREADS.submit(partial(self._make, call))
        except BaseException:  # no further thread can be had
            with self._lock:
                self._under_way -= 1
            raise

    def _make(self, call: Callable[[], None]) -> None:
        while True:
            call()
            del call  # as above
            with self._lock:
                if not self._waiting:
                    self._under_way -= 1
                    return
                call = self._waiting.popleft()


_BRIEF = Lane()
"""What takes no longer than this machine does: importing, reading certificates."""


def _forget() -> None:
    _THREADS.forget()
    _BRIEF.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def in_own_thread(call: Callable[[], T], name: str) -> Future[T]:
    """Make a blocking call in a thread of its own, for which the end of the process does not wait."""
    from concurrent.futures import Future  # noqa: PLC0415 - whoever only reads the registry never needs it

    future: Future[T] = Future()
    _start(threading.Thread(target=_settle, args=(future, call), name=name, daemon=True))
    return future


def _settle(future: Future[T], call: Callable[[], T]) -> None:
    """Make the call and put what it does into `future`; by `partial`, for a function around it would keep both."""
    try:
        result = call()
    except BaseException as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
        future.set_exception(error)
        del future, call  # the error keeps these names by its traceback: a ring, which only the collector would end
    else:
        future.set_result(result)


def in_background(call: Callable[[], T]) -> Future[T]:
    """Make a blocking call in another thread, which the end of the process does not wait for."""
    from concurrent.futures import Future  # noqa: PLC0415 - as above

    future: Future[T] = Future()
    _THREADS.submit(partial(_settle, future, call))
    return future


async def in_thread(call: Callable[[], T], *, abandoned: Callable[[T], object] | None = None, long: bool = False) -> T:
    """Make a blocking call without blocking the event loop; return or raise what it does.

    When the awaiting task is cancelled the call still runs to its end, unless the process ends before; its result is
    then given to `abandoned`, in the thread that made it, so that what was opened for nobody can be closed.

    Args:
        call: what is made.
        abandoned: what is given a result that nobody waits for any more.
        long: whether the call may wait for other machines. It is then made at once, in a thread of its own if need be;
            the others are made by few threads, which such calls would hold up.
    """
    from concurrent.futures import Future  # noqa: PLC0415 - blocking callers never need it

    future: Future[T] = Future()
    (_THREADS if long else _BRIEF).submit(partial(_settle, future, call))
    try:
        return await _awaited(future)
    except BaseException:
        if abandoned is not None:
            future.add_done_callback(lambda done: _clean_up(done, abandoned))
        raise


def _clean_up(done: Future[T], abandoned: Callable[[T], object]) -> None:
    if not done.cancelled() and done.exception() is None:
        abandoned(done.result())


async def _awaited(future: Future[T], timeout: float | None = None) -> T:
    """Await the outcome of a thread's work; the work itself knows nothing of who waits, nor of event loops ending.

    Not by `asyncio.wait_for`: that needs a task of its own, which hears of a cancellation some turns of the loop later.
    """
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
    limit = None if timeout is None else loop.call_later(timeout, settle)
    try:
        await waiter
    finally:
        if limit is not None:
            limit.cancel()
    if limit is not None and not future.done():
        raise asyncio.TimeoutError
    try:
        return future.result()
    finally:
        del future  # as above


class _InterruptedError(Exception):
    """Whoever made a call was interrupted, by Ctrl-C for instance: somebody else is to make it."""


_OTHERS: Final = object()
"""Sees to a call that another thread makes than whoever asked for it first."""


class SharedCall(Generic[T]):
    """A blocking call that is made once, however many threads and tasks ask for its result.

    The first to ask makes it; all others wait for its outcome, be it a result or an error. When the thread that makes
    it is interrupted, or cannot have another make it, that concerns this thread alone: the next of those who wait makes
    it anew.
    """

    __slots__ = ("_call", "_future", "_lane", "_lock", "_maker")

    def __init__(self, call: Callable[[], T], lane: Lane | None = None) -> None:
        """Take the call, and where it waits for its turn when it is made in another thread."""
        from concurrent.futures import Future  # noqa: PLC0415 - connecting and preparing are rare

        self._call: Callable[[], T] | None = call
        self._future: Future[T] = Future()
        self._lock = threading.Lock()
        self._lane = lane
        self._maker: object = None

    @property
    def failed(self) -> bool:
        """Whether the call was made and raised."""
        return self._future.done() and self._future.exception() is not None

    def result(self, timeout: float | None = None, *, here: bool = True) -> T:
        """Return the result, blocking until it is there.

        Args:
            timeout: seconds after which to wait no longer for a thread that makes the call.
            here: whether this thread makes the call if nobody has yet, however long that takes.

        Raises:
            concurrent.futures.TimeoutError: if it is not there in time; others may go on waiting.
        """
        while True:
            future = self._begun(here=here)
            try:
                return future.result(timeout)
            except _InterruptedError:
                continue
            except BaseException:
                del self, future  # as above
                raise

    async def result_async(self, timeout: float | None = None) -> T:
        """Return the result without blocking the event loop.

        Raises:
            asyncio.TimeoutError: if it is not there within `timeout` seconds; others may go on waiting.
        """
        while True:
            future = self._begun(here=False)
            try:
                return await _awaited(future, timeout)
            except _InterruptedError:
                continue
            except BaseException:
                del self, future  # as above
                raise

    def _begun(self, *, here: bool) -> Future[T]:
        """Return what will have the outcome, after having the call made if nobody has."""
        maker = object()
        try:
            future = self._future_for(maker)
            if self._maker is maker:
                if here:
                    self._make(future)
                else:
                    (self._lane or _THREADS).submit(partial(self._make_as, maker))
        except BaseException:  # an interrupt, or no further thread can be had
            self._give_back(maker)
            raise
        try:
            return future
        finally:
            del self, future  # as above: an error holds the frames, too, that called those of its traceback

    def _future_for(self, maker: object) -> Future[T]:
        """Return what will have the outcome; this maker is to see to it if there was none before."""
        with self._lock:
            if self._maker is None:
                self._maker = maker
            return self._future

    def _give_back(self, maker: object) -> None:
        """Leave it to the next who asks, if this maker was to see to it."""
        from concurrent.futures import Future  # noqa: PLC0415 - as above

        with self._lock:
            if self._maker is not maker or self._future.done():
                return
            given_up, self._future, self._maker = self._future, Future(), None
        given_up.set_exception(_InterruptedError())

    def _make_as(self, maker: object) -> None:
        """Make the call in this thread, unless whoever handed it over has given it back meanwhile."""
        with self._lock:
            if self._maker is not maker:
                return
            self._maker, future = _OTHERS, self._future  # from now on nobody gives it back
        try:
            self._make(future)
        finally:
            del self, future  # as above

    def _make(self, future: Future[T]) -> None:
        call = cast("Callable[[], T]", self._call)  # there is one until the outcome is
        try:
            result = call()
        except BaseException as error:
            if self._maker is not _OTHERS and (
                isinstance(error, (KeyboardInterrupt, SystemExit)) or is_interrupt(error)
            ):
                raise
            future.set_exception(error)
            self._call = None
            del self, call, future  # as above
        else:
            future.set_result(result)
            self._call = None
