"""Statements on indexes, triggers and materialized views: what is kept up to date beside a table."""

from __future__ import annotations

from typing import Literal

from cql_builder.ast.clauses import Ordering
from cql_builder.ast.definitions import Option, SchemaStatement
from cql_builder.ast.names import ColumnName, IndexName, TableName
from cql_builder.ast.node import Node
from cql_builder.ast.relations import Relation
from cql_builder.ast.terms import Alias, Selectable

IndexPart = Literal["keys", "values", "entries", "full"]
"""Which part of a collection an index is made of."""


class IndexTarget(Node):
    """What an index is made of: a column, or a part of a collection column."""

    column: ColumnName
    part: IndexPart | None = None


class LocalIndexTarget(Node):
    """The partition key of a local index, ScyllaDB's own: `((pk), c)`."""

    columns: tuple[ColumnName, ...]


class CreateIndex(SchemaStatement):
    """CREATE INDEX; it lives in the keyspace of its table, so its name has none.

    The order and COMPACT STORAGE are of the view that ScyllaDB makes of an index.
    """

    name: str | None
    table: TableName
    targets: tuple[IndexTarget | LocalIndexTarget, ...]
    using: str | None = None
    options: tuple[Option, ...] = ()
    if_not_exists: bool = False
    custom: bool = False
    clustering_order: tuple[Ordering, ...] = ()
    compact_storage: bool = False


class DropIndex(SchemaStatement):
    """DROP INDEX."""

    name: IndexName
    if_exists: bool = False


class CreateTrigger(SchemaStatement):
    """CREATE TRIGGER."""

    name: str
    table: TableName
    using: str
    if_not_exists: bool = False


class DropTrigger(SchemaStatement):
    """DROP TRIGGER."""

    name: str
    table: TableName
    if_exists: bool = False


class CreateMaterializedView(SchemaStatement):
    """CREATE MATERIALIZED VIEW; nothing selected stands for `*`."""

    view: TableName
    selection: tuple[Selectable | Alias, ...]
    table: TableName
    where: tuple[Relation, ...]
    partition_key: tuple[ColumnName, ...]
    clustering_key: tuple[ColumnName, ...] = ()
    clustering_order: tuple[Ordering, ...] = ()
    options: tuple[Option, ...] = ()
    if_not_exists: bool = False
    compact_storage: bool = False


class AlterMaterializedView(SchemaStatement):
    """ALTER MATERIALIZED VIEW … WITH."""

    view: TableName
    options: tuple[Option, ...]
    if_exists: bool = False


class DropMaterializedView(SchemaStatement):
    """DROP MATERIALIZED VIEW."""

    view: TableName
    if_exists: bool = False
