from __future__ import annotations

import inspect
from collections import defaultdict
from typing import TYPE_CHECKING, get_type_hints

import pytest

from cql_builder import compile_statement, parse_cql, type_text
from cql_builder.analysis import walk
from cql_builder.ast import (
    AlterTableOptions,
    Assign,
    Batch,
    Bind,
    BlobLiteral,
    ColumnName,
    Comparison,
    Delete,
    DurationLiteral,
    Element,
    FloatLiteral,
    FunctionResource,
    Insert,
    IntegerLiteral,
    ListType,
    NativeType,
    Node,
    Option,
    Select,
    Statement,
    StringLiteral,
    TableName,
    Term,
    Truncate,
    Update,
    UsingTimestamp,
    UsingTtl,
    UuidLiteral,
)
from cql_builder.errors import LiteralError
from cql_goldens import GOLDENS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cql_builder.dialects import DialectName

A, B = ColumnName("a"), ColumnName("B")
T = TableName("t")
IS_1 = (Comparison(A, "=", Bind()),)


def concrete_classes(base: type[Node] = Node) -> Iterator[type[Node]]:
    below = base.__subclasses__()
    if not below:
        yield base
    for cls in below:
        yield from concrete_classes(cls)


@pytest.mark.parametrize(("dialect", "tree", "cql"), GOLDENS, ids=[cql for _, _, cql in GOLDENS])
def test_a_tree_has_its_text(dialect: DialectName, tree: Statement, cql: str) -> None:
    assert compile_statement(tree, dialect=dialect).cql == cql


def test_the_parser_of_cassandra_takes_every_text(
    refusals: Callable[[Sequence[str], str], list[str | None]],
) -> None:
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for dialect, tree, cql in GOLDENS:
        # Of a function, the parser looks up the keyspace; ScyllaDB's own parser is not at hand.
        if dialect != "scylla" and not any(isinstance(node, FunctionResource) for node in walk(tree)):
            texts[dialect].append(cql)
    said = [
        (cql, error)
        for dialect in texts
        for cql, error in zip(texts[dialect], refusals(texts[dialect], dialect), strict=True)
    ]
    assert [(cql, error) for cql, error in said if error is not None] == []
    assert len(said) > 200


def test_every_node_class_has_a_golden() -> None:
    assert {type(node) for _, tree, _ in GOLDENS for node in walk(tree)} == set(concrete_classes())


def test_every_annotation_of_a_node_can_be_resolved() -> None:
    for cls in concrete_classes():
        assert set(get_type_hints(cls)) >= set(inspect.signature(cls).parameters)


def test_markers_keep_their_names_in_the_order_of_the_text() -> None:
    tree = Select((), T, (Comparison(A, "=", Bind("second")), Comparison(B, "=", Bind())), limit=Bind("Limit"))
    compiled = compile_statement(tree)
    assert compiled.cql == 'SELECT * FROM t WHERE a = :second AND "B" = ? LIMIT :"Limit"'
    assert compiled.names == ("second", None, "Limit")
    assert compiled.params == ()


def test_the_order_of_markers_is_that_of_each_kind_of_text() -> None:
    parts = (
        Update(
            T, (Assign(Element(A, Bind("3")), Bind("4")),), (Comparison(B, "=", Bind("5")),), (UsingTtl(Bind("2")),)
        ),
        Delete(T, IS_1, (Element(A, Bind("6")),), (UsingTimestamp(Bind("7")),)),
        Insert(T, (A,), (Bind("9"),), using=(UsingTtl(Bind("10")),)),
    )
    compiled = compile_statement(Batch(parts, using=(UsingTimestamp(Bind("1")),)))
    assert compiled.names == ("1", "2", "3", "4", "5", "6", "7", None, "9", "10")


def test_one_shape_is_rendered_once() -> None:
    first = compile_statement(Select((A,), TableName("rendered_once")))
    again = compile_statement(Select((ColumnName("a"),), TableName("rendered_once")))
    assert first.cql is again.cql


def written(literal: Term) -> str:
    return compile_statement(AlterTableOptions(T, (Option("a", literal),))).cql.removeprefix("ALTER TABLE t WITH a = ")


@pytest.mark.parametrize("digits", ["", "-", "1.5", "1e3", "--1", "٣", "1 OR 1", "+1"])
def test_an_integer_literal_is_digits(digits: str) -> None:
    with pytest.raises(LiteralError, match="a whole number is digits"):
        written(IntegerLiteral(digits))


@pytest.mark.parametrize("digits", ["", "1", ".5", "1.x", "1e", "nan", "--1.0", "1.5; DROP", "1e1e1", "+Infinity"])
def test_a_float_literal_is_a_number(digits: str) -> None:
    with pytest.raises(LiteralError, match="a number is digits with a point"):
        written(FloatLiteral(digits))


@pytest.mark.parametrize(
    "text", ["", "123e4567e89b12d3a456426655440000", "123E4567-e89b-12d3-a456-426655440000", "x" * 36]
)
def test_a_uuid_literal_is_a_uuid(text: str) -> None:
    with pytest.raises(LiteralError, match="a UUID is hexadecimal digits in lower case"):
        written(UuidLiteral(text))


@pytest.mark.parametrize("digits", ["0xab", "AB", "g", " ", "٣"])
def test_a_blob_literal_is_hexadecimal(digits: str) -> None:
    with pytest.raises(LiteralError, match="a blob is hexadecimal digits in lower case, without 0x"):
        written(BlobLiteral(digits))


@pytest.mark.parametrize(
    "text",
    ["", "1", "d", "1x", "P1", "p1y", "P1D1Y", "1h-2m", "P2W1D", "٣d", "1d; DROP", "1d\n"],
)
def test_a_duration_literal_is_a_duration(text: str) -> None:
    with pytest.raises(LiteralError, match="a duration is numbers with units such as 1h30m"):
        written(DurationLiteral(text))


def test_a_text_that_cannot_be_encoded_is_refused() -> None:
    with pytest.raises(LiteralError, match="lone surrogate"):
        written(StringLiteral("a\ud800"))


def test_a_compiled_statement_shows_no_values() -> None:
    assert "secret" not in repr(compile_statement(Truncate(T))._replace(params=("secret",)))


def test_a_data_type_has_its_text() -> None:
    assert type_text(ListType(NativeType("int"))) == "list<int>"


@pytest.mark.parametrize(
    "text", ["SELECT (b.c)0 .x FROM t", "SELECT (b.c)1. .x FROM t", 'SELECT (b.c)(d.e)7 ."X" FROM t']
)
def test_a_field_of_a_number_is_no_further_digit(text: str, refusal: Callable[[str], str | None]) -> None:
    assert compile_statement(parse_cql(text)).cql == text
    assert refusal(text) is None
