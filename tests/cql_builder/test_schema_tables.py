from __future__ import annotations

from collections import OrderedDict

import pytest

from cql_builder import parse_type, schema
from cql_builder.errors import SchemaError
from cql_builder.schema import (
    ClusteringColumn,
    ColumnDefinition,
    ColumnSchema,
    IndexDefinition,
    IndexSchema,
    TableSchema,
)
from cql_builder.schema.indexes import default_index_name, read_target

KEY = ColumnDefinition("id", "uuid", primary_key=True)
ROW = ColumnDefinition("at", "timestamp", clustering_key=True)


def column_row(
    name: str, cql_type: str, kind: str = "regular", position: int = -1, order: str = "none"
) -> dict[str, object]:
    return {
        "keyspace_name": "ks",
        "table_name": "t",
        "column_name": name,
        "type": cql_type,
        "kind": kind,
        "position": position,
        "clustering_order": order,
        "column_name_bytes": name.encode(),
    }


def test_a_table_is_made_of_column_definitions() -> None:
    table = TableSchema.from_columns(
        "votes",
        "ks",
        [
            ColumnDefinition("b", "int", primary_key=True, partition_key_index=1),
            ColumnDefinition("a", "varchar", primary_key=True, partition_key_index=0),
            ColumnDefinition("y", "int", clustering_key=True, clustering_key_index=1),
            ColumnDefinition("x", "int", clustering_key=True, clustering_key_index=0, clustering_order="DESC"),
            ColumnDefinition("tags", "set<text>", index=True),
            ColumnDefinition("pair", "tuple<int, text>"),
            ColumnDefinition("whole", "frozen<list<ks.addr>>", index=True, index_name="mine"),
            ColumnDefinition("note", "text", static=True),
        ],
        {"comment": "x"},
    )
    assert table.partition_key == ("a", "b")
    assert table.clustering_key == (ClusteringColumn("x", descending=True), ClusteringColumn("y"))
    assert [column.name for column in table.columns] == ["b", "a", "y", "x", "tags", "pair", "whole", "note"]
    assert table.columns_by_name["a"].type == parse_type("text")
    assert table.columns_by_name["pair"].type == parse_type("frozen<tuple<int, text>>")
    assert table.columns_by_name["whole"].type == parse_type("frozen<list<frozen<addr>>>")
    assert table.columns_by_name["note"].static
    assert table.indexes == (IndexSchema("votes_tags_idx", "tags", "values"), IndexSchema("mine", "whole", "full"))
    assert table.options == {"comment": "x"}


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ([], "it has no partition key; name at least one column of it"),
        ([ROW], "it has no partition key"),
        ([KEY, KEY], "column 'id' is defined twice"),
        (
            [KEY, ColumnDefinition("m", "map<text, int>", indexes=(IndexDefinition(part="key"),))],  # type: ignore[arg-type]
            "an index of column 'm' is of the part 'key'; a collection has keys, values, entries, full",
        ),
        (
            [ColumnDefinition("a", "int", primary_key=True, clustering_key=True)],
            "column 'a' is both partition key and clustering key; choose one",
        ),
        (
            [ColumnDefinition("a", "int", primary_key=True, static=True), ROW],
            "column 'a' is in the primary key, so it cannot be static",
        ),
        (
            [KEY, ColumnDefinition("a", "int", clustering_key=True, clustering_order="down")],  # type: ignore[arg-type] # an untyped caller
            "the clustering order of column 'a' is 'ASC' or 'DESC', not 'down'",
        ),
        (
            [KEY, ColumnDefinition("a", "int", index=True), ColumnDefinition("a!", "int", index=True)],
            "two indexes are named 't_a_idx'; give one of them another index_name",
        ),
        (
            [KEY, ColumnDefinition("a", "int", index=True, index_name="by a")],
            "the name of an index has letters (a to z, A to Z), digits and '_', at least one; 'by a' does not",
        ),
        ([KEY, ColumnDefinition("a", "int", index_name="i")], "column 'a' has the name of an index, but no index"),
        ([KEY, ColumnDefinition("a", "int", static=True)], "column 'a' is static, which needs a clustering column"),
        (
            [KEY, ColumnDefinition("a", "lost<int>")],
            "the type of column 'a' is none: line 1, column 1: expected list, set",
        ),
        (
            [KEY, ColumnDefinition("a", "list<list<int>>")],
            "column 'a' (list<list<int>>): what is in a collection must be frozen",
        ),
        (
            [KEY, ColumnDefinition("a", "map<int, frozen<list<list<int>>>>"), ColumnDefinition("b", "set<addr>")],
            "column 'b' (set<addr>)",
        ),
        ([KEY, ColumnDefinition("a", "set<counter>")], "a counter cannot stand inside another type"),
        ([KEY, ColumnDefinition("a", "set<duration>")], "a duration cannot stand in a set"),
        ([KEY, ColumnDefinition("a", "frozen<map<duration, int>>")], "a duration cannot be a map key"),
        ([ColumnDefinition("a", "counter", primary_key=True)], "a counter cannot be in the primary key"),
        ([ColumnDefinition("a", "duration", primary_key=True)], "a duration cannot be in the primary key"),
        ([ColumnDefinition("a", "list<int>", primary_key=True)], "a collection in the primary key must be frozen"),
        (
            [KEY, ColumnDefinition("a", "counter"), ColumnDefinition("b", "int")],
            "column 'a' is a counter, so all columns outside",
        ),
        (
            [KEY, ColumnDefinition("a", "counter", index=True)],
            "column 'a' cannot have an index: tables with counters have none",
        ),
        (
            [ColumnDefinition("a", "int", primary_key=True, index=True)],
            "column 'a' cannot have an index: it is the whole partition key",
        ),
        (
            [KEY, ColumnDefinition("a", "list<duration>", index=True)],
            "column 'a' cannot have an index: durations have no order",
        ),
        (
            [KEY, ColumnDefinition("a", "addr", index=True)],
            "column 'a' cannot have an index: its type must be frozen<addr>",
        ),
    ],
)
def test_what_no_server_takes_is_refused(columns: list[ColumnDefinition], sentence: str) -> None:
    with pytest.raises(SchemaError) as caught:
        TableSchema.from_columns("t", "ks", columns)
    assert str(caught.value).startswith("table 'ks.t': ")
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    "columns",
    [
        [KEY],
        [KEY, ROW, ColumnDefinition("a", "counter"), ColumnDefinition("b", "counter")],
        [KEY, ROW, ColumnDefinition("a", "int", static=True, index=True)],
        [
            KEY,
            ColumnDefinition("a", "list<frozen<list<int>>>"),
            ColumnDefinition("b", "addr"),
            ColumnDefinition("c", "duration"),
        ],
        [KEY, ColumnDefinition("k", "int", primary_key=True, index=True)],
        [ColumnDefinition("a", "frozen<list<int>>", primary_key=True), ColumnDefinition("v", "vector<float, 3>")],
        [KEY, ColumnDefinition("a", "list<tuple<int, list<int>>>"), ColumnDefinition("b", "map<int, duration>")],
    ],
)
def test_what_servers_take_is_taken(columns: list[ColumnDefinition]) -> None:
    assert TableSchema.from_columns("t", "ks", columns).partition_key


@pytest.mark.parametrize(
    ("table", "keyspace", "sentence"),
    [
        ("", "ks", "the name of a table has letters (a to z, A to Z), digits and '_', at least one; '' does not"),
        ("my-table", "ks", "'my-table' does not"),
        ("tä", "ks", "'tä' does not"),
        ("t" * 223, "ks", "the name of a table is at most 222 characters long"),
        ("t", "k" * 49, "the name of a keyspace is at most 48 characters long"),
        ("t", "k.s", "the name of a keyspace has letters"),
    ],
)
def test_names_are_those_of_files(table: str, keyspace: str, sentence: str) -> None:
    with pytest.raises(SchemaError) as caught:
        TableSchema.from_columns(table, keyspace, [KEY])
    assert sentence in str(caught.value)


TABLE_ROW: dict[str, object] = {
    "keyspace_name": "ks",
    "table_name": "t",
    "id": "…",
    "flags": {"compound"},
    "comment": "",
    "compaction": OrderedDict[str, str](min_threshold="4"),
    "memtable": None,
    "cdc": None,
}
COLUMN_ROWS = [
    column_row("z", "text"),
    column_row("Name", "frozen<tuple<int, text>>", "static"),
    column_row("ck2", "int", "clustering", 1, "asc"),
    column_row("ck1", "timeuuid", "clustering", 0, "desc"),
    column_row("pk2", "int", "partition_key", 1),
    column_row("pk1", "int", "partition_key", 0),
    column_row("tags", "list<int>"),
    column_row("whole", "frozen<set<int>>"),
    column_row("m", "map<int, int>"),
]
INDEX_ROWS: list[dict[str, object]] = [
    {"index_name": "b", "kind": "COMPOSITES", "options": {"target": "values(tags)"}},
    {"index_name": "a", "kind": "COMPOSITES", "options": {"target": '"Name"'}},
    {"index_name": "c", "kind": "COMPOSITES", "options": {"target": "full(whole)"}},
    {
        "index_name": "d",
        "kind": "CUSTOM",
        "options": {"target": "z", "class_name": "sai", "case_sensitive": "false"},
    },
    {"index_name": "e", "kind": "COMPOSITES", "options": {"target": "keys(m)"}},
    {"index_name": "f", "kind": "COMPOSITES", "options": {"target": "tags"}},
]


def test_a_table_is_read_from_the_servers_tables() -> None:
    table = TableSchema.from_system_rows(TABLE_ROW, COLUMN_ROWS, INDEX_ROWS)
    assert (table.keyspace, table.name) == ("ks", "t")
    assert [column.name for column in table.columns] == ["pk1", "pk2", "ck1", "ck2", "Name", "m", "tags", "whole", "z"]
    assert table.partition_key == ("pk1", "pk2")
    assert table.clustering_key == (ClusteringColumn("ck1", descending=True), ClusteringColumn("ck2"))
    assert table.columns_by_name["Name"] == ColumnSchema("Name", parse_type("frozen<tuple<int, text>>"), static=True)
    assert table.indexes == (
        IndexSchema("a", "Name"),
        IndexSchema("b", "tags", "values"),
        IndexSchema("c", "whole", "full"),
        IndexSchema("d", "z", None, "sai", {"case_sensitive": "false"}),
        IndexSchema("e", "m", "keys"),
        IndexSchema("f", "tags", "values"),
    )
    assert table.options == {"comment": "", "compaction": {"min_threshold": "4"}, "memtable": "default"}


@pytest.mark.parametrize(
    ("target", "read"),
    [
        ("a", ("a", None)),
        ('"A ""b"""', ('A "b"', None)),
        ("keys(m)", ("m", "keys")),
        ('entries("M")', ("M", "entries")),
        ('"keys(m)"', ("keys(m)", None)),
        ("other(m)", ("other(m)", None)),
        ('{"pk":["a"],"ck":["b"]}', ('{"pk":["a"],"ck":["b"]}', None)),
        ("", ("", None)),
    ],
)
def test_the_target_of_an_index_is_read(target: str, read: tuple[str, str | None]) -> None:
    assert read_target(target) == read


def test_the_default_name_of_an_index_is_the_servers() -> None:
    """What `IndexMetadata.generateDefaultIndexName` of Cassandra 5.0.9 says."""
    assert default_index_name("my-t", 'c x"é') == "myt_cx_idx"


def test_every_public_name_of_the_room_is_there() -> None:
    assert [name for name in schema.__all__ if getattr(schema, name, None) is None] == []
    with pytest.raises(AttributeError, match=r"module 'cql_builder\.schema' has no attribute 'diff_tabel'"):
        getattr(schema, "diff_tabel")  # noqa: B009 - misspelt on purpose
