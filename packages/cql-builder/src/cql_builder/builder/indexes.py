"""`create_index` and `drop_index`: the statements about indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from cql_builder.ast.definitions import CreateIndex, DropIndex, IndexTarget
from cql_builder.ast.names import IndexName
from cql_builder.builder.columns import column_name
from cql_builder.builder.literals import map_literal
from cql_builder.builder.statement import FinishedStatement, StatementBuilder, table_name
from cql_builder.errors import ArgumentError, MissingClauseError, RepeatedClauseError, StatementError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self

    from cql_builder.ast.definitions import IndexPart
    from cql_builder.ast.names import TableName
    from cql_builder.ast.terms import MapLiteral

INDEX_PARTS = ("keys", "values", "entries", "full")
"""The parts of a collection that an index can be made of."""


class CreateIndexBuilder(StatementBuilder):
    """A CREATE INDEX. Made by `create_index`."""

    kind: ClassVar[str] = "CREATE INDEX"
    _name: str | None
    _table: TableName | None = None
    _target: IndexTarget | None = None
    _using: str | None = None
    _options: MapLiteral | None = None
    _if_not_exists: bool = False

    def __init__(self, name: str | None) -> None:
        """Start with the name; None leaves it to the server, which takes `<table>_<column>_idx`."""
        self.__dict__.update(_name=name)

    def on(self, table: str | TableName, column: str, part: IndexPart | None = None) -> Self:
        """Index a column of a table, or a part of a collection: `keys`, `values`, `entries`, `full`.

        Raises:
            StatementError: if a name is none, the part is none of these, or the target was given before.
        """
        if self._target is not None:
            raise RepeatedClauseError(self.kind, "ON")
        if part is not None and part not in INDEX_PARTS:
            raise StatementError(self.kind, f"a part of a collection is one of {', '.join(INDEX_PARTS)}")
        return self._with(
            _table=table_name(table, self.kind), _target=IndexTarget(column_name(column, self.kind), part)
        )

    def using(self, index_class: str, options: Mapping[str, str | int | float | bool] | None = None) -> Self:
        """Make it an index of this class, such as `sai`, with its options.

        Raises:
            StatementError: if the class is no str, an option no constant, or a class was given before.
        """
        if self._using is not None:
            raise RepeatedClauseError(self.kind, "USING")
        return self._with(
            _using=_text(index_class, "using()"),
            _options=None if options is None else map_literal(options, self.kind, "OPTIONS"),
        )

    def if_not_exists(self) -> Self:
        """Do nothing where there is such an index."""
        return self._with(_if_not_exists=True)

    @property
    def tree(self) -> CreateIndex:
        """The statement as a tree.

        Raises:
            MissingClauseError: if no column was given.
        """
        if self._table is None or self._target is None:
            raise MissingClauseError(self.kind, "ON", "name the table and column with on(table, column)")
        return CreateIndex(self._name, self._table, self._target, self._using, self._options, self._if_not_exists)


def create_index(name: str | None = None) -> CreateIndexBuilder:
    """Return a CREATE INDEX; it lives in the keyspace of its table, so its name has none.

    Raises:
        ArgumentError: if the name is no str.

    >>> from cql_builder import create_index
    >>> create_index("by_tag").on("shop.products", "tags").compile().cql
    'CREATE INDEX by_tag ON shop.products (tags)'
    >>> create_index().on("products", "stock", "keys").using("sai").if_not_exists().compile().cql
    "CREATE INDEX IF NOT EXISTS ON products (keys(stock)) USING 'sai'"
    """
    return CreateIndexBuilder(None if name is None else _text(name, "the name of the index"))


def drop_index(index: str | IndexName, *, if_exists: bool = False) -> FinishedStatement:
    """Return a DROP INDEX, the index given as `"index"`, `"keyspace.index"` or `IndexName`.

    Raises:
        StatementError: if the name is none.

    >>> from cql_builder import drop_index
    >>> drop_index("shop.by_tag").compile().cql
    'DROP INDEX shop.by_tag'
    """
    if not isinstance(index, IndexName):
        name = table_name(index, "DROP INDEX")
        index = IndexName(name.name, name.keyspace)
    return FinishedStatement(DropIndex(index, if_exists))


def _text(given: object, argument: str) -> str:
    if isinstance(given, str):
        return given
    raise ArgumentError(CreateIndexBuilder.kind, argument, "a str", given)
