"""Renderers of terms: what stands where a value stands, in WHERE, SET, VALUES and everywhere else but SELECT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast import terms
from cql_builder.compiler.literals import LITERAL_OR_MARKER
from cql_builder.compiler.names import called_function
from cql_builder.compiler.rendering import Rule
from cql_builder.compiler.types import TYPE, native_type
from cql_builder.dialects.features import ARITHMETIC, CAST_TERM

if TYPE_CHECKING:
    from cql_builder.ast.terms import Selectable
    from cql_builder.compiler.rendering import Rendering

_ADDITIVE = frozenset({"+", "-"})
_MULTIPLICATIVE = frozenset({"*", "/", "%"})
# `-1`, `--`, `-NaN`, `-Infinity` and `-P1D` are read as one word each, and after `-n` and `-i` nothing else is tried.
_NOT_AFTER_MINUS = frozenset("-0123456789NnIiP")
_EMPTY_SET = "a set without elements is written as a map without entries: MapLiteral(())"


def list_literal(node: terms.ListLiteral, rendering: Rendering, place: Rule) -> str:
    """Return a list whose elements stand in `place`."""
    return f"[{place.join(node.elements, rendering)}]"


def set_literal(node: terms.SetLiteral, rendering: Rendering, place: Rule) -> str:
    """Return a set whose elements stand in `place`."""
    if not node.elements:
        rendering.refuse(_EMPTY_SET)
    return f"{{{place.join(node.elements, rendering)}}}"


def map_literal(node: terms.MapLiteral, rendering: Rendering, place: Rule) -> str:
    """Return a map whose keys and values stand in `place`."""
    entries = [f"{place.text(key, rendering)}: {place.text(value, rendering)}" for key, value in node.entries]
    return f"{{{', '.join(entries)}}}"


def tuple_literal(node: terms.TupleLiteral, rendering: Rendering, place: Rule) -> str:
    """Return a tuple whose elements stand in `place`."""
    rendering.require_some(node.elements, "the element of a tuple", "give at least one")
    return f"({place.join(node.elements, rendering)})"


def arithmetic(node: terms.Arithmetic, rendering: Rendering, place: Rule, grouping: str) -> str:
    """Return two terms and what is done with them; `grouping` says what to do with an operand that binds weaker.

    A sum of many operands is a tree as deep as it is long, to the left: it is followed by a loop.
    """
    rendering.require(ARITHMETIC)
    chain: list[terms.Arithmetic] = []
    left: Selectable = node
    while isinstance(left, terms.Arithmetic):
        _check_operator(left, rendering, grouping)
        chain.append(left)
        left = left.left
    pieces = [place.text(left, rendering)]
    for link in reversed(chain):
        pieces += link.operator, place.text(link.right, rendering)
    return " ".join(pieces)


def _check_operator(node: terms.Arithmetic, rendering: Rendering, grouping: str) -> None:
    additive = node.operator in _ADDITIVE
    if not additive and node.operator not in _MULTIPLICATIVE:
        rendering.refuse(f"there is no operator {node.operator!r}; there is +, -, *, / and %")
    left, right = node.left, node.right
    weak_left = not additive and isinstance(left, terms.Arithmetic) and left.operator in _ADDITIVE
    weak_right = isinstance(right, terms.Arithmetic) and (not additive or right.operator in _ADDITIVE)
    if weak_left or weak_right:
        rendering.refuse(f"an operand of {node.operator} binds weaker than it; {grouping}")


def negated(operand: str) -> str:
    """Return an operand with a minus sign before it."""
    return f"- {operand}" if operand[0] in _NOT_AFTER_MINUS else f"-{operand}"


def refuse_arithmetic(term: Selectable, rendering: Rendering, what: str, grouping: str) -> None:
    """Refuse arithmetic where only a single term stands."""
    if isinstance(term, terms.Arithmetic):
        rendering.refuse(f"{what} takes no arithmetic; {grouping}")


def _list_literal(node: terms.ListLiteral, rendering: Rendering) -> str:
    return list_literal(node, rendering, TERM)


def _set_literal(node: terms.SetLiteral, rendering: Rendering) -> str:
    return set_literal(node, rendering, TERM)


def _map_literal(node: terms.MapLiteral, rendering: Rendering) -> str:
    return map_literal(node, rendering, TERM)


def _user_type_literal(node: terms.UserTypeLiteral, rendering: Rendering) -> str:
    rendering.require_some(node.fields, "the field of a value of a user-defined type", "give at least one")
    fields = [f"{rendering.identifier(name)}: {TERM.text(value, rendering)}" for name, value in node.fields]
    return f"{{{', '.join(fields)}}}"


def _tuple_literal(node: terms.TupleLiteral, rendering: Rendering) -> str:
    return tuple_literal(node, rendering, TERM)


def _function_call(node: terms.FunctionCall, rendering: Rendering) -> str:
    return f"{called_function(node.function, rendering)}({TERM.join(node.arguments, rendering)})"


_GROUPING = "only SELECT has groups: compute it before it is sent"


def _type_hint(node: terms.TypeHint, rendering: Rendering) -> str:
    refuse_arithmetic(node.term, rendering, "a type hint", _GROUPING)
    return f"({TYPE.text(node.type, rendering)}){SIMPLE_TERM.text(node.term, rendering)}"


def _cast(node: terms.Cast, rendering: Rendering) -> str:
    rendering.require(CAST_TERM)
    refuse_arithmetic(node.term, rendering, "CAST outside SELECT", _GROUPING)
    return f"CAST({SIMPLE_TERM.text(node.term, rendering)} AS {native_type(node.type, rendering)})"


def _arithmetic(node: terms.Arithmetic, rendering: Rendering) -> str:
    return arithmetic(node, rendering, TERM, _GROUPING)


def _negation(node: terms.Negation, rendering: Rendering) -> str:
    rendering.require(ARITHMETIC)
    refuse_arithmetic(node.term, rendering, "a minus sign", _GROUPING)
    return negated(SIMPLE_TERM.text(node.term, rendering))


VALUE = Rule(
    "a value",
    {
        **LITERAL_OR_MARKER,
        terms.ListLiteral: _list_literal,
        terms.SetLiteral: _set_literal,
        terms.MapLiteral: _map_literal,
        terms.UserTypeLiteral: _user_type_literal,
        terms.TupleLiteral: _tuple_literal,
    },
)
SIMPLE_TERM = Rule(
    "a single term outside SELECT",
    {
        **VALUE,
        terms.FunctionCall: _function_call,
        terms.TypeHint: _type_hint,
        terms.Cast: _cast,
    },
)
TERM = Rule(
    "a term outside SELECT",
    {
        **SIMPLE_TERM,
        terms.Arithmetic: _arithmetic,
        terms.Negation: _negation,
    },
)
TUPLE_OR_MARKER = Rule(
    "what several columns are compared with",
    {terms.TupleLiteral: _tuple_literal, terms.Bind: LITERAL_OR_MARKER[terms.Bind]},
)
