"""SELECT and WHERE as `cql_builder` builds them: what can be selected, and what it can be compared with."""

from __future__ import annotations

from datetime import date, datetime, time, timezone
from decimal import Decimal
from ipaddress import ip_address
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from cql_builder import (
    bind,
    col,
    columns,
    duration,
    expr,
    fn,
    list_of,
    lit,
    map_of,
    select,
    set_of,
    tuple_of,
    type_hint,
    update,
)
from cql_builder.errors import LiteralError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cql_builder.ast import Alias, Selectable
    from cql_builder.builder.parts import Condition, Part
    from cql_builder.builder.statement import StatementBuilder

    Check = Callable[[StatementBuilder, str], None]

T = select().from_("t")
U = update("t").set(a=1).where(col("id") == 1)
a, b, c, m, u = col("a"), col("b"), col("c"), col("m"), col("u")


SELECTED: list[tuple[Part[Selectable | Alias], str, tuple[object, ...]]] = [
    (a + b, "a + b", ()),
    (a + b - c, "a + b - c", ()),
    (a - (b - c), "a - (b - c)", ()),
    (a - (b + c), "a - (b + c)", ()),
    ((a + b) * 2, "(a + b) * ?", (2,)),
    (2 * (a - 1), "? * (a - ?)", (2, 1)),
    (a * b + c, "a * b + c", ()),
    (a + b * c, "a + b * c", ()),
    (a / (b * c), "a / (b * c)", ()),
    (1 - a % 2, "? - a % ?", (1, 2)),
    (1 / a, "? / a", (1,)),
    (1 % a, "? % a", (1,)),
    (1 + a, "? + a", (1,)),
    (-a, "-a", ()),
    (-(a + b), "-(a + b)", ()),
    (-(-a), "-(-a)", ()),  # noqa: B002 - no decrement, a sign of a sign
    (-a * b, "-a * b", ()),
    (a - -b, "a - -b", ()),
    (a + -lit(5), "a + -5", ()),
    (-(-lit(5)), "5", ()),  # noqa: B002 - no decrement, a sign of a sign
    (-lit(1.5), "-1.5", ()),
    ((a + 1).as_("more"), "a + ? AS more", (1,)),
    (m["k"], "m[?]", ("k",)),
    (m["k"]["l"], "m[?][?]", ("k", "l")),
    (m[lit("k")], "m['k']", ()),
    (m["a":"c"], "m[?..?]", ("a", "c")),
    (m[1:], "m[?..]", (1,)),
    (m[:1], "m[..?]", (1,)),
    (m[1:].as_("rest"), "m[?..] AS rest", (1,)),
    (u.field("Street"), 'u."Street"', ()),
    (u.field("a").field("b"), "u.a.b", ()),
    (u.field("m")["k"], "u.m[?]", ("k",)),
    (m["k"] + u.field("n"), "m[?] + u.n", ("k",)),
    (fn.writetime(m["k"]), "writetime(m[?])", ("k",)),
    (fn.writetime(m["a":"b"]), "writetime(m[?..?])", ("a", "b")),
    (fn.ttl(u.field("f")), "ttl(u.f)", ()),
    (fn.maxwritetime("m"), "maxwritetime(m)", ()),
    (fn.cast("a", "text"), "CAST(a AS text)", ()),
    (fn.cast(a + 1, "double"), "CAST(a + ? AS double)", (1,)),
    (type_hint("int", 5), "(int)?", (5,)),
    (tuple_of(a, 1, fn.now()), "(a, ?, now())", (1,)),
    (list_of(a, 1), "[a, ?]", (1,)),
    (set_of(a, 1), "{a, ?}", (1,)),
    (set_of(), "{}", ()),
    (map_of((lit("k"), a), (1, 2)), "{'k': a, ?: ?}", (1, 2)),
    (fn.count(m["k"]), "count(m[?])", ("k",)),
    (fn.max(fn.abs("a")), "max(abs(a))", ()),
    (fn.abs(bind(-1)), "abs(?)", (-1,)),
    (fn.exp("a"), "exp(a)", ()),
    (fn.log("a"), "log(a)", ()),
    (fn.log10("a"), "log10(a)", ()),
    (fn.round("a"), "round(a)", ()),
    (fn.to_date("a"), "to_date(a)", ()),
    (fn.to_timestamp(fn.now()), "to_timestamp(now())", ()),
    (fn.to_unix_timestamp("a"), "to_unix_timestamp(a)", ()),
    (fn.current_date(), "current_date()", ()),
    (fn.current_time(), "current_time()", ()),
    (fn.current_timestamp(), "current_timestamp()", ()),
    (fn.current_timeuuid(), "current_timeuuid()", ()),
    (fn.min_timeuuid(1), "min_timeuuid(?)", (1,)),
    (fn.max_timeuuid(fn.current_timestamp()), "max_timeuuid(current_timestamp())", ()),
    (fn.to_json("a"), "to_json(a)", ()),
    (fn.as_blob("int", "a"), "int_as_blob(a)", ()),
    (fn.from_blob("timeuuid", "a"), "blob_as_timeuuid(a)", ()),
    (fn.map_keys("m"), "map_keys(m)", ()),
    (fn.map_values("m"), "map_values(m)", ()),
    (fn.collection_count("m"), "collection_count(m)", ()),
    (fn.collection_min("m"), "collection_min(m)", ()),
    (fn.collection_max("m"), "collection_max(m)", ()),
    (fn.collection_sum("m"), "collection_sum(m)", ()),
    (fn.collection_avg("m"), "collection_avg(m)", ()),
    (fn.floor("a", duration("1h"), lit(0)), "floor(a, 1h, 0)", ()),
    (fn.similarity_cosine("v", [1.0]), "similarity_cosine(v, ?)", ([1.0],)),
    (fn.similarity_euclidean("v", [1.0]), "similarity_euclidean(v, ?)", ([1.0],)),
    (fn.similarity_dot_product("v", [1.0]), "similarity_dot_product(v, ?)", ([1.0],)),
    (fn.mask_null("a"), "mask_null(a)", ()),
    (fn.mask_default("a"), "mask_default(a)", ()),
    (fn.mask_replace("a", "x"), "mask_replace(a, ?)", ("x",)),
    (fn.mask_inner("a", 1, lit(None)), "mask_inner(a, ?, null)", (1,)),
    (fn.mask_outer("a", 1, 2, "*"), "mask_outer(a, ?, ?, ?)", (1, 2, "*")),
    (fn.mask_hash("a"), "mask_hash(a)", ()),
    (fn.mask_hash("a", "SHA-512"), "mask_hash(a, ?)", ("SHA-512",)),
    (fn.call("ks.F", a, "x", fn.now()), 'ks."F"(a, ?, now())', ("x",)),
    (fn.token(bind(1), bind("x")), "token(?, ?)", (1, "x")),
]


@pytest.mark.parametrize(("selected", "cql", "params"), SELECTED, ids=[cql for _, cql, _ in SELECTED])
def test_select_takes_what_is_computed(
    check: Check,
    selected: Part[Selectable | Alias],
    cql: str,
    params: tuple[object, ...],
) -> None:
    statement = select(selected).from_("t")
    check(statement, f"SELECT {cql} FROM t")
    assert statement.compile().params == params


RELATIONS: list[tuple[Condition, str, tuple[object, ...]]] = [
    (a.between(1, 2), "a BETWEEN ? AND ?", (1, 2)),
    (fn.token("a").between(1, bind(5)), "token(a) BETWEEN ? AND ?", (1, 5)),
    (columns("a", b).between((1, 2), (3, 4)), "(a, b) BETWEEN (?, ?) AND (?, ?)", (1, 2, 3, 4)),
    (columns("a", "b") > (1, fn.now()), "(a, b) > (?, now())", (1,)),
    (columns("a", "b") <= bind((1, 2)), "(a, b) <= ?", ((1, 2),)),
    (columns("a", "b").in_([(1, 2), (3, 4)]), "(a, b) IN ?", ([(1, 2), (3, 4)],)),
    (columns("a", "b").in_([(1, fn.now()), (3, 4)]), "(a, b) IN ((?, now()), (?, ?))", (1, 3, 4)),
    (columns("a", "b").not_in([(1, 2)]), "(a, b) NOT IN ?", ([(1, 2)],)),
    (a.in_([1, fn.now(), lit("x")]), "a IN (?, now(), 'x')", (1,)),
    (a.not_in((1, 2)), "a NOT IN ?", ((1, 2),)),
    (a.not_contains(1), "a NOT CONTAINS ?", (1,)),
    (a.not_contains_key(1), "a NOT CONTAINS KEY ?", (1,)),
    (expr("i", "q"), "expr(i, ?)", ("q",)),
    (fn.token("a") >= fn.token(bind(1)), "token(a) >= token(?)", (1,)),
    (a == lit("it's"), "a = 'it''s'", ()),
    (a == bind(1, name="N"), 'a = :"N"', (1,)),
    (a == fn.cast(bind(1), "text"), "a = CAST(? AS text)", (1,)),
    (a == type_hint("int", 1), "a = (int)?", (1,)),
    (a == bind(1) + 2, "a = ? + ?", (1, 2)),
    (a == tuple_of(1, fn.now()), "a = (?, now())", (1,)),
    (a == -lit(5), "a = -5", ()),
]


@pytest.mark.parametrize(("condition", "cql", "params"), RELATIONS, ids=[cql for _, cql, _ in RELATIONS])
def test_where_takes_relations(condition: Condition, cql: str, params: tuple[object, ...]) -> None:
    compiled = T.where(condition).compile("cassandra-6.0")
    assert compiled.cql == f"SELECT * FROM t WHERE {cql}"
    assert compiled.params == params


@pytest.mark.parametrize(
    ("value", "cql"),
    [
        (None, "null"),
        (True, "true"),
        (-5, "-5"),
        (1e-10, "1e-10"),
        (float("nan"), "NaN"),
        (Decimal("1.10"), "1.10"),
        (Decimal("1E+5"), "1E+5"),
        (Decimal(7), "7"),
        (Decimal("-Infinity"), "-Infinity"),
        ("it's\n", "'it''s\n'"),
        (b"\xca\xfe", "0xcafe"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (date(2024, 1, 2), "'2024-01-02'"),
        (time(1, 2, 3), "'01:02:03'"),
        (datetime(2024, 1, 2, 3, 4, 5, 6000, timezone.utc), "'2024-01-02T03:04:05.006+00:00'"),
        (ip_address("::1"), "'::1'"),
        ([1, "x"], "[1, 'x']"),
        ((1, None), "(1, null)"),
        ({"b": {1}, "a": {}}, "{'b': {1}, 'a': {}}"),
        (frozenset({3, 1, 2}), "{1, 2, 3}"),
        (set[int](), "{}"),
    ],
)
def test_a_literal_has_the_text_of_its_value(check: Check, value: object, cql: str) -> None:
    check(T.where(a == lit(value)), f"SELECT * FROM t WHERE a = {cql}")


@pytest.mark.parametrize(
    "text", ["1h", "-1h30m", "2mo3d", "1y2mo3w4d5h6m7s8ms9us10ns", "5µs", "P1Y2M3DT4H5M6S", "PT1H", "P2W", "1H"]
)
def test_a_duration_is_taken_as_it_is_written(text: str) -> None:
    assert T.where(a == duration(text)).compile().cql == f"SELECT * FROM t WHERE a = {text}"


@pytest.mark.parametrize("text", ["", "1", "h", "1x", "1h ", "PT", "P", "P1DT", "1h; DROP TABLE t", "\u0661h", "1h\n"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(LiteralError, match="a duration is numbers with units"):
        duration(text)
