"""CREATE TABLE, its copy by LIKE, and DROP TABLE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.names import ColumnName
from cql_builder.ast.tables import CopyTable, CreateTable, DropTable, FunctionConstraint, NotNullConstraint, TableColumn
from cql_builder.dialects import features
from cql_builder.parser.constraints import constraints, mask, not_null
from cql_builder.parser.existence import if_exists, if_not_exists
from cql_builder.parser.names import table_name
from cql_builder.parser.options import option
from cql_builder.parser.table_properties import PrimaryKey, primary_key, table_properties
from cql_builder.parser.types import data_type

if TYPE_CHECKING:
    from cql_builder.ast.definitions import Option
    from cql_builder.ast.names import TableName
    from cql_builder.ast.tables import Constraint, CopiedPart
    from cql_builder.parser.cursor import Cursor


def create_table(cursor: Cursor) -> CreateTable | CopyTable:
    """Read what follows CREATE TABLE."""
    unless_there = if_not_exists(cursor)
    table = table_name(cursor)
    if cursor.at("like"):
        return _copy_table(cursor, table, if_not_exists=unless_there)
    columns, key = _columns(cursor)
    properties = table_properties(cursor)
    return CreateTable(
        table,
        columns,
        key.partition_key,
        key.clustering_key,
        properties.clustering_order,
        properties.options,
        unless_there,
        properties.compact_storage,
    )


def drop_table(cursor: Cursor) -> DropTable:
    """Read what follows DROP TABLE."""
    if_there = if_exists(cursor)
    return DropTable(table_name(cursor), if_there)


def _copy_table(cursor: Cursor, table: TableName, *, if_not_exists: bool) -> CopyTable:
    cursor.require(features.COPY_TABLE)
    cursor.expect("like")
    source = table_name(cursor)
    parts: list[CopiedPart] = []
    options: list[Option] = []
    names: set[str] = set()
    more = cursor.accept("with")
    while more:
        part = _copied_part(cursor)
        if part is None:
            options.append(option(cursor, names))
        else:
            parts.append(part)
        more = cursor.accept("and")
    return CopyTable(table, source, tuple(parts), tuple(options), if_not_exists)


def _copied_part(cursor: Cursor) -> CopiedPart | None:
    if cursor.peek(1) == "=":
        return None
    if cursor.accept("indexes"):
        return "indexes"
    if cursor.accept("comments"):
        return "comments"
    if cursor.accept("security", "labels"):
        return "security labels"
    return None


def _columns(cursor: Cursor) -> tuple[tuple[TableColumn, ...], PrimaryKey]:
    """Read what stands in the parentheses of CREATE TABLE.

    Commas may stand doubled, or at the end. That a table has a key at all is checked by the server, not by its parser.
    """
    cursor.expect("(")
    columns: dict[ColumnName, TableColumn] = {}
    key: PrimaryKey | None = None
    while True:
        start = cursor.mark()
        if cursor.accept("primary"):
            cursor.expect("key")
            found: PrimaryKey | None = primary_key(cursor)
        else:
            column = _column(cursor)
            if column.name in columns:
                raise cursor.refusal(f"the column {column.name.name!r} is defined twice; define it once", start)
            columns[column.name] = column
            found = PrimaryKey((column.name,), ()) if cursor.accept("primary", "key") else None
        if found is not None and key is not None:
            raise cursor.refusal("there is a second PRIMARY KEY; put all its columns into one PRIMARY KEY (…)", start)
        key = key or found
        if not _another(cursor):
            return tuple(columns.values()), key or PrimaryKey((), ())


def _another(cursor: Cursor) -> bool:
    """Read the commas after a column and say whether one more follows; if none does, read the parenthesis."""
    if not cursor.at(","):
        cursor.expect(")")
        return False
    while cursor.accept(","):
        pass
    return not cursor.accept(")")


def _column(cursor: Cursor) -> TableColumn:
    name = ColumnName(cursor.identifier("a column"))
    column_type = data_type(cursor)
    ttl = cursor.at("ttl")
    if ttl:
        cursor.require(features.ROW_TTL)
        cursor.expect("ttl")
    static = cursor.accept("static")
    start = cursor.mark()
    never_null = not_null(cursor)
    column_mask = mask(cursor)
    checks = constraints(cursor, name)
    if never_null and any(_is_not_null(check) for check in checks):
        raise cursor.refusal("NOT NULL is given twice; give it once", start)
    return TableColumn(name, column_type, static, never_null, column_mask, checks, ttl)


def _is_not_null(constraint: Constraint) -> bool:
    if isinstance(constraint, FunctionConstraint):
        return constraint.function.lower() == "not_null"
    return isinstance(constraint, NotNullConstraint)
