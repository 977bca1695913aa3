"""A request step by step: what is prepared and sent for it, again or in another form, until there is a reply."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._rust_bytes import UnreadableError
from coodie_drivers.adapters._rust_calls import (
    CLOSED,
    NO_OPTIONS,
    OF_CONDITIONS,
    WITHOUT_ROWS,
    Call,
    hosts_of,
    most_attempts,
    options_of,
)
from coodie_drivers.adapters._rust_decoding import AsBytesError, Reading, may_rename
from coodie_drivers.adapters._rust_errors import (
    Attempt,
    found_no_node,
    is_agreed,
    is_prepared_anew,
    raise_translated,
    told_by,
    unknown_timeuuid,
    was_broken,
    was_forgotten,
)
from coodie_drivers.adapters._rust_library import errors
from coodie_drivers.adapters._rust_looks import Looks
from coodie_drivers.adapters._rust_pages import (
    answers_condition,
    asking_for_bytes,
    check_written,
    page,
    page_of_condition,
    unreadable,
)
from coodie_drivers.adapters._rust_preparing import in_json, prepared, prepared_parts
from coodie_drivers.adapters._rust_requests import RequestBuilder, is_repeatable, sent_batch, sent_statement
from coodie_drivers.adapters._rust_rewriting import in_other_words
from coodie_drivers.adapters._rust_timestamps import with_timestamps
from coodie_drivers.adapters._schema_watch import LEAST_TIMEOUT
from coodie_drivers.calls import check_call
from coodie_drivers.contract import batch_as_request
from coodie_drivers.errors import InvalidRequestError
from coodie_drivers.messages import BatchRequest, Reply, Request
from coodie_drivers.retries import Failure, pause_before, verdict_on
from coodie_drivers.server import NO_COLUMN
from coodie_drivers.write_order import WriteOrder
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from coodie_drivers.adapters._rust_shapes import PreparedShape
    from coodie_drivers.retries import Sent

_WAITS: Final = (0.01, 0.02, 0.04, 0.08, 0.16, 0.2, 0.2)
"""Seconds that a request which is to be sent again waits each time that it finds no connection, or a broken one.

The library takes note late of one that broke, and connects anew after 0.05 s.
"""

_GONE_AT_MOST: Final = 3
"""How often a `SELECT *` is asked anew because a column that was asked for by its name had gone."""


class Exchange:
    """Turns requests into steps over one session.

    A step is `Texts`, a future of the library, or seconds to wait; it is sent each `PreparedShape` by its text, or the
    library's result, or the error is thrown in. So blocking and awaiting callers share every decision.
    """

    __slots__ = ("_forget", "_renew", "_requests", "looks", "order", "session")

    def __init__(
        self, session: Any, requests: RequestBuilder, forget: Callable[[], None], renew: Callable[[], None]
    ) -> None:
        """Take what makes the library's statements, what forgets all that was prepared, and what connects anew."""
        self.session = session
        self._requests = requests
        self._forget = forget
        self._renew = renew
        self.order = WriteOrder()
        self.looks = Looks(self, forget)

    def limit_of_call(self, request: Request | BatchRequest) -> float | None:
        """Return the seconds after which each call of the library for a request is given up; None if it ends itself."""
        return None if isinstance(request, BatchRequest) else self._requests.limit_of_call(request)

    def steps(self, request: Request | BatchRequest, gone: int = 0, spent: float = 0.0) -> Generator[Any, Any, Reply]:
        """Give the steps of a request; they return the reply.

        Args:
            request: what is sent. What is looked at for it takes of its time; preparing has as much once more.
            gone: how often columns went meanwhile.
            spent: seconds of its time that are over.

        Raises:
            CoodieError: what the request fails with.
        """
        check_call(request)
        if isinstance(request, BatchRequest) or request.params:
            spent += yield from self.looks.look(self._left(request, spent))
        if pause := self.order.pause_before(request):
            yield pause
        spent += pause
        if isinstance(request, BatchRequest):
            batch = request if request.timestamp is None else with_timestamps(request)
            if batch is not None:
                return (yield from self._batch(batch, spent))
            request = batch_as_request(request)  # the library has no timestamp for a batch
        if not request.params:
            return (yield from self._plain(request, gone, spent))
        statement = request.statement
        shape = yield from prepared(statement.cql, self._requests.prepared_by(request))
        if shape.reading is not None and shape.must_be_bytes and statement.kind is StatementKind.SELECT:
            return (yield from self._read_as_bytes(request, shape.reading, shape.reading.unreadable, gone, spent))
        values, as_json = shape.bind(request.params)
        asked = (yield from in_json(shape, as_json, self._requests.prepared_by(request))) if as_json else shape
        call = self._call(request, shape, asked, values, spent)
        del values  # a traceback may be shown with its variables
        try:
            result = yield call.started()
        except Exception as error:  # noqa: BLE001 - the library raises all it knows
            return (yield from self.after(error, request, call, gone))
        return (yield from self.after_result(request, call, result, gone))

    def after_result(self, request: Request, call: Call, result: Any, gone: int = 0) -> Generator[Any, Any, Reply]:
        """Give the steps that follow upon an answer: none, or those by which its columns are asked for otherwise."""
        statement, shape = request.statement, call.shape
        told_late = shape is None or shape.reading is None or "*" in statement.cql
        if answers_condition(statement) or (told_late and statement.kind not in WITHOUT_ROWS):
            columns = result.columns
            left = self._left(request, time.monotonic() - call.began)
            yield from self.looks.learn(columns, left)
            call.reading = self.reading(columns, statement.cql)
        reply = self.read(request, call, result)
        return (yield from self.ask_otherwise(request, call, result, gone)) if reply is None else reply

    def _left(self, request: Request | BatchRequest, spent: float) -> float | None:
        """Return the seconds that a request has when so many are over; None where its limit is not known."""
        kind = StatementKind.BATCH if isinstance(request, BatchRequest) else request.statement.kind
        limit = self._requests.limit(request, kind)
        return None if limit is None else max(LEAST_TIMEOUT, limit - spent)

    def after(self, error: Exception, request: Request, call: Call, gone: int = 0) -> Generator[Any, Any, Reply]:
        """Give the steps that follow upon a failure."""
        result = yield from self._again(error, request, call)
        return (yield from self.after_result(request, call, result, gone))

    def read(self, request: Request, call: Call, result: Any) -> Reply | None:
        """Return the reply; None when some columns have to be asked for in another way."""
        statement, shape = request.statement, call.shape
        if statement.kind is not StatementKind.SELECT and not statement.conditional:
            self.order.acknowledged()
            if statement.kind in WITHOUT_ROWS:
                return Reply(attempts=call.attempts)
        reading: Any = call.reading or (shape and shape.reading)
        if answers_condition(statement):
            return page_of_condition(reading, result, call.attempts)
        if shape is None and reading.factory is not None and statement.kind is StatementKind.SELECT:
            return None  # two columns of one name: the rows that came have only one of them
        try:
            return page(reading, result, reading.rows(result.iter_current_page()), call.attempts)
        except (AsBytesError, errors.DeserializationError) as error:
            call.failed = error
            return None

    def _call(
        self,
        request: Request,
        shape: PreparedShape | None,
        asked: PreparedShape | None,
        values: list[Any] | None,
        spent: float,
    ) -> Call:
        if asked is None or shape is None:
            statement = self._requests.plain(request, sent_statement(request.statement, None, ()))
        else:
            repeatable = self._requests.speculates and is_repeatable(request.statement, shape, request.params)
            statement = self._requests.bound(asked, request, idempotent=repeatable)
        call = Call(self, statement, values, shape, options_of(request, None if shape is None else shape.reading))
        if spent:
            call.began -= spent
            if (left := self._left(request, spent)) is not None:
                call.limit(left)
        return call

    def _plain(self, request: Request, gone: int, spent: float) -> Generator[Any, Any, Reply]:
        call = self._call(request, None, None, None, spent)
        try:
            try:
                result = yield call.started()
            except Exception as error:  # noqa: BLE001 - the library raises all it knows
                if is_agreed(error):
                    return Reply(attempts=call.attempts)
                if unknown_timeuuid(error) is not None:
                    until = self._requests.prepared_by(request)
                    shape = yield from prepared(request.statement.cql, until)  # which finds out what it can read
                    changed = in_other_words(request, shape.cql)
                    return (yield from self._plain(changed, gone, time.monotonic() - call.began))
                result = yield from self._again(error, request, call)
        finally:
            if request.statement.kind is StatementKind.SCHEMA:
                self._forget()  # what was prepared may be of a column that is another now, whatever was answered
        return (yield from self.after_result(request, call, result, gone))

    def _batch(self, batch: BatchRequest, spent: float) -> Generator[Any, Any, Reply]:
        shapes, parts = yield from prepared_parts(batch, self._requests.prepared_by(batch))
        sent = sent_batch(batch, shapes)
        built = self._requests.batch(batch, parts, sent)
        attempt = self._attempt(sent, None, self._requests.limit(batch, sent.kind), has_values=True)
        options = OF_CONDITIONS if sent.conditional else NO_OPTIONS
        began = time.monotonic() - spent
        if spent and (left := self._left(batch, spent)) is not None:
            built = built.with_request_timeout(left)
        while True:
            try:
                result = yield self.session.batch(built, **options)
                break
            except Exception as error:  # noqa: BLE001 - the library raises all it knows
                check_written(error, zip(shapes, [params for _, params in batch.parts], strict=True))
                attempt, left = yield from self._next(error, attempt, began)
                if left is not None:
                    built = built.with_request_timeout(left)
        if not sent.conditional:
            self.order.acknowledged()
            return Reply(attempts=attempt.attempts)
        yield from self.looks.learn(result.columns, self._left(batch, time.monotonic() - began))
        return page_of_condition(self.reading(result.columns), result, attempt.attempts)

    def _attempt(self, sent: Sent, cql: str | None, limit: float | None, *, has_values: bool) -> Attempt:
        """Return what is known of a request that was sent once."""
        return Attempt(sent, cql, 1, has_values, limit, speculative=self._requests.speculates and sent.repeatable)

    def _again(self, error: Exception, request: Request, call: Call) -> Generator[Any, Any, Any]:
        """Give the library's answer when it is asked once more, where that does no harm and may help; else raise."""
        statement = request.statement
        sent = sent_statement(statement, call.shape, request.params)
        limit = self._requests.limit(request, statement.kind)
        attempt = self._attempt(sent, statement.cql, limit, has_values=bool(request.params))
        try:
            while True:
                check_written(error, [(call.shape, request.params)])
                attempt, left = yield from self._next(error, attempt, call.began)
                call.attempts = attempt.attempts
                if left is not None:
                    call.limit(left)
                try:
                    return (yield call.started())
                except Exception as again:  # noqa: BLE001 - the library raises all it knows
                    error = again
        finally:
            del error  # its traceback keeps the names in here

    def _next(
        self, error: Exception, attempt: Attempt, began: float
    ) -> Generator[Any, Any, tuple[Attempt, float | None]]:
        """Give the pause before the next attempt, and return that one with the seconds left for it; else raise."""
        attempt = replace(attempt, hosts=hosts_of(self) or attempt.hosts)
        left = None if attempt.timeout is None else attempt.timeout - (time.monotonic() - began)
        again = attempt.attempts > 1 and attempt.sent.repeatable and attempt.unconnected < len(_WAITS)
        if was_forgotten(error):
            pause, after = attempt.after_forgetting(left)
        elif again and (was_broken(error) or found_no_node(error)):
            pause, after = _WAITS[attempt.unconnected], replace(attempt, unconnected=attempt.unconnected + 1)
        else:
            failure = self._harmless_to_repeat(error, attempt)
            pause, after = pause_before(failure, attempt.retries), attempt.after(failure)
        if pause is None or (left is not None and left <= pause):
            raise_translated(error, attempt)
        yield pause
        if self.session is CLOSED:  # meanwhile; what the node did before is not undone by that
            raise_translated(error, attempt)
        return after, None if left is None else left - pause

    def _harmless_to_repeat(self, error: Exception, attempt: Attempt) -> Failure:
        """Return why the request is to be sent again; raise the contract's error if it is not."""
        failure = told_by(error).failure if isinstance(error, errors.ScyllaError) else None
        again = failure is not None and attempt.retries + 1 < most_attempts(self, failure)
        if failure is None or not again or verdict_on(failure, attempt.sent, attempt.retries) == "give_up":
            if is_prepared_anew(error):
                self._forget()
            if found_no_node(error):
                self._renew()
            raise_translated(error, attempt)
        return failure

    def ask_otherwise(self, request: Request, call: Call, result: Any, gone: int = 0) -> Generator[Any, Any, Reply]:
        """Give the page of which some columns cannot be read, or not exactly: a SELECT asks for them as bytes."""
        error = call.failed
        reading = call.reading or self.reading(result.columns, request.statement.cql)
        attempt = Attempt(sent_statement(request.statement, None, ()), request.statement.cql)
        if not attempt.sent.reads:
            try:
                return page(reading, result, reading.rows(result.iter_current_page(), may_ask=False))
            except (AsBytesError, errors.DeserializationError) as failed:
                raise unreadable(reading, getattr(failed, "column_name", None), attempt) from None
        spent = time.monotonic() - call.began
        return (yield from self._read_as_bytes(request, reading, reading.places_of(error), gone, spent))

    def _read_as_bytes(
        self, request: Request, reading: Reading, places: frozenset[int], gone: int, spent: float
    ) -> Generator[Any, Any, Reply]:
        """Ask for the same rows, some columns as bytes; for `*` anew when one of the columns has gone meanwhile."""
        began = time.monotonic() - spent
        try:
            return (yield from self._columns_as_bytes(request, reading, places, spent))
        except InvalidRequestError as refused:
            if gone == _GONE_AT_MOST or "*" not in request.statement.cql or not NO_COLUMN.search(str(refused)):
                raise
        self._forget()
        return (yield from self.steps(request, gone + 1, time.monotonic() - began))

    def _columns_as_bytes(
        self, request: Request, reading: Reading, places: frozenset[int], spent: float
    ) -> Generator[Any, Any, Reply]:
        wanted, cql = places | reading.doubtful, request.statement.cql
        attempt = Attempt(sent_statement(request.statement, None, ()), cql)
        if (text := asking_for_bytes(cql, reading, wanted)) is None:
            raise unreadable(reading, reading.columns[min(places)] if places else None, attempt)
        changed = in_other_words(request, text)
        shape: PreparedShape | None = None
        asked: PreparedShape | None = None
        values: list[Any] | None = None
        if changed.params:
            until = self._requests.prepared_by(changed)
            shape = yield from prepared(text, until)
            values, as_json = shape.bind(changed.params)
            asked = (yield from in_json(shape, as_json, until)) if as_json else shape
        call = self._call(changed, shape, asked, values, spent)
        del values  # a traceback may be shown with its variables
        call.options = options_of(changed, reading)
        try:
            result = yield call.started()
        except Exception as error:  # noqa: BLE001 - the library raises all it knows
            result = yield from self._again(error, changed, call)
        try:
            return page(reading, result, reading.rows_with_bytes(result.iter_current_page(), wanted))
        except UnreadableError as error:
            raise unreadable(reading, reading.columns[error.index], attempt) from None
        except (AsBytesError, errors.DeserializationError) as error:
            more = reading.places_of(error) - wanted
            if not more:
                raise unreadable(reading, getattr(error, "column_name", None), attempt) from None
        spent = time.monotonic() - call.began
        return (yield from self._columns_as_bytes(request, reading, places | more, spent))

    def reading(self, columns: Sequence[Any], cql: str = "") -> Reading:
        """Return how rows of these columns are read; `cql` is what they answer."""
        return Reading(columns, self.looks.frozen.is_frozen, renamed=may_rename(cql))
