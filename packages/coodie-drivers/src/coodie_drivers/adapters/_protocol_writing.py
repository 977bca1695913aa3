"""CQL values as the bytes of the native protocol, sections 6.1 to 6.24: for what native libraries cannot bind.

Writers are composed once per type. A writer raises `UnbindableError` for what its type cannot carry.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._protocol_scalars import WRITTEN, Scaled
from coodie_drivers.adapters._value_checks import (
    UnbindableError,
    fields_of,
    items_of,
    pairs_of,
    sequence_of,
)

if TYPE_CHECKING:
    from coodie_drivers.adapters._protocol_types import CqlType
    from coodie_drivers.values import CqlDuration

Write = Callable[[Any], bytes]

_LENGTH: Final = struct.Struct(">i")
_NULL: Final = _LENGTH.pack(-1)

FIXED_SIZES: Final = {"bigint": 8, "boolean": 1, "double": 8, "float": 4, "int": 4, "timestamp": 8, "uuid": 16}
"""Bytes of the types that a vector holds without a length before each element; `timeuuid` is one too."""


def writer_of(cql_type: CqlType) -> Write:
    """Return what writes a value of this type, other than null."""
    if cql_type.name in {"list", "set"}:
        return _elements_writer(cql_type)
    if cql_type.name == "map":
        return _map_writer(cql_type)
    if cql_type.name == "tuple":
        return _tuple_writer(cql_type)
    if cql_type.name == "udt":
        return _udt_writer(cql_type)
    if cql_type.name == "vector":
        return _vector_writer(cql_type)
    check, pack = WRITTEN[cql_type.name], _PACKERS[cql_type.name]
    return lambda value: pack(check(value))


def element_writer(cql_type: CqlType, what: str) -> Write:
    """Return what writes an element of a collection, which cannot be null."""
    write = writer_of(cql_type)

    def write_element(value: Any) -> bytes:
        if value is None:
            msg = f"{what} cannot hold null"
            raise UnbindableError(msg)
        return write(value)

    return write_element


def elements_of(cql_type: CqlType) -> Callable[[Any], list[bytes]]:
    """Return what writes the elements of a list, set or map one by one."""
    what = str(cql_type)
    if cql_type.name == "map":
        key, item = (element_writer(each, what) for each in cql_type.subtypes)

        def write_pairs(items: Any) -> list[bytes]:
            return [part for k, v in pairs_of(what, items).items() for part in (key(k), item(v))]

        return write_pairs
    write = element_writer(cql_type.subtypes[0], what)
    wanted = "set or frozenset" if cql_type.name == "set" else "list or tuple"

    def write_all(values: Any) -> list[bytes]:
        return [write(each) for each in items_of(what, values, wanted)]

    return write_all


def parts_of(cql_type: CqlType) -> Callable[[Any], list[bytes | None]]:
    """Return what writes the parts of a tuple, or the fields of a user-defined type, one by one."""
    return _fields_of(cql_type) if cql_type.name == "udt" else _places_of(cql_type)


def _fields_of(cql_type: CqlType) -> Callable[[Any], list[bytes | None]]:
    writers = [writer_of(each) for each in cql_type.subtypes]

    def write_fields(fields: Any) -> list[bytes | None]:
        values = fields_of(cql_type.given_name, cql_type.fields, fields)
        return [None if value is None else write(value) for write, value in zip(writers, values, strict=True)]

    return write_fields


def _places_of(cql_type: CqlType) -> Callable[[Any], list[bytes | None]]:
    what = str(cql_type)
    writers = [writer_of(each) for each in cql_type.subtypes]

    def write_places(values: Any) -> list[bytes | None]:
        places = sequence_of(what, values, len(writers), "tuple")
        return [None if value is None else write(value) for write, value in zip(writers, places, strict=True)]

    return write_places


def _elements_writer(cql_type: CqlType) -> Write:
    elements = elements_of(cql_type)

    def write(values: Any) -> bytes:
        written = elements(values)
        return _LENGTH.pack(len(written)) + _with_lengths(written)

    return write


def _map_writer(cql_type: CqlType) -> Write:
    elements = elements_of(cql_type)

    def write(items: Any) -> bytes:
        written = elements(items)
        return _LENGTH.pack(len(written) // 2) + _with_lengths(written)

    return write


def _tuple_writer(cql_type: CqlType) -> Write:
    parts = _places_of(cql_type)
    return lambda values: _with_lengths(parts(values))


def _udt_writer(cql_type: CqlType) -> Write:
    parts = _fields_of(cql_type)
    return lambda fields: _with_lengths(parts(fields))


def _vector_writer(cql_type: CqlType) -> Write:
    what, size, subtype = str(cql_type), cql_type.size, cql_type.subtypes[0]
    write_element = element_writer(subtype, what)
    fixed = fixed_size(subtype) is not None

    def write(values: Any) -> bytes:
        written = [write_element(value) for value in sequence_of(what, values, size)]
        return b"".join(written if fixed else [_unsigned_vint(len(part)) + part for part in written])

    return write


def fixed_size(cql_type: CqlType) -> int | None:
    """Return how many bytes each value of a type has inside a vector; None where that differs.

    A vector of such values is such a value itself. Cassandra takes `date`, `time`, `smallint` and `tinyint` for types
    of varying size, though they are not.
    """
    if cql_type.name == "vector":
        element = fixed_size(cql_type.subtypes[0])
        return None if element is None else element * cql_type.size
    return FIXED_SIZES["uuid"] if cql_type.name == "timeuuid" else FIXED_SIZES.get(cql_type.name)


def _with_lengths(parts: list[Any]) -> bytes:
    return b"".join([_NULL if part is None else _LENGTH.pack(len(part)) + part for part in parts])


def _unsigned_vint(number: int) -> bytes:
    """Return a number as the protocol's `unsigned vint`: the leading ones say how many bytes follow the first."""
    extra = max(0, (number.bit_length() - 1) // 7)
    if extra >= 8:  # noqa: PLR2004 - the first byte can announce no more
        return b"\xff" + number.to_bytes(8, "big")
    marked = number | ((0xFF << (8 - extra)) & 0xFF) << (8 * extra)
    return marked.to_bytes(extra + 1, "big")


def _signed_vint(number: int) -> bytes:
    return _unsigned_vint(number << 1 if number >= 0 else (-number << 1) - 1)


def _duration(value: CqlDuration) -> bytes:
    return _signed_vint(value.months) + _signed_vint(value.days) + _signed_vint(value.nanoseconds)


def _decimal(value: Scaled) -> bytes:
    return _LENGTH.pack(value.scale) + value.digits


def _same(value: bytes) -> bytes:
    return value


_PACKERS: Final[Mapping[str, Write]] = {
    "ascii": str.encode,
    "bigint": struct.Struct(">q").pack,
    "blob": _same,
    "boolean": struct.Struct(">?").pack,
    "counter": struct.Struct(">q").pack,
    "date": struct.Struct(">I").pack,
    "decimal": _decimal,
    "double": struct.Struct(">d").pack,
    "duration": _duration,
    "float": struct.Struct(">f").pack,
    "inet": lambda value: value.packed,
    "int": struct.Struct(">i").pack,
    "smallint": struct.Struct(">h").pack,
    "text": str.encode,
    "time": struct.Struct(">q").pack,
    "timestamp": struct.Struct(">q").pack,
    "timeuuid": lambda value: value.bytes,
    "tinyint": struct.Struct(">b").pack,
    "uuid": lambda value: value.bytes,
    "varint": _same,
}
