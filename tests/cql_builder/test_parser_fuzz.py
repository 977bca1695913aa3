"""Texts that are nearly CQL: never another error, never slow, and Cassandra's own parser says the same."""

from __future__ import annotations

import json
import random
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cql_builder import compile_statement, parse_cql, parse_script
from cql_builder.ast import (
    Batch,
    Delete,
    Insert,
    InsertJson,
    PruneMaterializedView,
    Select,
    Truncate,
    Update,
    Use,
)
from cql_builder.dialects import DIALECTS
from cql_builder.errors import CqlSyntaxError
from cql_trees import statements_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cql_builder.ast import Statement
    from cql_builder.dialects import Dialect, DialectName

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus" / "cql_statements.jsonl"
MAX_LENGTH = 600
"""How long a statement of the corpus may be that is changed: in a longer one, most changes are alike."""
WORDS = re.compile(r"\s+|'(?:[^']|'')*'|\"[^\"]*\"|\$\$.*?\$\$|[\w.]*\w|\S", re.DOTALL)
STATEMENTS = """
SELECT DISTINCT a, b.c, m['k'], l[1..2], (int)?, count(*), ttl(a) AS x, f(a, 1), {a: 1}, [a] FROM ks.t WHERE a = 1 \
AND b IN (1, ?) AND (c, d) > (1, 2) AND token(a) > token(1) AND m['x'] = 'y' AND s CONTAINS KEY 1 GROUP BY a \
ORDER BY c DESC, d PER PARTITION LIMIT 1 LIMIT ? ALLOW FILTERING
SELECT JSON * FROM t WHERE a IS NOT NULL AND b LIKE 'x%' AND expr(i, 'q') ORDER BY v ANN OF [1.0, 2.0]
INSERT INTO t (a, b) VALUES ({'x': 1}, {f: (1, 'a')}) IF NOT EXISTS USING TTL 5 AND TIMESTAMP :ts
INSERT INTO t JSON '{}' DEFAULT UNSET USING TTL ?
UPDATE t USING TTL 1 SET a = a + 1, b = [1] + b, c -= {1}, d[0] = 1, e.f = now(), g = g -3 WHERE k = 1 \
IF a = 1 AND b[1] IN (1) AND c.d = -Infinity
DELETE a, b[1], c.d FROM t USING TIMESTAMP 1 WHERE k = 0x00 IF EXISTS
BEGIN UNLOGGED BATCH USING TIMESTAMP 1 INSERT INTO t (a) VALUES (1); DELETE FROM t WHERE a = 1 APPLY BATCH
CREATE TABLE IF NOT EXISTS t (a int, b frozen<list<text>> STATIC, PRIMARY KEY ((a), b)) WITH comment = 'x' \
AND CLUSTERING ORDER BY (b DESC) AND compaction = {'class': 'X'}
ALTER TABLE t ADD (a int, b map<int, tuple<int, text>>)
CREATE CUSTOM INDEX i ON t (keys(m)) USING 'X' WITH OPTIONS = {'a': 'b'}
CREATE FUNCTION f(a int) CALLED ON NULL INPUT RETURNS int LANGUAGE java AS $$ return 1; $$
GRANT SELECT ON KEYSPACE ks TO r
CREATE ROLE r WITH PASSWORD = 'x' AND LOGIN = true
DESCRIBE FULL SCHEMA
"""
REPLACEMENTS = """
"" "Q" .. 1.5 -1 - + * ( ) [ ] { } , . : ; ? = != null key ttl exists json as distinct per partition and not in is like
between if using 1d NaN (int) f(1) token(a) /* -- ' $$ \x00 \ud800 é
"""
NO_VERDICT = ("java.", "Error setting type", "Keyspace ", "No value present", "Multiple incompatible setting of column")
"""How errors of Cassandra's parser begin that say nothing about the grammar."""
ROWS = (Batch, Delete, Insert, InsertJson, PruneMaterializedView, Select, Truncate, Update, Use)


@cache
def statements() -> list[list[str]]:
    """The tokens, with what stands between them, of the statements above and of those of the corpus if it is there."""
    texts = STATEMENTS.strip().splitlines()
    if CORPUS.exists():
        rows = [json.loads(line)["cql"] for line in CORPUS.read_text(encoding="utf-8").splitlines()]
        texts += [text for text in rows if len(text) <= MAX_LENGTH]
    return [WORDS.findall(text) for text in texts]


@cache
def pieces() -> tuple[list[str], list[str]]:
    """What may stand in a token's place: all tokens, as often as they come, and each once."""
    found = [token for tokens in statements() for token in tokens if not token.isspace()]
    return found, sorted({*found, *REPLACEMENTS.split()})


def mutants(count: int, seed: int) -> list[str]:
    """Statements with a few tokens left out, doubled, moved or replaced."""
    chance = random.Random(seed)  # noqa: S311 - the same texts in every run
    return ["".join(mutated(list(chance.choice(statements())), chance)) for _ in range(count)]


def mutated(tokens: list[str], chance: random.Random) -> list[str]:
    frequent, each = pieces()
    for _ in range(chance.choice((1, 1, 2, 4))):
        index = chance.randrange(len(tokens))
        replacement = chance.choice(
            (
                [],
                [tokens[index], " ", tokens[index]],
                [" ", chance.choice(frequent), " "],
                [" ", chance.choice(each), " "],
                [tokens[index], " ", chance.choice(each)],
                [" ", chance.choice(tokens), " "],
            )
        )
        tokens[index : index + 1] = replacement
        if not tokens:
            return ["x"]
    return tokens


def verdict(text: str, dialect: DialectName) -> bool:
    try:
        tree = parse_cql(text, dialect=dialect)
    except CqlSyntaxError as error:
        refusal = error
    else:
        assert parse_script(text, dialect=dialect) == [tree]
        return True
    assert refusal.line == text.count("\n", 0, refusal.position) + 1
    assert str(refusal).endswith("^")
    return False


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_text_raises_anything_else(dialect: DialectName) -> None:
    accepted = [verdict(text, dialect) for text in mutants(2000, 1)]
    assert 100 < sum(accepted) < 1900


@given(st.text(st.sampled_from(sorted(set(STATEMENTS + REPLACEMENTS))), max_size=60))
def test_no_characters_raise_anything_else(text: str) -> None:
    verdict(text, "cassandra-6.0")
    verdict(f"SELECT {text} FROM t WHERE {text}", "scylla")


@pytest.mark.parametrize("dialect", ["cassandra-4.0", "cassandra-4.1", "cassandra-5.0", "cassandra-6.0"])
@pytest.mark.parametrize("count", [1000, pytest.param(60_000, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
def test_cassandra_says_the_same(
    refusals: Callable[[Sequence[str], str], list[str | None]], dialect: DialectName, count: int
) -> None:
    texts = [text for text in mutants(count, 2) if "\ud800" not in text]
    wrong = [
        (text, error)
        for text, error in zip(texts, refusals(texts, dialect), strict=True)
        if verdict(text, dialect) is not (error is None) and not is_no_matter_of_grammar(text, error)
    ]
    assert wrong == []


def is_no_matter_of_grammar(text: str, error: str | None) -> bool:
    """Whether the server complains of what its grammar allows.

    That is what it asks Java and its schema for, a column that is set to two values, a fault of its parser that is no
    verdict, and a semicolon after an element in GROUP BY.
    """
    if error is None:
        return False
    return error.startswith(NO_VERDICT) or ("GROUP BY" in text.upper() and "expecting EOF" in error)


def dialects_and_trees(dialect: Dialect) -> st.SearchStrategy[tuple[str, Statement]]:
    trees = statements_of(dialect)
    return st.tuples(st.just(dialect.name), st.one_of([trees[cls] for cls in ROWS if cls in trees]))


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.sampled_from(list(DIALECTS.values())).flatmap(dialects_and_trees))
def test_every_tree_comes_back_as_itself(dialect_and_tree: tuple[DialectName, Statement]) -> None:
    dialect, tree = dialect_and_tree
    assert parse_cql(compile_statement(tree, dialect=dialect).cql, dialect=dialect) == tree
