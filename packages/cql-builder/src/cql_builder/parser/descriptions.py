"""DESCRIBE, COMMENT ON and SECURITY LABEL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.descriptions import (
    CommentOn,
    DescribeGroup,
    DescribeKeyspace,
    DescribeNamed,
    FieldName,
    KeyspaceName,
    SecurityLabelOn,
    TableColumnName,
)
from cql_builder.ast.names import IndexName, TableName
from cql_builder.ast.types import UserType
from cql_builder.dialects import features
from cql_builder.parser.names import RESERVED_FUNCTION_NAMES, function_name, keyspace_name, table_name
from cql_builder.parser.types import type_name, user_type

if TYPE_CHECKING:
    from collections.abc import Callable

    from cql_builder.ast.descriptions import DescribedGroup, DescribedKind, Remarkable
    from cql_builder.ast.names import FunctionName
    from cql_builder.ast.statements import Statement
    from cql_builder.parser.cursor import Cursor

_GROUPS: dict[str, DescribedGroup] = {
    "cluster": "cluster",
    "schema": "schema",
    "keyspaces": "keyspaces",
    "tables": "tables",
    "columnfamilies": "tables",
    "types": "types",
    "functions": "functions",
    "aggregates": "aggregates",
}


def describe(cursor: Cursor) -> Statement:
    """Read what follows DESCRIBE."""
    group = _GROUPS.get(cursor.peek())
    if group is not None:
        cursor.expect(cursor.peek())
        return DescribeGroup(group, *_internals(cursor))
    if cursor.accept("full"):
        cursor.expect("schema")
        return DescribeGroup("full schema", *_internals(cursor))
    if cursor.at("keyspace") or cursor.at("only", "keyspace"):
        only = cursor.accept("only")
        cursor.expect("keyspace")
        name = keyspace_name(cursor) if cursor.is_name() else None
        return DescribeKeyspace(name, only, *_internals(cursor))
    kind = _described_kind(cursor)
    return DescribeNamed(kind, _DESCRIBED[kind](cursor), *_internals(cursor))


def comment(cursor: Cursor) -> CommentOn:
    """Read what follows COMMENT."""
    cursor.require(features.COMMENT_ON, cursor.mark() - 1)
    cursor.expect("on")
    target = _remarkable(cursor)
    return CommentOn(target, _remark(cursor))


def security_label(cursor: Cursor) -> SecurityLabelOn:
    """Read what follows SECURITY."""
    cursor.require(features.SECURITY_LABEL, cursor.mark() - 1)
    cursor.expect("label")
    provider = cursor.identifier("a provider") if cursor.accept("for") else None
    cursor.expect("on")
    target = _remarkable(cursor)
    return SecurityLabelOn(target, _remark(cursor), provider)


def _internals(cursor: Cursor) -> tuple[bool, bool]:
    """Read WITH INTERNALS and AND PASSWORDS where they stand, and say of each whether it did."""
    if not cursor.accept("with"):
        return False, False
    cursor.expect("internals")
    if not cursor.at("and"):
        return True, False
    cursor.require(features.DESCRIBE_PASSWORDS)
    cursor.expect("and", "passwords")
    return True, True


def _described_kind(cursor: Cursor) -> DescribedKind | None:
    """Read the words that say what is described; those that are names too say it where a name follows."""
    if cursor.accept("table") or cursor.accept("columnfamily"):
        return "table"
    if cursor.accept("index"):
        return "index"
    if cursor.accept("materialized"):
        cursor.expect("view")
        return "materialized view"
    if cursor.is_name(1) or cursor.peek(1) in RESERVED_FUNCTION_NAMES:
        if cursor.accept("type"):
            return "type"
        if cursor.accept("function"):
            return "function"
        if cursor.accept("aggregate"):
            return "aggregate"
    if not cursor.is_name():
        raise cursor.error("what is to be described: CLUSTER, SCHEMA, KEYSPACES, TABLE or a name")
    return None


def _described_index(cursor: Cursor) -> IndexName:
    name = table_name(cursor)
    return IndexName(name.name, name.keyspace)


def _remarkable(cursor: Cursor) -> Remarkable:
    if cursor.accept("keyspace"):
        return KeyspaceName(keyspace_name(cursor))
    if cursor.accept("table") or cursor.accept("columnfamily"):
        return table_name(cursor)
    if cursor.accept("column"):
        return _table_column(cursor)
    if cursor.accept("type"):
        return user_type(cursor)
    if cursor.accept("field"):
        return _type_field(cursor)
    raise cursor.error("KEYSPACE, TABLE, COLUMN, TYPE or FIELD")


def _table_column(cursor: Cursor) -> TableColumnName:
    table = TableName(cursor.identifier("a table"))
    cursor.expect(".")
    if cursor.peek(1) == ".":
        table = TableName(cursor.identifier("a table"), table.name)
        cursor.expect(".")
    return TableColumnName(table, cursor.column())


def _type_field(cursor: Cursor) -> FieldName:
    """Read a field after its type: `address.street`, `shop.address.street`."""
    if cursor.peek(3) == ".":
        qualified = user_type(cursor)
        cursor.expect(".")
        return FieldName(qualified, cursor.identifier("a field"))
    name = type_name(cursor, "a type")
    cursor.expect(".")
    return FieldName(UserType(name), cursor.identifier("a field"))


def _remark(cursor: Cursor) -> str | None:
    cursor.expect("is")
    return None if cursor.accept("null") else cursor.string("a string or NULL")


_DESCRIBED: dict[DescribedKind | None, Callable[[Cursor], TableName | IndexName | UserType | FunctionName]] = {
    None: table_name,
    "table": table_name,
    "index": _described_index,
    "materialized view": table_name,
    "type": user_type,
    "function": function_name,
    "aggregate": function_name,
}
