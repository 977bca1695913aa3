"""Renderers of relations: WHERE and IF, which take different ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast import names, relations, terms
from cql_builder.compiler.literals import MARKER
from cql_builder.compiler.names import called_function, column_name, joined_columns
from cql_builder.compiler.rendering import Rule
from cql_builder.compiler.selectors import SELECTOR
from cql_builder.compiler.terms import TERM, TUPLE_OR_MARKER
from cql_builder.dialects.features import (
    BETWEEN,
    CLUSTERING_BOUND,
    CONTAINS_CONDITION,
    FUNCTION_RELATION,
    INDEX_EXPRESSION,
    LIKE_CONDITION,
    LIKE_OF_OTHERS,
    NOT_CONTAINS,
    NOT_IN,
    NOT_IN_CONDITION,
    TUPLE_NOT_IN,
)

if TYPE_CHECKING:
    from cql_builder.ast.node import Node
    from cql_builder.compiler.rendering import Rendering

COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})


def operator(symbol: str, rendering: Rendering) -> str:
    """Return a comparison's operator.

    Raises:
        StatementError: if there is no such operator.
    """
    if symbol not in COMPARISONS:
        rendering.refuse(f"there is no comparison {symbol!r}; there is =, !=, <, <=, > and >=")
    return symbol


def _element(node: terms.Element, rendering: Rendering) -> str:
    return f"{_COLUMN.text(node.receiver, rendering)}[{TERM.text(node.key, rendering)}]"


def _field(node: terms.Field, rendering: Rendering) -> str:
    return f"{_COLUMN.text(node.receiver, rendering)}.{rendering.identifier(node.name)}"


def _token(node: terms.Token, rendering: Rendering) -> str:
    rendering.require_some(node.columns, "the column of a token", "name the columns of the partition key")
    return f"token({joined_columns(node.columns, rendering)})"


def _column_tuple(node: relations.ColumnTuple, rendering: Rendering) -> str:
    rendering.require_some(node.columns, "the column of a tuple", "name at least one")
    return f"({joined_columns(node.columns, rendering)})"


def _function_call(node: terms.FunctionCall, rendering: Rendering) -> str:
    rendering.require(FUNCTION_RELATION)
    function = node.function
    if isinstance(function, names.FunctionName) and function.keyspace is None:
        name = rendering.identifier(function.name)
    else:
        name = called_function(function, rendering)
    return f"{name}({SELECTOR.join(node.arguments, rendering)})"


def _clustering_bound(node: relations.ClusteringBound, rendering: Rendering) -> str:
    rendering.require(CLUSTERING_BOUND)
    if isinstance(node.values, terms.Bind):
        rendering.refuse("SCYLLA_CLUSTERING_BOUND takes a tuple, (?, ?), and no marker in its place")
    return f"SCYLLA_CLUSTERING_BOUND {TERM.text(node.values, rendering)}"


def _value_list(node: relations.ValueList, rendering: Rendering) -> str:
    return f"({TERM.join(node.values, rendering)})"


def _tuple_list(node: relations.ValueList, rendering: Rendering) -> str:
    if len({type(value) for value in node.values}) > 1:
        rendering.refuse("the values of IN for several columns are all tuples or all markers")
    return f"({TUPLE_OR_MARKER.join(node.values, rendering)})"


def _comparison(node: relations.Comparison, rendering: Rendering) -> str:
    left, right = node.left, node.right
    place = _TUPLE_BOUND if type(left) is relations.ColumnTuple else TERM
    sign = node.operator if node.operator in COMPARISONS else operator(node.operator, rendering)
    left_text = _COMPARED[type(left)](left, rendering)
    return f"{left_text} {sign} {place[type(right)](right, rendering)}"


def _in(node: relations.In, rendering: Rendering) -> str:
    if isinstance(node.left, relations.ColumnTuple):
        if node.negated:
            rendering.require(TUPLE_NOT_IN)
        left, values = _column_tuple(node.left, rendering), _TUPLE_VALUES
    else:
        if node.negated:
            rendering.require(NOT_IN)
        left, values = _COLUMN.text(node.left, rendering), _VALUES
    return f"{left} {'NOT IN' if node.negated else 'IN'} {values.text(node.values, rendering)}"


def _between(node: relations.Between, rendering: Rendering) -> str:
    rendering.require(BETWEEN)
    left = _BETWEEN.text(node.left, rendering)
    bound = TUPLE_OR_MARKER if isinstance(node.left, relations.ColumnTuple) else TERM
    return f"{left} BETWEEN {bound.text(node.low, rendering)} AND {bound.text(node.high, rendering)}"


def _contains(node: relations.Contains, rendering: Rendering) -> str:
    column, sign = column_name(node.column, rendering), "CONTAINS"
    if node.negated:
        rendering.require(NOT_CONTAINS)
        sign = "NOT CONTAINS"
    return f"{column} {sign} {TERM.text(node.value, rendering)}"


def _contains_key(node: relations.ContainsKey, rendering: Rendering) -> str:
    column, sign = column_name(node.column, rendering), "CONTAINS KEY"
    if node.negated:
        rendering.require(NOT_CONTAINS)
        sign = "NOT CONTAINS KEY"
    return f"{column} {sign} {TERM.text(node.key, rendering)}"


def _like(node: relations.Like, rendering: Rendering) -> str:
    place = _TUPLE_BOUND if isinstance(node.left, relations.ColumnTuple) else TERM
    return f"{_liked(_COMPARED, node.left, rendering)} LIKE {place.text(node.pattern, rendering)}"


def _liked(place: Rule, left: Node, rendering: Rendering) -> str:
    if not isinstance(left, names.ColumnName) and type(left) in place:
        rendering.require(LIKE_OF_OTHERS)
    return place.text(left, rendering)


def _is_not_null(node: relations.IsNotNull, rendering: Rendering) -> str:
    return f"{column_name(node.column, rendering)} IS NOT NULL"


def _index_expression(node: relations.IndexExpression, rendering: Rendering) -> str:
    rendering.require(INDEX_EXPRESSION)
    if node.index.keyspace is not None:
        rendering.refuse("expr() takes the name of an index alone; leave the keyspace out, it is the table's")
    # One word to Cassandra's lexer: nothing may stand before the parenthesis.
    return f"expr({rendering.identifier(node.index.name)}, {TERM.text(node.query, rendering)})"


def _comparison_condition(node: relations.Comparison, rendering: Rendering) -> str:
    left, right = _CONDITIONED.text(node.left, rendering), TERM.text(node.right, rendering)
    return f"{left} {operator(node.operator, rendering)} {right}"


def _in_condition(node: relations.In, rendering: Rendering) -> str:
    if node.negated:
        rendering.require(NOT_IN_CONDITION)
    left, values = _CONDITIONED.text(node.left, rendering), _VALUES.text(node.values, rendering)
    return f"{left} {'NOT IN' if node.negated else 'IN'} {values}"


def _contains_condition(node: relations.Contains | relations.ContainsKey, rendering: Rendering) -> str:
    rendering.require(CONTAINS_CONDITION)
    if node.negated:
        rendering.refuse("IF takes no NOT CONTAINS; compare the whole collection")
    return RELATION.text(node, rendering)


def _like_condition(node: relations.Like, rendering: Rendering) -> str:
    rendering.require(LIKE_CONDITION)
    return f"{_liked(_CONDITIONED, node.left, rendering)} LIKE {TERM.text(node.pattern, rendering)}"


_COLUMN = Rule("a column in WHERE, or what an element or field is of", {names.ColumnName: column_name})
_CONDITIONED = Rule("what IF compares", {**_COLUMN, terms.Element: _element, terms.Field: _field})
_COMPARED = Rule(
    "what WHERE compares",
    {
        **_COLUMN,
        terms.Element: _element,
        terms.Token: _token,
        terms.FunctionCall: _function_call,
        relations.ColumnTuple: _column_tuple,
    },
)
_BETWEEN = Rule(
    "what WHERE compares with BETWEEN",
    {**_COLUMN, terms.Token: _token, relations.ColumnTuple: _column_tuple},
)
_TUPLE_BOUND = Rule(TUPLE_OR_MARKER.place, {**TUPLE_OR_MARKER, relations.ClusteringBound: _clustering_bound})
_VALUES = Rule("what IN takes", {**MARKER, relations.ValueList: _value_list})
_TUPLE_VALUES = Rule("what IN takes", {**MARKER, relations.ValueList: _tuple_list})
RELATION = Rule(
    "a relation of WHERE",
    {
        relations.Comparison: _comparison,
        relations.In: _in,
        relations.Between: _between,
        relations.Contains: _contains,
        relations.ContainsKey: _contains_key,
        relations.Like: _like,
        relations.IsNotNull: _is_not_null,
        relations.IndexExpression: _index_expression,
    },
)
CONDITION = Rule(
    "a condition of IF",
    {
        relations.Comparison: _comparison_condition,
        relations.In: _in_condition,
        relations.Contains: _contains_condition,
        relations.ContainsKey: _contains_condition,
        relations.Like: _like_condition,
    },
)
