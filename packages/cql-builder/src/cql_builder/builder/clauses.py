"""Checks and trees of the clauses that several statements have: WHERE, IF, USING, limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cql_builder.ast.clauses import UsingTimestamp, UsingTtl
from cql_builder.ast.relations import Comparison, In, IsNotNull
from cql_builder.ast.terms import Element, Token
from cql_builder.builder.literals import is_mapping
from cql_builder.builder.parts import BIND, Condition, Part
from cql_builder.errors import ArgumentError, RepeatedClauseError, StatementError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cql_builder.ast.clauses import UsingOption

NO_NUMBER = (str, bytes, bytearray, float, complex, bool, list, tuple, dict, set, frozenset, Part)
"""Types that are plainly no whole number; any other object may stand for one that is known later."""

MAX_TTL = 20 * 365 * 24 * 60 * 60
"""The longest time to live in seconds, 20 years (`Attributes.MAX_TTL` in Cassandra)."""


class NumberClause(NamedTuple):
    """A clause that is one whole number.

    Attributes:
        name: the clause, as CQL spells it.
        lowest: the smallest number that the server takes.
        highest: the largest number that the server takes.
    """

    name: str
    lowest: int
    highest: int


LIMIT = NumberClause("LIMIT", 1, 2**31 - 1)
"""How many rows, an `int` of the server; it refuses 0."""

PER_PARTITION_LIMIT = NumberClause("PER PARTITION LIMIT", 1, 2**31 - 1)
"""How many rows of each partition."""

TTL = NumberClause("TTL", 0, MAX_TTL)
"""How many seconds something lives; 0 is without end."""

TIMESTAMP = NumberClause("TIMESTAMP", -(2**63) + 1, 2**63 - 1)
"""When something was written, in microseconds since 1970; the server keeps the smallest `bigint` for itself."""


def where_conditions(given: Sequence[object], statement: str) -> tuple[Condition, ...]:
    """Return the conditions of WHERE.

    Raises:
        ArgumentError: if one is no condition, such as the bool that a plain Python comparison leaves.
        StatementError: if one is possible in IF alone.
    """
    conditions = tuple([_condition(condition, statement, "where()") for condition in given])
    for condition in conditions:
        if isinstance(condition.node, In) and isinstance(condition.node.left, Element):
            raise StatementError(
                statement, "an element cannot stand before IN in WHERE; compare it with ==, or use IN in if_()"
            )
    return conditions


def if_conditions(given: Sequence[object], statement: str) -> tuple[Condition, ...]:
    """Return the conditions of IF.

    Raises:
        ArgumentError: if one is no condition, such as the bool that a plain Python comparison leaves.
        StatementError: if one is possible in WHERE alone.
    """
    conditions = tuple([_condition(condition, statement, "if_()") for condition in given])
    for condition in conditions:
        if isinstance(condition.node, IsNotNull):
            raise StatementError(statement, "IF knows no IS NOT NULL; write col(...) != None")
        if isinstance(condition.node, Comparison) and isinstance(condition.node.left, Token):
            raise StatementError(statement, "a token cannot stand in IF; put it into where()")
    return conditions


def whole_number(given: object, before: object, clause: NumberClause, statement: str) -> object:
    """Return the number of a clause, or the object that stands for one; `before` is what was given before.

    Raises:
        ArgumentError: if it is plainly no whole number.
        RepeatedClauseError: if the clause was given before.
        StatementError: if it is out of range.
    """
    if given is None:
        return before
    if before is not None:
        raise RepeatedClauseError(statement, clause.name)
    if _is_no_number(given):
        raise ArgumentError(statement, clause.name, "a whole number", given)
    if isinstance(given, int) and not clause.lowest <= given <= clause.highest:
        reason = f"{clause.name} is a whole number from {clause.lowest} to {clause.highest}"
        raise StatementError(statement, reason)
    return given


def using_options(ttl: object, timestamp: object) -> tuple[UsingOption, ...]:
    """Return the tree of USING, its options always in this order: one shape has one text."""
    options: tuple[UsingOption, ...] = () if ttl is None else (UsingTtl(BIND),)
    return options if timestamp is None else (*options, UsingTimestamp(BIND))


def given_values(*values: object) -> tuple[object, ...]:
    """Return the values that were given, in their order."""
    return tuple([value for value in values if value is not None])


def named_values(
    mapping: object, keywords: Mapping[str, object], argument: str, statement: str
) -> Iterator[tuple[str, object]]:
    """Return column names and values of a mapping and of keywords.

    Raises:
        ArgumentError: if the mapping is none, or one of its names is no str.
    """
    if mapping is not None:
        if not is_mapping(mapping):
            raise ArgumentError(statement, argument, "a mapping of column names to values", mapping)
        yield from _named_items(mapping, argument, statement)
    yield from keywords.items()


def _named_items(mapping: Mapping[object, object], argument: str, statement: str) -> Iterator[tuple[str, object]]:
    for name, value in mapping.items():
        if not isinstance(name, str):
            raise ArgumentError(statement, argument, "column names as str", name)
        yield name, value


def _is_no_number(given: object) -> bool:
    return isinstance(given, NO_NUMBER)


def _condition(given: object, statement: str, argument: str) -> Condition:
    if isinstance(given, Condition):
        return given
    expected = 'conditions such as col("price") >= 3'
    if isinstance(given, bool):
        expected += " (a plain Python comparison gives a bool)"
    raise ArgumentError(statement, argument, expected, given)
