"""Nodes that many statements have in common, made once: trees that share them are hashed and compared at once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from cql_builder.ast.names import ColumnName
from cql_builder.ast.relations import Comparison
from cql_builder.builder.parts import BIND

if TYPE_CHECKING:
    from cql_builder.ast.relations import ComparisonOperator

SHARED_NODES = 1000
"""How many nodes of each kind are kept, the least recently used going first."""


@lru_cache(SHARED_NODES)
def shared_column(name: str) -> ColumnName:
    """Return a column by its name."""
    return ColumnName(str.__str__(name))


@lru_cache(SHARED_NODES)
def shared_comparison(column: ColumnName, operator: ComparisonOperator) -> Comparison:
    """Return the comparison of a column with a nameless marker."""
    return Comparison(column, operator, BIND)
