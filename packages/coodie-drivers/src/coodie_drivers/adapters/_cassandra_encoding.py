"""From the values of the contract (`coodie_drivers.values`) to those that the package `cassandra` binds.

Checkrs are composed once per column type. An encoder refuses, with a sentence that holds no value, what the type
cannot carry: what it lets through, the library can bind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._cassandra_library import cqltypes, util
from coodie_drivers.adapters._value_checks import (
    CHECKS,
    Check,
    UnbindableError,
    days_of,
    fields_of,
    items_of,
    pairs_of,
    sequence_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


def encoder_of(cql_type: Any) -> Check:
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


def _date(value: Any) -> Any:
    return util.Date(days_of(value))


def _element(cql_type: Any, what: str) -> Check:
    encode = encoder_of(cql_type)

    def encode_element(value: Any) -> Any:
        if value is None:
            msg = f"{what} cannot hold null"
            raise UnbindableError(msg)
        return encode(value)

    return encode_element


def _elements_encoder(cql_type: Any) -> Check:
    what = type_name(cql_type)
    encode = _element(cql_type.subtypes[0], what)
    wanted = "set or frozenset" if issubclass(cql_type, cqltypes.SetType) else "list or tuple"

    def encode_all(value: Any) -> list[Any]:
        return [encode(each) for each in items_of(what, value, wanted)]

    return encode_all


def _vector_encoder(cql_type: Any) -> Check:
    what, size = type_name(cql_type), cql_type.vector_size
    encode = _element(cql_type.subtype, what)

    def encode_all(value: Any) -> list[Any]:
        return [encode(each) for each in sequence_of(what, value, size)]

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


def _map_encoder(cql_type: Any) -> Check:
    what = type_name(cql_type)
    key, value = (_element(each, what) for each in cql_type.subtypes)

    def encode(items: Any) -> _Pairs:
        return _Pairs([(key(k), value(v)) for k, v in pairs_of(what, items).items()])

    return encode


def _tuple_encoder(cql_type: Any) -> Check:
    what = type_name(cql_type)
    encoders = [encoder_of(each) for each in cql_type.subtypes]

    def encode(values: Any) -> tuple[Any, ...]:
        pairs = zip(encoders, sequence_of(what, values, len(encoders), "tuple"), strict=True)
        return tuple([None if value is None else encode_one(value) for encode_one, value in pairs])

    return encode


def _udt_encoder(cql_type: Any) -> Check:
    name = cql_type.typename
    encoders = {field: encoder_of(each) for field, each in zip(cql_type.fieldnames, cql_type.subtypes, strict=True)}

    def encode(fields: Any) -> tuple[Any, ...]:
        pairs = zip(encoders.values(), fields_of(name, encoders, fields), strict=True)
        return tuple([None if value is None else encode_field(value) for encode_field, value in pairs])

    return encode


def _as_it_is(value: Any) -> Any:
    return value


_SCALAR_ENCODERS: Final[Mapping[str, Check]] = {**CHECKS, "date": _date, "varchar": CHECKS["text"]}
