"""Room for further requests on a session's connections, and the line in which requests of event loops wait for it.

A connection has 32,768 stream ids, one for each request that is under way. While none is left, because a node stands
still and requests go on being made, the package `cassandra` waits up to two seconds for one, for each request, in the
thread that makes it. On an event loop everybody would wait, so a request goes to the library only where there is room.

It waits as long for a node of which all connections have broken while nothing was under way: it learns of that by the
next request. So whoever finds such a node has the library learn of it before there is one, those who may not be blocked
in another thread; and another thread looks after each connection that closes, for those who looked just before.
"""

from __future__ import annotations

import asyncio
import os
import threading
import weakref
from collections import deque
from contextlib import suppress
from functools import lru_cache
from itertools import count
from typing import Any, Final

from coodie_drivers.blocking import in_background, in_thread
from coodie_drivers.errors import ClusterUnavailableError

STREAM_IDS: Final = 2**15
"""How many requests the protocol lets a connection have under way."""

_RESERVE: Final = 1_024
"""Stream ids of each connection that are left to threads, to other drivers over the session, and to the library."""

_STEP: Final = 256
"""How many requests go, at most, before the connections are looked at again."""

_PAUSE: Final = 0.01
"""Seconds between two looks while requests wait in line."""


class _Closings:
    """How many connections of this process have been closed so far: while it is the same number, none was.

    A connection may break between the look at this number and the library's own, in which whoever asks would wait: so
    that it is waited for no longer, somebody looks again after each that is closed.
    """

    def __init__(self) -> None:
        self._numbers = count(1)
        self._rooms: weakref.WeakSet[Room] = weakref.WeakSet()
        self.number = 0
        self.forget()

    def forget(self) -> None:
        """Start over: a forked child has the parent's objects but none of its threads."""
        self._lock = threading.Lock()
        self._told = False

    def add(self, room: Room) -> None:
        """Have this session's connections looked at after each that is closed, for as long as the session is there."""
        with self._lock:
            self._rooms.add(room)

    def note(self) -> None:
        """Take note of one."""
        self.number = next(self._numbers)
        if not self._told:
            self._told = True
            try:
                in_background(self._tell)
            except ClusterUnavailableError:  # no thread can be had, as when the process ends
                self._told = False

    def _tell(self) -> None:
        self._told = False  # before it looks: what is closed from here on is looked at once more
        with self._lock:
            rooms = list(self._rooms)
        for room in rooms:
            with suppress(Exception):  # the library is closing this session itself
                room.heed()


CLOSINGS: Final = _Closings()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=CLOSINGS.forget)


@lru_cache(maxsize=8)
def telling(connection_class: Any) -> Any:
    """Return a class of connections like this one, of which it is noticed when they are closed."""

    def close(self: Any) -> None:
        connection_class.close(self)
        CLOSINGS.note()

    return type(connection_class.__name__, (connection_class,), {"close": close})


class Room:
    """Says whether a request may be made without waiting for a stream id, and has it wait in line where it may not.

    Not exact, for the sake of speed: the connections are looked at once for many requests. The reserve makes up for it.

    Attributes:
        heeded: how many connections had been closed when threads last heeded that, of `CLOSINGS.number`.
    """

    __slots__ = ("__weakref__", "_closings", "_left", "_lines", "_session", "_usable", "heeded")

    def __init__(self, session: Any) -> None:
        self._session = session
        self.heeded = 0
        self._left = 0
        self._closings = 0
        connection_class = getattr(session.cluster, "connection_class", None)
        chosen = getattr(connection_class, "max_in_flight", None)
        ids = min(chosen, STREAM_IDS) if isinstance(chosen, int) else STREAM_IDS
        self._usable: int = ids - min(_RESERVE, ids // 4)
        self._lines: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Line] = weakref.WeakKeyDictionary()
        CLOSINGS.add(self)

    def heed(self) -> None:
        """Have the library learn of connections that broke, blocking a little; for a thread that is about to ask."""
        if self.heeded == CLOSINGS.number:
            return
        self.heeded = CLOSINGS.number
        if self._closed():
            self._give_back()

    def taken(self) -> bool:
        """Return whether the request at hand may be made, to whichever node the library chooses."""
        self._left -= 1
        return (self._left >= 0 and self._closings == CLOSINGS.number) or self._looked()

    async def host(self, limit: float | None) -> Any:
        """Return the node to make the request at hand to, waiting in line until one has room.

        None is whichever the library chooses: a node that was chosen here is asked alone, and nobody is in its stead.

        Raises:
            asyncio.TimeoutError: if none had within `limit` seconds.
        """
        if self._closed():
            await in_thread(self._give_back)
            if self._looked():
                return None
        loop = asyncio.get_running_loop()
        line = self._lines.get(loop)
        if line is None:
            line = self._lines[loop] = _Line(self, loop)
        return await line.host(limit)

    def emptiest(self) -> tuple[Any, int]:
        """Return the node with most room, and how many requests it has room for.

        Where no node is up it is none at all, with room for any number: the library will refuse them at once.
        """
        return max(self._by_host(open_ones=True), key=lambda each: each[1], default=(None, _STEP))

    def _looked(self) -> bool:
        self._closings = CLOSINGS.number
        if self._closed():
            self._left = 0
            return False
        line = self._lines.get(asyncio.get_running_loop()) if self._lines else None
        least = min((room for _, room in self._by_host()), default=self._usable)
        self._left = 0 if line is not None and line.waiting else max(0, min(least, _STEP))
        self._left -= 1
        return self._left >= 0

    def _closed(self) -> bool:
        """Return whether there is a node with connections of which none is open."""
        states = self._session.get_pool_state().values()
        return any(state["in_flights"] and not state["open_count"] and not state["shutdown"] for state in states)

    def _give_back(self) -> None:
        """Give closed connections back to the library, which has others opened in their place; blocks a little."""
        for pool in list(self._session.get_pools()):
            for connection in pool.get_connections():
                if connection.is_closed:
                    pool.return_connection(connection, stream_was_orphaned=True)

    def _by_host(self, *, open_ones: bool = False) -> list[tuple[Any, int]]:
        """Return each node, or only those with an open connection if there are any, with the room of its fullest one.

        A node with a closed connection counts as having room: it is the next request that has the library replace it.
        """
        states = [(host, state) for host, state in self._session.get_pool_state().items() if not state["shutdown"]]
        if open_ones:
            states = [(host, state) for host, state in states if state["open_count"]] or states
        found: list[tuple[Any, int]] = []
        for host, state in states:
            in_flight: list[int] = state["in_flights"] if state["open_count"] == len(state["in_flights"]) else []
            found.append((host, self._usable - max(in_flight, default=0)))
        return found


class _Line:
    """The requests of one event loop that wait for room: first come, first served.

    While any waits the connections are looked at again and again, for an answer that comes too late tells nobody that
    its stream id is free; so nobody has to be woken, and whoever goes away leaves nothing behind.
    """

    __slots__ = ("__weakref__", "_loop", "_room", "waiting")

    def __init__(self, room: Room, loop: asyncio.AbstractEventLoop) -> None:
        self._room = room
        self._loop = weakref.ref(loop)
        self.waiting: deque[asyncio.Future[Any]] = deque()

    async def host(self, limit: float | None) -> Any:
        host, room = self._room.emptiest()
        if room > 0 and not self.waiting:
            return host
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Any] = loop.create_future()
        if not self.waiting:
            loop.call_later(_PAUSE, self._admit)
        self.waiting.append(waiter)
        expiry = None if limit is None else loop.call_later(limit, _expire, waiter)
        try:
            return await waiter
        finally:
            if expiry is not None:
                expiry.cancel()

    def _admit(self) -> None:
        """Let as many go as there is room for."""
        host, room = self._room.emptiest()
        admitted = 0
        while self.waiting and (admitted < min(room, _STEP) or self.waiting[0].done()):
            waiter = self.waiting.popleft()
            if not waiter.done():  # it may have been cancelled, or have waited for too long
                waiter.set_result(host)
                admitted += 1
        loop = self._loop()
        if self.waiting and loop is not None:
            loop.call_later(_PAUSE, self._admit)


def _expire(waiter: asyncio.Future[Any]) -> None:
    if not waiter.done():
        waiter.set_exception(asyncio.TimeoutError())
