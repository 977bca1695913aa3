from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cql_builder import Dialect, select
from cql_builder.dialects import DIALECTS, find_dialect
from cql_builder.errors import UnknownDialectError

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "keywords.py"
VERDICTS = ROOT.parent / "shared" / "oracle" / "reserved.json"


def generate(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(TOOL), *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["cassandra-4.0", "cassandra-4.1", "cassandra-5.0", "cassandra-6.0", "scylla"])
def test_a_dialect_is_found_by_name(name: str) -> None:
    assert find_dialect(name).name == name
    assert find_dialect(find_dialect(name)) is find_dialect(name)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("casandra-5.0", "no dialect 'casandra-5.0' (did you mean 'cassandra-5.0'?); known are cassandra-4.0,"),
        ("mysql", "no dialect 'mysql'; known are cassandra-4.0, cassandra-4.1, cassandra-5.0, cassandra-6.0, scylla"),
        (5.0, "no dialect 5.0; known are"),
        ([], "no dialect []; known are"),
    ],
)
def test_an_unknown_dialect_is_refused_with_the_close_name(name: str, sentence: str) -> None:
    with pytest.raises(UnknownDialectError) as caught:
        select("a").from_("t").compile(dialect=name)
    assert str(caught.value).startswith(sentence)


def test_words_are_quoted_as_the_dialect_needs() -> None:
    statement = select("desc", "ann", "included_indexes", "select").from_("t")
    assert statement.compile().cql == 'SELECT "desc", ann, included_indexes, "select" FROM t'
    assert statement.compile("cassandra-4.0").cql == statement.compile().cql
    assert statement.compile("cassandra-6.0").cql == 'SELECT "desc", ann, "included_indexes", "select" FROM t'
    assert statement.compile("scylla").cql == 'SELECT desc, "ann", included_indexes, "select" FROM t'


def test_a_dialect_can_be_ones_own() -> None:
    shouting = Dialect("shouting", {"shout"}, frozenset())
    assert select("shout", "select").from_("t").compile(dialect=shouting).cql == 'SELECT "shout", select FROM t'


@pytest.mark.skipif(not VERDICTS.exists(), reason="the verdicts of Cassandra's parser are not beside the repository")
def test_the_reserved_words_are_those_that_cassandra_refuses() -> None:
    verdicts = json.loads(VERDICTS.read_text(encoding="utf-8"))
    assert {name: DIALECTS[f"cassandra-{name}"].reserved for name in verdicts} == {
        name: frozenset(words) for name, words in verdicts.items()
    }


def test_the_check_finds_an_outdated_module(tmp_path: Path) -> None:
    reserved, unreserved = tmp_path / "reserved.json", tmp_path / "unreserved.json"
    cassandra = {name.removeprefix("cassandra-"): words for name, words in DIALECTS.items() if name != "scylla"}
    reserved.write_text(json.dumps({version: sorted(words.reserved) for version, words in cassandra.items()}))
    unreserved.write_text(json.dumps({version: sorted(words.unreserved) for version, words in cassandra.items()}))
    assert generate(str(reserved), str(unreserved), "--check").returncode == 0
    reserved.write_text('{"5.0": ["select", "from"], "6.0": ["from", "select", "where"]}')
    done = generate(str(reserved), str(unreserved), "--check")
    assert done.returncode == 1
    assert "keywords.py is out of date" in done.stderr


@pytest.mark.parametrize(
    "verdicts", ["[]", "{}", '{"5.0": []}', '{"5.0": ["A"]}', '{"5.0": ["a", "a"]}', '{"5.0": [1]}']
)
def test_verdicts_of_another_form_are_refused(tmp_path: Path, verdicts: str) -> None:
    path = tmp_path / "verdicts.json"
    path.write_text(verdicts)
    done = generate(str(path), str(path), "--check")
    assert done.returncode != 0
    assert "ValueError" in done.stderr
