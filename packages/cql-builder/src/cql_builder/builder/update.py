"""`update(...)`: UPDATE, built clause by clause."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from cql_builder.ast.clauses import Assign
from cql_builder.ast.names import ColumnName
from cql_builder.ast.statements import Update
from cql_builder.builder import clauses
from cql_builder.builder.literals import is_mapping
from cql_builder.builder.parts import Assignment, as_term, nodes_of, values_of
from cql_builder.builder.statement import StatementBuilder, table_name
from cql_builder.errors import ArgumentError, ClauseConflictError, MissingClauseError, StatementError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from typing_extensions import Self

    from cql_builder.ast.clauses import Assignment as AssignmentNode
    from cql_builder.ast.names import TableName
    from cql_builder.builder.parts import Condition


class UpdateBuilder(StatementBuilder):
    """An UPDATE. Made by `update`."""

    kind: ClassVar[str] = "UPDATE"
    _table: TableName
    _assignments: tuple[Assignment, ...] = ()
    _where: tuple[Condition, ...] = ()
    _conditions: tuple[Condition, ...] = ()
    _if_exists: bool = False
    _ttl: object = None
    _timestamp: object = None

    def __init__(self, table: TableName) -> None:
        """Start with the table."""
        self.__dict__.update(_table=table)

    def using(self, *, ttl: object = None, timestamp: object = None) -> Self:
        """Write with a time to live in seconds, or at a timestamp in microseconds; None is not given.

        Raises:
            StatementError: if one is plainly no whole number, out of range, or given twice.
        """
        return self._with(
            _ttl=clauses.whole_number(ttl, self._ttl, clauses.TTL, self.kind),
            _timestamp=clauses.whole_number(timestamp, self._timestamp, clauses.TIMESTAMP, self.kind),
        )

    def set(self, *assignments: Mapping[str, object] | Assignment, **columns: object) -> Self:
        """Assign values by column name, or as `col("tags").add(…)`; assignments given before hold on.

        Raises:
            StatementError: if nothing is given, or a column is assigned as a whole and once more.

        >>> from cql_builder import col, update
        >>> update("t").set({"name": "x"}, col("tags").add({"new"})).where(col("id") == 1).compile().cql
        'UPDATE t SET name = ?, tags = tags + ? WHERE id = ?'
        """
        together = (*self._assignments, *_assignments(assignments, columns))
        if not together:
            raise MissingClauseError(self.kind, "SET", "set() takes at least one column")
        _refuse_double_assignments(together)
        return self._with(_assignments=together)

    def where(self, *conditions: Condition) -> Self:
        """Write the row that the conditions name; conditions given before hold on.

        Raises:
            StatementError: if one is no condition, or possible in IF alone.
        """
        return self._with(_where=self._where + clauses.where_conditions(conditions, self.kind))

    def if_(self, *conditions: Condition) -> Self:
        """Write only where all conditions hold for the row: a lightweight transaction.

        Raises:
            StatementError: if one is no condition or possible in WHERE alone, or `if_exists` was given.
        """
        if self._if_exists:
            raise ClauseConflictError(self.kind, "IF EXISTS", "IF with conditions")
        return self._with(_conditions=self._conditions + clauses.if_conditions(conditions, self.kind))

    def if_exists(self) -> Self:
        """Write only where there is such a row: a lightweight transaction.

        Raises:
            ClauseConflictError: if conditions were given.
        """
        if self._conditions:
            raise ClauseConflictError(self.kind, "IF EXISTS", "IF with conditions")
        return self._with(_if_exists=True)

    @property
    def tree(self) -> Update:
        """The statement as a tree, markers where values stand.

        Raises:
            MissingClauseError: if nothing is assigned, or no row is named.
        """
        if not self._assignments:
            raise MissingClauseError(self.kind, "SET", "give set(...)")
        if not self._where:
            raise MissingClauseError(self.kind, "WHERE", "name the row with where(...)")
        return Update(
            self._table,
            nodes_of(self._assignments),
            nodes_of(self._where),
            clauses.using_options(self._ttl, self._timestamp),
            nodes_of(self._conditions),
            self._if_exists,
        )

    @property
    def params(self) -> tuple[object, ...]:
        """What the markers stand for, in the order of the text."""
        using = clauses.given_values(self._ttl, self._timestamp)
        return using + values_of(self._assignments, self._where, self._conditions)


def update(table: str | TableName) -> UpdateBuilder:
    """Return an UPDATE of this table, given as `"table"`, `"keyspace.table"` or `TableName`.

    Raises:
        StatementError: if it is none of these.

    >>> from cql_builder import col, update
    >>> update("shop.stock").set(left=9).where(col("id") == 7).if_(col("left") == 10).compile()
    Compiled('UPDATE shop.stock SET left = ? WHERE id = ? IF left = ?', 3 values)
    """
    return UpdateBuilder(table_name(table, UpdateBuilder.kind))


def _assignments(given: Sequence[object], columns: Mapping[str, object]) -> Iterator[Assignment]:
    for assignment in given:
        if isinstance(assignment, Assignment):
            yield assignment
        elif is_mapping(assignment):
            for name, value in clauses.named_values(assignment, {}, "set()", UpdateBuilder.kind):
                yield _assign(name, value)
        else:
            expected = 'mappings, assignments such as col("tags").add(…), and keywords'
            raise ArgumentError(UpdateBuilder.kind, "set()", expected, assignment)
    for name, value in columns.items():
        yield _assign(name, value)


def _assign(name: str, value: object) -> Assignment:
    term, values = as_term(value, "SET")
    return Assignment(Assign(ColumnName(name), term), values)


def _refuse_double_assignments(assignments: Sequence[Assignment]) -> None:
    """Refuse what Cassandra calls "multiple incompatible setting": a column set as a whole beside anything else."""
    whole: set[ColumnName] = set()
    touched: set[ColumnName] = set()
    for assignment in assignments:
        column, is_whole = _assigned(assignment.node)
        if column in whole or (is_whole and column in touched):
            raise StatementError(UpdateBuilder.kind, f"column {column.name!r} is assigned twice")
        touched.add(column)
        if is_whole:
            whole.add(column)


def _assigned(node: AssignmentNode) -> tuple[ColumnName, bool]:
    """Return the column that is written to, and whether all of it is."""
    if isinstance(node, Assign):
        return (node.target, True) if isinstance(node.target, ColumnName) else (node.target.column, False)
    return node.column, False
