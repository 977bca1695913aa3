"""How an error of the parser speaks of what it found: no value in its reason, and what was probably meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cql_builder import parse_cql, parse_script
from cql_builder.ast import FloatLiteral, Select, TableName
from cql_builder.compiler import compile_statement
from cql_builder.dialects import DIALECTS
from cql_builder.errors import CqlSyntaxError, LiteralError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cql_builder.dialects import DialectName

    Refusals = Callable[[Sequence[str], str], list[str | None]]

CASSANDRA: list[DialectName] = [name for name in DIALECTS if name != "scylla"]


def reason(text: str, dialect: DialectName = "cassandra-5.0") -> str:
    with pytest.raises(CqlSyntaxError) as caught:
        parse_cql(text, dialect=dialect)
    return caught.value.reason


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("INSERT INTO t (a, b) VALUES (4111 1111)", "a number"),
        ("INSERT INTO t (a, b) VALUES (1 41.11)", "a number"),
        ("INSERT INTO t (a, b) VALUES (1 -NaN)", "a number"),
        ("INSERT INTO t (a, b) VALUES (1 'secret')", "a string"),
        ("INSERT INTO t (a, b) VALUES (1 $$secret$$)", "a string"),
        ('INSERT INTO t (a, b) VALUES ("secret", 1)', "a name in double quotes"),
        ('INSERT INTO t (a, b) VALUES (1, "")', "an empty name"),
        ("INSERT INTO t (a, b) VALUES (1 123e4567-e89b-12d3-a456-426655440000)", "a UUID"),
        ("INSERT INTO t (a, b) VALUES (1 0xcafe)", "a blob"),
        ("INSERT INTO t (a, b) VALUES (1 12h30m)", "a duration"),
        ("INSERT INTO t (a, b) VALUES (4111y1111, 1)", "a malformed number"),
        ("INSERT INTO t (a, b) VALUES (-Px, 1)", "a character that CQL does not have"),
        ("INSERT INTO t (a, b) VALUES (1 'secret", "a quote that is never closed"),
        ("INSERT INTO t (a, b) VALUES (1 ~)", "'~'"),
        ("INSERT INTO t (a, b) VALUES (1 b)", "'b'"),
        ("INSERT INTO t (a, b) VALUES (1 from)", "'from'"),
    ],
)
def test_a_value_is_told_by_its_kind_and_words_are_shown(text: str, found: str) -> None:
    assert reason(text).split("found ")[1].split(";")[0] == found


@pytest.mark.parametrize(
    "text",
    [
        'CREATE ROLE r WITH PASSWORD = "canary"',
        "CREATE ROLE r WITH PASSWORD = canary",
        "CREATE ROLE r WITH PASSWORD = 'x'canary''",
        "CREATE ROLE r WITH PASSWORD = 'x' canary",
        "CREATE ROLE r WITH PASSWORD = 'x'; canary''",
        "CREATE ROLE r WITH PASSWORD canary",
        "CREATE ROLE r WITH LOGIN = true AND PASSWORD = canary",
        "CREATE ROLE r WITH PASSWORD = 1canary",
        "ALTER ROLE r WITH PASSWORD = §canary",
        "ALTER ROLE r WITH HASHED PASSWORD = canary",
        "CREATE ROLE r WITH HASHED canary",
        "ALTER ROLE r WITH OPTIONS = {'token': canary}",
        "CREATE USER u WITH PASSWORD canary",
        'ALTER USER u WITH PASSWORD "canary"',
        "ALTER USER IF EXISTS u WITH PASSWORD 'x'canary''",
        "USE k; CREATE USER u WITH PASSWORD canary",
        "CREATE TABLE t (a int PRIMARY KEY) WITH x = {'canary': 1, 'canary': 2}",
    ],
)
def test_nothing_that_may_be_secret_is_in_a_reason(text: str) -> None:
    for dialect in DIALECTS:
        with pytest.raises(CqlSyntaxError) as caught:
            parse_script(text, dialect=dialect)
        assert "canary" not in caught.value.reason.lower()
        assert "canary" in str(caught.value)


@pytest.mark.parametrize("password", ["select", "PASSWORD", "=", ";", "§", "$2a$10$x", "where"])
def test_a_password_that_is_a_word_or_symbol_is_not_shown(password: str) -> None:
    for text in (f"CREATE ROLE r WITH PASSWORD = {password}", f"ALTER USER u WITH PASSWORD {password}"):
        assert password not in reason(text).removeprefix("expected the password as a string, found ")


def test_a_column_called_password_hides_nothing() -> None:
    assert reason("SELECT password FORM users") == "expected FROM, found 'FORM' (did you mean 'FROM'?)"
    assert reason("SELECT password FROM users ODER BY a") == "expected the end, found 'ODER'"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("SELECT a FROM t WHERE b == 1", "found '='; CQL compares with one ="),
        ("UPDATE t SET a == 1 WHERE b = 1", "found '='; CQL compares with one ="),
        ("SELECT a FROM t WHERE b <> 1", "found '>'; CQL writes != where SQL writes <>"),
        ("SELECT a FROM t WHERE b = 1 OR c = 2", "found 'OR'; CQL has no OR: use IN, or send a statement for each"),
        ("SELECT a FROM t WHERE b IS NULL", "WHERE cannot ask for null; IS NOT NULL stands in materialized views"),
        ("UPDATE t SET a = 1 WHERE b = 1 IF a IS NULL", "found 'IS'; IF compares with null: a = NULL, a != NULL"),
        ("DELETE FROM t WHERE b = 1 IF a IS NOT NULL", "found 'IS'; IF compares with null: a = NULL, a != NULL"),
        ('SELECT a FROM t WHERE b = "x"', "found a name in double quotes; a string is in single quotes"),
        ('UPDATE t SET a = "x" WHERE b = 1', "found a name in double quotes; a string is in single quotes"),
        ("INSERT INTO t (a) VALUES ('it's')", "more right after a string; a quote inside a string is doubled"),
        ("SELECT a FROM t WHERE a = 'x'y", "more right after a string; a quote inside a string is doubled"),
        ("SELECT a FROM t ORDER a", "expected BY, found 'a'"),
        ("SELECT a FROM t LIMIT 5 WHERE b = 1", "found 'WHERE'; FROM, WHERE, GROUP BY, ORDER BY, PER PARTITION LIMIT,"),
        ("ALTER TABLE t ADD COLUMN a int", "found 'int'; ADD is followed by the name itself: leave COLUMN out"),
        ("ALTER TABLE t DROP COLUMN a", "found 'a'; DROP is followed by the name itself: leave COLUMN out"),
        ("SELECT order FROM t", "found the reserved word 'order'; a name is in double quotes"),
        ("SELECT a, order, b FROM t", "found the reserved word 'order'; a name is in double quotes"),
        ("SELECT FORM t", "expected FROM, found 't'; the word before it may be meant as FROM"),
        ("SELECT a WHERE b = 1", "expected FROM, found 'WHERE'"),
        ("SELECT a", "expected FROM, found the end"),
    ],
)
def test_what_was_probably_meant_is_said(text: str, hint: str) -> None:
    assert hint in reason(text)


IN_RANGE = [
    "1.7976931348623157e308",
    "1.7976931348623158e308",
    "17976931348623158079e289",
    "-1e308",
    f"{'9' * 308}.0",
    f"{'0' * 400}.5",
    "0.0e400",
    "1e-400",
    "0.00e2147483647",
    "1e-2147483647",
    "1.5e-2147483646",
    "1e+00000000000000005",
    "1E00000000000000000000308",
]
OUT_OF_RANGE = [
    "1e400",
    "-1e400",
    "1E+400",
    "1.8e308",
    "1.7976931348623159e308",
    "17976931348623158080e289",
    f"{'9' * 310}.0",
    f"{'9' * 310}.",
    "0e2147483648",
    "1e-2147483648",
    "1.5e-2147483647",
    "0.0e-2147483647",
    "1e99999999999",
    "1e-99999999999",
    f"0.{'0' * 5000}e1{'0' * 5000}",
]
PLACES = [
    "SELECT a FROM t WHERE b = {}",
    "SELECT {} FROM t",
    "SELECT a FROM t WHERE b = [1, {}]",
    "CREATE TABLE t (a int PRIMARY KEY) WITH x = {}",
    "CREATE ROLE r WITH OPTIONS = {{'a': {}}}",
    "CREATE AGGREGATE a (int) SFUNC f STYPE int INITCOND {}",
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("dialect", CASSANDRA)
def test_a_number_is_as_large_as_cassandra_can_read(place: str, dialect: DialectName, refusals: Refusals) -> None:
    taken, refused = ([place.format(digits) for digits in numbers] for numbers in (IN_RANGE, OUT_OF_RANGE))
    for text in taken:
        parse_cql(text, dialect=dialect)
    for text in refused:
        assert "found a number beyond the range of a double" in reason(text, dialect) or "OPTIONS" in text
    assert refusals(taken, dialect) == [None] * len(taken)
    assert None not in refusals(refused, dialect)


@pytest.mark.parametrize("digits", [*IN_RANGE, *OUT_OF_RANGE])
def test_a_number_that_is_compiled_can_be_read(digits: str) -> None:
    tree = Select((FloatLiteral(digits),), TableName("t"))
    assert compile_statement(tree, dialect="scylla").cql == f"SELECT {digits} FROM t"
    assert parse_cql(f"SELECT {digits} FROM t", dialect="scylla") == tree
    for dialect in CASSANDRA:
        if digits in IN_RANGE:
            assert parse_cql(compile_statement(tree, dialect=dialect).cql, dialect=dialect) == tree
        else:
            with pytest.raises(LiteralError, match=f"at most 1.8e308 to the parser of {dialect}; bind it"):
                compile_statement(tree, dialect=dialect)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("INSERT INTO t (a) VALUES (-0xCAFE)", "expected ')', found more right after a number"),
        ("UPDATE t SET a = 'x'", "expected WHERE, found the end"),
        ("SELECT -0x5ec2e7 FROM t", "expected FROM, found more right after a number"),
        (
            "CREATE TABLE t (a 'S3cr3t'<int>)",
            "expected list, set, map, tuple, vector or frozen before '<', found a string",
        ),
        (
            'CREATE TABLE t (b int CHECK "S3cr3t" > 1)',
            "the column 'b' that the check is on, found a name in double quotes",
        ),
        (
            'CREATE TABLE t (b int CHECK "S3cr3t" NULL)',
            "the function JSON or NOT_NULL here, found a name in double quotes",
        ),
        ('CREATE TABLE t (b int CHECK "S3cr3t"() > 1)', "OCTET_LENGTH or REGEXP here, found a name in double quotes"),
        ("CREATE TABLE t (b int CHECK foo > 1)", "the column 'b' that the check is on, found 'foo'"),
        ("CREATE TABLE t (b int CHECK lenght() > 1)", "found 'lenght' (did you mean 'length'?)"),
    ],
)
def test_no_value_is_shown_where_something_else_was_expected(text: str, reason: str) -> None:
    with pytest.raises(CqlSyntaxError) as caught:
        parse_cql(text, dialect="cassandra-6.0")
    assert reason in caught.value.reason
