"""What a value consists of, and how Python gets there; and what of it CQL cannot hold."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from coodie._schema.compiled import REFUSALS
from coodie._schema.fitting import fault_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from coodie._schema.cql_types import ColumnType


class Part(NamedTuple):
    """A part of a value.

    Attributes:
        place: how Python gets there: `[3]`, `.values()[0]`, `.street`. Keys of dicts are values, and counted instead of
            named. An element of a set has no place but the set, which is an empty text.
        type: the type of the part; None for the numbers of a vector.
        value: the part.
        may_be_null: whether CQL stores a null there.
    """

    place: str
    type: ColumnType | None
    value: object
    may_be_null: bool


def parts_of(column_type: ColumnType, value: object) -> Iterator[Part]:
    """The parts of a value as a field holds it; none where it has none, or is nothing of this type."""
    if column_type.user_type is not None:
        yield from _fields_of(column_type.user_type, value)
    elif column_type.collection == "map":
        if isinstance(value, Mapping):
            entries = cast("Mapping[object, object]", value)
            keys, values = column_type.elements
            yield from _elements_of(keys, entries, ".keys()")
            yield from _elements_of(values, entries.values(), ".values()")
    elif isinstance(value, Collection) and not isinstance(value, (str, bytes, Mapping)):
        parts = cast("Collection[object]", value)
        if column_type.dimensions is not None:
            yield from _elements_of(None, parts)
        elif column_type.collection is not None:
            yield from _elements_of(column_type.elements[0], parts, has_order=column_type.collection == "list")
        else:
            for at, (part_type, part) in enumerate(zip(column_type.elements, parts, strict=False)):
                yield Part(f"[{at}]", part_type, part, may_be_null=True)


def _elements_of(
    element: ColumnType | None, parts: Iterable[object], holder: str = "", *, has_order: bool = True
) -> Iterator[Part]:
    for at, part in enumerate(parts):
        yield Part(f"{holder}[{at}]" if has_order else holder, element, part, may_be_null=False)


def _fields_of(user_type: Any, value: object) -> Iterator[Part]:
    held = cast("Mapping[str, object]", value if isinstance(value, Mapping) else getattr(value, "__dict__", {}))
    for each in user_type.__coodie_user_type__().fields:
        if each.field in held:
            yield Part(f".{each.field}", each.type, held[each.field], may_be_null=True)


def place_of_null(column_type: ColumnType, value: object) -> str | None:
    """Where in a value the first None stands that CQL cannot store; None where there is none."""
    for part in parts_of(column_type, value):
        if part.value is None:
            if not part.may_be_null:
                return part.place
        elif part.type is not None:
            inside = place_of_null(part.type, part.value)
            if inside is not None:
                return f"{part.place}{inside}"
    return None


def misfit_in(column_type: ColumnType, value: object) -> tuple[str, str] | None:
    """The innermost place of what a driver would not take, and why; None where it takes the value.

    Args:
        column_type: the type of the value.
        value: as a field holds it; not None.
    """
    problem = _refusal_of(column_type, value)
    if problem is None:
        return None
    for part in parts_of(column_type, value):
        if part.type is not None and part.value is not None:
            inside = misfit_in(part.type, part.value)
            if inside is not None:
                place, told = inside
                if not place and column_type.user_type is None:  # a part of a collection is no field
                    told = told.replace("mark the field ", "mark the type in the brackets ")
                return f"{part.place}{place}", told
    return "", problem


def _refusal_of(column_type: ColumnType, value: object) -> str | None:
    try:
        encoded = value if column_type.encode is None else column_type.encode(value)
    except REFUSALS as error:
        told = str(error) if isinstance(error, ValueError) else fault_of(column_type, value)
        return told or f"a {type(value).__name__} is no value for CQL {column_type.cql}"
    return fault_of(column_type, encoded)
