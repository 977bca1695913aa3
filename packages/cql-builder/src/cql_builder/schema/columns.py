"""A column of a table, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from cql_builder.ast.types import DataType


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


@dataclass(frozen=True, slots=True)
class ColumnSchema:
    """One column of a table: its name and type, and whether all rows of a partition share it.

    Attributes:
        name: the column's name, case-exact and without quotes.
        type: the type in canonical spelling, so that equal types are equal trees.
        static: whether all rows of a partition share the column's value.
    """

    name: str
    type: DataType
    static: bool = False


@dataclass(frozen=True, slots=True)
class ClusteringColumn:
    """One clustering column, in the order of the key."""

    name: str
    descending: bool = False
