"""Types that the server names by its own classes, such as vectors, as the classes of the package `cassandra`.

The library parses these names itself, but takes for a number what is one to the eye alone: a user-defined type `a` has
the name `61` there, in hexadecimal. The connection that such an answer comes on it gives up.
"""

from __future__ import annotations

import re
import struct
from binascii import unhexlify
from typing import Any, Final

from coodie_drivers.adapters._cassandra_library import cqltypes, errors

_PREFIX: Final = "org.apache.cassandra.db.marshal."
_TOKENS: Final = re.compile(r"\s*(?:(?P<word>[A-Za-z0-9_.$]+)|(?P<mark>[(),:])|(?P<end>\Z))")
_COLLECTIONS: Final = {"ListType": 1, "SetType": 1, "MapType": 2}
_TRANSPARENT: Final = frozenset({"FrozenType", "ReversedType"})
"""What says how values are stored, and nothing about their bytes."""

_KNOWN: Final = {"LegacyTimeUUIDType": cqltypes.TimeUUIDType}
"""What the library does not know: a timeuuid, as Cassandra names what some functions make of one, such as `min`."""

_CUSTOM: Final = struct.pack(">H", 0)
"""The code of a type that is named by its class."""


class UnknownTypeError(errors.DriverException):  # type: ignore[misc]  # the library carries no types
    """The server names a type that neither we nor the library can parse.

    Attributes:
        name: what the server calls it.
    """

    def __init__(self, name: str) -> None:
        Exception.__init__(self, f"unknown type {name}")
        self.name = name


class _AnotherError(Exception):
    """The name has a class in it of a kind that only the library may know."""


def parsing(result: Any) -> Any:
    """Return a class of result messages like this one, which parses such names, and reads everything else as it did."""
    read: Any = result.read_type.__func__

    def read_type(cls: Any, f: Any, user_types: Any) -> Any:
        at = f.tell()
        if f.read(2) != _CUSTOM:
            f.seek(at)
            return read(cls, f, user_types)
        (size,) = struct.unpack(">H", f.read(2))
        return type_of_class(f.read(size).decode(), user_types)

    return type(result.__name__, (result,), {"read_type": classmethod(read_type)})


def type_of_class(name: str, user_types: Any) -> Any:
    """Return the library's class for the type that the server names by its own.

    Args:
        name: the server's class, with its parameters.
        user_types: the Python classes registered for user-defined types, by keyspace and name.

    Raises:
        UnknownTypeError: if neither we nor the library can parse the name.
    """
    try:
        return _Name(name, user_types).parsed()
    except _AnotherError:
        pass
    try:
        return cqltypes.lookup_casstype(name)
    except Exception:  # noqa: BLE001 - the library raises all it knows
        raise UnknownTypeError(name) from None


class _Name:
    """A name that is being parsed, from its first token to its last."""

    def __init__(self, name: str, user_types: Any) -> None:
        self._name = name
        self._user_types = user_types
        self._at = 0
        self._next = ""
        self._advance()

    def parsed(self) -> Any:
        found = self._type()
        if self._next:
            raise UnknownTypeError(self._name)
        return found

    def _advance(self) -> str:
        """Go to the next token, of which the last is empty; return the one before."""
        before, found = self._next, _TOKENS.match(self._name, self._at)
        if found is None:
            raise _AnotherError
        self._next, self._at = found.group().strip(), found.end()
        return before

    def _take(self, mark: str) -> None:
        if self._advance() != mark:
            raise UnknownTypeError(self._name)

    def _type(self) -> Any:
        word = self._advance()
        if self._next != "(":
            return _KNOWN.get(word.removeprefix(_PREFIX)) or cqltypes.lookup_casstype(word)
        self._take("(")
        found = self._with_parameters(word.removeprefix(_PREFIX))
        self._take(")")
        return found

    def _with_parameters(self, kind: str) -> Any:
        if kind in _TRANSPARENT:
            return self._type()
        if kind == "UserType":
            return self._user_type()
        if kind == "VectorType":
            element = self._type()
            self._take(",")
            return cqltypes.VectorType.apply_parameters((element, self._size()), None)
        if kind != "TupleType" and kind not in _COLLECTIONS:
            raise _AnotherError
        subtypes = [self._type()]
        while self._next == ",":
            self._take(",")
            subtypes.append(self._type())
        if len(subtypes) != _COLLECTIONS.get(kind, len(subtypes)):
            raise UnknownTypeError(self._name)
        return getattr(cqltypes, kind).apply_parameters(tuple(subtypes))

    def _size(self) -> int:
        size = self._advance()
        if not size.isdecimal():
            raise UnknownTypeError(self._name)
        return int(size)

    def _user_type(self) -> Any:
        keyspace = self._advance()
        self._take(",")
        name = self._identifier()
        fields: list[tuple[str, Any]] = []
        while self._next == ",":
            self._take(",")
            field = self._identifier()
            self._take(":")
            fields.append((field, self._type()))
        names, types = zip(*fields, strict=True) if fields else ((), ())
        found = cqltypes.UserType.make_udt_class(keyspace, name, names, types)
        found.mapped_class = self._user_types.get(keyspace, {}).get(name)
        return found

    def _identifier(self) -> str:
        """Take an identifier that is written in hexadecimal digits."""
        try:
            return unhexlify(self._advance()).decode()
        except ValueError:
            raise UnknownTypeError(self._name) from None
