"""Names as they are given to builders: `"table"`, `"keyspace.table"`, and mappings from names to something."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from cql_builder.ast.names import FunctionName, IndexName, RoleName, TableName
from cql_builder.ast.types import UserType
from cql_builder.builder.literals import is_mapping
from cql_builder.builder.sharing import KEPT_NAME, SHARED_NODES
from cql_builder.errors import ArgumentError, MissingClauseError, StatementError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Q = TypeVar("Q", TableName, IndexName, FunctionName, UserType)


def table_name(table: object, statement: str) -> TableName:
    """Return the name of a table given as `"table"`, `"keyspace.table"` or `TableName`.

    Raises:
        ArgumentError: if it is none of these.
        StatementError: if the text has more than one dot, or nothing on one side of it.
    """
    if isinstance(table, str) and len(table) <= KEPT_NAME:
        return _table_of(table, statement)
    return _qualified(table, TableName, "table", statement)


def index_name(index: object, statement: str) -> IndexName:
    """Return the name of an index given as `"index"`, `"keyspace.index"` or `IndexName`.

    Raises:
        ArgumentError: if it is none of these.
        StatementError: if the text has more than one dot, or nothing on one side of it.
    """
    return _qualified(index, IndexName, "index", statement)


def function_name(function: object, statement: str) -> FunctionName:
    """Return the name of a function given as `"function"`, `"keyspace.function"` or `FunctionName`.

    Raises:
        ArgumentError: if it is none of these.
        StatementError: if the text has more than one dot, or nothing on one side of it.
    """
    return _qualified(function, FunctionName, "function", statement)


def type_name(user_type: object, statement: str) -> UserType:
    """Return the name of a user-defined type given as `"type"`, `"keyspace.type"` or `UserType`.

    Raises:
        ArgumentError: if it is none of these.
        StatementError: if the text has more than one dot, or nothing on one side of it.
    """
    return _qualified(user_type, UserType, "type", statement)


def role_name(role: object, statement: str) -> RoleName:
    """Return the name of a role given as a str or a `RoleName`; dots in it are part of the name.

    Raises:
        ArgumentError: if it is neither.
    """
    return role if isinstance(role, RoleName) else RoleName(checked_name(role, statement, "a role"))


def checked_name(name: object, statement: str, argument: str) -> str:
    """Return a name that is a str, and no member of an enumeration: those have a hash and a format of their own.

    Raises:
        ArgumentError: if it is none.
    """
    if isinstance(name, str):
        return str.__str__(name)
    raise ArgumentError(statement, argument, "a str", name)


def checked_flag(flag: object, argument: str, statement: str) -> bool:
    """Return a bool.

    Raises:
        ArgumentError: if it is none.
    """
    if isinstance(flag, bool):
        return flag
    raise ArgumentError(statement, argument, "a bool", flag)


def named_values(
    mapping: object, keywords: Mapping[str, object], argument: str, statement: str
) -> Iterator[tuple[str, object]]:
    """Return names and values of a mapping and of keywords.

    Raises:
        ArgumentError: if the mapping is none, or one of its names is no str.
    """
    if mapping is not None:
        if not is_mapping(mapping):
            raise ArgumentError(statement, argument, "a mapping of column names to values", mapping)
        for name, value in mapping.items():
            if not isinstance(name, str):
                raise ArgumentError(statement, argument, "column names as str", name)
            yield str.__str__(name), value
    for name, value in keywords.items():
        yield str.__str__(name), value


def once_named(mapping: object, keywords: Mapping[str, object], argument: str, statement: str) -> dict[str, object]:
    """Return names and values of a mapping and of keywords, each name once.

    Raises:
        ArgumentError: if the mapping is none, or one of its names is no str.
        StatementError: if a name is given twice.
    """
    together: dict[str, object] = {}
    for name, value in named_values(mapping, keywords, argument, statement):
        if name in together:
            raise StatementError(statement, f"{name!r} is given twice")
        together[name] = value
    return together


@lru_cache(SHARED_NODES)
def _table_of(text: str, statement: str) -> TableName:
    return _qualified(text, TableName, "table", statement)


def _qualified(given: object, kind: type[Q], what: str, statement: str) -> Q:
    if isinstance(given, kind):
        return given
    if not isinstance(given, str):
        article = "an" if what[0] in "aeiou" else "a"
        raise ArgumentError(statement, f"{article} {what}", f"a str or a {kind.__name__}", given)
    keyspace, dot, name = str.__str__(given).rpartition(".")
    if kind is TableName and " " in given.strip():
        reason = f"{given!r} is not taken for a table; CQL has no other name for one, and TableName(…) is exact"
        raise StatementError(statement, reason)
    if not dot:
        if not name:
            raise MissingClauseError(statement, f"the {what}'s name", f"name the {what}")
        return kind(name)
    if not keyspace or not name or "." in keyspace:
        raise StatementError(
            statement,
            f"{given!r} is not '{what}' or 'keyspace.{what}'; for names with dots give {kind.__name__}(name, keyspace)",
        )
    return kind(name, keyspace)
