"""`create_keyspace` and `drop_keyspace`: the statements about keyspaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.definitions import CreateKeyspace, DropKeyspace, Option
from cql_builder.ast.terms import BooleanLiteral
from cql_builder.builder.literals import map_literal
from cql_builder.builder.statement import FinishedStatement
from cql_builder.errors import ArgumentError, MissingClauseError

if TYPE_CHECKING:
    from collections.abc import Mapping


def create_keyspace(
    name: str, replication: Mapping[str, str | int], *, durable_writes: bool = True, if_not_exists: bool = False
) -> FinishedStatement:
    """Return a CREATE KEYSPACE.

    Args:
        name: the keyspace's name.
        replication: the replication strategy's `class` and options, such as the replicas of each datacenter.
        durable_writes: whether writes go through the commit log.
        if_not_exists: do nothing where there is such a keyspace, whatever its replication is.

    Raises:
        StatementError: if there is no replication strategy, or an argument is of the wrong kind.

    >>> from cql_builder import create_keyspace
    >>> create_keyspace("shop", {"class": "NetworkTopologyStrategy", "dc1": 3}).compile().cql
    "CREATE KEYSPACE shop WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 3}"
    """
    statement = "CREATE KEYSPACE"
    if "class" not in replication:
        raise MissingClauseError(
            statement, "the replication strategy", 'give replication a "class", such as NetworkTopologyStrategy'
        )
    options: tuple[Option, ...] = (Option("replication", map_literal(replication, statement, "replication")),)
    if not durable_writes:
        options += (Option("durable_writes", BooleanLiteral(False)),)  # noqa: FBT003 - a literal
    return FinishedStatement(CreateKeyspace(_name(name, statement), options, if_not_exists))


def drop_keyspace(name: str, *, if_exists: bool = False) -> FinishedStatement:
    """Return a DROP KEYSPACE: all its tables go with it.

    Raises:
        ArgumentError: if the name is no str.

    >>> from cql_builder import drop_keyspace
    >>> drop_keyspace("Shop").compile().cql
    'DROP KEYSPACE "Shop"'
    """
    return FinishedStatement(DropKeyspace(_name(name, "DROP KEYSPACE"), if_exists))


def _name(name: object, statement: str) -> str:
    if isinstance(name, str):
        return name
    raise ArgumentError(statement, "the name of the keyspace", "a str", name)
