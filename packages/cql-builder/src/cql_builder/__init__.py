"""CQL as a tree: build, compile, compare and analyse statements for Apache Cassandra and ScyllaDB."""

from __future__ import annotations

from cql_builder.ast.names import TableName
from cql_builder.builder import (
    alter_table,
    col,
    create_index,
    create_keyspace,
    create_materialized_view,
    create_table,
    delete_from,
    drop_index,
    drop_keyspace,
    drop_materialized_view,
    drop_table,
    fn,
    insert_into,
    select,
    truncate,
    update,
)
from cql_builder.compiler import Compiled, compile_statement, type_text
from cql_builder.dialects import Dialect
from cql_builder.errors import CqlError
from cql_builder.parser import parse_type

__all__ = [
    "Compiled",
    "CqlError",
    "Dialect",
    "TableName",
    "alter_table",
    "col",
    "compile_statement",
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
    "parse_type",
    "select",
    "truncate",
    "type_text",
    "update",
]
