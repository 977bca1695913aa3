"""A keyspace as values: columns and tables, and the steps from what is there to what is wanted.

`ColumnDefinition` is there at once, for whoever describes tables; what compares them is imported when it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.schema.columns import ColumnDefinition

if TYPE_CHECKING:
    from cql_builder.schema.differences import Safety, Step, diff_table
    from cql_builder.schema.indexes import IndexSchema
    from cql_builder.schema.structure import ClusteringColumn, ColumnSchema
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

_HOMES = {
    "ClusteringColumn": "structure",
    "ColumnSchema": "structure",
    "IndexSchema": "indexes",
    "Safety": "differences",
    "Step": "differences",
    "TableSchema": "tables",
    "canonical_type": "types",
    "diff_table": "differences",
}

if not TYPE_CHECKING:  # a type checker must keep refusing unknown names

    def __getattr__(name: str) -> object:
        from importlib import import_module  # noqa: PLC0415 - only what asks for more pays for it

        home = _HOMES.get(name)
        if home is None:
            message = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(message)
        return getattr(import_module(f"{__name__}.{home}"), name)
