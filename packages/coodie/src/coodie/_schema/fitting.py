"""The second look at a value that a driver would refuse: which part of it is of the wrong Python type."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from coodie._schema.scalars import DRIVER_TYPES, wrong_type
from coodie_drivers.values import UNSET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from coodie._schema.column_types import ColumnType


def fault_of(column_type: ColumnType, value: object) -> str | None:
    """What keeps a driver from taking this value for this type, or None.

    The value is one that was encoded already; a null and what is left unset fit every type.
    """
    if value is None or value is UNSET:
        return None
    if column_type.elements:
        return _fault_inside(column_type, value)
    if not _is_taken(column_type.cql, value):
        return wrong_type(column_type.cql, value)
    return _fault_of_text(value) if isinstance(value, str) else None


def usual_of(column_type: ColumnType) -> Callable[[Any], bool]:
    """What tells, of a text or a collection, that a driver takes it: true of most that it does, and of no other."""
    kind: Any = {"list": list, "set": set}.get(column_type.collection or "")
    inner = column_type.elements[0] if column_type.elements else None
    if inner is None:
        return _is_plain_text
    if kind is None or inner.cql not in DRIVER_TYPES:
        return _is_never
    usual = {DRIVER_TYPES[inner.cql][0]}
    if usual != {str}:
        return lambda values: type(values) is kind and usual.issuperset(map(type, values))

    def are_plain_texts(values: Any) -> bool:
        return type(values) is kind and usual.issuperset(map(type, values)) and "".join(values).isascii()

    return are_plain_texts


def _is_plain_text(value: Any) -> bool:
    return type(value) is str and value.isascii()


def _is_never(_: Any) -> bool:
    return False


def _is_taken(cql: str, value: object) -> bool:
    kinds = DRIVER_TYPES.get(cql)
    if kinds is None:
        return True
    # Python counts a bool as an int and a datetime as a date; CQL counts neither.
    if isinstance(value, bool):
        return bool in kinds
    if isinstance(value, dt.datetime):
        return dt.datetime in kinds
    return isinstance(value, kinds)


def _fault_of_text(value: str) -> str | None:
    try:
        value.encode()
    except UnicodeEncodeError:
        return "the text holds half of a surrogate pair, which UTF-8 cannot carry"
    return None


def _fault_inside(column_type: ColumnType, value: object) -> str | None:
    types = column_type.elements
    if column_type.collection == "map":
        if not isinstance(value, Mapping):
            return f"CQL {column_type.cql} takes dict, not {type(value).__name__}"
        entries = cast("Mapping[object, object]", value)
        return _first_fault(types[0], entries) or _first_fault(types[1], entries.values())
    if not isinstance(value, (list, tuple, set, frozenset)):
        return f"CQL {column_type.cql} takes a collection, not {type(value).__name__}"
    parts = cast("Iterable[Any]", value)
    if column_type.collection is not None:
        return _first_fault(types[0], parts)
    faults = (fault_of(each, part) for each, part in zip(types, parts, strict=False))
    return next((fault for fault in faults if fault is not None), None)


def _first_fault(column_type: ColumnType, values: Iterable[object]) -> str | None:
    for each in values:
        fault = fault_of(column_type, each)
        if fault is not None:
            return fault
    return None
