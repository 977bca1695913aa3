"""What servers refuse of WHERE though their grammar takes it, as far as the statement alone shows it.

The rules are those of `StatementRestrictions`, `SelectStatement` and `ModificationStatement` in Cassandra 4.0 to 6.0,
and of `statement_restrictions` and `modification_statement` in ScyllaDB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.names import ColumnName
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
from cql_builder.ast.terms import Element, Token, TupleLiteral
from cql_builder.dialects import features, require_feature
from cql_builder.errors import StatementError

if TYPE_CHECKING:
    from cql_builder.ast.node import Node
    from cql_builder.ast.relations import Relation
    from cql_builder.dialects import Dialect

    Where = tuple[Relation, ...]

_BEYOND = frozenset({"<", "<=", ">", ">="})
"""The comparisons that a range of rows holds for."""

_EXACT, _LOWER, _UPPER, _OTHER = "exact", "lower", "upper", "other"
_BOUNDS = {"=": _EXACT, "<": _UPPER, "<=": _UPPER, ">": _LOWER, ">=": _LOWER}


def refuse_in_select(where: Where, dialect: Dialect) -> None:
    """Refuse what WHERE of a SELECT cannot have.

    Raises:
        StatementError: if every server refuses it.
        UnsupportedFeatureError: if servers of another dialect take it.
    """
    _refuse_in_both(where, "SELECT", dialect)
    for relation in where:
        if isinstance(relation, Comparison) and relation.operator == "!=":
            if isinstance(relation.left, Token):
                raise StatementError("SELECT", "no server compares a token with !=; compare with < and >")
            require_feature(dialect, features.NOT_EQUAL)


def refuse_in_write(where: Where, statement: str, dialect: Dialect) -> None:
    """Refuse what WHERE of an UPDATE or DELETE cannot have: it names rows by their key.

    Raises:
        StatementError: if every server refuses it.
        UnsupportedFeatureError: if servers of another dialect take it.
    """
    _refuse_in_both(where, statement, dialect)
    named = {relation.left for relation in where if isinstance(relation, Comparison | In)}
    for relation in where:
        if isinstance(relation, IndexExpression):
            raise StatementError(statement, "WHERE of a write has no expr(); name the key of the row")
        if isinstance(relation, Contains | ContainsKey | Like):
            raise StatementError(statement, "WHERE of a write names the key, and has no CONTAINS or LIKE")
        if isinstance(relation, Comparison | In) and isinstance(relation.left, Element):
            raise StatementError(statement, "WHERE of a write names the key, and an element is none; use it in if_()")
        if isinstance(relation, Comparison | Between) and isinstance(relation.left, Token):
            if not named.issuperset(relation.left.columns):
                raise StatementError(statement, "token() names no row to write; name the partition key with = or IN")
            require_feature(dialect, features.TOKEN_IN_WRITE)


def names_several_rows(where: Where) -> bool:
    """Return whether IN names what IF cannot have beside it.

    A list of one value that is written out is what = is, and taken by Cassandra; a marker for the whole list is
    refused, whatever it stands for.
    """
    return any(
        isinstance(relation, In) and not (isinstance(relation.values, ValueList) and len(relation.values.values) == 1)
        for relation in where
    )


def range_sign(relation: Relation) -> str:
    """Return how a relation names a range of rows; an empty text where it names rows one by one."""
    if isinstance(relation, Between):
        return "BETWEEN"
    return relation.operator if isinstance(relation, Comparison) and relation.operator in _BEYOND else ""


def _refuse_in_both(where: Where, statement: str, dialect: Dialect) -> None:
    plain: set[str] = set()
    for relation in where:
        if isinstance(relation, Comparison) and isinstance(relation.left, ColumnName):
            plain.add(relation.left.name)
        elif isinstance(relation, IsNotNull):
            raise StatementError(statement, "IS NOT NULL stands in a view alone; leave the rows out after reading them")
        else:
            _refuse_wrong_tuple(relation, statement)
    # Where each column is compared once, nothing more is asked: so it is in most statements.
    if len(plain) < len(where) and features.SECOND_COMPARISON not in dialect.features:
        _refuse_second_comparison(where, dialect)


def _refuse_wrong_tuple(relation: Relation, statement: str) -> None:
    """Refuse columns that are named twice, and a tuple that is longer or shorter than its columns."""
    if not isinstance(relation, Comparison | In | Between | Like) or not isinstance(relation.left, ColumnTuple):
        return
    columns = relation.left.columns
    for column in columns:
        if columns.count(column) > 1:
            raise StatementError(statement, f"{column.name!r} is twice in columns(…); name it once")
    if not isinstance(relation, Comparison):
        return
    given = relation.right.values if isinstance(relation.right, ClusteringBound) else relation.right
    if isinstance(given, TupleLiteral) and len(given.elements) != len(columns):
        raise StatementError(statement, f"{len(columns)} columns take {len(columns)} values, not {len(given.elements)}")


def _refuse_second_comparison(where: Where, dialect: Dialect) -> None:
    """Refuse a column with = or IN and another comparison, or with two bounds on one side, whatever the values are."""
    found: dict[Node, set[str]] = {}
    for relation in where:
        bounds = _bounds(relation)
        for place, column in enumerate(_compared(relation)):
            before = found.setdefault(column, set())
            # Of several columns compared as one, the first one is bound, and the others beside it.
            here = bounds if place == 0 or _EXACT in bounds else {_OTHER}
            if before and (_EXACT in before | here or before & here - {_OTHER}):
                name = f" {column.name!r}" if isinstance(column, ColumnName) else ""
                instead = f"compare{name} once, or with one lower and one upper bound"
                require_feature(dialect, features.SECOND_COMPARISON, instead)
            before |= here


def _compared(relation: Relation) -> tuple[ColumnName | Token, ...]:
    """Return the columns or the token that a relation compares; nothing of elements, collections and others."""
    left = relation.left if isinstance(relation, Comparison | In | Between) else None
    if isinstance(left, ColumnTuple):
        return left.columns
    return (left,) if isinstance(left, ColumnName | Token) else ()


def _bounds(relation: Relation) -> set[str]:
    """Return on which sides a relation binds what it compares."""
    if not isinstance(relation, Comparison | In | Between):
        return set()
    return {_LOWER, _UPPER} if isinstance(relation, Between) else {_bound(relation)}


def _bound(relation: Comparison | In) -> str:
    if isinstance(relation, In):
        return _OTHER if relation.negated else _EXACT
    return _BOUNDS.get(relation.operator, _OTHER)
