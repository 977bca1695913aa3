"""`describe`, `describe_keyspace`, `describe_named`: the statements that read the schema as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from cql_builder.ast.descriptions import (
    DescribedGroup,
    DescribedKind,
    DescribeGroup,
    DescribeKeyspace,
    DescribeNamed,
)
from cql_builder.builder.names import checked_name, function_name, index_name, keyspace_name, table_name, type_name
from cql_builder.builder.statement import FinishedStatement
from cql_builder.errors import StatementError, suggestion

if TYPE_CHECKING:
    from typing import TypeGuard

    from cql_builder.ast.names import FunctionName, IndexName, TableName
    from cql_builder.ast.types import UserType


def describe(group: DescribedGroup, *, internals: bool = False, passwords: bool = False) -> FinishedStatement:
    """Return a DESCRIBE of many things at once.

    Args:
        group: what of: `cluster`, `schema`, `full schema`, `keyspaces`, `tables`, `types`, `functions`, `aggregates`.
        internals: whether with what it takes to restore a backup.
        passwords: whether with the hashes of passwords too: ScyllaDB.

    Raises:
        StatementError: if there is no such group, or passwords are wanted without internals.

    >>> from cql_builder import describe
    >>> describe("full schema", internals=True).compile().cql
    'DESCRIBE FULL SCHEMA WITH INTERNALS'
    """
    named = checked_name(group, "DESCRIBE", "a group")
    if not _is_group(named):
        raise StatementError(
            "DESCRIBE",
            f"{named!r} is no group{suggestion(named.lower(), get_args(DescribedGroup))}; name one thing with "
            "describe_keyspace() or describe_named()",
        )
    _check(internals=internals, passwords=passwords)
    return FinishedStatement(DescribeGroup(named, internals, passwords))


def describe_keyspace(
    name: str | None = None, *, only: bool = False, internals: bool = False, passwords: bool = False
) -> FinishedStatement:
    """Return a DESCRIBE KEYSPACE; without a name, of the session's own.

    `only` leaves out what is in it.

    Raises:
        StatementError: if the name is none, or passwords are wanted without internals.

    >>> from cql_builder import describe_keyspace
    >>> describe_keyspace("shop", only=True).compile().cql
    'DESCRIBE ONLY KEYSPACE shop'
    """
    _check(internals=internals, passwords=passwords)
    keyspace = None if name is None else keyspace_name(name, "DESCRIBE")
    return FinishedStatement(DescribeKeyspace(keyspace, only, internals, passwords))


def describe_named(
    name: str | TableName | IndexName | UserType | FunctionName,
    kind: DescribedKind | None = None,
    *,
    internals: bool = False,
    passwords: bool = False,
) -> FinishedStatement:
    """Return a DESCRIBE of one thing.

    It is a table, index, materialized view, type, function or aggregate.

    Without a kind, it is of whatever has the name.

    Raises:
        StatementError: if the name or the kind is none, or passwords are wanted without internals.

    >>> from cql_builder import describe_named
    >>> describe_named("shop.products", "table").compile().cql
    'DESCRIBE TABLE shop.products'
    """
    _check(internals=internals, passwords=passwords)
    known = None if kind is None else _checked_kind(kind)
    return FinishedStatement(DescribeNamed(known, _name(name, known), internals, passwords))


def _is_group(name: str) -> TypeGuard[DescribedGroup]:
    return name in get_args(DescribedGroup)


def _checked_kind(kind: object) -> DescribedKind:
    named = checked_name(kind, "DESCRIBE", "a kind")
    if _is_kind(named):
        return named
    known = get_args(DescribedKind)
    raise StatementError(
        "DESCRIBE", f"{named!r} is no kind{suggestion(named.lower(), known)}; there is {', '.join(known)}"
    )


def _is_kind(name: str) -> TypeGuard[DescribedKind]:
    return name in get_args(DescribedKind)


def _check(*, internals: bool, passwords: bool) -> None:
    if passwords and not internals:
        raise StatementError("DESCRIBE", "passwords are part of the internals; give internals=True too")


def _name(name: object, kind: DescribedKind | None) -> TableName | IndexName | UserType | FunctionName:
    if kind == "index":
        return index_name(name, "DESCRIBE")
    if kind == "type":
        return type_name(name, "DESCRIBE")
    if kind in {"function", "aggregate"}:
        return function_name(name, "DESCRIBE")
    return table_name(name, "DESCRIBE")
