"""Single values in the bytes of the native protocol, as a server keeps them, of each type that a key may have."""

from __future__ import annotations

import datetime as dt
import struct
from typing import TYPE_CHECKING, Any

from coodie_drivers.values import CqlDate

if TYPE_CHECKING:
    from collections.abc import Callable

_LENGTH = struct.Struct(">i")
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_FIRST_DAY = dt.date(1970, 1, 1).toordinal()


def _varint(value: int) -> bytes:
    # As Java's BigInteger writes it: the fewest bytes in two's complement.
    return value.to_bytes((value if value >= 0 else ~value).bit_length() // 8 + 1, "big", signed=True)


def _decimal(value: Any) -> bytes:
    if isinstance(value, int):
        return _LENGTH.pack(0) + _varint(value)
    sign, digits, exponent = value.as_tuple()
    unscaled = 0
    for digit in digits:  # `int()` takes no text of more than some thousand digits
        unscaled = unscaled * 10 + digit
    return _LENGTH.pack(-exponent) + _varint(-unscaled if sign else unscaled)


def _date(value: Any) -> bytes:
    days = value.days if isinstance(value, CqlDate) else value.toordinal() - _FIRST_DAY
    return struct.pack(">I", days + 2**31)


def _time(value: dt.time) -> bytes:
    seconds = (value.hour * 60 + value.minute) * 60 + value.second
    return struct.pack(">q", (seconds * 1_000_000 + value.microsecond) * 1_000)


def _timestamp(value: dt.datetime) -> bytes:
    aware = value if value.tzinfo is not None else value.replace(tzinfo=dt.timezone.utc)
    return struct.pack(">q", (aware - _EPOCH) // dt.timedelta(milliseconds=1))


def _uuid(value: Any) -> bytes:
    written: bytes = value.bytes
    return written


SCALAR_BYTES: dict[str, Callable[[Any], bytes]] = {
    "ascii": str.encode,
    "bigint": struct.Struct(">q").pack,
    "blob": bytes,
    "boolean": struct.Struct(">?").pack,
    "date": _date,
    "decimal": _decimal,
    "double": struct.Struct(">d").pack,
    "float": struct.Struct(">f").pack,
    "inet": lambda value: value.packed,
    "int": struct.Struct(">i").pack,
    "smallint": struct.Struct(">h").pack,
    "text": str.encode,
    "time": _time,
    "timestamp": _timestamp,
    "timeuuid": _uuid,
    "tinyint": struct.Struct(">b").pack,
    "uuid": _uuid,
    "varint": _varint,
}
"""What makes the bytes of a value, by its type."""
