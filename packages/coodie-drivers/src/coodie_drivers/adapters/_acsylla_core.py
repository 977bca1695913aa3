"""`AcsyllaDriver`: the contract over sessions of acsylla."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from coodie_drivers.adapters._bound_values import forget_bound
from coodie_drivers.calls import check_call
from coodie_drivers.errors import ClusterUnavailableError, CoodieError, DriverClosedError, DriverError
from coodie_drivers.messages import Request
from coodie_drivers.request_driver import CLOSE_TIMEOUT, RequestDriver, check_close_timeout
from coodie_drivers.write_order import WriteOrder
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from coodie_drivers.adapters._acsylla_given import GivenSession
    from coodie_drivers.adapters._acsylla_loops import OwnSessions
    from coodie_drivers.messages import BatchRequest, Reply


class AcsyllaDriver(RequestDriver):
    """A driver over acsylla, for synchronous and asynchronous code alike.

    Acsylla's sessions belong to an event loop each. A driver that connected by itself has one in a private thread, for
    blocking code, and opens another in each event loop that goes on asking; a session of your own is used in its loop
    only, from wherever the call comes, and closing the driver leaves it open. Keyspaces are never switched: name them
    in raw statements (`SELECT … FROM shop.products`).

    Acsylla tells neither the server's warnings nor which node answered, so a reply has none of either; nor does it tell
    the numbers of replicas and the write type of an error.
    """

    needs_row_validation = False
    supports_unset = True

    def __init__(self, sessions: OwnSessions | GivenSession, default_keyspace: str | None = None) -> None:
        """Take over what reaches the cluster."""
        self.default_keyspace = default_keyspace
        self._sessions = sessions
        self._closed = False
        self._order = WriteOrder()

    def send(self, request: Request | BatchRequest) -> Reply:
        """Send one request and return one page of its answer.

        Raises:
            InvalidQueryError: if a value cannot be bound, or the server refuses the statement.
            DriverError: if the cluster, or the way to it, fails.
        """
        if self._closed:
            raise DriverClosedError
        try:
            check_call(request)
            if pause := self._order.pause_before(request):
                time.sleep(pause)
            reply = self._sessions.exchange(request)
        except CoodieError as error:
            forget_bound(error, request)
            if isinstance(error, DriverError):
                self._note(request)  # the schema may have changed for all that
            raise
        if not reply.columns:
            self._order.acknowledged()
            self._note(request)
        return reply

    async def send_async(self, request: Request | BatchRequest) -> Reply:
        """Send one request and return one page of its answer, without blocking the event loop.

        Raises:
            InvalidQueryError: if a value cannot be bound, or the server refuses the statement.
            DriverError: if the cluster, or the way to it, fails.
        """
        if self._closed:
            raise DriverClosedError
        loop = asyncio.get_running_loop()
        try:
            link = self._sessions.direct(loop)
            # As `Link.exchange` does, for what is usual: a coroutine more costs as much as all that is decided there.
            begun = None if link is None else link.begun(request)
        except CoodieError as error:
            forget_bound(error, request)
            raise
        if begun is None or link is None or not isinstance(request, Request):
            return await self._send_otherwise(request, loop)
        task, tasks = asyncio.current_task(loop), link.under_way.tasks
        tasks.add(task)
        try:
            try:
                result = await link.session.execute(begun[0])
            except asyncio.CancelledError:
                link.tell_if_cut(request, begun)
                raise
            except Exception as error:  # noqa: BLE001 - the library raises all it knows
                reply = await link.reply_after(error, request, begun)
            else:
                reply = link.reply_to(request, begun[1], result)
        except CoodieError as error:
            forget_bound(error, request)
            if isinstance(error, ClusterUnavailableError):
                self._sessions.renew()
            raise
        finally:
            tasks.discard(task)
            del task  # which keeps the error of its being cancelled, and that this name: a ring, and the session in it
        if not reply.columns:
            self._order.acknowledged()
        return reply

    async def _send_otherwise(self, request: Request | BatchRequest, loop: asyncio.AbstractEventLoop) -> Reply:
        """Send a request that takes more steps, or that goes over another event loop than this one."""
        try:
            check_call(request)
            if pause := self._order.pause_before(request):
                await asyncio.sleep(pause)
            link = self._sessions.direct(loop)
            if link is None:
                reply = await self._sessions.exchange_async(request)
            else:
                task, tasks = asyncio.current_task(loop), link.under_way.tasks
                tasks.add(task)
                try:
                    reply = await link.exchange(request)
                except ClusterUnavailableError:
                    self._sessions.renew()
                    raise
                finally:
                    tasks.discard(task)
                    del task  # as above
        except CoodieError as error:
            forget_bound(error, request)
            if isinstance(error, DriverError):
                self._note(request)
            raise
        if not reply.columns:
            self._order.acknowledged()
            self._note(request)
        return reply

    @property
    def prepared_statements(self) -> int:
        """How many prepared statements are held, 1,000 at most for each of the sessions."""
        return self._sessions.prepared_statements

    def in_flight(self) -> int:
        """Return how many requests are under way."""
        return self._sessions.in_flight()

    def close(self, *, timeout: float = CLOSE_TIMEOUT) -> None:
        """Refuse further requests, wait `timeout` seconds at most for those under way, and end the connections."""
        check_close_timeout(timeout)
        self._closed = True
        self._sessions.close(timeout)

    async def close_async(self, *, timeout: float = CLOSE_TIMEOUT) -> None:
        """Do as `close` does without blocking the event loop."""
        check_close_timeout(timeout)
        self._closed = True
        await self._sessions.close_async(timeout)

    def _note(self, request: Request | BatchRequest) -> None:
        if isinstance(request, Request) and request.statement.kind is StatementKind.SCHEMA:
            # The C++ driver goes on reading rows by the columns that it was told when it prepared.
            self._sessions.forget_prepared()
