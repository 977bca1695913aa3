"""Terms and relations, each in a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder import ast
from cql_builder.ast import ColumnName, FunctionName, IntegerLiteral, NativeType, StringLiteral, TableName

if TYPE_CHECKING:
    from cql_builder.ast import Relation, Statement, Term

    Golden = tuple[str, Statement, str]

T = TableName("t")
A, B, M = ColumnName("a"), ColumnName("B"), ColumnName("m")
INT = NativeType("int")
ONE, X, MARK = IntegerLiteral("1"), StringLiteral("x"), ast.Bind()
PAIR = ast.ColumnTuple((A, B))


def in_values(term: Term, cql: str, dialect: str = "cassandra-5.0") -> Golden:
    return dialect, ast.Insert(T, (A,), (term,)), f"INSERT INTO t (a) VALUES ({cql})"


def in_where(relation: Relation, cql: str, dialect: str = "cassandra-5.0") -> Golden:
    return dialect, ast.Select((), T, (relation,)), f"SELECT * FROM t WHERE {cql}"


def in_if(relation: Relation, cql: str, dialect: str = "cassandra-5.0") -> Golden:
    tree = ast.Delete(T, (ast.Comparison(A, "=", MARK),), conditions=(relation,))
    return dialect, tree, f"DELETE FROM t WHERE a = ? IF {cql}"


def call(name: str, *arguments: Term, keyspace: str | None = None) -> ast.FunctionCall:
    return ast.FunctionCall(FunctionName(name, keyspace), arguments)


TERMS = [
    in_values(MARK, "?"),
    in_values(ast.Bind("n"), ":n"),
    in_values(ast.Bind("N n"), ':"N n"'),
    in_values(ast.Bind("key"), ":key"),
    in_values(ast.Bind("select"), ':"select"'),
    in_values(StringLiteral("it's\0\n--"), "'it''s\0\n--'"),
    in_values(StringLiteral("$$a$"), "'$$a$'"),
    in_values(IntegerLiteral("-1"), "-1"),
    in_values(ast.FloatLiteral("1."), "1."),
    in_values(ast.FloatLiteral("-1.5E-3"), "-1.5E-3"),
    in_values(ast.FloatLiteral("NaN"), "NaN"),
    in_values(ast.FloatLiteral("-NaN"), "-NaN"),
    in_values(ast.FloatLiteral("-Infinity"), "-Infinity"),
    in_values(ast.BooleanLiteral(value=False), "false"),
    in_values(ast.NullLiteral(), "null"),
    in_values(ast.UuidLiteral("123e4567-e89b-12d3-a456-426655440000"), "123e4567-e89b-12d3-a456-426655440000"),
    in_values(ast.BlobLiteral("cafe"), "0xcafe"),
    in_values(ast.BlobLiteral(""), "0x"),
    in_values(ast.DurationLiteral("-1y2mo3w4d5h6m7s8ms9us10ns"), "-1y2mo3w4d5h6m7s8ms9us10ns"),
    in_values(ast.DurationLiteral("1µs"), "1µs"),
    in_values(ast.DurationLiteral("P1Y2M3DT4H5M6S"), "P1Y2M3DT4H5M6S"),
    in_values(ast.DurationLiteral("P0001-02-03T04:05:06"), "P0001-02-03T04:05:06"),
    in_values(ast.ListLiteral((ONE, MARK)), "[1, ?]"),
    in_values(ast.ListLiteral(()), "[]"),
    in_values(ast.SetLiteral((ONE,)), "{1}"),
    in_values(ast.MapLiteral(((X, ONE), (call("f"), MARK))), "{'x': 1, f(): ?}"),
    in_values(ast.MapLiteral(()), "{}"),
    in_values(
        ast.UserTypeLiteral((("street", X), ("Zip", ONE), ("select", ONE))), """{street: 'x', "Zip": 1, "select": 1}"""
    ),
    in_values(ast.TupleLiteral((ONE, X)), "(1, 'x')"),
    in_values(ast.TupleLiteral((ONE,)), "(1)"),
    in_values(ast.TypeHint(INT, MARK), "(int)?"),
    in_values(ast.TypeHint(ast.UserType("u", "k"), ast.UserTypeLiteral((("a", ONE),))), "(k.u){a: 1}"),
    in_values(ast.Cast(MARK, INT), "CAST(? AS int)", "cassandra-4.1"),
    in_values(ast.Arithmetic(ast.Arithmetic(ONE, "*", MARK), "+", ONE), "1 * ? + 1"),
    in_values(ast.Arithmetic(ast.Arithmetic(ONE, "-", ONE), "-", IntegerLiteral("-1")), "1 - 1 - -1"),
    in_values(ast.Arithmetic(ast.Arithmetic(ONE, "/", ONE), "%", ONE), "1 / 1 % 1"),
    in_values(ast.Arithmetic(ast.TupleLiteral((ast.Arithmetic(ONE, "+", ONE),)), "*", ONE), "(1 + 1) * 1"),
    in_values(ast.Negation(ONE), "- 1"),
    in_values(ast.Negation(IntegerLiteral("-1")), "- -1"),
    in_values(ast.Negation(ast.FloatLiteral("NaN")), "- NaN"),
    in_values(ast.Negation(ast.DurationLiteral("P1Y")), "- P1Y"),
    in_values(ast.Negation(MARK), "-?"),
    in_values(ast.Negation(call("now")), "- now()"),
    in_values(ast.Negation(call("f")), "-f()"),
    in_values(call("f", ONE, MARK, keyspace="Ks"), '"Ks".f(1, ?)'),
    in_values(call("token", ONE), "token(1)"),
    in_values(call("count", ONE), "count(1)"),
    in_values(call("ttl", ONE), '"ttl"(1)'),
    in_values(call("expr", ONE), '"expr"(1)'),
    in_values(call("expr", ONE), "expr(1)", "scylla"),
    in_values(call("ann", ONE), "ann(1)", "scylla"),
    in_values(call("Mine"), '"Mine"()'),
]
RELATIONS = [
    in_where(ast.Comparison(A, "!=", ONE), "a != 1"),
    in_where(ast.Comparison(ColumnName(""), "=", ONE), '"" = 1'),
    in_where(ast.Comparison(ColumnName("desc"), "=", ONE), "desc = 1", "scylla"),
    in_where(ast.Comparison(ColumnName("desc"), "=", ONE), '"desc" = 1'),
    in_where(ast.Comparison(ast.Element(M, X), ">=", ONE), "m['x'] >= 1"),
    in_where(ast.Comparison(ast.Token((A, B)), ">", call("token", ONE, ONE)), 'token(a, "B") > token(1, 1)'),
    in_where(ast.Comparison(PAIR, ">", ast.TupleLiteral((ONE, MARK))), '(a, "B") > (1, ?)'),
    in_where(ast.Comparison(PAIR, "<=", MARK), '(a, "B") <= ?'),
    in_where(
        ast.Comparison(PAIR, ">", ast.ClusteringBound(ast.TupleLiteral((ONE, ONE)))),
        '(a, "B") > SCYLLA_CLUSTERING_BOUND (1, 1)',
        "scylla",
    ),
    in_where(ast.Comparison(call("bm25", X), ">", ONE), "bm25('x') > 1", "scylla"),
    in_where(ast.In(A, MARK), "a IN ?"),
    in_where(ast.In(A, ast.ValueList((ONE, MARK))), "a IN (1, ?)"),
    in_where(ast.In(A, ast.ValueList(())), "a IN ()"),
    in_where(ast.In(A, ast.ValueList((ONE,)), negated=True), "a NOT IN (1)", "cassandra-6.0"),
    in_where(ast.In(A, MARK, negated=True), "a NOT IN ?", "scylla"),
    in_where(ast.In(PAIR, ast.ValueList(())), '(a, "B") IN ()'),
    in_where(ast.In(PAIR, ast.ValueList((ast.TupleLiteral((ONE, ONE)),))), '(a, "B") IN ((1, 1))'),
    in_where(ast.In(PAIR, ast.ValueList((MARK, MARK)), negated=True), '(a, "B") NOT IN (?, ?)', "cassandra-6.0"),
    in_where(ast.Between(A, ONE, MARK), "a BETWEEN 1 AND ?", "cassandra-6.0"),
    in_where(ast.Between(ast.Token((A,)), ONE, ONE), "token(a) BETWEEN 1 AND 1", "cassandra-6.0"),
    in_where(ast.Between(PAIR, MARK, ast.TupleLiteral((ONE, ONE))), '(a, "B") BETWEEN ? AND (1, 1)', "cassandra-6.0"),
    in_where(ast.Contains(A, ONE), "a CONTAINS 1"),
    in_where(ast.Contains(A, ONE, negated=True), "a NOT CONTAINS 1", "cassandra-6.0"),
    in_where(ast.ContainsKey(A, ONE), "a CONTAINS KEY 1"),
    in_where(ast.ContainsKey(A, ONE, negated=True), "a NOT CONTAINS KEY 1", "cassandra-6.0"),
    in_where(ast.Like(A, X), "a LIKE 'x'"),
    in_where(ast.Like(ast.Element(M, X), X), "m['x'] LIKE 'x'", "scylla"),
    in_where(ast.Like(ast.Token((A,)), MARK), "token(a) LIKE ?", "scylla"),
    in_where(ast.Like(call("f", ONE), X), "f(1) LIKE 'x'", "scylla"),
    in_where(ast.Like(PAIR, ast.TupleLiteral((X, X))), "(a, \"B\") LIKE ('x', 'x')", "scylla"),
    in_where(
        ast.Like(PAIR, ast.ClusteringBound(ast.TupleLiteral((X,)))),
        "(a, \"B\") LIKE SCYLLA_CLUSTERING_BOUND ('x')",
        "scylla",
    ),
    in_where(ast.IsNotNull(A), "a IS NOT NULL"),
    in_where(ast.IndexExpression(ast.IndexName("I"), X), "expr(\"I\", 'x')"),
    in_if(ast.Comparison(A, "=", ast.NullLiteral()), "a = null"),
    in_if(ast.Comparison(ast.Element(M, X), "=", ONE), "m['x'] = 1"),
    in_if(ast.Comparison(ast.Field(A, "F"), "=", ONE), 'a."F" = 1'),
    in_if(ast.In(ast.Field(A, "f"), ast.ValueList((ONE,))), "a.f IN (1)"),
    in_if(ast.In(ast.Element(M, X), MARK, negated=True), "m['x'] NOT IN ?", "scylla"),
    in_if(ast.Contains(A, ONE), "a CONTAINS 1", "cassandra-4.1"),
    in_if(ast.ContainsKey(A, ONE), "a CONTAINS KEY 1"),
    in_if(ast.Like(A, X), "a LIKE 'x'", "scylla"),
    in_if(ast.Like(ast.Element(M, X), X), "m['x'] LIKE 'x'", "scylla"),
    in_if(ast.Like(ast.Field(A, "f"), X), "a.f LIKE 'x'", "scylla"),
]
