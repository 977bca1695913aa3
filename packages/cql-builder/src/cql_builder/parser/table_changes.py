"""ALTER TABLE: what is added to a table, dropped from it, renamed and changed in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from cql_builder.ast.tables import (
    AddColumns,
    AlterColumnType,
    AlterTableOptions,
    ConstrainColumn,
    DropColumns,
    DropCompactStorage,
    ExpireRows,
    MaskColumn,
    RenameColumns,
    TableColumn,
)
from cql_builder.ast.terms import IntegerLiteral
from cql_builder.dialects import features
from cql_builder.parser.constraints import constraints, mask
from cql_builder.parser.existence import if_exists, if_not_exists
from cql_builder.parser.names import table_name
from cql_builder.parser.options import options
from cql_builder.parser.table_properties import named_column
from cql_builder.parser.types import data_type

if TYPE_CHECKING:
    from collections.abc import Callable

    from cql_builder.ast.definitions import SchemaStatement
    from cql_builder.ast.names import ColumnName, TableName
    from cql_builder.ast.terms import Term
    from cql_builder.parser.cursor import Cursor

T = TypeVar("T")

_MAX_DIGITS = 19
"""How many digits the largest timestamp has: 2**63 - 1."""


class _Altered(NamedTuple):
    table: TableName
    if_exists: bool


def alter_table(cursor: Cursor) -> SchemaStatement:
    """Read what follows ALTER TABLE."""
    if_there = if_exists(cursor, features.IF_EXISTS_ON_ALTER)
    altered = _Altered(table_name(cursor), if_there)
    read = _CHANGES.get(cursor.peek())
    if read is None:
        raise cursor.error("ADD, ALTER, DROP, RENAME or WITH")
    cursor.expect(cursor.peek())
    return read(cursor, altered)


def _add(cursor: Cursor, altered: _Altered) -> AddColumns:
    unless_there = if_not_exists(cursor, features.IF_NOT_EXISTS_ON_ADD)
    return AddColumns(altered.table, _one_or_more(cursor, _added_column), altered.if_exists, unless_there)


def _added_column(cursor: Cursor) -> TableColumn:
    name = named_column(cursor)
    column_type = data_type(cursor)
    static = cursor.accept("static")
    column_mask = mask(cursor)
    return TableColumn(name, column_type, static, mask=column_mask, constraints=constraints(cursor, name))


def _alter(cursor: Cursor, altered: _Altered) -> SchemaStatement:
    start = cursor.mark()
    if_column_there = if_exists(cursor, features.IF_NOT_EXISTS_ON_ADD)
    column = cursor.column()
    if not if_column_there and cursor.accept("type"):
        return AlterColumnType(altered.table, column, data_type(cursor), altered.if_exists)
    column_mask = mask(cursor)
    if column_mask is not None:
        return MaskColumn(altered.table, column, column_mask, altered.if_exists, if_column_there)
    checks = constraints(cursor, column)
    if checks:
        return ConstrainColumn(altered.table, column, checks, altered.if_exists, if_column_there)
    if cursor.at("drop", "masked"):
        cursor.require(features.MASKING, start)
        cursor.expect("drop", "masked")
        return MaskColumn(altered.table, column, None, altered.if_exists, if_column_there)
    if cursor.at("drop", "check"):
        cursor.require(features.CONSTRAINTS, start)
        cursor.expect("drop", "check")
        return ConstrainColumn(altered.table, column, (), altered.if_exists, if_column_there)
    if cursor.accept("drop"):
        raise cursor.error("MASKED or CHECK")
    raise cursor.error("TYPE, MASKED WITH, CHECK, DROP MASKED or DROP CHECK")


def _drop(cursor: Cursor, altered: _Altered) -> SchemaStatement:
    if cursor.at("compact", "storage"):
        cursor.require(features.DROP_COMPACT_STORAGE)
        cursor.expect("compact", "storage")
        return DropCompactStorage(altered.table, altered.if_exists)
    if_columns_there = if_exists(cursor, features.IF_NOT_EXISTS_ON_ADD)
    columns = _one_or_more(cursor, named_column)
    timestamp = None
    if cursor.accept("using"):
        cursor.expect("timestamp")
        timestamp = _timestamp(cursor)
    return DropColumns(altered.table, columns, altered.if_exists, if_columns_there, timestamp)


def _timestamp(cursor: Cursor) -> Term:
    start = cursor.mark()
    marker = cursor.marker()
    if marker is not None:
        cursor.require(features.MARKER_IN_DROP, start)
        return marker
    digits = cursor.integer("a timestamp in microseconds")
    size = digits.lstrip("-0") or "0"
    if len(size) > _MAX_DIGITS or int(size) >= 2**63 + digits.startswith("-"):
        raise cursor.refusal("expected a timestamp of at most 64 bits", start)
    return IntegerLiteral(digits)


def _rename(cursor: Cursor, altered: _Altered) -> RenameColumns:
    if_columns_there = if_exists(cursor, features.IF_NOT_EXISTS_ON_ADD)
    names = [_renamed(cursor)]
    while cursor.accept("and"):
        names.append(_renamed(cursor))
    return RenameColumns(altered.table, tuple(names), altered.if_exists, if_columns_there)


def _renamed(cursor: Cursor) -> tuple[ColumnName, ColumnName]:
    old = named_column(cursor)
    cursor.expect("to")
    return old, named_column(cursor)


def _with(cursor: Cursor, altered: _Altered) -> AlterTableOptions:
    return AlterTableOptions(altered.table, options(cursor), altered.if_exists)


def _ttl(cursor: Cursor, altered: _Altered) -> ExpireRows:
    cursor.require(features.ROW_TTL, cursor.mark() - 1)
    return ExpireRows(altered.table, None if cursor.accept("null") else named_column(cursor))


def _one_or_more(cursor: Cursor, read: Callable[[Cursor], T]) -> tuple[T, ...]:
    """Read one part without parentheses, or several inside of them."""
    if not cursor.accept("("):
        return (read(cursor),)
    parts = cursor.comma_separated(lambda: read(cursor))
    cursor.expect(")")
    return parts


_CHANGES: dict[str, Callable[[Cursor, _Altered], SchemaStatement]] = {
    "add": _add,
    "alter": _alter,
    "drop": _drop,
    "rename": _rename,
    "with": _with,
    "ttl": _ttl,
}
