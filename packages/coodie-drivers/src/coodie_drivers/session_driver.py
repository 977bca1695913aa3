"""`SessionDriver`: the life of a driver over one session of a client library: open, closed, left behind by a fork."""

from __future__ import annotations

import asyncio
import os
import threading
import time
import weakref
from abc import abstractmethod
from typing import TYPE_CHECKING, Final

from coodie_drivers.blocking import in_background, in_thread
from coodie_drivers.errors import DriverClosedError, ForkedDriverError
from coodie_drivers.request_driver import CLOSE_TIMEOUT, RequestDriver, check_close_timeout

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["SessionDriver"]

_PAUSE: Final = 0.005
"""Seconds between two looks at what is still under way."""

_OF_THE_PROCESS: Final = frozenset({"_begun", "_changing", "_closed", "_ending", "_loops", "_restoring"})
"""Attributes of a driver that stay when it is connected anew."""

_LIVE: Final[weakref.WeakSet[SessionDriver]] = weakref.WeakSet()


class _Ending:
    """The end of a session, for all who close the driver: one of them ends it, and all of them wait for that.

    Attributes:
        deadline: until when it waits for what is under way, the soonest that anybody wants.
        thread: which thread ends the session; None before it is begun.
        over: whether it has ended.
    """

    __slots__ = ("deadline", "over", "thread")

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.thread: int | None = None
        self.over = False


class SessionDriver(RequestDriver):
    """A driver over one session. An adapter's `send` and `send_async` look at `usable` first, and restore what is not.

    Threads and connections do not outlive `os.fork`. In the child a driver that was connected here connects anew when
    it is first used there; one over a session of somebody else's is refused with a `ForkedDriverError`.

    Attributes:
        usable: whether a request may be sent; False once it was closed, and in a forked child until it is restored.
    """

    usable: bool = True

    def __init__(self, *, owns_session: bool) -> None:
        """Say whether closing the driver ends the session."""
        self._owns_session = owns_session
        self._closed = False
        self._begin_alone()
        _LIVE.add(self)

    def _begin_alone(self) -> None:
        """Make anew what other threads may have held, or have been counted in, that a fork left behind."""
        self._restoring = threading.Lock()
        self._changing = threading.Lock()
        self._ending: _Ending | None = None
        self._begun: list[None] = []  # an entry for each request that an adapter has begun, if it counts them

    @abstractmethod
    def in_flight(self) -> int:
        """Return how many requests are under way."""

    def awaited(self) -> int:
        """Return how many requests somebody waits for, for which closing waits, too."""
        return self.in_flight()

    @abstractmethod
    def shut_down(self) -> None:
        """End the session and its connections, blocking until that is done."""

    def end_pauses(self) -> None:
        """Have requests fail that wait to be sent, or sent again: nothing goes out any more."""

    def connect_anew(self) -> Self | None:
        """Return another driver, connected as this one was; None where it was not connected here."""
        return None

    def restore(self) -> None:
        """Make a driver usable again that a fork left behind, blocking while it connects.

        Raises:
            DriverClosedError: if it was closed.
            ForkedDriverError: if its session is somebody else's, who has to connect in the child.
            ClusterUnavailableError: if no host could be reached.
        """
        with self._restoring:
            if self._closed:
                raise DriverClosedError
            if self.usable:
                return
            fresh = self.connect_anew()
            if fresh is None:
                raise ForkedDriverError
            with self._changing:
                closed = self._closed
                if not closed:
                    # All that a driver is made of is made anew: locks that the parent's other threads held would stay
                    # locked. What was made anew at the fork is in use already.
                    vars(self).update({name: vars(fresh)[name] for name in vars(fresh) if name not in _OF_THE_PROCESS})
                    self.usable = True
            if closed:  # while it connected
                fresh.close(timeout=0)
                raise DriverClosedError

    async def restore_async(self) -> None:
        """Make a driver usable again that a fork left behind, without blocking the event loop; see `restore`."""
        if self._closed:
            raise DriverClosedError
        await in_thread(self.restore, long=True)

    def close(self, *, timeout: float = CLOSE_TIMEOUT) -> None:
        """Refuse further requests, wait for those that somebody waits for, and end the connections if opened here.

        Called again, also from another thread, it may shorten what the first call waits for; both return at the end.

        Args:
            timeout: seconds to wait at most; 0 to cut at once. What is still under way then fails.

        Raises:
            ConfigurationError: if `timeout` is no such number; nothing is closed then.
        """
        check_close_timeout(timeout)
        ending = self._ending_by(time.monotonic() + timeout)
        if ending is not None:
            self._end(ending)

    async def close_async(self, *, timeout: float = CLOSE_TIMEOUT) -> None:
        """Do as `close` does without blocking the event loop.

        When the awaiting task is cancelled the rest is done in the background.
        """
        check_close_timeout(timeout)
        ending = self._ending_by(time.monotonic() + timeout)
        if ending is not None:
            try:
                while self._waits(ending):  # noqa: ASYNC110 - answers come in other threads
                    await asyncio.sleep(_PAUSE)
            except BaseException:  # whoever waits was cancelled, and nobody else would end the session
                in_background(lambda: self._end(ending))
                raise
            await in_thread(lambda: self._shut_down_once(ending), long=True)

    def _end(self, ending: _Ending) -> None:
        """Wait for what is under way, and end the session."""
        try:
            while self._waits(ending):
                time.sleep(_PAUSE)
        finally:  # Ctrl-C may come meanwhile
            self._shut_down_once(ending)

    def _waits(self, ending: _Ending) -> bool:
        """Return whether closing waits on for what is under way."""
        return ending.thread is None and self.awaited() > 0 and time.monotonic() < ending.deadline

    def _shut_down_once(self, ending: _Ending) -> None:
        """End the session, or wait until it has ended where another thread does that."""
        here = threading.get_ident()
        with self._changing:
            first = ending.thread is None
            if first:
                ending.thread = here
        if first:
            try:
                self.shut_down()
            finally:
                ending.over = True
        while not ending.over and ending.thread != here:  # a signal handler may close while its thread does
            time.sleep(_PAUSE)

    def leave_behind(self) -> None:
        """Take note that this is a forked child now: nothing of the session is of use here."""
        self.usable = False
        self._begin_alone()

    def refuse(self) -> None:
        """Refuse requests from now on, as a closed driver does, where nobody is there to answer them any more."""
        self._closed, self.usable = True, False

    def _ending_by(self, deadline: float) -> _Ending | None:
        """Refuse requests from now on; return the end of the session, by then at the latest, if it is yet to come."""
        with self._changing:
            first, self._closed = not self._closed, True
            inherited, self.usable = not self.usable, False
            if first and not inherited and self._owns_session:
                self._ending = _Ending(deadline)
            ending = self._ending
            if ending is not None:
                ending.deadline = min(ending.deadline, deadline)
        if first and not inherited and not self._owns_session:
            self.end_pauses()
        return None if ending is None or ending.over else ending


def _leave_behind() -> None:
    for driver in list(_LIVE):
        driver.leave_behind()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_behind)
