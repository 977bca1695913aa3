"""Statements that read and write rows."""

# ruff: noqa: TC001 - the annotations of nodes are resolved at run time, by `typing.get_type_hints`
from __future__ import annotations

from typing import Literal

from cql_builder.ast.clauses import Assignment, Ordering, UsingOption
from cql_builder.ast.names import ColumnName, TableName
from cql_builder.ast.node import Node
from cql_builder.ast.relations import Relation
from cql_builder.ast.terms import Alias, Element, Selectable, Term


class Statement(Node):
    """The base of all statements."""


class Select(Statement):
    """SELECT; nothing selected stands for `*`."""

    selection: tuple[Selectable | Alias, ...]
    table: TableName
    where: tuple[Relation, ...] = ()
    order_by: tuple[Ordering, ...] = ()
    per_partition_limit: Term | None = None
    limit: Term | None = None
    distinct: bool = False
    json: bool = False
    allow_filtering: bool = False


class Insert(Statement):
    """INSERT of one row, column by column."""

    table: TableName
    columns: tuple[ColumnName, ...]
    values: tuple[Term, ...]
    if_not_exists: bool = False
    using: tuple[UsingOption, ...] = ()


class InsertJson(Statement):
    """INSERT of one row given as a JSON text; `default` says what columns become that the text does not have."""

    table: TableName
    json: Term
    default: Literal["null", "unset"] | None = None
    if_not_exists: bool = False
    using: tuple[UsingOption, ...] = ()


class Update(Statement):
    """UPDATE; `conditions` and `if_exists` exclude each other."""

    table: TableName
    assignments: tuple[Assignment, ...]
    where: tuple[Relation, ...]
    using: tuple[UsingOption, ...] = ()
    conditions: tuple[Relation, ...] = ()
    if_exists: bool = False


class Delete(Statement):
    """DELETE of rows or, with `targets`, of columns and elements; `conditions` and `if_exists` exclude each other."""

    table: TableName
    where: tuple[Relation, ...]
    targets: tuple[ColumnName | Element, ...] = ()
    using: tuple[UsingOption, ...] = ()
    conditions: tuple[Relation, ...] = ()
    if_exists: bool = False


class Truncate(Statement):
    """TRUNCATE: all rows of a table gone."""

    table: TableName
