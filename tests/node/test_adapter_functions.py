"""What functions make of a timeuuid: Cassandra tells its type by a class of its own, `LegacyTimeUUIDType`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid1

import pytest

from coodie_drivers import Request, init_coodie, statement_of, unregister_driver
from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.values import CqlDuration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.node.conftest import Caller

    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter]

MADE = [uuid1(node=1, clock_seq=number) for number in range(3)]
TOOK = CqlDuration(1, 2, 3)


@pytest.fixture(scope="module")
def driver(cql_cluster: CqlCluster, driver_type: str) -> Iterator[Any]:
    """A connection by each adapter."""
    yield init_coodie(hosts=cql_cluster.hosts, port=cql_cluster.port, driver_type=driver_type, name="functions")
    unregister_driver("functions").close()


@pytest.fixture(scope="module")
def table(driver: Any, cql_module_keyspace: str) -> str:
    name = f"{cql_module_keyspace}.moments"
    columns = "id int, made timeuuid, other timeuuid, took duration, PRIMARY KEY (id, made)"
    driver.execute(f"CREATE TABLE IF NOT EXISTS {name} ({columns})", [])
    for number, made in enumerate(MADE):
        insert = f"INSERT INTO {name} (id, made, other, took) VALUES (?, ?, ?, ?)"
        for identifier in (1, 2):
            driver.execute(insert, [identifier, made, MADE[-1 - number], TOOK])
    return name


@pytest.mark.parametrize(("where", "values"), [("id = 1", []), ("id = ?", [1])])
def test_the_least_and_the_greatest_timeuuid_are_uuids(
    caller: Caller, table: str, where: str, values: list[Any]
) -> None:
    select = f"SELECT min(made), max(other) AS latest, count(made), id FROM {table} WHERE {where}"

    assert caller.execute(select, values) == [
        {"system.min(made)": MADE[0], "latest": MADE[-1], "system.count(made)": 3, "id": 1}
    ]
    (row,) = caller.send(Request(statement_of(select), values)).rows
    assert isinstance(row[0], UUID)
    assert isinstance(row[1], UUID)


def test_of_no_rows_there_is_none(caller: Caller, table: str) -> None:
    assert caller.execute(f"SELECT min(made) AS found FROM {table} WHERE id = ?", [9]) == [{"found": None}]


@pytest.mark.parametrize(("where", "values"), [("id IN (1, 2)", []), ("id IN (?, ?)", [1, 2])])
def test_figures_of_groups_come_page_by_page(caller: Caller, table: str, where: str, values: list[Any]) -> None:
    statement = statement_of(f"SELECT id, max(made) FROM {table} WHERE {where} GROUP BY id")
    found: list[Any] = []
    page = caller.send(Request(statement, values, fetch_size=1))
    found += page.rows
    while page.paging_state is not None:
        page = caller.send(Request(statement, values, fetch_size=1, paging_state=page.paging_state))
        found += page.rows

    assert found == [(1, MADE[-1]), (2, MADE[-1])]


@pytest.mark.parametrize(("where", "values"), [("id = 1", []), ("id = ?", [1])])
def test_one_figure_twice_and_a_duration_beside_it(caller: Caller, table: str, where: str, values: list[Any]) -> None:
    select = f"SELECT min(made), min(made), took FROM {table} WHERE {where}"
    reply = caller.send(Request(statement_of(select), values))

    assert list(reply.columns) == ["system.min(made)", "system.min(made)", "took"]
    assert list(reply.rows) == [(MADE[0], MADE[0], TOOK)]


def test_what_the_server_refuses_is_told_as_its_refusal(caller: Caller, table: str) -> None:
    with pytest.raises(InvalidQueryError, match="nothing"):
        caller.execute(f"SELECT min(made), nothing FROM {table} WHERE id = 1", [])
