"""What the verbs do, one generator each: requests out, replies in, the answer at the end. Nothing here does I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coodie._deferred import deferring

if not TYPE_CHECKING:
    # What is imported with the mapper is what models are made of: verbs are loaded when one is first called.
    __getattr__ = deferring(
        __name__,
        "batches",
        "bulk",
        "changed",
        "column_deletes",
        "counters",
        "figures",
        "grouping",
        "json_writes",
        "keyed",
        "levels",
        "many",
        "query_writes",
        "raw",
        "reads",
        "reflection",
        "refusals",
        "remembering",
        "saves",
        "scanning",
        "tables",
        "user_types",
        "versions",
        "views",
        "writes",
    )
