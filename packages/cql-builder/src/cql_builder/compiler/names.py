"""Renderers of names: each place of the grammar has names of its own, which differ in what needs quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.names import NativeFunctionName
from cql_builder.dialects.bare_names import keywords_that_are_no_functions
from cql_builder.dialects.features import EMPTY_COLUMN_NAME, INDEX_EXPRESSION
from cql_builder.dialects.functions import FUNCTION_FEATURES
from cql_builder.quoting import EMPTY_IDENTIFIER, is_bare, quote_identifier, quote_string

if TYPE_CHECKING:
    from cql_builder.ast import names
    from cql_builder.compiler.rendering import Rendering

CALLED_BARE = frozenset({"ann", "count", "token"})
"""Functions whose names are keywords and are written without quotes all the same."""


def qualified_name(node: names.TableName | names.IndexName, rendering: Rendering) -> str:
    """Return `name` or `keyspace.name`."""
    name = rendering.identifier(node.name)
    return name if node.keyspace is None else f"{rendering.identifier(node.keyspace)}.{name}"


def function_name(node: names.FunctionName, rendering: Rendering) -> str:
    """Return the name of a function or aggregate, with its keyspace if it has one."""
    name = called_name(node.name, rendering)
    return name if node.keyspace is None else f"{rendering.identifier(node.keyspace)}.{name}"


def called_function(node: names.FunctionName | names.NativeFunctionName, rendering: Rendering) -> str:
    """Return the name of a function that is called: a native one as the dialect spells it."""
    if isinstance(node, NativeFunctionName):
        called = rendering.dialect.function_names.get(node.name)
        if called is None:
            if node.name in FUNCTION_FEATURES:
                rendering.require(FUNCTION_FEATURES[node.name])
            called = node.name
        return called_name(called, rendering)
    return function_name(node, rendering)


def called_name(name: str, rendering: Rendering) -> str:
    """Return the name of a function, before its parentheses or alone."""
    name = str.__str__(name)
    if name in CALLED_BARE:
        return name
    # Cassandra's lexer knows `expr(` as one word, that of a question to an index.
    is_question = name == "expr" and rendering.has(INDEX_EXPRESSION)
    if is_question or name in keywords_that_are_no_functions(rendering.dialect):
        return quote_identifier(name, {name})
    return rendering.identifier(name)


def role_name(node: names.RoleName, rendering: Rendering) -> str:
    """Return the name of a role; an empty one, which Cassandra takes, is possible as a string alone."""
    return rendering.identifier(node.name) if node.name else "''"


def user_name(node: names.RoleName) -> str:
    """Return the name of a role where users stand: names in quotes are refused there, strings are not."""
    return quote_string(node.name)


def column_name(node: names.ColumnName, rendering: Rendering) -> str:
    """Return the name of a column that is there; Cassandra's old compact tables have columns with an empty name."""
    if node.name == "":
        rendering.require(EMPTY_COLUMN_NAME)
        return EMPTY_IDENTIFIER
    return quote_identifier(node.name, rendering.dialect.reserved)


def defined_column(node: names.ColumnName, rendering: Rendering) -> str:
    """Return the name of a column where it is defined or selected, and where it cannot be empty."""
    return rendering.identifier(node.name)


def bare_word(word: str, what: str, rendering: Rendering) -> str:
    """Return a name where the grammar has neither quotes nor keywords.

    Raises:
        StatementError: if the name is no such word.
    """
    dialect = rendering.dialect
    if not is_bare(word) or word in dialect.reserved or word in dialect.unreserved:
        rendering.refuse(f"{what} is a word of small letters, digits and _, and no keyword; not {word!r}")
    return str.__str__(word)


def joined_columns(columns: tuple[names.ColumnName, ...], rendering: Rendering) -> str:
    """Return the names of columns that are there, with commas."""
    return ", ".join([column_name(column, rendering) for column in columns])


def defined_columns(columns: tuple[names.ColumnName, ...], rendering: Rendering) -> str:
    """Return the names of columns of a definition, with commas."""
    return ", ".join([rendering.identifier(column.name) for column in columns])
