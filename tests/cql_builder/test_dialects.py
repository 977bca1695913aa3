from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args

import pytest

from cql_builder import Dialect, col, compile_statement, duration, fn, insert_into, parse_cql, select
from cql_builder.dialects import DIALECTS, DialectName, Feature, features, find_dialect
from cql_builder.errors import StatementError, UnknownDialectError, UnsupportedFeatureError

if TYPE_CHECKING:
    from cql_builder.builder.expressions import FunctionTerm

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "keywords.py"
NOTHING = frozenset[str]()
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
        (5.0, "a dialect is a name or a Dialect, not float; known are"),
        ("5.0", "no dialect '5.0' (did you mean 'cassandra-5.0'?); known are"),
        ({}, "a dialect is a name or a Dialect, not dict; known are"),
        ([], "a dialect is a name or a Dialect, not list; known are"),
    ],
)
def test_an_unknown_dialect_is_refused_with_the_close_name(name: Any, sentence: str) -> None:
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
    assert {name: find_dialect(f"cassandra-{name}").reserved for name in verdicts} == {
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


@pytest.mark.parametrize(
    ("call", "lacking"),
    [
        (fn.floor("a", duration("1h")), {"cassandra-4.0", "scylla"}),
        (fn.map_keys("a"), {"cassandra-4.0", "cassandra-4.1", "scylla"}),
        (fn.collection_sum("a"), {"cassandra-4.0", "cassandra-4.1", "scylla"}),
        (fn.abs("a"), {"cassandra-4.0", "cassandra-4.1", "scylla"}),
        (fn.log10("a"), {"cassandra-4.0", "cassandra-4.1", "scylla"}),
        (fn.mask_null("a"), {"cassandra-4.0", "cassandra-4.1", "scylla"}),
        (fn.mask_inner("a", 1, 2), {"cassandra-4.0", "cassandra-4.1", "scylla"}),
        (fn.similarity_cosine("a", [1.0]), {"cassandra-4.0", "cassandra-4.1"}),
        (fn.max("a"), set[str]()),
    ],
)
def test_a_native_function_is_refused_where_the_server_lacks_it(call: FunctionTerm, lacking: set[str]) -> None:
    statement = select(call).from_("t")
    for name in DIALECTS:
        if name not in lacking:
            assert compile_statement(parse_cql(statement.compile(name).cql, dialect=name), dialect=name)
            continue
        with pytest.raises(UnsupportedFeatureError) as caught:
            statement.compile(name)
        assert caught.value.feature.startswith("function")
        assert caught.value.alternative
        assert set(DIALECTS) - set(caught.value.supported_by) == lacking


def test_a_function_of_ones_own_may_have_the_name_of_a_native_one() -> None:
    text = "SELECT mask_null(a), abs(b), floor(c), similarity_cosine(d) FROM t"
    for name in DIALECTS:
        tree = parse_cql(text, dialect=name)
        assert compile_statement(tree, dialect=name).cql == text
        assert parse_cql(compile_statement(tree, dialect=name).cql, dialect=name) == tree
    assert (
        select(fn.call("mask_null", col("a"))).from_("t").compile("cassandra-4.0").cql == "SELECT mask_null(a) FROM t"
    )


def test_a_native_function_of_one_server_is_not_written_for_another() -> None:
    with pytest.raises(UnsupportedFeatureError, match=r"cassandra-4\.1 has no functions mask_…; cassandra-5\.0"):
        compile_statement(parse_cql("SELECT mask_null(a) FROM t"), dialect="cassandra-4.1")


def test_a_dialect_of_ones_own_can_lack_functions() -> None:
    base = DIALECTS["cassandra-5.0"]
    lesser = Dialect(
        "managed", base.reserved, base.features - {features.MATH_FUNCTIONS}, base.unreserved, base.function_names
    )
    assert select(fn.mask_null("a")).from_("t").compile(lesser).cql == "SELECT mask_null(a) FROM t"
    with pytest.raises(UnsupportedFeatureError, match="managed has no functions abs, exp, log, log10 and round"):
        select(fn.abs("a")).from_("t").compile(lesser)
    tree = parse_cql("SELECT abs(a) FROM t", dialect=lesser)
    assert compile_statement(tree, dialect=lesser).cql == "SELECT abs(a) FROM t"


def test_older_servers_have_their_spelling_of_every_function() -> None:
    statement = insert_into("t").values(a=fn.min_timeuuid(1), b=fn.max_timeuuid(2), c=fn.from_json("{}"))
    text = "INSERT INTO t (a, b, c) VALUES (mintimeuuid(?), maxtimeuuid(?), fromjson(?))"
    for name in ("cassandra-4.0", "cassandra-4.1", "scylla"):
        assert statement.compile(name).cql == text


@pytest.mark.parametrize("name", DIALECTS)
def test_a_dialect_from_another_process_has_the_same_features(name: DialectName) -> None:
    again = pickle.loads(pickle.dumps(DIALECTS[name]))  # noqa: S301 - pickled here
    assert again.features == DIALECTS[name].features
    counted = select(fn.count().as_("n")).from_("t").using(timeout="1s") if name == "scylla" else select().from_("t")
    assert counted.compile(again) == counted.compile(name)
    assert copy.deepcopy(DIALECTS[name]) is DIALECTS[name]
    assert copy.copy(DIALECTS[name]) is DIALECTS[name]


def test_a_dialect_never_changes() -> None:
    shared: Any = DIALECTS["cassandra-5.0"]
    for attribute in ("name", "reserved", "features", "function_names", "other"):
        with pytest.raises(AttributeError, match="a dialect never changes; make another one"):
            setattr(shared, attribute, frozenset())
    with pytest.raises(AttributeError, match="a dialect never changes"):
        del shared.features
    with pytest.raises(TypeError, match="does not support item assignment"):
        shared.function_names["now"] = "later"
    with pytest.raises(TypeError, match="does not support item assignment"):
        cast("Any", DIALECTS)["own"] = shared
    with pytest.raises(AttributeError, match="a feature never changes"):
        cast("Any", features.VECTOR).name = "other"


def test_a_dialect_of_ones_own_can_be_pickled() -> None:
    base = DIALECTS["cassandra-4.1"]
    own = Dialect("own", base.reserved | {"shelf"}, {Feature("shelves", "none")}, {"book"}, base.function_names)
    again = pickle.loads(pickle.dumps(own))  # noqa: S301 - pickled here
    for attribute in ("name", "reserved", "features", "unreserved", "function_names", "functions"):
        assert getattr(again, attribute) == getattr(own, attribute)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((None, NOTHING), 'a dialect: name takes a name such as "cassandra-5.0", not None'),
        (("", NOTHING), "a dialect: name takes a name"),
        (("x", ["a"]), "a dialect: reserved takes a set of words in lower case, not list"),
        (("x", "ab"), "a dialect: reserved takes a set of words in lower case, not str"),
        (("x", {"ANN"}), "a dialect: 'ANN' in reserved is not in lower case; write 'ann'"),
        (("x", {1}), "a dialect: reserved takes words as str, not int"),
        (("x", NOTHING, NOTHING, {"Key"}), "a dialect: 'Key' in unreserved is not in lower case; write 'key'"),
        (("x", NOTHING, NOTHING, None), "a dialect: unreserved takes a set of words in lower case, not None"),
        (("x", NOTHING, None), "a dialect: features takes a set of what is in cql_builder.dialects.features, not None"),
        (("x", NOTHING, {"vector"}), "a dialect: features takes what is in cql_builder.dialects.features, not str"),
        (
            ("x", NOTHING, NOTHING, NOTHING, {"a"}),
            "a dialect: function_names takes a mapping of names to names, not set",
        ),
        (("x", NOTHING, NOTHING, NOTHING, {"a": 1}), "a dialect: function_names takes names as str, not int"),
        (("x", NOTHING, NOTHING, NOTHING, {1: "a"}), "a dialect: function_names takes names as str, not int"),
    ],
)
def test_what_is_no_dialect_is_refused(arguments: tuple[Any, ...], sentence: str) -> None:
    with pytest.raises(StatementError) as caught:
        Dialect(*arguments, *[frozenset()] * (3 - len(arguments)))
    assert str(caught.value).startswith(sentence)


def test_the_names_that_type_checkers_know_are_all() -> None:
    assert get_args(DialectName) == tuple(DIALECTS)
    assert [find_dialect(name) for name in DIALECTS] == list(DIALECTS.values())
    assert [dialect.name for dialect in DIALECTS.values()] == list(DIALECTS)


def test_every_feature_says_what_there_is_instead() -> None:
    known = [feature for feature in vars(features).values() if isinstance(feature, Feature)]
    assert [feature.name for feature in known if not feature.alternative] == []
