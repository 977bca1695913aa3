"""Terms from text: what stands where a value stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from cql_builder.ast.terms import (
    Arithmetic,
    BlobLiteral,
    BooleanLiteral,
    Cast,
    DurationLiteral,
    FloatLiteral,
    FunctionCall,
    IntegerLiteral,
    MapLiteral,
    Negation,
    NullLiteral,
    StringLiteral,
    TupleLiteral,
    TypeHint,
    UserTypeLiteral,
    UuidLiteral,
)
from cql_builder.dialects import features
from cql_builder.parser.collection_literals import elements, entries, list_literal, set_or_map
from cql_builder.parser.lexer import (
    BLOB,
    DURATION,
    FLOAT,
    INTEGER,
    NEGATIVE_INFINITY,
    NEGATIVE_NAN,
    STRING,
    UUID,
    token_value,
)
from cql_builder.parser.names import at_function_call, called_function
from cql_builder.parser.types import data_type, end_of_type, native_type

if TYPE_CHECKING:
    from collections.abc import Callable

    from cql_builder.ast.terms import ArithmeticOperator, Selectable, Term
    from cql_builder.parser.cursor import Cursor

S = TypeVar("S", bound="Selectable")

_OPERATORS = frozenset("+-*/%")
_SUMS: Final[dict[str, ArithmeticOperator]] = {"+": "+", "-": "-"}
_PRODUCTS: Final[dict[str, ArithmeticOperator]] = {"*": "*", "/": "/", "%": "%"}

_EMPTY_DURATIONS = frozenset({"P", "PT"})
"""What is a duration without a number to ScyllaDB, and a word to Cassandra."""

_CONSTANTS: dict[str, Callable[[str], Term]] = {
    STRING: lambda raw: StringLiteral(token_value(STRING, raw)),
    INTEGER: IntegerLiteral,
    FLOAT: FloatLiteral,
    DURATION: DurationLiteral,
    UUID: lambda raw: UuidLiteral(raw.lower()),
    BLOB: lambda raw: BlobLiteral(raw[2:].lower()),
    "true": lambda _: BooleanLiteral(value=True),
    "false": lambda _: BooleanLiteral(value=False),
    "nan": lambda _: FloatLiteral("NaN"),
    "infinity": lambda _: FloatLiteral("Infinity"),
    NEGATIVE_NAN: lambda _: FloatLiteral("-NaN"),
    NEGATIVE_INFINITY: lambda _: FloatLiteral("-Infinity"),
}


def constant(cursor: Cursor) -> Term | None:
    """Read a constant if one is next: a string, number, boolean, duration, UUID or blob, not `null`."""
    position = cursor.position
    make = _CONSTANTS.get(cursor.kinds[position])
    if make is None:
        return None
    cursor.position = position + 1
    return make(cursor.raws[position])


def is_constant(kind: str) -> bool:
    """Whether a token of this kind is a constant."""
    return kind in _CONSTANTS


def term(cursor: Cursor, *, before_column: bool = False) -> Term:
    """Read a term.

    Args:
        cursor: where to read.
        before_column: whether a plus and a column may follow, as in `SET l = [1] + l`; both are left to be read.
    """
    left = simple_term(cursor) if cursor.kinds[cursor.position] != "-" else _operand(cursor)
    if cursor.kinds[cursor.position] not in _OPERATORS:
        return left
    return arithmetic(cursor, left, _operand, before_column=before_column)


def arithmetic(
    cursor: Cursor, left: S, operand: Callable[[Cursor], S], *, before_column: bool = False
) -> S | Arithmetic:
    """Read what follows the first operand, products before sums, both from the left."""
    kinds = cursor.kinds
    product: S | Arithmetic = left
    addend: S | Arithmetic | None = None
    sign: ArithmeticOperator = "+"
    while True:
        kind = kinds[cursor.position]
        if kind not in _OPERATORS or (before_column and kind == "+" and cursor.is_column(1)):
            return product if addend is None else Arithmetic(addend, sign, product)
        cursor.require(features.ARITHMETIC)
        cursor.position += 1
        factor_sign = _PRODUCTS.get(kind)
        if factor_sign is not None:
            product = Arithmetic(product, factor_sign, operand(cursor))
            continue
        addend = product if addend is None else Arithmetic(addend, sign, product)
        sign = _SUMS[kind]
        product = operand(cursor)


def simple_term(cursor: Cursor) -> Term:
    """Read a term without operators."""
    position = cursor.position
    kind = cursor.kinds[position]
    make = _CONSTANTS.get(kind)
    if make is not None:
        cursor.position = position + 1
        return make(cursor.raws[position])
    read = _READERS.get(kind)
    if read is not None:
        return read(cursor)
    if kind == "cast" and cursor.kinds[position + 1] == "(":
        return _cast(cursor)
    if not at_function_call(cursor):
        if cursor.raws[position] in _EMPTY_DURATIONS:
            cursor.require(features.EMPTY_DURATION)
        raise cursor.error("a value")
    function = called_function(cursor)
    cursor.position += 1
    if cursor.accept(")"):
        return FunctionCall(function)
    with cursor.nested("terms"):
        arguments = elements(cursor, term)
    cursor.expect(")")
    return FunctionCall(function, arguments)


def map_literal(cursor: Cursor) -> MapLiteral:
    """Read a map in braces, which may be empty."""
    cursor.expect("{")
    if cursor.accept("}"):
        return MapLiteral(())
    with cursor.nested("terms"):
        key = term(cursor)
        literal = entries(cursor, key, term)
    cursor.expect("}")
    return literal


def tuple_literal(cursor: Cursor) -> TupleLiteral:
    """Read a tuple in parentheses."""
    cursor.expect("(")
    with cursor.nested("terms"):
        found = elements(cursor, term)
    cursor.expect(")")
    return TupleLiteral(found)


def _operand(cursor: Cursor) -> Term:
    if cursor.kinds[cursor.position] != "-":
        return simple_term(cursor)
    negative = signed_constant(cursor)
    if negative is not None:
        return negative
    cursor.require(features.ARITHMETIC)
    cursor.position += 1
    return Negation(simple_term(cursor))


def signed_constant(cursor: Cursor) -> Term | None:
    """Read `- NaN` or `- Infinity` if it is next and one constant to the dialect, as it is to ScyllaDB."""
    following = cursor.kinds[cursor.position + 1]
    if following not in {"nan", "infinity"} or features.ARITHMETIC in cursor.dialect.features:
        return None
    cursor.position += 2
    return FloatLiteral("-NaN" if following == "nan" else "-Infinity")


def _null(cursor: Cursor) -> Term:
    cursor.position += 1
    return NullLiteral()


def _marker(cursor: Cursor) -> Term:
    marker = cursor.marker()
    if marker is None:
        raise cursor.error("a bind marker")
    return marker


def _list(cursor: Cursor) -> Term:
    return list_literal(cursor, term)


def _braces(cursor: Cursor) -> Term:
    cursor.position += 1
    if cursor.accept("}"):
        return MapLiteral(())
    with cursor.nested("terms"):
        literal = _user_type(cursor) if cursor.is_name() and cursor.peek(1) == ":" else set_or_map(cursor, term)
    cursor.expect("}")
    return literal


def _user_type(cursor: Cursor) -> Term:
    fields = [_field(cursor)]
    while cursor.accept(","):
        fields.append(_field(cursor))
    return UserTypeLiteral(tuple(fields))


def _field(cursor: Cursor) -> tuple[str, Term]:
    name = cursor.identifier("a field")
    cursor.expect(":")
    return name, term(cursor)


def _parentheses(cursor: Cursor) -> Term:
    end = end_of_type(cursor, cursor.position + 1)
    if end < 0 or cursor.kinds[end] != ")" or not _starts_term(cursor, end + 1):
        return tuple_literal(cursor)
    cursor.position += 1
    hint = data_type(cursor)
    cursor.expect(")")
    with cursor.nested("terms"):
        if cursor.kinds[cursor.position] == "-":
            hinted = signed_constant(cursor)
            if hinted is not None:
                return TypeHint(hint, hinted)
        return TypeHint(hint, simple_term(cursor))


def _starts_term(cursor: Cursor, index: int) -> bool:
    kind = cursor.kinds[index]
    ahead = index - cursor.position
    if kind == ":":
        return cursor.is_name(ahead + 1) and not at_function_call(cursor, ahead + 1)
    if kind == "-":
        return features.ARITHMETIC not in cursor.dialect.features
    return kind in _CONSTANTS or kind in _READERS or at_function_call(cursor, ahead) or kind == "cast"


def _cast(cursor: Cursor) -> Term:
    cursor.require(features.CAST_TERM)
    cursor.position += 2
    with cursor.nested("terms"):
        value = simple_term(cursor)
    cursor.expect("as")
    cast = Cast(value, native_type(cursor))
    cursor.expect(")")
    return cast


_READERS: dict[str, Callable[[Cursor], Term]] = {
    "null": _null,
    "?": _marker,
    ":": _marker,
    "(": _parentheses,
    "[": _list,
    "{": _braces,
}
