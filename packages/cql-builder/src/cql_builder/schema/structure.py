"""What a table is made of, read and checked: its columns, the order of its rows, its triggers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cql_builder.ast.tables import Constraint, Mask
    from cql_builder.ast.types import DataType


@dataclass(frozen=True, slots=True)
class ColumnSchema:
    """One column of a table: its name and type, and whether all rows of a partition share it.

    Attributes:
        name: the column's name, case-exact and without quotes.
        type: the type in canonical spelling, so that equal types are equal trees.
        static: whether all rows of a partition share the column's value.
        mask: what is shown of it to those who may not see it; None where nothing is masked.
        constraints: what CHECK and NOT NULL ask of its values.
    """

    name: str
    type: DataType
    static: bool = False
    mask: Mask | None = None
    constraints: tuple[Constraint, ...] = ()


@dataclass(frozen=True, slots=True)
class ClusteringColumn:
    """One clustering column, in the order of the key."""

    name: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class DroppedColumn:
    """A column that a table once had: the server remembers it, and what may come back under its name.

    Attributes:
        name: the column's name.
        type: its type; the server remembers user-defined types as tuples.
        static: whether it was static.
    """

    name: str
    type: DataType
    static: bool = False


@dataclass(frozen=True, slots=True)
class TriggerSchema:
    """One trigger of a table: its name, and the Java class that runs."""

    name: str
    using: str
