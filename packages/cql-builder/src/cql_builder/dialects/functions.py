"""The names of native functions: the tree has them as Cassandra 5.0 spells them, and older spellings are kept here."""

from __future__ import annotations

from cql_builder.ast.types import NATIVE_TYPES

WITHOUT_UNDERSCORES = {
    name: name.replace("_", "")
    for name in (
        "current_date",
        "current_time",
        "current_timestamp",
        "current_timeuuid",
        "from_json",
        "max_timeuuid",
        "min_timeuuid",
        "to_date",
        "to_json",
        "to_timestamp",
        "to_unix_timestamp",
        *[f"blob_as_{name}" for name in sorted(NATIVE_TYPES)],
        *[f"{name}_as_blob" for name in sorted(NATIVE_TYPES)],
    )
}
"""What Cassandra 4.x and ScyllaDB call a native function, by the name that Cassandra 5.0 gave it (CASSANDRA-18037)."""

WITH_UNDERSCORES = {name: name for name in WITHOUT_UNDERSCORES}
"""What Cassandra 5.0 and later call the same functions. The older names are there too, and are names like any other."""
