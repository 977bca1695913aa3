"""A model's table as values: its columns and keys, fixed once the class is complete."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from coodie._schema.column_types import ColumnType
    from cql_builder.schema import ColumnDefinition

ColumnKind = Literal["partition_key", "clustering_key", "static", "regular"]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One field of a model as a column of its table.

    Attributes:
        field: the field's name in Python.
        name: the column's name in CQL: the field's alias, where it has one.
        type: its CQL type and the conversions between field and driver.
        kind: which part of the table it is.
        annotation: the field's annotation, with what Pydantic checks.
        metadata: the metadata that Pydantic keeps apart from the annotation.
        nullable: whether the field allows None.
        descending: whether a clustering column is stored in descending order.
        indexed: whether the column has a secondary index.
        default: makes the field's default; None where the field is required.
        never_empty: whether it is a partition key by itself of a type that can be empty, which a key cannot.
    """

    field: str
    name: str
    type: ColumnType
    kind: ColumnKind
    annotation: Any
    metadata: tuple[Any, ...]
    nullable: bool
    descending: bool = False
    indexed: bool = False
    default: Any = None
    never_empty: bool = False

    def absent(self) -> Any:
        """What a null of this column reads as: None where the field allows it, an empty collection, or its default."""
        if self.nullable:
            return None
        if self.type.empty is not None:
            return self.type.empty()
        return None if self.default is None else self.default()

    @property
    def in_key(self) -> bool:
        """Whether the column belongs to the primary key."""
        return self.kind in ("partition_key", "clustering_key")


@dataclass(frozen=True, slots=True, eq=False)
class ViewDefinition:
    """What a model says of the materialized view that it is.

    Attributes:
        base_table: the name of the table that it is made of.
        columns: the columns that it has; `*` for all of the table.
        where_clause: the condition of its rows; None where no part of its key is null.
    """

    base_table: str
    columns: tuple[str, ...]
    where_clause: str | None


@dataclass(frozen=True, slots=True, eq=False)
class ModelSchema:
    """What a model says about its table.

    Attributes:
        model: the model's name, for sentences.
        table: the table's name.
        keyspace: the keyspace that the model names; None for the connection's own.
        connection: the name of the connection that the model asks for; None for the default one.
        columns: every column, in the order of the fields.
        partition_key: the partition key's columns in order.
        clustering_key: the clustering columns in order.
        definitions: the columns as a driver's `sync_table` takes them.
        options: table options, such as `default_time_to_live`.
        abstract: whether the class is only a base for others and has no table.
        view: what makes it a materialized view; None for a table.
        skips_nulls: whether `save()` leaves alone what is None.
    """

    model: str
    table: str
    keyspace: str | None
    connection: str | None
    columns: tuple[Column, ...]
    partition_key: tuple[Column, ...]
    clustering_key: tuple[Column, ...]
    definitions: tuple[ColumnDefinition, ...]
    options: Mapping[str, Any]
    abstract: bool = False
    view: ViewDefinition | None = None
    skips_nulls: bool = False
    by_name: Mapping[str, Column] = field(init=False)

    def __post_init__(self) -> None:
        """Index the columns by field name and, where it is another, by column name."""
        by_name = {column.name: column for column in self.columns}
        by_name.update({column.field: column for column in self.columns})
        object.__setattr__(self, "by_name", by_name)

    @property
    def key(self) -> tuple[Column, ...]:
        """The primary key: partition key columns, then clustering columns."""
        return (*self.partition_key, *self.clustering_key)

    def key_of(self, changed: Iterable[Column]) -> tuple[Column, ...]:
        """The columns of the key that choose where these are written: static ones belong to the whole partition.

        Cassandra refuses a clustering key where nothing else is mentioned ("Invalid restrictions on clustering columns
        since the UPDATE statement modifies only static columns"), and demands it where anything else is.
        """
        return self.partition_key if all(column.kind == "static" for column in changed) else self.key
