"""Functions as they are written in Python: `fn.count()`, `fn.token("a", "b") > 0`, `fn.now()`."""

from __future__ import annotations

from cql_builder.ast.names import FunctionName
from cql_builder.ast.terms import CountRows, FunctionCall, TimeToLive, Token, WriteTime
from cql_builder.builder.columns import Column, TokenOf, column_name
from cql_builder.builder.parts import FunctionTerm, Nameable
from cql_builder.errors import MissingClauseError


class Functions:
    """The functions of CQL, as methods. Columns are given by name or as `col(…)`."""

    __slots__ = ()

    def count(self, column: str | Column | None = None) -> Nameable[CountRows | FunctionCall]:
        """Return `COUNT(*)`, the number of rows, or `count(column)`, the number of rows that have the column."""
        return Nameable(CountRows()) if column is None else _aggregate("count", column)

    def min(self, column: str | Column) -> FunctionTerm:
        """Return `min(column)`."""
        return _aggregate("min", column)

    def max(self, column: str | Column) -> FunctionTerm:
        """Return `max(column)`."""
        return _aggregate("max", column)

    def sum(self, column: str | Column) -> FunctionTerm:
        """Return `sum(column)`, in the type of the column."""
        return _aggregate("sum", column)

    def avg(self, column: str | Column) -> FunctionTerm:
        """Return `avg(column)`, in the type of the column: whole numbers have a whole average."""
        return _aggregate("avg", column)

    def token(self, *columns: str | Column) -> TokenOf:
        """Return `token(…)` of the partition key columns, all of them, in the order of the key.

        Raises:
            MissingClauseError: if no column is given.

        >>> from cql_builder import fn, select
        >>> select("a").from_("t").where(fn.token("a", "b") > -5).compile().cql
        'SELECT a FROM t WHERE token(a, b) > ?'
        """
        if not columns:
            raise MissingClauseError("fn.token()", "the partition key", "name its columns")
        return TokenOf(Token(tuple([column_name(column, "fn.token()") for column in columns])))

    def writetime(self, column: str | Column) -> Nameable[WriteTime]:
        """Return `writetime(column)`, in microseconds since 1970."""
        return Nameable(WriteTime(column_name(column, "fn.writetime()")))

    def ttl(self, column: str | Column) -> Nameable[TimeToLive]:
        """Return `ttl(column)`, the seconds it still lives; null without end."""
        return Nameable(TimeToLive(column_name(column, "fn.ttl()")))

    def now(self) -> FunctionTerm:
        """Return `now()`: a timeuuid of this moment, made by the coordinator."""
        return FunctionTerm(FunctionCall(FunctionName("now")))

    def uuid(self) -> FunctionTerm:
        """Return `uuid()`: a random uuid, made by the coordinator."""
        return FunctionTerm(FunctionCall(FunctionName("uuid")))


fn = Functions()
"""The functions of CQL: `fn.count()`, `fn.token("id")`, `fn.now()`."""


def _aggregate(name: str, column: str | Column) -> FunctionTerm:
    return FunctionTerm(FunctionCall(FunctionName(name), (column_name(column, f"fn.{name}()"),)))
