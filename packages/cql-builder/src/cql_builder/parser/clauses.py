"""The clauses that several statements share: USING, SET and ORDER BY."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.clauses import (
    Add,
    Assign,
    NearestOrdering,
    Ordering,
    Prepend,
    Subtract,
    UsingConcurrency,
    UsingServiceLevel,
    UsingTimeout,
    UsingTimestamp,
    UsingTtl,
)
from cql_builder.ast.names import FunctionName
from cql_builder.ast.terms import Element, Field, FunctionCall, IntegerLiteral
from cql_builder.compiler.exclusions import first_exclusion
from cql_builder.dialects import features
from cql_builder.parser.lexer import INTEGER, QUOTED
from cql_builder.parser.names import at_function_call, role_name
from cql_builder.parser.references import at_row_reference, row_reference
from cql_builder.parser.selectors import selectable
from cql_builder.parser.terms import term

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cql_builder.ast.clauses import Assignment, UsingOption
    from cql_builder.ast.names import ColumnName
    from cql_builder.ast.terms import Term
    from cql_builder.parser.cursor import Cursor


def whole_number(cursor: Cursor) -> Term:
    """Read a whole number or a bind marker, as LIMIT and USING TTL take."""
    if cursor.kinds[cursor.position] == INTEGER:
        return IntegerLiteral(cursor.take())
    marker = cursor.marker()
    if marker is None:
        raise cursor.error("a whole number or a bind marker")
    return marker


def using_clause(cursor: Cursor, *allowed: str) -> tuple[UsingOption, ...]:
    """Read USING if it is next.

    Args:
        cursor: where to read.
        allowed: the first words of the options that this statement takes.
    """
    if cursor.kinds[cursor.position] != "using":
        return ()
    cursor.position += 1
    options = [using_option(cursor, *allowed)]
    while cursor.accept("and"):
        options.append(using_option(cursor, *allowed))
    return tuple(options)


def using_option(cursor: Cursor, *allowed: str) -> UsingOption:
    """Read one option of USING."""
    kind = cursor.kinds[cursor.position]
    read = _USING.get("service" if kind == "service_level" else kind)
    if read is None or (kind if kind != "service_level" else "service") not in allowed:
        there = [name for name in allowed if name not in _NEEDED or _NEEDED[name] in cursor.dialect.features]
        if not there:
            cursor.require(_NEEDED[allowed[0]], cursor.position - 1)
        raise cursor.error(" or ".join("SERVICE LEVEL" if name == "service" else name.upper() for name in there))
    return read(cursor)


_NEEDED = {"timeout": features.USING_TIMEOUT, "service": features.USING_SERVICE_LEVEL}


def _timestamp(cursor: Cursor) -> UsingOption:
    cursor.position += 1
    return UsingTimestamp(whole_number(cursor))


def _ttl(cursor: Cursor) -> UsingOption:
    cursor.position += 1
    return UsingTtl(whole_number(cursor))


def _timeout(cursor: Cursor) -> UsingOption:
    cursor.require(features.USING_TIMEOUT)
    cursor.position += 1
    return UsingTimeout(term(cursor))


def _concurrency(cursor: Cursor) -> UsingOption:
    cursor.position += 1
    return UsingConcurrency(term(cursor))


def _service_level(cursor: Cursor) -> UsingOption:
    cursor.require(features.USING_SERVICE_LEVEL)
    if not cursor.accept("service_level"):
        cursor.expect("service", "level")
    if cursor.accept("default"):
        return UsingServiceLevel("default")
    return UsingServiceLevel(role_name(cursor).name)


_USING: dict[str, Callable[[Cursor], UsingOption]] = {
    "concurrency": _concurrency,
    "service": _service_level,
    "timeout": _timeout,
    "timestamp": _timestamp,
    "ttl": _ttl,
}


def ordering(cursor: Cursor) -> Ordering | NearestOrdering:
    """Read one part of ORDER BY."""
    if at_function_call(cursor):
        cursor.require(features.ORDER_BY_FUNCTION)
        scored = selectable(cursor)
        if not isinstance(scored, FunctionCall):
            raise cursor.error("the end of the function")
        return Ordering(scored)
    column = cursor.column()
    if not cursor.at("ann", "of"):
        return Ordering(column, _descending(cursor))
    cursor.require(features.NEAREST)
    cursor.position += 2
    return NearestOrdering(column, term(cursor), _descending(cursor))


def _descending(cursor: Cursor) -> bool:
    kind = cursor.kinds[cursor.position]
    if kind not in {"asc", "desc"}:
        return False
    cursor.position += 1
    return kind == "desc"


def assignments(cursor: Cursor) -> tuple[Assignment, ...]:
    """Read what follows SET."""
    kinds = cursor.kinds
    starts = [cursor.position]
    read = [_assignment(cursor)]
    while kinds[cursor.position] == ",":
        cursor.position += 1
        starts.append(cursor.position)
        read.append(_assignment(cursor))
    if len(read) > 1:
        columns = {kinds[start] for start in starts}
        if len(columns) < len(read) or QUOTED in columns:
            _refuse_exclusion(cursor, read, starts)
    return tuple(read)


def _refuse_exclusion(cursor: Cursor, read: Sequence[Assignment], starts: Sequence[int]) -> None:
    # ScyllaDB, which has no shorthand, refuses the same after parsing.
    excluded = first_exclusion(read) if features.SHORTHAND_ASSIGNMENT in cursor.dialect.features else None
    if excluded is not None:
        raise cursor.refusal(excluded.reason, starts[excluded.at], of_all=True)


def _assignment(cursor: Cursor) -> Assignment:
    column = cursor.column()
    kind = cursor.kinds[cursor.position]
    if kind == "=":
        cursor.position += 1
        return _assigned(cursor, column)
    if kind in {"+=", "-="}:
        cursor.require(features.SHORTHAND_ASSIGNMENT)
        cursor.position += 1
        return (Add if kind == "+=" else Subtract)(column, value(cursor))
    if kind == "[":
        cursor.position += 1
        with cursor.nested("terms"):
            key = _restored(cursor, "scylla_timeuuid_list_index") or term(cursor)
        cursor.expect("]", "=")
        return Assign(Element(column, key), value(cursor))
    if cursor.accept("."):
        field = cursor.identifier("a field")
        cursor.expect("=")
        return Assign(Field(column, field), value(cursor))
    raise cursor.error("'=', '+=', '-=', '[' or '.'")


def value(cursor: Cursor) -> Term:
    """Read a term or, within a transaction, what it has read before."""
    if at_row_reference(cursor):
        return row_reference(cursor)
    return term(cursor)


def _restored(cursor: Cursor, function: str) -> FunctionCall | None:
    """Read what ScyllaDB's own tools restore lists and counters with, a reserved word that is called."""
    if function not in cursor.dialect.reserved or not cursor.accept(function, "("):
        return None
    argument = term(cursor)
    cursor.expect(")")
    return FunctionCall(FunctionName(function), (argument,))


def _assigned(cursor: Cursor, column: ColumnName) -> Assignment:
    restored = _restored(cursor, "scylla_counter_shard_list")
    if restored is not None:
        return Assign(column, restored)
    if not cursor.is_column() or cursor.at("cast", "("):
        assigned = term(cursor, before_column=True)
        if not cursor.accept("+"):
            return Assign(column, assigned)
        _same_column(cursor, column)
        return Prepend(column, assigned)
    if cursor.peek(1) not in {"+", "-", INTEGER}:
        if cursor.in_transaction:
            return Assign(column, row_reference(cursor))
        raise cursor.error("a value, or the same column with a value added or subtracted")
    _same_column(cursor, column)
    if cursor.accept("+"):
        return Add(column, term(cursor))
    if cursor.accept("-"):
        return Subtract(column, term(cursor))
    # `c = c -3`: the server's lexer, too, takes the sign for a part of the number.
    digits = cursor.integer("a whole number")
    if digits.startswith("-"):
        return Subtract(column, IntegerLiteral(digits[1:]))
    return Add(column, IntegerLiteral(digits))


def _same_column(cursor: Cursor, column: ColumnName) -> None:
    start = cursor.mark()
    if cursor.column() != column:
        raise cursor.refusal("expected the column that is set: nothing else can be added to or subtracted from", start)
