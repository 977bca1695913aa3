"""From the values of the contract (`coodie_drivers.values`) to those that the package `scylla` binds.

Encoders are composed once per column type. An encoder refuses, with a sentence that holds no value, what the type
cannot carry. What the type carries and the library cannot write, a null inside a tuple for one, raises
`UnwritableError`: such values go to the server as JSON.
"""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
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
from coodie_drivers.adapters._value_checks import (
    CHECKS,
    EPOCH,
    Check,
    UnbindableError,
    days_of,
    fields_of,
    items_of,
    milliseconds_of,
    pairs_of,
    sequence_of,
)
from coodie_drivers.values import CqlDate, CqlDuration

if TYPE_CHECKING:
    from collections.abc import Mapping


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


def encoder_of(cql_type: Any) -> Check:
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


def _exactly(kind: type, check: Check) -> Check:
    """Return a check that gives a value of this very class: the library takes none that derives from it."""

    def encode(value: Any) -> Any:
        return kind(check(value))

    return encode


def _timestamp(value: Any) -> datetime:
    """Return the time in UTC; what is below a millisecond the library cuts off."""
    if type(value) is datetime and value.tzinfo is timezone.utc:
        return value
    milliseconds_of(value)
    taken: datetime = value
    return taken.replace(tzinfo=timezone.utc) if taken.tzinfo is None else EPOCH + (taken - EPOCH)


def _date(value: Any) -> date:
    found = CqlDate.from_days(days_of(value))
    if isinstance(found, CqlDate):
        raise UnwritableError
    return found


def _duration(value: Any) -> Duration:
    taken: CqlDuration = CHECKS["duration"](value)
    if taken.nanoseconds % 1_000:
        raise UnwritableError
    return Duration(taken)


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


def _elements_encoder(cql_type: Any, container: type, wanted: str) -> Check:
    what = type_name(cql_type)
    elements = Elements(cql_type.column_type, what)

    def encode_all(value: Any) -> Any:
        return container(elements(items_of(what, value, wanted)))

    return encode_all


def _vector_encoder(cql_type: Any) -> Check:
    what, size = type_name(cql_type), cql_type.dimensions
    elements = Elements(cql_type.typ, what)

    def encode_all(value: Any) -> list[Any]:
        return ListElement(elements(sequence_of(what, value, size)))

    return encode_all


def _map_encoder(cql_type: Any) -> Check:
    what = type_name(cql_type)
    key, value = (Elements(each, what) for each in (cql_type.key_type, cql_type.value_type))

    def encode(items: Any) -> DictElement:
        pairs = pairs_of(what, items)
        keys, values = key(pairs.keys()), value(pairs.values())
        return DictElement(zip(keys, values, strict=True))

    return encode


def _tuple_encoder(cql_type: Any) -> Check:
    what = type_name(cql_type)
    encoders = [encoder_of(each) for each in cql_type.element_types]

    def encode(values: Any) -> tuple[Any, ...]:
        pairs = zip(encoders, sequence_of(what, values, len(encoders), "tuple"), strict=True)
        encoded = [None if value is None else encode_one(value) for encode_one, value in pairs]
        if None in encoded:
            raise UnwritableError
        return tuple(encoded)

    return encode


def checked_fields(cql_type: Any, fields: Any) -> dict[str, Any]:
    """Return the value of each field of a user-defined type, None for those that were left out."""
    known = [field for field, _ in cql_type.field_types]
    return dict(zip(known, fields_of(cql_type.name, known, fields), strict=True))


def _udt_encoder(cql_type: Any) -> Check:
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


_INTEGERS: Final = ("bigint", "counter", "int", "smallint", "tinyint", "varint")
_SCALAR_ENCODERS: Final[Mapping[str, Check]] = {
    **CHECKS,
    **{name: _exactly(int, CHECKS[name]) for name in _INTEGERS},
    **{name: _exactly(float, CHECKS[name]) for name in ("double", "float")},
    "date": _date,
    "duration": _duration,
    "timestamp": _timestamp,
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
