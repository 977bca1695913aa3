"""Lookups as relations of cql_builder, of WHERE or of IF."""

from __future__ import annotations

import operator as operators
from typing import TYPE_CHECKING, Any

from coodie._query.lookups import OF_ENTRY
from coodie._query.plans import Slot
from cql_builder import col, fn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie._query.lookups import Lookup

_COMPARISONS: dict[str, Any] = {
    "=": operators.eq,
    "!=": operators.ne,
    ">": operators.gt,
    ">=": operators.ge,
    "<": operators.lt,
    "<=": operators.le,
}


def relation(lookup: Lookup, place: int) -> Any:
    """A lookup compared with the input of a place."""
    operator, value = lookup.operator, Slot(place)
    if lookup.is_token:
        return _COMPARISONS[operator.removeprefix("TOKEN ")](
            fn.token(*(column.name for column in lookup.partition)), value
        )
    column: Any = col(lookup.column.name)
    if operator.startswith(OF_ENTRY):
        operator = operator.removeprefix(OF_ENTRY)
        column, value = column[Slot(place, 0)], Slot(place, 1)
    if operator == "IN":
        return column.in_(value)
    if operator == "CONTAINS":
        return column.contains(value)
    if operator == "CONTAINS KEY":
        return column.contains_key(value)
    if operator == "LIKE":
        return column.like(value)
    return _COMPARISONS[operator](column, value)


def where(built: Any, lookups: Sequence[Lookup], first: int = 0) -> Any:
    """A statement restricted by lookups, their values the inputs from `first` on."""
    for place, lookup in enumerate(lookups):
        built = built.where(relation(lookup, first + place))
    return built
