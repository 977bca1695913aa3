"""The Rows result as the proxy changes it: its metadata kept as it is, its rows counted and divided."""

from __future__ import annotations

import contextlib
import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from coodie_drivers.testing.errors import NodeError
from coodie_drivers.testing.frames import GLOBAL_TABLE, MORE_PAGES, RESULT, Body

if TYPE_CHECKING:
    from coodie_drivers.testing.proxy.frames import Frame

_ROWS = 0x0002
_NO_METADATA, _NEW_METADATA_ID = 0x0004, 0x0008


@dataclass(frozen=True)
class Column:
    """One column of a result."""

    keyspace: str
    table: str
    name: str


@dataclass(frozen=True)
class RowsPage:
    """The body of a Rows result, taken apart.

    Attributes:
        before: what comes before the result: a trace's id, warnings, a custom payload.
        flags: the flags of the metadata.
        column_count: how many values each row has.
        paging_state: where the next page begins; None on the last one.
        metadata: the columns as they were sent.
        columns: the columns as they were read; none where the client wanted no metadata.
        rows: the values of each row, None for null.
    """

    before: bytes
    flags: int
    column_count: int
    paging_state: bytes | None
    metadata: bytes
    columns: tuple[Column, ...]
    rows: tuple[tuple[bytes | None, ...], ...]

    def encoded(self) -> bytes:
        """The body of a reply with this page."""
        state = b"" if self.paging_state is None else _value(self.paging_state)
        head = struct.pack(">III", _ROWS, self.flags, self.column_count) + state + self.metadata
        values = [_value(value) for row in self.rows for value in row]
        return self.before + head + struct.pack(">I", len(self.rows)) + b"".join(values)

    def first(self, count: int, paging_state: bytes) -> RowsPage:
        """The first rows, with more to come from `paging_state` on."""
        return replace(self, flags=self.flags | MORE_PAGES, paging_state=paging_state, rows=self.rows[:count])

    def after(self, count: int) -> RowsPage:
        """What comes behind the first rows, with what is to come after this page."""
        return replace(self, rows=self.rows[count:])


def read_rows(reply: Frame) -> RowsPage | None:
    """The page that a reply holds, or None where it holds none, or is malformed."""
    if reply.opcode == RESULT:
        with contextlib.suppress(NodeError):
            return _page(reply)
    return None


def _page(reply: Frame) -> RowsPage | None:
    content = reply.body
    body = Body(content, reply.flags)
    before = content[: body.at]
    if body.integer() != _ROWS:
        return None
    flags, count = body.integer(), body.integer()
    state = (body.value() or b"") if flags & MORE_PAGES else None
    start = body.at
    if flags & _NEW_METADATA_ID:
        body.take(body.short())
    columns = () if flags & _NO_METADATA else _columns(body, flags, count)
    metadata = content[start : body.at]
    rows = tuple([tuple([body.value() for _ in range(count)]) for _ in range(body.integer())])
    return RowsPage(before, flags, count, state, metadata, columns, rows)


def _columns(body: Body, flags: int, count: int) -> tuple[Column, ...]:
    if flags & GLOBAL_TABLE:
        keyspace, table = body.string(), body.string()
        return tuple([Column(keyspace, table, body.column(own_table=False)[0]) for _ in range(count)])
    return tuple([Column(body.string(), body.string(), body.column(own_table=False)[0]) for _ in range(count)])


def _value(value: bytes | None) -> bytes:
    return b"\xff\xff\xff\xff" if value is None else struct.pack(">I", len(value)) + value
