"""The names of native functions: the tree has them as Cassandra 5.0 spells them, and older spellings are kept here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.types import NATIVE_TYPES
from cql_builder.dialects import features

if TYPE_CHECKING:
    from cql_builder.dialects.features import Feature

FUNCTION_FEATURES: dict[str, Feature] = {
    "floor": features.TIME_FLOOR,
    **dict.fromkeys(
        (
            "collection_avg",
            "collection_count",
            "collection_max",
            "collection_min",
            "collection_sum",
            "map_keys",
            "map_values",
        ),
        features.COLLECTION_FUNCTIONS,
    ),
    **dict.fromkeys(("abs", "exp", "log", "log10", "round"), features.MATH_FUNCTIONS),
    **dict.fromkeys(
        ("mask_default", "mask_hash", "mask_inner", "mask_null", "mask_outer", "mask_replace"),
        features.MASKING_FUNCTIONS,
    ),
    **dict.fromkeys(
        ("similarity_cosine", "similarity_dot_product", "similarity_euclidean"), features.SIMILARITY_FUNCTIONS
    ),
}
"""The native functions that not every server has, each with the feature that says which have it.

Cassandra 4.0 has none of them (`TimeFcts`, `CollectionFcts`, `MathFcts`, `MaskingFcts` and `VectorFcts` of each
release), ScyllaDB those of vectors (`vector_similarity_fcts`). Where a server lacks one, the name is free for a
function of one's own.
"""

_SPELLED_ALIKE = {name: name for name in FUNCTION_FEATURES}

_WITHOUT_UNDERSCORES = {
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

WITHOUT_UNDERSCORES = {**_WITHOUT_UNDERSCORES, **_SPELLED_ALIKE}
"""What Cassandra 4.x and ScyllaDB call a native function, by the name that Cassandra 5.0 gave it (CASSANDRA-18037)."""

WITH_UNDERSCORES = {name: name for name in WITHOUT_UNDERSCORES}
"""What Cassandra 5.0 and later call the same functions. The older names are there too, and are names like any other."""
