"""Frames of the native protocol as they stand on the wire: taken out of a stream of bytes, and put into one.

Up to version 4 a frame follows the other. From version 5 on, once a connection is ready, frames travel in segments with
checksums: several small ones in one, or a large one over several (`native_protocol_v5.spec`, section 2).
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from coodie_drivers.testing.proxy.faults import BrokenStreamError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HEADER = struct.Struct(">BBhBI")
LONGEST_SEGMENT = 0x1FFFF
COMPRESSED, BETA = 0x01, 0x10

_OLDEST, _REPLY = 3, 0x80
_SEGMENT_HEADER, _SEGMENT_TRAILER = 6, 4
_SELF_CONTAINED = 1 << 17
_CRC24_START, _CRC24_POLYNOMIAL, _CRC24_OVERFLOW = 0x875060, 0x1974F0B, 0x1000000
_CRC32_START = zlib.crc32(b"\xfa\x2d\x55\xca")


class Frame:
    """One frame: its header taken apart, and all its bytes.

    >>> frame = make_frame(0x04, 0, 7, 0x07, b"body")
    >>> frame.stream, frame.opcode, frame.body, len(frame.content)
    (7, 7, b'body', 13)
    """

    __slots__ = ("content", "flags", "opcode", "stream", "version")

    def __init__(self, content: bytes) -> None:
        """Take the header apart."""
        self.content = content
        self.version, self.flags, self.stream, self.opcode, _ = HEADER.unpack_from(content)

    @property
    def body(self) -> bytes:
        """What comes after the header."""
        return self.content[HEADER.size :]


def make_frame(version: int, flags: int, stream: int, opcode: int, body: bytes) -> Frame:
    """A frame of these parts."""
    return Frame(HEADER.pack(version, flags, stream, opcode, len(body)) + body)


def reply_to(request: Frame, opcode: int, body: bytes, flags: int = 0) -> Frame:
    """A frame that answers another: of its version, on its stream."""
    return make_frame(request.version | _REPLY, flags | request.flags & BETA, request.stream, opcode, body)


class FrameReader:
    """Takes frames out of the bytes that arrive on one side of a connection, wherever these are split.

    Attributes:
        segmented: whether the frames come in segments; may be set between two frames.
    """

    def __init__(self) -> None:
        """Start with no bytes."""
        self.segmented = False
        self._arrived = bytearray()
        self._unwrapped = bytearray()

    def feed(self, received: bytes) -> None:
        """Add bytes to those that arrived."""
        self._arrived += received

    def frames(self) -> Iterator[Frame]:
        """The frames that are whole by now, each once.

        Raises:
            BrokenStreamError: the bytes are no frames of version 3 or later, or a checksum does not fit.
        """
        while True:
            if self.segmented:
                self._unwrap()
            frame = _taken(self._unwrapped if self.segmented else self._arrived)
            if frame is None:
                return
            yield frame

    def _unwrap(self) -> None:
        arrived = self._arrived
        while len(arrived) >= _SEGMENT_HEADER:
            header = int.from_bytes(arrived[:3], "little")
            if int.from_bytes(arrived[3:_SEGMENT_HEADER], "little") != crc24(header):
                raise BrokenStreamError("the checksum of a segment's header does not fit it")
            end = _SEGMENT_HEADER + (header & LONGEST_SEGMENT)
            if len(arrived) < end + _SEGMENT_TRAILER:
                return
            payload = arrived[_SEGMENT_HEADER:end]
            if int.from_bytes(arrived[end : end + _SEGMENT_TRAILER], "little") != zlib.crc32(payload, _CRC32_START):
                raise BrokenStreamError("the checksum of a segment's content does not fit it")
            self._unwrapped += payload
            del arrived[: end + _SEGMENT_TRAILER]


def encoded(frames: Sequence[Frame], *, segmented: bool) -> bytes:
    """The bytes of some frames, in segments or as they are."""
    if not segmented:
        return frames[0].content if len(frames) == 1 else b"".join([frame.content for frame in frames])
    segments: list[bytes] = []
    small = bytearray()
    for frame in frames:
        if len(small) + len(frame.content) > LONGEST_SEGMENT and small:
            segments.append(segment(bytes(small)))
            small.clear()
        if len(frame.content) > LONGEST_SEGMENT:
            parts = range(0, len(frame.content), LONGEST_SEGMENT)
            segments += [segment(frame.content[at : at + LONGEST_SEGMENT], whole=False) for at in parts]
        else:
            small += frame.content
    if small:
        segments.append(segment(bytes(small)))
    return b"".join(segments)


def segment(payload: bytes, *, whole: bool = True) -> bytes:
    """One segment around `payload`; `whole` where that is frames, and not a part of one."""
    header = len(payload) | (_SELF_CONTAINED if whole else 0)
    sums = crc24(header).to_bytes(3, "little"), zlib.crc32(payload, _CRC32_START).to_bytes(4, "little")
    return header.to_bytes(3, "little") + sums[0] + payload + sums[1]


def crc24(header: int) -> int:
    """The checksum of the first three bytes of a segment's header, given as the number that they are.

    >>> hex(crc24(0))
    '0x7de777'
    """
    crc = _CRC24_START
    for shift in (0, 8, 16):
        crc = (crc << 8) & 0xFFFFFF ^ _CRC24_TABLE[(crc >> 16) ^ (header >> shift & 0xFF)]
    return crc


def _taken(source: bytearray) -> Frame | None:
    if len(source) < HEADER.size:
        return None
    if source[0] & ~_REPLY < _OLDEST:
        raise BrokenStreamError("what arrived is no frame of version 3 or later of the native protocol")
    end = HEADER.size + int.from_bytes(source[5:9], "big")
    if len(source) < end:
        return None
    content = bytes(source) if len(source) == end else bytes(source[:end])
    del source[:end]
    return Frame(content)


def _crc24_of(byte: int) -> int:
    crc = byte << 16
    for _ in range(8):
        crc <<= 1
        if crc & _CRC24_OVERFLOW:
            crc ^= _CRC24_POLYNOMIAL
    return crc


_CRC24_TABLE = [_crc24_of(byte) for byte in range(256)]
