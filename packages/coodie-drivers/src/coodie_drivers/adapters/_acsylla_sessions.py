"""`Session`: one session of acsylla with all that it needs, from opening to its end, in whichever event loop that is.

Acsylla ends a session when all requests are answered or their time is over, and its threads wake an event loop by a
socket. The loop in which a session was used may be gone by then, so another one, that of `Session.end`, waits for it.

To free a session that has not ended is to wait for its threads, with Python's lock held: the process stands still, in a
forked child for ever, for there are no such threads. So each is kept from being freed until it has ended, also where
nobody has closed it, and nothing that a forked child has from its parent is collected there.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Protocol

from coodie_drivers.adapters._acsylla_library import extension
from coodie_drivers.adapters._acsylla_under_way import Until
from coodie_drivers.loop_thread import submit_to

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Collection
    from concurrent.futures import Future
    from socket import socket

    from coodie_drivers.adapters._acsylla_link import Link
    from coodie_drivers.loop_thread import Submitted

ENDING: Final = 0.05
"""Seconds that closing waits at most, beyond its own time limit, for the library to end a session."""

_ENDS: Final = 0.25
"""Seconds that closing waits at most for that, where it has the time: the library takes some milliseconds.

It takes longer where a request was given up that has no answer yet. Nothing can be done about one, nor is it of use to
anybody: the session ends in the background when the request's time is over.
"""

_PAUSE: Final = 0.001
"""Seconds between two looks at whether it has."""

_LEFT: list[Any] = []
"""What must not be freed."""


class Ending(Protocol):
    """What may be done, or will be."""

    def done(self) -> bool:
        """Return whether it is."""
        ...


class Session:
    """A session with the cluster object that it needs, and with a way to let go of both."""

    __slots__ = ("_closed", "_cluster", "_hand_over", "_keeper", "_lock", "link")

    def __init__(self, cluster: Any, link: Link) -> None:
        """Take over what was opened in the running event loop, which is the link's."""
        self._cluster = cluster
        self.link = link
        self._closed = False
        self._lock = threading.Lock()
        self._hand_over: Callable[[Session], Future[None]] | None = None
        self._keeper: AsyncGenerator[None, None] | None = None
        keep_forever(self)

    def belong(self, hand_over: Callable[[Session], Future[None]]) -> None:
        """Take what has `end` awaited in an event loop that goes on until it is done."""
        self._hand_over = hand_over

    async def close(self, until: Until) -> None:
        """Wait for what is under way, end the rest of it, and have the session end; in its own event loop.

        Args:
            until: when to wait no longer for what is under way; a session that does not end soon after that does so
                later.
        """
        if self._closed or self._hand_over is None:
            return
        self._closed = True
        try:
            await self.link.under_way.drained(until)
            self.link.under_way.cut()
            await self.link.under_way.ended()
        finally:  # this task may be cancelled, when its event loop ends
            ending = self.let_go()
        if ending is not None:
            await all_done([ending], Until(max(min(until.left, _ENDS), ENDING)))

    def let_go(self) -> Future[None] | None:
        """Leave it, and have it end, if nobody has done so yet; from any thread.

        Returns:
            What is done when it has ended; None where others see to it.
        """
        self.leave()
        with self._lock:
            hand_over, self._hand_over = self._hand_over, None
        return None if hand_over is None else hand_over(self)

    def leave(self) -> None:
        """End what is under way, and have no answers read in its own event loop, which may have ended."""
        self._closed = True
        self.link.under_way.cut()
        stop_reading(self._cluster, self.link.loop)

    async def end(self) -> None:
        """End a session that was left; in any event loop, and as long as the library takes for it."""
        await end_session(self._cluster, self.link.session)
        # Its threads are there until it is freed; by what it has prepared the link would keep it until it is collected.
        self.link.session = None
        self.link.forget_prepared()
        keep_no_longer(self)

    async def keep(self, forget: Callable[[], object]) -> None:
        """Have it closed when its event loop ends, as `asyncio.run` ends one: with the generators that are left."""

        async def keeper() -> AsyncGenerator[None, None]:
            """Wait for the end of the event loop."""
            try:
                yield
            finally:
                forget()
                await self.close(Until(0))

        self._keeper = keeper()
        await self._keeper.__anext__()

    async def release(self, until: Until) -> None:
        """Close it, and be done with it."""
        await self.close(until)
        if self._keeper is not None:
            await self._keeper.aclose()


async def end_session(cluster: Any, session: Any) -> None:
    """End a session that was left; in any event loop, and as long as the library takes for it."""
    closing = session.close()
    await answered(cluster, closing.send(None))
    with suppress(StopIteration, Exception):
        closing.send(None)
    destroy(cluster)


def destroy(cluster: Any) -> None:
    """Be done with a cluster whose session has ended, or has not connected."""
    ends = sockets_of(cluster)
    cluster.destroy()
    for each in ends:  # acsylla leaves them open; every request has been answered, so nobody writes to them
        each.close()


async def answered(cluster: Any, waiter: Any) -> None:
    """Read in the running event loop what a cluster's threads tell, until that has what waits be done."""
    loop = asyncio.get_running_loop()
    done = loop.create_future()

    def look() -> None:
        """See whether the library is done with it."""
        with suppress(RuntimeError):  # it wakes a task that was left in an event loop which is closed
            cluster._handle_events()  # noqa: SLF001 - what acsylla has a loop do that is woken
        if waiter.done() and not done.done():
            done.set_result(None)

    if waiter.done():
        return
    wakers = _own_sockets(cluster)
    for each in wakers:
        loop.add_reader(each, look)
    await done
    for each in wakers:
        loop.remove_reader(each)


def stop_reading(cluster: Any, loop: asyncio.AbstractEventLoop) -> None:
    """Have an event loop, which may have ended, no longer read what a cluster's threads tell."""
    for end in sockets_of(cluster):
        with suppress(OSError, RuntimeError, ValueError):
            loop.remove_reader(end)


class Release:
    """The end of a session in its own event loop, or without that where it runs no longer, or ends meanwhile."""

    __slots__ = ("_releasing", "_session")

    def __init__(self, session: Session, until: Until) -> None:
        self._session = session
        self._releasing: Submitted[None] | None = None
        if session.link.loop.is_running():
            with suppress(RuntimeError):  # it has been closed since
                self._releasing = submit_to(session.link.loop, session.release(until))
        if self._releasing is None:
            session.let_go()

    def done(self) -> bool:
        """Return whether there is nothing to wait for; has the session end if its event loop did not get to it."""
        releasing = self._releasing  # others may ask at the same time
        if releasing is not None and releasing.is_lost():
            self._releasing = releasing = None
            self._session.let_go()
        return releasing is None or releasing.done()


def leave(cluster: Any, session: Any) -> None:
    """Let go of a session that nobody waits for: it is told to close, and never freed."""
    with suppress(Exception):
        closing = session.close()
        closing.send(None)
        closing.close()
    for end in sockets_of(cluster):
        end.detach()  # threads of the C++ driver may still write to them
    keep_forever((cluster, session))


async def all_done(endings: Collection[Ending], until: Until) -> None:
    """Wait until all is done, and no longer than until then."""
    # They may be done after this event loop has ended, and then must not call anything in it.
    while (endings := [each for each in endings if not each.done()]) and until.left:  # noqa: ASYNC110
        await asyncio.sleep(_PAUSE)


def wait_until_all_done(endings: Collection[Ending], until: Until) -> None:
    """Do as `all_done` does, blocking."""
    while (endings := [each for each in endings if not each.done()]) and until.left:
        time.sleep(_PAUSE)


def _own_sockets(cluster: Any) -> list[socket]:
    """Return the sockets by which the threads tell that something is answered."""
    return [each for each in gc.get_referents(cluster) if hasattr(each, "detach")]


def sockets_of(cluster: Any) -> list[socket]:
    """Return the sockets by which a cluster's threads wake the event loop, for answers and for the log."""
    found = gc.get_referents(cluster)
    found += [inner for each in found if isinstance(each, extension.Logger) for inner in gc.get_referents(each)]
    return [each for each in found if hasattr(each, "detach")]


def keep_forever(something: Any) -> None:
    """Keep an object from being freed, also when the interpreter ends."""
    _LEFT.append(something)
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(something))


def keep_no_longer(something: Any) -> None:
    """Have an object freed when nobody else keeps it."""
    _LEFT.remove(something)
    ctypes.pythonapi.Py_DecRef(ctypes.py_object(something))
