"""Data types from text: `parse_type`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.types import (
    NATIVE_TYPES,
    UNUSABLE_TYPE_NAMES,
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
from cql_builder.dialects import DEFAULT_DIALECT, find_dialect
from cql_builder.errors import CqlSyntaxError

if TYPE_CHECKING:
    from cql_builder.ast.types import DataType
    from cql_builder.dialects import Dialect

MAX_DEPTH = 100
"""How deep types may be nested."""

MAX_DIMENSION = 2**31 - 1
"""The largest dimension of a vector that the grammar can read: an `int`."""

_WHITESPACE = frozenset(" \t\n\r")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DIGITS = frozenset("0123456789")
_WORD = _LETTERS | _DIGITS | {"_"}


def parse_type(text: str, *, dialect: str | Dialect = DEFAULT_DIALECT) -> DataType:
    """Return the data type that a text spells, as CREATE TABLE or `system_schema.columns.type` do.

    Raises:
        CqlSyntaxError: if it is no type, with the place where it goes wrong.
        UnknownDialectError: if there is no such dialect.

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
    parser = _TypeParser(text, find_dialect(dialect))
    data_type = parser.data_type(0)
    parser.expect_end()
    return data_type


class _TypeParser:
    """Reads one type, a token at a time."""

    def __init__(self, text: str, dialect: Dialect) -> None:
        self._text = text
        self._reserved = dialect.reserved
        self._position = 0

    def data_type(self, depth: int) -> DataType:
        """Read one type."""
        start = self._skip_whitespace()
        if depth > MAX_DEPTH:
            raise self._error(f"types are nested deeper than {MAX_DEPTH} levels", start)
        if self._peek() == "'":
            return CustomType(self._quoted("'", "a string"))
        if self._peek() == '"':
            return self._user_type(self._quoted('"', "a name"))
        word = self._word("a type")
        if self._peek_after_whitespace() == "<":
            return self._parameterised(word, start, depth + 1)
        if self._peek() == ".":
            self._refuse_reserved(word, start)
            return self._user_type(word)
        if word in NATIVE_TYPES:
            return NativeType(word)
        self._refuse_reserved(word, start)
        self._refuse_unusable(word, start)
        return UserType(word)

    def expect_end(self) -> None:
        """Refuse anything that follows."""
        self._skip_whitespace()
        if self._position < len(self._text):
            raise self._error(f"expected the end, found {self._found()}")

    def _parameterised(self, word: str, start: int, depth: int) -> DataType:
        read = {
            "list": self._list,
            "set": self._set,
            "map": self._map,
            "tuple": self._tuple,
            "frozen": self._frozen,
            "vector": self._vector,
        }.get(word)
        if read is None:
            raise self._error(f"expected list, set, map, tuple, vector or frozen before '<', found {word!r}", start)
        self._expect("<")
        data_type = read(depth)
        self._expect(">")
        return data_type

    def _list(self, depth: int) -> DataType:
        return ListType(self.data_type(depth))

    def _set(self, depth: int) -> DataType:
        return SetType(self.data_type(depth))

    def _map(self, depth: int) -> DataType:
        key = self.data_type(depth)
        self._expect(",")
        return MapType(key, self.data_type(depth))

    def _tuple(self, depth: int) -> DataType:
        elements = [self.data_type(depth)]
        while self._peek_after_whitespace() == ",":
            self._expect(",")
            elements.append(self.data_type(depth))
        return TupleType(tuple(elements))

    def _frozen(self, depth: int) -> DataType:
        start = self._skip_whitespace()
        inner = self.data_type(depth)
        if isinstance(inner, NativeType | CustomType):
            raise self._error("expected a collection, tuple or user-defined type inside frozen<…>", start)
        return FrozenType(inner)

    def _vector(self, depth: int) -> DataType:
        element = self.data_type(depth)
        self._expect(",")
        start = self._skip_whitespace()
        while self._peek() in _DIGITS:
            self._position += 1
        digits = self._text[start : self._position]
        if not digits:
            raise self._error(f"expected the dimension of the vector, found {self._found()}")
        if len(digits.lstrip("0")) > len(str(MAX_DIMENSION)) or not 1 <= int(digits) <= MAX_DIMENSION:
            raise self._error(f"expected a dimension from 1 to {MAX_DIMENSION}", start)
        return VectorType(element, int(digits))

    def _user_type(self, name: str) -> DataType:
        if self._peek_after_whitespace() != ".":
            return UserType(name)
        self._expect(".")
        start = self._skip_whitespace()
        if self._peek() == '"':
            return UserType(self._quoted('"', "a name"), name)
        word = self._word("the name of a type")
        self._refuse_reserved(word, start)
        self._refuse_unusable(word, start)
        return UserType(word, name)

    def _refuse_reserved(self, word: str, start: int) -> None:
        if word in self._reserved:
            raise self._error(f"expected a type, found the reserved word {word!r}; a name is in double quotes", start)

    def _refuse_unusable(self, word: str, start: int) -> None:
        if word in UNUSABLE_TYPE_NAMES or word in NATIVE_TYPES:
            raise self._error(f"expected a type; {word!r} names one only in double quotes", start)

    def _word(self, expected: str) -> str:
        """Read an unquoted word, folded to lower case as the server does."""
        start = self._position
        if self._peek() not in _LETTERS:
            raise self._error(f"expected {expected}, found {self._found()}")
        while self._peek() in _WORD:
            self._position += 1
        return self._text[start : self._position].lower()

    def _quoted(self, quote: str, expected: str) -> str:
        """Read a text in quotes, where a doubled quote is one."""
        start = self._position
        end = start + 1
        while True:
            end = self._text.find(quote, end)
            if end < 0:
                raise self._error(f"expected {expected}, found a quote that is never closed", start)
            if self._text[end + 1 : end + 2] != quote:
                break
            end += 2
        self._position = end + 1
        if end == start + 1:
            raise self._error(f"expected {expected}, found an empty one", start)
        return self._text[start + 1 : end].replace(quote * 2, quote)

    def _expect(self, mark: str) -> None:
        if self._peek_after_whitespace() != mark:
            raise self._error(f"expected {mark!r}, found {self._found()}")
        self._position += 1

    def _peek(self) -> str:
        return self._text[self._position : self._position + 1]

    def _peek_after_whitespace(self) -> str:
        self._skip_whitespace()
        return self._peek()

    def _skip_whitespace(self) -> int:
        while self._peek() in _WHITESPACE:
            self._position += 1
        return self._position

    def _found(self) -> str:
        return repr(self._peek()) if self._peek() else "the end"

    def _error(self, reason: str, position: int | None = None) -> CqlSyntaxError:
        return CqlSyntaxError(reason, self._text, self._position if position is None else position)
