"""The names of things in text: tables, indexes, functions, keyspaces and roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.names import FunctionName, IndexName, NativeFunctionName, RoleName, TableName
from cql_builder.dialects.bare_names import keywords_that_are_no_functions
from cql_builder.parser.lexer import QUOTED, STRING

if TYPE_CHECKING:
    from cql_builder.parser.cursor import Cursor

RESERVED_FUNCTION_NAMES = frozenset({"ann", "token"})
"""Reserved words that are names of functions all the same."""


def table_name(cursor: Cursor) -> TableName:
    """Read the name of a table or view, with or without its keyspace."""
    name = cursor.identifier("a table")
    if cursor.kinds[cursor.position] != ".":
        return TableName(name)
    cursor.position += 1
    return TableName(cursor.identifier("a table"), name)


def index_name(cursor: Cursor) -> IndexName:
    """Read the name of an index, with or without its keyspace."""
    name = cursor.identifier("an index")
    if cursor.accept("."):
        return IndexName(cursor.identifier("an index"), name)
    return IndexName(name)


def keyspace_name(cursor: Cursor) -> str:
    """Read the name of a keyspace."""
    return cursor.identifier("a keyspace")


def role_name(cursor: Cursor) -> RoleName:
    """Read the name of a role: a word, folded to lower case, or a text in quotes of either kind."""
    if cursor.kinds[cursor.position] == STRING:
        return RoleName(cursor.take())
    return RoleName(cursor.identifier("a role"))


def function_name(cursor: Cursor) -> FunctionName:
    """Read the name of a function or aggregate, with or without its keyspace."""
    if cursor.peek(1) != ".":
        return FunctionName(_function_word(cursor))
    keyspace = keyspace_name(cursor)
    cursor.expect(".")
    return FunctionName(_function_word(cursor), keyspace)


def called_function(cursor: Cursor) -> FunctionName | NativeFunctionName:
    """Read the name of a function that is called: a native one has its name of Cassandra 5.0 in the tree."""
    function = function_name(cursor)
    if function.keyspace is None and function.name in cursor.dialect.functions:
        return NativeFunctionName(cursor.dialect.functions[function.name])
    return function


def at_function_name(cursor: Cursor, ahead: int = 0) -> bool:
    """Whether a token is the name of a function, keyspaces apart."""
    kind = cursor.peek(ahead)
    if kind in RESERVED_FUNCTION_NAMES:
        return True
    return cursor.is_name(ahead) and kind not in keywords_that_are_no_functions(cursor.dialect)


def at_function_call(cursor: Cursor, ahead: int = 0) -> bool:
    """Whether a call of a function starts at a token: its name, with or without a keyspace, and a parenthesis."""
    following = cursor.peek(ahead + 1)
    if following == "(":
        return at_function_name(cursor, ahead)
    if following != "." or cursor.peek(ahead + 3) != "(":
        return False
    return cursor.is_name(ahead) and at_function_name(cursor, ahead + 2)


def _function_word(cursor: Cursor) -> str:
    if not at_function_name(cursor):
        raise cursor.error("a function")
    if cursor.kinds[cursor.position] == QUOTED:
        return cursor.take()
    return cursor.take().lower()
