"""What a driver, a router, a linter or an audit needs to know about a statement."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cql_builder.analysis.idempotence import is_idempotent
    from cql_builder.analysis.keys import KeyBinding, key_binding, partition_key_terms
    from cql_builder.analysis.kinds import StatementKind
    from cql_builder.analysis.statements import is_conditional, statement_kind
    from cql_builder.analysis.texts import Classification, classify
    from cql_builder.analysis.uses import TableUse, table_uses, tables
    from cql_builder.analysis.walking import find, transform, walk

__all__ = [
    "Classification",
    "KeyBinding",
    "StatementKind",
    "TableUse",
    "classify",
    "find",
    "is_conditional",
    "is_idempotent",
    "key_binding",
    "partition_key_terms",
    "statement_kind",
    "table_uses",
    "tables",
    "transform",
    "walk",
]

_HOMES = {
    "Classification": "texts",
    "KeyBinding": "keys",
    "StatementKind": "kinds",
    "TableUse": "uses",
    "classify": "texts",
    "find": "walking",
    "is_conditional": "statements",
    "is_idempotent": "idempotence",
    "key_binding": "keys",
    "partition_key_terms": "keys",
    "statement_kind": "statements",
    "table_uses": "uses",
    "tables": "uses",
    "transform": "walking",
    "walk": "walking",
}

if not TYPE_CHECKING:  # a type checker must keep refusing unknown names

    def __getattr__(name: str) -> object:
        """Load a module when the first name of it is asked for: to know a text's kind takes no tree."""
        if name not in _HOMES:
            message = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(message)
        found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
