"""Statements that read and write rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder import ast
from cql_builder.ast import IndexName, TableName
from cql_goldens.terms import MARK, ONE, A, B, M, T, X, call

if TYPE_CHECKING:
    from cql_builder.ast import Statement

IS_1 = (ast.Comparison(A, "=", MARK),)
SECOND = ast.DurationLiteral("1s")
READ = ast.RowReference("r", ast.Field(A, "f"))
LET = ast.Let("r", (A, B), T, IS_1, ONE)

QUERIES: list[tuple[str, Statement, str]] = [
    ("cassandra-5.0", ast.Select((A, B), TableName("T", "Ks")), 'SELECT a, "B" FROM "Ks"."T"'),
    ("cassandra-5.0", ast.Select((A,), T, distinct=True, json=True), "SELECT JSON DISTINCT a FROM t"),
    ("cassandra-4.0", ast.Select((A,), T, group_by=(A, B)), 'SELECT a FROM t GROUP BY a, "B"'),
    ("cassandra-4.1", ast.Select((A,), T, group_by=(call("f", ONE),)), "SELECT a FROM t GROUP BY f(1)"),
    (
        "cassandra-5.0",
        ast.Select((), T, order_by=(ast.Ordering(A), ast.Ordering(B, descending=True))),
        'SELECT * FROM t ORDER BY a ASC, "B" DESC',
    ),
    (
        "cassandra-5.0",
        ast.Select((), T, order_by=(ast.NearestOrdering(A, ast.ListLiteral((ONE,))),), limit=ONE),
        "SELECT * FROM t ORDER BY a ANN OF [1] LIMIT 1",
    ),
    (
        "scylla",
        ast.Select((), T, order_by=(ast.NearestOrdering(A, MARK, descending=True), ast.Ordering(call("ann", X)))),
        "SELECT * FROM t ORDER BY a ANN OF ? DESC, ann('x')",
    ),
    (
        "cassandra-5.0",
        ast.Select((), T, per_partition_limit=MARK, limit=ast.Bind("n"), allow_filtering=True),
        "SELECT * FROM t PER PARTITION LIMIT ? LIMIT :n ALLOW FILTERING",
    ),
    ("scylla", ast.Select((call("now"),), None), "SELECT now()"),
    ("scylla", ast.Select((), T, mutation_fragments=True), "SELECT * FROM MUTATION_FRAGMENTS(t)"),
    (
        "scylla",
        ast.Select((), T, bypass_cache=True, using=(ast.UsingServiceLevel("Sl"), ast.UsingTimeout(SECOND))),
        'SELECT * FROM t BYPASS CACHE USING SERVICE LEVEL "Sl" AND TIMEOUT 1s',
    ),
    (
        "cassandra-6.0",
        ast.Select((), T, index_hints=(ast.IndexHints(True, (IndexName("i", "k"),)), ast.IndexHints(False, ()))),
        "SELECT * FROM t WITH included_indexes = {k.i} AND excluded_indexes = {}",
    ),
    (
        "cassandra-5.0",
        ast.Insert(T, (A, B), (ONE, MARK), True, (ast.UsingTimestamp(MARK), ast.UsingTtl(ONE))),
        'INSERT INTO t (a, "B") VALUES (1, ?) IF NOT EXISTS USING TIMESTAMP ? AND TTL 1',
    ),
    ("cassandra-5.0", ast.InsertJson(T, MARK, "unset"), "INSERT INTO t JSON ? DEFAULT UNSET"),
    (
        "scylla",
        ast.InsertJson(T, X, "null", if_not_exists=True, using=(ast.UsingTimeout(MARK),)),
        "INSERT INTO t JSON 'x' DEFAULT NULL IF NOT EXISTS USING TIMEOUT ?",
    ),
    (
        "cassandra-5.0",
        ast.Update(T, (ast.Add(A, ONE), ast.Prepend(M, MARK), ast.Subtract(B, ONE)), IS_1, (ast.UsingTtl(ONE),)),
        'UPDATE t USING TTL 1 SET a = a + 1, m = ? + m, "B" = "B" - 1 WHERE a = ?',
    ),
    (
        "cassandra-5.0",
        ast.Update(
            T,
            (ast.Assign(A, ONE), ast.Assign(ast.Element(M, X), ONE), ast.Assign(ast.Field(B, "f"), ONE)),
            IS_1,
            if_exists=True,
        ),
        "UPDATE t SET a = 1, m['x'] = 1, \"B\".f = 1 WHERE a = ? IF EXISTS",
    ),
    (
        "scylla",
        ast.Update(
            T,
            (
                ast.Assign(ast.Element(M, call("scylla_timeuuid_list_index", MARK)), ONE),
                ast.Assign(A, call("scylla_counter_shard_list", MARK)),
            ),
            IS_1,
            conditions=IS_1,
        ),
        "UPDATE t SET m[scylla_timeuuid_list_index(?)] = 1, a = scylla_counter_shard_list(?) WHERE a = ? IF a = ?",
    ),
    (
        "cassandra-5.0",
        ast.Delete(T, IS_1, (A, ast.Element(M, MARK), ast.Field(B, "f")), (ast.UsingTimestamp(MARK),), IS_1),
        'DELETE a, m[?], "B".f FROM t USING TIMESTAMP ? WHERE a = ? IF a = ?',
    ),
    (
        "scylla",
        ast.Delete(
            T, IS_1, using=(ast.UsingTimestamp(ONE), ast.UsingTimeout(SECOND)), if_exists=True, bypass_guardrails=True
        ),
        "DELETE FROM t USING TIMESTAMP 1 AND TIMEOUT 1s WHERE a = ? IF EXISTS BYPASS LARGE_DATA_GUARDRAILS",
    ),
    (
        "cassandra-5.0",
        ast.Batch((ast.Insert(T, (A,), (ONE,)), ast.Delete(T, IS_1)), "unlogged", (ast.UsingTimestamp(MARK),)),
        "BEGIN UNLOGGED BATCH USING TIMESTAMP ? INSERT INTO t (a) VALUES (1); DELETE FROM t WHERE a = ?; APPLY BATCH",
    ),
    ("cassandra-5.0", ast.Batch((), "counter"), "BEGIN COUNTER BATCH APPLY BATCH"),
    ("cassandra-5.0", ast.Batch(()), "BEGIN BATCH APPLY BATCH"),
    ("cassandra-5.0", ast.Truncate(TableName("t", "select")), 'TRUNCATE "select".t'),
    ("scylla", ast.Truncate(T, (ast.UsingTimeout(SECOND),)), "TRUNCATE t USING TIMEOUT 1s"),
    ("cassandra-5.0", ast.Use("Ks"), 'USE "Ks"'),
    (
        "scylla",
        ast.PruneMaterializedView(T, IS_1, (ast.UsingConcurrency(ONE), ast.UsingTimeout(SECOND))),
        "PRUNE MATERIALIZED VIEW t WHERE a = ? USING CONCURRENCY 1 AND TIMEOUT 1s",
    ),
    ("cassandra-6.0", LET, 'LET r = (SELECT a, "B" FROM t WHERE a = ? LIMIT 1)'),
    (
        "cassandra-6.0",
        ast.Transaction(
            (LET, ast.Let("s", (), T, IS_1)),
            (READ, ast.RowReference("s")),
            (
                ast.ReferenceComparison(READ, "=", ONE),
                ast.ReferenceComparison(ONE, "<", ast.RowReference("r", ast.Element(M, X))),
                ast.ReferenceIsNull(ast.RowReference("s"), negated=True),
                ast.ReferenceIsNull(READ),
            ),
            (
                ast.Update(T, (ast.Add(A, READ), ast.Subtract(B, READ), ast.Assign(ast.Element(M, X), READ)), IS_1),
                ast.Insert(T, (A,), (READ,)),
            ),
        ),
        (
            'BEGIN TRANSACTION LET r = (SELECT a, "B" FROM t WHERE a = ? LIMIT 1);'
            " LET s = (SELECT * FROM t WHERE a = ?); SELECT r.a.f, s;"
            " IF r.a.f = 1 AND 1 < r.m['x'] AND s IS NOT NULL AND r.a.f IS NULL THEN"
            " UPDATE t SET a += r.a.f, \"B\" -= r.a.f, m['x'] = r.a.f WHERE a = ?; INSERT INTO t (a) VALUES (r.a.f);"
            " END IF COMMIT TRANSACTION"
        ),
    ),
    (
        "cassandra-6.0",
        ast.Transaction(answer=ast.Select((), T, IS_1), updates=(ast.Delete(T, IS_1),)),
        "BEGIN TRANSACTION SELECT * FROM t WHERE a = ?; DELETE FROM t WHERE a = ?; COMMIT TRANSACTION",
    ),
]
