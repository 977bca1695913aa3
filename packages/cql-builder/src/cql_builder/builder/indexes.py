"""`create_index`, `drop_index`, `create_trigger`, `drop_trigger`: the statements about what hangs on a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, get_args

from cql_builder.ast.definitions import Option
from cql_builder.ast.indexes import (
    CreateIndex,
    CreateTrigger,
    DropIndex,
    DropTrigger,
    IndexPart,
    IndexTarget,
    LocalIndexTarget,
)
from cql_builder.builder import keys
from cql_builder.builder.columns import column_name
from cql_builder.builder.definitions import CreatingBuilder
from cql_builder.builder.literals import map_literal
from cql_builder.builder.names import checked_name, index_name, own_index_name, table_name
from cql_builder.builder.statement import FinishedStatement
from cql_builder.errors import MissingClauseError, RepeatedClauseError, StatementError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self

    from cql_builder.ast.names import IndexName, TableName
    from cql_builder.ast.terms import MapLiteral


class CreateIndexBuilder(CreatingBuilder):
    """A CREATE INDEX. Made by `create_index`."""

    kind: ClassVar[str] = "CREATE INDEX"
    _name: str | None
    _table: TableName | None = None
    _targets: tuple[IndexTarget, ...] = ()
    _partition_key: LocalIndexTarget | None = None
    _using: str | None = None
    _custom: bool = False
    _class_options: MapLiteral | None = None

    def __init__(self, name: str | None) -> None:
        """Start with the name; None leaves it to the server, which takes `<table>_<column>_idx`."""
        self.__dict__.update(_name=name)

    def on(self, table: str | TableName, column: str, part: IndexPart | None = None) -> Self:
        """Index a column of a table, or a part of a collection.

        The parts are `keys`, `values`, `entries` and `full`.

        Raises:
            StatementError: if a name is none, the part is none of these, or the target was given before.
        """
        if self._table is not None:
            raise RepeatedClauseError(self.kind, "ON")
        return self._with(_table=table_name(table, self.kind), _targets=self._further(column, part))

    def and_column(self, column: str, part: IndexPart | None = None) -> Self:
        """Index a further column, where the class of the index can.

        Raises:
            StatementError: if a name is none, or the part of a collection is none.
        """
        return self._with(_targets=self._further(column, part))

    def within_partition(self, *partition_key: str) -> Self:
        """Index the rows of each partition by themselves, named by its key: ScyllaDB.

        Raises:
            StatementError: if there are no columns, one is there twice, or they were given before.

        >>> from cql_builder import create_index
        >>> create_index().on("t", "b").within_partition("a").compile("scylla").cql
        'CREATE INDEX ON t ((a), b)'
        """
        if self._partition_key is not None:
            raise RepeatedClauseError(self.kind, "the partition key")
        columns = keys.key_columns(partition_key, (), "the partition key", self.kind)
        return self._with(_partition_key=LocalIndexTarget(columns))

    def using(self, index_class: str, options: Mapping[str, str | int | float | bool] | None = None) -> Self:
        """Make it an index of this class, such as `sai`, with its options.

        Raises:
            StatementError: if the class is no str, an option no constant, or a class was given before.
        """
        return self._of_class(index_class, options, custom=False)

    def custom(self, index_class: str, options: Mapping[str, str | int | float | bool] | None = None) -> Self:
        """Make it a CUSTOM INDEX of this class, with its options.

        Servers before Cassandra 5.0 want it so.

        Raises:
            StatementError: if the class is no str, an option no constant, or a class was given before.

        >>> from cql_builder import create_index
        >>> create_index("by_text").on("t", "a").custom("StorageAttachedIndex").compile().cql
        "CREATE CUSTOM INDEX by_text ON t (a) USING 'StorageAttachedIndex'"
        """
        return self._of_class(index_class, options, custom=True)

    @property
    def tree(self) -> CreateIndex:
        """The statement as a tree.

        Raises:
            MissingClauseError: if no column was given.
            StatementError: if a column is there twice in the same way.
        """
        if self._table is None:
            raise MissingClauseError(self.kind, "ON", "name the table and column with on(table, column)")
        for target in self._targets:
            if self._targets.count(target) > 1:
                raise StatementError(self.kind, f"{target.column.name!r} is indexed twice")
        options = () if self._class_options is None else (Option("options", self._class_options),)
        return CreateIndex(
            self._name,
            self._table,
            self._targets if self._partition_key is None else (self._partition_key, *self._targets),
            self._using,
            options + self._options,
            self._if_not_exists,
            self._custom,
        )

    def _further(self, column: str, part: IndexPart | None) -> tuple[IndexTarget, ...]:
        if part is not None and part not in get_args(IndexPart):
            raise StatementError(self.kind, f"a part of a collection is one of {', '.join(get_args(IndexPart))}")
        return (*self._targets, IndexTarget(column_name(column, self.kind), part))

    def _of_class(self, index_class: object, options: object, *, custom: bool) -> Self:
        if self._using is not None:
            raise RepeatedClauseError(self.kind, "USING")
        return self._with(
            _using=checked_name(index_class, self.kind, "custom()" if custom else "using()"),
            _class_options=None if options is None else map_literal(options, self.kind, "options"),
            _custom=custom,
        )


def create_index(name: str | IndexName | None = None) -> CreateIndexBuilder:
    """Return a CREATE INDEX.

    An index lives in the keyspace of its table, so its name has none.

    Raises:
        ArgumentError: if the name is neither a str nor an `IndexName`.
        StatementError: if it has a keyspace.

    >>> from cql_builder import create_index
    >>> create_index("by_tag").on("shop.products", "tags").compile().cql
    'CREATE INDEX by_tag ON shop.products (tags)'
    >>> create_index().on("products", "stock", "keys").using("sai").if_not_exists().compile().cql
    "CREATE INDEX IF NOT EXISTS ON products (keys(stock)) USING 'sai'"
    """
    return CreateIndexBuilder(None if name is None else own_index_name(name, CreateIndexBuilder.kind))


def drop_index(index: str | IndexName, *, if_exists: bool = False) -> FinishedStatement:
    """Return a DROP INDEX.

    The index is given as `"index"`, `"keyspace.index"` or `IndexName`.

    Raises:
        StatementError: if the name is none.

    >>> from cql_builder import drop_index
    >>> drop_index("shop.by_tag").compile().cql
    'DROP INDEX shop.by_tag'
    """
    return FinishedStatement(DropIndex(index_name(index, "DROP INDEX"), if_exists))


def create_trigger(name: str, *, on: str | TableName, using: str, if_not_exists: bool = False) -> FinishedStatement:
    """Return a CREATE TRIGGER.

    A Java class on each node is told of each write to a table.

    Raises:
        StatementError: if a name is none.

    >>> from cql_builder import create_trigger
    >>> create_trigger("audit", on="shop.products", using="org.example.Audit").compile().cql
    "CREATE TRIGGER audit ON shop.products USING 'org.example.Audit'"
    """
    statement = "CREATE TRIGGER"
    trigger = checked_name(name, statement, "the name of the trigger")
    java_class = checked_name(using, statement, "using")
    return FinishedStatement(CreateTrigger(trigger, table_name(on, statement), java_class, if_not_exists))


def drop_trigger(name: str, *, on: str | TableName, if_exists: bool = False) -> FinishedStatement:
    """Return a DROP TRIGGER.

    Raises:
        StatementError: if a name is none.

    >>> from cql_builder import drop_trigger
    >>> drop_trigger("audit", on="shop.products", if_exists=True).compile().cql
    'DROP TRIGGER IF EXISTS audit ON shop.products'
    """
    statement = "DROP TRIGGER"
    trigger = checked_name(name, statement, "the name of the trigger")
    return FinishedStatement(DropTrigger(trigger, table_name(on, statement), if_exists))
