"""Columns of tables as they are defined: type, STATIC, mask, constraints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.names import ColumnName, FunctionName
from cql_builder.ast.relations import Comparison, IsNotNull
from cql_builder.ast.tables import (
    ComparisonConstraint,
    Constraint,
    FunctionConstraint,
    Mask,
    NotNullConstraint,
    TableColumn,
)
from cql_builder.ast.terms import FunctionCall, Term
from cql_builder.builder.definitions import data_type
from cql_builder.builder.expressions import FunctionTerm
from cql_builder.builder.names import checked_flag, checked_name, function_name
from cql_builder.builder.parts import Condition, is_list
from cql_builder.builder.values import literal_of
from cql_builder.errors import ArgumentError, StatementError

if TYPE_CHECKING:
    from typing import TypeAlias

    Check: TypeAlias = Condition | FunctionTerm
    """A constraint: `col("a") > lit(0)`, `col("a").is_not_null()`, `fn.call("json")`, `fn.call("length") < lit(20)`."""


def mask(function: str | FunctionName | None = None, /, *arguments: object) -> Mask:
    """Return what a column shows to those who may not see it.

    It is a masking function, or the default of the type.

    The arguments are literals: a definition has no markers.

    Raises:
        StatementError: if the name of the function is none.
        LiteralError: if CQL has no literal for an argument.

    >>> from cql_builder import alter_table, mask
    >>> alter_table("people").add("card", "text", mask=mask("mask_inner", None, 4)).compile().cql
    'ALTER TABLE people ADD card text MASKED WITH mask_inner(null, 4)'
    """
    if function is None:
        return Mask()
    return Mask(function_name(function, "mask()"), tuple([literal_of(argument) for argument in arguments]))


def table_column(  # noqa: PLR0913 - one keyword for each clause
    name: object,
    cql_type: object,
    statement: str,
    *,
    static: bool = False,
    not_null: bool = False,
    mask: object = None,
    check: object = (),
    ttl: bool = False,
) -> TableColumn:
    """Return a column as CREATE TABLE and ALTER TABLE define it.

    Raises:
        ArgumentError: if an argument is of the wrong kind.
        CqlSyntaxError: if the type is none.
        StatementError: if a constraint compares with a value that is no literal.
    """
    return TableColumn(
        ColumnName(checked_name(name, statement, "the name of a column")),
        data_type(cql_type, statement, f"the type of {name!r}"),
        checked_flag(static, "static", statement),
        checked_flag(not_null, "not_null", statement),
        None if mask is None else checked_mask(mask, statement),
        constraints_of((check,) if isinstance(check, Condition | FunctionTerm) else check, statement),
        checked_flag(ttl, "ttl", statement),
    )


def checked_mask(given: object, statement: str) -> Mask:
    """Return a mask.

    Raises:
        ArgumentError: if it is none.
    """
    if isinstance(given, Mask):
        return given
    raise ArgumentError(statement, "MASKED WITH", "mask() or mask(function, …)", given)


def constraints_of(given: object, statement: str) -> tuple[Constraint, ...]:
    """Return constraints, which are written as conditions and function calls.

    Raises:
        ArgumentError: if one is neither.
        StatementError: if one compares with a value that is no literal, or is a condition that CHECK does not know.
    """
    if not is_list(given):
        raise ArgumentError(statement, "CHECK", 'conditions such as col("a") > lit(0)', given)
    return tuple([_constraint(check, statement) for check in given])


def _constraint(check: object, statement: str) -> Constraint:
    if not isinstance(check, Condition | FunctionTerm):
        raise ArgumentError(statement, "CHECK", 'conditions such as col("a") > lit(0)', check)
    if check.values:
        raise StatementError(statement, "CHECK cannot compare with a marker; write the value as lit(...)")
    node = check.node
    if isinstance(node, IsNotNull):
        return NotNullConstraint()
    if isinstance(node, FunctionCall):
        return FunctionConstraint(node.function.name, _arguments(node, statement) or None)
    if isinstance(node, Comparison) and isinstance(node.left, ColumnName):
        return ComparisonConstraint(node.left, node.operator, node.right)
    if isinstance(node, Comparison) and isinstance(node.left, FunctionCall):
        arguments = _arguments(node.left, statement)
        return FunctionConstraint(node.left.function.name, arguments, node.operator, node.right)
    raise StatementError(statement, "CHECK knows comparisons of a column or a function, NOT NULL, and functions")


def _arguments(call: FunctionCall, statement: str) -> tuple[Term, ...]:
    if not isinstance(call.function, FunctionName) or call.function.keyspace is not None:
        raise StatementError(statement, "a function in CHECK is one that the server brings; leave the keyspace out")
    arguments: list[Term] = []
    for argument in call.arguments:
        if not isinstance(argument, Term):
            name = call.function.name
            raise StatementError(statement, f"a function in CHECK is of its column already; write fn.call({name!r})")
        arguments.append(argument)
    return tuple(arguments)
