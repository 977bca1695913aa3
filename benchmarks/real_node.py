"""Throughput and client CPU on a real node, beside hand-written code on the same client library, in one run.

By hand: prepared statements, rows as dicts, and for asyncio one wake-up of the event loop for each reply, which is what
a future of the library is awaited by. The node runs on the same machine, and takes its share of it: what compares is
the CPU time of this process per operation, and only then operations per second. Both sides take turns.

Most of an operation is the library's own. Claimed, of CPU time with 32 requests in flight: one row by its key, and ten,
take at most 0.9 of what they take by hand, and a save no more than by hand, within the 0.1 that such a run strays.
"""

from __future__ import annotations

import asyncio
import os
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.codec import COLUMNS, INSERT, MANY, ONE, TENANT, values
from benchmarks.timing import NODE_ROUNDS, Taken, in_turn, judge, taken_each, together

from coodie_drivers.messages import Request, Statement, statement_of
from coodie_drivers.testing import LocalCluster
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from coodie_drivers.adapters.scylla import CassandraDriver

KEYSPACE = "CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"
TABLE = "CREATE TABLE shop.items ({}, PRIMARY KEY (tenant_id, item_id))".format(
    ", ".join(f"{name} {'list<text>' if cql_type == 'list' else cql_type}" for name, cql_type in COLUMNS.items())
)
FIND = f"{MANY} LIMIT 10"


class Operation(NamedTuple):
    """One operation: its text and values, how many of them make a round, and what is claimed of it."""

    cql: str
    params: tuple[Any, ...]
    repeats: int
    claim: float


OPERATIONS = {
    "save": Operation(INSERT, values(0), 1_024, 1.1),
    "get": Operation(ONE, values(0)[:2], 1_024, 0.9),
    "find 10": Operation(FIND, (TENANT,), 512, 0.9),
}


def main() -> bool:
    """Measure, print, and tell whether the claim holds."""
    from coodie_drivers.adapters.scylla import connect  # noqa: PLC0415
    from coodie_drivers.config import ConnectionConfig  # noqa: PLC0415

    library: Any = import_module("cassandra.cluster")
    factory: Any = import_module("cassandra.query").dict_factory
    print(f"{os.cpu_count()} cores, load at start {os.getloadavg()[0]:.1f}, {NODE_ROUNDS} rounds in turn, medians")
    with LocalCluster() as node:
        driver = connect(ConnectionConfig.from_arguments({"hosts": node.hosts, "port": node.port}))
        profile = library.ExecutionProfile(row_factory=factory)
        profiles = {library.EXEC_PROFILE_DEFAULT: profile}
        by_hand = library.Cluster(node.hosts, port=node.port, execution_profiles=profiles)
        try:
            for cql in (KEYSPACE, TABLE):
                driver.execute(cql, [])
            for number in range(1, 20):
                driver.execute(INSERT, list(values(number)))
            return _compared(driver, by_hand.connect())
        finally:
            by_hand.shutdown()
            driver.close()


def _compared(driver: CassandraDriver, session: Any) -> bool:  # noqa: ANN401 - the library's
    held = True
    for name, operation in OPERATIONS.items():
        sides = _sides(driver, session, operation)
        for how in ("sync", "32 in flight", "256 in flight"):
            taken = taken_each({side: calls[how] for side, calls in sides.items()})
            ours, theirs = taken["ours"], taken["by hand"]
            print(
                f"{name}, {how}: by hand {theirs.cpu * 1e6:.0f} µs of CPU, {1 / theirs.wall:.0f}/s; "
                f"ours {ours.cpu * 1e6:.0f} µs, {1 / ours.wall:.0f}/s ({theirs.wall / ours.wall:.2f} times as many)"
            )
            if how == "32 in flight":
                held = judge(f"{name}, {how}, CPU", ours.cpu / theirs.cpu, operation.claim) and held
            else:
                print(f"{name}, {how}, CPU: {ours.cpu / theirs.cpu:.3f}")
    return held


def _sides(
    driver: CassandraDriver,
    session: Any,  # noqa: ANN401 - the library's
    operation: Operation,
) -> dict[str, dict[str, Callable[[], Taken]]]:
    prepared, params = session.prepare(operation.cql), operation.params
    statement = statement_of(operation.cql)
    if operation.cql == INSERT:
        statement = Statement(operation.cql, StatementKind.INSERT, idempotent=True)

    def by_hand() -> object:
        return session.execute(prepared.bind(params)).current_rows

    async def by_hand_async() -> object:
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Any] = loop.create_future()

        def answered(rows: object) -> None:
            loop.call_soon_threadsafe(waiter.set_result, rows)

        def failed(error: Exception) -> None:
            loop.call_soon_threadsafe(waiter.set_exception, error)

        session.execute_async(prepared.bind(params)).add_callbacks(answered, failed)
        return await waiter

    def ours() -> object:
        return driver.send(Request(statement, params)).rows

    async def ours_async() -> object:
        return (await driver.send_async(Request(statement, params))).rows

    found: dict[str, dict[str, Callable[[], Taken]]] = {}
    both: dict[str, tuple[Callable[[], object], Callable[[], Awaitable[object]]]] = {
        "by hand": (by_hand, by_hand_async),
        "ours": (ours, ours_async),
    }
    for side, (call, acall) in both.items():
        found[side] = {
            "sync": in_turn(call, operation.repeats),
            "32 in flight": together(acall, operation.repeats, 32),
            "256 in flight": together(acall, operation.repeats * 2, 256),
        }
    return found
