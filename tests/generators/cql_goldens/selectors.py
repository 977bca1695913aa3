"""What SELECT asks for, each in a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder import ast
from cql_builder.ast import ColumnName, FunctionName, IntegerLiteral
from cql_goldens.terms import INT, MARK, ONE, A, B, M, T, X, call

if TYPE_CHECKING:
    from cql_builder.ast import Alias, Selectable, Statement


def selected(one: Selectable | Alias, cql: str, dialect: str = "cassandra-5.0") -> tuple[str, Statement, str]:
    return dialect, ast.Select((one,), T), f"SELECT {cql} FROM t"


GROUP = ast.TupleLiteral((ast.Arithmetic(A, "+", B),))
JSON, DISTINCT = ColumnName("json"), ColumnName("distinct")

SELECTORS = [
    selected(A, "a"),
    selected(ast.Alias(A, "Total"), 'a AS "Total"'),
    selected(ast.CountRows(), "COUNT(*)"),
    selected(ast.Token((A, B)), 'token(a, "B")'),
    selected(ast.FunctionCall(FunctionName("min"), (A,)), "min(a)"),
    selected(ast.FunctionCall(FunctionName("writetime"), (A,)), '"writetime"(a)'),
    selected(ast.FunctionCall(ast.NativeFunctionName("to_date"), (A,)), "to_date(a)"),
    selected(ast.FunctionCall(ast.NativeFunctionName("to_date"), (A,)), "todate(a)", "cassandra-4.1"),
    selected(ast.FunctionCall(FunctionName("to_date"), (A,)), "to_date(a)", "cassandra-4.1"),
    selected(ast.WriteTime(A), "writetime(a)"),
    selected(ast.TimeToLive(A), "ttl(a)"),
    selected(ast.MaxWriteTime(A), "maxwritetime(a)"),
    selected(ast.WriteTime(ast.Element(M, X)), "writetime(m['x'])"),
    selected(ast.TimeToLive(ast.Field(ast.Element(M, X), "f")), "ttl(m['x'].f)"),
    selected(ast.MaxWriteTime(ast.Slice(M, X)), "maxwritetime(m['x'..])"),
    selected(ast.WriteTime(ast.Field(A, "f")), "writetime(a.f)", "scylla"),
    selected(ast.Element(M, X), "m['x']"),
    selected(ast.Element(ast.Element(M, X), MARK), "m['x'][?]"),
    selected(ast.Element(call("f"), ONE), "f()[1]"),
    selected(ast.Slice(M, X, X), "m['x'..'x']"),
    selected(ast.Slice(M, end=IntegerLiteral("-1")), "m[..-1]"),
    selected(ast.Slice(M, ast.FloatLiteral("1."), ONE), "m[1...1]"),
    selected(ast.Field(ast.Field(A, "f"), "G"), 'a.f."G"'),
    selected(ast.Field(ONE, "f"), "1 .f"),
    selected(ast.Field(ast.FloatLiteral("1."), "f"), "1. .f"),
    selected(ast.Cast(A, INT), "CAST(a AS int)", "scylla"),
    selected(ast.Cast(ast.Arithmetic(A, "+", B), INT), 'CAST(a + "B" AS int)'),
    selected(ast.TypeHint(INT, MARK), "(int)?"),
    selected(ast.TypeHint(INT, ast.TupleLiteral((ast.Element(M, X),))), "(int)(m['x'])"),
    selected(ast.Element(ast.TypeHint(INT, A), X), "(int)a['x']"),
    selected(ast.ListLiteral((A, B)), '[a, "B"]'),
    selected(ast.SetLiteral((A, B)), '{a, "B"}'),
    selected(ast.MapLiteral(((A, B), (ONE, X))), """{a: "B", 1: 'x'}"""),
    selected(ast.TupleLiteral((A, B)), '(a, "B")'),
    selected(ast.ListLiteral((ONE, ast.FunctionCall(FunctionName("f"), (ONE,)))), "[1, f(1)]", "scylla"),
    selected(ast.UserTypeLiteral((("a", ONE),)), "{a: 1}", "scylla"),
    selected(ast.Arithmetic(GROUP, "*", M), '(a + "B") * m'),
    selected(ast.Arithmetic(A, "+", ast.Arithmetic(B, "*", M)), 'a + "B" * m'),
    selected(ast.Negation(A), "-a"),
    selected(ast.Negation(ColumnName("id")), "- id"),
    selected(ast.Negation(ColumnName("name")), "- name"),
    selected(ast.Negation(ast.Negation(A)), "- -a"),
    selected(ast.Negation(ast.Element(M, X)), "-m['x']"),
    selected(ast.Negation(GROUP), '-(a + "B")'),
    selected(JSON, "json"),
    selected(ast.Alias(JSON, "x"), '"json" AS x'),
    selected(ast.Element(JSON, ONE), '"json"[1]'),
    selected(ast.Arithmetic(DISTINCT, "-", ONE), '"distinct" - 1'),
    selected(ast.Field(DISTINCT, "f"), "distinct.f"),
    selected(ast.Alias(ColumnName("as"), "as"), "as AS as"),
    selected(MARK, "?"),
    selected(ast.NullLiteral(), "null"),
]
