"""Relations: what WHERE and IF are made of, always joined by AND."""

from __future__ import annotations

from typing import Literal

from cql_builder.ast.names import ColumnName, IndexName
from cql_builder.ast.node import Node
from cql_builder.ast.terms import Bind, Element, Field, FunctionCall, RowReference, Term, Token, TupleLiteral

ComparisonOperator = Literal["=", "!=", "<", "<=", ">", ">="]
"""How two things compare."""


class ColumnTuple(Node):
    """Several columns compared as one: `(a, b) > (?, ?)`."""

    columns: tuple[ColumnName, ...]


class ValueList(Node):
    """The values of IN, one by one: `(1, ?)`. Where they are one marker there is only a `Bind`."""

    values: tuple[Term, ...]


class ClusteringBound(Term):
    """A place between the rows of a partition, ScyllaDB's own: `SCYLLA_CLUSTERING_BOUND (1, 2)`."""

    values: TupleLiteral | Bind


class Relation(Node):
    """The base of all relations."""


class Comparison(Relation):
    """Something of a row compared with a term: `price >= ?`. ScyllaDB compares functions too."""

    left: ColumnName | Element | Field | Token | ColumnTuple | FunctionCall
    operator: ComparisonOperator
    right: Term


class In(Relation):
    """Something that is one of several: `id IN ?`, `(a, b) IN ((1, 2), ?)`."""

    left: ColumnName | Element | Field | ColumnTuple
    values: Bind | ValueList
    negated: bool = False


class Between(Relation):
    """Something from one value to another, both included: `a BETWEEN 1 AND ?`."""

    left: ColumnName | Token | ColumnTuple
    low: Term
    high: Term


class Contains(Relation):
    """A collection that has a value: `tags CONTAINS ?`."""

    column: ColumnName
    value: Term
    negated: bool = False


class ContainsKey(Relation):
    """A map that has a key: `m CONTAINS KEY ?`."""

    column: ColumnName
    key: Term
    negated: bool = False


class Like(Relation):
    """A text that has a pattern, `%` standing for anything: `name LIKE ?`. ScyllaDB reads it behind all it compares."""

    left: ColumnName | Element | Field | Token | ColumnTuple | FunctionCall
    pattern: Term


class IsNotNull(Relation):
    """A column that has a value: `id IS NOT NULL`; what a materialized view asks of its key."""

    column: ColumnName


class IndexExpression(Relation):
    """A question in the language of an index: `expr(idx, '…')`."""

    index: IndexName
    query: Term


class ReferenceComparison(Relation):
    """A condition of a transaction that has what was read on one side at least: `row.price > 3`."""

    left: RowReference | Term
    operator: ComparisonOperator
    right: RowReference | Term


class ReferenceIsNull(Relation):
    """A condition of a transaction: `row IS NULL`, `row.price IS NOT NULL`."""

    reference: RowReference
    negated: bool = False
