"""`insert_into(...)`: INSERT, built clause by clause."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from cql_builder.ast.names import ColumnName
from cql_builder.ast.statements import Insert, InsertJson
from cql_builder.builder import clauses
from cql_builder.builder.names import checked_flag, named_values, table_name
from cql_builder.builder.parts import as_term
from cql_builder.builder.statement import StatementBuilder
from cql_builder.errors import (
    ArgumentError,
    ClauseConflictError,
    MissingClauseError,
    RepeatedClauseError,
    StatementError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Never, Self

    from cql_builder.ast.names import TableName
    from cql_builder.ast.terms import Term
    from cql_builder.builder.clauses import Microseconds, Seconds, Timeout, Using
    from cql_builder.builder.parts import Part

    BoundTerm = tuple[Term, tuple[object, ...]]


class InsertBuilder(StatementBuilder):
    """An INSERT. Made by `insert_into`.

    >>> from cql_builder import InsertBuilder, insert_into
    >>> isinstance(insert_into("t").values(id=1), InsertBuilder)
    True
    """

    kind: ClassVar[str] = "INSERT"
    _table: TableName
    _columns: dict[str, BoundTerm]
    _json: BoundTerm | None = None
    _default: Literal["null", "unset"] | None = None
    _if_not_exists: bool = False
    _using: Using = clauses.NO_USING

    def __init__(self, table: TableName) -> None:
        """Start with the table."""
        self.__dict__.update(_table=table, _columns={})

    def values(self, columns: Mapping[str, object] | None = None, /, **more: object) -> Self:
        """Write these values, by column name.

        Names that are no Python names go into the mapping.

        Raises:
            StatementError: if nothing is given, a column is given twice, or JSON was given.
        """
        if self._json is not None:
            raise ClauseConflictError(self.kind, "VALUES", "JSON")
        together = dict(self._columns)
        for name, value in named_values(columns, more, "values()", self.kind):
            if name in together:
                raise StatementError(self.kind, f"column {name!r} has two values")
            together[name] = as_term(value, "VALUES")
        if not together:
            raise MissingClauseError(self.kind, "VALUES", "values() takes at least one column")
        return self._with(_columns=together)

    def json(self, text: str | Part[Term], *, default_unset: bool = False, default_null: bool = False) -> Self:
        """Write a row given as a JSON text.

        Columns that it lacks become null, or with `default_unset` stay.

        With `default_null` the text says that they become null, which is what the server does anyway.

        Raises:
            StatementError: if values or another JSON text were given, or both defaults are wanted.
        """
        if self._columns:
            raise ClauseConflictError(self.kind, "VALUES", "JSON")
        if self._json is not None:
            raise RepeatedClauseError(self.kind, "JSON")
        checked_flag(default_unset, "default_unset", self.kind)
        if checked_flag(default_null, "default_null", self.kind) and default_unset:
            raise ClauseConflictError(self.kind, "DEFAULT UNSET", "DEFAULT NULL")
        if _is_no_text(text):
            raise ArgumentError(self.kind, "json()", "a JSON text as str", text)
        default = "unset" if default_unset else "null" if default_null else None
        return self._with(_json=as_term(text, "JSON"), _default=default)

    def if_not_exists(self) -> Self:
        """Write only where there is no such row: a lightweight transaction.

        Raises:
            RepeatedClauseError: if that was said before.
        """
        return self._switched_on("_if_not_exists", "IF NOT EXISTS")

    def using(
        self,
        *,
        ttl: Seconds | None = None,
        timestamp: Microseconds | None = None,
        timeout: Timeout | None = None,
        **others: Never,
    ) -> Self:
        """Write with a time to live in seconds, or at a timestamp in microseconds.

        An argument that is None counts as not given.

        A `timedelta` and a `datetime` with a time zone are converted, exactly. The timeout is ScyllaDB's, a duration
        such as `"50ms"`.

        Raises:
            StatementError: if one is plainly of the wrong kind, out of range, or given twice.
        """
        using = clauses.using_with(self._using, self.kind, others, ttl=ttl, timestamp=timestamp, timeout=timeout)
        return self._with(_using=using)

    @property
    def tree(self) -> Insert | InsertJson:
        """The statement as a tree, markers where values stand.

        Raises:
            MissingClauseError: if no values were given.
        """
        using = clauses.using_options(self._using)
        if self._json is not None:
            return InsertJson(self._table, self._json[0], self._default, self._if_not_exists, using)
        if not self._columns:
            raise MissingClauseError(self.kind, "VALUES", "give values(...) or json(...)")
        columns = tuple([ColumnName(name) for name in self._columns])
        terms = tuple([term for term, _ in self._columns.values()])
        return Insert(self._table, columns, terms, self._if_not_exists, using)

    @property
    def params(self) -> tuple[object, ...]:
        """What the markers stand for, in the order of the text."""
        written = self._columns.values() if self._json is None else (self._json,)
        values = tuple([value for _, values in written for value in values])
        return values + clauses.using_values(self._using) if self._using else values


def insert_into(table: str | TableName) -> InsertBuilder:
    """Return an INSERT into this table.

    It is given as `"table"`, `"keyspace.table"` or `TableName`.

    Raises:
        StatementError: if it is none of these.

    >>> from cql_builder import insert_into
    >>> insert_into("products").values({"id": 1, "order": "new"}).using(ttl=60).compile().cql
    'INSERT INTO products (id, "order") VALUES (?, ?) USING TTL ?'
    """
    return InsertBuilder(table_name(table, InsertBuilder.kind))


def _is_no_text(given: object) -> bool:
    """Return whether an object is plainly no text; any other may stand for one that is known later."""
    return given is None or isinstance(given, bytes | bytearray | int | float | list | dict | tuple | set)
