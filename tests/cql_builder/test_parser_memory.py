"""What parsing keeps of the texts that it has read, some of which have passwords in them: nothing.

Memory is traced in a process of its own: where a client library runs threads beside, `tracemalloc` counts what they do,
and may fail with them when it stops.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache

import pytest

WORDS = 500
"""How many words are read; to remember one takes more than a hundred bytes."""

DIALECTS = ("cassandra-5.0", "scylla")
TEXTS = (
    "CREATE ROLE r WITH PASSWORD = {}",
    "CREATE USER r WITH PASSWORD {} SUPERUSER",
    "ALTER ROLE r WITH PASSWORD = '{}' AND LOGIN = true",
    'SELECT "{0}", {0} FROM {0}',
    "SELECT a FROM t WHERE b = {}",
)
SPELLINGS = ("canary_{}", "Canary{}", "{}")

MEASURING = """
import contextlib, gc, itertools, json, sys, tracemalloc
from cql_builder import parse_cql
from cql_builder.errors import CqlSyntaxError

words, *kinds = json.loads(sys.argv[1])
numbers = itertools.count()

def read(text, dialect):
    with contextlib.suppress(CqlSyntaxError):
        parse_cql(text, dialect=dialect)

def kept(text, spelling, dialect):
    texts = [text.format(spelling.format(next(numbers))) for _ in range(words)]
    # What is imported or compiled on first use is no text's.
    read("SELECT a FROM t WHERE b = 1.5 OR c", dialect)
    read(text.format(spelling.format(next(numbers))), dialect)
    tracemalloc.start()
    for one in texts:
        read(one, dialect)
    gc.collect()
    found = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, "*cql_builder*")])
    tracemalloc.stop()
    return sum(each.size for each in found.statistics("filename"))

print(json.dumps([[*kind, kept(*kind)] for kind in itertools.product(*kinds)]))
"""


@cache
def bytes_kept() -> dict[tuple[str, str, str], int]:
    """What is kept of each text, with words of each spelling, in each dialect."""
    asked = json.dumps([WORDS, TEXTS, SPELLINGS, DIALECTS])
    told = subprocess.check_output([sys.executable, "-c", MEASURING, asked], text=True, timeout=120)
    return {(text, spelling, dialect): kept for text, spelling, dialect, kept in json.loads(told)}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_word_is_remembered(text: str, spelling: str, dialect: str) -> None:
    # Python keeps some of the small objects that it has used for those that come.
    assert bytes_kept()[text, spelling, dialect] < 60 * WORDS
