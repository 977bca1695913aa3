from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cql_builder import col, create_table, select, type_text
from cql_builder.ast import TableName, UserType
from cql_builder.dialects import DIALECTS
from cql_builder.errors import IdentifierError, LiteralError
from cql_builder.quoting import EMPTY_IDENTIFIER, is_bare, quote_identifier, quote_string, unquote_identifier

if TYPE_CHECKING:
    from collections.abc import Callable

WORDS = sorted(frozenset[str]().union(*[dialect.reserved for dialect in DIALECTS.values()]))
NAMES = st.one_of(st.sampled_from(WORDS), st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
RESERVED = DIALECTS["cassandra-5.0"].reserved


def unquoted(quoted: str, quote: str) -> str:
    """Read a quoted text as the server's lexer does."""
    assert quoted[0] == quoted[-1] == quote
    inner = quoted[1:-1]
    assert quote not in inner.replace(quote * 2, "")
    return inner.replace(quote * 2, quote)


@given(NAMES)
@example('"')
@example('""')
@example("a\0b")
@example("\U0001f600")
@example("--")
@example("*/")
@example("a\nb")
@example("É")
def test_a_name_comes_back_as_itself(name: str) -> None:
    quoted = quote_identifier(name, RESERVED)
    if is_bare(name) and name not in RESERVED:
        assert quoted == name
    else:
        assert unquoted(quoted, '"') == name


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example("'")
@example("''")
@example("\0")
@example("$$")
@example("\U0001f600\n--")
def test_a_string_comes_back_as_itself(text: str) -> None:
    assert unquoted(quote_string(text), "'") == text


@given(NAMES, NAMES)
def test_the_parser_of_cassandra_takes_every_name(refusal: Callable[[str], str | None], name: str, other: str) -> None:
    cql = select(col(name)).from_(TableName(other, name)).where(col(name) == 1).order_by(col(other)).compile().cql
    assert refusal(cql) is None


@given(NAMES, st.text(st.characters(exclude_categories=["Cs"])))
def test_the_parser_of_cassandra_takes_every_string(refusal: Callable[[str], str | None], name: str, text: str) -> None:
    table = create_table("t").column(name, UserType(name)).partition_key(name)
    assert refusal(table.options({"comment": text, "m": {text: text}}).compile().cql) is None


def test_quotes_stand_exactly_where_the_server_needs_them(refusal: Callable[[str], str | None]) -> None:
    for word in [*WORDS, "a", "a1", "a_b", "key", "ttl", "count", "json", "values"]:
        bare_is_refused = refusal(f"CREATE TABLE t ({word} int PRIMARY KEY)") is not None
        assert (quote_identifier(word, RESERVED) != word) == bare_is_refused, word


@pytest.mark.parametrize("name", ["A", "aB", "1a", "_a", "é", "ß", "a-b", "a b", "a.b", "٣", "a٣"])
def test_what_is_not_a_bare_name_is_quoted(refusal: Callable[[str], str | None], name: str) -> None:
    assert quote_identifier(name, RESERVED) == f'"{name}"'
    assert refusal(select(col(name)).from_("t").compile().cql) is None


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "'' cannot be a CQL identifier: it is empty"),
        ("a\ud800", "it has a lone surrogate, which UTF-8 cannot carry"),
        (None, "None cannot be a CQL identifier: a name is a str, not NoneType"),
    ],
)
def test_what_no_server_can_have_is_refused(name: str, sentence: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        quote_identifier(name, RESERVED)
    assert sentence in str(caught.value)


def test_a_string_that_cannot_be_sent_is_refused_without_being_shown() -> None:
    with pytest.raises(LiteralError) as caught:
        quote_string("secret\udfff")
    assert (
        str(caught.value)
        == "a literal cannot be written in CQL: the text has a lone surrogate, which UTF-8 cannot carry"
    )


def test_a_megabyte_is_no_accident() -> None:
    text = "'\"\n" * 350_000
    assert unquoted(quote_string(text), "'") == text
    assert unquoted(quote_identifier(text, RESERVED), '"') == text


@pytest.mark.parametrize(
    "name", ["int", "text", "varchar", "date", "ttl", "count", "json", "complex", "byte", "select", "list", "Addr"]
)
def test_a_user_type_is_never_read_as_something_else(refusal: Callable[[str], str | None], name: str) -> None:
    written = type_text(UserType(name))
    assert written == (name if name == "list" else f'"{name}"')
    assert refusal(f"CREATE TABLE t (a int PRIMARY KEY, b {written}, c frozen<ks.{written}>)") is None


@pytest.mark.parametrize("name", ["a", "Price", 'a "b" c', '"', '""', "select", "ß\n"])
def test_an_identifier_is_unquoted_to_the_name_that_it_stands_for(name: str) -> None:
    assert unquote_identifier(quote_identifier(name, {"select"})) == name


def test_a_bare_identifier_is_in_small_letters() -> None:
    assert unquote_identifier("Price") == "price"
    assert unquote_identifier(EMPTY_IDENTIFIER) == ""
