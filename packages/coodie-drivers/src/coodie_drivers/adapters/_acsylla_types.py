"""CQL types as the C++ driver's metadata tells them, read once per marker and column."""

from __future__ import annotations

import re
from typing import Any, Final

from coodie_drivers.adapters import _acsylla_library as native
from coodie_drivers.adapters._protocol_types import CqlType
from cql_builder.schema.class_types import NATIVE_CLASSES

_NAMES: Final = {
    0x01: "ascii",
    0x02: "bigint",
    0x03: "blob",
    0x04: "boolean",
    0x05: "counter",
    0x06: "decimal",
    0x07: "double",
    0x08: "float",
    0x09: "int",
    0x0A: "text",
    0x0B: "timestamp",
    0x0C: "uuid",
    0x0D: "text",
    0x0E: "varint",
    0x0F: "timeuuid",
    0x10: "inet",
    0x11: "date",
    0x12: "time",
    0x13: "smallint",
    0x14: "tinyint",
    0x15: "duration",
    0x20: "list",
    0x21: "map",
    0x22: "set",
    0x30: "udt",
    0x31: "tuple",
}
"""The type codes of the native protocol, section 4.2.5.2, which `CassValueType` repeats."""

_CUSTOM: Final = 0x00

_CLASSES: Final = {
    **NATIVE_CLASSES,
    "ListType": "list",
    "MapType": "map",
    "SetType": "set",
    "TupleType": "tuple",
}
"""Cassandra's own classes, in which the types inside a vector are told."""


def type_at(pointer: int) -> CqlType:
    """Return the type that a `CassDataType` describes."""
    code = native.type_of(pointer)
    if code == _CUSTOM:
        return _of_class(native.text_from(native.class_name_of, pointer))
    name = _NAMES.get(code, "blob")
    if name not in {"list", "map", "set", "tuple", "udt"}:
        return CqlType(name)
    count = native.subtype_count(pointer)
    subtypes = tuple(type_at(native.subtype_of(pointer, index)) for index in range(count))
    if name != "udt":
        return CqlType(name, subtypes)
    fields = tuple(native.text_from(native.field_name_of, pointer, index) for index in range(count))
    return CqlType(name, subtypes, fields, given_name=native.text_from(native.type_name_of, pointer))


def is_type(pointer: int, expected: CqlType) -> bool:
    """Return whether a `CassDataType` describes this type: as `type_at(pointer) == expected`, and cheaper."""
    code = native.type_of(pointer)
    if code == _CUSTOM or expected.name == "udt":
        return type_at(pointer) == expected
    if _NAMES.get(code, "blob") != expected.name:
        return False
    subtypes = expected.subtypes
    if not subtypes:
        return True
    same_count: bool = native.subtype_count(pointer) == len(subtypes)
    return same_count and all(is_type(native.subtype_of(pointer, at), each) for at, each in enumerate(subtypes))


_TOKEN: Final = re.compile(r"[^(),\s]+|[(),]")


def _of_class(text: str) -> CqlType:
    """Return the type that a class name describes, such as `…VectorType(…FloatType , 3)`."""
    return _Reader(_TOKEN.findall(text)).read()


class _Reader:
    """Reads one class name, arguments and all, from its tokens."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    def read(self) -> CqlType:
        name = self._next().rpartition(".")[2]
        arguments: list[Any] = []
        if self._peek() == "(":
            while self._next() != ")":
                arguments.append(self._argument(name, len(arguments)))
        return _assembled(name, arguments)

    def _argument(self, name: str, index: int) -> Any:
        if (name == "VectorType" and index == 1) or (name == "UserType" and index <= 1):
            return self._next()
        if name == "UserType":
            field, _, _ = self._peek().partition(":")
            self._tokens[self._at] = self._peek()[len(field) + 1 :]
            return bytes.fromhex(field).decode(), self.read()
        return self.read()

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token


def _assembled(name: str, arguments: list[Any]) -> CqlType:
    if name in {"FrozenType", "ReversedType"}:
        inner: CqlType = arguments[0]
        return inner
    if name == "VectorType":
        return CqlType("vector", (arguments[0],), size=int(arguments[1]))
    if name == "UserType":
        fields = arguments[2:]
        given_name = bytes.fromhex(arguments[1]).decode()
        return CqlType("udt", tuple(cql_type for _, cql_type in fields), tuple(f for f, _ in fields), 0, given_name)
    return CqlType(_CLASSES.get(name, "blob"), tuple(arguments))
