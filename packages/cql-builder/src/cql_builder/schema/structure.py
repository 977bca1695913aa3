"""What a table is made of, read and checked: its columns, and the order of its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cql_builder.ast.types import DataType


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
