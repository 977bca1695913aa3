"""`delete_from(...)` and `truncate(...)`: DELETE, built clause by clause, and TRUNCATE."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from cql_builder.ast.names import ColumnName
from cql_builder.ast.statements import Delete, Truncate
from cql_builder.builder import clauses
from cql_builder.builder.columns import CollectionElement, Column
from cql_builder.builder.parts import Part, nodes_of, values_of
from cql_builder.builder.statement import StatementBuilder, table_name
from cql_builder.errors import ArgumentError, ClauseConflictError, MissingClauseError

if TYPE_CHECKING:
    from typing_extensions import Self

    from cql_builder.ast.names import TableName
    from cql_builder.ast.terms import Element
    from cql_builder.builder.parts import Condition


class DeleteBuilder(StatementBuilder):
    """A DELETE. Made by `delete_from`."""

    kind: ClassVar[str] = "DELETE"
    _table: TableName
    _targets: tuple[Part[ColumnName | Element], ...] = ()
    _where: tuple[Condition, ...] = ()
    _conditions: tuple[Condition, ...] = ()
    _if_exists: bool = False
    _timestamp: object = None

    def __init__(self, table: TableName) -> None:
        """Start with the table."""
        self.__dict__.update(_table=table)

    def columns(self, *targets: str | Column | CollectionElement) -> Self:
        """Delete only these columns and elements of the row, after those given before.

        Raises:
            ArgumentError: if one is neither a column nor an element.

        >>> from cql_builder import col, delete_from
        >>> delete_from("t").columns("note", col("m")["k"]).where(col("id") == 1).compile().cql
        'DELETE note, m[?] FROM t WHERE id = ?'
        """
        return self._with(_targets=(*self._targets, *[_target(target) for target in targets]))

    def using(self, *, timestamp: object = None) -> Self:
        """Delete at a timestamp in microseconds: what was written later stays. None is not given.

        Raises:
            StatementError: if it is plainly no whole number, out of range, or given twice.
        """
        return self._with(_timestamp=clauses.whole_number(timestamp, self._timestamp, clauses.TIMESTAMP, self.kind))

    def where(self, *conditions: Condition) -> Self:
        """Delete the rows that the conditions name; conditions given before hold on.

        Raises:
            StatementError: if one is no condition, or possible in IF alone.
        """
        return self._with(_where=self._where + clauses.where_conditions(conditions, self.kind))

    def if_(self, *conditions: Condition) -> Self:
        """Delete only where all conditions hold for the row: a lightweight transaction.

        Raises:
            StatementError: if one is no condition or possible in WHERE alone, or `if_exists` was given.
        """
        if self._if_exists:
            raise ClauseConflictError(self.kind, "IF EXISTS", "IF with conditions")
        return self._with(_conditions=self._conditions + clauses.if_conditions(conditions, self.kind))

    def if_exists(self) -> Self:
        """Delete only where there is such a row: a lightweight transaction.

        Raises:
            ClauseConflictError: if conditions were given.
        """
        if self._conditions:
            raise ClauseConflictError(self.kind, "IF EXISTS", "IF with conditions")
        return self._with(_if_exists=True)

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
            clauses.using_options(None, self._timestamp),
            nodes_of(self._conditions),
            self._if_exists,
        )

    @property
    def params(self) -> tuple[object, ...]:
        """What the markers stand for, in the order of the text."""
        using = clauses.given_values(self._timestamp)
        return values_of(self._targets) + using + values_of(self._where, self._conditions)


class TruncateBuilder(StatementBuilder):
    """A TRUNCATE. Made by `truncate`."""

    kind: ClassVar[str] = "TRUNCATE"
    _table: TableName

    def __init__(self, table: TableName) -> None:
        """Hold the table."""
        self.__dict__.update(_table=table)

    @property
    def tree(self) -> Truncate:
        """The statement as a tree."""
        return Truncate(self._table)


def delete_from(table: str | TableName) -> DeleteBuilder:
    """Return a DELETE from this table, given as `"table"`, `"keyspace.table"` or `TableName`.

    Raises:
        StatementError: if it is none of these.

    >>> from cql_builder import col, delete_from
    >>> delete_from("shop.products").where(col("id") == 1).if_exists().compile().cql
    'DELETE FROM shop.products WHERE id = ? IF EXISTS'
    """
    return DeleteBuilder(table_name(table, DeleteBuilder.kind))


def truncate(table: str | TableName) -> TruncateBuilder:
    """Return a TRUNCATE of this table, given as `"table"`, `"keyspace.table"` or `TableName`.

    Raises:
        StatementError: if it is none of these.

    >>> from cql_builder import truncate
    >>> truncate("shop.products").compile().cql
    'TRUNCATE shop.products'
    """
    return TruncateBuilder(table_name(table, TruncateBuilder.kind))


def _target(target: object) -> Part[ColumnName | Element]:
    if isinstance(target, str):
        return Part(ColumnName(target))
    if isinstance(target, Column | CollectionElement):
        return target
    raise ArgumentError(DeleteBuilder.kind, "columns()", 'column names, col("m") and col("m")["k"]', target)
