"""What an option is where nobody said it: the defaults of Cassandra 4.0 to 6.0, and those of ScyllaDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

TABLE_DEFAULTS: Mapping[str, object] = {
    "additional_write_policy": "99p",
    "allow_auto_snapshot": True,
    "bloom_filter_fp_chance": 0.01,
    "caching": {"keys": "ALL", "rows_per_partition": "NONE"},
    "cdc": False,
    "comment": "",
    "compaction": {"class": "SizeTieredCompactionStrategy"},
    "compression": {"class": "LZ4Compressor"},
    "crc_check_chance": 1.0,
    "dclocal_read_repair_chance": 0.0,
    "default_time_to_live": 0,
    "extensions": {},
    "gc_grace_seconds": 864000,
    "incremental_backups": True,
    "max_index_interval": 2048,
    "memtable": "default",
    "memtable_flush_period_in_ms": 0,
    "min_index_interval": 128,
    "read_repair": "BLOCKING",
    "read_repair_chance": 0.0,
    "speculative_retry": "99p",
}
"""The options of a table about which nothing was said (`TableParams` of Cassandra 5.0.9).

A server may be configured to compact, compress or keep memtables otherwise: then say those options.
"""

LEVELED_BLOOM_FILTER_CHANCE = 0.1
"""What `bloom_filter_fp_chance` is for a table that is created with LeveledCompactionStrategy."""

CACHING_DEFAULTS: Mapping[str, str] = {"keys": "NONE", "rows_per_partition": "NONE"}
"""What a map of caching that says one of them means for the other: `{'rows_per_partition': 'ALL'}` caches no keys."""

COMPRESSION_DEFAULTS: Mapping[str, str] = {"chunk_length_in_kb": "16", "min_compress_ratio": "0"}
"""What a compression has that says nothing of it."""

CHANGE_LOG_DEFAULTS: Mapping[str, str] = {
    "delta": "full",
    "enabled": "false",
    "postimage": "false",
    "preimage": "false",
    "ttl": "86400",
}
"""What ScyllaDB's `cdc` has that says nothing of it (`cdc_options.hh`, August 2026)."""

_COMPACTION: Mapping[str, str] = {
    "enabled": "true",
    "log_all": "false",
    "only_purge_repaired_tombstones": "false",
    "provide_overlapping_tombstones": "NONE",
    "tombstone_compaction_interval": "86400",
    "tombstone_threshold": "0.2",
    "unchecked_tombstone_compaction": "false",
}
_THRESHOLDS: Mapping[str, str] = {"max_threshold": "32", "min_threshold": "4"}
_SIZE_TIERED: Mapping[str, str] = {"bucket_high": "1.5", "bucket_low": "0.5", "min_sstable_size": "52428800"}

COMPACTION_DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "SizeTieredCompactionStrategy": {**_COMPACTION, **_THRESHOLDS, **_SIZE_TIERED},
    "LeveledCompactionStrategy": {
        **_COMPACTION,
        **_THRESHOLDS,
        **_SIZE_TIERED,
        "fanout_size": "10",
        "single_sstable_uplevel": "false",
        "sstable_size_in_mb": "160",
    },
    "TimeWindowCompactionStrategy": {
        **_COMPACTION,
        **_THRESHOLDS,
        **_SIZE_TIERED,
        "compaction_window_size": "1",
        "compaction_window_unit": "DAYS",
        "expired_sstable_check_frequency_seconds": "600",
        "timestamp_resolution": "MICROSECONDS",
        "unsafe_aggressive_sstable_expiration": "false",
    },
    "UnifiedCompactionStrategy": {
        **_COMPACTION,
        "base_shard_count": "4",
        "expired_sstable_check_frequency_seconds": "600",
        "max_sstables_to_compact": "0",
        "min_sstable_size": "100MiB",
        "overlap_inclusion_method": "TRANSITIVE",
        "scaling_parameters": "T4",
        "sstable_growth": "0.333",
        "target_sstable_size": "1GiB",
        "unsafe_aggressive_sstable_expiration": "false",
    },
}
"""What each compaction strategy has that says nothing of it (the `DEFAULT_…` constants of the classes in 5.0.9).

They are the same in 4.0.19 and 4.1.10, as far as there are such strategies and entries.
"""

_COMPACTION_6: Mapping[str, Mapping[str, str]] = {
    **COMPACTION_DEFAULTS,
    "LeveledCompactionStrategy": {**COMPACTION_DEFAULTS["LeveledCompactionStrategy"], "single_sstable_uplevel": "true"},
    "UnifiedCompactionStrategy": {
        **COMPACTION_DEFAULTS["UnifiedCompactionStrategy"],
        "parallelize_output_shards": "true",
    },
}

# `LZ4Compressor` and `ZstdCompressor` of 4.0.19 to 6.0-alpha2.
_COMPRESSORS: Mapping[str, Mapping[str, str]] = {
    "LZ4Compressor": {"lz4_compressor_type": "fast", "lz4_high_compressor_level": "9"},
    "ZstdCompressor": {"compression_level": "3"},
}


class OptionDefaults(NamedTuple):
    """What a server adds to the options of a table or view.

    Attributes:
        table: the options about which nothing is said.
        caching: the entries of caching about which nothing is said.
        compression: the entries of a compression about which nothing is said.
        compressors: those that only one class of compression has.
        compaction: the entries of a compaction about which nothing is said, by its class.
        leveled_bloom_filter_chance: what `bloom_filter_fp_chance` is with LeveledCompactionStrategy.
        configured: the options whose defaults each server is configured to have: they stay unless they are said.
    """

    table: Mapping[str, object]
    caching: Mapping[str, str]
    compression: Mapping[str, str]
    compressors: Mapping[str, Mapping[str, str]]
    compaction: Mapping[str, Mapping[str, str]]
    leveled_bloom_filter_chance: float
    configured: frozenset[str] = frozenset()


CASSANDRA_DEFAULTS = OptionDefaults(
    TABLE_DEFAULTS,
    CACHING_DEFAULTS,
    COMPRESSION_DEFAULTS,
    _COMPRESSORS,
    COMPACTION_DEFAULTS,
    LEVELED_BLOOM_FILTER_CHANCE,
    frozenset({"auto_repair", "fast_path"}),
)
"""Those of Cassandra 4.0 to 5.0; `auto_repair` is there from 5.0 on (5.0.9), `fast_path` in 6.0."""

CASSANDRA_6_DEFAULTS = CASSANDRA_DEFAULTS._replace(compaction=_COMPACTION_6)
"""Those of Cassandra 6.0 (6.0-alpha2)."""

_SCYLLA_OWN: Mapping[str, object] = {
    "caching": {"keys": "ALL", "rows_per_partition": "ALL"},
    "cdc": {"enabled": "false"},
    "compression": {"sstable_compression": ""},
    "paxos_grace_seconds": 864000,
    "synchronous_updates": False,
}
_SCYLLA_SHARED = (
    "bloom_filter_fp_chance",
    "comment",
    "compaction",
    "crc_check_chance",
    "dclocal_read_repair_chance",
    "default_time_to_live",
    "gc_grace_seconds",
    "max_index_interval",
    "memtable_flush_period_in_ms",
    "min_index_interval",
    "read_repair_chance",
    "speculative_retry",
)

SCYLLA_DEFAULTS = OptionDefaults(
    {**{name: TABLE_DEFAULTS[name] for name in _SCYLLA_SHARED}, **_SCYLLA_OWN},
    {"keys": "ALL", "rows_per_partition": "ALL"},
    {"chunk_length_in_kb": "4"},
    {},
    COMPACTION_DEFAULTS,
    0.01,
    frozenset(
        {
            "compaction",
            "compression",
            "extensions",
            "per_partition_rate_limit",
            "speculative_retry",
            "storage_engine",
            "synchronous_updates",
            "tablets",
            "tombstone_gc",
        }
    ),
)
"""Those of ScyllaDB (`user_properties` in its `schema.hh`, August 2026). A table without compression has an empty map.

Compaction is IncrementalCompactionStrategy, and was SizeTieredCompactionStrategy in earlier releases; compression and
`speculative_retry` are in `scylla.yaml`; `tombstone_gc` depends on how a keyspace is replicated.
"""


def defaults_of(dialect: str) -> OptionDefaults:
    """Return the defaults of the server that speaks a dialect, by its name."""
    return _BY_DIALECT.get(dialect, CASSANDRA_DEFAULTS)


_BY_DIALECT = {"cassandra-6.0": CASSANDRA_6_DEFAULTS, "scylla": SCYLLA_DEFAULTS}
