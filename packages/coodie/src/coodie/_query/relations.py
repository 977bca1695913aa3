"""Lookups as relations of cql_builder, of WHERE or of IF."""

from __future__ import annotations

import operator as operators
from typing import TYPE_CHECKING, Any

from coodie._query.lookups import LOOKUPS, OF_ENTRY
from coodie._query.plans import Slot
from cql_builder import col, fn

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from coodie._query.lookups import Lookup
    from coodie._schema.columns import Column, ModelSchema

_COMPARISONS: dict[str, Any] = {
    "=": operators.eq,
    "!=": operators.ne,
    ">": operators.gt,
    ">=": operators.ge,
    "<": operators.lt,
    "<=": operators.le,
}


_RANKS = {operator: rank for rank, operator in enumerate(("=", *LOOKUPS.values()))}


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


def places_in_order(schema: ModelSchema, columns: Iterable[Column]) -> list[int]:
    """The places of columns in the order in which the model has them: those of one column stay as they are."""
    order = {column: place for place, column in enumerate(schema.columns)}
    ranks = [order.get(column, len(order)) for column in columns]
    return sorted(range(len(ranks)), key=ranks.__getitem__)


def relations(schema: ModelSchema, lookups: Sequence[Lookup], first: int = 0) -> list[Any]:
    """Lookups compared with the inputs from `first` on, which come as the lookups do.

    The text has one order, however they come: it is prepared once.
    """
    by_operator = sorted(range(len(lookups)), key=lambda place: _RANKS.get(lookups[place].operator, len(_RANKS)))
    in_order = places_in_order(schema, [lookups[place].column for place in by_operator])
    return [relation(lookups[place], first + place) for place in map(by_operator.__getitem__, in_order)]


def where(built: Any, schema: ModelSchema, lookups: Sequence[Lookup]) -> Any:
    """A statement restricted by lookups, whose values are the first inputs."""
    for each in relations(schema, lookups):
        built = built.where(each)
    return built
