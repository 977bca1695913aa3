"""`create_table`, `alter_table`, `drop_table`: the statements about tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from cql_builder.ast.definitions import (
    AddColumns,
    AlterTableOptions,
    CreateTable,
    DropColumns,
    DropTable,
    Option,
    TableColumn,
)
from cql_builder.ast.names import ColumnName
from cql_builder.ast.types import DataType
from cql_builder.builder import keys
from cql_builder.builder.literals import options_of
from cql_builder.builder.statement import FinishedStatement, StatementBuilder, table_name
from cql_builder.errors import ArgumentError, ClauseConflictError, MissingClauseError
from cql_builder.parser.types import parse_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self

    from cql_builder.ast.names import TableName
    from cql_builder.builder.keys import Direction
    from cql_builder.builder.literals import OptionValue


class CreateTableBuilder(StatementBuilder):
    """A CREATE TABLE. Made by `create_table`."""

    kind: ClassVar[str] = "CREATE TABLE"
    _table: TableName
    _columns: tuple[TableColumn, ...] = ()
    _partition_key: tuple[ColumnName, ...] = ()
    _clustering_key: tuple[ColumnName, ...] = ()
    _descending: dict[str, bool]
    _options: tuple[Option, ...] = ()
    _if_not_exists: bool = False

    def __init__(self, table: TableName) -> None:
        """Start with the table."""
        self.__dict__.update(_table=table, _descending={})

    def column(self, name: str, cql_type: str | DataType, *, static: bool = False) -> Self:
        """Add a column, its type as CQL spells it or as a tree; all rows of a partition share a static one.

        Raises:
            CqlSyntaxError: if the type is none.
        """
        return self._with(_columns=(*self._columns, _column(name, cql_type, self.kind, static=static)))

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
        """Set options of the table, such as `{"comment": "…", "gc_grace_seconds": 0}`.

        Raises:
            StatementError: if a value is neither a constant nor a map of constants.
        """
        return self._with(_options=self._options + options_of(options, self.kind))

    def if_not_exists(self) -> Self:
        """Do nothing where there is such a table, whatever its columns are."""
        return self._with(_if_not_exists=True)

    @property
    def tree(self) -> CreateTable:
        """The statement as a tree.

        Raises:
            StatementError: if there is no partition key, a column is there twice, or a key names no column.
        """
        if not self._partition_key:
            raise MissingClauseError(self.kind, "the partition key", "name its columns with partition_key(...)")
        names = [column.name for column in self._columns]
        keys.refuse_doubles(names, "the table", self.kind)
        primary_key = self._partition_key + self._clustering_key
        keys.refuse_doubles(primary_key, "the primary key", self.kind)
        keys.refuse_unknown(primary_key, names, "a column of the table", self.kind)
        return CreateTable(
            self._table,
            self._columns,
            self._partition_key,
            self._clustering_key,
            keys.clustering_order(self._clustering_key, self._descending, self.kind),
            self._options,
            self._if_not_exists,
        )


class AlterTableBuilder(StatementBuilder):
    """An ALTER TABLE, which does one thing: it adds columns, drops columns or sets options. Made by `alter_table`."""

    kind: ClassVar[str] = "ALTER TABLE"
    _table: TableName
    _added: tuple[TableColumn, ...] = ()
    _dropped: tuple[ColumnName, ...] = ()
    _options: tuple[Option, ...] = ()

    def __init__(self, table: TableName) -> None:
        """Start with the table."""
        self.__dict__.update(_table=table)

    def add(self, name: str, cql_type: str | DataType, *, static: bool = False) -> Self:
        """Add a column, its type as CQL spells it or as a tree.

        Raises:
            CqlSyntaxError: if the type is none.
            StatementError: if columns are dropped or options set.
        """
        self._refuse("ADD", DROP=self._dropped, WITH=self._options)
        return self._with(_added=(*self._added, _column(name, cql_type, self.kind, static=static)))

    def drop(self, *names: str) -> Self:
        """Drop columns, and all that is in them.

        Raises:
            StatementError: if a name is none, or columns are added or options set.
        """
        self._refuse("DROP", ADD=self._added, WITH=self._options)
        return self._with(_dropped=self._dropped + keys.key_columns(names, (), "DROP", self.kind))

    def options(self, options: Mapping[str, OptionValue]) -> Self:
        """Set options of the table, such as `{"comment": "…", "gc_grace_seconds": 0}`.

        Raises:
            StatementError: if a value is no constant and no map of constants, or columns are added or dropped.
        """
        self._refuse("WITH", ADD=self._added, DROP=self._dropped)
        return self._with(_options=self._options + options_of(options, self.kind))

    @property
    def tree(self) -> AddColumns | DropColumns | AlterTableOptions:
        """The statement as a tree.

        Raises:
            StatementError: if there is nothing to do, or a column is there twice.
        """
        if self._added:
            keys.refuse_doubles([column.name for column in self._added], "ADD", self.kind)
            return AddColumns(self._table, self._added)
        if self._dropped:
            keys.refuse_doubles(self._dropped, "DROP", self.kind)
            return DropColumns(self._table, self._dropped)
        if self._options:
            return AlterTableOptions(self._table, self._options)
        raise MissingClauseError(self.kind, "what to do", "call add(...), drop(...) or options(...)")

    def _refuse(self, wanted: str, **given: object) -> None:
        for clause, there in given.items():
            if there:
                raise ClauseConflictError(self.kind, clause, wanted)


def create_table(table: str | TableName) -> CreateTableBuilder:
    """Return a CREATE TABLE, the table given as `"table"`, `"keyspace.table"` or `TableName`.

    Raises:
        StatementError: if it is none of these.

    >>> from cql_builder import create_table
    >>> votes = create_table("votes").column("poll", "uuid").column("at", "timestamp")
    >>> votes.partition_key("poll").clustering_key("at").clustering_order(at="DESC").compile().cql
    'CREATE TABLE votes (poll uuid, at timestamp, PRIMARY KEY (poll, at)) WITH CLUSTERING ORDER BY (at DESC)'
    """
    return CreateTableBuilder(table_name(table, CreateTableBuilder.kind))


def alter_table(table: str | TableName) -> AlterTableBuilder:
    """Return an ALTER TABLE, the table given as `"table"`, `"keyspace.table"` or `TableName`.

    Raises:
        StatementError: if it is none of these.

    >>> from cql_builder import alter_table
    >>> alter_table("votes").add("why", "text").add("tags", "set<text>").compile().cql
    'ALTER TABLE votes ADD (why text, tags set<text>)'
    """
    return AlterTableBuilder(table_name(table, AlterTableBuilder.kind))


def drop_table(table: str | TableName, *, if_exists: bool = False) -> FinishedStatement:
    """Return a DROP TABLE: the table goes with all its rows.

    Raises:
        StatementError: if the name is none.

    >>> from cql_builder import drop_table
    >>> drop_table("shop.votes", if_exists=True).compile().cql
    'DROP TABLE IF EXISTS shop.votes'
    """
    return FinishedStatement(DropTable(table_name(table, "DROP TABLE"), if_exists))


def _column(name: object, cql_type: object, statement: str, *, static: bool) -> TableColumn:
    if not isinstance(name, str):
        raise ArgumentError(statement, "the name of a column", "a str", name)
    if isinstance(cql_type, str):
        return TableColumn(ColumnName(name), parse_type(cql_type), static)
    if isinstance(cql_type, DataType):
        return TableColumn(ColumnName(name), cql_type, static)
    raise ArgumentError(statement, f"the type of {name!r}", "CQL text or a data type of the tree", cql_type)
