"""One client and one node, played by the tests: what a relay between them changes, and what it leaves alone."""

from __future__ import annotations

import asyncio
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.coodie_drivers.testing.relayed import (
    BATCH,
    ERROR,
    EVENT,
    EXECUTE,
    NODE,
    OPTIONS,
    OTHER_NODE,
    OTHER_PROXY,
    PREPARE,
    PROXY,
    QUERY,
    READY,
    RESULT,
    STARTUP,
    STRANGER,
    SUPPORTED,
    Played,
    execute,
    numbers,
    query,
    rows,
    text,
    told_numbers,
    value,
)

from coodie_drivers.testing.proxy import (
    answer,
    corrupt_length,
    cut_after,
    cut_before,
    delay_request,
    drop_reply,
    empty_page,
    first,
    short_page,
    unprepared,
)
from coodie_drivers.testing.proxy.frames import encoded, make_frame
from coodie_drivers.testing.proxy.rows import read_rows


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 100), st.sampled_from([QUERY, EXECUTE, BATCH, STARTUP, 0x0F, 0x42]), st.binary(max_size=80)
        )
    ),
    st.lists(st.tuples(st.integers(-5, 100), st.sampled_from([ERROR, RESULT, EVENT, 0x42]), st.binary(max_size=80))),
    st.lists(st.integers(1, 60), min_size=1, max_size=9),
)
def test_without_rules_every_byte_passes_wherever_it_is_split(
    requests: list[tuple[int, int, bytes]], replies: list[tuple[int, int, bytes]], sizes: list[int]
) -> None:
    played = Played()
    asked = b"".join(make_frame(4, 0, stream, opcode, body).content for stream, opcode, body in requests)
    told = b"".join(make_frame(0x84, 0, stream, opcode, body).content for stream, opcode, body in replies)
    for side, wire, content in ((played.relay.client, played.node, asked), (played.relay.node, played.client, told)):
        at = 0
        while at < len(content):
            size = sizes[at % len(sizes)]
            side.data_received(content[at : at + size])
            at += size
        assert b"".join(frame.content for frame in wire.reader.frames()) == content


def test_segments_begin_behind_the_reply_that_makes_the_connection_ready() -> None:
    played = Played(version=5)
    assert len(played.ask(STARTUP, struct.pack(">H", 1) + text("CQL_VERSION") + text("3.0.0"))) == 1
    assert [frame.opcode for frame in played.tell(READY)] == [READY]
    played.segmented = played.client.reader.segmented = played.node.reader.segmented = True
    large = query("SELECT 1", bytes(400_000))
    assert [frame.body for frame in played.ask(QUERY, large)] == [large]
    assert [frame.body for frame in played.tell(RESULT, bytes(300_000))] == [bytes(300_000)]


def test_a_wrong_checksum_cuts_the_connection() -> None:
    played = Played(version=5)
    played.tell(READY)
    played.relay.client.data_received(b"\x07\x00\x02\x00\x00\x00" + bytes(11))
    assert (played.client.ended, played.node.ended) == (True, True)


def test_an_executed_statement_has_the_text_that_was_prepared() -> None:
    played = Played()
    played.ask(PREPARE, query("INSERT INTO t", b""))
    played.tell(RESULT, struct.pack(">I", 4) + text("id") + bytes(20))
    played.ask(EXECUTE, execute(b"id", b"\x00\x01\x01\x00\x01" + value(b"secret")))
    batched = b"\x00\x00\x03" + b"\x01" + text("id") + b"\x00\x02" + value(b"a") + value(None)
    batched += b"\x00" + query("DELETE FROM t", b"\x00\x00") + b"\x01" + text("unknown") + b"\x00\x00" + b"\x00\x01\x00"
    played.ask(BATCH, batched, stream=2)
    traffic = played.memory.traffic
    assert [(passed.opcode, passed.text) for passed in traffic.requests()] == [
        ("PREPARE", "INSERT INTO t"),
        ("EXECUTE", "INSERT INTO t"),
        ("BATCH", "INSERT INTO t; DELETE FROM t; "),
    ]
    assert "secret" not in repr(traffic.requests())
    assert [passed.opcode for passed in traffic.replies(text="INSERT")] == ["RESULT"]
    traffic.clear()
    assert len(traffic) == 0


def test_a_forgotten_statement_is_named_by_its_id() -> None:
    played = Played()
    played.memory.rules.add(answer(unprepared()))
    assert played.ask(EXECUTE, execute(b"the id"), stream=5) == []
    (reply,) = played.received()
    assert (reply.version, reply.stream, reply.opcode) == (0x84, 5, ERROR)
    assert reply.body[:4] == struct.pack(">I", 0x2500)
    assert reply.body.endswith(text("the id"))


@pytest.mark.parametrize("opcode", [QUERY, BATCH])
def test_a_lost_reply_reaches_nobody_and_others_do(opcode: int) -> None:
    played = Played()
    rule = played.memory.rules.add(drop_reply(), when=first(1))
    body = query("SELECT 1") if opcode == QUERY else bytes(6)
    assert len(played.ask(opcode, body, 1) + played.ask(opcode, body, 2)) == 2
    assert played.tell(RESULT, b"\x00\x00\x00\x01", 2) == []
    assert [frame.stream for frame in played.tell(RESULT, b"\x00\x00\x00\x01", 1)] == [1]
    assert (rule.hits, rule.seen) == (1, 2)


@pytest.mark.parametrize(("action", "reaches_node"), [(cut_before(), 0), (cut_after(), 1)])
def test_a_connection_is_cut_on_either_side_of_the_delivery(action: Any, reaches_node: int) -> None:
    played = Played()
    played.memory.rules.add(action)
    assert len(played.ask(QUERY, query("SELECT 1"))) == reaches_node
    assert played.client.ended == (not reaches_node)
    assert played.tell(RESULT, b"\x00\x00\x00\x01") == []
    assert (played.client.ended, played.node.ended) == (True, True)


def test_what_came_before_a_cut_is_delivered_and_what_comes_behind_it_is_lost() -> None:
    played = Played()
    rule = played.memory.rules.add(cut_before(), text="second")
    words = ("first", "second", "third")
    frames = [make_frame(4, 0, stream, QUERY, query(word)) for stream, word in enumerate(words)]
    played.relay.client.data_received(encoded(frames, segmented=False))
    assert [frame.stream for frame in played.node.reader.frames()] == [0]
    assert (played.client.ended, played.node.ended, rule.hits) == (True, True, 1)
    assert [passed.text for passed in played.memory.traffic.requests()] == ["first", "second"]


async def test_a_delayed_request_is_overtaken() -> None:
    played = Played()
    played.memory.rules.add(delay_request(0.02), when=first(1))
    assert played.ask(QUERY, query("SELECT 1"), 1) == []
    assert [frame.stream for frame in played.ask(QUERY, query("SELECT 2"), 2)] == [2]
    await asyncio.sleep(0.04)
    assert [frame.stream for frame in played.node.reader.frames()] == [1]


def test_a_corrupt_length_stands_in_the_header_alone() -> None:
    played = Played()
    played.memory.rules.add(corrupt_length(3))
    played.ask(QUERY, query("SELECT 1"))
    (reply,) = played.tell(RESULT, b"\x00\x00\x00\x01")
    assert (reply.opcode, reply.body) == (RESULT, b"\x00\x00\x00")


def test_an_emptied_page_is_followed_by_its_rows() -> None:
    played = Played()
    played.memory.rules.add(empty_page(), when=first(2))
    states = [b""]
    for _ in range(2):
        assert len(played.ask(QUERY, query("SELECT n FROM t", states[-1]))) == (len(states) == 1)
        (reply,) = played.tell(RESULT, numbers(1, 2, 3, state=b"the node's")) if len(states) == 1 else played.received()
        page = read_rows(reply)
        assert page is not None
        assert page.rows == ()
        states.append(page.paging_state or b"")
    assert played.ask(QUERY, query("SELECT n FROM t", states[-1])) == []
    (reply,) = played.received()
    assert reply.body == numbers(1, 2, 3, state=b"the node's")


def test_short_pages_hold_all_rows_in_their_order() -> None:
    played = Played()
    played.memory.rules.add(short_page(2))
    played.ask(QUERY, query("SELECT n FROM t"))
    (reply,) = played.tell(RESULT, numbers(1, 2, 3, 4, 5))
    pages = [told_numbers(reply)]
    page = read_rows(reply)
    while page is not None and page.paging_state is not None:
        assert played.ask(QUERY, query("SELECT n FROM t", page.paging_state)) == []
        (reply,) = played.received()
        pages.append(told_numbers(reply))
        page = read_rows(reply)
    assert pages == [[1, 2], [3, 4], [5]]


def paged(state: bytes | None, *values: bytes) -> bytes:
    """The parameters of a request at consistency ONE with these values, for the page that begins at `state`."""
    flags = 0x01 | 0x04 | (0x08 if state is not None else 0)
    bound = struct.pack(">H", len(values)) + b"".join(map(value, values))
    return struct.pack(">HB", 1, flags) + bound + struct.pack(">i", 3) + (value(state) if state is not None else b"")


@pytest.mark.parametrize("begins", [None, b"the node's first"])
@pytest.mark.parametrize(
    ("opcode", "other"),
    [(QUERY, query("SELECT n, n AS m FROM t", b"")), (EXECUTE, execute(b"other", b"")), (QUERY, None)],
    ids=["another text", "another prepared statement", "other values"],
)
def test_another_statement_gets_the_rows_that_the_node_has_for_it_there(
    opcode: int, other: bytes | None, begins: bytes | None
) -> None:
    played = Played()
    played.memory.rules.add(short_page(1), when=first(2))
    cql, state, found = query("SELECT n FROM t", b""), begins, list[int]()
    for _ in range(2):
        passed = played.ask(QUERY, cql + paged(state, b"a"))
        (reply,) = played.tell(RESULT, numbers(1, 2, 3, state=b"the node's next")) if passed else played.received()
        found += told_numbers(reply)
        page = read_rows(reply)
        assert page is not None
        state = page.paging_state
    assert found == [1, 2]
    (asked,) = played.ask(opcode, cql + paged(state, b"b") if other is None else other + paged(state, b"a"))
    assert asked.body == (cql + paged(begins, b"b") if other is None else other + paged(begins, b"a"))
    (reply,) = played.tell(RESULT, numbers(1, 2, 3, state=b"the node's next"))
    assert reply.body == numbers(3, state=b"the node's next")
    assert played.ask(QUERY, cql + paged(state, b"a")) == []  # the same statement gets those that were withheld
    assert [each.body for each in played.received()] == [numbers(3, state=b"the node's next")]


def test_a_short_page_of_what_has_no_rows_stays_as_it_is() -> None:
    played = Played()
    played.memory.rules.add(short_page(1))
    for body in (b"\x00\x00\x00\x01", numbers(), numbers(1)):
        played.ask(QUERY, query("SELECT n FROM t"))
        assert [frame.body for frame in played.tell(RESULT, body)] == [body]


ADDRESSES = {"peer": 0x10, "rpc_address": 0x10, "native_address": 0x10, "native_port": 0x09}


@pytest.mark.parametrize(
    ("table", "told", "seen"),
    [
        ("system.local", [NODE, STRANGER, None, b"\x00\x00\x23\x52"], [NODE, PROXY, PROXY, b"\x00\x00\x23\xb6"]),
        ("system.peers", [OTHER_NODE] * 3 + [None], [OTHER_NODE, OTHER_PROXY, OTHER_PROXY, b"\x00\x00\x23\xb6"]),
        ("system.peers_v2", [STRANGER] * 3 + [b"port"], [STRANGER] * 3 + [b"port"]),
        ("shop.local", [NODE] * 3 + [b"port"], [NODE] * 3 + [b"port"]),
    ],
)
def test_nodes_are_told_to_be_where_their_proxies_are(
    table: str, told: list[bytes | None], seen: list[bytes | None]
) -> None:
    played = Played()
    played.ask(QUERY, query(f"SELECT * FROM {table}"))
    (reply,) = played.tell(RESULT, rows(table, ADDRESSES, told))
    page = read_rows(reply)
    assert page is not None
    assert page.rows == (tuple(seen),)


@pytest.mark.parametrize(("told", "seen", "port"), [(OTHER_NODE, OTHER_PROXY, 9142), (STRANGER, STRANGER, 9042)])
def test_events_name_the_proxies(told: bytes, seen: bytes, port: int) -> None:
    def event(address: bytes, at: int) -> bytes:
        return text("STATUS_CHANGE") + text("UP") + b"\x04" + address + struct.pack(">I", at)

    played = Played()
    assert [frame.body for frame in played.tell(EVENT, event(told, 9042), -1)] == [event(seen, port)]


def test_events_are_withheld_by_what_they_tell() -> None:
    played = Played()
    rule = played.memory.rules.add(drop_reply(), opcode="EVENT", text="SCHEMA_CHANGE CREATED")
    created = text("SCHEMA_CHANGE") + text("CREATED") + text("TABLE") + text("k") + text("t")
    dropped = text("SCHEMA_CHANGE") + text("DROPPED") + text("KEYSPACE") + text("k")
    assert played.tell(EVENT, created, -1) == []
    assert [frame.body for frame in played.tell(EVENT, dropped, -1)] == [dropped]
    assert rule.hits == 1
    assert [passed.text for passed in played.memory.traffic.replies("EVENT")] == [
        "SCHEMA_CHANGE CREATED TABLE k t",
        "SCHEMA_CHANGE DROPPED KEYSPACE k",
    ]


def test_what_the_proxy_does_not_understand_is_not_offered() -> None:
    played = Played()
    played.ask(OPTIONS)
    offered = struct.pack(">H", 3) + text("COMPRESSION") + struct.pack(">H", 2) + text("snappy") + text("lz4")
    offered += text("SCYLLA_SHARD_AWARE_PORT") + struct.pack(">H", 1) + text("19042")
    offered += text("CQL_VERSION") + struct.pack(">H", 1) + text("3.4.7")
    (reply,) = played.tell(SUPPORTED, offered)
    seen = text("COMPRESSION") + struct.pack(">H", 0) + text("CQL_VERSION") + struct.pack(">H", 1) + text("3.4.7")
    assert reply.body == struct.pack(">H", 2) + seen
    assert played.ask(STARTUP, struct.pack(">H", 1) + text("COMPRESSION") + text("lz4")) == []
    (refused,) = played.received()
    assert (refused.opcode, refused.body[:4]) == (ERROR, struct.pack(">I", 0x000A))
    assert b"compression is not offered here" in refused.body


def test_a_client_that_goes_takes_the_connection_to_the_node_with_it() -> None:
    played = Played()
    assert played.relay.is_open
    played.relay.client.connection_lost(None)
    assert played.node.ended
    played.relay.node.connection_lost(None)
    assert not played.relay.is_open
