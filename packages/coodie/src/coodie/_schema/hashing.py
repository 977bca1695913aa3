"""Values that Python can hash, for elements of sets and keys of maps: what a driver takes and gives there."""

from __future__ import annotations

from typing import Any, cast

from coodie_drivers.values import FrozenMap


def hashable(value: Any) -> Any:
    """A list as a tuple, a set as a frozenset, a dict as a `FrozenMap`, with all that is in them."""
    kind = type(cast("object", value))
    if kind is dict:
        return FrozenMap({hashable(key): hashable(each) for key, each in value.items()})
    if kind in (list, tuple, set):
        return (frozenset if kind is set else tuple)(map(hashable, value))
    return value
