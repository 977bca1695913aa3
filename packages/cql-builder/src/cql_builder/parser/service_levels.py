"""Statements on service levels, which ScyllaDB alone has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.names import RoleName
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
from cql_builder.dialects import features
from cql_builder.parser.existence import if_exists, if_not_exists
from cql_builder.parser.names import role_name
from cql_builder.parser.options import options

if TYPE_CHECKING:
    from cql_builder.ast.statements import Statement
    from cql_builder.parser.cursor import Cursor

_DEFAULT = "default"


def create_service_level(cursor: Cursor) -> CreateServiceLevel:
    """Read what follows CREATE."""
    _service_level(cursor)
    unless_there = if_not_exists(cursor)
    name = service_level_name(cursor)
    return CreateServiceLevel(name, options(cursor) if cursor.accept("with") else (), unless_there)


def alter_service_level(cursor: Cursor) -> AlterServiceLevel:
    """Read what follows ALTER."""
    _service_level(cursor)
    name = service_level_name(cursor)
    cursor.expect("with")
    return AlterServiceLevel(name, options(cursor))


def drop_service_level(cursor: Cursor) -> DropServiceLevel:
    """Read what follows DROP."""
    _service_level(cursor)
    if_there = if_exists(cursor)
    return DropServiceLevel(service_level_name(cursor), if_there)


def attach_service_level(cursor: Cursor) -> AttachServiceLevel:
    """Read what follows ATTACH."""
    _service_level(cursor)
    name = service_level_name(cursor)
    cursor.expect("to")
    return AttachServiceLevel(name, _role(cursor))


def detach_service_level(cursor: Cursor) -> DetachServiceLevel:
    """Read what follows DETACH."""
    _service_level(cursor)
    cursor.expect("from")
    return DetachServiceLevel(_role(cursor))


def at_service_levels(cursor: Cursor) -> bool:
    """Whether what follows LIST is about service levels."""
    ahead = 1 if cursor.at("all") else 0
    if cursor.peek(ahead) in {"attached", "effective"}:
        ahead += 1
    return cursor.peek(ahead) in {"service", "service_level", "service_levels"}


def list_service_levels(cursor: Cursor) -> Statement:
    """Read what follows LIST."""
    cursor.require(features.SERVICE_LEVELS)
    if cursor.accept("all"):
        attached = cursor.accept("attached")
        if not cursor.accept("service_levels"):
            cursor.expect("service", "levels")
        return ListAttachedServiceLevels() if attached else ListServiceLevels()
    attached = cursor.accept("attached")
    effective = not attached and cursor.accept("effective")
    _service_level(cursor)
    if not attached and not effective:
        return ListServiceLevels(service_level_name(cursor))
    cursor.expect("of")
    role = _role(cursor)
    return ListAttachedServiceLevels(role) if attached else ListEffectiveServiceLevel(role)


def service_level_name(cursor: Cursor) -> str:
    """Read the name of a service level: what a role can be called, or DEFAULT, which is a reserved word."""
    if cursor.accept(_DEFAULT):
        return _DEFAULT
    return role_name(cursor).name


def _role(cursor: Cursor) -> RoleName:
    return RoleName(service_level_name(cursor))


def _service_level(cursor: Cursor) -> None:
    cursor.require(features.SERVICE_LEVELS)
    if not cursor.accept("service_level"):
        cursor.expect("service", "level")
