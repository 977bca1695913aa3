"""Renderers of what CREATE TABLE and ALTER TABLE say of columns: types, masks, constraints and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast import names, tables
from cql_builder.compiler.names import called_name, defined_column, defined_columns, function_name
from cql_builder.compiler.relations import operator
from cql_builder.compiler.rendering import Rule
from cql_builder.compiler.terms import TERM, VALUE
from cql_builder.compiler.types import TYPE
from cql_builder.dialects.features import CONSTRAINTS, MASKING, ROW_TTL
from cql_builder.errors import RepeatedClauseError

if TYPE_CHECKING:
    from cql_builder.ast.clauses import Ordering
    from cql_builder.compiler.rendering import Rendering


COMPARED_FUNCTIONS = frozenset({"length", "octet_length", "regexp"})
"""The functions of constraints that are compared with something."""

UNARY_FUNCTIONS = frozenset({"json", "not_null"})
"""The functions of constraints that are not."""


def created_column(node: tables.TableColumn, rendering: Rendering) -> str:
    """Return a column as CREATE TABLE defines it."""
    text = f"{defined_column(node.name, rendering)} {TYPE.text(node.type, rendering)}"
    if node.ttl:
        rendering.require(ROW_TTL)
        text += " TTL"
    if node.static:
        text += " STATIC"
    if node.not_null:
        rendering.require(CONSTRAINTS)
        if any(isinstance(constraint, tables.NotNullConstraint) for constraint in node.constraints):
            raise RepeatedClauseError(rendering.statement, f"NOT NULL of {node.name.name!r}")
        text += " NOT NULL"
    return text + _mask_and_constraints(node, rendering)


def added_column(node: tables.TableColumn, rendering: Rendering) -> str:
    """Return a column as ALTER TABLE … ADD defines it."""
    if node.ttl:
        rendering.require(ROW_TTL)
        rendering.refuse("ADD takes no TTL; add the column, then make it the one with ALTER TABLE … TTL")
    if node.not_null:
        rendering.require(CONSTRAINTS)
        rendering.refuse("ADD takes no NOT NULL; give CHECK NOT NULL, a NotNullConstraint")
    return created_column(node, rendering)


def mask(node: tables.Mask, rendering: Rendering) -> str:
    """Return what a column shows to those who may not see it."""
    rendering.require(MASKING)
    if node.function is None:
        if node.arguments:
            rendering.refuse("MASKED WITH DEFAULT takes no arguments; name a function")
        return "MASKED WITH DEFAULT"
    return f"MASKED WITH {function_name(node.function, rendering)}({TERM.join(node.arguments, rendering)})"


def check(column: names.ColumnName, constraints: tuple[tables.Constraint, ...], rendering: Rendering) -> str:
    """Return the constraints of a column."""
    rendering.require(CONSTRAINTS)
    for constraint in constraints:
        if isinstance(constraint, tables.ComparisonConstraint) and constraint.column != column:
            rendering.refuse(f"CHECK of {column.name!r} compares that column alone, not {constraint.column.name!r}")
    return f"CHECK {_CONSTRAINT.join(constraints, rendering, ' AND ')}"


def primary_key(
    partition_key: tuple[names.ColumnName, ...], clustering_key: tuple[names.ColumnName, ...], rendering: Rendering
) -> str:
    """Return the primary key of a table or view."""
    rendering.require_some(partition_key, "the partition key", "name its columns")
    partition = defined_columns(partition_key, rendering)
    key = f"({partition})" if len(partition_key) > 1 else partition
    return (
        f"PRIMARY KEY ({key}, {defined_columns(clustering_key, rendering)})"
        if clustering_key
        else (f"PRIMARY KEY ({key})")
    )


def clustering_order(orderings: tuple[Ordering, ...], rendering: Rendering) -> str:
    """Return in which order the rows of a partition stand."""
    rendering.require_once((ordering.column for ordering in orderings), lambda _: "a column in CLUSTERING ORDER BY")
    parts: list[str] = []
    for ordering in orderings:
        if not isinstance(ordering.column, names.ColumnName):
            rendering.refuse("CLUSTERING ORDER BY takes columns, and no functions")
        direction = "DESC" if ordering.descending else "ASC"
        parts.append(f"{defined_column(ordering.column, rendering)} {direction}")
    return f"CLUSTERING ORDER BY ({', '.join(parts)})"


def _mask_and_constraints(node: tables.TableColumn, rendering: Rendering) -> str:
    text = "" if node.mask is None else f" {mask(node.mask, rendering)}"
    return f"{text} {check(node.name, node.constraints, rendering)}" if node.constraints else text


def _not_null(_: tables.NotNullConstraint, __: Rendering) -> str:
    return "NOT NULL"


def _comparison(node: tables.ComparisonConstraint, rendering: Rendering) -> str:
    column, sign = defined_column(node.column, rendering), operator(node.operator, rendering)
    return f"{column} {sign} {VALUE.text(node.value, rendering)}"


def _require_function(name: str, known: frozenset[str], rendering: Rendering) -> None:
    """Refuse the name of a function that the server does not bring: Cassandra looks it up while it parses."""
    # Those that stand alone are found in any letters, in double quotes too.
    if (name if known is COMPARED_FUNCTIONS else name.lower()) not in known:
        rendering.refuse(f"the function of a constraint is {' or '.join(sorted(known))} here, not {name!r}")


def _function(node: tables.FunctionConstraint, rendering: Rendering) -> str:
    if (node.operator is None) != (node.value is None):
        rendering.refuse("a constraint compares with an operator and a value, or not at all")
    if node.arguments is None:
        if node.operator is not None:
            rendering.refuse("a function that is compared has parentheses: give arguments, () for none")
        _require_function(node.function, UNARY_FUNCTIONS, rendering)
        return rendering.identifier(node.function)
    known = UNARY_FUNCTIONS if node.operator is None else COMPARED_FUNCTIONS
    _require_function(node.function, known, rendering)
    text = f"{called_name(node.function, rendering)}({_ARGUMENT.join(node.arguments, rendering)})"
    if node.operator is None or node.value is None:
        return text
    return f"{text} {operator(node.operator, rendering)} {VALUE.text(node.value, rendering)}"


_ARGUMENT = Rule("an argument of a constraint's function", TERM)
_CONSTRAINT = Rule(
    "a constraint",
    {
        tables.NotNullConstraint: _not_null,
        tables.ComparisonConstraint: _comparison,
        tables.FunctionConstraint: _function,
    },
)
