"""Trees of terms and of what SELECT asks for, and the tokens in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cql_builder import parse_cql
from cql_builder.ast import (
    Alias,
    Arithmetic,
    Bind,
    BlobLiteral,
    BooleanLiteral,
    Cast,
    ColumnName,
    Comparison,
    CountRows,
    DurationLiteral,
    Element,
    Field,
    FloatLiteral,
    FunctionCall,
    FunctionName,
    IntegerLiteral,
    ListLiteral,
    ListType,
    MapLiteral,
    MaxWriteTime,
    NativeType,
    Negation,
    NullLiteral,
    Select,
    Selectable,
    SetLiteral,
    Slice,
    StringLiteral,
    Term,
    TimeToLive,
    Token,
    TupleLiteral,
    TypeHint,
    UserType,
    UserTypeLiteral,
    UuidLiteral,
    WriteTime,
)
from cql_builder.dialects import find_dialect
from cql_builder.errors import CqlSyntaxError

if TYPE_CHECKING:
    from cql_builder.dialects import Dialect, DialectName

A, B, C = ColumnName("a"), ColumnName("b"), ColumnName("c")
ONE, TWO, THREE = IntegerLiteral("1"), IntegerLiteral("2"), IntegerLiteral("3")
INT = NativeType("int")


def selected(text: str, dialect: DialectName | Dialect = "cassandra-6.0") -> Selectable | Alias:
    tree = parse_cql(f"SELECT {text} FROM t", dialect=dialect)
    assert isinstance(tree, Select)
    assert not tree.distinct
    (only,) = tree.selection
    return only


def read_term(text: str, dialect: DialectName = "cassandra-6.0") -> Term:
    tree = parse_cql(f"SELECT * FROM t WHERE a = {text}", dialect=dialect)
    assert isinstance(tree, Select)
    (only,) = tree.where
    assert isinstance(only, Comparison)
    return only.right


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("'it''s'", StringLiteral("it's")),
        ("$$it's $1$$", StringLiteral("it's $1")),
        ("''", StringLiteral("")),
        ("-0012", IntegerLiteral("-0012")),
        ("1.", FloatLiteral("1.")),
        ("-1.50E+3", FloatLiteral("-1.50E+3")),
        ("1e5", FloatLiteral("1e5")),
        ("nan", FloatLiteral("NaN")),
        ("-NAN", FloatLiteral("-NaN")),
        ("infinity", FloatLiteral("Infinity")),
        ("-INFINITY", FloatLiteral("-Infinity")),
        ("TRUE", BooleanLiteral(value=True)),
        ("False", BooleanLiteral(value=False)),
        ("NULL", NullLiteral()),
        ("0xCAfe", BlobLiteral("cafe")),
        ("0X", BlobLiteral("")),
        ("DEADBEEF-0000-1111-2222-0123456789AB", UuidLiteral("deadbeef-0000-1111-2222-0123456789ab")),
        ("12345678-0000-1111-2222-0123456789ab", UuidLiteral("12345678-0000-1111-2222-0123456789ab")),
        ("-1y2MO3µs", DurationLiteral("-1y2MO3µs")),
        ("P1Y2M3DT4H5M6S", DurationLiteral("P1Y2M3DT4H5M6S")),
        ("-PT1H", DurationLiteral("-PT1H")),
        ("P2W", DurationLiteral("P2W")),
        ("P0001-02-03T04:05:06", DurationLiteral("P0001-02-03T04:05:06")),
        ("?", Bind()),
        (": Name", Bind("name")),
        (':"Name"', Bind("Name")),
        (":key", Bind("key")),
        ("[]", ListLiteral(())),
        ("[1, [2]]", ListLiteral((ONE, ListLiteral((TWO,))))),
        ("{}", MapLiteral(())),
        ("{1, 2}", SetLiteral((ONE, TWO))),
        ("{1: 2, 2: 3}", MapLiteral(((ONE, TWO), (TWO, THREE)))),
        ('{a: 1, "B": 2, key: 3}', UserTypeLiteral((("a", ONE), ("B", TWO), ("key", THREE)))),
        ("{a::b}", UserTypeLiteral((("a", Bind("b")),))),
        ("{:a: 1}", MapLiteral(((Bind("a"), ONE),))),
        ("{f(): 1}", MapLiteral(((FunctionCall(FunctionName("f")), ONE),))),
        ("(1)", TupleLiteral((ONE,))),
        ("(1, 'x')", TupleLiteral((ONE, StringLiteral("x")))),
        ("('x')", TupleLiteral((StringLiteral("x"),))),
        ("(int)?", TypeHint(INT, Bind())),
        ("(int)(1)", TypeHint(INT, TupleLiteral((ONE,)))),
        ("(list<int>)[1]", TypeHint(ListType(INT), ListLiteral((ONE,)))),
        ('(ks."T")null', TypeHint(UserType("T", "ks"), NullLiteral())),
        ("(f(1))", TupleLiteral((FunctionCall(FunctionName("f"), (ONE,)),))),
        ("KS.F(1, 2)", FunctionCall(FunctionName("f", "ks"), (ONE, TWO))),
        ('"F"()', FunctionCall(FunctionName("F"))),
        ("token(1)", FunctionCall(FunctionName("token"), (ONE,))),
        ("CAST((1) AS int)", Cast(TupleLiteral((ONE,)), INT)),
        ("- 1", Negation(ONE)),
        ("1 - -2", Arithmetic(ONE, "-", IntegerLiteral("-2"))),
        ("1 - 2 - 3", Arithmetic(Arithmetic(ONE, "-", TWO), "-", THREE)),
        ("1 + 2 * 3", Arithmetic(ONE, "+", Arithmetic(TWO, "*", THREE))),
        ("1 * 2 + 3", Arithmetic(Arithmetic(ONE, "*", TWO), "+", THREE)),
        ("1 / 2 % 3", Arithmetic(Arithmetic(ONE, "/", TWO), "%", THREE)),
    ],
)
def test_a_term(text: str, tree: Term) -> None:
    assert read_term(text) == tree


@pytest.mark.parametrize(
    "text",
    [
        *["b", "(b)", "f(b)", "()", "{1: 2, 3}", "{1, 2: 3}", "{a: 1, 'b': 2}", "1 -2", "--3\n", "count(*)", "ttl(1)"],
        *[
            "(int)- 1",
            "CAST(1 + 2 AS int)",
            "CAST(1 AS list<int>)",
            "+1",
            ".5",
            "1n",
            "1a",
            "1y2",
            "1e",
            "- ",
            "$$a$$$",
        ],
        *["abcdef01-1", "-i", "-P1x", "1.5e", '{"": 1}', ":1", ":select", "(int)", "key()", "[1,]", "{,}", "'a' 'b'"],
    ],
)
def test_no_term(text: str) -> None:
    with pytest.raises(CqlSyntaxError):
        read_term(text)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("A", A),
        ('"A"', ColumnName("A")),
        ("a AS B", Alias(A, "b")),
        ("as AS as", Alias(ColumnName("as"), "as")),
        ("distinct", ColumnName("distinct")),
        ("distinct[1..2]", Slice(ColumnName("distinct"), ONE, TWO)),
        ("json AS x", Alias(ColumnName("json"), "x")),
        ("a.b[1].c", Field(Element(Field(A, "b"), ONE), "c")),
        ("a[1..]", Slice(A, ONE)),
        ("a[..1]", Slice(A, None, ONE)),
        ("a[1..2]", Slice(A, ONE, TWO)),
        ("(a)[1..2]", Slice(TupleLiteral((A,)), ONE, TWO)),
        ("(a)[1]", TypeHint(UserType("a"), ListLiteral((ONE,)))),
        ("(a)", TupleLiteral((A,))),
        ("(a) AS b", Alias(TupleLiteral((A,)), "b")),
        ("(a + b) * c", Arithmetic(TupleLiteral((Arithmetic(A, "+", B),)), "*", C)),
        ("(int)a.b", Field(TypeHint(INT, A), "b")),
        ("(int):a", TypeHint(INT, Bind("a"))),
        ("(a, b)", TupleLiteral((A, B))),
        ("- -a", Negation(Negation(A))),
        ("-a[1]", Negation(Element(A, ONE))),
        ("a - b * c", Arithmetic(A, "-", Arithmetic(B, "*", C))),
        ("[a, 1]", ListLiteral((A, ONE))),
        ("{a: b}", MapLiteral(((A, B),))),
        ("{a, b}", SetLiteral((A, B))),
        ("count(*)", CountRows()),
        ("count(1)", FunctionCall(FunctionName("count"), (ONE,))),
        ("ks.count(a)", FunctionCall(FunctionName("count", "ks"), (A,))),
        ("token(a, b)", Token((A, B))),
        ("token(a, 1)", FunctionCall(FunctionName("token"), (A, ONE))),
        ("writetime(a)", WriteTime(A)),
        ("maxwritetime(a.b)", MaxWriteTime(Field(A, "b"))),
        ("ttl(a[1])", TimeToLive(Element(A, ONE))),
        ("ttl", ColumnName("ttl")),
        ("CAST(a + 1 AS int)", Cast(Arithmetic(A, "+", ONE), INT)),
        ("f(g(a), ?)", FunctionCall(FunctionName("f"), (FunctionCall(FunctionName("g"), (A,)), Bind()))),
    ],
)
def test_what_is_selected(text: str, tree: Selectable | Alias) -> None:
    assert selected(text) == tree


def test_terms_of_scylla() -> None:
    assert read_term("- NaN", "scylla") == FloatLiteral("-NaN")
    assert read_term("PT", "scylla") == DurationLiteral("PT")


def test_keywords_are_those_of_the_dialect() -> None:
    assert selected("between", "cassandra-5.0") == selected("between", "cassandra-6.0") == ColumnName("between")
    assert selected("desc", "scylla") == ColumnName("desc")
    assert selected("included_indexes", "cassandra-5.0") == ColumnName("included_indexes")
    assert selected("INCLUDED_INDEXES", "cassandra-6.0") == ColumnName("included_indexes")
    for word, dialect in (("desc", "cassandra-5.0"), ("cast", "scylla"), ("included_indexes", "cassandra-6.0")):
        with pytest.raises(CqlSyntaxError):
            selected(word, find_dialect(dialect))
