"""What the adapter for scylladb-rs-driver adds to the library's own price, with 32 asyncio tasks at once.

Both sides do the same on a real node: prepared statements of ten columns (two uuids, bigint, two texts, double, int,
boolean, timestamp, list of texts), each row read. By hand the rows are the library's dicts, through the adapter the
contract's tuples. Claimed: at most 1.3 of the CPU time that the client takes by hand. The two take turns, so that what
else the machine does hits both.
"""

from __future__ import annotations

import asyncio
import uuid
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from benchmarks.timing import compared_at_once, judge

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Library = Any
"""What carries no types: a session of the library, a driver over it."""

CLAIM = 1.3
COLUMNS = "owner, id, number, name, about, price, stock, active, made, tags"
TYPES = "owner uuid, id uuid, number bigint, name text, about text, price double, stock int, active boolean, "
MORE_TYPES = "made timestamp, tags list<text>, PRIMARY KEY (owner, id)"
INSERT = f"INSERT INTO benchmark.products ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
GET = f"SELECT {COLUMNS} FROM benchmark.products WHERE owner = ? AND id = ?"
FIND = f"SELECT {COLUMNS} FROM benchmark.products WHERE owner = ?"
REPEATS = {"save": 1_000, "get": 1_000, "find 10": 500, "find 100": 100, "find 1000": 32}


def main() -> bool:
    """Measure, print, and tell whether the claims hold."""
    from coodie_drivers.testing.sources import cluster_for_tests  # noqa: PLC0415 - the other measurements need no node

    with cluster_for_tests(None, None) as cluster:
        return asyncio.run(compared(cluster.hosts, cluster.port))


async def compared(hosts: list[str], port: int) -> bool:
    """Measure on this node."""
    from coodie_drivers import init_coodie_async, unregister_driver  # noqa: PLC0415 - as above

    driver: Any = await init_coodie_async(hosts=hosts, port=port, driver_type="rust", name="benchmark")
    unregister_driver("benchmark")
    await driver.execute_async(
        "CREATE KEYSPACE IF NOT EXISTS benchmark WITH replication = "
        "{'class': 'SimpleStrategy', 'replication_factor': 1}",
        [],
    )
    await driver.execute_async(f"CREATE TABLE IF NOT EXISTS benchmark.products ({TYPES}{MORE_TYPES})", [])
    owners = {size: uuid.uuid4() for size in (10, 100, 1_000)}
    for size, owner in owners.items():
        for _ in range(size):
            await driver.execute_async(INSERT, row_of(owner))
    by_hand, through = await hand_written(driver.session, owners), through_adapter(driver, owners)
    held = True
    for name, repeats in REPEATS.items():
        held = judge(name, await compared_at_once(name, through[name], by_hand[name], repeats), CLAIM) and held
    await driver.close_async()
    return held


def row_of(owner: uuid.UUID) -> list[Any]:
    """Return the values of a row."""
    made = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    about = "a description of some length"
    return [owner, uuid.uuid4(), 2**40, "a name", about, 12.5, 7, True, made, ["red", "green", "blue"]]


async def hand_written(session: Library, owners: dict[int, uuid.UUID]) -> dict[str, Callable[[], Awaitable[Any]]]:
    """Return what careful code on the library alone does."""
    insert, get = await session.prepare(INSERT), await session.prepare(GET)
    find = (await session.prepare(FIND)).with_page_size(1_000)
    row = row_of(uuid.uuid4())
    await session.execute(insert, row)

    async def save() -> None:
        await session.execute(insert, row)

    async def read() -> list[Any]:
        return list((await session.execute(get, row[:2])).iter_current_page())

    def finding(owner: uuid.UUID) -> Callable[[], Awaitable[Any]]:
        async def read_all() -> list[Any]:
            return list((await session.execute(find, [owner])).iter_current_page())

        return read_all

    return {"save": save, "get": read, **{f"find {size}": finding(owner) for size, owner in owners.items()}}


def through_adapter(driver: Library, owners: dict[int, uuid.UUID]) -> dict[str, Callable[[], Awaitable[Any]]]:
    """Return the same through the adapter."""
    from coodie_drivers import Request, statement_of  # noqa: PLC0415 - the other measurements do without

    insert, get, find = statement_of(INSERT), statement_of(GET), statement_of(FIND)
    row = row_of(uuid.uuid4())

    async def save() -> None:
        await driver.send_async(Request(insert, row))

    async def read() -> object:
        return await driver.send_async(Request(get, row[:2]))

    def finding(owner: uuid.UUID) -> Callable[[], Awaitable[Any]]:
        async def read_all() -> object:
            return await driver.send_async(Request(find, (owner,)))

        return read_all

    return {"save": save, "get": read, **{f"find {size}": finding(owner) for size, owner in owners.items()}}
