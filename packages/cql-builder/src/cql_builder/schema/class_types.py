"""Java classes as types: which of them CQL has a name for, so that a type by its class is the type by its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cql_builder.ast.types import (
    CustomType,
    FrozenType,
    ListType,
    MapType,
    NativeType,
    SetType,
    TupleType,
    UserType,
    VectorType,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cql_builder.ast.types import DataType

_PACKAGE = "org.apache.cassandra.db.marshal."
NATIVE_CLASSES: Final[Mapping[str, str]] = {
    "AsciiType": "ascii",
    "BooleanType": "boolean",
    "ByteType": "tinyint",
    "BytesType": "blob",
    "CounterColumnType": "counter",
    "DateType": "timestamp",
    "DecimalType": "decimal",
    "DoubleType": "double",
    "DurationType": "duration",
    "FloatType": "float",
    "InetAddressType": "inet",
    "Int32Type": "int",
    "IntegerType": "varint",
    "LegacyTimeUUIDType": "timeuuid",
    "LongType": "bigint",
    "ShortType": "smallint",
    "SimpleDateType": "date",
    "TimeType": "time",
    "TimeUUIDType": "timeuuid",
    "TimestampType": "timestamp",
    "UTF8Type": "text",
    "UUIDType": "uuid",
}
"""The native types by their classes in Cassandra 5.0.9, without the package that these are in."""

_TOKEN = re.compile(r"\s*([-+.&\w]+|[(),:])\s*", re.ASCII)
# Python reads no number of thousands of digits, and a dimension of CQL is an `int` of Java.
_NUMBER = re.compile("[0-9]{1,10}")
_LARGEST_DIMENSION = 2**31 - 1
_KEY_AND_VALUE = 2
_DEEPEST = 100


def named_type(data_type: CustomType) -> DataType:
    """Return the type that CQL has a name for; else the type by its class as it was given.

    A class may be named without its package, as `TypeParser` of Cassandra 5.0.9 reads it and `system_schema` shows it.

    >>> from cql_builder.compiler import type_text
    >>> for text in ("Int32Type", "org.apache.cassandra.db.marshal.ListType(FrozenType(SetType(UTF8Type)))", "x.Y"):
    ...     print(type_text(named_type(CustomType(text))))
    int
    list<frozen<set<text>>>
    'x.Y'
    """
    tokens = _tokens(data_type.class_name)
    if tokens.count("(") > _DEEPEST:
        return data_type
    found, end = _read(tokens, 0)
    return data_type if found is None or end != len(tokens) else found


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            return []
        tokens.append(match[1])
        position = match.end()
    return tokens


def _read(tokens: Sequence[str], start: int) -> tuple[DataType | None, int]:
    """Return the type that starts at a token, and the index of what follows; None where CQL has no name for it."""
    if start >= len(tokens):
        return None, start
    name = tokens[start].removeprefix(_PACKAGE)
    if tokens[start + 1 : start + 2] != ["("]:
        native = NATIVE_CLASSES.get(name)
        return (None if native is None else NativeType(native)), start + 1
    if name == "UserType":
        return _read_user_type(tokens, start + 2)
    parameters: list[DataType] = []
    dimension: int | None = None
    position = start + 2
    while position < len(tokens) and tokens[position] != ")":
        if tokens[position] == ",":
            position += 1
        elif tokens[position].isdecimal():
            if dimension is not None or _NUMBER.fullmatch(tokens[position]) is None:
                return None, position
            dimension, position = int(tokens[position]), position + 1
        else:
            parameter, position = _read(tokens, position)
            if parameter is None:
                return None, position
            parameters.append(parameter)
    return _parameterised(name, parameters, dimension), position + 1


def _parameterised(name: str, parameters: Sequence[DataType], dimension: int | None) -> DataType | None:
    if name == "VectorType" and len(parameters) == 1 and dimension is not None and 1 <= dimension <= _LARGEST_DIMENSION:
        return VectorType(_inside(parameters[0]), dimension)
    if dimension is not None:
        return None
    if name == "TupleType" and parameters:
        return TupleType(tuple(parameters))
    if name == "FrozenType" and len(parameters) == 1:
        return _inside(parameters[0])
    if name in ("ListType", "SetType") and len(parameters) == 1:
        return (ListType if name == "ListType" else SetType)(_inside(parameters[0]))
    if name == "MapType" and len(parameters) == _KEY_AND_VALUE:
        return MapType(_inside(parameters[0]), _inside(parameters[1]))
    return None


def _inside(data_type: DataType) -> DataType:
    """Return a type as it is inside another class: what could be written in parts is frozen there."""
    return FrozenType(data_type) if isinstance(data_type, ListType | SetType | MapType | UserType) else data_type


def _read_user_type(tokens: Sequence[str], start: int) -> tuple[DataType | None, int]:
    """Return the type of `UserType(keyspace,name,field:type,…)`, whose name and fields are in hexadecimal digits."""
    if tokens[start + 1 : start + 2] != [","] or start + 2 >= len(tokens):
        return None, start
    opened, position = 1, start + 3
    while position < len(tokens) and opened:
        opened += (tokens[position] == "(") - (tokens[position] == ")")
        position += 1
    try:
        name = bytes.fromhex(tokens[start + 2]).decode()
    except ValueError:
        return None, position
    return UserType(name, tokens[start]), position
