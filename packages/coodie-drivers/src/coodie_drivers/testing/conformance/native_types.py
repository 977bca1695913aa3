"""Values of every native type, in every position: they come back equal, and of the Python types of the type table."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone
from decimal import Decimal
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers.errors import DriverError, InvalidQueryError
from coodie_drivers.testing.conformance.samples import KEY_TYPES, SAMPLES, exactly, fit_for_keys
from coodie_drivers.testing.conformance.suite import fresh_number, made_once
from coodie_drivers.testing.conformance.type_tables import TypeSuite, round_trip
from coodie_drivers.values import INT64, PYTHON_TYPES, UNSET, CqlDuration

if TYPE_CHECKING:
    from coodie_drivers.testing.conformance.ways import Way

__all__ = ["NativeTypeCases"]

every_type = pytest.mark.parametrize("cql_type", sorted(SAMPLES))
every_key_type = pytest.mark.parametrize("cql_type", KEY_TYPES)


class NativeTypeCases(TypeSuite):
    """The cases about native types, alone and inside collections."""

    @every_type
    def test_a_value_comes_back_as_it_was(self, way: Way, typed: str, cql_type: str) -> None:
        found = round_trip(way, typed, f"{cql_type}_plain", SAMPLES[cql_type])
        assert exactly(found, SAMPLES[cql_type])
        assert {type(value) for value in found} <= set(PYTHON_TYPES[cql_type])

    @every_type
    def test_null_is_none(self, way: Way, typed: str, cql_type: str) -> None:
        assert round_trip(way, typed, f"{cql_type}_plain", [None]) == [None]

    @every_type
    def test_values_inside_lists(self, way: Way, typed: str, cql_type: str) -> None:
        lists = [SAMPLES[cql_type], SAMPLES[cql_type][:1], None]
        assert exactly(round_trip(way, typed, f"{cql_type}_in_list", lists), lists)
        assert exactly(round_trip(way, typed, f"{cql_type}_in_frozen_list", lists), lists)

    @every_type
    def test_values_inside_tuples(self, way: Way, typed: str, cql_type: str) -> None:
        tuples = [*((value, 7) for value in SAMPLES[cql_type]), (None, None), None]
        assert exactly(round_trip(way, typed, f"{cql_type}_in_tuple", tuples), tuples)

    @every_type
    def test_values_inside_maps(self, way: Way, typed: str, cql_type: str) -> None:
        maps = [dict(enumerate(SAMPLES[cql_type])), None]
        assert exactly(round_trip(way, typed, f"{cql_type}_in_map", maps), maps)

    @every_key_type
    def test_values_inside_sets(self, way: Way, typed: str, cql_type: str) -> None:
        sets = [set(fit_for_keys(cql_type)), None]
        assert exactly(round_trip(way, typed, f"{cql_type}_in_set", sets), sets)
        assert exactly(round_trip(way, typed, f"{cql_type}_in_frozen_set", sets), sets)

    @every_key_type
    def test_values_as_keys_of_maps(self, way: Way, typed: str, cql_type: str) -> None:
        maps = [{value: number for number, value in enumerate(fit_for_keys(cql_type))}, None]
        assert exactly(round_trip(way, typed, f"{cql_type}_as_key", maps), maps)

    @every_type
    def test_values_inside_user_defined_types(self, way: Way, typed: str, cql_type: str) -> None:
        values = [*({"value": value, "Other Name": 7} for value in SAMPLES[cql_type]), {"value": None, "Other Name": 7}]
        assert exactly(round_trip(way, typed, f"{cql_type}_in_udt", values), values)

    @pytest.mark.parametrize("part", range(max(map(len, SAMPLES.values()))))
    def test_values_in_keys_and_static_columns(self, way: Way, keyed: str, part: int) -> None:
        key = [choice[part % len(choice)] for choice in (fit_for_keys(cql_type) for cql_type in KEY_TYPES)]
        static = [choice[part % len(choice)] for choice in SAMPLES.values()]
        names = [f"{place}_{cql_type}" for place in "pc" for cql_type in KEY_TYPES]
        columns = [*names, *(f"s_{cql_type}" for cql_type in SAMPLES)]
        markers = ", ".join("?" for _ in columns)
        way.execute(f"INSERT INTO {keyed} ({', '.join(columns)}) VALUES ({markers})", [*key, *key, *static])
        where = " AND ".join(f"{name} = ?" for name in names)
        (row,) = way.execute(f"SELECT {', '.join(columns)} FROM {keyed} WHERE {where}", [*key, *key])
        assert exactly(list(row.values()), [*key, *key, *static])

    @pytest.mark.parametrize("cql_type", ["decimal", "int", "timestamp", "uuid", "varint"])
    def test_an_empty_value_of_the_server_is_none(self, way: Way, typed: str, cql_type: str) -> None:
        number = fresh_number()
        empty = f"blobAs{cql_type.title()}(0x)"
        way.execute(f"INSERT INTO {typed} (id, {cql_type}_plain) VALUES ({number}, {empty})")
        rows = way.execute(f"SELECT {cql_type}_plain FROM {typed} WHERE id = ?", [number])
        assert rows == [{f"{cql_type}_plain": None}]

    @pytest.mark.parametrize("cql_type", ["decimal", "int", "timestamp", "uuid", "varint"])
    def test_an_empty_value_inside_others_is_none(self, way: Way, typed: str, cql_type: str) -> None:
        number = fresh_number()
        empty = f"blobAs{cql_type.title()}(0x)"
        inside: dict[str, tuple[str, object]] = {
            f"{cql_type}_in_list": (f"[{empty}]", [None]),
            f"{cql_type}_in_set": (f"{{{empty}}}", {None}),
            f"{cql_type}_in_map": (f"{{1: {empty}}}", {1: None}),
            f"{cql_type}_as_key": (f"{{{empty}: 1}}", {None: 1}),
            f"{cql_type}_in_tuple": (f"({empty}, 7)", (None, 7)),
            f"{cql_type}_in_udt": (f'{{value: {empty}, "Other Name": 7}}', {"value": None, "Other Name": 7}),
        }
        written = ", ".join(literal for literal, _ in inside.values())
        way.execute(f"INSERT INTO {typed} (id, {', '.join(inside)}) VALUES ({number}, {written})")
        (row,) = way.execute(f"SELECT {', '.join(inside)} FROM {typed} WHERE id = ?", [number])
        assert row == {column: expected for column, (_, expected) in inside.items()}

    def test_the_longest_duration(self, way: Way, typed: str) -> None:
        longest = [CqlDuration(-(2**31), -(2**31), -(2**63))]
        assert exactly(round_trip(way, typed, "duration_plain", longest), longest)

    def test_counters_are_ints(self, way: Way, driver: Any, keyspace: str) -> None:
        table, number = f"{keyspace}.counted", fresh_number()
        made_once(driver, table, "CREATE TABLE {name} (id int PRIMARY KEY, n counter, never counter)")
        way.execute(f"UPDATE {table} SET n = n + ? WHERE id = ?", [INT64.stop - 1, number])
        rows = way.execute(f"SELECT n, never FROM {table} WHERE id = ?", [number])
        assert rows == [{"n": INT64.stop - 1, "never": None}]

    def test_unset_leaves_a_column_and_none_deletes_it(self, way: Way, driver: Any, typed: str) -> None:
        number = fresh_number()
        insert = f"INSERT INTO {typed} (id, int_plain, int_in_list) VALUES (?, ?, ?)"
        way.execute(insert, [number, 10, [20]])
        assert driver.supports_unset
        way.execute(insert, [number, UNSET, None])
        rows = way.execute(f"SELECT int_plain, int_in_list FROM {typed} WHERE id = ?", [number])
        assert rows == [{"int_plain": 10, "int_in_list": None}]

    @pytest.mark.parametrize(
        ("column", "written", "read"),
        [
            (
                "timestamp_plain",
                datetime(2020, 6, 1, 12, tzinfo=timezone(timedelta(hours=2))),
                datetime(2020, 6, 1, 10, tzinfo=timezone.utc),
            ),
            (
                "timestamp_plain",
                datetime(2020, 6, 1, 10, 0, 0, 1_999),  # noqa: DTZ001 - a naive time is taken as UTC
                datetime(2020, 6, 1, 10, 0, 0, 1_000, tzinfo=timezone.utc),
            ),
            ("inet_plain", "10.0.0.1", IPv4Address("10.0.0.1")),
            ("double_plain", 1, 1.0),
            ("decimal_plain", 5, Decimal(5)),
            ("blob_plain", bytearray(b"x"), b"x"),
            ("int_in_list", (1, 2), [1, 2]),
            ("int_in_set", [1, 2], {1, 2}),
            ("int_in_tuple", [1, 2], (1, 2)),
            ("int_plain", HTTPStatus.OK, 200),
            ("bigint_plain", HTTPStatus.OK, 200),
            ("bigint_in_list", [HTTPStatus.OK], [200]),
        ],
        ids=lambda value: value if isinstance(value, str) and "_" in value else type(value).__name__,
    )
    def test_other_forms_of_a_value_that_lose_nothing_are_taken(
        self, way: Way, typed: str, column: str, written: Any, read: Any
    ) -> None:
        assert exactly(round_trip(way, typed, column, [written]), [read])

    @pytest.mark.parametrize(
        ("column", "value", "reason"),
        [
            ("double_plain", 10**400, "double cannot carry a number as large as this one"),
            ("float_plain", 10**400, "float cannot carry a number as large as this one"),
            ("double_in_list", [10**400], "double cannot carry a number as large as this one"),
            ("inet_plain", IPv6Address("fe80::1%eth0"), "inet has no room for the scope"),
            ("inet_plain", "fe80::1%eth0", "inet has no room for the scope"),
        ],
        ids=["double", "float", "double in a list", "IPv6Address", "text"],
    )
    def test_what_a_type_cannot_carry_is_refused_by_name(
        self, way: Way, typed: str, column: str, value: Any, reason: str
    ) -> None:
        with pytest.raises(InvalidQueryError, match=f"column '{column}'.*{reason}"):
            way.execute(f"INSERT INTO {typed} (id, {column}) VALUES (?, ?)", [fresh_number(), value])

    def test_what_is_below_a_microsecond_of_a_time_is_cut_off(self, way: Way, typed: str) -> None:
        number = fresh_number()
        way.execute(f"INSERT INTO {typed} (id, time_plain) VALUES ({number}, '08:12:54.123456789')")
        rows = way.execute(f"SELECT time_plain FROM {typed} WHERE id = ?", [number])
        assert rows == [{"time_plain": time(8, 12, 54, 123_456)}]

    @pytest.mark.parametrize("milliseconds", [999_999_999_999_999, -999_999_999_999_999, 2**63 - 1])
    @pytest.mark.parametrize("column", ["timestamp_plain", "timestamp_in_list"])
    def test_a_time_beyond_pythons_years_fails_its_reader_alone(
        self, way: Way, typed: str, column: str, milliseconds: int
    ) -> None:
        number = fresh_number()
        literal = f"[{milliseconds}]" if column.endswith("list") else str(milliseconds)
        way.execute(f"INSERT INTO {typed} (id, {column}) VALUES ({number}, {literal})")
        calls: list[tuple[object, ...]] = [("SELECT key FROM system.local WHERE key = ?", ["local"])] * 20
        calls.insert(10, (f"SELECT {column} FROM {typed} WHERE id = ?", [number]))
        answers = way.together("execute", calls)
        assert isinstance(answers.pop(10), DriverError)
        assert answers == [[{"key": "local"}]] * 20
        for stmt, params in (
            (f"SELECT {column} FROM {typed} WHERE id = ?", [number]),
            (f"SELECT id, {column} FROM {typed} WHERE id = {number}", []),
        ):
            with pytest.raises(DriverError, match=f"column '{column}' .*timestamp.* has no Python form") as caught:
                way.execute(stmt, params)
            assert (caught.value.outcome, caught.value.retryable) == ("not_applied", False)
            assert caught.value.__cause__ is None
        assert way.execute(f"SELECT id FROM {typed} WHERE id = ?", [number]) == [{"id": number}]
