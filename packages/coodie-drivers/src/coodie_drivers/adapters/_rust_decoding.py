"""From the rows of the package `scylla` to those of the contract (`coodie_drivers.values`).

The library's values are the contract's, but for what it cannot tell or read. It gives a null collection as an empty
one; it reads no duration exactly, and no set or map whose elements Python can only hash in another form. Such columns
are asked for once more, as JSON.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from coodie_drivers.adapters._rust_json import parsed, value_from_json, with_nulls
from coodie_drivers.adapters._rust_library import errors, results, values
from coodie_drivers.adapters._rust_types import (
    NATIVE_NAMES,
    CqlList,
    CqlMap,
    CqlSet,
    CqlTuple,
    CqlUserDefinedType,
    CqlVector,
    all_parts_of,
    type_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_EMPTY: Final[type] = values.CqlEmpty
_RENAMES: Final = re.compile(r"\bAS\b", re.IGNORECASE)
_CONTAINERS: Final = (list, set, dict)


class JsonColumns(NamedTuple):
    """The columns to ask for as JSON, by their places.

    Attributes:
        instead: those that the library cannot read.
        beside: those of which JSON tells whether a collection in them is null or empty.
    """

    instead: frozenset[int] = frozenset()
    beside: tuple[int, ...] = ()


class AsJsonError(Exception):
    """Some columns of an answer must be asked for as JSON.

    Attributes:
        columns: which.
    """

    def __init__(self, columns: JsonColumns) -> None:
        super().__init__()
        self.columns = columns


class TupleFactory(results.RowFactory):  # type: ignore[misc]
    """Makes rows in which two columns may have one name; the library's own are dicts."""

    def build(self, column_iterator: Any) -> tuple[Any, ...]:
        """Return the values of a row in their order."""
        return tuple([column.value for column in column_iterator])


class ConditionRows(results.RowFactory):  # type: ignore[misc]
    """Makes the rows of conditional statements, in which a value that the library cannot read is an `_Unread`."""

    def build(self, column_iterator: Any) -> list[Any]:
        """Return the values of a row in their order; the iterator goes on behind a value that it cannot read."""
        row: list[Any] = []
        while True:
            try:
                row.append(next(column_iterator).value)
            except StopIteration:
                return row
            except errors.DeserializationError:
                row.append(_UNREAD)


_UNREAD: Final = object()
"""Stands for a value that the library could not read."""

CONDITION_ROWS: Final = ConditionRows()
"""Makes the rows of all conditional statements."""


class Reading:
    """How rows of given columns become the contract's.

    Attributes:
        columns: the names.
        types: the library's types.
        factory: what makes the rows; None for the library's own dicts.
        unreadable: the columns that the library cannot read, or not exactly.
    """

    __slots__ = ("_collections", "_doubtful", "_unknown", "columns", "factory", "types", "unreadable")

    def __init__(self, specs: Sequence[Any], is_frozen: Callable[[Any], bool | None], *, renamed: bool = False) -> None:
        """Take the library's descriptions of the columns.

        Args:
            specs: the descriptions.
            is_frozen: what knows whether a collection is frozen; None where it does not.
            renamed: whether the columns may have other names than those of the table.
        """
        self.columns: tuple[str, ...] = tuple([spec.name for spec in specs])
        self.types: list[Any] = [spec.cql_type for spec in specs]
        self.factory = None if len(set(self.columns)) == len(self.columns) else TupleFactory()
        self.unreadable = frozenset(index for index, each in enumerate(self.types) if not is_readable(each))
        collections = [index for index, each in enumerate(self.types) if isinstance(each, (CqlList, CqlSet, CqlMap))]
        # A collection that is not frozen has no empty value: nothing in it is null. One of which that is not known, an
        # expression for instance, may be either.
        told = {index: None if renamed else is_frozen(specs[index]) for index in collections}
        frozen = {index for index in collections if told[index] is not False}
        self._unknown = frozenset(index for index in collections if told[index] is None)
        self._collections = tuple(index for index in collections if index not in frozen)
        self._doubtful = tuple(
            index for index, each in enumerate(self.types) if index in frozen or _may_hide_null(each)
        )

    def rows(self, found: Iterable[Any], *, may_ask: bool = True) -> list[tuple[Any, ...]]:
        """Return the rows with the contract's values.

        Args:
            found: the library's rows.
            may_ask: whether the statement can be asked again; else what is null or empty counts as empty.

        Raises:
            AsJsonError: if some columns must be asked for as JSON.
        """
        if self.unreadable and may_ask:
            raise AsJsonError(JsonColumns(self.unreadable))
        rows = self._tuples(found)
        if _EMPTY in set(map(type, chain.from_iterable(rows))):
            rows = [tuple(map(_none_for_empty, row)) for row in rows]
        if self._doubtful and may_ask:
            doubtful = [index for index in self._doubtful if any(_holds_empty(row[index]) for row in rows)]
            if doubtful:
                raise AsJsonError(JsonColumns(beside=tuple(doubtful)))
        return rows

    def _tuples(self, found: Iterable[Any]) -> list[tuple[Any, ...]]:
        if self.factory is not None:
            return [self._without_empty(list(row)) for row in found]
        if not self._collections:
            return [tuple(row.values()) for row in found]
        names = [self.columns[index] for index in self._collections]
        rows: list[tuple[Any, ...]] = []
        for row in found:
            for name in names:
                if not row[name] and type(row[name]) in _CONTAINERS:
                    row[name] = None
            rows.append(tuple(row.values()))
        return rows

    def _without_empty(self, row: list[Any]) -> tuple[Any, ...]:
        for index in self._collections:
            if not row[index] and type(row[index]) in _CONTAINERS:
                row[index] = None
        return tuple(row)

    def rows_of_condition(self, found: Iterable[Any]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        """Return the columns of a conditional statement, without those that the library cannot read, and the rows.

        Args:
            found: the rows that `ConditionRows` made.
        """
        rows = [tuple(map(self._without_doubt, range(len(row)), row)) for row in found]
        unread = {index for row in rows for index, value in enumerate(row) if value is _UNREAD}
        if not unread:
            return self.columns, rows
        kept = [index for index in range(len(self.columns)) if index not in unread]
        return tuple([self.columns[index] for index in kept]), [tuple([row[index] for index in kept]) for row in rows]

    def _without_doubt(self, index: int, value: Any) -> Any:
        """Return a value about which nobody can be asked: a collection without elements is null unless frozen."""
        if type(value) in _CONTAINERS and not value and (index in self._collections or index in self._unknown):
            return None
        return _none_for_empty(value)

    def json_rows(self, found: Iterable[Any], wanted: JsonColumns) -> list[tuple[Any, ...]]:
        """Return rows of which some columns came as JSON, those beside the library's values last.

        Raises:
            UnreadableError: if a value has no Python form.
        """
        return [self._json_row(list(row if _is(row, tuple) else row.values()), wanted) for row in found]

    def _json_row(self, row: list[Any], wanted: JsonColumns) -> tuple[Any, ...]:
        size, types = len(self.columns), self.types
        for index in range(size):
            if index in wanted.instead:
                row[index] = value_from_json(types[index], row[index])
            elif type(row[index]) is _EMPTY or (index in self._collections and not row[index]):
                row[index] = None
        for index, text in zip(wanted.beside, row[size:], strict=True):
            row[index] = with_nulls(row[index], parsed(text))
        return tuple(row[:size])

    def first_of(self, wanted: JsonColumns) -> str | None:
        """Return the name of the first column that was wanted as JSON."""
        places = [*wanted.instead, *wanted.beside]
        return self.columns[min(places)] if places else None

    def holding(self, native: str) -> frozenset[int]:
        """Return the columns whose types have this native type in them."""
        return frozenset(
            index
            for index, cql_type in enumerate(self.types)
            if any(NATIVE_NAMES.get(type(part)) == native for part in all_parts_of(cql_type))
        )

    def type_of(self, column: str) -> str:
        """Return the type of a column as CQL spells it."""
        return next(
            (type_name(each) for name, each in zip(self.columns, self.types, strict=True) if name == column), ""
        )


def may_rename(cql: str) -> bool:
    """Return whether a column of the answer may have the name of another one of the table."""
    return _RENAMES.search(cql) is not None


def is_readable(cql_type: Any) -> bool:
    """Return whether the library reads the type, and reads it exactly."""
    for part in all_parts_of(cql_type):
        if NATIVE_NAMES.get(type(part)) == "duration":
            return False
        hashed = part.column_type if isinstance(part, CqlSet) else part.key_type if isinstance(part, CqlMap) else None
        if hashed is not None and not _is_hashable(hashed):
            return False
    return True


def _is_hashable(cql_type: Any) -> bool:
    """Return whether the library gives values of the type that Python can hash."""
    unhashable = (CqlList, CqlSet, CqlMap, CqlVector, CqlUserDefinedType)
    return not any(isinstance(part, unhashable) for part in all_parts_of(cql_type))


def _may_hide_null(cql_type: Any) -> bool:
    """Return whether a collection may be null inside a value of the type."""
    return any(
        isinstance(part, (CqlTuple, CqlUserDefinedType))
        and any(isinstance(inner, (CqlList, CqlSet, CqlMap)) for inner in all_parts_of(part))
        for part in all_parts_of(cql_type)
    )


def _holds_empty(value: Any) -> bool:
    """Return whether there is an empty collection in a value, or it is one."""
    if not _is(value, tuple, *_CONTAINERS):
        return False
    if not value:
        return not _is(value, tuple)
    return any(map(_holds_empty, value.values() if _is(value, dict) else value))


def _none_for_empty(value: Any) -> Any:
    return None if _is(value, _EMPTY) else value


def _is(value: object, *kinds: type) -> bool:
    """Return whether `value` is of one of these kinds; unlike isinstance it leaves the checkers' `Any` alone."""
    return isinstance(value, kinds)
