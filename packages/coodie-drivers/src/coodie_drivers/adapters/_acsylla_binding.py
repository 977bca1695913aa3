"""From the values of the contract to a bound statement of acsylla: encoders composed once per marker.

What acsylla binds soundly and fast goes through it. What it does not goes through the C interface: it cuts a text at a
NUL, a decimal becomes the text of its digits, a timestamp may lose a millisecond, and it has neither vectors nor
varints.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters import _acsylla_library as native
from coodie_drivers.adapters._protocol_scalars import WRITTEN
from coodie_drivers.adapters._protocol_writing import (
    element_writer,
    elements_of,
    parts_of,
    writer_of,
)
from coodie_drivers.adapters._value_checks import UnbindableError, fields_of, items_of

if TYPE_CHECKING:
    from coodie_drivers.adapters._protocol_types import CqlType

Encode = Callable[[Any], Any]

_POINTER: Final = ctypes.c_void_p
_SIZE: Final = ctypes.c_size_t
_BYTES: Final = (ctypes.c_char_p, _SIZE)

_PLAIN: Final = frozenset(
    {"bigint", "blob", "boolean", "counter", "double", "float", "int", "smallint", "timeuuid", "tinyint", "uuid",
     "varint"}
)  # fmt: skip
"""Types whose checked values acsylla binds as they are; of the texts, all without a NUL."""

_TEXTS: Final = frozenset({"ascii", "text"})
_COLLECTION_CODES: Final = {"list": 0x20, "map": 0x21, "set": 0x22}


class Native:
    """A value that is bound through the C interface, after the statement was made."""

    __slots__ = ("_place",)

    def __init__(self, place: Callable[[_Setters, int, int], int]) -> None:
        self._place = place

    def bind(self, statement: int, index: int) -> None:
        """Bind it to a marker of the `CassStatement` at this address."""
        self.put(_STATEMENT, statement, index)

    def put(self, setters: _Setters, holder: int, index: int) -> None:
        """Put it into a statement or a user-defined type's value."""
        if self._place(setters, holder, index):
            msg = "the client library cannot write such a value"
            raise UnbindableError(msg)


class _Setters:
    """The functions of the C interface that put a value into a statement, or into a user-defined type's value."""

    def __init__(self, prefix: str) -> None:
        def setter(suffix: str, *arguments: Any) -> Any:
            return native.function(f"{prefix}_{suffix}", ctypes.c_int, _POINTER, _SIZE, *arguments)

        self.null = setter("null")
        self.collection = setter("collection", _POINTER)
        self.tuple = setter("tuple", _POINTER)
        self.user_type = setter("user_type", _POINTER)
        self.by_type: dict[str, Any] = {
            "ascii": setter("string_n", *_BYTES),
            "bigint": setter("int64", ctypes.c_int64),
            "blob": setter("bytes", *_BYTES),
            "boolean": setter("bool", ctypes.c_int),
            "date": setter("uint32", ctypes.c_uint32),
            "decimal": setter("decimal", *_BYTES, ctypes.c_int32),
            "double": setter("double", ctypes.c_double),
            "duration": setter("duration", ctypes.c_int32, ctypes.c_int32, ctypes.c_int64),
            "float": setter("float", ctypes.c_float),
            "inet": setter("inet", native.Inet),
            "int": setter("int32", ctypes.c_int32),
            "smallint": setter("int16", ctypes.c_int16),
            "tinyint": setter("int8", ctypes.c_int8),
            "uuid": setter("uuid", native.Uuid),
        }
        same = {"counter": "bigint", "text": "ascii", "time": "bigint", "timestamp": "bigint", "timeuuid": "uuid"}
        for name, like in {**same, "varint": "blob", "vector": "blob"}.items():
            self.by_type[name] = self.by_type[like]


_STATEMENT: Final = _Setters("statement_bind")
_USER_TYPE: Final = _Setters("user_type_set")

_new_collection: Any = native.function("collection_new", _POINTER, ctypes.c_int, _SIZE)
_append: Any = native.function("collection_append_bytes", ctypes.c_int, _POINTER, *_BYTES)
_free_collection: Any = native.function("collection_free", None, _POINTER)
_new_tuple: Any = native.function("tuple_new", _POINTER, _SIZE)
_set_part: Any = native.function("tuple_set_bytes", ctypes.c_int, _POINTER, _SIZE, *_BYTES)
_set_null_part: Any = native.function("tuple_set_null", ctypes.c_int, _POINTER, _SIZE)
_free_tuple: Any = native.function("tuple_free", None, _POINTER)
_new_user_type: Any = native.function("user_type_new_from_data_type", _POINTER, _POINTER)
_free_user_type: Any = native.function("user_type_free", None, _POINTER)


def encoder_of(cql_type: CqlType, pointer: int) -> Encode:
    """Return what turns a value of the contract into one that acsylla binds, or a `Native`.

    The returned function raises `UnbindableError`.

    Args:
        cql_type: the marker's type.
        pointer: the address of the same type's `CassDataType`, which must live as long as the encoder.
    """
    name = cql_type.name
    if name in _PLAIN:
        return WRITTEN[name]
    if name in _TEXTS:
        return _text_encoder(name)
    if name == "timestamp":
        return _timestamp
    if name == "vector":
        return writer_of(cql_type)
    if name in _COLLECTION_CODES:
        return _collection_encoder(cql_type)
    return native_encoder_of(cql_type, pointer)


def native_encoder_of(cql_type: CqlType, pointer: int) -> Callable[[Any], Native]:
    """Return what turns a value of the contract into one that is bound through the C interface."""
    name = cql_type.name
    if name in _COLLECTION_CODES:
        return _native_collection(cql_type)
    if name == "tuple":
        return _native_tuple(cql_type)
    if name == "udt":
        return _native_user_type(cql_type, pointer)
    check = writer_of(cql_type) if name == "vector" else WRITTEN[name]
    arguments = _ARGUMENTS.get(name, _alone)

    def encode(value: Any) -> Native:
        told = arguments(check(value))
        return Native(lambda setters, holder, index: setters.by_type[name](holder, index, *told))

    return encode


class _Milliseconds(int):
    """Milliseconds since 1970 where acsylla takes a number of seconds: it asks for a thousand times as much."""

    __slots__ = ()

    def __mul__(self, _: int) -> int:
        return int(self)


def _timestamp(value: Any) -> int:
    return _Milliseconds(WRITTEN["timestamp"](value))


def _text_encoder(name: str) -> Encode:
    check = WRITTEN[name]
    whole = _whole_text(name)

    def encode(value: Any) -> Any:
        text = check(value)
        return whole(text) if "\0" in text else text

    return encode


def _whole_text(name: str) -> Callable[[str], Native]:
    """Return what has a text bound with its length, NULs and all."""

    def encode(text: str) -> Native:
        data = text.encode()
        return Native(lambda setters, holder, index: setters.by_type[name](holder, index, data, len(data)))

    return encode


def _collection_encoder(cql_type: CqlType) -> Encode:
    whole = _native_collection(cql_type)
    if cql_type.name == "map" or cql_type.subtypes[0].name not in _PLAIN | _TEXTS:
        return whole
    what, holds_texts = str(cql_type), cql_type.subtypes[0].name in _TEXTS
    check = WRITTEN[cql_type.subtypes[0].name]
    refuse = element_writer(cql_type.subtypes[0], what)
    wanted = "set or frozenset" if cql_type.name == "set" else "list or tuple"

    def encode(values: Any) -> Any:
        items = items_of(what, values, wanted)
        if None in items:
            refuse(None)
        checked = [check(value) for value in items]
        return whole(checked) if holds_texts and any("\0" in text for text in checked) else checked

    return encode


def _native_collection(cql_type: CqlType) -> Callable[[Any], Native]:
    elements, code = elements_of(cql_type), _COLLECTION_CODES[cql_type.name]

    def encode(values: Any) -> Native:
        written = elements(values)

        def place(setters: _Setters, holder: int, index: int) -> int:
            collection = _new_collection(code, len(written))
            try:
                for part in written:
                    _append(collection, part, len(part))
                failed: int = setters.collection(holder, index, collection)
                return failed
            finally:
                _free_collection(collection)

        return Native(place)

    return encode


def _native_tuple(cql_type: CqlType) -> Callable[[Any], Native]:
    parts = parts_of(cql_type)

    def encode(values: Any) -> Native:
        written = parts(values)

        def place(setters: _Setters, holder: int, index: int) -> int:
            made = _new_tuple(len(written))
            try:
                for at, part in enumerate(written):
                    if part is None:
                        _set_null_part(made, at)
                    else:
                        _set_part(made, at, part, len(part))
                failed: int = setters.tuple(holder, index, made)
                return failed
            finally:
                _free_tuple(made)

        return Native(place)

    return encode


def _native_user_type(cql_type: CqlType, pointer: int) -> Callable[[Any], Native]:
    encoders = [native_encoder_of(each, native.subtype_of(pointer, at)) for at, each in enumerate(cql_type.subtypes)]

    def encode(fields: Any) -> Native:
        values = fields_of(cql_type.given_name, cql_type.fields, fields)
        encoded = [
            None if value is None else encode_field(value) for encode_field, value in zip(encoders, values, strict=True)
        ]

        def place(setters: _Setters, holder: int, index: int) -> int:
            made = _new_user_type(pointer)
            try:
                for at, value in enumerate(encoded):
                    if value is None:
                        _USER_TYPE.null(made, at)
                    else:
                        value.put(_USER_TYPE, made, at)
                failed: int = setters.user_type(holder, index, made)
                return failed
            finally:
                _free_user_type(made)

        return Native(place)

    return encode


def _alone(value: Any) -> tuple[Any, ...]:
    return (value,)


def _with_length(data: bytes) -> tuple[Any, ...]:
    return data, len(data)


def _text_with_length(text: str) -> tuple[Any, ...]:
    return _with_length(text.encode())


def _uuid(value: Any) -> tuple[Any, ...]:
    # The driver keeps the first half as the protocol's version 1 has it: time_low, time_mid, time_hi, low to high.
    time = value.time_low | value.time_mid << 32 | value.time_hi_version << 48
    return (native.Uuid(time, value.int & (2**64 - 1)),)


def _inet(value: Any) -> tuple[Any, ...]:
    packed = value.packed
    return (native.Inet((ctypes.c_uint8 * 16)(*packed), len(packed)),)


_ARGUMENTS: Final[Mapping[str, Callable[[Any], tuple[Any, ...]]]] = {
    "ascii": _text_with_length,
    "blob": _with_length,
    "decimal": lambda value: (value.digits, len(value.digits), value.scale),
    "duration": lambda value: (value.months, value.days, value.nanoseconds),
    "inet": _inet,
    "text": _text_with_length,
    "timeuuid": _uuid,
    "uuid": _uuid,
    "varint": _with_length,
    "vector": _with_length,
}
"""How a checked value is told to the C interface, where it is not one argument."""
