"""Statements in their other form: what scylladb-rs-driver cannot write or read travels otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from coodie_drivers import BatchRequest, statement_of

pytest.importorskip("scylla", reason="needs scylladb-rs-driver")
rewriting: Any = pytest.importorskip("coodie_drivers.adapters._rust_rewriting", reason="needs scylladb-rs-driver")
timestamps: Any = pytest.importorskip("coodie_drivers.adapters._rust_timestamps", reason="needs scylladb-rs-driver")

pytestmark = pytest.mark.adapter


@pytest.mark.parametrize(
    ("cql", "columns", "expected"),
    [
        (
            "SELECT * FROM shop.orders WHERE id = ? LIMIT ?",
            ("id", "Took"),
            'SELECT id, (blob)"Took" AS "Took" FROM shop.orders WHERE id = ? LIMIT ?',
        ),
        (
            "SELECT id, max(took) FROM shop.orders ALLOW FILTERING",
            ("id", "system.max(took)"),
            'SELECT id, (blob)max(took) AS "system.max(took)" FROM shop.orders ALLOW FILTERING',
        ),
        (
            "SELECT DISTINCT id, took AS t FROM shop.orders",
            ("id", "t"),
            "SELECT DISTINCT id, (blob)took AS t FROM shop.orders",
        ),
        (
            "SELECT id, took[1] FROM shop.orders",
            ("id", "took[1]"),
            'SELECT id, (blob)(took[1]) AS "took[1]" FROM shop.orders',
        ),
    ],
)
def test_a_column_is_asked_for_as_bytes(cql: str, columns: tuple[str, ...], expected: str) -> None:
    assert rewriting.with_columns_as_bytes(cql, columns, frozenset({1})) == expected


@pytest.mark.parametrize(
    ("literal", "cql_type", "expected"),
    [
        ("(id, took)", "tuple<int, duration>", "(blob)((tuple<blob, blob>)((blob)id, (blob)took))"),
        ("[{tags}]", "list<frozen<set<text>>>", "(blob)((list<blob>)[(blob)((set<blob>){(blob)tags})])"),
        ("[(id), a.b, now()]", "list<int>", "(blob)((list<blob>)[(blob)id, (blob)(a.b), (blob)now()])"),
        ("(null, ? + 1)", "tuple<int, int>", "(blob)((tuple<blob, blob>)((blob)((int)(null)), (blob)((int)(? + 1))))"),
        ("[2, (int)?]", "list<int>", "(blob)((list<blob>)[(blob)((int)(2)), (blob)((int)?)])"),
        ("{a: took}", "map<int, duration>", "(blob)((map<int, duration>)({a: took}))"),
        ("(list<duration>)[took]", None, "(blob)((list<duration>)[took])"),
    ],
)
def test_a_literal_is_asked_for_as_bytes_of_its_type(literal: str, cql_type: str | None, expected: str) -> None:
    cql = f"SELECT id, {literal} AS made FROM k.t"
    literals = () if cql_type is None else ((1, cql_type),)
    assert rewriting.literals_in(cql) == {index for index, _ in literals}
    asked = rewriting.with_columns_as_bytes(cql, ("id", "made"), frozenset({1}), literals)
    assert asked == f"SELECT id, {expected} AS made FROM k.t"


@pytest.mark.parametrize("cql", ["LIST ROLES", "SELECT * FROM k.t", "SELECT a, max(b), c[1] FROM k.t", "no CQL at all"])
def test_there_are_statements_without_literals(cql: str) -> None:
    assert rewriting.literals_in(cql) == frozenset()


@pytest.mark.parametrize("cql", ["SELECT JSON * FROM k.t", "LIST ROLES", "SELECT a FROM k.t", "no CQL at all"])
def test_what_cannot_be_asked_for_otherwise_stays(cql: str) -> None:
    assert rewriting.with_columns_as_bytes(cql, ("a", "b"), frozenset({1})) is None


DATED = ("INSERT INTO k.t (id, a) VALUES (?, 'who?') USING TIMESTAMP 5", [1])


@pytest.mark.parametrize(
    ("cql", "values", "expected"),
    [
        (
            "UPDATE k.t USING TTL ? SET a = ? WHERE id = ?",
            [1, 2, 3],
            ("UPDATE k.t USING TTL ? AND TIMESTAMP ? SET a = ? WHERE id = ?", [1, 77, 2, 3]),
        ),
        (
            "DELETE l[?] FROM k.t WHERE id = ?",
            [1, 2],
            ("DELETE l[?] FROM k.t USING TIMESTAMP ? WHERE id = ?", [1, 77, 2]),
        ),
        (
            "INSERT INTO k.t (id, a) VALUES (?, 'who?')",
            [1],
            ("INSERT INTO k.t (id, a) VALUES (?, 'who?') USING TIMESTAMP ?", [1, 77]),
        ),
        ("INSERT INTO k.t JSON ?", ["{}"], ("INSERT INTO k.t JSON ? USING TIMESTAMP ?", ["{}", 77])),
    ],
)
def test_the_timestamp_of_a_batch_is_that_of_the_parts_without_one(
    cql: str, values: list[Any], expected: tuple[str, list[Any]]
) -> None:
    parts = [(statement_of(text), params) for text, params in ((cql, values), DATED)]
    changed = timestamps.with_timestamps(BatchRequest(parts, "unlogged", "ONE", 3.0, timestamp=77))
    assert [(statement.cql, list(params)) for statement, params in changed.parts] == [expected, DATED]
    assert (changed.kind, changed.consistency, changed.timeout, changed.timestamp) == ("unlogged", "ONE", 3.0, None)


@pytest.mark.parametrize("cql", ["INSERT INTO k.t (id) VALUES (?)", "INSERT INTO k.t (timestamp) VALUES (?)", "no CQL"])
def test_a_batch_without_another_timestamp_stays(cql: str) -> None:
    assert timestamps.with_timestamps(BatchRequest([(statement_of(cql), (1,))], timestamp=77)) is None
