"""Where a node stands still, requests of event loops wait in line, and the loops go on."""

from __future__ import annotations

import asyncio
import threading
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import Request, statement_of
from coodie_drivers.adapters._cassandra_room import telling
from coodie_drivers.adapters.scylla import CassandraDriver
from coodie_drivers.errors import DriverClosedError, OperationTimedOutError

if TYPE_CHECKING:
    from tests.coodie_drivers.adapters.conftest import PaperSession

pytest.importorskip("cassandra", reason="needs scylla-driver or cassandra-driver")

pytestmark = pytest.mark.adapter

SELECT = statement_of("SELECT a FROM t")
FULL = 2**15


def ask(driver: CassandraDriver, number: int = 1, timeout: float | None = None) -> asyncio.Task[Any]:
    """Ask for a page of so many rows: the number says which request it was."""
    return asyncio.create_task(driver.send_async(Request(SELECT, (), timeout=timeout, fetch_size=number)))


def order(session: PaperSession) -> list[int]:
    return [statement.fetch_size for statement, _ in session.sent]


async def test_where_there_is_room_the_library_chooses_the_node(session: PaperSession) -> None:
    session.in_flight = {"a": [0, 0], "b": [7]}
    driver = CassandraDriver(session)
    for _ in range(600):
        await driver.send_async(Request(SELECT))
    assert all("host" not in options for _, options in session.sent)


async def test_requests_wait_in_line_for_room(session: PaperSession) -> None:
    session.in_flight = {"a": [FULL]}
    driver = CassandraDriver(session)
    asked = [ask(driver, number) for number in range(1, 6)]
    await asyncio.sleep(0.05)
    assert session.sent == []
    session.in_flight = {"a": [0]}
    late = ask(driver, 6)
    await asyncio.gather(*asked, late)
    assert order(session) == [1, 2, 3, 4, 5, 6]
    await driver.send_async(Request(SELECT))
    assert [options.get("host") for _, options in session.sent] == ["a"] * 6 + [None]


@pytest.mark.parametrize("hosts", [1, 3])
async def test_connections_are_never_filled_to_the_last(session: PaperSession, hosts: int) -> None:
    session.cluster.connection_class.max_in_flight = 64
    session.in_flight, session.stalled = {f"node {number}": [0] for number in range(hosts)}, True
    driver = CassandraDriver(session)
    asked = [ask(driver) for _ in range(300)]
    await asyncio.sleep(0.1)
    assert list(session.in_flight.values()) == [[48]] * hosts
    session.stalled, session.in_flight = False, {"node 0": [0]}
    await asyncio.gather(*asked)
    assert len(session.sent) == 300


async def test_while_one_node_is_full_the_others_are_asked(session: PaperSession) -> None:
    session.in_flight = {"full": [0, FULL], "busy": [50], "idle": [3]}
    await CassandraDriver(session).send_async(Request(SELECT))
    assert session.sent[0][1]["host"] == "idle"


async def test_no_request_waits_for_a_node_without_an_open_connection(
    session: PaperSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    state: dict[str, dict[str, Any]] = {
        "lost": {"shutdown": False, "open_count": 0, "in_flights": []},
        "full": {"shutdown": False, "open_count": 1, "in_flights": [FULL]},
        "busy": {"shutdown": False, "open_count": 1, "in_flights": [50]},
    }
    monkeypatch.setattr(session, "get_pool_state", lambda: state)
    await CassandraDriver(session).send_async(Request(SELECT))
    assert session.sent[0][1]["host"] == "busy"


async def test_who_goes_away_makes_way(session: PaperSession) -> None:
    session.in_flight = {"a": [FULL]}
    driver = CassandraDriver(session)
    asked = [ask(driver, number) for number in range(1, 6)]
    await asyncio.sleep(0.02)
    for number in (0, 2, 4):
        asked[number].cancel()
    session.in_flight = {"a": [0]}
    await asyncio.wait(asked)
    assert [task.cancelled() for task in asked] == [True, False, True, False, True]
    assert order(session) == [2, 4]


async def test_the_time_in_line_is_part_of_the_requests_own(session: PaperSession) -> None:
    session.in_flight = {"a": [FULL]}
    driver = CassandraDriver(session)
    patient, impatient = ask(driver, timeout=30), ask(driver, timeout=0.05)
    with pytest.raises(OperationTimedOutError, match=r"no answer within 0\.05 s") as caught:
        await impatient
    assert (caught.value.outcome, caught.value.retryable, caught.value.attempts) == ("not_applied", True, 0)
    assert caught.value.statement_kind is SELECT.kind
    session.in_flight = {"a": [0]}
    await patient
    assert 20 < session.sent[0][1]["timeout"] <= 29.95


async def test_the_sessions_own_limit_holds_in_line_too(session: PaperSession) -> None:
    session.in_flight = {"a": [FULL]}
    session.profile.request_timeout = 0.05
    with pytest.raises(OperationTimedOutError, match=r"0\.05 s"):
        await CassandraDriver(session).send_async(Request(SELECT))
    assert session.sent == []


async def test_closing_turns_away_who_is_in_line(session: PaperSession) -> None:
    session.in_flight = {"a": [FULL]}
    driver = CassandraDriver(session)
    asked = ask(driver)
    await asyncio.sleep(0.02)
    driver.close()
    session.in_flight = {"a": [0]}
    with pytest.raises(DriverClosedError):
        await asked
    assert session.sent == []


async def test_without_any_node_the_library_says_so_at_once(session: PaperSession) -> None:
    session.in_flight = {"a": [FULL]}
    driver = CassandraDriver(session)
    asked = ask(driver)
    await asyncio.sleep(0.02)
    session.in_flight = {}
    await asked
    await driver.send_async(Request(SELECT))
    assert [options.get("host") for _, options in session.sent] == [None, None]


def test_a_line_ends_with_its_event_loop_and_disturbs_no_other(session: PaperSession) -> None:
    session.in_flight = {"a": [FULL]}
    driver = CassandraDriver(session)

    async def give_up() -> None:
        asked = [ask(driver) for _ in range(3)]
        await asyncio.sleep(0.02)
        for each in asked:
            each.cancel()

    asyncio.run(give_up())
    session.in_flight = {"a": [0]}
    asyncio.run(driver.send_async(Request(SELECT)))
    assert len(session.sent) == 1


def test_blocking_requests_take_their_own_way(session: PaperSession) -> None:
    session.in_flight = {"a": [FULL]}
    CassandraDriver(session).send(Request(SELECT))
    assert "host" not in session.sent[0][1]


class Connection:
    """A connection that can be closed."""

    def close(self) -> None: ...


class PaperPool:
    """The connections to a node, one of which is closed until it is given back."""

    def __init__(self, session: PaperSession) -> None:
        self.session = session
        self.connections = [SimpleNamespace(is_closed=True), SimpleNamespace(is_closed=False)]
        self.returned: list[tuple[Any, bool]] = []

    def get_connections(self) -> list[Any]:
        return self.connections

    def return_connection(self, connection: Any, *, stream_was_orphaned: bool) -> None:
        self.returned.append((connection, threading.current_thread() is threading.main_thread()))
        self.session.sent.append(("given back", {}))
        assert stream_was_orphaned  # no stream id had been taken

    def state(self) -> dict[str, Any]:
        closed = not self.returned
        return {"shutdown": False, "open_count": int(not closed), "in_flights": [0]}


async def test_closed_connections_are_given_back_in_another_thread_before_a_request_is_made(
    session: PaperSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = PaperPool(session)
    monkeypatch.setattr(session, "get_pool_state", lambda: {"a": pool.state()})
    monkeypatch.setattr(session, "get_pools", lambda: [pool], raising=False)
    await asyncio.wait_for(CassandraDriver(session).send_async(Request(SELECT)), 5)
    assert [(closed.is_closed, in_main) for closed, in_main in pool.returned] == [(True, False)]
    assert [what == "given back" for what, _ in session.sent] == [True, False]
    assert session.sent[1][1].get("host") is None  # who chooses a node has it asked alone


async def test_a_connection_that_is_closed_between_two_looks_is_noticed(
    session: PaperSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.in_flight = {"a": [0]}
    driver = CassandraDriver(session)
    await driver.send_async(Request(SELECT))
    pool = PaperPool(session)
    monkeypatch.setattr(session, "get_pool_state", lambda: {"a": pool.state()})
    monkeypatch.setattr(session, "get_pools", lambda: [pool], raising=False)
    telling(Connection)().close()
    await driver.send_async(Request(SELECT))
    # By the request or by whoever looks after each closing, and the library takes no heed of the second.
    assert {(closed.is_closed, in_main) for closed, in_main in pool.returned} == {(True, False)}
    assert [what == "given back" for what, _ in session.sent][:2] == [False, True]


def test_a_connection_that_is_closed_is_given_back_though_nobody_asks_anything(
    session: PaperSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = PaperPool(session)
    monkeypatch.setattr(session, "get_pool_state", lambda: {"a": pool.state()})
    monkeypatch.setattr(session, "get_pools", lambda: [pool], raising=False)
    driver = CassandraDriver(session)
    assert pool.returned == []
    telling(Connection)().close()
    deadline = time.monotonic() + 5
    while not pool.returned and time.monotonic() < deadline:
        time.sleep(0.002)
    assert [(closed.is_closed, in_main) for closed, in_main in pool.returned] == [(True, False)]
    assert driver.usable


async def test_a_node_with_one_closed_connection_has_room(
    session: PaperSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = {"a": {"shutdown": False, "open_count": 1, "in_flights": [FULL, FULL]}}
    monkeypatch.setattr(session, "get_pool_state", lambda: state)
    await asyncio.wait_for(CassandraDriver(session).send_async(Request(SELECT)), 5)
    assert len(session.sent) == 1
