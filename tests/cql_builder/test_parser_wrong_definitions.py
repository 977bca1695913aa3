from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cql_builder.dialects import DialectName

REFUSED = [
    ("CREATE UNIQUE INDEX i ON t (a)", "expected KEYSPACE, TABLE"),
    ("CREATE KEYSPACE k WITH x = 1 AND X = 2", "'x' is given twice"),
    ("CREATE KEYSPACE k WITH x = foo", "expected a constant, a map or a keyword"),
    ("CREATE KEYSPACE k WITH x = ?", "expected a constant, a map or a keyword"),
    ("CREATE KEYSPACE k WITH x = {'a': ?}", "expected a constant"),
    ("CREATE KEYSPACE k WITH x = {'a': null}", "expected a constant"),
    ("CREATE KEYSPACE k WITH x = {'a': 1 + 1}", "expected '}'"),
    ("CREATE KEYSPACE k WITH x = {1: 'a', '1': 'b'}", "a key is given twice; give it once"),
    ("CREATE KEYSPACE k WITH x = {'a': 1,}", "expected a constant"),
    ("CREATE KEYSPACE k WITH x = 1 AND", "expected an option"),
    ("CREATE KEYSPACE ?  WITH x = 1", "expected a keyspace"),
    ("CREATE TABLE t ()", "expected a column"),
    ("CREATE TABLE t (a int, a text)", "'a' is defined twice"),
    ("CREATE TABLE t (a int PRIMARY KEY, PRIMARY KEY (a))", "second PRIMARY KEY"),
    ("CREATE TABLE t (a int, PRIMARY KEY ((a), (b)))", "expected a column"),
    ("CREATE TABLE t (a int) WITH CLUSTERING ORDER BY (a ASC) AND CLUSTERING ORDER BY (a DESC)", "ordered twice"),
    ("CREATE TABLE t (a int) WITH CLUSTERING ORDER BY (a)", "expected ASC or DESC"),
    ('CREATE TABLE t ("" int)', "expected a column"),
    ("CREATE TABLE t (a int MASKED WITH f(a))", "expected a value"),
    ("CREATE TABLE t (a int", "expected ')'"),
    ("ALTER TABLE t ADD (a int,)", "expected a column"),
    ("ALTER TABLE t ADD a int PRIMARY KEY", "expected the end"),
    ("ALTER TABLE t ALTER IF EXISTS a TYPE int", "expected TYPE, MASKED WITH"),
    ("ALTER TABLE t DROP a USING TIMESTAMP 9223372036854775808", "at most 64 bits"),
    (f"ALTER TABLE t DROP a USING TIMESTAMP {'9' * 5000}", "at most 64 bits"),
    ("ALTER TABLE t DROP a USING TTL 1", "expected TIMESTAMP"),
    ("ALTER TABLE t RENAME a TO b, c TO d", "expected the end"),
    ("ALTER TABLE t WITH COMPACT STORAGE", "expected '='"),
    ("CREATE TYPE t ()", "expected a field"),
    ("CREATE TYPE date (a int)", "only in double quotes"),
    ("ALTER TYPE t DROP a", "expected ADD, ALTER or RENAME"),
    ("CREATE INDEX ks.i ON t (a)", "expected ON"),
    ("CREATE INDEX ON t (full)", "found the reserved word"),
    ("CREATE INDEX ON t (a) USING x", "expected the index's class as a string"),
    ("CREATE MATERIALIZED VIEW v AS SELECT a FROM t", "expected PRIMARY"),
    ("CREATE FUNCTION f () CALLED ON NULL INPUT RETURNS int LANGUAGE key AS 'x'", "expected a language"),
    ("CREATE FUNCTION f () CALLED ON NULL INPUT RETURNS int LANGUAGE \"java\" AS 'x'", "expected a language"),
    ("CREATE FUNCTION f () RETURNS int LANGUAGE java AS 'x'", "expected NULL"),
    ("CREATE FUNCTION f () LANGUAGE java AS 'x'", "expected CALLED ON NULL INPUT"),
    ("CREATE AGGREGATE a () SFUNC ks.f STYPE int", "without its keyspace"),
    ("CREATE OR REPLACE TABLE t (a int)", "expected FUNCTION or AGGREGATE"),
    ("DROP TABLE IF NOT EXISTS t", "expected EXISTS"),
]


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_what_is_refused_is_refused_with_a_reason(
    is_refused_for: Callable[[DialectName, str, str], None], text: str, reason: str
) -> None:
    is_refused_for("cassandra-5.0", text, reason)


def test_cassandra_refuses_all_of_these_too(complaints: Callable[[Sequence[str]], dict[str, str]]) -> None:
    assert [*complaints([text for text, _ in REFUSED])] == [text for text, _ in REFUSED]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("CREATE TABLE t (a int CHECK b > 0)", "expected the column 'a'"),
        ("CREATE TABLE t (a int CHECK a > f(1))", "to be computed"),
        ("CREATE TABLE t (a int CHECK lenght() > 1)", "did you mean 'length'?"),
        ("CREATE TABLE t (a int CHECK LENGTH())", "expected the function JSON or NOT_NULL"),
        ('CREATE TABLE t (a int CHECK "LENGTH"() > 1)', "expected the function LENGTH"),
        ("CREATE TABLE t (a int CHECK)", "expected NOT NULL, the column or a function"),
        ("CREATE TABLE t (a int NOT NULL CHECK NOT NULL)", "NOT NULL is given twice"),
        ("CREATE TABLE t (a int NOT NULL CHECK not_null())", "NOT NULL is given twice"),
    ],
)
def test_cassandra_6_refuses_checks_that_it_cannot_keep(
    is_refused_for: Callable[[DialectName, str, str], None], text: str, reason: str
) -> None:
    is_refused_for("cassandra-6.0", text, reason)


@pytest.mark.parametrize(
    ("dialect", "text", "feature"),
    [
        ("cassandra-5.0", "CREATE KEYSPACE k", "CREATE KEYSPACE without WITH"),
        ("cassandra-5.0", "CREATE KEYSPACE k WITH x = null", "null as the value of an option"),
        ("cassandra-5.0", "CREATE KEYSPACE k WITH x = {'a': ['b']}", "list inside an option's map"),
        ("cassandra-4.0", "ALTER KEYSPACE IF EXISTS k WITH x = 1", "IF EXISTS in ALTER"),
        ("cassandra-4.0", "ALTER TABLE t ADD IF NOT EXISTS a int", "IF [NOT] EXISTS of a column in ALTER"),
        ("cassandra-4.1", "CREATE TABLE t (a int MASKED WITH DEFAULT)", "MASKED WITH"),
        ("cassandra-4.1", "ALTER TABLE t ALTER a DROP MASKED", "MASKED WITH"),
        ("cassandra-5.0", "CREATE TABLE t (a int NOT NULL)", "CHECK and NOT NULL of columns"),
        ("cassandra-5.0", "CREATE TABLE t (a int CHECK a > 1)", "CHECK and NOT NULL of columns"),
        ("cassandra-5.0", "ALTER TABLE t ALTER a DROP CHECK", "CHECK and NOT NULL of columns"),
        ("cassandra-5.0", "CREATE TABLE a LIKE b", "CREATE TABLE … LIKE"),
        ("cassandra-5.0", "CREATE TABLE t (a int TTL)", "TTL column"),
        ("cassandra-5.0", "ALTER TABLE t TTL a", "TTL column"),
        ("cassandra-5.0", "ALTER TABLE t DROP a USING TIMESTAMP ?", "bind marker"),
        ("scylla", "ALTER TABLE t DROP COMPACT STORAGE", "DROP COMPACT STORAGE"),
        ("cassandra-5.0", "CREATE INDEX ON t ((a), b)", "index within the partition"),
        ("scylla", "CREATE TRIGGER g ON t USING 'x'", "triggers"),
        ("scylla", "DROP TRIGGER g ON t", "triggers"),
        (
            "cassandra-5.0",
            "CREATE MATERIALIZED VIEW v AS SELECT * FROM t PRIMARY KEY (a) WITH COMPACT STORAGE",
            "COMPACT STORAGE of a materialized view",
        ),
        ("cassandra-5.0", "CREATE AGGREGATE a () SFUNC f STYPE int REDUCEFUNC g", "REDUCEFUNC"),
        (
            "scylla",
            "CREATE OR REPLACE FUNCTION IF NOT EXISTS f () CALLED ON NULL INPUT RETURNS int LANGUAGE lua AS 'x'",
            "OR REPLACE and IF NOT EXISTS",
        ),
    ],
)
def test_what_only_other_dialects_have_is_refused_by_name(
    is_only_elsewhere: Callable[[DialectName, str, str], None], dialect: DialectName, text: str, feature: str
) -> None:
    is_only_elsewhere(dialect, text, feature)
