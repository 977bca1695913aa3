"""Which values of a field are the same one to a server, however Python compares them.

A server knows a value by its bytes: 0.1 and 0.10000000149011612 are one float, and a moment is one in every time zone.
An element of a set, or a key of a map, it knows by its place in their order, where 1.0 and 1.00 are one decimal. Of a
collection it knows what is in it and not what holds it in Python: a tuple of the elements of a list is that list.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coodie._schema.compiled import REFUSALS, usual_of
from coodie._schema.cql_types import refuse_iterator
from coodie._schema.hashing import hashable
from coodie._schema.scalar_bytes import SCALAR_BYTES
from coodie._schema.scalars import unmapped

if TYPE_CHECKING:
    from coodie._schema.cql_types import ColumnType

Mark = Callable[[Any], Any]
"""Makes of a field's value what can be hashed, and is equal for the same values only."""


@dataclass(frozen=True, slots=True)
class Equality:
    """How values of one type are compared.

    Attributes:
        stored: the mark of what a server keeps; None where Python compares as the server does.
        element: the mark of an element of a set, or of a key of a map; None where Python compares as the server does.
        parts: the same of its elements.
        holders_alone: whether Python compares collections as the server does, but where their classes differ.
        usual: the class of which a read gives such collections, where Python compares two of it as the server does.
    """

    stored: Mark | None
    element: Mark | None
    parts: tuple[Equality, ...]
    holders_alone: bool = False
    usual: type[Any] | None = None

    def differ(self, value: object, other: object) -> bool:
        """Whether a server keeps two values of a field as two."""
        return self._differ(self.stored, value, other)

    def are_two_elements(self, value: object, other: object) -> bool:
        """Whether both can stand in a set."""
        return self._differ(self.element, value, other)

    def _differ(self, mark: Mark | None, value: Any, other: Any) -> bool:
        if value is other:
            return False
        if mark is None:
            return bool(value != other)
        if self.holders_alone:  # the marks of all elements are made only where Python does not know
            if value == other:
                return False
            if value.__class__ is other.__class__ is self.usual:
                return True
        return bool(mark(value) != mark(other))


def equality_of(held: ColumnType) -> Equality:
    """How values of a type are compared."""
    return _equality(held, _STORED, _ELEMENTS)


def _equality(held: ColumnType, as_stored: Mapping[str, Mark], as_elements: Mapping[str, Mark]) -> Equality:
    stored = _mark(held, as_stored)
    element = _mark(held, as_elements) if "decimal" in _scalars(held) else stored
    inner = _inside(held, as_stored), _inside(held, as_elements)
    parts = tuple([_equality(each, *inner) for each in held.elements])
    holders_alone = bool(held.elements) and _is_only_checked(held) and _key(held, as_stored) is None
    usual = None if any(each.elements for each in held.elements) else _usual_holder(held)[0]
    return Equality(stored, element, parts, holders_alone, usual)


class _Odd:
    """A value that no column of its type takes: it is the same as those that Python says are equal."""

    __slots__ = ("_value",)

    def __init__(self, value: object) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Odd) and bool(self._value == other._value)

    def __hash__(self) -> int:
        return 0  # what it holds may have none


def _mark(held: ColumnType, scalars: Mapping[str, Mark]) -> Mark | None:
    encode = None if _is_only_checked(held) else held.encode
    key = _key(held, scalars)
    if key is None and (held.elements or held.user_type is not None):
        key = _key_of_elements(held)
    if encode is None and key is None:
        return None

    def mark(value: Any) -> Any:
        if value is None:
            return None
        try:
            sent = value if encode is None else encode(value)
            return sent if key is None else key(sent)
        except _REFUSALS:
            return _Odd(value)

    return mark


_REFUSALS = (*REFUSALS, struct.error)


def _is_only_checked(held: ColumnType) -> bool:
    """Whether what a driver takes is the field's value itself, or a collection of the very elements."""
    if held.user_type is not None:
        return False
    if held.elements:
        return all(map(_is_only_checked, held.elements))
    if held.encode is None or held.dimensions is not None:
        return True
    usual = usual_of(held.encode)
    return usual is not None and usual.made == "{0}"


def _scalars(held: ColumnType) -> set[str]:
    """The scalar types that a type is made of."""
    inner = held.elements
    if held.user_type is not None:
        inner = tuple(each.type for each in held.user_type.__coodie_user_type__().fields)
    return {held.cql} if not inner else {name for each in inner for name in _scalars(each)}


def _key(held: ColumnType, scalars: Mapping[str, Mark]) -> Mark | None:
    """The mark of a value as a driver takes it, or as the field holds it where that is only checked."""
    if held.user_type is not None:
        return _key_of_fields(held.user_type.__coodie_user_type__().fields, _inside(held, scalars))
    if held.dimensions is not None:
        return _key_of_vector(struct.Struct(f">{held.dimensions}f").pack)
    if not held.elements:
        return scalars.get(held.cql)
    inner = _inside(held, scalars)
    found = [_key(each, inner) for each in held.elements]
    if not any(found):
        return None
    keys = [_present(key, each) for key, each in zip(found, held.elements, strict=True)]
    usual, held_so = _usual_holder(held)
    if held.collection == "map":
        return _key_of_map(keys, usual, held_so)
    if held.collection is not None:
        (of_each,) = keys
        made: Any = frozenset if held.collection == "set" else tuple
        return lambda value: made(map(of_each, value if value.__class__ is usual else held_so(value)))
    return lambda value: tuple([key(each) for key, each in zip(keys, held_so(value), strict=True)])


def _key_of_vector(pack: Callable[..., bytes]) -> Mark:
    def key(value: Any) -> bytes:
        if hasattr(value.__class__, "__next__"):
            refuse_iterator(value, list)
        return pack(*value)

    return key


def _key_of_map(keys: Sequence[Mark], usual: type[Any] | None, held_so: Mark) -> Mark:
    of_key, of_value = keys

    def key(value: Any) -> Any:
        held = value if value.__class__ is usual else held_so(value)
        return frozenset({of_key(key): of_value(each) for key, each in held.items()}.items())

    return key


def _key_of_elements(held: ColumnType) -> Mark:
    """The mark of a value that is made of others, none of which has a mark of its own."""
    if not held.elements or not _is_only_checked(held):
        return hashable
    usual, held_so = _usual_holder(held)
    if any(each.elements for each in held.elements):
        usual = None
    return lambda value: hashable(value if value.__class__ is usual else held_so(value))


def _usual_holder(held: ColumnType) -> tuple[type[Any] | None, Mark]:
    """The plain class of which a read gives collections, if it does, and what puts the elements of any other into one.

    What is converted for a driver is in the one that the driver takes.
    """
    if held.encode is None or not _is_only_checked(held):
        return None, lambda value: value
    usual: Any = tuple if held.collection is None else held.empty
    return usual if usual in _PLAIN else None, held.encode


_PLAIN = (list, tuple, set, frozenset, dict)


def _inside(held: ColumnType, scalars: Mapping[str, Mark]) -> Mapping[str, Mark]:
    """The marks of scalars that stand inside a value of a type.

    A server reads the elements of a collection and writes them anew, which makes an IPv4 address of one that is mapped
    into IPv6; all else it keeps as it is sent.
    """
    others = {name: mark for name, mark in scalars.items() if name != "inet"}
    return others if held.collection is None else {**others, "inet": unmapped}


def _key_of_fields(fields: Any, scalars: Mapping[str, Mark]) -> Mark | None:
    found = [(each, _key(each.type, scalars)) for each in fields]
    if not any(key for _, key in found):
        return None
    keys = [(each.name, _present(key, each.type)) for each, key in found]
    return lambda value: tuple([key(value.get(name)) for name, key in keys])


def _present(key: Mark | None, held: ColumnType) -> Mark:
    """A mark that leaves None as it is, as parts of tuples and user types may be."""
    if key is None and not held.elements:
        return hashable
    present = key or _key_of_elements(held)
    return lambda value: None if value is None else present(value)


def _number(pack: Mark) -> Mark:
    # A server takes every NaN for the same one.
    return lambda value: pack(value) if value == value else b"NaN"  # noqa: PLR0124 - NaN


_ELEMENTS: dict[str, Mark] = {
    "date": SCALAR_BYTES["date"],
    "decimal": lambda value: value,  # Python compares as the server does, and keeps another of two that are equal
    "double": _number(SCALAR_BYTES["double"]),
    "float": _number(SCALAR_BYTES["float"]),
    "timestamp": SCALAR_BYTES["timestamp"],
}
"""The marks of scalars of which Python takes some for different that are one, or the other way round."""

_STORED = {**_ELEMENTS, "decimal": SCALAR_BYTES["decimal"]}
