"""What is written is read back as it was: names, strings, and random trees of every statement in every dialect."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from cql_builder import compile_statement, parse_cql
from cql_builder.ast import ColumnName, Insert, Select, StringLiteral, TableName
from cql_builder.dialects import DIALECTS
from cql_builder.errors import IdentifierError, LiteralError
from cql_trees import statements_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from cql_builder.ast import Statement
    from cql_builder.dialects import DialectName

VALUES, LONG_VALUES = 5_000, 1_000_000
"""How many names, and how many strings, are written and read back; the second in `./dev test --long`."""
TOGETHER = 100
"""How many of them stand in one statement."""
TREES, LONG_TREES = 20, 1000
"""How many trees of each class of statement, for each dialect."""
TRAPS = [
    *(
        "'",
        '"',
        "''",
        '""',
        "\\",
        "\\'",
        "$$",
        "$",
        "--",
        "//",
        "/*",
        "*/",
        ";",
        "?",
        ":a",
        "\x00",
        "\n",
        "\r",
        "\t",
        " ",
    ),
    *(
        "\u2028",
        "\ufeff",
        "\u0130",
        "\u212a",
        "\U0001f40d",
        "e\u0301",
        "\ud7ff",
        "\ue000",
        "SELECT",
        "select",
        "null",
        "a.b",
    ),
]
CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example, HealthCheck.filter_too_much]
TEXTS = st.text() | st.lists(st.sampled_from(TRAPS) | st.characters(exclude_categories=["Cs"]), max_size=6).map("".join)
T = TableName("t")


def of_many(texts: st.SearchStrategy[str], count: int) -> Callable[[Callable[[list[str]], None]], Callable[[], None]]:
    """Run a test on so many texts, `TOGETHER` at a time."""
    together = st.lists(texts, min_size=TOGETHER, max_size=TOGETHER)
    quiet = settings(max_examples=VALUES // TOGETHER, database=None, deadline=None, suppress_health_check=CHECKS)

    def in_rounds(test: Callable[[list[str]], None]) -> Callable[[], None]:
        def run() -> None:
            # Hypothesis keeps all that it has generated until a round ends: of a million texts, more than 3 GB.
            for _ in range(count // VALUES):
                seed(secrets.randbits(64))(quiet(given(together)(test)))()

        return run

    return in_rounds


COUNTS = [VALUES, pytest.param(LONG_VALUES, marks=[pytest.mark.long, pytest.mark.timeout(3600)])]


@pytest.mark.parametrize("count", COUNTS)
def test_names_come_back_as_themselves(count: int) -> None:
    @of_many(TEXTS.filter(bool), count)
    def names_come_back(names: list[str]) -> None:
        tree = Select(tuple([ColumnName(name) for name in names]), TableName(names[0], names[1]))
        for dialect in ("cassandra-5.0", "scylla"):
            assert parse_cql(compile_statement(tree, dialect=dialect).cql, dialect=dialect) == tree

    names_come_back()


@pytest.mark.parametrize("count", COUNTS)
def test_strings_come_back_as_themselves(count: int) -> None:
    @of_many(TEXTS, count)
    def strings_come_back(texts: list[str]) -> None:
        columns = tuple([ColumnName(f"c{number}") for number in range(len(texts))])
        tree = Insert(T, columns, tuple([StringLiteral(text) for text in texts]))
        for dialect in ("cassandra-5.0", "scylla"):
            assert parse_cql(compile_statement(tree, dialect=dialect).cql, dialect=dialect) == tree

    strings_come_back()


@pytest.mark.parametrize("piece", ["'", '"', "--", "\n", "\U0001f40d", "$$", "x"])
def test_a_megabyte_comes_back_as_itself(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    tree = Insert(T, (ColumnName(text),), (StringLiteral(text),))
    assert parse_cql(compile_statement(tree).cql) == tree


def test_what_utf_8_cannot_carry_is_refused() -> None:
    with pytest.raises(IdentifierError, match="surrogate"):
        compile_statement(Select((ColumnName("a\ud800"),), T))
    with pytest.raises(LiteralError, match="surrogate"):
        compile_statement(Insert(T, (ColumnName("a"),), (StringLiteral("\udfff"),)))


@pytest.mark.once
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "trees", [TREES, pytest.param(LONG_TREES, marks=[pytest.mark.long, pytest.mark.timeout(3600)])]
)
def test_trees_of_every_statement_come_back_as_themselves(dialect: DialectName, trees: int) -> None:
    for strategy in statements_of(DIALECTS[dialect]).values():

        @settings(max_examples=trees, database=None, phases=[Phase.generate], suppress_health_check=CHECKS)
        @given(strategy)
        def comes_back(tree: Statement) -> None:
            text = compile_statement(tree, dialect=dialect).cql
            assert parse_cql(text, dialect=dialect) == tree, text

        comes_back()
