"""How many Python calls an adapter makes for a request, counted on a real node: a budget that needs no clock."""

from __future__ import annotations

import sys
from types import coroutine as steps_of
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import Request, init_coodie_async, statement_of, unregister_driver

if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator
    from types import FrameType

    from coodie_drivers.testing.sources import CqlCluster

pytestmark = pytest.mark.node

BUDGETS = {"acsylla": (14, 18), "rust": (13, 16)}
"""For one request with values the most calls of a write, and of a read of one row; by the package that is needed."""
PACKAGES = {"acsylla": "acsylla", "rust": "scylla"}


@steps_of
def counted(work: Coroutine[Any, Any, Any], calls: list[str]) -> Generator[Any, Any, Any]:
    """Await a coroutine, and note what it calls; what else the event loop does meanwhile is not noted."""

    def note(frame: FrameType, event: str, argument: object) -> None:
        del argument
        if event == "call":
            calls.append(frame.f_code.co_name)

    value, before = None, sys.getprofile()
    while True:
        sys.setprofile(note)
        try:
            asked = work.send(value)
        except StopIteration as done:
            return done.value
        finally:
            sys.setprofile(before)
        value = yield asked


@pytest.mark.parametrize("driver_type", BUDGETS)
async def test_a_request_keeps_to_its_budget(
    cql_cluster: CqlCluster, cql_module_keyspace: str, driver_type: str
) -> None:
    pytest.importorskip(PACKAGES[driver_type])
    driver: Any = await init_coodie_async(
        hosts=cql_cluster.hosts, port=cql_cluster.port, driver_type=driver_type, name="counted"
    )
    unregister_driver("counted")
    table = f"{cql_module_keyspace}.counted_{driver_type}"
    await driver.execute_async(f"CREATE TABLE {table} (id int PRIMARY KEY, name text, tags list<text>)", [])
    insert = statement_of(f"INSERT INTO {table} (id, name, tags) VALUES (?, ?, ?)")
    select = statement_of(f"SELECT id, name, tags FROM {table} WHERE id = ?")
    requests = [Request(insert, [1, "a", ["x", "y"]]), Request(select, [1])]
    replies: list[Any] = [None, None]
    fewest: list[list[str]] = [[""] * 1_000, [""] * 1_000]
    for _ in range(200):  # the first of them prepare, and have the event loop get a session of its own
        for at, request in enumerate(requests):
            calls: list[str] = []
            replies[at] = await counted(driver.send_async(request), calls)
            fewest[at] = min(fewest[at], calls, key=len)
    assert replies[1].rows == [(1, "a", ["x", "y"])]
    await driver.close_async()
    for spent, budget in zip(fewest, BUDGETS[driver_type], strict=True):
        assert 5 < len(spent) <= budget, f"spends {len(spent)} calls, not {budget} at most: {', '.join(spent)}"
