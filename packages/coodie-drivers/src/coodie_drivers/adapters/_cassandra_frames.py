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
    """How requests are written of one class of the library's, on one connection."""

    __slots__ = ("_compress", "_executed", "_flags", "_names_metadata", "_options", "_version")

    def __init__(self, version: int, compressor: Compress | None, skips: int, *, names_metadata: bool) -> None:
        """Lay them out.

        Args:
            version: that of the protocol.
            compressor: compresses bodies, if the connection agreed on it.
            skips: the flag that asks for no metadata, if they set it.
            names_metadata: whether they say which metadata of the rows is known.
        """
        flags = "I" if version >= _WIDE_FLAGS else "B"
        self._version = version
        self._compress = compressor if version < _WIDE_FLAGS else None
        self._flags = _VALUES | skips
        self._names_metadata = names_metadata
        self._executed = struct.Struct(f">H{flags}H").pack
        self._options = struct.Struct(f">H{flags}").pack

    def written(self, msg: Any, stream_id: int) -> bytes:
        """Return the frame of a request.

        Raises:
            _UnusualError: it holds what is left to the library.
        """
        if msg.keyspace is not None:
            raise _UnusualError
        body = b"".join(self._execute(msg) if type(msg) is _Execute else self._batch(msg))
        if self._compress is None:
            return _header(self._version, 0, stream_id, msg.opcode, len(body)) + body
        body = self._compress(body)
        return _header(self._version, _COMPRESSED, stream_id, msg.opcode, len(body)) + body

    def _execute(self, msg: Any) -> list[bytes]:
        flags, values, query_id, page, timestamp = (
            self._flags, msg.query_params, msg.query_id, msg.fetch_size, msg.timestamp,
        )  # fmt: skip
        cells = values.parts if type(values) is Cells else _parts_of(values)
        if page and timestamp is not None and not msg.paging_state and not msg.serial_consistency_level:
            flags |= _PAGE_SIZE | _TIMESTAMP  # as nearly always
            tail = _page_and_time(page, timestamp)
        else:
            more, tail = _tail(msg)
            flags |= more
        parts = [_uint16(len(query_id)), query_id]
        if self._names_metadata:
            metadata = msg.result_metadata_id or b""
            parts += (_uint16(len(metadata)), metadata)
        parts.append(self._executed(msg.consistency_level, flags, len(cells) // 2))
        parts += cells
        parts.append(tail)
        return parts

    def _batch(self, msg: Any) -> list[bytes]:
        parts = [bytes((msg.batch_type.value,)), _uint16(len(msg.queries))]
        before, size, head = None, 0, b""
        for prepared, query_id, values in msg.queries:
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
        return parts


def writing(encode: Encode) -> Encode:
    """Return what writes messages as this one does, which is a protocol handler's `encode_message`."""
    layouts: dict[object, Any] = {}

    def encode_message(  # noqa: PLR0913 - as the library calls it
        msg: Any,
        stream_id: int,
        protocol_version: int,
        compressor: Any,
        allow_beta_protocol_version: Any,
        protocol_features: Any = _NONE,
    ) -> bytes:
        kind: Any = msg.__class__
        key = layout = None
        if (kind is _Execute or kind is _Batch) and not (
            allow_beta_protocol_version or msg.tracing or msg.custom_payload
        ):
            key = (protocol_features, protocol_version, compressor, msg.skip_meta if kind is _Execute else _Batch)
            layout = layouts.get(key, _NONE)
            if layout is not None and layout is not _NONE:
                try:
                    frame: bytes = layout.written(msg, stream_id)
                    return frame  # noqa: TRY300 - the way of nearly all
                except Exception:  # noqa: BLE001, S110 - the library says what is wrong, if anything is
                    pass
        known = () if protocol_features is _NONE else (protocol_features,)
        octets = encode(msg, stream_id, protocol_version, compressor, allow_beta_protocol_version, *known)
        if layout is _NONE:
            if len(layouts) >= _CAPACITY:
                layouts.clear()
            layouts[key] = _layout_of(msg, stream_id, protocol_version, compressor, octets)
        return octets

    return encode_message


def _layout_of(msg: Any, stream_id: int, version: int, compressor: Compress | None, octets: bytes) -> _Layout | None:
    """Return how the library has written a request; None if in a way that is not known here."""
    for names_metadata in (False, True):
        for skips in (0, _SKIP_METADATA):
            layout = _Layout(version, compressor, skips, names_metadata=names_metadata)
            try:
                if layout.written(msg, stream_id) == octets:
                    return layout
            except Exception:  # noqa: BLE001, S112 - the library has written it
                continue
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
