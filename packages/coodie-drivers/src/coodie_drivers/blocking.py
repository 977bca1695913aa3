"""Blocking calls of client libraries: kept off the event loop, and made once for all who ask at the same time."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from coodie_drivers.interrupts import is_interrupt
from coodie_drivers.lanes import THREADS, Lane, start

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

T = TypeVar("T")

_BRIEF = Lane()
"""What takes no longer than this machine does: importing, reading certificates."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_BRIEF.forget)


def in_own_thread(call: Callable[[], T], name: str) -> Future[T]:
    """Make a blocking call in a thread of its own, for which the end of the process does not wait."""
    from concurrent.futures import Future  # noqa: PLC0415 - whoever only reads the registry never needs it

    future: Future[T] = Future()
    start(threading.Thread(target=_settle, args=(future, call), name=name, daemon=True))
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
    THREADS.submit(partial(_settle, future, call))
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
    (THREADS if long else _BRIEF).submit(partial(_settle, future, call))
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


class _Attempt:
    """One making of a shared call.

    Attributes:
        began: when, in monotonic seconds; None while it waits for its turn.
        elsewhere: whether another thread makes it than whoever asked for it.
        overdue: whether who asks next is to have the call made anew.
    """

    __slots__ = ("began", "elsewhere", "overdue")

    def __init__(self) -> None:
        self.began: float | None = None
        self.elsewhere = False
        self.overdue = False


class SharedCall(Generic[T]):
    """A blocking call that is made once, however many threads and tasks ask for its result.

    The first to ask makes it; all others wait for its outcome, be it a result or an error. When the thread that makes
    it is interrupted, or cannot have another make it, that concerns this thread alone: the next of those who wait makes
    it anew. So does who asks next when it is overdue; then the first result counts, for all, or the last one's error.
    """

    __slots__ = ("_attempt", "_call", "_ended", "_future", "_lane", "_lock", "_made", "_waiting")

    def __init__(
        self, call: Callable[[], T], lane: Lane | None = None, ended: Callable[[T | None], None] | None = None
    ) -> None:
        """Take the call.

        Args:
            call: what is made.
            lane: where it waits for its turn when it is made in another thread; who asks then says `join` and `leave`.
            ended: what is given the result, or None for an error, before those who wait are.
        """
        from concurrent.futures import Future  # noqa: PLC0415 - connecting and preparing are rare

        self._call: Callable[[], T] | None = call
        self._ended = ended
        self._future: Future[T] = Future()
        self._lock = threading.Lock()
        self._lane = lane
        self._attempt: _Attempt | None = None
        self._made = 0
        self._waiting = 0

    @property
    def failed(self) -> bool:
        """Whether the call was made and raised."""
        return self.failure is not None

    @property
    def failure(self) -> BaseException | None:
        """What the call raised, if it was made and did."""
        return self._future.exception() if self._future.done() else None

    def join(self) -> None:
        """Take note that somebody waits for it, or is about to."""
        with self._lock:
            self._waiting += 1

    def leave(self) -> None:
        """Take note that somebody waits for it no more; what nobody waits for holds up no other call of its lane."""
        with self._lock:
            self._waiting -= 1
            attempt = None if self._waiting or self._future.done() else self._attempt
        if self._lane is not None and attempt is not None:
            self._lane.leave(attempt)

    def begin(self) -> None:
        """Have it made in another thread if nobody has yet."""
        self._begun(here=False)

    def overdue(self, seconds: float) -> None:
        """Have who asks next make it anew if it is being made for so long: the answer that it waits for may be lost.

        Each time that it was made anew it is given twice as long, for a server may be slow. Other calls of its lane
        that are being made for so long no longer hold it up.
        """
        now = time.monotonic()
        with self._lock:
            attempt = self._attempt
            if attempt is not None and attempt.began is not None:
                attempt.overdue = attempt.overdue or now - attempt.began >= seconds * 2 ** (self._made - 1)
        if self._lane is not None:
            self._lane.overdue(seconds)

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
        attempt, asked = _Attempt(), time.monotonic()
        try:
            future = self._future_for(attempt)
            if self._attempt is attempt:
                if here:
                    attempt.began = asked
                    self._make(attempt)
                elif self._handed_over(attempt):
                    attempt.began = asked
        except BaseException:  # an interrupt, or no further thread can be had
            self._give_back(attempt)
            raise
        try:
            return future
        finally:
            del self, future  # as above: an error holds the frames, too, that called those of its traceback

    def _handed_over(self, attempt: _Attempt) -> bool:
        """Have another thread make the call; return whether that begins now."""
        call = partial(self._make_as, attempt)
        if self._lane is not None:
            return self._lane.submit(call, attempt)
        THREADS.submit(call)
        return True

    def _future_for(self, attempt: _Attempt) -> Future[T]:
        """Return what will have the outcome; this attempt is the one for it if there was none before in time."""
        with self._lock:
            before = self._attempt
            if before is None or (before.overdue and not self._future.done()):
                self._attempt = attempt
                self._made += 1
            return self._future

    def _give_back(self, attempt: _Attempt) -> None:
        """Leave it to the next who asks, if this attempt was the one for it."""
        from concurrent.futures import Future  # noqa: PLC0415 - as above

        with self._lock:
            if self._attempt is not attempt or attempt.elsewhere or self._future.done():
                return
            given_up, self._future, self._attempt = self._future, Future(), None
        given_up.set_exception(_InterruptedError())

    def _make_as(self, attempt: _Attempt) -> None:
        """Make the call in this thread, unless it was given back meanwhile, or nobody waits for it any more."""
        with self._lock:
            if self._attempt is not attempt:
                return
            if self._lane is not None and not self._waiting:
                self._tell(None)
                self._attempt = None
                self._made -= 1
                return
            attempt.elsewhere = True  # from now on nobody gives it back
            if attempt.began is None:
                attempt.began = time.monotonic()
        try:
            self._make(attempt)
        finally:
            del self  # as above

    def _make(self, attempt: _Attempt) -> None:
        call = self._call
        if call is None or self._future.done():  # an attempt before this one has come to its end meanwhile
            return
        try:
            result = call()
        except BaseException as error:
            if not attempt.elsewhere and (
                isinstance(error, (KeyboardInterrupt, SystemExit)) or is_interrupt(error) or self._goes_on(attempt)
            ):
                raise
            with self._lock:
                if self._attempt is attempt and not self._future.done():
                    self._tell(None)
                    self._future.set_exception(error)
                    self._call = self._ended = None
            del self, call  # as above
        else:
            with self._lock:
                if not self._future.done():
                    self._tell(result)
                    self._future.set_result(result)
                    self._call = self._ended = None

    def _goes_on(self, attempt: _Attempt) -> bool:
        """Return whether an attempt after this one is to have the outcome."""
        with self._lock:
            return self._attempt is not attempt and not self._future.done()

    def _tell(self, result: T | None) -> None:
        if self._ended is not None:
            self._ended(result)
