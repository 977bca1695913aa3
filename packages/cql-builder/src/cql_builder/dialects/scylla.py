"""The dialect of ScyllaDB."""

from __future__ import annotations

from cql_builder.dialects.dialect import LIKE_CONDITION, VECTOR, Dialect
from cql_builder.dialects.reserved_words import SHARED

_UNRESERVED = {"desc", "describe", "execute"}
_RESERVED_BESIDE = {
    "ann",
    "cast",
    "concurrency",
    "default",
    "replace",
    "scylla_clustering_bound",
    "scylla_counter_shard_list",
    "scylla_timeuuid_list_index",
    "text_search_indexing",
    "unset",
    "vector_search_indexing",
}

SCYLLA = Dialect("scylla", (SHARED - _UNRESERVED) | _RESERVED_BESIDE, {LIKE_CONDITION, VECTOR})
