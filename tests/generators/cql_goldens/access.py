"""Statements on roles, permissions and service levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder import ast
from cql_builder.ast import FunctionName, Option, RoleName
from cql_goldens.terms import INT, T, X

if TYPE_CHECKING:
    from cql_builder.ast import Resource, Statement

C, S, C6 = "cassandra-5.0", "scylla", "cassandra-6.0"
R, Q = RoleName("r"), RoleName("Q")
TIMEOUT = (Option("timeout", ast.DurationLiteral("1s")),)


def granted(resource: Resource, cql: str) -> tuple[str, Statement, str]:
    return C, ast.Grant((), resource, R), f"GRANT ALL PERMISSIONS ON {cql} TO r"


ROLES: list[tuple[str, Statement, str]] = [
    (
        C,
        ast.CreateRole(
            R,
            (
                ast.Password("it's"),
                ast.Login(value=True),
                ast.Superuser(value=False),
                ast.CustomOptions(ast.MapLiteral(((X, X),))),
                ast.AccessToDatacenters(("dc1", "dc2")),
                ast.AccessFromCidrs(),
            ),
            if_not_exists=True,
        ),
        (
            "CREATE ROLE IF NOT EXISTS r WITH PASSWORD = 'it''s' AND LOGIN = true AND SUPERUSER = false"
            " AND OPTIONS = {'x': 'x'} AND ACCESS TO DATACENTERS {'dc1', 'dc2'} AND ACCESS FROM ALL CIDRS"
        ),
    ),
    (
        C,
        ast.AlterRole(
            Q, (ast.Password("h", hashed=True), ast.AccessToDatacenters(), ast.AccessFromCidrs(("c",))), if_exists=True
        ),
        (
            "ALTER ROLE IF EXISTS \"Q\" WITH HASHED PASSWORD = 'h' AND ACCESS TO ALL DATACENTERS"
            " AND ACCESS FROM CIDRS {'c'}"
        ),
    ),
    (
        C6,
        ast.CreateRole(None, (ast.GeneratedPassword(),), generated=True),
        "CREATE GENERATED ROLE WITH GENERATED PASSWORD",
    ),
    (C, ast.DropRole(RoleName(""), if_exists=True), "DROP ROLE IF EXISTS ''"),
    (C, ast.CreateUser(Q, ast.Password("x"), superuser=True), "CREATE USER 'Q' WITH PASSWORD 'x' SUPERUSER"),
    (
        C,
        ast.AlterUser(R, ast.Password("x", hashed=True), superuser=False, if_exists=True),
        "ALTER USER IF EXISTS 'r' WITH HASHED PASSWORD 'x' NOSUPERUSER",
    ),
    (
        C6,
        ast.CreateUser(R, ast.GeneratedPassword(), if_not_exists=True),
        "CREATE USER IF NOT EXISTS 'r' WITH GENERATED PASSWORD",
    ),
    (C, ast.DropUser(RoleName("a'b"), if_exists=True), "DROP USER IF EXISTS 'a''b'"),
    (C, ast.AddIdentity("spiffe://x", Q, if_not_exists=True), "ADD IDENTITY IF NOT EXISTS 'spiffe://x' TO ROLE 'Q'"),
    (C, ast.DropIdentity("i", if_exists=True), "DROP IDENTITY IF EXISTS 'i'"),
    (C, ast.ListRoles(R, recursive=False), "LIST ROLES OF r NORECURSIVE"),
    (C, ast.ListRoles(), "LIST ROLES"),
    (C, ast.ListUsers(), "LIST USERS"),
    (C6, ast.ListSuperusers(), "LIST SUPERUSERS"),
]
PERMISSIONS: list[tuple[str, Statement, str]] = [
    granted(ast.AllKeyspaces(), "ALL KEYSPACES"),
    granted(ast.KeyspaceResource("K"), 'KEYSPACE "K"'),
    granted(ast.AllTables("k"), "ALL TABLES IN KEYSPACE k"),
    granted(ast.TableResource(T), "TABLE t"),
    granted(ast.AllRoles(), "ALL ROLES"),
    granted(ast.RoleResource(Q), 'ROLE "Q"'),
    granted(ast.AllFunctions(), "ALL FUNCTIONS"),
    granted(ast.AllFunctions("k"), "ALL FUNCTIONS IN KEYSPACE k"),
    granted(ast.FunctionResource(FunctionName("f", "k"), (INT,)), "FUNCTION k.f (int)"),
    granted(ast.AllMBeans(), "ALL MBEANS"),
    granted(ast.MBeanResource("a:b=c"), "MBEAN 'a:b=c'"),
    granted(ast.MBeanResource("a:b=*", pattern=True), "MBEANS 'a:b=*'"),
    (C, ast.Grant(("SELECT", "UNMASK"), ast.TableResource(T), R), "GRANT SELECT, UNMASK ON TABLE t TO r"),
    (
        S,
        ast.Grant(("VECTOR_SEARCH_INDEXING",), ast.AllKeyspaces(), R),
        "GRANT VECTOR_SEARCH_INDEXING ON ALL KEYSPACES TO r",
    ),
    (
        S,
        ast.Grant(("TEXT_SEARCH_INDEXING",), ast.AllKeyspaces(), R),
        "GRANT TEXT_SEARCH_INDEXING ON ALL KEYSPACES TO r",
    ),
    (C, ast.Revoke(("MODIFY",), ast.TableResource(T), R), "REVOKE MODIFY ON TABLE t FROM r"),
    (C, ast.GrantRole(R, Q), 'GRANT r TO "Q"'),
    (C, ast.RevokeRole(R, Q), 'REVOKE r FROM "Q"'),
    (C, ast.ListPermissions(), "LIST ALL PERMISSIONS"),
    (
        C,
        ast.ListPermissions(("SELECT",), ast.TableResource(T), R, recursive=False),
        "LIST SELECT ON TABLE t OF r NORECURSIVE",
    ),
]
SERVICE_LEVELS: list[tuple[str, Statement, str]] = [
    (
        S,
        ast.CreateServiceLevel("sl", TIMEOUT, if_not_exists=True),
        "CREATE SERVICE LEVEL IF NOT EXISTS sl WITH timeout = 1s",
    ),
    (S, ast.AlterServiceLevel("default", TIMEOUT), 'ALTER SERVICE LEVEL "default" WITH timeout = 1s'),
    (S, ast.DropServiceLevel("sl", if_exists=True), "DROP SERVICE LEVEL IF EXISTS sl"),
    (S, ast.AttachServiceLevel("sl", R), "ATTACH SERVICE LEVEL sl TO r"),
    (S, ast.DetachServiceLevel(Q), 'DETACH SERVICE LEVEL FROM "Q"'),
    (S, ast.ListServiceLevels("sl"), "LIST SERVICE LEVEL sl"),
    (S, ast.ListServiceLevels(), "LIST ALL SERVICE LEVELS"),
    (S, ast.ListAttachedServiceLevels(R), "LIST ATTACHED SERVICE LEVEL OF r"),
    (S, ast.ListAttachedServiceLevels(), "LIST ALL ATTACHED SERVICE LEVELS"),
    (S, ast.ListEffectiveServiceLevel(R), "LIST EFFECTIVE SERVICE LEVEL OF r"),
]
ACCESS = [*ROLES, *PERMISSIONS, *SERVICE_LEVELS]
