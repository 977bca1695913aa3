"""Prepared statements as the library's session sees them: a bounded number kept, and none on the event loop."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers.errors import InvalidRequestError
from coodie_drivers.loading import load_adapter
from coodie_drivers.loop_thread import LoopThread

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.usefixtures("schema_stands_still")]

texts = count()


class CountingSession:
    """A real session that notes what it is asked to prepare, and takes its time."""

    def __init__(self, session: Any, driver_type: str) -> None:
        self._session = session
        self._driver_type = driver_type
        self.prepared: list[str] = []
        self.delay = 0.0

    def driver(self) -> Any:
        """A driver over this session."""
        return load_adapter(self._driver_type).adopt(self, None)

    def prepare(self, cql: str) -> Any:
        self.prepared.append(cql)
        time.sleep(self.delay)
        return self._session.prepare(cql)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


KEPT: list[object] = []
"""What acsylla leaves open when a session of one's own goes: its sockets, of which Python would warn in any test."""


@contextmanager
def counting_acsylla(cql_cluster: CqlCluster) -> Generator[Any, None, None]:
    """Open a session that counts, in an event loop of its own; the adapter takes no other object than acsylla's."""
    acsylla: Any = pytest.importorskip("acsylla", reason="needs acsylla")
    extension: Any = pytest.importorskip("acsylla._cython.cyacsylla", reason="needs acsylla")

    made = extension.Session.create_prepared

    class Counting(extension.Session):  # type: ignore[misc]
        async def create_prepared(self, cql: str) -> Any:
            self.prepared.append(cql)
            await asyncio.sleep(self.delay)
            return await made(self, cql)

        def driver(self) -> Any:
            return load_adapter("acsylla").adopt(self, None)

    async def connected() -> Any:
        cluster = acsylla.create_cluster(cql_cluster.hosts, port=cql_cluster.port, log_level="disabled")
        session = Counting(cluster, None)
        session.prepared, session.delay = [], 0.0
        await session._connect()  # noqa: SLF001 - as acsylla itself does it
        KEPT.append(cluster)
        return session

    thread = LoopThread("acsylla")
    session = thread.run(connected())
    yield session
    thread.run(session.close())
    thread.close()


@pytest.fixture
def session(cql_cluster: CqlCluster, driver_type: str) -> Iterator[Any]:
    """A session of our own that counts."""
    if driver_type == "acsylla":
        with counting_acsylla(cql_cluster) as opened:
            yield opened
        return
    if driver_type == "rust":
        builder: Any = pytest.importorskip("scylla.session_builder", reason="needs scylladb-rs-driver")
        points = [(host, cql_cluster.port) for host in cql_cluster.hosts]
        yield CountingSession(builder.SessionBuilder().contact_points(points).connect().result(), driver_type)
        return
    cluster: Any = pytest.importorskip("cassandra.cluster", reason="needs scylla-driver or cassandra-driver")
    connected = cluster.Cluster(cql_cluster.hosts, port=cql_cluster.port)
    yield CountingSession(connected.connect(), driver_type)
    connected.shutdown()


def fresh() -> str:
    """A text that was never prepared before."""
    return f"SELECT release_version AS v{next(texts)} FROM system.local WHERE key = ?"


async def test_a_prepare_that_takes_a_second_does_not_stall_the_event_loop(session: Any) -> None:
    driver = session.driver()
    session.delay = 1.0

    async def stall() -> float:
        longest, last = 0.0, time.perf_counter()
        working = asyncio.ensure_future(driver.execute_async(fresh(), ["local"]))
        while not working.done():
            await asyncio.sleep(0.002)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
        assert await working
        return longest

    stalls = [await stall()]
    while stalls[-1] >= 0.02 and len(stalls) < 5:  # on a busy machine anything may be kept from running for a while
        stalls.append(await stall())
    assert min(stalls) < 0.05


def test_no_more_than_a_thousand_are_kept(session: Any) -> None:
    driver = session.driver()
    stmts = [fresh() for _ in range(1_050)]
    for stmt in stmts:
        driver.execute(stmt, ["local"])
    assert len(session.prepared) == 1_050
    driver.execute(stmts[-1], ["local"])
    driver.execute(stmts[100], ["local"])
    assert len(session.prepared) == 1_050
    driver.execute(stmts[0], ["local"])
    assert session.prepared[1_050:] == [stmts[0]]


def test_what_has_no_values_is_sent_as_text(session: Any) -> None:
    driver = session.driver()
    assert len(driver.execute("SELECT release_version FROM system.local", [])) == 1
    assert session.prepared == []


def test_threads_that_fail_together_all_hear_of_it(session: Any) -> None:
    driver, barrier = session.driver(), threading.Barrier(8)
    session.delay = 0.1
    stmt = f"SELECT nothing AS n{next(texts)} FROM system.local WHERE key = ?"

    def ask() -> str:
        barrier.wait()
        with pytest.raises(InvalidRequestError) as caught:
            driver.execute(stmt, ["local"])
        return str(caught.value)

    with ThreadPoolExecutor(8) as threads:
        told = {done.result() for done in [threads.submit(ask) for _ in range(8)]}
    assert told == {"Undefined column name nothing in table system.local"}
    assert session.prepared == [stmt]
