"""The bytes inside the native protocol's frames: bodies written for the probe, and bodies read."""

from __future__ import annotations

import struct

from coodie_drivers.testing.errors import NodeError

ERROR, STARTUP, READY, AUTHENTICATE, QUERY, RESULT = 0x00, 0x01, 0x02, 0x03, 0x07, 0x08
AUTH_RESPONSE, AUTH_SUCCESS = 0x0F, 0x10
ONE, ALL = 0x0001, 0x0005

_TRACING, _PAYLOAD, _WARNINGS = 0x02, 0x04, 0x08
GLOBAL_TABLE, MORE_PAGES = 0x01, 0x02
_CUSTOM, _ASCII, _BIGINT, _BOOLEAN, _COUNTER, _INT, _VARCHAR = 0x00, 0x01, 0x02, 0x04, 0x05, 0x09, 0x0D
_SMALLINT, _TINYINT = 0x13, 0x14
_LIST, _MAP, _SET, _UDT, _TUPLE = 0x20, 0x21, 0x22, 0x30, 0x31
_INTEGERS = frozenset({_BIGINT, _COUNTER, _INT, _SMALLINT, _TINYINT})


def string_map(entries: dict[str, str]) -> bytes:
    """A [string map]."""
    return struct.pack(">H", len(entries)) + b"".join(
        string_bytes(key) + string_bytes(value) for key, value in entries.items()
    )


def query_body(cql: str, consistency: int = ONE) -> bytes:
    """The body of a QUERY without values."""
    text = cql.encode()
    return struct.pack(">I", len(text)) + text + struct.pack(">HB", consistency, 0)


def password_body(username: str, password: str) -> bytes:
    """The body of an AUTH_RESPONSE to Cassandra's PasswordAuthenticator: the PLAIN mechanism of SASL (RFC 4616)."""
    token = b"\0".join((b"", username.encode(), password.encode()))
    return struct.pack(">I", len(token)) + token


class Body:
    """The body of an answer, read from front to back.

    Raises:
        NodeError: when it ends before what is read.
    """

    def __init__(self, content: bytes, flags: int = 0) -> None:
        """Start behind what `flags` say comes first: a trace id, warnings, a custom payload."""
        self._content = content
        self._at = 0
        if flags & _TRACING:
            self.take(16)
        if flags & _WARNINGS:
            self.skip_strings(self.short())
        if flags & _PAYLOAD:
            for _ in range(self.short()):
                self.string()
                self.value()

    @property
    def at(self) -> int:
        """How many bytes have been read."""
        return self._at

    def integer(self) -> int:
        """The next [int]."""
        return int.from_bytes(self.take(4), "big", signed=True)

    def string(self) -> str:
        """The next [string]."""
        return self.take(self.short()).decode(errors="replace")

    def rows(self) -> list[dict[str, object]]:
        """The content of a Rows result, from its metadata on."""
        flags, count = self.integer(), self.integer()
        if flags & MORE_PAGES:
            self.value()
        if flags & GLOBAL_TABLE:
            self.skip_strings(2)
        columns = [self.column(own_table=not flags & GLOBAL_TABLE) for _ in range(count)]
        return [{name: _decoded(kind, self.value()) for name, kind in columns} for _ in range(self.integer())]

    def column(self, *, own_table: bool) -> tuple[str, int]:
        """The name and the type of the next column of some metadata; `own_table` where its table stands before it."""
        if own_table:
            self.skip_strings(2)
        return self.string(), self._kind()

    def _kind(self) -> int:
        """The next [option]: what it nests is read over, for only simple types are decoded."""
        kind = self.short()
        if kind == _CUSTOM:
            self.string()
        elif kind in {_LIST, _SET}:
            self._kind()
        elif kind == _MAP:
            self._skip_kinds(2)
        elif kind == _TUPLE:
            self._skip_kinds(self.short())
        elif kind == _UDT:
            self.skip_strings(2)
            for _ in range(self.short()):
                self.skip_strings(1)
                self._skip_kinds(1)
        return kind

    def skip_strings(self, count: int) -> None:
        """Read over `count` texts."""
        for _ in range(count):
            self.string()

    def _skip_kinds(self, count: int) -> None:
        for _ in range(count):
            self._kind()

    def value(self) -> bytes | None:
        """The next [value] or [bytes]; None where it is null or not set."""
        length = self.integer()
        return None if length < 0 else self.take(length)

    def short(self) -> int:
        """The next [short]."""
        return int.from_bytes(self.take(2), "big")

    def take(self, length: int) -> bytes:
        """The next `length` bytes."""
        if not 0 <= length <= len(self._content) - self._at:
            message = "a message of the native protocol ends before what it must hold"
            raise NodeError(message)
        taken = self._content[self._at : self._at + length]
        self._at += length
        return taken


def string_bytes(text: str) -> bytes:
    """A [string]."""
    encoded = text.encode()
    return struct.pack(">H", len(encoded)) + encoded


def _decoded(kind: int, value: bytes | None) -> object:
    if value is None:
        return None
    if kind in {_ASCII, _VARCHAR}:
        return value.decode()
    if kind in _INTEGERS:
        return int.from_bytes(value, "big", signed=True)
    return value != b"\0" if kind == _BOOLEAN else value
