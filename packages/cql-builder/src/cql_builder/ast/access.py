"""Statements on roles, users and identities, and on what they may do."""

from __future__ import annotations

from typing import Literal

from cql_builder.ast.names import FunctionName, RoleName, TableName
from cql_builder.ast.node import Node
from cql_builder.ast.statements import Statement
from cql_builder.ast.terms import MapLiteral
from cql_builder.ast.types import DataType

Permission = Literal[
    "CREATE",
    "ALTER",
    "DROP",
    "SELECT",
    "MODIFY",
    "AUTHORIZE",
    "DESCRIBE",
    "EXECUTE",
    "UNMASK",
    "SELECT_MASKED",
    "VECTOR_SEARCH_INDEXING",
    "TEXT_SEARCH_INDEXING",
]
"""What a role may be allowed to do."""


class RoleOption(Node):
    """The base of what WITH says of a role."""


class Password(RoleOption):
    """`PASSWORD = '…'`, or `HASHED PASSWORD = '…'`. It is part of the text: CQL has no marker there."""

    text: str
    hashed: bool = False

    def __repr__(self) -> str:
        """Show that there is a password, and never the password."""
        return f"Password(…, hashed={self.hashed})"


class GeneratedPassword(RoleOption):
    """`GENERATED PASSWORD`: the server makes one up and answers with it."""


class Superuser(RoleOption):
    """`SUPERUSER = true`."""

    value: bool


class Login(RoleOption):
    """`LOGIN = true`."""

    value: bool


class CustomOptions(RoleOption):
    """`OPTIONS = {…}`, for role managers of one's own."""

    options: MapLiteral

    def __repr__(self) -> str:
        """Show that there are options, and never what they are: a role manager may be told a secret."""
        return "CustomOptions(…)"


class AccessToDatacenters(RoleOption):
    """`ACCESS TO DATACENTERS {…}`; without names all of them."""

    names: tuple[str, ...] = ()


class AccessFromCidrs(RoleOption):
    """`ACCESS FROM CIDRS {…}`, by the names of groups of addresses; without names all of them."""

    names: tuple[str, ...] = ()


class CreateRole(Statement):
    """CREATE ROLE, or with `generated` CREATE GENERATED ROLE.

    The server makes up the name of a generated role where none is given.
    """

    role: RoleName | None
    options: tuple[RoleOption, ...] = ()
    if_not_exists: bool = False
    generated: bool = False


class AlterRole(Statement):
    """ALTER ROLE."""

    role: RoleName
    options: tuple[RoleOption, ...] = ()
    if_exists: bool = False


class DropRole(Statement):
    """DROP ROLE."""

    role: RoleName
    if_exists: bool = False


class CreateUser(Statement):
    """CREATE USER: a role that may log in, as servers before roles had it."""

    user: RoleName
    password: Password | GeneratedPassword | None = None
    superuser: bool | None = None
    if_not_exists: bool = False


class AlterUser(Statement):
    """ALTER USER."""

    user: RoleName
    password: Password | GeneratedPassword | None = None
    superuser: bool | None = None
    if_exists: bool = False


class DropUser(Statement):
    """DROP USER."""

    user: RoleName
    if_exists: bool = False


class AddIdentity(Statement):
    """ADD IDENTITY: who a certificate names, as a role."""

    identity: str
    role: RoleName
    if_not_exists: bool = False


class DropIdentity(Statement):
    """DROP IDENTITY."""

    identity: str
    if_exists: bool = False


class Resource(Node):
    """The base of what a permission is about."""


class AllKeyspaces(Resource):
    """`ALL KEYSPACES`."""


class KeyspaceResource(Resource):
    """`KEYSPACE ks`."""

    name: str


class AllTables(Resource):
    """`ALL TABLES IN KEYSPACE ks`: its tables, and not the keyspace itself."""

    keyspace: str


class TableResource(Resource):
    """`TABLE t`."""

    table: TableName


class AllRoles(Resource):
    """`ALL ROLES`."""


class RoleResource(Resource):
    """`ROLE r`."""

    role: RoleName


class AllFunctions(Resource):
    """`ALL FUNCTIONS`, of one keyspace or of all."""

    keyspace: str | None = None


class FunctionResource(Resource):
    """`FUNCTION f(int)`."""

    function: FunctionName
    argument_types: tuple[DataType, ...]


class AllMBeans(Resource):
    """`ALL MBEANS`."""


class MBeanResource(Resource):
    """`MBEAN '…'`, or `MBEANS '…'` with a pattern."""

    name: str
    pattern: bool = False


class Grant(Statement):
    """GRANT … ON … TO; no permission stands for all."""

    permissions: tuple[Permission, ...]
    resource: Resource
    role: RoleName


class Revoke(Statement):
    """REVOKE … ON … FROM; no permission stands for all."""

    permissions: tuple[Permission, ...]
    resource: Resource
    role: RoleName


class GrantRole(Statement):
    """GRANT a role TO another."""

    role: RoleName
    to: RoleName


class RevokeRole(Statement):
    """REVOKE a role FROM another."""

    role: RoleName
    from_: RoleName


class ListPermissions(Statement):
    """LIST PERMISSIONS; no permission stands for all."""

    permissions: tuple[Permission, ...] = ()
    resource: Resource | None = None
    role: RoleName | None = None
    recursive: bool = True


class ListRoles(Statement):
    """LIST ROLES."""

    role: RoleName | None = None
    recursive: bool = True


class ListUsers(Statement):
    """LIST USERS."""


class ListSuperusers(Statement):
    """LIST SUPERUSERS."""
