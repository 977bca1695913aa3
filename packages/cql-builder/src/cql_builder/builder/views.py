"""`create_materialized_view` and its kin: the statements about materialized views."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, overload

from cql_builder.ast.indexes import AlterMaterializedView, CreateMaterializedView, DropMaterializedView
from cql_builder.builder import clauses, keys
from cql_builder.builder.columns import column_name, refuse_expression
from cql_builder.builder.literals import options_of
from cql_builder.builder.names import table_name
from cql_builder.builder.parts import nodes_of, values_of
from cql_builder.builder.statement import FinishedStatement
from cql_builder.errors import MissingClauseError, RepeatedClauseError, StatementError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self

    from cql_builder.ast.names import ColumnName, TableName
    from cql_builder.builder.columns import Column
    from cql_builder.builder.literals import OptionValue
    from cql_builder.builder.parts import Condition


class CreateMaterializedViewBuilder(keys.KeyedBuilder):
    """A CREATE MATERIALIZED VIEW. Made by `create_materialized_view`."""

    kind: ClassVar[str] = "CREATE MATERIALIZED VIEW"
    _view: TableName
    _selection: tuple[ColumnName, ...] = ()
    _table: TableName | None = None
    _where: tuple[Condition, ...] = ()

    def __init__(self, view: TableName) -> None:
        """Start with the view."""
        self.__dict__.update(_view=view, _descending={})

    def select(self, *columns: str | Column) -> Self:
        """Take these columns, after those given before; without this call, all.

        Raises:
            StatementError: if nothing is given, or one is no column.
        """
        if not columns:
            raise MissingClauseError(
                self.kind, "what to select", "select() takes at least one column; leave it out to take all"
            )
        for column in columns:
            if isinstance(column, str):
                refuse_expression(column, self.kind, "leave select() out to take all")
        return self._with(_selection=(*self._selection, *[column_name(column, self.kind) for column in columns]))

    def from_(self, table: str | TableName) -> Self:
        """Take the rows of this table.

        It is given as `"table"`, `"keyspace.table"` or `TableName`.
        """
        if self._table is not None:
            raise RepeatedClauseError(self.kind, "FROM")
        return self._with(_table=table_name(table, self.kind))

    @overload
    def where(self, condition: Condition, /) -> Self: ...
    @overload
    def where(self, condition: Condition, /, *more: Condition) -> Self: ...
    def where(self, *conditions: Condition) -> Self:
        """Take only rows that all conditions hold for.

        At least IS NOT NULL for each column of the view's key.

        Raises:
            StatementError: if one is no condition, or compares with a value: a view has no markers.
        """
        checked = clauses.where_conditions(conditions, self.kind)
        if values_of(checked):
            raise StatementError(
                self.kind,
                "a view cannot compare with values, for it has no markers; use col(...).is_not_null(), or lit(...)",
            )
        return self._with(_where=self._where + checked)

    @property
    def tree(self) -> CreateMaterializedView:
        """The statement as a tree.

        Raises:
            StatementError: if the table, the conditions or the partition key are missing, or the key is wrong.
        """
        if self._table is None:
            raise MissingClauseError(self.kind, "FROM", 'name the table with from_("…")')
        if not self._where:
            raise MissingClauseError(self.kind, "WHERE", "say col(...).is_not_null() for each column of the key")
        if not self._partition_key:
            raise MissingClauseError(self.kind, "the partition key", "name its columns with partition_key(...)")
        keys.refuse_doubles(self._partition_key + self._clustering_key, "the primary key", self.kind)
        return CreateMaterializedView(
            self._view,
            self._selection,
            self._table,
            nodes_of(self._where),
            self._partition_key,
            self._clustering_key,
            keys.clustering_order(self._clustering_key, self._descending, self.kind),
            self._options,
            self._if_not_exists,
            self._compact_storage,
        )


def create_materialized_view(view: str | TableName) -> CreateMaterializedViewBuilder:
    """Return a CREATE MATERIALIZED VIEW.

    The view is given as `"view"`, `"keyspace.view"` or `TableName`.

    Raises:
        StatementError: if it is none of these.

    >>> from cql_builder import col, create_materialized_view
    >>> view = create_materialized_view("by_choice").from_("votes").partition_key("choice").clustering_key("id")
    >>> view.where(col("choice").is_not_null(), col("id").is_not_null()).compile().cql[:67]
    'CREATE MATERIALIZED VIEW by_choice AS SELECT * FROM votes WHERE cho'
    """
    return CreateMaterializedViewBuilder(table_name(view, CreateMaterializedViewBuilder.kind))


def alter_materialized_view(
    view: str | TableName, options: Mapping[str, OptionValue], *, if_exists: bool = False
) -> FinishedStatement:
    """Return an ALTER MATERIALIZED VIEW, which sets options of the view.

    Raises:
        StatementError: if the name is none, an option no constant, or there are none.

    >>> from cql_builder import alter_materialized_view
    >>> alter_materialized_view("by_choice", {"gc_grace_seconds": 0}).compile().cql
    'ALTER MATERIALIZED VIEW by_choice WITH gc_grace_seconds = 0'
    """
    statement = "ALTER MATERIALIZED VIEW"
    given = options_of(options, statement)
    if not given:
        raise MissingClauseError(statement, "WITH", "give at least one option")
    return FinishedStatement(AlterMaterializedView(table_name(view, statement), given, if_exists))


def drop_materialized_view(view: str | TableName, *, if_exists: bool = False) -> FinishedStatement:
    """Return a DROP MATERIALIZED VIEW; the table it was made of stays.

    Raises:
        StatementError: if the name is none.

    >>> from cql_builder import drop_materialized_view
    >>> drop_materialized_view("by_choice").compile().cql
    'DROP MATERIALIZED VIEW by_choice'
    """
    return FinishedStatement(DropMaterializedView(table_name(view, "DROP MATERIALIZED VIEW"), if_exists))
