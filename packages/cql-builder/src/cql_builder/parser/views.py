"""Statements on materialized views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.indexes import AlterMaterializedView, CreateMaterializedView, DropMaterializedView
from cql_builder.dialects import features
from cql_builder.parser.existence import if_exists, if_not_exists
from cql_builder.parser.names import table_name
from cql_builder.parser.options import options
from cql_builder.parser.relations import where_clause
from cql_builder.parser.selectors import selectors
from cql_builder.parser.table_properties import primary_key, table_properties

if TYPE_CHECKING:
    from cql_builder.parser.cursor import Cursor


def create_materialized_view(cursor: Cursor) -> CreateMaterializedView:
    """Read what follows CREATE MATERIALIZED."""
    cursor.expect("view")
    unless_there = if_not_exists(cursor)
    view = table_name(cursor)
    cursor.expect("as", "select")
    selection = selectors(cursor)
    cursor.expect("from")
    table = table_name(cursor)
    where = where_clause(cursor) if cursor.accept("where") else ()
    cursor.expect("primary", "key")
    key = primary_key(cursor)
    properties = table_properties(cursor, features.COMPACT_VIEW)
    return CreateMaterializedView(
        view,
        selection,
        table,
        where,
        key.partition_key,
        key.clustering_key,
        properties.clustering_order,
        properties.options,
        unless_there,
        properties.compact_storage,
    )


def alter_materialized_view(cursor: Cursor) -> AlterMaterializedView:
    """Read what follows ALTER MATERIALIZED."""
    cursor.expect("view")
    if_there = if_exists(cursor, features.IF_EXISTS_ON_ALTER)
    view = table_name(cursor)
    cursor.expect("with")
    return AlterMaterializedView(view, options(cursor), if_there)


def drop_materialized_view(cursor: Cursor) -> DropMaterializedView:
    """Read what follows DROP MATERIALIZED."""
    cursor.expect("view")
    if_there = if_exists(cursor)
    return DropMaterializedView(table_name(cursor), if_there)
