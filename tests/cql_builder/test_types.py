from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cql_builder import alter_table, compile_statement, parse_cql, parse_type, type_text
from cql_builder.ast import (
    CustomType,
    DataType,
    FrozenType,
    ListType,
    MapType,
    NativeType,
    SetType,
    TupleType,
    UserType,
    VectorType,
)
from cql_builder.ast.types import NATIVE_TYPES
from cql_builder.dialects import DIALECTS
from cql_builder.errors import CqlSyntaxError, DialectSyntaxError, UnknownDialectError, UnsupportedFeatureError
from cql_builder.schema import canonical_type

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = st.one_of(
    st.sampled_from(sorted(DIALECTS["cassandra-5.0"].reserved | NATIVE_TYPES | {"list", "ttl", "json", "key"})),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
)
LEAVES: st.SearchStrategy[DataType] = st.one_of(
    st.builds(NativeType, st.sampled_from(sorted(NATIVE_TYPES))),
    st.builds(UserType, NAMES, st.none() | NAMES),
)


def containers(inner: st.SearchStrategy[DataType]) -> st.SearchStrategy[DataType]:
    collections: st.SearchStrategy[DataType] = st.one_of(
        st.builds(ListType, inner),
        st.builds(SetType, inner),
        st.builds(MapType, inner, inner),
        st.builds(TupleType, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(UserType, NAMES),
    )
    return st.one_of(
        collections,
        st.builds(VectorType, inner, st.integers(1, 2**31 - 1)),
        st.builds(FrozenType, collections),
    )


TYPES = st.recursive(LEAVES, containers, max_leaves=8)


@given(TYPES)
def test_a_type_comes_back_as_itself(data_type: DataType) -> None:
    assert parse_type(type_text(data_type)) == data_type


@given(TYPES)
def test_the_parser_of_cassandra_takes_every_type(refusal: Callable[[str], str | None], data_type: DataType) -> None:
    for written in (data_type, canonical_type(data_type, "ks")):
        assert refusal(alter_table("t").add("a", written).compile().cql) is None


@given(TYPES)
def test_the_canonical_spelling_is_stable(data_type: DataType) -> None:
    once = canonical_type(data_type, "ks")
    assert canonical_type(once, "ks") == once
    assert parse_type(type_text(once)) == once


@given(st.text("abfilmoprtsuvz<>,.'\" 0123\n"))
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        read = parse_type(text)
    except CqlSyntaxError:
        return
    assert parse_type(type_text(read)) == read


@pytest.mark.parametrize("name", sorted(NATIVE_TYPES))
def test_every_native_type_is_known(refusal: Callable[[str], str | None], name: str) -> None:
    assert parse_type(name.upper()) == NativeType(name)
    assert refusal(f"ALTER TABLE t ADD a {name}") is None


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("INT", "int"),
        ("varchar", "text"),
        (" map < text , frozen<list<int>> > ", "map<text, frozen<list<int>>>"),
        ("frozen<list<list<int>>>", "frozen<list<frozen<list<int>>>>"),
        ("frozen<frozen<list<int>>>", "frozen<list<int>>"),
        ("tuple<int, list<varchar>>", "frozen<tuple<int, frozen<list<text>>>>"),
        ("list<tuple<int,int>>", "list<frozen<tuple<int, int>>>"),
        ("frozen<map<text,map<int,set<text>>>>", "frozen<map<text, frozen<map<int, frozen<set<text>>>>>>"),
        ("frozen<vector<float,3>>", "vector<float, 3>"),
        ("vector<float, 08>", "vector<float, 8>"),
        ("ks.addr", "addr"),
        ("other.addr", "other.addr"),
        ("frozen<Addr>", "frozen<addr>"),
        ('frozen<ks."Ad""dr">', 'frozen<"Ad""dr">'),
        ("map<frozen<ks.addr>, frozen<addr>>", "map<frozen<addr>, frozen<addr>>"),
        ('"int"', '"int"'),
        ("'org.apache.cassandra.db.marshal.Int32Type'", "int"),
        ("list", "list"),
    ],
)
def test_canonical_spelling_is_the_servers(text: str, canonical: str) -> None:
    """What `CQL3Type.toString` of Cassandra 5.0.9 says after `prepare`, user types apart."""
    assert type_text(canonical_type(parse_type(text), "ks")) == canonical


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ("", 1, 1, "expected a type, found the end"),
        ("list<int", 1, 9, "expected '>', found the end"),
        ("list<int>>", 1, 10, "expected the end, found '>'"),
        ("list<>", 1, 6, "expected a type, found '>'"),
        ("map<int>", 1, 8, "expected ',', found '>'"),
        ("map<int,\n text,\n int>", 2, 6, "expected '>', found ','"),
        ("tuple<>", 1, 7, "expected a type, found '>'"),
        ("bag<int>", 1, 1, "expected list, set, map, tuple, vector or frozen before '<', found 'bag'"),
        ("frozen<int>", 1, 8, "expected a collection, tuple or user-defined type inside frozen<…>"),
        ("vector<float>", 1, 13, "expected ',', found '>'"),
        ("vector<float, x>", 1, 15, "expected the dimension of the vector, found 'x'"),
        ("vector<float, 0>", 1, 15, "expected a dimension from 1 to 2147483647"),
        ("vector<float, 2147483648>", 1, 15, "expected a dimension from 1 to 2147483647"),
        (f"vector<float, {'9' * 10000}>", 1, 15, "expected a dimension from 1 to 2147483647"),
        ("select", 1, 1, "expected a type, found the reserved word 'select'; a name is in double quotes"),
        ("select.a", 1, 1, "expected a type, found the reserved word 'select'"),
        ("a.select", 1, 3, "expected a type, found the reserved word 'select'"),
        ("a.int", 1, 3, "expected a type; 'int' names one only in double quotes"),
        ("ttl", 1, 1, "expected a type; 'ttl' names one only in double quotes"),
        ("a.", 1, 3, "expected the name of a type, found the end"),
        ('"a', 1, 1, "expected a name, found a quote that is never closed"),
        ('""', 1, 1, "expected a name, found an empty one"),
        ("'a", 1, 1, "expected a string, found a quote that is never closed"),
        ("é", 1, 1, "expected a type, found 'é'"),
        ("int;", 1, 4, "expected the end, found ';'"),
        ("list<" * 200 + "int" + ">" * 200, 1, 506, "types are nested deeper than 100 levels"),
    ],
)
def test_what_is_no_type_is_refused_at_its_place(text: str, line: int, column: int, reason: str) -> None:
    with pytest.raises(CqlSyntaxError) as caught:
        parse_type(text)
    assert caught.value.reason.startswith(reason)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_the_error_points_at_the_place() -> None:
    with pytest.raises(CqlSyntaxError) as caught:
        parse_type("map<int,\n  lost<int>>")
    assert str(caught.value) == (
        "line 2, column 3: expected list, set, map, tuple, vector or frozen before '<', found 'lost'\n"
        "    lost<int>>\n"
        "    ^"
    )


def test_reserved_words_are_those_of_the_dialect() -> None:
    assert parse_type("desc", dialect="scylla") == UserType("desc")
    with pytest.raises(CqlSyntaxError):
        parse_type("desc", dialect="cassandra-5.0")
    with pytest.raises(UnknownDialectError):
        parse_type("int", dialect="cassandra")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - there is none


def test_a_custom_type_keeps_its_class() -> None:
    assert parse_type("'a''b'") == CustomType("a'b")


@pytest.mark.parametrize("dimension", ["0", "-3", "-0", "00"])
def test_a_dimension_below_one_is_read_where_the_grammar_leaves_it_to_the_server(
    refusal: Callable[[str], str | None], dimension: str
) -> None:
    text = f"ALTER TABLE t ADD a vector<float, {dimension}>"
    assert refusal(text) is None
    tree = parse_cql(text)
    with pytest.raises(DialectSyntaxError) as caught:
        parse_cql(text, dialect="scylla")
    reason = "scylla has no vector dimension below 1; cassandra-5.0, cassandra-6.0 have it; instead, give a dimension"
    assert caught.value.reason.startswith(reason)
    assert text[caught.value.position :] == f"{dimension}>"
    with pytest.raises(UnsupportedFeatureError, match=r"scylla has no vector dimension below 1"):
        compile_statement(tree, dialect="scylla")
    with pytest.raises(UnsupportedFeatureError, match=r"cassandra-4\.1 has no vector type"):
        compile_statement(tree, dialect="cassandra-4.1")


def test_scylla_takes_a_dimension_from_one() -> None:
    assert parse_type("vector<float, 1>", dialect="scylla") == VectorType(NativeType("float"), 1)
