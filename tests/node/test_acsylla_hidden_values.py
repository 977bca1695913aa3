"""No variable of a traceback shows a bound value, also where an event loop has a session of acsylla of its own."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.node.variables import variables_with

from coodie_drivers import CoodieError, init_coodie, unregister_driver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coodie_drivers.testing.sources import CqlCluster

pytest.importorskip("acsylla", reason="needs acsylla")

pytestmark = pytest.mark.node

CANARY: Final = "a value nobody may see"
INSERT: Final = "INSERT INTO {} (k, v) VALUES (?, ?)"
QUOTED: Final = f"o'{CANARY}"
"""What the server quotes in its sentence when it is given for a duration."""


@pytest.fixture
def driver(cql_cluster: CqlCluster) -> Iterator[Any]:
    """A driver that has prepared nothing yet."""
    yield init_coodie(hosts=cql_cluster.hosts, port=cql_cluster.port, driver_type="acsylla", name="hides")
    unregister_driver("hides").close()


@pytest.fixture
def table(driver: Any, cql_module_keyspace: str) -> str:
    name = f"{cql_module_keyspace}.hides"
    driver.execute(f"CREATE TABLE IF NOT EXISTS {name} (k text PRIMARY KEY, v int, d duration)", [])
    return name


async def have_a_session_here(driver: Any, insert: str) -> None:
    """Go on asking until two sessions have prepared the statement: the first one, and one of this event loop's own."""
    given_up = time.monotonic() + 20
    while driver.prepared_statements < 2 and time.monotonic() < given_up:
        await asyncio.gather(*[driver.execute_async(insert, ["k", 1]) for _ in range(10)])
    assert driver.prepared_statements == 2


@pytest.mark.parametrize(
    ("cql", "values"),
    [
        (INSERT, [CANARY, "not a number"]),
        (INSERT, [CANARY]),
        (INSERT, CANARY),
        ("INSERT INTO {} (k, d) VALUES (?, fromJson(?))", ["k", f'"{QUOTED}"']),
        ("INSERT INTO {} JSON ?", [f'{{"k": "k", "d": "{QUOTED}"}}']),
    ],
    ids=["a wrong type", "too few", "no list", "a sentence about a value", "a sentence about JSON"],
)
@pytest.mark.parametrize("way", ["blocking", "awaiting", "over a session of its own"])
def test_no_variable_of_ours_shows_a_value(driver: Any, table: str, way: str, cql: str, values: Any) -> None:
    async def awaiting() -> None:
        if way != "awaiting":
            await have_a_session_here(driver, INSERT.format(table))
        for _ in range(2):  # what was prepared before goes another way
            with pytest.raises(CoodieError) as raised:
                await driver.execute_async(cql.format(table), values)
            assert variables_with(CANARY, raised.value) == []

    if way != "blocking":
        asyncio.run(awaiting())
        return
    for _ in range(2):
        with pytest.raises(CoodieError) as raised:
            driver.execute(cql.format(table), values)
        assert variables_with(CANARY, raised.value) == []
