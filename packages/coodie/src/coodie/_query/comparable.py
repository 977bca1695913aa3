"""What CQL cannot compare, with the way out: it is refused before a server has to."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from coodie._schema.annotations import bare
from coodie._schema.indexes import RANGES, durations_in, holds_durations

if TYPE_CHECKING:
    from coodie._schema.columns import Column
    from coodie._schema.cql_types import ColumnType

REFUSED: Final = {
    "!=": "CQL has no != in WHERE: query the wanted values with __in or a range, or filter in Python; "
    "__ne works in if_conditions",
    "IS NULL": "CQL has no IS NULL in WHERE: store a marker value and query that, or filter in Python",
}
"""The operators that WHERE has for no column."""

IN_IF: Final = frozenset({"=", "!=", "IN", *RANGES})
"""The operators of a condition, of a column and of an entry."""


def fault_in_where(column: Column, operator: str) -> str | None:
    """Why WHERE cannot compare a column in this way; None where it can."""
    if operator in REFUSED:
        return REFUSED[operator]
    if column.vector_index is not None:
        return (
            "its index finds the vectors that are most alike, by order_by_ann(), and compares by nothing else; find "
            "the rows by their key and compare in Python, or leave VectorIndex() out"
        )
    if column.type.user_type is not None and column.type.is_changing:
        return "CQL compares no user type that can change; mark the field Frozen()"
    if column.type.is_changing and not operator.startswith("CONTAINS"):
        return "CQL compares no collection that can change; look into it with __contains, or mark the field Frozen()"
    return fault_of_order(column, operator)


def fault_in_if(column: Column, operator: str) -> str | None:
    """Why IF cannot compare a column in this way; None where it can."""
    if operator not in IN_IF:
        return "a condition compares by value, __ne, __gt, __gte, __lt, __lte or __in"
    return fault_of_order(column, operator)


def fault_of_order(column: Column, operator: str) -> str | None:
    """Why a column cannot be compared by size, as this operator does; None where it can, or the operator does not."""
    if operator not in RANGES or not holds_durations(column.type):
        return None
    return f"{without_order(column.type)}; {marked_otherwise(column) or 'ask by equality'}, or compare in Python"


def without_order(held: ColumnType) -> str:
    """That a type which holds durations has no order."""
    if held.cql == "duration":
        return "a duration has no order"
    place = next(durations_in(held))
    return f"durations have no order{f' ({place} is one)' if place else ''}, so CQL {held.cql} has none"


def marked_otherwise(column: Column) -> str | None:
    """How the field of a duration gets an order, where a marker is enough."""
    core = bare(column.annotation)
    if column.type.cql == "duration" and isinstance(core, type) and issubclass(core, dt.timedelta):
        return "mark the field BigInt(), as which a timedelta has one"
    return None
