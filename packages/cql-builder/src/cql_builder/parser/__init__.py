"""From text to tree. What reads is imported when something is read: the grammar is large, and many only build."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cql_builder.parser.parse import parse_cql, parse_script
    from cql_builder.parser.types import parse_type

__all__ = ["parse_cql", "parse_script", "parse_type"]

if not TYPE_CHECKING:  # a type checker must keep refusing unknown names

    def __getattr__(name: str) -> object:
        """Import what reads statements, or types, when it is asked for."""
        if name == "parse_type":
            from cql_builder.parser.types import parse_type as found  # noqa: PLC0415 - the point of this function
        elif name in __all__:
            from cql_builder.parser import parse  # noqa: PLC0415 - as above

            found = getattr(parse, name)
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name, obj=None)
        globals()[name] = found
        return found
