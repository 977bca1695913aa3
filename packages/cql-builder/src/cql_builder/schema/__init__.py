"""A keyspace as values: columns and tables, and the steps from what is there to what is wanted."""

from __future__ import annotations

from cql_builder.schema.columns import ClusteringColumn, ColumnDefinition, ColumnSchema
from cql_builder.schema.differences import Safety, Step, diff_table
from cql_builder.schema.indexes import IndexSchema
from cql_builder.schema.tables import TableSchema
from cql_builder.schema.types import canonical_type

__all__ = [
    "ClusteringColumn",
    "ColumnDefinition",
    "ColumnSchema",
    "IndexSchema",
    "Safety",
    "Step",
    "TableSchema",
    "canonical_type",
    "diff_table",
]
