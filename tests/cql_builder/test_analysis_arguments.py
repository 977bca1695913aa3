"""No answer about something that is no tree: whoever forgets `.tree` is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cql_builder import analysis, col, parse_cql, select, update
from cql_builder.analysis import classify, find, key_binding, partition_key_terms, statement_kind
from cql_builder.ast import ColumnName, TableName
from cql_builder.dialects import DIALECTS
from cql_builder.errors import ArgumentError, CqlSyntaxError

if TYPE_CHECKING:
    from collections.abc import Callable

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus" / "cql_statements.jsonl"
SELECT = select("a").from_("t").where(col("id") == 1)
NO_TREES: list[Any] = [SELECT, update("t").set(a=1).where(col("b") == 1).if_exists(), "SELECT a FROM t", None, 5, []]
OF_NODES: dict[str, Callable[[Any], object]] = {
    "find": lambda tree: find(tree, ColumnName),
    "tables": analysis.tables,
    "transform": lambda tree: analysis.transform(tree, lambda node: node),
    "walk": analysis.walk,
}
OF_STATEMENTS: dict[str, Callable[[Any], object]] = {
    "is_conditional": analysis.is_conditional,
    "is_idempotent": analysis.is_idempotent,
    "key_binding": lambda tree: key_binding(tree, ["id"]),
    "partition_key_terms": lambda tree: partition_key_terms(tree, ["id"]),
    "statement_kind": statement_kind,
    "table_uses": analysis.table_uses,
}


def test_every_function_is_asked() -> None:
    functions = {name for name in analysis.__all__ if name.islower()}
    assert functions == {*OF_NODES, *OF_STATEMENTS, "classify"}


@pytest.mark.parametrize("name", [*OF_NODES, *OF_STATEMENTS])
@pytest.mark.parametrize("value", NO_TREES)
def test_what_is_no_tree_is_refused_with_what_would_be_one(name: str, value: object) -> None:
    ask = {**OF_NODES, **OF_STATEMENTS}[name]
    with pytest.raises(
        ArgumentError, match=rf"^{name}: it takes a tree \(give statement\.tree, or parse_cql\(text\)\)"
    ):
        ask(value)


@pytest.mark.parametrize("name", OF_STATEMENTS)
def test_what_is_no_statement_is_refused_where_one_is_asked_about(name: str) -> None:
    with pytest.raises(ArgumentError, match=f"^{name}: it takes a tree .*, not TableName$"):
        OF_STATEMENTS[name](TableName("t"))


def test_a_kind_to_be_found_is_a_class() -> None:
    kind: Any = "ColumnName"
    with pytest.raises(ArgumentError, match=r"the kind takes a class of cql_builder\.ast, not str"):
        find(SELECT.tree, kind)


@pytest.mark.parametrize("ask", [key_binding, partition_key_terms])
@pytest.mark.parametrize("key", ["id", None, 5, [col("id")], [1], b"id"])
def test_a_partition_key_is_names_of_columns(ask: Callable[[Any, Any], object], key: object) -> None:
    with pytest.raises(ArgumentError, match=r'the partition key takes names of columns such as \["id"\], not'):
        ask(SELECT.tree, key)


@pytest.mark.parametrize("value", [None, b"SELECT a FROM t", SELECT.tree, 5])
def test_a_text_to_be_classified_is_a_str(value: Any) -> None:
    with pytest.raises(ArgumentError, match=r"^classify: the text takes a str, not"):
        classify(value)


@pytest.mark.parametrize(
    "text",
    [
        "CREATE GENERATED ROLE",
        "CREATE SERVICE_LEVEL a",
        "ALTER SERVICE_LEVEL a WITH x = 1",
        "DROP SERVICE_LEVEL a",
        "CREATE SERVICE LEVEL a",
        "SECURITY LABEL ON KEYSPACE a IS 'b'",
        "COMMENT ON KEYSPACE a IS 'b'",
        "DROP IDENTITY 'a'",
        "ADD IDENTITY 'a' TO ROLE b",
    ],
)
def test_text_and_tree_are_of_one_kind(text: str) -> None:
    assert classify(text).kind is kind_of(text)


def test_text_and_tree_are_of_one_kind_for_every_statement_of_the_corpus() -> None:
    if not CORPUS.exists():
        pytest.skip("the corpus is not beside the repository (../shared/corpus)")
    texts = [json.loads(line)["cql"] for line in CORPUS.read_text("utf-8").splitlines()]
    kinds = [(text, kind_of(text)) for text in texts]
    assert [text for text, kind in kinds if kind is not None and classify(text).kind is not kind] == []
    assert sum(kind is not None for _, kind in kinds) > 6000


def kind_of(text: str) -> analysis.StatementKind | None:
    for dialect in reversed(DIALECTS):
        try:
            return statement_kind(parse_cql(text, dialect=dialect))
        except CqlSyntaxError:
            continue
    return None
