"""What the statements of a batch are about, as far as a server lets that decide whether they go together."""

from __future__ import annotations

import struct
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from coodie._schema.key_bytes import bytes_of
from coodie._schema.scalar_bytes import SCALAR_BYTES
from coodie_drivers.errors import InvalidQueryError
from cql_builder import CqlError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from coodie._query.target import Target
    from coodie._schema.columns import Column
    from coodie_drivers.messages import Statement
    from cql_builder.ast.names import TableName

Part = tuple["Statement", "Sequence[object]"]


class _About(NamedTuple):
    """What one text is about.

    Attributes:
        table: the table that it writes.
        markers: the columns that are known by equality, each with the place of its `?`.
        added: the places of the `?` that are added to columns.
        adds_number: whether a number that stands in the text is added to a column.
        names: the columns that it names.
    """

    table: TableName
    markers: Mapping[str, int]
    added: tuple[int, ...]
    adds_number: bool
    names: frozenset[str]


def refuse_several_places(parts: Iterable[Part], targets: Sequence[Target[Any]]) -> None:
    """Refuse a condition beside statements of another table or partition, as servers do (`BatchStatement`).

    Raises:
        InvalidQueryError: the statements are about several.
    """
    written = [(about, params) for statement, params in parts if (about := _about(statement.cql)) is not None]
    tables = {about.table for about, _ in written}
    # Nobody knows in which keyspace a table is that is named without one: it may be that of the others.
    keyspaces = {table.keyspace for table in tables} - {None}
    fix = "a batch with a condition is of one partition of one table; make it several batches"
    if len(keyspaces) > 1 or len({table.name for table in tables}) > 1:
        raise InvalidQueryError(f"a write of the batch has a condition, and it writes {_listed(tables)}; {fix}")
    columns = _partition_key(tables, targets)
    names = [column.name for column in columns]
    keys = [
        [params[about.markers[name]] for name in names]
        for about, params in written
        if names and all(name in about.markers for name in names) and max(about.markers.values()) < len(params)
    ]
    if not all(all(map(_are_one, columns, key, keys[0])) for key in keys[1:]):
        raise InvalidQueryError(f"a write of the batch has a condition, and it writes several partitions; {fix}")


def telling(parts: Iterable[Part]) -> list[Part]:
    """Of parts that go together those that tell where all of them write, with which alone another one is compared.

    They are the first that names a keyspace, and those whose columns none before them names all.
    """
    kept: list[Part] = []
    seen: list[frozenset[str]] = []
    names_keyspace = False
    for part in parts:
        about = _about(part[0].cql)
        if about is None:
            continue
        names, has_keyspace = frozenset(about.markers), about.table.keyspace is not None
        if (has_keyspace and not names_keyspace) or not any(names <= each for each in seen):
            kept.append(part)
            seen.append(names)
            names_keyspace = names_keyspace or has_keyspace
    return kept


def _partition_key(tables: Collection[TableName], targets: Sequence[Target[Any]]) -> Sequence[Column]:
    """The columns of the partition key of one table, of which some names may lack the keyspace; () where unknown."""
    for table in tables:
        for each in targets:
            anywhere = table.keyspace is None or each.keyspace is None
            if each.table.name == table.name and (anywhere or each.keyspace == table.keyspace):
                return each.schema.partition_key
    return ()


def _are_one(column: Column, value: object, other: object) -> bool:
    """Whether a server keeps two values of a partition key as one; of what has no bytes, whether Python says so."""
    held = column.type
    try:
        if bytes_of(held, value) == bytes_of(held, other):
            return True
    except (AttributeError, LookupError, TypeError, ValueError, struct.error):
        return bool(value == other)
    # The bytes of a set or dict are in any order.
    return held.cql not in SCALAR_BYTES and bool(value == other)


def _listed(tables: Collection[TableName]) -> str:
    """The tables by their names; by their keyspaces, too, where there are several of one name."""
    known = Counter(table.name for table in tables)
    names = {
        table.name if known[table.name] == 1 or table.keyspace is None else f"{table.keyspace}.{table.name}"
        for table in tables
    }
    return " and ".join(map(repr, sorted(names)))


def counts(statement: Statement, params: Sequence[object]) -> bool:
    """Whether a text adds to counters: to a column, whole numbers, which only counters take."""
    about = _about(statement.cql)
    if about is None:
        return False
    return about.adds_number or any(place < len(params) and type(params[place]) is int for place in about.added)


def names_column(statement: Statement, name: str) -> bool:
    """Whether a text names a column; not where it cannot be read."""
    about = _about(statement.cql)
    return about is not None and name in about.names


@lru_cache(maxsize=1_000)
def _about(cql: str) -> _About | None:
    """What a text is about; None where it cannot be read."""
    from cql_builder import parse_cql  # noqa: PLC0415 - few batches ask
    from cql_builder.analysis import find  # noqa: PLC0415 - as above
    from cql_builder.ast import ColumnName, Insert, Update  # noqa: PLC0415 - as above

    try:
        tree: Any = parse_cql(cql)
    except CqlError:
        return None
    names = frozenset(each.name for each in find(tree, ColumnName))
    if isinstance(tree, Insert):
        markers = _equalities(zip(tree.columns, tree.values, strict=False), 0)
        return _About(tree.table, markers, (), adds_number=False, names=names)
    if not hasattr(tree, "where") or not hasattr(tree, "using"):
        return None
    changes = tree.assignments if isinstance(tree, Update) else tree.targets
    added, adds_number = _additions(changes, _markers_in(tree.using))
    pairs = ((getattr(each, "left", None), getattr(each, "right", each)) for each in tree.where)
    return _About(tree.table, _equalities(pairs, _markers_in((*tree.using, *changes))), added, adds_number, names)


def _markers_in(nodes: Iterable[Any]) -> int:
    from cql_builder.analysis import find  # noqa: PLC0415 - as above
    from cql_builder.ast import Bind  # noqa: PLC0415 - as above

    return sum(1 for node in nodes for _ in find(node, Bind))


def _equalities(pairs: Iterable[tuple[Any, Any]], place: int) -> dict[str, int]:
    """The columns that are given by one `?`, each with its place; the first `?` is in `place`."""
    from cql_builder.ast import Bind, ColumnName  # noqa: PLC0415 - as above

    markers: dict[str, int] = {}
    for column, value in pairs:
        if isinstance(column, ColumnName) and isinstance(value, Bind):
            markers[column.name] = place
        place += _markers_in([value])
    return markers


def _additions(changes: Iterable[Any], place: int) -> tuple[tuple[int, ...], bool]:
    """The places of the `?` that are added to columns, and whether a number that is written out is."""
    from cql_builder.ast import Add, Bind, IntegerLiteral, Subtract  # noqa: PLC0415 - as above

    added: list[int] = []
    number = False
    for change in changes:
        if isinstance(change, Add | Subtract):
            number = number or isinstance(change.value, IntegerLiteral)
            added += [place] if isinstance(change.value, Bind) else []
        place += _markers_in([change])
    return tuple(added), number
