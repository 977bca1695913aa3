"""`create_materialized_view` and `drop_materialized_view`: the statements about materialized views."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from cql_builder.ast.definitions import CreateMaterializedView, DropMaterializedView, Option
from cql_builder.builder import clauses, keys
from cql_builder.builder.columns import column_name
from cql_builder.builder.literals import options_of
from cql_builder.builder.parts import nodes_of, values_of
from cql_builder.builder.statement import FinishedStatement, StatementBuilder, table_name
from cql_builder.errors import MissingClauseError, RepeatedClauseError, StatementError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self

    from cql_builder.ast.names import ColumnName, TableName
    from cql_builder.builder.keys import Direction
    from cql_builder.builder.literals import OptionValue
    from cql_builder.builder.parts import Condition


class CreateMaterializedViewBuilder(StatementBuilder):
    """A CREATE MATERIALIZED VIEW. Made by `create_materialized_view`."""

    kind: ClassVar[str] = "CREATE MATERIALIZED VIEW"
    _view: TableName
    _selection: tuple[ColumnName, ...] = ()
    _table: TableName | None = None
    _where: tuple[Condition, ...] = ()
    _partition_key: tuple[ColumnName, ...] = ()
    _clustering_key: tuple[ColumnName, ...] = ()
    _descending: dict[str, bool]
    _options: tuple[Option, ...] = ()
    _if_not_exists: bool = False

    def __init__(self, view: TableName) -> None:
        """Start with the view."""
        self.__dict__.update(_view=view, _descending={})

    def select(self, *columns: str) -> Self:
        """Take these columns, after those given before; without any, all.

        Raises:
            ArgumentError: if one is no column.
        """
        return self._with(_selection=(*self._selection, *[column_name(column, self.kind) for column in columns]))

    def from_(self, table: str | TableName) -> Self:
        """Take the rows of this table, given as `"table"`, `"keyspace.table"` or `TableName`."""
        if self._table is not None:
            raise RepeatedClauseError(self.kind, "FROM")
        return self._with(_table=table_name(table, self.kind))

    def where(self, *conditions: Condition) -> Self:
        """Take only rows that all conditions hold for: IS NOT NULL for each column of the view's key, at least.

        Raises:
            StatementError: if one is no condition, or compares with a value: a view has no markers.
        """
        checked = clauses.where_conditions(conditions, self.kind)
        if values_of(checked):
            raise StatementError(
                self.kind, "a view cannot compare with values, for it has no markers; use col(...).is_not_null()"
            )
        return self._with(_where=self._where + checked)

    def partition_key(self, *names: str) -> Self:
        """Name the columns of the partition key, in their order.

        Raises:
            StatementError: if there are none, one is there twice, or the key was given before.
        """
        return self._with(_partition_key=keys.key_columns(names, self._partition_key, "the partition key", self.kind))

    def clustering_key(self, *names: str) -> Self:
        """Name the clustering columns, in their order.

        Raises:
            StatementError: if there are none, one is there twice, or they were given before.
        """
        return self._with(
            _clustering_key=keys.key_columns(names, self._clustering_key, "the clustering key", self.kind)
        )

    def clustering_order(self, orders: Mapping[str, Direction] | None = None, /, **more: Direction) -> Self:
        """Say in which order rows of a partition are kept, by clustering column; the others are ascending.

        Raises:
            StatementError: if one is neither `ASC` nor `DESC`, or given twice.
        """
        return self._with(_descending=keys.directions(orders, more, self._descending, self.kind))

    def options(self, options: Mapping[str, OptionValue]) -> Self:
        """Set options of the view, such as `{"comment": "…"}`.

        Raises:
            StatementError: if a value is neither a constant nor a map of constants.
        """
        return self._with(_options=self._options + options_of(options, self.kind))

    def if_not_exists(self) -> Self:
        """Do nothing where there is such a view, whatever its columns are."""
        return self._with(_if_not_exists=True)

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
        )


def create_materialized_view(view: str | TableName) -> CreateMaterializedViewBuilder:
    """Return a CREATE MATERIALIZED VIEW, the view given as `"view"`, `"keyspace.view"` or `TableName`.

    Raises:
        StatementError: if it is none of these.

    >>> from cql_builder import col, create_materialized_view
    >>> view = create_materialized_view("by_choice").from_("votes").partition_key("choice").clustering_key("id")
    >>> view.where(col("choice").is_not_null(), col("id").is_not_null()).compile().cql[:67]
    'CREATE MATERIALIZED VIEW by_choice AS SELECT * FROM votes WHERE cho'
    """
    return CreateMaterializedViewBuilder(table_name(view, CreateMaterializedViewBuilder.kind))


def drop_materialized_view(view: str | TableName, *, if_exists: bool = False) -> FinishedStatement:
    """Return a DROP MATERIALIZED VIEW; the table it was made of stays.

    Raises:
        StatementError: if the name is none.

    >>> from cql_builder import drop_materialized_view
    >>> drop_materialized_view("by_choice").compile().cql
    'DROP MATERIALIZED VIEW by_choice'
    """
    return FinishedStatement(DropMaterializedView(table_name(view, "DROP MATERIALIZED VIEW"), if_exists))
