"""Resources: what a permission is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.access import (
    AllFunctions,
    AllKeyspaces,
    AllMBeans,
    AllRoles,
    AllTables,
    FunctionResource,
    KeyspaceResource,
    MBeanResource,
    RoleResource,
    TableResource,
)
from cql_builder.compiler.mbeans import mbean_fault
from cql_builder.dialects import features
from cql_builder.parser.lexer import STRING
from cql_builder.parser.names import at_function_name, function_name, keyspace_name, role_name, table_name
from cql_builder.parser.programs import argument_types

if TYPE_CHECKING:
    from cql_builder.ast.access import Resource
    from cql_builder.parser.cursor import Cursor


def resource(cursor: Cursor) -> Resource:
    """Read what a permission is about. Most of the words that say its kind are names of tables too."""
    if cursor.at("all") and cursor.is_name(1):
        return _all(cursor)
    if cursor.accept("keyspace"):
        return KeyspaceResource(keyspace_name(cursor))
    if cursor.at("role") and (cursor.is_name(1) or cursor.peek(1) == STRING):
        cursor.expect("role")
        return RoleResource(role_name(cursor))
    if cursor.at("function") and (cursor.is_name(1) or at_function_name(cursor, 1)):
        return _function(cursor)
    if cursor.at("mbean", STRING) or cursor.at("mbeans", STRING):
        return _mbean(cursor)
    if not cursor.accept("table"):
        cursor.accept("columnfamily")
    return TableResource(table_name(cursor))


def _all(cursor: Cursor) -> Resource:
    cursor.expect("all")
    if cursor.accept("keyspaces"):
        return AllKeyspaces()
    if cursor.accept("roles"):
        return AllRoles()
    if cursor.accept("functions"):
        if not cursor.accept("in"):
            return AllFunctions()
        cursor.expect("keyspace")
        return AllFunctions(keyspace_name(cursor))
    if cursor.at("mbeans"):
        cursor.require(features.MBEANS)
        cursor.expect("mbeans")
        return AllMBeans()
    if cursor.at("tables") or cursor.at("columnfamilies"):
        cursor.require(features.ALL_TABLES_IN_KEYSPACE)
        cursor.expect(cursor.peek(), "in", "keyspace")
        return AllTables(keyspace_name(cursor))
    raise cursor.error("KEYSPACES, TABLES, ROLES, FUNCTIONS or MBEANS")


def _function(cursor: Cursor) -> FunctionResource:
    cursor.expect("function")
    start = cursor.mark()
    name = function_name(cursor)
    if name.keyspace is None:
        cursor.require(features.FUNCTION_WITHOUT_KEYSPACE, start)
    return FunctionResource(name, argument_types(cursor))


def _mbean(cursor: Cursor) -> MBeanResource:
    cursor.require(features.MBEANS)
    pattern = cursor.at("mbeans")
    cursor.expect(cursor.peek())
    start = cursor.mark()
    name = cursor.take()
    fault = mbean_fault(name, pattern=pattern)
    if fault is not None:
        raise cursor.refusal(fault, start)
    return MBeanResource(name, pattern)
