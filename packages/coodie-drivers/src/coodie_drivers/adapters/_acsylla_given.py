"""A session of acsylla that somebody else opened: it is used in the event loop that it belongs to, and never closed."""

from __future__ import annotations

import asyncio
import gc
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from coodie_drivers.adapters._acsylla_library import extension
from coodie_drivers.adapters._acsylla_process import Process
from coodie_drivers.errors import ConfigurationError, ConnectionLostError, ForkedDriverError
from coodie_drivers.loop_thread import LoopEndedError, submit_to
from coodie_drivers.messages import BatchRequest
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from coodie_drivers.adapters._acsylla_link import Link
    from coodie_drivers.messages import Reply, Request


class GivenSession:
    """The sessions of a driver that was given one."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._process = Process.number

    @property
    def prepared_statements(self) -> int:
        """How many prepared statements the session holds."""
        return self._link.prepared_statements

    def in_flight(self) -> int:
        """Return how many requests are under way."""
        return len(self._link.under_way.tasks)

    def forget_prepared(self) -> None:
        """Have the session prepare its statements anew."""
        self._link.forget_prepared()

    def renew(self) -> None:
        """Do nothing: only who opened the session knows how to log in."""

    def exchange(self, request: Request | BatchRequest) -> Reply:
        """Send one request from blocking code."""
        self._refuse_fork()
        with suppress(RuntimeError):
            if asyncio.get_running_loop() is self._link.loop:
                raise ConfigurationError(
                    "a blocking call in the event loop of the acsylla session would wait for itself: await the "
                    "asynchronous one, or connect with init_coodie(hosts=…, driver_type='acsylla')"
                )
        try:
            return submit_to(self._running_loop(), self._link.under_way.alone(self._link.exchange, request)).result()
        except LoopEndedError:
            raise _loop_ended(request) from None

    def direct(self, loop: asyncio.AbstractEventLoop) -> Link | None:
        """Return the session where it belongs to the running event loop, `loop`."""
        self._refuse_fork()
        return self._link if loop is self._link.loop else None

    async def exchange_async(self, request: Request | BatchRequest) -> Reply:
        """Send one request from another event loop than the session's."""
        try:
            return await submit_to(
                self._running_loop(), self._link.under_way.alone(self._link.exchange, request)
            ).result_async()
        except LoopEndedError:
            raise _loop_ended(request) from None

    def close(self, _: float) -> None:
        """Leave the session as it is."""

    async def close_async(self, _: float) -> None:
        """Leave the session as it is."""

    def _refuse_fork(self) -> None:
        """Refuse to use it in a forked child, where a loop that ran in another thread looks as if it did yet."""
        if self._process != Process.number:
            raise ForkedDriverError

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        if not self._link.loop.is_running():
            raise ConfigurationError(
                "the event loop in which the acsylla session was opened is not running, so no answer could come: use "
                "the session there, or connect with init_coodie(hosts=…, driver_type='acsylla'), which serves any loop"
            )
        return self._link.loop


def _loop_ended(request: Request | BatchRequest) -> ConnectionLostError:
    kind = StatementKind.BATCH if isinstance(request, BatchRequest) else request.statement.kind
    return ConnectionLostError(
        "the event loop in which the acsylla session was opened ended before the answer came", statement_kind=kind
    )


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
