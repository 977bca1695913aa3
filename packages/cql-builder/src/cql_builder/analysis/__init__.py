"""What a driver, a router, a linter or an audit needs to know about a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.deferred import deferring_names

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
    __getattr__, __dir__ = deferring_names(__name__, _HOMES)
