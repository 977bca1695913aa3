"""Frames of requests put together here: the same bytes as by the library, whatever a request says."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.coodie_drivers.adapters.wire import FEATURES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

frames: Any = pytest.importorskip(
    "coodie_drivers.adapters._cassandra_frames", reason="needs scylla-driver or cassandra-driver"
)
replies: Any = pytest.importorskip(
    "coodie_drivers.adapters._cassandra_replies", reason="needs scylla-driver or cassandra-driver"
)
protocol: Any = pytest.importorskip("cassandra.protocol", reason="needs scylla-driver or cassandra-driver")
query: Any = pytest.importorskip("cassandra.query", reason="needs scylla-driver or cassandra-driver")

pytestmark = pytest.mark.adapter

BY_LIBRARY = protocol.ProtocolHandler.encode_message
TIMESTAMPS = st.none() | st.integers(0, 2**64 - 1)
LEVELS = st.none() | st.sampled_from([8, 9])
BY_THE_LIBRARY = st.lists(st.none() | st.just(query.UNSET_VALUE) | st.binary(max_size=300), max_size=5)


def cells(values: list[Any]) -> Any:
    """Return values as binders lay them out."""
    laid_out = frames.Cells()
    laid_out.parts = [part for value in values for part in frames.parts_of(value)]
    return laid_out


VALUES = BY_THE_LIBRARY | BY_THE_LIBRARY.map(cells)
IDS = st.binary(min_size=1, max_size=20)
VERSIONS = st.sampled_from([3, 4, 5])
BYTES: st.SearchStrategy[bytes | None] = st.binary(max_size=20)
METADATA_IDS = BYTES | st.none() if FEATURES else BYTES
"""cassandra-driver, whose connections agree on nothing, always has one where the protocol asks for it."""


class Counted:
    """The library's way to write, which counts."""

    def __init__(self, change: Callable[[bytes], bytes] = lambda octets: octets) -> None:
        self.times = 0
        self._change = change

    def __call__(self, *arguments: Any) -> bytes:
        self.times += 1
        octets: bytes = self._change(BY_LIBRARY(*arguments))
        return octets


def executed(query_id: bytes, values: Any, **options: Any) -> Any:
    return protocol.ExecuteMessage(query_id, values, options.pop("level", 1), **{"result_metadata_id": b"m", **options})


@st.composite
def executions(draw: st.DrawFn) -> Any:
    return executed(
        draw(IDS),
        draw(VALUES),
        level=draw(st.integers(0, 10)),
        serial_consistency_level=draw(LEVELS),
        fetch_size=draw(st.none() | st.integers(0, 2**31 - 1)),
        paging_state=draw(st.none() | st.binary(max_size=300)),
        timestamp=draw(TIMESTAMPS),
        skip_meta=draw(st.booleans()),
        result_metadata_id=draw(METADATA_IDS),
    )


@st.composite
def batches(draw: st.DrawFn) -> Any:
    kind = draw(st.sampled_from([query.BatchType.LOGGED, query.BatchType.UNLOGGED, query.BatchType.COUNTER]))
    prepared = st.tuples(st.just(True), IDS, VALUES)
    text = st.tuples(st.just(False), st.just("UPDATE t SET a = 1 WHERE k = 1"), st.just(()))
    parts = draw(st.lists(prepared | text, max_size=4))
    return protocol.BatchMessage(kind, parts, draw(st.integers(0, 10)), draw(LEVELS), draw(TIMESTAMPS), None)


def features() -> Iterator[tuple[Any, ...]]:
    """What connections may have agreed on: nothing besides the protocol, or what a library knows of."""
    yield FEATURES
    for each in FEATURES:
        for name in ("use_metadata_id", "tablets_routing_v2"):
            if hasattr(each, name):
                yield (type(each)(**{name: True}),)


@pytest.mark.parametrize("agreed", [*features()])
@given(messages=st.lists(executions() | batches(), min_size=2, max_size=6), version=VERSIONS)
def test_frames_are_those_of_the_library(agreed: tuple[Any, ...], messages: list[Any], version: int) -> None:
    write = frames.writing(BY_LIBRARY)
    for stream_id, message in enumerate([*messages, *messages]):
        arguments = (message, stream_id, version, None, False, *agreed)
        assert write(*arguments) == BY_LIBRARY(*arguments)


@pytest.mark.parametrize("version", [3, 4, 5])
def test_only_the_first_frame_of_a_kind_is_asked_of_the_library(version: int) -> None:
    library = Counted()
    write = frames.writing(library)
    for number in range(5):
        message = executed(b"id", [b"v", None], fetch_size=number, timestamp=number)
        assert write(message, number, version, None, False, *FEATURES) == BY_LIBRARY(
            message, number, version, None, False, *FEATURES
        )
    assert library.times == 1


def test_parts_of_one_statement_may_have_different_numbers_of_values() -> None:
    write, query_id = frames.writing(BY_LIBRARY), b"id"
    parts = [(True, query_id, [b"v"] * number) for number in (0, 2, 2, 1)]
    for _ in range(2):
        arguments = (protocol.BatchMessage(query.BatchType.LOGGED, parts, 1), 1, 4, None, False, *FEATURES)
        assert write(*arguments) == BY_LIBRARY(*arguments)


def test_a_library_that_writes_in_another_way_goes_on_writing() -> None:
    library = Counted(lambda octets: octets + b"\x00")
    write = frames.writing(library)
    for _ in range(3):
        assert write(executed(b"id", [b"v"]), 1, 4, None, False, *FEATURES)[-1:] == b"\x00"
    assert library.times == 3


@pytest.mark.parametrize(
    "unusual",
    [
        {"tracing": True},
        {"custom_payload": {"a": b"b"}},
        {"query_params": [b"v", bytearray(b"w")]},
        {"keyspace": "ks"},
    ],
)
def test_what_is_unusual_is_left_to_the_library(unusual: dict[str, Any]) -> None:
    library = Counted()
    write = frames.writing(library)
    write(executed(b"id", [b"v"]), 1, 5, None, False, *FEATURES)
    message = executed(b"id", [b"v"])
    for name, value in unusual.items():
        setattr(message, name, value)
    arguments = (message, 1, 5, None, False, *FEATURES)
    assert write(*arguments) == BY_LIBRARY(*arguments)
    assert library.times == 2


def turned_around(body: bytes) -> bytes:
    return body[::-1]


@pytest.mark.parametrize("version", [3, 4, 5])
def test_bodies_are_compressed_where_a_connection_agreed_on_it(version: int) -> None:
    library = Counted()
    write = frames.writing(library)
    for values in ([b"v"], [b"w"], [b"x", None]):
        for compressor in (None, turned_around):
            arguments = (executed(b"id", values), 1, version, compressor, False, *FEATURES)
            assert write(*arguments) == BY_LIBRARY(*arguments)
    assert library.times == 2  # the first one with, and the first one without


def test_what_cannot_be_written_raises_what_the_library_raises() -> None:
    write = frames.writing(BY_LIBRARY)
    write(executed(b"id", [b"v"]), 1, 4, None, False, *FEATURES)
    wrong = executed(b"id", [b"v"], timestamp=-1)
    with pytest.raises(struct.error) as by_library:
        BY_LIBRARY(wrong, 1, 4, None, False, *FEATURES)
    with pytest.raises(struct.error) as here:
        write(wrong, 1, 4, None, False, *FEATURES)
    assert str(here.value) == str(by_library.value)


def test_it_is_called_as_the_library_calls_it() -> None:
    named: dict[str, Any] = dict(zip(["protocol_features"], FEATURES, strict=False))
    write = frames.writing(BY_LIBRARY)
    message = executed(b"id", [b"v"])
    for _ in range(2):
        octets = write(message, 7, 4, compressor=None, allow_beta_protocol_version=False, **named)
        assert octets == BY_LIBRARY(message, 7, 4, None, False, *FEATURES)


def test_a_way_of_somebodys_own_to_write_is_kept() -> None:
    library = Counted()

    class Handler(protocol.ProtocolHandler):  # type: ignore[misc]  # the library carries no types
        encode_message = staticmethod(library)

    handler = replies.reading_handler(Handler)
    for _ in range(3):
        handler.encode_message(executed(b"id", [b"v"]), 1, 4, None, False, *FEATURES)
    assert library.times == 3


def test_frames_of_a_codec_are_written_here() -> None:
    handler = replies.reading_handler(protocol.ProtocolHandler)
    arguments = (executed(b"id", [b"v"]), 1, 4, None, False, *FEATURES)
    assert handler.encode_message(*arguments) == handler.encode_message(*arguments) == BY_LIBRARY(*arguments)
    assert handler.encode_message is not protocol.ProtocolHandler.encode_message
