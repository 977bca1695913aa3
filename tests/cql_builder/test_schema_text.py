"""Keyspaces from scripts: what each statement comes to, and what a server would refuse."""

from __future__ import annotations

from typing import Any

import pytest

from cql_builder import parse_type
from cql_builder.ast import FunctionName, Mask
from cql_builder.errors import ArgumentError, CqlSyntaxError, SchemaError
from cql_builder.schema import (
    ClusteringColumn,
    IndexSchema,
    KeyspaceSchema,
    TableSchema,
    TriggerSchema,
    schema_from_cql,
)

TABLE = "CREATE TABLE t (id int, k int, a text, PRIMARY KEY (id, k));"
VIEW = "CREATE MATERIALIZED VIEW v AS SELECT id, k FROM t WHERE id IS NOT NULL AND k > 3 PRIMARY KEY (k, id);"
FUNCTION = "CREATE FUNCTION f (s int, v int) CALLED ON NULL INPUT RETURNS int LANGUAGE java AS 'return 1;';"
OTHER_FUNCTION = "CREATE FUNCTION f (s text) CALLED ON NULL INPUT RETURNS int LANGUAGE java AS 'return 1;';"
AGGREGATE = "CREATE AGGREGATE total (int) SFUNC f STYPE int INITCOND 0;"
MONEY = "CREATE TYPE money (amount decimal, currency text);"


def read(*texts: str) -> KeyspaceSchema:
    return schema_from_cql("\n".join(texts), "ks")


def table(*texts: str) -> TableSchema:
    return {each.name: each for each in read(*texts).tables}["t"]


def test_a_keyspace_has_what_the_script_says() -> None:
    keyspace = schema_from_cql(
        "CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}"
        " AND durable_writes = false; USE ks; CREATE TABLE t (id int PRIMARY KEY);"
        "CREATE TABLE ks.u (id int PRIMARY KEY)"
    )
    assert keyspace.replication == {"class": "SimpleStrategy", "replication_factor": 3}
    assert not keyspace.durable_writes
    assert [each.name for each in keyspace.tables] == ["t", "u"]


def test_what_is_about_other_keyspaces_and_rows_is_passed_over() -> None:
    keyspace = read(
        TABLE,
        "CREATE TABLE other.t (id int PRIMARY KEY); INSERT INTO t (id) VALUES (1); GRANT SELECT ON t TO r;",
        "USE other; CREATE TABLE u (id int PRIMARY KEY); DROP KEYSPACE other;",
        "USE ks; CREATE TABLE w (id int PRIMARY KEY)",
    )
    assert [each.name for each in keyspace.tables] == ["t", "w"]


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("USE ks; DROP KEYSPACE ks", "keyspace 'ks': the script drops it"),
        (
            "CREATE TABLE ks.t (id int PRIMARY KEY); CREATE KEYSPACE ks WITH replication = {'class': 'S'}",
            "keyspace 'ks': there is no such keyspace; create it first",
        ),
    ],
)
def test_a_script_must_have_its_keyspace(script: str, sentence: str) -> None:
    with pytest.raises(SchemaError) as caught:
        schema_from_cql(script)
    assert str(caught.value) == sentence
    assert caught.value.kind == "keyspace"


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (
            "CREATE TABLE t (id int PRIMARY KEY)",
            "keyspace takes the name of a keyspace where the script names none, not None",
        ),
        ("", "keyspace takes the name of a keyspace where the script names none, not None"),
        (
            "CREATE TABLE a.t (id int PRIMARY KEY); CREATE TABLE b.t (id int PRIMARY KEY)",
            "keyspace takes the name of one of those that the script is about (a, b), not None",
        ),
    ],
)
def test_a_script_must_say_which_keyspace_it_is_about(script: str, sentence: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        schema_from_cql(script)
    assert str(caught.value) == f"schema_from_cql: {sentence}"


@pytest.mark.parametrize(("text", "keyspace"), [(5, "ks"), (None, "ks"), (TABLE, 5)])
def test_what_is_no_text_is_refused_by_the_name_that_was_called(text: Any, keyspace: Any) -> None:
    with pytest.raises(ArgumentError, match=r"^schema_from_cql: .* takes a str, not (int|NoneType|None)$"):
        schema_from_cql(text, keyspace)


def test_what_is_no_cql_is_a_syntax_error() -> None:
    with pytest.raises(CqlSyntaxError):
        schema_from_cql("CREATE TABLE t (", "ks")


def test_statements_are_applied_in_their_order() -> None:
    changed = table(
        TABLE,
        "ALTER TABLE t ADD (b int, s text STATIC); ALTER TABLE t DROP a; ALTER TABLE t RENAME id TO key;",
        "ALTER TABLE t WITH comment = 'x' AND gc_grace_seconds = 5; ALTER TABLE t WITH comment = 'y';",
        "ALTER TABLE t ALTER b MASKED WITH mask_null(); CREATE TRIGGER tr ON t USING 'x.Y';",
        "ALTER TABLE IF EXISTS nowhere ADD c int; DROP TABLE IF EXISTS nowhere;",
    )
    assert [column.name for column in changed.columns] == ["key", "k", "b", "s"]
    assert changed.partition_key == ("key",)
    assert changed.columns_by_name["s"].static
    assert changed.columns_by_name["b"].mask == Mask(FunctionName("mask_null"))
    assert changed.options == {"comment": "y", "gc_grace_seconds": 5}
    assert changed.triggers == (TriggerSchema("tr", "x.Y"),)
    assert [column.name for column in changed.dropped] == ["a"]


def test_a_renamed_key_has_its_new_name_in_views_and_indexes() -> None:
    keyspace = read(TABLE, "CREATE INDEX i ON t (k);", VIEW, "ALTER TABLE t RENAME k TO row;")
    expected = read(
        TABLE.replace("k int", "row int").replace(", k)", ", row)"),
        "CREATE INDEX i ON t (row);",
        VIEW.replace("id, k", "id, row").replace("k > 3", "row > 3").replace("(k, id)", "(row, id)"),
    )
    assert keyspace == expected


def test_an_index_without_name_gets_the_servers() -> None:
    script = "CREATE TABLE t (id int PRIMARY KEY, m map<int, text>, f frozen<list<int>>);"
    indexes = (
        "CREATE INDEX ON t (keys(m)); CREATE INDEX ON t (m);"
        "CREATE INDEX ON t (full(f)); CREATE INDEX ON t (entries(m));"
    )
    assert table(script, indexes).indexes == (
        IndexSchema("t_m_idx", "m", "keys"),
        IndexSchema("t_m_idx_1", "m", "values"),
        IndexSchema("t_f_idx", "f", "full"),
        IndexSchema("t_m_idx_2", "m", "entries"),
    )


def test_a_copied_table_has_columns_and_options_and_indexes_where_asked() -> None:
    script = f"{TABLE} CREATE INDEX i ON t (a); CREATE TABLE u LIKE t WITH comment = 'copy';"
    keyspace = schema_from_cql(script, "ks", dialect="cassandra-6.0")
    source, copy = keyspace.tables
    assert (copy.name, copy.columns, copy.options, copy.indexes) == ("u", source.columns, {"comment": "copy"}, ())


def test_types_functions_and_aggregates_are_changed_and_dropped() -> None:
    keyspace = read(
        MONEY,
        "ALTER TYPE money ADD note text; ALTER TYPE money RENAME note TO remark;",
        "ALTER TYPE money ADD IF NOT EXISTS remark int;",
        FUNCTION,
        OTHER_FUNCTION,
        FUNCTION.replace("CREATE", "CREATE OR REPLACE").replace("return 1", "return 2"),
        AGGREGATE,
        "DROP FUNCTION f(text); DROP FUNCTION IF EXISTS nowhere; DROP AGGREGATE IF EXISTS nowhere(int);",
    )
    assert [field.name for field in keyspace.types[0].fields] == ["amount", "currency", "remark"]
    assert [function.body for function in keyspace.functions] == ["return 2;"]
    (aggregate,) = keyspace.aggregates
    assert aggregate.functions == (("f", (parse_type("int"), parse_type("int"))),)
    assert read(FUNCTION, AGGREGATE, "DROP AGGREGATE total; DROP FUNCTION f;") == KeyspaceSchema("ks")


def test_a_type_is_dropped_once_nothing_has_it() -> None:
    user = "CREATE TABLE t (id int PRIMARY KEY, m list<frozen<money>>);"
    assert read(MONEY, user, "ALTER TABLE t DROP m; DROP TYPE money").types == ()


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (TABLE + TABLE, "table 'ks.t': there is one already"),
        (TABLE + VIEW + TABLE.replace(" t ", " v "), "table 'ks.v': a view has this name"),
        (TABLE.replace("(id, k)", "(id, x)"), "table 'ks.t': it has no column 'x'"),
        (
            TABLE[:-1] + " WITH CLUSTERING ORDER BY (a DESC)",
            "CLUSTERING ORDER BY names 'a', which is no clustering column",
        ),
        ("DROP TABLE t", "table 'ks.t': there is no such table"),
        (TABLE + "DROP TABLE tt", "table 'ks.tt': there is no such table (did you mean 't'?)"),
        (TABLE + VIEW + "DROP TABLE t", "table 'ks.t': it cannot be dropped before its views v"),
        (TABLE + "ALTER TABLE t ADD a int", "table 'ks.t': it has a column 'a' already"),
        (TABLE + "ALTER TABLE t ADD b money", "column 'b' has a type 'money' that there is not"),
        (TABLE + "ALTER TABLE t DROP x", "table 'ks.t': it has no column 'x'"),
        (TABLE + "ALTER TABLE t DROP k", "'k' is in the primary key, which no ALTER TABLE changes"),
        (TABLE + VIEW + "ALTER TABLE t DROP a", "no column can be dropped before its views v"),
        (TABLE + "CREATE INDEX i ON t (a); ALTER TABLE t DROP a", "'a' cannot be dropped before its index 'i'"),
        (
            MONEY + TABLE + "ALTER TABLE t ADD m money; ALTER TABLE t DROP m",
            "'m' has a user-defined type that is not frozen",
        ),
        (TABLE + "ALTER TABLE t DROP a; ALTER TABLE t ADD a int", "a column 'a' was dropped that had another type"),
        (
            TABLE + "ALTER TABLE t DROP a; ALTER TABLE t ADD a text STATIC",
            "a column 'a' was dropped that was not static",
        ),
        (
            MONEY
            + TABLE
            + "ALTER TABLE t ADD m frozen<money>; ALTER TABLE t DROP m; ALTER TABLE t ADD m frozen<money>",
            "none with a user-defined type comes back",
        ),
        (
            "CREATE TABLE t (id int PRIMARY KEY, c counter); ALTER TABLE t DROP c; ALTER TABLE t ADD c counter",
            "no dropped counter comes back",
        ),
        (TABLE + "ALTER TABLE t RENAME a TO b", "'a' is not in the primary key; no other can be renamed"),
        (TABLE + "ALTER TABLE t RENAME k TO a", "table 'ks.t': it has a column 'a' already"),
        (TABLE + "ALTER TABLE t ALTER a TYPE blob", "Cassandra changes no type"),
        (MONEY + "ALTER TYPE money ALTER amount TYPE text", "Cassandra changes no type"),
        (TABLE + "ALTER TABLE t ALTER x DROP MASKED", "table 'ks.t': it has no column 'x'"),
        (TABLE + "CREATE INDEX i ON t (x)", "table 'ks.t': index 'i' is on 'x', which is no column"),
        (TABLE + "CREATE INDEX i ON t (a); CREATE INDEX i ON t (k)", "index 'ks.i': there is one already"),
        (TABLE + "CREATE INDEX i ON t (a); CREATE INDEX j ON t (a)", "index 'ks.j': it is the same as 'i'"),
        (TABLE + "CREATE INDEX i ON t (a); DROP INDEX ii", "index 'ks.ii': there is no such index (did you mean 'i'?)"),
        (TABLE + "DROP TRIGGER x ON t", "trigger 'ks.x': table 't' has no such trigger"),
        (TABLE + "CREATE TRIGGER x ON t USING 'y';" * 2, "trigger 'ks.x': table 't' has one already"),
        (VIEW, "table 'ks.t': there is no such table"),
        (TABLE + VIEW + VIEW, "view 'ks.v': there is one already"),
        (TABLE + VIEW.replace(" v ", " t "), "view 'ks.t': a table has this name"),
        (TABLE + VIEW.replace("(k, id)", "(k, x)"), "view 'ks.v': table 't' has no column 'x'"),
        (TABLE + VIEW.replace(" t ", " other.t "), "view 'ks.v': its table is in keyspace 'other'"),
        (TABLE + VIEW.replace("id, k", "id, k AS kk"), "view 'ks.v': a view selects columns as they are"),
        ("DROP MATERIALIZED VIEW v", "view 'ks.v': there is no such view"),
        (MONEY + MONEY, "type 'ks.money': there is one already"),
        ("CREATE TYPE a (b frozen<c>)", "type 'ks.a': there is no type 'c'"),
        (MONEY + "ALTER TYPE money ADD amount int", "type 'ks.money': it has a field 'amount' already"),
        (MONEY + "ALTER TYPE money RENAME x TO y", "type 'ks.money': it has no field 'x'"),
        (MONEY + "ALTER TYPE money RENAME amount TO currency", "type 'ks.money': it has a field 'currency' already"),
        ("DROP TYPE money", "type 'ks.money': there is no such type"),
        (MONEY + "CREATE TYPE a (b frozen<money>); DROP TYPE money", "it cannot be dropped, for type 'a' has it"),
        (FUNCTION + FUNCTION, "function 'ks.f(int, int)': there is one already"),
        (
            FUNCTION + OTHER_FUNCTION + "DROP FUNCTION f",
            "there are f(int, int), f(text); give the types of the arguments",
        ),
        (FUNCTION + "DROP FUNCTION f(text)", "function 'ks.f': none takes these arguments; there is f(int, int)"),
        (FUNCTION + AGGREGATE + "DROP FUNCTION f", "it cannot be dropped before the aggregates total"),
        (FUNCTION.replace("v int", "v money"), "function 'ks.f': there is no type 'money'"),
        (
            FUNCTION + FUNCTION.replace("CREATE", "CREATE OR REPLACE").replace("RETURNS int", "RETURNS text"),
            "OR REPLACE cannot change the type that it returns",
        ),
        (
            FUNCTION + FUNCTION.replace("CREATE", "CREATE OR REPLACE").replace("CALLED", "RETURNS NULL"),
            "OR REPLACE cannot change what happens where an argument is null",
        ),
        (AGGREGATE, "aggregate 'ks.total(int)': there is no function f(int, int)"),
        (FUNCTION + AGGREGATE + AGGREGATE, "aggregate 'ks.total(int)': there is one already"),
        ("DROP AGGREGATE total", "aggregate 'ks.total': there is no such aggregate"),
    ],
)
def test_what_a_server_refuses_is_refused(script: str, sentence: str) -> None:
    with pytest.raises(SchemaError) as caught:
        read(script)
    assert sentence in str(caught.value)


def test_what_need_not_exist_or_may_exist_is_tolerated() -> None:
    once = MONEY + TABLE + VIEW + FUNCTION + AGGREGATE + "CREATE INDEX i ON t (a); CREATE TRIGGER tr ON t USING 'x';"
    again = once
    for kind in ("TYPE", "TABLE", "MATERIALIZED VIEW", "FUNCTION", "AGGREGATE", "INDEX", "TRIGGER"):
        again = again.replace(f"CREATE {kind} ", f"CREATE {kind} IF NOT EXISTS ")
    gone = (
        "DROP INDEX IF EXISTS x; DROP MATERIALIZED VIEW IF EXISTS x; DROP TYPE IF EXISTS x;"
        "DROP TRIGGER IF EXISTS x ON t;"
        "ALTER TABLE t ADD IF NOT EXISTS a int; ALTER TABLE t DROP IF EXISTS x; ALTER TABLE t RENAME IF EXISTS x TO y;"
        "ALTER TABLE t ALTER IF EXISTS x DROP MASKED; ALTER TYPE IF EXISTS x ADD y int;"
        "ALTER TYPE money RENAME IF EXISTS x TO y; ALTER MATERIALIZED VIEW IF EXISTS x WITH comment = '';"
        "ALTER KEYSPACE IF EXISTS other WITH durable_writes = true;"
    )
    assert read(once, again, gone) == read(once)


def test_clustering_orders_and_canonical_types_are_read() -> None:
    read_table = table(
        "CREATE TABLE t (id varchar, a int, b int, p tuple<int, list<int>>, PRIMARY KEY (id, a, b))"
        " WITH CLUSTERING ORDER BY (a DESC, b ASC) AND compaction = {'class': 'X', 'n': 1}"
        " AND id = 0b5c1c6e-0000-4000-8000-000000000000"
    )
    assert read_table.clustering_key == (ClusteringColumn("a", descending=True), ClusteringColumn("b"))
    assert read_table.columns_by_name["id"].type == parse_type("text")
    assert read_table.columns_by_name["p"].type == parse_type("frozen<tuple<int, frozen<list<int>>>>")
    assert read_table.options == {"compaction": {"class": "X", "n": 1}}
