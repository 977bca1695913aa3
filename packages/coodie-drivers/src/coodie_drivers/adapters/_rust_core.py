"""`RustDriver`: the contract over a session of the package `scylla`, for scylladb-rs-driver."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Any

from coodie_drivers.adapters._rust_errors import Attempt, raise_translated
from coodie_drivers.adapters._rust_exchange import Exchange
from coodie_drivers.adapters._rust_requests import RequestBuilder
from coodie_drivers.adapters._rust_shapes import PreparedShape
from coodie_drivers.config import DEFAULT_REQUEST_TIMEOUT
from coodie_drivers.errors import DriverClosedError, OperationTimedOutError
from coodie_drivers.messages import Request, statement_of
from coodie_drivers.retries import Failure, Sent
from coodie_drivers.session_driver import SessionDriver
from coodie_drivers.statements import StatementCache

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from coodie_drivers.messages import BatchRequest, Reply


class RustDriver(SessionDriver):
    """A driver over one session of scylladb-rs-driver, for synchronous and asynchronous code alike.

    A session of your own is used as it is: closing the driver leaves it open. Keyspaces are never switched: name them
    in raw statements (`SELECT … FROM shop.products`).

    Statements with values are prepared once and kept, the 1,000 most recently used of them. Nothing blocks the event
    loop, and the driver belongs to none: any number of loops and threads may share it.

    The library tells neither the server's warnings nor which node answered, and it has no `UNSET`.
    """

    needs_row_validation = False
    supports_unset = False

    def __init__(
        self,
        session: Any,
        default_keyspace: str | None = None,
        *,
        requests: RequestBuilder | None = None,
        connect_anew: Callable[[], RustDriver] | None = None,
        preparing: float = DEFAULT_REQUEST_TIMEOUT,
    ) -> None:
        """Take a session over.

        Args:
            session: a connected `scylla.session.Session`.
            default_keyspace: the keyspace of models that name none.
            requests: what makes the library's statements; given where the session was opened for this driver.
            connect_anew: how a forked child gets a driver like this one.
            preparing: seconds within which a text must have been prepared; the library itself has no limit for it.
        """
        super().__init__(owns_session=requests is not None)
        self._preparing = preparing
        self.default_keyspace = default_keyspace
        self.session = session
        self._connect_anew = connect_anew
        self._under_way: list[None] = []
        requests = requests or RequestBuilder(None, None, None, own_session=False)
        self._exchange = Exchange(session, requests, self._forget)
        self._forget()

    def send(self, request: Request | BatchRequest) -> Reply:
        """Send one request and return one page of its answer.

        Raises:
            InvalidQueryError: if a value cannot be bound, or the server refuses the statement.
            DriverError: if the cluster, or the way to it, fails.
        """
        if not self.usable:
            self.restore()
        self._under_way.append(None)
        try:
            call = self._exchange.quick(request, self._shapes.ready)
            if call is None or not isinstance(request, Request):
                return self._driven(self._exchange.steps(request))
            try:
                result = waited(call.started())
            except Exception as error:  # noqa: BLE001 - the library raises all it knows
                return self._driven(self._exchange.after(error, request, call))
            reply = self._exchange.read(request, call, result)
            return self._driven(self._exchange.ask_otherwise(request, call, result)) if reply is None else reply
        finally:
            self._under_way.pop()

    async def send_async(self, request: Request | BatchRequest) -> Reply:
        """Send one request and return one page of its answer, without blocking the event loop.

        Raises:
            InvalidQueryError: if a value cannot be bound, or the server refuses the statement.
            DriverError: if the cluster, or the way to it, fails.
        """
        if not self.usable:
            await self.restore_async()
        self._under_way.append(None)
        try:
            call = self._exchange.quick(request, self._shapes.ready)
            if call is None or not isinstance(request, Request):
                return await self._adriven(self._exchange.steps(request))
            try:
                result = await call.started()
            except Exception as error:  # noqa: BLE001 - the library raises all it knows
                return await self._adriven(self._exchange.after(error, request, call))
            reply = self._exchange.read(request, call, result)
            return await self._adriven(self._exchange.ask_otherwise(request, call, result)) if reply is None else reply
        finally:
            self._under_way.pop()

    def _driven(self, steps: Generator[Any, Any, Reply]) -> Reply:
        """Return the reply of a request, blocking in each of its steps."""
        try:
            asked = next(steps)
            while True:
                try:
                    found = self._done(asked)
                except Exception as error:  # noqa: BLE001 - the library raises all it knows
                    asked = steps.throw(error)
                else:
                    asked = steps.send(found)
        except StopIteration as done:
            reply: Reply = done.value
            return reply

    async def _adriven(self, steps: Generator[Any, Any, Reply]) -> Reply:
        """Return the reply of a request, awaiting each of its steps."""
        try:
            asked = next(steps)
            while True:
                try:
                    found = await self._done_async(asked)
                except Exception as error:  # noqa: BLE001 - the library raises all it knows
                    asked = steps.throw(error)
                else:
                    asked = steps.send(found)
        except StopIteration as done:
            reply: Reply = done.value
            return reply

    def _done(self, asked: Any) -> Any:
        """Return what a step asks for: a text prepared, an answer, or nothing after some seconds."""
        if isinstance(asked, str):
            return self._shapes.get(asked)
        return time.sleep(asked) if isinstance(asked, float) else waited(asked)

    async def _done_async(self, asked: Any) -> Any:
        """Return what a step asks for, without blocking the event loop."""
        if isinstance(asked, str):
            return await self._shapes.get_async(asked)
        return await (asyncio.sleep(asked) if isinstance(asked, float) else asked)

    def in_flight(self) -> int:
        """Return how many requests are under way."""
        return len(self._under_way)

    def shut_down(self) -> None:
        """Let go of the session: the library closes its connections when nobody holds it any more."""
        self._exchange.session = None
        self._forget()
        self.session = None

    def connect_anew(self) -> RustDriver | None:
        """Return another driver, connected as this one was; None for a session of somebody else's."""
        return None if self._connect_anew is None else self._connect_anew()

    def _forget(self) -> None:
        """Forget what was prepared."""
        self._shapes: StatementCache[PreparedShape] = StatementCache(self._prepare)

    def _prepare(self, cql: str) -> PreparedShape:
        session = self._exchange.session
        if session is None:
            raise DriverClosedError
        try:
            return PreparedShape(cql, waited(session.prepare(cql), self._preparing), self._exchange.reading)
        except TimeoutError:
            facts = Attempt(Sent(statement_of(cql).kind), cql, attempts=0).facts(Failure("timed_out"))
            raise OperationTimedOutError(self._preparing, **facts) from None
        except Exception as error:  # noqa: BLE001 - the library raises all it knows
            # Nothing was executed, and no value had been sent that the server could repeat.
            raise_translated(error, Attempt(Sent(statement_of(cql).kind), cql, attempts=0))


def waited(future: Any, seconds: float | None = None) -> Any:
    """Return the result of the library's future, blocking until it is there, or for that long.

    The library's own way to wait cannot be interrupted, so that Ctrl-C would be heard only after the answer.

    Raises:
        TimeoutError: if it is not there in time; then it is given up.
    """
    if seconds is None and threading.current_thread() is not threading.main_thread():
        return future.result()
    done = threading.Lock()
    done.acquire()

    def wake(_: object) -> None:
        done.release()

    future.on_done(wake)
    in_time = False
    try:
        in_time = done.acquire(timeout=-1 if seconds is None else seconds)
    finally:
        if not in_time:  # or interrupted
            future.cancel()
    if not in_time:
        raise TimeoutError
    return future.result()
