"""`select(...)`: SELECT, built clause by clause."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from cql_builder.ast.clauses import Ordering
from cql_builder.ast.names import ColumnName
from cql_builder.ast.statements import Select
from cql_builder.ast.terms import Alias, Selectable
from cql_builder.builder import clauses
from cql_builder.builder.columns import Column, column_name
from cql_builder.builder.parts import BIND, Part, is_part, nodes_of, values_of
from cql_builder.builder.statement import StatementBuilder, table_name
from cql_builder.errors import ArgumentError, MissingClauseError, RepeatedClauseError, StatementError

if TYPE_CHECKING:
    from typing import TypeGuard

    from typing_extensions import Self

    from cql_builder.ast.names import TableName
    from cql_builder.builder.parts import Condition


class SelectBuilder(StatementBuilder):
    """A SELECT. Made by `select`."""

    kind: ClassVar[str] = "SELECT"
    _selection: tuple[Part[Selectable | Alias], ...]
    _table: TableName | None = None
    _where: tuple[Condition, ...] = ()
    _order_by: tuple[Ordering, ...] = ()
    _per_partition_limit: object = None
    _limit: object = None
    _distinct: bool = False
    _json: bool = False
    _allow_filtering: bool = False

    def __init__(self, selection: tuple[Part[Selectable | Alias], ...]) -> None:
        """Start with what is selected; nothing is `*`."""
        self.__dict__.update(_selection=selection)

    def from_(self, table: str | TableName) -> Self:
        """Read from this table, given as `"table"`, `"keyspace.table"` or `TableName`."""
        if self._table is not None:
            raise RepeatedClauseError(self.kind, "FROM")
        return self._with(_table=table_name(table, self.kind))

    def distinct(self) -> Self:
        """Return each partition once: only partition key columns and static columns can be selected."""
        return self._with(_distinct=True)

    def json(self) -> Self:
        """Return each row as one JSON text."""
        return self._with(_json=True)

    def where(self, *conditions: Condition) -> Self:
        """Return only rows that all conditions hold for; conditions given before hold on.

        Raises:
            StatementError: if one is no condition, or possible in IF alone.
        """
        return self._with(_where=self._where + clauses.where_conditions(conditions, self.kind))

    def order_by(self, column: str | Column, *, desc: bool = False) -> Self:
        """Order by a clustering column, after those given before."""
        ordering = Ordering(column_name(column, "ORDER BY"), desc)
        if any(ordering.column == before.column for before in self._order_by):
            raise StatementError(self.kind, f"ORDER BY has {ordering.column.name!r} twice")
        return self._with(_order_by=(*self._order_by, ordering))

    def per_partition_limit(self, rows: object) -> Self:
        """Return at most so many rows of each partition; None is no limit.

        Raises:
            StatementError: if it is plainly no positive whole number, or given twice.
        """
        return self._with(
            _per_partition_limit=clauses.whole_number(
                rows, self._per_partition_limit, clauses.PER_PARTITION_LIMIT, self.kind
            )
        )

    def limit(self, rows: object) -> Self:
        """Return at most so many rows; None is no limit.

        Raises:
            StatementError: if it is plainly no positive whole number, or given twice.
        """
        return self._with(_limit=clauses.whole_number(rows, self._limit, clauses.LIMIT, self.kind))

    def allow_filtering(self) -> Self:
        """Let the server read rows that it then leaves out, at whatever price."""
        return self._with(_allow_filtering=True)

    @property
    def tree(self) -> Select:
        """The statement as a tree, markers where values stand.

        Raises:
            MissingClauseError: if no table was given.
        """
        if self._table is None:
            raise MissingClauseError(self.kind, "FROM", 'name the table with from_("…")')
        return Select(
            nodes_of(self._selection),
            self._table,
            nodes_of(self._where),
            self._order_by,
            None if self._per_partition_limit is None else BIND,
            None if self._limit is None else BIND,
            self._distinct,
            self._json,
            self._allow_filtering,
        )

    @property
    def params(self) -> tuple[object, ...]:
        """What the markers stand for, in the order of the text."""
        limits = clauses.given_values(self._per_partition_limit, self._limit)
        return values_of(self._selection, self._where) + limits


def select(*selection: str | Part[Selectable | Alias]) -> SelectBuilder:
    """Return a SELECT of columns and functions; of nothing, it is `SELECT *`.

    Raises:
        ArgumentError: if one can not be selected.

    >>> from cql_builder import col, fn, select
    >>> select("id", "name").from_("shop.products").where(col("price") >= 3).limit(10).compile().cql
    'SELECT id, name FROM shop.products WHERE price >= ? LIMIT ?'
    >>> select(fn.count().as_("rows")).from_("shop.products").compile().cql
    'SELECT COUNT(*) AS rows FROM shop.products'
    """
    return SelectBuilder(tuple([_selected(item) for item in selection]))


def _selected(item: object) -> Part[Selectable | Alias]:
    if isinstance(item, str):
        return Part(ColumnName(item))
    if _is_selectable(item):
        return item
    raise ArgumentError(SelectBuilder.kind, "select()", "column names, col(...) and functions", item)


def _is_selectable(item: object) -> TypeGuard[Part[Selectable | Alias]]:
    return is_part(item) and isinstance(item.node, Selectable | Alias)
