"""What each CQL type takes: a value of the contract is checked and brought into the one form that is then written.

A check refuses, with a sentence that holds no value, what the type cannot carry.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Final, NamedTuple
from uuid import UUID

from coodie_drivers.values import INT32, INT64, CqlDate, CqlDuration

Check = Callable[[Any], Any]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_EPOCH_ORDINAL: Final = _EPOCH.toordinal()
_MILLISECOND: Final = timedelta(milliseconds=1)
_TIMESTAMPS: Final = range(
    (datetime.min.replace(tzinfo=timezone.utc) - _EPOCH) // _MILLISECOND,
    (datetime.max.replace(tzinfo=timezone.utc) - _EPOCH) // _MILLISECOND + 1,
)
"""The milliseconds that Python's years hold."""

_TIMEUUID_VERSION: Final = 1


class UnbindableError(Exception):
    """A value cannot be bound to a type; says what the type takes, never the value."""


class Scaled(NamedTuple):
    """A decimal number: an integer in two's complement, big-endian, and how many of its digits are decimals."""

    digits: bytes
    scale: int


def is_a(value: object, *kinds: type) -> bool:
    """Return whether `value` is of one of these kinds; unlike isinstance it leaves the checkers' `Any` alone."""
    return isinstance(value, kinds)


def takes(what: str, value: object, wanted: str) -> UnbindableError:
    """Return the refusal of a value of the wrong type."""
    return UnbindableError(f"{what} takes {wanted}, not {type(value).__name__}")


def integer_bytes(value: int) -> bytes:
    """Return an integer as CQL's `varint` has it: as few bytes as hold it with its sign."""
    return value.to_bytes((value if value >= 0 else ~value).bit_length() // 8 + 1, "big", signed=True)


def _kinds(what: str, *kinds: type) -> Check:
    wanted = " or ".join(kind.__name__ for kind in kinds)

    def check(value: Any) -> Any:
        if not isinstance(value, kinds):
            raise takes(what, value, wanted)
        return value

    return check


def _text(what: str) -> Check:
    codec = "ascii" if what == "ascii" else "utf-8"

    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise takes(what, value, "str")
        if not value.isascii():
            try:
                value.encode(codec)
            except UnicodeEncodeError:
                msg = f"{what} cannot carry a character that {codec.upper()} has not, such as the one at hand"
                raise UnbindableError(msg) from None
        return value

    return check


def _integer(what: str, allowed: range | None) -> Check:
    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise takes(what, value, "int")
        if allowed is not None and value not in allowed:
            msg = f"{what} takes int from {allowed.start} to {allowed.stop - 1}, and this one is beyond"
            raise UnbindableError(msg)
        return value

    return check


def _floating(what: str) -> Check:
    pack = struct.Struct(">f" if what == "float" else ">d").pack

    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (float, int)):
            raise takes(what, value, "float")
        try:
            pack(value)
        except OverflowError:
            msg = f"{what} cannot carry a number as large as this one"
            raise UnbindableError(msg) from None
        return value

    return check


def _blob(value: Any) -> bytes:
    if not is_a(value, bytes, bytearray, memoryview):
        raise takes("blob", value, "bytes or bytearray or memoryview")
    return bytes(value)


def _varint(value: Any) -> bytes:
    if not isinstance(value, int) or isinstance(value, bool):
        raise takes("varint", value, "int")
    return integer_bytes(value)


def _decimal(value: Any) -> Scaled:
    if isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value)
    if not isinstance(value, Decimal):
        raise takes("decimal", value, "Decimal")
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        msg = "decimal takes finite numbers only"
        raise UnbindableError(msg)
    if -exponent not in INT32:
        msg = f"decimal takes exponents from {-INT32.stop + 1} to {-INT32.start}, and this one is beyond"
        raise UnbindableError(msg)
    number = _joined(digits)
    return Scaled(integer_bytes(-number if sign else number), -exponent)


def _joined(digits: tuple[int, ...]) -> int:
    number = 0
    for digit in digits:
        number = number * 10 + digit
    return number


def _timeuuid(value: Any) -> UUID:
    if not isinstance(value, UUID):
        raise takes("timeuuid", value, "UUID")
    if value.version != _TIMEUUID_VERSION:
        msg = f"timeuuid takes a UUID of version 1, such as uuid.uuid1(), not of version {value.version}"
        raise UnbindableError(msg)
    return value


def _timestamp(value: Any) -> int:
    """Return milliseconds since 1970; what is below a millisecond is cut off, and a naive time is taken as UTC."""
    if not isinstance(value, datetime):
        raise takes("timestamp", value, "datetime")
    if value.tzinfo is None:
        value = value.replace(tzinfo=timezone.utc)
    milliseconds: int = (value - _EPOCH) // _MILLISECOND
    if milliseconds not in _TIMESTAMPS:
        msg = "timestamp takes a datetime that is within the years 1 to 9999 in UTC too, or it could not be read again"
        raise UnbindableError(msg)
    return milliseconds


def _date(value: Any) -> int:
    """Return days since 1970, moved up by half of what 32 bits hold, as the protocol has it."""
    if isinstance(value, CqlDate):
        return value.days + INT32.stop
    if not isinstance(value, date) or isinstance(value, datetime):
        raise takes("date", value, "date or CqlDate")
    return value.toordinal() - _EPOCH_ORDINAL + INT32.stop


def _time(value: Any) -> int:
    """Return nanoseconds since midnight."""
    if not isinstance(value, time):
        raise takes("time", value, "time")
    if value.tzinfo is not None:
        msg = "time has no time zone: give a naive time"
        raise UnbindableError(msg)
    return ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000_000 + value.microsecond * 1_000


def _inet(value: Any) -> IPv4Address | IPv6Address:
    if isinstance(value, (IPv4Address, IPv6Address)):
        return value
    if not isinstance(value, str):
        raise takes("inet", value, "IPv4Address, IPv6Address or str")
    try:
        return ip_address(value)
    except ValueError:
        msg = "inet takes an IP address, and this text is none"
        raise UnbindableError(msg) from None


CHECKS: Final[Mapping[str, Check]] = {
    "ascii": _text("ascii"),
    "bigint": _integer("bigint", INT64),
    "blob": _blob,
    "boolean": _kinds("boolean", bool),
    "counter": _integer("counter", INT64),
    "date": _date,
    "decimal": _decimal,
    "double": _floating("double"),
    "duration": _kinds("duration", CqlDuration),
    "float": _floating("float"),
    "inet": _inet,
    "int": _integer("int", INT32),
    "smallint": _integer("smallint", range(-(2**15), 2**15)),
    "text": _text("text"),
    "time": _time,
    "timestamp": _timestamp,
    "timeuuid": _timeuuid,
    "tinyint": _integer("tinyint", range(-(2**7), 2**7)),
    "uuid": _kinds("uuid", UUID),
    "varint": _varint,
}
"""What checks the values of each native type."""
