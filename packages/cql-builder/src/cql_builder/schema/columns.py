"""A column of a wanted table, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ColumnDefinition:
    """One column of a wanted table: its name, type, part in the primary key and index.

    Attributes:
        name: the column's name, case-exact and without quotes.
        cql_type: the type as CQL spells it, such as `map<text, frozen<list<int>>>`.
        primary_key: whether the column belongs to the partition key.
        partition_key_index: the column's place among the partition key columns.
        clustering_key: whether the column is a clustering column.
        clustering_key_index: the column's place among the clustering columns.
        clustering_order: `ASC` or `DESC`, for a clustering column.
        static: whether all rows of a partition share the column's value.
        index: whether the column has a secondary index.
        index_name: the index's name; None for `<table>_<column>_idx`, the name the server would give.

    >>> from cql_builder.schema import ColumnDefinition, TableSchema
    >>> columns = [ColumnDefinition("id", "uuid", primary_key=True), ColumnDefinition("tags", "set<text>")]
    >>> [column.name for column in TableSchema.from_columns("products", "shop", columns).columns]
    ['id', 'tags']
    """

    name: str
    cql_type: str
    primary_key: bool = False
    partition_key_index: int = 0
    clustering_key: bool = False
    clustering_key_index: int = 0
    clustering_order: Literal["ASC", "DESC"] = "ASC"
    static: bool = False
    index: bool = False
    index_name: str | None = None
