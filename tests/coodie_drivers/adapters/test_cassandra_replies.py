"""Replies whose rows are read late: metadata compared by its bytes, damaged answers, and who else uses the session."""

from __future__ import annotations

import struct
import zlib
from datetime import datetime, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.coodie_drivers.adapters.wire import WireSession, cells, described, drivers, string, undescribed

from coodie_drivers import ConfigurationError, CoodieError, Request, init_coodie, init_coodie_async, unregister_driver
from coodie_drivers.adapters.scylla import CassandraDriver, adopt
from coodie_drivers.errors import DriverError
from coodie_drivers.messages import statement_of

if TYPE_CHECKING:
    from collections.abc import Iterator

cqltypes: Any = pytest.importorskip("cassandra.cqltypes", reason="needs scylla-driver or cassandra-driver")
protocol: Any = pytest.importorskip("cassandra.protocol", reason="needs scylla-driver or cassandra-driver")
query: Any = pytest.importorskip("cassandra.query", reason="needs scylla-driver or cassandra-driver")

pytestmark = pytest.mark.adapter

SELECT = statement_of("SELECT … FROM t WHERE k = ?")
INT, BIGINT, TEXT = (struct.pack(">i", 7), struct.pack(">q", 7), b"seven")
KEY = UUID(int=7)


@pytest.fixture
def session() -> WireSession:
    """A session whose statements have one marker, and answer with an int, where nothing else is said."""
    session = WireSession([cqltypes.Int32Type])
    session.markers = [("k", cqltypes.Int32Type)]
    return session


@pytest.fixture
def driver(session: WireSession) -> CassandraDriver:
    """A driver that reads rows by itself."""
    return adopt(session, None, codec=True)


def rows_of(driver: CassandraDriver, *bodies: bytes, params: Any = (1,)) -> list[Any]:
    driver.session.bodies.extend(bodies)
    return [driver.send(Request(SELECT, params)).rows for _ in bodies]


@pytest.mark.parametrize("params", [(1,), ()], ids=["prepared", "as text"])
def test_a_change_of_the_columns_is_seen_in_the_reply_that_shows_it(driver: CassandraDriver, params: Any) -> None:
    ints = described({"a": "int"}) + cells([[INT]])
    texts = described({"a": "text"}) + cells([[TEXT]])
    longs = described({"a": "bigint"}) + cells([[BIGINT]])
    both = described({"a": "int", "b": "text"}) + cells([[INT, TEXT]])
    asked = [ints, texts, ints, longs, both, both, ints]
    seven, text = [(7,)], [("seven",)]
    assert rows_of(driver, *asked, params=params) == [seven, text, seven, seven, [(7, "seven")], [(7, "seven")], seven]


def test_columns_are_told_apart_however_late_they_differ(driver: CassandraDriver) -> None:
    many = {f"a_long_name_of_column_{number}": "int" for number in range(40)}
    last = list(many)[-1]
    before, after = described(many), described({**many, last: "bigint"})
    row: list[bytes | None] = [INT] * 39
    found = rows_of(
        driver,
        before + cells([[*row, struct.pack(">i", 1)]]),
        after + cells([[*row, struct.pack(">q", 2**40)]]),
        before + cells([[*row, struct.pack(">i", 2)]]),
        params=(),
    )
    assert [rows[0][-1] for rows in found] == [1, 2**40, 2]


def test_what_a_reply_says_of_its_columns_is_parsed_once(
    driver: CassandraDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[Any] = []
    kind = driver.session.client_protocol_handler.message_types_by_opcode[8]
    parse = kind.recv_results_metadata

    def counted(*arguments: Any) -> None:
        parsed.append(arguments)
        parse(*arguments)

    monkeypatch.setattr(kind, "recv_results_metadata", counted, raising=False)
    body = described({"a": "int", "b": "uuid"}) + cells([[INT, KEY.bytes]])
    assert rows_of(driver, *[body] * 5) == [[(7, KEY)]] * 5
    assert len(parsed) == 1


def test_columns_that_no_reply_describes_are_those_of_the_statement(driver: CassandraDriver) -> None:
    assert rows_of(driver, undescribed(1) + cells([[INT], [None]]), undescribed(1) + cells([])) == [[(7,), (None,)], []]


def test_a_page_says_where_the_next_one_starts(driver: CassandraDriver) -> None:
    driver.session.bodies = [undescribed(1, b"state") + cells([[INT]]), undescribed(1) + cells([[INT]])]
    first = driver.send(Request(SELECT, (1,)))
    assert (first.rows, first.paging_state) == ([(7,)], b"state")
    assert driver.send(Request(SELECT, (1,))).paging_state is None


def test_an_answer_without_rows_still_names_its_columns(driver: CassandraDriver) -> None:
    driver.session.bodies = [described({"a": "int", "b": "text"}) + cells([])]
    reply = driver.send(Request(SELECT, (1,)))
    assert (reply.rows, reply.columns) == ([], ("a", "b"))


def test_a_time_that_the_library_takes_for_another_is_refused(driver: CassandraDriver) -> None:
    # 2^32 days later, which the compiled parser cuts off: it would be read as 2022-01-08.
    beyond = struct.pack(">q", (2**32 + 19_000) * 86_400_000)
    today = struct.pack(">q", 19_000 * 86_400_000)
    at = described({"k": "int", "at": "timestamp"})
    with pytest.raises(DriverError, match=r"column 'at' \(timestamp\) of the answer holds a value that has no Python"):
        rows_of(driver, at + cells([[INT, today], [INT, beyond]]))
    expected = datetime(2022, 1, 8, tzinfo=timezone.utc)
    assert rows_of(driver, at + cells([[INT, today]])) == [[(7, expected)]]


COMPRESSED, TRACED, PAYLOAD, WARNS = 1, 2, 4, 8
BESIDE_ROWS = {
    0: b"",
    TRACED: KEY.bytes,
    PAYLOAD: struct.pack(">H", 1) + string("tablets") + struct.pack(">i", 2) + b"\x01\x02",
    WARNS: struct.pack(">H", 1) + string("a warning"),
}
"""What stands before the rows, by the flag of the frame that says so."""


@pytest.mark.parametrize("compressed", [0, COMPRESSED], ids=["plain", "compressed"])
@pytest.mark.parametrize("beside", BESIDE_ROWS)
def test_rows_are_read_here_whatever_comes_with_them(
    driver: CassandraDriver, session: WireSession, beside: int, compressed: int
) -> None:
    # More digits than Python converts to text or back, by which the library reads a decimal.
    session.columns = [cqltypes.DecimalType]
    number = Decimal(10**4_400 - 1).scaleb(-1)
    unscaled = int(number.scaleb(1)).to_bytes(1_828, "big")
    body = BESIDE_ROWS[beside] + undescribed(1, b"state") + cells([[struct.pack(">i", 1) + unscaled]])
    session.flags = beside | compressed
    if compressed:
        body, session.decompressor = zlib.compress(body), zlib.decompress
    session.bodies = [body, body]
    for _ in range(2):
        reply = driver.send(Request(SELECT, (1,)))
        assert (reply.rows, reply.paging_state) == ([(number,)], b"state")


@pytest.mark.parametrize("flags", [0, COMPRESSED, TRACED, PAYLOAD, WARNS])
def test_a_body_that_is_not_what_its_flags_say_fails_its_request_alone(
    driver: CassandraDriver, session: WireSession, flags: int
) -> None:
    session.flags, session.decompressor = flags, zlib.decompress
    with pytest.raises(DriverError, match="the answer is damaged"):
        rows_of(driver, b"\xff\xff\xff\xff no such thing")
    session.flags = 0
    assert rows_of(driver, undescribed(1) + cells([[INT]])) == [[(7,)]]


CUT = described({"a": "int", "b": "text"}) + cells([[INT, TEXT]])
HUGE = struct.pack(">i", 2**31 - 1)
DAMAGED = {
    "a number of rows": described({"a": "int"}) + HUGE + struct.pack(">i", 4) + INT,
    "a number of rows below zero": described({"a": "int"}) + b"\xff\xff\xff\xfe",
    "rows without columns": undescribed(0) + HUGE,
    "a number of columns": struct.pack(">iii", 2, 1, 2**31 - 1) + b"\x00\x02ks\x00\x01t",
    "the length of a cell": undescribed(1) + struct.pack(">i", 1) + HUGE + INT,
    "the length of a paging state": struct.pack(">iii", 2, 6, 1) + HUGE + b"state",
    "nothing after the kind": struct.pack(">i", 2),
    "the end": CUT[:-2],
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_damaged_answer_fails_its_request_and_no_other(driver: CassandraDriver, what: str) -> None:
    with pytest.raises(DriverError, match="the answer is damaged") as caught:
        rows_of(driver, DAMAGED[what])
    assert (caught.value.outcome, caught.value.__cause__) == ("not_applied", None)
    assert rows_of(driver, undescribed(1) + cells([[INT]])) == [[(7,)]]


LISTS = cqltypes.ListType.apply_parameters((cqltypes.Int32Type,))
SETS = cqltypes.SetType.apply_parameters((cqltypes.UUIDType,))
MAPS = cqltypes.MapType.apply_parameters((cqltypes.UTF8Type, LISTS))
TUPLES = cqltypes.TupleType.apply_parameters((cqltypes.LongType, SETS))
VECTORS = cqltypes.VectorType.apply_parameters((cqltypes.FloatType, 3), None)
TYPES = [LISTS, SETS, MAPS, TUPLES, VECTORS, cqltypes.UTF8Type, cqltypes.DateType, cqltypes.InetAddressType]


@pytest.mark.parametrize("cql_type", [LISTS, SETS, MAPS], ids=["list", "set", "map"])
def test_a_length_inside_of_a_value_that_is_beyond_it_names_the_column(cql_type: Any) -> None:
    driver = drivers([cqltypes.Int32Type, cql_type], [cqltypes.Int32Type])[1]
    for inside in (HUGE, HUGE + HUGE, struct.pack(">ii", 1, 2**31 - 1)):
        with pytest.raises(DriverError, match=r"column 'c1' \((list|set|map)<.*>\) of the answer"):
            rows_of(driver, undescribed(2) + cells([[INT, inside]]))


SOUND = undescribed(len(TYPES)) + cells(
    [
        [
            struct.pack(">iii", 1, 4, 7),
            struct.pack(">ii", 1, 16) + KEY.bytes,
            struct.pack(">ii", 1, 1) + b"a" + struct.pack(">iiii", 12, 1, 4, 7),
            struct.pack(">iqi", 8, 7, -1),
            struct.pack(">fff", 1, 2, 3),
            b"text",
            struct.pack(">q", 86_400_000),
            b"\x7f\x00\x00\x01",
        ]
    ]
    * 2
)


@settings(max_examples=300, deadline=1_000)
@given(st.integers(4, len(SOUND) - 4), st.binary(min_size=1, max_size=4), st.integers(4, len(SOUND)))
def test_whatever_is_damaged_is_an_error_or_rows(at: int, octets: bytes, end: int) -> None:
    driver = drivers(TYPES, [cqltypes.Int32Type])[1]
    body = (SOUND[:at] + octets + SOUND[at + len(octets) :])[:end]
    try:
        (rows,) = rows_of(driver, body)
    except CoodieError as error:
        assert isinstance(error, DriverError)  # noqa: PT017 - any other would leave the test anyway
    else:
        assert all(len(row) == len(TYPES) for row in rows)


FACTORIES = [query.tuple_factory, query.named_tuple_factory, query.dict_factory]


@pytest.mark.parametrize("factory", FACTORIES)
def test_others_who_use_the_session_get_what_the_library_makes(session: WireSession, factory: Any) -> None:
    sets = cqltypes.SetType.apply_parameters((cqltypes.DateType,))
    session.columns, session.row_factory = [cqltypes.Int32Type, sets], factory
    body = undescribed(2) + cells([[INT, struct.pack(">iiq", 1, 8, 1_000)], [None, None]])
    prepared = session.prepare("SELECT c0, c1 FROM t WHERE k = ?")
    answers: list[Any] = []
    for codec in (False, True):
        adopt(session, None, codec=codec)
        session.bodies.append(body)
        result = session.execute_async(prepared.bind([1])).result()
        rows = result.current_rows
        answers.append((list(rows), rows[0], rows[-1], len(rows), [type(each) for each in rows], result.one()))
        session.bodies.append(undescribed(2) + cells([]))
        empty = session.execute_async(prepared.bind([1])).result()
        assert (empty.current_rows, empty.one()) == ([], None)
        answers[-1] += (result.current_rows == list(rows), result.current_rows != list(rows), str(rows))
    assert answers[0][0] == answers[1][0]
    assert str(answers[0]) == str(answers[1])


def test_a_session_of_ones_own_is_changed_only_when_asked(session: WireSession) -> None:
    handler = session.client_protocol_handler
    assert isinstance(adopt(session, None), CassandraDriver)
    assert session.client_protocol_handler is handler
    adopt(session, None, codec=True)
    replaced = session.client_protocol_handler
    assert issubclass(replaced, handler)
    adopt(session, None, codec=True)
    assert session.client_protocol_handler is replaced


@pytest.fixture
def names() -> Iterator[str]:
    """A name for a driver that is gone afterwards."""
    yield "codec"
    unregister_driver("codec")


async def test_codec_is_an_argument_of_both_ways_to_connect(session: WireSession, names: str) -> None:
    body = undescribed(1) + cells([[INT]])
    for codec in (None, False, True):
        handler = session.client_protocol_handler
        driver = init_coodie(session=session, name=names, codec=codec)
        assert (session.client_protocol_handler is not handler) is bool(codec)
        session.bodies.append(body)
        assert driver.execute("SELECT c0 FROM t WHERE k = ?", [1]) == [{"c0": 7}]
    driver = await init_coodie_async(session=session, name=names, codec=True)
    session.bodies.append(body)
    assert driver.execute("SELECT c0 FROM t WHERE k = ?", [1]) == [{"c0": 7}]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"codec": True}, "codec is for a session of your own: on connections made here it is always on"),
        ({"hosts": ["db1"], "codec": False}, "codec is for a session of your own"),
        ({"session": WireSession(), "codec": 1}, "codec must be True or False, not int"),
        ({"session": WireSession(), "codex": True}, "codex"),
    ],
)
def test_a_wrong_use_of_codec_is_refused(arguments: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        init_coodie(**arguments)


def test_an_adapter_that_knows_nothing_of_codec_is_not_asked_for_it(
    session: WireSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def adopt_without(session: Any, default_keyspace: str | None) -> CassandraDriver:
        return CassandraDriver(session, default_keyspace)

    monkeypatch.setattr("coodie_drivers.adapters.scylla.adopt", adopt_without)
    with pytest.raises(ConfigurationError, match="has no codec: leave codec out"):
        init_coodie(session=session, codec=True)


@pytest.mark.parametrize("reason", ["another parser", "column encryption"])
def test_a_session_that_reads_rows_its_own_way_is_refused(session: WireSession, reason: str) -> None:
    handler = session.client_protocol_handler
    if reason == "another parser":
        handler = protocol.LazyProtocolHandler
    else:
        handler = type("Encrypting", (handler,), {"column_encryption_policy": object()})
    session.client_protocol_handler = handler
    with pytest.raises(ConfigurationError, match="codec=True needs a session with the library's usual"):
        adopt(session, None, codec=True)
    assert session.client_protocol_handler is handler
