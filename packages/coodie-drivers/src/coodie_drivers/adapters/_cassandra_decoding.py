"""From the values of the package `cassandra` to those of the contract (`coodie_drivers.values`).

Decoders are composed once per column type; a decoder is None where the library's own value is right already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address
from operator import getitem
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from coodie_drivers.adapters._cassandra_library import cqltypes, util
from coodie_drivers.errors import ConfigurationError
from coodie_drivers.values import CqlDate, CqlDuration, FrozenMap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Decode = Callable[[Any], Any]


def decoder_of(cql_type: Any, *, hashable: bool = False) -> Decode | None:
    """Return what turns the library's value of this type into the contract's; None where they are the same.

    Args:
        cql_type: the library's class for the column's type.
        hashable: whether the value stands where Python needs a hashable one (element of a set, key of a map).
    """
    if issubclass(cql_type, cqltypes.UserType):
        return _udt_decoder(cql_type, hashable=hashable)
    if issubclass(cql_type, (cqltypes.FrozenType, cqltypes.ReversedType)):
        return decoder_of(cql_type.subtypes[0], hashable=hashable)
    if issubclass(cql_type, cqltypes.VectorType):
        return _list_decoder(decoder_of(cql_type.subtype, hashable=hashable), tuple if hashable else list)
    if issubclass(cql_type, cqltypes.ListType):
        return _list_decoder(decoder_of(cql_type.subtypes[0], hashable=hashable), tuple if hashable else list)
    if issubclass(cql_type, cqltypes.SetType):
        return _set_decoder(decoder_of(cql_type.subtypes[0], hashable=True), frozenset if hashable else set)
    if issubclass(cql_type, cqltypes.MapType):
        return _map_decoder(cql_type, hashable=hashable)
    if issubclass(cql_type, cqltypes.TupleType):
        return _tuple_decoder(cql_type, hashable=hashable)
    return _SCALAR_DECODERS.get(cql_type.typename)


def _nullable(decode: Decode) -> Decode:
    return lambda value: None if value is None else decode(value)


def _list_decoder(element: Decode | None, container: type) -> Decode | None:
    if element is None:
        return None if container is list else container
    decode = _nullable(element)
    if container is list:
        return lambda values: [decode(value) for value in values]
    return lambda values: tuple([decode(value) for value in values])


def _set_decoder(element: Decode | None, container: type) -> Decode:
    if element is None:
        return container
    decode = _nullable(element)
    return lambda values: container([decode(value) for value in values])


def _map_decoder(cql_type: Any, *, hashable: bool) -> Decode:
    key_type, value_type = cql_type.subtypes
    key = _nullable(decoder_of(key_type, hashable=True) or _same)
    value = _nullable(decoder_of(value_type, hashable=hashable) or _same)
    if hashable:
        return lambda items: FrozenMap({key(k): value(v) for k, v in _entries_of(items)})
    return lambda items: {key(k): value(v) for k, v in _entries_of(items)}


def _entries_of(items: Any) -> Iterable[tuple[Any, Any]]:
    """Return the entries of a map of the library.

    Its own `items()` looks for each key by writing it once more, and does not find a timestamp far from 1970, which it
    reads a few microseconds off.
    """
    entries: Iterable[tuple[Any, Any]] = items._items if isinstance(items, util.OrderedMap) else items.items()  # noqa: SLF001 - see above
    return entries


def _tuple_decoder(cql_type: Any, *, hashable: bool) -> Decode | None:
    decoders = [decoder_of(each, hashable=hashable) for each in cql_type.subtypes]
    if not any(decoders):
        return None
    decoders = [decode and _nullable(decode) for decode in decoders]
    return lambda values: tuple(
        [decode(value) if decode else value for decode, value in zip(decoders, values, strict=True)]
    )


def _udt_decoder(cql_type: Any, *, hashable: bool) -> Decode:
    names = tuple(cql_type.fieldnames)
    decoders = [_nullable(decoder_of(each, hashable=hashable) or _same) for each in cql_type.subtypes]
    container: Decode = _frozen if hashable else _same

    def decode(value: Any) -> Any:
        parts: Any = value
        # The library's own tuples have the fields in order; a class that somebody registered may have them in another.
        named = getattr(value, "_fields", names)
        if not isinstance(value, tuple) or len(parts) != len(names) or (named != names and {*named} == {*names}):
            parts = _parts_of(value, cql_type)
        fields = zip(names, decoders, parts, strict=True)
        return container({name: decode_field(part) for name, decode_field, part in fields})

    return decode


def _parts_of(value: Any, cql_type: Any) -> list[Any]:
    """Return the fields of what somebody registered with the cluster for a user-defined type: `dict`, or a class."""
    try:
        ask: Callable[[Any, str], Any] = getitem if issubclass(type(value), Mapping) else getattr
        return [ask(value, name) for name in cql_type.fieldnames]
    except (AttributeError, KeyError):
        raise ConfigurationError(
            f"the class {type(value).__name__}, which is registered for the type '{cql_type.typename}', does not keep "
            "its fields under their names: give the session with codec=True, which reads without it"
        ) from None


def _frozen(fields: dict[str, Any]) -> FrozenMap[str, Any]:
    return FrozenMap(fields)


def _same(value: Any) -> Any:
    return value


def _utc(value: datetime) -> datetime:
    beyond = value.microsecond % 1_000
    if beyond:  # cassandra-driver computes with floating point: far from 1970 the milliseconds come out a little off
        value += timedelta(microseconds=-beyond if beyond < 500 else 1_000 - beyond)  # noqa: PLR2004 - to the nearest
    return value.replace(tzinfo=timezone.utc)


_SCALAR_DECODERS: Final[Mapping[str, Decode]] = {
    "date": lambda value: CqlDate.from_days(value.days_from_epoch),
    "duration": lambda value: CqlDuration(value.months, value.days, value.nanoseconds),
    "inet": ip_address,
    "time": lambda value: value.time(),
    "timestamp": _utc,
    # A timeuuid, as Cassandra names what some functions make of one; the library does not know it, and gives its bytes.
    "'org.apache.cassandra.db.marshal.LegacyTimeUUIDType'": lambda octets: UUID(bytes=octets) if octets else None,
}


class RowDecoder:
    """Turns the library's rows of given column types into the contract's."""

    __slots__ = ("_decoders", "columns")

    def __init__(self, columns: Sequence[str], types: Sequence[Any]) -> None:
        self.columns = tuple(columns)
        decoders = [decoder_of(each) for each in types]
        self._decoders = decoders if any(decoders) else None

    def rows(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Return the rows with the contract's values."""
        decoders = self._decoders
        if decoders is None:
            return rows
        return [
            tuple(
                [
                    decode(value) if decode is not None and value is not None else value
                    for decode, value in zip(decoders, row, strict=True)
                ]
            )
            for row in rows
        ]


class RowDecoders:
    """The row decoders in use, by what the replies themselves say their columns are.

    A change of the schema shows in the next reply's types, and so finds, or makes, another decoder.
    """

    __slots__ = ("_decoders",)

    _CAPACITY: Final = 1_000

    def __init__(self) -> None:
        self._decoders: dict[tuple[object, ...], RowDecoder] = {}

    def get(self, columns: Sequence[str], types: Sequence[Any]) -> RowDecoder:
        """Return the decoder for these columns."""
        key = (*columns, *map(_signature, types))
        found = self._decoders.get(key)
        if found is None:
            if len(self._decoders) >= self._CAPACITY:
                self._decoders.clear()  # made again in microseconds each
            found = self._decoders[key] = RowDecoder(columns, types)
        return found


def tuples_of(rows: Any, columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """Return the rows as tuples, whatever the session's row factory made of them."""
    listed: list[Any] = list(rows) if not hasattr(rows, "append") else rows
    if not listed or type(listed[0]) is tuple:
        return listed
    if isinstance(listed[0], tuple):
        return [tuple(row) for row in listed]
    if isinstance(listed[0], dict):
        return [tuple([row[column] for column in columns]) for row in listed]
    raise ConfigurationError(
        f"the session's row_factory makes {type(listed[0]).__name__} objects: use one that makes tuples or dicts"
    )


def _signature(cql_type: Any) -> object:
    """Return what tells this type from another; the library makes a class anew for each list in each reply."""
    if issubclass(cql_type, cqltypes.UserType):
        return cql_type.keyspace, cql_type.typename, cql_type.fieldnames, *map(_signature, cql_type.subtypes)
    if issubclass(cql_type, cqltypes.VectorType):
        return cql_type.typename, cql_type.vector_size, _signature(cql_type.subtype)
    if cql_type.subtypes:
        return cql_type.typename, *map(_signature, cql_type.subtypes)
    return cql_type
