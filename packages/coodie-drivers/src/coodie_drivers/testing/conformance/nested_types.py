"""Collections inside collections, tuples, user-defined types and vectors."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers.errors import InvalidRequestError
from coodie_drivers.messages import BatchRequest, Request, statement_of
from coodie_drivers.testing.conformance.samples import SAMPLES, exactly
from coodie_drivers.testing.conformance.suite import fresh_number, made_once, since
from coodie_drivers.testing.conformance.type_tables import TypeSuite, round_trip
from coodie_drivers.values import CqlDuration, FrozenMap

if TYPE_CHECKING:
    from coodie_drivers.testing.conformance.ways import Way

__all__ = ["NestedTypeCases", "VectorCases"]

DAY = date(2020, 1, 2)
NESTED: dict[str, tuple[str, Any]] = {
    "list_of_lists": ("list<frozen<list<int>>>", [[1, 2], []]),
    "list_of_sets": ("list<frozen<set<inet>>>", [{IPv4Address("1.2.3.4")}, set()]),
    "map_of_maps": ("map<text, frozen<map<text, date>>>", {"a": {"b": date(2020, 1, 2)}}),
    "set_of_lists": ("set<frozen<list<timestamp>>>", {(datetime(2020, 1, 2, tzinfo=timezone.utc),)}),
    "set_of_sets": ("set<frozen<set<int>>>", {frozenset({1, 2}), frozenset({3})}),
    "set_of_maps": ("set<frozen<map<text, int>>>", {FrozenMap({"a": 1})}),
    "set_of_tuples": ("set<frozen<tuple<int, frozen<list<int>>>>>", {(1, (2, 3))}),
    "map_of_lists": ("map<frozen<list<int>>, frozen<list<int>>>", {(1, 2): [3, 4]}),
    "map_by_maps": ("map<frozen<map<int, int>>, int>", {FrozenMap({1: 2}): 3}),
    "tuple_of_maps": (
        "tuple<frozen<map<text, frozen<list<date>>>>, inet>",
        ({"a": [date(2020, 1, 2)]}, IPv6Address("::1")),
    ),
    "list_of_tuples": ("frozen<list<frozen<tuple<int, text>>>>", [(1, "a"), (2, None)]),
}
OF_VECTORS: dict[str, tuple[str, Any]] = {
    "udts": ("vector<frozen<a>, 2>", [{"note": "x", "Größe": Decimal("1.5")}, {"note": None, "Größe": None}]),
    "long_udts": (
        "vector<frozen<a>, 2>",
        [{"note": "x" * 20_000, "Größe": None}, {"note": "y" * 130, "Größe": Decimal(-7)}],
    ),
    "tuples": ("vector<frozen<tuple<int, text>>, 2>", [(1, "a"), (None, None)]),
    "sets_of_udts": (
        "vector<frozen<set<frozen<a>>>, 2>",
        [{FrozenMap({"note": "x", "Größe": None}), FrozenMap({"note": None, "Größe": Decimal("1.5")})}, set()],
    ),
    "maps_by_udts": ("vector<frozen<map<frozen<a>, date>>, 1>", [{FrozenMap({"note": "x", "Größe": None}): DAY}]),
    "vectors_of_udts": (
        "vector<frozen<vector<frozen<b>, 2>>, 2>",
        [[{"inner": {"note": "x", "Größe": Decimal("1.5")}, "day": DAY}, {"inner": None, "day": None}]] * 2,
    ),
    "list_of_vectors": (
        "list<frozen<vector<frozen<a>, 1>>>",
        [[{"note": "x", "Größe": None}], [{"note": "y", "Größe": Decimal("1.5")}]],
    ),
    "tuple_with_vector": (
        "tuple<frozen<vector<frozen<a>, 1>>, int>",
        ([{"note": None, "Größe": Decimal("1.5")}], None),
    ),
}
"""Types with vectors whose elements the server names by its own classes; user-defined types may be called `a`."""

EMPTY_TEXTS = ("ascii", "blob", "text")
INNER = {"day": date(2020, 1, 2), "tags": {"a", "b"}}


def _write_short(way: Way, stmt: str) -> None:
    """Write a tuple with fewer values than its type has, which Cassandra takes until 5.0."""
    try:
        way.execute(stmt)
    except InvalidRequestError:
        pytest.skip("this server takes no tuple with fewer values than its type has")


class NestedTypeCases(TypeSuite):
    """The cases about types inside types."""

    @pytest.fixture
    def nested(self, driver: Any, keyspace: str) -> str:
        """A table with a column of each of these types."""
        name = f"{keyspace}.nested"
        columns = ", ".join(f"{column} {cql_type}" for column, (cql_type, _) in NESTED.items())
        made_once(
            driver,
            name,
            f"CREATE TYPE {keyspace}.inner_type (day date, tags frozen<set<text>>)",
            f"CREATE TYPE {keyspace}.outer_type (one frozen<inner_type>, many frozen<list<frozen<inner_type>>>)",
            f"CREATE TYPE {keyspace}.measured_type (took duration, weight double)",
            f"CREATE TYPE {keyspace}.weighed_type (size int, weight double)",
            f"CREATE TABLE {{name}} (id int PRIMARY KEY, {columns}, outer_udt frozen<outer_type>, "
            "udts set<frozen<inner_type>>, measured measured_type, weighed weighed_type, bare tuple<int, double>, "
            "set_of_doubles set<frozen<list<double>>>, set_of_varints set<frozen<list<varint>>>, "
            "lasting tuple<duration, int>, brief frozen<tuple<int, text>>, briefs list<frozen<tuple<int, text>>>)",
        )
        return name

    @pytest.mark.parametrize("column", sorted(NESTED))
    def test_types_inside_types(self, way: Way, nested: str, column: str) -> None:
        values = [NESTED[column][1], None]
        assert exactly(round_trip(way, nested, column, values), values)

    def test_user_defined_types_inside_user_defined_types(self, way: Way, nested: str) -> None:
        values = [{"one": INNER, "many": [INNER, {"day": None, "tags": None}]}, {"one": None, "many": None}, None]
        assert exactly(round_trip(way, nested, "outer_udt", values), values)

    def test_user_defined_types_inside_sets(self, way: Way, nested: str) -> None:
        values = [{FrozenMap({"day": date(2020, 1, 2), "tags": frozenset({"a"})})}]
        assert exactly(round_trip(way, nested, "udts", values), values)

    def test_a_null_number_beside_a_duration(self, way: Way, nested: str) -> None:
        values = [{"took": CqlDuration(1, 2, 3), "weight": None}, {"took": None, "weight": float("nan")}]
        assert exactly(round_trip(way, nested, "measured", values), values)

    def test_nan_and_infinity_beside_a_null(self, way: Way, nested: str) -> None:
        bare = [(None, each) for each in (float("nan"), float("inf"))]
        assert exactly(round_trip(way, nested, "bare", bare), bare)
        fields = [{"size": None, "weight": float("nan")}, {"size": None, "weight": float("-inf")}]
        assert exactly(round_trip(way, nested, "weighed", fields), fields)

    def test_the_longest_months_and_days_inside_a_tuple(self, way: Way, nested: str) -> None:
        least = -(2**31)
        values = [(CqlDuration(least, -1, -1_000), 1), (CqlDuration(0, least, 0), 2), (CqlDuration(least, least, 0), 3)]
        assert exactly(round_trip(way, nested, "lasting", values), values)

    def test_tuples_with_fewer_values_than_their_type_end_with_nulls(self, way: Way, nested: str) -> None:
        number = fresh_number()
        _write_short(way, f"INSERT INTO {nested} (id, brief, briefs) VALUES ({number}, (1), [(2), (3, 'c')])")
        expected = {"brief": (1, None), "briefs": [(2, None), (3, "c")]}
        assert way.execute(f"SELECT brief, briefs FROM {nested} WHERE id = ?", [number]) == [expected]
        assert way.execute(f"SELECT briefs AS other FROM {nested} WHERE id = {number}") == [
            {"other": [(2, None), (3, "c")]}
        ]
        (row,) = way.execute(f"SELECT * FROM {nested} WHERE id = ?", [number])
        assert {name: value for name, value in row.items() if value is not None} == {"id": number, **expected}
        reply = way.send(Request(statement_of(f"SELECT brief, brief FROM {nested} WHERE id = ?"), (number,)))
        assert (reply.columns, list(reply.rows)) == (("brief", "brief"), [((1, None), (1, None))])

    def test_a_condition_on_a_row_with_a_short_tuple_says_whether_it_was_applied(self, way: Way, nested: str) -> None:
        number = fresh_number()
        _write_short(way, f"INSERT INTO {nested} (id, brief) VALUES ({number}, (1))")
        insert = f"INSERT INTO {nested} (id) VALUES ({number}) IF NOT EXISTS"
        assert way.send(BatchRequest([(statement_of(insert), ())])).applied is False
        assert way.execute(insert)[0]["[applied]"] is False
        assert way.execute(f"BEGIN BATCH {insert}; APPLY BATCH")[0]["[applied]"] is False

    def test_fields_that_were_added_to_a_type_later_are_null(self, way: Way, driver: Any, keyspace: str) -> None:
        number = abs(fresh_number())
        table, growing = f"{keyspace}.grown_{number}", f"growing_{number}"
        made_once(
            driver,
            table,
            f"CREATE TYPE {keyspace}.{growing} (a int)",
            f"CREATE TABLE {{name}} (id int PRIMARY KEY, one frozen<{growing}>, many set<frozen<{growing}>>)",
        )
        way.execute(f"INSERT INTO {table} (id, one, many) VALUES (1, {{a: 1}}, {{{{a: 2}}}})")
        driver.execute(f"ALTER TYPE {keyspace}.{growing} ADD b text", [])
        (row,) = way.execute(f"SELECT one, many FROM {table} WHERE id = ?", [1])
        assert row == {"one": {"a": 1, "b": None}, "many": {FrozenMap({"a": 2, "b": None})}}

    def test_numbers_that_json_has_not_inside_sets_of_lists(self, way: Way, nested: str) -> None:
        values = [{(float("inf"), -0.0)}, {(0.5, 5e-324)}]
        assert exactly(round_trip(way, nested, "set_of_doubles", values), values)

    def test_long_numbers_inside_sets_of_lists(self, way: Way, nested: str) -> None:
        values = [{(10**5_000, -(10**5_000))}, {(1,)}]
        assert exactly(round_trip(way, nested, "set_of_varints", values), values)

    def test_fields_left_out_of_a_user_defined_type_are_null(self, way: Way, nested: str) -> None:
        assert round_trip(way, nested, "outer_udt", [{"many": []}]) == [{"one": None, "many": []}]

    def test_an_empty_value_of_the_server_deep_inside_others_is_none(self, way: Way, nested: str) -> None:
        number, empty = fresh_number(), "blobAsInt(0x)"
        inside: dict[str, tuple[str, object]] = {
            "list_of_lists": (f"[[1, {empty}], []]", [[1, None], []]),
            "list_of_tuples": (f"[({empty}, 'a'), (2, null)]", [(None, "a"), (2, None)]),
            "set_of_sets": (f"{{{{{empty}}}}}", {frozenset({None})}),
            "map_of_lists": (f"{{[1]: [{empty}]}}", {(1,): [None]}),
        }
        written = ", ".join(literal for literal, _ in inside.values())
        way.execute(f"INSERT INTO {nested} (id, {', '.join(inside)}) VALUES ({number}, {written})")
        (row,) = way.execute(f"SELECT {', '.join(inside)} FROM {nested} WHERE id = ?", [number])
        assert row == {column: expected for column, (_, expected) in inside.items()}

    @since("5.0", "TTL of the parts of a collection")
    def test_parts_of_a_collection_that_never_expire_have_no_time_to_live(self, way: Way, nested: str) -> None:
        number = fresh_number()
        way.execute(f"INSERT INTO {nested} (id, briefs) VALUES ({number}, [(1, 'a')])")
        way.execute(f"UPDATE {nested} USING TTL 1000000 SET briefs = briefs + [(2, 'b')] WHERE id = {number}")
        for stmt, values in ((f"= {number}", []), ("= ?", [number])):
            reply = way.send(Request(statement_of(f"SELECT TTL(briefs), brief FROM {nested} WHERE id {stmt}"), values))
            (((never, soon), other),) = reply.rows
            assert (never, other) == (None, None)
            assert 0 < soon <= 1_000_000

    def test_empty_collections_are_null_unless_frozen(self, way: Way, typed: str) -> None:
        empties: dict[str, Any] = {"in_list": [], "in_set": set(), "in_map": {}}
        for position, empty in empties.items():
            assert round_trip(way, typed, f"int_{position}", [empty]) == [None]
            if position != "in_map":
                assert exactly(round_trip(way, typed, f"int_{position.replace('in_', 'in_frozen_')}", [empty]), [empty])

    def test_empty_frozen_collections_under_other_names_and_in_views(
        self, way: Way, driver: Any, keyspace: str
    ) -> None:
        table, number = f"{keyspace}.viewed", fresh_number()
        view = f"{keyspace}.the_view"
        made_once(
            driver,
            table,
            "CREATE TABLE {name} (id int PRIMARY KEY, n int, l frozen<list<int>>, plain list<int>)",
            f"CREATE MATERIALIZED VIEW {view} AS SELECT * FROM {{name}} WHERE n IS NOT NULL AND id IS NOT NULL "
            "PRIMARY KEY (n, id)",
        )
        way.execute(f"INSERT INTO {table} (id, n, l, plain) VALUES (?, ?, ?, ?)", [number, number, [], []])
        (row,) = way.execute(f"SELECT l AS plain, plain AS l FROM {table} WHERE id = ?", [number])
        assert row == {"plain": [], "l": None}
        (row,) = way.execute(f"SELECT l AS other, plain AS another FROM {table} WHERE id = {number}")
        assert row == {"other": [], "another": None}
        (row,) = way.execute(f"SELECT l, plain FROM {view} WHERE n = ?", [number])
        assert row == {"l": [], "plain": None}
        way.execute(f"INSERT INTO {table} (id, n) VALUES (?, ?)", [-number, number])
        (row,) = way.execute(f"SELECT l AS other FROM {table} WHERE id = ?", [-number])
        assert row == {"other": None}


class VectorCases(TypeSuite):
    """The cases about vectors."""

    @pytest.fixture
    def vectors(self, driver: Any, keyspace: str) -> str:
        """A table with vectors of every type, and nested ones."""
        name = f"{keyspace}.vectors"
        columns = ", ".join(f"of_{cql_type} vector<{cql_type}, 2>" for cql_type in SAMPLES)
        nested = "of_lists vector<frozen<list<date>>, 2>, in_list list<frozen<vector<float, 2>>>"
        texts = ", ".join(f"in_list_{cql_type} list<frozen<vector<{cql_type}, 2>>>" for cql_type in EMPTY_TEXTS)
        made_once(driver, name, f"CREATE TABLE {{name}} (id int PRIMARY KEY, {columns}, {nested}, {texts})")
        return name

    @since("5.0", "vectors")
    @pytest.mark.parametrize("cql_type", sorted(SAMPLES))
    def test_values_inside_vectors(self, way: Way, vectors: str, cql_type: str) -> None:
        # The server refuses an empty element of a vector.
        values = [*([value, value] for value in SAMPLES[cql_type] if value not in ("", b"")), None]
        assert exactly(round_trip(way, vectors, f"of_{cql_type}", values), values)

    @since("5.0", "vectors")
    def test_collections_inside_vectors_and_vectors_inside_collections(self, way: Way, vectors: str) -> None:
        of_lists = [[[date(2020, 1, 2)], [date(2021, 1, 2)]]]
        assert exactly(round_trip(way, vectors, "of_lists", of_lists), of_lists)
        in_list = [[[0.5, 1.5]]]
        assert exactly(round_trip(way, vectors, "in_list", in_list), in_list)

    @pytest.fixture
    def composed(self, driver: Any, keyspace: str) -> str:
        """A table with a column of each type that has vectors of user-defined types and the like."""
        name = f"{keyspace}.composed"
        columns = ", ".join(f"{column} {cql_type}" for column, (cql_type, _) in OF_VECTORS.items())
        made_once(
            driver,
            name,
            f'CREATE TYPE {keyspace}.a (note text, "Größe" decimal)',
            f"CREATE TYPE {keyspace}.b (inner frozen<a>, day date)",
            f"CREATE TABLE {{name}} (id int PRIMARY KEY, {columns})",
        )
        return name

    @since("5.0", "vectors")
    @pytest.mark.parametrize("column", sorted(OF_VECTORS))
    def test_user_defined_types_and_tuples_inside_vectors(self, way: Way, composed: str, column: str) -> None:
        value = OF_VECTORS[column][1]
        assert exactly(round_trip(way, composed, column, [value, None]), [value, None])
        number = fresh_number()
        way.execute(f"INSERT INTO {composed} (id, {column}) VALUES (?, ?)", [number, value])
        as_text = way.execute(f"SELECT {column} FROM {composed} WHERE id = {number}")
        assert exactly([row[column] for row in as_text], [value])

    @since("5.0", "vectors")
    @pytest.mark.parametrize(
        ("cql_type", "part", "empty"), [("ascii", "a", ""), ("blob", b"a", b""), ("text", "a", "")]
    )
    def test_empty_texts_inside_vectors(self, way: Way, vectors: str, cql_type: str, part: Any, empty: Any) -> None:
        values = [[part, empty], [empty, part], [empty, empty]]
        assert exactly(round_trip(way, vectors, f"of_{cql_type}", values), values)
        assert exactly(round_trip(way, vectors, f"in_list_{cql_type}", [values]), [values])

    @since("5.0", "vectors")
    def test_any_sequence_of_numbers_is_taken_for_a_vector(self, way: Way, vectors: str) -> None:
        assert exactly(round_trip(way, vectors, "of_float", [(1, 2)]), [[1.0, 2.0]])
