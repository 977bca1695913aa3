"""From text to tree. What reads statements is imported when the first one is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.parser.types import parse_type

if TYPE_CHECKING:
    from cql_builder.parser.parse import parse_cql, parse_script

__all__ = ["parse_cql", "parse_script", "parse_type"]


def __getattr__(name: str) -> object:
    """Import what reads statements when it is asked for."""
    if name not in {"parse_cql", "parse_script"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name, obj=None)
    from cql_builder.parser import parse  # noqa: PLC0415 - the grammar is large, and many only build statements

    return getattr(parse, name)
