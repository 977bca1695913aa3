from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, cast

import pytest

from cql_builder import (
    alter_table,
    col,
    create_index,
    create_keyspace,
    create_materialized_view,
    create_table,
    drop_index,
    drop_keyspace,
    drop_materialized_view,
    drop_table,
)
from cql_builder.ast import IndexName, ListType, NativeType, TableName
from cql_builder.errors import (
    ArgumentError,
    ClauseConflictError,
    CqlError,
    CqlSyntaxError,
    MissingClauseError,
    RepeatedClauseError,
    StatementError,
    UnknownClauseError,
    UnsupportedFeatureError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from cql_builder.builder.statement import StatementBuilder

    Check = Callable[[StatementBuilder, str], None]

TABLE = create_table("t").column("a", "int").column("b", "int")
TEXT = "CREATE TABLE t (a int, b int"
INT_LIST = ListType(NativeType("int"))
KEYED = TABLE.partition_key("a")
VIEW_TEXT = "CREATE MATERIALIZED VIEW v AS SELECT * FROM t WHERE a IS NOT NULL"
VIEW = create_materialized_view("v").from_("t").where(col("a").is_not_null())
SIMPLE: dict[str, str | int] = {"class": "SimpleStrategy", "replication_factor": 1}
WITH_SIMPLE = "WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"


@pytest.mark.parametrize(
    ("statement", "cql"),
    [
        (
            create_keyspace("K", SIMPLE),
            f'CREATE KEYSPACE "K" {WITH_SIMPLE}',
        ),
        (
            create_keyspace("k", SIMPLE, durable_writes=False, if_not_exists=True),
            f"CREATE KEYSPACE IF NOT EXISTS k {WITH_SIMPLE} AND durable_writes = false",
        ),
        (drop_keyspace("k"), "DROP KEYSPACE k"),
        (drop_keyspace("k", if_exists=True), "DROP KEYSPACE IF EXISTS k"),
        (KEYED, "CREATE TABLE t (a int, b int, PRIMARY KEY (a))"),
        (
            TABLE.partition_key("a", "b").if_not_exists(),
            "CREATE TABLE IF NOT EXISTS t (a int, b int, PRIMARY KEY ((a, b)))",
        ),
        (KEYED.clustering_key("b"), "CREATE TABLE t (a int, b int, PRIMARY KEY (a, b))"),
        (
            KEYED.column("c", "int")
            .column("d", INT_LIST, static=True)
            .clustering_key("b", "c")
            .clustering_order(c="DESC"),
            f"{TEXT}, c int, d list<int> STATIC, PRIMARY KEY (a, b, c)) WITH CLUSTERING ORDER BY (b ASC, c DESC)",
        ),
        (
            KEYED.clustering_key("b")
            .clustering_order({"b": "ASC"})
            .options({"comment": "it's"})
            .options({"cdc": True}),
            f"{TEXT}, PRIMARY KEY (a, b)) WITH CLUSTERING ORDER BY (b ASC) AND comment = 'it''s' AND cdc = true",
        ),
        (
            KEYED.options({"a": 1, "b": -1, "c": 1e-10, "d": {}}),
            f"{TEXT}, PRIMARY KEY (a)) WITH a = 1 AND b = -1 AND c = 1e-10 AND d = {{}}",
        ),
        (
            KEYED.options({"a": {"class": "X", "n": 5, "on": False, "f": 0.5}}),
            f"{TEXT}, PRIMARY KEY (a)) WITH a = {{'class': 'X', 'n': 5, 'on': false, 'f': 0.5}}",
        ),
        (
            KEYED.options({"a": float("nan"), "b": float("-inf")}),
            "CREATE TABLE t (a int, b int, PRIMARY KEY (a)) WITH a = NaN AND b = -Infinity",
        ),
        (alter_table("k.t").add("a", "int"), "ALTER TABLE k.t ADD a int"),
        (alter_table("t").add("a", "int", static=True).add("B", "text"), 'ALTER TABLE t ADD (a int STATIC, "B" text)'),
        (alter_table("t").drop("a"), "ALTER TABLE t DROP a"),
        (alter_table("t").drop("a").drop("B", "c"), 'ALTER TABLE t DROP (a, "B", c)'),
        (alter_table("t").options({"comment": ""}), "ALTER TABLE t WITH comment = ''"),
        (drop_table("t"), "DROP TABLE t"),
        (drop_table(TableName("T", "k"), if_exists=True), 'DROP TABLE IF EXISTS k."T"'),
        (create_index("i").on("t", "a"), "CREATE INDEX i ON t (a)"),
        (create_index().on("k.t", "A").if_not_exists(), 'CREATE INDEX IF NOT EXISTS ON k.t ("A")'),
        (create_index("i").on("t", "a", "keys"), "CREATE INDEX i ON t (keys(a))"),
        (create_index("i").on("t", "a", "values"), "CREATE INDEX i ON t (values(a))"),
        (create_index("i").on("t", "a", "entries"), "CREATE INDEX i ON t (entries(a))"),
        (create_index("i").on("t", "a", "full"), "CREATE INDEX i ON t (full(a))"),
        (create_index("full").on("t", "full"), 'CREATE INDEX "full" ON t ("full")'),
        (create_index("i").on("t", "a").using("sai"), "CREATE INDEX i ON t (a) USING 'sai'"),
        (
            create_index("i").using("sai", {"case_sensitive": False}).on("t", "a"),
            "CREATE INDEX i ON t (a) USING 'sai' WITH OPTIONS = {'case_sensitive': false}",
        ),
        (drop_index("k.i"), "DROP INDEX k.i"),
        (drop_index(IndexName("I.1"), if_exists=True), 'DROP INDEX IF EXISTS "I.1"'),
        (VIEW.partition_key("a"), "CREATE MATERIALIZED VIEW v AS SELECT * FROM t WHERE a IS NOT NULL PRIMARY KEY (a)"),
        (
            VIEW.select("a").select("c").where(col("b").is_not_null()).partition_key("b").clustering_key("a"),
            "CREATE MATERIALIZED VIEW v AS SELECT a, c FROM t WHERE a IS NOT NULL AND b IS NOT NULL PRIMARY KEY (b, a)",
        ),
        (
            VIEW.partition_key("b").clustering_key("a").clustering_order(a="DESC").options({"comment": "x"}),
            f"{VIEW_TEXT} PRIMARY KEY (b, a) WITH CLUSTERING ORDER BY (a DESC) AND comment = 'x'",
        ),
        (
            VIEW.partition_key("a").if_not_exists(),
            f"{VIEW_TEXT.replace('VIEW', 'VIEW IF NOT EXISTS')} PRIMARY KEY (a)",
        ),
        (
            VIEW.partition_key("a", "b"),
            "CREATE MATERIALIZED VIEW v AS SELECT * FROM t WHERE a IS NOT NULL PRIMARY KEY ((a, b))",
        ),
        (drop_materialized_view("k.v"), "DROP MATERIALIZED VIEW k.v"),
        (drop_materialized_view("v", if_exists=True), "DROP MATERIALIZED VIEW IF EXISTS v"),
    ],
)
def test_a_definition_has_its_text(check: Check, statement: StatementBuilder, cql: str) -> None:
    check(statement, cql)


def test_numbers_of_other_classes_are_written_as_the_numbers_they_are(check: Check) -> None:
    class Days(IntEnum):
        TEN = 864000

    class Chance(float):
        def __repr__(self) -> str:
            return "a tenth"

    statement = alter_table("t").options({"gc_grace_seconds": Days.TEN, "bloom_filter_fp_chance": Chance(0.1)})
    check(statement, "ALTER TABLE t WITH gc_grace_seconds = 864000 AND bloom_filter_fp_chance = 0.1")


def test_a_definition_never_changes() -> None:
    before = KEYED.tree
    KEYED.column("c", "int").clustering_key("b").clustering_order(b="DESC").options({"comment": "x"}).if_not_exists()
    assert KEYED.tree == before


def call(name: str, *arguments: object, **keywords: object) -> Callable[[Any], object]:
    """Return a call that type checkers would refuse."""
    return lambda subject: getattr(subject, name)(*arguments, **keywords)


WRONG: list[tuple[object, Callable[[Any], object], type[CqlError], str]] = [
    (
        "k",
        lambda name: create_keyspace(name, {}),
        MissingClauseError,
        'CREATE KEYSPACE: the replication strategy is missing; give replication a "class"',
    ),
    (3, lambda name: create_keyspace(name, SIMPLE), ArgumentError, "the name of the keyspace takes a str, not int"),
    (
        "k",
        lambda name: create_keyspace(name, cast("dict[str, str]", {"class": None})),
        ArgumentError,
        "the option \"replication['class']\" takes a str, int, float, bool",
    ),
    (None, drop_keyspace, ArgumentError, "DROP KEYSPACE: the name of the keyspace takes a str, not None"),
    (
        TABLE,
        call("compile"),
        MissingClauseError,
        "CREATE TABLE: the partition key is missing; name its columns with partition_key(...)",
    ),
    (TABLE, call("partition_key"), MissingClauseError, "the partition key is missing; name at least one column"),
    (TABLE, call("partition_key", "a", "a"), StatementError, "the partition key has 'a' twice"),
    (
        TABLE,
        call("partition_key", 3),
        ArgumentError,
        "the partition key: a column takes its name as a str, not int",
    ),
    (KEYED, call("partition_key", "b"), RepeatedClauseError, "the partition key was given twice"),
    (
        KEYED.clustering_key("b"),
        call("clustering_key", "b"),
        RepeatedClauseError,
        "the clustering key was given twice",
    ),
    (KEYED.clustering_key("a"), call("compile"), StatementError, "the primary key has 'a' twice"),
    (
        TABLE.partition_key("aa"),
        call("compile"),
        StatementError,
        "'aa' is not a column of the table (did you mean 'a'?)",
    ),
    (KEYED.column("a", "text"), call("compile"), StatementError, "the table has 'a' twice"),
    (KEYED.clustering_order(b="DESC"), call("compile"), StatementError, "'b' is not a clustering column"),
    (KEYED, call("clustering_order", b="down"), StatementError, "the clustering order of 'b' is 'ASC' or 'DESC'"),
    (KEYED, call("clustering_order", {"b": "ASC"}, b="DESC"), StatementError, "CLUSTERING ORDER has 'b' twice"),
    (KEYED, call("column", 1, "int"), ArgumentError, "the name of a column takes a str, not int"),
    (
        KEYED,
        call("column", "c", int),
        ArgumentError,
        "the type of 'c' takes CQL text or a data type of the tree, not type",
    ),
    (KEYED, call("column", "c", "list<int"), CqlSyntaxError, "line 1, column 9: the type of 'c': expected '>'"),
    (KEYED, call("options", [("a", 1)]), ArgumentError, "options takes a mapping of names to values, not list"),
    (KEYED, call("options", {1: 1}), ArgumentError, "the name of an option takes a str, not int"),
    (
        KEYED,
        call("options", {"a": None}),
        ArgumentError,
        "the option 'a' takes a str, int, float, bool or UUID, or a map of these, not None",
    ),
    (KEYED, call("options", {"a": {1: 1}}), ArgumentError, "the map 'a' takes keys as str, not int"),
    (
        alter_table("t"),
        call("compile"),
        MissingClauseError,
        "what to do is missing; call add(...), drop(...) or options(...)",
    ),
    (
        alter_table("t").add("a", "int"),
        call("drop", "b"),
        ClauseConflictError,
        "ADD and DROP cannot stand in one statement",
    ),
    (alter_table("t").drop("a"), call("options", {"a": 1}), ClauseConflictError, "DROP and WITH"),
    (alter_table("t").options({"a": 1}), call("add", "a", "int"), ClauseConflictError, "WITH and ADD"),
    (alter_table("t").add("a", "int").add("a", "int"), call("compile"), StatementError, "ADD has 'a' twice"),
    (alter_table("t").drop("a").drop("a"), call("compile"), StatementError, "DROP has 'a' twice"),
    (alter_table("t"), call("drop"), MissingClauseError, "DROP is missing"),
    (create_index("i"), call("compile"), MissingClauseError, "CREATE INDEX: ON is missing"),
    (create_index("i").on("t", "a"), call("on", "t", "b"), RepeatedClauseError, "ON was given twice"),
    (
        create_index("i"),
        call("on", "t", "a", "half"),
        StatementError,
        "a part of a collection is one of keys, values, entries, full",
    ),
    (create_index("i"), call("using", 3), ArgumentError, "using() takes a str, not int"),
    (create_index("i").using("sai"), call("using", "sai"), RepeatedClauseError, "USING was given twice"),
    (3, create_index, ArgumentError, "an index takes a str or an IndexName, not int"),
    ("a.b.c", drop_index, StatementError, "'a.b.c' is not"),
    (VIEW, call("compile"), MissingClauseError, "CREATE MATERIALIZED VIEW: the partition key is missing"),
    (VIEW, call("from_", "u"), RepeatedClauseError, "FROM was given twice"),
    (
        VIEW,
        call("where", col("b") == 1),
        StatementError,
        "a view cannot compare with values, for it has no markers",
    ),
    (VIEW.partition_key("a").clustering_key("a"), call("compile"), StatementError, "the primary key has 'a' twice"),
    (create_materialized_view("v"), call("compile"), MissingClauseError, "FROM is missing"),
    (create_materialized_view("v").from_("t"), call("compile"), MissingClauseError, "WHERE is missing"),
    (drop_table("t"), call("cascade"), UnknownClauseError, "there is no 'cascade' here; nothing can be added to it"),
]


@pytest.mark.parametrize(("subject", "wrong", "error", "sentence"), WRONG)
def test_a_wrong_definition_is_refused_with_a_sentence(
    subject: Any, wrong: Callable[[Any], object], error: type[CqlError], sentence: str
) -> None:
    with pytest.raises(error) as caught:
        wrong(subject)
    assert type(caught.value) is error
    assert sentence in str(caught.value)


def test_what_a_dialect_lacks_is_refused_by_name() -> None:
    vectors = alter_table("t").add("v", "vector<float, 3>")
    assert vectors.compile("scylla").cql == vectors.compile().cql
    with pytest.raises(
        UnsupportedFeatureError,
        match=r"cassandra-4\.1 has no vector type; cassandra-5\.0, cassandra-6\.0, scylla have it",
    ):
        vectors.compile("cassandra-4.1")
