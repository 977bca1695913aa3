"""Statements on roles, permissions and service levels."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from cql_builder import ast
from cql_builder.dialects import features
from cql_trees.names import TEXTS, flag, functions, has, identifiers, maybe, named, roles, tables, tuples, users
from cql_trees.schema import option_maps, options
from cql_trees.terms import data_types

if TYPE_CHECKING:
    from cql_builder.ast import Permission, Statement
    from cql_builder.dialects import Dialect

MASKING: tuple[Permission, ...] = ("UNMASK", "SELECT_MASKED")
OPTIONAL_PERMISSIONS: dict[Permission, features.Feature] = {
    **dict.fromkeys(MASKING, features.MASKING_PERMISSIONS),
    "VECTOR_SEARCH_INDEXING": features.VECTOR_PERMISSION,
    "TEXT_SEARCH_INDEXING": features.TEXT_PERMISSION,
}


@named
def role_options(dialect: Dialect) -> st.SearchStrategy[tuple[ast.RoleOption, ...]]:
    made: st.SearchStrategy[ast.RoleOption] = st.one_of(
        st.builds(ast.Password, TEXTS, flag(dialect, features.HASHED_PASSWORD)),
        st.builds(ast.Superuser, st.booleans()),
        st.builds(ast.Login, st.booleans()),
        st.builds(ast.CustomOptions, option_maps(dialect, plain=True)),
    )
    if has(dialect, features.GENERATED_PASSWORD):
        made |= st.builds(ast.GeneratedPassword)
    if has(dialect, features.ACCESS_TO_DATACENTERS):
        made |= st.builds(ast.AccessToDatacenters, tuples(TEXTS))
    if has(dialect, features.ACCESS_FROM_CIDRS):
        made |= st.builds(ast.AccessFromCidrs, tuples(TEXTS))
    return tuples(made, unique=lambda option: type(option).__name__.removeprefix("Generated"))


@cache
def role_statements(dialect: Dialect) -> dict[type[Statement], st.SearchStrategy[Statement]]:
    role, given = roles(dialect), role_options(dialect)
    altered = flag(dialect, features.IF_EXISTS_ON_ALTER)
    created = st.builds(ast.CreateRole, role, given, st.booleans())
    if has(dialect, features.GENERATED_ROLE):
        created |= st.builds(ast.CreateRole, st.none(), given, generated=st.just(value=True))
    made: dict[type[Statement], st.SearchStrategy[Statement]] = {
        ast.CreateRole: created,
        ast.AlterRole: st.builds(ast.AlterRole, role, given, altered),
        ast.DropRole: st.builds(ast.DropRole, role, st.booleans()),
        ast.ListRoles: st.builds(ast.ListRoles, maybe(role), st.booleans()),
        ast.GrantRole: st.builds(ast.GrantRole, role, role),
        ast.RevokeRole: st.builds(ast.RevokeRole, role, role),
    }
    made.update(user_statements(dialect))
    return made


def user_statements(dialect: Dialect) -> dict[type[Statement], st.SearchStrategy[Statement]]:
    user = users()
    password: st.SearchStrategy[ast.Password | ast.GeneratedPassword | None] = st.none() | st.builds(
        ast.Password, TEXTS, flag(dialect, features.HASHED_PASSWORD_OF_USER)
    )
    if has(dialect, features.GENERATED_PASSWORD):
        password |= st.builds(ast.GeneratedPassword)
    superuser = st.sampled_from([None, True, False])
    altered = flag(dialect, features.IF_EXISTS_ON_ALTER)
    made: dict[type[Statement], st.SearchStrategy[Statement]] = {
        ast.CreateUser: st.builds(ast.CreateUser, user, password, superuser, st.booleans()),
        ast.AlterUser: st.builds(ast.AlterUser, user, password, superuser, altered),
        ast.DropUser: st.builds(ast.DropUser, user, st.booleans()),
        ast.ListUsers: st.builds(ast.ListUsers),
    }
    if has(dialect, features.LIST_SUPERUSERS):
        made[ast.ListSuperusers] = st.builds(ast.ListSuperusers)
    if has(dialect, features.IDENTITIES):
        made[ast.AddIdentity] = st.builds(ast.AddIdentity, TEXTS, user, st.booleans())
        made[ast.DropIdentity] = st.builds(ast.DropIdentity, TEXTS, st.booleans())
    return made


@named
def permissions(dialect: Dialect, *names: Permission) -> st.SearchStrategy[tuple[Permission, ...]]:
    there: list[Permission] = [
        name for name in names if name not in OPTIONAL_PERMISSIONS or has(dialect, OPTIONAL_PERMISSIONS[name])
    ]
    return tuples(st.sampled_from(there), max_size=3 if has(dialect, features.SEVERAL_PERMISSIONS) else 1)


@named
def qualified_functions(dialect: Dialect) -> st.SearchStrategy[ast.FunctionName]:
    if has(dialect, features.FUNCTION_WITHOUT_KEYSPACE):
        return functions(dialect)
    return functions(dialect).filter(lambda function: function.keyspace is not None)


@named
def allowances(dialect: Dialect) -> st.SearchStrategy[tuple[tuple[Permission, ...], ast.Resource]]:
    """Permissions with what they are about: Cassandra's parser knows which resource has which."""
    data: st.SearchStrategy[ast.Resource] = st.one_of(
        st.builds(ast.AllKeyspaces),
        st.builds(ast.KeyspaceResource, identifiers(dialect)),
        st.builds(ast.TableResource, tables(dialect)),
    )
    if has(dialect, features.ALL_TABLES_IN_KEYSPACE):
        data |= st.builds(ast.AllTables, identifiers(dialect))
    of_data = permissions(dialect, "ALTER", "DROP", "SELECT", "MODIFY", "AUTHORIZE", *MASKING)
    of_all = permissions(dialect, "CREATE", "ALTER", "SELECT", *OPTIONAL_PERMISSIONS)
    roles_ = st.builds(ast.AllRoles) | st.builds(ast.RoleResource, roles(dialect))
    functions_ = st.builds(ast.AllFunctions, maybe(identifiers(dialect))) | st.builds(
        ast.FunctionResource, qualified_functions(dialect), tuples(data_types(dialect, 1))
    )
    made: st.SearchStrategy[tuple[tuple[Permission, ...], ast.Resource]] = st.one_of(
        st.tuples(of_data, data),
        st.tuples(of_all, st.builds(ast.AllKeyspaces)),
        st.tuples(permissions(dialect, "ALTER", "DROP", "AUTHORIZE"), roles_),
        st.tuples(permissions(dialect, "ALTER", "DROP", "AUTHORIZE", "EXECUTE"), functions_),
    )
    if not has(dialect, features.MBEANS):
        return made
    beans = st.sampled_from([ast.AllMBeans(), ast.MBeanResource("a:b=c"), ast.MBeanResource("a:b=*", pattern=True)])
    return made | st.tuples(permissions(dialect, "SELECT", "MODIFY", "AUTHORIZE", "DESCRIBE", "EXECUTE"), beans)


@cache
def permission_statements(dialect: Dialect) -> dict[type[Statement], st.SearchStrategy[Statement]]:
    allowed, role = allowances(dialect), roles(dialect)
    return {
        ast.Grant: st.tuples(allowed, role).map(lambda parts: ast.Grant(*parts[0], parts[1])),
        ast.Revoke: st.tuples(allowed, role).map(lambda parts: ast.Revoke(*parts[0], parts[1])),
        ast.ListPermissions: st.tuples(allowed, maybe(role), st.booleans()).map(
            lambda parts: ast.ListPermissions(*parts[0], *parts[1:])
        )
        | st.builds(ast.ListPermissions, permissions(dialect, "SELECT"), st.none(), maybe(role), st.booleans()),
    }


@cache
def service_level_statements(dialect: Dialect) -> dict[type[Statement], st.SearchStrategy[Statement]]:
    if not has(dialect, features.SERVICE_LEVELS):
        return {}
    name, role = identifiers(dialect), roles(dialect)
    return {
        ast.CreateServiceLevel: st.builds(ast.CreateServiceLevel, name, options(dialect), st.booleans()),
        ast.AlterServiceLevel: st.builds(ast.AlterServiceLevel, name, options(dialect, 1)),
        ast.DropServiceLevel: st.builds(ast.DropServiceLevel, name, st.booleans()),
        ast.AttachServiceLevel: st.builds(ast.AttachServiceLevel, name, role),
        ast.DetachServiceLevel: st.builds(ast.DetachServiceLevel, role),
        ast.ListServiceLevels: st.builds(ast.ListServiceLevels, maybe(name)),
        ast.ListAttachedServiceLevels: st.builds(ast.ListAttachedServiceLevels, maybe(role)),
        ast.ListEffectiveServiceLevel: st.builds(ast.ListEffectiveServiceLevel, role),
    }
