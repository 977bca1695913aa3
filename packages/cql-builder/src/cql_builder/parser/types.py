"""Data types from text: `parse_type` for one alone, `data_type` for one within a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.types import (
    NATIVE_TYPES,
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
from cql_builder.dialects import DEFAULT_DIALECT, features
from cql_builder.dialects.bare_names import is_no_type_name, keywords_that_are_no_types
from cql_builder.errors import CqlSyntaxError
from cql_builder.parser.cursor import Cursor
from cql_builder.parser.lexer import EMPTY_NAME, END, INTEGER, QUOTED, STRING, tokens_of
from cql_builder.parser.other_dialects import naming_readers
from cql_builder.parser.reading import read_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from cql_builder.ast.types import DataType
    from cql_builder.dialects import Dialect, DialectName

MAX_DIMENSION = 2**31 - 1
"""The largest dimension of a vector that the grammar can read: an `int`."""

_DIMENSION = f"expected a dimension from 1 to {MAX_DIMENSION}"
_NATIVE_TYPES = {name: NativeType(name) for name in NATIVE_TYPES}


def parse_type(text: str, *, dialect: DialectName | Dialect = DEFAULT_DIALECT) -> DataType:
    """Return the data type that a text spells.

    It is spelled as in CREATE TABLE or in `system_schema.columns.type`.

    Raises:
        CqlSyntaxError: if it is no type, with the place where it goes wrong.
        DialectSyntaxError: if it is a type that only other dialects have.
        UnknownDialectError: if there is no such dialect.
        ArgumentError: if it is no str.

    >>> from cql_builder import parse_type
    >>> parse_type("map<text, frozen<list<int>>>").key
    NativeType(name='text')
    >>> parse_type("list<int")
    Traceback (most recent call last):
    ...
    cql_builder.errors.CqlSyntaxError: line 1, column 9: expected '>', found the end
      list<int
              ^
    """
    return read_text(_only_type, text, dialect, "parse_type")


def _only_type(text: str, dialect: Dialect) -> DataType:
    cursor = Cursor(tokens_of(text, dialect), dialect)
    try:
        return _alone(cursor)
    except CqlSyntaxError as error:
        raise naming_readers(error, cursor, _alone) from None


def _alone(cursor: Cursor) -> DataType:
    read = data_type(cursor)
    if cursor.kinds[cursor.position] != END:
        raise cursor.error("the end")
    for index, kind in enumerate(cursor.kinds):
        # The server's grammar takes any `int`; that it is too small is found when a table is created.
        if kind == INTEGER and int(cursor.raws[index]) < 1:
            raise cursor.refusal(_DIMENSION, index)
    return read


def data_type(cursor: Cursor) -> DataType:
    """Read a data type."""
    kind = cursor.kinds[cursor.position]
    following = cursor.peek(1)
    if following == "<":
        return _parameterised(cursor, kind)
    if kind in _NATIVE_TYPES and following != ".":
        cursor.position += 1
        return _NATIVE_TYPES[kind]
    if kind == STRING:
        cursor.require(features.CUSTOM_TYPE)
        return CustomType(cursor.take())
    return user_type(cursor)


def native_type(cursor: Cursor) -> NativeType:
    """Read a type that the server brings."""
    native = _NATIVE_TYPES.get(cursor.kinds[cursor.position])
    if native is None:
        raise cursor.error("a native type")
    cursor.position += 1
    return native


def user_type(cursor: Cursor) -> UserType:
    """Read the name of a user-defined type, with or without its keyspace."""
    if cursor.peek(1) != ".":
        return UserType(type_name(cursor, "a type"))
    keyspace = cursor.identifier("a type")
    cursor.expect(".")
    return UserType(type_name(cursor, "the name of a type"), keyspace)


def end_of_type(cursor: Cursor, start: int) -> int:
    """Return the index of the token after the type that starts at an index, or -1 if there is no type.

    What follows a parenthesis may be a type or a term; this looks ahead without reading.
    """
    kinds = cursor.kinds
    index = start
    open_brackets = 0
    while True:
        if kinds[index] in _READERS and kinds[index + 1] == "<":
            open_brackets += 1
            index += 2
            continue
        index = index + 1 if open_brackets and kinds[index] == INTEGER else _end_of_simple_type(cursor, index)
        while index > 0 and open_brackets and kinds[index] == ">":
            open_brackets -= 1
            index += 1
        if index < 0 or not open_brackets:
            return index
        if kinds[index] != ",":
            return -1
        index += 1


def _end_of_simple_type(cursor: Cursor, index: int) -> int:
    ahead = index - cursor.position
    if cursor.kinds[index] == STRING:
        return index + 1
    if not cursor.is_name(ahead):
        return -1
    if cursor.peek(ahead + 1) != ".":
        return -1 if _names_columns(cursor, cursor.kinds[index]) else index + 1
    kind = cursor.peek(ahead + 2)
    if not cursor.is_name(ahead + 2) or kind in NATIVE_TYPES or _names_columns(cursor, kind):
        return -1
    return index + 3


def _names_columns(cursor: Cursor, kind: str) -> bool:
    """Whether a word is a name of columns, but of types only in quotes."""
    return kind in keywords_that_are_no_types(cursor.dialect)


def _parameterised(cursor: Cursor, kind: str) -> DataType:
    read = _READERS.get(kind)
    if read is None:
        raise cursor.refusal(f"expected list, set, map, tuple, vector or frozen before '<', found {cursor.found()}")
    if read is _vector:
        cursor.require(features.VECTOR)
    cursor.position += 2
    with cursor.nested("types"):
        read_type = read(cursor)
    cursor.expect(">")
    return read_type


def _list(cursor: Cursor) -> DataType:
    return ListType(data_type(cursor))


def _set(cursor: Cursor) -> DataType:
    return SetType(data_type(cursor))


def _map(cursor: Cursor) -> DataType:
    key = data_type(cursor)
    cursor.expect(",")
    return MapType(key, data_type(cursor))


def _tuple(cursor: Cursor) -> DataType:
    elements = [data_type(cursor)]
    while cursor.accept(","):
        elements.append(data_type(cursor))
    return TupleType(tuple(elements))


def _frozen(cursor: Cursor) -> DataType:
    start = cursor.mark()
    inner = data_type(cursor)
    if isinstance(inner, NativeType | CustomType):
        raise cursor.refusal("expected a collection, tuple or user-defined type inside frozen<…>", start)
    return FrozenType(inner)


def _vector(cursor: Cursor) -> DataType:
    element = data_type(cursor)
    cursor.expect(",")
    start = cursor.mark()
    digits = cursor.integer("the dimension of the vector")
    if len(digits.lstrip("-0")) > len(str(MAX_DIMENSION)) or not -MAX_DIMENSION <= int(digits) <= MAX_DIMENSION:
        raise cursor.refusal(_DIMENSION, start)
    if int(digits) < 1:
        cursor.require(features.DIMENSION_BELOW_ONE, start)
    return VectorType(element, int(digits))


_READERS: dict[str, Callable[[Cursor], DataType]] = {
    "list": _list,
    "set": _set,
    "map": _map,
    "tuple": _tuple,
    "frozen": _frozen,
    "vector": _vector,
}


def type_name(cursor: Cursor, what: str) -> str:
    """Read the name of a user-defined type without its keyspace."""
    kind, raw = cursor.kinds[cursor.position], cursor.raws[cursor.position]
    if is_no_type_name(raw, cursor.dialect):
        raise cursor.refusal(f"expected a type; {raw!r} names one only in double quotes")
    if kind == EMPTY_NAME:
        raise cursor.refusal("expected a name, found an empty one")
    if kind == QUOTED or raw[:1] == '"':
        return cursor.identifier("a name")
    if raw[:1] == "'":
        raise cursor.error("a string")
    return cursor.identifier("a type" if kind in cursor.dialect.reserved else what)
