"""A keyspace as values: columns and tables, and the steps from what is there to what is wanted.

`ColumnDefinition` and `IndexDefinition` are there at once, for whoever describes tables; what compares them is imported
when it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.deferred import deferring_names
from cql_builder.schema.columns import ColumnDefinition, IndexDefinition

if TYPE_CHECKING:
    from cql_builder.schema.differences import diff_table
    from cql_builder.schema.indexes import IndexSchema
    from cql_builder.schema.interpretation import apply, schema_from_cql
    from cql_builder.schema.keyspace_differences import creation_steps, diff_schema
    from cql_builder.schema.keyspaces import KeyspaceSchema
    from cql_builder.schema.programs import AggregateSchema, FunctionSchema, TypeSchema
    from cql_builder.schema.steps import Safety, Step
    from cql_builder.schema.structure import ClusteringColumn, ColumnSchema, DroppedColumn, TriggerSchema
    from cql_builder.schema.system_rows import SystemQuery, schema_from_rows, system_queries
    from cql_builder.schema.tables import TableSchema
    from cql_builder.schema.types import canonical_type
    from cql_builder.schema.views import ViewSchema

__all__ = [
    "AggregateSchema",
    "ClusteringColumn",
    "ColumnDefinition",
    "ColumnSchema",
    "DroppedColumn",
    "FunctionSchema",
    "IndexDefinition",
    "IndexSchema",
    "KeyspaceSchema",
    "Safety",
    "Step",
    "SystemQuery",
    "TableSchema",
    "TriggerSchema",
    "TypeSchema",
    "ViewSchema",
    "apply",
    "canonical_type",
    "creation_steps",
    "diff_schema",
    "diff_table",
    "schema_from_cql",
    "schema_from_rows",
    "system_queries",
]

_HOMES = {
    "AggregateSchema": "programs",
    "ClusteringColumn": "structure",
    "ColumnSchema": "structure",
    "DroppedColumn": "structure",
    "FunctionSchema": "programs",
    "IndexSchema": "indexes",
    "KeyspaceSchema": "keyspaces",
    "Safety": "steps",
    "Step": "steps",
    "SystemQuery": "system_rows",
    "TableSchema": "tables",
    "TriggerSchema": "structure",
    "TypeSchema": "programs",
    "ViewSchema": "views",
    "apply": "interpretation",
    "canonical_type": "types",
    "creation_steps": "keyspace_differences",
    "diff_schema": "keyspace_differences",
    "diff_table": "differences",
    "schema_from_cql": "interpretation",
    "schema_from_rows": "system_rows",
    "system_queries": "system_rows",
}

if not TYPE_CHECKING:  # a type checker must keep refusing unknown names
    __getattr__, __dir__ = deferring_names(__name__, _HOMES)
