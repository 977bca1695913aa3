"""`select(...)`: SELECT, built clause by clause."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, overload

from cql_builder.ast.clauses import IndexHints, NearestOrdering, Ordering
from cql_builder.ast.statements import Select
from cql_builder.ast.terms import Alias, Selectable
from cql_builder.builder import clauses
from cql_builder.builder.columns import Column, column_name, refuse_expression
from cql_builder.builder.expressions import FunctionTerm
from cql_builder.builder.names import checked_flag, index_name, table_name
from cql_builder.builder.parts import Part, as_term, is_part, nodes_of, values_of
from cql_builder.builder.sharing import KEPT_NAME, SHARED_NODES, exact, shared_column
from cql_builder.builder.statement import StatementBuilder
from cql_builder.errors import (
    ArgumentError,
    ClauseConflictError,
    MissingClauseError,
    RepeatedClauseError,
    StatementError,
)

if TYPE_CHECKING:
    from typing import TypeGuard

    from typing_extensions import Never, Self

    from cql_builder.ast.names import ColumnName, IndexName, TableName
    from cql_builder.builder.clauses import Timeout, Using, WholeNumber
    from cql_builder.builder.parts import Condition


class SelectBuilder(StatementBuilder):
    """A SELECT. Made by `select`.

    >>> from cql_builder import SelectBuilder, col, select
    >>> def page(found: SelectBuilder, after: int) -> SelectBuilder:
    ...     return found.where(col("id") > after).limit(100)
    >>> page(select("id").from_("t").where(col("day") == 5), 7).compile()
    Compiled('SELECT id FROM t WHERE day = ? AND id > ? LIMIT ?', 3 values)
    """

    kind: ClassVar[str] = "SELECT"
    _selection: tuple[Part[Selectable | Alias], ...]
    _table: TableName | None = None
    _without_table: bool = False
    _where: tuple[Condition, ...] = ()
    _group_by: tuple[Part[Selectable], ...] = ()
    _order_by: tuple[Part[Ordering | NearestOrdering], ...] = ()
    _per_partition_limit: object = None
    _limit: object = None
    _distinct: bool = False
    _json: bool = False
    _allow_filtering: bool = False
    _mutation_fragments: bool = False
    _bypass_cache: bool = False
    _using: Using = clauses.NO_USING
    _index_hints: tuple[IndexHints, ...] = ()

    def __init__(self, selection: tuple[Part[Selectable | Alias], ...]) -> None:
        """Start with what is selected; nothing is `*`."""
        self.__dict__.update(_selection=selection)

    def from_(self, table: str | TableName) -> Self:
        """Read from this table, given as `"table"`, `"keyspace.table"` or `TableName`."""
        self._refuse_second_table()
        return self._with(_table=table_name(table, self.kind))

    def from_mutation_fragments(self, table: str | TableName) -> Self:
        """Read how this table's rows are stored, piece by piece: ScyllaDB.

        >>> from cql_builder import select
        >>> select().from_mutation_fragments("shop.products").tree.mutation_fragments
        True
        """
        self._refuse_second_table()
        return self._with(_table=table_name(table, self.kind), _mutation_fragments=True)

    def without_from(self) -> Self:
        """Read from no table, such as `fn.now()` alone: ScyllaDB."""
        self._refuse_second_table()
        return self._with(_without_table=True)

    def distinct(self) -> Self:
        """Return each partition once.

        Only partition key columns and static columns can be selected.

        Raises:
            RepeatedClauseError: if that was said before.
        """
        return self._switched_on("_distinct", "DISTINCT")

    def json(self) -> Self:
        """Return each row as one JSON text.

        Raises:
            RepeatedClauseError: if that was said before.
        """
        return self._switched_on("_json", "JSON")

    @overload
    def where(self, condition: Condition, /) -> Self: ...
    @overload
    def where(self, condition: Condition, /, *more: Condition) -> Self: ...
    def where(self, *conditions: Condition, **columns: Never) -> Self:
        """Return only rows that all conditions hold for.

        Conditions given before hold on, and no condition leaves out no row.

        Raises:
            StatementError: if one is no condition, or possible in IF alone.
        """
        clauses.refuse_keywords(columns, self.kind, "where()")
        return self._with(_where=self._where + clauses.where_conditions(conditions, self.kind))

    def group_by(self, *items: str | Part[Selectable]) -> Self:
        """Make one row of all that agree in these, after those given before.

        They are columns of the key, in its order.

        A function such as `fn.floor(…)` can stand in the place of the last: Cassandra 4.1.

        Raises:
            StatementError: if nothing is given, or one cannot be selected.
        """
        if not items:
            raise MissingClauseError(self.kind, "GROUP BY", "group_by() takes at least one column")
        groups: list[Part[Selectable]] = []
        for item in items:
            part = _selected(item, "group_by()")
            if not _is_selectable(part):
                raise ArgumentError(self.kind, "group_by()", "what is grouped by, without another name", item)
            groups.append(part)
        return self._with(_group_by=(*self._group_by, *groups))

    def order_by(self, column: str | Column | FunctionTerm, *others: Never, desc: bool = False) -> Self:
        """Order by a clustering column, after those given before.

        ScyllaDB orders by scoring functions too.

        Raises:
            StatementError: if `desc` is no bool, a column is there twice, rows are ordered by their distance, or a
                function descends.
        """
        if others:
            raise StatementError(self.kind, "order_by() takes one column; call it again for each further one")
        self._refuse_other_orderings(nearest=False)
        checked_flag(desc, "desc", self.kind)
        if isinstance(column, FunctionTerm):
            if desc:
                raise StatementError(self.kind, "ORDER BY a function has the best rows first; leave desc out")
            return self._with(_order_by=(*self._order_by, Part(Ordering(column.node, desc), column.values)))
        if isinstance(column, str):
            part = (_ordering if len(column) <= KEPT_NAME else _ordering.__wrapped__)(exact(column), desc)
        else:
            part = Part(Ordering(column_name(column, "ORDER BY"), desc))
        ordered = part.node.column
        if self._order_by and any(ordered == before.node.column for before in self._order_by):
            raise StatementError(self.kind, f"ORDER BY has {column_name(column, 'ORDER BY').name!r} twice")
        return self._with(_order_by=(*self._order_by, part))

    def order_by_nearest(self, column: str | Column, vector: object) -> Self:
        """Return the rows whose vector is nearest, the nearest first.

        It is `ORDER BY v ANN OF ?`, and gives as many rows as `limit` says.

        Raises:
            StatementError: if there is another ordering.

        >>> from cql_builder import select
        >>> select("id").from_("products").order_by_nearest("embedding", [0.1, 0.2]).limit(3).compile().cql
        'SELECT id FROM products ORDER BY embedding ANN OF ? LIMIT ?'
        """
        self._refuse_other_orderings(nearest=True)
        term, values = as_term(vector, "ANN OF")
        return self._with(_order_by=(Part(NearestOrdering(column_name(column, "ORDER BY"), term), values),))

    def per_partition_limit(self, rows: WholeNumber | None) -> Self:
        """Return at most so many rows of each partition; None is no limit.

        Raises:
            StatementError: if it is plainly no positive whole number, or given twice.
        """
        return self._with(
            _per_partition_limit=clauses.whole_number(
                rows, self._per_partition_limit, clauses.PER_PARTITION_LIMIT, self.kind
            )
        )

    def limit(self, rows: WholeNumber | None) -> Self:
        """Return at most so many rows; None is no limit.

        Raises:
            StatementError: if it is plainly no positive whole number, or given twice.
        """
        return self._with(_limit=clauses.whole_number(rows, self._limit, clauses.LIMIT, self.kind))

    def allow_filtering(self) -> Self:
        """Let the server read rows that it then leaves out, at whatever price.

        Raises:
            RepeatedClauseError: if that was said before.
        """
        return self._switched_on("_allow_filtering", "ALLOW FILTERING")

    def bypass_cache(self) -> Self:
        """Leave the cache of rows as it is, for reads that no one repeats: ScyllaDB.

        Raises:
            RepeatedClauseError: if that was said before.
        """
        return self._switched_on("_bypass_cache", "BYPASS CACHE")

    def using(self, *, timeout: Timeout | None = None, service_level: str | None = None, **others: Never) -> Self:
        """Read within a timeout such as `"50ms"`, or under a service level: ScyllaDB.

        An argument that is None counts as not given.

        Raises:
            StatementError: if the timeout is plainly no duration, or something is given twice.
        """
        using = clauses.using_with(self._using, self.kind, others, timeout=timeout, service_level=service_level)
        return self._with(_using=using)

    def with_indexes(self, *indexes: str | IndexName) -> Self:
        """Use these indexes: Cassandra 6.0.

        Raises:
            StatementError: if no index is given, one is none, or there are such hints already.
        """
        return self._hinted(indexes, included=True)

    def without_indexes(self, *indexes: str | IndexName) -> Self:
        """Use none of these indexes: Cassandra 6.0.

        Raises:
            StatementError: if no index is given, one is none, or there are such hints already.
        """
        return self._hinted(indexes, included=False)

    @property
    def tree(self) -> Select:
        """The statement as a tree, markers where values stand.

        Raises:
            MissingClauseError: if no table was given, nothing was selected where there is none, or there is no limit to
                rows that are ordered by their distance.
        """
        if self._table is None and not self._without_table:
            raise MissingClauseError(self.kind, "FROM", 'name the table with from_("…")')
        if self._without_table and not self._selection:
            raise MissingClauseError(
                self.kind, "what is selected", "without_from() has no table whose columns * would be"
            )
        if self._limit is None and self._order_by and isinstance(self._order_by[0].node, NearestOrdering):
            raise MissingClauseError(self.kind, "LIMIT", "say with limit(...) how many of the nearest rows you want")
        return Select(
            nodes_of(self._selection),
            self._table,
            nodes_of(self._where),
            nodes_of(self._group_by) if self._group_by else (),
            nodes_of(self._order_by),
            None if self._per_partition_limit is None else clauses.clause_term(self._per_partition_limit),
            None if self._limit is None else clauses.clause_term(self._limit),
            self._distinct,
            self._json,
            self._allow_filtering,
            self._mutation_fragments,
            self._bypass_cache,
            clauses.using_options(self._using) if self._using else (),
            self._index_hints,
        )

    @property
    def params(self) -> tuple[object, ...]:
        """What the markers stand for, in the order of the text."""
        values = tuple([value for part in (*self._selection, *self._where) for value in part.values])
        if self._group_by or self._order_by:
            values += values_of(self._group_by, self._order_by)
        if self._per_partition_limit is not None or self._limit is not None:
            values += clauses.given_values(self._per_partition_limit, self._limit)
        return values + clauses.using_values(self._using) if self._using else values

    def _refuse_second_table(self) -> None:
        if self._table is not None or self._without_table:
            raise RepeatedClauseError(self.kind, "FROM")

    def _refuse_other_orderings(self, *, nearest: bool) -> None:
        if self._order_by and (nearest or isinstance(self._order_by[0].node, NearestOrdering)):
            raise ClauseConflictError(self.kind, "ANN OF", "another ordering")

    def _hinted(self, indexes: tuple[str | IndexName, ...], *, included: bool) -> Self:
        clause = f"{'included' if included else 'excluded'}_indexes"
        if any(hints.included == included for hints in self._index_hints):
            raise RepeatedClauseError(self.kind, clause)
        if not indexes:
            raise MissingClauseError(self.kind, clause, "name at least one index")
        hints = IndexHints(included, tuple([index_name(index, self.kind) for index in indexes]))
        return self._with(_index_hints=(*self._index_hints, hints))


def select(*selection: str | Part[Selectable | Alias]) -> SelectBuilder:
    """Return a SELECT of columns, functions and what is computed of them.

    A SELECT of nothing is `SELECT *`.

    A str is the name of a column, exactly; one that has `(` or `,` in it is selected as `col("…")`.

    Raises:
        StatementError: if one cannot be selected, or is a text such as `"*"`, `"count(*)"` or `"a, b"`.

    >>> from cql_builder import col, fn, select
    >>> select("id", "name").from_("shop.products").where(col("price") >= 3).limit(10).compile().cql
    'SELECT id, name FROM shop.products WHERE price >= ? LIMIT ?'
    >>> select(fn.count().as_("rows")).from_("shop.products").compile().cql
    'SELECT COUNT(*) AS rows FROM shop.products'
    """
    return SelectBuilder(tuple([_selected(item, "select()") for item in selection]))


def _selected(item: object, argument: str) -> Part[Selectable | Alias]:
    if isinstance(item, str):
        return (_named if len(item) <= KEPT_NAME else _named.__wrapped__)(exact(item))
    if _is_selection(item):
        return item
    raise ArgumentError(SelectBuilder.kind, argument, "column names, col(...) and functions", item)


@lru_cache(SHARED_NODES)
def _ordering(column: str, descending: bool) -> Part[Ordering]:  # noqa: FBT001 - lru_cache is fastest with places
    """Return the ordering by a column given by its name: the check, too, is made once for each."""
    refuse_expression(column, SelectBuilder.kind, "name the column that rows are ordered by")
    if column.lower().endswith((" desc", " asc")):
        raise StatementError(
            SelectBuilder.kind,
            f"{column!r} is not taken for a column; write desc=True for one that descends, a column of that very name "
            "is col(…)",
        )
    return Part(Ordering(shared_column(column), descending))


@lru_cache(SHARED_NODES)
def _named(name: str) -> Part[ColumnName]:
    """Return a column that is selected by its name: the check, too, is made once for each."""
    refuse_expression(name, SelectBuilder.kind, "select() without arguments takes all")
    return Part(shared_column(name))


def _is_selection(item: object) -> TypeGuard[Part[Selectable | Alias]]:
    return is_part(item) and isinstance(item.node, Selectable | Alias)


def _is_selectable(item: Part[Selectable | Alias]) -> TypeGuard[Part[Selectable]]:
    return not isinstance(item.node, Alias)
