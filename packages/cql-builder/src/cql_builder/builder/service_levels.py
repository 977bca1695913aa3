"""`create_service_level` and its kin: ScyllaDB's shares of time and work for roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.definitions import Option
from cql_builder.ast.service_levels import (
    AlterServiceLevel,
    AttachServiceLevel,
    CreateServiceLevel,
    DetachServiceLevel,
    DropServiceLevel,
    ListAttachedServiceLevels,
    ListEffectiveServiceLevel,
    ListServiceLevels,
)
from cql_builder.ast.terms import NullLiteral
from cql_builder.builder.literals import is_mapping, option_literal
from cql_builder.builder.names import checked_name, role_name
from cql_builder.builder.statement import FinishedStatement
from cql_builder.builder.values import duration_literal
from cql_builder.errors import ArgumentError, MissingClauseError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from cql_builder.ast.names import RoleName
    from cql_builder.builder.literals import OptionConstant

    ServiceLevelOptions: TypeAlias = Mapping[str, OptionConstant | None]
    """What a service level is: `timeout` as a duration such as `"30s"`, `workload_type`, `shares`; None takes back."""


def create_service_level(
    name: str, options: ServiceLevelOptions | None = None, *, if_not_exists: bool = False
) -> FinishedStatement:
    """Return a CREATE SERVICE LEVEL.

    Raises:
        LiteralError: if the timeout is no duration.
        StatementError: if the name is none, or an option no constant.

    >>> from cql_builder import create_service_level
    >>> create_service_level("slow", {"timeout": "30s", "workload_type": "batch"}).compile("scylla").cql
    "CREATE SERVICE LEVEL slow WITH timeout = 30s AND workload_type = 'batch'"
    """
    statement = "CREATE SERVICE LEVEL"
    given = () if options is None else _options(options, statement)
    return FinishedStatement(CreateServiceLevel(_name(name, statement), given, if_not_exists))


def alter_service_level(name: str, options: ServiceLevelOptions) -> FinishedStatement:
    """Return an ALTER SERVICE LEVEL, which sets what is given and leaves the rest.

    None takes an option back.

    Raises:
        LiteralError: if the timeout is no duration.
        StatementError: if the name is none, an option no constant, or there are none.

    >>> from cql_builder import alter_service_level
    >>> alter_service_level("slow", {"timeout": None}).compile("scylla").cql
    'ALTER SERVICE LEVEL slow WITH timeout = null'
    """
    statement = "ALTER SERVICE LEVEL"
    given = _options(options, statement)
    if not given:
        raise MissingClauseError(statement, "WITH", "give at least one option")
    return FinishedStatement(AlterServiceLevel(_name(name, statement), given))


def drop_service_level(name: str, *, if_exists: bool = False) -> FinishedStatement:
    """Return a DROP SERVICE LEVEL.

    Raises:
        ArgumentError: if the name is none.

    >>> from cql_builder import drop_service_level
    >>> drop_service_level("slow", if_exists=True).compile("scylla").cql
    'DROP SERVICE LEVEL IF EXISTS slow'
    """
    return FinishedStatement(DropServiceLevel(_name(name, "DROP SERVICE LEVEL"), if_exists))


def attach_service_level(name: str, *, to: str | RoleName) -> FinishedStatement:
    """Return an ATTACH SERVICE LEVEL: the statements of the role run under it.

    Raises:
        ArgumentError: if a name is none.

    >>> from cql_builder import attach_service_level
    >>> attach_service_level("slow", to="reports").compile("scylla").cql
    'ATTACH SERVICE LEVEL slow TO reports'
    """
    statement = "ATTACH SERVICE LEVEL"
    return FinishedStatement(AttachServiceLevel(_name(name, statement), role_name(to, statement)))


def detach_service_level(*, from_: str | RoleName) -> FinishedStatement:
    """Return a DETACH SERVICE LEVEL.

    Raises:
        ArgumentError: if the role is no name.

    >>> from cql_builder import detach_service_level
    >>> detach_service_level(from_="reports").compile("scylla").cql
    'DETACH SERVICE LEVEL FROM reports'
    """
    return FinishedStatement(DetachServiceLevel(role_name(from_, "DETACH SERVICE LEVEL")))


def list_service_levels(name: str | None = None) -> FinishedStatement:
    """Return a LIST SERVICE LEVEL: all, or the one of a name.

    Raises:
        ArgumentError: if the name is none.

    >>> from cql_builder import list_service_levels
    >>> list_service_levels().compile("scylla").cql
    'LIST ALL SERVICE LEVELS'
    """
    return FinishedStatement(ListServiceLevels(None if name is None else _name(name, "LIST SERVICE LEVEL")))


def list_attached_service_levels(*, of: str | RoleName | None = None) -> FinishedStatement:
    """Return a LIST ATTACHED SERVICE LEVEL: of a role, or of all.

    Raises:
        ArgumentError: if the role is no name.

    >>> from cql_builder import list_attached_service_levels
    >>> list_attached_service_levels(of="reports").compile("scylla").cql
    'LIST ATTACHED SERVICE LEVEL OF reports'
    """
    role = None if of is None else role_name(of, "LIST ATTACHED SERVICE LEVEL")
    return FinishedStatement(ListAttachedServiceLevels(role))


def list_effective_service_level(*, of: str | RoleName) -> FinishedStatement:
    """Return a LIST EFFECTIVE SERVICE LEVEL: what holds for a role.

    Its own level counts, and those of the roles it has.

    Raises:
        ArgumentError: if the role is no name.

    >>> from cql_builder import list_effective_service_level
    >>> list_effective_service_level(of="reports").compile("scylla").cql
    'LIST EFFECTIVE SERVICE LEVEL OF reports'
    """
    return FinishedStatement(ListEffectiveServiceLevel(role_name(of, "LIST EFFECTIVE SERVICE LEVEL")))


def _options(given: object, statement: str) -> tuple[Option, ...]:
    if not is_mapping(given):
        raise ArgumentError(statement, "options", "a mapping of names to values", given)
    return tuple(
        [_option(checked_name(name, statement, "an option"), value, statement) for name, value in given.items()]
    )


def _option(name: str, value: object, statement: str) -> Option:
    if value is None:
        return Option(name, NullLiteral())
    if name == "timeout" and isinstance(value, str):
        return Option(name, duration_literal(value))
    return Option(name, option_literal(value, statement, name))


def _name(name: object, statement: str) -> str:
    return checked_name(name, statement, "the name of the service level")
