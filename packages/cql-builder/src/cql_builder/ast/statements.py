"""Statements that read and write rows."""

from __future__ import annotations

from typing import Literal

from cql_builder.ast.clauses import Assignment, IndexHints, NearestOrdering, Ordering, UsingOption
from cql_builder.ast.names import ColumnName, TableName
from cql_builder.ast.node import Node
from cql_builder.ast.relations import Relation
from cql_builder.ast.terms import Alias, Element, Field, RowReference, Selectable, Term

BatchKind = Literal["logged", "unlogged", "counter"]
"""What a batch promises: all or nothing, nothing, or the same for counters."""


class Statement(Node):
    """The base of all statements."""


class Select(Statement):
    """SELECT; nothing selected stands for `*`.

    What follows `allow_filtering` is ScyllaDB's or Cassandra 6.0's own.
    """

    selection: tuple[Selectable | Alias, ...]
    table: TableName | None
    where: tuple[Relation, ...] = ()
    group_by: tuple[Selectable, ...] = ()
    order_by: tuple[Ordering | NearestOrdering, ...] = ()
    per_partition_limit: Term | None = None
    limit: Term | None = None
    distinct: bool = False
    json: bool = False
    allow_filtering: bool = False
    mutation_fragments: bool = False
    bypass_cache: bool = False
    using: tuple[UsingOption, ...] = ()
    index_hints: tuple[IndexHints, ...] = ()


class Insert(Statement):
    """INSERT of one row, column by column."""

    table: TableName
    columns: tuple[ColumnName, ...]
    values: tuple[Term, ...]
    if_not_exists: bool = False
    using: tuple[UsingOption, ...] = ()


class InsertJson(Statement):
    """INSERT of one row given as a JSON text.

    `default` says what columns become that the text does not have.
    """

    table: TableName
    json: Term
    default: Literal["null", "unset"] | None = None
    if_not_exists: bool = False
    using: tuple[UsingOption, ...] = ()


class Update(Statement):
    """UPDATE; `conditions` and `if_exists` exclude each other."""

    table: TableName
    assignments: tuple[Assignment, ...]
    where: tuple[Relation, ...]
    using: tuple[UsingOption, ...] = ()
    conditions: tuple[Relation, ...] = ()
    if_exists: bool = False


class Delete(Statement):
    """DELETE of rows or, with `targets`, of columns, elements and fields.

    `conditions` and `if_exists` exclude each other; `bypass_guardrails` is ScyllaDB's `BYPASS LARGE_DATA_GUARDRAILS`.
    """

    table: TableName
    where: tuple[Relation, ...]
    targets: tuple[ColumnName | Element | Field, ...] = ()
    using: tuple[UsingOption, ...] = ()
    conditions: tuple[Relation, ...] = ()
    if_exists: bool = False
    bypass_guardrails: bool = False


class Batch(Statement):
    """BEGIN BATCH … APPLY BATCH."""

    statements: tuple[Insert | InsertJson | Update | Delete, ...]
    kind: BatchKind = "logged"
    using: tuple[UsingOption, ...] = ()


class Truncate(Statement):
    """TRUNCATE: all rows of a table gone."""

    table: TableName
    using: tuple[UsingOption, ...] = ()


class Use(Statement):
    """USE: the keyspace of the names that have none."""

    keyspace: str


class PruneMaterializedView(Statement):
    """PRUNE MATERIALIZED VIEW: rows gone from a view whose base rows are gone."""

    view: TableName
    where: tuple[Relation, ...] = ()
    using: tuple[UsingOption, ...] = ()


class Let(Statement):
    """A row that a transaction reads and gives a name: `LET row = (SELECT …)`.

    The name is a word without quotes.
    """

    name: str
    selection: tuple[Selectable, ...]
    table: TableName
    where: tuple[Relation, ...]
    limit: Term | None = None


class Transaction(Statement):
    """BEGIN TRANSACTION … COMMIT TRANSACTION.

    It holds what is read, what is answered, and what is written on which conditions.

    `answer` is a SELECT or what was read by name; conditions hold for all updates.
    """

    reads: tuple[Let, ...] = ()
    answer: Select | tuple[RowReference, ...] | None = None
    conditions: tuple[Relation, ...] = ()
    updates: tuple[Insert | InsertJson | Update | Delete, ...] = ()
