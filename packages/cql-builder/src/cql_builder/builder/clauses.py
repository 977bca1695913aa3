"""Checks and trees of the clauses that several statements have: WHERE, IF, USING, limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cql_builder.ast.clauses import UsingConcurrency, UsingServiceLevel, UsingTimeout, UsingTimestamp, UsingTtl
from cql_builder.ast.names import ColumnName
from cql_builder.ast.relations import (
    Between,
    ColumnTuple,
    Comparison,
    In,
    IndexExpression,
    IsNotNull,
    Like,
    ReferenceComparison,
    ReferenceIsNull,
)
from cql_builder.ast.terms import Bind, DurationLiteral, Element, Field, FunctionCall, IntegerLiteral, Term, Token
from cql_builder.builder.parts import BIND, Condition, Part, Written, is_part
from cql_builder.errors import (
    ArgumentError,
    MissingClauseError,
    RepeatedClauseError,
    StatementError,
    UnknownClauseError,
)
from cql_builder.limits import MAX_TTL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta
    from typing import TypeAlias

    from cql_builder.ast.clauses import UsingOption
    from cql_builder.ast.node import Node
    from cql_builder.ast.relations import Relation

    WholeNumber: TypeAlias = int | Part[Bind] | Part[IntegerLiteral]
    """A number; `bind(…)` is for an object that stands for one that is known later."""
    Seconds: TypeAlias = WholeNumber | timedelta
    """How long something lives, in whole seconds."""
    Microseconds: TypeAlias = WholeNumber | datetime
    """When something was written, in microseconds since 1970, or as a datetime with a time zone."""
    Timeout: TypeAlias = str | timedelta | Part[Bind] | Part[DurationLiteral]
    """How long the server may take, such as `"50ms"`; it is part of the text, unless it is bound."""

    Using: TypeAlias = Mapping[str, object]
    """What was given to using(), by keyword."""

NO_NUMBER = (Written, str, bytes, bytearray, float, complex, bool, list, tuple, dict, set, frozenset)
"""Types that are plainly no whole number; any other object may stand for one that is known later."""

NO_DURATION = (Written, *NO_NUMBER[2:], int)
"""Types that are plainly no duration; any other object but a str may stand for one that is known later."""

NO_USING: Using = {}
"""USING as it is before anything was given to it."""


OF_A_TRANSACTION = "what a transaction has read is compared in transaction().if_() alone"
"""What is said of a condition on `row(…)` that stands elsewhere."""


NOT_IN_IF: dict[type[Node], str] = {
    IsNotNull: "IF knows no IS NOT NULL; write col(...) != None",
    Between: "IF knows no BETWEEN; compare with >= and <=",
    IndexExpression: "expr() cannot stand in IF; put it into where()",
    ReferenceComparison: OF_A_TRANSACTION,
    ReferenceIsNull: OF_A_TRANSACTION,
}
"""What is said of the relations that IF does not know."""

NOT_COMPARED_IN_IF: dict[type[Node], str] = {
    Token: "a token cannot stand in IF; put it into where()",
    ColumnTuple: "several columns cannot stand as one in IF; compare them one by one",
    FunctionCall: "a function cannot be compared in IF; compare the column itself",
}
"""What is said of what IF does not compare."""


class NumberClause(NamedTuple):
    """A clause that is one whole number.

    Attributes:
        name: the clause, as CQL spells it.
        lowest: the smallest number that the server takes.
        highest: the largest number that the server takes.
        expected: what is taken for it.
    """

    name: str
    lowest: int
    highest: int
    expected: str = "a whole number"


LIMIT = NumberClause("LIMIT", 1, 2**31 - 1)
"""How many rows, an `int` of the server; it refuses 0."""

PER_PARTITION_LIMIT = NumberClause("PER PARTITION LIMIT", 1, 2**31 - 1)
"""How many rows of each partition."""

USING_NUMBERS = {
    "ttl": NumberClause("TTL", 0, MAX_TTL, "a whole number of seconds or a timedelta"),
    "timestamp": NumberClause(
        "TIMESTAMP", -(2**63) + 1, 2**63 - 1, "a whole number of microseconds or a datetime with a time zone"
    ),
    "concurrency": NumberClause("CONCURRENCY", 1, 2**31 - 1),
}
"""The numbers of USING: how many seconds something lives, 0 without end; when it was written, in microseconds since
1970, where the server keeps the smallest `bigint` for itself; how many parts are worked on at a time."""

USING_NODES = {
    "ttl": UsingTtl,
    "timestamp": UsingTimestamp,
    "concurrency": UsingConcurrency,
    "timeout": UsingTimeout,
}
"""The options of USING that are terms, in the order in which they always stand: one shape has one text."""


def where_conditions(given: Sequence[object], statement: str) -> tuple[Condition, ...]:
    """Return the conditions of WHERE.

    Raises:
        ArgumentError: if one is no condition, such as the bool that a plain Python comparison leaves.
        StatementError: if one is possible in IF alone.
    """
    conditions = tuple([checked_condition(condition, statement, "where()") for condition in given])
    for condition in conditions:
        relation = condition.node
        if condition.values and condition.values[-1] is None and _is_equal_to_marker(relation):
            raise StatementError(statement, "no server takes = null in WHERE: nothing is equal to it; leave it out")
        # Most are comparisons of a column, which can stand anywhere.
        if type(relation) is not Comparison or type(relation.left) is not ColumnName:
            fault = _fault_in_where(relation)
            if fault:
                raise StatementError(statement, fault)
    return conditions


def _is_equal_to_marker(relation: Relation) -> bool:
    return isinstance(relation, Comparison) and relation.operator == "=" and isinstance(relation.right, Bind)


def if_conditions(given: Sequence[object], statement: str) -> tuple[Condition, ...]:
    """Return the conditions of IF.

    Raises:
        ArgumentError: if one is no condition, such as the bool that a plain Python comparison leaves.
        StatementError: if there are none, or one is possible in WHERE alone.
    """
    refuse_none(given, statement, "IF")
    conditions = tuple([checked_condition(condition, statement, "if_()") for condition in given])
    for condition in conditions:
        fault = _fault_in_if(condition.node)
        if fault:
            raise StatementError(statement, fault)
    return conditions


def refuse_keywords(given: Mapping[str, object], statement: str, call: str) -> None:
    """Refuse columns that are named by keywords, which say no comparison.

    Raises:
        StatementError: saying how it is written.
    """
    for name in given:
        raise StatementError(statement, f'{call} takes no keywords; write {call[:-1]}col("{name}") == …)')


def refuse_none(given: Sequence[object], statement: str, clause: str) -> None:
    """Refuse an empty list of conditions, without which a write would do more than was meant.

    Raises:
        MissingClauseError: naming the clause.
    """
    if not given:
        call = "if_()" if clause == "IF" else "where()"
        raise MissingClauseError(statement, clause, f"{call} takes at least one condition")


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
    return _checked_number(given, clause, statement)


def using_with(before: Using, statement: str, others: Mapping[str, object], **given: object) -> Using:
    """Return what USING has after some more was given; None is not given, and `others` it does not have.

    Raises:
        UnknownClauseError: if there are others.
        ArgumentError: if something is plainly of the wrong kind.
        RepeatedClauseError: if something was given before.
        StatementError: if a number is out of range.
    """
    for name in others:
        # What is deleted or read does not live, and of a batch each statement says how long.
        elsewhere = ", give it to its statements" if name == "ttl" and statement == "BATCH" else ""
        raise UnknownClauseError(statement, name, (), f"USING has {', '.join(given)} here{elsewhere}")
    together = dict(before)
    for name, value in given.items():
        if value is None:
            continue
        if name in before:
            raise RepeatedClauseError(statement, name.replace("_", " ").upper())
        together[name] = _checked_using(name, value, statement)
    return together


def using_options(using: Using) -> tuple[UsingOption, ...]:
    """Return the tree of USING."""
    if not using:
        return ()
    options: list[UsingOption] = [node(clause_term(using[name])) for name, node in USING_NODES.items() if name in using]
    level = using.get("service_level")
    return (UsingServiceLevel(level), *options) if isinstance(level, str) else tuple(options)


def using_values(using: Using) -> tuple[object, ...]:
    """Return the values of the markers in USING."""
    return given_values(*[using[name] for name in USING_NODES if name in using]) if using else ()


def clause_term(given: object) -> Term:
    """Return what stands in the tree for what was given to a clause: a marker, unless it is a literal."""
    return given.node if is_part(given) and isinstance(given.node, Term) else BIND


def given_values(*given: object) -> tuple[object, ...]:
    """Return the values of what was given to clauses, in their order; None was not given."""
    values: list[object] = []
    for each in given:
        if is_part(each):
            values.extend(each.values)
        elif each is not None:
            values.append(each)
    return tuple(values)


def _checked_using(name: str, value: object, statement: str) -> object:
    number = USING_NUMBERS.get(name)
    if number is not None:
        return _checked_number(value, number, statement)
    if name == "service_level":
        if isinstance(value, str):
            return str.__str__(value)
        raise ArgumentError(statement, "SERVICE LEVEL", "a name as a str", value)
    # Imported here: few statements have a timeout, and durations are read by a pattern.
    from datetime import timedelta  # noqa: PLC0415

    from cql_builder.builder.moments import checked_timeout, milliseconds  # noqa: PLC0415
    from cql_builder.builder.values import duration  # noqa: PLC0415

    if isinstance(value, timedelta):
        return duration(milliseconds(value, statement))
    if isinstance(value, str):
        return checked_timeout(duration(value), statement)
    wrong = not isinstance(value.node, Bind | DurationLiteral) if is_part(value) else _is_no_duration(value)
    if wrong:
        raise ArgumentError(statement, "TIMEOUT", 'a duration such as "50ms" or a timedelta', value)
    return value


def _is_no_number(value: object) -> bool:
    return isinstance(value, NO_NUMBER)


def _is_no_duration(value: object) -> bool:
    from cql_builder.builder.moments import is_of_time  # noqa: PLC0415 - as above

    return isinstance(value, NO_DURATION) or is_of_time(value)


def _checked_number(given: object, clause: NumberClause, statement: str) -> object:
    """Return what stands for a number: of a moment or a length of time, the number that it is."""
    if type(given) is int and clause.lowest <= given <= clause.highest:
        return given
    bound = is_part(given) and isinstance(given.node, Bind)
    number = _number_of(given, clause, statement)
    if _is_no_number(number):
        raise ArgumentError(statement, clause.name, clause.expected, number if bound else given)
    if isinstance(number, int) and not clause.lowest <= number <= clause.highest:
        reason = f"{clause.name} is a whole number from {clause.lowest} to {clause.highest}"
        raise StatementError(statement, reason)
    if is_part(given):
        return Part(given.node, (number,)) if bound else given
    return number


def _number_of(given: object, clause: NumberClause, statement: str) -> object:
    number = given
    if is_part(given):
        if isinstance(given.node, IntegerLiteral):
            digits = given.node.digits
            # Python reads no number of more than 4,300 digits, and none of these clauses takes one of 20.
            return int(digits) if len(digits) <= len(str(-(2**63))) else clause.highest + 1
        if isinstance(given.node, Bind):
            number = given.values[0]
    # Imported here: most numbers are an int, and dates are another import.
    from cql_builder.builder.moments import is_of_time, microseconds, whole_seconds  # noqa: PLC0415

    if not is_of_time(number):
        return number
    read = {"TTL": whole_seconds, "TIMESTAMP": microseconds}.get(clause.name)
    found = number if read is None else read(number, statement)
    if isinstance(found, int):
        return found
    raise ArgumentError(statement, clause.name, clause.expected, number)


def _fault_in_where(relation: Relation) -> str:
    if isinstance(relation, ReferenceComparison | ReferenceIsNull):
        return OF_A_TRANSACTION
    if not isinstance(relation, Comparison | In | Like):
        return ""
    if isinstance(relation.left, Field):
        return "a field cannot stand in WHERE; compare the whole column, or use the field in if_()"
    if not isinstance(relation.left, Element):
        return ""
    if isinstance(relation, In):
        return "an element cannot stand before IN in WHERE; compare it with ==, or use IN in if_()"
    return _fault_of_part(relation.left)


def _fault_in_if(relation: Relation) -> str:
    if type(relation) in NOT_IN_IF:
        return NOT_IN_IF[type(relation)]
    if not isinstance(relation, Comparison | In | Like):
        return ""
    if type(relation.left) in NOT_COMPARED_IN_IF:
        return NOT_COMPARED_IN_IF[type(relation.left)]
    return _fault_of_part(relation.left) if isinstance(relation.left, Element | Field) else ""


def _fault_of_part(part: Element | Field) -> str:
    if isinstance(part.receiver, Element | Field):
        return "a part of a part cannot be compared; compare the part of the column as a whole"
    return ""


def checked_condition(given: object, statement: str, argument: str) -> Condition:
    """Return a condition.

    Raises:
        ArgumentError: if it is none, such as the bool that a plain Python comparison leaves.
    """
    if isinstance(given, Condition):
        return given
    expected = 'conditions such as col("price") >= 3'
    if isinstance(given, bool):
        expected += " (a plain Python comparison gives a bool)"
    raise ArgumentError(statement, argument, expected, given)
