"""Renderers of the statements on roles, users and identities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast import access
from cql_builder.compiler.clauses import option_map
from cql_builder.compiler.definitions import altered_if_exists, if_exists, if_not_exists
from cql_builder.compiler.names import role_name, user_name
from cql_builder.compiler.rendering import Rule
from cql_builder.dialects.features import (
    ACCESS_FROM_CIDRS,
    ACCESS_TO_DATACENTERS,
    GENERATED_PASSWORD,
    GENERATED_ROLE,
    HASHED_PASSWORD,
    HASHED_PASSWORD_OF_USER,
    IDENTITIES,
    LIST_SUPERUSERS,
)
from cql_builder.errors import ClauseConflictError
from cql_builder.quoting import quote_string

if TYPE_CHECKING:
    from cql_builder.compiler.rendering import Rendering

_PASSWORD = "the password"  # noqa: S105 - what errors call it


def _password(node: access.Password, rendering: Rendering) -> str:
    if not node.hashed:
        return f"PASSWORD = {quote_string(node.text)}"
    rendering.require(HASHED_PASSWORD)
    return f"HASHED PASSWORD = {quote_string(node.text)}"


def _generated_password(_: access.GeneratedPassword, rendering: Rendering) -> str:
    rendering.require(GENERATED_PASSWORD)
    return "GENERATED PASSWORD"


def _superuser(node: access.Superuser, _: Rendering) -> str:
    return f"SUPERUSER = {'true' if node.value else 'false'}"


def _login(node: access.Login, _: Rendering) -> str:
    return f"LOGIN = {'true' if node.value else 'false'}"


def _custom_options(node: access.CustomOptions, rendering: Rendering) -> str:
    return f"OPTIONS = {option_map(node.options, rendering)}"


def _access_to_datacenters(node: access.AccessToDatacenters, rendering: Rendering) -> str:
    rendering.require(ACCESS_TO_DATACENTERS)
    return f"ACCESS TO DATACENTERS {_names(node.names)}" if node.names else "ACCESS TO ALL DATACENTERS"


def _access_from_cidrs(node: access.AccessFromCidrs, rendering: Rendering) -> str:
    rendering.require(ACCESS_FROM_CIDRS)
    return f"ACCESS FROM CIDRS {_names(node.names)}" if node.names else "ACCESS FROM ALL CIDRS"


def _names(names: tuple[str, ...]) -> str:
    return f"{{{', '.join(map(quote_string, names))}}}"


def _option_name(option: access.RoleOption) -> str:
    if isinstance(option, access.Password | access.GeneratedPassword):
        return _PASSWORD
    return f"the option {type(option).__name__}"


def _role_options(options: tuple[access.RoleOption, ...], rendering: Rendering) -> str:
    rendering.require_once(map(_option_name, options), str)
    return f" WITH {_ROLE_OPTION.join(options, rendering, ' AND ')}" if options else ""


def _create_role(node: access.CreateRole, rendering: Rendering) -> str:
    exists, options = if_not_exists(node), _role_options(node.options, rendering)
    if node.generated:
        rendering.require(GENERATED_ROLE)
        if node.role is not None:
            rendering.refuse("the server makes up the name of a GENERATED ROLE; give it none")
        if node.if_not_exists:
            raise ClauseConflictError(rendering.statement, "GENERATED", "IF NOT EXISTS")
        return f"CREATE GENERATED ROLE{options}"
    if node.role is None:
        rendering.refuse("the role has no name; give it one, or let the server make one up with generated=True")
    return f"CREATE ROLE{exists} {role_name(node.role, rendering)}{options}"


def _alter_role(node: access.AlterRole, rendering: Rendering) -> str:
    exists, options = altered_if_exists(node, rendering), _role_options(node.options, rendering)
    return f"ALTER ROLE{exists} {role_name(node.role, rendering)}{options}"


def _drop_role(node: access.DropRole, rendering: Rendering) -> str:
    return f"DROP ROLE{if_exists(node)} {role_name(node.role, rendering)}"


def _create_user(node: access.CreateUser, rendering: Rendering) -> str:
    return f"CREATE USER{if_not_exists(node)} {user_name(node.user)}{_user_options(node, rendering)}"


def _alter_user(node: access.AlterUser, rendering: Rendering) -> str:
    return f"ALTER USER{altered_if_exists(node, rendering)} {user_name(node.user)}{_user_options(node, rendering)}"


def _user_options(node: access.CreateUser | access.AlterUser, rendering: Rendering) -> str:
    text = ""
    if isinstance(node.password, access.Password):
        if node.password.hashed:
            rendering.require(HASHED_PASSWORD_OF_USER)
        text = f" WITH {'HASHED ' if node.password.hashed else ''}PASSWORD {quote_string(node.password.text)}"
    elif node.password is not None:
        text = f" WITH {_generated_password(node.password, rendering)}"
    if node.superuser is None:
        return text
    return f"{text} SUPERUSER" if node.superuser else f"{text} NOSUPERUSER"


def _drop_user(node: access.DropUser, _: Rendering) -> str:
    return f"DROP USER{if_exists(node)} {user_name(node.user)}"


def _add_identity(node: access.AddIdentity, rendering: Rendering) -> str:
    rendering.require(IDENTITIES)
    identity, role = quote_string(node.identity), user_name(node.role)
    return f"ADD IDENTITY{if_not_exists(node)} {identity} TO ROLE {role}"


def _drop_identity(node: access.DropIdentity, rendering: Rendering) -> str:
    rendering.require(IDENTITIES)
    return f"DROP IDENTITY{if_exists(node)} {quote_string(node.identity)}"


def _list_roles(node: access.ListRoles, rendering: Rendering) -> str:
    of = "" if node.role is None else f" OF {role_name(node.role, rendering)}"
    return f"LIST ROLES{of}" if node.recursive else f"LIST ROLES{of} NORECURSIVE"


def _list_users(_: access.ListUsers, __: Rendering) -> str:
    return "LIST USERS"


def _list_superusers(_: access.ListSuperusers, rendering: Rendering) -> str:
    rendering.require(LIST_SUPERUSERS)
    return "LIST SUPERUSERS"


_ROLE_OPTION = Rule(
    "an option of a role",
    {
        access.Password: _password,
        access.GeneratedPassword: _generated_password,
        access.Superuser: _superuser,
        access.Login: _login,
        access.CustomOptions: _custom_options,
        access.AccessToDatacenters: _access_to_datacenters,
        access.AccessFromCidrs: _access_from_cidrs,
    },
)
ROLE_STATEMENT = Rule(
    "a statement",
    {
        access.CreateRole: _create_role,
        access.AlterRole: _alter_role,
        access.DropRole: _drop_role,
        access.CreateUser: _create_user,
        access.AlterUser: _alter_user,
        access.DropUser: _drop_user,
        access.AddIdentity: _add_identity,
        access.DropIdentity: _drop_identity,
        access.ListRoles: _list_roles,
        access.ListUsers: _list_users,
        access.ListSuperusers: _list_superusers,
    },
)
