"""CQL values from the bytes of the native protocol, sections 6.1 to 6.24: what native libraries read wrongly or not.

Readers are composed once per type.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from datetime import time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from coodie_drivers.adapters._protocol_writing import fixed_size
from coodie_drivers.adapters._value_checks import EPOCH
from coodie_drivers.values import INT32, CqlDate, CqlDuration, FrozenMap

if TYPE_CHECKING:
    from coodie_drivers.adapters._protocol_types import CqlType

Read = Callable[[bytes], Any]

_LENGTH: Final = struct.Struct(">i")
_IPV4_SIZE: Final = 4
_HAVE_EMPTY: Final = frozenset({"ascii", "blob", "text"})


def reader_of(cql_type: CqlType, *, hashable: bool = False) -> Read:
    """Return what reads a value of this type, other than null.

    Args:
        cql_type: the type.
        hashable: whether the value stands where Python needs a hashable one (element of a set, key of a map).
    """
    name = cql_type.name
    if name in {"list", "set"}:
        return _elements_reader(cql_type, hashable=hashable)
    if name == "map":
        return _map_reader(cql_type, hashable=hashable)
    if name in {"tuple", "udt"}:
        return _parts_reader(cql_type, hashable=hashable)
    if name == "vector":
        return _vector_reader(cql_type, hashable=hashable)
    return SCALAR_READERS[name] if name in _HAVE_EMPTY else _or_none(SCALAR_READERS[name])


def _or_none(read: Read) -> Read:
    """Return a reader that gives None for what Cassandra calls an empty value: texts and blobs alone have one here."""
    return lambda data: read(data) if data else None


def _elements_reader(cql_type: CqlType, *, hashable: bool) -> Read:
    is_set = cql_type.name == "set"
    read = reader_of(cql_type.subtypes[0], hashable=hashable or is_set)
    container: Any = (frozenset if hashable else set) if is_set else (tuple if hashable else list)

    def read_all(data: bytes) -> Any:
        count = _LENGTH.unpack_from(data)[0]
        return container([None if part is None else read(part) for part in _split(data, 4, count)])

    return read_all


def _map_reader(cql_type: CqlType, *, hashable: bool) -> Read:
    read_key = reader_of(cql_type.subtypes[0], hashable=True)
    read_item = reader_of(cql_type.subtypes[1], hashable=hashable)

    def read_all(data: bytes) -> Any:
        parts = iter(_split(data, 4, 2 * _LENGTH.unpack_from(data)[0]))
        found = {
            None if key is None else read_key(key): None if item is None else read_item(item)
            for key, item in zip(parts, parts, strict=True)
        }
        return FrozenMap(found) if hashable else found

    return read_all


def _parts_reader(cql_type: CqlType, *, hashable: bool) -> Read:
    readers = [reader_of(each, hashable=hashable) for each in cql_type.subtypes]
    fields = cql_type.fields

    def read_all(data: bytes) -> Any:
        # Fields that were added to the type since this was written are missing at its end.
        parts = _split(data, 0, len(readers))
        parts += [None] * (len(readers) - len(parts))
        values = [None if part is None else read(part) for read, part in zip(readers, parts, strict=True)]
        if cql_type.name == "tuple":
            return tuple(values)
        found = dict(zip(fields, values, strict=True))
        return FrozenMap(found) if hashable else found

    return read_all


def _vector_reader(cql_type: CqlType, *, hashable: bool) -> Read:
    subtype, count = cql_type.subtypes[0], cql_type.size
    read, step = reader_of(subtype, hashable=hashable), fixed_size(subtype)
    container: Any = tuple if hashable else list

    def read_fixed(data: bytes) -> Any:
        size = len(data) // count
        return container([read(data[at : at + size]) for at in range(0, size * count, size)])

    def read_varying(data: bytes) -> Any:
        values: list[Any] = []
        at = 0
        for _ in range(count):
            length, at = _unsigned_vint(data, at)
            values.append(read(data[at : at + length]))
            at += length
        return container(values)

    return read_varying if step is None else read_fixed


def _split(data: bytes, at: int, count: int) -> list[bytes | None]:
    """Return the parts that follow each other, each after its length; None for nulls."""
    parts: list[bytes | None] = []
    end = len(data)
    while count and at < end:
        length = _LENGTH.unpack_from(data, at)[0]
        at += 4
        parts.append(None if length < 0 else data[at : at + length])
        at += max(0, length)
        count -= 1
    return parts


def _unsigned_vint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number of varying length and where it ends."""
    first = data[at]
    extra = 8 - (first ^ 0xFF).bit_length()
    number = first & (0xFF >> extra)
    for byte in data[at + 1 : at + 1 + extra]:
        number = number << 8 | byte
    return number, at + 1 + extra


def _signed_vint(data: bytes, at: int) -> tuple[int, int]:
    number, at = _unsigned_vint(data, at)
    return (number >> 1) ^ -(number & 1), at


def _duration(data: bytes) -> CqlDuration:
    months, at = _signed_vint(data, 0)
    days, at = _signed_vint(data, at)
    return CqlDuration(months, days, _signed_vint(data, at)[0])


def _varint(data: bytes) -> int:
    return int.from_bytes(data, "big", signed=True)


def _decimal(data: bytes) -> Decimal:
    number = _varint(data[4:])
    digits = tuple(map(int, _decimal_digits(abs(number))))
    return Decimal((number < 0, digits, -_LENGTH.unpack_from(data)[0]))


def _decimal_digits(number: int) -> str:
    """Return the digits of a number that may have more than `str` gives at once."""
    if number.bit_length() < 10_000:  # noqa: PLR2004 - about 3,000 digits; Python refuses above 4,300
        return str(number)
    half = number.bit_length() * 3 // 20
    upper, lower = divmod(number, 10**half)
    return _decimal_digits(upper) + _decimal_digits(lower).zfill(half)


def _inet(data: bytes) -> IPv4Address | IPv6Address:
    return IPv4Address(data) if len(data) == _IPV4_SIZE else IPv6Address(data)


def _time(data: bytes) -> time:
    seconds, nanoseconds = divmod(int.from_bytes(data, "big"), 1_000_000_000)
    minutes, second = divmod(seconds, 60)
    return time(minutes // 60, minutes % 60, second, nanoseconds // 1_000)


def _unpacked(code: str) -> Read:
    unpack = struct.Struct(code).unpack
    return lambda data: unpack(data)[0]


SCALAR_READERS: Final[Mapping[str, Read]] = {
    "ascii": bytes.decode,
    "bigint": _unpacked(">q"),
    "blob": bytes,
    "boolean": _unpacked(">?"),
    "counter": _unpacked(">q"),
    "date": lambda data: CqlDate.from_days(int.from_bytes(data, "big") - INT32.stop),
    "decimal": _decimal,
    "double": _unpacked(">d"),
    "duration": _duration,
    "float": _unpacked(">f"),
    "inet": _inet,
    "int": _unpacked(">i"),
    "smallint": _unpacked(">h"),
    "text": bytes.decode,
    "time": _time,
    "timestamp": lambda data: EPOCH + timedelta(milliseconds=_varint(data)),
    "timeuuid": lambda data: UUID(bytes=data),
    "tinyint": _unpacked(">b"),
    "uuid": lambda data: UUID(bytes=data),
    "varint": _varint,
}
"""What reads the bytes of each native type."""
