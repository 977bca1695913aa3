"""Tables made anew, and columns of another type, under prepared statements: by another program, and by the driver."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import BatchRequest, InvalidQueryError, init_coodie, statement_of, unregister_driver
from coodie_drivers.testing.probe import Probe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter]

numbers = count(1)
NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)
AT_ONCE = {"scylla", "cassandra"}
"""Driver types that are told when a node has forgotten a statement."""

NOTICED = {"acsylla": 0.3}
"""Seconds after which a change by another program has been noticed, where it is not a second."""


@pytest.fixture(scope="module")
def driver(cql_cluster: CqlCluster, driver_type: str) -> Iterator[Any]:
    """A connection by this driver type."""
    name = f"made-anew-{driver_type}"
    yield init_coodie(hosts=cql_cluster.hosts, port=cql_cluster.port, driver_type=driver_type, name=name)
    unregister_driver(name).close()


@pytest.fixture(params=["another program", "the driver"])
def change(
    request: pytest.FixtureRequest, cql_cluster: CqlCluster, driver: Any, driver_type: str
) -> Iterator[Callable[..., None]]:
    """Change the schema, past the driver or by it."""
    with Probe(cql_cluster.hosts[0], cql_cluster.port) as probe:

        def changed(*statements: str) -> None:
            for each in statements:
                if request.param == "the driver":
                    driver.execute(each, [])
                else:
                    probe.execute(each)
            if request.param != "the driver":
                time.sleep(0 if driver_type in AT_ONCE else NOTICED.get(driver_type, 1.2))

        yield changed


def table_of(keyspace: str, driver_type: str) -> str:
    return f"{keyspace}.anew_{driver_type}_{next(numbers)}"


@pytest.mark.parametrize(
    ("before", "after", "value", "held"),
    [
        ("int", "float", 5, 5.0),
        ("text", "blob", "abc", InvalidQueryError),
    ],
)
def test_a_table_made_anew_takes_values_of_its_own_types_alone(
    caller: Any,
    change: Callable[..., None],
    keyspace: str,
    driver_type: str,
    before: str,
    after: str,
    value: object,
    held: Any,
) -> None:
    table = table_of(keyspace, driver_type)
    change(f"CREATE TABLE {table} (id int PRIMARY KEY, v {before})")
    write, read = f"INSERT INTO {table} (id, v) VALUES (?, ?)", f"SELECT v FROM {table} WHERE id = ?"
    caller.execute(write, [1, value])
    assert caller.execute(read, [1]) == [{"v": value}]
    change(f"DROP TABLE {table}", f"CREATE TABLE {table} (id int PRIMARY KEY, v {after})")
    if held is InvalidQueryError:
        with pytest.raises(InvalidQueryError, match="column 'v'"):
            caller.execute(write, [1, value])
        assert caller.execute(read, [1]) == []
        return
    caller.execute(write, [1, value])
    (row,) = caller.execute(read, [1])
    assert (row["v"], type(row["v"])) == (held, type(held))
    assert caller.execute(f"SELECT v FROM {table} WHERE v = {held} ALLOW FILTERING", []) == [{"v": held}]


def test_a_batch_binds_for_the_table_that_is_there(
    caller: Any, change: Callable[..., None], keyspace: str, driver_type: str
) -> None:
    table = table_of(keyspace, driver_type)
    change(f"CREATE TABLE {table} (id int PRIMARY KEY, v int)")
    write = statement_of(f"INSERT INTO {table} (id, v) VALUES (?, ?)")
    caller.send(BatchRequest([(write, [1, 5]), (write, [2, 6])]))
    change(f"DROP TABLE {table}", f"CREATE TABLE {table} (id int PRIMARY KEY, v float)")
    caller.send(BatchRequest([(write, [1, 5]), (write, [2, 6])]))
    rows = caller.execute(f"SELECT id, v FROM {table}", [])
    assert {row["id"]: row["v"] for row in rows} == {1: 5.0, 2: 6.0}


def test_a_column_of_another_type_takes_its_values_at_once(
    caller: Any, change: Callable[..., None], keyspace: str, driver_type: str
) -> None:
    table = table_of(keyspace, driver_type)
    change(f"CREATE TABLE {table} (id int PRIMARY KEY, v bigint, w text)")
    write, read = f"INSERT INTO {table} (id, v, w) VALUES (?, ?, ?)", f"SELECT v, w FROM {table} WHERE id = ?"
    caller.execute(write, [1, 5, "abc"])
    caller.execute(read, [1])
    change(f"ALTER TABLE {table} DROP v", f"ALTER TABLE {table} ADD v timestamp")
    change(f"ALTER TABLE {table} DROP w", f"ALTER TABLE {table} ADD w blob")
    caller.execute(write, [1, NOW, b"abc"])
    assert caller.execute(read, [1]) == [{"v": NOW, "w": b"abc"}]
    with pytest.raises(InvalidQueryError, match="column 'v'"):
        caller.execute(write, [2, 5, b"abc"])
    assert caller.execute(read, [2]) == []


def test_a_level_that_no_single_node_reaches_hides_no_change(
    cql_cluster: CqlCluster, driver_type: str, keyspace: str
) -> None:
    """What a node keeps for itself has one replica, whatever is asked of tables."""
    table = table_of(keyspace, driver_type)
    write = f"INSERT INTO {table} (id, v) VALUES (?, ?)"
    given: dict[str, Any] = {"hosts": cql_cluster.hosts, "port": cql_cluster.port, "driver_type": driver_type}
    other: Any = init_coodie(**given, name=f"other-{table}")
    asking_two: Any = init_coodie(**given, name=f"two-{table}", consistency="TWO")
    try:
        other.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, v int)", [])
        asking_two.execute(write, [1, 5], "ONE")
        other.execute(f"DROP TABLE {table}", [])
        other.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, v float)", [])
        other.execute(write, [2, 6])
        time.sleep(NOTICED.get(driver_type, 1.2))
        asking_two.execute(write, [1, 5], "ONE")
        assert other.execute(f"SELECT v FROM {table} WHERE id = 1", []) == [{"v": 5.0}]
    finally:
        unregister_driver(f"two-{table}").close()
        unregister_driver(f"other-{table}").close()


def test_a_table_made_anew_that_another_client_writes_already(
    caller: Any, driver: Any, cql_cluster: CqlCluster, driver_type: str, keyspace: str
) -> None:
    table = table_of(keyspace, driver_type)
    write, read = f"INSERT INTO {table} (id, v) VALUES (?, ?)", f"SELECT v FROM {table} WHERE id = ?"
    other: Any = init_coodie(
        hosts=cql_cluster.hosts, port=cql_cluster.port, driver_type=driver_type, name=f"other-{table}"
    )
    try:
        other.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, v int)", [])
        caller.execute(write, [1, 5])
        other.execute(f"DROP TABLE {table}", [])
        other.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, v float)", [])
        other.execute(write, [2, 6])  # from now on the node knows the statement again, and takes what is bound for it
        time.sleep(NOTICED.get(driver_type, 1.2))
        caller.execute(write, [1, 5])
        assert [caller.execute(read, [key])[0]["v"] for key in (1, 2)] == [5.0, 6.0]
    finally:
        unregister_driver(f"other-{table}").close()
