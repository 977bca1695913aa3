"""Renderers of names, terms, relations and clauses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast import clauses, names, relations, terms
from cql_builder.errors import LiteralError
from cql_builder.quoting import quote_string

if TYPE_CHECKING:
    from cql_builder.ast.node import Node
    from cql_builder.compiler.rendering import AnyRenderer, Rendering


def _qualified_name(node: names.TableName | names.IndexName, rendering: Rendering) -> str:
    name = rendering.identifier(node.name)
    return name if node.keyspace is None else f"{rendering.identifier(node.keyspace)}.{name}"


def _function_name(node: names.FunctionName, rendering: Rendering) -> str:
    # `token` is reserved everywhere but as a function's name.
    name = node.name if node.name == "token" else rendering.identifier(node.name)
    return name if node.keyspace is None else f"{rendering.identifier(node.keyspace)}.{name}"


def _column_name(node: names.ColumnName, rendering: Rendering) -> str:
    return rendering.identifier(node.name)


def _bind(node: terms.Bind, rendering: Rendering) -> str:
    rendering.marker(node.name)
    return "?" if node.name is None else f":{rendering.identifier(node.name)}"


def _string_literal(node: terms.StringLiteral, _: Rendering) -> str:
    return quote_string(node.text)


def _integer_literal(node: terms.IntegerLiteral, _: Rendering) -> str:
    if not _is_integer(node.digits):
        raise LiteralError("a whole number is digits, after a minus sign or none")
    return node.digits


def _float_literal(node: terms.FloatLiteral, _: Rendering) -> str:
    if not _is_float(node.digits):
        raise LiteralError("a number is digits with a point, an exponent or both, or NaN, Infinity or -Infinity")
    return node.digits


def _boolean_literal(node: terms.BooleanLiteral, _: Rendering) -> str:
    return "true" if node.value else "false"


def _map_literal(node: terms.MapLiteral, rendering: Rendering) -> str:
    return f"{{{', '.join([f'{rendering.text(key)}: {rendering.text(value)}' for key, value in node.entries])}}}"


def _function_call(node: terms.FunctionCall, rendering: Rendering) -> str:
    return f"{rendering.text(node.function)}({rendering.join(node.arguments)})"


def _element(node: terms.Element, rendering: Rendering) -> str:
    return f"{rendering.text(node.column)}[{rendering.text(node.key)}]"


def _token(node: terms.Token, rendering: Rendering) -> str:
    return f"token({rendering.join(node.columns)})"


def _count_rows(_: terms.CountRows, __: Rendering) -> str:
    return "COUNT(*)"


def _write_time(node: terms.WriteTime, rendering: Rendering) -> str:
    return f"writetime({rendering.text(node.column)})"


def _time_to_live(node: terms.TimeToLive, rendering: Rendering) -> str:
    return f"ttl({rendering.text(node.column)})"


def _alias(node: terms.Alias, rendering: Rendering) -> str:
    return f"{rendering.text(node.expression)} AS {rendering.identifier(node.name)}"


def _comparison(node: relations.Comparison, rendering: Rendering) -> str:
    return f"{rendering.text(node.left)} {node.operator} {rendering.text(node.right)}"


def _in(node: relations.In, rendering: Rendering) -> str:
    return f"{rendering.text(node.left)} IN {rendering.text(node.values)}"


def _contains(node: relations.Contains, rendering: Rendering) -> str:
    return f"{rendering.text(node.column)} CONTAINS {rendering.text(node.value)}"


def _contains_key(node: relations.ContainsKey, rendering: Rendering) -> str:
    return f"{rendering.text(node.column)} CONTAINS KEY {rendering.text(node.key)}"


def _like(node: relations.Like, rendering: Rendering) -> str:
    return f"{rendering.text(node.column)} LIKE {rendering.text(node.pattern)}"


def _is_not_null(node: relations.IsNotNull, rendering: Rendering) -> str:
    return f"{rendering.text(node.column)} IS NOT NULL"


def _ordering(node: clauses.Ordering, rendering: Rendering) -> str:
    return f"{rendering.text(node.column)} {'DESC' if node.descending else 'ASC'}"


def _using_ttl(node: clauses.UsingTtl, rendering: Rendering) -> str:
    return f"TTL {rendering.text(node.value)}"


def _using_timestamp(node: clauses.UsingTimestamp, rendering: Rendering) -> str:
    return f"TIMESTAMP {rendering.text(node.value)}"


def _assign(node: clauses.Assign, rendering: Rendering) -> str:
    return f"{rendering.text(node.target)} = {rendering.text(node.value)}"


def _add(node: clauses.Add, rendering: Rendering) -> str:
    column = rendering.text(node.column)
    return f"{column} = {column} + {rendering.text(node.value)}"


def _prepend(node: clauses.Prepend, rendering: Rendering) -> str:
    column = rendering.text(node.column)
    return f"{column} = {rendering.text(node.value)} + {column}"


def _subtract(node: clauses.Subtract, rendering: Rendering) -> str:
    column = rendering.text(node.column)
    return f"{column} = {column} - {rendering.text(node.value)}"


def _is_integer(digits: str) -> bool:
    return digits.isascii() and digits.removeprefix("-").isdigit()


def _is_float(digits: str) -> bool:
    if digits in {"NaN", "Infinity", "-Infinity"}:
        return True
    mantissa, exponent_mark, exponent = digits.lower().partition("e")
    whole, point, fraction = mantissa.partition(".")
    if not _is_integer(whole) or not (point or exponent_mark):
        return False
    if fraction and not (fraction.isascii() and fraction.isdigit()):
        return False
    return not exponent_mark or _is_integer(exponent.removeprefix("+"))


RENDERERS: dict[type[Node], AnyRenderer] = {
    names.TableName: _qualified_name,
    names.IndexName: _qualified_name,
    names.FunctionName: _function_name,
    names.ColumnName: _column_name,
    terms.Bind: _bind,
    terms.StringLiteral: _string_literal,
    terms.IntegerLiteral: _integer_literal,
    terms.FloatLiteral: _float_literal,
    terms.BooleanLiteral: _boolean_literal,
    terms.MapLiteral: _map_literal,
    terms.FunctionCall: _function_call,
    terms.Element: _element,
    terms.Token: _token,
    terms.CountRows: _count_rows,
    terms.WriteTime: _write_time,
    terms.TimeToLive: _time_to_live,
    terms.Alias: _alias,
    relations.Comparison: _comparison,
    relations.In: _in,
    relations.Contains: _contains,
    relations.ContainsKey: _contains_key,
    relations.Like: _like,
    relations.IsNotNull: _is_not_null,
    clauses.Ordering: _ordering,
    clauses.UsingTtl: _using_ttl,
    clauses.UsingTimestamp: _using_timestamp,
    clauses.Assign: _assign,
    clauses.Add: _add,
    clauses.Prepend: _prepend,
    clauses.Subtract: _subtract,
}
