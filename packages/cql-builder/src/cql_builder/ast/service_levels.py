"""Statements on service levels, ScyllaDB's shares of time and work for roles."""

from __future__ import annotations

from cql_builder.ast.definitions import Option
from cql_builder.ast.names import RoleName
from cql_builder.ast.statements import Statement


class CreateServiceLevel(Statement):
    """CREATE SERVICE LEVEL."""

    name: str
    options: tuple[Option, ...] = ()
    if_not_exists: bool = False


class AlterServiceLevel(Statement):
    """ALTER SERVICE LEVEL."""

    name: str
    options: tuple[Option, ...]


class DropServiceLevel(Statement):
    """DROP SERVICE LEVEL."""

    name: str
    if_exists: bool = False


class AttachServiceLevel(Statement):
    """ATTACH SERVICE LEVEL … TO a role."""

    name: str
    role: RoleName


class DetachServiceLevel(Statement):
    """DETACH SERVICE LEVEL FROM a role."""

    role: RoleName


class ListServiceLevels(Statement):
    """LIST SERVICE LEVEL of one name, or LIST ALL SERVICE LEVELS."""

    name: str | None = None


class ListAttachedServiceLevels(Statement):
    """LIST ATTACHED SERVICE LEVEL OF a role, or LIST ALL ATTACHED SERVICE LEVELS."""

    role: RoleName | None = None


class ListEffectiveServiceLevel(Statement):
    """LIST EFFECTIVE SERVICE LEVEL OF a role."""

    role: RoleName
