"""What a column's definition has beside its type: masks, and what CHECK holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.tables import ComparisonConstraint, FunctionConstraint, Mask, NotNullConstraint
from cql_builder.ast.terms import Arithmetic, Cast, FunctionCall, Negation, TypeHint
from cql_builder.compiler.columns import COMPARED_FUNCTIONS, UNARY_FUNCTIONS
from cql_builder.dialects import features
from cql_builder.errors import suggestion
from cql_builder.parser.lexer import QUOTED
from cql_builder.parser.names import function_name
from cql_builder.parser.terms import term

if TYPE_CHECKING:
    from cql_builder.ast.names import ColumnName
    from cql_builder.ast.relations import ComparisonOperator
    from cql_builder.ast.tables import Constraint
    from cql_builder.ast.terms import Term
    from cql_builder.parser.cursor import Cursor

_OPERATORS: dict[str, ComparisonOperator] = {"=": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def mask(cursor: Cursor) -> Mask | None:
    """Read MASKED WITH and the function, where it stands."""
    if not cursor.at("masked"):
        return None
    cursor.require(features.MASKING)
    cursor.expect("masked", "with")
    if cursor.at("default") and cursor.peek(1) not in {"(", "."}:
        cursor.expect("default")
        return Mask()
    function = function_name(cursor)
    return Mask(function, _arguments(cursor))


def not_null(cursor: Cursor) -> bool:
    """Read NOT NULL where it stands, and say whether it did."""
    if not cursor.at("not"):
        return False
    cursor.require(features.CONSTRAINTS)
    cursor.expect("not", "null")
    return True


def constraints(cursor: Cursor, column: ColumnName) -> tuple[Constraint, ...]:
    """Read CHECK and what it holds of a column, where it stands."""
    if not cursor.at("check"):
        return ()
    cursor.require(features.CONSTRAINTS)
    cursor.expect("check")
    read = [_constraint(cursor, column)]
    while cursor.accept("and"):
        read.append(_constraint(cursor, column))
    return tuple(read)


def _constraint(cursor: Cursor, column: ColumnName) -> Constraint:
    if cursor.accept("not"):
        cursor.expect("null")
        return NotNullConstraint()
    start = cursor.mark()
    name = cursor.identifier("NOT NULL, the column or a function")
    if cursor.at("("):
        arguments = _arguments(cursor)
        operator = comparison_operator(cursor)
        if operator is not None:
            _require_function(cursor, start, name, COMPARED_FUNCTIONS)
            return FunctionConstraint(name, arguments, operator, _compared(cursor))
        _require_function(cursor, start, name, UNARY_FUNCTIONS)
        return FunctionConstraint(name, arguments)
    operator = comparison_operator(cursor)
    if operator is None:
        _require_function(cursor, start, name, UNARY_FUNCTIONS)
        return FunctionConstraint(name)
    if name != column.name:
        raise cursor.refusal(
            f"expected the column {column.name!r} that the check is on, found {cursor.found(start)}", start
        )
    return ComparisonConstraint(column, operator, _compared(cursor))


def comparison_operator(cursor: Cursor) -> ComparisonOperator | None:
    """Read a comparison operator where one stands."""
    operator = _OPERATORS.get(cursor.peek())
    if operator is not None:
        cursor.expect(operator)
    return operator


def _require_function(cursor: Cursor, start: int, name: str, known: frozenset[str]) -> None:
    """Refuse the name of a function that the server does not bring: Cassandra looks it up while it parses."""
    found = name if known is COMPARED_FUNCTIONS else name.lower()
    if found not in known:
        hint = "" if cursor.kinds[start] == QUOTED else suggestion(name, sorted(known))
        names = " or ".join(word.upper() for word in sorted(known))
        raise cursor.refusal(f"expected the function {names} here, found {cursor.found(start)}{hint}", start)


def _compared(cursor: Cursor) -> Term:
    """Read what is compared with: a constant, collection, tuple or marker, and nothing computed."""
    start = cursor.mark()
    value = term(cursor)
    if isinstance(value, FunctionCall | Arithmetic | Negation | Cast | TypeHint):
        raise cursor.refusal("expected a constant, found something to be computed", start)
    return value


def _arguments(cursor: Cursor) -> tuple[Term, ...]:
    cursor.expect("(")
    if cursor.accept(")"):
        return ()
    arguments = cursor.comma_separated(lambda: term(cursor))
    cursor.expect(")")
    return arguments
