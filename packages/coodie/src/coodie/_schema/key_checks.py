"""What a type of the primary key refuses besides what it does elsewhere: NaN, by which no row is told from another.

To a server NaN equals NaN, to Python nothing does: a document would never be found among others by such a key.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from coodie._schema.compiled import with_usual
from coodie._schema.scalars import FITS_FLOAT, scalar_check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coodie._schema.cql_types import ColumnType

_NUMBERS = {"float": FITS_FLOAT, "double": "{0} == {0}"}
"""The types that can be NaN, each with what most values are, as source."""

_PROBLEM = "by which no row is told from another; give"


def key_type(held: ColumnType) -> ColumnType:
    """The type of a field of the key: with floating point numbers in it, one that refuses NaN."""
    if not _can_hold_nan(held):
        return held
    is_number, encode = held.cql in _NUMBERS, held.encode
    what = f"NaN, {_PROBLEM} a number" if is_number else f"holds NaN, {_PROBLEM} numbers"

    def check(value: Any) -> Any:
        sent = value if encode is None else encode(value)
        if _holds_nan(held, sent):
            raise ValueError(f"is part of the primary key and {what}")
        return sent

    usual = is_number and encode is scalar_check(held.cql)
    return replace(held, encode=with_usual(check, _NUMBERS[held.cql]) if usual else check)


def _can_hold_nan(held: ColumnType) -> bool:
    if held.user_type is not None:
        return any(_can_hold_nan(each.type) for each in held.user_type.__coodie_user_type__().fields)
    return held.cql in _NUMBERS or held.dimensions is not None or any(map(_can_hold_nan, held.elements))


def _holds_nan(held: ColumnType, sent: Any) -> bool:
    """Whether a value, as a driver takes it, is NaN or holds it; one of a wrong type is told by others."""
    if isinstance(sent, float):
        return sent != sent  # noqa: PLR0124 - NaN
    if sent is None:
        return False
    try:
        return any(_holds_nan(part_type, part) for part_type, part in _parts_of(held, sent))
    except (AttributeError, TypeError):
        return False


def _parts_of(held: ColumnType, sent: Any) -> Iterator[tuple[ColumnType, Any]]:
    if held.user_type is not None:
        for each in held.user_type.__coodie_user_type__().fields:
            yield each.type, sent.get(each.name)
    elif held.collection == "map":
        key, part = held.elements
        yield from ((key, each) for each in sent)
        yield from ((part, each) for each in sent.values())
    elif held.dimensions is not None:
        yield from ((held, each) for each in sent)
    elif held.collection is not None:
        yield from ((held.elements[0], each) for each in sent)
    else:
        yield from zip(held.elements, sent, strict=False)
