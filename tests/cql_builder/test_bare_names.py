"""Which names of types and functions stand in quotes: those that the dialect's grammar takes for something else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from cql_builder import Dialect, col, compile_statement, create_type, fn, parse_cql, parse_type, select, type_text
from cql_builder.ast import ColumnName, Field, FunctionCall, FunctionName, Select, TableName, TupleLiteral, UserType
from cql_builder.dialects import DIALECTS, find_dialect
from cql_builder.errors import CqlSyntaxError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cql_builder.dialects import DialectName

pytestmark = pytest.mark.once  # the grammar is the same on every Python, and takes 20 s

CASSANDRAS: tuple[DialectName, ...] = ("cassandra-4.0", "cassandra-4.1", "cassandra-5.0", "cassandra-6.0")
RESERVED_BY_ALL = {"bitstring", "byte", "complex", "enum", "interval", "macaddr"}
NO_TYPES: dict[DialectName, set[str]] = {
    "cassandra-4.0": {"cast", "count", "distinct", "json", "ttl", "writetime"},
    "cassandra-4.1": {"cast", "count", "distinct", "json", "ttl", "writetime"},
    "cassandra-5.0": {"cast", "count", "distinct", "json", "maxwritetime", "ttl", "writetime"},
    "cassandra-6.0": {"cast", "count", "distinct", "json", "maxwritetime", "ttl", "writetime"},
    "scylla": {"cast", "count", "empty", "ttl", "writetime"},
}
NO_FUNCTIONS: dict[DialectName, set[str]] = {
    "cassandra-4.0": {"cast", "distinct", "json", "key", "ttl", "writetime"},
    "cassandra-4.1": {"cast", "distinct", "json", "key", "ttl", "writetime"},
    "cassandra-5.0": {"cast", "distinct", "json", "key", "maxwritetime", "ttl", "writetime"},
    "cassandra-6.0": {"cast", "distinct", "json", "key", "maxwritetime", "ttl", "writetime"},
    "scylla": {"cast", "key", "ttl", "writetime"},
}
WORDS = sorted({word for words in [*NO_TYPES.values(), *NO_FUNCTIONS.values()] for word in words} | RESERVED_BY_ALL)
TYPE = "CREATE TYPE {} (a int)"
FUNCTIONS = ["DROP FUNCTION {}", "DROP FUNCTION k.{}", "INSERT INTO t (a) VALUES ({}(1))", "SELECT a, k.{}(a) FROM t"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_type_stands_in_quotes_where_it_would_be_another_word(dialect: DialectName) -> None:
    quoted = {word for word in WORDS if type_text(UserType(word), dialect=dialect) == f'"{word}"'}
    assert quoted == NO_TYPES[dialect] | RESERVED_BY_ALL
    for word in WORDS:
        assert parse_type(type_text(UserType(word, "k"), dialect=dialect), dialect=dialect) == UserType(word, "k")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_word_that_stands_in_quotes_is_no_type_without_them(dialect: DialectName) -> None:
    for word in NO_TYPES[dialect] | RESERVED_BY_ALL:
        with pytest.raises(CqlSyntaxError):
            parse_cql(TYPE.format(word), dialect=dialect)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("text", FUNCTIONS)
def test_a_function_stands_in_quotes_where_it_would_be_another_word(dialect: DialectName, text: str) -> None:
    for word in WORDS:
        written = f'"{word}"' if word in NO_FUNCTIONS[dialect] else word
        tree = parse_cql(text.format(f'"{word}"'), dialect=dialect)
        assert compile_statement(tree, dialect=dialect).cql == text.format(written)
        assert parse_cql(text.format(written), dialect=dialect) == tree


@pytest.mark.parametrize("dialect", CASSANDRAS)
def test_the_parser_of_cassandra_says_so(
    refusals: Callable[[Sequence[str], str], list[str | None]], dialect: DialectName
) -> None:
    for text, quoted in [
        (TYPE, NO_TYPES[dialect] | RESERVED_BY_ALL),
        *[(each, NO_FUNCTIONS[dialect]) for each in FUNCTIONS],
    ]:
        verdicts = refusals([text.format(word) for word in WORDS], dialect)
        assert {word for word, error in zip(WORDS, verdicts, strict=True) if error is not None} == quoted, text


@pytest.mark.parametrize(("word", "read"), [("Byte", True), ("ENUM", True), ("byte", False), ("Count", False)])
def test_scylla_looks_for_reserved_types_before_it_folds_letters(word: str, read: bool) -> None:
    if read:
        assert parse_type(word, dialect="scylla") == UserType(word.lower())
        return
    with pytest.raises(CqlSyntaxError, match=f"{word!r} names one only in double quotes"):
        parse_type(word, dialect="scylla")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("word", ["json", "distinct"])
def test_a_point_after_the_first_word_of_what_is_selected_shows_that_it_is_a_name(
    dialect: DialectName, word: str
) -> None:
    for selected in (Field(ColumnName(word), "f"), FunctionCall(FunctionName("f", word), (ColumnName("a"),))):
        tree = Select((selected,), TableName("t"))
        text = compile_statement(tree, dialect=dialect).cql
        assert re.match(rf"SELECT {word}\.f", text)
        assert parse_cql(text, dialect=dialect) == tree


@pytest.mark.parametrize("word", ["json", "distinct"])
def test_a_function_of_scylla_comes_first_in_quotes_alone(word: str) -> None:
    """Before values in parentheses the word is the modifier, before columns it is a function."""
    called = parse_cql(f"SELECT {word}(a) FROM t", dialect="scylla")
    assert called == Select((FunctionCall(FunctionName(word), (ColumnName("a"),)),), TableName("t"))
    assert compile_statement(called, dialect="scylla").cql == f'SELECT "{word}"(a) FROM t'
    modified = parse_cql(f"SELECT {word}(1) FROM t", dialect="scylla")
    assert isinstance(modified, Select)
    assert (modified.json, modified.distinct) == (word == "json", word == "distinct")
    assert isinstance(modified.selection[0], TupleLiteral)
    later = f"SELECT a, {word}(1) FROM t"
    assert compile_statement(parse_cql(later, dialect="scylla"), dialect=find_dialect("scylla")).cql == later


@pytest.mark.parametrize("dialect", DIALECTS)
def test_reserved_names_of_types_are_reserved_in_small_letters_alone(dialect: DialectName) -> None:
    tree = parse_cql("CREATE TYPE k.Byte (a int)", dialect=dialect)
    assert compile_statement(tree, dialect=dialect).cql == 'CREATE TYPE k."byte" (a int)'
    with pytest.raises(CqlSyntaxError):
        parse_cql("CREATE TYPE k.byte (a int)", dialect=dialect)


def test_a_dialect_that_does_not_tell_its_keywords_quotes_them_all() -> None:
    base = DIALECTS["cassandra-5.0"]
    managed = Dialect("managed", base.reserved, base.features)
    assert select(fn.call("ttl", col("a"))).from_("t").compile(managed).cql == 'SELECT "ttl"(a) FROM t'
    assert create_type("json", {"a": "int"}).compile(managed).cql == 'CREATE TYPE "json" (a int)'
