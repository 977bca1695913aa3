"""Which values of a field are the same one to a server, however Python compares them.

A server knows a value by its bytes: 0.1 and 0.10000000149011612 are one float, and a moment is one in every time zone.
An element of a set, or a key of a map, it knows by its place in their order, where 1.0 and 1.00 are one decimal.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coodie._schema.compiled import REFUSALS, usual_of
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
    """

    stored: Mark | None
    element: Mark | None
    parts: tuple[Equality, ...]

    def differ(self, value: object, other: object) -> bool:
        """Whether a server keeps two values of a field as two."""
        return _differ(self.stored, value, other)

    def are_two_elements(self, value: object, other: object) -> bool:
        """Whether both can stand in a set."""
        return _differ(self.element, value, other)


def equality_of(held: ColumnType) -> Equality:
    """How values of a type are compared."""
    return _equality(held, _STORED, _ELEMENTS)


def _equality(held: ColumnType, as_stored: Mapping[str, Mark], as_elements: Mapping[str, Mark]) -> Equality:
    stored = _mark(held, as_stored)
    element = _mark(held, as_elements) if "decimal" in _scalars(held) else stored
    inner = _inside(held, as_stored), _inside(held, as_elements)
    return Equality(stored, element, tuple([_equality(each, *inner) for each in held.elements]))


def _differ(mark: Mark | None, value: object, other: object) -> bool:
    if value is other:
        return False
    return value != other if mark is None else mark(value) != mark(other)


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
    if encode is None and key is None:
        return None
    if key is None and (held.elements or held.user_type is not None):
        key = hashable

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
    """The mark of a value as a driver takes it."""
    if held.user_type is not None:
        return _key_of_fields(held.user_type.__coodie_user_type__().fields, _inside(held, scalars))
    if held.dimensions is not None:
        pack = struct.Struct(f">{held.dimensions}f").pack
        return lambda value: pack(*value)
    if not held.elements:
        return scalars.get(held.cql)
    inner = _inside(held, scalars)
    found = [_key(each, inner) for each in held.elements]
    if not any(found):
        return None
    keys = [_present(key) for key in found]
    if held.collection == "map":
        of_key, of_value = keys
        return lambda value: frozenset({of_key(key): of_value(each) for key, each in value.items()}.items())
    if held.collection is not None:
        (of_each,) = keys
        made: Any = frozenset if held.collection == "set" else tuple
        return lambda value: made(map(of_each, value))
    return lambda value: tuple([key(each) for key, each in zip(keys, value, strict=True)])


def _inside(held: ColumnType, scalars: Mapping[str, Mark]) -> Mapping[str, Mark]:
    """The marks of scalars that stand inside a value of a type.

    A server reads the elements of a collection and writes them anew, which makes an IPv4 address of one that is mapped
    into IPv6; all else it keeps as it is sent.
    """
    others = {name: mark for name, mark in scalars.items() if name != "inet"}
    return others if held.collection is None else {**others, "inet": unmapped}


def _key_of_fields(fields: Any, scalars: Mapping[str, Mark]) -> Mark | None:
    found = [(each.name, _key(each.type, scalars)) for each in fields]
    if not any(key for _, key in found):
        return None
    keys = [(name, _present(key)) for name, key in found]
    return lambda value: tuple([key(value.get(name)) for name, key in keys])


def _present(key: Mark | None) -> Mark:
    """A mark that leaves None as it is, as parts of tuples and user types may be."""
    if key is None:
        return hashable
    return lambda value: None if value is None else key(value)


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
