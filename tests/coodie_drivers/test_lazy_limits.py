"""The time limits of those who wait for a driver that connects on first use."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import BatchRequest, Request, statement_of
from coodie_drivers.errors import DriverClosedError, InvalidQueryError, OperationTimedOutError
from coodie_drivers.lazy import LazyDriver
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable

SELECT = statement_of("SELECT n FROM t")
pytestmark = pytest.mark.timed

LIMIT, SOON = 0.1, 2.0
"""Seconds that a call may take, and within which it has ended then on a busy machine, too."""


def lazy() -> LazyDriver:
    return LazyDriver(["db1"], "shop", None, {"driver_type": "paper"})


@pytest.fixture
def held(paper: Any) -> threading.Event:
    """Have connecting take until this is set."""
    released, connect = threading.Event(), paper.connect

    def connect_late(config: object) -> object:
        assert released.wait(30)
        return connect(config)

    paper.connect = connect_late
    return released


CALLS: dict[str, Callable[[Any, float], Any]] = {
    "send": lambda driver, limit: driver.send(Request(SELECT, timeout=limit)),
    "batch": lambda driver, limit: driver.send(BatchRequest([(SELECT, [])], timeout=limit)),
    "execute": lambda driver, limit: driver.execute(SELECT.cql, [], None, limit),
    "execute_one": lambda driver, limit: driver.execute_one(SELECT.cql, [], None, limit),
    "send_async": lambda driver, limit: asyncio.run(driver.send_async(Request(SELECT, timeout=limit))),
    "execute_async": lambda driver, limit: asyncio.run(driver.execute_async(SELECT.cql, [], None, limit)),
    "execute_one_async": lambda driver, limit: asyncio.run(driver.execute_one_async(SELECT.cql, [], None, limit)),
}


@pytest.mark.parametrize("call", CALLS)
def test_a_call_ends_at_its_own_limit_while_others_wait_for_the_connection(
    paper: Any, held: threading.Event, call: str
) -> None:
    driver = lazy()
    with ThreadPoolExecutor(2) as threads:
        began = time.monotonic()
        with pytest.raises(OperationTimedOutError, match=r"no answer within 0\.1 s") as caught:
            CALLS[call](driver, LIMIT)
        assert time.monotonic() - began < SOON
        patient = [threads.submit(driver.execute, SELECT.cql, [], None, limit) for limit in (None, 60)]
        with pytest.raises(OperationTimedOutError):
            CALLS[call](driver, LIMIT)
        held.set()
        assert [each.result(60) for each in patient] == [[{"n": 1}]] * 2
    error = caught.value
    assert (error.outcome, error.retryable, error.attempts, error.timeout) == ("not_applied", True, 0, LIMIT)
    assert error.statement_kind == (StatementKind.BATCH if call == "batch" else SELECT.kind)
    assert len(paper.connected) == 1
    assert len(paper.connected[0].asked) == 2, "those who had gone sent nothing"


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("limit", [0, -1, float("nan"), "x", True])
@pytest.mark.usefixtures("held")
def test_a_limit_that_cannot_be_is_refused_before_there_is_a_connection(call: str, limit: Any) -> None:
    with pytest.raises(InvalidQueryError, match="timeout takes seconds, a number"):
        CALLS[call](lazy(), limit)


def test_a_limit_of_the_adapters_own_is_told_as_it_is(paper: Any) -> None:
    def connect(_: object) -> object:
        raise TimeoutError("the adapter's own")

    paper.connect = connect
    with pytest.raises(TimeoutError, match="the adapter's own"):
        lazy().execute(SELECT.cql, [], None, 60)
    with pytest.raises(TimeoutError, match="the adapter's own"):
        asyncio.run(lazy().execute_async(SELECT.cql, [], None, 60))


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_closing_ends_the_calls_that_wait_for_the_connection(
    paper: Any, held: threading.Event, asynchronous: bool
) -> None:
    driver = lazy()
    blocking = [asyncio.to_thread(driver.execute, SELECT.cql, [], None, limit) for limit in (None, 60)]
    calls = [asyncio.ensure_future(each) for each in (*blocking, driver.send_async(Request(SELECT)))]
    await asyncio.sleep(LIMIT)
    began = time.monotonic()
    if asynchronous:
        await driver.close_async(timeout=LIMIT)
    else:
        await asyncio.to_thread(driver.close, timeout=LIMIT)
    told = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), SOON)
    assert LIMIT <= time.monotonic() - began < SOON
    assert [type(each) for each in told] == [DriverClosedError] * 3
    held.set()
    assert await asyncio.to_thread(closed_once, paper)
    assert paper.connected[0].asked == []


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_closing_does_not_wait_for_a_connection_that_nobody_waits_for(
    paper: Any, held: threading.Event, asynchronous: bool
) -> None:
    driver = lazy()
    with pytest.raises(OperationTimedOutError):
        await driver.execute_async(SELECT.cql, [], None, LIMIT)
    began = time.monotonic()
    if asynchronous:
        await driver.close_async(timeout=60)
    else:
        driver.close(timeout=60)
    assert time.monotonic() - began < SOON
    with pytest.raises(DriverClosedError):
        driver.execute(SELECT.cql, [])
    held.set()
    assert await asyncio.to_thread(closed_once, paper)


def closed_once(paper: Any) -> bool:
    """Whether the one connection that was made is closed, as soon as it is."""
    until = time.monotonic() + 10
    while not (paper.connected and paper.connected[0].closed) and time.monotonic() < until:
        time.sleep(0.01)
    return [each.closed for each in paper.connected] == [1]


async def test_closing_again_brings_the_end_forward_of_what_the_first_waits_for(paper: Any) -> None:
    paper.delay = 60
    driver = lazy()
    asking = asyncio.create_task(driver.execute_async("SELECT n FROM t", []))
    await asyncio.sleep(0)  # it begins to connect
    first = asyncio.create_task(driver.close_async(timeout=60))
    await asyncio.sleep(0)
    await asyncio.wait_for(driver.close_async(timeout=0), 30)
    await asyncio.wait_for(first, 30)
    with pytest.raises(DriverClosedError):
        await asyncio.wait_for(asking, 30)
