"""Where a null stands in a value that has no place for one: CQL's collections and vectors hold none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from coodie._schema.column_types import ColumnType


def place_of_null(column_type: ColumnType, value: object) -> str | None:
    """Where in a value the first None stands that CQL cannot store; None where there is none.

    The place is written as Python gets there: `[3]`, `.values()[0]`, `.street`. Keys of dicts are values, and counted
    instead of named. An element of a set has no place but the set, which is an empty text.
    """
    if column_type.user_type is not None:
        return _in_fields(column_type.user_type, value)
    if column_type.collection == "map":
        return _in_entries(column_type, value)
    if not isinstance(value, Collection) or isinstance(value, (str, bytes, Mapping)):
        return None
    parts = cast("Collection[object]", value)
    if column_type.dimensions is not None:
        return _among(None, parts)
    if column_type.collection is not None:
        return _among(column_type.elements[0], parts, has_order=column_type.collection == "list")
    # What is left is a tuple, whose own parts may be null.
    inside = ((at, part, each) for at, (part, each) in enumerate(zip(column_type.elements, parts, strict=False)))
    found = ((at, place_of_null(part, each)) for at, part, each in inside if each is not None)
    return next((f"[{at}]{place}" for at, place in found if place is not None), None)


def _among(element: ColumnType | None, parts: Iterable[object], *, has_order: bool = True) -> str | None:
    for at, part in enumerate(parts):
        here = f"[{at}]" if has_order else ""
        if part is None:
            return here
        inside = None if element is None else place_of_null(element, part)
        if inside is not None:
            return f"{here}{inside}"
    return None


def _in_entries(column_type: ColumnType, value: object) -> str | None:
    if not isinstance(value, Mapping):
        return None
    entries = cast("Mapping[object, object]", value)
    for element, parts, name in zip(column_type.elements, (entries, entries.values()), ("keys", "values"), strict=True):
        place = _among(element, parts)
        if place is not None:
            return f".{name}(){place}"
    return None


def _in_fields(user_type: Any, value: object) -> str | None:
    held = cast("Mapping[str, object]", value if isinstance(value, Mapping) else getattr(value, "__dict__", {}))
    for each in user_type.__coodie_user_type__().fields:
        part = held.get(each.field)
        place = None if part is None else place_of_null(each.type, part)
        if place is not None:
            return f".{each.field}{place}"
    return None
