"""What the adapter for acsylla adds to the library's own price, with 32 asyncio tasks at once.

Both sides do the same on a real node, with the table of `benchmarks.codec`: prepared statements, each row read. By hand
the values are bound as a list, and the rows are the library's dicts, in which uuids stay texts; through the adapter
they are the contract's tuples, with uuids. Claimed: at most 1.3 of the CPU time that the client takes by hand.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING, Any

from benchmarks.codec import INSERT, MANY, ONE, TENANT, values
from benchmarks.real_node import KEYSPACE, TABLE
from benchmarks.timing import compared_at_once, judge

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Call = Callable[[], Awaitable[object]]

Library = Any
"""What carries no types: a session of the library, a driver over it."""

CLAIM = 1.3
FIND = f"{MANY} LIMIT ?"
SIZES = (10, 100, 1_000)
REPEATS = {"save": 1_000, "get": 1_000, "find 10": 500, "find 100": 100, "find 1000": 32}


def main() -> bool:
    """Measure, print, and tell whether the claims hold."""
    from coodie_drivers.testing.sources import cluster_for_tests  # noqa: PLC0415 - the other measurements need no node

    with cluster_for_tests(None, None) as cluster:
        return asyncio.run(compared(cluster.hosts, cluster.port))


async def compared(hosts: list[str], port: int) -> bool:
    """Measure on this node."""
    from coodie_drivers import init_coodie_async, unregister_driver  # noqa: PLC0415 - as above

    acsylla: Any = import_module("acsylla")  # the other measurements do without
    driver: Any = await init_coodie_async(hosts=hosts, port=port, driver_type="acsylla", name="benchmark")
    unregister_driver("benchmark")
    for cql in (KEYSPACE, TABLE):
        await driver.execute_async(cql, [])
    for number in range(max(SIZES)):
        await driver.execute_async(INSERT, list(values(number)))
    session = await acsylla.create_cluster(hosts, port=port, log_level="disabled").create_session()
    by_hand, through = await hand_written(session), through_adapter(driver)
    held = True
    for name, repeats in REPEATS.items():
        held = judge(name, await compared_at_once(name, through[name], by_hand[name], repeats), CLAIM) and held
    await session.close()
    await driver.close_async()
    return held


async def hand_written(session: Library) -> dict[str, Call]:
    """Return what careful code on the library alone does."""
    insert, select = await session.create_prepared(INSERT), await session.create_prepared(ONE)
    select_many = await session.create_prepared(FIND)
    row = list(values(0))

    async def save() -> None:
        await session.execute(insert.bind(row))

    async def read() -> list[Any]:
        return [each.as_dict() for each in await session.execute(select.bind(row[:2]))]

    def finding(size: int) -> Call:
        async def read_all() -> list[Any]:
            statement = select_many.bind([TENANT, size])
            statement.set_page_size(size)
            return [each.as_dict() for each in await session.execute(statement)]

        return read_all

    return {"save": save, "get": read, **{f"find {size}": finding(size) for size in SIZES}}


def through_adapter(driver: Library) -> dict[str, Call]:
    """Return the same through the adapter."""
    from coodie_drivers import Request, statement_of  # noqa: PLC0415 - the other measurements do without

    insert, select, select_many = statement_of(INSERT), statement_of(ONE), statement_of(FIND)
    row = list(values(0))

    async def save() -> None:
        await driver.send_async(Request(insert, row))

    async def read() -> object:
        return await driver.send_async(Request(select, row[:2]))

    def finding(size: int) -> Call:
        async def read_all() -> object:
            return await driver.send_async(Request(select_many, [TENANT, size], fetch_size=size))

        return read_all

    return {"save": save, "get": read, **{f"find {size}": finding(size) for size in SIZES}}
