"""From the rows of the package `scylla` to those of the contract (`coodie_drivers.values`).

The library's values are the contract's, but for what it cannot tell or read. It gives a null collection as an empty
one; it reads no duration exactly, and no set or map whose elements Python can only hash in another form. Such columns
are asked for once more, as bytes.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._rust_bytes import bytes_reader_of, value_from_bytes
from coodie_drivers.adapters._rust_library import errors, results
from coodie_drivers.adapters._rust_rows import EMPTY, quick_reader
from coodie_drivers.adapters._rust_types import (
    NATIVE_NAMES,
    CqlList,
    CqlMap,
    CqlSet,
    CqlTuple,
    CqlUserDefinedType,
    CqlVector,
    all_parts_of,
    parts_of,
    type_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_RENAMES: Final = re.compile(r"\bAS\b", re.IGNORECASE)
_CONTAINERS: Final = (list, set, dict)
_EMPTY_TEXTS: Final[dict[str | None, str | bytes]] = {"ascii": "", "blob": b"", "text": ""}
"""The types with an empty value, which the library takes for null at the end of a vector; a vector has no null."""
_MAY_BE_EMPTY: Final = frozenset(NATIVE_NAMES.values()) - {*_EMPTY_TEXTS, "counter", "duration"}
"""The types with an empty value that Python has not."""


class AsBytesError(Exception):
    """Some columns of an answer must be asked for as bytes.

    Attributes:
        columns: which, by their places.
    """

    def __init__(self, columns: frozenset[int]) -> None:
        super().__init__()
        self.columns = columns


class RowsWithUnread(results.RowFactory):  # type: ignore[misc]
    """Makes rows in which two columns may have one name, and a value that the library cannot read is `_UNREAD`.

    The library's own are dicts, of which none comes with such a value.
    """

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

ROWS_WITH_UNREAD: Final = RowsWithUnread()
"""Makes the rows of all conditional statements, and those in which two columns have one name."""


class Reading:
    """How rows of given columns become the contract's.

    Attributes:
        columns: the names.
        types: the library's types.
        factory: what makes the rows; None for the library's own dicts.
        unreadable: the columns that the library cannot read, or not exactly.
        doubtful: those in which it may tell null from empty wrongly.
    """

    __slots__ = ("_collections", "_holders", "_unknown", "columns", "doubtful", "factory", "types", "unreadable")

    def __init__(self, specs: Sequence[Any], is_frozen: Callable[[Any], bool | None], *, renamed: bool = False) -> None:
        """Take the library's descriptions of the columns.

        Args:
            specs: the descriptions.
            is_frozen: what knows whether a collection is frozen; None where it does not.
            renamed: whether the columns may have other names than those of the table.
        """
        self.columns: tuple[str, ...] = tuple([spec.name for spec in specs])
        self.types: list[Any] = [spec.cql_type for spec in specs]
        self.factory = None if len(set(self.columns)) == len(self.columns) else ROWS_WITH_UNREAD
        self.unreadable = frozenset(index for index, each in enumerate(self.types) if not is_readable(each))
        self._holders = tuple(index for index, each in enumerate(self.types) if _may_hold_empty(each))
        collections = [index for index, each in enumerate(self.types) if isinstance(each, (CqlList, CqlSet, CqlMap))]
        # A collection that is not frozen has no empty value: nothing in it is null. One of which that is not known, an
        # expression for instance, may be either.
        told = {index: None if renamed else is_frozen(specs[index]) for index in collections}
        frozen = {index for index in collections if told[index] is not False}
        self._unknown = frozenset(index for index in collections if told[index] is None)
        self._collections = tuple(index for index in collections if index not in frozen)
        self.doubtful = frozenset(
            index for index, each in enumerate(self.types) if index in frozen or _is_told_badly(each)
        )

    def quick(self) -> Callable[[Iterable[dict[str, Any]]], list[tuple[Any, ...]] | None] | None:
        """Return what reads usual rows at less cost than `rows`, as `quick_reader` does; None where doubts can be."""
        if self.factory is not None or self.unreadable or self.doubtful or self._holders:
            return None
        empty = [index for index, each in enumerate(self.types) if NATIVE_NAMES.get(type(each)) in _MAY_BE_EMPTY]
        return quick_reader(self.types, empty, self._collections)

    def rows(self, found: Iterable[Any], *, may_ask: bool = True) -> list[tuple[Any, ...]]:
        """Return the rows with the contract's values.

        Args:
            found: the library's rows.
            may_ask: whether the statement can be asked again; else what is null or empty counts as empty.

        Raises:
            AsBytesError: if some columns must be asked for as bytes.
        """
        if self.unreadable and may_ask:
            raise AsBytesError(self.unreadable)
        rows = self._tuples(found)
        if EMPTY in set(map(type, chain.from_iterable(rows))) or (self._holders and self._hold_empty(rows)):
            rows = [tuple(map(_none_for_empty, row)) for row in rows]
        if self.doubtful and may_ask:
            doubtful = frozenset(index for index in self.doubtful if any(_holds_doubt(row[index]) for row in rows))
            if doubtful:
                raise AsBytesError(doubtful)
        return rows

    def _hold_empty(self, rows: list[tuple[Any, ...]]) -> bool:
        """Return whether there is an empty value inside another."""
        return any(_holds_empty(self.types[index], [row[index] for row in rows]) for index in self._holders)

    def _tuples(self, found: Iterable[Any]) -> list[tuple[Any, ...]]:
        if self.factory is not None:
            return [self._without_empty(row) for row in _read(found)]
        if not self._collections:
            return [tuple(row.values()) for row in found]
        names = [self.columns[index] for index in self._collections]
        rows: list[tuple[Any, ...]] = []
        try:
            for row in found:
                for name in names:
                    if not row[name] and type(row[name]) in _CONTAINERS:
                        row[name] = None
                rows.append(tuple(row.values()))
        except KeyError:  # the answer names other columns than the statement has: it was damaged on its way
            raise AsBytesError(frozenset(self._collections)) from None
        return rows

    def _without_empty(self, row: list[Any]) -> tuple[Any, ...]:
        for index in self._collections:
            if not row[index] and type(row[index]) in _CONTAINERS:
                row[index] = None
        return tuple(row)

    def rows_of_condition(self, found: Iterable[Any]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        """Return the columns of a conditional statement, without those that the library cannot read, and the rows.

        Args:
            found: the rows that `RowsWithUnread` made.
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
        cql_type = self.types[index]
        if isinstance(cql_type, CqlVector) and value and value[-1] is None:
            return [*value[:-1], _EMPTY_TEXTS.get(NATIVE_NAMES.get(type(cql_type.typ)))]
        return _none_for_empty(value)

    def rows_with_bytes(self, found: Iterable[Any], places: frozenset[int]) -> list[tuple[Any, ...]]:
        """Return rows of which the columns in these places came as bytes.

        Raises:
            AsBytesError: if further columns must be asked for as bytes.
            UnreadableError: if a value has no Python form.
        """
        readers = [(index, bytes_reader_of(self.types[index])) for index in sorted(places)]
        rows: list[tuple[Any, ...]] = []
        each: Any
        for each in found if self.factory is None else _read(found, places):
            row: list[Any] = each if self.factory is not None else list(each.values())
            for index in self._collections:
                if index not in places and not row[index]:
                    row[index] = None
            row = [*map(_none_for_empty, row)]
            for index, read in readers:
                row[index] = value_from_bytes(read, row[index], index)
            rows.append(tuple(row))
        return rows

    def places_of(self, error: Any) -> frozenset[int]:
        """Return the columns that are to be asked for as bytes after this error; none after no error."""
        if isinstance(error, AsBytesError):
            return error.columns
        column = getattr(error, "column_name", None)
        return frozenset(index for index, name in enumerate(self.columns) if name == column)

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


def _read(found: Iterable[list[Any]], places: frozenset[int] = frozenset()) -> list[list[Any]]:
    """Return the rows again if the library has read them all.

    Raises:
        AsBytesError: if it has not.
    """
    rows = list(found)
    unread = {index for row in rows for index, value in enumerate(row) if value is _UNREAD}
    if unread:
        raise AsBytesError(places.union(unread))
    return rows


def _is_told_badly(cql_type: Any) -> bool:
    """Return whether the library may tell null from empty wrongly inside a value of the type.

    A collection that is null reads as an empty one, and an empty text at the end of a vector as null.
    """
    return any(
        (
            isinstance(part, (CqlTuple, CqlUserDefinedType))
            and any(isinstance(inner, (CqlList, CqlSet, CqlMap)) for inner in all_parts_of(part))
        )
        or (isinstance(part, CqlVector) and NATIVE_NAMES.get(type(part.typ)) in _EMPTY_TEXTS)
        for part in all_parts_of(cql_type)
    )


def _holds_doubt(value: Any) -> bool:
    """Return whether there is an empty collection in a value, or it is one, or a vector that ends with null."""
    if not _is(value, tuple, *_CONTAINERS):
        return False
    if not value:
        return not _is(value, tuple)
    if _is(value, list) and value[-1] is None:
        return True
    return any(map(_holds_doubt, value.values() if _is(value, dict) else value))


def _may_hold_empty(cql_type: Any) -> bool:
    """Return whether there may be an empty value inside a value of the type; the server takes none into a vector."""
    return any(
        _may_hold_empty(part) or (not isinstance(cql_type, CqlVector) and NATIVE_NAMES.get(type(part)) in _MAY_BE_EMPTY)
        for part in parts_of(cql_type)
    )


def _holds_empty(cql_type: Any, values: Iterable[Any]) -> bool:
    """Return whether there is an empty value inside one of these, which are of this type: part by part of the type.

    Of a whole page at once, for a look at each element in Python would take longer than the library does.
    """
    there: list[Any] = [value for value in values if value]
    if isinstance(cql_type, CqlMap):
        keys, items = chain.from_iterable(there), chain.from_iterable([value.values() for value in there])
        return _are_or_hold_empty(cql_type.key_type, keys) or _are_or_hold_empty(cql_type.value_type, items)
    if isinstance(cql_type, CqlTuple):
        columns = enumerate(cql_type.element_types)
        return any(_are_or_hold_empty(part, [value[place] for value in there]) for place, part in columns)
    if isinstance(cql_type, CqlUserDefinedType):
        fields = cql_type.field_types
        return any(_are_or_hold_empty(part, [value.get(name) for value in there]) for name, part in fields)
    (part,) = parts_of(cql_type)
    return _are_or_hold_empty(part, chain.from_iterable(there))


def _are_or_hold_empty(cql_type: Any, values: Iterable[Any]) -> bool:
    if _may_hold_empty(cql_type):
        return _holds_empty(cql_type, values)
    return NATIVE_NAMES.get(type(cql_type)) in _MAY_BE_EMPTY and EMPTY in set(map(type, values))


def _none_for_empty(value: Any) -> Any:
    """Return a value with None for what is empty, in all that it holds."""
    if _is(value, EMPTY):
        return None
    if _is(value, dict):
        return {_none_for_empty(key): _none_for_empty(item) for key, item in value.items()}
    return type(value)(map(_none_for_empty, value)) if _is(value, tuple, list, set) else value


def _is(value: object, *kinds: type) -> bool:
    """Return whether `value` is of one of these kinds; unlike isinstance it leaves the checkers' `Any` alone."""
    return isinstance(value, kinds)
