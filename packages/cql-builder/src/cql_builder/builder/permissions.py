"""`grant`, `revoke`, `list_permissions`, and what they are about: `table("t")`, `all_keyspaces()`, `role("r")`."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from cql_builder.ast.access import (
    AllFunctions,
    AllKeyspaces,
    AllMBeans,
    AllRoles,
    AllTables,
    FunctionResource,
    Grant,
    GrantRole,
    KeyspaceResource,
    ListPermissions,
    MBeanResource,
    Permission,
    Resource,
    Revoke,
    RevokeRole,
    RoleResource,
    TableResource,
)
from cql_builder.builder.definitions import data_types
from cql_builder.builder.names import checked_name, function_name, keyspace_name, role_name, table_name
from cql_builder.builder.parts import is_collection
from cql_builder.builder.statement import FinishedStatement
from cql_builder.errors import ArgumentError, StatementError, suggestion

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal, TypeAlias, TypeGuard

    from cql_builder.ast.names import FunctionName, RoleName, TableName
    from cql_builder.ast.types import DataType

    Permissions: TypeAlias = Permission | Literal["ALL"] | Sequence[Permission]
    """One permission, several, or all that there are for a resource."""


def grant(permissions: Permissions, *, on: Resource, to: str | RoleName) -> FinishedStatement:
    """Return a GRANT of permissions to a role.

    Give one permission, several (Cassandra 4.1), or `"ALL"`.

    Raises:
        StatementError: if a permission is unknown, or an argument of the wrong kind.

    >>> from cql_builder import grant, keyspace, table
    >>> grant("SELECT", on=table("shop.products"), to="reports").compile().cql
    'GRANT SELECT ON TABLE shop.products TO reports'
    >>> grant("ALL", on=keyspace("shop"), to="admin").compile().cql
    'GRANT ALL PERMISSIONS ON KEYSPACE shop TO admin'
    """
    statement = "GRANT"
    return FinishedStatement(
        Grant(_permissions(permissions, statement), _resource(on, statement), role_name(to, statement))
    )


def revoke(permissions: Permissions, *, on: Resource, from_: str | RoleName) -> FinishedStatement:
    """Return a REVOKE of permissions from a role.

    Give one permission, several (Cassandra 4.1), or `"ALL"`.

    Raises:
        StatementError: if a permission is unknown, or an argument of the wrong kind.

    >>> from cql_builder import all_tables, revoke
    >>> revoke(["SELECT", "MODIFY"], on=all_tables("shop"), from_="reports").compile().cql
    'REVOKE SELECT, MODIFY ON ALL TABLES IN KEYSPACE shop FROM reports'
    """
    statement = "REVOKE"
    return FinishedStatement(
        Revoke(_permissions(permissions, statement), _resource(on, statement), role_name(from_, statement))
    )


def grant_role(role: str | RoleName, *, to: str | RoleName) -> FinishedStatement:
    """Return a GRANT of a role to another, which then has its permissions too.

    Raises:
        ArgumentError: if a role is no name.

    >>> from cql_builder import grant_role
    >>> grant_role("reports", to="anna").compile().cql
    'GRANT reports TO anna'
    """
    return FinishedStatement(GrantRole(role_name(role, "GRANT"), role_name(to, "GRANT")))


def revoke_role(role: str | RoleName, *, from_: str | RoleName) -> FinishedStatement:
    """Return a REVOKE of a role from another.

    Raises:
        ArgumentError: if a role is no name.

    >>> from cql_builder import revoke_role
    >>> revoke_role("reports", from_="anna").compile().cql
    'REVOKE reports FROM anna'
    """
    return FinishedStatement(RevokeRole(role_name(role, "REVOKE"), role_name(from_, "REVOKE")))


def list_permissions(
    permissions: Permissions = "ALL",
    *,
    on: Resource | None = None,
    of: str | RoleName | None = None,
    recursive: bool = True,
) -> FinishedStatement:
    """Return a LIST PERMISSIONS: all, those on a resource, or those of a role.

    Without `recursive`, those of the roles that the role has are left out.

    Raises:
        StatementError: if a permission is unknown, or an argument of the wrong kind.

    >>> from cql_builder import list_permissions
    >>> list_permissions(of="anna", recursive=False).compile().cql
    'LIST ALL PERMISSIONS OF anna NORECURSIVE'
    """
    statement = "LIST PERMISSIONS"
    resource = None if on is None else _resource(on, statement)
    role = None if of is None else role_name(of, statement)
    return FinishedStatement(ListPermissions(_permissions(permissions, statement), resource, role, recursive))


def all_keyspaces() -> AllKeyspaces:
    """Return what is in all keyspaces, and the keyspaces themselves.

    >>> from cql_builder import all_keyspaces, grant
    >>> grant("CREATE", on=all_keyspaces(), to="admin").compile().cql
    'GRANT CREATE ON ALL KEYSPACES TO admin'
    """
    return AllKeyspaces()


def keyspace(name: str) -> KeyspaceResource:
    """Return a keyspace and what is in it, for `grant`, `comment_on` and their kin.

    Raises:
        ArgumentError: if the name is no str.

    >>> from cql_builder import grant, keyspace
    >>> grant("SELECT", on=keyspace("shop"), to="reports").compile().cql
    'GRANT SELECT ON KEYSPACE shop TO reports'
    """
    return KeyspaceResource(keyspace_name(name, "keyspace()"))


def all_tables(keyspace: str) -> AllTables:
    """Return the tables of a keyspace, and not the keyspace itself: Cassandra 4.1.

    Raises:
        ArgumentError: if the name is no str.

    >>> from cql_builder import all_tables, grant
    >>> grant("SELECT", on=all_tables("shop"), to="reports").compile().cql
    'GRANT SELECT ON ALL TABLES IN KEYSPACE shop TO reports'
    """
    return AllTables(keyspace_name(keyspace, "all_tables()"))


def table(name: str | TableName) -> TableResource:
    """Return a table or view, for `grant`, `comment_on` and their kin.

    Raises:
        ArgumentError: if the name is neither a str nor a `TableName`.
        StatementError: if the name is none.

    >>> from cql_builder import revoke, table
    >>> revoke("MODIFY", on=table("shop.products"), from_="reports").compile().cql
    'REVOKE MODIFY ON TABLE shop.products FROM reports'
    """
    return TableResource(table_name(name, "table()"))


def all_roles() -> AllRoles:
    """Return all roles, as what a permission is about.

    >>> from cql_builder import all_roles, grant
    >>> grant("DESCRIBE", on=all_roles(), to="auditor").compile().cql
    'GRANT DESCRIBE ON ALL ROLES TO auditor'
    """
    return AllRoles()


def role(name: str | RoleName) -> RoleResource:
    """Return a role, as what a permission is about.

    Raises:
        ArgumentError: if the name is neither a str nor a `RoleName`.

    >>> from cql_builder import grant, role
    >>> grant("AUTHORIZE", on=role("reports"), to="anna").compile().cql
    'GRANT AUTHORIZE ON ROLE reports TO anna'
    """
    return RoleResource(role_name(name, "role()"))


def all_functions(keyspace: str | None = None) -> AllFunctions:
    """Return the functions of a keyspace or of all, as what a permission is about.

    Raises:
        ArgumentError: if the name is no str.

    >>> from cql_builder import all_functions, grant
    >>> grant("EXECUTE", on=all_functions("shop"), to="reports").compile().cql
    'GRANT EXECUTE ON ALL FUNCTIONS IN KEYSPACE shop TO reports'
    """
    name = None if keyspace is None else keyspace_name(keyspace, "all_functions()")
    return AllFunctions(name)


def function(name: str | FunctionName, *argument_types: str | DataType) -> FunctionResource:
    """Return a function or aggregate, as what a permission is about.

    Several may have one name: its types of arguments, as CQL spells them or as trees, tell them apart.

    Raises:
        ArgumentError: if the name is neither a str nor a `FunctionName`, or a type neither a str nor a tree.
        StatementError: if the name is none.
        CqlSyntaxError: if a type is none.

    >>> from cql_builder import function, grant
    >>> grant("EXECUTE", on=function("shop.discount", "decimal", "text"), to="reports").compile().cql
    'GRANT EXECUTE ON FUNCTION shop.discount (decimal, text) TO reports'
    """
    return FunctionResource(function_name(name, "function()"), data_types(argument_types, "function()"))


def all_mbeans() -> AllMBeans:
    """Return all MBeans of a node, as what a permission is about: Cassandra.

    >>> from cql_builder import all_mbeans, grant
    >>> grant("SELECT", on=all_mbeans(), to="monitor").compile().cql
    'GRANT SELECT ON ALL MBEANS TO monitor'
    """
    return AllMBeans()


def mbean(name: str) -> MBeanResource:
    """Return an MBean, as what a permission is about: Cassandra.

    Raises:
        ArgumentError: if the name is no str.

    >>> from cql_builder import grant, mbean
    >>> grant("EXECUTE", on=mbean("org.apache.cassandra.db:type=StorageService"), to="monitor").compile().cql
    "GRANT EXECUTE ON MBEAN 'org.apache.cassandra.db:type=StorageService' TO monitor"
    """
    return MBeanResource(checked_name(name, "mbean()", "the name of the MBean"))


def mbeans(pattern: str) -> MBeanResource:
    """Return the MBeans of a pattern, as what a permission is about: Cassandra.

    Raises:
        ArgumentError: if the pattern is no str.

    >>> from cql_builder import grant, mbeans
    >>> grant("SELECT", on=mbeans("org.apache.cassandra.metrics:*"), to="monitor").compile().cql
    "GRANT SELECT ON MBEANS 'org.apache.cassandra.metrics:*' TO monitor"
    """
    return MBeanResource(checked_name(pattern, "mbeans()", "the pattern"), pattern=True)


def _permissions(given: object, statement: str) -> tuple[Permission, ...]:
    if isinstance(given, str):
        given = str.__str__(given)
    if given == "ALL":
        return ()
    if not isinstance(given, str) and not is_collection(given):
        raise ArgumentError(statement, "permissions", 'one, a list of them or "ALL"', given)
    several: tuple[object, ...] = (given,) if isinstance(given, str) else tuple(given)
    if not several:
        raise StatementError(statement, 'there are no permissions; give at least one, or "ALL"')
    known = get_args(Permission)
    permissions: list[Permission] = []
    for each in several:
        permission = str.__str__(each) if isinstance(each, str) else each
        if permission == "ALL":
            raise StatementError(statement, 'ALL stands for every permission; give "ALL" alone, or those that you mean')
        if not _is_permission(permission):
            raise StatementError(statement, f"{_no_permission(permission)}; there is ALL, {', '.join(known)}")
        permissions.append(permission)
    return tuple(permissions)


def _no_permission(given: object) -> str:
    if not isinstance(given, str):
        return "that is no permission"
    if "," in given:
        return "several permissions are a list of them, not one text"
    hint = suggestion(given.upper(), get_args(Permission))
    return f"{given!r} is no permission{hint}" if hint else "that is no permission"


def _is_permission(given: object) -> TypeGuard[Permission]:
    return given in get_args(Permission)


def _resource(given: object, statement: str) -> Resource:
    if isinstance(given, Resource):
        return given
    raise ArgumentError(statement, "on", 'a resource such as table("t") or keyspace("ks")', given)
