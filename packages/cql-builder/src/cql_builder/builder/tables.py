"""`create_table`, `create_table_like`, `alter_table`, `drop_table`: the statements about tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar, get_args

from cql_builder.ast.names import ColumnName
from cql_builder.ast.tables import (
    AddColumns,
    AlterColumnType,
    AlterTableOptions,
    ConstrainColumn,
    CopiedPart,
    CopyTable,
    CreateTable,
    DropColumns,
    DropCompactStorage,
    DropTable,
    ExpireRows,
    MaskColumn,
    RenameColumns,
    TableColumn,
)
from cql_builder.ast.terms import IntegerLiteral
from cql_builder.builder import clauses, keys
from cql_builder.builder.columns import column_name
from cql_builder.builder.definitions import AlteringBuilder, data_type, further_options, new_names, where_there
from cql_builder.builder.literals import options_of
from cql_builder.builder.names import checked_flag, table_name
from cql_builder.builder.parts import is_collection
from cql_builder.builder.statement import FinishedStatement
from cql_builder.builder.table_columns import checked_mask, constraints_of, table_column
from cql_builder.errors import (
    ArgumentError,
    ClauseConflictError,
    MissingClauseError,
    RepeatedClauseError,
    StatementError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import TypeAlias, TypeGuard

    from typing_extensions import Self

    from cql_builder.ast.names import TableName
    from cql_builder.ast.tables import Mask
    from cql_builder.ast.terms import Term
    from cql_builder.ast.types import DataType
    from cql_builder.builder.columns import Column
    from cql_builder.builder.literals import OptionValue
    from cql_builder.builder.table_columns import Check

    TableChange: TypeAlias = (
        AddColumns
        | DropColumns
        | RenameColumns
        | AlterColumnType
        | MaskColumn
        | ConstrainColumn
        | AlterTableOptions
        | DropCompactStorage
        | ExpireRows
    )
    """What ALTER TABLE can do."""

CHANGES: dict[type[TableChange], str] = {
    AddColumns: "ADD",
    DropColumns: "DROP",
    RenameColumns: "RENAME",
    AlterColumnType: "TYPE",
    MaskColumn: "MASKED",
    ConstrainColumn: "CHECK",
    AlterTableOptions: "WITH",
    DropCompactStorage: "DROP COMPACT STORAGE",
    ExpireRows: "TTL",
}
"""How CQL says what ALTER TABLE does."""

C = TypeVar("C", AddColumns, DropColumns, RenameColumns, AlterTableOptions)


class CreateTableBuilder(keys.KeyedBuilder):
    """A CREATE TABLE. Made by `create_table`."""

    kind: ClassVar[str] = "CREATE TABLE"
    _table: TableName
    _columns: tuple[TableColumn, ...] = ()

    def __init__(self, table: TableName) -> None:
        """Start with the table."""
        self.__dict__.update(_table=table, _descending={})

    def column(  # noqa: PLR0913 - one keyword for each clause
        self,
        name: str,
        cql_type: str | DataType,
        *,
        static: bool = False,
        not_null: bool = False,
        mask: Mask | None = None,
        check: Check | Sequence[Check] = (),
        ttl: bool = False,
    ) -> Self:
        """Add a column.

        Args:
            name: its name.
            cql_type: its type, as CQL spells it or as a tree.
            static: whether all rows of a partition share it.
            not_null: whether each row must have it: Cassandra 6.0.
            mask: what it shows to those who may not see it, from `mask(…)`: Cassandra 5.0.
            check: what must hold for it, such as `col("a") > lit(0)`: Cassandra 6.0.
            ttl: whether it holds the moment at which its row ends: ScyllaDB.

        Raises:
            CqlSyntaxError: if the type is none.
            StatementError: if an argument is of the wrong kind.
        """
        column = table_column(
            name, cql_type, self.kind, static=static, not_null=not_null, mask=mask, check=check, ttl=ttl
        )
        return self._with(_columns=(*self._columns, column))

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
            self._compact_storage,
        )


class AlterTableBuilder(AlteringBuilder):
    """An ALTER TABLE, which does one thing. Made by `alter_table`.

    It adds, drops or renames columns, sets options and so on.
    """

    kind: ClassVar[str] = "ALTER TABLE"
    _table: TableName
    _change: TableChange | None = None

    def __init__(self, table: TableName) -> None:
        """Start with the table."""
        self.__dict__.update(_table=table)

    def add(  # noqa: PLR0913 - one keyword for each clause
        self,
        name: str,
        cql_type: str | DataType,
        *,
        static: bool = False,
        mask: Mask | None = None,
        check: Check | Sequence[Check] = (),
        if_not_exists: bool = False,
    ) -> Self:
        """Add a column, after those given before; its type as CQL spells it or as a tree.

        `if_not_exists`, which holds for all that are added, is Cassandra 4.1's.

        Raises:
            CqlSyntaxError: if the type is none.
            StatementError: if something else is done already, or an argument is of the wrong kind.
        """
        before = self._before(AddColumns)
        column = table_column(name, cql_type, self.kind, static=static, mask=mask, check=check)
        columns = (column,) if before is None else (*before.columns, column)
        there = checked_flag(if_not_exists, "if_not_exists", self.kind) or (before is not None and before.if_not_exists)
        return self._with(_change=AddColumns(self._table, columns, if_not_exists=there))

    def drop(self, *names: str, if_exists: bool = False, timestamp: int | datetime | None = None) -> Self:
        """Drop columns, and all that is in them.

        With a `timestamp`, in microseconds or as a datetime, what was written after it stays.

        `if_exists`, which holds for all that are dropped, is Cassandra 4.1's.

        Raises:
            StatementError: if a name is none, or something else is done already.
        """
        before = self._before(DropColumns)
        columns = keys.key_columns(names, (), "DROP", self.kind)
        there = self._there(if_exists) or (before is not None and before.if_columns_exist)
        moment: Term | None = None if timestamp is None else _moment(timestamp, self.kind)
        if before is not None:
            columns = before.columns + columns
            moment = moment or before.timestamp
        return self._with(_change=DropColumns(self._table, columns, if_columns_exist=there, timestamp=moment))

    def rename(self, names: Mapping[str, str] | None = None, /, *, if_exists: bool = False, **more: str) -> Self:
        """Rename columns of the primary key, old names to new ones.

        `if_exists`, which holds for all that are renamed, is Cassandra 4.1's.

        Raises:
            StatementError: if a name is none, there twice, or something else is done already.
        """
        before = self._before(RenameColumns)
        given = () if before is None else tuple([(old.name, new.name) for old, new in before.names])
        pairs = new_names(names, more, given, self.kind)
        columns = tuple([(ColumnName(old), ColumnName(new)) for old, new in pairs])
        there = self._there(if_exists) or (before is not None and before.if_columns_exist)
        return self._with(_change=RenameColumns(self._table, columns, if_columns_exist=there))

    def options(self, options: Mapping[str, OptionValue]) -> Self:
        """Set options of the table, such as `{"comment": "…", "gc_grace_seconds": 0}`.

        Raises:
            StatementError: if a value is no constant and no map of constants, or something else is done already.
        """
        before = self._before(AlterTableOptions)
        further = further_options(() if before is None else before.options, options, self.kind)
        return self._with(_change=AlterTableOptions(self._table, further) if further else None)

    def alter_type(self, column: str | Column, cql_type: str | DataType) -> Self:
        """Change the type of a column, which the grammar knows and current servers refuse.

        Raises:
            CqlSyntaxError: if the type is none.
            StatementError: if something else is done already.
        """
        name = column_name(column, self.kind)
        new_type = data_type(cql_type, self.kind, f"the type of {name.name!r}")
        return self._once(AlterColumnType(self._table, name, new_type))

    def mask(self, column: str | Column, mask: Mask, *, if_exists: bool = False) -> Self:
        """Mask a column from now on: Cassandra 5.0.

        Raises:
            StatementError: if it is no mask from `mask(…)`, or something else is done already.
        """
        name = column_name(column, self.kind)
        return self._once(
            MaskColumn(self._table, name, checked_mask(mask, self.kind), if_column_exists=self._there(if_exists))
        )

    def drop_mask(self, column: str | Column, *, if_exists: bool = False) -> Self:
        """Show a column to all who may select it again: Cassandra 5.0.

        Raises:
            StatementError: if something else is done already.
        """
        name = column_name(column, self.kind)
        return self._once(MaskColumn(self._table, name, None, if_column_exists=self._there(if_exists)))

    def check(self, column: str | Column, *checks: Check, if_exists: bool = False) -> Self:
        """Let this hold for a column from now on: Cassandra 6.0.

        It is a condition such as `col("a") > lit(0)`.

        Raises:
            StatementError: if there is no constraint, one is none, or something else is done already.
        """
        if not checks:
            raise MissingClauseError(self.kind, "CHECK", "give at least one constraint; drop_check() drops all")
        name, constraints = column_name(column, self.kind), constraints_of(checks, self.kind)
        return self._once(ConstrainColumn(self._table, name, constraints, if_column_exists=self._there(if_exists)))

    def drop_check(self, column: str | Column, *, if_exists: bool = False) -> Self:
        """Let anything be in a column again: Cassandra 6.0.

        Raises:
            StatementError: if something else is done already.
        """
        name = column_name(column, self.kind)
        return self._once(ConstrainColumn(self._table, name, (), if_column_exists=self._there(if_exists)))

    def drop_compact_storage(self) -> Self:
        """Give up the storage of before Cassandra 3.

        Raises:
            StatementError: if something else is done already.
        """
        return self._once(DropCompactStorage(self._table))

    def row_ttl(self, column: str | Column | None) -> Self:
        """Let a column hold the moment at which its row ends, or none: ScyllaDB.

        Raises:
            StatementError: if something else is done already.
        """
        return self._once(ExpireRows(self._table, None if column is None else column_name(column, self.kind)))

    @property
    def tree(self) -> TableChange:
        """The statement as a tree.

        Raises:
            StatementError: if there is nothing to do, or a column is there twice.
        """
        change = self._change
        if change is None:
            raise MissingClauseError(self.kind, "what to do", "call add(...), drop(...) or options(...)")
        if isinstance(change, AddColumns):
            keys.refuse_doubles([column.name for column in change.columns], "ADD", self.kind)
        elif isinstance(change, DropColumns):
            keys.refuse_doubles(change.columns, "DROP", self.kind)
        if not self._if_exists:
            return change
        if isinstance(change, ExpireRows):
            raise ClauseConflictError(self.kind, "IF EXISTS", "TTL")
        return where_there(change)

    def _there(self, if_exists: object) -> bool:
        return checked_flag(if_exists, "if_exists", self.kind)

    def _before(self, kind: type[C]) -> C | None:
        """Return what was given of the same kind."""
        if self._change is None or isinstance(self._change, kind):
            return self._change
        raise ClauseConflictError(self.kind, CHANGES[type(self._change)], CHANGES[kind])

    def _once(self, change: TableChange) -> Self:
        clause = CHANGES[type(change)]
        if self._change is None:
            return self._with(_change=change)
        if type(self._change) is type(change):
            raise RepeatedClauseError(self.kind, clause)
        raise ClauseConflictError(self.kind, CHANGES[type(self._change)], clause)


def create_table(table: str | TableName) -> CreateTableBuilder:
    """Return a CREATE TABLE.

    The table is given as `"table"`, `"keyspace.table"` or `TableName`.

    Raises:
        StatementError: if it is none of these.

    >>> from cql_builder import create_table
    >>> votes = create_table("votes").column("poll", "uuid").column("at", "timestamp")
    >>> votes.partition_key("poll").clustering_key("at").clustering_order(at="DESC").compile().cql
    'CREATE TABLE votes (poll uuid, at timestamp, PRIMARY KEY (poll, at)) WITH CLUSTERING ORDER BY (at DESC)'
    """
    return CreateTableBuilder(table_name(table, CreateTableBuilder.kind))


def create_table_like(
    table: str | TableName,
    source: str | TableName,
    *,
    including: Sequence[CopiedPart] = (),
    options: Mapping[str, OptionValue] | None = None,
    if_not_exists: bool = False,
) -> FinishedStatement:
    """Return a CREATE TABLE … LIKE: Cassandra 6.0.

    It makes an empty table with the columns and options of another.

    Raises:
        StatementError: if a name is none, or a part that is included is none.

    >>> from cql_builder import create_table_like
    >>> create_table_like("votes_2", "votes", including=["indexes"]).compile("cassandra-6.0").cql
    'CREATE TABLE votes_2 LIKE votes WITH INDEXES'
    """
    statement = "CREATE TABLE … LIKE"
    given = () if options is None else options_of(options, statement)
    names = table_name(table, statement), table_name(source, statement)
    return FinishedStatement(CopyTable(*names, _copied_parts(including, statement), given, if_not_exists))


def alter_table(table: str | TableName) -> AlterTableBuilder:
    """Return an ALTER TABLE.

    The table is given as `"table"`, `"keyspace.table"` or `TableName`.

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


def _copied_parts(given: object, statement: str) -> tuple[CopiedPart, ...]:
    if not is_collection(given):
        raise ArgumentError(statement, "including", "a list of what is copied too", given)
    parts: list[CopiedPart] = []
    for part in given:
        if not _is_copied_part(part):
            raise StatementError(statement, f"what is included is one of {', '.join(get_args(CopiedPart))}")
        parts.append(part)
    return tuple(parts)


def _is_copied_part(given: object) -> TypeGuard[CopiedPart]:
    return given in get_args(CopiedPart)


def _moment(timestamp: object, statement: str) -> IntegerLiteral:
    clause = clauses.USING_NUMBERS["timestamp"]
    given = clauses.whole_number(timestamp, None, clause, statement)
    if isinstance(given, int):
        return IntegerLiteral(str(given))
    raise ArgumentError(statement, clause.name, clause.expected, timestamp)
