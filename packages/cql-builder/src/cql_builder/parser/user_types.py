"""Statements on user-defined types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.programs import AddField, AlterFieldType, CreateType, DropType, NamedType, RenameFields
from cql_builder.dialects import features
from cql_builder.parser.existence import if_exists, if_not_exists
from cql_builder.parser.types import data_type, user_type

if TYPE_CHECKING:
    from cql_builder.ast.definitions import SchemaStatement
    from cql_builder.parser.cursor import Cursor


def create_type(cursor: Cursor) -> CreateType:
    """Read what follows CREATE TYPE. Commas between fields may stand doubled, or at the end."""
    unless_there = if_not_exists(cursor)
    name = user_type(cursor)
    cursor.expect("(")
    fields = [_field(cursor)]
    while cursor.accept(","):
        if not cursor.at(",") and not cursor.at(")"):
            fields.append(_field(cursor))
    cursor.expect(")")
    return CreateType(name, tuple(fields), unless_there)


def alter_type(cursor: Cursor) -> SchemaStatement:
    """Read what follows ALTER TYPE."""
    if_there = if_exists(cursor, features.IF_EXISTS_ON_ALTER)
    name = user_type(cursor)
    if cursor.accept("add"):
        unless_there = if_not_exists(cursor, features.IF_NOT_EXISTS_ON_ADD)
        return AddField(name, _field(cursor), if_there, unless_there)
    if cursor.accept("alter"):
        field = cursor.identifier("a field")
        cursor.expect("type")
        return AlterFieldType(name, NamedType(field, data_type(cursor)), if_there)
    if not cursor.accept("rename"):
        raise cursor.error("ADD, ALTER or RENAME")
    if_fields_there = if_exists(cursor, features.IF_NOT_EXISTS_ON_ADD)
    names = [_renamed(cursor)]
    while cursor.accept("and"):
        names.append(_renamed(cursor))
    return RenameFields(name, tuple(names), if_there, if_fields_there)


def drop_type(cursor: Cursor) -> DropType:
    """Read what follows DROP TYPE."""
    if_there = if_exists(cursor)
    return DropType(user_type(cursor), if_there)


def _field(cursor: Cursor) -> NamedType:
    name = cursor.identifier("a field")
    return NamedType(name, data_type(cursor))


def _renamed(cursor: Cursor) -> tuple[str, str]:
    old = cursor.identifier("a field")
    cursor.expect("to")
    return old, cursor.identifier("a field")
