"""What a driver, a router or an audit needs to know about a statement."""

from __future__ import annotations

from cql_builder.analysis.kinds import StatementKind
from cql_builder.analysis.texts import Classification, classify
from cql_builder.analysis.trees import is_conditional, is_idempotent, statement_kind, walk

__all__ = ["Classification", "StatementKind", "classify", "is_conditional", "is_idempotent", "statement_kind", "walk"]
