"""A column of a wanted table, and the indexes on it, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from cql_builder.schema.frozen import freeze

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cql_builder.ast.indexes import IndexPart


@dataclass(frozen=True, slots=True)
class IndexDefinition:
    """One index on a column of a wanted table, beside or instead of the plain one.

    Attributes:
        name: the index's name; None for one that is made of the table's and the column's.
        part: the part of a collection that it is made of; None for the values, or for a frozen one as a whole.
        index_class: the class of an index that is not the server's plain one: `sai`, `sasi` or a Java class. None is
            the plain one, and where another is there that finds equal values too it serves.
        options: the options of such an index.

    >>> IndexDefinition(index_class="sai", options={"case_sensitive": "false"}).index_class
    'sai'
    """

    name: str | None = None
    part: IndexPart | None = None
    index_class: str | None = None
    options: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        """Keep copies that nobody else can change."""
        freeze(self, "options")


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
        indexes: further indexes, or others than the plain one.

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
    indexes: tuple[IndexDefinition, ...] = ()
