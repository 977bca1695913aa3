"""A session of paper that goes as far as the bytes: it binds, and decodes bodies of frames, as the library does."""

from __future__ import annotations

import struct
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from tests.coodie_drivers.adapters.conftest import PaperFuture, PaperSession, query

from coodie_drivers.adapters.scylla import CassandraDriver, adopt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

protocol: Any = pytest.importorskip("cassandra.protocol", reason="needs scylla-driver or cassandra-driver")

FEATURES: tuple[Any, ...] = ()
with suppress(ImportError):  # cassandra-driver knows of none
    FEATURES += (import_module("cassandra.protocol_features").ProtocolFeatures(),)  # pyright: ignore[reportConstantRedefinition]

ROWS = 2
NO_METADATA, MORE_PAGES, ONE_TABLE = 4, 2, 1
NULL = b"\xff\xff\xff\xff"

CODES = {"text": 0x0D, "int": 0x09, "bigint": 0x02, "uuid": 0x0C, "timestamp": 0x0B, "boolean": 0x04}
"""How the protocol numbers the types of which metadata is made here."""


def string(text: str) -> bytes:
    return struct.pack(">H", len(text)) + text.encode()


def cells(rows: Sequence[Sequence[bytes | None]]) -> bytes:
    """Rows as they stand in a body: their number, and each cell with its length."""
    parts = [struct.pack(">i", len(rows))]
    for row in rows:
        parts += [NULL if cell is None else struct.pack(">i", len(cell)) + cell for cell in row]
    return b"".join(parts)


def described(columns: dict[str, str], table: str = "t") -> bytes:
    """Metadata of columns in one table."""
    parts = [struct.pack(">iii", ROWS, ONE_TABLE, len(columns)), string("ks"), string(table)]
    parts += [string(name) + struct.pack(">H", CODES[cql_type]) for name, cql_type in columns.items()]
    return b"".join(parts)


def undescribed(count: int, paging_state: bytes | None = None) -> bytes:
    """Metadata that leaves the columns to what the statement was prepared with."""
    if paging_state is None:
        return struct.pack(">iii", ROWS, NO_METADATA, count)
    flags = NO_METADATA | MORE_PAGES
    return struct.pack(">iiii", ROWS, flags, count, len(paging_state)) + paging_state


class WireSession(PaperSession):
    """A session that answers with the next of its bodies.

    Attributes:
        columns: the library's types of the columns that a prepared statement claims to answer with.
        bodies: the bodies of result frames to answer with.
        flags: those of the frames.
        decompressor: by what compressed bodies are read.
    """

    def __init__(self, columns: list[Any] | None = None) -> None:
        super().__init__()
        self.columns = columns or []
        self.bodies: list[bytes] = []
        self.flags = 0
        self.decompressor: Callable[[bytes], bytes] | None = None
        self.client_protocol_handler: Any = protocol.ProtocolHandler
        self.row_factory = query.tuple_factory

    def prepare(self, cql: str) -> Any:
        prepared = super().prepare(cql)
        metadata = [("ks", "t", f"c{index}", cql_type) for index, cql_type in enumerate(self.columns)]
        return query.PreparedStatement(prepared.column_metadata, b"id", self.key_indexes, cql, "ks", 4, metadata, None)

    def decoded(self, body: bytes, metadata: Any = None) -> Any:
        """What the session's protocol handler makes of a body."""
        arguments: tuple[Any, ...] = (4, *FEATURES, {}, 1, self.flags, 8, body, self.decompressor, metadata)
        return self.client_protocol_handler.decode_message(*arguments)

    def execute_async(self, statement: Any, **options: Any) -> Any:
        future = super().execute_async(statement, **options)
        if not self.bodies or "schema_version" in getattr(statement, "query_string", ""):
            return future
        prepared = getattr(statement, "prepared_statement", None)
        answer = self.decoded(self.bodies.pop(0), prepared.result_metadata if prepared else [])
        return future if answer is None else _answered(statement, answer, self.row_factory)


def _answered(statement: Any, answer: Any, row_factory: Any) -> Any:
    if isinstance(answer, Exception):
        return PaperFuture(statement, answer, [])
    rows = row_factory(answer.column_names, answer.parsed_rows)
    future = PaperFuture(statement, rows, [])
    read: dict[str, Any] = vars(future)
    read.update(_col_names=answer.column_names, _col_types=answer.column_types, _paging_state=answer.paging_state)
    return future


def drivers(columns: list[Any], markers: list[Any] | None = None) -> tuple[CassandraDriver, CassandraDriver]:
    """A driver that has the library bind and read, and one that does it by itself."""
    found: list[CassandraDriver] = []
    for codec in (False, True):
        session = WireSession(columns)
        session.markers = [(f"m{index}", cql_type) for index, cql_type in enumerate(markers or [])]
        found.append(adopt(session, None, codec=codec))
    return found[0], found[1]
