"""Any value of every CQL type in every position, there and back; chosen ones are in the conformance suite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coodie_drivers import init_coodie, unregister_driver
from coodie_drivers.testing.conformance.samples import KEY_TYPES, SAMPLES, exactly
from cql_values import STRATEGIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter]

POSITIONS = {
    "plain": "{0}",
    "in_list": "list<{0}>",
    "in_frozen_list": "frozen<list<{0}>>",
    "in_map": "map<int, {0}>",
    "in_tuple": "tuple<{0}, int, {0}>",
    "in_udt": "of_{0}",
    "in_udts": "list<frozen<of_{0}>>",
    "in_vector": "vector<{0}, 3>",
    "deep": "map<text, frozen<list<frozen<tuple<{0}, frozen<map<int, {0}>>>>>>>",
}
KEY_POSITIONS = {
    "in_set": "set<{0}>",
    "in_frozen_set": "frozen<set<{0}>>",
    "as_key": "map<{0}, int>",
    "in_sets": "set<frozen<set<{0}>>>",
    "of_lists": "map<frozen<list<{0}>>, frozen<of_{0}>>",
}
EXAMPLES = [8, pytest.param(500, marks=[pytest.mark.long, pytest.mark.timeout(3_600)])]
"""How many rows of each type are written and read; a row has some twenty values of it."""

QUICKLY = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)


def shapes_of(cql_type: str) -> dict[str, str]:
    return {**POSITIONS, **(KEY_POSITIONS if cql_type in KEY_TYPES else {})}


def values_of(cql_type: str) -> st.SearchStrategy[dict[str, Any]]:
    """Values for a column of the type in each position; null where a column may be."""
    one = STRATEGIES[cql_type]
    # What is not frozen and has nothing in it is null, and the server refuses empty elements of vectors.
    several = st.lists(one, min_size=1, max_size=3)
    full = one.filter(lambda value: value not in ("", b""))
    udt = st.fixed_dictionaries({"value": st.none() | one, "other": st.none() | one})
    columns: dict[str, st.SearchStrategy[Any]] = {
        "plain": one,
        "in_list": several,
        "in_frozen_list": st.lists(one, max_size=3),
        "in_map": st.dictionaries(st.integers(0, 99), one, min_size=1, max_size=3),
        "in_tuple": st.tuples(st.none() | one, st.none() | st.integers(0, 99), st.none() | one),
        "in_udt": udt.filter(lambda fields: any(value is not None for value in fields.values())),
        "in_udts": st.lists(udt, min_size=1, max_size=2),
        "in_vector": st.lists(full, min_size=3, max_size=3),
        "deep": st.dictionaries(
            st.sampled_from("abc"),
            st.lists(st.tuples(st.none() | one, st.dictionaries(st.integers(0, 9), one, max_size=2)), max_size=2),
            min_size=1,
            max_size=2,
        ),
    }
    if cql_type in KEY_TYPES:
        columns["in_set"] = several.map(set)
        columns["in_frozen_set"] = st.lists(one, max_size=3).map(set)
        columns["as_key"] = st.dictionaries(one, st.integers(0, 99), min_size=1, max_size=3)
        columns["in_sets"] = st.sets(st.frozensets(one, max_size=2), min_size=1, max_size=2)
        columns["of_lists"] = st.dictionaries(st.lists(one, max_size=2).map(tuple), udt, min_size=1, max_size=2)
    return st.fixed_dictionaries({f"{cql_type}_{name}": st.none() | values for name, values in columns.items()})


@pytest.fixture(scope="module")
def anything(cql_cluster: CqlCluster, driver_type: str) -> Iterator[Any]:
    """A driver of this adapter."""
    driver = init_coodie(hosts=cql_cluster.hosts, port=cql_cluster.port, driver_type=driver_type, name="anything")
    yield driver
    unregister_driver("anything").close()


@pytest.fixture(scope="module")
def table(anything: Any, cql_module_keyspace: str) -> str:
    """A table with a column for each type in each position."""
    name = f"{cql_module_keyspace}.anything"
    columns = [
        f"{cql_type}_{where} {shape.format(cql_type)}"
        for cql_type in STRATEGIES
        for where, shape in shapes_of(cql_type).items()
    ]
    for cql_type in STRATEGIES:
        fields = f"value {cql_type}, other {cql_type}"
        anything.execute(f"CREATE TYPE IF NOT EXISTS {cql_module_keyspace}.of_{cql_type} ({fields})", [])
    anything.execute(f"CREATE TABLE IF NOT EXISTS {name} (id int PRIMARY KEY, {', '.join(columns)})", [])
    return name


def test_every_native_type_is_here() -> None:
    assert set(STRATEGIES) == set(SAMPLES)


@pytest.mark.parametrize("examples", EXAMPLES)
@pytest.mark.parametrize("cql_type", sorted(STRATEGIES))
def test_any_value_comes_back_as_it_was(anything: Any, table: str, cql_type: str, examples: int) -> None:
    columns = [f"{cql_type}_{where}" for where in shapes_of(cql_type)]
    insert = f"INSERT INTO {table} (id, {', '.join(columns)}) VALUES (-1{', ?' * len(columns)})"
    select = f"SELECT {', '.join(columns)} FROM {table} WHERE id = ?"

    @settings(QUICKLY, max_examples=examples)
    @given(values_of(cql_type))
    def holds(row: dict[str, Any]) -> None:
        anything.execute(insert, [row[column] for column in columns])
        (found,) = anything.execute(select, [-1])
        for column in columns:
            assert exactly(found[column], row[column]), column

    holds()


@pytest.fixture(scope="module")
def keyed(anything: Any, cql_module_keyspace: str) -> str:
    """A table with every type that keys can have in both parts of its key, and static columns of all types."""
    name = f"{cql_module_keyspace}.keyed"
    columns = [f"{part}_{cql_type} {cql_type}" for part in "pc" for cql_type in KEY_TYPES]
    columns += [f"s_{cql_type} {cql_type} static" for cql_type in STRATEGIES]
    partition, clustering = (", ".join([f"{part}_{cql_type}" for cql_type in KEY_TYPES]) for part in "pc")
    key = f"PRIMARY KEY (({partition}), {clustering})"
    anything.execute(f"CREATE TABLE IF NOT EXISTS {name} ({', '.join(columns)}, {key})", [])
    return name


@pytest.mark.parametrize("examples", EXAMPLES)
def test_any_value_of_a_key_or_a_static_column_comes_back_as_it_was(anything: Any, keyed: str, examples: int) -> None:
    partition = {f"p_{cql_type}": STRATEGIES[cql_type] for cql_type in KEY_TYPES}
    clustering = {f"c_{cql_type}": STRATEGIES[cql_type] for cql_type in KEY_TYPES}
    statics = {f"s_{cql_type}": st.none() | values for cql_type, values in STRATEGIES.items()}
    columns = [*partition, *clustering, *statics]
    insert = f"INSERT INTO {keyed} ({', '.join(columns)}) VALUES (?{', ?' * (len(columns) - 1)})"
    where = " AND ".join([f"{column} = ?" for column in (*partition, *clustering)])
    select = f"SELECT {', '.join(columns)} FROM {keyed} WHERE {where}"

    @settings(QUICKLY, max_examples=examples)
    @given(st.fixed_dictionaries({**partition, **clustering, **statics}))
    def holds(row: dict[str, Any]) -> None:
        anything.execute(insert, [row[column] for column in columns])
        (found,) = anything.execute(select, [row[column] for column in (*partition, *clustering)])
        assert exactly(found, row)

    holds()


@pytest.fixture(scope="module")
def paged(anything: Any, cql_module_keyspace: str) -> str:
    """A table whose partitions have rows with a column for each type, and lists and sets of it."""
    name = f"{cql_module_keyspace}.paged"
    columns = [f"{cql_type}_plain {cql_type}, {cql_type}_listed list<{cql_type}>" for cql_type in STRATEGIES]
    columns += [f"{cql_type}_kept set<{cql_type}>" for cql_type in KEY_TYPES]
    key = "PRIMARY KEY (owner, number)"
    anything.execute(f"CREATE TABLE IF NOT EXISTS {name} (owner uuid, number int, {', '.join(columns)}, {key})", [])
    return name


@pytest.mark.parametrize("examples", [3, pytest.param(100, marks=[pytest.mark.long, pytest.mark.timeout(3_600)])])
def test_any_page_of_rows_comes_back_as_it_was(anything: Any, paged: str, examples: int) -> None:
    plain = {f"{cql_type}_plain": values for cql_type, values in STRATEGIES.items()}
    listed = {f"{name}_listed": st.lists(values, min_size=1, max_size=3) for name, values in STRATEGIES.items()}
    kept = {f"{name}_kept": st.sets(STRATEGIES[name], min_size=1, max_size=3) for name in KEY_TYPES}
    values = {name: st.none() | value for name, value in {**plain, **listed, **kept}.items()}
    columns = ["owner", "number", *values]
    insert = f"INSERT INTO {paged} ({', '.join(columns)}) VALUES (?{', ?' * (len(columns) - 1)})"

    @settings(QUICKLY, max_examples=examples)
    @given(st.lists(st.fixed_dictionaries(values), min_size=1, max_size=12), st.permutations(columns))
    def holds(rows: list[dict[str, Any]], order: list[str]) -> None:
        owner = uuid4()
        written = [{"owner": owner, "number": number, **row} for number, row in enumerate(rows)]
        for row in written:
            anything.execute(insert, [row[column] for column in columns])
        found = anything.execute(f"SELECT {', '.join(order)} FROM {paged} WHERE owner = ?", [owner])
        assert exactly([*found], [{column: row[column] for column in order} for row in written])

    holds()
