"""No error of a request shows a bound value by the variables of its traceback, whichever library it comes from."""

from __future__ import annotations

import asyncio
import traceback
from typing import TYPE_CHECKING, Any

import pytest
from tests.node.variables import variables_with

from coodie_drivers import BatchRequest, CoodieError, init_coodie, statement_of, unregister_driver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter]

CANARY = "a value nobody may see"
TABLE = "CREATE TABLE IF NOT EXISTS {}.hidden (k text PRIMARY KEY, v int, l text)"


@pytest.fixture(scope="module")
def hiding(cql_cluster: CqlCluster, driver_type: str) -> Iterator[Any]:
    """A driver that was opened here."""
    driver = init_coodie(hosts=cql_cluster.hosts, port=cql_cluster.port, driver_type=driver_type, name="hiding")
    yield driver
    unregister_driver("hiding")
    driver.close()


@pytest.mark.parametrize(
    ("cql", "values"),
    [
        ("INSERT INTO {}.hidden (k, v) VALUES (?, ?)", [CANARY, CANARY]),
        ("INSERT INTO {}.hidden (k, v) VALUES (?, ?)", [CANARY]),
        ("INSERT INTO {}.hidden (k, l) VALUES (?, ?)", [CANARY * 5_000, "l"]),
        ("INSERT INTO {}.hidden JSON ?", [f'{{"k": "{CANARY}", "none": 1}}']),
        ("INSERT INTO {}.not_there (k) VALUES (?)", [CANARY]),
    ],
    ids=["a wrong type", "too few", "a key too long", "wrong JSON", "no table"],
)
@pytest.mark.parametrize("way", ["blocking", "awaiting"])
def test_no_variable_of_ours_shows_a_value(
    hiding: Any, cql_module_keyspace: str, way: str, cql: str, values: list[Any]
) -> None:
    hiding.execute(TABLE.format(cql_module_keyspace), [])

    async def awaiting() -> None:
        await hiding.execute_async(cql.format(cql_module_keyspace), values)

    for _ in range(2):  # what was prepared before goes another way
        with pytest.raises(CoodieError) as raised:
            hiding.execute(cql.format(cql_module_keyspace), values) if way == "blocking" else asyncio.run(awaiting())
        assert variables_with(CANARY, raised.value) == []
        assert traceback.extract_tb(raised.value.__traceback__)[-1].name != "execute"


INSERT: tuple[str, list[Any]] = ("INSERT INTO {}.hidden (k, v) VALUES (?, ?)", [CANARY, 1])
NO_VALUES: list[Any] = []


@pytest.mark.parametrize(
    "parts",
    [
        [INSERT, (INSERT[0], [CANARY, CANARY])],
        [INSERT, (INSERT[0], [CANARY])],
        [INSERT, ("INSERT INTO {}.hidden (k, v) VALUES (?, 1)", [CANARY * 5_000])],
        [INSERT, ("INSERT INTO {}.hidden JSON ?", [f'{{"k": "{CANARY}", "none": 1}}'])],
        [INSERT, ("INSERT INTO {}.not_there (k) VALUES (?)", [CANARY])],
        [INSERT, ("INSERT INTO {}.hidden (k, v) VALUES ('a', 1) IF NOT EXISTS", NO_VALUES)],
        [INSERT, ("INSERT INTO {}.hidden (k, v) VALUES (?, 1) USING TIMESTAMP ?", [CANARY, CANARY])],
    ],
    ids=["a wrong type", "too few", "a key too long", "wrong JSON", "no table", "two partitions", "a wrong timestamp"],
)
@pytest.mark.parametrize("timestamp", [None, 1])
@pytest.mark.parametrize("way", ["blocking", "awaiting"])
def test_no_variable_shows_a_value_of_a_batch(
    hiding: Any, cql_module_keyspace: str, way: str, timestamp: int | None, parts: list[tuple[str, list[Any]]]
) -> None:
    hiding.execute(TABLE.format(cql_module_keyspace), [])
    told = [(statement_of(cql.format(cql_module_keyspace)), values) for cql, values in parts]
    batch = BatchRequest(told, timestamp=timestamp)
    for _ in range(2):  # what was prepared before goes another way
        with pytest.raises(CoodieError) as raised:
            hiding.send(batch) if way == "blocking" else asyncio.run(hiding.send_async(batch))
        assert variables_with(CANARY, raised.value) == []


@pytest.mark.parametrize("verb", ["execute", "execute_one"])
@pytest.mark.parametrize("way", ["blocking", "awaiting"])
def test_no_variable_of_a_lazy_driver_shows_a_value(
    cql_cluster: CqlCluster, driver_type: str, way: str, verb: str
) -> None:
    cql = "SELECT key FROM system.local WHERE key = ? AND cluster_name = ?"
    driver: Any = init_coodie(hosts=cql_cluster.hosts, port=cql_cluster.port, driver_type=driver_type, lazy=True)

    async def awaiting() -> None:
        await getattr(driver, f"{verb}_async")(cql, [CANARY, CANARY])

    with pytest.raises(CoodieError) as raised:
        getattr(driver, verb)(cql, [CANARY, CANARY]) if way == "blocking" else asyncio.run(awaiting())
    unregister_driver()
    driver.close()
    assert variables_with(CANARY, raised.value) == []
