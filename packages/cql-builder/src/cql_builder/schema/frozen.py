"""A mapping that never changes: what holds options, so that neither a schema nor its hash changes under its owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Generic, TypeVar

from cql_builder.builder.literals import is_mapping
from cql_builder.builder.parts import is_list

if TYPE_CHECKING:
    from collections.abc import Iterator

V = TypeVar("V")


class FrozenMapping(Mapping[str, V], Generic[V]):
    """A copy of a mapping that nothing changes; what is in it is as frozen. It is equal to a dict of the same items.

    >>> given = {"class": "SimpleStrategy", "racks": ["a"]}
    >>> frozen = FrozenMapping(given)
    >>> given["class"] = "other"
    >>> frozen, frozen == {"class": "SimpleStrategy", "racks": ("a",)}
    ({'class': 'SimpleStrategy', 'racks': ('a',)}, True)
    """

    __slots__ = ("_items",)
    _items: dict[str, V]

    def __init__(self, items: Mapping[str, V]) -> None:
        """Copy the items, and what is in them."""
        self._items = {name: _frozen(value) for name, value in items.items()}

    def __getitem__(self, name: str) -> V:
        """Return what has a name."""
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        """Return the names, in their order."""
        return iter(self._items)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._items)

    def __repr__(self) -> str:
        """Show the items as those of a dict."""
        return repr(self._items)

    def __reduce__(self) -> tuple[type[FrozenMapping[V]], tuple[dict[str, V]]]:
        """Pickle and copy as a call of the constructor."""
        return type(self), (self._items,)


def freeze(holder: object, *fields: str) -> None:
    """Put frozen copies into the fields of a frozen dataclass that is being made."""
    for field in fields:
        given: object = getattr(holder, field)
        if is_mapping(given) and not isinstance(given, FrozenMapping):
            object.__setattr__(holder, field, FrozenMapping({str(name): value for name, value in given.items()}))


def _frozen(value: V) -> V:
    copied: object = value
    if is_mapping(copied):
        copied = FrozenMapping({str(name): each for name, each in copied.items()})
    elif is_list(copied):
        copied = tuple([_frozen(each) for each in copied])
    return copied  # type: ignore[return-value] # a mapping for a mapping, a sequence for a sequence
