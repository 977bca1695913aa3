"""Observers: what they see of each request, and that they cannot harm one."""

from __future__ import annotations

import asyncio
import copy
import gc
import logging
import signal
import sys
import weakref
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import BatchRequest, Reply, Request, get_driver, init_coodie, init_coodie_async, statement_of
from coodie_drivers.calls import check_call
from coodie_drivers.config import ConnectionConfig
from coodie_drivers.errors import (
    ConfigurationError,
    ConnectionLostError,
    DriverClosedError,
    InvalidQueryError,
    InvalidRequestError,
)
from coodie_drivers.messages import Statement
from coodie_drivers.observing import ObservedDriver, Passed, QueryLog, SlowLog, checked_observers
from coodie_drivers.testing.scripted import ScriptedDriver
from cql_builder.analysis import StatementKind
from cql_builder.schema import ColumnDefinition

if TYPE_CHECKING:
    from types import FrameType

INSERT = statement_of("INSERT INTO t (a) VALUES (?)")
LOST = ConnectionLostError("lost", outcome="unknown", statement_kind=StatementKind.INSERT, coordinator="n1", attempts=2)


def observed(*script: Reply | Exception) -> tuple[ObservedDriver, list[Passed]]:
    seen: list[Passed] = []
    return ObservedDriver(ScriptedDriver(script), [seen.append]), seen


def test_an_answer_is_seen_with_its_facts_and_without_values() -> None:
    driver, seen = observed(Reply([(1,), (2,)], ("a",), coordinator="n2", warnings=("large",), attempts=3))
    reply = driver.send(Request(INSERT, ["canary"], "QUORUM"))
    (passed,) = seen
    assert len(reply.rows) == passed.rows == 2
    assert (passed.cql, passed.kind, passed.consistency) == (INSERT.cql, "INSERT", "QUORUM")
    assert (passed.coordinator, passed.attempts, passed.warnings) == ("n2", 3, ("large",))
    assert (passed.error, passed.outcome) == (None, None)
    assert 0 <= passed.seconds < 5
    assert "canary" not in repr(passed)


async def test_a_failure_is_seen_and_raised() -> None:
    driver, seen = observed(LOST)
    with pytest.raises(ConnectionLostError):
        await driver.send_async(Request(INSERT, ["canary"]))
    (passed,) = seen
    assert (passed.error, passed.outcome, passed.attempts, passed.coordinator) == (LOST, "unknown", 2, "n1")
    assert passed.rows is None
    assert "ConnectionLostError" in repr(passed)


@pytest.mark.parametrize(
    ("error", "attempts"),
    [
        (InvalidQueryError("column 'a' (int): int takes int, not str"), 0),
        (InvalidRequestError("no such table"), 1),
        (DriverClosedError(), 0),
        (ValueError("of somebody's own driver"), 1),
    ],
)
def test_what_is_refused_before_the_network_was_sent_no_time(error: Exception, attempts: int) -> None:
    driver, seen = observed(error)
    with pytest.raises(type(error)):
        driver.send(Request(INSERT, ["canary"]))
    assert [each.attempts for each in seen] == [attempts]


async def test_a_cancelled_request_is_seen() -> None:
    class Stuck(ScriptedDriver):
        async def send_async(self, request: Request | BatchRequest) -> Reply:
            await asyncio.sleep(60)
            return await super().send_async(request)

    seen: list[Passed] = []
    driver = ObservedDriver(Stuck(), [seen.append])
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(driver.send_async(Request(INSERT, [1])), 0.01)
    assert [(type(passed.error), passed.outcome) for passed in seen] == [(asyncio.CancelledError, "unknown")]


def test_a_batch_shows_the_texts_of_its_parts() -> None:
    driver, seen = observed()
    driver.send(BatchRequest([(INSERT, [1]), (INSERT, [2])]))
    assert (seen[0].kind, seen[0].cql) == ("BATCH", f"{INSERT.cql}\n{INSERT.cql}")


def test_every_verb_is_seen() -> None:
    driver, seen = observed()
    driver.execute("SELECT a FROM t", [])
    driver.execute_one("SELECT b FROM t", [])
    assert [passed.cql for passed in seen] == ["SELECT a FROM t", "SELECT b FROM t"]
    driver.sync_table("t", "ks", [ColumnDefinition("a", "int", primary_key=True)])
    assert seen[2:] == []  # a foreign driver's own way of syncing tables is its own


def logged(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What coodie logged: a client library of an earlier test may still tell of a node that is gone."""
    return [record for record in caplog.records if record.name == "coodie.queries"]


@pytest.mark.parametrize("failure", [LookupError("mine"), SystemExit("mine"), asyncio.CancelledError("mine")])
def test_an_observer_that_fails_harms_nobody(caplog: pytest.LogCaptureFixture, failure: BaseException) -> None:
    seen: list[Passed] = []

    def failing(_: Passed) -> None:
        raise failure

    driver = ObservedDriver(ScriptedDriver([Reply([(1,)], ("a",))]), [failing, seen.append])
    assert driver.send(Request(INSERT, [1])).rows == [(1,)]
    assert len(seen) == 1
    assert "an observer failed" in caplog.text


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit, TimeoutError])
def test_what_a_signal_raises_while_an_observer_runs_surfaces(interrupt: type[BaseException]) -> None:
    def handler(*_: object) -> None:
        raise interrupt

    def interrupted(_: Passed) -> None:
        signal.raise_signal(signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, handler)
    try:
        driver = ObservedDriver(ScriptedDriver([Reply([(1,)], ("a",))]), [interrupted])
        with pytest.raises(interrupt):
            driver.send(Request(INSERT, [1]))
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_the_logs_hold_texts_and_times_and_no_values(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "coodie.queries")
    driver = ObservedDriver(ScriptedDriver([Reply([(1,)], ("a",)), LOST]), [QueryLog(), SlowLog(1e-9)])
    driver.send(Request(INSERT, ["canary"]))
    with pytest.raises(ConnectionLostError):
        driver.send(Request(INSERT, ["canary"]))
    levels = [(record.levelname, record.getMessage().startswith("slow: ")) for record in logged(caplog)]
    assert levels == [("DEBUG", False), ("WARNING", True), ("WARNING", False), ("WARNING", True)]
    assert all(INSERT.cql in record.getMessage() for record in logged(caplog))
    assert "ConnectionLostError (unknown), 2 attempts, n1" in caplog.text
    assert "canary" not in caplog.text


def test_the_log_tells_that_a_request_was_sent_again(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "coodie.queries")
    driver = ObservedDriver(ScriptedDriver([Reply(attempts=1), Reply(attempts=2)]), [QueryLog()])
    driver.send(Request(INSERT, [1]))
    driver.send(Request(INSERT, [1]))
    once, twice = [record.getMessage() for record in logged(caplog)]
    assert "attempts" not in once
    assert ", 2 attempts, " in twice


def test_what_is_fast_is_not_logged_as_slow(caplog: pytest.LogCaptureFixture) -> None:
    driver = ObservedDriver(ScriptedDriver(), [SlowLog(60)])
    driver.send(Request(INSERT, [1]))
    assert logged(caplog) == []


@pytest.mark.parametrize("observers", ["print", 7, [7], print])
def test_what_is_no_observer_is_refused(observers: Any) -> None:
    with pytest.raises(ConfigurationError, match="observer"):
        init_coodie(hosts=["h"], driver_type="paper", observers=observers)


@pytest.mark.parametrize("seconds", [0, -1, True, "1"])
def test_a_slow_log_takes_seconds(seconds: Any) -> None:
    with pytest.raises(ConfigurationError, match="SlowLog takes a number of seconds above 0"):
        SlowLog(seconds)


async def test_init_coodie_takes_observers(paper: Any) -> None:
    seen: list[Passed] = []
    driver = init_coodie(hosts=["h"], driver_type="paper", observers=[seen.append], keyspace="shop")
    driver.execute("SELECT a FROM t", [])
    assert get_driver() is driver
    assert driver.default_keyspace == "shop"
    driver = await init_coodie_async(hosts=["h"], driver_type="paper", observers=[seen.append])
    await driver.execute_async("SELECT b FROM t", [])
    assert [passed.cql for passed in seen] == ["SELECT a FROM t", "SELECT b FROM t"]
    assert [each.closed for each in paper.connected] == [1, 0]


def test_without_observers_the_driver_is_the_adapter_s_own(paper: Any) -> None:
    assert init_coodie(hosts=["h"], driver_type="paper") is paper.connected[0]


def test_the_driver_inside_is_within_reach() -> None:
    inner = ScriptedDriver()
    assert ObservedDriver(inner, []).requests is inner.requests


async def test_a_cancelled_read_has_changed_nothing() -> None:
    class Stuck(ScriptedDriver):
        async def send_async(self, request: Request | BatchRequest) -> Reply:
            await asyncio.sleep(60)
            return await super().send_async(request)

    seen: list[Passed] = []
    driver = ObservedDriver(Stuck(), [seen.append])
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(driver.send_async(Request(statement_of("SELECT a FROM t"))), 0.01)
    assert [passed.outcome for passed in seen] == ["not_applied"]


def test_what_an_observer_keeps_holds_no_values() -> None:
    class Value:
        pass

    driver, seen = observed(Reply(), Reply())
    first, second = Value(), Value()
    gone = [weakref.ref(first), weakref.ref(second)]
    driver.send(Request(INSERT, [first]))
    driver.send(BatchRequest([(INSERT, [second])], consistency="ONE"))
    script: Any = driver.driver
    script.requests.clear()
    del first, second
    gc.collect()
    assert [each() for each in gone] == [None, None]
    assert [(passed.cql, passed.kind, passed.consistency) for passed in seen] == [
        (INSERT.cql, "INSERT", None),
        (INSERT.cql, "BATCH", "ONE"),
    ]


def test_an_observed_driver_can_be_copied() -> None:
    driver, seen = observed(Reply())
    copied = copy.copy(driver)
    assert (copied.driver, copied.observers) == (driver.driver, driver.observers)
    copied.send(Request(INSERT, [1]))
    assert len(seen) == 1
    with pytest.raises(AttributeError):
        _ = driver.nothing


@pytest.mark.parametrize("awaited", [False, True])
def test_one_value_takes_one_page_that_has_rows(awaited: bool) -> None:
    first = Reply([(7,), (8,)], ("n",), b"more")
    for script, pages, value in (
        ([first], 1, 7),
        ([Reply((), ("n",), b"more"), first], 2, 7),
        ([Reply((), ("n",))], 1, None),
    ):
        driver, seen = observed(*script)
        if awaited:
            assert asyncio.run(driver.execute_one_async("SELECT n FROM t", [])) == value
        else:
            assert driver.execute_one("SELECT n FROM t", []) == value
        assert len(seen) == pages


@pytest.mark.parametrize("level", ["INFO", None, True, 1.5])
def test_a_query_log_takes_a_level(level: Any) -> None:
    with pytest.raises(ConfigurationError, match="QueryLog takes a level of logging, such as"):
        QueryLog(level)


def test_an_observer_that_would_have_to_be_awaited_is_refused() -> None:
    async def note(_: Passed) -> None: ...

    class Note:
        async def __call__(self, _: Passed) -> None: ...

    for each in (note, Note()):
        with pytest.raises(ConfigurationError, match="an observer is called, and not awaited"):
            checked_observers([each])


def calls_of(driver: Any) -> list[str]:
    """Name the Python functions that a request calls, whoever they are of."""
    names: list[str] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            names.append(f"{frame.f_code.co_filename}:{frame.f_code.co_name}")

    request, before = Request(INSERT, (1,)), sys.getprofile()
    sys.setprofile(note)
    try:
        driver.send(request)
    finally:
        sys.setprofile(before)
    return names


def test_without_observers_a_request_makes_the_calls_of_the_adapter_and_no_others(registry: None, paper: Any) -> None:
    bare = paper.PaperDriver(ConnectionConfig())
    plain = init_coodie(hosts=["h"], driver_type="paper", name="plain")
    none = init_coodie(hosts=["h"], driver_type="paper", name="none", observers=[])
    seen: list[Passed] = []
    watched: Any = init_coodie(hosts=["h"], driver_type="paper", name="watched", observers=[seen.append])
    assert type(plain) is type(none) is type(bare)
    assert get_driver("plain") is plain
    assert calls_of(plain) == calls_of(none) == calls_of(bare)
    assert len(calls_of(watched)) > len(calls_of(bare))
    assert calls_of(watched.driver) == calls_of(bare)


class Checking(ScriptedDriver):
    """Refuses what is no request, as all adapters do."""

    def send(self, request: Request | BatchRequest) -> Reply:
        check_call(request)
        return super().send(request)

    async def send_async(self, request: Request | BatchRequest) -> Reply:
        check_call(request)
        return await super().send_async(request)


@pytest.mark.parametrize("given", [None, "SELECT", 7])
async def test_what_is_no_request_is_refused_as_without_observers(given: Any) -> None:
    seen: list[Passed] = []
    driver = ObservedDriver(Checking([]), [seen.append])
    with pytest.raises(InvalidQueryError, match="a driver sends a Request or a BatchRequest, not"):
        driver.send(given)
    with pytest.raises(InvalidQueryError, match="a driver sends a Request or a BatchRequest, not"):
        await driver.send_async(given)
    assert seen == []


ODD: Any = Statement(7, StatementKind.SELECT, idempotent=True)  # type: ignore[arg-type]
TEXT: Any = "SELECT a FROM t"


@pytest.mark.parametrize(
    "given",
    [
        Request(TEXT),
        Request(ODD),
        BatchRequest(TEXT),
        BatchRequest([TEXT]),
        BatchRequest([(TEXT, [1])]),
        BatchRequest([(INSERT, [1]), (ODD, [1])]),
        BatchRequest({"no": "list"}),  # type: ignore[arg-type]
    ],
)
async def test_a_request_of_what_is_no_statement_is_refused_as_without_observers(given: Any) -> None:
    seen: list[Passed] = []
    driver = ObservedDriver(Checking([]), [seen.append])
    with pytest.raises(InvalidQueryError, match=r"takes what statement_of|is a str of CQL|a batch takes"):
        driver.send(given)
    with pytest.raises(InvalidQueryError, match=r"takes what statement_of|is a str of CQL|a batch takes"):
        await driver.send_async(given)
    assert seen == []


async def test_closing_hands_its_time_on() -> None:
    closed: list[float] = []

    class Inside(ScriptedDriver):
        needs_row_validation = True

        def close(self, *, timeout: float = 5.0) -> None:
            closed.append(timeout)

        async def close_async(self, *, timeout: float = 5.0) -> None:
            closed.append(-timeout)

    driver = ObservedDriver(Inside(), [print])
    assert driver.needs_row_validation
    driver.close(timeout=0.5)
    await driver.close_async(timeout=0.25)
    assert closed == [0.5, -0.25]
