"""Renderers of the statements on permissions, and of what permissions are about."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from cql_builder.ast import access
from cql_builder.compiler.mbeans import mbean_fault
from cql_builder.compiler.names import function_name, qualified_name, role_name
from cql_builder.compiler.rendering import Rule
from cql_builder.compiler.types import TYPE
from cql_builder.dialects.features import (
    ALL_TABLES_IN_KEYSPACE,
    FUNCTION_WITHOUT_KEYSPACE,
    MASKING_PERMISSIONS,
    MBEANS,
    SEVERAL_PERMISSIONS,
    TEXT_PERMISSION,
    VECTOR_PERMISSION,
)
from cql_builder.quoting import quote_string

if TYPE_CHECKING:
    from cql_builder.compiler.rendering import Rendering
    from cql_builder.dialects import Dialect

_PERMISSIONS = frozenset(get_args(access.Permission))
_FEATURES = {
    "UNMASK": MASKING_PERMISSIONS,
    "SELECT_MASKED": MASKING_PERMISSIONS,
    "VECTOR_SEARCH_INDEXING": VECTOR_PERMISSION,
    "TEXT_SEARCH_INDEXING": TEXT_PERMISSION,
}

_ON_TABLES: frozenset[access.Permission] = frozenset(
    {"ALTER", "DROP", "SELECT", "MODIFY", "AUTHORIZE", "UNMASK", "SELECT_MASKED"}
)
_ON_FUNCTIONS: frozenset[access.Permission] = frozenset({"ALTER", "DROP", "AUTHORIZE", "EXECUTE"})
_ON_ROLES: frozenset[access.Permission] = frozenset({"ALTER", "DROP", "AUTHORIZE", "DESCRIBE"})
_ON_MBEANS: frozenset[access.Permission] = frozenset({"AUTHORIZE", "DESCRIBE", "EXECUTE", "MODIFY", "SELECT"})
_CREATE: frozenset[access.Permission] = frozenset({"CREATE"})
_SEARCH: frozenset[access.Permission] = frozenset({"VECTOR_SEARCH_INDEXING", "TEXT_SEARCH_INDEXING"})
APPLICABLE: dict[type[access.Resource], frozenset[access.Permission]] = {
    access.AllKeyspaces: _ON_TABLES | _CREATE | _SEARCH,
    access.KeyspaceResource: _ON_TABLES | _CREATE,
    access.AllTables: _ON_TABLES | _CREATE,
    access.TableResource: _ON_TABLES,
    access.AllRoles: _ON_ROLES | _CREATE,
    access.RoleResource: _ON_ROLES,
    access.AllFunctions: _ON_FUNCTIONS | _CREATE,
    access.FunctionResource: _ON_FUNCTIONS,
    access.AllMBeans: _ON_MBEANS,
    access.MBeanResource: _ON_MBEANS,
}
"""The permissions that can be granted on each kind of resource, as the servers' `applicablePermissions` have them."""


def unsuited(permissions: tuple[access.Permission, ...], resource: access.Resource, dialect: Dialect) -> str | None:
    """Return why no permission of these can be given on a resource, or None: one that suits is enough for servers."""
    suited = APPLICABLE[type(resource)]
    if not suited.isdisjoint(permissions):
        return None
    there = [name for name in sorted(suited) if name not in _FEATURES or _FEATURES[name] in dialect.features]
    return f"none of these permissions is for such a resource, which knows {', '.join(there)}"


def _permissions(permissions: tuple[access.Permission, ...], rendering: Rendering) -> str:
    for permission in permissions:
        if permission not in _PERMISSIONS:
            rendering.refuse(f"there is no permission {permission!r}; there is {', '.join(sorted(_PERMISSIONS))}")
        if permission in _FEATURES:
            rendering.require(_FEATURES[permission])
    if len(permissions) > 1:
        rendering.require(SEVERAL_PERMISSIONS)
    return ", ".join(permissions) or "ALL PERMISSIONS"


def _on_resource(node: access.Grant | access.Revoke, rendering: Rendering) -> str:
    permissions, resource = _permissions(node.permissions, rendering), _RESOURCE.text(node.resource, rendering)
    fault = unsuited(node.permissions, node.resource, rendering.dialect) if node.permissions else None
    if fault is not None:
        rendering.refuse(fault)
    return f"{permissions} ON {resource}"


def _grant(node: access.Grant, rendering: Rendering) -> str:
    return f"GRANT {_on_resource(node, rendering)} TO {role_name(node.role, rendering)}"


def _revoke(node: access.Revoke, rendering: Rendering) -> str:
    return f"REVOKE {_on_resource(node, rendering)} FROM {role_name(node.role, rendering)}"


def _grant_role(node: access.GrantRole, rendering: Rendering) -> str:
    return f"GRANT {role_name(node.role, rendering)} TO {role_name(node.to, rendering)}"


def _revoke_role(node: access.RevokeRole, rendering: Rendering) -> str:
    return f"REVOKE {role_name(node.role, rendering)} FROM {role_name(node.from_, rendering)}"


def _list_permissions(node: access.ListPermissions, rendering: Rendering) -> str:
    text = f"LIST {_permissions(node.permissions, rendering)}"
    if node.resource is not None:
        text += f" ON {_RESOURCE.text(node.resource, rendering)}"
    if node.role is not None:
        text += f" OF {role_name(node.role, rendering)}"
    return text if node.recursive else f"{text} NORECURSIVE"


def _all_keyspaces(_: access.AllKeyspaces, __: Rendering) -> str:
    return "ALL KEYSPACES"


def _keyspace(node: access.KeyspaceResource, rendering: Rendering) -> str:
    return f"KEYSPACE {rendering.identifier(node.name)}"


def _all_tables(node: access.AllTables, rendering: Rendering) -> str:
    rendering.require(ALL_TABLES_IN_KEYSPACE)
    return f"ALL TABLES IN KEYSPACE {rendering.identifier(node.keyspace)}"


def _table(node: access.TableResource, rendering: Rendering) -> str:
    return f"TABLE {qualified_name(node.table, rendering)}"


def _all_roles(_: access.AllRoles, __: Rendering) -> str:
    return "ALL ROLES"


def _role(node: access.RoleResource, rendering: Rendering) -> str:
    return f"ROLE {role_name(node.role, rendering)}"


def _all_functions(node: access.AllFunctions, rendering: Rendering) -> str:
    if node.keyspace is None:
        return "ALL FUNCTIONS"
    return f"ALL FUNCTIONS IN KEYSPACE {rendering.identifier(node.keyspace)}"


def _function(node: access.FunctionResource, rendering: Rendering) -> str:
    if node.function.keyspace is None:
        rendering.require(FUNCTION_WITHOUT_KEYSPACE)
    return f"FUNCTION {function_name(node.function, rendering)} ({TYPE.join(node.argument_types, rendering)})"


def _all_mbeans(_: access.AllMBeans, rendering: Rendering) -> str:
    rendering.require(MBEANS)
    return "ALL MBEANS"


def _mbean(node: access.MBeanResource, rendering: Rendering) -> str:
    rendering.require(MBEANS)
    fault = mbean_fault(node.name, pattern=node.pattern)
    if fault is not None:
        rendering.refuse(fault)
    return f"{'MBEANS' if node.pattern else 'MBEAN'} {quote_string(node.name)}"


_RESOURCE = Rule(
    "what a permission is about",
    {
        access.AllKeyspaces: _all_keyspaces,
        access.KeyspaceResource: _keyspace,
        access.AllTables: _all_tables,
        access.TableResource: _table,
        access.AllRoles: _all_roles,
        access.RoleResource: _role,
        access.AllFunctions: _all_functions,
        access.FunctionResource: _function,
        access.AllMBeans: _all_mbeans,
        access.MBeanResource: _mbean,
    },
)
PERMISSION_STATEMENT = Rule(
    "a statement",
    {
        access.Grant: _grant,
        access.Revoke: _revoke,
        access.GrantRole: _grant_role,
        access.RevokeRole: _revoke_role,
        access.ListPermissions: _list_permissions,
    },
)
