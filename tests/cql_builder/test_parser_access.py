from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cql_builder.ast import (
    AccessFromCidrs,
    AccessToDatacenters,
    AddIdentity,
    AllFunctions,
    AllKeyspaces,
    AllMBeans,
    AllRoles,
    AllTables,
    AlterRole,
    AlterServiceLevel,
    AlterUser,
    AttachServiceLevel,
    CreateRole,
    CreateServiceLevel,
    CreateUser,
    CustomOptions,
    DetachServiceLevel,
    DropIdentity,
    DropRole,
    DropServiceLevel,
    DropUser,
    DurationLiteral,
    FunctionName,
    FunctionResource,
    GeneratedPassword,
    Grant,
    GrantRole,
    KeyspaceResource,
    ListAttachedServiceLevels,
    ListEffectiveServiceLevel,
    ListPermissions,
    ListRoles,
    ListServiceLevels,
    ListSuperusers,
    ListUsers,
    Login,
    MapLiteral,
    MBeanResource,
    NativeType,
    Option,
    Password,
    Revoke,
    RevokeRole,
    RoleName,
    RoleResource,
    StringLiteral,
    Superuser,
    TableName,
    TableResource,
)
from cql_builder.errors import CqlSyntaxError
from cql_builder.parser.parse import parse_cql

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cql_builder.ast import Node, Resource
    from cql_builder.dialects import DialectName

R, S = RoleName("r"), RoleName("s")
T = TableResource(TableName("t"))

ROLES: list[tuple[str, Node]] = [
    ("CREATE ROLE R", CreateRole(R)),
    (
        (
            "CREATE ROLE IF NOT EXISTS 'A b' WITH PASSWORD = 'x' AND LOGIN = true AND SUPERUSER = FALSE "
            "AND OPTIONS = {'a': 'b'}"
        ),
        CreateRole(
            RoleName("A b"),
            (
                Password("x"),
                Login(value=True),
                Superuser(value=False),
                CustomOptions(MapLiteral(((StringLiteral("a"), StringLiteral("b")),))),
            ),
            if_not_exists=True,
        ),
    ),
    (
        (
            "ALTER ROLE IF EXISTS \"R\" WITH HASHED PASSWORD = 'x' AND ACCESS FROM ALL CIDRS "
            "AND ACCESS TO DATACENTERS {'a'} AND ACCESS TO DATACENTERS {'b', 'c'}"
        ),
        AlterRole(
            RoleName("R"),
            (Password("x", hashed=True), AccessFromCidrs(), AccessToDatacenters(("a", "b", "c"))),
            if_exists=True,
        ),
    ),
    ("DROP ROLE IF EXISTS r", DropRole(R, if_exists=True)),
    ("CREATE USER Bob", CreateUser(RoleName("Bob"))),
    (
        "CREATE USER IF NOT EXISTS 'r' WITH PASSWORD 'x' SUPERUSER",
        CreateUser(R, Password("x"), superuser=True, if_not_exists=True),
    ),
    (
        "ALTER USER IF EXISTS r WITH HASHED PASSWORD 'x' NOSUPERUSER",
        AlterUser(R, Password("x", hashed=True), superuser=False, if_exists=True),
    ),
    ("DROP USER IF EXISTS r", DropUser(R, if_exists=True)),
    ("ADD IDENTITY IF NOT EXISTS 'a b' TO ROLE R", AddIdentity("a b", RoleName("R"), if_not_exists=True)),
    ("DROP IDENTITY IF EXISTS X", DropIdentity("X", if_exists=True)),
    ("LIST USERS", ListUsers()),
    ("LIST ROLES", ListRoles()),
    ("LIST ROLES OF r NORECURSIVE", ListRoles(R, recursive=False)),
    ("GRANT all TO r", GrantRole(RoleName("all"), R)),
    ('GRANT "select" TO r', GrantRole(RoleName("select"), R)),
    ("REVOKE unmask FROM r", RevokeRole(RoleName("unmask"), R)),
]
PERMISSIONS: list[tuple[str, Node]] = [
    ("GRANT ALL PERMISSIONS ON t TO r", Grant((), T, R)),
    ("GRANT SELECT PERMISSION, EXECUTE ON t TO r", Grant(("SELECT", "EXECUTE"), T, R)),
    ("REVOKE SELECT_MASKED ON TABLE t FROM r", Revoke(("SELECT_MASKED",), T, R)),
    ("LIST ALL", ListPermissions()),
    ("LIST EXECUTE ON t OF r NORECURSIVE", ListPermissions(("EXECUTE",), T, R, recursive=False)),
    ("LIST ALL ON FUNCTION k.f()", ListPermissions((), FunctionResource(FunctionName("f", "k"), ()))),
]
RESOURCES: list[tuple[str, Resource]] = [
    ("ALL KEYSPACES", AllKeyspaces()),
    ("KEYSPACE k", KeyspaceResource("k")),
    ("ALL TABLES IN KEYSPACE k", AllTables("k")),
    ("ALL COLUMNFAMILIES IN KEYSPACE k", AllTables("k")),
    ("COLUMNFAMILY k.t", TableResource(TableName("t", "k"))),
    ("all", TableResource(TableName("all"))),
    ("all.t", TableResource(TableName("t", "all"))),
    ("role", TableResource(TableName("role"))),
    ("function.t", TableResource(TableName("t", "function"))),
    ("mbean", TableResource(TableName("mbean"))),
    ("ALL ROLES", AllRoles()),
    ("ROLE 's'", RoleResource(S)),
    ("ROLE role", RoleResource(RoleName("role"))),
    ("ALL FUNCTIONS", AllFunctions()),
    ("ALL FUNCTIONS IN KEYSPACE k", AllFunctions("k")),
    ("ALL MBEANS", AllMBeans()),
    ("MBEAN 'a:b=c'", MBeanResource("a:b=c")),
    ("MBEANS 'a:b=*'", MBeanResource("a:b=*", pattern=True)),
]
LISTED = [(f"LIST ALL ON {text}", ListPermissions((), resource)) for text, resource in RESOURCES]
SERVICE_LEVELS: list[tuple[str, Node]] = [
    (
        "CREATE SERVICE LEVEL IF NOT EXISTS 'Sl' WITH timeout = 5ms",
        CreateServiceLevel("Sl", (Option("timeout", DurationLiteral("5ms")),), if_not_exists=True),
    ),
    ("CREATE SERVICE_LEVEL default", CreateServiceLevel("default")),
    ("ALTER SERVICE LEVEL s WITH x = 'y'", AlterServiceLevel("s", (Option("x", StringLiteral("y")),))),
    ("DROP SERVICE_LEVEL IF EXISTS s", DropServiceLevel("s", if_exists=True)),
    ("ATTACH SERVICE LEVEL s TO r", AttachServiceLevel("s", R)),
    ("DETACH SERVICE_LEVEL FROM r", DetachServiceLevel(R)),
    ("LIST SERVICE LEVEL s", ListServiceLevels("s")),
    ("LIST ALL SERVICE LEVELS", ListServiceLevels()),
    ("LIST ALL SERVICE_LEVELS", ListServiceLevels()),
    ("LIST ATTACHED SERVICE LEVEL OF r", ListAttachedServiceLevels(R)),
    ("LIST ALL ATTACHED SERVICE LEVELS", ListAttachedServiceLevels()),
    ("LIST EFFECTIVE SERVICE_LEVEL OF r", ListEffectiveServiceLevel(R)),
    ("GRANT describe TO r", GrantRole(RoleName("describe"), R)),
    ("GRANT TEXT_SEARCH_INDEXING ON ALL KEYSPACES TO r", Grant(("TEXT_SEARCH_INDEXING",), AllKeyspaces(), R)),
    (
        "GRANT EXECUTE ON FUNCTION f(int) TO r",
        Grant(("EXECUTE",), FunctionResource(FunctionName("f"), (NativeType("int"),)), R),
    ),
    ("CREATE USER key", CreateUser(RoleName("key"))),
]
IN_6_0: list[tuple[str, Node]] = [
    (
        "CREATE GENERATED ROLE WITH GENERATED PASSWORD AND LOGIN = true",
        CreateRole(None, (GeneratedPassword(), Login(value=True)), generated=True),
    ),
    ("CREATE USER Key WITH GENERATED PASSWORD", CreateUser(RoleName("Key"), GeneratedPassword())),
    ("LIST SUPERUSERS", ListSuperusers()),
    ("DROP IDENTITY text", DropIdentity("text")),
]
IN_5_0 = ROLES + PERMISSIONS + LISTED


@pytest.mark.parametrize(
    ("dialect", "text", "tree"),
    [
        *[("cassandra-5.0", *row) for row in IN_5_0],
        *[("cassandra-6.0", *row) for row in IN_6_0],
        *[("scylla", *row) for row in SERVICE_LEVELS],
    ],
)
def test_the_text_is_read_as_the_tree_and_written_again(
    is_read_as: Callable[[DialectName, str, Node], None], dialect: DialectName, text: str, tree: Node
) -> None:
    is_read_as(dialect, text, tree)


def test_cassandra_reads_all_of_them_too(complaints: Callable[[Sequence[str]], dict[str, str]]) -> None:
    assert complaints([text for text, _ in IN_5_0]) == {}


def test_a_function_may_be_of_a_keyspace_that_cassandras_parser_does_not_know() -> None:
    read = parse_cql("GRANT EXECUTE ON FUNCTION k.f(int, list<text>) TO r")
    assert isinstance(read, Grant)
    assert isinstance(read.resource, FunctionResource)
    assert len(read.resource.argument_types) == 2


REFUSED = [
    ("CREATE ROLE", "expected a role"),
    ("CREATE ROLE ?", "expected a role"),
    ("CREATE ROLE r WITH PASSWORD = 'x' AND PASSWORD = 'y'", "given twice"),
    ("CREATE ROLE r WITH PASSWORD = 'x' AND HASHED PASSWORD = 'y'", "given twice"),
    ("CREATE ROLE r WITH LOGIN = true AND LOGIN = false", "given twice"),
    ("CREATE ROLE r WITH ACCESS TO ALL DATACENTERS AND ACCESS TO DATACENTERS {'a'}", "excludes another"),
    ("CREATE ROLE r WITH ACCESS FROM CIDRS {'a'} AND ACCESS FROM ALL CIDRS", "excludes another"),
    ("CREATE ROLE r WITH ACCESS TO DATACENTERS {}", "expected a name as a string"),
    ("CREATE ROLE r WITH ACCESS IN DATACENTERS {'a'}", "expected TO DATACENTERS or FROM CIDRS"),
    ("CREATE ROLE r WITH LOGIN = 'true'", "expected TRUE or FALSE"),
    ("CREATE ROLE r WITH OPTIONS = {'a': ['b']}", "expected a constant"),
    ("CREATE ROLE r WITH NOLOGIN", "expected PASSWORD"),
    ('CREATE USER "r"', "write the name as a string"),
    ("CREATE USER ?", "expected a user"),
    ("CREATE USER r WITH PASSWORD = 'x'", "expected the password as a string"),
    ('DROP IDENTITY "x"', "write the name as a string"),
    ("LIST ROLES NORECURSIVE OF r", "expected the end"),
    ("GRANT a, b TO r", "expected TO"),
    ("GRANT select TO r", "the reserved word 'select'"),
    ("GRANT SELECT, ALL ON t TO r", "expected ALL or a permission"),
    ("GRANT EXECUTE ON t TO r", "none of these permissions"),
    ("GRANT CREATE ON ROLE s TO r", "none of these permissions"),
    ("REVOKE SELECT ON ALL FUNCTIONS FROM r", "none of these permissions"),
    ("GRANT EXECUTE ON FUNCTION system.now() TO r", "that the server brings"),
    ("GRANT SELECT ON ALL TABLES TO r", "expected IN"),
    ("GRANT SELECT ON ALL things TO r", "expected KEYSPACES, TABLES"),
    ("GRANT SELECT ON ? TO r", "expected a table"),
    ("LIST ALL ON MBEAN ''", "is empty"),
    ("LIST ALL ON MBEANS '*:*'", "write ALL MBEANS"),
    ("LIST ALL ON MBEANS 'a:b=c'", "takes a pattern"),
]


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_what_is_refused_is_refused_with_a_reason(
    is_refused_for: Callable[[DialectName, str, str], None], text: str, reason: str
) -> None:
    is_refused_for("cassandra-5.0", text, reason)


@pytest.mark.parametrize(
    "text", ["GRANT EXECUTE ON t TO r", "REVOKE CREATE ON t FROM r", "GRANT SELECT ON ROLE a TO b"]
)
def test_scylladb_too_refuses_permissions_none_of_which_is_for_the_resource(
    is_refused_for: Callable[[DialectName, str, str], None], text: str
) -> None:
    is_refused_for("scylla", text, "none of these permissions is for such a resource, which knows ALTER, AUTHORIZE, D")


def test_cassandra_refuses_all_of_these_too(complaints: Callable[[Sequence[str]], dict[str, str]]) -> None:
    assert [*complaints([text for text, _ in REFUSED])] == [text for text, _ in REFUSED]


MBEANS_TAKEN = [
    "a:b=c", "a:b=", "a:b=c,d=e", ":b=c", "a=x:b=c", "a b:c d=e f", "a:*", "a:*,", "a:b=c,*", "a:*,b=c", "a?:b=c",
    'a:b="c"', 'a:b="c,d"', 'a:b="\\*"', 'a:b="\\"",c=d', 'a:b="c"xd=e', 'a:"b=c', "a:b=c\\d", "a:b c=d", "é:b=ü",
]  # fmt: skip
MBEANS_REFUSED = [
    "a", "a:", ":", "*", "a:b", "a:=c", "a:b=c,", "a:b=,", "a:b=c,b=d", "a:b=c:d", "a:b=c=d", "a:b*=c", "a:*b=c",
    "a:*,*", "a:b=c,*,*", 'a:b="c', 'a:b="c"x', 'a:b="\\x"', 'a:b=c"d', "a:,b=c", "a:b=c,,d=e", "a\n:b=c", "a:b=c\nd",
    'a:b="\\', "a:b=c,d", "a:b:c=d", 'a:b="c"*,d=e',
]  # fmt: skip


@pytest.mark.parametrize("name", MBEANS_TAKEN)
def test_the_name_of_an_mbean_is_kept_as_it_was_written(name: str) -> None:
    assert parse_cql(f"LIST ALL ON MBEAN '{name}'") == ListPermissions((), MBeanResource(name))


@pytest.mark.parametrize("name", MBEANS_REFUSED)
def test_what_is_no_name_of_an_mbean_is_refused(name: str) -> None:
    with pytest.raises(CqlSyntaxError, match="MBean"):
        parse_cql(f"LIST ALL ON MBEAN '{name}'")


@pytest.mark.parametrize("word", ["MBEAN", "MBEANS"])
def test_names_of_mbeans_are_those_that_cassandra_takes(word: str, refusal: Callable[[str], str | None]) -> None:
    texts = [f"LIST ALL ON {word} '{name}'" for name in MBEANS_TAKEN + MBEANS_REFUSED]
    assert [text for text in texts if is_refused(text) != (refusal(text) is not None)] == []


def is_refused(text: str) -> bool:
    try:
        parse_cql(text)
    except CqlSyntaxError:
        return True
    return False


@pytest.mark.parametrize(
    ("dialect", "text", "feature"),
    [
        ("cassandra-5.0", "CREATE GENERATED ROLE", "role whose name the server makes up"),
        ("cassandra-5.0", "CREATE ROLE r WITH GENERATED PASSWORD", "GENERATED PASSWORD"),
        ("cassandra-5.0", "CREATE USER r WITH GENERATED PASSWORD", "GENERATED PASSWORD"),
        ("cassandra-4.0", "CREATE ROLE r WITH HASHED PASSWORD = 'x'", "HASHED PASSWORD"),
        ("scylla", "CREATE USER r WITH HASHED PASSWORD 'x'", "HASHED PASSWORD of a user"),
        ("cassandra-4.1", "CREATE ROLE r WITH ACCESS FROM ALL CIDRS", "ACCESS FROM CIDRS"),
        ("scylla", "CREATE ROLE r WITH ACCESS TO ALL DATACENTERS", "ACCESS TO DATACENTERS"),
        ("cassandra-5.0", "CREATE USER key", "keyword as the name of a user"),
        ("cassandra-4.1", "ADD IDENTITY 'x' TO ROLE r", "identities"),
        ("cassandra-4.1", "DROP IDENTITY 'x'", "identities"),
        ("cassandra-4.0", "GRANT SELECT, MODIFY ON t TO r", "list of permissions"),
        ("cassandra-4.0", "GRANT SELECT ON ALL TABLES IN KEYSPACE k TO r", "ALL TABLES IN KEYSPACE"),
        ("cassandra-4.1", "GRANT UNMASK ON t TO r", "permission UNMASK"),
        ("cassandra-5.0", "GRANT VECTOR_SEARCH_INDEXING ON ALL KEYSPACES TO r", "permission VECTOR_SEARCH_INDEXING"),
        ("cassandra-5.0", "GRANT EXECUTE ON FUNCTION f() TO r", "permission on a function without its keyspace"),
        ("scylla", "GRANT SELECT ON ALL MBEANS TO r", "permissions on MBeans"),
        ("scylla", "GRANT SELECT ON MBEAN 'a:b=c' TO r", "permissions on MBeans"),
        ("cassandra-5.0", "LIST SUPERUSERS", "LIST SUPERUSERS"),
        ("cassandra-5.0", "CREATE SERVICE LEVEL s", "service levels"),
        ("cassandra-5.0", "LIST ALL SERVICE LEVELS", "service levels"),
        ("cassandra-5.0", "DETACH SERVICE LEVEL FROM r", "service levels"),
    ],
)
def test_what_only_other_dialects_have_is_refused_by_name(
    is_only_elsewhere: Callable[[DialectName, str, str], None], dialect: DialectName, text: str, feature: str
) -> None:
    is_only_elsewhere(dialect, text, feature)
