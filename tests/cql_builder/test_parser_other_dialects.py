"""What is said of a text that one dialect refuses and another one reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cql_builder import parse_cql, parse_script, parse_type
from cql_builder.dialects import DEFAULT_DIALECT, DIALECTS, Dialect, find_dialect
from cql_builder.errors import CqlSyntaxError, DialectSyntaxError

if TYPE_CHECKING:
    from cql_builder.dialects import DialectName

CASSANDRAS: tuple[DialectName, ...] = ("cassandra-4.0", "cassandra-4.1", "cassandra-5.0", "cassandra-6.0")
FUNCTION = "CREATE FUNCTION {} (a int) CALLED ON NULL INPUT RETURNS int LANGUAGE java AS 'x'"


def refused(text: str, dialect: DialectName | Dialect = "cassandra-5.0") -> CqlSyntaxError:
    with pytest.raises(CqlSyntaxError) as caught:
        parse_cql(text, dialect=dialect)
    return caught.value


@pytest.mark.parametrize(
    ("text", "dialect", "supported_by", "expected", "token"),
    [
        ("DELETE FROM t USING TIMESTAMP 1 AND TIMESTAMP 2 WHERE a = 1", "cassandra-5.0", ("scylla",), "WHERE", "AND"),
        ("SELECT a", "cassandra-6.0", ("scylla",), "FROM", ""),
        ("SELECT a FROM t WHERE b = 1e400", "cassandra-4.1", ("scylla",), "a value", "1e400"),
        (FUNCTION.format("json"), "cassandra-5.0", ("scylla",), "a function", "json"),
        (FUNCTION.format("distinct"), "cassandra-4.0", ("scylla",), "a function", "distinct"),
        ("DROP KEYSPACE P", "scylla", CASSANDRAS, "a keyspace", "P"),
        ("CREATE TABLE unset (a int PRIMARY KEY)", "scylla", CASSANDRAS, "a table", "unset"),
        ("SELECT concurrency, a FROM t", "scylla", CASSANDRAS, "a column, function or value", "concurrency"),
        (
            "SELECT maxwritetime(1) FROM t",
            "cassandra-5.0",
            ("cassandra-4.0", "cassandra-4.1", "scylla"),
            "a column",
            "1",
        ),
    ],
)
def test_who_reads_a_text_is_named_beside_what_is_wrong(
    text: str, dialect: DialectName, supported_by: tuple[str, ...], expected: str, token: str
) -> None:
    error = refused(text, dialect)
    assert isinstance(error, DialectSyntaxError)
    assert (error.feature, error.alternative, error.dialect) == ("", "", dialect)
    assert error.supported_by == supported_by
    assert (error.expected, error.token) == (expected, token)
    assert text[error.position :].startswith(token)
    assert error.reason.startswith(f"expected {expected}, found ")
    read = "reads" if len(supported_by) == 1 else "read"
    assert error.reason.endswith(f"; {', '.join(supported_by)} {read} this text, {dialect} does not")
    assert all(parse_cql(text, dialect=find_dialect(other)) for other in supported_by)


@pytest.mark.parametrize(
    ("text", "dialect", "feature"),
    [
        ("SELECT a FROM t WHERE expr(i, 'x') AND b = 1", "scylla", "expr() of a custom index"),
        ("DELETE FROM t WHERE expr(i, 1)", "scylla", "expr() of a custom index"),
        ("SELECT a FROM t GROUP BY 1", "scylla", "GROUP BY anything but columns"),
        ("SELECT a FROM t GROUP BY b, 'x'", "cassandra-4.0", "GROUP BY anything but columns"),
        ("INSERT INTO t (a) VALUES (P)", "cassandra-5.0", "duration without a number"),
        ("SELECT a FROM t WHERE b = PT", "cassandra-6.0", "duration without a number"),
    ],
)
def test_what_has_a_name_is_named(text: str, dialect: DialectName, feature: str) -> None:
    error = refused(text, dialect)
    assert isinstance(error, DialectSyntaxError)
    assert error.feature == feature
    assert all(parse_cql(text, dialect=find_dialect(other)) for other in error.supported_by)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT a FROM t WHERE",
        "SELECT a FORM t",
        "SELECT a FROM t GROUP BY from",
        "INSERT INTO t (a) VALUES (p)",
        "SELECT a FROM t WHERE expr(i, 'x') = ",
        # Read by ScyllaDB's parser, and refused by its server all the same.
        "UPDATE t SET a = 1, a = 2 WHERE b = 3",
        "GRANT EXECUTE ON t TO r",
    ],
)
def test_what_no_server_takes_is_no_matter_of_dialects(text: str) -> None:
    for dialect in CASSANDRAS:
        assert type(refused(text, dialect)) is CqlSyntaxError


def test_what_is_nested_too_deep_is_so_for_all() -> None:
    for dialect in DIALECTS:
        assert type(refused(f"SELECT a FROM t WHERE b = {'(' * 101}P", dialect)) is CqlSyntaxError


def test_of_a_script_the_statement_at_fault_is_judged() -> None:
    script = "SELECT a FROM expr;\n/* x */ DROP KEYSPACE P; SELECT FROM;"
    with pytest.raises(DialectSyntaxError) as caught:
        parse_script(script, dialect="scylla")
    assert caught.value.supported_by == CASSANDRAS
    assert (caught.value.line, caught.value.column, caught.value.token) == (2, 23, "P")
    assert (caught.value.text, script[caught.value.position]) == (script, "P")
    with pytest.raises(CqlSyntaxError) as caught_before:
        parse_script("SELECT FROM; DROP KEYSPACE P;", dialect="scylla")
    assert type(caught_before.value) is CqlSyntaxError


def test_a_statement_of_a_script_ends_at_its_semicolon() -> None:
    for text in ("DROP KEYSPACE P USE a", "BEGIN BATCH DELETE FROM t WHERE a = P SELECT; APPLY BATCH"):
        with pytest.raises(CqlSyntaxError) as caught:
            parse_script(f"USE k; {text}; USE k", dialect="scylla")
        assert type(caught.value) is CqlSyntaxError
    batch = "BEGIN BATCH DELETE FROM t WHERE a = 1; DELETE FROM P WHERE a = 2; APPLY BATCH"
    with pytest.raises(DialectSyntaxError):
        parse_script(f"USE k; {batch}; SELECT FROM", dialect="scylla")


def test_a_comment_at_the_end_of_a_script_is_one_for_all() -> None:
    with pytest.raises(DialectSyntaxError):
        parse_script("USE k; DROP KEYSPACE P -- no line follows", dialect="scylla")


def test_a_type_is_asked_for_as_well() -> None:
    with pytest.raises(DialectSyntaxError) as caught:
        parse_type("list<P>", dialect="scylla")
    assert caught.value.supported_by == CASSANDRAS
    assert (caught.value.column, caught.value.token) == (6, "P")
    with pytest.raises(CqlSyntaxError) as wrong:
        parse_type("list<", dialect="scylla")
    assert type(wrong.value) is CqlSyntaxError


def test_a_dialect_of_ones_own_hears_of_all() -> None:
    own = Dialect("own", {*DEFAULT_DIALECT.reserved, "shelf"}, DEFAULT_DIALECT.features, DEFAULT_DIALECT.unreserved)
    error = refused("SELECT shelf FROM t", own)
    assert isinstance(error, DialectSyntaxError)
    assert (error.dialect, error.supported_by) == ("own", tuple(DIALECTS))


def test_nothing_of_a_password_is_shown() -> None:
    error = refused("CREATE ROLE unset WITH PASSWORD = 'canary' AND LOGIN = true", "scylla")
    assert isinstance(error, DialectSyntaxError)
    assert "canary" not in error.reason
    assert "canary" not in refused("CREATE ROLE r WITH PASSWORD = canary").reason
