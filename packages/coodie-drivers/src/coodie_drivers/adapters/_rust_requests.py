"""Requests as the package `scylla` sends them: prepared and bound, as plain text, or as a batch.

The library sends nothing again by itself: it is told never to (`FallthroughRetryPolicy`), for a policy of ours would be
asked about every single request, in another thread, at twice the price of the request itself. The driver decides.

What is sent speculatively is the very same message with the very same timestamp. Nothing is better for most writes, but
a list that is replaced twice at one timestamp holds its elements twice (CASSANDRA-11368). So a statement that binds a
whole list is never held to be idempotent here, whatever its text says.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._rust_library import batches, enums, retry_policies, statements
from coodie_drivers.adapters._sent_texts import sent_text, writes_one_partition
from coodie_drivers.config import DEFAULT_REQUEST_TIMEOUT
from coodie_drivers.consistency import CONSISTENCIES, SERIAL_CONSISTENCIES, checked_consistency
from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.retries import Sent
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie_drivers.adapters._rust_shapes import PreparedShape
    from coodie_drivers.messages import BatchRequest, Request, Statement

NO_RETRIES: Final = retry_policies.FallthroughRetryPolicy()

AGREEMENT_TIMEOUT: Final = 10.0
"""Seconds that the nodes are given to agree on a change of the schema."""

_LONGEST: Final = 2.0**31
"""Seconds of the longest limit that is set: the library takes no infinity."""


_BATCH_TYPES: Final = {
    "logged": batches.BatchType.Logged,
    "unlogged": batches.BatchType.Unlogged,
    "counter": batches.BatchType.Counter,
}


def _of_the_library(kind: Any, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(kind, name.title().replace("_", "")) for name in names}


CONSISTENCY_LEVELS: Final = _of_the_library(enums.Consistency, CONSISTENCIES)
"""The library's consistency levels by the names of the contract."""

SERIAL_CONSISTENCY_LEVELS: Final = _of_the_library(enums.SerialConsistency, SERIAL_CONSISTENCIES)
"""The library's serial consistency levels by the names of the contract."""


def sent_statement(statement: Statement, shape: PreparedShape | None, values: Sequence[object]) -> Sent:
    """Return what the retry decisions need to know of a statement with these values."""
    if shape is None:
        return sent_text(statement)
    idempotent = statement.idempotent and not _writes_list(statement, shape, values)
    return Sent(statement.kind, idempotent, statement.conditional, writes_one_partition(statement))


def is_repeatable(statement: Statement, shape: PreparedShape, values: Sequence[object]) -> bool:
    """Return `Sent.repeatable` of a statement with these values, at less cost."""
    if statement.kind is StatementKind.SELECT:
        return True
    return statement.idempotent and not statement.conditional and not _writes_list(statement, shape, values)


def sent_batch(batch: BatchRequest, shapes: Sequence[PreparedShape | None]) -> Sent:
    """Return what the retry decisions need to know of a batch."""
    parts = list(zip(batch.parts, shapes, strict=True))
    return Sent(
        StatementKind.BATCH,
        idempotent=batch.kind != "counter"
        and all(statement.idempotent for statement, _ in batch.parts)
        and not any(_writes_list(statement, shape, values) for (statement, values), shape in parts),
        conditional=any(statement.conditional for statement, _ in batch.parts),
        one_partition=False,
        batch=batch.kind,
    )


def _writes_list(statement: Statement, shape: PreparedShape | None, values: Sequence[object]) -> bool:
    """Return whether a statement binds a list that it may write; one that deletes has lists for its `IN` only."""
    writes = statement.kind not in {StatementKind.DELETE, StatementKind.SELECT}
    return shape is not None and writes and shape.holds_list(values)


class RequestBuilder:
    """Turns requests into the library's statements, with consistency, page size, timeout and idempotence."""

    __slots__ = ("_fetch_size", "_policy", "_schema_timeout", "_timeout", "speculates")

    def __init__(
        self,
        fetch_size: int | None,
        timeout: float | None,
        schema_timeout: float | None,
        *,
        own_session: bool,
        speculates: bool = True,
    ) -> None:
        """Hold what is set on each statement.

        Args:
            fetch_size: rows in a page; None leaves it to the library.
            timeout: the session's own limit in seconds, which holds for each attempt; None where it is not known.
            schema_timeout: seconds for a change of the schema; None leaves it to the session.
            own_session: whether the session was opened here, so that its profile has the retry policy already.
            speculates: whether the session may have a policy of speculative execution, which asks for idempotence.
        """
        self.speculates = speculates
        self._fetch_size = fetch_size
        self._timeout = timeout
        self._schema_timeout = schema_timeout
        self._policy = None if own_session else NO_RETRIES

    @property
    def preparing(self) -> float:
        """Seconds within which a text must have been prepared; the library itself has no limit for it."""
        return DEFAULT_REQUEST_TIMEOUT if self._timeout is None else self._timeout

    def prepared_by(self, request: Request | BatchRequest) -> float:
        """Return until when texts have to be prepared for a request if that begins now, in monotonic seconds."""
        return time.monotonic() + (self.preparing if request.timeout is None else request.timeout)

    def limit_of_call(self, request: Request) -> float | None:
        """Return the seconds in which a call of the library has to end that it may never end itself; else None.

        A session of somebody else's reads the schema anew within each change of it, and has no limit for that.
        """
        if self._schema_timeout is not None or request.statement.kind is not StatementKind.SCHEMA:
            return None
        return (DEFAULT_REQUEST_TIMEOUT if request.timeout is None else request.timeout) + AGREEMENT_TIMEOUT

    def limit(self, request: Request | BatchRequest, kind: StatementKind) -> float | None:
        """Return the seconds within which a request is to be answered, all attempts together; None if not known."""
        if request.timeout is not None:
            return min(float(request.timeout), _LONGEST)
        return self._schema_timeout if kind is StatementKind.SCHEMA else self._timeout

    def bound(self, shape: PreparedShape, request: Request, *, idempotent: bool) -> Any:
        """Return the library's statement for a request whose text has been prepared, made once for each setting."""
        settings = (request.consistency, request.timeout, request.fetch_size, idempotent)
        found = shape.configured.get(settings)
        if found is None:
            found = self._configured(shape.prepared, request, idempotent=idempotent)
            shape.keep(settings, found)
        return found

    def plain(self, request: Request, sent: Sent) -> Any:
        """Return the statement for a request that goes as text."""
        statement = statements.Statement(request.statement.cql)
        if request.timeout is None and sent.kind is StatementKind.SCHEMA and self._schema_timeout is not None:
            statement = statement.with_request_timeout(self._schema_timeout)
        return self._configured(statement, request, idempotent=sent.repeatable)

    def batch(self, batch: BatchRequest, parts: Sequence[tuple[Any, list[Any] | None]], sent: Sent) -> Any:
        """Return the batch of these parts, each the library's statement, or its text, with its values.

        Raises:
            InvalidQueryError: if there is no such kind of batch.
        """
        if batch.kind not in _BATCH_TYPES:
            raise InvalidQueryError(f"there is no batch of kind {batch.kind!r}; there are {', '.join(_BATCH_TYPES)}")
        built = batches.Batch(_BATCH_TYPES[batch.kind])
        built.add_all(list(parts))
        return self._with_options(built, batch, idempotent=sent.repeatable)

    def _configured(self, statement: Any, request: Request, *, idempotent: bool) -> Any:
        size = request.fetch_size or self._fetch_size
        if size is not None:
            statement = statement.with_page_size(size)
        return self._with_options(statement, request, idempotent=idempotent)

    def _with_options(self, statement: Any, request: Request | BatchRequest, *, idempotent: bool) -> Any:
        if request.consistency is not None:
            statement = statement.with_consistency(CONSISTENCY_LEVELS[checked_consistency(request.consistency)])
        if request.timeout is not None:
            statement = statement.with_request_timeout(min(float(request.timeout), _LONGEST))
        if self._policy is not None:
            statement = statement.with_retry_policy(self._policy)
        return statement.set_is_idempotent(idempotent)  # what the library sends speculatively, it sends by this
