"""Definitions of one dialect alone, as `cql_builder` builds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cql_builder import (
    all_keyspaces,
    alter_service_level,
    alter_table,
    attach_service_level,
    batch,
    bind,
    col,
    comment_on,
    compile_statement,
    create_aggregate,
    create_generated_role,
    create_index,
    create_keyspace,
    create_materialized_view,
    create_service_level,
    create_table,
    create_table_like,
    describe,
    detach_service_level,
    drop_service_level,
    fn,
    function,
    grant,
    keyspace,
    list_attached_service_levels,
    list_effective_service_level,
    list_service_levels,
    list_superusers,
    lit,
    parse_cql,
    security_label_on,
    select,
    table,
    table_column,
    type_field,
    update,
    user_type,
)
from cql_builder.errors import StatementError

if TYPE_CHECKING:
    from cql_builder.builder.statement import StatementBuilder
    from cql_builder.dialects import DialectName

TABLE = create_table("t").column("a", "int").partition_key("a")
ALTER = alter_table("t")
VIEW = create_materialized_view("v").from_("t").where(col("a").is_not_null()).partition_key("a")
FUNCTION = "CREATE FUNCTION f (a int, b list<text>) RETURNS NULL ON NULL INPUT RETURNS int LANGUAGE java AS $$x$$"


ELSEWHERE: list[tuple[StatementBuilder, str, str]] = [
    (create_keyspace("k"), "scylla", "CREATE KEYSPACE k"),
    (
        create_keyspace("k", {"class": "N", "dc": ["r1", "r2"]}, options={"tablets": {"enabled": True}}),
        "scylla",
        "CREATE KEYSPACE k WITH replication = {'class': 'N', 'dc': ['r1', 'r2']} AND tablets = {'enabled': true}",
    ),
    (
        TABLE.column("b", "timestamp", ttl=True),
        "scylla",
        "CREATE TABLE t (a int, b timestamp TTL, PRIMARY KEY (a))",
    ),
    (
        VIEW.compact_storage(),
        "scylla",
        "CREATE MATERIALIZED VIEW v AS SELECT * FROM t WHERE a IS NOT NULL PRIMARY KEY (a) WITH COMPACT STORAGE",
    ),
    (ALTER.row_ttl("b"), "scylla", "ALTER TABLE t TTL b"),
    (ALTER.row_ttl(None), "scylla", "ALTER TABLE t TTL NULL"),
    (
        TABLE.column("b", "int", not_null=True, check=col("b") > lit(0)),
        "cassandra-6.0",
        "CREATE TABLE t (a int, b int NOT NULL CHECK b > 0, PRIMARY KEY (a))",
    ),
    (
        ALTER.check("b", fn.call("json"), fn.call("length") < lit(20), col("b").is_not_null(), if_exists=True),
        "cassandra-6.0",
        "ALTER TABLE t ALTER IF EXISTS b CHECK json AND length() < 20 AND NOT NULL",
    ),
    (
        ALTER.add("b", "text", check=[fn.call("regexp") == lit("x.*")]),
        "cassandra-6.0",
        "ALTER TABLE t ADD b text CHECK regexp() = 'x.*'",
    ),
    (ALTER.drop_check("b"), "cassandra-6.0", "ALTER TABLE t ALTER b DROP CHECK"),
    (
        create_table_like("a", "k.b", including=["indexes", "comments"], options={"cdc": True}, if_not_exists=True),
        "cassandra-6.0",
        "CREATE TABLE IF NOT EXISTS a LIKE k.b WITH INDEXES AND COMMENTS AND cdc = true",
    ),
    (create_index().on("t", "b").within_partition("a", "c"), "scylla", "CREATE INDEX ON t ((a, c), b)"),
    (
        create_aggregate("a", ["int"], state_function="f", state_type="int", reduce_function="r"),
        "scylla",
        "CREATE AGGREGATE a (int) SFUNC f STYPE int REDUCEFUNC r",
    ),
    (
        create_generated_role(generated_password=True, login=True),
        "cassandra-6.0",
        "CREATE GENERATED ROLE WITH GENERATED PASSWORD AND LOGIN = true",
    ),
    (list_superusers(), "cassandra-6.0", "LIST SUPERUSERS"),
    (
        grant("EXECUTE", on=function("k.f", "int", "text"), to="r"),
        "cassandra-5.0",
        "GRANT EXECUTE ON FUNCTION k.f (int, text) TO r",
    ),
    (
        grant("VECTOR_SEARCH_INDEXING", on=all_keyspaces(), to="r"),
        "scylla",
        "GRANT VECTOR_SEARCH_INDEXING ON ALL KEYSPACES TO r",
    ),
    (comment_on(keyspace("k"), "it's"), "cassandra-6.0", "COMMENT ON KEYSPACE k IS 'it''s'"),
    (comment_on(table("t"), None), "cassandra-6.0", "COMMENT ON TABLE t IS NULL"),
    (comment_on(table_column("k.t", "C"), "x"), "cassandra-6.0", "COMMENT ON COLUMN k.t.\"C\" IS 'x'"),
    (comment_on(user_type("k.a"), "x"), "cassandra-6.0", "COMMENT ON TYPE k.a IS 'x'"),
    (
        security_label_on(type_field("a", "f"), "x", provider="p"),
        "cassandra-6.0",
        "SECURITY LABEL FOR p ON FIELD a.f IS 'x'",
    ),
    (
        create_service_level("s", {"timeout": "30s", "shares": 5, "workload_type": "batch"}, if_not_exists=True),
        "scylla",
        "CREATE SERVICE LEVEL IF NOT EXISTS s WITH timeout = 30s AND shares = 5 AND workload_type = 'batch'",
    ),
    (alter_service_level("s", {"timeout": None}), "scylla", "ALTER SERVICE LEVEL s WITH timeout = null"),
    (drop_service_level("s"), "scylla", "DROP SERVICE LEVEL s"),
    (attach_service_level("s", to="r"), "scylla", "ATTACH SERVICE LEVEL s TO r"),
    (detach_service_level(from_="r"), "scylla", "DETACH SERVICE LEVEL FROM r"),
    (list_service_levels("s"), "scylla", "LIST SERVICE LEVEL s"),
    (list_attached_service_levels(), "scylla", "LIST ALL ATTACHED SERVICE LEVELS"),
    (list_effective_service_level(of="r"), "scylla", "LIST EFFECTIVE SERVICE LEVEL OF r"),
    (describe("schema", internals=True, passwords=True), "scylla", "DESCRIBE SCHEMA WITH INTERNALS AND PASSWORDS"),
]


@pytest.mark.parametrize(("statement", "dialect", "cql"), ELSEWHERE, ids=[cql for _, _, cql in ELSEWHERE])
def test_a_statement_of_one_dialect_has_its_text(statement: StatementBuilder, dialect: DialectName, cql: str) -> None:
    assert statement.compile(dialect) == (cql, (), ())


def test_markers_of_one_name_are_one_to_scylla_alone() -> None:
    low = bind(3, name="n")
    query = select("a").from_("t").where(col("a") == low, col("b") == 5, col("c") > low).limit(bind(9, name="m"))
    text = "SELECT a FROM t WHERE a = :n AND b = ? AND c > :n LIMIT :m"
    assert query.compile() == (text, (3, 5, 3, 9), ("n", None, "n", "m"))
    assert query.compile("scylla") == (text, (3, 5, 9), ("n", None, "m"))
    assert compile_statement(parse_cql(text), dialect="cassandra-4.0").names == ("n", None, "n", "m")
    assert compile_statement(parse_cql(text, dialect="scylla"), dialect="scylla").names == ("n", None, "m")


def test_a_batch_shares_markers_among_its_statements_in_scylla() -> None:
    change = update("t").set(a=bind(1, name="v")).where(col("id") == bind(7, name="id"))
    both = batch(change, update("s").set(b=bind(1, name="v")).where(col("id") == 8))
    assert both.compile("scylla")[1:] == ((1, 7, 8), ("v", "id", None))
    assert both.compile()[1:] == ((1, 7, 1, 8), ("v", "id", "v", None))


def test_one_name_for_two_values_is_refused_where_it_is_one_marker() -> None:
    query = select("a").from_("t").where(col("a") == bind("low", name="n"), col("b") == bind("high", name="n"))
    assert query.compile().params == ("low", "high")
    with pytest.raises(StatementError) as caught:
        query.compile("scylla")
    assert str(caught.value) == (
        "SELECT: the markers :n have one value in this dialect, and were given two; name them apart"
    )
