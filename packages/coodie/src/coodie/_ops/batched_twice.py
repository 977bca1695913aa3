"""Rows that are written more than once by one batch: all of its writes have one time, and none comes last.

Of two values of a cell that have one time the server keeps the larger one, of two lists, or sets, the elements of
both, and of a deletion and a value nothing (Cassandra, `Cells.reconcile` and the tombstones of collections). Where in a
list elements are that a write removes or sets, it looks up before any write of the batch is made.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from coodie._ops.batched_cells import PLAIN, JsonValues, writing_in
from coodie._ops.changed import Changes, Deleted
from coodie._schema.compiled import REFUSALS
from coodie._schema.equality import equality_of
from coodie._schema.scalar_bytes import SCALAR_BYTES
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Sequence

    from coodie._ops.batched_cells import Cells, Writing
    from coodie._query.options import Call
    from coodie._query.target import Target
    from coodie._schema.columns import Column
    from coodie._schema.cql_types import ColumnType
    from coodie_drivers.messages import Statement

    Part = tuple[Statement, Sequence[Any]]
    Row = tuple[Hashable, ...]

_STATEMENT, _VALUES = itemgetter(0), itemgetter(1)

_ONE_TIME: Final = (
    "by one batch, whose writes all have one time, so that none of the two comes last: write it once, or write one "
    "behind the batch"
)
_LOOKED_UP: Final = (
    "by one batch, which looks up what it changes in a list before it writes: write the list as a whole, or write one "
    "behind the batch"
)
_CLOCKS: Final = frozenset({"date", "timestamp"})
"""The types of which the later value passes behind an earlier one. Of others, too, the server keeps one of two for
sure, but what grows today may shrink tomorrow, and a program would be refused then and not before."""


def refuse_written_twice(
    parts: Sequence[Part], targets: Sequence[Target[Any]], texts: Collection[Statement], calls: Sequence[Call]
) -> None:
    """Refuse what one write of a batch does and another one of the same row undoes, or should.

    Args:
        parts: the statements with their values, in order.
        targets: the tables that the verbs among them write to.
        texts: those that are somebody's own, which are not looked at.
        calls: what will be called when the batch was sent.

    Raises:
        InvalidQueryError: names the field.
    """
    if len(parts) > 1 and not (len({*map(id, map(_STATEMENT, parts))}) == 1 and _are_rows_apart(parts, targets)):
        known: dict[Statement, Writing | None] = {}
        rows = _Rows(calls)
        for statement, values in parts:
            if statement not in texts:
                _take(rows, targets, known, statement, values)


def _are_rows_apart(parts: Sequence[Part], targets: Sequence[Target[Any]]) -> bool:
    """Whether statements of one text are each of another row, as nearly always."""
    writing = writing_in(targets, *parts[0])
    if writing is None or isinstance(parts[0][1], JsonValues):
        return False
    # Few keys have their last column in common, and it is hashed sooner than all.
    last = len(writing.schema.partition_key) if writing.statics else len(writing.key)
    place, mark = writing.key[last - 1]
    keys = map(itemgetter(place), map(_VALUES, parts))
    try:
        return len({*(keys if mark is None else map(mark, keys))}) == len(parts)
    except TypeError:  # a driver takes user types as dicts
        return False


def _take(
    rows: _Rows,
    targets: Sequence[Target[Any]],
    known: dict[Statement, Writing | None],
    statement: Statement,
    values: Sequence[Any],
) -> None:
    is_json = isinstance(values, JsonValues)
    if is_json or statement not in known:
        known[statement] = writing_in(targets, statement, values)
    writing = known[statement]
    if writing is not None:
        rows.take(writing, (*values.row, *values[1:]) if isinstance(values, JsonValues) else values)


class _Written:
    """What the batch has written into a column of a row so far.

    Attributes:
        cells: what it has written into each, which is still there.
        deletes: whether it deletes all that is as old.
        updated: whether it has changed it by an update.
        by_value: whether it has only removed elements of a list by their value, which looks up the same in any order.
    """

    __slots__ = ("by_value", "cells", "deletes", "updated")

    def __init__(self) -> None:
        self.cells: dict[Hashable, tuple[Any, object]] = {}
        self.deletes = self.updated = False
        self.by_value = True

    def take(self, writing: Writing, now: Cells) -> None:
        """Add what the next write does; what has a time of its own has an order, which is for the program to know."""
        self.by_value = self.by_value and now.looks == "value"
        if writing.said.timestamp is not None:
            return
        self.updated = self.updated or not writing.said.inserts
        if now.deletes:
            self.deletes = True
            self.cells.clear()
        self.cells.update(now.cells)


class _Rows:
    """The rows that a batch writes, each by its table and its key; what they have in static columns, by the partition.

    Only of a row that is written a second time it is looked at what is written.
    """

    def __init__(self, calls: Sequence[Call]) -> None:
        self._calls = calls
        self._named: set[tuple[str, str | None]] | None = None
        self._first: dict[Row, tuple[Writing, Sequence[Any]]] = {}
        self._written: dict[Row, dict[Hashable, _Written]] = {}
        self._deleted: set[Row] = set()

    def take(self, writing: Writing, values: Sequence[Any]) -> None:
        """Add a write.

        Raises:
            InvalidQueryError: something that was written before shows behind it.
        """
        row: Row = writing.row(values)
        if writing.deletes_rows:
            if writing.said.timestamp is None:
                self._deleted.add(row)
            return
        for written, is_static in ((row, False), (row[: writing.width], True)):
            if not (writing.statics if is_static else writing.rows):
                continue
            if self._deleted and writing.said.timestamp is None:
                self._refuse_deleted(writing, values, written, static=is_static)
            if written not in self._first:
                self._first[written] = writing, values
                continue
            if written not in self._written:
                self._written[written] = {}
                self._merge(written, *self._first[written], static=is_static)
            self._merge(written, writing, values, static=is_static)

    def _refuse_deleted(self, writing: Writing, values: Sequence[Any], row: Row, *, static: bool) -> None:
        if not any(row[:size] in self._deleted for size in range(writing.width, len(row) + 1)):
            return
        if any(each.lives or each.looks == "place" for _, each in writing.cells(values, static=static)):
            raise InvalidQueryError(f"a row of {writing.schema.model} is deleted and written {_ONE_TIME}")

    def _merge(self, row: Row, writing: Writing, values: Sequence[Any], *, static: bool) -> None:
        columns = self._written[row]
        for column, now in writing.cells(values, static=static):
            before = columns.get(column and column.name)
            if before is None:
                before = columns[column and column.name] = _Written()
            elif now.looks == "place" or (now.looks == "value" and not before.by_value):
                raise InvalidQueryError(f"{_named(writing, column)} is written twice {_LOOKED_UP}")
            elif writing.said.timestamp is None:
                named = (writing.said.table[0], column and column.name)
                is_older = writing.said.inserts and before.updated and named in self._given_by_name()
                if _shows(column, before, now) or (is_older and _differ_at_all(column, before, now)):
                    raise InvalidQueryError(f"{_named(writing, column)} is written twice {_ONE_TIME}")
            before.take(writing, now)

    def _given_by_name(self) -> set[tuple[str, str | None]]:
        """The columns that writes change by name, which their documents hold as they were until the batch is sent.

        Each is told by its table and its name, for models of one table have columns of their own.
        """
        if self._named is None:
            self._named = set()
            calls: list[tuple[Any, object]] = [(args[0], args[-1]) for _, args in self._calls if args]
            for about, last in calls:
                if isinstance(last, Changes):
                    columns = [each.column for each in last.assignments[: last.given]]
                elif isinstance(last, Deleted):
                    columns = [column for column, _ in last.elements]
                else:
                    continue
                table = getattr(about, "schema", about).table
                self._named.update([(table, column.name) for column in columns])
        return self._named


def _named(writing: Writing, column: Column | None) -> str:
    where = "partition" if column is not None and column.kind == "static" else "row"
    model = writing.schema.model
    return f"a {where} of {model}" if column is None else f"{model}.{column.field} of one {where}"


def _shows(column: Column | None, before: _Written, now: Cells) -> bool:
    """Whether something of what was written before shows behind what is written now."""
    if now.deletes:
        return False
    if before.deletes and now.lives:
        return True
    there = before.cells
    if any(path in there and _stays(column, path, there[path], cell) for path, cell in now.cells.items()):
        return True
    return now.replaces and any(value is not None and path not in now.cells for path, (value, _) in there.items())


def _differ_at_all(column: Column | None, before: _Written, now: Cells) -> bool:
    """Whether two writes of a column are anything but the same one."""
    there, cells = before.cells, now.cells
    return there.keys() != cells.keys() or any(_are_two(column, path, there[path], cells[path]) for path in cells)


def _stays(column: Column | None, path: Hashable, before: tuple[Any, object], now: tuple[Any, object]) -> bool:
    """Whether the first one of two values of a cell may be the one that stays."""
    (was, _), (value, _) = before, now
    if value is None:
        return False  # a deletion goes before any value
    if not _are_two(column, path, before, now):
        return False
    if column is None or was is None or value is None or column.type.cql not in _CLOCKS or before[1] != now[1]:
        return True
    # Bytes are compared without a sign, so that those of a moment before 1970 are the larger ones.
    as_bytes = SCALAR_BYTES[column.type.cql]
    return as_bytes(value) < as_bytes(was)


def _are_two(column: Column | None, path: Hashable, before: tuple[Any, object], now: tuple[Any, object]) -> bool:
    """Whether what two writes give a cell is not the same."""
    (was, lived), (value, lives) = before, now
    if was is None or value is None:
        return was is not value
    if lived != lives:  # what expires goes before what does not
        return True
    held = None if column is None else _type_of(column.type, path)
    return held is not None and was is not value and _differ(held, was, value)


def _type_of(held: ColumnType, path: Hashable) -> ColumnType | None:
    """The type of the values of a cell; None where it has none, as an element of a set."""
    if path is PLAIN:
        return held
    if held.user_type is not None:
        fields: Sequence[Any] = held.user_type.__coodie_user_type__().fields
        return next((each.type for each in fields if each.name == path), None)
    return held.elements[1] if held.collection == "map" else None


def _differ(held: ColumnType, value: Any, other: Any) -> bool:
    """Whether a server keeps two values, as a driver takes them, as two; they are where no field takes one of them."""
    try:
        first, second = (value, other) if held.decode is None else (held.decode(value), held.decode(other))
        return equality_of(held).differ(first, second)
    except REFUSALS:
        return True
