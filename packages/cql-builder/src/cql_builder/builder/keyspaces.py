"""`create_keyspace`, `alter_keyspace`, `drop_keyspace` and `use`: the statements about keyspaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.definitions import AlterKeyspace, CreateKeyspace, DropKeyspace, Option
from cql_builder.ast.statements import Use
from cql_builder.ast.terms import BooleanLiteral
from cql_builder.builder.definitions import further_options
from cql_builder.builder.literals import is_mapping, map_literal
from cql_builder.builder.names import checked_flag, keyspace_name
from cql_builder.builder.statement import FinishedStatement
from cql_builder.errors import ArgumentError, MissingClauseError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from cql_builder.builder.literals import OptionValue

    Replication: TypeAlias = Mapping[str, str | int | list[str]]
    """A replication strategy: its `class` and options; lists, of the racks of a datacenter, are ScyllaDB's."""


def create_keyspace(
    name: str,
    replication: Replication | None = None,
    *,
    durable_writes: bool = True,
    options: Mapping[str, OptionValue] | None = None,
    if_not_exists: bool = False,
) -> FinishedStatement:
    """Return a CREATE KEYSPACE.

    Args:
        name: the keyspace's name.
        replication: the replication strategy's `class` and options, such as the replicas of each datacenter. Without
            it, ScyllaDB chooses; Cassandra wants it.
        durable_writes: whether writes go through the commit log.
        options: further options, such as ScyllaDB's `{"tablets": {"enabled": True}}`.
        if_not_exists: do nothing where there is such a keyspace, whatever its replication is.

    Raises:
        StatementError: if there is no replication strategy, or an argument is of the wrong kind.

    >>> from cql_builder import create_keyspace
    >>> create_keyspace("shop", {"class": "NetworkTopologyStrategy", "dc1": 3}).compile().cql
    "CREATE KEYSPACE shop WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 3}"
    """
    statement = "CREATE KEYSPACE"
    durable = checked_flag(durable_writes, "durable_writes", statement)
    given = _options(replication, None if durable else False, options, statement)
    return FinishedStatement(CreateKeyspace(_name(name, statement), given, if_not_exists))


def alter_keyspace(
    name: str,
    replication: Replication | None = None,
    *,
    durable_writes: bool | None = None,
    options: Mapping[str, OptionValue] | None = None,
    if_exists: bool = False,
) -> FinishedStatement:
    """Return an ALTER KEYSPACE, which sets what is given and leaves the rest as it is.

    Raises:
        StatementError: if there is nothing to set, no replication strategy, or an argument is of the wrong kind.

    >>> from cql_builder import alter_keyspace
    >>> alter_keyspace("shop", durable_writes=False).compile().cql
    'ALTER KEYSPACE shop WITH durable_writes = false'
    """
    statement = "ALTER KEYSPACE"
    given = _options(replication, durable_writes, options, statement)
    if not given:
        raise MissingClauseError(statement, "what to set", "give replication, durable_writes or options")
    return FinishedStatement(AlterKeyspace(_name(name, statement), given, if_exists))


def drop_keyspace(name: str, *, if_exists: bool = False) -> FinishedStatement:
    """Return a DROP KEYSPACE: all its tables go with it.

    Raises:
        ArgumentError: if the name is no str.

    >>> from cql_builder import drop_keyspace
    >>> drop_keyspace("Shop").compile().cql
    'DROP KEYSPACE "Shop"'
    """
    return FinishedStatement(DropKeyspace(_name(name, "DROP KEYSPACE"), if_exists))


def use(keyspace: str) -> FinishedStatement:
    """Return a USE: names without a keyspace are looked up in this one from then on.

    Raises:
        ArgumentError: if the name is no str.

    >>> from cql_builder import use
    >>> use("shop").compile().cql
    'USE shop'
    """
    return FinishedStatement(Use(_name(keyspace, "USE")))


def _options(replication: object, durable_writes: bool | None, options: object, statement: str) -> tuple[Option, ...]:  # noqa: FBT001 - a fact, passed on
    given: tuple[Option, ...] = ()
    if replication is not None:
        if not is_mapping(replication):
            raise ArgumentError(statement, "replication", "a mapping", replication)
        if "class" not in replication:
            raise MissingClauseError(
                statement, "the replication strategy", 'give replication a "class", such as NetworkTopologyStrategy'
            )
        given = (Option("replication", map_literal(replication, statement, "replication")),)
    if durable_writes is not None:
        given += (Option("durable_writes", BooleanLiteral(checked_flag(durable_writes, "durable_writes", statement))),)
    return given if options is None else further_options(given, options, statement)


def _name(name: object, statement: str) -> str:
    return keyspace_name(name, statement)
