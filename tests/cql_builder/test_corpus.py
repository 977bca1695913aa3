"""Statements of Cassandra's own tests and documentation, each with the verdict of every dialect's grammar."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cql_builder import compile_statement, parse_cql, parse_script
from cql_builder.dialects import DIALECTS
from cql_builder.errors import CqlSyntaxError, DialectSyntaxError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cql_builder.dialects import DialectName

pytestmark = pytest.mark.once  # the grammar is the same on every Python, and takes 12 s

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus" / "cql_statements.jsonl"
DIFFERENCES = Path(__file__).with_name("corpus_differences.txt")
FIELDS = {
    "cassandra-4.0": "c40",
    "cassandra-4.1": "c41",
    "cassandra-5.0": "c50",
    "cassandra-6.0": "c60",
    "scylla": "scylla",
}
NAMED_AND_WRONG = {
    "CREATE ROLE tbl WITH login=true AND password='tbl' AND hashed password='tbl'",
    "ALTER ROLE tbl WITH password='tbl' AND hashed password='tbl'",
    "CREATE ROLE role10 WITH GENERATED PASSWORD AND PASSWORD = 'doesnotmatter'",
}
"""What no dialect reads: it has two passwords, behind one of a kind that is named as another dialect's."""


def corpus(dialect: DialectName) -> dict[str, bool]:
    """The statements, and whether the dialect's own grammar takes them."""
    if not CORPUS.exists():
        pytest.skip("the corpus is not beside the repository (../shared/corpus)")
    rows = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    return {row["cql"]: row[FIELDS[dialect]] for row in rows if FIELDS[dialect] in row}


def differences() -> list[tuple[str, bool, str]]:
    """The known differences: dialect, whether the server takes it, statement."""
    lines = DIFFERENCES.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    assert all(len(row) == 4 and row[3] for row in rows)
    return [(dialect, verdict == "accepted", json.loads(cql)) for dialect, verdict, cql, _ in rows]


def refusal_of(cql: str, dialect: DialectName) -> CqlSyntaxError | None:
    try:
        parse_cql(cql, dialect=dialect)
    except CqlSyntaxError as error:
        return error
    return None


def is_accepted(cql: str, dialect: DialectName) -> bool:
    return refusal_of(cql, dialect) is None


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_verdict_is_the_servers_but_for_the_known_differences(dialect: DialectName) -> None:
    verdicts = corpus(dialect)
    wrong = {cql for cql, accepted in verdicts.items() if is_accepted(cql, dialect) != accepted}
    assert wrong == {cql for other, _, cql in differences() if other == dialect and cql in verdicts}


@pytest.mark.parametrize(("dialect", "accepted", "cql"), differences())
def test_the_known_differences_are_still_there(dialect: DialectName, *, accepted: bool, cql: str) -> None:
    assert is_accepted(cql, dialect) is not accepted


def test_a_refusal_names_the_dialects_that_read_the_statement() -> None:
    statements = {cql for dialect in DIALECTS for cql in corpus(dialect)}
    for cql in statements:
        verdicts = {dialect: refusal_of(cql, dialect) for dialect in DIALECTS}
        readers = tuple(dialect for dialect, error in verdicts.items() if error is None)
        for error in verdicts.values():
            if not isinstance(error, DialectSyntaxError):
                assert error is None or not readers, cql
            elif not error.feature:
                assert error.supported_by == readers, cql
            elif cql not in NAMED_AND_WRONG:
                assert set(error.supported_by) & set(readers), cql


def test_the_servers_still_say_what_the_differences_say(
    refusals: Callable[[Sequence[str], str], list[str | None]],
) -> None:
    asked = [row for row in differences() if row[0] != "scylla"]
    said = [refusals([cql], dialect) == [None] for dialect, _, cql in asked]
    assert said == [accepted for _, accepted, _ in asked]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_statement_comes_back_as_the_same_tree(
    refusals: Callable[[Sequence[str], str], list[str | None]], dialect: DialectName
) -> None:
    trees = [parse_cql(cql, dialect=dialect) for cql in corpus(dialect) if is_accepted(cql, dialect)]
    # A lone P is a duration to ScyllaDB's lexer, and the one literal that no tree can be written with.
    trees = [tree for tree in trees if "DurationLiteral(text='P')" not in repr(tree)]
    texts = [compile_statement(tree, dialect=dialect).cql for tree in trees]
    assert [parse_cql(text, dialect=dialect) for text in texts] == trees
    assert parse_script(";\n".join(texts), dialect=dialect) == trees
    if dialect != "scylla":
        refused = [text for text, error in zip(texts, refusals(texts, dialect), strict=True) if error is not None]
        # Both ask the server for what a text alone does not have: a keyspace and a Java class.
        assert [text for text in refused if "user_function" not in text and "f11064" not in text] == []
