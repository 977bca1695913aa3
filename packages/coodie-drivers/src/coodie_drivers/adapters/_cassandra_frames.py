"""Frames of requests with values, for the package `cassandra`: prepared statements and batches, put together at once.

The library writes a frame by a call for each number in it; most of what a request costs the client is that. The bytes
here are the same, which is not taken for granted: the first request of each kind on each connection is written by the
library too, and where its bytes are others, it goes on writing what is of that kind.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any, Final

from coodie_drivers.adapters._cassandra_library import protocol, query
from coodie_drivers.interrupts import pass_interrupt

Encode = Callable[..., bytes]
Compress = Callable[[bytes], bytes]

_CAPACITY: Final = 1_000
"""How many kinds of requests are known at once; each connection has some of its own."""

_VALUES, _SKIP_METADATA, _PAGE_SIZE, _PAGING_STATE, _SERIAL, _TIMESTAMP = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
"""The flags of a query (native protocol v5, section 4.1.4), which batches have in part."""

_WIDE_FLAGS: Final = 5
"""The version of the protocol since which flags have four octets instead of one, and frames are compressed later on."""

_COMPRESSED: Final = 0x01
"""The flag of a frame whose body is compressed."""

KEPT_SIZES: Final = 256
SIZES: Final = [struct.pack(">i", size) for size in range(KEPT_SIZES)]
"""The first sizes, written already."""

NULL: Final = struct.pack(">i", -1)
UNSET: Final = struct.pack(">i", -2)
"""What stands in place of a size, with nothing behind it."""

_EMPTY: Final[dict[bytes, Any]] = {NULL: None, UNSET: query.UNSET_VALUE, SIZES[0]: b""}
"""What the library has for a size with nothing behind it."""

_NONE: Final = object()
"""In place of the features of a connection, of which cassandra-driver knows none."""

_header: Final = struct.Struct(">BBhBi").pack
_int32: Final = struct.Struct(">i").pack
_uint16: Final = struct.Struct(">H").pack
_uint64: Final = struct.Struct(">Q").pack
_page_and_time: Final = struct.Struct(">iQ").pack
_Execute: Final[Any] = protocol.ExecuteMessage
_Batch: Final[Any] = protocol.BatchMessage


class _UnusualError(Exception):
    """The request holds what is left to the library."""


class Cells:
    """The values of a bound statement as they stand in a frame.

    To the library, which asks for those of the partition key, they are what it would have written itself.

    Attributes:
        parts: of each value its size and its octets, one after the other.
        with_list: whether a list with elements is among the values, in a column where a statement may write it.
    """

    __slots__ = ("parts", "with_list")

    parts: Sequence[bytes]
    with_list: bool

    def __len__(self) -> int:
        return len(self.parts) // 2

    def __getitem__(self, index: int) -> Any:
        return self.parts[2 * index + 1] or _EMPTY[self.parts[2 * index]]


class _Layout:
    """How requests are written of one class of the library's, on one connection.

    Attributes:
        agreed: the version of the protocol, the compressor and whether no metadata is asked for; of batches None.
        written: gives the frame of a request; raises where it holds what is left to the library.
    """

    __slots__ = ("_compress", "_flags", "_heads", "_names_metadata", "_options", "_version", "agreed", "written")

    def __init__(
        self, agreed: tuple[Any, ...], compressor: Compress | None, skips: int, *, names_metadata: bool
    ) -> None:
        """Lay them out.

        Args:
            agreed: what the connection agreed on, the version of the protocol first.
            compressor: compresses bodies, if the connection agreed on it.
            skips: the flag that asks for no metadata, if they set it.
            names_metadata: whether they say which metadata of the rows is known.
        """
        self.agreed = agreed
        self._version: int = agreed[0]
        self._compress = compressor if self._version < _WIDE_FLAGS else None
        self._flags = _VALUES | skips
        self._names_metadata = names_metadata
        self._options = struct.Struct(f">H{'I' if self._version >= _WIDE_FLAGS else 'B'}").pack
        self._heads: dict[bytes, tuple[tuple[Any, ...], bytes]] = {}
        self.written: Callable[[Any, int], bytes] = self._executing() if agreed[2] is not _Batch else self._batch

    def _executing(self) -> Callable[[Any, int], bytes]:
        """Make the function that writes prepared statements; it knows all of this by itself, for it is called most."""
        version, compress, names_metadata, usual_flags = (
            self._version, self._compress, self._names_metadata, self._flags | _PAGE_SIZE | _TIMESTAMP,
        )  # fmt: skip
        opcode, heads, other_flags = _Execute.opcode, self._heads, self._flags
        known_head, join, header, page_and_time = heads.get, b"".join, _header, _page_and_time

        def written(msg: Any, stream_id: int) -> bytes:
            if msg.keyspace is not None:
                raise _UnusualError
            values, query_id, page, timestamp = msg.query_params, msg.query_id, msg.fetch_size, msg.timestamp
            parts = values.parts if type(values) is Cells else _parts_of(values)
            if page and timestamp is not None and not msg.paging_state and not msg.serial_consistency_level:
                flags, tail = usual_flags, page_and_time(page, timestamp)  # as nearly always
            else:
                flags, tail = _tail(msg)
                flags |= other_flags
            said = (msg.consistency_level, flags, len(parts), names_metadata and msg.result_metadata_id)
            head = known_head(query_id)
            if head is None or head[0] != said:
                head = self._noted(query_id, said)
            cells = join(parts)
            if compress is None:
                octets = head[1]
                return (
                    header(version, 0, stream_id, opcode, len(octets) + len(cells) + len(tail)) + octets + cells + tail
                )
            body = compress(head[1] + cells + tail)
            return header(version, _COMPRESSED, stream_id, opcode, len(body)) + body

        return written

    def _noted(self, query_id: bytes, said: tuple[Any, ...]) -> tuple[tuple[Any, ...], bytes]:
        """Return what stands before the values of a statement, which is the same each time as long as this is said."""
        level, flags, parts, metadata = said
        octets = _uint16(len(query_id)) + query_id
        if self._names_metadata:
            metadata = metadata or b""
            octets += _uint16(len(metadata)) + metadata
        head = said, octets + self._options(level, flags) + _uint16(parts // 2)
        if len(self._heads) >= _CAPACITY:
            self._heads.clear()
        self._heads[query_id] = head
        return head

    def _batch(self, msg: Any, stream_id: int) -> bytes:
        """Return the frame of a batch."""
        if msg.keyspace is not None:
            raise _UnusualError
        parts = [bytes((msg.batch_type.value,)), _uint16(len(msg.queries))]
        before: bytes | None = None
        size, head = 0, b""
        given: Sequence[Any] = getattr(msg.queries, "given", msg.queries)
        for each in given:
            if each.__class__ is not tuple:  # several that follow each other, laid out
                parts += each.pieces
                continue
            prepared, query_id, values = each
            if not prepared:
                raise _UnusualError
            cells = values.parts if type(values) is Cells else _parts_of(values)
            if query_id is not before or len(cells) != size:
                before, size = query_id, len(cells)
                head = b"\x01" + _uint16(len(query_id)) + query_id + _uint16(size // 2)
            parts.append(head)
            parts += cells
        flags, tail = 0, b""
        if msg.serial_consistency_level:
            flags, tail = _SERIAL, _uint16(msg.serial_consistency_level)
        if msg.timestamp is not None:
            flags, tail = flags | _TIMESTAMP, tail + _uint64(msg.timestamp)
        parts += (self._options(msg.consistency_level, flags), tail)
        body = b"".join(parts)
        if self._compress is None:
            return _header(self._version, 0, stream_id, msg.opcode, len(body)) + body
        body = self._compress(body)
        return _header(self._version, _COMPRESSED, stream_id, msg.opcode, len(body)) + body


def writing(encode: Encode) -> Encode:
    """Return what writes messages as this one does, which is a protocol handler's `encode_message`."""
    layouts: dict[object, Any] = {}
    # By what a connection knows of its server, which is mostly an object of its own, the layout that it had last.
    last: dict[object, _Layout] = {}
    had_last = last.get

    def encode_message(  # noqa: PLR0913 - as the library calls it
        msg: Any,
        stream_id: int,
        protocol_version: int,
        compressor: Any,
        allow_beta_protocol_version: Any,
        protocol_features: Any = _NONE,
    ) -> bytes:
        kind: Any = msg.__class__
        agreed = layout = None
        if (kind is _Execute or kind is _Batch) and not (
            allow_beta_protocol_version or msg.tracing or msg.custom_payload
        ):
            agreed = (protocol_version, compressor, msg.skip_meta if kind is _Execute else _Batch)
            layout = had_last(protocol_features)
            if layout is None or layout.agreed != agreed:
                layout = layouts.get((protocol_features, agreed), _NONE)
                if layout is not None and layout is not _NONE:
                    last[protocol_features] = layout
            if layout is not None and layout is not _NONE:
                try:
                    frame: bytes = layout.written(msg, stream_id)
                    return frame  # noqa: TRY300 - the way of nearly all
                except Exception as error:  # noqa: BLE001 - the library says what is wrong, if anything is
                    pass_interrupt(error)
        known = () if protocol_features is _NONE else (protocol_features,)
        octets = encode(msg, stream_id, protocol_version, compressor, allow_beta_protocol_version, *known)
        if layout is _NONE and agreed is not None:
            if len(layouts) >= _CAPACITY:
                layouts.clear()
                last.clear()
            layouts[protocol_features, agreed] = _layout_of(msg, stream_id, agreed, compressor, octets)
        return octets

    return encode_message


def _layout_of(
    msg: Any, stream_id: int, agreed: tuple[Any, ...], compressor: Compress | None, octets: bytes
) -> _Layout | None:
    """Return how the library has written a request; None if in a way that is not known here."""
    for names_metadata in (False, True):
        for skips in (0, _SKIP_METADATA):
            layout = _Layout(agreed, compressor, skips, names_metadata=names_metadata)
            try:
                if layout.written(msg, stream_id) == octets:
                    return layout
            except Exception as error:  # noqa: BLE001 - the library has written it
                pass_interrupt(error)
    return None


def _tail(msg: Any) -> tuple[int, bytes]:
    """Return the flags of what follows the values of a prepared statement, and that."""
    flags = 0
    parts: list[bytes] = []
    if msg.fetch_size:
        flags |= _PAGE_SIZE
        parts.append(_int32(msg.fetch_size))
    if msg.paging_state:
        flags |= _PAGING_STATE
        parts += (_int32(len(msg.paging_state)), msg.paging_state)
    if msg.serial_consistency_level:
        flags |= _SERIAL
        parts.append(_uint16(msg.serial_consistency_level))
    if msg.timestamp is not None:
        flags |= _TIMESTAMP
        parts.append(_uint64(msg.timestamp))
    return flags, b"".join(parts)


def parts_of(value: Any) -> tuple[bytes, bytes]:
    """Return the size and the octets of a value as the library has it.

    Raises:
        _UnusualError: it is neither bytes nor nothing.
    """
    if type(value) is bytes:
        size = len(value)
        return SIZES[size] if size < KEPT_SIZES else _int32(size), value
    if value is None:
        return NULL, b""
    if value is query.UNSET_VALUE:
        return UNSET, b""
    raise _UnusualError


def _parts_of(values: Any) -> Sequence[bytes]:
    """Return the sizes and the octets of the values of a statement that the library has bound."""
    return [part for value in values for part in parts_of(value)]
