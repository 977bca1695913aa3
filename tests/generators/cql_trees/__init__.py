"""Hypothesis strategies for trees that a dialect can write: from names and literals to every statement.

The trees are as a parser gives them, so that text made of them parses back to equal trees.
"""

from __future__ import annotations

from cql_trees.statements import statements, statements_of

__all__ = ["statements", "statements_of"]
