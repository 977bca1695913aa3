"""Pages that the fault proxy has divided, through every adapter: some ask for the same page twice, in another form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import BatchRequest, init_coodie, statement_of, unregister_driver
from coodie_drivers.testing.proxy import FaultProxy, empty_page, nth, short_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter]

ROWS = 120


@pytest.fixture(scope="module")
def proxy(cql_cluster: CqlCluster) -> Iterator[FaultProxy]:
    """A proxy for all tests here."""
    with FaultProxy(cql_cluster) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def divided(proxy: FaultProxy, driver_type: str) -> Iterator[Any]:
    """A driver that connects by way of the proxy, and asks for ten rows at once."""
    name = f"divided-{driver_type}"
    yield init_coodie(hosts=proxy.hosts, port=proxy.port, driver_type=driver_type, name=name, fetch_size=10)
    unregister_driver(name).close()


def held_by(row: int) -> list[int] | None:
    return [row] if row % 7 else None


@pytest.fixture(scope="module")
def table(divided: Any, cql_module_keyspace: str) -> str:
    """A table with lists of which some are null."""
    table = f"{cql_module_keyspace}.divided"
    divided.execute(f"CREATE TABLE IF NOT EXISTS {table} (part int, row int, l list<int>, PRIMARY KEY (part, row))", [])
    insert = statement_of(f"INSERT INTO {table} (part, row, l) VALUES (?, ?, ?)")
    divided.send(BatchRequest([(insert, [1, row, held_by(row)]) for row in range(ROWS)], "unlogged"))
    return table


@pytest.mark.parametrize("columns", ["row, l", "row, l, row AS again"])
@pytest.mark.parametrize("number", [1, 2, 3, 6, 12])
@pytest.mark.parametrize("action", [empty_page(), short_page(3)], ids=lambda action: action.name)
def test_each_row_comes_once_with_its_values(
    divided: Any, table: str, proxy: FaultProxy, columns: str, number: int, action: Any
) -> None:
    with proxy.rules.add(action, text=table, when=nth(number)) as rule:
        rows = divided.execute(f"SELECT {columns} FROM {table} WHERE part = ?", [1])
    assert rule.hits == 1
    assert [(row["row"], row["l"]) for row in rows] == [(row, held_by(row)) for row in range(ROWS)]
