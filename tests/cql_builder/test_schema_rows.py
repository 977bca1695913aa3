"""Keyspaces from rows of `system_schema`, as Cassandra 5.0.9 answers them."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import pytest

from cql_builder.errors import CqlSyntaxError, SchemaError
from cql_builder.schema import (
    DroppedColumn,
    KeyspaceSchema,
    TriggerSchema,
    canonical_type,
    diff_schema,
    schema_from_cql,
    schema_from_rows,
    system_queries,
)

Rows = dict[str, list[dict[str, object]]]


def row(**columns: object) -> dict[str, object]:
    return {"keyspace_name": "ks", **columns}


def column(table: str, name: str, cql_type: str, kind: str = "regular", position: int = -1) -> dict[str, object]:
    order = "desc" if kind == "clustering" else "none"
    return row(table_name=table, column_name=name, type=cql_type, kind=kind, position=position, clustering_order=order)


def mask(name: str, function: str, *arguments: tuple[str, bool, str]) -> dict[str, object]:
    return row(
        table_name="t",
        column_name=name,
        function_keyspace="system",
        function_name=function,
        function_argument_types=[argument[0] for argument in arguments] or None,
        function_argument_nulls=[argument[1] for argument in arguments] or None,
        function_argument_values=tuple([argument[2] for argument in arguments]) or None,
    )


REPLICATION: OrderedDict[str, object] = OrderedDict(
    [("class", "org.apache.cassandra.locator.SimpleStrategy"), ("replication_factor", "1")]
)
OPTIONS: dict[str, object] = {
    "cdc": None,
    "caching": {"keys": "ALL", "rows_per_partition": "NONE"},
    "comment": "x",
    "compaction": {
        "class": "org.apache.cassandra.db.compaction.SizeTieredCompactionStrategy",
        "max_threshold": "32",
        "min_threshold": "4",
    },
    "compression": {"chunk_length_in_kb": "16", "class": "org.apache.cassandra.io.compress.LZ4Compressor"},
    "gc_grace_seconds": 864000,
    "memtable": None,
}
ROWS: Rows = {
    "keyspaces": [row(durable_writes=True, replication=REPLICATION)],
    "tables": [
        row(table_name="t", id="…", flags={"compound"}, **OPTIONS),
        {"keyspace_name": "other", "table_name": "t"},
    ],
    "columns": [
        column("t", "id", "int", "partition_key", 0),
        column("t", "k", "int", "clustering", 0),
        column("t", "b", "text"),
        column("t", "n", "decimal"),
        column("v", "k", "int", "partition_key", 0),
        column("v", "id", "int", "clustering", 0),
        column("w", "k", "int", "partition_key", 0),
        column("w", "id", "int", "clustering", 0),
        column("w", "b", "text"),
        {"keyspace_name": "other", "table_name": "t"},
    ],
    "types": [
        row(type_name="money", field_names=["amount", "Of"], field_types=["decimal", "frozen<tuple<int, text>>"])
    ],
    "views": [
        row(
            view_name=name,
            base_table_name="t",
            base_table_id="…",
            id="…",
            include_all_columns=name == "w",
            where_clause="id IN (1, 2) AND k >= 1 AND k < 10",
            **OPTIONS,
        )
        for name in ("v", "w")
    ],
    "indexes": [row(table_name="t", index_name="i", kind="COMPOSITES", options={"target": "b"})],
    "functions": [
        row(
            function_name="f",
            argument_names=["s", "v"],
            argument_types=["frozen<tuple<int, text>>", "int"],
            body="return $1;",
            called_on_null_input=True,
            language="java",
            return_type="frozen<tuple<int, text>>",
        ),
    ],
    "aggregates": [
        row(
            aggregate_name="total",
            argument_types=["int"],
            final_func=None,
            initcond="(1, 'x')",
            return_type="frozen<tuple<int, text>>",
            state_func="f",
            state_type="frozen<tuple<int, text>>",
        ),
    ],
    "triggers": [row(table_name="t", trigger_name="tr", options={"class": "x.Y"})],
    "dropped_columns": [row(table_name="t", column_name="gone", type="text", kind="static")],
    "column_masks": [
        mask("b", "mask_inner", ("int", False, "1"), ("int", True, ""), ("text", False, "*")),
        mask("n", "mask_replace", ("decimal", False, "-1.5")),
        mask("k", "mask_default"),
    ],
}
SCRIPT = """
CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1};
USE ks;
CREATE TYPE money (amount decimal, "Of" tuple<int, text>);
CREATE TABLE t (
    n decimal MASKED WITH mask_replace(-1.5), b text MASKED WITH mask_inner(1, null, '*'), id int,
    k int MASKED WITH DEFAULT, PRIMARY KEY (id, k)
) WITH CLUSTERING ORDER BY (k DESC) AND comment = 'x';
CREATE INDEX i ON t (b);
CREATE TRIGGER tr ON t USING 'x.Y';
CREATE MATERIALIZED VIEW v AS SELECT id, k FROM t WHERE k < 10 AND id IN (1, 2) AND k >= 1
    PRIMARY KEY (k, id) WITH CLUSTERING ORDER BY (id DESC) AND comment = 'x';
CREATE MATERIALIZED VIEW w AS SELECT * FROM t WHERE k < 10 AND id IN (1, 2) AND k >= 1
    PRIMARY KEY (k, id) WITH CLUSTERING ORDER BY (id DESC) AND comment = 'x';
CREATE FUNCTION f (s tuple<int, text>, v int) CALLED ON NULL INPUT RETURNS tuple<int, text> LANGUAGE java
    AS 'return $1;';
CREATE AGGREGATE total (int) SFUNC f STYPE tuple<int, text> INITCOND (1, 'x');
"""


def test_rows_and_text_come_to_the_same() -> None:
    found = schema_from_rows("ks", ROWS)
    assert found == schema_from_cql(SCRIPT)
    assert found is not None
    assert found.tables[0].triggers == (TriggerSchema("tr", "x.Y"),)
    (gone,) = found.tables[0].dropped
    assert gone == DroppedColumn("gone", canonical_type(gone.type), static=True)


@pytest.mark.parametrize(
    ("table", "place", "change"),
    [
        ("keyspaces", 0, {"durable_writes": False}),
        ("tables", 0, {"comment": "y"}),
        ("tables", 0, {"flags": {"dense"}}),
        ("columns", 2, {"type": "blob"}),
        ("types", 0, {"field_names": ["amount", "of"]}),
        ("views", 0, {"where_clause": "id IN (1, 2) AND k >= 1"}),
        ("views", 0, {"base_table_name": "u"}),
        ("indexes", 0, {"options": {"target": "n"}}),
        ("functions", 0, {"body": "return 1;"}),
        ("aggregates", 0, {"initcond": None}),
        ("triggers", 0, {"options": {"class": "x.Z"}}),
        ("column_masks", 1, {"function_argument_values": ["2"]}),
    ],
)
def test_what_makes_a_difference_is_read(table: str, place: int, change: dict[str, object]) -> None:
    changed = [{**each, **change} if number == place else each for number, each in enumerate(ROWS[table])]
    assert schema_from_rows("ks", {**ROWS, table: changed}) != schema_from_cql(SCRIPT)


def test_a_dropped_table_comes_back_without_the_options_that_no_server_takes_any_more() -> None:
    gone = {"dclocal_read_repair_chance": 0.0, "read_repair_chance": 0.0}
    table = {"keyspace_name": "ks", "table_name": "t", "gc_grace_seconds": 5, **gone}
    there = schema_from_rows(
        "ks",
        {
            "keyspaces": ROWS["keyspaces"],
            "tables": [table],
            "columns": [column("t", "id", "int", "partition_key", 0)],
        },
    )
    (drop,) = diff_schema(there, KeyspaceSchema("ks"))
    assert drop.inverse_cql == ("CREATE TABLE ks.t (id int, PRIMARY KEY (id)) WITH gc_grace_seconds = 5",)


def test_tables_that_a_server_does_not_have_count_as_empty() -> None:
    assert schema_from_rows("ks", {"keyspaces": ROWS["keyspaces"]}) == KeyspaceSchema("ks", REPLICATION)


def test_there_is_no_keyspace_where_no_row_says_so() -> None:
    assert schema_from_rows("ks", {}) is None
    assert schema_from_rows("elsewhere", ROWS) is None


@pytest.mark.parametrize("rows", [None, 5, ["keyspaces"]])
def test_what_is_no_mapping_of_rows_is_refused(rows: Any) -> None:
    with pytest.raises(SchemaError, match="the rows of system_schema are a mapping, by the name of their table"):
        schema_from_rows("ks", rows)


@pytest.mark.parametrize(
    ("table", "change", "sentence"),
    [
        ("columns", {"kind": ...}, "a row has no 'kind'; select all columns of this table"),
        ("columns", {"type": None}, "in a row, 'type' is None and not a text"),
        ("columns", {"type": 5}, "in a row, 'type' is of the type int and not a text"),
        ("columns", {"keyspace_name": ...}, "a row has no 'keyspace_name'"),
        ("columns", {"position": ...}, "a row has no 'position'"),
        ("tables", {"table_name": ...}, "a row has no 'table_name'"),
        ("types", {"field_types": ["decimal", None]}, "in a row, 'field_types' has None in it and not texts alone"),
        ("types", {"field_types": ["decimal"]}, "in a row, 'field_names', 'field_types' are not of one length"),
        ("types", {"field_types": "decimal"}, "in a row, 'field_types' is of the type str and not a list"),
        ("views", {"where_clause": None}, "in a row, 'where_clause' is None and not a text"),
        ("functions", {"argument_names": ["s"]}, "in a row, 'argument_names', 'argument_types' are not of one length"),
        ("functions", {"return_type": None}, "in a row, 'return_type' is None and not a text"),
        ("aggregates", {"state_type": ...}, "a row has no 'state_type'"),
        ("indexes", {"index_name": ...}, "a row has no 'index_name'"),
        ("triggers", {"options": ...}, "a row has no 'options'"),
        ("triggers", {"options": {}}, "in a row, 'options' has no 'class'"),
        ("keyspaces", {"replication": ...}, "a row has no 'replication'"),
        ("keyspaces", {"replication": "x"}, "in a row, 'replication' is of the type str and not a mapping"),
        ("keyspaces", {"durable_writes": ...}, "a row has no 'durable_writes'"),
        ("indexes", {"options": ...}, "a row has no 'options'"),
        ("indexes", {"options": {}}, "in a row, 'options' has no 'target'"),
        ("aggregates", {"initcond": ...}, "a row has no 'initcond'"),
        ("aggregates", {"final_func": ...}, "a row has no 'final_func'"),
        ("dropped_columns", {"type": None}, "in a row, 'type' is None and not a text"),
        ("column_masks", {"function_argument_nulls": []}, "are not of one length"),
    ],
)
def test_a_row_that_lacks_what_is_needed_is_named(table: str, change: dict[str, object], sentence: str) -> None:
    """`...` stands for a column that is not there."""
    changed = {**ROWS[table][0], **change}
    rows = [{name: value for name, value in changed.items() if value is not ...}, *ROWS[table][1:]]
    with pytest.raises(SchemaError) as caught:
        schema_from_rows("ks", {**ROWS, table: rows})
    assert str(caught.value).startswith(f"table 'system_schema.{table}': ")
    assert sentence in str(caught.value)


@pytest.mark.parametrize(("rows", "sentence"), [(None, "not None"), ("x", "of the type str"), ([5], "of the type int")])
def test_what_is_no_row_is_refused(rows: Any, sentence: str) -> None:
    with pytest.raises(SchemaError, match=rf"^table 'system_schema\.columns': .* {sentence}$"):
        schema_from_rows("ks", {**ROWS, "columns": rows})


def test_a_type_that_is_not_known_is_a_syntax_error() -> None:
    wrong = [row(type_name="a", field_names=["b"], field_types=["list<"])]
    with pytest.raises(CqlSyntaxError):
        schema_from_rows("ks", {**ROWS, "types": wrong})


def test_each_question_is_about_one_keyspace_and_masks_are_asked_for_where_there_are_any() -> None:
    asked = {query.table: query for query in system_queries("ks")}
    assert asked.keys() == ROWS.keys()
    assert {query.params for query in asked.values()} == {("ks",)}
    assert all(
        query.cql.endswith(f"FROM system_schema.{table} WHERE keyspace_name = ?") for table, query in asked.items()
    )
    for dialect in ("cassandra-4.0", "cassandra-4.1", "scylla"):
        assert "column_masks" not in {query.table for query in system_queries("ks", dialect=dialect)}


def test_what_a_server_is_configured_to_have_stays_as_it_is() -> None:
    own = {"auto_repair": {"full_enabled": "true"}, "fast_path": {"mode": "keyspace"}}
    tables = [{**each, **own} for each in ROWS["tables"]]
    there = schema_from_rows("ks", {**ROWS, "tables": tables})
    assert there is not None
    assert diff_schema(there, schema_from_rows("ks", ROWS)) == ()


def test_constraints_are_read_from_what_describe_writes() -> None:
    """No table of system_schema has them (`SchemaKeyspaceTables` of Cassandra 6.0-alpha2)."""
    assert "column_constraints" not in {query.table for query in system_queries("ks", dialect="cassandra-6.0")}
    described = (
        "CREATE TABLE ks.t (\n    id int PRIMARY KEY,\n    a text CHECK NOT NULL AND JSON AND LENGTH() < 20,\n"
        "    b int CHECK b > 1 AND b < 5\n) WITH comment = '';"
    )
    there = schema_from_cql(described, dialect="cassandra-6.0")
    columns = "a text NOT NULL CHECK LENGTH() < 20 AND JSON, b int CHECK b < 5 AND b > 1"
    wanted = schema_from_cql(f"CREATE TABLE ks.t (id int PRIMARY KEY, {columns})", dialect="cassandra-6.0")
    assert diff_schema(there, wanted) == ()
    assert [len(column.constraints) for column in there.table("t").columns] == [0, 3, 2]
