"""Statements that read the schema as text, and those that write remarks on it."""

from __future__ import annotations

from typing import Literal

from cql_builder.ast.definitions import SchemaStatement
from cql_builder.ast.names import ColumnName, FunctionName, IndexName, TableName
from cql_builder.ast.node import Node
from cql_builder.ast.statements import Statement
from cql_builder.ast.types import UserType

DescribedGroup = Literal["cluster", "schema", "full schema", "keyspaces", "tables", "types", "functions", "aggregates"]
"""What DESCRIBE can be asked for as a whole."""

DescribedKind = Literal["table", "index", "materialized view", "type", "function", "aggregate"]
"""What DESCRIBE can be asked for by name, beside keyspaces."""


class DescribeGroup(Statement):
    """DESCRIBE of many things at once: `DESCRIBE TABLES`."""

    group: DescribedGroup
    internals: bool = False
    passwords: bool = False


class DescribeKeyspace(Statement):
    """DESCRIBE KEYSPACE, the session's own where none is named; `only` leaves out what is in it."""

    name: str | None = None
    only: bool = False
    internals: bool = False
    passwords: bool = False


class DescribeNamed(Statement):
    """DESCRIBE of one thing: `DESCRIBE TABLE t`.

    Without a kind, it is of whatever has the name: `DESCRIBE ks.t`.
    """

    kind: DescribedKind | None
    name: TableName | IndexName | UserType | FunctionName
    internals: bool = False
    passwords: bool = False


class KeyspaceName(Node):
    """A keyspace that a remark is on."""

    name: str


class TableColumnName(Node):
    """A column of a table that a remark is on."""

    table: TableName
    column: ColumnName


class FieldName(Node):
    """A field of a type that a remark is on."""

    type: UserType
    field: str


Remarkable = KeyspaceName | TableName | TableColumnName | UserType | FieldName
"""What remarks can be on."""


class CommentOn(SchemaStatement):
    """COMMENT ON; no text takes the comment away."""

    target: Remarkable
    text: str | None


class SecurityLabelOn(SchemaStatement):
    """SECURITY LABEL ON; no label takes the label away."""

    target: Remarkable
    label: str | None
    provider: str | None = None
