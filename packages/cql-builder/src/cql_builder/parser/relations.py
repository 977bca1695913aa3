"""Relations from text: what follows WHERE and IF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cql_builder.ast.names import ColumnName, FunctionName, IndexName
from cql_builder.ast.relations import (
    Between,
    ClusteringBound,
    ColumnTuple,
    Comparison,
    Contains,
    ContainsKey,
    In,
    IndexExpression,
    IsNotNull,
    Like,
    ValueList,
)
from cql_builder.ast.terms import Element, Field, FunctionCall, Token
from cql_builder.dialects import features
from cql_builder.parser.lexer import EMPTY_NAME, INDEX_EXPRESSION
from cql_builder.parser.names import at_function_call, function_name
from cql_builder.parser.selectors import selectable
from cql_builder.parser.terms import term, tuple_literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from cql_builder.ast.relations import ComparisonOperator, Relation
    from cql_builder.ast.terms import Bind, Selectable, Term
    from cql_builder.dialects import Feature
    from cql_builder.parser.cursor import Cursor

    Compared = Element | Field | Token | ColumnTuple | FunctionCall

COMPARISONS: Final[dict[str, ComparisonOperator]] = {
    "=": "=",
    "!=": "!=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}
"""The operators that compare, by the kind of their token."""

_AFTER_FUNCTION = COMPARISONS.keys() | {"like"}
_AFTER_CONDITION_COLUMN = COMPARISONS.keys() | {"[", ".", "in", "not", "contains", "like"}


def where_clause(cursor: Cursor) -> tuple[Relation, ...]:
    """Read the relations after WHERE, joined by AND."""
    relations = [_relation_or_expression(cursor)]
    kinds = cursor.kinds
    while kinds[cursor.position] == "and":
        cursor.position += 1
        relations.append(_relation_or_expression(cursor))
    return tuple(relations)


def if_clause(cursor: Cursor) -> tuple[tuple[Relation, ...], bool]:
    """Read IF if it is next: its conditions, and whether it is IF EXISTS."""
    if cursor.kinds[cursor.position] != "if":
        return (), False
    cursor.position += 1
    if cursor.at("exists") and cursor.peek(1) not in _AFTER_CONDITION_COLUMN:
        cursor.position += 1
        return (), True
    return conditions(cursor), False


def conditions(cursor: Cursor) -> tuple[Relation, ...]:
    """Read the conditions after IF, joined by AND."""
    relations = [_condition(cursor)]
    while cursor.accept("and"):
        relations.append(_condition(cursor))
    return tuple(relations)


def column_tuple(cursor: Cursor) -> tuple[ColumnName, ...]:
    """Read columns in parentheses."""
    cursor.expect("(")
    columns = cursor.comma_separated(cursor.column)
    cursor.expect(")")
    return columns


def _relation_or_expression(cursor: Cursor) -> Relation:
    if cursor.kinds[cursor.position] != INDEX_EXPRESSION:
        return _relation(cursor)
    cursor.require(features.INDEX_EXPRESSION)
    cursor.position += 1
    index = IndexName(cursor.identifier("an index"))
    cursor.expect(",")
    query = term(cursor)
    cursor.expect(")")
    return IndexExpression(index, query)


def _relation(cursor: Cursor) -> Relation:
    kinds = cursor.kinds
    kind = kinds[cursor.position]
    if kind == "(":
        return _tuple_relation(cursor) if _at_column_tuple(cursor) else _parenthesised(cursor)
    if kind == "token":
        cursor.position += 1
        return _token_relation(cursor, Token(column_tuple(cursor)))
    following = cursor.peek(1)
    if (following == "(" and cursor.is_name()) or (following == "." and at_function_call(cursor)):
        return _function_relation(cursor)
    column = cursor.column()
    operator = COMPARISONS.get(kinds[cursor.position])
    if operator is not None:
        cursor.position += 1
        return Comparison(column, operator, term(cursor))
    if kinds[cursor.position] == "[":
        return _element_relation(cursor, column)
    read = _COLUMN_RELATIONS.get(kinds[cursor.position])
    if read is None:
        raise cursor.error("an operator")
    cursor.position += 1
    return read(cursor, column)


def _at_column_tuple(cursor: Cursor) -> bool:
    """Whether a parenthesis holds columns, and not a relation."""
    return (cursor.is_name(1) or cursor.peek(1) == EMPTY_NAME) and cursor.peek(2) in {",", ")"}


def _parenthesised(cursor: Cursor) -> Relation:
    cursor.position += 1
    with cursor.nested("relations"):
        relation = _relation(cursor)
    cursor.expect(")")
    return relation


def _function_relation(cursor: Cursor) -> Relation:
    cursor.require(features.FUNCTION_RELATION)
    start = cursor.position
    # To ScyllaDB, every name of a column is one of a function here, `writetime` too.
    qualified = cursor.peek(1) == "."
    function = function_name(cursor) if qualified else FunctionName(cursor.identifier("a function"))
    cursor.expect("(")
    arguments: tuple[Selectable, ...] = ()
    if not cursor.at(")"):
        with cursor.nested("terms"):
            arguments = cursor.comma_separated(lambda: selectable(cursor))
    cursor.expect(")")
    if cursor.raws[start] == "expr" and cursor.kinds[cursor.position] not in _AFTER_FUNCTION:
        cursor.require(features.INDEX_EXPRESSION, start)
    return _compared(cursor, FunctionCall(function, arguments), term)


def _element_relation(cursor: Cursor, column: ColumnName) -> Relation:
    return _compared(cursor, _element(cursor, column), term)


def _element(cursor: Cursor, column: ColumnName) -> Element:
    cursor.position += 1
    with cursor.nested("terms"):
        key = term(cursor)
    cursor.expect("]")
    return Element(column, key)


def _compared(
    cursor: Cursor, left: Compared, read: Callable[[Cursor], Term], expected: str = "an operator that compares"
) -> Relation:
    """Read the comparison of something that is no column."""
    if cursor.at("like"):
        cursor.require(features.LIKE_OF_OTHERS)
        cursor.position += 1
        return Like(left, read(cursor))
    operator = COMPARISONS.get(cursor.kinds[cursor.position])
    if operator is None:
        raise cursor.error(expected)
    cursor.position += 1
    return Comparison(left, operator, read(cursor))


def _token_relation(cursor: Cursor, token: Token) -> Relation:
    if cursor.at("between"):
        return _between(cursor, token, term)
    return _compared(cursor, token, term)


def _between(cursor: Cursor, left: ColumnName | Token | ColumnTuple, read: Callable[[Cursor], Term]) -> Relation:
    cursor.require(features.BETWEEN)
    cursor.expect("between")
    low = read(cursor)
    cursor.expect("and")
    return Between(left, low, read(cursor))


def _column_between(cursor: Cursor, column: ColumnName) -> Relation:
    cursor.position -= 1
    return _between(cursor, column, term)


def _like(cursor: Cursor, column: ColumnName) -> Relation:
    return Like(column, term(cursor))


def _is_not_null(cursor: Cursor, column: ColumnName) -> Relation:
    cursor.expect("not", "null")
    return IsNotNull(column)


def _in(cursor: Cursor, column: ColumnName) -> Relation:
    return In(column, _values(cursor))


def _contains(cursor: Cursor, column: ColumnName, *, negated: bool = False) -> Relation:
    if cursor.accept("key"):
        return ContainsKey(column, term(cursor), negated)
    return Contains(column, term(cursor), negated)


def _negated(cursor: Cursor, column: ColumnName) -> Relation:
    if cursor.at("in"):
        cursor.require(features.NOT_IN)
        cursor.position += 1
        return In(column, _values(cursor), negated=True)
    if cursor.at("contains"):
        cursor.require(features.NOT_CONTAINS)
        cursor.position += 1
        return _contains(cursor, column, negated=True)
    raise cursor.error("IN or CONTAINS")


_COLUMN_RELATIONS: dict[str, Callable[[Cursor, ColumnName], Relation]] = {
    "between": _column_between,
    "contains": _contains,
    "in": _in,
    "is": _is_not_null,
    "like": _like,
    "not": _negated,
}


def _values(cursor: Cursor) -> Bind | ValueList:
    marker = cursor.marker()
    if marker is not None:
        return marker
    if not cursor.accept("("):
        raise cursor.error("the values of IN in parentheses, or a bind marker")
    if cursor.accept(")"):
        return ValueList(())
    values = [term(cursor)]
    kinds = cursor.kinds
    while kinds[cursor.position] == ",":
        cursor.position += 1
        values.append(term(cursor))
    cursor.expect(")")
    return ValueList(tuple(values))


def _tuple_relation(cursor: Cursor) -> Relation:
    columns = ColumnTuple(column_tuple(cursor))
    if cursor.at("between"):
        return _between(cursor, columns, _tuple_or_marker)
    if cursor.accept("in"):
        return In(columns, _tuple_values(cursor))
    if cursor.at("not", "in"):
        cursor.require(features.TUPLE_NOT_IN)
        cursor.position += 2
        return In(columns, _tuple_values(cursor), negated=True)
    return _compared(cursor, columns, _tuple_value, "an operator")


def _tuple_value(cursor: Cursor) -> Term:
    if not cursor.at("scylla_clustering_bound"):
        return _tuple_or_marker(cursor)
    cursor.require(features.CLUSTERING_BOUND)
    cursor.position += 1
    return ClusteringBound(tuple_literal(cursor))


def _tuple_or_marker(cursor: Cursor) -> Term:
    marker = cursor.marker()
    if marker is not None:
        return marker
    if not cursor.at("("):
        raise cursor.error("a tuple or a bind marker")
    return tuple_literal(cursor)


def _tuple_values(cursor: Cursor) -> Bind | ValueList:
    """Read the values of IN for several columns: all tuples or all markers, never mixed."""
    marker = cursor.marker()
    if marker is not None:
        return marker
    if not cursor.accept("("):
        raise cursor.error("the tuples of IN in parentheses, or a bind marker")
    if cursor.accept(")"):
        return ValueList(())
    read = _tuple if cursor.at("(") else _marker
    values = cursor.comma_separated(lambda: read(cursor))
    cursor.expect(")")
    return ValueList(values)


def _tuple(cursor: Cursor) -> Term:
    return tuple_literal(cursor)


def _marker(cursor: Cursor) -> Term:
    marker = cursor.marker()
    if marker is None:
        raise cursor.error("a tuple, or a bind marker after a bind marker")
    return marker


def _condition(cursor: Cursor) -> Relation:
    column = cursor.column()
    target: ColumnName | Element | Field = column
    if cursor.at("["):
        target = _element(cursor, column)
    elif cursor.accept("."):
        target = Field(column, cursor.identifier("a field"))
    operator = COMPARISONS.get(cursor.kinds[cursor.position])
    if operator is not None:
        cursor.position += 1
        return Comparison(target, operator, term(cursor))
    if cursor.accept("in"):
        return In(target, _values(cursor))
    if cursor.at("not", "in"):
        cursor.require(features.NOT_IN_CONDITION)
        cursor.position += 2
        return In(target, _values(cursor), negated=True)
    if not isinstance(target, ColumnName):
        if cursor.at("like"):
            cursor.require(features.LIKE_CONDITION)
        return _compared(cursor, target, term, "an operator")
    feature = _COLUMN_CONDITIONS.get(cursor.kinds[cursor.position])
    if feature is None:
        raise cursor.error("an operator")
    cursor.require(feature)
    return _COLUMN_RELATIONS[cursor.take().lower()](cursor, column)


_COLUMN_CONDITIONS: dict[str, Feature] = {
    "contains": features.CONTAINS_CONDITION,
    "like": features.LIKE_CONDITION,
}
