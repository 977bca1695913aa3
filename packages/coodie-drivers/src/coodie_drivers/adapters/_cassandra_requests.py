"""Requests as the package `cassandra` sends them: prepared and bound, as plain text, or as a batch.

What the library sends again, after a failure or speculatively, is the very same message with the very same timestamp:
it draws one for each message (`Session.use_client_timestamp`). Nothing is better for most writes, but a list that is
replaced twice at one timestamp holds its elements twice: the server deletes what was there up to the microsecond
before, and gives each element that it writes a key of its own (CASSANDRA-11368). So a statement that binds a whole list
is never held to be idempotent here, whatever its text says.
"""

from __future__ import annotations

from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from coodie_drivers.adapters._cassandra_batches import Parts
from coodie_drivers.adapters._cassandra_binding import binder_of, bound_class
from coodie_drivers.adapters._cassandra_decimals import with_long_decimals
from coodie_drivers.adapters._cassandra_encoding import encoder_of, type_name
from coodie_drivers.adapters._cassandra_library import cqltypes, errors, query
from coodie_drivers.adapters._cassandra_retries import RetryDecisions
from coodie_drivers.adapters._sent_texts import sent_text, writes_one_partition
from coodie_drivers.adapters._value_checks import UnbindableError, holds_list
from coodie_drivers.config import FIRST_WITH_UNSET
from coodie_drivers.consistency import checked_consistency
from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.interrupts import pass_interrupt
from coodie_drivers.messages import BatchRequest
from coodie_drivers.retries import Sent
from coodie_drivers.values import UNSET
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coodie_drivers.adapters._cassandra_batches import Run
    from coodie_drivers.adapters._cassandra_binding import Bind, Binder
    from coodie_drivers.messages import BatchKind, Request, Statement

    Part = tuple[Statement, Sequence[object]]

_BATCH_TYPES: Final = {
    "logged": query.BatchType.LOGGED,
    "unlogged": query.BatchType.UNLOGGED,
    "counter": query.BatchType.COUNTER,
}

_KEPT_STATEMENTS: Final = 8
"""How many descriptions of one text a prepared statement keeps the records of: mostly there is one."""

_HAVE_LISTS_TO_COMPARE: Final = (StatementKind.SELECT, StatementKind.DELETE)
"""Statements that write no list: those that they bind are for an `IN`."""


_STATEMENT: Final = itemgetter(0)
_VALUES: Final = itemgetter(1)
"""What a part of a batch consists of."""

_IDEMPOTENT: Final = attrgetter("idempotent")
_CONDITIONAL: Final = attrgetter("conditional")


class Known(NamedTuple):
    """What is the same each time that a statement is sent, without options of the call.

    Each class of the library's statement has the attribute `coodie_sent`: what the retry decisions need to know.

    Attributes:
        bind: lays out values.
        kind: the class of the library's statement.
        kind_with_list: the same where a list with elements is among the values.
    """

    bind: Bind
    kind: Any
    kind_with_list: Any


class PreparedShape:
    """A prepared statement with what is worked out once from its metadata.

    Attributes:
        binder: lays out values; None where the library binds them.
        known: what is known of each description of its text that was sent already.
        list_indexes: which of its values are lists that it may write.
        prepared: the library's prepared statement.
        looked_at: when it was last prepared anew to see whether a value that it refused is right by now, in monotonic
            seconds.
    """

    __slots__ = (
        "__weakref__",
        "_bound",
        "_encoders",
        "_key_indexes",
        "_sent",
        "binder",
        "known",
        "list_indexes",
        "looked_at",
        "prepared",
    )

    def __init__(self, prepared: Any, *, codec: bool = False) -> None:
        """Work out what does not depend on values; with `codec` they are bound by a function generated for it."""
        self.prepared = with_long_decimals_in(prepared)
        self.looked_at = float("-inf")
        self._sent: dict[Statement, tuple[Sent, Sent]] = {}
        self._bound: Any = bound_class(prepared)
        self.known: dict[Statement, Known] = {}
        self._key_indexes: frozenset[int] = frozenset(prepared.routing_key_indexes or ())
        self._encoders = [encoder_of(column.type) for column in prepared.column_metadata]
        self.list_indexes = tuple(
            index
            for index, column in enumerate(prepared.column_metadata)
            if issubclass(column.type, cqltypes.ListType) and index not in self._key_indexes
        )
        self.binder: Binder | None = binder_of(prepared, self.list_indexes) if codec else None

    def records(self, statement: Statement) -> tuple[Sent, Sent]:
        """Return the records of a statement: without a list among the values, and with one that it may write."""
        found = self._sent.get(statement)
        if found is None:
            if len(self._sent) >= _KEPT_STATEMENTS:
                self._sent.clear()
                self.known.clear()
            found = self._sent[statement] = self._records(statement)
        return found

    def sent(self, statement: Statement, values: Sequence[object]) -> Sent:
        """Return what the retry decisions need to know of this statement with these values."""
        plain, with_list = self.records(statement)
        return with_list if with_list is not plain and holds_list(values, self.list_indexes) else plain

    def _records(self, statement: Statement) -> tuple[Sent, Sent]:
        """Return the records of a statement, without and with a list that it may write."""
        one_partition = writes_one_partition(statement)
        plain = Sent(statement.kind, statement.idempotent, statement.conditional, one_partition)
        if not self.list_indexes or not statement.idempotent or statement.kind in _HAVE_LISTS_TO_COMPARE:
            return plain, plain
        return plain, Sent(statement.kind, False, statement.conditional, one_partition)  # noqa: FBT003 - its own order

    def bound_class(self, **members: object) -> Any:
        """Make a class of statements that are bound to this one, and of which this is the same besides."""
        return type("BoundStatement", (self._bound,), members)

    def bind(self, values: Sequence[object]) -> Any:
        """Return the library's bound statement.

        Raises:
            InvalidQueryError: if a value cannot be bound; names the column and its type, never the value.
        """
        bound = self._bound()
        bound.values = self.values(values)
        return bound

    def values(self, values: Sequence[object]) -> Any:
        """Return the values of a bound statement: cells, or the library's list of them.

        Raises:
            InvalidQueryError: if a value cannot be bound; names the column and its type, never the value.
        """
        if self.binder is not None:
            try:
                return self.binder.bind(values)
            except Exception as error:  # noqa: BLE001 - what is wrong, if anything, is said below
                pass_interrupt(error)
        return self._bind_checked(values)

    def run(self, rows: Sequence[Sequence[object]]) -> Run | None:
        """Return parts of a batch laid out, by the values of each; None where that takes a closer look at them."""
        if self.binder is not None:
            try:
                return self.binder.bind_many(rows)
            except Exception as error:  # noqa: BLE001 - each is looked at by itself then
                pass_interrupt(error)
        return None

    def _bind_checked(self, values: Sequence[object]) -> Any:
        encoders = self._encoders
        if len(values) != len(encoders):
            markers = f"{len(encoders)} marker{'' if len(encoders) == 1 else 's'}"
            were_given = f"{len(values)} value{' was' if len(values) == 1 else 's were'} given"
            raise InvalidQueryError(f"the statement has {markers}, but {were_given}")
        encoded: list[object] = []
        for index, (encode, value) in enumerate(zip(encoders, values, strict=True)):
            if value is None or value is UNSET:
                if index in self._key_indexes:
                    raise self._unbindable(
                        index, f"a partition key column cannot be {'null' if value is None else 'unset'}"
                    )
                if value is UNSET and self.prepared.protocol_version < FIRST_WITH_UNSET:
                    version = self.prepared.protocol_version
                    advice = (
                        f"leave the column out of the statement, or connect by protocol {FIRST_WITH_UNSET} or newer"
                    )
                    raise self._unbindable(index, f"protocol {version} has no UNSET: {advice}")
                encoded.append(query.UNSET_VALUE if value is UNSET else None)
                continue
            try:
                encoded.append(encode(value))
            except UnbindableError as refused:
                raise self._unbindable(index, str(refused)) from None
        try:
            return self.prepared.bind(encoded).values
        except Exception as error:  # noqa: BLE001 - the library lets through whatever its serializers raise, values in it
            pass_interrupt(error)
            raise self._culprit(encoded) from None

    def _culprit(self, encoded: Sequence[Any]) -> InvalidQueryError:
        version = self.prepared.protocol_version
        for index, column in enumerate(self.prepared.column_metadata):
            if encoded[index] is None or encoded[index] is query.UNSET_VALUE:
                continue
            try:
                column.type.serialize(encoded[index], version)
            except Exception as error:  # noqa: BLE001 - whatever it is, it says that this is the one
                pass_interrupt(error)
                return self._unbindable(index, "the client library cannot write such a value")
        return InvalidQueryError("the client library cannot bind these values")

    def _unbindable(self, index: int, reason: str) -> InvalidQueryError:
        column = self.prepared.column_metadata[index]
        return InvalidQueryError(f"column '{column.name}' ({type_name(column.type)}): {reason}")


def with_long_decimals_in(prepared: Any) -> Any:
    """Return the library's prepared statement, which from now on takes decimals of any length."""
    columns: list[Any] = prepared.column_metadata or []
    for index, column in enumerate(columns):
        kind = with_long_decimals(column.type)
        if kind is not column.type:
            columns[index] = column._replace(type=kind)
    return prepared


def sent_statement(statement: Statement, shape: PreparedShape | None, values: Sequence[object]) -> Sent:
    """Return what the retry decisions need to know of a statement with these values."""
    if shape is not None:
        return shape.sent(statement, values)
    return sent_text(statement)


def sent_batch(batch: BatchRequest, shapes: Sequence[PreparedShape | None]) -> Sent:
    """Return what the retry decisions need to know of a batch.

    One with a timestamp of its own has that timestamp also when the caller sends it again, so its parts must be known
    not to replace a list; of a part that goes as text, nobody knows it.
    """
    statements = {*map(_STATEMENT, batch.parts)}
    idempotent = False
    if batch.kind != "counter" and (batch.timestamp is None or None not in shapes):
        idempotent = False not in map(_IDEMPOTENT, statements) and not _write_lists(batch.parts, shapes)
    conditional = True in map(_CONDITIONAL, statements)
    return _sent_as_batch(batch.kind, idempotent, conditional)


@lru_cache
def _sent_as_batch(kind: BatchKind, idempotent: bool, conditional: bool) -> Sent:  # noqa: FBT001 - a key
    """Return the record, made once for all batches that are alike."""
    return Sent(StatementKind.BATCH, idempotent, conditional, one_partition=False, batch=kind)


def sent_request(request: Request | BatchRequest, shapes: Sequence[PreparedShape | None]) -> Sent:
    """Return what the retry decisions need to know of a request."""
    if isinstance(request, BatchRequest):
        return sent_batch(request, shapes)
    return sent_statement(request.statement, shapes[0], request.params)


def _write_lists(parts: Sequence[Part], shapes: Sequence[PreparedShape | None]) -> bool:
    """Return whether any of these parts binds a list that it may write."""
    for shape, alike in _alike(shapes, parts):
        if shape is not None and shape.list_indexes:
            for statement, values in alike:
                if statement.kind not in _HAVE_LISTS_TO_COMPARE and holds_list(values, shape.list_indexes):
                    return True
    return False


def _alike(
    shapes: Sequence[PreparedShape | None], parts: Sequence[Part]
) -> Iterator[tuple[PreparedShape | None, Sequence[Part]]]:
    """Give the parts of a batch, those together that follow each other and are of one prepared statement."""
    first = 0
    if shapes.count(shapes[0]) < len(shapes):  # mostly all are of the same
        for place, shape in enumerate(shapes):
            if shape is not shapes[first]:
                yield shapes[first], parts[first:place]
                first = place
    yield shapes[first], parts[first:]


class RequestBuilder:
    """Turns requests into the library's statements, with consistency, page size, idempotence and retry policy."""

    __slots__ = ("_decisions", "_own_policy", "_policies", "_session")

    _CAPACITY: Final = 2_000

    def __init__(self, session: Any, own_policy: Any = None) -> None:
        """Hold the session that the statements are for, and the retry policy that the user set, if any."""
        self._session = session
        self._own_policy = own_policy
        self._policies: dict[Sent, RetryDecisions] = {}
        self._decisions: dict[int, tuple[Sent, bool, RetryDecisions]] = {}

    def _note(self, shape: PreparedShape, statement: Statement) -> None:
        """Keep what is the same each time that a statement is sent that is bound here; it was found to be in order."""
        if shape.binder is None or statement.kind is StatementKind.SCHEMA:
            return
        kinds: list[Any] = []
        for sent in shape.records(statement):
            _, repeatable, policy = self._decided(sent)
            kinds.append(shape.bound_class(is_idempotent=repeatable, retry_policy=policy, coodie_sent=sent))
        shape.known[statement] = Known(shape.binder.bind, *kinds)

    def bound(self, shape: PreparedShape, request: Request, sent: Sent) -> Any:
        """Return the statement for a request whose text has been prepared."""
        if request.statement not in shape.known:
            self._note(shape, request.statement)
        return self._with_options(shape.bind(request.params), request, sent)

    def plain(self, request: Request, sent: Sent) -> Any:
        """Return the statement for a request that goes as text."""
        return self._with_options(query.SimpleStatement(request.statement.cql), request, sent)

    def batch(self, batch: BatchRequest, shapes: Sequence[PreparedShape | None], sent: Sent) -> Any:
        """Return the batch, each part bound to its prepared statement, or as text where it has no values."""
        if batch.kind not in _BATCH_TYPES:
            raise InvalidQueryError(f"there is no batch of kind {batch.kind!r}; there are {', '.join(_BATCH_TYPES)}")
        statement = query.BatchStatement(_BATCH_TYPES[batch.kind])
        statement.batch_timestamp = batch.timestamp  # not the library's: see where sessions are opened
        entries = statement._statements_and_parameters = Parts()  # noqa: SLF001 - the library's, of both packages
        looked_at: set[PreparedShape] = set()
        for shape, parts in _alike(shapes, batch.parts):
            if shape is None:
                for part, _ in parts:
                    statement.add(query.SimpleStatement(part.cql))
                continue
            rows = [*map(_VALUES, parts)]
            # The library looks at what is the same for all parts of a prepared statement, but for the routing key.
            while rows and shape not in looked_at:
                statement.add(shape.bind(rows.pop(0)))
                if statement.routing_key is not None:
                    looked_at.add(shape)
            run = shape.run(rows) if rows else None
            if run is not None:
                entries.add(run)
                continue
            for values in rows:
                entries.append((True, shape.prepared.query_id, shape.values(values)))
        return self._with_options(statement, batch, sent)

    def _with_options(self, statement: Any, request: Request | BatchRequest, sent: Sent) -> Any:
        if request.consistency is not None:
            level = checked_consistency(request.consistency)
            statement.consistency_level = errors.ConsistencyLevel.name_to_value[level]
        fetch_size = getattr(request, "fetch_size", None)
        if fetch_size is not None:
            statement.fetch_size = fetch_size
        # What the library sends speculatively, it sends by is_idempotent.
        _, statement.is_idempotent, statement.retry_policy = self._decided(sent)
        return statement

    def _decided(self, sent: Sent) -> tuple[Sent, bool, RetryDecisions]:
        """Return what follows from a record, by the identity of the record: to compare it takes a while."""
        found = self._decisions.get(id(sent))
        if found is None or found[0] is not sent:
            found = sent, sent.repeatable, self._policy(sent)
            if len(self._decisions) >= self._CAPACITY:
                self._decisions.clear()
            self._decisions[id(sent)] = found
        return found

    def _policy(self, sent: Sent) -> RetryDecisions:
        policy = self._policies.get(sent)
        if policy is None:
            policy = self._policies[sent] = RetryDecisions(sent, self._session, self._own_policy)
        return policy
