"""`SharedConnection`: a connection that is made once, for all who wait for it, each of them for as long as it may."""

from __future__ import annotations

from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING

from coodie_drivers.blocking import SharedCall, in_background
from coodie_drivers.errors import CoodieError, DriverClosedError
from coodie_drivers.request_driver import takes_timeout

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from coodie_drivers.contract import AbstractDriver


class SharedConnection:
    """A connection that begins to be made when the first asks for it, and goes on whoever goes away.

    Nobody who waits makes it: connecting cannot be left half way, and whoever waits has a limit of its own, and hears
    when the driver is closed meanwhile.
    """

    __slots__ = ("_call", "_connect", "_news", "_waiting")

    def __init__(self, connect: Callable[[], AbstractDriver]) -> None:
        """Take what connects, blocking."""
        self._connect = connect
        self._news: SimpleQueue[Future[AbstractDriver] | None] = SimpleQueue()
        self._waiting: list[None] = []  # an entry for each who does
        self._call = SharedCall(self._made)

    @property
    def failed(self) -> bool:
        """Whether there will be no connection."""
        return self._call.failed

    @property
    def failure(self) -> BaseException | None:
        """Why there will be no connection, as all hear it who wait for one."""
        return self._call.failure

    @property
    def awaited(self) -> bool:
        """Whether anybody waits for it."""
        return bool(self._waiting)

    def driver(self, timeout: float | None) -> AbstractDriver:
        """Return the driver, blocking until it is there.

        Raises:
            concurrent.futures.TimeoutError: if it is not there within `timeout` seconds; it goes on being made.
            DriverClosedError: if it was given up meanwhile.
        """
        self._waiting.append(None)
        try:
            return self._call.result(timeout, here=False)
        finally:
            self._waiting.pop()
            del self  # an error that was raised holds the frames, and they the connection

    async def driver_async(self, timeout: float | None) -> AbstractDriver:
        """Do as `driver` does without blocking the event loop.

        Raises:
            asyncio.TimeoutError: if it is not there within `timeout` seconds; it goes on being made.
            DriverClosedError: if it was given up meanwhile.
        """
        self._waiting.append(None)
        try:
            return await self._call.result_async(timeout)
        finally:
            self._waiting.pop()
            del self  # as above

    def give_up(self) -> None:
        """Tell those who wait that the driver is closed, and have the connection closed that may come to be made."""
        self._news.put(None)
        in_background(self._close)

    def _made(self) -> AbstractDriver:
        """Return the driver that is made in another thread, unless the connection is given up before."""
        making = in_background(self._connect)
        making.add_done_callback(self._news.put)
        try:
            if self._news.get() is None:
                making.add_done_callback(_close_late)
                raise DriverClosedError
            return making.result()
        finally:
            del self, making  # as above

    def _close(self) -> None:
        """Close a driver that somebody has been given all the same: it came just when it was given up."""
        with suppress(CoodieError):
            close(self._call.result(here=False), 0)


def close(driver: AbstractDriver, timeout: float) -> None:
    """Close a driver, with this limit if it takes any."""
    driver.close(timeout=timeout) if takes_timeout(driver) else driver.close()


def _close_late(made: Future[AbstractDriver]) -> None:
    if made.exception() is None:
        close(made.result(), 0)
