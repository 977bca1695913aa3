"""What an error of the parser says, where it points, and that the size of a text is no way around it."""

from __future__ import annotations

import contextlib
import copy
import pickle
import threading
import time
from typing import TYPE_CHECKING

import pytest

from cql_builder import compile_statement, parse_cql, parse_script, parse_type
from cql_builder.analysis import transform
from cql_builder.ast import InsertJson, Select, StringLiteral, TableName
from cql_builder.dialects import DIALECTS, features, find_dialect
from cql_builder.errors import ArgumentError, CqlSyntaxError, DialectSyntaxError, UnknownDialectError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cql_builder.dialects import Dialect, DialectName


def refused(text: str, dialect: DialectName = "cassandra-5.0") -> CqlSyntaxError:
    with pytest.raises(CqlSyntaxError) as caught:
        parse_cql(text, dialect=dialect)
    return caught.value


def is_read(text: str, dialect: Dialect) -> bool:
    try:
        parse_cql(text, dialect=dialect)
    except CqlSyntaxError:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "line", "column", "token", "reason"),
    [
        ("", 1, 1, "", "expected a statement, found the end"),
        ("FROM t", 1, 1, "FROM", "expected a statement, found 'FROM'"),
        ("SELECT a FORM t", 1, 10, "FORM", "expected FROM, found 'FORM'"),
        ("SELECT a,\n  FROM t", 2, 3, "FROM", "expected a column, function or value, found 'FROM'"),
        ("SELECT a FROM select", 1, 15, "select", "expected a table, found the reserved word 'select'; a name is in"),
        ("SELECT a FROM t WHERE b ~ 1", 1, 25, "~", "expected an operator, found '~'"),
        ("SELECT a FROM t WHERE b = 'x", 1, 27, "'x", "expected a value, found a quote that is never closed"),
        ("SELECT a FROM t /* x", 1, 17, "/* x", "expected the end, found a comment that is never closed"),
        ("SELECT a FROM t -- x", 1, 17, "-- x", "expected the end, found a comment that no line break ends"),
        ("SELECT a FROM t WHERE b = $$x", 1, 27, "$$x", "expected a value, found '$$' that is never closed"),
        ("SELECT a FROM t WHERE b IN 1", 1, 28, "1", "expected the values of IN in parentheses, or a bind marker"),
        ("SELECT a FROM t WHERE (a, b) = 1", 1, 32, "1", "expected a tuple or a bind marker, found a number"),
        ("SELECT a FROM t LIMIT 1.5", 1, 23, "1.5", "expected a whole number or a bind marker, found a number"),
        ("SELECT a FROM t; SELECT b FROM t", 1, 18, "SELECT", "expected one statement, found two; parse_script reads"),
        ("INSERT INTO t (a) VALUES (b)", 1, 27, "b", "expected a value, found 'b'"),
        ('INSERT INTO "" (a) VALUES (1)', 1, 13, '""', "expected a table, found an empty name"),
        ("INSERT INTO t a", 1, 15, "a", "expected JSON or columns in parentheses, found 'a'"),
        ("UPDATE t SET a = b + 1 WHERE c = 1", 1, 18, "b", "expected the column that is set"),
        ("UPDATE t SET a = b WHERE c = 1", 1, 18, "b", "expected a value, or the same column with a value added"),
        ("UPDATE t SET a = 1", 1, 19, "", "expected WHERE, found the end"),
        ("UPDATE t USING TTL ? AND x SET a = 1", 1, 26, "x", "expected TIMESTAMP or TTL, found 'x'"),
        ("DELETE FROM t USING TTL 1 WHERE a = 1", 1, 21, "TTL", "expected TIMESTAMP, found 'TTL'"),
        ("ALTER TABLE t ALTER a DROP NOT NULL", 1, 28, "NOT", "expected MASKED or CHECK, found 'NOT'"),
        ("ALTER TABLE t ALTER a ADD CHECK", 1, 23, "ADD", "expected TYPE, MASKED WITH, CHECK, DROP MASKED or DROP"),
        (
            *("BEGIN LOGGED BATCH APPLY BATCH", 1, 7, "LOGGED"),
            "expected BATCH, found 'LOGGED'; BEGIN BATCH begins a logged batch; leave LOGGED out",
        ),
        ("BEGIN BATCH SELECT a FROM t", 1, 13, "SELECT", "expected INSERT, UPDATE, DELETE or APPLY BATCH, found"),
        ("SELECT * FROM ?", 1, 15, "?", "expected a table, found '?'"),
    ],
)
def test_an_error_says_what_was_expected_where(text: str, line: int, column: int, token: str, reason: str) -> None:
    error = refused(text)
    assert error.reason.startswith(reason)
    assert (error.line, error.column, error.token) == (line, column, token)
    assert not error.expected or error.expected in error.reason or error.expected == "the end"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DELETE FROM t USING TTL 1 WHERE a = 1", "TIMESTAMP or TIMEOUT"),
        ("UPDATE t USING x 1 SET a = 1 WHERE a = 1", "TIMESTAMP or TTL or TIMEOUT"),
        ("TRUNCATE t USING x 1", "TIMEOUT"),
    ],
)
def test_scylla_expects_its_own_options_too(text: str, expected: str) -> None:
    assert refused(text, "scylla").expected == expected
    # Where they are all that could stand there, USING itself is what is lacking.
    error = refused(text)
    assert error.expected == expected.removesuffix("TIMEOUT").removesuffix(" or ")
    assert isinstance(error, DialectSyntaxError) == (not error.expected)


def test_nothing_would_be_right_where_a_text_is_nested_too_deep() -> None:
    error = refused(f"SELECT {'(' * 200}1{')' * 200} FROM t")
    assert "nested deeper" in error.reason
    assert error.expected == ""


def test_an_error_points_at_its_place() -> None:
    assert str(refused("SELECT a\nFROM t\nWHERE b == 1")) == (
        "line 3, column 10: expected a value, found '='; CQL compares with one =\n  WHERE b == 1\n           ^"
    )


def test_an_error_shows_no_control_characters() -> None:
    assert "\x1b" not in str(refused("SELECT \x1b[2J FROM t"))
    str(refused("SELECT \ud800 FROM t")).encode()


@pytest.mark.parametrize("parse", [parse_cql, parse_script])
@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("INSERT INTO t (a)\nVALUES ('x\ud800')", 2, 11),
        ("INSERT INTO t JSON $$\udfff$$", 1, 22),
        ('SELECT "a\udc80" FROM t', 1, 10),
        ("SELECT a FROM t /* \ud83d\ud83d */", 1, 20),
        ("SELECT a FROM t WHERE b = 'é' AND \udcff", 1, 35),
        ("\ud800", 1, 1),
    ],
)
def test_a_lone_surrogate_is_refused_where_it_stands(
    parse: Callable[[str], object], text: str, line: int, column: int
) -> None:
    with pytest.raises(CqlSyntaxError) as caught:
        parse(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert caught.value.token == text[caught.value.position]
    assert caught.value.expected == ""
    assert caught.value.reason == (
        "found a lone surrogate, which UTF-8 cannot carry; decode the bytes with the encoding that they have"
    )
    str(caught.value).encode()


def test_a_type_has_no_lone_surrogate() -> None:
    with pytest.raises(CqlSyntaxError, match="lone surrogate"):
        parse_type("frozen<'\ud800'>")


@pytest.mark.parametrize(
    ("text", "dialect", "feature", "supported_by"),
    [
        ("SELECT a FROM t WHERE b BETWEEN 1 AND 2", "cassandra-5.0", "BETWEEN", ("cassandra-6.0",)),
        ("SELECT a FROM t WHERE (b, c) NOT IN ((1, 2))", "scylla", "NOT IN of several columns", ("cassandra-6.0",)),
        ("SELECT a FROM t WHERE b NOT IN (1)", "cassandra-5.0", "NOT IN in WHERE", ("cassandra-6.0", "scylla")),
        ("SELECT a FROM t ORDER BY v ANN OF ?", "cassandra-4.1", "ORDER BY … ANN OF", None),
        ("SELECT a FROM t BYPASS CACHE", "cassandra-5.0", "BYPASS CACHE", ("scylla",)),
        ("SELECT a + 1 FROM t", "scylla", "arithmetic", None),
        ("SELECT [a] FROM t", "scylla", "list, set, map or tuple of columns in SELECT", None),
        ("SELECT (int)? FROM t", "scylla", "type hint in SELECT", None),
        ("SELECT a[1..2] FROM t", "scylla", "slice of a collection in SELECT", None),
        ("SELECT now()", "cassandra-5.0", "SELECT without FROM", ("scylla",)),
        ("SELECT a FROM t GROUP BY f(a)", "cassandra-4.0", "GROUP BY anything but columns", None),
        ("SELECT ttl(a.b) FROM t", "cassandra-4.1", "writetime, maxwritetime or ttl of an element or field", None),
        ("SELECT a FROM t WHERE f(a) = 1", "cassandra-5.0", "function on the left of a comparison", ("scylla",)),
        ("SELECT a FROM t USING TIMEOUT 1s", "cassandra-5.0", "USING TIMEOUT", ("scylla",)),
        ("DELETE FROM t USING TIMESTAMP 1 AND TIMEOUT 1s WHERE a = 1", "cassandra-5.0", "USING TIMEOUT", ("scylla",)),
        ("SELECT a FROM t WHERE m['k'] LIKE 'x'", "cassandra-5.0", "LIKE of anything but a column", ("scylla",)),
        ("SELECT a FROM t WHERE (a, b) LIKE (1, 2)", "cassandra-6.0", "LIKE of anything but a column", ("scylla",)),
        ("SELECT a FROM t WHERE token(a) LIKE 'x'", "cassandra-4.0", "LIKE of anything but a column", ("scylla",)),
        ("SELECT a FROM t WHERE f(a) LIKE 'x'", "cassandra-4.1", "function on the left of a comparison", ("scylla",)),
        ("UPDATE t SET a = 1 WHERE b = 1 IF u.f LIKE 'x'", "cassandra-5.0", "LIKE in IF", ("scylla",)),
        ("UPDATE t SET a += 1 WHERE b = 1", "scylla", "+= and -= in SET", None),
        ("UPDATE t SET a = CAST(1 AS text) WHERE b = 1", "cassandra-4.0", "CAST outside SELECT", None),
        ("UPDATE t SET a = 1 WHERE b = 1 IF c CONTAINS 1", "cassandra-4.0", "CONTAINS in IF", None),
        ("PRUNE MATERIALIZED VIEW v", "cassandra-5.0", "PRUNE MATERIALIZED VIEW", ("scylla",)),
        *[
            (f"CREATE INDEX ON t (a) WITH {what}", "cassandra-6.0", features.VIEW_OF_INDEX.name, ("scylla",))
            for what in ("COMPACT STORAGE", "CLUSTERING ORDER BY (b DESC)", "x = 1 AND COMPACT STORAGE")
        ],
    ],
)
def test_what_another_dialect_has_is_named(
    text: str, dialect: DialectName, feature: str, supported_by: tuple[str, ...] | None
) -> None:
    error = refused(text, dialect)
    assert isinstance(error, DialectSyntaxError)
    assert (error.feature, error.dialect) == (feature, dialect)
    assert supported_by is None or error.supported_by == supported_by
    assert error.reason.startswith(f"{dialect} has no {feature}; ")
    assert any(is_read(text, find_dialect(other)) for other in error.supported_by)


@pytest.mark.parametrize("value", [None, b"SELECT a FROM t", 1, ["SELECT a FROM t"]])
@pytest.mark.parametrize("parse", [parse_cql, parse_script, parse_type])
def test_a_text_is_a_str(parse: Callable[[object], object], value: object) -> None:
    with pytest.raises(ArgumentError, match="the text takes a str, not"):
        parse(value)


def test_a_dialect_is_known() -> None:
    with pytest.raises(UnknownDialectError):
        parse_cql("SELECT a FROM t", dialect="cassandra")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - there is none


def test_a_script_counts_lines_from_its_start() -> None:
    script = "USE ks;\n\n/* a\nb */ SELECT a FROM t;\nSELECT a FROM;\nUSE x"
    with pytest.raises(CqlSyntaxError) as caught:
        parse_script(script)
    assert (caught.value.line, caught.value.column, caught.value.token) == (5, 14, ";")
    assert script[caught.value.position] == ";"


def test_two_statements_of_a_script_are_parted() -> None:
    with pytest.raises(CqlSyntaxError, match="expected ';' or the end, found 'USE'"):
        parse_script("USE a USE b")


NESTS = {
    "SELECT {} FROM t": [
        ("(", ")"),
        ("[", "]"),
        ("{", "}"),
        ("f(", ")"),
        ("- ", ""),
        ("(int)", ""),
        ("cast(", " AS int)"),
    ],
    "SELECT a FROM t WHERE b = {}": [("(", ")"), ("[", "]"), ("{", "}"), ("f(", ")"), ("(int)", ""), ("{x: ", "}")],
    "SELECT a FROM t WHERE {} = 1": [("(", " = 1)")],
    "CREATE TABLE t ({} int PRIMARY KEY)": [("a list<", ">, b")],
}


@pytest.mark.parametrize(("statement", "opening", "closing"), [(s, *p) for s, pairs in NESTS.items() for p in pairs])
def test_what_is_nested_too_deep_is_a_syntax_error(statement: str, opening: str, closing: str) -> None:
    for levels in (101, 5000):
        inner = "a" if "{} = 1" in statement or "SELECT {}" in statement else "1"
        text = statement.format(opening * levels + inner + closing * levels)
        assert refused(text).line == 1


@pytest.mark.parametrize(("opening", "closing"), [("(", ")"), ("[", "]"), ("{", "}"), ("f(", ")"), ("f([", "])")])
def test_a_hundred_levels_are_read_in_any_thread(opening: str, closing: str) -> None:
    levels = 100 // (len(opening) if opening != "f(" else 1)
    text = f"SELECT {opening * levels}a{closing * levels} FROM t"
    read: list[object] = []
    thread = threading.Thread(target=lambda: read.append(parse_cql(text)))
    thread.start()
    thread.join()
    assert len(read) == 1
    assert parse_cql(text) == read[0]


@pytest.mark.parametrize("link", [".a", "[1]"])
def test_a_hundred_elements_and_fields_are_read_and_no_more(link: str) -> None:
    tree = parse_cql(f"SELECT a{link * 100} FROM t")
    assert parse_cql(compile_statement(tree).cql) == tree
    assert refused(f"SELECT a{link * 101} FROM t").reason == "elements and fields are nested deeper than 100 levels"
    assert "nested deeper than 100" in refused(f"SELECT a{link * 5000} FROM t").reason


def test_fields_of_calls_of_fields_add_up() -> None:
    text = "a"
    for _ in range(5):
        text = f"f({text}){'.a' * 90}"
    assert refused(f"SELECT {text} FROM t").reason.endswith("are nested deeper than 300 levels together")


SUMS = {
    "SELECT a{} FROM t": " + a",
    "SELECT a{} AS a FROM t": " * 2",
    "SELECT a FROM t WHERE b = 1{}": " - 1",
    "UPDATE t SET a = ?{} WHERE b = 1": " + ? % 2",
}


@pytest.mark.parametrize("statement", SUMS)
@pytest.mark.parametrize("operands", [300, 5_000])
def test_a_sum_is_as_long_as_it_likes(statement: str, operands: int) -> None:
    text = statement.format(SUMS[statement] * operands)
    tree = parse_cql(text)
    assert compile_statement(tree).cql == text
    assert parse_cql(text) == tree
    assert hash(parse_cql(text)) == hash(tree)
    assert parse_cql(statement.format(SUMS[statement] * (operands - 1))) != tree
    assert pickle.loads(pickle.dumps(tree)) == tree  # noqa: S301 - made here
    assert copy.deepcopy(tree) == tree
    assert repr(tree).count("Arithmetic(") >= operands
    assert transform(tree, lambda node: node) is tree
    assert transform(tree, lambda node: TableName("u") if isinstance(node, TableName) else node) != tree


def test_cassandra_takes_long_sums(refusals: Callable[[Sequence[str], str], list[str | None]]) -> None:
    texts = [statement.format(link * 300) for statement, link in SUMS.items()]
    for dialect in ("cassandra-4.0", "cassandra-4.1", "cassandra-5.0", "cassandra-6.0"):
        assert refusals(texts, dialect) == [None] * len(texts)


def test_many_short_chains_are_no_deep_tree() -> None:
    tree = parse_cql(f"SELECT {', '.join(['a + 1 - b.c'] * 500)} FROM t")
    assert isinstance(tree, Select)
    assert len(tree.selection) == 500


SIZE = 1_000_000
LONG_TEXTS = {
    "many statements": "INSERT INTO t (a, b) VALUES (1, 'x');\n" * (SIZE // 40),
    "one statement": f"SELECT a FROM t WHERE b IN ({'1, ' * (SIZE // 3)}1)",
    "doubled quotes": "SELECT '" + "''" * (SIZE // 2) + "' FROM t",
    "a quote never closed": "SELECT '" + "''" * (SIZE // 2),
    "many quotes never closed": "SELECT a FROM t WHERE b = '" + "x" * SIZE,
    "a name never closed": 'SELECT "' + '""' * (SIZE // 2),
    "a body never closed": "SELECT $$" + "$ " * (SIZE // 2),
    "comments never closed": "SELECT " + "/*" * (SIZE // 2),
    "a comment at the end": "SELECT a FROM t --" + "-" * SIZE,
    "comments": "SELECT " + "/**/--\n" * (SIZE // 7) + "a FROM t",
    "digits": "SELECT " + "1" * SIZE + " FROM t",
    "a duration that breaks off": "SELECT " + "1y" * (SIZE // 2) + "1 FROM t",
    "digits that break off": "SELECT " + "1" * SIZE + ".e FROM t",
    "hexadecimal digits": "SELECT 0x" + "f" * SIZE + "g FROM t",
    "spaces": " " * SIZE,
    "semicolons": ";" * SIZE,
    "parentheses": "SELECT " + "(" * SIZE,
    "types": "SELECT (" + "list<" * (SIZE // 5),
    "hints": "SELECT " + "(a)[" * (SIZE // 4),
}


@pytest.mark.parametrize("name", LONG_TEXTS)
def test_a_long_text_takes_no_more_than_its_length(name: str) -> None:
    """A megabyte takes a second or two at the most; quadratic, it would take hours."""
    start = time.process_time()
    with contextlib.suppress(CqlSyntaxError):
        parse_script(LONG_TEXTS[name])
    assert time.process_time() - start < 30


def test_a_megabyte_comes_back() -> None:
    text = "'\"$$/*--\n;\x00😀" * 100_000
    doubled = text.replace("'", "''")
    assert parse_cql(f"INSERT INTO t JSON '{doubled}'") == InsertJson(TableName("t"), StringLiteral(text))


def test_every_dialect_reads() -> None:
    assert {parse_cql("SELECT a FROM t", dialect=dialect) for dialect in DIALECTS.values()} == {
        parse_cql("select A from T ;;")
    }


@pytest.mark.parametrize("asked", ["writetime(a.b.c)", "ttl(a[1].b)", "writetime(a[1][2])"])
def test_scylladb_is_asked_when_one_part_of_a_column_was_written(asked: str) -> None:
    with pytest.raises(CqlSyntaxError, match="reach one element or field into a column here"):
        parse_cql(f"SELECT {asked} FROM t", dialect="scylla")
    one_step = "SELECT writetime(a.b), ttl(a[1]) FROM t"
    assert compile_statement(parse_cql(one_step, dialect="scylla"), dialect="scylla").cql == one_step
