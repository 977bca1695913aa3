"""What the values of each native type may be, whichever client library binds them.

A check returns the value, in one form where several are taken, and refuses what the type cannot carry with a sentence
that holds no value. The encoders of an adapter begin with it, and go on to what their library wants.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Sized
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Final, cast
from uuid import UUID

from coodie_drivers.spelling import did_you_mean
from coodie_drivers.values import INT32, INT64, CqlDate, CqlDuration, is_within

Check = Callable[[Any], Any]

EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
NAIVE_EPOCH: Final = EPOCH.replace(tzinfo=None)
EPOCH_ORDINAL: Final = EPOCH.toordinal()
_MILLISECOND: Final = timedelta(milliseconds=1)
_TIMESTAMPS: Final = range(
    (datetime.min.replace(tzinfo=timezone.utc) - EPOCH) // _MILLISECOND,
    (datetime.max.replace(tzinfo=timezone.utc) - EPOCH) // _MILLISECOND + 1,
)
"""The milliseconds that Python's years hold."""

_TIMEUUID_VERSION: Final = 1


class UnbindableError(Exception):
    """A value cannot be bound to a type; says what the type takes, never the value."""


def is_a(value: object, *kinds: type) -> bool:
    """Return whether `value` is of one of these kinds; unlike isinstance it leaves the checkers' `Any` alone."""
    return isinstance(value, kinds)


def takes(what: str, value: object, wanted: str) -> UnbindableError:
    """Return the refusal of a value of the wrong type."""
    return UnbindableError(f"{what} takes {wanted}, not {type(value).__name__}")


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
        if allowed is not None and not is_within(value, allowed):
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
        except (OverflowError, struct.error):  # the latter of an int that no double holds
            msg = f"{what} cannot carry a number as large as this one"
            raise UnbindableError(msg) from None
        return value

    return check


def _blob(value: Any) -> bytes:
    if not is_a(value, bytes, bytearray, memoryview):
        raise takes("blob", value, "bytes or bytearray or memoryview")
    return bytes(value)


def decimal_of(value: Any) -> Decimal:
    """Return the number that a `decimal` takes: its scale, the exponent with the other sign, is an `int` of CQL."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if not isinstance(value, Decimal):
        raise takes("decimal", value, "Decimal or int")
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        msg = "decimal takes finite numbers, neither NaN nor Infinity"
        raise UnbindableError(msg)
    if not is_within(-exponent, INT32):
        msg = f"decimal takes exponents from {-INT32.stop + 1} to {-INT32.start}, and this one is beyond"
        raise UnbindableError(msg)
    return value


def _timeuuid(value: Any) -> UUID:
    if not isinstance(value, UUID):
        raise takes("timeuuid", value, "UUID")
    if value.version != _TIMEUUID_VERSION:
        msg = f"timeuuid takes a UUID of version 1, such as uuid.uuid1(), not of version {value.version}"
        raise UnbindableError(msg)
    return value


def milliseconds_of(value: Any) -> int:
    """Return the milliseconds since 1970 that a `timestamp` takes.

    What is below a millisecond is cut off, and a naive time is taken as UTC.
    """
    if not isinstance(value, datetime):
        raise takes("timestamp", value, "datetime")
    since: timedelta = value - (NAIVE_EPOCH if value.tzinfo is None else EPOCH)
    milliseconds = since.days * 86_400_000 + since.seconds * 1_000 + since.microseconds // 1_000
    if not is_within(milliseconds, _TIMESTAMPS):
        msg = "timestamp takes a datetime that is within the years 1 to 9999 in UTC too, or it could not be read again"
        raise UnbindableError(msg)
    return milliseconds


def days_of(value: Any) -> int:
    """Return the days since 1970 that a `date` takes."""
    if isinstance(value, CqlDate):
        return value.days
    if not isinstance(value, date) or isinstance(value, datetime):
        raise takes("date", value, "date or CqlDate")
    return value.toordinal() - EPOCH_ORDINAL


def time_of(value: Any) -> time:
    """Return the time of day that a `time` takes."""
    if not isinstance(value, time):
        raise takes("time", value, "time")
    if value.tzinfo is not None:
        msg = "time has no time zone: give a naive time"
        raise UnbindableError(msg)
    return value


def _inet(value: Any) -> IPv4Address | IPv6Address:
    if not isinstance(value, (IPv4Address, IPv6Address, str)):
        raise takes("inet", value, "IPv4Address, IPv6Address or str")
    try:
        address = ip_address(value) if isinstance(value, str) else value
    except ValueError:
        msg = "inet takes an IP address, and this text is none"
        raise UnbindableError(msg) from None
    if getattr(address, "scope_id", None) is not None:
        msg = "inet has no room for the scope of an address (what stands behind its %): give the address without it"
        raise UnbindableError(msg)
    return address


def pairs_of(what: str, value: Any) -> Mapping[Any, Any]:
    """Return what a `map` takes."""
    if not is_a(value, Mapping):
        raise takes(what, value, "dict")
    return cast("Mapping[Any, Any]", value)


def items_of(what: str, value: Any, wanted: str) -> Iterable[Any]:
    """Return what a `list` or a `set` takes; the refusal of anything else says that it takes what is `wanted`."""
    if not is_a(value, list, tuple, set, frozenset):
        raise takes(what, value, wanted)
    return cast("Iterable[Any]", value)


def sequence_of(what: str, value: Any, size: int, wanted: str = "list or tuple") -> Sequence[Any]:
    """Return what a `vector` or a `tuple` of so many elements takes."""
    if not is_a(value, list, tuple):
        raise takes(what, value, wanted)
    if len(value) != size:
        msg = f"{what} takes {size} elements, not {len(value)}"
        raise UnbindableError(msg)
    return cast("Sequence[Any]", value)


def fields_of(name: str, fields: Collection[str], value: Any) -> list[Any]:
    """Return the value of each field of a user-defined type, in the order of the type; None for what was left out."""
    given = pairs_of(f"type '{name}'", value)
    for field in given:
        if field not in fields:
            # What is given under the name is not told: who takes the type for a map gives values for names.
            near = did_you_mean(str(field), fields)
            msg = f"type '{name}' has no field of a name that is given; it has {', '.join(fields)}{near}"
            raise UnbindableError(msg)
    return [given.get(field) for field in fields]


def holds_list(values: Sequence[object], indexes: Iterable[int]) -> bool:
    """Return whether a value at one of these indexes is a list with elements, for a column or for an `IN`.

    A frozen list counts too, though it could be written twice without harm: the server's metadata of markers does not
    tell the two apart. A list without elements leaves nothing that could be there twice.
    """
    for index in indexes:
        value = values[index] if index < len(values) else None
        if (value.__class__ is list and value) or has_elements(value):
            return True
    return False


def has_elements(value: object) -> bool:
    """Return whether this is a collection, of whatever kind, that is not empty."""
    return isinstance(value, Sized) and len(value) > 0


CHECKS: Final[Mapping[str, Check]] = {
    "ascii": _text("ascii"),
    "bigint": _integer("bigint", INT64),
    "blob": _blob,
    "boolean": _kinds("boolean", bool),
    "counter": _integer("counter", INT64),
    "date": days_of,
    "decimal": decimal_of,
    "double": _floating("double"),
    "duration": _kinds("duration", CqlDuration),
    "float": _floating("float"),
    "inet": _inet,
    "int": _integer("int", INT32),
    "smallint": _integer("smallint", range(-(2**15), 2**15)),
    "text": _text("text"),
    "time": time_of,
    "timestamp": milliseconds_of,
    "timeuuid": _timeuuid,
    "tinyint": _integer("tinyint", range(-(2**7), 2**7)),
    "uuid": _kinds("uuid", UUID),
    "varint": _integer("varint", None),
}
"""What checks the values of each native type."""
