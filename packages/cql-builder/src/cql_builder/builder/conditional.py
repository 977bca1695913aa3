"""What UPDATE and DELETE share: rows named by WHERE, and conditions after IF."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from cql_builder.builder import clauses
from cql_builder.builder.statement import StatementBuilder
from cql_builder.errors import ClauseConflictError

if TYPE_CHECKING:
    from typing_extensions import Never, Self

    from cql_builder.ast.names import TableName
    from cql_builder.builder.clauses import Using
    from cql_builder.builder.parts import Condition


class ConditionalBuilder(StatementBuilder):
    """A statement that writes the rows of WHERE where the conditions of IF hold."""

    _table: TableName
    _where: tuple[Condition, ...] = ()
    _conditions: tuple[Condition, ...] = ()
    _if_exists: bool = False
    _using: Using = clauses.NO_USING

    def __init__(self, table: TableName) -> None:
        """Start with the table."""
        self.__dict__.update(_table=table)

    @overload
    def where(self, condition: Condition, /) -> Self: ...
    @overload
    def where(self, condition: Condition, /, *more: Condition) -> Self: ...
    def where(self, *conditions: Condition, **columns: Never) -> Self:
        """Write the rows that the conditions name; conditions given before hold on.

        Raises:
            StatementError: if nothing is given, one is no condition, or possible in IF alone.
        """
        clauses.refuse_keywords(columns, self.kind, "where()")
        clauses.refuse_none(conditions, self.kind, "WHERE")
        return self._with(_where=self._where + clauses.where_conditions(conditions, self.kind))

    @overload
    def if_(self, condition: Condition, /) -> Self: ...
    @overload
    def if_(self, condition: Condition, /, *more: Condition) -> Self: ...
    def if_(self, *conditions: Condition, **columns: Never) -> Self:
        """Write only where all conditions hold for the row: a lightweight transaction.

        Raises:
            StatementError: if nothing is given, one is no condition or possible in WHERE alone, or `if_exists` was
                given.
        """
        clauses.refuse_keywords(columns, self.kind, "if_()")
        if self._if_exists:
            raise ClauseConflictError(self.kind, "IF EXISTS", "IF with conditions")
        return self._with(_conditions=self._conditions + clauses.if_conditions(conditions, self.kind))

    def if_exists(self) -> Self:
        """Write only where there is such a row: a lightweight transaction.

        Raises:
            ClauseConflictError: if conditions were given.
            RepeatedClauseError: if that was said before.
        """
        if self._conditions:
            raise ClauseConflictError(self.kind, "IF EXISTS", "IF with conditions")
        return self._switched_on("_if_exists", "IF EXISTS")
