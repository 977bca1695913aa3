"""Terms and selected expressions: what stands where a value or a column of the answer stands."""

from __future__ import annotations

from cql_builder.ast.names import ColumnName, FunctionName
from cql_builder.ast.node import Node


class Term(Node):
    """The base of everything that can stand where a value stands."""


class Bind(Term):
    """A bind marker: `?`, or `:name`. The value it stands for is kept beside the tree, never in it."""

    name: str | None = None


class StringLiteral(Term):
    """A string, as it reads without quotes."""

    text: str


class IntegerLiteral(Term):
    """A whole number, as its digits: no number is too long for CQL's varint."""

    digits: str


class FloatLiteral(Term):
    """A number with a point or exponent, as it was written: a decimal keeps digits that a float would lose."""

    digits: str


class BooleanLiteral(Term):
    """`true` or `false`."""

    value: bool


class MapLiteral(Term):
    """A map: keys and values in the order written."""

    entries: tuple[tuple[Term, Term], ...]


class FunctionCall(Term):
    """A call of a function on columns or terms: `now()`, `min(price)`."""

    function: FunctionName
    arguments: tuple[Term | ColumnName, ...] = ()


class Element(Node):
    """One element of a collection column, by map key or list index: `m[?]`."""

    column: ColumnName
    key: Term


class Token(Node):
    """The token of a partition key: `token(a, b)`."""

    columns: tuple[ColumnName, ...]


class CountRows(Node):
    """How many rows there are: `COUNT(*)`."""


class WriteTime(Node):
    """When a column was written, in microseconds: `writetime(x)`."""

    column: ColumnName


class TimeToLive(Node):
    """How many seconds a column still lives: `ttl(x)`."""

    column: ColumnName


Selectable = ColumnName | Element | Token | CountRows | WriteTime | TimeToLive | Term
"""What can be selected."""


class Alias(Node):
    """A selected expression under a name of its own: `count(x) AS total`."""

    expression: Selectable
    name: str
