"""What a table is made of, read and checked: its columns, the order of its rows, its triggers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cql_builder.ast.tables import Constraint, Mask
    from cql_builder.ast.types import DataType


@dataclass(frozen=True, slots=True)
class ColumnSchema:
    """One column of a table: its name, its type, and what else is said of it.

    Attributes:
        name: the column's name, case-exact and without quotes.
        type: the type in canonical spelling, so that equal types are equal trees.
        static: whether all rows of a partition share the column's value.
        mask: what is shown of it to those who may not see it; None where nothing is masked.
        constraints: what CHECK and NOT NULL ask of its values.

    >>> from cql_builder.schema import schema_from_cql
    >>> table = schema_from_cql("CREATE TABLE shop.t (id int, k int, s varchar STATIC, PRIMARY KEY (id, k))").table("t")
    >>> table.columns_by_name["s"].static, table.columns_by_name["s"].type
    (True, NativeType(name='text'))
    """

    name: str
    type: DataType
    static: bool = False
    mask: Mask | None = None
    constraints: tuple[Constraint, ...] = ()


@dataclass(frozen=True, slots=True)
class ClusteringColumn:
    """One clustering column, in the order of the key.

    >>> from cql_builder.schema import schema_from_cql
    >>> text = "CREATE TABLE shop.t (id int, k int, PRIMARY KEY (id, k)) WITH CLUSTERING ORDER BY (k DESC)"
    >>> schema_from_cql(text).table("t").clustering_key
    (ClusteringColumn(name='k', descending=True),)
    """

    name: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class DroppedColumn:
    """A column that a table once had.

    The server remembers it, and what may come back under its name depends on it.

    Attributes:
        name: the column's name.
        type: its type; the server remembers user-defined types as tuples.
        static: whether it was static.

    >>> from cql_builder.schema import schema_from_cql
    >>> script = "CREATE TABLE shop.t (id int PRIMARY KEY, old text); ALTER TABLE shop.t DROP old"
    >>> schema_from_cql(script).table("t").dropped
    (DroppedColumn(name='old', type=NativeType(name='text'), static=False),)
    """

    name: str
    type: DataType
    static: bool = False


@dataclass(frozen=True, slots=True)
class TriggerSchema:
    """One trigger of a table: its name, and the Java class that runs.

    >>> from cql_builder.schema import schema_from_cql
    >>> script = "CREATE TABLE shop.t (id int PRIMARY KEY); CREATE TRIGGER audit ON shop.t USING 'org.shop.Audit'"
    >>> schema_from_cql(script).table("t").triggers
    (TriggerSchema(name='audit', using='org.shop.Audit'),)
    """

    name: str
    using: str
