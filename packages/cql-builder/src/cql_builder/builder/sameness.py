"""Whether two values are one and the same to a server, which is less often than Python's `==` says."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from cql_builder.builder.parts import is_dict, is_list

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeGuard


def is_same_value(one: object, other: object) -> bool:
    """Return whether two values are the same object, or of one type and equal in all that is sent.

    `1 == True`, `0.0 == -0.0` and `Decimal("1.0") == Decimal("1.00")`, and each of these is sent as something else. An
    object that does not compare, or answers something else than a bool, is the same as itself alone.
    """
    try:
        return _is_same(one, other)
    except Exception:  # noqa: BLE001 - comparing runs the code of any class
        return False


def _is_same(one: object, other: object) -> bool:
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, float) and isinstance(other, float):
        return float.__repr__(one) == float.__repr__(other)
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return one.as_tuple() == other.as_tuple()
    if is_list(one) and is_list(other):
        return len(one) == len(other) and all(map(_is_same, one, other))
    if is_dict(one) and is_dict(other):
        return _have_same(one, other) and all(_is_same(value, other[key]) for key, value in one.items())
    if _is_set(one) and _is_set(other):
        return _have_same(one, other)
    return (one == other) is True


def _have_same(some: Iterable[object], others: Iterable[object]) -> bool:
    """Return whether what has a hash, and so is there once, is the same on both sides, in any order."""
    keys, known = list(some), {key: key for key in others}
    return len(keys) == len(known) and all(key in known and _is_same(key, known[key]) for key in keys)


def _is_set(value: object) -> TypeGuard[set[object] | frozenset[object]]:
    return isinstance(value, set | frozenset)
