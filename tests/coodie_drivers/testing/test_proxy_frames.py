"""Frames survive being taken out of bytes and put into bytes again, wherever these are split."""

from __future__ import annotations

import zlib
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coodie_drivers.testing.proxy.faults import BrokenStreamError
from coodie_drivers.testing.proxy.frames import (
    LONGEST_SEGMENT,
    Frame,
    FrameReader,
    crc24,
    encoded,
    make_frame,
    reply_to,
    segment,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

# Around what one segment holds, header of the frame included, and beyond it.
LARGE = [LONGEST_SEGMENT + beyond for beyond in (-50, -10, -9, -8, 0, LONGEST_SEGMENT)]

FRAMES = st.builds(
    make_frame,
    st.sampled_from([0x03, 0x04, 0x05, 0x83, 0x84, 0x85, 0x42]),
    st.integers(0, 31),
    st.integers(-32768, 32767),
    st.integers(0, 255),
    st.binary(max_size=40) | st.sampled_from(LARGE).map(bytes),
)


def pieces(content: bytes, cuts: Iterable[int]) -> list[bytes]:
    """The content, cut at these places."""
    places = sorted({min(cut, len(content)) for cut in cuts} | {0, len(content)})
    return [content[start:end] for start, end in pairwise(places)]


def read(parts: Iterable[bytes], *, segmented: bool) -> list[Frame]:
    reader = FrameReader()
    reader.segmented = segmented
    found: list[Frame] = []
    for part in parts:
        reader.feed(part)
        found += reader.frames()
    return found


@settings(deadline=None)
@given(st.lists(FRAMES, max_size=5), st.lists(st.integers(0, 500_000), max_size=12), st.booleans())
def test_any_frames_come_out_of_any_pieces(frames: list[Frame], cuts: list[int], segmented: bool) -> None:
    content = encoded(frames, segmented=segmented) if frames else b""
    assert [frame.content for frame in read(pieces(content, cuts), segmented=segmented)] == [
        frame.content for frame in frames
    ]


@given(st.lists(st.binary(max_size=9), min_size=1, max_size=4), st.booleans())
def test_frames_come_out_of_single_bytes(bodies: list[bytes], segmented: bool) -> None:
    frames = [make_frame(0x85, 0, number, 0x08, body) for number, body in enumerate(bodies)]
    content = encoded(frames, segmented=segmented)
    found = read((content[at : at + 1] for at in range(len(content))), segmented=segmented)
    assert [frame.body for frame in found] == bodies


def test_small_frames_share_a_segment_and_a_large_one_takes_several() -> None:
    small = [make_frame(0x05, 0, number, 0x07, b"x" * 100) for number in range(3)]
    large = make_frame(0x05, 0, 9, 0x07, bytes(2 * LONGEST_SEGMENT))
    assert len(encoded(small, segmented=True)) == sum(len(frame.content) for frame in small) + 10
    assert len(encoded([large], segmented=True)) == len(large.content) + 3 * 10
    assert encoded([*small, large], segmented=True)[2] & 0b10 == 0b10  # whole frames
    assert encoded([large], segmented=True)[2] & 0b10 == 0  # a part of one


@given(st.integers(0, 2**24 - 1))
def test_the_checksum_of_a_header_is_that_of_the_specification(header: int) -> None:
    crc, rest = 0x875060, header
    for _ in range(3):
        crc ^= (rest & 0xFF) << 16
        rest >>= 8
        for _ in range(8):
            crc <<= 1
            if crc & 0x1000000:
                crc ^= 0x1974F0B
    assert crc24(header) == crc


def test_the_checksum_of_a_segment_begins_with_the_four_bytes_of_the_specification() -> None:
    assert segment(b"content")[-4:] == zlib.crc32(b"\xfa\x2d\x55\xcacontent").to_bytes(4, "little")


@pytest.mark.parametrize("at", [0, 2, 4, 8, -1])
def test_a_segment_with_a_wrong_byte_is_refused(at: int) -> None:
    content = bytearray(encoded([make_frame(0x05, 0, 1, 0x07, b"SELECT")], segmented=True))
    content[at] ^= 0x01
    with pytest.raises(BrokenStreamError, match="the checksum of a segment's"):
        # The length may be what is wrong: then more must come before it shows.
        read([bytes(content) + bytes(LONGEST_SEGMENT)], segmented=True)


@pytest.mark.parametrize(
    "start", [b"GET / HTTP/1.1\r\n", b"\x02\x00\x00\x01\x00\x00\x00\x00\x00", b"\x16\x03\x01\x02\x00ab"]
)
def test_what_is_no_frame_is_refused_or_waited_for(start: bytes) -> None:
    if start[0] & 0x7F >= 3:
        assert read([start], segmented=False) == []  # it may be the header of a long frame
    else:
        with pytest.raises(BrokenStreamError, match="no frame of version 3 or later"):
            read([start], segmented=False)


def test_a_reply_answers_on_the_stream_and_in_the_version_of_its_request() -> None:
    reply = reply_to(make_frame(0x05, 0x10, 77, 0x0A, b"asked"), 0x08, b"told", 0x02)
    assert (reply.version, reply.flags, reply.stream, reply.opcode, reply.body) == (0x85, 0x12, 77, 0x08, b"told")
