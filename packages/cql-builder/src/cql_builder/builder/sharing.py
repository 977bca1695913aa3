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

KEPT_NAME = 200
"""How many characters a name may have whose nodes are kept: all together then take some MB at the very most.

No server has names of tables as long as that, nor is a column that long a name that comes again.
"""


def shared_column(name: str) -> ColumnName:
    """Return a column by its name."""
    name = exact(name)
    return _column(name) if len(name) <= KEPT_NAME else ColumnName(name)


def exact(name: str) -> str:
    """Return a name as a str: what derives from it may be equal to another one, or have no hash."""
    return name if type(name) is str else str.__str__(name)


def shared_comparison(column: ColumnName, operator: ComparisonOperator) -> Comparison:
    """Return the comparison of a column with a nameless marker."""
    return _comparison(column, operator) if len(column.name) <= KEPT_NAME else Comparison(column, operator, BIND)


@lru_cache(SHARED_NODES)
def _column(name: str) -> ColumnName:
    return ColumnName(name)


@lru_cache(SHARED_NODES)
def _comparison(column: ColumnName, operator: ComparisonOperator) -> Comparison:
    return Comparison(column, operator, BIND)
