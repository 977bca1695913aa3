"""`Opening`: a session of acsylla that is connecting, in an event loop that may end before it has.

The C++ driver cannot be told to stop connecting: to close a session meanwhile, or to free it, is to wait for ever. So
one that nobody waits for any more is handed over to another event loop, connects there, and is closed then.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from coodie_drivers.adapters._acsylla_library import extension
from coodie_drivers.adapters._acsylla_sessions import (
    answered,
    destroy,
    end_session,
    keep_forever,
    keep_no_longer,
    leave,
    stop_reading,
)
from coodie_drivers.errors import DriverClosedError

if TYPE_CHECKING:
    from collections.abc import Callable

    Loop = asyncio.AbstractEventLoop


class Openings:
    """The sessions of a connection that are connecting."""

    def __init__(self, hand_over: Callable[[Opening], object]) -> None:
        """Take what has `Opening.end` awaited in an event loop that goes on until it is done.

        It raises a `DriverClosedError` where there is none any more.
        """
        self._hand_over = hand_over
        self._under_way: set[Opening] = set()

    def begin(self, cluster: Any) -> Opening:
        """Begin to connect in the running event loop."""
        opening = Opening(cluster, self)
        self._under_way.add(opening)
        return opening

    def left(self, opening: Opening) -> None:
        """Have it end."""
        self._hand_over(opening)

    def over(self, opening: Opening) -> None:
        """Forget one that somebody has taken over."""
        self._under_way.discard(opening)

    def leave(self, ended: Callable[[Loop], bool]) -> None:
        """Have those end whose event loop has."""
        for each in list(self._under_way):
            if ended(each.loop):
                each.let_go()


class Opening:
    """One session that is connecting.

    Attributes:
        loop: the event loop that it belongs to.
    """

    __slots__ = ("_cluster", "_connecting", "_lock", "_openings", "_session", "_taken", "_tell", "_waiter", "loop")

    def __init__(self, cluster: Any, openings: Openings) -> None:
        """Begin to connect in the running event loop."""
        self.loop = asyncio.get_running_loop()
        self._cluster = cluster
        self._openings = openings
        self._lock = threading.Lock()
        self._taken = False
        self._tell: Callable[[object], None] = _tell_nobody
        # As `cluster.create_session()` does it, which would free a session that nobody waits for any more.
        self._session: Any = extension.Session(cluster, None)
        self._connecting: Any = self._session._connect()  # noqa: SLF001
        self._waiter: Any = self._connecting.send(None)
        keep_forever(self)

    async def connected(self, seconds: float) -> tuple[Any, Any]:
        """Wait for so long at most; return the cluster and the session. One that is late ends by itself.

        Raises:
            CassException: if there is no way to connect.
            DriverClosedError: if it was let go of meanwhile.
            TimeoutError: if it is late.
        """
        told = self.loop.create_future()

        def tell(_: object) -> None:
            """Wake who waits here."""
            if not told.done():
                told.set_result(None)

        self._tell = tell
        self._waiter.add_done_callback(tell)
        try:
            await asyncio.wait({told}, timeout=seconds)
        except BaseException:  # this task may be cancelled, when its event loop ends
            self.let_go()
            raise
        if not told.done():
            self.let_go()
            raise asyncio.TimeoutError
        if not self._take():
            raise DriverClosedError
        keep_no_longer(self)
        try:
            self._connecting.send(None)
        except StopIteration:
            return self._cluster, self._session
        except BaseException:
            destroy(self._cluster)
            raise
        raise RuntimeError("acsylla was not done with connecting")

    def let_go(self) -> None:
        """Have it end without anybody who waits for it, if nobody has taken it over; from any thread."""
        if not self._take():
            return
        self._waiter.remove_done_callback(self._tell)  # which would call something in an event loop that may be closed
        with suppress(RuntimeError):  # it is
            self.loop.call_soon_threadsafe(self._tell, None)
        stop_reading(self._cluster, self.loop)
        try:
            self._openings.left(self)
        except DriverClosedError:  # nobody would hear of its end
            leave(self._cluster, self._session)

    async def end(self) -> None:
        """Connect, in the running event loop, and close then."""
        cluster, session = self._cluster, self._session
        await answered(cluster, self._waiter)
        try:
            self._connecting.send(None)
        except StopIteration:
            await end_session(cluster, session)
        except Exception:  # noqa: BLE001 - it could not connect, and nobody asks why
            destroy(cluster)
        # A task that waits in an event loop that has ended may keep this object.
        self._cluster = self._session = self._connecting = self._waiter = None
        keep_no_longer(self)

    def _take(self) -> bool:
        """Return whether whoever asks is the first to."""
        with self._lock:
            first, self._taken = not self._taken, True
        self._openings.over(self)
        return first


def _tell_nobody(_: object) -> None:
    """Do nothing: nobody waits."""
