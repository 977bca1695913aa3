"""Statements on functions and aggregates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.programs import CreateAggregate, CreateFunction, DropAggregate, DropFunction, NamedType
from cql_builder.dialects import features
from cql_builder.parser.existence import if_exists, if_not_exists
from cql_builder.parser.names import function_name
from cql_builder.parser.terms import term
from cql_builder.parser.types import data_type

if TYPE_CHECKING:
    from cql_builder.ast.types import DataType
    from cql_builder.parser.cursor import Cursor


def create_function(cursor: Cursor) -> CreateFunction:
    """Read what follows CREATE FUNCTION."""
    return _create_function(cursor, or_replace=False)


def create_aggregate(cursor: Cursor) -> CreateAggregate:
    """Read what follows CREATE AGGREGATE."""
    return _create_aggregate(cursor, or_replace=False)


def create_or_replace(cursor: Cursor) -> CreateFunction | CreateAggregate:
    """Read what follows CREATE OR."""
    cursor.expect("replace")
    if cursor.accept("function"):
        return _create_function(cursor, or_replace=True)
    if cursor.accept("aggregate"):
        return _create_aggregate(cursor, or_replace=True)
    raise cursor.error("FUNCTION or AGGREGATE")


def drop_function(cursor: Cursor) -> DropFunction:
    """Read what follows DROP FUNCTION."""
    if_there = if_exists(cursor)
    name = function_name(cursor)
    return DropFunction(name, argument_types(cursor) if cursor.at("(") else None, if_there)


def drop_aggregate(cursor: Cursor) -> DropAggregate:
    """Read what follows DROP AGGREGATE."""
    if_there = if_exists(cursor)
    name = function_name(cursor)
    return DropAggregate(name, argument_types(cursor) if cursor.at("(") else None, if_there)


def argument_types(cursor: Cursor) -> tuple[DataType, ...]:
    """Read the types of a function's arguments, in their parentheses."""
    cursor.expect("(")
    types = () if cursor.at(")") else cursor.comma_separated(lambda: data_type(cursor))
    cursor.expect(")")
    return types


def _create_function(cursor: Cursor, *, or_replace: bool) -> CreateFunction:
    if or_replace and cursor.at("if"):
        cursor.require(features.REPLACE_IF_NOT_EXISTS)
    unless_there = if_not_exists(cursor)
    name = function_name(cursor)
    cursor.expect("(")
    arguments = () if cursor.at(")") else cursor.comma_separated(lambda: _argument(cursor))
    cursor.expect(")")
    called = cursor.accept("called")
    if not called:
        if not cursor.at("returns"):
            raise cursor.error("CALLED ON NULL INPUT or RETURNS NULL ON NULL INPUT")
        cursor.expect("returns", "null")
    cursor.expect("on", "null", "input", "returns")
    returns = data_type(cursor)
    cursor.expect("language")
    language = cursor.word("a language, a word without quotes that is no keyword")
    cursor.expect("as")
    body = cursor.string("the function's body as a string")
    return CreateFunction(name, arguments, returns, language, body, called, or_replace, unless_there)


def _argument(cursor: Cursor) -> NamedType:
    name = cursor.identifier("an argument")
    return NamedType(name, data_type(cursor))


def _create_aggregate(cursor: Cursor, *, or_replace: bool) -> CreateAggregate:
    unless_there = if_not_exists(cursor)
    name = function_name(cursor)
    types = argument_types(cursor)
    cursor.expect("sfunc")
    state_function = _own_function(cursor)
    cursor.expect("stype")
    state_type = data_type(cursor)
    reduce_function = None
    if cursor.at("reducefunc"):
        cursor.require(features.REDUCE_FUNCTION)
        cursor.expect("reducefunc")
        reduce_function = _own_function(cursor)
    final_function = _own_function(cursor) if cursor.accept("finalfunc") else None
    initial_state = term(cursor) if cursor.accept("initcond") else None
    return CreateAggregate(
        name,
        types,
        state_function,
        state_type,
        final_function,
        initial_state,
        reduce_function,
        or_replace,
        unless_there,
    )


def _own_function(cursor: Cursor) -> str:
    """Read the name of a function of the aggregate's own keyspace, which therefore cannot be named."""
    start = cursor.mark()
    name = function_name(cursor)
    if name.keyspace is not None:
        raise cursor.refusal("expected a function without its keyspace: it is that of the aggregate", start)
    return name.name
