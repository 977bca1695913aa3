"""Every node of three is killed and restarted in turn while tasks and threads work: no row is wrong, none is lost."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import Request, errors, init_coodie, statement_of, unregister_driver
from coodie_drivers.operations import adrive, drive
from coodie_drivers.testing import LocalCluster
from coodie_drivers.testing.probe import Probe

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from coodie_drivers.operations import Op

pytestmark = [pytest.mark.node, pytest.mark.every_adapter, pytest.mark.usefixtures("local_node"), pytest.mark.long]

SCHEMA = (
    "CREATE KEYSPACE rolling WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}",
    "CREATE TABLE rolling.notes (id int PRIMARY KEY, turn int, note text)",
    "CREATE TABLE rolling.owned (id int PRIMARY KEY, owner int)",
)
WRITE = statement_of("INSERT INTO rolling.notes (id, turn, note) VALUES (?, ?, ?)")
READ = statement_of("SELECT turn, note FROM rolling.notes WHERE id = ?")
OWN = statement_of("INSERT INTO rolling.owned (id, owner) VALUES (?, ?) IF NOT EXISTS")
OWNED = statement_of("SELECT id FROM rolling.owned WHERE id >= ? AND id < ? ALLOW FILTERING")
OWNER = statement_of("SELECT owner FROM rolling.owned WHERE id = ?")
TIMEOUT, KEYS, WORKERS = 2.0, 20, {"async": 8, "sync": 4}
RUNS, COLUMNS = count(1), count(1)
BACK = 20.0
"""Seconds after the last restart in which there has to be one without any error."""


class Work:
    """What workers wrote and read, each its own rows, and what of it cannot be true.

    Attributes:
        wrong: the number of a worker and of its turn, what was read, and what would have been right.
        errors: how often each error came.
        turns: how often one of them wrote and read, or tried to.
    """

    def __init__(self, first: int) -> None:
        self._first = first
        self._owned: dict[int, str] = {}
        self.over = threading.Event()
        self.wrong: list[object] = []
        self.errors: Counter[str] = Counter()
        self.turns = 0

    def of(self, worker: int) -> Op[None]:
        """Write rows and read them back until it is over."""
        possible: dict[int, set[tuple[int, str] | None]] = {}
        for turn in count():
            if self.over.is_set():
                return
            key, row = self._first + worker * KEYS + turn % KEYS, (turn, f"note {turn} of {worker}")
            outcome = yield from self._outcome(Request(WRITE, [key, *row], timeout=TIMEOUT))
            if outcome == "acknowledged":
                possible[key] = {row}
            elif outcome == "unknown":
                possible.setdefault(key, {None}).add(row)
            found = yield from self._read(Request(READ, [key], timeout=TIMEOUT))
            if found is not None and (found[0] if found else None) not in possible.get(key, {None}):
                self.wrong.append((worker, turn, found, possible.get(key)))
            owned = self._first + worker * 100_000 + turn
            self._owned[owned] = yield from self._outcome(Request(OWN, [owned, worker], timeout=TIMEOUT))
            self.turns += 1

    def judged(self) -> Op[None]:
        """See whether each row that was to be there once is there, or is not, as was said."""
        scan = Request(OWNED, [self._first, self._first + 10_000_000], fetch_size=1_000_000)
        there = {row[0] for row in (yield from self._until_read(scan))}
        for number, outcome in self._owned.items():
            if outcome == "acknowledged":
                right = number in there
            else:  # at SERIAL a round that was left unfinished comes to its end
                rows = yield from self._until_read(Request(OWNER, [number], "SERIAL"))
                right = outcome == "unknown" or (outcome == "not_applied" and not rows)
            if not right:
                self.wrong.append(("owned", number, outcome))

    def _outcome(self, request: Request) -> Op[str]:
        try:
            reply = yield request
        except errors.DriverError as error:
            self.errors[type(error).__name__] += 1
            return error.outcome
        return "refused" if reply.applied is False else "acknowledged"

    def _read(self, request: Request) -> Op[list[tuple[object, ...]] | None]:
        """Return the rows; None when no answer came."""
        try:
            reply = yield request
        except errors.DriverError as error:
            self.errors[type(error).__name__] += 1
            if error.outcome != "not_applied":
                self.wrong.append(("a read", error.outcome))
            return None
        return [tuple(row) for row in reply.rows]

    def _until_read(self, request: Request) -> Op[list[tuple[object, ...]]]:
        deadline = time.monotonic() + BACK
        while (rows := (yield from self._read(request))) is None:
            assert time.monotonic() < deadline
        return rows


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """Three nodes that keep what they acknowledged."""
    with LocalCluster(nodes=3, durable=True) as started:
        alter(started, 0, *SCHEMA)
        yield started


def alter(cluster: LocalCluster, n: int, *statements: str) -> None:
    """Change the schema through one node, and wait until all have it."""
    with Probe(cluster.hosts[n], cluster.port) as probe:
        for statement in statements:
            probe.execute(statement)
            probe.agree()


@contextmanager
def working(driver: Any, work: Work, way: str) -> Generator[None]:
    """Have tasks, or threads, at work meanwhile; whatever one of them did not expect is raised at the end."""
    failed: list[BaseException] = []

    async def tasks() -> None:
        await asyncio.gather(*[adrive(work.of(number), driver) for number in range(WORKERS["async"])])

    def run(number: int) -> None:
        try:
            asyncio.run(tasks()) if way == "async" else drive(work.of(number), driver)
        except BaseException as error:  # noqa: BLE001 - raised below
            failed.append(error)

    threads = [threading.Thread(target=run, args=[number]) for number in range(1 if way == "async" else WORKERS[way])]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        work.over.set()
        for thread in threads:
            thread.join()
    if failed:
        raise failed[0]


def restart_in_turn(cluster: LocalCluster) -> None:
    """Kill and restart one node after the other, and have all prepared statements forgotten in between."""
    for node in range(3):
        time.sleep(1.0)
        cluster.kill(node)
        time.sleep(1.5)
        cluster.restart(node)
        time.sleep(1.5)
        alter(cluster, node, f"ALTER TABLE rolling.notes ADD more{next(COLUMNS)} text")


def wait_for_quiet(work: Work) -> None:
    """Wait until a second goes by in which much is done and nothing fails."""
    deadline = time.monotonic() + BACK
    while True:
        failed, turns = sum(work.errors.values()), work.turns
        time.sleep(1.0)
        if sum(work.errors.values()) == failed and work.turns > turns + 20:
            return
        assert time.monotonic() < deadline, work.errors


@pytest.mark.parametrize("way", ["sync", "async"])
@pytest.mark.timeout(300)
def test_a_rolling_restart_loses_nothing_and_makes_nothing_up(
    cluster: LocalCluster, driver_type: str, way: str
) -> None:
    arguments: dict[str, Any] = {"consistency": "QUORUM", "driver_type": driver_type, "name": "rolling"}
    driver: Any = init_coodie(hosts=cluster.hosts, port=cluster.port, **arguments)
    work = Work(next(RUNS) * 10_000_000)
    try:
        with working(driver, work, way):
            restart_in_turn(cluster)
            wait_for_quiet(work)
        drive(work.judged(), driver)
    finally:
        unregister_driver("rolling").close()
    assert work.wrong == []
    assert work.turns > 500
    assert set(work.errors) <= {
        "ClusterUnavailableError", "ConnectionLostError", "OperationTimedOutError", "UnavailableError",
        "ReadTimeoutError", "WriteTimeoutError", "ReadFailureError", "WriteFailureError",
    }  # fmt: skip
    assert work.errors, "nothing was lost: the nodes were not in need"
