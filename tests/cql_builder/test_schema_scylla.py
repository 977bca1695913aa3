"""Tables as ScyllaDB tells of them: its defaults are others, and some of its options are bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cql_builder.errors import SchemaError
from cql_builder.schema import KeyspaceSchema, diff_schema, schema_from_cql, schema_from_rows, system_queries

if TYPE_CHECKING:
    from collections.abc import Mapping

TABLE = "CREATE TABLE ks.t (id int PRIMARY KEY)"
REPLICATION = {"class": "org.apache.cassandra.locator.NetworkTopologyStrategy", "dc1": "3"}
TIMEOUT = {"mode": "timeout", "propagation_delay_in_seconds": "3600"}
CHANGE_LOG = {"delta": "full", "enabled": "true", "postimage": "false", "preimage": "false", "ttl": "86400"}


def number(value: int) -> bytes:
    return value.to_bytes(4, "little")


def encoded(entries: Mapping[str, str]) -> bytes:
    texts = [part.encode() for entry in entries.items() for part in entry]
    return number(len(entries)) + b"".join([number(len(text)) + text for text in texts])


def on_server(extensions: Mapping[str, bytes] | None = None, **options: object) -> KeyspaceSchema:
    """The keyspace with a table for which nothing, or these options, were said."""
    table = {
        "keyspace_name": "ks",
        "table_name": "t",
        "bloom_filter_fp_chance": 0.01,
        "caching": {"keys": "ALL", "rows_per_partition": "ALL"},
        "comment": "",
        "compaction": {"class": "IncrementalCompactionStrategy"},
        "compression": {"sstable_compression": "org.apache.cassandra.io.compress.LZ4WithDictsCompressor"},
        "crc_check_chance": 1.0,
        "dclocal_read_repair_chance": None,
        "default_time_to_live": 0,
        "extensions": {"tombstone_gc": encoded(TIMEOUT), **(extensions or {})},
        "flags": {"compound"},
        "gc_grace_seconds": 864000,
        "id": "5a1c395e-b41f-11e5-9f22-ba0be0483c18",
        "max_index_interval": 2048,
        "memtable_flush_period_in_ms": 0,
        "min_index_interval": 128,
        "read_repair_chance": None,
        "speculative_retry": "99.0PERCENTILE",
    }
    column = {"keyspace_name": "ks", "table_name": "t", "column_name": "id", "type": "int", "kind": "partition_key"}
    keyspace = {"keyspace_name": "ks", "durable_writes": True, "replication": REPLICATION}
    rows = {
        "keyspaces": [keyspace],
        "tables": [{**table, **options}],
        "columns": [{**column, "position": 0, "clustering_order": "none"}],
    }
    found = schema_from_rows("ks", rows)
    assert found is not None
    return found


def steps(actual: KeyspaceSchema, options: str) -> list[tuple[str | None, str]]:
    desired = schema_from_cql(f"{TABLE} WITH {options}" if options else TABLE, dialect="scylla")
    return [(step.cql, step.safety) for step in diff_schema(actual, desired, dialect="scylla")]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"compaction": {"class": "SizeTieredCompactionStrategy"}},
        {"compression": {"sstable_compression": "org.apache.cassandra.io.compress.LZ4Compressor"}},
        {"compression": None},
        {"compaction": {"class": "LeveledCompactionStrategy"}},
    ],
)
def test_a_table_without_options_is_as_the_server_made_it(options: dict[str, object]) -> None:
    assert steps(on_server(None, **options), "") == []
    assert steps(on_server({"scylla_encryption_options": b"\x01"}, **options), "") == []


@pytest.mark.parametrize(
    "options",
    [
        "caching = {'keys': 'ALL', 'rows_per_partition': 'ALL'}",
        "caching = {'keys': 'ALL'}",
        "gc_grace_seconds = 864000 AND bloom_filter_fp_chance = 0.01",
        "speculative_retry = '99percentile'",
        "compaction = {'class': 'IncrementalCompactionStrategy'}",
        "compression = {'sstable_compression': 'LZ4WithDictsCompressor', 'chunk_length_in_kb': 4}",
        "tombstone_gc = {'mode': 'timeout', 'propagation_delay_in_seconds': 3600}",
        "cdc = {'enabled': false}",
        "paxos_grace_seconds = 864000",
    ],
)
def test_what_the_server_has_anyway_needs_no_step(options: str) -> None:
    assert steps(on_server(), options) == []


def test_what_was_said_goes_back_to_the_defaults_of_the_server() -> None:
    actual = on_server(caching={"keys": "NONE", "rows_per_partition": "NONE"}, gc_grace_seconds=5)
    assert steps(actual, "") == [
        (
            (
                "ALTER TABLE ks.t WITH caching = {'keys': 'ALL', 'rows_per_partition': 'ALL'}"
                " AND gc_grace_seconds = 864000"
            ),
            "additive",
        )
    ]


def test_options_that_are_kept_as_bytes_are_read() -> None:
    limits = {"max_reads_per_second": "10"}
    extensions = {
        "cdc": encoded(CHANGE_LOG),
        "paxos_grace_seconds": number(60),
        "per_partition_rate_limit": encoded(limits),
        "unheard_of": b"x",
    }
    options = on_server(extensions).table("t").options
    assert options["cdc"] == CHANGE_LOG
    assert (options["paxos_grace_seconds"], options["per_partition_rate_limit"]) == (60, limits)
    assert (options["tombstone_gc"], options["extensions"]) == (TIMEOUT, {"unheard_of": b"x"})


@pytest.mark.parametrize("data", [b"", b"\x01\x00\x00\x00", encoded({"a": "b"})[:-1], number(1) + number(1) + b"\xff"])
def test_bytes_that_are_written_in_another_way_stay_as_they_are(data: bytes) -> None:
    options = on_server({"cdc": data}).table("t").options
    assert "cdc" not in options
    assert options["extensions"] == {"cdc": data}


def test_the_change_log_is_switched_on_and_off() -> None:
    on, off = on_server({"cdc": encoded(CHANGE_LOG)}), on_server()
    assert steps(on, "cdc = {'enabled': true}") == []
    assert steps(off, "cdc = {'enabled': true}") == [("ALTER TABLE ks.t WITH cdc = {'enabled': true}", "additive")]
    for options in ("", "cdc = {'enabled': false}"):
        ((cql, safety),) = steps(on, options)
        assert ((cql or "").lower().replace("'false'", "false"), safety) == (
            "alter table ks.t with cdc = {'enabled': false}",
            "destructive",
        )
    assert [safety for _, safety in steps(on, "cdc = {'enabled': true, 'preimage': true}")] == ["destructive"]


def test_each_compression_is_said_and_taken_away() -> None:
    plain = {"sstable_compression": ""}
    assert steps(on_server(compression=None), f"compression = {plain}") == []
    ((cql, safety),) = steps(on_server(), f"compression = {plain}")
    assert (cql, safety) == ("ALTER TABLE ks.t WITH compression = {'sstable_compression': ''}", "rewrite")


def test_dropped_columns_are_asked_for_without_what_scylla_does_not_tell() -> None:
    texts = {query.table: query.cql for query in system_queries("ks", dialect="scylla")}
    assert "column_masks" not in texts
    assert "kind" not in texts["dropped_columns"]
    assert "kind" in {query.table: query.cql for query in system_queries("ks")}["dropped_columns"]


def test_a_table_with_bytes_that_no_statement_says_is_dropped_without_a_way_back() -> None:
    actual = on_server({"scylla_encryption_options": b"\x01"})
    (table,) = diff_schema(actual, KeyspaceSchema("ks"), dialect="scylla")
    (keyspace,) = diff_schema(actual, None, dialect="scylla")
    assert [(step.cql, step.inverse) for step in (table, keyspace)] == [
        ("DROP TABLE ks.t", ()),
        ("DROP KEYSPACE ks", ()),
    ]
    (table,) = diff_schema(on_server(), KeyspaceSchema("ks"), dialect="scylla")
    assert [text.partition(" (")[0] for text in table.inverse_cql] == ["CREATE TABLE ks.t"]


@pytest.mark.parametrize(
    ("name", "properties", "sentence"),
    [
        ("i", "CLUSTERING ORDER BY (a DESC)", "index 'i' says CLUSTERING ORDER BY, which a schema here cannot hold"),
        ("i", "COMPACT STORAGE", "index 'i' says COMPACT STORAGE, which a schema here cannot hold"),
        (
            "",
            "COMPACT STORAGE AND CLUSTERING ORDER BY (a ASC)",
            "an index says CLUSTERING ORDER BY and COMPACT STORAGE",
        ),
    ],
)
def test_how_the_view_of_an_index_is_kept_is_not_lost_in_silence(name: str, properties: str, sentence: str) -> None:
    index = f"CREATE INDEX {name} ON ks.t (a) WITH {properties}"
    with pytest.raises(SchemaError) as caught:
        schema_from_cql(f"CREATE TABLE ks.t (id int PRIMARY KEY, a int); {index}", dialect="scylla")
    assert str(caught.value).startswith(f"table 'ks.t': {sentence}")
