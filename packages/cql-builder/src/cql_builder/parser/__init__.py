"""From text to tree."""

from __future__ import annotations

from cql_builder.parser.types import parse_type

__all__ = ["parse_type"]
