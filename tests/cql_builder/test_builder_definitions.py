from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest

import cql_builder
from cql_builder import (
    add_identity,
    all_functions,
    all_keyspaces,
    all_mbeans,
    all_roles,
    all_tables,
    alter_keyspace,
    alter_materialized_view,
    alter_role,
    alter_table,
    alter_type,
    alter_user,
    col,
    create_aggregate,
    create_function,
    create_generated_role,
    create_index,
    create_materialized_view,
    create_role,
    create_table,
    create_trigger,
    create_type,
    create_user,
    describe,
    describe_keyspace,
    describe_named,
    drop_aggregate,
    drop_function,
    drop_identity,
    drop_role,
    drop_trigger,
    drop_type,
    drop_user,
    grant,
    grant_role,
    keyspace,
    list_permissions,
    list_roles,
    list_users,
    lit,
    mask,
    mbean,
    mbeans,
    revoke,
    revoke_role,
    role,
    table,
    use,
)
from cql_builder.ast import FunctionName, IntegerLiteral, NativeType, RoleName, UserType, Word

if TYPE_CHECKING:
    from collections.abc import Callable

    from cql_builder.builder.statement import StatementBuilder

TABLE = create_table("t").column("a", "int").partition_key("a")
ALTER = alter_table("t")
VIEW = create_materialized_view("v").from_("t").where(col("a").is_not_null()).partition_key("a")
FUNCTION = "CREATE FUNCTION f (a int, b list<text>) RETURNS NULL ON NULL INPUT RETURNS int LANGUAGE java AS $$x$$"

NOW: list[tuple[StatementBuilder, str]] = [
    (alter_keyspace("k", durable_writes=True), "ALTER KEYSPACE k WITH durable_writes = true"),
    (
        alter_keyspace("k", {"class": "SimpleStrategy", "replication_factor": 1}, if_exists=True),
        "ALTER KEYSPACE IF EXISTS k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
    ),
    (use("K"), 'USE "K"'),
    (
        TABLE.column("b", "text", mask=mask("mask_inner", 1, None)).column("c", "int", mask=mask()),
        "CREATE TABLE t (a int, b text MASKED WITH mask_inner(1, null), c int MASKED WITH DEFAULT, PRIMARY KEY (a))",
    ),
    (TABLE.compact_storage(), "CREATE TABLE t (a int, PRIMARY KEY (a)) WITH COMPACT STORAGE"),
    (
        TABLE.options({"id": UUID(int=1), "mode": Word("static")}),
        "CREATE TABLE t (a int, PRIMARY KEY (a)) WITH id = 00000000-0000-0000-0000-000000000001 AND mode = static",
    ),
    (ALTER.if_exists().add("a", "int"), "ALTER TABLE IF EXISTS t ADD a int"),
    (
        ALTER.add("a", "int", if_not_exists=True).add("b", "int", static=True),
        "ALTER TABLE t ADD IF NOT EXISTS (a int, b int STATIC)",
    ),
    (ALTER.add("a", "int", mask=mask()), "ALTER TABLE t ADD a int MASKED WITH DEFAULT"),
    (ALTER.drop("a", if_exists=True).drop("b"), "ALTER TABLE t DROP IF EXISTS (a, b)"),
    (ALTER.drop("a", timestamp=5).drop("b"), "ALTER TABLE t DROP (a, b) USING TIMESTAMP 5"),
    (ALTER.rename({"a": "B"}).rename(c="d"), 'ALTER TABLE t RENAME a TO "B" AND c TO d'),
    (ALTER.rename(a="b", if_exists=True), "ALTER TABLE t RENAME IF EXISTS a TO b"),
    (ALTER.mask("a", mask("k.f", "x")), "ALTER TABLE t ALTER a MASKED WITH k.f('x')"),
    (
        ALTER.mask(col("a"), mask(), if_exists=True).if_exists(),
        "ALTER TABLE IF EXISTS t ALTER IF EXISTS a MASKED WITH DEFAULT",
    ),
    (ALTER.drop_mask("a"), "ALTER TABLE t ALTER a DROP MASKED"),
    (ALTER.drop_compact_storage(), "ALTER TABLE t DROP COMPACT STORAGE"),
    (ALTER.options({"a": 1}).options({"b": 2}).if_exists(), "ALTER TABLE IF EXISTS t WITH a = 1 AND b = 2"),
    (
        create_index("i").on("t", "a").and_column("m", "keys").using("sai", {"n": 1}).options({"z": True}),
        "CREATE INDEX i ON t (a, keys(m)) USING 'sai' WITH OPTIONS = {'n': 1} AND z = true",
    ),
    (
        create_index().on("t", "a").custom("org.x.Y").if_not_exists(),
        "CREATE CUSTOM INDEX IF NOT EXISTS ON t (a) USING 'org.x.Y'",
    ),
    (
        VIEW.where(col("b") > lit(5)),
        "CREATE MATERIALIZED VIEW v AS SELECT * FROM t WHERE a IS NOT NULL AND b > 5 PRIMARY KEY (a)",
    ),
    (
        alter_materialized_view("k.v", {"gc_grace_seconds": 0}, if_exists=True),
        "ALTER MATERIALIZED VIEW IF EXISTS k.v WITH gc_grace_seconds = 0",
    ),
    (create_trigger("tr", on="t", using="x.Y", if_not_exists=True), "CREATE TRIGGER IF NOT EXISTS tr ON t USING 'x.Y'"),
    (drop_trigger("tr", on="k.t"), "DROP TRIGGER tr ON k.t"),
    (create_type("k.a", {"Street": "text"}, zip=NativeType("int")), 'CREATE TYPE k.a ("Street" text, zip int)'),
    (create_type(UserType("a.b"), x="int", if_not_exists=True), 'CREATE TYPE IF NOT EXISTS "a.b" (x int)'),
    (alter_type("a").add("b", "int", if_not_exists=True).if_exists(), "ALTER TYPE IF EXISTS a ADD IF NOT EXISTS b int"),
    (alter_type("a").rename({"b": "C"}, d="e", if_exists=True), 'ALTER TYPE a RENAME IF EXISTS b TO "C" AND d TO e'),
    (drop_type("k.a"), "DROP TYPE k.a"),
    (create_function("f", {"a": "int", "b": "list<text>"}, returns="int", language="java", body="x"), FUNCTION),
    (
        create_function(
            FunctionName("F", "k"), {}, returns="int", language="java", body="$$'", called_on_null=True, or_replace=True
        ),
        "CREATE OR REPLACE FUNCTION k.\"F\" () CALLED ON NULL INPUT RETURNS int LANGUAGE java AS '$$'''",
    ),
    (
        create_function("f", {"a": "int"}, returns="int", language="java", body="x", if_not_exists=True),
        FUNCTION.replace("FUNCTION", "FUNCTION IF NOT EXISTS", 1).replace(", b list<text>", ""),
    ),
    (drop_function("f"), "DROP FUNCTION f"),
    (drop_function("k.f", [], if_exists=True), "DROP FUNCTION IF EXISTS k.f ()"),
    (
        create_aggregate(
            "k.a",
            ["int"],
            state_function="f",
            state_type="tuple<int, int>",
            final_function="g",
            initial_state=(0, 0),
            or_replace=True,
        ),
        "CREATE OR REPLACE AGGREGATE k.a (int) SFUNC f STYPE tuple<int, int> FINALFUNC g INITCOND (0, 0)",
    ),
    (
        create_aggregate("a", [], state_function="f", state_type="int", initial_state=lit(None), if_not_exists=True),
        "CREATE AGGREGATE IF NOT EXISTS a () SFUNC f STYPE int INITCOND null",
    ),
    (drop_aggregate("a", ["int", "text"]), "DROP AGGREGATE a (int, text)"),
    (create_role("R", if_not_exists=True), 'CREATE ROLE IF NOT EXISTS "R"'),
    (
        create_role(RoleName("r"), password="it's", superuser=False, login=True, options={"a": "b"}),
        "CREATE ROLE r WITH PASSWORD = 'it''s' AND LOGIN = true AND SUPERUSER = false AND OPTIONS = {'a': 'b'}",
    ),
    (
        create_role("r", hashed_password="h", access_to_datacenters=["d"], access_from_cidrs="ALL"),
        "CREATE ROLE r WITH HASHED PASSWORD = 'h' AND ACCESS TO DATACENTERS {'d'} AND ACCESS FROM ALL CIDRS",
    ),
    (alter_role("r", login=False, if_exists=True), "ALTER ROLE IF EXISTS r WITH LOGIN = false"),
    (drop_role("r"), "DROP ROLE r"),
    (list_roles(), "LIST ROLES"),
    (
        create_user("u", password="p", superuser=True, if_not_exists=True),
        "CREATE USER IF NOT EXISTS 'u' WITH PASSWORD 'p' SUPERUSER",
    ),
    (alter_user("u", password="p", if_exists=True), "ALTER USER IF EXISTS 'u' WITH PASSWORD 'p'"),
    (drop_user("u", if_exists=True), "DROP USER IF EXISTS 'u'"),
    (list_users(), "LIST USERS"),
    (add_identity("i", to="r", if_not_exists=True), "ADD IDENTITY IF NOT EXISTS 'i' TO ROLE 'r'"),
    (drop_identity("i", if_exists=True), "DROP IDENTITY IF EXISTS 'i'"),
    (grant("SELECT", on=all_keyspaces(), to="r"), "GRANT SELECT ON ALL KEYSPACES TO r"),
    (grant(["SELECT", "MODIFY"], on=keyspace("K"), to="r"), 'GRANT SELECT, MODIFY ON KEYSPACE "K" TO r'),
    (revoke("ALL", on=all_tables("k"), from_="r"), "REVOKE ALL PERMISSIONS ON ALL TABLES IN KEYSPACE k FROM r"),
    (revoke("UNMASK", on=table("k.t"), from_="r"), "REVOKE UNMASK ON TABLE k.t FROM r"),
    (revoke("DESCRIBE", on=all_roles(), from_="r"), "REVOKE DESCRIBE ON ALL ROLES FROM r"),
    (revoke("ALTER", on=role("x"), from_="r"), "REVOKE ALTER ON ROLE x FROM r"),
    (revoke("CREATE", on=all_functions(), from_="r"), "REVOKE CREATE ON ALL FUNCTIONS FROM r"),
    (revoke("CREATE", on=all_functions("k"), from_="r"), "REVOKE CREATE ON ALL FUNCTIONS IN KEYSPACE k FROM r"),
    (revoke("SELECT", on=all_mbeans(), from_="r"), "REVOKE SELECT ON ALL MBEANS FROM r"),
    (revoke("SELECT", on=mbean("a:b=c"), from_="r"), "REVOKE SELECT ON MBEAN 'a:b=c' FROM r"),
    (revoke("SELECT", on=mbeans("a:b=*"), from_="r"), "REVOKE SELECT ON MBEANS 'a:b=*' FROM r"),
    (grant_role("a", to="b"), "GRANT a TO b"),
    (revoke_role("a", from_="b"), "REVOKE a FROM b"),
    (list_permissions(), "LIST ALL PERMISSIONS"),
    (list_permissions("SELECT", on=table("t"), of="r", recursive=False), "LIST SELECT ON TABLE t OF r NORECURSIVE"),
    (describe("cluster"), "DESCRIBE CLUSTER"),
    (describe_keyspace(), "DESCRIBE KEYSPACE"),
    (describe_keyspace("k", internals=True), "DESCRIBE KEYSPACE k WITH INTERNALS"),
    (describe_named("k.f", "function", internals=True), "DESCRIBE FUNCTION k.f WITH INTERNALS"),
    (describe_named("i", "index"), "DESCRIBE INDEX i"),
    (describe_named("k.x", "type"), "DESCRIBE TYPE k.x"),
    (describe_named("v", "materialized view"), "DESCRIBE MATERIALIZED VIEW v"),
    (describe_named("k.x"), "DESCRIBE k.x"),
]


@pytest.mark.parametrize(("statement", "cql"), NOW, ids=[cql for _, cql in NOW])
def test_a_statement_has_its_text(
    check_text: Callable[[StatementBuilder, str], None], statement: StatementBuilder, cql: str
) -> None:
    check_text(statement, cql)


@pytest.fixture(scope="session")
def check_text(asked_parser: Callable[[str], str | None] | None) -> Callable[[StatementBuilder, str], None]:
    """Assert the text of a statement without markers, and that Cassandra's parser takes it where there is one."""

    def checked(statement: StatementBuilder, cql: str) -> None:
        assert statement.compile() == (cql, (), ())
        if asked_parser is not None:
            assert asked_parser(cql) is None

    return checked


def test_a_timestamp_of_drop_is_part_of_the_tree() -> None:
    tree = ALTER.drop("a", timestamp=-5).tree
    assert getattr(tree, "timestamp", None) == IntegerLiteral("-5")


SECRETS = [
    create_role("r", password="s3cret"),
    create_role("r", hashed_password="s3cret"),
    create_generated_role(password="s3cret"),
    alter_role("r", password="s3cret"),
    create_user("u", password="s3cret"),
    alter_user("u", password="s3cret"),
]


@pytest.mark.parametrize("statement", SECRETS)
def test_a_password_is_in_the_text_and_in_no_repr(statement: StatementBuilder) -> None:
    assert "'s3cret'" in statement.compile("cassandra-6.0").cql
    assert "s3cret" not in repr(statement)
    assert "s3cret" not in repr(statement.tree)
    assert "…" in repr(statement.tree)


def test_every_name_of_the_package_can_be_imported() -> None:
    for name in cql_builder.__all__:
        assert getattr(cql_builder, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'create_tabel'"):
        getattr(cql_builder, "create_tabel")  # noqa: B009 - a type checker refuses the attribute
