"""The order of CQL types, by which rows are sorted here as a server sorts its clustering columns.

Where Python's order of the values that a driver returns is the server's, a type has no key: text by code points is text
by the bytes of UTF-8. The others are as the types of Cassandra 5.0 compare (`org.apache.cassandra.db.marshal`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from ipaddress import ip_address
from math import copysign
from typing import TYPE_CHECKING, Any
from uuid import UUID

from coodie_drivers.values import CqlDate

if TYPE_CHECKING:
    from coodie._schema.cql_types import ColumnType

SortKey = Callable[[Any], Any]

_SIGNED = 0x8080_8080_8080_8080
"""Turns the order of unsigned bytes into that of signed ones."""

_LOW_64_BITS = (1 << 64) - 1
_FIRST_DAY = dt.date(1970, 1, 1).toordinal()


def sort_key(held: ColumnType) -> SortKey | None:
    """What turns a value of this type, as a driver returns it, into one that Python sorts as a server sorts the value.

    None where Python sorts the values themselves so.
    """
    if held.user_type is not None:
        fields = held.user_type.__coodie_user_type__().fields
        return _of_user_type([(each.name, sort_key(each.type)) for each in fields])
    if held.dimensions is not None:
        return _of_sequence(_of_float)
    if held.collection == "list":
        element = sort_key(held.elements[0])
        return None if element is None else _of_sequence(element)
    if held.elements:
        return _of_parts([sort_key(each) for each in held.elements])
    return _SCALARS.get(held.cql)


def sort_key_of_cast(cql: str) -> SortKey | None:
    """`sort_key` of a scalar type, given as CQL spells it."""
    return _SCALARS.get(cql)


def sorts(held: ColumnType) -> bool:
    """Whether values of this type have an order that can be known here.

    A set or map that is a part of another value is compared in the order in which it was written, which Python's sets
    do not keep; a duration has none.
    """
    if held.user_type is not None:
        return all(sorts(each.type) for each in held.user_type.__coodie_user_type__().fields)
    return held.collection not in ("map", "set") and held.cql != "duration" and all(map(sorts, held.elements))


def _of_sequence(key: SortKey) -> SortKey:
    """Element by element, and the shorter of two that are alike so far first."""
    return lambda value: [key(each) for each in value]


def _of_parts(keys: list[SortKey | None]) -> SortKey:
    """Part by part; one that is null comes before any other."""
    parts = [_or_null(key) for key in keys]
    return lambda value: [key(each) for key, each in zip(parts, value, strict=True)]


def _of_user_type(keys: list[tuple[str, SortKey | None]]) -> SortKey:
    """Field by field, as parts of a tuple."""
    fields = [(name, _or_null(key)) for name, key in keys]
    return lambda value: [key(value.get(name)) for name, key in fields]


def _or_null(key: SortKey | None) -> SortKey:
    if key is None:
        return lambda value: (value is not None, value)
    return lambda value: (False, None) if value is None else (True, key(value))


def _of_float(value: float) -> tuple[bool, float, float]:
    """NaN is greater than any number, and -0.0 less than 0.0 (`Double.compare` of Java)."""
    return (True, 0.0, 0.0) if value != value else (False, value, copysign(1.0, value))  # noqa: PLR0124 - NaN


def _of_timeuuid(value: UUID | str) -> tuple[int, int]:
    """By its moment, and then by signed bytes, as Cassandra has always compared them."""
    held = value if isinstance(value, UUID) else UUID(value)
    return held.time, held.int & _LOW_64_BITS ^ _SIGNED


def _of_uuid(value: UUID | str) -> tuple[int, int, int]:
    """By its version, of version 1 by its moment, and then by unsigned bytes."""
    held = value if isinstance(value, UUID) else UUID(value)
    number = held.int
    version = number >> 76 & 0xF
    return version, held.time if version == 1 else 0, number


def _of_address(value: Any) -> bytes:
    packed: bytes = (ip_address(value) if isinstance(value, str) else value).packed
    return packed


def _of_date(value: Any) -> Any:
    """By its day, which is a `CqlDate` where Python has no such year."""
    if isinstance(value, CqlDate):
        return value.days
    return value.toordinal() - _FIRST_DAY if isinstance(value, dt.date) else value


_SCALARS: dict[str, SortKey] = {
    "date": _of_date,
    "double": _of_float,
    "float": _of_float,
    "inet": _of_address,
    "timeuuid": _of_timeuuid,
    "uuid": _of_uuid,
}
