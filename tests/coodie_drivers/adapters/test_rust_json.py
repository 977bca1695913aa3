"""Statements in their other form: what scylladb-rs-driver cannot write or read travels as JSON."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from coodie_drivers import CqlDate, CqlDuration

pytest.importorskip("scylla", reason="needs scylladb-rs-driver")
rewriting: Any = pytest.importorskip("coodie_drivers.adapters._rust_rewriting", reason="needs scylladb-rs-driver")
values: Any = pytest.importorskip("coodie_drivers.adapters._rust_json", reason="needs scylladb-rs-driver")

pytestmark = pytest.mark.adapter


@pytest.mark.parametrize(
    ("cql", "columns", "expected"),
    [
        (
            "SELECT * FROM shop.orders WHERE id = ? LIMIT ?",
            ("id", "Took"),
            'SELECT id, tojson("Took") AS "Took" FROM shop.orders WHERE id = ? LIMIT ?',
        ),
        (
            "SELECT id, max(took) FROM shop.orders ALLOW FILTERING",
            ("id", "system.max(took)"),
            'SELECT id, tojson(max(took)) AS "system.max(took)" FROM shop.orders ALLOW FILTERING',
        ),
        (
            "SELECT DISTINCT id, took AS t FROM shop.orders",
            ("id", "t"),
            "SELECT DISTINCT id, tojson(took) AS t FROM shop.orders",
        ),
    ],
)
def test_a_column_is_asked_for_as_json(cql: str, columns: tuple[str, ...], expected: str) -> None:
    assert rewriting.with_json_columns(cql, columns, frozenset({1})) == expected


def test_a_column_may_be_asked_for_in_both_forms() -> None:
    found = rewriting.with_json_columns("SELECT a, b FROM k.t", ("a", "b"), frozenset(), (1,))
    assert found == 'SELECT a, b, tojson(b) AS "json of 1" FROM k.t'


@pytest.mark.parametrize("cql", ["SELECT JSON * FROM k.t", "LIST ROLES", "SELECT a FROM k.t", "no CQL at all"])
def test_what_cannot_be_asked_for_otherwise_stays(cql: str) -> None:
    assert rewriting.with_json_columns(cql, ("a", "b"), frozenset({1})) is None


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ("1mo2d3ns", CqlDuration(1, 2, 3)),
        ("-1y1h1m1s1ms1us1ns", CqlDuration(-12, 0, -3_661_001_001_001)),
    ],
)
def test_durations_are_read_to_the_nanosecond(found: str, expected: object) -> None:
    assert values.SCALARS["duration"](found) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ("2020-02-29", date(2020, 2, 29)),
        ("0001-01-01", date.min),
        ("0000-12-31", CqlDate(date.min.toordinal() - date(1970, 1, 1).toordinal() - 1)),
        ("-5877641-06-23", CqlDate(-(2**31))),
        ("5881580-07-11", CqlDate(2**31 - 1)),
    ],
)
def test_dates_are_read_beyond_pythons_years(found: str, expected: object) -> None:
    assert values.SCALARS["date"](found) == expected


def test_json_tells_null_from_empty_and_leaves_all_else_alone() -> None:
    nan = float("nan")
    library: dict[str, Any] = {"price": nan, "tags": [], "seen": set(), "inner": (1, {})}
    beside = values.parsed('{"price": null, "tags": null, "seen": [], "inner": [1, null]}')
    assert values.with_nulls(library, beside) == {"price": nan, "tags": None, "seen": set(), "inner": (1, None)}
