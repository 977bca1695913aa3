"""What parsing keeps of the texts that it has read, some of which have passwords in them: nothing."""

from __future__ import annotations

import contextlib
import gc
import tracemalloc
from itertools import count
from typing import TYPE_CHECKING

import pytest

from cql_builder import parse_cql
from cql_builder.errors import CqlSyntaxError

if TYPE_CHECKING:
    from cql_builder.dialects import DialectName

WORDS = 500
"""How many words are read; to remember one takes more than a hundred bytes."""

NUMBERS = count()
"""So that no word is read twice, in whatever order the tests run."""


def read(text: str, dialect: DialectName) -> None:
    with contextlib.suppress(CqlSyntaxError):
        parse_cql(text, dialect=dialect)


@pytest.mark.parametrize("dialect", ["cassandra-5.0", "scylla"])
@pytest.mark.parametrize(
    "text",
    [
        "CREATE ROLE r WITH PASSWORD = {}",
        "CREATE USER r WITH PASSWORD {} SUPERUSER",
        "ALTER ROLE r WITH PASSWORD = '{}' AND LOGIN = true",
        'SELECT "{0}", {0} FROM {0}',
        "SELECT a FROM t WHERE b = {}",
    ],
)
@pytest.mark.parametrize("word", ["canary_{}", "Canary{}", "{}"])
def test_no_word_is_remembered(text: str, word: str, dialect: DialectName) -> None:
    texts = [text.format(word.format(next(NUMBERS))) for _ in range(WORDS)]
    # What is imported or compiled on first use is no text's.
    read("SELECT a FROM t WHERE b = 1.5 OR c", dialect)
    read(text.format(word.format(next(NUMBERS))), dialect)
    tracemalloc.start()
    try:
        for one in texts:
            read(one, dialect)
        gc.collect()
        # What others do meanwhile in this process is theirs: a client library has threads of its own.
        kept = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, "*cql_builder*")])
        # Python keeps some of the small objects that it has used for those that come.
        assert sum(statistic.size for statistic in kept.statistics("filename")) < 60 * WORDS
    finally:
        tracemalloc.stop()
