"""Materialized views: which ones are the same, and which ones no server takes."""

from __future__ import annotations

import pytest

from cql_builder.errors import SchemaError
from cql_builder.schema import KeyspaceSchema, apply, diff_schema, schema_from_cql

TABLE = "CREATE TABLE t (k int, c int, a int, b int, PRIMARY KEY (k, c));"
BOTH = "k IS NOT NULL AND c IS NOT NULL"


def view(selected: str, where: str = BOTH, key: str = "c, k") -> str:
    return f"CREATE MATERIALIZED VIEW v AS SELECT {selected} FROM t WHERE {where} PRIMARY KEY ({key});"


def read(*texts: str) -> KeyspaceSchema:
    return schema_from_cql("\n".join(texts), "ks")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("k, c, a", "a", True),
        ("k, c, a", "a, k", True),
        ("k, c", "k", True),
        ("k, c, a", "k, c", False),
        ("a", "b", False),
        ("*", "k, c, a, b", False),
    ],
)
def test_a_view_has_the_columns_of_its_key_in_any_case(one: str, other: str, same: bool) -> None:
    there, wanted = read(TABLE, view(one)), read(TABLE, view(other))
    assert (there.view("v") == wanted.view("v")) is same
    assert (hash(there.view("v")) == hash(wanted.view("v"))) is same
    assert (diff_schema(there, wanted) == ()) is same


def test_a_view_is_created_with_its_key_selected() -> None:
    """Cassandra refuses a SELECT that lacks a column of the key; ScyllaDB adds it."""
    (step,) = diff_schema(read(TABLE), read(TABLE, view("a, k")))
    assert step.cql == (f"CREATE MATERIALIZED VIEW ks.v AS SELECT a, k, c FROM ks.t WHERE {BOTH} PRIMARY KEY (c, k)")


FALLING = "CREATE TABLE t (k int, c int, a int, b int, PRIMARY KEY (k, c)) WITH CLUSTERING ORDER BY (c DESC);"


@pytest.mark.parametrize("said", ["DESC", "ASC"])
def test_the_order_of_a_view_is_said_where_its_table_has_another(said: str) -> None:
    """Cassandra gives it the order of the table where CLUSTERING ORDER BY says none."""
    wanted = view("a", key="k, c").replace(";", f" WITH CLUSTERING ORDER BY (c {said});")
    (step,) = diff_schema(read(FALLING), read(FALLING, wanted))
    assert step.cql == (
        f"CREATE MATERIALIZED VIEW ks.v AS SELECT a, k, c FROM ks.t WHERE {BOTH} PRIMARY KEY (k, c)"
        f" WITH CLUSTERING ORDER BY (c {said})"
    )


def test_a_view_whose_order_is_not_said_has_that_of_its_table() -> None:
    unsaid = read(FALLING, view("a", key="k, c"))
    said = read(FALLING, view("a", key="k, c").replace(";", " WITH CLUSTERING ORDER BY (c DESC);"))
    assert diff_schema(unsaid, said) == ()
    assert [column.descending for column in unsaid.view("v").clustering_key] == [True]


def test_a_view_by_another_key_has_no_order_of_its_table() -> None:
    (step,) = diff_schema(read(FALLING), read(FALLING, view("a")))
    assert step.cql is not None
    assert step.cql.endswith("PRIMARY KEY (c, k)")


COLUMNS = "l list<int>, f frozen<list<int>>, du duration, s int STATIC"


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        (
            view("k, c, a", "k IS NOT NULL"),
            "column 'c' is in its primary key, and its WHERE says nothing of it: write c",
        ),
        (view("k, c, a", BOTH, "a, c, k"), "column 'a' is in its primary key, and its WHERE says nothing of it"),
        (
            view("*", f"{BOTH} AND a IS NOT NULL AND b IS NOT NULL", "a, b, c, k"),
            "its primary key has 'a', 'b', and may have one column more than that of its table has",
        ),
        (view("*", BOTH, "c"), "its primary key lacks 'k'"),
        (view("*", BOTH, "c, k, k"), "column 'k' is in its primary key twice"),
        (view("*", f"{BOTH} AND l IS NOT NULL", "l, c, k"), "'l' (list<int>): a collection in the primary key must be"),
        (view("*", f"{BOTH} AND du IS NOT NULL", "du, c, k"), "a duration cannot be in the primary key"),
        (view("k, c, s"), "column 's' is static, and no view has it: select the others by their names"),
        (view("*"), "column 's' is static, and no view has it"),
        (view("*", f"{BOTH} AND bb IS NOT NULL"), "table 't' has no column 'bb' (did you mean 'b'?)"),
    ],
)
def test_a_view_that_no_server_takes_is_refused(statement: str, sentence: str) -> None:
    with pytest.raises(SchemaError) as caught:
        read(TABLE.replace("b int", f"b int, {COLUMNS}"), statement)
    assert str(caught.value).startswith("view 'ks.v': ")
    assert sentence in str(caught.value)


TTL = "no view has a default_time_to_live, for its rows expire with those of its table: leave it out"
FILTERED = "column 'a' is not in the primary key of table 't', so WHERE says nothing of it but IS NOT NULL"
SOME_TOKENS = "its WHERE has a token, and no view is of some tokens only"


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (TABLE[:-1] + " WITH gc_grace_seconds = '0';" + view("*"), "table 't' has gc_grace_seconds = 0, and updates"),
        (TABLE + view("*")[:-1] + " WITH default_time_to_live = 5", TTL),
        (TABLE + view("*") + "ALTER MATERIALIZED VIEW v WITH default_time_to_live = 5", TTL),
        (TABLE + view("*", f"{BOTH} AND a = 3"), FILTERED),
        (TABLE + view("*", f"{BOTH} AND a IS NOT NULL AND a > 3"), FILTERED),
        (TABLE + view("*", f"{BOTH} AND a IN (1, 2)", "a, c, k"), FILTERED),
        (TABLE + view("*", f"{BOTH} AND token(k) > 3"), SOME_TOKENS),
        (TABLE + view("*", f"{BOTH} AND expr(i, 'x')"), "its WHERE asks an index, and no view does"),
    ],
)
def test_what_cassandra_refuses_in_options_and_where_is_refused(script: str, sentence: str) -> None:
    """As `CreateViewStatement` and `AlterViewStatement` of 5.0.9 do."""
    with pytest.raises(SchemaError) as caught:
        read(script)
    assert str(caught.value).startswith("view 'ks.v': ")
    assert sentence in str(caught.value)


def test_a_view_of_scylladb_may_compare_its_own_key_and_tokens() -> None:
    scripts = [
        TABLE + view("*", f"{BOTH} AND {more}", "a, c, k") for more in ("a > 3", "a IS NOT NULL AND token(k) > 3")
    ]
    for script in scripts:
        wanted = schema_from_cql(script, "ks", dialect="scylla")
        steps = diff_schema(read(TABLE), wanted, dialect="scylla")
        assert apply(read(TABLE), steps) == wanted
    with pytest.raises(SchemaError, match="column 'b' is not in the primary key of table 't'"):
        schema_from_cql(TABLE + view("*", f"{BOTH} AND a > 3 AND b = 1", "a, c, k"), "ks", dialect="scylla")


@pytest.mark.parametrize("name", ['"V x"', '"select"', '"a""b"', "plain"])
def test_what_to_write_of_a_key_is_cql(name: str) -> None:
    table = f"CREATE TABLE t (id int PRIMARY KEY, {name} int);"
    where = "id IS NOT NULL"
    with pytest.raises(SchemaError) as caught:
        read(table, view("*", where, f"{name}, id"))
    advice = str(caught.value).rpartition(": write ")[2]
    assert advice == f"{name} IS NOT NULL"
    assert read(table, view("*", f"{where} AND {advice}", f"{name}, id")).views


def test_a_table_of_counters_has_no_views() -> None:
    with pytest.raises(SchemaError, match=r"view 'ks\.v': table 't' has counters, and no such table has views"):
        read("CREATE TABLE t (k int, c int, n counter, PRIMARY KEY (k, c));", view("k, c"))


@pytest.mark.parametrize(
    "statement",
    [
        view("k, c, f", "k = 3 AND c > 3"),
        view("k, c", "k IN (1, 2) AND (c) > (2)"),
        view("k, c", f"{BOTH} AND s IS NOT NULL"),
        view("k, c, f", f"{BOTH} AND f IS NOT NULL", "f, c, k"),
        view("k, c", f"{BOTH} AND a IS NOT NULL"),
        view("k, c")[:-1] + " WITH default_time_to_live = 0 AND gc_grace_seconds = 0;",
    ],
)
def test_a_view_that_a_server_takes_is_read(statement: str) -> None:
    assert read(TABLE.replace("b int", f"b int, {COLUMNS}"), statement).view("v").table == "t"
