"""What the proxy reads in messages: their kind, and the text of the statements in them, never the bound values."""

from __future__ import annotations

import contextlib
import struct
from typing import TYPE_CHECKING

from coodie_drivers.testing.errors import NodeError
from coodie_drivers.testing.frames import RESULT, Body, string_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coodie_drivers.testing.proxy.frames import Frame

OPCODES = {
    0x00: "ERROR",
    0x01: "STARTUP",
    0x02: "READY",
    0x03: "AUTHENTICATE",
    0x05: "OPTIONS",
    0x06: "SUPPORTED",
    0x07: "QUERY",
    0x08: "RESULT",
    0x09: "PREPARE",
    0x0A: "EXECUTE",
    0x0B: "REGISTER",
    0x0C: "EVENT",
    0x0D: "BATCH",
    0x0E: "AUTH_CHALLENGE",
    0x0F: "AUTH_RESPONSE",
    0x10: "AUTH_SUCCESS",
}
STARTUP, READY, AUTHENTICATE, SUPPORTED = 0x01, 0x02, 0x03, 0x06
QUERY, PREPARE, EXECUTE, EVENT, BATCH = 0x07, 0x09, 0x0A, 0x0C, 0x0D

COMPRESSION = "COMPRESSION"

_PREPARED = 0x0004
# From 5 on, but not those above, which one vendor numbered for itself.
_WITH_SEGMENTS = range(5, 0x40)
PAYLOAD = 0x04
# A client must not look for ScyllaDB's shards on other ports: nobody would see what passes there.
_NOT_OFFERED = ("SCYLLA_SHARD_AWARE_PORT", "SCYLLA_SHARD_AWARE_PORT_SSL")


def opcode_name(opcode: int) -> str:
    """The name of an opcode, or its number where it has none.

    >>> opcode_name(0x0A), opcode_name(0x42)
    ('EXECUTE', '0x42')
    """
    return OPCODES.get(opcode) or f"0x{opcode:02X}"


def travels_in_segments(ready: Frame) -> bool:
    """Whether what follows the answer to STARTUP comes in segments."""
    return ready.version & 0x7F in _WITH_SEGMENTS


def statement_text(request: Frame, prepared: Mapping[bytes, str]) -> str:
    """The text of the statements in a request, those of a batch with `; ` between; nothing where it has none.

    Args:
        request: what the client sent.
        prepared: the text of each prepared statement by its id.
    """
    return "; ".join(prepared.get(key, "") if isinstance(key, bytes) else key for key in _statements(request))


def prepared_ids(request: Frame) -> list[bytes]:
    """The ids of the prepared statements that a request executes."""
    return [key for key in _statements(request) if isinstance(key, bytes)]


def prepared_id(reply: Frame) -> bytes | None:
    """The id that a reply gives to the statement that was prepared, if it is such a reply."""
    if reply.opcode != RESULT:
        return None
    body = Body(reply.body, reply.flags)
    return body.take(body.short()) if body.integer() == _PREPARED else None


def event_text(event: Frame) -> str:
    """What an event tells, without addresses: `STATUS_CHANGE UP`, `SCHEMA_CHANGE CREATED TABLE shop orders`."""
    body = Body(event.body, event.flags)
    words = [body.string(), body.string()]
    if words[0] == "SCHEMA_CHANGE":
        target = body.string()
        words += [target, body.string()]
        words += [body.string()] if target != "KEYSPACE" else []
    return " ".join(words)


def asks_for_compression(startup: Frame) -> bool:
    """Whether a client wants to compress what it sends from now on."""
    with contextlib.suppress(NodeError):
        body = _request_body(startup)
        return COMPRESSION in {body.string(): body.string() for _ in range(body.short())}
    return False


def offers_plain_frames(supported: Frame) -> bytes:
    """The body of a SUPPORTED that offers what the node does, compression apart, which the proxy does not read."""
    body = Body(supported.body, supported.flags)
    options = {body.string(): [body.string() for _ in range(body.short())] for _ in range(body.short())}
    for name in _NOT_OFFERED:
        options.pop(name, None)
    options[COMPRESSION] = []
    offered = [string_bytes(name) + _strings(values) for name, values in options.items()]
    return struct.pack(">H", len(offered)) + b"".join(offered)


def _statements(request: Frame) -> list[str | bytes]:
    """What a request runs or prepares: a text, or the id of a prepared statement; nothing where it is malformed."""
    with contextlib.suppress(NodeError):
        body = _request_body(request)
        if request.opcode in {QUERY, PREPARE}:
            return [_long_string(body)]
        if request.opcode == EXECUTE:
            return [body.take(body.short())]
        if request.opcode == BATCH:
            body.take(1)
            return [_batched(body) for _ in range(body.short())]
    return []


def _batched(body: Body) -> str | bytes:
    is_prepared = body.take(1) == b"\1"
    statement = body.take(body.short()) if is_prepared else _long_string(body)
    for _ in range(body.short()):
        body.value()
    return statement


def _request_body(request: Frame) -> Body:
    # The flag of a traced request says nothing about its body; a reply has the trace's id there.
    return Body(request.body, request.flags & PAYLOAD)


def _long_string(body: Body) -> str:
    return body.take(body.integer()).decode(errors="replace")


def _strings(values: list[str]) -> bytes:
    return struct.pack(">H", len(values)) + b"".join(map(string_bytes, values))
