"""A driver that connects on first use."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, cast

import pytest

from coodie_drivers import (
    ConfigurationError,
    Request,
    statement_of,
)
from coodie_drivers.errors import ClusterUnavailableError, DriverClosedError
from coodie_drivers.lazy import LazyDriver

if TYPE_CHECKING:
    from pathlib import Path

SELECT = statement_of("SELECT n FROM t")


def lazy(**kwargs: Any) -> LazyDriver:
    return LazyDriver(["db1"], "shop", None, {"driver_type": "paper", **kwargs})


def test_it_knows_what_a_mapper_asks_before_it_connects(paper: Any) -> None:
    driver = lazy()
    assert (driver.default_keyspace, driver.supports_unset, driver.needs_row_validation) == ("shop", True, True)
    assert paper.connected == []


def test_it_knows_before_it_connects_what_an_old_protocol_has_not(paper: Any) -> None:
    asked: list[dict[str, Any]] = [{}, {"protocol_version": 3}, {"protocol_version": 4}, {"protocol_version": None}]
    assert [lazy(**each).supports_unset for each in asked] == [True, False, True, True]
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


async def test_closing_that_is_cancelled_while_connecting_is_finished_by_the_next(paper: Any) -> None:
    paper.delay = 0.3
    driver = lazy()
    asking = asyncio.create_task(driver.execute_async("SELECT n FROM t", []))
    await asyncio.sleep(0.02)
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(driver.close_async(), 0.02)
    await driver.close_async()
    assert [connected.closed for connected in paper.connected] == [1]
    await asyncio.gather(asking, return_exceptions=True)


FORKING = """
import os, sys, threading, time
from coodie_drivers.lazy import LazyDriver

driver = LazyDriver(["db1"], "shop", None, {"driver_type": "paper"})
driver.execute("SELECT n FROM t", [])

def ask():
    while True:
        driver.execute("SELECT n FROM t", [])

threading.Thread(target=ask, daemon=True).start()
for _ in range(60):
    child = os.fork()
    if not child:
        os._exit(0)
    until = time.monotonic() + 5
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        if time.monotonic() > until:
            os.kill(child, 9)
            sys.exit("a child hangs")
        time.sleep(0.001)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.usefixtures("paper")
def test_children_that_are_forked_while_another_thread_asks_go_on(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKING]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


FORKED = """
import os, sys, threading, time
import paper_driver
from coodie_drivers.lazy import LazyDriver
from coodie_drivers.registry import REGISTRY, get_driver, register_driver

driver = LazyDriver(["db1"], "shop", None, {"driver_type": "paper"})

def connects():
    paper_driver.delay = 0.0
    assert driver.execute("SELECT n FROM t", []) == [{"n": 1}]

def registers():
    register_driver("child", driver)
    assert get_driver("child") is driver

if sys.argv[1] == "connecting":  # by a thread that there is not in the child
    paper_driver.delay, goes_on = 1.0, connects
    threading.Thread(target=driver.execute, args=("SELECT n FROM t", []), daemon=True).start()
    time.sleep(0.2)
    child = os.fork()
else:
    held, goes_on = {
        "driver": (driver._lock, connects),
        "pause": (driver._ending._cond, driver.close),  # of who waits between two tries to connect
        "registry": (REGISTRY._lock, registers),
    }[sys.argv[1]]
    held.acquire()  # as another thread may at that moment: there is nobody in the child who would give it back
    child = os.fork()
if not child:
    goes_on()
    os._exit(0)
until = time.monotonic() + 5
while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0):
    if time.monotonic() > until:
        os.kill(child, 9)
        sys.exit("the child hangs")
    time.sleep(0.001)
sys.exit(ended[1])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.usefixtures("paper")
@pytest.mark.parametrize("left_behind", ["connecting", "driver", "pause", "registry"])
def test_a_child_does_not_wait_for_what_a_thread_of_the_parent_was_about(tmp_path: Path, left_behind: str) -> None:
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKED, left_behind]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_connection_of_the_parent_is_known_in_the_child(paper: Any) -> None:
    driver = lazy()
    driver.execute("SELECT n FROM t", [])
    driver.forget()
    driver.execute("SELECT n FROM t", [])
    assert len(paper.connected) == 1
    driver.close()
    assert [connected.closed for connected in paper.connected] == [1]


def test_a_dsn_says_its_keyspace_and_driver_type(paper: Any) -> None:
    driver = LazyDriver(None, None, None, {"dsn": "cassandra+paper://db1/shop"})
    assert driver.default_keyspace == "shop"
    assert driver.execute("SELECT n FROM t", []) == [{"n": 1}]
    assert len(paper.connected) == 1
    with pytest.raises(ConfigurationError, match="the dsn names driver type 'paper', and driver_type is 'rust'"):
        LazyDriver(None, None, None, {"dsn": "cassandra+paper://db1", "driver_type": "rust"})


@pytest.mark.parametrize("name", ["name", "session", "codec", "lazy"])
@pytest.mark.usefixtures("paper")
def test_what_only_init_coodie_takes_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"'{name}' is for init_coodie"):
        lazy(**{name: True})


@pytest.mark.parametrize("timeout", [None, "x", -1, float("nan"), float("inf"), True])
async def test_a_time_that_closing_cannot_wait_for_closes_nothing(paper: Any, timeout: Any) -> None:
    driver = lazy()
    with pytest.raises(ConfigurationError, match="the timeout of close takes seconds, a number"):
        driver.close(timeout=timeout)
    with pytest.raises(ConfigurationError, match="the timeout of close takes seconds, a number"):
        await driver.close_async(timeout=timeout)
    assert driver.execute("SELECT n FROM t", []) == [{"n": 1}]
    driver.close(timeout=0)
    assert len(paper.connected) == 1


@pytest.mark.timed
@pytest.mark.parametrize("asynchronous", [False, True])
async def test_closing_waits_no_longer_than_it_may_for_a_connection(paper: Any, asynchronous: bool) -> None:
    paper.delay = 0.6
    driver = lazy()
    waiting = asyncio.create_task(driver.execute_async("SELECT n FROM t", []))
    await asyncio.sleep(0.1)
    began = time.monotonic()
    if asynchronous:
        await driver.close_async(timeout=0.1)
    else:
        driver.close(timeout=0.1)
    assert 0.1 <= time.monotonic() - began < 0.4
    assert paper.connected == []
    with contextlib.suppress(DriverClosedError):
        await waiting
    until = time.monotonic() + 5
    while not (paper.connected and paper.connected[0].closed) and time.monotonic() < until:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    assert [each.closed for each in paper.connected] == [1]


def test_closing_ends_the_wait_for_nodes_that_are_starting(paper: Any) -> None:
    paper.failures.extend(ClusterUnavailableError({"db1": "starting"}, retryable=True) for _ in range(100))
    driver = lazy(retry_connect=60)
    heard: list[BaseException] = []

    def ask() -> None:
        try:
            driver.execute("SELECT n FROM t", [])
        except ClusterUnavailableError as error:
            heard.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(0.4)
    driver.close(timeout=5)
    asking.join(1)
    assert not asking.is_alive()
    assert ["starting" in str(error) for error in heard] == [True]


async def test_for_one_value_the_connection_is_asked_for_one(paper: Any) -> None:
    driver = lazy()
    assert driver.execute_one("SELECT n FROM t", []) == await driver.execute_one_async("SELECT n FROM t", []) == 1
    (connected,) = paper.connected

    def heard(*arguments: object) -> object:
        return arguments

    connected.execute_one = heard
    assert driver.execute_one("SELECT n FROM t", [1], "ONE", 2.0) == ("SELECT n FROM t", [1], "ONE", 2.0)


async def test_an_adapter_may_have_the_documented_methods_alone(paper: Any) -> None:
    class Bare:
        def __init__(self, made: Any) -> None:
            self.execute, self.execute_async = made.execute, made.execute_async
            self.close, self.close_async = made.close, made.close_async

    made = paper.connect

    def connect(config: object) -> Bare:
        return Bare(made(config))

    paper.driver_class, paper.connect = Bare, connect
    driver = lazy()
    assert (driver.needs_row_validation, driver.supports_unset) == (True, False)
    assert driver.send(Request(SELECT)).rows == (await driver.send_async(Request(SELECT))).rows == [(1,)]
    driver.close()
