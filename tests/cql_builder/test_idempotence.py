"""What `idempotence.txt` says of every statement, against what the tree and the text alone tell."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cql_builder.analysis import classify, find, is_conditional, is_idempotent, transform
from cql_builder.ast import (
    Batch,
    Bind,
    ColumnName,
    Comparison,
    Delete,
    FunctionCall,
    FunctionName,
    Insert,
    InsertJson,
    Node,
    Statement,
    Update,
    UsingTimestamp,
)
from cql_builder.errors import CqlSyntaxError
from cql_builder.parser.parse import parse_cql

if TYPE_CHECKING:
    from collections.abc import Callable

    from cql_builder.ast.statements import BatchKind
    from cql_builder.dialects import DialectName

    Write = Insert | InsertJson | Update | Delete

DIALECTS: tuple[DialectName, ...] = ("cassandra-5.0", "cassandra-6.0", "cassandra-4.1", "cassandra-4.0")
"""In the order in which they are tried."""
CONTROL_CHARACTERS = str.maketrans("␊␍␉", "\n\r\t")
LIST = Path(__file__).with_name("idempotence.txt")

TOO_CAUTIOUS = {
    "INSERT INTO t (k, a) VALUES (1, system.todate('2026-01-01'))",
    "DELETE FROM t WHERE k = 1 AND c < system.mintimeuuid(?)",
    "UPDATE t SET l = l + [] WHERE k = 1",
    "UPDATE t SET s = s + (set<int>)? WHERE k = 1",
    "UPDATE t SET m[-1] = 'x' WHERE k = 1",
    "UPDATE t SET m[10000000000] = 'x' WHERE k = 1",
    "UPDATE t SET m[(text)?] = 'x' WHERE k = 1",
    "BEGIN COUNTER BATCH APPLY BATCH",
}
"""What is idempotent and not seen to be; the list has the reasons."""


class Labelled(NamedTuple):
    text: str
    idempotent: bool
    dialect: DialectName
    tree: Statement


@cache
def labelled() -> tuple[Labelled, ...]:
    # No line may end at a character of a statement, as `splitlines` would have it.
    lines = LIST.read_text(encoding="utf-8").split("\n")
    return tuple([_labelled(line) for line in lines if line and not line.startswith("#")])


def _labelled(line: str) -> Labelled:
    label, _, text = line.partition(" ")
    assert label in {"yes", "no"}, line
    text = text.translate(CONTROL_CHARACTERS)
    for dialect in DIALECTS:
        with suppress(CqlSyntaxError):
            return Labelled(text, label == "yes", dialect, parse_cql(text, dialect=dialect))
    pytest.fail(f"no version of Cassandra reads {text!r}")


@cache
def writes() -> tuple[Write, ...]:
    trees = [statement.tree for statement in labelled()]
    return tuple([tree for tree in trees if isinstance(tree, Insert | InsertJson | Update | Delete)])


def test_the_list_has_many_statements_and_none_twice() -> None:
    texts = [statement.text for statement in labelled()]
    assert len(texts) >= 520
    assert len(set(texts)) == len(texts)


def test_nothing_counts_as_idempotent_that_may_not_be() -> None:
    assert [one.text for one in labelled() if is_idempotent(one.tree) and not one.idempotent] == []


def test_what_is_idempotent_counts_as_such_but_for_a_few() -> None:
    idempotent = [one for one in labelled() if one.idempotent]
    missed = {one.text for one in idempotent if not is_idempotent(one.tree)}
    assert missed == TOO_CAUTIOUS
    assert 1 - len(missed) / len(idempotent) >= 0.95


def test_the_text_alone_never_tells_more_than_the_tree() -> None:
    for one in labelled():
        told = classify(one.text)
        assert one.idempotent or not told.idempotent, one.text
        assert told.conditional or not is_conditional(one.tree), one.text


def test_cassandra_reads_every_statement(refusal: Callable[[str], str | None]) -> None:
    texts = [one.text for one in labelled() if one.dialect == "cassandra-5.0"]
    assert len(texts) > 600
    assert [(text, refusal(text)) for text in texts if refusal(text) is not None] == []


@pytest.mark.parametrize("kind", ["logged", "unlogged"])
def test_a_batch_of_one_is_what_the_one_is(kind: BatchKind) -> None:
    for tree in writes():
        assert is_idempotent(Batch((tree,), kind)) is is_idempotent(tree), tree


@given(st.data())
def test_a_batch_makes_no_statement_idempotent(data: st.DataObject) -> None:
    kinds: list[BatchKind] = ["logged", "unlogged", "counter"]
    trees = tuple(data.draw(st.lists(st.sampled_from(writes()), min_size=1, max_size=4)))
    using = tuple(data.draw(st.lists(st.just(UsingTimestamp(Bind())), max_size=1)))
    batch = Batch(trees, data.draw(st.sampled_from(kinds)), using)
    if is_idempotent(batch):
        assert all(is_idempotent(tree) for tree in trees)


def test_a_condition_makes_every_statement_one_that_is_not() -> None:
    condition = (Comparison(ColumnName("a"), "=", Bind()),)
    for tree in writes():
        if isinstance(tree, Insert):
            conditional: list[Write] = [Insert(tree.table, tree.columns, tree.values, True, tree.using)]
        elif isinstance(tree, InsertJson):
            conditional = [InsertJson(tree.table, tree.json, tree.default, True, tree.using)]
        elif isinstance(tree, Update):
            parts = (tree.table, tree.assignments, tree.where, tree.using)
            conditional = [Update(*parts, condition), Update(*parts, if_exists=True)]
        else:
            deleted = (tree.table, tree.where, tree.targets, tree.using)
            conditional = [Delete(*deleted, condition), Delete(*deleted, if_exists=True)]
        for one in conditional:
            assert not is_idempotent(one)
            assert not is_idempotent(Batch((one,)))


def test_a_function_in_place_of_a_marker_makes_every_statement_one_that_is_not() -> None:
    def called(node: Node) -> Node:
        return FunctionCall(FunctionName("f")) if isinstance(node, Bind) else node

    with_markers = [tree for tree in writes() if next(find(tree, Bind), None) is not None]
    assert len(with_markers) > 100
    for tree in with_markers:
        assert not is_idempotent(transform(tree, called)), tree


@pytest.mark.parametrize("ending", ["1", "1.5", "1e5", "0xAB", "0x", "2h", "?", "'x'", "$$x$$"])
def test_a_value_needs_no_space_before_if(ending: str, refusal: Callable[[str], str | None]) -> None:
    text = f"UPDATE t SET a = 1 WHERE k = {ending}IF EXISTS"
    assert refusal(text) is None
    assert classify(text).conditional


@pytest.mark.parametrize(
    "hinted",
    [
        "('ListType(Int32Type)') [1, 2]",
        "('org.apache.cassandra.db.marshal.ListType(Int32Type)') [1, 2]",
        "('ListType(Int32Type)') ?",
        "(foo) [1]",
    ],
)
def test_a_list_behind_any_hint_is_a_list(hinted: str) -> None:
    assert not is_idempotent(parse_cql(f"INSERT INTO t (k, l) VALUES (1, {hinted})"))
    assert not is_idempotent(parse_cql(f"UPDATE t SET l = {hinted} WHERE k = 1"))
