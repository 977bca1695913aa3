"""The pleasant way to make statements: immutable, every value a bind marker."""

from __future__ import annotations

from cql_builder.builder.columns import col
from cql_builder.builder.delete import delete_from, truncate
from cql_builder.builder.functions import fn
from cql_builder.builder.indexes import create_index, drop_index
from cql_builder.builder.insert import insert_into
from cql_builder.builder.keyspaces import create_keyspace, drop_keyspace
from cql_builder.builder.select import select
from cql_builder.builder.tables import alter_table, create_table, drop_table
from cql_builder.builder.update import update
from cql_builder.builder.views import create_materialized_view, drop_materialized_view

__all__ = [
    "alter_table",
    "col",
    "create_index",
    "create_keyspace",
    "create_materialized_view",
    "create_table",
    "delete_from",
    "drop_index",
    "drop_keyspace",
    "drop_materialized_view",
    "drop_table",
    "fn",
    "insert_into",
    "select",
    "truncate",
    "update",
]
