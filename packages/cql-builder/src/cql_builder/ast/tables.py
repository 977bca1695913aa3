"""Statements that change tables, and the columns in them."""

from __future__ import annotations

from typing import Literal

from cql_builder.ast.clauses import Ordering
from cql_builder.ast.definitions import Option, SchemaStatement
from cql_builder.ast.names import ColumnName, FunctionName, TableName
from cql_builder.ast.node import Node
from cql_builder.ast.relations import ComparisonOperator
from cql_builder.ast.terms import Term
from cql_builder.ast.types import DataType

CopiedPart = Literal["indexes", "comments", "security labels"]
"""What a copied table takes over beside its columns."""


class Mask(Node):
    """What a column shows to those who may not see it.

    `MASKED WITH DEFAULT` has no function, `MASKED WITH mask_inner(1, null)` has one.
    """

    function: FunctionName | None = None
    arguments: tuple[Term, ...] = ()


class Constraint(Node):
    """The base of what CHECK holds."""


class NotNullConstraint(Constraint):
    """`NOT NULL`."""


class ComparisonConstraint(Constraint):
    """A column compared with a constant: `a > 0`."""

    column: ColumnName
    operator: ComparisonOperator
    value: Term


class FunctionConstraint(Constraint):
    """A function of the column: `JSON`, `LENGTH() < 20`, `REGEXP() = 'x.*'`.

    Without `arguments` there are no parentheses; without `operator` nothing is compared.
    """

    function: str
    arguments: tuple[ColumnName | Term, ...] | None = None
    operator: ComparisonOperator | None = None
    value: Term | None = None


class TableColumn(Node):
    """A column as CREATE TABLE and ALTER TABLE define it; `ttl` is ScyllaDB's column of each row's end."""

    name: ColumnName
    type: DataType
    static: bool = False
    not_null: bool = False
    mask: Mask | None = None
    constraints: tuple[Constraint, ...] = ()
    ttl: bool = False


class CreateTable(SchemaStatement):
    """CREATE TABLE."""

    table: TableName
    columns: tuple[TableColumn, ...]
    partition_key: tuple[ColumnName, ...]
    clustering_key: tuple[ColumnName, ...] = ()
    clustering_order: tuple[Ordering, ...] = ()
    options: tuple[Option, ...] = ()
    if_not_exists: bool = False
    compact_storage: bool = False


class CopyTable(SchemaStatement):
    """CREATE TABLE … LIKE: an empty table with the columns of another."""

    table: TableName
    source: TableName
    parts: tuple[CopiedPart, ...] = ()
    options: tuple[Option, ...] = ()
    if_not_exists: bool = False


class AddColumns(SchemaStatement):
    """ALTER TABLE … ADD."""

    table: TableName
    columns: tuple[TableColumn, ...]
    if_exists: bool = False
    if_not_exists: bool = False


class DropColumns(SchemaStatement):
    """ALTER TABLE … DROP; the timestamp says, in microseconds, what was written before the drop."""

    table: TableName
    columns: tuple[ColumnName, ...]
    if_exists: bool = False
    if_columns_exist: bool = False
    timestamp: Term | None = None


class RenameColumns(SchemaStatement):
    """ALTER TABLE … RENAME: pairs of old and new name."""

    table: TableName
    names: tuple[tuple[ColumnName, ColumnName], ...]
    if_exists: bool = False
    if_columns_exist: bool = False


class AlterColumnType(SchemaStatement):
    """ALTER TABLE … ALTER … TYPE.

    ScyllaDB takes a type that reads what was written, Cassandra 4.0 and later none.
    """

    table: TableName
    column: ColumnName
    type: DataType
    if_exists: bool = False


class MaskColumn(SchemaStatement):
    """ALTER TABLE … ALTER … MASKED WITH, or DROP MASKED without a mask."""

    table: TableName
    column: ColumnName
    mask: Mask | None
    if_exists: bool = False
    if_column_exists: bool = False


class ConstrainColumn(SchemaStatement):
    """ALTER TABLE … ALTER … CHECK, or DROP CHECK without constraints."""

    table: TableName
    column: ColumnName
    constraints: tuple[Constraint, ...]
    if_exists: bool = False
    if_column_exists: bool = False


class AlterTableOptions(SchemaStatement):
    """ALTER TABLE … WITH."""

    table: TableName
    options: tuple[Option, ...]
    if_exists: bool = False


class DropCompactStorage(SchemaStatement):
    """ALTER TABLE … DROP COMPACT STORAGE."""

    table: TableName
    if_exists: bool = False


class ExpireRows(SchemaStatement):
    """ALTER TABLE … TTL: the column that holds each row's end, ScyllaDB's own; none is `TTL NULL`."""

    table: TableName
    column: ColumnName | None


class DropTable(SchemaStatement):
    """DROP TABLE."""

    table: TableName
    if_exists: bool = False
