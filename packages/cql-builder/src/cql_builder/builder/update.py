"""`update(...)`: UPDATE, built clause by clause."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from cql_builder.analysis.walking import find
from cql_builder.ast.clauses import Add, Assign, Prepend, Subtract
from cql_builder.ast.names import ColumnName
from cql_builder.ast.statements import Update
from cql_builder.ast.terms import Arithmetic, Bind, FloatLiteral, IntegerLiteral
from cql_builder.builder import clauses
from cql_builder.builder.conditional import ConditionalBuilder
from cql_builder.builder.literals import is_mapping
from cql_builder.builder.names import named_values, table_name
from cql_builder.builder.parts import Assignment, CounterChange, Part, as_term, is_part, nodes_of, values_of
from cql_builder.builder.sharing import shared_column
from cql_builder.compiler.exclusions import assigned_to, first_exclusion
from cql_builder.errors import ArgumentError, ClauseConflictError, MissingClauseError, StatementError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from typing_extensions import Never, Self

    from cql_builder.ast.clauses import Assignment as AssignmentNode
    from cql_builder.ast.names import TableName
    from cql_builder.ast.terms import ArithmeticOperator, Selectable
    from cql_builder.builder.clauses import Microseconds, Seconds, Timeout


class UpdateBuilder(ConditionalBuilder):
    """An UPDATE. Made by `update`.

    >>> from cql_builder import UpdateBuilder, col, update
    >>> isinstance(update("t").set(a=1).where(col("id") == 1), UpdateBuilder)
    True
    """

    kind: ClassVar[str] = "UPDATE"
    _assignments: tuple[Assignment, ...] = ()
    _counts: bool = False

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

    def set(self, *assignments: Mapping[str, object] | Assignment, **columns: object) -> Self:
        """Assign values by column name, or as `col("tags").add(…)`.

        Assignments given before hold on.

        What CQL can compute of a column itself can be written as such: `set(votes=col("votes") + 1)`.

        Raises:
            StatementError: if nothing is given, or a column is assigned as a whole and once more.

        >>> from cql_builder import col, update
        >>> update("t").set({"name": "x"}, col("tags").add({"new"})).where(col("id") == 1).compile().cql
        'UPDATE t SET name = ?, tags = tags + ? WHERE id = ?'
        >>> update("t").set(col("m")["k"].set(1), votes=col("votes") - 1).where(col("id") == 1).compile().cql
        'UPDATE t SET m[?] = ?, votes = votes - ? WHERE id = ?'
        """
        together = (*self._assignments, *_assignments(assignments, columns))
        if not together:
            raise MissingClauseError(self.kind, "SET", "set() takes at least one column")
        _refuse_double_assignments(together)
        return self._with(_assignments=together, _counts=any(isinstance(each, CounterChange) for each in together))

    @property
    def tree(self) -> Update:
        """The statement as a tree, markers where values stand.

        Raises:
            MissingClauseError: if nothing is assigned, or no row is named.
            StatementError: if counters are incremented beside what a counter does not go with.
        """
        if not self._assignments:
            raise MissingClauseError(self.kind, "SET", "give set(...)")
        if not self._where:
            raise MissingClauseError(self.kind, "WHERE", "name the row with where(...)")
        if self._counts:
            self._refuse_beside_counters()
        return Update(
            self._table,
            nodes_of(self._assignments),
            nodes_of(self._where),
            clauses.using_options(self._using),
            nodes_of(self._conditions),
            self._if_exists,
        )

    @property
    def params(self) -> tuple[object, ...]:
        """What the markers stand for, in the order of the text."""
        return clauses.using_values(self._using) + values_of(self._assignments, self._where, self._conditions)

    def _refuse_beside_counters(self) -> None:
        for option in ("ttl", "timestamp"):
            if option in self._using:
                raise ClauseConflictError(self.kind, "a counter", option.upper())
        if self._if_exists or self._conditions:
            raise ClauseConflictError(self.kind, "a counter", "IF")
        if any(isinstance(each.node, Assign) for each in self._assignments):
            raise StatementError(
                self.kind,
                "a table with counters has nothing else to write; set other columns in a table of their own",
            )


def changes_counters(write: object) -> bool:
    """Return whether it is an UPDATE of counters, which `increment()` and `decrement()` say."""
    return isinstance(write, UpdateBuilder) and vars(write).get("_counts", False) is True


def update(table: str | TableName) -> UpdateBuilder:
    """Return an UPDATE of this table.

    It is given as `"table"`, `"keyspace.table"` or `TableName`.

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
            for name, value in named_values(assignment, {}, "set()", UpdateBuilder.kind):
                yield _assign(name, value)
        else:
            expected = 'mappings, assignments such as col("tags").add(…), and keywords'
            raise ArgumentError(UpdateBuilder.kind, "set()", expected, assignment)
    for name, value in columns.items():
        yield _assign(name, value)


def _assign(name: str, value: object) -> Assignment:
    column = shared_column(name)
    if is_part(value) and isinstance(value.node, Arithmetic):
        computed = _computed(column, value.node, value.values)
        if computed is not None:
            return Assignment(computed, value.values)
    term, values = as_term(value, "SET")
    return Assignment(Assign(column, term), values)


def _computed(column: ColumnName, node: Arithmetic, values: tuple[object, ...]) -> AssignmentNode | None:
    """Return the assignment of what is computed of a column; None where there is no column in it.

    Raises:
        StatementError: if it is another column than the assigned one, or CQL cannot compute it.
    """
    left, right = isinstance(node.left, ColumnName), isinstance(node.right, ColumnName)
    if not left and not right:
        if any(True for _ in find(node, ColumnName)):
            name = column.name
            raise StatementError(UpdateBuilder.kind, f"of a column, CQL computes one sum or difference: {name} + …")
        return None
    if left and right:
        raise StatementError(UpdateBuilder.kind, "CQL computes of one column and a value; read the other column first")
    if column != (node.left if left else node.right):
        raise StatementError(
            UpdateBuilder.kind, f"{column.name!r} can be computed of itself alone; read the other column first"
        )
    if right and node.operator == "+" and _is_number(node.left, values):
        name = column.name
        raise StatementError(
            UpdateBuilder.kind,
            f"… + {name} puts a list before the list in it; of a counter write col({name!r}) + 1, "
            f"of a list col({name!r}).prepend([…])",
        )
    return _change(column, node.operator, node.right if left else node.left, left=left)


def _is_number(node: Selectable, values: tuple[object, ...]) -> bool:
    """Return whether a term before a column is plainly a number; any other object may stand for a list."""
    if isinstance(node, Bind):
        return isinstance(values[0], int | float)
    return isinstance(node, IntegerLiteral | FloatLiteral)


def _change(column: ColumnName, operator: ArithmeticOperator, other: Selectable, *, left: bool) -> AssignmentNode:
    term = as_term(Part(other), "SET")[0]
    if operator == "+":
        return Add(column, term) if left else Prepend(column, term)
    if operator == "-" and left:
        return Subtract(column, term)
    raise StatementError(UpdateBuilder.kind, f"of a column, CQL computes {column.name} + … and {column.name} - … alone")


def _refuse_double_assignments(assignments: Sequence[Assignment]) -> None:
    """Refuse assignments that exclude each other, and those to anything but a column and its parts."""
    nodes = nodes_of(assignments)
    for node in nodes:
        column = assigned_to(node)
        if not isinstance(column, ColumnName):
            raise ArgumentError(UpdateBuilder.kind, "set()", "columns, elements and fields", column)
    excluded = first_exclusion(nodes)
    if excluded is not None:
        raise StatementError(UpdateBuilder.kind, excluded.reason)
