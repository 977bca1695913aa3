"""Trees and their texts, by dialect: every node class and every turn of the grammar once at least."""

from __future__ import annotations

from cql_goldens.access import ACCESS
from cql_goldens.queries import QUERIES
from cql_goldens.schema import SCHEMA
from cql_goldens.selectors import SELECTORS
from cql_goldens.terms import RELATIONS, TERMS

GOLDENS = [*TERMS, *RELATIONS, *SELECTORS, *QUERIES, *SCHEMA, *ACCESS]
"""Each is the name of a dialect, a tree and its text there."""

__all__ = ["GOLDENS"]
