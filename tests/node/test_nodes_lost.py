"""Three nodes of which one stands still, dies and comes back under load: no claim about a write may prove false."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import Request, Statement, errors, init_coodie, unregister_driver
from coodie_drivers.testing import LocalCluster
from coodie_drivers.testing.probe import Probe
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.usefixtures("local_node")]

SCHEMA = (
    "CREATE KEYSPACE lost WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}",
    "CREATE TABLE lost.plain (id int PRIMARY KEY, note text)",
    "CREATE TABLE lost.counted (id int PRIMARY KEY, n counter)",
    "CREATE TABLE lost.listed (id int PRIMARY KEY, tags list<text>)",
    "CREATE TABLE lost.owned (id int PRIMARY KEY, owner int)",
)
UPDATE, INSERT = StatementKind.UPDATE, StatementKind.INSERT
PLAIN = Statement("INSERT INTO lost.plain (id, note) VALUES (?, 'x')", INSERT, idempotent=True)
COUNT = Statement("UPDATE lost.counted SET n = n + 1 WHERE id = ?", UPDATE, idempotent=False)
APPEND = Statement("UPDATE lost.listed SET tags = tags + ['x'] WHERE id = ?", UPDATE, idempotent=False)
OWN = Statement(
    "INSERT INTO lost.owned (id, owner) VALUES (?, ?) IF NOT EXISTS", INSERT, idempotent=False, conditional=True
)
TIMEOUT, ABREAST = 2.0, 12


class Claims:
    """What was said of each write, and whether the tables agree.

    Attributes:
        said: by table and key: acknowledged, not_applied or unknown; of a row that is owned, who was told what.
        errors: how often each error came.
    """

    def __init__(self, driver: Any) -> None:
        self._driver = driver
        self._numbers = count(1)
        self.said: dict[str, dict[int, str]] = {"plain": {}, "counted": {}, "listed": {}}
        self.owners: dict[int, dict[int, str]] = {}
        self.errors: Counter[str] = Counter()

    async def write(self, until: asyncio.Event) -> None:
        while not until.is_set():
            number = next(self._numbers)
            for table, statement in (("plain", PLAIN), ("counted", COUNT), ("listed", APPEND)):
                self.said[table][number] = await self._claim(statement, [number])
            owners = (number * 2, number * 2 + 1)
            told = await asyncio.gather(*[self._claim(OWN, [number, owner]) for owner in owners])
            self.owners[number] = dict(zip(owners, told, strict=True))

    async def _claim(self, statement: Statement, values: list[object]) -> str:
        try:
            reply = await self._driver.send_async(Request(statement, values, timeout=TIMEOUT))
        except errors.DriverError as error:
            self.errors[type(error).__name__] += 1
            return error.outcome
        return "refused" if reply.applied is False else "acknowledged"

    async def false_ones(self) -> list[object]:
        """Return the claims that all replicas together show to be false."""
        found = {
            "plain": {row["id"]: 1 for row in await self._read("SELECT id FROM lost.plain")},
            "counted": {row["id"]: row["n"] for row in await self._read("SELECT id, n FROM lost.counted")},
            "listed": {row["id"]: len(row["tags"] or ()) for row in await self._read("SELECT * FROM lost.listed")},
        }
        times = {"acknowledged": {1}, "not_applied": {0}, "unknown": {0, 1}}
        false: list[object] = [
            (table, number, claim, found[table].get(number, 0))
            for table, said in self.said.items()
            for number, claim in said.items()
            if found[table].get(number, 0) not in times[claim]
        ]
        owned = {row["id"]: row["owner"] for row in await self._read("SELECT id, owner FROM lost.owned")}
        for number, told in self.owners.items():
            holder = owned.get(number)
            winners = [owner for owner, claim in told.items() if claim == "acknowledged"]
            wrong = [owner for owner, claim in told.items() if claim in {"not_applied", "refused"} and owner == holder]
            if wrong or (winners and winners != [holder]):
                false.append(("owned", number, told, holder))
        return false

    async def settle(self) -> None:
        """Have every Paxos round that was left unfinished come to its end, one way or the other."""
        for number, told in self.owners.items():
            if "unknown" in told.values():
                await self._read(f"SELECT owner FROM lost.owned WHERE id = {number}", "SERIAL")

    async def _read(self, cql: str, level: str = "ALL") -> Any:
        """Read from all replicas, as soon as all are known to be back."""
        deadline = time.monotonic() + 60
        while True:
            try:
                return await self._driver.execute_async(cql, [], level)
            except errors.DriverError:
                assert time.monotonic() < deadline
                await asyncio.sleep(0.5)


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """Three nodes that keep what they acknowledged."""
    with LocalCluster(nodes=3, durable=True) as started:
        with Probe(started.hosts[0], started.port) as probe:
            for statement in SCHEMA:
                probe.execute(statement)
                probe.agree()
        yield started


async def ordeal(cluster: LocalCluster, turn: int, seconds: float) -> None:
    """Have one node stand still, and another one die and come back."""
    still, dead = turn % 3, (turn + 1) % 3
    await asyncio.sleep(seconds)
    cluster.pause(still)
    await asyncio.sleep(seconds)
    cluster.resume(still)
    await asyncio.sleep(seconds)
    cluster.kill(dead)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(cluster.restart, dead)
    await asyncio.sleep(seconds)


@pytest.mark.parametrize(("turns", "seconds"), [(1, 1.5), pytest.param(9, 5.0, marks=pytest.mark.long)])
@pytest.mark.timeout(900)
async def test_no_claim_about_a_write_is_false(
    cluster: LocalCluster, driver_type: str, turns: int, seconds: float
) -> None:
    arguments: dict[str, Any] = {"consistency": "QUORUM", "driver_type": driver_type, "name": f"lost-{turns}"}
    driver: Any = init_coodie(hosts=cluster.hosts, port=cluster.port, **arguments)
    claims, over = Claims(driver), asyncio.Event()
    try:
        writers = [asyncio.ensure_future(claims.write(over)) for _ in range(ABREAST)]
        for turn in range(turns):
            await ordeal(cluster, turn, seconds)
        over.set()
        await asyncio.gather(*writers)
        await claims.settle()
        assert await claims.false_ones() == []
    finally:
        over.set()
        unregister_driver(f"lost-{turns}")
        await driver.close_async(timeout=0)
    said = Counter(claim for table in claims.said.values() for claim in table.values())
    assert said["acknowledged"] > 100
    assert said["unknown"] > 0, "nothing was lost: the nodes were not in need"
