"""A driver that connects on first use."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from coodie_drivers import ConfigurationError, Request, statement_of
from coodie_drivers.errors import DriverClosedError
from coodie_drivers.lazy import LazyDriver

SELECT = statement_of("SELECT n FROM t")


def lazy(**kwargs: Any) -> LazyDriver:
    return LazyDriver(["db1"], "shop", None, {"driver_type": "paper", **kwargs})


def test_it_knows_what_a_mapper_asks_before_it_connects(paper: Any) -> None:
    driver = lazy()
    assert (driver.default_keyspace, driver.supports_unset, driver.needs_row_validation) == ("shop", True, True)
    assert paper.connected == []


def test_wrong_arguments_are_refused_at_once(paper: Any) -> None:
    with pytest.raises(ConfigurationError, match="did you mean 'connect_timeout'"):
        lazy(conect_timeout=1)
    with pytest.raises(ConfigurationError, match="no driver type 'zzz'"):
        LazyDriver(None, None, None, {"driver_type": "zzz"})
    assert paper.connected == []


def test_no_further_arguments_may_be_none() -> None:
    pytest.importorskip("cassandra", reason="needs scylla-driver or cassandra-driver")
    assert LazyDriver(None, None, None, cast("Any", None)).default_keyspace is None


def test_everything_given_reaches_the_connection(paper: Any) -> None:
    driver = lazy(port=9043, fetch_size=7, protocol_version=4)
    driver.execute("SELECT n FROM t", [1], "ONE", 2.0, 3, b"state")
    driver.send(Request(SELECT))
    driver.sync_table("t", "shop", [], {"ttl": 1}, True, True)
    (connected,) = paper.connected
    assert (connected.config.fetch_size, connected.config.options, connected.config.hosts[0].port) == (
        7,
        {"protocol_version": 4},
        9043,
    )
    assert connected.asked[0] == ("SELECT n FROM t", [1], "ONE", 2.0, 3, b"state")
    assert connected.asked[1].statement is SELECT
    assert connected.asked[2] == ("t", "shop", [], {"ttl": 1}, True, True)


async def test_the_asynchronous_half_does_the_same(paper: Any) -> None:
    driver = lazy()
    assert await driver.execute_async("SELECT n FROM t", [], None, None, 5) == [{"n": 1}]
    assert (await driver.send_async(Request(SELECT))).rows == [(1,)]
    assert await driver.sync_table_async("t", "shop", []) == ["CREATE"]
    (connected,) = paper.connected
    assert connected.asked[0] == ("SELECT n FROM t", [], None, None, 5, None)


def test_a_hundred_threads_and_tasks_connect_once(paper: Any) -> None:
    paper.delay = 0.05
    driver = lazy()

    async def many() -> list[list[dict[str, Any]]]:
        return await asyncio.gather(*[driver.execute_async("SELECT n FROM t", []) for _ in range(25)])

    with ThreadPoolExecutor(52) as threads:
        blocking = [threads.submit(driver.execute, "SELECT n FROM t", []) for _ in range(50)]
        loops = [threads.submit(asyncio.run, many()) for _ in range(2)]
        assert [done.result() for done in blocking] == [[{"n": 1}]] * 50
        assert [rows for done in loops for rows in done.result()] == [[{"n": 1}]] * 50
    assert len(paper.connected) == 1


def test_when_connecting_fails_the_next_use_tries_again(paper: Any) -> None:
    driver = lazy()
    paper.failures.append(ConfigurationError("not yet"))
    with pytest.raises(ConfigurationError, match="not yet"):
        driver.execute("SELECT n FROM t", [])
    assert driver.execute("SELECT n FROM t", []) == [{"n": 1}]


async def test_a_task_that_gives_up_does_not_stop_the_others(paper: Any) -> None:
    paper.delay = 0.1
    driver = lazy()
    hasty = asyncio.create_task(driver.execute_async("SELECT n FROM t", []))
    patient = asyncio.create_task(driver.execute_async("SELECT n FROM t", []))
    await asyncio.sleep(0.02)
    hasty.cancel()
    assert await patient == [{"n": 1}]
    assert hasty.cancelled()
    assert len(paper.connected) == 1


@pytest.mark.parametrize("used", [False, True])
@pytest.mark.parametrize("asynchronous", [False, True])
async def test_closing_ends_what_was_connected_and_refuses_the_rest(paper: Any, used: bool, asynchronous: bool) -> None:
    driver = lazy()
    if used:
        driver.execute("SELECT n FROM t", [])
    for _ in range(2):
        if asynchronous:
            await driver.close_async()
        else:
            driver.close()
    assert [connected.closed for connected in paper.connected] == ([1] if used else [])
    with pytest.raises(DriverClosedError, match=r"connect again with init_coodie"):
        driver.execute("SELECT n FROM t", [])
    with pytest.raises(DriverClosedError):
        await driver.execute_async("SELECT n FROM t", [])


async def test_closing_while_connecting_fails_is_no_failure_of_its_own(paper: Any) -> None:
    paper.delay = 0.1
    paper.failures.append(ConfigurationError("not yet"))
    driver = lazy()
    asking = asyncio.create_task(driver.execute_async("SELECT n FROM t", []))
    await asyncio.sleep(0.02)
    await driver.close_async()
    with pytest.raises(ConfigurationError, match="not yet"):
        await asking
