"""What Cassandra calls an empty value, of no bytes at all: None where Python has none, as it has of texts and blobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from coodie_drivers import init_coodie, unregister_driver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter]

TYPES: Final = (
    "bigint",
    "boolean",
    "decimal",
    "double",
    "float",
    "inet",
    "int",
    "timestamp",
    "timeuuid",
    "uuid",
    "varint",
)
"""The types of which the server takes an empty value."""

SHAPES: Final = {
    "plain": ("{0}", "{1}", None),
    "listed": ("list<{0}>", "[{1}, {1}]", [None, None]),
    "kept": ("frozen<set<{0}>>", "{{{1}}}", {None}),
    "mapped": ("map<int, {0}>", "{{1: {1}}}", {1: None}),
    "in_tuple": ("tuple<{0}, int>", "({1}, 1)", (None, 1)),
    "in_udt": ("empty_{0}", "{{value: {1}, other: 1}}", {"value": None, "other": 1}),
}
"""Where an empty value stands: the CQL type, the literal and what is read."""

PAGES: Final = (1, 3, 12)
"""Numbers of rows, of which each is read in another way by some adapter."""


@pytest.fixture(scope="module")
def reading(cql_cluster: CqlCluster, driver_type: str) -> Iterator[Any]:
    """A driver of this adapter."""
    driver = init_coodie(hosts=cql_cluster.hosts, port=cql_cluster.port, driver_type=driver_type, name="empty")
    yield driver
    unregister_driver("empty").close()


@pytest.fixture(scope="module")
def table(reading: Any, cql_module_keyspace: str) -> str:
    """A table whose rows have an empty value of each type, in the key and in each shape."""
    name = f"{cql_module_keyspace}.empty_values"
    columns, values = ["size int, number int"], dict[str, str]()
    for each in TYPES:
        empty = f"blobAs{each}(0x)"
        reading.execute(f"CREATE TYPE IF NOT EXISTS {cql_module_keyspace}.empty_{each} (value {each}, other int)", [])
        columns.append(f"{each}_key {each}")
        values[f"{each}_key"] = empty
        for shape, (cql_type, literal, _) in SHAPES.items():
            columns.append(f"{each}_{shape} {cql_type.format(each)}")
            values[f"{each}_{shape}"] = literal.format(each, empty)
    key = ", ".join(["number", *[f"{each}_key" for each in TYPES]])
    reading.execute(f"CREATE TABLE IF NOT EXISTS {name} ({', '.join(columns)}, PRIMARY KEY (size, {key}))", [])
    insert, literals = f"INSERT INTO {name} (size, number, {', '.join(values)})", ", ".join(values.values())
    for size in PAGES:
        for number in range(size):
            reading.execute(f"{insert} VALUES ({size}, {number}, {literals})", [])
    return name


@pytest.mark.parametrize("size", PAGES)
@pytest.mark.parametrize("cql_type", TYPES)
def test_an_empty_value_reads_as_none_wherever_it_stands(reading: Any, table: str, cql_type: str, size: int) -> None:
    expected = {f"{cql_type}_key": None, **{f"{cql_type}_{shape}": read for shape, (_, _, read) in SHAPES.items()}}
    asked: list[list[str]] = [[column] for column in expected]  # a page of one column is read otherwise than of several
    asked += [[*expected], ["number", f"{cql_type}_plain"], [f"{cql_type}_plain", "decimal_plain"]]
    for _ in range(2):  # memory that is read by mistake has something else in it each time
        for columns in asked:
            rows = reading.execute(f"SELECT {', '.join(columns)} FROM {table} WHERE size = ?", [size])
            found = [{name: value for name, value in row.items() if name != "number"} for row in rows]
            assert found == [{name: expected.get(name) for name in columns if name != "number"}] * size


@pytest.mark.parametrize("size", PAGES)
def test_rows_with_an_empty_value_of_each_type_are_read_at_once(reading: Any, table: str, size: int) -> None:
    rows = reading.execute(f"SELECT * FROM {table} WHERE size = ?", [size])
    assert [row["number"] for row in rows] == [*range(size)]
    for row in rows:
        for each in TYPES:
            assert [row[f"{each}_{shape}"] for shape in SHAPES] == [read for _, _, read in SHAPES.values()]
            assert row[f"{each}_key"] is None
