"""How the values of each column type are read: what the package `cassandra` parses them as, and what is made of that.

The library's compiled parser is fastest with plain types, so each type is parsed as the plainest of the same bytes: a
uuid as a blob, a timestamp as a bigint, a set as a list, a user-defined type as a tuple. What the contract has instead
(`coodie_drivers.values`) is made of it here.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID, SafeUUID

from coodie_drivers.adapters._blank_uuids import BlankUUID
from coodie_drivers.adapters._cassandra_decimals import LongDecimal, with_long_decimals
from coodie_drivers.adapters._cassandra_decoding import decoder_of
from coodie_drivers.adapters._cassandra_library import cqltypes, errors, parser, policies
from coodie_drivers.adapters._value_checks import EPOCH
from coodie_drivers.values import CqlDate, FrozenMap

if TYPE_CHECKING:
    from collections.abc import Sequence

Finish = Callable[[Any], Any]

MILLISECOND: Final = timedelta(milliseconds=1)

_NESTED_VERSION: Final = 4
"""The version of the protocol that values inside of others are written in: since the third it is the same."""

UUID_OCTETS: Final = 16
_IPV6_OCTETS: Final = 16
_DAY_ZERO: Final = -(2**31)
_SECOND: Final = 1_000_000
_VECTOR_CODES: Final[Mapping[Any, str]] = {
    cqltypes.DoubleType: "d",
    cqltypes.FloatType: "f",
    cqltypes.Int32Type: "i",
    cqltypes.LongType: "q",
}

_UNKNOWN: Final = SafeUUID.unknown
_integer: Final = int.from_bytes


class Reading(NamedTuple):
    """How values of one type are read.

    Attributes:
        parsed_as: the library's class that parses their bytes.
        finish: what makes the contract's value of the parsed one, which is not None; None where they are the same.
    """

    parsed_as: Any
    finish: Finish | None


def reading_of(cql_type: Any, *, hashable: bool = False) -> Reading:
    """Return how values of this type are read.

    Args:
        cql_type: the library's class for the column's type.
        hashable: whether the value stands where Python needs a hashable one (element of a set, key of a map).
    """
    if issubclass(cql_type, cqltypes.UserType):
        return _udt_reading(cql_type, hashable=hashable)
    if issubclass(cql_type, (cqltypes.FrozenType, cqltypes.ReversedType)):
        return reading_of(cql_type.subtypes[0], hashable=hashable)
    if issubclass(cql_type, cqltypes.VectorType):
        return _vector_reading(cql_type, hashable=hashable)
    if issubclass(cql_type, cqltypes.ListType):
        return _elements_reading(cql_type, tuple if hashable else list, hashable=hashable)
    if issubclass(cql_type, cqltypes.SetType):
        return _elements_reading(cql_type, frozenset if hashable else set, hashable=True)
    if issubclass(cql_type, cqltypes.MapType):
        return _map_reading(cql_type, hashable=hashable)
    if issubclass(cql_type, cqltypes.TupleType):
        return _tuple_reading(cql_type, hashable=hashable)
    return _SCALAR_READINGS.get(cql_type.typename) or Reading(cql_type, decoder_of(cql_type))


def sparse_reading_of(cql_type: Any) -> Reading:
    """Return how values of this type are read where elements of a list may be null: the library reads no such list.

    The server keeps none, but answers with one for TTL and WRITETIME of a collection or user-defined type that is not
    frozen: each part's own, and null for one that has none.
    """
    if not issubclass(cql_type, cqltypes.ListType):
        return reading_of(cql_type)
    (element_type,) = cql_type.subtypes
    element = reading_of(element_type)
    # As the library reads rows: a number of them, then the cells of each, here one.
    description = description_of(("element",), (element_type,), (element,))
    finish_element = _nullable(element.finish or _same)

    def finish(octets: bytes) -> list[Any] | None:
        if not octets:
            return None
        return [finish_element(value) for (value,) in parser.parse_rows(parser.reader(octets), description)]

    return Reading(cqltypes.BytesType, finish)


def description_of(
    names: Sequence[str], types: Sequence[Any], readings: Sequence[Reading], version: int = _NESTED_VERSION
) -> Any:
    """Return what the library's parser must know of rows with columns of these names and types."""
    columns = [policies.ColDesc("", "", name) for name in names]
    cells = parser.make_deserializers([reading.parsed_as for reading in readings])
    return parser.ParseDesc(list(names), list(types), None, columns, cells, version)


def uuid(octets: bytes) -> UUID | None:
    """Return the UUID of sixteen octets, filled in from outside: a third of the time that its constructor takes."""
    if len(octets) != UUID_OCTETS:
        if octets:
            msg = "a uuid has 16 octets"
            raise ValueError(msg)
        return None  # the empty value, which older servers keep in place of a null
    made: Any = BlankUUID()
    made.int = _integer(octets, "big")
    made.is_safe = _UNKNOWN
    made.__class__ = UUID
    found: UUID = made
    return found


def timestamp(milliseconds: int) -> datetime:
    """Return the time so many milliseconds after 1970; the library's parser takes one far beyond 9999 for another."""
    return EPOCH + milliseconds * MILLISECOND


def _date(unsigned: int) -> object:
    return CqlDate.from_days(unsigned ^ _DAY_ZERO)  # the server counts from the middle of 32 bits, without a sign


def _time(nanoseconds: int) -> time:
    seconds, microsecond = divmod(nanoseconds // 1_000, _SECOND)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return time(hour, minute, second, microsecond)


def _inet(octets: bytes) -> IPv4Address | IPv6Address | None:
    if len(octets) == _IPV6_OCTETS:
        return IPv6Address(octets)
    return IPv4Address(octets) if octets else None


def _nullable(finish: Finish) -> Finish:
    return lambda value: None if value is None else finish(value)


def _elements_reading(cql_type: Any, container: type, *, hashable: bool) -> Reading:
    element = reading_of(cql_type.subtypes[0], hashable=hashable)
    parsed_as = cqltypes.ListType.apply_parameters((element.parsed_as,))
    if element.finish is None:
        return Reading(parsed_as, None if container is list else container)
    finish = _nullable(element.finish)

    def finish_list(values: Any) -> Any:
        return [finish(value) for value in values]

    def finish_other(values: Any) -> Any:
        return container([finish(value) for value in values])

    return Reading(parsed_as, finish_list if container is list else finish_other)


def _map_reading(cql_type: Any, *, hashable: bool) -> Reading:
    """Read a map as the library reads rows: a number of them, then the cells of each, here a key and a value."""
    key_type, value_type = cql_type.subtypes
    key, value = reading_of(key_type, hashable=True), reading_of(value_type, hashable=hashable)
    description = description_of(("key", "value"), cql_type.subtypes, (key, value))
    container: Finish = _frozen if hashable else _same
    finish_key, finish_value = _nullable(key.finish or _same), _nullable(value.finish or _same)
    plain = key.finish is None and value.finish is None

    def finish(octets: bytes) -> Any:
        if not octets:
            return None
        try:
            pairs = parser.parse_rows(parser.reader(octets), description)
        except errors.DriverException:
            # The library takes them for columns, and would name the one that failed.
            msg = "a key or a value of a map cannot be read"
            raise ValueError(msg) from None
        if not plain:
            pairs = [(finish_key(k), finish_value(v)) for k, v in pairs]
        items: dict[Any, Any] = dict(pairs)
        return container(items)

    return Reading(cqltypes.BytesType, finish)


def _parts(cql_type: Any, *, hashable: bool) -> tuple[Any, list[Finish | None]]:
    readings = [reading_of(each, hashable=hashable) for each in cql_type.subtypes]
    parsed_as = cqltypes.TupleType.apply_parameters(tuple([reading.parsed_as for reading in readings]))
    return parsed_as, [reading.finish and _nullable(reading.finish) for reading in readings]


def _tuple_reading(cql_type: Any, *, hashable: bool) -> Reading:
    parsed_as, finishes = _parts(cql_type, hashable=hashable)
    if not any(finishes):
        return Reading(parsed_as, None)

    def finish(values: Any) -> tuple[Any, ...]:
        pairs = zip(finishes, values, strict=True)
        return tuple([finish_part(value) if finish_part else value for finish_part, value in pairs])

    return Reading(parsed_as, finish)


def _udt_reading(cql_type: Any, *, hashable: bool) -> Reading:
    names = tuple(cql_type.fieldnames)
    parsed_as, parts = _parts(cql_type, hashable=hashable)
    finishes = [finish or _same for finish in parts]
    container: Finish = _frozen if hashable else _same

    def finish(values: Any) -> Any:
        fields = zip(names, finishes, values, strict=True)
        return container({name: finish_field(value) for name, finish_field, value in fields})

    return Reading(parsed_as, finish)


def _vector_reading(cql_type: Any, *, hashable: bool) -> Reading:
    code = _VECTOR_CODES.get(cql_type.subtype)
    if code is None:
        return Reading(with_long_decimals(cql_type), decoder_of(cql_type, hashable=hashable))
    unpack = struct.Struct(f">{cql_type.vector_size}{code}").unpack

    def finish(octets: bytes) -> tuple[Any, ...] | list[Any] | None:
        if not octets:
            return None
        values = unpack(octets)
        return values if hashable else [*values]

    return Reading(cqltypes.BytesType, finish)


def _frozen(items: dict[Any, Any]) -> FrozenMap[Any, Any]:
    return FrozenMap(items)


def _same(value: Any) -> Any:
    return value


_SCALAR_READINGS: Final[Mapping[str, Reading]] = {
    "date": Reading(cqltypes.Int32Type, _date),
    "decimal": Reading(LongDecimal, None),
    "inet": Reading(cqltypes.BytesType, _inet),
    "time": Reading(cqltypes.LongType, _time),
    "timestamp": Reading(cqltypes.LongType, timestamp),
    "timeuuid": Reading(cqltypes.BytesType, uuid),
    "uuid": Reading(cqltypes.BytesType, uuid),
}
