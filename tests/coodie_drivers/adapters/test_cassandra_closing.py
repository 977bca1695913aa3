"""What becomes of a session of the package `cassandra` when its driver closes: whose it is, and who waits."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.coodie_drivers.adapters.conftest import PaperFuture

from coodie_drivers.adapters.scylla import CassandraDriver
from coodie_drivers.errors import DriverClosedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.coodie_drivers.adapters.conftest import PaperSession

    StallOf = Callable[[Callable[[], Awaitable[object]]], Awaitable[float]]

pytestmark = pytest.mark.adapter


async def test_a_closed_driver_refuses_and_leaves_the_session_open(
    session: PaperSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shutdown() -> None:
        raise AssertionError("the session is not ours to close")

    monkeypatch.setattr(session.cluster, "shutdown", shutdown)
    for close in ("close", "close_async"):
        driver = CassandraDriver(session)
        closed = getattr(driver, close)()
        if closed is not None:
            await closed
        with pytest.raises(DriverClosedError):
            driver.execute("SELECT a FROM t", [])
        with pytest.raises(DriverClosedError):
            await driver.execute_async("SELECT a FROM t", [])
    assert session.sent == []


async def test_closing_what_was_opened_leaves_the_event_loop_free(session: PaperSession, stall_of: StallOf) -> None:
    closed: list[str] = []

    def shutdown() -> None:
        time.sleep(0.3)
        closed.append(threading.current_thread().name)

    session.cluster.shutdown = shutdown
    assert await stall_of(lambda: CassandraDriver(session, owns_session=True).close_async()) < 0.1
    assert threading.current_thread().name not in closed
    assert closed


async def test_closing_that_is_cancelled_ends_the_session_all_the_same(
    session: PaperSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()
    session.cluster.shutdown = ended.set
    driver = CassandraDriver(session, owns_session=True)
    waiting = await under_way(driver, session, monkeypatch)
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(driver.close_async(timeout=0.5), 0.05)
    assert not ended.is_set()
    assert await asyncio.to_thread(ended.wait, 5)
    waiting.cancel()
    with pytest.raises(DriverClosedError):
        driver.execute("SELECT a FROM t", [])


async def test_closing_that_is_interrupted_ends_the_session_all_the_same(
    session: PaperSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[bool] = []
    session.cluster.shutdown = lambda: ended.append(True)

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    driver = CassandraDriver(session, owns_session=True)
    waiting = await under_way(driver, session, monkeypatch)
    monkeypatch.setattr(time, "sleep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        driver.close()
    assert ended == [True]
    waiting.cancel()


async def under_way(
    driver: CassandraDriver, session: PaperSession, monkeypatch: pytest.MonkeyPatch
) -> asyncio.Task[Any]:
    """A request that somebody waits for, and that is never answered."""

    def unanswered(*_: object, **__: object) -> None:
        """Tell nobody."""

    monkeypatch.setattr(PaperFuture, "add_callbacks", unanswered)
    waiting = asyncio.create_task(driver.execute_async("SELECT a FROM t", []))
    while not session.sent:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0)
    return waiting


class Child(CassandraDriver):
    """A driver as in a forked child: it connects when it is first used, and closes while it does."""

    def __init__(self, fresh: CassandraDriver) -> None:
        super().__init__(fresh.session, owns_session=True)
        self.connecting, self.may_connect = threading.Event(), threading.Event()
        self._fresh = fresh
        self.leave_behind()

    def connect_anew(self) -> Any:
        self.connecting.set()
        assert self.may_connect.wait(5)
        return self._fresh


def test_what_closes_while_a_forked_child_connects_stays_closed(session: PaperSession) -> None:
    ended: list[bool] = []
    session.cluster.shutdown = lambda: ended.append(True)
    driver = Child(CassandraDriver(session, owns_session=True))
    told: list[BaseException] = []

    def ask() -> None:
        try:
            driver.execute("SELECT a FROM t", [])
        except DriverClosedError as error:
            told.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    assert driver.connecting.wait(5)
    driver.close(timeout=0.5)
    driver.may_connect.set()
    asking.join(5)
    with pytest.raises(DriverClosedError):
        driver.execute("SELECT a FROM t", [])
    assert (len(told), ended, session.sent) == (1, [True], [])
