"""What options come to with all that the server adds, as a node of Cassandra 5.0.9 shows it."""

from __future__ import annotations

import pytest

from cql_builder.ast import (
    FunctionName,
    IntegerLiteral,
    ListLiteral,
    MapLiteral,
    Mask,
    NullLiteral,
    SetLiteral,
    UserTypeLiteral,
)
from cql_builder.ast import StringLiteral as Text
from cql_builder.ast.terms import FloatLiteral, Term
from cql_builder.schema import IndexSchema, TableSchema
from cql_builder.schema.meanings import mask_meaning, term_meaning
from cql_builder.schema.options import complete_options

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


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (IndexSchema("i", "a", None, "sai"), IndexSchema("i", "a", None, "StorageAttachedIndex"), True),
        (IndexSchema("i", "a"), IndexSchema("i", "a", None, "legacy_local_table"), True),
        (IndexSchema("i", "a"), IndexSchema("j", "a"), False),
        (IndexSchema("i", "a", None, "x.Y"), IndexSchema("i", "a", None, "x.Z"), False),
        (IndexSchema("i", "a", None, "x", {"o": "False"}), IndexSchema("i", "a", None, "x", {"o": "false"}), True),
        (IndexSchema("i", "a", None, "x", {"o": "A"}), IndexSchema("i", "a", None, "x", {"o": "a"}), False),
    ],
)
def test_indexes_are_equal_when_they_mean_the_same(one: IndexSchema, other: IndexSchema, same: bool) -> None:
    assert (one == other) is same
    assert one != "i"
