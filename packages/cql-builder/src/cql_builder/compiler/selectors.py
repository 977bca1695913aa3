"""Renderers of selectors: what SELECT asks for, terms with columns in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast import names, terms
from cql_builder.ast.node import innermost_first
from cql_builder.compiler.literals import LITERAL_OR_MARKER
from cql_builder.compiler.names import called_function, defined_column, defined_columns
from cql_builder.compiler.rendering import Rule
from cql_builder.compiler.terms import (
    TERM,
    VALUE,
    arithmetic,
    list_literal,
    map_literal,
    negated,
    refuse_arithmetic,
    set_literal,
    tuple_literal,
)
from cql_builder.compiler.types import TYPE, native_type
from cql_builder.dialects.features import (
    ARITHMETIC,
    COLLECTION_SELECTOR,
    MAXWRITETIME,
    SLICE,
    TYPE_HINT_SELECTOR,
    USER_TYPE_WITHOUT_TYPE,
    WRITETIME_OF_PART,
)
from cql_builder.quoting import quote_identifier

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from cql_builder.ast.node import Node
    from cql_builder.ast.terms import Alias, Selectable
    from cql_builder.compiler.rendering import Renderer, Rendering

    AnyTerm = TypeVar("AnyTerm", bound=terms.Term)
    Timed = names.ColumnName | terms.Element | terms.Slice | terms.Field

_GROUPING = "put it into parentheses: a TupleLiteral of one element"


def selected(selection: tuple[Selectable | Alias, ...], rendering: Rendering) -> str:
    """Return what is selected; nothing stands for `*`."""
    return SELECTOR_OR_ALIAS.join(selection, rendering) or "*"


def selected_first(selection: tuple[Selectable | Alias, ...], rendering: Rendering) -> str:
    """Return what is selected where JSON and DISTINCT may stand before it.

    A name of such letters is taken for the keyword where something can be selected behind it: `SELECT json[1]`, and in
    ScyllaDB, which has functions of these names, `SELECT json(1)`. A point after it shows that it is none.
    """
    text = selected(selection, rendering)
    if not text.startswith(("json", "distinct")):
        return text
    for keyword in ("json", "distinct"):
        if text.startswith((f"{keyword} ", f"{keyword}[", f"{keyword}(")):
            return quote_identifier(keyword, {keyword}) + text[len(keyword) :]
    return text


def _alias(node: terms.Alias, rendering: Rendering) -> str:
    return f"{SELECTOR.text(node.expression, rendering)} AS {rendering.identifier(node.name)}"


def _token(node: terms.Token, rendering: Rendering) -> str:
    rendering.require_some(node.columns, "the column of a token", "name the columns of the partition key")
    return f"token({defined_columns(node.columns, rendering)})"


def _count_rows(_: terms.CountRows, __: Rendering) -> str:
    return "COUNT(*)"


def _write_time(node: terms.WriteTime, rendering: Rendering) -> str:
    return f"writetime({_timed(node.column, rendering)})"


def _max_write_time(node: terms.MaxWriteTime, rendering: Rendering) -> str:
    rendering.require(MAXWRITETIME)
    return f"maxwritetime({_timed(node.column, rendering)})"


def _time_to_live(node: terms.TimeToLive, rendering: Rendering) -> str:
    return f"ttl({_timed(node.column, rendering)})"


def _timed(column: Timed, rendering: Rendering) -> str:
    part: Selectable = column
    if not isinstance(part, names.ColumnName):
        rendering.require(WRITETIME_OF_PART)
    depth = 0
    while isinstance(part, terms.Element | terms.Slice | terms.Field):
        part = part.receiver
        depth += 1
    if not isinstance(part, names.ColumnName):
        rendering.refuse(
            f"writetime, maxwritetime and ttl are of columns and their parts, not of a {type(part).__name__}"
        )
    # Where nothing but values makes collections, the grammar takes one step into the column and no further.
    if depth > 1 and not rendering.has(COLLECTION_SELECTOR):
        rendering.refuse("writetime and ttl reach one element or field into a column here; ask for the outer one")
    return SELECTOR.text(column, rendering)


def _function_call(node: terms.FunctionCall, rendering: Rendering) -> str:
    return f"{called_function(node.function, rendering)}({SELECTOR.join(node.arguments, rendering)})"


def _element(node: terms.Element, rendering: Rendering) -> str:
    if isinstance(node.receiver, terms.TupleLiteral) and rendering.has(TYPE_HINT_SELECTOR):
        inner = node.receiver.elements[0] if len(node.receiver.elements) == 1 else None
        if isinstance(inner, names.ColumnName | terms.Field | terms.StringLiteral):
            rendering.refuse("a name in parentheses with [ behind it is read as a type; leave the parentheses out")
    return f"{RECEIVER.text(node.receiver, rendering)}[{TERM.text(node.key, rendering)}]"


def _slice(node: terms.Slice, rendering: Rendering) -> str:
    rendering.require(SLICE)
    if node.start is None and node.end is None:
        rendering.refuse("a slice has a start, an end or both; to read all of it, select the collection")
    receiver = RECEIVER.text(node.receiver, rendering)
    start = "" if node.start is None else TERM.text(node.start, rendering)
    end = "" if node.end is None else TERM.text(node.end, rendering)
    return f"{receiver}[{start}..{end}]"


def _field(node: terms.Field, rendering: Rendering) -> str:
    receiver = RECEIVER.text(node.receiver, rendering)
    inner = node.receiver
    while isinstance(inner, terms.TypeHint):
        inner = inner.term
    # A point would become part of a number before it.
    space = " " if isinstance(inner, terms.IntegerLiteral | terms.FloatLiteral) else ""
    return f"{receiver}{space}.{rendering.identifier(node.name)}"


def _cast(node: terms.Cast, rendering: Rendering) -> str:
    return f"CAST({SELECTOR.text(node.term, rendering)} AS {native_type(node.type, rendering)})"


def _type_hint(node: terms.TypeHint, rendering: Rendering) -> str:
    rendering.require(TYPE_HINT_SELECTOR)
    if isinstance(node.term, terms.UserTypeLiteral):
        return f"({TYPE.text(node.type, rendering)}){VALUE.text(node.term, rendering)}"
    if isinstance(node.term, terms.Arithmetic | terms.Negation | terms.Element | terms.Slice | terms.Field):
        rendering.refuse(f"a type hint takes no {type(node.term).__name__} as it is; {_GROUPING}")
    return f"({TYPE.text(node.type, rendering)}){RECEIVER.text(node.term, rendering)}"


def _arithmetic(node: terms.Arithmetic, rendering: Rendering) -> str:
    return arithmetic(node, rendering, SELECTOR, _GROUPING)


def _negation(node: terms.Negation, rendering: Rendering) -> str:
    rendering.require(ARITHMETIC)
    refuse_arithmetic(node.term, rendering, "a minus sign", _GROUPING)
    return negated(SELECTOR.text(node.term, rendering))


def _user_type_literal(node: terms.UserTypeLiteral, rendering: Rendering) -> str:
    # Where columns make collections, names in braces are taken for columns, unless the type before them has fields.
    rendering.require(USER_TYPE_WITHOUT_TYPE)
    return VALUE.text(node, rendering)


def _collection(literal: Callable[[AnyTerm, Rendering, Rule], str]) -> Callable[[AnyTerm, Rendering], str]:
    """Return the renderer of a collection, whose elements are selectors where the dialect has such collections."""

    def render(node: AnyTerm, rendering: Rendering) -> str:
        if rendering.has(COLLECTION_SELECTOR):
            return literal(node, rendering, SELECTOR)
        if any(type(part) in _PARTS for part in innermost_first(node)):
            rendering.require(COLLECTION_SELECTOR)
        return literal(node, rendering, _ELEMENT_OF_VALUE)

    return render


def _column_in_value(_: Selectable, rendering: Rendering) -> str:
    rendering.require(COLLECTION_SELECTOR)
    rendering.refuse("a column cannot stand in a value")


_PARTS: dict[type[Node], Renderer] = {
    names.ColumnName: defined_column,
    terms.Element: _element,
    terms.Slice: _slice,
    terms.Field: _field,
    terms.Token: _token,
    terms.CountRows: _count_rows,
    terms.WriteTime: _write_time,
    terms.MaxWriteTime: _max_write_time,
    terms.TimeToLive: _time_to_live,
}
_ELEMENT_OF_VALUE = Rule("an element of a value", {**TERM, **dict.fromkeys(_PARTS, _column_in_value)})
RECEIVER = Rule(
    "what an element, slice or field is taken of",
    {
        **_PARTS,
        **LITERAL_OR_MARKER,
        terms.FunctionCall: _function_call,
        terms.Cast: _cast,
        terms.TypeHint: _type_hint,
        terms.ListLiteral: _collection(list_literal),
        terms.SetLiteral: _collection(set_literal),
        terms.MapLiteral: _collection(map_literal),
        terms.TupleLiteral: _collection(tuple_literal),
        terms.UserTypeLiteral: _user_type_literal,
    },
)
SELECTOR = Rule("a selector", {**RECEIVER, terms.Arithmetic: _arithmetic, terms.Negation: _negation})
SELECTOR_OR_ALIAS = Rule("a selector", {**SELECTOR, terms.Alias: _alias})
