"""Which assignments of one UPDATE exclude each other, as far as the statement alone shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cql_builder.ast.clauses import Assign
from cql_builder.ast.names import ColumnName
from cql_builder.ast.terms import Element, Field, RowReference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cql_builder.ast.clauses import Assignment

_WHOLE = "whole"
_REFERENCE = "reference"
_PART = "part"


class Exclusion(NamedTuple):
    """An assignment that one before it excludes.

    Attributes:
        at: which of the assignments it is, counted from 0.
        reason: why it cannot be, and what to do.
    """

    at: int
    reason: str


def first_exclusion(assignments: Sequence[Assignment]) -> Exclusion | None:
    """Return the first assignment that one before it excludes; None where all of them go together.

    A column that is assigned as a whole is assigned in no other way, a field once, and a column that gets what a
    transaction has read in no other way either. Elements go with each other, and so does what is added, taken away or
    prepended. The rules are those of `Operation.RawUpdate.isCompatibleWith` in Cassandra 4.0 to 6.0, of
    `UpdateStatement.OperationCollector` in 6.0, and of `update_statement::prepare_internal` in ScyllaDB.
    """
    columns = [assigned_to(assignment) for assignment in assignments]
    if len(set(columns)) == len(columns):
        return None
    ways: dict[object, set[object]] = {}
    for index, (column, assignment) in enumerate(zip(columns, assignments, strict=True)):
        before = ways.setdefault(column, set())
        way = _way(assignment)
        reason = _excluded(column.name, way, before) if isinstance(column, ColumnName) else ""
        if reason:
            return Exclusion(index, reason)
        before.add(way)
    return None


def assigned_to(assignment: Assignment) -> object:
    """Return the column that an assignment is to, or what a tree has in its place."""
    part: object = assignment.target if isinstance(assignment, Assign) else assignment.column
    while isinstance(part, Element | Field):
        part = part.receiver
    return part


def _way(assignment: Assignment) -> object:
    """Return how a column is assigned; of a field, the field."""
    if isinstance(assignment.value, RowReference):
        return _REFERENCE
    if not isinstance(assignment, Assign) or isinstance(assignment.target, Element):
        return _PART
    return assignment.target if isinstance(assignment.target, Field) else _WHOLE


def _excluded(column: str, way: object, before: set[object]) -> str:
    if not before:
        return ""
    twice = f"column {column!r} is assigned twice"
    ways = {way, *before}
    if ways == {_WHOLE}:
        return f"{twice}; assign it once"
    if _REFERENCE in ways:
        return f"{twice}, and once what the transaction has read; leave one of the two out"
    if _WHOLE in ways:
        return f"{twice}, and once as a whole; leave one of the two out"
    return f"field {way.name!r} of {twice}; assign it once" if isinstance(way, Field) and way in before else ""
