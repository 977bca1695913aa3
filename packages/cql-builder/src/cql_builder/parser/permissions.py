"""GRANT, REVOKE and LIST, of permissions and of roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.access import (
    FunctionResource,
    Grant,
    GrantRole,
    ListPermissions,
    ListRoles,
    ListSuperusers,
    ListUsers,
    Revoke,
    RevokeRole,
)
from cql_builder.compiler.permissions import unsuited
from cql_builder.dialects import features
from cql_builder.parser.names import role_name
from cql_builder.parser.resources import resource

if TYPE_CHECKING:
    from cql_builder.ast.access import Permission, Resource
    from cql_builder.ast.statements import Statement
    from cql_builder.dialects import Feature
    from cql_builder.parser.cursor import Cursor

_PERMISSIONS: dict[str, tuple[Permission, Feature | None]] = {
    "create": ("CREATE", None),
    "alter": ("ALTER", None),
    "drop": ("DROP", None),
    "select": ("SELECT", None),
    "modify": ("MODIFY", None),
    "authorize": ("AUTHORIZE", None),
    "describe": ("DESCRIBE", None),
    "execute": ("EXECUTE", None),
    "unmask": ("UNMASK", features.MASKING_PERMISSIONS),
    "select_masked": ("SELECT_MASKED", features.MASKING_PERMISSIONS),
    "vector_search_indexing": ("VECTOR_SEARCH_INDEXING", features.VECTOR_PERMISSION),
    "text_search_indexing": ("TEXT_SEARCH_INDEXING", features.TEXT_PERMISSION),
}
_BUILTIN_KEYSPACE = "system"


def grant(cursor: Cursor) -> Grant | GrantRole:
    """Read what follows GRANT."""
    if not _at_permission(cursor):
        role = role_name(cursor)
        cursor.expect("to")
        return GrantRole(role, role_name(cursor))
    permissions, on = _permissions_on_resource(cursor)
    cursor.expect("to")
    return Grant(permissions, on, role_name(cursor))


def revoke(cursor: Cursor) -> Revoke | RevokeRole:
    """Read what follows REVOKE."""
    if not _at_permission(cursor):
        role = role_name(cursor)
        cursor.expect("from")
        return RevokeRole(role, role_name(cursor))
    permissions, on = _permissions_on_resource(cursor)
    cursor.expect("from")
    return Revoke(permissions, on, role_name(cursor))


def list_access(cursor: Cursor) -> Statement:
    """Read what follows LIST, where it is about roles and permissions."""
    if cursor.accept("users"):
        return ListUsers()
    if cursor.at("superusers"):
        cursor.require(features.LIST_SUPERUSERS)
        cursor.expect("superusers")
        return ListSuperusers()
    if cursor.accept("roles"):
        role = role_name(cursor) if cursor.accept("of") else None
        return ListRoles(role, not cursor.accept("norecursive"))
    permissions = _permissions(cursor)
    on = resource(cursor) if cursor.accept("on") else None
    role = role_name(cursor) if cursor.accept("of") else None
    return ListPermissions(permissions, on, role, not cursor.accept("norecursive"))


def _at_permission(cursor: Cursor) -> bool:
    """Whether a permission is next and not a role; some words are names of both."""
    return (cursor.at("all") or cursor.peek() in _PERMISSIONS) and cursor.peek(1) not in {"to", "from"}


def _permissions_on_resource(cursor: Cursor) -> tuple[tuple[Permission, ...], Resource]:
    start = cursor.mark()
    permissions = _permissions(cursor)
    cursor.expect("on")
    on = resource(cursor)
    fault = unsuited(permissions, on, cursor.dialect) if permissions else None
    if fault is not None:  # the servers refuse it while they parse
        raise cursor.refusal(fault, start, of_all=True)
    if isinstance(on, FunctionResource) and on.function.keyspace == _BUILTIN_KEYSPACE:
        raise cursor.refusal("no permission can be given on a function that the server brings", start)
    return permissions, on


def _permissions(cursor: Cursor) -> tuple[Permission, ...]:
    """Read the permissions; none stands for all."""
    if cursor.accept("all"):
        cursor.accept("permissions")
        return ()
    permissions: list[Permission] = [_permission(cursor)]
    while cursor.at(","):
        cursor.require(features.SEVERAL_PERMISSIONS)
        cursor.expect(",")
        permissions.append(_permission(cursor))
    return tuple(permissions)


def _permission(cursor: Cursor) -> Permission:
    found = _PERMISSIONS.get(cursor.peek())
    if found is None:
        raise cursor.error("ALL or a permission, such as SELECT")
    permission, feature = found
    if feature is not None:
        cursor.require(feature)
    cursor.expect(cursor.peek())
    cursor.accept("permission")
    return permission
