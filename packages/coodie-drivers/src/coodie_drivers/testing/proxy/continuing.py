"""Where in a request the page stands from which it continues, and what tells it from other requests."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coodie_drivers.testing.errors import NodeError
from coodie_drivers.testing.frames import Body
from coodie_drivers.testing.proxy.frames import make_frame
from coodie_drivers.testing.proxy.messages import EXECUTE, PAYLOAD, QUERY

if TYPE_CHECKING:
    from coodie_drivers.testing.proxy.frames import Frame

_VALUES, _PAGE_SIZE, _PAGING_STATE, _NAMES = 0x01, 0x04, 0x08, 0x40
_WITH_LONG_FLAGS = 5
_VERSION = 0x7F


@dataclass(frozen=True)
class Continuing:
    """A request for a page.

    Attributes:
        asked: the statement, as a text or the id of a prepared one, with its values.
        paging_state: where its page begins; None for the first one.
    """

    asked: bytes
    paging_state: bytes | None
    _request: Frame
    _flags_at: int
    _size_of_flags: int
    _state_at: int

    def at(self, paging_state: bytes | None) -> Frame:
        """The same request for the page that begins there."""
        request, body = self._request, self._request.body
        behind = self._flags_at + self._size_of_flags
        flags = int.from_bytes(body[self._flags_at : behind], "big") & ~_PAGING_STATE
        state, before = b"", b"" if self.paging_state is None else _counted(self.paging_state)
        if paging_state is not None:
            flags, state = flags | _PAGING_STATE, _counted(paging_state)
        head = body[: self._flags_at] + flags.to_bytes(self._size_of_flags, "big") + body[behind : self._state_at]
        changed = head + state + body[self._state_at + len(before) :]
        return make_frame(request.version, request.flags, request.stream, request.opcode, changed)


def continuing(request: Frame) -> Continuing | None:
    """What a request says of the page that it asks for; None where it asks for none, or is malformed."""
    if request.opcode not in {QUERY, EXECUTE}:
        return None
    try:
        return _continuing(request)
    except NodeError:
        return None


def _continuing(request: Frame) -> Continuing:
    content = request.body
    body = Body(content, request.flags & PAYLOAD)
    long_flags = request.version & _VERSION >= _WITH_LONG_FLAGS
    statement = body.take(body.integer() if request.opcode == QUERY else body.short())
    if request.opcode == EXECUTE and long_flags:
        body.take(body.short())  # the id of the metadata that the client knows, by which it is no other statement
    body.short()  # the consistency
    flags_at, size = body.at, 4 if long_flags else 1
    flags = int.from_bytes(body.take(size), "big")
    values_at = body.at
    for _ in range(body.short() if flags & _VALUES else 0):
        if flags & _NAMES:
            body.string()
        body.value()
    asked = statement + b"\0" + content[values_at : body.at]
    if flags & _PAGE_SIZE:
        body.integer()
    state_at = body.at
    state = body.value() if flags & _PAGING_STATE else None
    return Continuing(asked, state, request, flags_at, size, state_at)


def _counted(state: bytes) -> bytes:
    return struct.pack(">I", len(state)) + state
