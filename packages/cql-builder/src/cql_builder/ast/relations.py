"""Relations: what WHERE and IF are made of, always joined by AND."""

# ruff: noqa: TC001 - the annotations of nodes are resolved at run time, by `typing.get_type_hints`
from __future__ import annotations

from typing import Literal

from cql_builder.ast.names import ColumnName
from cql_builder.ast.node import Node
from cql_builder.ast.terms import Element, Term, Token

ComparisonOperator = Literal["=", "!=", "<", "<=", ">", ">="]
"""How two things compare."""


class Relation(Node):
    """The base of all relations."""


class Comparison(Relation):
    """A column, an element or the token compared with a term: `price >= ?`."""

    left: ColumnName | Element | Token
    operator: ComparisonOperator
    right: Term


class In(Relation):
    """A column or element that is one of several, which are one marker: `id IN ?`."""

    left: ColumnName | Element
    values: Term


class Contains(Relation):
    """A collection that has a value: `tags CONTAINS ?`."""

    column: ColumnName
    value: Term


class ContainsKey(Relation):
    """A map that has a key: `m CONTAINS KEY ?`."""

    column: ColumnName
    key: Term


class Like(Relation):
    """A text that has a pattern, `%` standing for anything: `name LIKE ?`."""

    column: ColumnName
    pattern: Term


class IsNotNull(Relation):
    """A column that has a value: `id IS NOT NULL`; what a materialized view asks of its key."""

    column: ColumnName
