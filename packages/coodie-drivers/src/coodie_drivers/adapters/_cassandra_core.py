"""`CassandraDriver`: the contract over a session of the package `cassandra`, for scylla-driver and cassandra-driver."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._bound_values import forget_bound
from coodie_drivers.adapters._cassandra_agreement import Agreement, version_asked
from coodie_drivers.adapters._cassandra_answers import Answers
from coodie_drivers.adapters._cassandra_calls import wait_for, waited
from coodie_drivers.adapters._cassandra_errors import Attempt, raise_translated
from coodie_drivers.adapters._cassandra_pauses import Pauses
from coodie_drivers.adapters._cassandra_room import CLOSINGS, Room
from coodie_drivers.adapters._cassandra_shapes import PreparedShapes, has_values
from coodie_drivers.adapters._cassandra_starting import Starter, sent_request
from coodie_drivers.adapters._cassandra_unreadable import ForgottenError
from coodie_drivers.adapters._event_loops import EventLoops
from coodie_drivers.adapters._schema_watch import look_limit
from coodie_drivers.calls import check_call
from coodie_drivers.config import FIRST_WITH_UNSET
from coodie_drivers.contract import batch_as_request
from coodie_drivers.errors import (
    CoodieError,
    DriverClosedError,
    InvalidQueryError,
    OperationTimedOutError,
)
from coodie_drivers.interrupts import pass_interrupt
from coodie_drivers.messages import BatchRequest
from coodie_drivers.retries import Failure
from coodie_drivers.session_driver import SessionDriver
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.adapters._cassandra_calls import Call, TurnedAway
    from coodie_drivers.adapters._cassandra_shapes import Shapes
    from coodie_drivers.messages import Reply, Request


_SCHEMA: Final = StatementKind.SCHEMA


class CassandraDriver(SessionDriver):
    """A driver over one session of scylla-driver or cassandra-driver, for synchronous and asynchronous code alike.

    A session of your own is used as it is: nothing on it is changed, and closing the driver leaves it open. So a value
    that has no Python form, such as a timestamp beyond the year 9999, and a paging state that is none cost it the
    connection, as the library has it; on a connection made by `init_coodie(hosts=…)`, and on a session given with
    `codec=True`, the one request fails alone, and values are bound and rows read several times faster. On a session of
    your own, even with `codec=True`, the library reads the answers to PREPARE, and one that it cannot read costs the
    connection; and scylla-driver may keep an event loop for two seconds when connections have broken unnoticed.
    Keyspaces are never switched: name them in raw statements (`SELECT … FROM shop.products`).

    Statements with values are prepared once and kept, the 1,000 most recently used of them. Nothing blocks the event
    loop, and the driver belongs to none: any number of loops and threads may share it. Where a connection has nearly
    as many requests under way as it can have, those of event loops go to the node with most room, or wait for it.
    """

    needs_row_validation = False
    supports_unset = True

    def __init__(
        self,
        session: Any,
        default_keyspace: str | None = None,
        *,
        owns_session: bool = False,
        connect_anew: Callable[[], CassandraDriver] | None = None,
        codec: bool = False,
    ) -> None:
        """Take a session over.

        Args:
            session: a connected `cassandra.cluster.Session`.
            default_keyspace: the keyspace of models that name none.
            owns_session: whether closing the driver shuts the session's cluster down.
            connect_anew: how a forked child gets a driver like this one.
            codec: whether values are bound, and rows read, by functions generated for each statement; the session's
                protocol handler must be one that `reading_handler` made.
        """
        super().__init__(owns_session=owns_session)
        self.default_keyspace = default_keyspace
        if getattr(session.cluster, "protocol_version", FIRST_WITH_UNSET) < FIRST_WITH_UNSET:
            self.supports_unset = False
        self.session = session
        self._connect_anew = connect_anew
        self._starter = Starter(session)
        self._pauses = Pauses()
        pauses = self._pauses if self._starter.own_policy is None else None
        self._shapes = PreparedShapes(session, codec=codec, owned=owns_session, pauses=pauses)
        self._answers = Answers(self._starter)
        self._room = Room(session)

    def _begin_alone(self) -> None:
        super()._begin_alone()
        self._loops = EventLoops()

    def send(self, request: Request | BatchRequest) -> Reply:
        """Send one request and return one page of its answer.

        Raises:
            InvalidQueryError: if a value cannot be bound, or the server refuses the statement.
            DriverError: if the cluster, or the way to it, fails.
        """
        begun = self._begun
        begun.append(None)  # before it looks whether it may be: closing looks at it after saying that it may not
        try:
            began = time.monotonic()
            shapes = self._shapes
            if not self.usable or began >= shapes.watch.look_at or self._room.heeded != CLOSINGS.number:
                return self._answer(*self._begin(request))
            started = self._starter.start_known(request, shapes)
            if started is None:
                return self._answer(*self._begin(request))
            future = started[0]
            try:
                result = waited(future)
            except Exception as error:  # noqa: BLE001 - the library raises all it knows
                call = self._starter.call(started)
                turned_away = self._turned_away(error, call, request, began)
            else:
                return self._answers.reply(request, started, future, result)
            return self._answer(request, self._again(turned_away, call, request, began), began)
        except CoodieError as error:
            started = future = None  # a traceback may be shown with its variables
            forget_bound(error, request)
            raise
        finally:
            begun.pop()

    async def send_async(self, request: Request | BatchRequest) -> Reply:
        """Send one request and return one page of its answer, without blocking the event loop.

        Raises:
            InvalidQueryError: if a value cannot be bound, or the server refuses the statement.
            DriverError: if the cluster, or the way to it, fails.
        """
        loop, wakeups = self._loops.running()
        begun = wakeups.begun
        begun.append(None)  # before it looks whether it may be: closing looks at it after saying that it may not
        try:
            began = time.monotonic()
            shapes = self._shapes
            if not self.usable or began >= shapes.watch.look_at or not self._room.taken():
                return await self._answer_async(*await self._begin_async(request))
            started = self._starter.start_known(request, shapes)
            if started is None:
                return await self._answer_async(*await self._begin_async(request))
            future = started[0]
            waiter, answered = loop.create_future(), wakeups.answered
            future.add_callbacks(answered, answered, callback_args=(waiter,), errback_args=(waiter,))
            await waiter
            try:
                result = future.result()  # it is there: this neither waits nor blocks
            except Exception as error:  # noqa: BLE001 - the library raises all it knows
                call = self._starter.call(started)
                turned_away = self._turned_away(error, call, request, began)
            else:
                return self._answers.reply(request, started, future, result)
            return await self._answer_async(request, await self._again_async(turned_away, call, request, began), began)
        except CoodieError as error:
            started = future = None  # a traceback may be shown with its variables
            forget_bound(error, request)
            raise
        finally:
            begun.pop()

    def _answer(self, request: Request | BatchRequest, call: Call, began: float) -> Reply:
        """Return the answer to a request that was started, and is again where it was turned away."""
        while True:
            try:
                result = waited(call.future)
                break
            except Exception as error:  # noqa: BLE001 - the library raises all it knows
                turned_away = self._turned_away(error, call, request, began)
            call = self._again(turned_away, call, request, began)
        if call.sent.kind is _SCHEMA:
            agreement = self._agreement(request, call, began)
            for each in agreement.asked:
                wait_for(each)
            agreement.check(call)
        return self._answers.reply(request, call, call.future, result, call.attempts())

    async def _answer_async(self, request: Request | BatchRequest, call: Call, began: float) -> Reply:
        """Do as `_answer` does without blocking the event loop."""
        while True:
            await self._answered(call.future)
            try:
                result = call.future.result()  # it is there: this neither waits nor blocks
                break
            except Exception as error:  # noqa: BLE001 - the library raises all it knows
                turned_away = self._turned_away(error, call, request, began)
            call = await self._again_async(turned_away, call, request, began)
        if call.sent.kind is _SCHEMA:
            agreement = self._agreement(request, call, began)
            for each in agreement.asked:
                await self._answered(each)
            agreement.check(call)
        return self._answers.reply(request, call, call.future, result, call.attempts())

    async def _answered(self, future: Any) -> None:
        """Wait until the library's future has an answer, or an error."""
        loop, wakeups = self._loops.running()
        waiter, answered = loop.create_future(), wakeups.answered
        future.add_callbacks(answered, answered, callback_args=(waiter,), errback_args=(waiter,))
        await waiter

    def _again(self, turned_away: TurnedAway, call: Call, request: Request | BatchRequest, began: float) -> Call:
        """Start a request again that was turned away, when its time has come."""
        self._pauses.wait(turned_away.pause)
        try:
            prepared = call.shapes if self._pauses.ended else self._shapes.of(request)
        except CoodieError as error:
            raise turned_away.told(error) from None
        return self._start_again(turned_away, request, prepared, began)

    async def _again_async(
        self, turned_away: TurnedAway, call: Call, request: Request | BatchRequest, began: float
    ) -> Call:
        """Do as `_again` does without blocking the event loop."""
        await self._pauses.wait_async(turned_away.pause)
        try:
            prepared = call.shapes if self._pauses.ended else await self._shapes.of_async(request)
        except CoodieError as error:
            raise turned_away.told(error) from None
        return self._start_again(turned_away, request, prepared, began)

    @property
    def prepared_statements(self) -> int:
        """How many prepared statements are held, 1,000 at most."""
        return len(self._shapes)

    def _look(self, request: Request | BatchRequest) -> float:
        """Forget what was prepared if somebody else has changed the schema; return the seconds that it took to look."""
        began = time.monotonic()
        if began < self._shapes.watch.look_at or not has_values(request):
            return 0.0
        try:
            self._shapes.saw([*waited(self._asked_version(request, began))])
        except Exception as error:  # noqa: BLE001 - the request that comes next tells what is wrong
            pass_interrupt(error)
            self._shapes.watch.missed(time.monotonic())
        return time.monotonic() - began

    async def _look_async(self, request: Request | BatchRequest) -> float:
        """Do as `_look` does without blocking the event loop."""
        began = time.monotonic()
        if began < self._shapes.watch.look_at or not has_values(request):
            return 0.0
        try:
            asked = self._asked_version(request, began)
            await self._answered(asked)
            self._shapes.saw([*asked.result()])
        except Exception as error:  # noqa: BLE001 - the request that comes next tells what is wrong
            pass_interrupt(error)
            self._shapes.watch.missed(time.monotonic())
        return time.monotonic() - began

    def _asked_version(self, request: Request | BatchRequest, now: float) -> Any:
        self._shapes.watch.begin(now)
        return version_asked(self._starter, look_limit(self._starter.usual_limit(request)), {})

    def in_flight(self) -> int:
        """Return how many requests are under way, those too that nobody waits for any more."""
        sent = sum(sum(state["in_flights"]) for state in self.session.get_pool_state().values())
        return max(sent, self.awaited())

    def awaited(self) -> int:
        """Return how many requests somebody waits for: not those that were cancelled, or whose time is over."""
        return len(self._begun) + self._loops.begun()

    def end_pauses(self) -> None:
        """Have requests fail that wait to be sent, or sent again."""
        self._pauses.end()

    def shut_down(self) -> None:
        """Shut the session's cluster down."""
        self.end_pauses()
        self.session.cluster.shutdown()

    def connect_anew(self) -> CassandraDriver | None:
        """Return another driver, connected as this one was; None for a session of somebody else's."""
        return None if self._connect_anew is None else self._connect_anew()

    def _begin(self, request: Request | BatchRequest) -> tuple[Request | BatchRequest, Call, float]:
        """Start a request after all is looked at; return it as it was sent, and when its time began.

        What is looked at for it takes of its time; preparing has as much once more.
        """
        if not self.usable:
            self.restore()
        request = self._accepted(request)
        self._room.heed()
        spent = self._look(request)
        shapes = self._shapes.of(request)
        if pause := self._starter.order.pause_before(request):
            self._pauses.wait(pause)
        spent += pause
        began, left = time.monotonic() - spent, self._starter.left(request, shapes, spent)
        try:
            call = self._starter.start(request, shapes, timeout=left)
        except InvalidQueryError as refusal:
            shapes = self._shapes.renewed(refusal, request, shapes)
            call = self._starter.start(request, shapes, timeout=left)
        return request, call, began

    async def _begin_async(self, request: Request | BatchRequest) -> tuple[Request | BatchRequest, Call, float]:
        """Do as `_begin` does without blocking the event loop; the request waits for its turn where it must."""
        if not self.usable:
            await self.restore_async()
        request = self._accepted(request)
        spent = await self._look_async(request)
        shapes = await self._shapes.of_async(request)
        if pause := self._starter.order.pause_before(request):
            await self._pauses.wait_async(pause)
        spent += pause
        began, left = time.monotonic() - spent, self._starter.left(request, shapes, spent)
        try:
            call = (
                self._starter.start(request, shapes, timeout=left)
                if self._room.taken()
                else await self._start_queued(request, shapes, began)
            )
        except InvalidQueryError as refusal:
            shapes = await self._shapes.renewed_async(refusal, request, shapes)
            left = self._starter.left(request, shapes, time.monotonic() - began)  # it may have waited for its turn
            call = self._starter.start(request, shapes, timeout=left)
        return request, call, began

    def _accepted(self, request: Request | BatchRequest) -> Request | BatchRequest:
        check_call(request)
        if isinstance(request, BatchRequest) and request.timestamp is not None and not self._owns_session:
            # The library has no timestamp for a batch; on its own sessions the driver sets it in the message.
            return batch_as_request(request)
        return request

    async def _start_queued(self, request: Request | BatchRequest, shapes: Shapes, began: float) -> Call:
        """Start a request when a node has room for it; the time until then is part of its own."""
        sent = sent_request(request, shapes)
        limit = self._starter.limit(request, sent)
        try:
            host = await self._room.host(None if limit is None else began + limit - time.monotonic())
        except asyncio.TimeoutError:
            raise OperationTimedOutError(limit, **Attempt(sent, None).facts(Failure("not_sent"))) from None
        if self._pauses.ended:
            raise DriverClosedError
        left = self._starter.left(request, shapes, time.monotonic() - began)
        return self._starter.start(request, shapes, host=host, timeout=left)

    def _turned_away(
        self,
        error: Exception,
        call: Call,
        request: Request | BatchRequest,
        began: float,
    ) -> TurnedAway:
        """Return what a request has to wait for that a node turned away; raise the error if it is not sent again."""
        limit = self._starter.limit(request, call.sent)
        left = None if limit is None else began + limit - time.monotonic()
        if isinstance(error, ForgottenError):
            self._shapes.forget(call.shapes)
        found = call.turned_away(error, left, self._starter.own_policy)
        if found is None:
            if call.sent.kind is StatementKind.SCHEMA:
                self._shapes.forget_all()  # it may have changed after all
            raise_translated(error, replace(call.attempt(error), limit=limit))
        return found

    def _start_again(
        self,
        turned_away: TurnedAway,
        request: Request | BatchRequest,
        shapes: Shapes,
        began: float,
    ) -> Call:
        if self._pauses.ended:  # closed meanwhile; what the node did before is not undone by that
            turned_away.raise_error()
        left = self._starter.left(request, shapes, time.monotonic() - began)
        began_anew = self._starter.start(request, shapes, timeout=left)
        began_anew.before = turned_away.attempts
        began_anew.forgotten = turned_away.forgotten
        return began_anew

    def _agreement(self, request: Request | BatchRequest, call: Call, began: float) -> Agreement:
        """Forget what was prepared, for a request has changed the schema; return what the nodes are asked about it."""
        self._shapes.forget_all()
        return Agreement(self.session, self._starter, call.future, began, self._starter.limit(request, call.sent))
