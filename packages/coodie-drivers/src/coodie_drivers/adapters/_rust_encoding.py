"""From the values of the contract (`coodie_drivers.values`) to those that the package `scylla` binds.

Encoders are composed once per column type. An encoder refuses, with a sentence that holds no value, what the type
cannot carry. What the type carries and the library cannot write, a null inside a tuple for one, raises
`UnwritableError`: such values go to the server as JSON.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Final
from uuid import UUID

from coodie_drivers.adapters._rust_types import (
    NATIVE_NAMES,
    CqlList,
    CqlMap,
    CqlSet,
    CqlTuple,
    CqlUserDefinedType,
    CqlVector,
    type_name,
)
from coodie_drivers.spelling import did_you_mean
from coodie_drivers.values import INT32, INT64, CqlDate, CqlDuration

Encode = Callable[[Any], Any]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_YEARS: Final = (datetime.min.replace(tzinfo=timezone.utc), datetime.max.replace(tzinfo=timezone.utc))
_MILLISECOND: Final = timedelta(milliseconds=1)
_TIMEUUID_VERSION: Final = 1


class UnbindableError(Exception):
    """A value cannot be bound to a type; says what the type takes, never the value."""


class UnwritableError(Exception):
    """A value is right for its type, and the library has no way to write it."""


class ListElement(list[Any]):
    """A list that may stand in a set: the library takes a list for a CQL list, and Python's own has no hash."""

    __hash__ = object.__hash__  # type: ignore[assignment]


class DictElement(dict[Any, Any]):
    """A dict that may stand in a set."""

    __hash__ = object.__hash__  # type: ignore[assignment]


class SetElement(set[Any]):
    """A set that may stand in a set."""

    __hash__ = object.__hash__  # type: ignore[assignment]


class Duration:
    """A duration as the library reads one: by its attributes, of which the shortest is a microsecond."""

    __slots__ = ("days", "microseconds", "months")

    def __init__(self, value: CqlDuration) -> None:
        self.months = value.months
        self.days = value.days
        self.microseconds = value.nanoseconds // 1_000


def encoder_of(cql_type: Any) -> Encode:
    """Return what turns the contract's value of this type into one that the library binds.

    The returned function raises `UnbindableError` and `UnwritableError`.
    """
    if isinstance(cql_type, CqlUserDefinedType):
        return _udt_encoder(cql_type)
    if isinstance(cql_type, CqlVector):
        return _vector_encoder(cql_type)
    if isinstance(cql_type, CqlList):
        return _elements_encoder(cql_type, ListElement, "list or tuple")
    if isinstance(cql_type, CqlSet):
        return _elements_encoder(cql_type, SetElement, "set or frozenset")
    if isinstance(cql_type, CqlMap):
        return _map_encoder(cql_type)
    if isinstance(cql_type, CqlTuple):
        return _tuple_encoder(cql_type)
    return _SCALAR_ENCODERS.get(NATIVE_NAMES.get(type(cql_type), ""), _as_it_is)


def plain_kind_of(cql_type: Any) -> type | None:
    """Return the class whose very instances the library binds to this type, or refuses with an error of its own.

    What is of that class need not be encoded; when the library refuses it, the encoder says why.
    """
    return _PLAIN_KINDS.get(NATIVE_NAMES.get(type(cql_type), ""))


def _is(value: object, *kinds: type) -> bool:
    """Return whether `value` is of one of these kinds; unlike isinstance it leaves the checkers' `Any` alone."""
    return isinstance(value, kinds)


def _takes(what: str, value: object, wanted: str) -> UnbindableError:
    return UnbindableError(f"{what} takes {wanted}, not {type(value).__name__}")


def _kind(what: str, kind: type) -> Encode:
    def encode(value: Any) -> Any:
        if not isinstance(value, kind):
            raise _takes(what, value, kind.__name__)
        return value

    return encode


def _blob(value: Any) -> bytes:
    if not _is(value, bytes, bytearray, memoryview):
        raise _takes("blob", value, "bytes or bytearray or memoryview")
    return bytes(value)


def _text(what: str) -> Encode:
    codec = "ascii" if what == "ascii" else "utf-8"

    def encode(value: Any) -> str:
        if not isinstance(value, str):
            raise _takes(what, value, "str")
        try:
            value.encode(codec)
        except UnicodeEncodeError:
            msg = f"{what} cannot carry a character that {codec.upper()} has not, such as the one at hand"
            raise UnbindableError(msg) from None
        return value

    return encode


def _integer(what: str, allowed: range | None) -> Encode:
    def encode(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise _takes(what, value, "int")
        if allowed is not None and value not in allowed:
            msg = f"{what} takes int from {allowed.start} to {allowed.stop - 1}, and this one is beyond"
            raise UnbindableError(msg)
        return int(value)

    return encode


def _floating(what: str) -> Encode:
    pack = struct.Struct(">f" if what == "float" else ">d").pack

    def encode(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (float, int)):
            raise _takes(what, value, "float")
        try:
            pack(value)
        except OverflowError:
            msg = f"{what} cannot carry a number as large as this one"
            raise UnbindableError(msg) from None
        return float(value)

    return encode


def _decimal(value: Any) -> Decimal:
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if not isinstance(value, Decimal):
        raise _takes("decimal", value, "Decimal")
    if not value.is_finite():
        msg = "decimal takes finite numbers only"
        raise UnbindableError(msg)
    return value


def _timeuuid(value: Any) -> UUID:
    if not isinstance(value, UUID):
        raise _takes("timeuuid", value, "UUID")
    if value.version != _TIMEUUID_VERSION:
        msg = f"timeuuid takes a UUID of version 1, such as uuid.uuid1(), not of version {value.version}"
        raise UnbindableError(msg)
    return value


def _timestamp(value: Any) -> datetime:
    """Return the time in UTC; a naive one is taken as UTC, and what is below a millisecond the library cuts off."""
    if not isinstance(value, datetime):
        raise _takes("timestamp", value, "datetime")
    if value.tzinfo is timezone.utc:
        return value
    if value.tzinfo is None:
        return value.replace(tzinfo=timezone.utc)
    since = value - _EPOCH
    if not _YEARS[0] - _EPOCH <= since <= _YEARS[1] - _EPOCH:
        msg = "timestamp takes a datetime that is within the years 1 to 9999 in UTC too, or it could not be read again"
        raise UnbindableError(msg)
    return _EPOCH + since


def _date(value: Any) -> date:
    if isinstance(value, CqlDate):
        found = CqlDate.from_days(value.days)
        if isinstance(found, CqlDate):
            raise UnwritableError
        return found
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _takes("date", value, "date or CqlDate")
    return value


def _time(value: Any) -> time:
    if not isinstance(value, time):
        raise _takes("time", value, "time")
    if value.tzinfo is not None:
        msg = "time has no time zone: give a naive time"
        raise UnbindableError(msg)
    return value


def _inet(value: Any) -> IPv4Address | IPv6Address:
    if isinstance(value, (IPv4Address, IPv6Address)):
        return value
    if not isinstance(value, str):
        raise _takes("inet", value, "IPv4Address, IPv6Address or str")
    try:
        return ip_address(value)
    except ValueError:
        msg = "inet takes an IP address, and this text is none"
        raise UnbindableError(msg) from None


def _duration(value: Any) -> Duration:
    if not isinstance(value, CqlDuration):
        raise _takes("duration", value, "CqlDuration")
    if value.nanoseconds % 1_000:
        raise UnwritableError
    return Duration(value)


class Elements:
    """Encodes the elements of a collection; those that need no encoding are recognized by their class alone."""

    __slots__ = ("_encode", "_plain", "_what")

    def __init__(self, cql_type: Any, what: str) -> None:
        """Take the type of an element, and the name of the collection's type."""
        kind = plain_kind_of(cql_type)
        self._plain = frozenset(() if kind is None else (kind,))
        self._encode = encoder_of(cql_type)
        self._what = what

    def __call__(self, values: Any) -> list[Any]:
        """Return the elements as the library binds them."""
        if self._plain.issuperset(map(type, values)):
            return list(values)
        return [self.one(value) for value in values]

    def one(self, value: Any) -> Any:
        """Return one element as the library binds it."""
        if value is None:
            msg = f"{self._what} cannot hold null"
            raise UnbindableError(msg)
        return self._encode(value)


def _elements_encoder(cql_type: Any, container: type, wanted: str) -> Encode:
    what = type_name(cql_type)
    elements = Elements(cql_type.column_type, what)

    def encode_all(value: Any) -> Any:
        if not _is(value, list, tuple, set, frozenset):
            raise _takes(what, value, wanted)
        return container(elements(value))

    return encode_all


def _vector_encoder(cql_type: Any) -> Encode:
    what, size = type_name(cql_type), cql_type.dimensions
    elements = Elements(cql_type.typ, what)

    def encode_all(value: Any) -> list[Any]:
        if not _is(value, list, tuple):
            raise _takes(what, value, "list or tuple")
        if len(value) != size:
            msg = f"{what} takes {size} elements, not {len(value)}"
            raise UnbindableError(msg)
        return ListElement(elements(value))

    return encode_all


def _map_encoder(cql_type: Any) -> Encode:
    what = type_name(cql_type)
    key, value = (Elements(each, what) for each in (cql_type.key_type, cql_type.value_type))

    def encode(items: Any) -> DictElement:
        if not _is(items, Mapping):
            raise _takes(what, items, "dict")
        keys, values = key(items.keys()), value(items.values())
        return DictElement(zip(keys, values, strict=True))

    return encode


def _tuple_encoder(cql_type: Any) -> Encode:
    what = type_name(cql_type)
    encoders = [encoder_of(each) for each in cql_type.element_types]

    def encode(values: Any) -> tuple[Any, ...]:
        if not _is(values, list, tuple):
            raise _takes(what, values, "tuple")
        if len(values) != len(encoders):
            msg = f"{what} takes {len(encoders)} elements, not {len(values)}"
            raise UnbindableError(msg)
        pairs = zip(encoders, values, strict=True)
        encoded = [None if value is None else encode_one(value) for encode_one, value in pairs]
        if None in encoded:
            raise UnwritableError
        return tuple(encoded)

    return encode


def checked_fields(cql_type: Any, fields: Any) -> dict[str, Any]:
    """Return the value of each field of a user-defined type, None for those that were left out."""
    name, known = cql_type.name, [field for field, _ in cql_type.field_types]
    if not _is(fields, Mapping):
        raise _takes(f"type '{name}'", fields, "dict")
    for field in fields:
        if field not in known:
            msg = f"type '{name}' has no field {field!r}{did_you_mean(str(field), known)}"
            raise UnbindableError(msg)
    return {field: fields.get(field) for field in known}


def _udt_encoder(cql_type: Any) -> Encode:
    encoders = [encoder_of(field_type) for _, field_type in cql_type.field_types]

    def encode(fields: Any) -> DictElement:
        values = checked_fields(cql_type, fields)
        encoded = DictElement()
        unwritable = False
        for encode_field, (field, value) in zip(encoders, values.items(), strict=True):
            if value is None:
                unwritable = True  # after all others have been checked
            else:
                encoded[field] = encode_field(value)
        if unwritable:
            raise UnwritableError
        return encoded

    return encode


def _as_it_is(value: Any) -> Any:
    return value


_SCALAR_ENCODERS: Final[Mapping[str, Encode]] = {
    "ascii": _text("ascii"),
    "bigint": _integer("bigint", INT64),
    "blob": _blob,
    "boolean": _kind("boolean", bool),
    "counter": _integer("counter", INT64),
    "date": _date,
    "decimal": _decimal,
    "double": _floating("double"),
    "duration": _duration,
    "float": _floating("float"),
    "inet": _inet,
    "int": _integer("int", INT32),
    "smallint": _integer("smallint", range(-(2**15), 2**15)),
    "text": _text("text"),
    "time": _time,
    "timestamp": _timestamp,
    "timeuuid": _timeuuid,
    "tinyint": _integer("tinyint", range(-(2**7), 2**7)),
    "uuid": _kind("uuid", UUID),
    "varint": _integer("varint", None),
}

_PLAIN_KINDS: Final[Mapping[str, type]] = {
    "bigint": int,
    "blob": bytes,
    "boolean": bool,
    "counter": int,
    "date": date,
    "decimal": Decimal,
    "double": float,
    "int": int,
    "smallint": int,
    "text": str,
    "tinyint": int,
    "uuid": UUID,
    "varint": int,
}
