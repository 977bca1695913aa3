"""Terms: what stands where a value stands, and, with columns in it, what SELECT asks for."""

from __future__ import annotations

from typing import Literal

from cql_builder.ast.names import ColumnName, FunctionName, NativeFunctionName
from cql_builder.ast.node import Node
from cql_builder.ast.types import DataType, NativeType

ArithmeticOperator = Literal["+", "-", "*", "/", "%"]
"""How two numbers make a third."""


class Term(Node):
    """The base of everything that can stand where a value stands. Only in SELECT are there columns inside."""


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
    """A number with a point or exponent, as it was written.

    A decimal keeps digits that a float would lose.

    `NaN`, `Infinity` and `-Infinity` are floats too.
    """

    digits: str


class BooleanLiteral(Term):
    """`true` or `false`."""

    value: bool


class NullLiteral(Term):
    """`null`."""


class UuidLiteral(Term):
    """A UUID, as its 36 characters in lower case."""

    text: str


class BlobLiteral(Term):
    """Bytes, as hexadecimal digits in lower case without `0x`."""

    digits: str


class DurationLiteral(Term):
    """A duration, as it was written: `1y2mo3d4h`, `P1Y2M3DT4H`."""

    text: str


class ListLiteral(Term):
    """A list or vector: `[1, 2]`."""

    elements: tuple[Selectable, ...]


class SetLiteral(Term):
    """A set: `{1, 2}`. The empty one is `MapLiteral(())`: CQL writes both as `{}`."""

    elements: tuple[Selectable, ...]


class MapLiteral(Term):
    """A map: keys and values in the order written. Without entries it is the empty map or set."""

    entries: tuple[tuple[Selectable, Selectable], ...]


class UserTypeLiteral(Term):
    """A value of a user-defined type: `{street: 'x', zip: 1}`."""

    fields: tuple[tuple[str, Term], ...]


class TupleLiteral(Term):
    """A tuple: `(1, 'a')`. In SELECT one of a single element is a group: `(a + b) * c`."""

    elements: tuple[Selectable, ...]


class TypeHint(Term):
    """A term that is told its type: `(int)?`."""

    type: DataType
    term: Selectable


class Cast(Term):
    """A term turned into another type: `CAST(a AS text)`."""

    term: Selectable
    type: NativeType


class Arithmetic(Term):
    """Two terms that make a third: `a + 1`.

    What binds weaker stands inside a `TupleLiteral` of one element.
    """

    left: Selectable
    operator: ArithmeticOperator
    right: Selectable


class Negation(Term):
    """A term with its sign changed: `-a`."""

    term: Selectable


class FunctionCall(Term):
    """A call of a function: `now()`, `min(price)`."""

    function: FunctionName | NativeFunctionName
    arguments: tuple[Selectable, ...] = ()


class RowReference(Term):
    """What a transaction has read: `row.price`; without `selection`, whether there was a row."""

    row: str
    selection: Selectable | None = None


class Element(Node):
    """One element of a collection, by map key or list index: `m[?]`."""

    receiver: Selectable
    key: Term


class Slice(Node):
    """The elements of a collection from one key to another, both included: `m['a'..'c']`, `l[1..]`."""

    receiver: Selectable
    start: Term | None = None
    end: Term | None = None


class Field(Node):
    """A field of a user-defined type: `address.street`."""

    receiver: Selectable
    name: str


class Token(Node):
    """The token of a partition key: `token(a, b)`."""

    columns: tuple[ColumnName, ...]


class CountRows(Node):
    """How many rows there are: `COUNT(*)`."""


class WriteTime(Node):
    """When a column, or a part of it, was written, in microseconds: `writetime(x)`."""

    column: ColumnName | Element | Slice | Field


class MaxWriteTime(Node):
    """When the youngest part of a column was written, in microseconds: `maxwritetime(x)`."""

    column: ColumnName | Element | Slice | Field


class TimeToLive(Node):
    """How many seconds a column, or a part of it, still lives: `ttl(x)`."""

    column: ColumnName | Element | Slice | Field


Selectable = ColumnName | Element | Slice | Field | Token | CountRows | WriteTime | MaxWriteTime | TimeToLive | Term
"""What can be selected."""


class Alias(Node):
    """A selected expression under a name of its own: `count(x) AS total`."""

    expression: Selectable
    name: str
