"""`delete_from(...)` and what else takes rows away: DELETE, TRUNCATE, PRUNE MATERIALIZED VIEW."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, overload

from cql_builder.ast.names import ColumnName
from cql_builder.ast.statements import Delete, PruneMaterializedView, Truncate
from cql_builder.builder import clauses
from cql_builder.builder.columns import CollectionElement, Column, UserField, refuse_expression
from cql_builder.builder.conditional import ConditionalBuilder
from cql_builder.builder.names import table_name
from cql_builder.builder.parts import Part, nodes_of, values_of
from cql_builder.builder.sharing import shared_column
from cql_builder.builder.statement import StatementBuilder
from cql_builder.errors import ArgumentError, MissingClauseError, StatementError

if TYPE_CHECKING:
    from typing_extensions import Never, Self

    from cql_builder.ast.names import TableName
    from cql_builder.ast.terms import Element, Field
    from cql_builder.builder.clauses import Microseconds, Timeout, Using, WholeNumber
    from cql_builder.builder.parts import Condition


class DeleteBuilder(ConditionalBuilder):
    """A DELETE. Made by `delete_from`.

    >>> from cql_builder import DeleteBuilder, col, delete_from
    >>> isinstance(delete_from("t").where(col("id") == 1), DeleteBuilder)
    True
    """

    kind: ClassVar[str] = "DELETE"
    _targets: tuple[Part[ColumnName | Element | Field], ...] = ()
    _bypass_guardrails: bool = False

    def columns(self, *targets: str | Column | CollectionElement | UserField) -> Self:
        """Delete only these columns, elements and fields, after those given before.

        Raises:
            StatementError: if nothing is given, or one is none of these, or a part of a part.

        >>> from cql_builder import col, delete_from
        >>> delete_from("t").columns("note", col("m")["k"]).where(col("id") == 1).compile().cql
        'DELETE note, m[?] FROM t WHERE id = ?'
        """
        if not targets:
            raise MissingClauseError(
                self.kind, "what to delete", "columns() takes at least one column; leave it out to delete whole rows"
            )
        return self._with(_targets=(*self._targets, *[_target(target) for target in targets]))

    def using(self, *, timestamp: Microseconds | None = None, timeout: Timeout | None = None, **others: Never) -> Self:
        """Delete at a timestamp, in microseconds or as a datetime.

        What was written later stays. An argument that is None counts as not given.

        The timeout is ScyllaDB's, a duration such as `"50ms"`.

        Raises:
            StatementError: if one is plainly of the wrong kind, out of range, or given twice.
        """
        using = clauses.using_with(self._using, self.kind, others, timestamp=timestamp, timeout=timeout)
        return self._with(_using=using)

    def bypass_guardrails(self) -> Self:
        """Delete even where a guardrail against large data would refuse it: ScyllaDB.

        Raises:
            RepeatedClauseError: if that was said before.

        >>> from cql_builder import col, delete_from
        >>> delete_from("t").where(col("id") == 1).bypass_guardrails().tree.bypass_guardrails
        True
        """
        return self._switched_on("_bypass_guardrails", "BYPASS LARGE_DATA_GUARDRAILS")

    @property
    def tree(self) -> Delete:
        """The statement as a tree, markers where values stand.

        Raises:
            MissingClauseError: if no row is named.
        """
        if not self._where:
            raise MissingClauseError(
                self.kind, "WHERE", "name the rows with where(...); truncate(...) deletes them all"
            )
        return Delete(
            self._table,
            nodes_of(self._where),
            nodes_of(self._targets),
            clauses.using_options(self._using),
            nodes_of(self._conditions),
            self._if_exists,
            self._bypass_guardrails,
        )

    @property
    def params(self) -> tuple[object, ...]:
        """What the markers stand for, in the order of the text."""
        using = clauses.using_values(self._using)
        return values_of(self._targets) + using + values_of(self._where, self._conditions)


class TruncateBuilder(StatementBuilder):
    """A TRUNCATE. Made by `truncate`."""

    kind: ClassVar[str] = "TRUNCATE"
    _table: TableName
    _using: Using = clauses.NO_USING

    def __init__(self, table: TableName) -> None:
        """Hold the table."""
        self.__dict__.update(_table=table)

    def using(self, *, timeout: Timeout, **others: Never) -> Self:
        """Give the server so much time, a duration such as `"5m"`: ScyllaDB.

        Raises:
            StatementError: if it is plainly no duration, or given twice.
        """
        return self._with(_using=clauses.using_with(self._using, self.kind, others, timeout=timeout))

    @property
    def tree(self) -> Truncate:
        """The statement as a tree."""
        return Truncate(self._table, clauses.using_options(self._using))

    @property
    def params(self) -> tuple[object, ...]:
        """What the markers stand for, in the order of the text."""
        return clauses.using_values(self._using)


class PruneMaterializedViewBuilder(StatementBuilder):
    """A PRUNE MATERIALIZED VIEW. Made by `prune_materialized_view`."""

    kind: ClassVar[str] = "PRUNE MATERIALIZED VIEW"
    _view: TableName
    _where: tuple[Condition, ...] = ()
    _using: Using = clauses.NO_USING

    def __init__(self, view: TableName) -> None:
        """Start with the view."""
        self.__dict__.update(_view=view)

    @overload
    def where(self, condition: Condition, /) -> Self: ...
    @overload
    def where(self, condition: Condition, /, *more: Condition) -> Self: ...
    def where(self, *conditions: Condition, **columns: Never) -> Self:
        """Look only at rows that all conditions hold for; conditions given before hold on.

        Raises:
            StatementError: if nothing is given, one is no condition, or possible in IF alone.
        """
        clauses.refuse_keywords(columns, self.kind, "where()")
        clauses.refuse_none(conditions, self.kind, "WHERE")
        return self._with(_where=self._where + clauses.where_conditions(conditions, self.kind))

    def using(self, *, concurrency: WholeNumber | None = None, timeout: Timeout | None = None, **others: Never) -> Self:
        """Look at so many rows at a time, or within a timeout such as `"5s"`.

        An argument that is None counts as not given.

        Raises:
            StatementError: if one is plainly of the wrong kind, out of range, or given twice.
        """
        using = clauses.using_with(self._using, self.kind, others, concurrency=concurrency, timeout=timeout)
        return self._with(_using=using)

    @property
    def tree(self) -> PruneMaterializedView:
        """The statement as a tree, markers where values stand."""
        return PruneMaterializedView(self._view, nodes_of(self._where), clauses.using_options(self._using))

    @property
    def params(self) -> tuple[object, ...]:
        """What the markers stand for, in the order of the text."""
        return values_of(self._where) + clauses.using_values(self._using)


def delete_from(table: str | TableName) -> DeleteBuilder:
    """Return a DELETE from this table.

    It is given as `"table"`, `"keyspace.table"` or `TableName`.

    Raises:
        StatementError: if it is none of these.

    >>> from cql_builder import col, delete_from
    >>> delete_from("shop.products").where(col("id") == 1).if_exists().compile().cql
    'DELETE FROM shop.products WHERE id = ? IF EXISTS'
    """
    return DeleteBuilder(table_name(table, DeleteBuilder.kind))


def truncate(table: str | TableName) -> TruncateBuilder:
    """Return a TRUNCATE of this table.

    It is given as `"table"`, `"keyspace.table"` or `TableName`.

    Raises:
        StatementError: if it is none of these.

    >>> from cql_builder import truncate
    >>> truncate("shop.products").compile().cql
    'TRUNCATE shop.products'
    """
    return TruncateBuilder(table_name(table, TruncateBuilder.kind))


def prune_materialized_view(view: str | TableName) -> PruneMaterializedViewBuilder:
    """Return a PRUNE MATERIALIZED VIEW: ScyllaDB.

    Rows whose base row is gone go from the view.

    Raises:
        StatementError: if the name is none.

    >>> from cql_builder import fn, prune_materialized_view
    >>> prune_materialized_view("by_day").where(fn.token("day") > 7).using(concurrency=100).compile("scylla").cql
    'PRUNE MATERIALIZED VIEW by_day WHERE token(day) > ? USING CONCURRENCY ?'
    """
    return PruneMaterializedViewBuilder(table_name(view, PruneMaterializedViewBuilder.kind))


def _target(target: object) -> Part[ColumnName | Element | Field]:
    if isinstance(target, str):
        refuse_expression(target, DeleteBuilder.kind, "leave columns() out to delete whole rows")
        return Part(shared_column(target))
    if isinstance(target, Column):
        return target
    if isinstance(target, CollectionElement | UserField):
        if isinstance(target.node.receiver, ColumnName):
            return target
        raise StatementError(
            DeleteBuilder.kind, "a part of a part cannot be deleted; write the part of the column anew"
        )
    raise ArgumentError(DeleteBuilder.kind, "columns()", 'column names, col("m") and col("m")["k"]', target)
