"""Statements on keyspaces: CREATE, ALTER and DROP KEYSPACE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.definitions import AlterKeyspace, CreateKeyspace, DropKeyspace
from cql_builder.dialects import features
from cql_builder.parser.existence import if_exists, if_not_exists
from cql_builder.parser.lexer import END
from cql_builder.parser.names import keyspace_name
from cql_builder.parser.options import options

if TYPE_CHECKING:
    from cql_builder.parser.cursor import Cursor


def create_keyspace(cursor: Cursor) -> CreateKeyspace:
    """Read what follows CREATE KEYSPACE."""
    unless_there = if_not_exists(cursor)
    name = keyspace_name(cursor)
    if cursor.peek() in {END, ";"}:
        cursor.require(features.KEYSPACE_WITHOUT_OPTIONS)
        return CreateKeyspace(name, (), unless_there)
    cursor.expect("with")
    return CreateKeyspace(name, options(cursor), unless_there)


def alter_keyspace(cursor: Cursor) -> AlterKeyspace:
    """Read what follows ALTER KEYSPACE."""
    if_there = if_exists(cursor, features.IF_EXISTS_ON_ALTER)
    name = keyspace_name(cursor)
    cursor.expect("with")
    return AlterKeyspace(name, options(cursor), if_there)


def drop_keyspace(cursor: Cursor) -> DropKeyspace:
    """Read what follows DROP KEYSPACE."""
    if_there = if_exists(cursor)
    return DropKeyspace(keyspace_name(cursor), if_there)
