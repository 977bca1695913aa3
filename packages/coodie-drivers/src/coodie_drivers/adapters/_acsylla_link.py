"""`Link`: one session of acsylla, used in the event loop that it belongs to."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import CancelledError as FutureCancelledError
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._acsylla_agreement import nodes_agree
from coodie_drivers.adapters._acsylla_calls import (
    Begun,
    Call,
    Habits,
    has_time,
    preparing,
    reply_of,
    sent_of,
    set_batch_timeout,
)
from coodie_drivers.adapters._acsylla_errors import Attempt, failure_of, raise_translated, raise_unreadable
from coodie_drivers.adapters._acsylla_library import known_schema, library, session_pointer
from coodie_drivers.adapters._acsylla_preparing import NO_HOSTS, WAITS, Connections, prepared, turned_away
from coodie_drivers.adapters._acsylla_requests import (
    LEAST_TIMEOUT,
    PreparedShape,
    batch_for,
    level_of,
    sent_batch,
    set_page,
)
from coodie_drivers.adapters._acsylla_rows import RowDecoders, UnreadableError
from coodie_drivers.adapters._acsylla_under_way import UnderWay
from coodie_drivers.adapters._schema_watch import SchemaWatch
from coodie_drivers.calls import LISTED
from coodie_drivers.errors import (
    ConnectionLostError,
    DriverError,
    InvalidRequestError,
    OperationTimedOutError,
    SchemaDisagreementError,
)
from coodie_drivers.interrupts import pass_interrupt
from coodie_drivers.loop_thread import LoopEndedError
from coodie_drivers.messages import BatchRequest, Reply, Request, Statement, statement_of
from coodie_drivers.retries import Failure, Sent, pause_before, verdict_on
from coodie_drivers.statements import StatementCache, texts_of
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Sequence


_PREPARING: Final = 30.0
"""Seconds after which nobody waits for a PREPARE any more, should the event loop stand still meanwhile."""

_LOOKS: Final = 0.01
"""Seconds between two looks at the schema that the C++ driver knows; nodes tell it of changes within milliseconds."""

_CUT: Final = "the driver was closed before the answer came"


class Link:
    """One session with its prepared statements and decoders.

    Attributes:
        loop: the event loop that the session belongs to.
        session: acsylla's session; None when it has ended.
        under_way: the tasks that are within `exchange`, noted by whoever awaits it, so that closing can end them.
    """

    def __init__(self, session: Any, loop: asyncio.AbstractEventLoop, habits: Habits, *, owned: bool) -> None:
        self.session: Any = session
        self.loop = loop
        self._habits = habits
        self._owned = owned
        self._timeout, self._fetch_size = habits.timeout, habits.fetch_size
        self._needs_options = habits.speculates or not owned
        self._limits_itself = habits.timeout is not None and habits.timeout < LEAST_TIMEOUT
        self._decoders = RowDecoders()
        self.under_way = UnderWay(ends_with_loop=not owned)
        self._connections = Connections(resends=habits.resends)
        self._known_by = session_pointer(session)
        self._watch = SchemaWatch(_LOOKS)
        self._shapes: StatementCache[PreparedShape] = StatementCache(self._prepare, timeout=habits.timeout)

    def forget_prepared(self) -> None:
        """Have every statement prepared anew, for the schema has changed."""
        self._shapes = self._shapes.anew(self._habits.timeout)

    @property
    def prepared_statements(self) -> int:
        """How many prepared statements are held."""
        return len(self._shapes)

    def _look(self, now: float) -> None:
        """Forget what was prepared if somebody has changed the schema."""
        if self._watch.saw(known_schema(self._known_by), now):
            self.forget_prepared()

    async def exchange(self, request: Request | BatchRequest) -> Reply:
        """Send one request and return one page of its answer; to be awaited in this link's own loop."""
        # No variable holds a value: a traceback may be shown with its variables.
        if isinstance(request, BatchRequest):
            return await self._exchange_batch(request)
        told = request.statement
        if (began := time.monotonic()) >= self._watch.look_at:
            self._look(began)
        shape = self._shapes.ready(told.cql) if request.params else None
        if shape is None and request.params:
            shape, began = (await self._prepared((told.cql,), request.timeout))[told.cql], time.monotonic()
        sent = sent_of(request, shape)
        statement = library.create_statement(told.cql) if shape is None else shape.bind(request.params)
        limit = self._configure(statement, request, sent)
        execution, attempt = self.session.execute(statement), None
        if limit is not None and limit < LEAST_TIMEOUT:  # which is too short for the library
            execution = asyncio.wait_for(execution, limit)
        try:
            result = await execution
        except asyncio.CancelledError:
            self._tell_if_cut(self._attempt(sent, told.cql, limit, has_values=shape is not None))
            raise
        except Exception as error:  # noqa: BLE001 - the library raises all it knows
            attempt = self._attempt(sent, told.cql, limit, has_values=shape is not None)
            call = Call(self.session.execute, statement, statement.set_timeout, began)
            result, attempt = await self._answered(error, call, attempt, shape)
        if told.kind is StatementKind.SCHEMA and not result.column_count():
            await self._agreed(attempt or self._attempt(sent, told.cql, limit, has_values=False), began)
        return self.reply_to(request, shape, result, attempt)

    def begun(self, request: Request | BatchRequest) -> Begun | None:
        """Return what is sent for a usual request that need not wait for anything first; else None.

        Who takes it sends it, goes on with `reply_to`, `reply_after` or `tell_if_cut`, and notes the task that waits.

        """
        if type(request) is not Request or type(told := request.statement) is not Statement or self._limits_itself:
            return None
        if (
            request.consistency is not None
            or request.timeout is not None
            or request.fetch_size is not None
            or request.paging_state is not None
        ):
            return None
        if (now := time.monotonic()) >= self._watch.look_at:
            self._look(now)
        shape, values = self._shapes.ready(told.cql), request.params
        if shape is None or type(values) not in LISTED or not (told in shape.usual or shape.is_usual(request)):
            return None
        statement = shape.bind(values)
        if told.kind is StatementKind.SELECT:
            statement.set_page_size(self._fetch_size)
        if self._needs_options:
            resends = shape.sent(told, values).repeatable and self._habits.speculates
            self._set_options(statement, request, resends=resends)
        return statement, shape, now

    def tell_if_cut(self, request: Request, begun: Begun) -> None:
        """Raise what a task is told whose request was under way when the driver closed; else do nothing."""
        self._tell_if_cut(self._attempt_of(request, begun[1]))

    async def reply_after(self, error: Exception, request: Request, begun: Begun) -> Reply:
        """Return the reply to what failed once, where it may be sent again; else raise what it was."""
        statement, shape, began = begun
        call = Call(self.session.execute, statement, statement.set_timeout, began)
        result, attempt = await self._answered(error, call, self._attempt_of(request, shape), shape)
        return self.reply_to(request, shape, result, attempt)

    def reply_to(
        self, request: Request, shape: PreparedShape | None, result: Any, attempt: Attempt | None = None
    ) -> Reply:
        """Return the page that a result has; `attempt` says how it came, where that was not at once."""
        if not result.column_count():
            return Reply() if attempt is None else Reply(attempts=attempt.attempts)
        decoders = self._decoders if shape is None or shape.sent_as_text else shape.decoder
        try:
            return reply_of(result, decoders, attempt)
        except UnreadableError as error:
            raise_unreadable(error, attempt or self._attempt_of(request, shape))

    def _configure(self, statement: Any, request: Request, sent: Sent) -> float | None:
        """Set what a statement is sent with; return the seconds within which it is to be answered."""
        if sent.reads or request.paging_state is not None:
            set_page(statement, request, self._fetch_size)
        if self._needs_options or request.consistency is not None:
            self._set_options(statement, request, resends=sent.repeatable and self._habits.speculates)
        if request.timeout is None and sent.kind is not StatementKind.SCHEMA:
            return self._timeout
        limit = self._limit(request, sent)
        if limit is not None:  # a session that others opened has its own, which it does not tell
            statement.set_timeout(max(limit, LEAST_TIMEOUT))
        return limit

    async def _agreed(self, attempt: Attempt, began: float) -> None:
        """Raise what a change of the schema is told on which the nodes did not agree in time."""
        try:
            agreed = await nodes_agree(self.session, time.monotonic() - began, self._habits.schema_wait)
        except asyncio.CancelledError:
            self._tell_if_cut(attempt)
            raise
        if not agreed:
            raise SchemaDisagreementError(**attempt.facts(Failure("timed_out")))

    async def _prepared(self, texts: Sequence[str], timeout: float | None) -> dict[str, PreparedShape]:
        try:
            return await self._shapes.get_all_async(texts, timeout)
        except asyncio.CancelledError:
            self._tell_if_cut(preparing(texts[0]))
            raise

    def _tell_if_cut(self, attempt: Attempt) -> None:
        """Raise what a task is told that waited when the driver closed; do nothing where its owner cancelled it."""
        if self.under_way.was_cut():
            raise ConnectionLostError(_CUT, **attempt.facts(Failure("connection_lost"))) from None

    def _attempt(self, sent: Sent, cql: str | None, limit: float | None, *, has_values: bool) -> Attempt:
        """Return what is known of a request that was sent once."""
        resends = sent.repeatable and self._habits.speculates
        return Attempt(sent, cql, 1, has_values, limit, hosts=self._habits.hosts, library_resends=resends)

    def _attempt_of(self, request: Request, shape: PreparedShape | None) -> Attempt:
        sent = sent_of(request, shape)
        return self._attempt(sent, request.statement.cql, self._limit(request, sent), has_values=shape is not None)

    async def _exchange_batch(self, request: BatchRequest) -> Reply:
        self._look(time.monotonic())
        found = await self._prepared(texts_of(request), request.timeout)
        shapes = [found[part.cql] if values else None for part, values in request.parts]
        sent = sent_batch(request, shapes)
        batch = batch_for(request, shapes)
        limit = self._limit(request, sent)
        call = Call(self.session.execute_batch, batch, partial(set_batch_timeout, batch), time.monotonic())
        if request.timeout is not None:
            call.set_timeout(request.timeout)
        self._set_options(batch, request, resends=sent.repeatable and self._habits.speculates)
        attempt = self._attempt(sent, None, limit, has_values=True)
        try:
            result = await self.session.execute_batch(batch)
        except asyncio.CancelledError:
            self._tell_if_cut(attempt)
            raise
        except Exception as error:  # noqa: BLE001 - the library raises all it knows
            result, attempt = await self._answered(error, call, attempt, *shapes)
        return reply_of(result, self._decoders, attempt) if result.column_count() else Reply(attempts=attempt.attempts)

    def _limit(self, request: Request | BatchRequest, sent: Sent) -> float | None:
        if request.timeout is not None or self._habits.timeout is None:
            return request.timeout
        schema_wait = self._habits.schema_wait if sent.kind is StatementKind.SCHEMA else 0
        return self._habits.timeout + schema_wait

    def _set_options(self, statement: Any, request: Request | BatchRequest, *, resends: bool) -> None:
        if request.consistency is not None:
            statement.set_consistency(level_of(request.consistency))
        if resends:
            # By this the library itself sends it to several nodes, and again when a connection breaks.
            statement.set_is_idempotent(True)
        if not self._owned:
            statement.set_retry_policy("fallthrough")

    async def _answered(
        self, error: Exception, call: Call, attempt: Attempt, *shapes: PreparedShape | None
    ) -> tuple[Any, Attempt]:
        """Return the answer to a statement that failed once, where it may be sent again; else raise what it was."""
        waits, asked_all = iter(WAITS), False
        while True:
            elapsed = time.monotonic() - call.began
            attempt = replace(attempt, elapsed=elapsed, connected=turned_away(self.session, error))
            pass_interrupt(error)
            if isinstance(error, asyncio.TimeoutError):
                raise OperationTimedOutError(attempt.limit, **attempt.facts(Failure("timed_out"))) from None
            failure = Failure("not_sent")
            pause = next(waits, None) if self._connections.are_expected(error, attempt) else None
            if pause is None:
                failure = await self._judged(error, attempt, shapes, asked_all=asked_all)
                asked_all = asked_all or isinstance(error, NO_HOSTS)
                pause = pause_before(failure, attempt.attempts - 1)
            if not has_time(attempt, pause):
                raise_translated(error, attempt)
            try:
                await asyncio.sleep(pause)
            except asyncio.CancelledError:
                if not self.under_way.was_cut():
                    raise
                raise_translated(error, attempt)
            attempt = attempt.after(failure)
            try:
                return await call.again(attempt.limit), attempt
            except asyncio.CancelledError:
                self._tell_if_cut(attempt)
                raise
            except Exception as failed:  # noqa: BLE001 - the library raises all it knows
                error = failed

    async def _judged(
        self, error: Exception, attempt: Attempt, shapes: Sequence[PreparedShape | None], *, asked_all: bool
    ) -> Failure:
        """Return why the statement is to be sent again, else raise what became of it.

        Args:
            error: what the library told.
            attempt: what is known of the attempt that failed.
            shapes: what was prepared for it.
            asked_all: whether the library has asked all nodes once more already: those that are starting do nothing.
        """
        failure = failure_of(error, attempt)
        self._connections.note(failure)
        no_hosts = isinstance(error, NO_HOSTS)
        if no_hosts and any(shape is not None for shape in shapes):
            # So ends also a statement that the changed schema no longer allows: preparing it anew tells.
            self.forget_prepared()
            if attempt.cql is not None and not attempt.uncertain:
                await self._prepared_anew(attempt.cql, attempt)
        if failure is not None and failure.kind in {"not_sent", "bootstrapping"}:
            if no_hosts and not asked_all and self._habits.resends:
                return failure
            raise_translated(error, attempt.unsent() if failure.kind == "not_sent" else attempt)
        if failure is None or no_hosts or not self._habits.resends:
            raise_translated(error, attempt)
        if verdict_on(failure, attempt.sent, attempt.attempts - 1) == "give_up":
            raise_translated(error, attempt)
        return failure

    async def _prepared_anew(self, cql: str, attempt: Attempt) -> None:
        """Prepare a statement again that found no node; raise why where the schema no longer allows it."""
        try:
            await self._prepare_in_loop(cql)
        except asyncio.CancelledError:
            self._tell_if_cut(attempt)
            raise
        except InvalidRequestError as refused:
            if attempt.library_resends and not attempt.sent.reads:
                refused.outcome = "unknown"
            raise
        except DriverError:
            # That it cannot be prepared says nothing of an execution that a node may have begun.
            if not attempt.library_resends:
                raise

    def _prepare(self, cql: str) -> PreparedShape:
        """Prepare in this link's loop, blocking the calling thread, which is never that of the loop."""
        try:
            return self.under_way.prepared(self.loop, self._prepare_in_loop, cql, _PREPARING)
        except FutureTimeoutError:
            raise OperationTimedOutError(_PREPARING, **preparing(cql).facts(Failure("timed_out"))) from None
        except (FutureCancelledError, LoopEndedError):
            raise ConnectionLostError(_CUT, **preparing(cql).facts(Failure("connection_lost"))) from None

    async def _prepare_in_loop(self, cql: str) -> PreparedShape:
        shape_of = partial(PreparedShape, statement=statement_of(cql), decoders=self._decoders, session=self._known_by)
        return await prepared(self.session, cql, shape_of, self._habits, self._connections)
