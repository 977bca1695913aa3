"""Whether a statement names the partitions that it is about: what a router, or a linter of full scans, asks."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from cql_builder.analysis.arguments import column_names, require_statement
from cql_builder.ast.names import ColumnName
from cql_builder.ast.relations import ColumnTuple, Comparison, In
from cql_builder.ast.statements import Delete, Insert, Let, PruneMaterializedView, Select, Update
from cql_builder.ast.terms import Term, TupleLiteral

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cql_builder.ast.relations import Relation
    from cql_builder.ast.statements import Statement


class KeyBinding(Enum):
    """How a statement names its partitions.

    >>> from cql_builder import parse_cql
    >>> from cql_builder.analysis import KeyBinding, key_binding
    >>> key_binding(parse_cql("SELECT * FROM t WHERE b = 1"), ["a"]) is KeyBinding.NONE
    True
    """

    ONE = "one"
    """By one value for each column of the partition key."""
    SEVERAL = "several"
    """By values for each column, several for some: IN."""
    NONE = "none"
    """Not at all, or not in full: the statement may be about any partition."""


def key_binding(tree: Statement, partition_key: Sequence[str]) -> KeyBinding:
    """Return how the statement names its partitions, given the partition key.

    Raises:
        ArgumentError: if it is no statement's tree, or the key no names of columns: one str is none either.

    >>> from cql_builder import col, select
    >>> statement = select().from_("t").where(col("a") == 1, col("b").in_([1, 2]))
    >>> key_binding(statement.tree, ["a"]), key_binding(statement.tree, ["a", "b"]), key_binding(statement.tree, ["c"])
    (<KeyBinding.ONE: 'one'>, <KeyBinding.SEVERAL: 'several'>, <KeyBinding.NONE: 'none'>)
    """
    require_statement(tree, "key_binding")
    key = column_names(partition_key, "key_binding")
    bound = {name for name, _ in _bound(tree)}
    if key and bound.issuperset(key):
        return KeyBinding.ONE
    if key and bound.union(_listed(tree)).issuperset(key):
        return KeyBinding.SEVERAL
    return KeyBinding.NONE


def partition_key_terms(tree: Statement, partition_key: Sequence[str]) -> tuple[Term, ...] | None:
    """Return what each column of the partition key is bound to, in their order.

    None where the statement is not about exactly one partition.

    Raises:
        ArgumentError: if it is no statement's tree, or the key no names of columns: one str is none either.

    >>> from cql_builder import col, select
    >>> partition_key_terms(select().from_("t").where(col("a") == 1).tree, ["a"])
    (Bind(name=None),)
    """
    require_statement(tree, "partition_key_terms")
    key = column_names(partition_key, "partition_key_terms")
    bound = dict(_bound(tree))
    terms = [bound[name] for name in key if name in bound]
    return tuple(terms) if terms and len(terms) == len(key) else None


def _bound(tree: Statement) -> Iterator[tuple[str, Term]]:
    """Yield each column that has one value, and the value."""
    if isinstance(tree, Insert):
        for column, value in zip(tree.columns, tree.values, strict=False):
            yield column.name, value
    for relation in _where(tree):
        if not isinstance(relation, Comparison) or relation.operator != "=":
            continue
        if isinstance(relation.left, ColumnName):
            yield relation.left.name, relation.right
        elif isinstance(relation.left, ColumnTuple) and isinstance(relation.right, TupleLiteral):
            for column, element in zip(relation.left.columns, relation.right.elements, strict=False):
                if isinstance(element, Term):
                    yield column.name, element


def _listed(tree: Statement) -> Iterator[str]:
    """Yield each column that has one of several values."""
    for relation in _where(tree):
        if not isinstance(relation, In) or relation.negated:
            continue
        if isinstance(relation.left, ColumnName):
            yield relation.left.name
        elif isinstance(relation.left, ColumnTuple):
            for column in relation.left.columns:
                yield column.name


def _where(tree: Statement) -> Iterable[Relation]:
    return tree.where if isinstance(tree, Select | Let | Update | Delete | PruneMaterializedView) else ()
