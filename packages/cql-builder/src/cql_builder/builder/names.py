"""Names as they are given to builders: `"table"`, `"keyspace.table"`, and mappings from names to something."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from cql_builder.ast.names import FunctionName, IndexName, RoleName, TableName
from cql_builder.ast.types import UserType
from cql_builder.builder.literals import is_mapping
from cql_builder.builder.sharing import KEPT_NAME, SHARED_NODES, exact
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
        return _table_of(exact(table), statement)
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


def keyspace_name(keyspace: object, statement: str, argument: str = "the name of the keyspace") -> str:
    """Return the name of a keyspace.

    Raises:
        ArgumentError: if it is no str.
        StatementError: if it has a dot or quotes, which no server takes in the name of a keyspace.
    """
    name = checked_name(keyspace, statement, argument)
    _refuse_quotes(name, statement, "no keyspace has quotes in its name")
    if "." in name:
        raise StatementError(statement, f"{name!r} is not taken for a keyspace; name the keyspace alone, without a dot")
    return name


def own_index_name(index: object, statement: str) -> str:
    """Return the name of an index where its keyspace cannot stand, for it is that of the table.

    Raises:
        ArgumentError: if it is neither a str nor an `IndexName`.
        StatementError: if it has a keyspace.
    """
    name = index_name(index, statement)
    if name.keyspace is not None:
        raise StatementError(
            statement,
            "the index is in the keyspace of the table; leave the keyspace out, and for a name with dots give "
            "IndexName(name)",
        )
    return checked_name(name.name, statement, "the name of the index")


def own_function_name(function: object, statement: str, argument: str) -> str:
    """Return the name of a function where its keyspace cannot stand, for it is that of what calls it.

    Raises:
        ArgumentError: if it is neither a str nor a `FunctionName`.
        StatementError: if it has a keyspace.
    """
    if not isinstance(function, str | FunctionName):
        raise ArgumentError(statement, argument, "a str or a FunctionName", function)
    name = function_name(function, statement)
    if name.keyspace is not None:
        raise StatementError(
            statement,
            f"{argument} is in the keyspace of the aggregate; leave the keyspace out, and for a name with dots give "
            "FunctionName(name)",
        )
    return checked_name(name.name, statement, argument)


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
        raise ArgumentError(statement, _with_article(what), f"a str or {_with_article(kind.__name__)}", given)
    _refuse_quotes(given, statement, f"for a name with quotes in it give {kind.__name__}(…)")
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


def _with_article(word: str) -> str:
    return f"an {word}" if word[0] in "aeiouAEIO" else f"a {word}"


def _refuse_quotes(given: str, statement: str, otherwise: str) -> None:
    if '"' in given:
        bare = str.replace(given, '"', "")
        raise StatementError(
            statement, f"{given!r} has quotes, which are written where they must be; write {bare!r}; {otherwise}"
        )
