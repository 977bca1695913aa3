"""Statements that change the schema, and their parts."""

# ruff: noqa: TC001 - the annotations of nodes are resolved at run time, by `typing.get_type_hints`
from __future__ import annotations

from typing import Literal

from cql_builder.ast.clauses import Ordering
from cql_builder.ast.names import ColumnName, IndexName, TableName
from cql_builder.ast.node import Node
from cql_builder.ast.relations import Relation
from cql_builder.ast.statements import Statement
from cql_builder.ast.terms import MapLiteral, Term
from cql_builder.ast.types import DataType

IndexPart = Literal["keys", "values", "entries", "full"]
"""Which part of a collection an index is made of."""


class SchemaStatement(Statement):
    """The base of all statements that change the schema."""


class Option(Node):
    """An option of a keyspace, table, view or index: `comment = 'x'`."""

    name: str
    value: Term


class TableColumn(Node):
    """A column as CREATE TABLE and ALTER TABLE define it."""

    name: ColumnName
    type: DataType
    static: bool = False


class CreateKeyspace(SchemaStatement):
    """CREATE KEYSPACE."""

    name: str
    options: tuple[Option, ...]
    if_not_exists: bool = False


class DropKeyspace(SchemaStatement):
    """DROP KEYSPACE."""

    name: str
    if_exists: bool = False


class CreateTable(SchemaStatement):
    """CREATE TABLE."""

    table: TableName
    columns: tuple[TableColumn, ...]
    partition_key: tuple[ColumnName, ...]
    clustering_key: tuple[ColumnName, ...] = ()
    clustering_order: tuple[Ordering, ...] = ()
    options: tuple[Option, ...] = ()
    if_not_exists: bool = False


class AddColumns(SchemaStatement):
    """ALTER TABLE … ADD."""

    table: TableName
    columns: tuple[TableColumn, ...]


class DropColumns(SchemaStatement):
    """ALTER TABLE … DROP."""

    table: TableName
    columns: tuple[ColumnName, ...]


class AlterTableOptions(SchemaStatement):
    """ALTER TABLE … WITH."""

    table: TableName
    options: tuple[Option, ...]


class DropTable(SchemaStatement):
    """DROP TABLE."""

    table: TableName
    if_exists: bool = False


class IndexTarget(Node):
    """What an index is made of: a column, or a part of a collection column."""

    column: ColumnName
    part: IndexPart | None = None


class CreateIndex(SchemaStatement):
    """CREATE INDEX; it lives in the keyspace of its table, so its name has none."""

    name: str | None
    table: TableName
    target: IndexTarget
    using: str | None = None
    options: MapLiteral | None = None
    if_not_exists: bool = False


class DropIndex(SchemaStatement):
    """DROP INDEX."""

    name: IndexName
    if_exists: bool = False


class CreateMaterializedView(SchemaStatement):
    """CREATE MATERIALIZED VIEW; nothing selected stands for `*`."""

    view: TableName
    selection: tuple[ColumnName, ...]
    table: TableName
    where: tuple[Relation, ...]
    partition_key: tuple[ColumnName, ...]
    clustering_key: tuple[ColumnName, ...] = ()
    clustering_order: tuple[Ordering, ...] = ()
    options: tuple[Option, ...] = ()
    if_not_exists: bool = False


class DropMaterializedView(SchemaStatement):
    """DROP MATERIALIZED VIEW."""

    view: TableName
    if_exists: bool = False
