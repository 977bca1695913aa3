"""What the adapter for acsylla adds to acsylla by hand: CPU of the client with 32 requests in flight, on a real node.

By hand is what careful code would do: prepared statements, values bound as a list, rows as dicts. The adapter gives
rows of the contract's types, `uuid.UUID` among them, which acsylla leaves as text.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timezone
from importlib import import_module
from statistics import median
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from benchmarks.timing import judge

from coodie_drivers import Request, init_coodie_async, statement_of, unregister_driver
from coodie_drivers.testing import LocalCluster

if TYPE_CHECKING:
    from coodie_drivers import Statement

LIMIT, LONG_LIMIT = 1.3, 1.4
"""What is claimed, and what of pages of a thousand rows: of a row of these, half of what the adapter adds is making two
UUIDs, and by hand they stay texts.
"""

IN_FLIGHT = 32
ROUNDS = 7

COLUMNS = ("id", "owner", "stock", "name", "brand", "price", "rank", "active", "made", "tags")
TYPES = (
    "uuid PRIMARY KEY", "uuid", "bigint", "text", "text", "double", "int", "boolean", "timestamp", "list<text>"
)  # fmt: skip
LISTED = ", ".join(COLUMNS)

Call = Callable[[], Awaitable[object]]


def values() -> list[Any]:
    """Return a row's values."""
    made = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=timezone.utc)
    return [uuid4(), uuid4(), 10**12, "a name of usual length", "brand", 12.5, 7, True, made, ["new", "cheap", "good"]]


async def cpu_each(call: Call, repeats: int) -> float:
    """Return the CPU seconds that one call takes with 32 of them in flight."""

    async def work() -> None:
        for _ in range(repeats // IN_FLIGHT):
            await call()

    began = time.process_time()
    await asyncio.gather(*[work() for _ in range(IN_FLIGHT)])
    return (time.process_time() - began) / (repeats // IN_FLIGHT * IN_FLIGHT)


class ByHand:
    """Acsylla, used directly."""

    def __init__(self, session: object, insert: object, select: object, select_all: object) -> None:
        self._session: Any = session
        self._insert: Any = insert
        self._select: Any = select
        self._select_all: Any = select_all

    async def save(self) -> None:
        """Write a row."""
        await self._session.execute(self._insert.bind(values()))

    async def get(self, key: UUID) -> list[Any]:
        """Read a row."""
        return [row.as_dict() for row in await self._session.execute(self._select.bind([key]))]

    async def find(self, rows: int) -> list[Any]:
        """Read a page of rows."""
        statement = self._select_all.bind([rows])
        statement.set_page_size(rows)
        return [row.as_dict() for row in await self._session.execute(statement)]


async def by_hand(hosts: list[str], port: int, table: str) -> ByHand:
    """Connect with acsylla and prepare."""
    acsylla: Any = import_module("acsylla")  # the other measurements do without
    cluster = acsylla.create_cluster(hosts, port=port, log_level="disabled")
    session: Any = await cluster.create_session()
    markers = ", ".join("?" for _ in COLUMNS)
    return ByHand(
        session,
        await session.create_prepared(f"INSERT INTO {table} ({LISTED}) VALUES ({markers})"),
        await session.create_prepared(f"SELECT {LISTED} FROM {table} WHERE id = ?"),
        await session.create_prepared(f"SELECT {LISTED} FROM {table} LIMIT ?"),
    )


async def compared(hosts: list[str], port: int) -> bool:
    """Measure both and judge the ratios."""
    driver: Any = await init_coodie_async(hosts=hosts, port=port, driver_type="acsylla", name="measured")
    unregister_driver("measured")
    keyspace = f"bench_{os.getpid()}"
    table = f"{keyspace}.products"
    replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
    await driver.execute_async(f"CREATE KEYSPACE {keyspace} WITH replication = {replication}", [])
    columns = ", ".join(f"{name} {cql_type}" for name, cql_type in zip(COLUMNS, TYPES, strict=True))
    await driver.execute_async(f"CREATE TABLE {table} ({columns})", [])
    insert: Statement = statement_of(f"INSERT INTO {table} ({LISTED}) VALUES ({', '.join('?' for _ in COLUMNS)})")
    select = statement_of(f"SELECT {LISTED} FROM {table} WHERE id = ?")
    select_all = statement_of(f"SELECT {LISTED} FROM {table} LIMIT ?")
    for _ in range(1_000):
        await driver.send_async(Request(insert, values()))
    key = (await driver.send_async(Request(select_all, [1]))).rows[0][0]
    hand = await by_hand(hosts, port, table)

    def find(rows: int) -> Call:
        return lambda: driver.send_async(Request(select_all, [rows], fetch_size=rows))

    def find_by_hand(rows: int) -> Call:
        return lambda: hand.find(rows)

    pairs: dict[str, tuple[Call, Call, int]] = {
        "get": (lambda: hand.get(key), lambda: driver.send_async(Request(select, [key])), 1_600),
        **{f"find {rows}": (find_by_hand(rows), find(rows), max(64, 8_000 // rows)) for rows in (10, 100, 1_000)},
        "save": (hand.save, lambda: driver.send_async(Request(insert, values())), 1_600),
    }
    held = await judged(pairs)
    await driver.execute_async(f"DROP KEYSPACE {keyspace}", [])
    await driver.close_async()
    return held


async def judged(pairs: dict[str, tuple[Call, Call, int]]) -> bool:
    """Measure each pair in turn and judge its ratio."""
    held = True
    for name, (left, right, repeats) in pairs.items():
        taken: tuple[list[float], list[float]] = ([], [])
        for _ in range(ROUNDS):
            taken[0].append(await cpu_each(left, repeats))
            taken[1].append(await cpu_each(right, repeats))
        us = [median(times) * 1e6 for times in taken]
        print(f"{name}: by hand {us[0]:.0f} µs, through the adapter {us[1]:.0f} µs")
        limit = LONG_LIMIT if name == "find 1000" else LIMIT
        held = judge(f"{name} on acsylla against acsylla by hand", us[1] / us[0], limit) and held
    return held


def main() -> bool:
    """Measure on a node of the measurement's own."""
    with LocalCluster() as cluster:
        return asyncio.run(compared(cluster.hosts, cluster.port))
