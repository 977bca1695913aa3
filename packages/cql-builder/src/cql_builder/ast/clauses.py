"""Clauses: the parts of statements that are no relation, such as ordering, USING and SET."""

# ruff: noqa: TC001 - the annotations of nodes are resolved at run time, by `typing.get_type_hints`
from __future__ import annotations

from cql_builder.ast.names import ColumnName
from cql_builder.ast.node import Node
from cql_builder.ast.terms import Element, Term


class Ordering(Node):
    """One column of ORDER BY or CLUSTERING ORDER BY."""

    column: ColumnName
    descending: bool = False


class UsingOption(Node):
    """The base of what stands in USING. The order written is kept: it is the order of the markers."""


class UsingTtl(UsingOption):
    """How many seconds what is written lives: `USING TTL ?`."""

    value: Term


class UsingTimestamp(UsingOption):
    """The write's timestamp, in microseconds: `USING TIMESTAMP ?`."""

    value: Term


class Assign(Node):
    """A column or an element that gets a value: `a = ?`, `m[?] = ?`."""

    target: ColumnName | Element
    value: Term


class Add(Node):
    """A counter, list, set or map that gets more: `c = c + ?`."""

    column: ColumnName
    value: Term


class Prepend(Node):
    """A list that gets more at its front: `c = ? + c`."""

    column: ColumnName
    value: Term


class Subtract(Node):
    """A counter, list, set or map that gets less: `c = c - ?`."""

    column: ColumnName
    value: Term


Assignment = Assign | Add | Prepend | Subtract
"""What stands in SET."""
