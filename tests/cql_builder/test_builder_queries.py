from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cql_builder import (
    batch,
    bind,
    clustering_bound,
    col,
    columns,
    delete_from,
    duration,
    fn,
    insert_into,
    lit,
    prune_materialized_view,
    row,
    select,
    transaction,
    truncate,
    update,
    user_type_of,
)
from cql_builder.errors import UnsupportedFeatureError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cql_builder.builder.statement import StatementBuilder
    from cql_builder.dialects import DialectName

    Check = Callable[[StatementBuilder, str], None]

T = select().from_("t")
U = update("t").set(a=1).where(col("id") == 1)
a, b, c, m, u = col("a"), col("b"), col("c"), col("m"), col("u")


@pytest.mark.parametrize(
    ("statement", "dialect", "cql", "params"),
    [
        (
            select("a", fn.max("b")).from_("t").where(a == 1).group_by("a").group_by(fn.floor("c", duration("1h"))),
            "cassandra-4.1",
            "SELECT a, max(b) FROM t WHERE a = ? GROUP BY a, floor(c, 1h)",
            (1,),
        ),
        (
            select(m["s"]).from_("t").where(a == 1).group_by(m["g"]).limit(5),
            "cassandra-5.0",
            "SELECT m[?] FROM t WHERE a = ? GROUP BY m[?] LIMIT ?",
            ("s", 1, "g", 5),
        ),
        (
            select(m["s"]).from_("t").where(a == 1).order_by_nearest("v", [1.0]).limit(5),
            "cassandra-5.0",
            "SELECT m[?] FROM t WHERE a = ? ORDER BY v ANN OF ? LIMIT ?",
            ("s", 1, [1.0], 5),
        ),
        (
            T.order_by_nearest(col("v"), lit([1, 2])).limit(lit(3)),
            "scylla",
            "SELECT * FROM t ORDER BY v ANN OF [1, 2] LIMIT 3",
            (),
        ),
        (
            T.where(columns("a", "b") >= clustering_bound(1, fn.now()), c == 2),
            "scylla",
            "SELECT * FROM t WHERE (a, b) >= SCYLLA_CLUSTERING_BOUND (?, now()) AND c = ?",
            (1, 2),
        ),
        (T.limit(bind(5, name="n")), "cassandra-5.0", "SELECT * FROM t LIMIT :n", (5,)),
        (
            T.where(fn.call("bm25", b, "x") > 0).order_by(fn.call("bm25", b, "y")).limit(5),
            "scylla",
            "SELECT * FROM t WHERE bm25(b, ?) > ? ORDER BY bm25(b, ?) LIMIT ?",
            ("x", 0, "y", 5),
        ),
        (
            T.using(timeout="50ms", service_level="sl").bypass_cache().allow_filtering(),
            "scylla",
            "SELECT * FROM t ALLOW FILTERING BYPASS CACHE USING SERVICE LEVEL sl AND TIMEOUT 50ms",
            (),
        ),
        (
            T.where(a == 1).limit(2).using(timeout=timedelta(seconds=1)),
            "scylla",
            "SELECT * FROM t WHERE a = ? LIMIT ? USING TIMEOUT 1000ms",
            (1, 2),
        ),
        (
            select().from_mutation_fragments("k.t").where(a == 1),
            "scylla",
            "SELECT * FROM MUTATION_FRAGMENTS(k.t) WHERE a = ?",
            (1,),
        ),
        (select(fn.now()).without_from(), "scylla", "SELECT now()", ()),
        (
            T.with_indexes("i", "k.j").without_indexes("l"),
            "cassandra-6.0",
            "SELECT * FROM t WITH included_indexes = {i, k.j} AND excluded_indexes = {l}",
            (),
        ),
        (
            insert_into("t").values(a=user_type_of(x=1, y=fn.now()), b=bind(2)).using(ttl=lit(60), timeout="1s"),
            "scylla",
            "INSERT INTO t (a, b) VALUES ({x: ?, y: now()}, ?) USING TTL 60 AND TIMEOUT 1s",
            (1, 2),
        ),
        (
            insert_into("t").values(a=fn.from_json("1"), b=user_type_of({"Zip": 1})),
            "cassandra-5.0",
            'INSERT INTO t (a, b) VALUES (from_json(?), {"Zip": ?})',
            ("1", 1),
        ),
        (insert_into("t").json("{}", default_null=True), "cassandra-5.0", "INSERT INTO t JSON ? DEFAULT NULL", ("{}",)),
        (
            update("t")
            .set(a=a + 1, b=bind(["x"]) + b, c=c - {1})
            .set(m["k"].set(2), u.field("f").set(3))
            .where(col("i") == 4),
            "cassandra-5.0",
            "UPDATE t SET a = a + ?, b = ? + b, c = c - ?, m[?] = ?, u.f = ? WHERE i = ?",
            (1, ["x"], {1}, "k", 2, 3, 4),
        ),
        (
            update("t").set(a=bind(1) + 2).where(b == 3),
            "cassandra-5.0",
            "UPDATE t SET a = ? + ? WHERE b = ?",
            (1, 2, 3),
        ),
        (
            U.if_(u.field("f") == 2, u.field("g").in_([3]), m["k"] > 4),
            "cassandra-5.0",
            "UPDATE t SET a = ? WHERE id = ? IF u.f = ? AND u.g IN ? AND m[?] > ?",
            (1, 1, 2, [3], "k", 4),
        ),
        (
            U.if_(a.not_in([2])).using(timeout="1s"),
            "scylla",
            "UPDATE t USING TIMEOUT 1s SET a = ? WHERE id = ? IF a NOT IN ?",
            (1, 1, [2]),
        ),
        (
            delete_from("t").columns(u.field("f"), m["k"], "a").using(timestamp=1, timeout="1s").where(b == 2),
            "scylla",
            "DELETE u.f, m[?], a FROM t USING TIMESTAMP ? AND TIMEOUT 1s WHERE b = ?",
            ("k", 1, 2),
        ),
        (
            delete_from("t").where(a == 2).bypass_guardrails(),
            "scylla",
            "DELETE FROM t WHERE a = ? BYPASS LARGE_DATA_GUARDRAILS",
            (2,),
        ),
        (truncate("t").using(timeout="5m"), "scylla", "TRUNCATE t USING TIMEOUT 5m", ()),
        (
            prune_materialized_view("v").where(fn.token("a") > 7).using(concurrency=100, timeout="5s"),
            "scylla",
            "PRUNE MATERIALIZED VIEW v WHERE token(a) > ? USING CONCURRENCY ? AND TIMEOUT 5s",
            (7, 100),
        ),
        (
            batch(insert_into("t").values(a=1), U).add(delete_from("t").where(a == 2)).unlogged().using(timestamp=5),
            "cassandra-5.0",
            (
                "BEGIN UNLOGGED BATCH USING TIMESTAMP ? INSERT INTO t (a) VALUES (?); UPDATE t SET a = ? WHERE id = ?; "
                "DELETE FROM t WHERE a = ?; APPLY BATCH"
            ),
            (5, 1, 1, 1, 2),
        ),
        (
            batch(update("t").set(n=col("n") + 1).where(a == 2)).counter(),
            "cassandra-5.0",
            "BEGIN COUNTER BATCH UPDATE t SET n = n + ? WHERE a = ?; APPLY BATCH",
            (1, 2),
        ),
        (
            batch(insert_into("t").json("{}")).using(timeout="1s"),
            "scylla",
            "BEGIN BATCH USING TIMEOUT 1s INSERT INTO t JSON ?; APPLY BATCH",
            ("{}",),
        ),
    ],
)
def test_a_statement_has_its_text_and_values(
    refusal_in: Callable[[str, str], str | None],
    statement: StatementBuilder,
    dialect: DialectName,
    cql: str,
    params: tuple[object, ...],
) -> None:
    compiled = statement.compile(dialect)
    assert (compiled.cql, compiled.params) == (cql, params)
    assert len(compiled.names) == len(params)
    assert refusal_in(dialect, cql) is None


@pytest.fixture(scope="session")
def refusal_in(asked_parser: Callable[[str], str | None] | None) -> Callable[[str, str], str | None]:
    """What Cassandra's parser says against a text of its dialect; it knows no other."""

    def refusal(dialect: str, cql: str) -> str | None:
        return asked_parser(cql) if asked_parser is not None and dialect == "cassandra-5.0" else None

    return refusal


def test_a_transaction_has_its_text_and_values() -> None:
    left = row("stock").column("left")
    sale = (
        transaction()
        .let("stock", select("left", "m").from_("s").where(col("id") == 1).limit(2))
        .let("buyer", select().from_("b").where(col("id") == 3))
        .answer(left, row("stock").column("m")["k"], row("buyer").column("u").field("f"))
        .if_(row("buyer").is_not_null(), left > 4, row("stock").column("m")["x"] == 5)
        .then(update("s").set(left=col("left") - 6).where(col("id") == 7))
        .then(insert_into("o").values(id=8, left=left))
    )
    assert sale.compile("cassandra-6.0").cql == (
        "BEGIN TRANSACTION LET stock = (SELECT left, m FROM s WHERE id = ? LIMIT ?); "
        "LET buyer = (SELECT * FROM b WHERE id = ?); SELECT stock.left, stock.m[?], buyer.u.f; "
        "IF buyer IS NOT NULL AND stock.left > ? AND stock.m[?] = ? THEN UPDATE s SET left = left - ? WHERE id = ?; "
        "INSERT INTO o (id, left) VALUES (?, stock.left); END IF COMMIT TRANSACTION"
    )
    assert sale.params == (1, 2, 3, "k", 4, "x", 5, 6, 7, 8)
    with pytest.raises(UnsupportedFeatureError, match=r"cassandra-5\.0 has no BEGIN TRANSACTION"):
        sale.compile()


def test_a_transaction_can_only_answer() -> None:
    asked = transaction().answer(select("a").from_("t").where(a == 1))
    assert asked.compile("cassandra-6.0").cql == "BEGIN TRANSACTION SELECT a FROM t WHERE a = ?; COMMIT TRANSACTION"
    assert asked.params == (1,)
    reads = transaction().let("r", select("a").from_("t").where(a == 1))
    assert reads.answer(row("r")).if_(row("r").is_null()).then(U).params == (1, 1, 1)


@pytest.mark.parametrize("dialect", ["cassandra-4.0", "cassandra-4.1", "scylla"])
def test_native_functions_have_the_names_of_the_dialect(dialect: DialectName) -> None:
    statement = select(
        fn.to_timestamp("a"),
        fn.as_blob("int", "a"),
        fn.from_blob("int", "b"),
        fn.current_date(),
        fn.call("k.to_date", a),
    ).from_("t")
    assert statement.compile(dialect).cql == (
        "SELECT totimestamp(a), intasblob(a), blobasint(b), currentdate(), k.to_date(a) FROM t"
    )
