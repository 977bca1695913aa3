"""`Link`: one session of acsylla, used in the event loop that it belongs to."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._acsylla_errors import Attempt, failure_of, raise_translated, raise_unreadable
from coodie_drivers.adapters._acsylla_library import library
from coodie_drivers.adapters._acsylla_requests import (
    LEAST_TIMEOUT,
    PreparedShape,
    batch_for,
    level_of,
    sent_batch,
    sent_text,
    statement_for,
)
from coodie_drivers.adapters._acsylla_rows import LastDecoder, RowDecoders, UnreadableError
from coodie_drivers.config import DEFAULT_FETCH_SIZE
from coodie_drivers.errors import OperationTimedOutError
from coodie_drivers.messages import BatchRequest, Reply, Request, statement_of
from coodie_drivers.retries import Failure, Sent, pause_before, verdict_on
from coodie_drivers.statements import StatementCache
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Sequence

_PREPARING: Final = 30.0
"""Seconds after which nobody waits for a PREPARE any more, should the event loop have ended meanwhile."""


@dataclass(frozen=True, slots=True)
class Habits:
    """What holds for each request that says nothing else.

    Attributes:
        timeout: seconds to wait for an answer; None where the session's owner decided.
        fetch_size: rows in a page.
        schema_wait: seconds that the nodes may take to agree on a changed schema.
        resends: whether a statement may be sent again.
        hosts: where the cluster was looked for.
    """

    timeout: float | None = None
    fetch_size: int = DEFAULT_FETCH_SIZE
    schema_wait: float = 10.0
    resends: bool = True
    hosts: tuple[str, ...] = ()


class Link:
    """One session with its prepared statements and decoders.

    Attributes:
        loop: the event loop that the session belongs to.
        session: acsylla's session.
    """

    def __init__(self, session: Any, loop: asyncio.AbstractEventLoop, habits: Habits, *, owned: bool) -> None:
        self.session = session
        self.loop = loop
        self._habits = habits
        self._owned = owned
        self._decoders = RowDecoders()
        self.forget_prepared()

    def forget_prepared(self) -> None:
        """Have every statement prepared anew, for the schema has changed."""
        self._shapes: StatementCache[PreparedShape] = StatementCache(self._prepare)

    async def exchange(self, request: Request | BatchRequest) -> Reply:
        """Send one request and return one page of its answer; to be awaited in this link's own loop."""
        if isinstance(request, BatchRequest):
            return await self._exchange_batch(request)
        told, values = request.statement, request.params
        shape = (self._shapes.ready(told.cql) or await self._shapes.get_async(told.cql)) if values else None
        sent = sent_text(told) if shape is None else shape.sent(values)
        statement = statement_for(request, shape, sent, self._habits.fetch_size)
        limit = self._habits.timeout
        if request.timeout is not None or told.kind is StatementKind.SCHEMA:
            limit = self._limit(request, sent)
            statement.set_timeout(max(limit or 0, LEAST_TIMEOUT))
        if sent.repeatable or request.consistency is not None or not self._owned:
            self._set_options(statement, request, sent)
        began = time.monotonic()
        try:
            if limit is None or limit >= LEAST_TIMEOUT:
                result = await self.session.execute(statement)
            else:
                result = await asyncio.wait_for(self.session.execute(statement), limit)
        except Exception as error:  # noqa: BLE001 - the library raises all it knows
            attempt = self._attempt(sent, told.cql, limit, shape, began)
            result = await self._answered(error, self.session.execute, statement, attempt, shape)
        if not result.column_count():
            return Reply()
        decoders = self._decoders if shape is None or shape.sent_as_text else shape.decoder
        try:
            return _reply(result, decoders)
        except UnreadableError as error:
            raise_unreadable(error, self._attempt(sent, told.cql, limit, shape, began))

    def _attempt(
        self, sent: Sent, cql: str | None, limit: float | None, shape: PreparedShape | None, began: float
    ) -> Attempt:
        elapsed = time.monotonic() - began
        return Attempt(sent, cql, 1, shape is not None, limit, elapsed, self._habits.hosts)

    async def _exchange_batch(self, request: BatchRequest) -> Reply:
        shapes = [await self._shapes.get_async(part.cql) if values else None for part, values in request.parts]
        sent = sent_batch(request, shapes)
        batch = batch_for(request, shapes)
        limit = self._limit(request, sent)
        if request.timeout is not None:
            batch.set_request_timeout(max(1, int(request.timeout * 1_000)))
        self._set_options(batch, request, sent)
        attempt = Attempt(sent, None, 1, has_values=True, limit=limit, hosts=self._habits.hosts)
        began = time.monotonic()
        try:
            result = await self.session.execute_batch(batch)
        except Exception as error:  # noqa: BLE001 - the library raises all it knows
            attempt = replace(attempt, elapsed=time.monotonic() - began)
            result = await self._answered(error, self.session.execute_batch, batch, attempt, *shapes)
        return _reply(result, self._decoders) if result.column_count() else Reply()

    def _limit(self, request: Request | BatchRequest, sent: Sent) -> float | None:
        if request.timeout is not None or self._habits.timeout is None:
            return request.timeout
        schema_wait = self._habits.schema_wait if sent.kind is StatementKind.SCHEMA else 0
        return self._habits.timeout + schema_wait

    def _set_options(self, statement: Any, request: Request | BatchRequest, sent: Sent) -> None:
        if request.consistency is not None:
            statement.set_consistency(level_of(request.consistency))
        if sent.repeatable:
            statement.set_is_idempotent(True)  # by this the library sends again what breaks or is slow
        if not self._owned:
            statement.set_retry_policy("fallthrough")

    async def _answered(
        self, error: Exception, execute: Any, statement: Any, attempt: Attempt, *shapes: PreparedShape | None
    ) -> Any:
        """Return the answer to a statement that failed once, where it may be sent again; else raise what it was."""
        while True:
            if isinstance(error, asyncio.TimeoutError):
                raise OperationTimedOutError(attempt.limit, **attempt.facts(Failure("timed_out"))) from None
            await self._judge(error, attempt, shapes)
            began = time.monotonic()
            try:
                return await execute(statement)
            except Exception as again:  # noqa: BLE001 - the library raises all it knows
                error = again
                attempt = replace(attempt, attempts=attempt.attempts + 1, elapsed=time.monotonic() - began)

    async def _judge(self, error: Exception, attempt: Attempt, shapes: Sequence[PreparedShape | None]) -> None:
        """Return where the statement is to be sent again, else raise what became of it."""
        failure = failure_of(error, attempt)
        no_hosts = isinstance(error, library.errors.CassErrorLibNoHostsAvailable)
        if no_hosts and any(shape is not None for shape in shapes):
            # So ends also a statement that the changed schema no longer allows: preparing it anew tells.
            self.forget_prepared()
            if attempt.cql is not None:
                await self._prepare_in_loop(attempt.cql)
        if failure is not None and failure.kind == "not_sent":
            raise_translated(error, replace(attempt, attempts=attempt.attempts - 1))
        if failure is None or no_hosts or not self._habits.resends:
            raise_translated(error, attempt)
        retries = attempt.attempts - 1
        if verdict_on(failure, attempt.sent, retries) == "give_up":
            raise_translated(error, attempt)
        await asyncio.sleep(pause_before(failure, retries))

    def _prepare(self, cql: str) -> PreparedShape:
        """Prepare in this link's loop, blocking the calling thread, which is never that of the loop."""
        future = asyncio.run_coroutine_threadsafe(self._prepare_in_loop(cql), self.loop)
        try:
            return future.result(_PREPARING)
        except FutureTimeoutError:
            future.cancel()
            raise OperationTimedOutError(_PREPARING, outcome="not_applied", attempts=0) from None

    async def _prepare_in_loop(self, cql: str) -> PreparedShape:
        statement = statement_of(cql)
        try:
            prepared = await self.session.create_prepared(cql)
        except Exception as error:  # noqa: BLE001 - the library raises all it knows
            # Nothing was executed, and no value had been sent that the server could repeat.
            raise_translated(error, Attempt(Sent(statement.kind), cql, hosts=self._habits.hosts))
        return PreparedShape(prepared, statement, self._decoders)


def _reply(result: Any, decoders: RowDecoders | LastDecoder) -> Reply:
    found = decoders.get(result)
    rows = found.rows(result)
    applied = bool(rows[0][0]) if found.tells_applied and rows else None
    return Reply(rows, found.columns, result.page_state() if result.has_more_pages() else None, applied)
