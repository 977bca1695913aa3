"""Trees of the statements that read and write rows, with their relations and assignments."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from cql_builder import parse_cql, parse_script
from cql_builder.ast import (
    Add,
    Arithmetic,
    Assign,
    Assignment,
    Batch,
    Between,
    Bind,
    ClusteringBound,
    ColumnName,
    ColumnTuple,
    Comparison,
    Contains,
    ContainsKey,
    Delete,
    DurationLiteral,
    Element,
    Field,
    FunctionCall,
    FunctionName,
    In,
    IndexExpression,
    IndexHints,
    IndexName,
    Insert,
    InsertJson,
    IntegerLiteral,
    IsNotNull,
    Like,
    ListLiteral,
    NearestOrdering,
    Ordering,
    Prepend,
    PruneMaterializedView,
    Relation,
    Select,
    StringLiteral,
    Subtract,
    TableName,
    Token,
    Truncate,
    TupleLiteral,
    Update,
    Use,
    UsingConcurrency,
    UsingServiceLevel,
    UsingTimeout,
    UsingTimestamp,
    UsingTtl,
    ValueList,
)
from cql_builder.errors import CqlSyntaxError

if TYPE_CHECKING:
    from cql_builder.dialects import DialectName

A, B, C, T = ColumnName("a"), ColumnName("b"), ColumnName("c"), TableName("t")
ONE, TWO, THREE = IntegerLiteral("1"), IntegerLiteral("2"), IntegerLiteral("3")
WHERE = (Comparison(A, "=", ONE),)


def related(text: str, dialect: DialectName = "cassandra-6.0") -> Relation:
    tree = parse_cql(f"SELECT * FROM t WHERE {text}", dialect=dialect)
    assert isinstance(tree, Select)
    (only,) = tree.where
    return only


def assigned(text: str, dialect: DialectName = "cassandra-6.0") -> Assignment:
    tree = parse_cql(f"UPDATE t SET {text} WHERE a = 1", dialect=dialect)
    assert isinstance(tree, Update)
    (only,) = tree.assignments
    return only


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ('"" != 1', Comparison(ColumnName(""), "!=", ONE)),
        ("((a >= 1))", Comparison(A, ">=", ONE)),
        ("a[1] = 2", Comparison(Element(A, ONE), "=", TWO)),
        ("token(a, b) < 1", Comparison(Token((A, B)), "<", ONE)),
        ("a IN ()", In(A, ValueList(()))),
        ("a IN :ids", In(A, Bind("ids"))),
        ("a NOT IN (1, ?)", In(A, ValueList((ONE, Bind())), negated=True)),
        ("a CONTAINS 1", Contains(A, ONE)),
        ("a CONTAINS KEY 1", ContainsKey(A, ONE)),
        ("a NOT CONTAINS KEY 1", ContainsKey(A, ONE, negated=True)),
        ("a BETWEEN 1 AND 2", Between(A, ONE, TWO)),
        ("token(a) BETWEEN 1 AND 2", Between(Token((A,)), ONE, TWO)),
        ("between LIKE 'x'", Like(ColumnName("between"), StringLiteral("x"))),
        ("a IS NOT NULL", IsNotNull(A)),
        ("expr(i, 'x')", IndexExpression(IndexName("i"), StringLiteral("x"))),
        ("(a) = (1)", Comparison(ColumnTuple((A,)), "=", TupleLiteral((ONE,)))),
        ("((a, b) > ?)", Comparison(ColumnTuple((A, B)), ">", Bind())),
        ("(a, b) IN ?", In(ColumnTuple((A, B)), Bind())),
        ("(a, b) IN (?, :x)", In(ColumnTuple((A, B)), ValueList((Bind(), Bind("x"))))),
        ("(a, b) IN ((1, 2))", In(ColumnTuple((A, B)), ValueList((TupleLiteral((ONE, TWO)),)))),
        ("(a, b) BETWEEN (1) AND ?", Between(ColumnTuple((A, B)), TupleLiteral((ONE,)), Bind())),
    ],
)
def test_a_relation(text: str, tree: Relation) -> None:
    assert related(text) == tree


@pytest.mark.parametrize(
    "text",
    [
        *["a = b", "a IN 1", "a IS NULL", "a.b = 1", "a[1] IN (1)", "token(a) IN (1)", "token() = 1", "(a, b) = 1"],
        *["(a, b) IN (?, (1, 2))", "(a, b) IN ((1, 2), ?)", "(a, b) LIKE 1", "(a = 1 AND b = 2)", "(expr(i, 'x'))"],
        *[
            "expr (i, 'x')",
            "EXPR(i, 'x')",
            "expr(ks.i, 'x')",
            "a NOT LIKE 'x'",
            "a = 1 OR b = 2",
            "a = 1 AND",
            "f(a) = 1",
        ],
    ],
)
def test_no_relation(text: str) -> None:
    with pytest.raises(CqlSyntaxError):
        related(text)


def test_relations_of_scylla() -> None:
    bound = ClusteringBound(TupleLiteral((ONE, TWO)))
    assert related("(a, b) > SCYLLA_CLUSTERING_BOUND (1, 2)", "scylla") == Comparison(ColumnTuple((A, B)), ">", bound)
    assert related("ks.f(a) = 1", "scylla") == Comparison(FunctionCall(FunctionName("f", "ks"), (A,)), "=", ONE)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a = ?", Assign(A, Bind())),
        ("a[1] = 2", Assign(Element(A, ONE), TWO)),
        ("a.b = 2", Assign(Field(A, "b"), TWO)),
        ("a = a + 1", Add(A, ONE)),
        ("a += 1", Add(A, ONE)),
        ("a = a - 1 + 2", Subtract(A, Arithmetic(ONE, "+", TWO))),
        ("a -= 1", Subtract(A, ONE)),
        ("a = a-1", Subtract(A, ONE)),
        ("a = a 1", Add(A, ONE)),
        ("a = [1] + a", Prepend(A, ListLiteral((ONE,)))),
        ("a = 1 + 2 + a", Prepend(A, Arithmetic(ONE, "+", TWO))),
        ("a = f() + a", Prepend(A, FunctionCall(FunctionName("f")))),
    ],
)
def test_an_assignment(text: str, tree: Assignment) -> None:
    assert assigned(text) == tree


@pytest.mark.parametrize(
    "text", ["a = a", "a = b + 1", "a = 1 + b", "a = 1 - a", "a = a * 2", "a[1] += 2", "a = a -1 + 2"]
)
def test_no_assignment(text: str) -> None:
    with pytest.raises(CqlSyntaxError):
        assigned(text)


@pytest.mark.parametrize(
    ("dialect", "text", "tree"),
    [
        (
            "cassandra-6.0",
            """SELECT JSON DISTINCT a FROM ks.t WHERE a = 1 GROUP BY a, f(b) ORDER BY a DESC, b PER PARTITION LIMIT 2
            LIMIT ? ALLOW FILTERING WITH included_indexes = {i, ks.j} AND excluded_indexes = {};""",
            Select(
                (A,),
                TableName("t", "ks"),
                WHERE,
                (A, FunctionCall(FunctionName("f"), (B,))),
                (Ordering(A, descending=True), Ordering(B)),
                TWO,
                Bind(),
                distinct=True,
                json=True,
                allow_filtering=True,
                index_hints=(
                    IndexHints(included=True, indexes=(IndexName("i"), IndexName("j", "ks"))),
                    IndexHints(included=False, indexes=()),
                ),
            ),
        ),
        (
            "cassandra-5.0",
            "SELECT * FROM t ORDER BY a ANN OF [1] LIMIT 3",
            Select((), T, order_by=(NearestOrdering(A, ListLiteral((ONE,))),), limit=THREE),
        ),
        (
            "scylla",
            "SELECT a FROM MUTATION_FRAGMENTS(t) ORDER BY f(a) BYPASS CACHE USING TIMEOUT 1s AND SERVICE LEVEL 'Sl'",
            Select(
                (A,),
                T,
                order_by=(Ordering(FunctionCall(FunctionName("f"), (A,))),),
                mutation_fragments=True,
                bypass_cache=True,
                using=(UsingTimeout(DurationLiteral("1s")), UsingServiceLevel("Sl")),
            ),
        ),
        ("scylla", "SELECT now()", Select((FunctionCall(FunctionName("now")),), None)),
        (
            "cassandra-5.0",
            'INSERT INTO t (a, "") VALUES (1, ?) IF NOT EXISTS USING TTL 1 AND TIMESTAMP :x',
            Insert(T, (A, ColumnName("")), (ONE, Bind()), True, (UsingTtl(ONE), UsingTimestamp(Bind("x")))),
        ),
        ("cassandra-5.0", "INSERT INTO json JSON ? DEFAULT NULL", InsertJson(TableName("json"), Bind(), "null")),
        (
            "cassandra-5.0",
            "INSERT INTO t JSON '{}' DEFAULT UNSET IF NOT EXISTS",
            InsertJson(T, StringLiteral("{}"), "unset", if_not_exists=True),
        ),
        (
            "cassandra-5.0",
            "UPDATE t USING TTL ? SET a = 1, b = 2 WHERE a = 1 IF exists = 1 AND b.c IN (1) AND c[1] != 2",
            Update(
                T,
                (Assign(A, ONE), Assign(B, TWO)),
                WHERE,
                (UsingTtl(Bind()),),
                (
                    Comparison(ColumnName("exists"), "=", ONE),
                    In(Field(B, "c"), ValueList((ONE,))),
                    Comparison(Element(C, ONE), "!=", TWO),
                ),
            ),
        ),
        ("cassandra-5.0", "DELETE FROM t WHERE a = 1 IF EXISTS", Delete(T, WHERE, if_exists=True)),
        (
            "cassandra-5.0",
            "DELETE a, b[1], c.d FROM t USING TIMESTAMP 1 WHERE a = 1",
            Delete(T, WHERE, (A, Element(B, ONE), Field(C, "d")), (UsingTimestamp(ONE),)),
        ),
        (
            "scylla",
            "DELETE FROM t USING TIMEOUT 1s AND TIMESTAMP 1 WHERE a = 1 BYPASS LARGE_DATA_GUARDRAILS",
            Delete(T, WHERE, using=(UsingTimeout(DurationLiteral("1s")), UsingTimestamp(ONE)), bypass_guardrails=True),
        ),
        (
            "cassandra-5.0",
            "BEGIN UNLOGGED BATCH USING TIMESTAMP 1 DELETE FROM t WHERE a = 1 INSERT INTO t (a) VALUES (1);APPLY BATCH",
            Batch((Delete(T, WHERE), Insert(T, (A,), (ONE,))), "unlogged", (UsingTimestamp(ONE),)),
        ),
        ("cassandra-5.0", "BEGIN COUNTER BATCH APPLY BATCH;;", Batch((), "counter")),
        ("cassandra-5.0", "TRUNCATE COLUMNFAMILY ks.t", Truncate(TableName("t", "ks"))),
        ("scylla", "TRUNCATE t USING TIMEOUT 1s", Truncate(T, (UsingTimeout(DurationLiteral("1s")),))),
        ("cassandra-5.0", 'USE "Ks"', Use("Ks")),
        (
            "scylla",
            "PRUNE MATERIALIZED VIEW t WHERE a = 1 USING CONCURRENCY 2",
            PruneMaterializedView(T, WHERE, (UsingConcurrency(TWO),)),
        ),
    ],
)
def test_a_statement(dialect: DialectName, text: str, tree: object) -> None:
    assert parse_cql(text, dialect=dialect) == tree


@pytest.mark.parametrize(
    "text",
    [
        *[
            "SELECT a, * FROM t",
            "SELECT a FROM t LIMIT 1 PER PARTITION LIMIT 2",
            "SELECT a FROM t WHERE",
            ";SELECT a FROM t",
        ],
        *[
            "INSERT INTO t () VALUES ()",
            "INSERT INTO t (a) VALUES (1) USING TTL 1 IF NOT EXISTS",
            "INSERT INTO t JSON 1",
        ],
        *["UPDATE t SET a = 1 WHERE b = 2 IF EXISTS AND a = 1", "UPDATE t SET a = 1 WHERE b = 2 IF NOT EXISTS"],
        *[
            "DELETE * FROM t WHERE a = 1",
            "DELETE a FROM t",
            "DELETE FROM t USING TTL 1 WHERE a = 1",
            "USE 'ks'",
            "USE ?",
        ],
        *[
            "DELETE FROM t USING TIMESTAMP 1 AND TIMESTAMP 2 WHERE a = 1",
            "BEGIN LOGGED BATCH APPLY BATCH",
            "BEGIN BATCH",
        ],
        *[
            "BEGIN BATCH INSERT INTO t (a) VALUES (1);; APPLY BATCH",
            "BEGIN BATCH ; APPLY BATCH",
            "SELECT a FROM t -- x",
        ],
    ],
)
def test_no_statement(text: str) -> None:
    with pytest.raises(CqlSyntaxError):
        parse_cql(text)


def test_a_script_is_its_statements() -> None:
    script = """
        ;; USE a; -- a comment; with a semicolon
        BEGIN BATCH DELETE FROM t WHERE a = 1; APPLY BATCH; // another
        INSERT INTO t (a) VALUES ($$;$$); /* ; */
        TRUNCATE t -- the last one, whose comment no line break ends"""
    assert parse_script(script) == [
        Use("a"),
        Batch((Delete(T, WHERE),)),
        Insert(T, (A,), (StringLiteral(";"),)),
        Truncate(T),
    ]
    assert parse_script(" ; /* */ ; ") == parse_script("") == []


def test_the_grammar_is_imported_when_the_first_text_is_read() -> None:
    code = "import sys, cql_builder; print('cql_builder.parser.rows' in sys.modules); cql_builder.parse_cql('USE a')"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "False\n"
