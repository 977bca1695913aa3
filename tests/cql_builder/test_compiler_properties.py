"""Random trees of every statement, in every dialect, judged by the parser of each Cassandra version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cql_builder import compile_statement
from cql_builder.analysis import walk
from cql_builder.ast import (
    Bind,
    ColumnName,
    CreateFunction,
    FunctionName,
    FunctionResource,
    InsertJson,
    NativeType,
    Select,
    Statement,
    StringLiteral,
    TableName,
)
from cql_builder.dialects import DIALECTS
from cql_goldens import GOLDENS
from cql_trees import statements, statements_of
from cql_trees.names import TEXTS, identifiers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cql_builder.dialects import DialectName

TREES = 20
"""How many trees of each class of statement are judged; `./dev test --long` judges more."""
LONG = 1000
CHECKS = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large, HealthCheck.large_base_example]
DEFAULT = DIALECTS["cassandra-5.0"]


def texts_of(dialect: DialectName, trees: int) -> list[str]:
    """The texts of random trees of every class of statement."""
    texts: set[str] = set()
    for strategy in statements_of(DIALECTS[dialect]).values():

        @settings(max_examples=trees, database=None, phases=[Phase.generate], suppress_health_check=CHECKS)
        @given(strategy)
        def compile_one(tree: Statement) -> None:
            text = compile_statement(tree, dialect=dialect).cql
            # Of a function, Cassandra's parser looks up the keyspace.
            if not any(isinstance(node, FunctionResource) for node in walk(tree)):
                texts.add(text)

        compile_one()
    return sorted(texts)


@pytest.mark.once
@pytest.mark.parametrize("dialect", ["cassandra-4.0", "cassandra-4.1", "cassandra-5.0", "cassandra-6.0"])
@pytest.mark.parametrize("trees", [TREES, pytest.param(LONG, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
def test_every_tree_has_a_text_that_cassandra_takes(
    refusals: Callable[[Sequence[str], str], list[str | None]], dialect: DialectName, trees: int
) -> None:
    texts = texts_of(dialect, trees)
    wrong = [(text, error) for text, error in zip(texts, refusals(texts, dialect), strict=True) if error is not None]
    assert wrong == []
    assert len(texts) > 5 * trees


def test_every_tree_of_scylla_has_a_text() -> None:
    assert len(texts_of("scylla", TREES)) > 5 * TREES


def test_there_are_trees_of_every_class_of_statement() -> None:
    there = {cls for dialect in DIALECTS.values() for cls in statements_of(dialect)}
    assert there == {type(tree) for _, tree, _ in GOLDENS}


@given(st.sampled_from(list(DIALECTS.values())).flatmap(lambda one: st.tuples(st.just(one.name), statements(one))))
@settings(suppress_health_check=CHECKS)
def test_names_are_those_of_the_markers(dialect_and_tree: tuple[DialectName, Statement]) -> None:
    dialect, tree = dialect_and_tree
    markers = [node.name for node in walk(tree) if isinstance(node, Bind)]
    if dialect == "scylla":  # there the markers of one name are one value
        markers = [
            *[name for name in dict.fromkeys(markers) if name is not None],
            *[name for name in markers if name is None],
        ]
    names = compile_statement(tree, dialect=dialect).names
    assert sorted(map(repr, names)) == sorted(map(repr, markers))


def read_back(text: str, quote: str) -> str:
    """Read the quoted text at the start of `text` as the server's lexer does."""
    assert text[0] == quote
    read, position = "", 1
    while text[position] != quote or text[position : position + 2] == quote * 2:
        read += text[position]
        position += 2 if text[position] == quote else 1
    return read


@given(identifiers(DEFAULT))
def test_a_name_comes_back_as_itself(name: str) -> None:
    text = compile_statement(Select((ColumnName(name),), TableName("t"))).cql.removeprefix("SELECT ")
    assert (read_back(text, '"') if text[0] == '"' else text.split()[0]) == name


@given(TEXTS)
def test_a_string_comes_back_as_itself(text: str) -> None:
    cql = compile_statement(InsertJson(TableName("t"), StringLiteral(text))).cql
    assert read_back(cql.removeprefix("INSERT INTO t JSON "), "'") == text


@given(TEXTS | st.text("$a'", max_size=6))
def test_the_body_of_a_function_comes_back_as_itself(text: str) -> None:
    tree = CreateFunction(FunctionName("f"), (), NativeType("int"), "java", text)
    body = compile_statement(tree).cql.partition(" AS ")[2]
    if body.startswith("$$"):
        assert body.removeprefix("$$").partition("$$") == (text, "$$", "")
    else:
        assert read_back(body, "'") == text
        assert "$$" in text or text.endswith("$")
