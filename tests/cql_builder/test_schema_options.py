"""What options come to with all that the server adds, as a node of Cassandra 5.0.9 shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cql_builder.ast import (
    FunctionName,
    IntegerLiteral,
    ListLiteral,
    MapLiteral,
    Mask,
    NativeType,
    NullLiteral,
    SetLiteral,
    TupleLiteral,
    TypeHint,
    UserTypeLiteral,
)
from cql_builder.ast import StringLiteral as Text
from cql_builder.ast.terms import FloatLiteral, Term
from cql_builder.schema import ColumnDefinition, IndexSchema, TableSchema, diff_table
from cql_builder.schema.meanings import mask_meaning, term_meaning
from cql_builder.schema.options import complete_options

if TYPE_CHECKING:
    from cql_builder.dialects import DialectName

SERVERS = "org.apache.cassandra."
DEFAULTS: dict[str, object] = {
    "additional_write_policy": "99p",
    "bloom_filter_fp_chance": 0.01,
    "caching": {"keys": "ALL", "rows_per_partition": "NONE"},
    "cdc": False,
    "comment": "",
    "compaction": {
        "class": f"{SERVERS}db.compaction.SizeTieredCompactionStrategy",
        "max_threshold": "32",
        "min_threshold": "4",
    },
    "compression": {"chunk_length_in_kb": "16", "class": f"{SERVERS}io.compress.LZ4Compressor"},
    "crc_check_chance": 1.0,
    "dclocal_read_repair_chance": 0.0,
    "default_time_to_live": 0,
    "extensions": {},
    "gc_grace_seconds": 864000,
    "max_index_interval": 2048,
    "memtable": "default",
    "memtable_flush_period_in_ms": 0,
    "min_index_interval": 128,
    "read_repair": "BLOCKING",
    "read_repair_chance": 0.0,
    "speculative_retry": "99p",
}


def test_a_table_without_options_has_those_that_the_server_shows() -> None:
    assert complete_options({}) == complete_options(DEFAULTS)
    for name, value in DEFAULTS.items():
        assert complete_options({name: value}) == complete_options({})


@pytest.mark.parametrize(
    ("said", "shown", "same"),
    [
        ({"compaction": {"class": "SizeTieredCompactionStrategy", "bucket_low": "0.50"}}, {}, True),
        ({"compaction": {"class": "SizeTieredCompactionStrategy", "min_threshold": 6}}, {}, False),
        ({"compaction": {"class": "SizeTieredCompactionStrategy", "enabled": "false"}}, {}, False),
        ({"compression": {"class": "LZ4Compressor", "chunk_length_in_kb": 4}}, {}, False),
        ({"compression": {"class": "LZ4Compressor", "lz4_compressor_type": "fast"}}, {}, True),
        ({"compression": {"class": "LZ4Compressor", "lz4_compressor_type": "high"}}, {}, False),
        ({"compression": {"class": "LZ4Compressor", "min_compress_ratio": "0.0"}}, {}, True),
        ({"compression": {"class": "LZ4Compressor", "enabled": "true"}}, {}, True),
        ({"compression": {"enabled": False}}, {"compression": {"sstable_compression": ""}}, True),
        ({"caching": {"keys": "all"}}, {}, True),
        ({"caching": {"rows_per_partition": "10"}}, {"caching": {"keys": "NONE", "rows_per_partition": 10}}, True),
        ({"caching": {"rows_per_partition": "10"}}, {"caching": {"keys": "ALL", "rows_per_partition": 10}}, False),
        ({"id": "one"}, {"id": "other"}, True),
        ({"tombstone_gc": {"mode": "repair"}}, {"tombstone_gc": {"mode": "timeout"}}, False),
        ({"replication": {"racks": ["a", "b"]}}, {"replication": {"racks": ["a"]}}, False),
    ],
)
def test_tables_are_equal_when_their_options_mean_the_same(
    said: dict[str, object], shown: dict[str, object], same: bool
) -> None:
    one, other = [TableSchema("ks", "t", (), (), options=options) for options in (said, shown)]
    assert (one == other) is same
    assert (hash(one) == hash(other)) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (IntegerLiteral("1"), FloatLiteral("1.0"), True),
        (IntegerLiteral("1"), Text("1"), False),
        (TupleLiteral((TupleLiteral((IntegerLiteral("0"),)),)), IntegerLiteral("0"), True),
        (ListLiteral((TupleLiteral((Text("a"),)),)), ListLiteral((Text("a"),)), True),
        (TupleLiteral((IntegerLiteral("0"), IntegerLiteral("1"))), IntegerLiteral("0"), False),
        (TypeHint(NativeType("int"), IntegerLiteral("0")), IntegerLiteral("0"), True),
        (FloatLiteral("NaN"), FloatLiteral("nan"), True),
        (SetLiteral((Text("a"), Text("b"))), SetLiteral((Text("b"), Text("a"))), True),
        (ListLiteral((Text("a"), Text("b"))), ListLiteral((Text("b"), Text("a"))), False),
        (
            MapLiteral(((Text("a"), IntegerLiteral("1")), (Text("b"), IntegerLiteral("2")))),
            MapLiteral(((Text("b"), IntegerLiteral("2")), (Text("a"), IntegerLiteral("1")))),
            True,
        ),
        (UserTypeLiteral((("a", Text("x")), ("b", NullLiteral()))), UserTypeLiteral((("a", Text("x")),)), True),
        (UserTypeLiteral((("a", Text("x")),)), UserTypeLiteral((("a", Text("y")),)), False),
    ],
)
def test_constants_are_compared_by_value(one: Term, other: Term, same: bool) -> None:
    assert (term_meaning(one) == term_meaning(other)) is same


def test_masks_are_equal_when_they_call_the_same_function() -> None:
    assert mask_meaning(Mask(FunctionName("f")), "ks") == mask_meaning(Mask(FunctionName("f", "ks")), "ks")
    assert mask_meaning(Mask(FunctionName("f")), "ks") != mask_meaning(Mask(FunctionName("f", "system")), "ks")
    assert mask_meaning(None, "ks") != mask_meaning(Mask(), "ks")


def sai(options: dict[str, str]) -> IndexSchema:
    return IndexSchema("i", "a", None, "sai", options)


ENTRIES = [
    ("compaction", "SizeTieredCompactionStrategy", {"bucket_low": 0.5, "bucket_high": "1.50"}),
    ("compaction", "SizeTieredCompactionStrategy", {"min_sstable_size": 50 * 1024 * 1024}),
    ("compaction", "SizeTieredCompactionStrategy", {"provide_overlapping_tombstones": "none"}),
    ("compaction", "LeveledCompactionStrategy", {"sstable_size_in_mb": 160, "fanout_size": 10, "bucket_low": 0.5}),
    ("compaction", "TimeWindowCompactionStrategy", {"compaction_window_unit": "DAYS", "bucket_high": 1.5}),
    ("compaction", "UnifiedCompactionStrategy", {"scaling_parameters": "T4", "target_sstable_size": "1GiB"}),
    ("compaction", "UnifiedCompactionStrategy", {"base_shard_count": "4", "min_sstable_size": "100MiB"}),
    ("compaction", "UnifiedCompactionStrategy", {"sstable_growth": 0.333, "max_sstables_to_compact": 0}),
    ("compaction", "UnifiedCompactionStrategy", {"overlap_inclusion_method": "transitive"}),
    ("compaction", "UnifiedCompactionStrategy", {"expired_sstable_check_frequency_seconds": 600}),
    ("compaction", "UnifiedCompactionStrategy", {"unsafe_aggressive_sstable_expiration": False}),
    ("compression", "ZstdCompressor", {"compression_level": 3}),
    ("compression", "LZ4Compressor", {"lz4_compressor_type": "fast", "lz4_high_compressor_level": "9"}),
]


@pytest.mark.parametrize(("option", "class_name", "entries"), ENTRIES)
def test_an_entry_with_the_servers_default_goes_without_saying(
    option: str, class_name: str, entries: dict[str, object]
) -> None:
    short = TableSchema("ks", "t", (), (), options={option: {"class": class_name}})
    said = TableSchema("ks", "t", (), (), options={option: {"class": class_name, **entries}})
    assert short == said
    assert diff_table(short, said) == diff_table(said, short) == ()
    for name in entries:
        other = TableSchema("ks", "t", (), (), options={option: {"class": class_name, **entries, name: "7"}})
        assert short != other


@pytest.mark.parametrize(
    ("dialect", "uplevel"),
    [("cassandra-4.0", "false"), ("cassandra-4.1", "false"), ("cassandra-5.0", "false"), ("cassandra-6.0", "true")],
)
def test_defaults_are_those_of_the_server(dialect: DialectName, uplevel: str) -> None:
    """`LeveledCompactionStrategy` takes a single file up a level without being asked since Cassandra 6.0."""
    leveled = {"class": "LeveledCompactionStrategy"}
    short = TableSchema("ks", "t", (), (), options={"compaction": leveled})
    for value in ("true", "false"):
        said = TableSchema("ks", "t", (), (), options={"compaction": {**leveled, "single_sstable_uplevel": value}})
        assert (diff_table(short, said, dialect=dialect) == ()) is (value == uplevel)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (IndexSchema("i", "a", None, "sai"), IndexSchema("i", "a", None, "StorageAttachedIndex"), True),
        (IndexSchema("i", "a"), IndexSchema("i", "a", None, "legacy_local_table"), True),
        (IndexSchema("i", "a"), IndexSchema("j", "a"), False),
        (IndexSchema("i", "a", None, "x.Y"), IndexSchema("i", "a", None, "x.Z"), False),
        (IndexSchema("i", "a", None, "x", {"o": "False"}), IndexSchema("i", "a", None, "x", {"o": "false"}), True),
        (IndexSchema("i", "a", None, "x", {"o": "A"}), IndexSchema("i", "a", None, "x", {"o": "a"}), False),
        (sai({"case_sensitive": "true", "normalize": "FALSE", "ascii": "false"}), sai({}), True),
        (sai({"similarity_function": "COSINE", "optimize_for": "Latency"}), sai({}), True),
        (sai({"maximum_node_connections": "16", "construction_beam_width": "100"}), sai({}), True),
        (sai({"case_sensitive": "false"}), sai({}), False),
        (sai({"similarity_function": "euclidean"}), sai({}), False),
        (IndexSchema("i", "a", None, "x", {"normalize": "false"}), IndexSchema("i", "a", None, "x"), False),
    ],
)
def test_indexes_are_equal_when_they_mean_the_same(one: IndexSchema, other: IndexSchema, same: bool) -> None:
    assert (one == other) is same
    assert one != "i"


@pytest.mark.parametrize(
    ("dialect", "said"),
    [
        ("cassandra-5.0", ["ALTER TABLE ks.t WITH comment = 'x'"]),
        ("scylla", ["ALTER TABLE ks.t WITH comment = 'x'", None]),  # which has no such option, and is told so
    ],
)
def test_an_option_of_which_cassandra_keeps_nothing_is_no_difference(
    dialect: DialectName, said: list[str | None]
) -> None:
    column = ColumnDefinition("id", "int", primary_key=True)
    there = TableSchema.from_columns("t", "ks", [column])
    wanted = TableSchema.from_columns("t", "ks", [column], {"extensions": {"a": "0x01"}, "comment": "x"})
    assert [step.cql for step in diff_table(there, wanted, dialect=dialect)] == said
