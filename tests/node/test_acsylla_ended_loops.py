"""An event loop that ends just when something was handed over to it: nobody waits for what will never be done."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
import time
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import init_coodie, unregister_driver
from coodie_drivers.errors import ConnectionLostError
from coodie_drivers.testing import FaultProxy
from coodie_drivers.testing import proxy as faults

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator, Iterator

    from coodie_drivers.testing.sources import CqlCluster

acsylla: Any = pytest.importorskip("acsylla", reason="needs acsylla")

pytestmark = [pytest.mark.node, pytest.mark.timed]

STMT = "SELECT key, host_id FROM system.local WHERE key = ?"
SOON = 2
"""Seconds: much more than an end takes, and much less than anybody's time limit."""

KEPT: list[object] = []
"""What acsylla leaves open when a session of one's own goes: its sockets, of which Python would warn in any test."""


@contextmanager
def about_to_end(work: Coroutine[Any, Any, Any]) -> Generator[Callable[[], None]]:
    """Run this in an event loop of another thread, which then takes what is handed over to it, and does none of it.

    What is given has that loop end in a moment.
    """
    loop, stands_still, may_end = asyncio.new_event_loop(), threading.Event(), threading.Event()

    def stand_still() -> None:
        stands_still.set()
        may_end.wait(30)
        loop.stop()

    def run() -> None:
        loop.run_until_complete(work)
        loop.call_soon(stand_still)
        loop.run_forever()
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    timer = threading.Timer(0.2, may_end.set)
    try:
        assert stands_still.wait(10)
        yield timer.start
    finally:
        may_end.set()
        thread.join(10)
        timer.cancel()


def private_threads() -> set[threading.Thread]:
    return {each for each in threading.enumerate() if each.name == "coodie-acsylla"}


@pytest.mark.parametrize("asynchronous", [False, True])
def test_closing_does_not_wait_for_an_event_loop_that_ends(cql_cluster: CqlCluster, *, asynchronous: bool) -> None:
    before = private_threads()
    driver: Any = init_coodie(hosts=cql_cluster.hosts, port=cql_cluster.port, driver_type="acsylla", name="ending")
    unregister_driver("ending")

    async def ask() -> None:
        for _ in range(300):  # so that the event loop has a session of its own
            await driver.execute_async(STMT, ["local"])
            await asyncio.sleep(0.001)

    with about_to_end(ask()) as end_soon:
        end_soon()
        began = time.monotonic()
        if asynchronous:
            asyncio.run(driver.close_async(timeout=20))
        else:
            driver.close(timeout=20)
        assert time.monotonic() - began < SOON
    given_up = time.monotonic() + 10
    while private_threads() - before and time.monotonic() < given_up:
        time.sleep(0.01)
    assert private_threads() <= before, "a session of the driver has not ended"


@pytest.mark.parametrize("asynchronous", [False, True])
def test_closing_does_not_wait_for_requests_whose_event_loop_was_closed(
    cql_cluster: CqlCluster, unheard: Callable[[], list[object]], *, asynchronous: bool
) -> None:
    with FaultProxy(cql_cluster) as proxy:
        given: dict[str, Any] = {"hosts": proxy.hosts, "port": proxy.port, "request_timeout": 6}
        driver: Any = init_coodie(**given, driver_type="acsylla", name="closed")
        unregister_driver("closed")
        driver.execute(STMT, ["local"])
        loop = asyncio.new_event_loop()
        asked: list[asyncio.Task[Any]] = []

        async def ask() -> None:
            asked.extend(asyncio.ensure_future(driver.execute_async(STMT, ["local"])) for _ in range(20))
            while silent.hits < len(asked):  # noqa: ASYNC110 - the proxy is in other threads
                await asyncio.sleep(0.01)

        with proxy.rules.add(faults.drop_request(), opcode="EXECUTE") as silent:
            loop.run_until_complete(asyncio.wait_for(ask(), 30))
            loop.close()
            began = time.monotonic()
            if asynchronous:
                asyncio.run(driver.close_async(timeout=20))
            else:
                driver.close(timeout=20)
            assert time.monotonic() - began < SOON
        KEPT.extend(asked)  # of a task that is collected while it waits Python would tell
    assert unheard() == []


def test_closing_just_when_event_loops_end_takes_no_longer(cql_cluster: CqlCluster) -> None:
    for round_ in range(20):
        driver: Any = init_coodie(hosts=cql_cluster.hosts, port=cql_cluster.port, driver_type="acsylla", name="ends")
        unregister_driver("ends")
        answered = threading.Event()

        async def ask(driver: Any = driver, answered: threading.Event = answered) -> None:
            for _ in range(15):
                await asyncio.gather(*[driver.execute_async(STMT, ["local"]) for _ in range(10)])
            answered.set()

        thread = threading.Thread(target=asyncio.run, args=(ask(),))
        thread.start()
        assert answered.wait(10)
        time.sleep(round_ * 0.0001)
        began = time.monotonic()
        driver.close(timeout=20)
        assert time.monotonic() - began < SOON
        thread.join(10)


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_request_over_a_given_session_fails_when_its_event_loop_ends(
    cql_cluster: CqlCluster, *, asynchronous: bool
) -> None:
    sessions: list[Any] = []

    async def connect() -> None:
        cluster = acsylla.create_cluster(cql_cluster.hosts, port=cql_cluster.port, log_level="disabled")
        sessions.append(await cluster.create_session())
        KEPT.extend([cluster, *sessions, asyncio.get_running_loop()])

    with about_to_end(connect()) as end_soon:
        driver: Any = init_coodie(session=sessions[0], name="given")
        unregister_driver("given")

        def ask() -> object:
            if asynchronous:
                return asyncio.run(driver.execute_async("SELECT key FROM system.local", []))
            return driver.execute("SELECT key FROM system.local", [])

        end_soon()
        with pytest.raises(ConnectionLostError, match="ended before the answer came") as raised:
            ask()
    assert (raised.value.outcome, raised.value.retryable) == ("unknown", False)


def open_here() -> tuple[int, int]:
    """How many file descriptors and threads this process has, but for threads that are kept to be used again."""
    files, threads = (len([*Path(f"/proc/self/{each}").iterdir()]) for each in ("fd", "task"))
    kept = [each for each in threading.enumerate() if each.name.startswith("coodie-blocking")]
    return files, threads - len(kept)


def left_over(before: tuple[int, int]) -> tuple[int, int]:
    """How many there are more than before, when what is about to go has gone."""
    given_up = time.monotonic() + 10
    while True:
        files, threads = (max(0, now - then) for now, then in zip(open_here(), before, strict=True))
        if (files, threads) == (0, 0) or time.monotonic() > given_up:
            return files, threads
        time.sleep(0.05)


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Do without the garbage collector, which runs late, if at all, where little garbage is made."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def connected(cql_cluster: CqlCluster) -> Any:
    """A connection that has prepared the statement."""
    driver: Any = init_coodie(hosts=cql_cluster.hosts, port=cql_cluster.port, driver_type="acsylla", name="ended")
    unregister_driver("ended")
    driver.execute(STMT, ["local"])
    return driver


async def at_once(driver: Any) -> None:
    """End when the session of the event loop's own has begun to connect."""
    await asyncio.gather(*[driver.execute_async(STMT, ["local"]) for _ in range(150)])


async def in_turn(driver: Any) -> None:
    """End when the session of the event loop's own has prepared the statement, too."""
    given_up = time.monotonic() + 10
    while driver.prepared_statements < 2 and time.monotonic() < given_up:
        for _ in range(10):
            await driver.execute_async(STMT, ["local"])
    assert driver.prepared_statements == 2


needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="counts what Linux tells of a process")


@needs_linux
@pytest.mark.usefixtures("schema_stands_still", "uncollected")
@pytest.mark.parametrize("asking", [at_once, in_turn])
def test_event_loops_that_end_leave_nothing_open(
    cql_cluster: CqlCluster, asking: Callable[[Any], Coroutine[Any, Any, None]]
) -> None:
    connected(cql_cluster).close()
    nothing = open_here()
    driver = connected(cql_cluster)
    before = open_here()
    for _ in range(20):
        asyncio.run(asking(driver))
    assert left_over(before) == (0, 0)
    driver.close()
    assert left_over(nothing) == (0, 0)


@needs_linux
@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("closed", [True, False], ids=["closed", "stopped"])
def test_closing_ends_what_connects_in_an_event_loop_that_runs_no_longer(
    cql_cluster: CqlCluster, *, closed: bool
) -> None:
    connected(cql_cluster).close()
    nothing = open_here()
    driver = connected(cql_cluster)
    loops = [asyncio.new_event_loop() for _ in range(3)]
    for loop in loops:
        loop.run_until_complete(at_once(driver))
        if closed:
            loop.close()
    driver.close()
    for loop in loops:
        if not loop.is_closed():
            loop.run_until_complete(asyncio.sleep(0.01))  # in which whoever waited is told
            assert not asyncio.all_tasks(loop)
            loop.close()
    assert left_over(nothing) == (0, 0)


@needs_linux
@pytest.mark.usefixtures("schema_stands_still", "uncollected")
def test_event_loops_that_are_closed_while_a_session_connects_leave_nothing_to_those_after_them(
    cql_cluster: CqlCluster,
) -> None:
    driver = connected(cql_cluster)
    before = open_here()
    loops = [asyncio.new_event_loop() for _ in range(5)]
    for loop in loops:
        loop.run_until_complete(at_once(driver))
        loop.close()
    asyncio.run(in_turn(driver))
    assert left_over(before) == (0, 0)
    driver.close()


def test_event_loops_of_several_threads_get_sessions_at_the_same_time(cql_cluster: CqlCluster) -> None:
    driver = connected(cql_cluster)
    troubles: list[object] = []

    async def ask() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: troubles.append(context))
        for _ in range(3):
            await at_once(driver)

    for _ in range(3):
        threads = [threading.Thread(target=asyncio.run, args=(ask(),)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    driver.close()
    gc.collect()
    assert troubles == []


@pytest.fixture
def unheard(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[object]]:
    """What nobody is told but by the log of errors, or by Python itself."""
    unraisable: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", unraisable.append)

    def found() -> list[object]:
        gc.collect()
        errors = [each for each in caplog.records if each.levelname == "ERROR" and not each.name.startswith("scylla.")]
        return [*unraisable, *(each.getMessage() for each in errors)]

    return found


async def begin_to_prepare(driver: Any, numbers: Iterator[int], seconds: float) -> list[asyncio.Task[Any]]:
    """Begin to prepare many statements, and wait for so long."""

    async def prepare(stmt: str) -> None:
        await driver.execute_async(stmt, ["local"])

    texts = [f"SELECT key AS key_{next(numbers)} FROM system.local WHERE key = ?" for _ in range(20)]
    preparing = [asyncio.ensure_future(prepare(stmt)) for stmt in texts]
    await asyncio.sleep(seconds)
    return preparing


@pytest.mark.parametrize("debug", [False, True])
def test_event_loops_that_end_while_statements_are_being_prepared_leave_nothing_behind(
    cql_cluster: CqlCluster, unheard: Callable[[], list[object]], *, debug: bool
) -> None:
    driver, numbers = connected(cql_cluster), count()

    async def end_meanwhile(round_: int) -> None:
        await in_turn(driver)
        preparing = await begin_to_prepare(driver, numbers, round_ * 0.001)
        for task in preparing[::2]:  # those who wait may be cancelled before their event loop ends, or with it
            task.cancel()

    for round_ in range(10):
        asyncio.run(end_meanwhile(round_), debug=debug)
        began = time.monotonic()
        assert asyncio.run(driver.execute_async(STMT, ["local"]))
        assert time.monotonic() - began < SOON
    driver.close()
    assert unheard() == []


def test_so_do_those_of_a_given_session(cql_cluster: CqlCluster, unheard: Callable[[], list[object]]) -> None:
    numbers = count()

    async def end_meanwhile(round_: int) -> None:
        cluster = acsylla.create_cluster(cql_cluster.hosts, port=cql_cluster.port, log_level="disabled")
        session = await cluster.create_session()
        KEPT.extend([cluster, session, asyncio.get_running_loop()])
        driver: Any = init_coodie(session=session, name="given")
        unregister_driver("given")
        await begin_to_prepare(driver, numbers, round_ * 0.001)

    for round_ in range(15):
        asyncio.run(end_meanwhile(round_))
    assert unheard() == []
