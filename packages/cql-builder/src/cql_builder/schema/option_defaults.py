"""What an option is where nobody said it: the defaults of the server, as Cassandra 4.0 to 5.0 have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

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

_COMPACTION: Mapping[str, str] = {
    "enabled": "true",
    "log_all": "false",
    "only_purge_repaired_tombstones": "false",
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
        "fanout_size": "10",
        "single_sstable_uplevel": "true",
        "sstable_size_in_mb": "160",
    },
    "TimeWindowCompactionStrategy": {
        **_COMPACTION,
        **_THRESHOLDS,
        "compaction_window_size": "1",
        "compaction_window_unit": "DAYS",
        "expired_sstable_check_frequency_seconds": "600",
        "timestamp_resolution": "MICROSECONDS",
        "unsafe_aggressive_sstable_expiration": "false",
    },
    "UnifiedCompactionStrategy": _COMPACTION,
}
"""What each compaction strategy has that says nothing of it (the `DEFAULT_…` constants of the classes in 5.0.9)."""
