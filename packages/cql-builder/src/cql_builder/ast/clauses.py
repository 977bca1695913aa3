"""Clauses: the parts of statements that are no relation, such as ordering, USING and SET."""

from __future__ import annotations

from cql_builder.ast.names import ColumnName, IndexName
from cql_builder.ast.node import Node
from cql_builder.ast.terms import Element, Field, FunctionCall, Term


class Ordering(Node):
    """One column of ORDER BY or CLUSTERING ORDER BY. ScyllaDB orders by scoring functions too."""

    column: ColumnName | FunctionCall
    descending: bool = False


class NearestOrdering(Node):
    """ORDER BY the distance to a vector, the nearest first: `v ANN OF ?`."""

    column: ColumnName
    vector: Term
    descending: bool = False


class IndexHints(Node):
    """Which indexes SELECT is to use, or not to: `included_indexes = {i}`."""

    included: bool
    indexes: tuple[IndexName, ...]


class UsingOption(Node):
    """The base of what stands in USING. The order written is kept: it is the order of the markers."""


class UsingTtl(UsingOption):
    """How many seconds what is written lives: `USING TTL ?`."""

    value: Term


class UsingTimestamp(UsingOption):
    """The write's timestamp, in microseconds: `USING TIMESTAMP ?`."""

    value: Term


class UsingTimeout(UsingOption):
    """How long the server may take, as a duration: `USING TIMEOUT 50ms`."""

    value: Term


class UsingServiceLevel(UsingOption):
    """The service level that a statement runs under: `USING SERVICE LEVEL sl`."""

    name: str


class UsingConcurrency(UsingOption):
    """How many parts are worked on at a time: `USING CONCURRENCY 100`."""

    value: Term


class Assign(Node):
    """A column, an element or a field that gets a value: `a = ?`, `m[?] = ?`, `u.street = ?`."""

    target: ColumnName | Element | Field
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
