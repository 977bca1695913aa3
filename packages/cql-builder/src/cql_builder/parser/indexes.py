"""Statements on indexes and triggers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.indexes import (
    CreateIndex,
    CreateTrigger,
    DropIndex,
    DropTrigger,
    IndexTarget,
    LocalIndexTarget,
)
from cql_builder.dialects import features
from cql_builder.parser.existence import if_exists, if_not_exists
from cql_builder.parser.names import index_name, table_name
from cql_builder.parser.table_properties import table_properties

if TYPE_CHECKING:
    from cql_builder.ast.indexes import IndexPart
    from cql_builder.parser.cursor import Cursor

_PARTS: dict[str, IndexPart] = {"keys": "keys", "values": "values", "entries": "entries", "full": "full"}


def create_index(cursor: Cursor) -> CreateIndex:
    """Read what follows CREATE INDEX."""
    return _create_index(cursor, custom=False)


def create_custom_index(cursor: Cursor) -> CreateIndex:
    """Read what follows CREATE CUSTOM."""
    cursor.expect("index")
    return _create_index(cursor, custom=True)


def drop_index(cursor: Cursor) -> DropIndex:
    """Read what follows DROP INDEX."""
    if_there = if_exists(cursor)
    return DropIndex(index_name(cursor), if_there)


def create_trigger(cursor: Cursor) -> CreateTrigger:
    """Read what follows CREATE TRIGGER."""
    cursor.require(features.TRIGGERS, cursor.mark() - 1)
    unless_there = if_not_exists(cursor)
    name = cursor.identifier("a trigger")
    cursor.expect("on")
    table = table_name(cursor)
    cursor.expect("using")
    return CreateTrigger(name, table, cursor.string("the trigger's class as a string"), unless_there)


def drop_trigger(cursor: Cursor) -> DropTrigger:
    """Read what follows DROP TRIGGER."""
    cursor.require(features.TRIGGERS, cursor.mark() - 1)
    if_there = if_exists(cursor)
    name = cursor.identifier("a trigger")
    cursor.expect("on")
    return DropTrigger(name, table_name(cursor), if_there)


def _create_index(cursor: Cursor, *, custom: bool) -> CreateIndex:
    unless_there = if_not_exists(cursor)
    name = None if cursor.at("on") else cursor.identifier("an index or ON")
    cursor.expect("on")
    table = table_name(cursor)
    cursor.expect("(")
    # A custom index may be of no column in particular: of the whole row.
    targets = () if cursor.at(")") else cursor.comma_separated(lambda: _target(cursor))
    cursor.expect(")")
    using = cursor.string("the index's class as a string") if cursor.accept("using") else None
    properties = table_properties(cursor, features.VIEW_OF_INDEX, features.VIEW_OF_INDEX)
    return CreateIndex(
        name,
        table,
        targets,
        using,
        properties.options,
        unless_there,
        custom,
        properties.clustering_order,
        properties.compact_storage,
    )


def _target(cursor: Cursor) -> IndexTarget | LocalIndexTarget:
    if cursor.at("("):
        cursor.require(features.LOCAL_INDEX)
        cursor.expect("(")
        columns = cursor.comma_separated(cursor.column)
        cursor.expect(")")
        return LocalIndexTarget(columns)
    part = _PARTS.get(cursor.peek())
    if part is None or cursor.peek(1) != "(":
        return IndexTarget(cursor.column("a column, KEYS, VALUES, ENTRIES or FULL"))
    cursor.expect(part, "(")
    column = cursor.column()
    cursor.expect(")")
    return IndexTarget(column, part)
