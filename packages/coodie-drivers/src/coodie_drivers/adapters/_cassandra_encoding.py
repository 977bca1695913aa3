"""From the values of the contract (`coodie_drivers.values`) to those that the package `cassandra` binds.

Encoders are composed once per column type. An encoder refuses, with a sentence that holds no value, what the type
cannot carry: what it lets through, the library can bind.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Final
from uuid import UUID

from coodie_drivers.adapters._cassandra_library import cqltypes, util
from coodie_drivers.spelling import did_you_mean
from coodie_drivers.values import INT32, INT64, CqlDate, CqlDuration

Encode = Callable[[Any], Any]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_EPOCH_ORDINAL: Final = _EPOCH.toordinal()
_MILLISECOND: Final = timedelta(milliseconds=1)
TIMESTAMPS: Final = range(
    (datetime.min.replace(tzinfo=timezone.utc) - _EPOCH) // _MILLISECOND,
    (datetime.max.replace(tzinfo=timezone.utc) - _EPOCH) // _MILLISECOND + 1,
)
"""The milliseconds that Python's years hold."""

_TIMEUUID_VERSION: Final = 1


class UnbindableError(Exception):
    """A value cannot be bound to a type; says what the type takes, never the value."""


def encoder_of(cql_type: Any) -> Encode:
    """Return what turns the contract's value of this type into one that the library binds.

    The returned function raises `UnbindableError`.
    """
    if issubclass(cql_type, cqltypes.UserType):
        return _udt_encoder(cql_type)
    if issubclass(cql_type, (cqltypes.FrozenType, cqltypes.ReversedType)):
        return encoder_of(cql_type.subtypes[0])
    if issubclass(cql_type, cqltypes.VectorType):
        return _vector_encoder(cql_type)
    if issubclass(cql_type, (cqltypes.ListType, cqltypes.SetType)):
        return _elements_encoder(cql_type)
    if issubclass(cql_type, cqltypes.MapType):
        return _map_encoder(cql_type)
    if issubclass(cql_type, cqltypes.TupleType):
        return _tuple_encoder(cql_type)
    return _SCALAR_ENCODERS.get(cql_type.typename, _as_it_is)


def type_name(cql_type: Any) -> str:
    """Return the type as CQL spells it."""
    if issubclass(cql_type, cqltypes.VarcharType):
        return "text"
    if issubclass(cql_type, cqltypes.VectorType):
        return f"vector<{type_name(cql_type.subtype)}, {cql_type.vector_size}>"
    if issubclass(cql_type, (cqltypes.FrozenType, cqltypes.ReversedType)):
        return type_name(cql_type.subtypes[0])
    if issubclass(cql_type, (cqltypes.UserType, cqltypes.TupleType)) or not cql_type.subtypes:
        return str(cql_type.cql_parameterized_type())
    return f"{cql_type.typename}<{', '.join(map(type_name, cql_type.subtypes))}>"


def _is(value: object, *kinds: type) -> bool:
    """Return whether `value` is of one of these kinds; unlike isinstance it leaves the checkers' `Any` alone."""
    return isinstance(value, kinds)


def _takes(what: str, value: object, wanted: str) -> UnbindableError:
    return UnbindableError(f"{what} takes {wanted}, not {type(value).__name__}")


def _kinds(what: str, *kinds: type) -> Encode:
    wanted = " or ".join(kind.__name__ for kind in kinds)

    def encode(value: Any) -> Any:
        if not isinstance(value, kinds):
            raise _takes(what, value, wanted)
        return value

    return encode


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
        return value

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
        return value

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


def _timestamp(value: Any) -> int:
    """Return milliseconds since 1970; what is below a millisecond is cut off, and a naive time is taken as UTC."""
    if not isinstance(value, datetime):
        raise _takes("timestamp", value, "datetime")
    if value.tzinfo is None:
        value = value.replace(tzinfo=timezone.utc)
    milliseconds: int = (value - _EPOCH) // _MILLISECOND
    if milliseconds not in TIMESTAMPS:
        msg = "timestamp takes a datetime that is within the years 1 to 9999 in UTC too, or it could not be read again"
        raise UnbindableError(msg)
    return milliseconds


def _date(value: Any) -> Any:
    if isinstance(value, CqlDate):
        return util.Date(value.days)
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _takes("date", value, "date or CqlDate")
    return util.Date(value.toordinal() - _EPOCH_ORDINAL)


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


def _element(cql_type: Any, what: str) -> Encode:
    encode = encoder_of(cql_type)

    def encode_element(value: Any) -> Any:
        if value is None:
            msg = f"{what} cannot hold null"
            raise UnbindableError(msg)
        return encode(value)

    return encode_element


def _elements_encoder(cql_type: Any) -> Encode:
    what = type_name(cql_type)
    encode = _element(cql_type.subtypes[0], what)
    wanted = "set or frozenset" if issubclass(cql_type, cqltypes.SetType) else "list or tuple"

    def encode_all(value: Any) -> list[Any]:
        if not _is(value, list, tuple, set, frozenset):
            raise _takes(what, value, wanted)
        return [encode(each) for each in value]

    return encode_all


def _vector_encoder(cql_type: Any) -> Encode:
    what, size = type_name(cql_type), cql_type.vector_size
    encode = _element(cql_type.subtype, what)

    def encode_all(value: Any) -> list[Any]:
        if not _is(value, list, tuple):
            raise _takes(what, value, "list or tuple")
        if len(value) != size:
            msg = f"{what} takes {size} elements, not {len(value)}"
            raise UnbindableError(msg)
        return [encode(each) for each in value]

    return encode_all


class _Pairs:
    """A map as the library serializes it: it asks for the number of items and for the items, not for a dict.

    A dict would need hashable keys, which an encoded list is not.
    """

    __slots__ = ("_pairs",)

    def __init__(self, pairs: list[tuple[Any, Any]]) -> None:
        self._pairs = pairs

    def __len__(self) -> int:
        return len(self._pairs)

    def items(self) -> list[tuple[Any, Any]]:
        return self._pairs


def _map_encoder(cql_type: Any) -> Encode:
    what = type_name(cql_type)
    key, value = (_element(each, what) for each in cql_type.subtypes)

    def encode(items: Any) -> _Pairs:
        if not _is(items, Mapping):
            raise _takes(what, items, "dict")
        return _Pairs([(key(k), value(v)) for k, v in items.items()])

    return encode


def _tuple_encoder(cql_type: Any) -> Encode:
    what = type_name(cql_type)
    encoders = [encoder_of(each) for each in cql_type.subtypes]

    def encode(values: Any) -> tuple[Any, ...]:
        if not _is(values, list, tuple):
            raise _takes(what, values, "tuple")
        if len(values) != len(encoders):
            msg = f"{what} takes {len(encoders)} elements, not {len(values)}"
            raise UnbindableError(msg)
        pairs = zip(encoders, values, strict=True)
        return tuple([None if value is None else encode_one(value) for encode_one, value in pairs])

    return encode


def _udt_encoder(cql_type: Any) -> Encode:
    name = cql_type.typename
    encoders = {field: encoder_of(each) for field, each in zip(cql_type.fieldnames, cql_type.subtypes, strict=True)}

    def encode(fields: Any) -> tuple[Any, ...]:
        if not _is(fields, Mapping):
            raise _takes(f"type '{name}'", fields, "dict")
        for field in fields:
            if field not in encoders:
                msg = f"type '{name}' has no field {field!r}{did_you_mean(str(field), encoders)}"
                raise UnbindableError(msg)
        return tuple(
            [
                None if fields.get(field) is None else encode_field(fields[field])
                for field, encode_field in encoders.items()
            ]
        )

    return encode


def _as_it_is(value: Any) -> Any:
    return value


_SCALAR_ENCODERS: Final[Mapping[str, Encode]] = {
    "ascii": _text("ascii"),
    "bigint": _integer("bigint", INT64),
    "blob": _kinds("blob", bytes, bytearray, memoryview),
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
    "varchar": _text("text"),
    "varint": _integer("varint", None),
}
