"""From text to tree. What reads is imported when something is read: the grammar is large, and many only build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.deferred import deferring_names

if TYPE_CHECKING:
    from cql_builder.parser.parse import parse_cql, parse_script
    from cql_builder.parser.types import parse_type

__all__ = ["parse_cql", "parse_script", "parse_type"]

_HOMES = {"parse_cql": "parse", "parse_script": "parse", "parse_type": "types"}

if not TYPE_CHECKING:  # a type checker must keep refusing unknown names
    __getattr__, __dir__ = deferring_names(
        __name__, {"parse_cql": "parse", "parse_script": "parse", "parse_type": "types"}
    )
