"""All nodes die and come back: a driver goes on by itself."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import errors, init_coodie, unregister_driver
from coodie_drivers.testing import LocalCluster

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.node, pytest.mark.every_adapter, pytest.mark.usefixtures("local_node"), pytest.mark.long]

WRITE = "INSERT INTO back.notes (id, note) VALUES (?, ?)"
READ = "SELECT note FROM back.notes WHERE id = ?"
LONG = 60.0
PROMISED = 5.0
"""Seconds from when the node answers again until a driver's first success."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """One node that keeps what it acknowledged: all nodes that there are."""
    with LocalCluster(durable=True) as started:
        yield started


def until_it_answers(driver: Any, way: str) -> float:
    """Ask again and again; return the seconds until the first success, and see that no error claims too much."""

    def ask() -> Any:
        return asyncio.run(driver.execute_async(READ, [1])) if way == "async" else driver.execute(READ, [1])

    outcomes, began = set[str](), time.monotonic()
    while True:
        try:
            rows = ask()
        except errors.DriverError as error:
            outcomes.add(error.outcome)
            if time.monotonic() - began > LONG:
                raise
            time.sleep(0.02)
        else:
            assert (rows, outcomes - {"not_applied"}) == ([{"note": "kept"}], set())
            return time.monotonic() - began


@pytest.mark.parametrize("way", ["sync", "async"])
@pytest.mark.timeout(300)
def test_a_driver_goes_on_when_all_nodes_were_restarted(cluster: LocalCluster, driver_type: str, way: str) -> None:
    driver: Any = init_coodie(hosts=cluster.hosts, port=cluster.port, driver_type=driver_type, name="restarted")
    try:
        replicated = "WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"
        driver.execute(f"CREATE KEYSPACE IF NOT EXISTS back {replicated}", [])
        driver.execute("CREATE TABLE IF NOT EXISTS back.notes (id int PRIMARY KEY, note text)", [])
        driver.execute(WRITE, [1, "kept"])
        cluster.kill(0)
        with pytest.raises(errors.DriverError):
            driver.execute(READ, [1], None, 1.0)
        cluster.restart(0)
        assert until_it_answers(driver, way) < PROMISED
    finally:
        unregister_driver("restarted").close()
