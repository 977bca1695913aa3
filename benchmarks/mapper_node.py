"""The whole mapper on a real node beside code by hand on the same client library, in one run: CPU of the client.

By hand is what careful code does: prepared statements, values as a tuple, rows as dicts. Through the mapper the rows
are documents, with the types that the model declares. The node runs on the same machine, and takes its share of it, so
what compares is the CPU time of this process per operation. Both sides take turns.

Claimed, of that time: over scylla-driver, one call after the other, a save at most 0.95, a row by its key 0.85, a
hundred rows 0.85, a thousand 0.95; over acsylla and scylladb-rs-driver under asyncio with 32 in flight, a save at most
1.3 and a hundred rows 1.2.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from datetime import datetime, timezone
from importlib import import_module
from itertools import cycle
from typing import TYPE_CHECKING, Annotated, Any

from benchmarks.timing import AT_ONCE, NODE_ROUNDS, compared_at_once, in_turn, judge, taken_each
from pydantic import BaseModel, Field

from coodie import aio, sync
from coodie.fields import BigInt, ClusteringKey, Double, PrimaryKey
from coodie_drivers import unregister_driver
from coodie_drivers.testing import LocalCluster

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Library = Any
"""What carries no types: a session of a library, a driver over it."""

KEYSPACE = "mapper"
COLUMNS = ("owner", "id", "number", "name", "about", "price", "stock", "active", "made", "tags")
LISTED = ", ".join(COLUMNS)
INSERT = f"INSERT INTO mapper.products ({LISTED}) VALUES ({', '.join('?' for _ in COLUMNS)})"
GET = f"SELECT {LISTED} FROM mapper.products WHERE owner = ? AND id = ?"
FIND = f"SELECT {LISTED} FROM mapper.products WHERE owner = ?"
PAGE = 5_000
"""Rows that a page may have, on both sides."""

OWNERS = {size: uuid.UUID(int=size) for size in (10, 100, 1_000)}
REPEATS = {"save": 640, "get": 640, "find 10": 320, "find 100": 96, "find 1000": 32}
SYNC_CLAIMS = {"save": 0.95, "get": 0.85, "find 100": 0.85, "find 1000": 0.95}
ASYNC_CLAIMS = {"save": 1.3, "find 100": 1.2}


class Fields(BaseModel):
    """Ten columns."""

    owner: Annotated[uuid.UUID, PrimaryKey()]
    id: Annotated[uuid.UUID, ClusteringKey()]
    number: Annotated[int, BigInt()]
    name: str
    about: str
    price: Annotated[float, Double()]
    stock: int
    active: bool
    made: datetime
    tags: list[str] = Field(default_factory=list)


class Place:
    """The place of the table."""

    name = "products"
    keyspace = KEYSPACE


class Product(Fields, sync.Document):
    """A row, for blocking code."""

    class Settings(Place):
        """Its place."""


class AsyncProduct(Fields, aio.Document):
    """A row, for asynchronous code."""

    class Settings(Place):
        """Its place."""


def row_of(owner: uuid.UUID) -> dict[str, Any]:
    """Return the values of a row."""
    made = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    about = "a description of some length"
    cells = (owner, uuid.uuid4(), 2**40, "a name", about, 12.5, 7, True, made, ["red", "green", "blue"])
    return dict(zip(COLUMNS, cells, strict=True))


def params(row: dict[str, Any]) -> tuple[Any, ...]:
    """Return the values of a row as a statement takes them."""
    return tuple([row[name] for name in COLUMNS])


def main() -> bool:
    """Measure, print, and tell whether the claims hold."""
    print(f"{os.cpu_count()} cores, load at start {os.getloadavg()[0]:.1f}, {NODE_ROUNDS} rounds in turn, medians")
    with LocalCluster() as node:
        held = one_after_the_other(node)
        for driver_type, by_hand in (("acsylla", acsylla_by_hand), ("rust", rust_by_hand)):
            held = asyncio.run(in_flight(node, driver_type, by_hand)) and held
        return held


def one_after_the_other(node: LocalCluster) -> bool:
    """Measure blocking code over scylla-driver, after making the table and its rows."""
    driver: Library = sync.init_coodie(hosts=node.hosts, port=node.port, driver_type="scylla", fetch_size=PAGE)
    sync.create_keyspace(KEYSPACE, replication_factor=1)
    Product.sync_table()
    for size, owner in OWNERS.items():
        for _ in range(size):
            Product(**row_of(owner)).save()
    library: Any = import_module("cassandra.cluster")
    profile = library.ExecutionProfile(row_factory=import_module("cassandra.query").dict_factory)
    cluster = library.Cluster(node.hosts, port=node.port, execution_profiles={library.EXEC_PROFILE_DEFAULT: profile})
    try:
        ours, theirs = documents_in_turn(), dicts_in_turn(cluster.connect())
        held = True
        for name, repeats in REPEATS.items():
            sides = {"by hand": in_turn(theirs[name], repeats), "ours": in_turn(ours[name], repeats)}
            what, taken = f"{name} over scylla-driver", taken_each(sides)
            theirs_took, ours_took = taken["by hand"].cpu, taken["ours"].cpu
            print(f"{what}: by hand {theirs_took * 1e6:.0f} µs of CPU, ours {ours_took * 1e6:.0f} µs")
            held = judged(what, ours_took / theirs_took, SYNC_CLAIMS.get(name)) and held
    finally:
        cluster.shutdown()
        unregister_driver("default")
        driver.close()
    return held


def documents_in_turn() -> dict[str, Callable[[], object]]:
    """Return what the mapper does for blocking code."""
    product = Product(**row_of(uuid.uuid4()))
    product.save()
    key = {"owner": product.owner, "id": product.id}

    def finding(owner: uuid.UUID) -> Callable[[], object]:
        return lambda: Product.find(owner=owner).all()

    finds = {f"find {size}": finding(owner) for size, owner in OWNERS.items()}
    return {"save": product.save, "get": lambda: Product.get(**key), **finds}


def dicts_in_turn(session: Library) -> dict[str, Callable[[], object]]:
    """Return what code by hand on scylla-driver does."""
    insert, get, find = (session.prepare(cql) for cql in (INSERT, GET, FIND))
    row = row_of(uuid.uuid4())
    session.execute(insert.bind(params(row)))
    key = (row["owner"], row["id"])

    def finding(owner: uuid.UUID) -> Callable[[], object]:
        return lambda: session.execute(find.bind((owner,))).current_rows

    finds = {f"find {size}": finding(owner) for size, owner in OWNERS.items()}
    save = lambda: session.execute(insert.bind(params(row)))  # noqa: E731 - as short as its neighbours
    return {"save": save, "get": lambda: session.execute(get.bind(key)).one(), **finds}


def rows_at_once() -> list[dict[str, Any]]:
    """Return as many rows as twice what is under way at once."""
    return [row_of(uuid.uuid4()) for _ in range(2 * AT_ONCE)]


Calls = dict[str, "Callable[[], Awaitable[object]]"]


async def in_flight(node: LocalCluster, driver_type: str, by_hand: Callable[[LocalCluster], Awaitable[Calls]]) -> bool:
    """Measure asynchronous code over a native library, with 32 operations at once."""
    driver: Library = await aio.init_coodie(hosts=node.hosts, port=node.port, driver_type=driver_type, fetch_size=PAGE)
    try:
        ours, theirs = await documents_at_once(), await by_hand(node)
        held = True
        for name, repeats in REPEATS.items():
            what = f"{name} over {driver_type}, {AT_ONCE} in flight"
            ratio = await compared_at_once(what, ours[name], theirs[name], repeats)
            held = judged(what, ratio, ASYNC_CLAIMS.get(name)) and held
    finally:
        unregister_driver("default")
        await driver.close_async()
    return held


async def documents_at_once() -> Calls:
    """Return what the mapper does for asynchronous code."""
    product = AsyncProduct(**row_of(uuid.uuid4()))
    await product.save()
    key = {"owner": product.owner, "id": product.id}
    # Each save is of another document than those that are under way, as in a service.
    products = cycle([AsyncProduct(**row) for row in rows_at_once()])

    def finding(owner: uuid.UUID) -> Callable[[], Awaitable[object]]:
        return lambda: AsyncProduct.find(owner=owner).all()

    finds = {f"find {size}": finding(owner) for size, owner in OWNERS.items()}
    return {"save": lambda: next(products).save(), "get": lambda: AsyncProduct.get(**key), **finds}


async def acsylla_by_hand(node: LocalCluster) -> Calls:
    """Return what code by hand on acsylla does."""
    acsylla: Any = import_module("acsylla")
    session = await acsylla.create_cluster(node.hosts, port=node.port, log_level="disabled").create_session()
    insert, get, find = [await session.create_prepared(cql) for cql in (INSERT, GET, FIND)]
    row = row_of(uuid.uuid4())
    await session.execute(insert.bind(list(params(row))))
    rows = cycle(rows_at_once())

    async def save() -> None:
        await session.execute(insert.bind(list(params(next(rows)))))

    async def read() -> object:
        return (await session.execute(get.bind([row["owner"], row["id"]]))).first().as_dict()

    def finding(owner: uuid.UUID) -> Callable[[], Awaitable[object]]:
        async def read_all() -> object:
            statement = find.bind([owner])
            statement.set_page_size(PAGE)
            return [each.as_dict() for each in await session.execute(statement)]

        return read_all

    return {"save": save, "get": read, **{f"find {size}": finding(owner) for size, owner in OWNERS.items()}}


async def rust_by_hand(node: LocalCluster) -> Calls:
    """Return what code by hand on scylladb-rs-driver does."""
    builder: Any = import_module("scylla.session_builder")
    contacts = [(host, node.port) for host in node.hosts]
    session = await builder.SessionBuilder().contact_points(contacts).connect()
    insert, get = await session.prepare(INSERT), await session.prepare(GET)
    find = (await session.prepare(FIND)).with_page_size(PAGE)
    row = row_of(uuid.uuid4())
    await session.execute(insert, list(params(row)))
    rows = cycle(rows_at_once())

    async def save() -> None:
        await session.execute(insert, list(params(next(rows))))

    async def read() -> object:
        return next(iter((await session.execute(get, [row["owner"], row["id"]])).iter_current_page()))

    def finding(owner: uuid.UUID) -> Callable[[], Awaitable[object]]:
        async def read_all() -> object:
            return list((await session.execute(find, [owner])).iter_current_page())

        return read_all

    return {"save": save, "get": read, **{f"find {size}": finding(owner) for size, owner in OWNERS.items()}}


def judged(what: str, ratio: float, claim: float | None) -> bool:
    """Print a ratio, and tell whether what is claimed of it holds."""
    if claim is None:
        print(f"{what}: {ratio:.3f}")
        return True
    return judge(what, ratio, claim)
