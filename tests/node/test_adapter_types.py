"""Every CQL type, in every position, through the adapter and back: equal values of the contract's Python types."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import cache
from ipaddress import IPv4Address, IPv6Address
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coodie_drivers import UNSET, CqlDate, CqlDuration
from coodie_drivers.errors import DriverError
from coodie_drivers.values import INT32, INT64, PYTHON_TYPES, FrozenMap
from cql_values import NOT_IN_KEYS, STRATEGIES, exactly

if TYPE_CHECKING:
    from tests.node.conftest import Caller

pytestmark = [pytest.mark.node, pytest.mark.adapter]

numbers = count()

TIMEUUIDS = [UUID("00000000-0000-1000-8000-000000000000"), UUID("ffffffff-ffff-1fff-bfff-ffffffffffff")]
VALUES: dict[str, list[Any]] = {
    "ascii": ["", "plain", "\x00\x7f"],
    "bigint": [0, -1, INT64.start, INT64.stop - 1],
    "blob": [b"", b"\x00\xff", bytes(range(256))],
    "boolean": [True, False],
    "date": [date(1970, 1, 1), date.min, date.max, CqlDate(-(2**31)), CqlDate(2**31 - 1), CqlDate(-719_163)],
    "decimal": [Decimal(0), Decimal("-1.50"), Decimal("1E+20"), Decimal("9" * 400), Decimal("1E-1000")],
    "double": [0.0, -0.0, 1.1, 5e-324, 1.7976931348623157e308, float("inf"), float("-inf")],
    "duration": [CqlDuration(), CqlDuration(1, 2, 3), CqlDuration(1 - 2**31, 1 - 2**31, 1 - 2**63)],
    "float": [0.0, -0.0, 0.5, 3.4028234663852886e38, float("-inf")],
    "inet": [IPv4Address("127.0.0.1"), IPv4Address(0), IPv6Address("::1"), IPv6Address(2**128 - 1)],
    "int": [0, INT32.start, INT32.stop - 1],
    "smallint": [0, -(2**15), 2**15 - 1],
    "text": ["", "héllo \U0001f9e5", "\x00", "a" * 70_000],
    "time": [time.min, time.max, time(12, 34, 56, 789_012)],
    "timestamp": [
        datetime(1970, 1, 1, tzinfo=timezone.utc),
        datetime(1, 1, 1, tzinfo=timezone.utc),
        datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=timezone.utc),
        datetime(1969, 12, 31, 23, 59, 59, 1_000, tzinfo=timezone.utc),
    ],
    "timeuuid": TIMEUUIDS,
    "tinyint": [0, -128, 127],
    "uuid": [UUID(int=0), UUID(int=2**128 - 1), UUID("11111111-2222-4333-8444-555555555555")],
    "varchar": ["", "x"],
    "varint": [0, -1, 10**400, -(10**400)],
}


class Table:
    """A table with a column of each of these types, made when it is first asked for."""

    def __init__(self, driver: Any, name: str, columns: dict[str, str]) -> None:
        self.name = name
        self._ids = count()
        definitions = ", ".join(f"{column} {cql_type}" for column, cql_type in columns.items())
        driver.execute(f"CREATE TABLE {name} (id int PRIMARY KEY, {definitions})", [])

    def round_trip(self, caller: Caller, column: str, values: list[Any]) -> list[Any]:
        """Write values into a column, each in a row of its own, and read them again in order."""
        found: list[Any] = []
        for value in values:
            number = next(self._ids)
            caller.execute(f"INSERT INTO {self.name} (id, {column}) VALUES (?, ?)", [number, value])
            rows = caller.execute(f"SELECT {column} FROM {self.name} WHERE id = ?", [number])
            found.append(rows[0][column])
        return found


def columns_of(cql_type: str, udt: str) -> dict[str, str]:
    """A column for each position that a type can stand in."""
    columns = {
        "scalar": cql_type,
        "in_list": f"list<{cql_type}>",
        "in_tuple": f"tuple<{cql_type}, int>",
        "in_map": f"map<int, {cql_type}>",
        "in_udt": udt,
        "in_vector": f"vector<{cql_type}, 2>",
    }
    if cql_type not in NOT_IN_KEYS:
        columns |= {
            "in_set": f"set<{cql_type}>",
            "in_frozen_set": f"frozen<set<{cql_type}>>",
            "as_key": f"map<{cql_type}, int>",
        }
    return columns


@pytest.fixture(scope="module")
def tables(driver: Any, cql_module_keyspace: str) -> Callable[[str], Table]:
    """The table of a type; one for all tests of it, for many tables are much to a small node."""

    @cache
    def table(cql_type: str) -> Table:
        name = f"{cql_module_keyspace}.t{next(numbers)}"
        if cql_type not in VALUES:
            return Table(driver, name, {"scalar": cql_type})
        driver.execute(f'CREATE TYPE {name}_type (value {cql_type}, "Other Name" int)', [])
        return Table(driver, name, columns_of(cql_type, f"{name}_type"))

    return table


Tables = Callable[[str], Table]


def test_every_native_type_of_the_type_table_is_here() -> None:
    collections = {"list", "set", "map", "tuple", "vector"}
    assert set(VALUES) == set(STRATEGIES) == set(PYTHON_TYPES) - collections - {"counter"}


@pytest.mark.parametrize("cql_type", sorted(VALUES))
def test_scalars_and_nulls(caller: Caller, tables: Tables, cql_type: str) -> None:
    values = [*VALUES[cql_type], None]
    found = tables(cql_type).round_trip(caller, "scalar", values)
    assert exactly(found, values)
    assert {type(value) for value in found[:-1]} <= set(PYTHON_TYPES[cql_type])


@pytest.mark.parametrize("cql_type", sorted(VALUES))
def test_inside_lists_tuples_and_maps(caller: Caller, tables: Tables, cql_type: str) -> None:
    table, values = tables(cql_type), VALUES[cql_type]
    lists = [values, values[:1], None]
    assert exactly(table.round_trip(caller, "in_list", lists), lists)
    tuples = [(value, 7) for value in values] + [(None, None)]
    assert exactly(table.round_trip(caller, "in_tuple", tuples), tuples)
    maps = [dict(enumerate(values)), None]
    assert exactly(table.round_trip(caller, "in_map", maps), maps)


@pytest.mark.parametrize("cql_type", sorted(set(VALUES) - NOT_IN_KEYS))
def test_inside_sets_and_as_keys(caller: Caller, tables: Tables, cql_type: str) -> None:
    # An element of a set, or a key, is part of the cell's name there, which holds 65,535 bytes.
    distinct = [
        value for value in dict.fromkeys(VALUES[cql_type]) if not (isinstance(value, str) and len(value) > 60_000)
    ]
    sets = [set(distinct), None]
    assert exactly(tables(cql_type).round_trip(caller, "in_set", sets), sets)
    assert exactly(tables(cql_type).round_trip(caller, "in_frozen_set", sets), sets)
    maps = [{value: number for number, value in enumerate(distinct)}, None]
    assert exactly(tables(cql_type).round_trip(caller, "as_key", maps), maps)


@pytest.mark.parametrize("cql_type", sorted(VALUES))
def test_inside_user_defined_types_and_vectors(caller: Caller, tables: Tables, cql_type: str) -> None:
    values = [{"value": value, "Other Name": 7} for value in VALUES[cql_type]]
    assert exactly(tables(cql_type).round_trip(caller, "in_udt", values), values)
    # The server refuses an empty element of a vector.
    vectors = [[value, value] for value in VALUES[cql_type] if value not in ("", b"")]
    assert exactly(tables(cql_type).round_trip(caller, "in_vector", vectors), vectors)


@pytest.mark.parametrize("cql_type", sorted(STRATEGIES))
def test_any_value_comes_back_as_it_was(driver: Any, tables: Tables, cql_type: str) -> None:
    table = tables(cql_type).name

    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    @given(st.lists(STRATEGIES[cql_type], min_size=1, max_size=30))
    def holds(values: list[Any]) -> None:
        driver.execute(f"INSERT INTO {table} (id, in_list) VALUES (-1, ?)", [values])
        assert exactly(driver.execute(f"SELECT in_list FROM {table} WHERE id = ?", [-1])[0]["in_list"], values)

    holds()


NESTED: list[tuple[str, list[Any]]] = [
    ("list<frozen<list<int>>>", [[[1, 2], []]]),
    ("list<frozen<set<inet>>>", [[{IPv4Address("1.2.3.4")}, set()]]),
    ("map<text, frozen<map<text, date>>>", [{"a": {"b": date(2020, 1, 2)}}]),
    ("set<frozen<list<timestamp>>>", [{(datetime(2020, 1, 2, tzinfo=timezone.utc),)}]),
    ("set<frozen<set<int>>>", [{frozenset({1, 2}), frozenset({3})}]),
    ("set<frozen<map<text, int>>>", [{FrozenMap({"a": 1})}]),
    ("set<frozen<tuple<int, frozen<list<int>>>>>", [{(1, (2, 3))}]),
    ("map<frozen<list<int>>, frozen<list<int>>>", [{(1, 2): [3, 4]}]),
    ("map<frozen<map<int, int>>, int>", [{FrozenMap({1: 2}): 3}]),
    ("tuple<frozen<map<text, frozen<list<date>>>>, inet>", [({"a": [date(2020, 1, 2)]}, IPv6Address("::1"))]),
    ("frozen<list<frozen<tuple<int, text>>>>", [[(1, "a"), (2, None)]]),
    ("vector<frozen<list<date>>, 2>", [[[date(2020, 1, 2)], [date(2021, 1, 2)]]]),
    ("list<frozen<vector<float, 2>>>", [[[0.5, 1.5]]]),
]


@pytest.mark.parametrize(("cql_type", "values"), NESTED)
def test_nested(caller: Caller, tables: Tables, cql_type: str, values: list[Any]) -> None:
    assert exactly(tables(cql_type).round_trip(caller, "scalar", values), values)


def test_nested_user_defined_types(caller: Caller, tables: Tables, keyspace: str) -> None:
    caller.execute(f"CREATE TYPE IF NOT EXISTS {keyspace}.inner_type (day date, tags frozen<set<text>>)", [])
    caller.execute(
        f"CREATE TYPE IF NOT EXISTS {keyspace}.outer_type "
        "(one frozen<inner_type>, many frozen<list<frozen<inner_type>>>)",
        [],
    )
    inner = {"day": date(2020, 1, 2), "tags": {"a", "b"}}
    outer = [{"one": inner, "many": [inner, {"day": None, "tags": None}]}, {"one": None, "many": None}]
    assert exactly(tables("frozen<outer_type>").round_trip(caller, "scalar", outer), outer)
    keys = [{FrozenMap({"day": date(2020, 1, 2), "tags": frozenset({"a"})})}]
    assert exactly(tables("set<frozen<inner_type>>").round_trip(caller, "scalar", keys), keys)


def test_fields_left_out_of_a_user_defined_type_are_null(caller: Caller, tables: Tables) -> None:
    assert tables("int").round_trip(caller, "in_udt", [{"value": 2}]) == [{"value": 2, "Other Name": None}]


def test_counters_are_ints(caller: Caller, keyspace: str) -> None:
    caller.execute(f"CREATE TABLE IF NOT EXISTS {keyspace}.counts (id int PRIMARY KEY, n counter, never counter)", [])
    number = next(numbers)
    caller.execute(f"UPDATE {keyspace}.counts SET n = n + ? WHERE id = ?", [INT64.stop - 1, number])
    rows = caller.execute(f"SELECT n, never FROM {keyspace}.counts WHERE id = ?", [number])
    assert rows == [{"n": INT64.stop - 1, "never": None}]


def test_empty_collections_are_null_unless_frozen(caller: Caller, tables: Tables) -> None:
    empties: dict[str, Any] = {"in_list": [], "in_set": set(), "in_map": {}}
    for column, empty in empties.items():
        assert tables("int").round_trip(caller, column, [empty]) == [None]
    assert exactly(tables("int").round_trip(caller, "in_frozen_set", [set()]), [set()])


@pytest.mark.excepted(driver_type="rust", reason="as JSON, its way for nanoseconds, the server takes none this long")
def test_the_longest_duration(caller: Caller, tables: Tables) -> None:
    longest = [CqlDuration(-(2**31), -(2**31), -(2**63))]
    assert exactly(tables("duration").round_trip(caller, "scalar", longest), longest)


@pytest.mark.excepted(driver_type="rust", reason="its library has no UNSET, and the driver says so (supports_unset)")
def test_unset_leaves_a_column_and_none_deletes_it(caller: Caller, tables: Tables) -> None:
    table = tables("int").name
    insert = f"INSERT INTO {table} (id, scalar, in_list) VALUES (-1, ?, ?)"
    caller.execute(insert, [10, [20]])
    caller.execute(insert, [UNSET, None])
    assert caller.execute(f"SELECT scalar, in_list FROM {table} WHERE id = -1", []) == [{"scalar": 10, "in_list": None}]


@pytest.mark.parametrize(
    ("cql_type", "column", "written", "read"),
    [
        (
            "timestamp",
            "scalar",
            datetime(2020, 6, 1, 12, tzinfo=timezone(timedelta(hours=2))),
            datetime(2020, 6, 1, 10, tzinfo=timezone.utc),
        ),
        (
            "timestamp",
            "scalar",
            datetime(2020, 6, 1, 10, 0, 0, 1_999),  # noqa: DTZ001 - a naive time is taken as UTC
            datetime(2020, 6, 1, 10, 0, 0, 1_000, tzinfo=timezone.utc),
        ),
        ("inet", "scalar", "10.0.0.1", IPv4Address("10.0.0.1")),
        ("double", "scalar", 1, 1.0),
        ("decimal", "scalar", 5, Decimal(5)),
        ("blob", "scalar", bytearray(b"x"), b"x"),
        ("int", "in_list", (1, 2), [1, 2]),
        ("int", "in_set", [1, 2], {1, 2}),
        ("int", "in_tuple", [1, 2], (1, 2)),
        ("float", "in_vector", (1, 2), [1.0, 2.0]),
    ],
)
def test_other_forms_of_a_value_that_lose_nothing_are_taken(
    caller: Caller, tables: Tables, cql_type: str, column: str, written: Any, read: Any
) -> None:
    assert exactly(tables(cql_type).round_trip(caller, column, [written]), [read])


def test_what_is_below_a_microsecond_of_a_time_is_cut_off(caller: Caller, tables: Tables) -> None:
    table = tables("time").name
    caller.execute(f"INSERT INTO {table} (id, scalar) VALUES (-1, '08:12:54.123456789')", [])
    assert caller.execute(f"SELECT scalar FROM {table} WHERE id = -1", []) == [{"scalar": time(8, 12, 54, 123_456)}]


@pytest.mark.parametrize("milliseconds", [999_999_999_999_999, -999_999_999_999_999, 2**63 - 1])
@pytest.mark.parametrize("column", ["scalar", "in_list"])
def test_a_time_beyond_pythons_years_fails_its_reader_alone(
    caller: Caller, driver: Any, tables: Tables, caplog: pytest.LogCaptureFixture, column: str, milliseconds: int
) -> None:
    table, key = tables("timestamp").name, next(numbers) + 1_000_000
    literal = f"[{milliseconds}]" if column == "in_list" else str(milliseconds)
    caller.execute(f"INSERT INTO {table} (id, {column}, as_key) VALUES ({key}, {literal}, {{1000: 1}})", [])
    assert asyncio.run(_beside(driver, table, key, column)) == [1] * 20
    for stmt, params in (
        (f"SELECT {column} FROM {table} WHERE id = ?", [key]),
        (f"SELECT id, {column} FROM {table} WHERE id = {key}", []),
    ):
        with pytest.raises(DriverError, match=f"column '{column}' .*timestamp.* has no Python form") as caught:
            caller.execute(stmt, params)
        assert (caught.value.outcome, caught.value.retryable) == ("not_applied", False)
        assert caught.value.__cause__ is None
    assert caller.execute(f"SELECT id FROM {table} WHERE id = ?", [key]) == [{"id": key}]
    # The library logs when it gives up a connection.
    assert [record.getMessage() for record in caplog.records if record.name.startswith("cassandra")] == []


async def _beside(driver: Any, table: str, key: int, column: str) -> list[int]:
    """Ask for what cannot be read among twenty that ask for something else, all at once."""
    asked = [driver.execute_async("SELECT key FROM system.local WHERE key = ?", ["local"]) for _ in range(20)]
    asked.insert(10, driver.execute_async(f"SELECT {column} FROM {table} WHERE id = ?", [key]))
    answers: list[Any] = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(answers.pop(10), DriverError)
    return [len(answer) for answer in answers]
