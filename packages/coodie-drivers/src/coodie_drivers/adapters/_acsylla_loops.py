"""Which session serves which event loop: acsylla's sessions belong to the one that they were opened in.

One session lives in a private loop, in a thread of its own: it serves blocking callers, and every event loop at first.
An event loop that goes on asking gets a session of its own, so that its requests no longer change threads.
"""

from __future__ import annotations

import asyncio
import atexit
import ctypes
import gc
import os
import threading
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._acsylla_library import extension
from coodie_drivers.errors import ConfigurationError, DriverClosedError
from coodie_drivers.loop_thread import LoopThread
from coodie_drivers.request_driver import CLOSE_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from socket import socket

    from coodie_drivers.adapters._acsylla_link import Link
    from coodie_drivers.messages import BatchRequest, Reply, Request

OWN_SESSION_AFTER: Final = 100
"""Requests from one event loop after which it is worth a session of its own: a few milliseconds of connecting."""

_PATIENCE: Final = 1.0
"""Seconds to wait at most for a session to close when the process ends, or in another event loop."""

_process = os.getpid()

_LIVE: weakref.WeakSet[OwnSessions] = weakref.WeakSet()
_LEFT: list[Any] = []
"""What must never be freed: freeing a session waits for its threads, which a forked child has not."""


class Session:
    """A session with the cluster object that it needs, and with a way to let go of both."""

    __slots__ = ("_cluster", "_keeper", "link")

    def __init__(self, cluster: Any, link: Link) -> None:
        self._cluster = cluster
        self.link = link
        self._keeper: AsyncGenerator[None, None] | None = None

    async def close(self) -> None:
        """Close it in its own event loop; what is under way ends first."""
        self.link.closing = True
        ends = sockets_of(self._cluster)
        await self.link.session.close()
        self._cluster.destroy()
        # Acsylla leaves them open. Every request has been answered by now, so nothing is written to them any more.
        loop = asyncio.get_running_loop()
        for end in ends:
            with suppress(OSError, ValueError):
                loop.remove_reader(end)
            end.close()

    def leave(self) -> None:
        """Let go of it after its event loop has ended."""
        leave(self._cluster, self.link.session)

    async def keep(self, forget: Callable[[], object]) -> None:
        """Have it closed when its event loop ends, as `asyncio.run` ends one: with the generators that are left."""

        async def keeper() -> AsyncGenerator[None, None]:
            """Wait for the end of the event loop."""
            try:
                yield
            finally:
                forget()
                await self.close()

        self._keeper = keeper()
        await self._keeper.__anext__()

    async def release(self) -> None:
        """Close it, and be done with it."""
        if self._keeper is None:
            await self.close()
        else:
            await self._keeper.aclose()


def leave(cluster: Any, session: Any) -> None:
    """Let go of a session whose event loop serves it no more: it is told to close, and nobody waits for that."""
    with suppress(Exception):
        closing = session.close()
        closing.send(None)
        closing.close()
    for end in sockets_of(cluster):
        end.detach()  # threads of the C++ driver may still write to them
    keep_forever((cluster, session))


def sockets_of(cluster: Any) -> list[socket]:
    """Return the sockets by which a cluster's threads wake the event loop."""
    found = gc.get_referents(cluster)
    found += [inner for each in found if isinstance(each, extension.Logger) for inner in gc.get_referents(each)]
    return [each for each in found if hasattr(each, "detach")]


def keep_forever(something: Any) -> None:
    """Keep an object from being freed, also when the interpreter ends."""
    _LEFT.append(something)
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(something))


class OwnSessions:
    """The sessions of a connection that was opened here."""

    def __init__(self, connect: Callable[[], Awaitable[Session]]) -> None:
        self._connect = connect
        self._closed = False
        self._start_over()
        _LIVE.add(self)

    def _start_over(self) -> None:
        self._process = _process
        self._thread = LoopThread("coodie-acsylla")
        self._home: Session | None = None
        self._opening: asyncio.Task[Session] | None = None
        self._under_way: set[Any] = set()
        self._direct: dict[asyncio.AbstractEventLoop, Session] = {}
        self._asked: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, int] = weakref.WeakKeyDictionary()
        self._settling: set[asyncio.Task[None]] = set()
        self._lock = threading.Lock()

    def open(self) -> None:
        """Open the first session, blocking until it is there."""
        self._thread.run(self._at_home())

    def forget_prepared(self) -> None:
        """Have every session prepare its statements anew."""
        for session in (self._home, *list(self._direct.values())):
            if session is not None:
                session.link.forget_prepared()

    def exchange(self, request: Request | BatchRequest) -> Reply:
        """Send one request from blocking code."""
        self._after_fork()
        return self._thread.run(self._exchange_at_home(request))

    def direct(self) -> Link | None:
        """Return the session of the running event loop, if it has one."""
        session = self._direct.get(asyncio.get_running_loop())
        return session.link if session is not None and self._process == _process else None

    async def exchange_async(self, request: Request | BatchRequest) -> Reply:
        """Send one request from an event loop that has no session of its own."""
        loop = asyncio.get_running_loop()
        self._after_fork()
        asked = self._asked[loop] = self._asked.get(loop, 0) + 1
        if asked == OWN_SESSION_AFTER:
            task = loop.create_task(self._settle(loop))
            self._settling.add(task)
            task.add_done_callback(self._settling.discard)
        future = asyncio.run_coroutine_threadsafe(self._exchange_at_home(request), self._thread.loop())
        return await asyncio.wrap_future(future)

    def close(self, timeout: float = CLOSE_TIMEOUT) -> None:
        """Close all sessions, each in its own event loop."""
        self._closed = True
        if self._process != _process:
            return
        self._release_others(None)
        if self._home is not None:
            with suppress(DriverClosedError):
                self._thread.run(self._close_home(timeout))
        self._thread.close()

    async def close_async(self, timeout: float = CLOSE_TIMEOUT) -> None:
        """Close all sessions without blocking the event loop."""
        self._closed = True
        if self._process != _process:
            return
        loop = asyncio.get_running_loop()
        own = self._direct.pop(loop, None)
        if own is not None:
            await own.release()
        self._release_others(loop)
        if self._home is not None:
            with suppress(DriverClosedError):
                future = asyncio.run_coroutine_threadsafe(self._close_home(timeout), self._thread.loop())
                await asyncio.wrap_future(future)
        self._thread.close()

    async def _close_home(self, timeout: float) -> None:
        home, self._home = self._home, None
        if self._under_way:  # those who wait for them would be cancelled with the loop
            await asyncio.wait(self._under_way, timeout=timeout)
        if home is not None:
            await home.close()

    def _release_others(self, but: asyncio.AbstractEventLoop | None) -> None:
        for loop, session in list(self._direct.items()):
            if loop is but:
                continue
            self._direct.pop(loop, None)
            _release_from_outside(loop, session)

    async def _exchange_at_home(self, request: Request | BatchRequest) -> Reply:
        task = asyncio.current_task()
        self._under_way.add(task)
        try:
            return await (await self._at_home()).link.exchange(request)
        finally:
            self._under_way.discard(task)

    async def _at_home(self) -> Session:
        """Return the session of the private loop, opened once for all who ask at the same time."""
        if self._home is not None:
            return self._home
        if self._closed:
            raise DriverClosedError
        if self._opening is None or self._opening.done():
            self._opening = asyncio.ensure_future(self._open_home())
        return await asyncio.shield(self._opening)

    async def _open_home(self) -> Session:
        self._home = await self._connect()
        return self._home

    async def _settle(self, loop: asyncio.AbstractEventLoop) -> None:
        """Open a session for this event loop, beside which its requests go on as before."""
        self._leave_ended()
        try:
            session = await self._connect()
        except Exception:  # noqa: BLE001 - it works without, only slower; a request tells if the cluster is gone
            self._asked.pop(loop, None)
            return
        await session.keep(lambda: self._direct.pop(loop, None))
        if self._closed:
            await session.release()
        else:
            self._direct[loop] = session

    def _leave_ended(self) -> None:
        for loop, session in list(self._direct.items()):
            if loop.is_closed():
                self._direct.pop(loop, None)
                session.leave()

    def _after_fork(self) -> None:
        """Start over in a forked child: it has the sessions of its parent, and none of their threads."""
        if self._process == _process:
            return
        with self._lock:
            if self._process != _process:
                keep_forever((self._home, self._direct, self._settling, self._opening))
                self._start_over()


def _release_from_outside(loop: asyncio.AbstractEventLoop, session: Session) -> None:
    """Release a session of another event loop, waiting for it a little where that loop runs in another thread."""
    if loop.is_closed() or not loop.is_running():
        session.leave()
        return
    try:
        here = asyncio.get_running_loop()
    except RuntimeError:
        here = None
    future = asyncio.run_coroutine_threadsafe(session.release(), loop)
    if here is None:
        with suppress(Exception):  # whoever owns that loop may be blocking it, or end it right now
            future.result(_PATIENCE)


class GivenSession:
    """A session of somebody else's: it is used in the event loop that it belongs to, and never closed."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def forget_prepared(self) -> None:
        """Have the session prepare its statements anew."""
        self._link.forget_prepared()

    def exchange(self, request: Request | BatchRequest) -> Reply:
        """Send one request from blocking code."""
        with suppress(RuntimeError):
            if asyncio.get_running_loop() is self._link.loop:
                raise ConfigurationError(
                    "a blocking call in the event loop of the acsylla session would wait for itself: await the "
                    "asynchronous one, or connect with init_coodie(hosts=…, driver_type='acsylla')"
                )
        return asyncio.run_coroutine_threadsafe(self._link.exchange(request), self._running_loop()).result()

    def direct(self) -> Link | None:
        """Return the session where it belongs to the running event loop."""
        return self._link if asyncio.get_running_loop() is self._link.loop else None

    async def exchange_async(self, request: Request | BatchRequest) -> Reply:
        """Send one request from another event loop than the session's."""
        future = asyncio.run_coroutine_threadsafe(self._link.exchange(request), self._running_loop())
        return await asyncio.wrap_future(future)

    def close(self, _: float) -> None:
        """Leave the session as it is."""

    async def close_async(self, _: float) -> None:
        """Leave the session as it is."""

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        if not self._link.loop.is_running():
            raise ConfigurationError(
                "the event loop in which the acsylla session was opened is not running, so no answer could come: use "
                "the session there, or connect with init_coodie(hosts=…, driver_type='acsylla'), which serves any loop"
            )
        return self._link.loop


def loop_of(session: Any) -> asyncio.AbstractEventLoop:
    """Return the event loop that a session of acsylla belongs to.

    Raises:
        ConfigurationError: if it has none any more.
    """
    for cluster in gc.get_referents(session):
        for found in gc.get_referents(cluster) if isinstance(cluster, extension.Cluster) else ():
            if isinstance(found, asyncio.AbstractEventLoop):
                return found
    raise ConfigurationError("the acsylla session's cluster was destroyed: give a session that is open")


def _close_all() -> None:
    for each in list(_LIVE):
        with suppress(Exception):  # nobody is left to be told
            each.close()


def _note_fork() -> None:
    global _process  # noqa: PLW0603 - there is one process
    _process = os.getpid()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_note_fork)
