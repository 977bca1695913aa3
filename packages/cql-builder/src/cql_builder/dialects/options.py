"""The options that tables, views and keyspaces have, by dialect: the grammar takes any name, and servers take these.

They are those of `TableParams.Option`, `TableAttributes` and `KeyspaceParams.Option` of each release of Cassandra; of
`cf_prop_defs`, the extensions of schemas and `ks_prop_defs` in ScyllaDB.
"""

from __future__ import annotations

_OF_ALL = frozenset(
    {
        "bloom_filter_fp_chance",
        "caching",
        "cdc",
        "comment",
        "compaction",
        "compression",
        "crc_check_chance",
        "default_time_to_live",
        "gc_grace_seconds",
        "id",
        "max_index_interval",
        "memtable_flush_period_in_ms",
        "min_index_interval",
        "speculative_retry",
    }
)
_IN_4_0 = _OF_ALL | {"additional_write_policy", "extensions", "read_repair"}
_IN_4_1 = _IN_4_0 | {"memtable"}
_IN_5_0 = _IN_4_1 | {"allow_auto_snapshot", "auto_repair", "incremental_backups"}
_IN_6_0 = _IN_5_0 | {"fast_path", "pending_drop", "transactional_migration_from", "transactional_mode"}
_IN_SCYLLA = _OF_ALL | {
    # Taken, and without effect since these are gone.
    "dclocal_read_repair_chance",
    "index_interval",
    "populate_io_cache_on_flush",
    "read_repair_chance",
    "replicate_on_write",
    # Its own.
    "large_data_guardrails_enabled",
    "paxos_grace_seconds",
    "per_partition_rate_limit",
    "scylla_encryption_options",
    "scylla_tags",
    "storage_engine",
    "synchronous_updates",
    "tablets",
    "tombstone_gc",
}

TABLE_OPTIONS = {
    "cassandra-4.0": _IN_4_0,
    "cassandra-4.1": _IN_4_1,
    "cassandra-5.0": _IN_5_0,
    "cassandra-6.0": _IN_6_0,
    "scylla": _IN_SCYLLA,
}
"""The options of tables and views, by the name of the dialect."""

_OF_KEYSPACES = frozenset({"durable_writes", "replication"})

KEYSPACE_OPTIONS = {
    "cassandra-4.0": _OF_KEYSPACES,
    "cassandra-4.1": _OF_KEYSPACES,
    "cassandra-5.0": _OF_KEYSPACES,
    "cassandra-6.0": _OF_KEYSPACES | {"fast_path"},
    "scylla": _OF_KEYSPACES | {"consistency", "storage", "tablets"},
}
"""The options of keyspaces, by the name of the dialect."""
