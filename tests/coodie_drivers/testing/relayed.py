"""A client and a node that tests play, with a relay of the proxy between them."""

from __future__ import annotations

import asyncio
import struct
from typing import TYPE_CHECKING, Any

from coodie_drivers.testing.proxy.addresses import Addresses, packed
from coodie_drivers.testing.proxy.frames import Frame, FrameReader, encoded, make_frame
from coodie_drivers.testing.proxy.relay import Memory, Relay
from coodie_drivers.testing.proxy.rows import read_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

ERROR, STARTUP, READY, OPTIONS, SUPPORTED = 0x00, 0x01, 0x02, 0x05, 0x06
QUERY, RESULT, PREPARE, EXECUTE, EVENT, BATCH = 0x07, 0x08, 0x09, 0x0A, 0x0C, 0x0D
NODE, PROXY, OTHER_NODE, OTHER_PROXY, STRANGER = (packed(f"127.0.0.{last}") for last in (1, 101, 2, 102, 9))


class Wire(asyncio.Transport):
    """A connection of which the other end is the test."""

    def __init__(self) -> None:
        super().__init__()
        self.reader = FrameReader()
        self.ended = False

    def write(self, data: Any) -> None:
        self.reader.feed(bytes(data))

    def is_closing(self) -> bool:
        return self.ended

    def abort(self) -> None:
        self.ended = True

    close = abort


class Played:
    """A relay with a client and a node."""

    def __init__(self, version: int = 4) -> None:
        self.memory = Memory()
        addresses = Addresses(PROXY, {NODE: PROXY, OTHER_NODE: OTHER_PROXY}, 9142)
        self.relay = Relay("127.0.0.101", addresses, self.memory, lambda _: None)
        self.version = version
        self.segmented = False
        self.client, self.node = Wire(), Wire()
        self.relay.client.connection_made(self.client)
        self.relay.node.connection_made(self.node)

    def ask(self, opcode: int, body: bytes = b"", stream: int = 1) -> list[Frame]:
        """Send a request; gives what reaches the node."""
        frame = make_frame(self.version, 0, stream, opcode, body)
        self.relay.client.data_received(encoded([frame], segmented=self.segmented))
        return list(self.node.reader.frames())

    def tell(self, opcode: int, body: bytes = b"", stream: int = 1) -> list[Frame]:
        """Send a reply; gives what reaches the client."""
        frame = make_frame(self.version | 0x80, 0, stream, opcode, body)
        self.relay.node.data_received(encoded([frame], segmented=self.segmented))
        return list(self.client.reader.frames())

    def received(self) -> list[Frame]:
        return list(self.client.reader.frames())


def text(value: str) -> bytes:
    return struct.pack(">H", len(value)) + value.encode()


def query(cql: str, rest: bytes = b"\x00\x01\x00") -> bytes:
    return struct.pack(">I", len(cql)) + cql.encode() + rest


def execute(identity: bytes, rest: bytes = b"\x00\x01\x00") -> bytes:
    return struct.pack(">H", len(identity)) + identity + rest


def value(content: bytes | None) -> bytes:
    return struct.pack(">i", -1) if content is None else struct.pack(">i", len(content)) + content


def rows(table: str, columns: dict[str, int], *found: Sequence[bytes | None], state: bytes | None = None) -> bytes:
    """The body of a Rows result; `columns` gives the type of each."""
    keyspace, name = table.split(".")
    head = struct.pack(">III", 2, 1 if state is None else 3, len(columns)) + (b"" if state is None else value(state))
    head += (
        text(keyspace)
        + text(name)
        + b"".join(text(column) + struct.pack(">H", kind) for column, kind in columns.items())
    )
    return head + struct.pack(">I", len(found)) + b"".join(value(each) for row in found for each in row)


def numbers(*found: int, state: bytes | None = None) -> bytes:
    return rows("k.t", {"n": 0x09}, *[[struct.pack(">i", each)] for each in found], state=state)


def told_numbers(reply: Frame) -> list[int]:
    page = read_rows(reply)
    assert page is not None
    return [int.from_bytes(row[0] or b"", "big") for row in page.rows]
