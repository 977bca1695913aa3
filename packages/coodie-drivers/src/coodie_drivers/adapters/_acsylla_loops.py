"""Which session serves which event loop: acsylla's sessions belong to the one that they were opened in.

One session lives in a private loop, in a thread of its own: it serves blocking callers, and every event loop at first.
An event loop that goes on asking gets a session of its own, so that its requests no longer change threads.
"""

from __future__ import annotations

import asyncio
import atexit
import math
import threading
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from coodie_drivers.adapters._acsylla_opening import Openings
from coodie_drivers.adapters._acsylla_process import Process
from coodie_drivers.adapters._acsylla_sessions import ENDING, Release, all_done, keep_forever, wait_until_all_done
from coodie_drivers.adapters._acsylla_under_way import Until
from coodie_drivers.adapters._renewing import Renewal
from coodie_drivers.errors import (
    ClusterUnavailableError,
    DriverClosedError,
)
from coodie_drivers.loop_thread import LoopThread
from coodie_drivers.request_driver import CLOSE_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from concurrent.futures import Future

    from coodie_drivers.adapters._acsylla_link import Link
    from coodie_drivers.adapters._acsylla_opening import Opening
    from coodie_drivers.adapters._acsylla_sessions import Ending, Session
    from coodie_drivers.messages import BatchRequest, Reply, Request

OWN_SESSION_AFTER: Final = 100
"""Requests from one event loop after which it is worth a session of its own: a few milliseconds of connecting."""

_AT_EXIT: Final = 0.25
"""Seconds that the end of the process waits at most for the library to end sessions: it takes some milliseconds.

One that has a request under way, or is connecting, does not end by then. It is never freed, so nothing waits for it.
"""

_LIVE: weakref.WeakSet[OwnSessions] = weakref.WeakSet()


class OwnSessions:
    """The sessions of a connection that was opened here."""

    def __init__(self, connect: Callable[[Openings], Awaitable[Session]], *, renews: bool = False) -> None:
        """Take how a session is opened, and whether others are opened when no node can be reached any more.

        The library logs in with what it was given at first; a password that has changed since needs another session.
        """
        self._connect = connect
        self._renews = renews
        self._closed = False
        self._until = Until(math.inf)
        self._start_over()
        _LIVE.add(self)

    def _start_over(self) -> None:
        self._process = Process.number
        self._thread = LoopThread("coodie-acsylla")
        self._home: Session | None = None
        self._opening: asyncio.Task[Session] | None = None
        self._direct: dict[asyncio.AbstractEventLoop, Session] = {}
        # What the private loop goes on for: calls until they are answered, sessions until the library has ended them.
        self._alive: set[object] = set()
        self._openings = Openings(self._have_ended)
        self._asked: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, int] = weakref.WeakKeyDictionary()
        self._settling: set[asyncio.Task[None]] = set()
        self._endings: list[tuple[asyncio.AbstractEventLoop | None, Ending]] = []
        self._lock = threading.Lock()
        self._renewal = Renewal(lambda: self._thread.run(self._open_session()), self._replace) if self._renews else None

    def open(self) -> None:
        """Open the first session, blocking until it is there."""
        self._thread.run(self._at_home())

    @property
    def prepared_statements(self) -> int:
        """How many prepared statements all sessions hold together."""
        held = (self._home, *list(self._direct.values()))
        return sum(session.link.prepared_statements for session in held if session is not None)

    def in_flight(self) -> int:
        """Return how many requests are under way over all sessions."""
        held = (self._home, *list(self._direct.values()))
        return sum(len(session.link.under_way.tasks) for session in held if session is not None)

    def done(self) -> bool:
        """Return whether the private loop has nothing to wait for: no call, and no session that has not ended."""
        return not self._alive or self._process != Process.number

    def forget_prepared(self) -> None:
        """Have every session prepare its statements anew."""
        for session in (self._home, *list(self._direct.values())):
            if session is not None:
                session.link.forget_prepared()

    def renew(self) -> None:
        """Begin to open another session, where logins may have changed: no node could be reached."""
        if self._renewal is not None:
            self._renewal.ask()

    def _replace(self, session: Session) -> None:
        """Send over another session from now on; what is under way on those before is awaited there."""
        replaced = [each for each in (self._home, *self._direct.values()) if each is not None]
        self._home = session
        self._direct.clear()
        self._asked.clear()
        for each in replaced:
            Release(each, Until(CLOSE_TIMEOUT))

    def exchange(self, request: Request | BatchRequest) -> Reply:
        """Send one request from blocking code."""
        self._after_fork()
        call = object()
        self._alive.add(call)
        try:
            return self._thread.run(self._exchange_at_home(request))
        finally:
            self._forget(call)

    def direct(self, loop: asyncio.AbstractEventLoop) -> Link | None:
        """Return the session of the running event loop, `loop`, if it has one."""
        session = self._direct.get(loop)
        return session.link if session is not None and self._process == Process.number else None

    async def exchange_async(self, request: Request | BatchRequest) -> Reply:
        """Send one request from an event loop that has no session of its own."""
        loop = asyncio.get_running_loop()
        self._after_fork()
        asked = self._asked[loop] = self._asked.get(loop, 0) + 1
        if asked == OWN_SESSION_AFTER:
            task = loop.create_task(self._settle(loop))
            self._settling.add(task)
            task.add_done_callback(self._settling.discard)
        call = _Call()
        call.loop = loop
        self._alive.add(call)
        try:
            future = self._thread.submit(self._exchange_at_home(request))
            call.future = weakref.ref(future)
        except BaseException:
            self._forget(call)
            raise
        future.add_done_callback(lambda _: self._forget(call))
        return await asyncio.wrap_future(future)

    def close(self, timeout: float = CLOSE_TIMEOUT) -> None:
        """Close all sessions, each in its own event loop; one that cannot end in time does so later."""
        here, until = _running_loop(), Until(timeout + ENDING)
        endings = self._endings_by(timeout)
        # This event loop would wait for itself.
        wait_until_all_done([ending for loop, ending in endings if loop is None or loop is not here], until)
        self._forget_endings()

    async def close_async(self, timeout: float = CLOSE_TIMEOUT) -> None:
        """Close all sessions without blocking the event loop."""
        until = Until(timeout + ENDING)
        await all_done([ending for _, ending in self._endings_by(timeout)], until)
        self._forget_endings()

    def _endings_by(self, timeout: float) -> list[tuple[asyncio.AbstractEventLoop | None, Ending]]:
        """Have all sessions closed, each in its event loop, or sooner than before; return what to wait for."""
        first, self._closed = not self._closed, True
        if self._renewal is not None:
            self._renewal.end()
        if self._process != Process.number:
            return []
        self._until.bring_forward(timeout)
        if first:
            self._begin_to_close(self._until)
        return list(self._endings)

    def _forget_endings(self) -> None:
        self._endings = [each for each in self._endings if not each[1].done()]

    def _begin_to_close(self, until: Until) -> None:
        """Have all sessions closed, each in its event loop."""
        self._leave_openings(lambda loop: not loop.is_running())
        self._leave_calls()
        if not self._alive:
            self._thread.close()
        for loop, session in list(self._direct.items()):
            self._direct.pop(loop, None)
            self._endings.append((loop, Release(session, until)))
        with suppress(DriverClosedError):  # there is nothing at home, or no longer
            self._endings.append((None, self._thread.submit(self._end_home(until))))

    async def _end_home(self, until: Until) -> None:
        """Close the session of the private loop, or end its opening if that takes too long."""
        if self._opening is not None and not self._opening.done():
            await all_done([self._opening], until)
            self._opening.cancel()
        home, self._home, self._opening = self._home, None, None
        if home is not None:
            await home.release(until)

    def _have_ended(self, session: Session | Opening) -> Future[None]:
        """Have the private loop wait until the library has ended a session, or one that is connecting."""
        self._alive.add(session)
        return self._thread.submit(self._end(session))

    async def _end(self, session: Session | Opening) -> None:
        try:
            await session.end()
        finally:
            self._forget(session)

    def _forget(self, something: object) -> None:
        """Forget what was alive; the private loop goes on for as long as anything is."""
        self._alive.discard(something)
        if self._closed and not self._alive:
            self._thread.close()

    async def _open_session(self) -> Session:
        opening = _Place(asyncio.get_running_loop())
        self._alive.add(opening)
        try:
            session = await self._connect(self._openings)
            session.belong(self._have_ended)
            self._alive.add(session)
        finally:
            self._forget(opening)
        if self._closed:
            await session.release(Until(0))
            raise DriverClosedError
        return session

    async def _exchange_at_home(self, request: Request | BatchRequest) -> Reply:
        link = (await self._at_home()).link
        try:
            return await link.under_way.alone(link.exchange, request)
        except ClusterUnavailableError:
            self.renew()
            raise

    async def _at_home(self) -> Session:
        """Return the session of the private loop, opened once for all who ask at the same time."""
        if self._home is not None:
            return self._home
        if self._closed:
            raise DriverClosedError
        if self._opening is None or self._opening.done():
            self._opening = asyncio.ensure_future(self._open_home())
        opening = self._opening
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            if self._closed and opening.cancelled():
                raise DriverClosedError from None
            raise

    async def _open_home(self) -> Session:
        self._home = await self._open_session()
        return self._home

    async def _settle(self, loop: asyncio.AbstractEventLoop) -> None:
        """Open a session for this event loop, beside which its requests go on as before."""
        self._leave_ended()
        try:
            session = await self._open_session()
        except asyncio.CancelledError:  # the loop ends, or so said credentials()
            self._asked.pop(loop, None)
            raise
        except BaseException:  # noqa: BLE001 - it works without, only slower; a request tells if the cluster is gone
            self._asked.pop(loop, None)
            return
        self._direct[loop] = session
        await session.keep(lambda: self._direct.pop(loop, None))

    def _leave_ended(self) -> None:
        self._leave_openings(lambda loop: loop.is_closed())
        for loop, session in list(self._direct.items()):
            if loop.is_closed():
                self._direct.pop(loop, None)
                session.let_go()

    def _leave_openings(self, ended: Callable[[asyncio.AbstractEventLoop], bool]) -> None:
        """Have those sessions end by themselves that are connecting in event loops which have ended."""
        self._openings.leave(ended)
        for each in list(self._alive):
            if isinstance(each, _Place) and ended(each.loop):
                self._alive.discard(each)

    def _leave_calls(self) -> None:
        """End those calls that nobody waits for any more: the event loop that they came from is closed."""
        for each in list(self._alive):
            if isinstance(each, _Call) and each.loop.is_closed():
                future = each.future()
                if future is not None:
                    future.cancel()

    def _after_fork(self) -> None:
        """Start over in a forked child: it has the sessions of its parent, and none of their threads."""
        if self._process == Process.number:
            return
        with self._lock:
            if self._process != Process.number:
                keep_forever((self._home, self._direct, self._settling, self._opening, self._openings, self._alive))
                self._start_over()


class _Place:
    """Where a session is being opened."""

    __slots__ = ("loop",)

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop


class _Call:
    """A request from an event loop that has no session of its own.

    Attributes:
        future: what has its answer; there as soon as it was handed over, and held by that, not from here.
        loop: where it came from.
    """

    __slots__ = ("future", "loop")

    future: weakref.ref[Future[Reply]]
    loop: asyncio.AbstractEventLoop


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _close_all() -> None:
    """Leave the process: what is under way now nobody waits for but daemon threads, and these end as well."""
    live, until = list(_LIVE), Until(_AT_EXIT)
    for each in live:
        with suppress(Exception):  # nobody is left to be told
            each.close(0)
    wait_until_all_done(live, until)


atexit.register(_close_all)
