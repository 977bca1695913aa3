"""Rows that are written more than once by one batch: all of its writes have one time, and none comes last.

Of two values of a column that have one time the server keeps the larger one, of two lists, or sets, the elements of
both, and of a deletion and a value nothing (Cassandra, `Cells.reconcile` and the tombstones of collections).
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from coodie._model.base import table_schema
from coodie._model.extract import encode_value
from coodie._model.tracking import KNOWING, KnownPart, RowSlot, know_nothing
from coodie._ops.changed import Changes, Deleted
from coodie._ops.doubting import document_among
from coodie._query.assignments import FieldAssignment
from coodie._query.target import Target
from coodie._schema.hashing import hashable
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from coodie._model.base import DocumentBase
    from coodie._query.options import Call
    from coodie._schema.columns import Column, ModelSchema
    from coodie_drivers.messages import Statement

_CALL, _ARGUMENTS, _ROW = itemgetter(0), itemgetter(1), itemgetter(1)
_OWN_TIME: Final = "TIMESTAMP ?"
"""What a text has that `save(timestamp=...)` makes."""

_WAY_OUT: Final = (
    "whose writes all have one time, so that none of the two comes last: write it once, or write one behind the batch"
)


class _Written(NamedTuple):
    """What a write does to a column.

    Attributes:
        operation: `set`, `delete`, `field`, or how a collection changes.
        sent: the value, or the part of it, as a driver takes it; of a field of a user type, under its name.
    """

    operation: str
    sent: Any


def refuse_written_twice(
    calls: Sequence[Call], targets: Sequence[Target[Any]], statements: Iterable[Statement]
) -> None:
    """Refuse what one write of a batch does and another one of the same row undoes, or should.

    Args:
        calls: what will be called when the batch was sent, in the order of its writes.
        targets: the tables that it writes documents to.
        statements: what it sends: where one has a time of its own, it is for the program to know what comes last.

    Raises:
        InvalidQueryError: names the field.
    """
    if _are_saves_of_rows(calls, targets) or any(_OWN_TIME in each.cql for each in statements):
        return
    before: dict[object, dict[Column, list[_Written]]] = {}
    deleted: set[object] = set()
    for call, args in calls:
        document = document_among(args)
        if document is None or not (call in KNOWING or isinstance(args[-1], Changes)):
            continue
        schema = table_schema(type(document))
        place = next((each.place for each in args if isinstance(each, Target)), None)
        row = (schema.table, place, _key_of(schema, document, args[-1]))
        if row in deleted:
            raise InvalidQueryError(f"a row of {schema.model} is deleted and written by one batch, {_WAY_OUT}")
        if call is know_nothing:
            deleted.add(row)
            continue
        known = before.setdefault(row, {})
        for column, written in _writes_of(schema, args[-1]):
            earlier = known.setdefault(column, [])
            if any(_clash(column, each, written) for each in earlier):
                named = f"{schema.model}.{column.field} of one row"
                raise InvalidQueryError(f"{named} is written twice by one batch, {_WAY_OUT}")
            earlier.append(written)


def _are_saves_of_rows(calls: Sequence[Call], targets: Sequence[Target[Any]]) -> bool:
    """Whether all are saves of whole documents of one table, each of another row, as nearly always."""
    if len(targets) != 1 or {*map(_CALL, calls)} != {RowSlot.write}:
        return False
    schema = targets[0].schema
    rows: list[Any] = [*map(_ROW, map(_ARGUMENTS, calls))]
    if {*map(type, rows)} != {tuple}:
        return False
    last = itemgetter(schema.places[schema.key[-1]])  # few keys have it in common, and it is hashed sooner than all
    try:
        return len({*map(last, rows)}) == len(rows)
    except TypeError:  # a driver takes user types as dicts
        return False


def _key_of(schema: ModelSchema, document: DocumentBase, last: Any) -> tuple[object, ...]:
    """The key of the row that is written, as a driver takes it."""
    row: Any = last
    if type(last) is tuple and len(row) == len(schema.columns):
        return tuple([hashable(row[schema.places[column]]) for column in schema.key])
    held: dict[str, Any] = vars(document)
    return tuple([hashable(encode_value(schema.model, column, held.get(column.field))) for column in schema.key])


def _writes_of(schema: ModelSchema, last: Any) -> Iterator[tuple[Column, _Written]]:
    """What a write does to which columns, by the last of what it lets its document know."""
    if isinstance(last, Changes):
        sending = iter(last.sent)
        for assignment in last.assignments:
            first, *_ = [next(sending) for _ in range(assignment.width)]
            part = {assignment.name: first} if isinstance(assignment, FieldAssignment) else first
            yield assignment.column, _Written(assignment.operation, part)
        return
    if isinstance(last, Deleted):
        for column in last.columns:
            yield column, _Written("delete", None)
        for column, key in last.elements:
            yield column, _Written("remove" if column.type.collection != "list" else "setindex", {key})
        return
    columns, row = (last.columns, last.row) if isinstance(last, KnownPart) else (schema.columns, last)
    if len(row) == len(columns):
        for column, value in zip(columns, row, strict=True):
            if not column.in_key:
                yield column, _Written("set", value)


def _clash(column: Column, before: _Written, now: _Written) -> bool:
    """Whether what comes first of two writes of a column shows behind the other."""
    if "delete" in (before.operation, now.operation):
        return now.operation != "delete"  # which goes before any value of its time
    if now.operation == "field" and before.operation in ("field", "set"):
        there: Any = before.sent
        return there is None or any(there.get(name, value) != value for name, value in now.sent.items())
    if now.operation != "set":
        both = before.operation == "remove" and now.operation in ("add", "put", "update")
        return both and not {*before.sent}.isdisjoint(now.sent)
    if before.operation != "set":
        return True
    is_list = column.type.collection == "list" and not column.type.frozen
    return bool(before.sent != now.sent or (is_list and now.sent))
