from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cql_builder.ast import (
    ColumnName,
    CommentOn,
    DescribeGroup,
    DescribeKeyspace,
    DescribeNamed,
    FieldName,
    FunctionName,
    IndexName,
    KeyspaceName,
    SecurityLabelOn,
    TableColumnName,
    TableName,
    UserType,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cql_builder.ast import Node
    from cql_builder.dialects import DialectName

T, KS_T = TableName("t"), TableName("t", "ks")
TYPE = UserType("t", "ks")

IN_5_0: list[tuple[str, Node]] = [
    ("DESCRIBE CLUSTER", DescribeGroup("cluster")),
    ("DESC FULL SCHEMA WITH INTERNALS", DescribeGroup("full schema", internals=True)),
    ("DESCRIBE SCHEMA", DescribeGroup("schema")),
    ("DESCRIBE KEYSPACES", DescribeGroup("keyspaces")),
    ("DESCRIBE COLUMNFAMILIES", DescribeGroup("tables")),
    ("DESCRIBE TYPES", DescribeGroup("types")),
    ("DESCRIBE FUNCTIONS", DescribeGroup("functions")),
    ("DESCRIBE AGGREGATES", DescribeGroup("aggregates")),
    ("DESCRIBE KEYSPACE", DescribeKeyspace()),
    ("DESCRIBE ONLY KEYSPACE ks WITH INTERNALS", DescribeKeyspace("ks", only=True, internals=True)),
    ("DESCRIBE TABLE ks.t", DescribeNamed("table", KS_T)),
    ("DESCRIBE INDEX ks.i", DescribeNamed("index", IndexName("i", "ks"))),
    ("DESCRIBE MATERIALIZED VIEW t", DescribeNamed("materialized view", T)),
    ("DESCRIBE TYPE ks.t", DescribeNamed("type", TYPE)),
    ("DESCRIBE FUNCTION token", DescribeNamed("function", FunctionName("token"))),
    ("DESCRIBE AGGREGATE ks.a", DescribeNamed("aggregate", FunctionName("a", "ks"))),
    ("DESCRIBE ks.t WITH INTERNALS", DescribeNamed(None, KS_T, internals=True)),
    # Words that say what is described are names as well.
    ("DESCRIBE type", DescribeNamed(None, TableName("type"))),
    ("DESCRIBE function.aggregate", DescribeNamed(None, TableName("aggregate", "function"))),
    ("DESCRIBE only", DescribeNamed(None, TableName("only"))),
    ("DESCRIBE only.t", DescribeNamed(None, TableName("t", "only"))),
]
IN_6_0: list[tuple[str, Node]] = [
    ("COMMENT ON KEYSPACE ks IS 'x'", CommentOn(KeyspaceName("ks"), "x")),
    ("COMMENT ON TABLE ks.t IS NULL", CommentOn(KS_T, None)),
    ("COMMENT ON COLUMN t.\"\" IS 'x'", CommentOn(TableColumnName(T, ColumnName("")), "x")),
    ("COMMENT ON COLUMN ks.t.c IS 'x'", CommentOn(TableColumnName(KS_T, ColumnName("c")), "x")),
    ("COMMENT ON TYPE ks.t IS 'x'", CommentOn(TYPE, "x")),
    ("COMMENT ON FIELD t.date IS 'x'", CommentOn(FieldName(UserType("t"), "date"), "x")),
    ("COMMENT ON FIELD date.t.f IS 'x'", CommentOn(FieldName(UserType("t", "date"), "f"), "x")),
    ("SECURITY LABEL ON COLUMNFAMILY t IS 'x'", SecurityLabelOn(T, "x")),
    ('SECURITY LABEL FOR "P" ON KEYSPACE ks IS NULL', SecurityLabelOn(KeyspaceName("ks"), None, "P")),
]
IN_SCYLLA: list[tuple[str, Node]] = [
    ("DESCRIBE SCHEMA WITH INTERNALS AND PASSWORDS", DescribeGroup("schema", internals=True, passwords=True)),
    ("DESC desc", DescribeNamed(None, TableName("desc"))),
    # Reserved there, and names of functions all the same.
    ("DESCRIBE FUNCTION ann", DescribeNamed("function", FunctionName("ann"))),
    ("DESCRIBE AGGREGATE token", DescribeNamed("aggregate", FunctionName("token"))),
]


@pytest.mark.parametrize(
    ("dialect", "text", "tree"),
    [
        *[("cassandra-5.0", *row) for row in IN_5_0],
        *[("cassandra-6.0", *row) for row in IN_6_0],
        *[("scylla", *row) for row in IN_SCYLLA],
    ],
)
def test_the_text_is_read_as_the_tree_and_written_again(
    is_read_as: Callable[[DialectName, str, Node], None], dialect: DialectName, text: str, tree: Node
) -> None:
    is_read_as(dialect, text, tree)


def test_cassandra_reads_all_of_them_too(complaints: Callable[[Sequence[str]], dict[str, str]]) -> None:
    assert complaints([text for text, _ in IN_5_0]) == {}


REFUSED = [
    ("DESCRIBE", "expected what is to be described"),
    ("DESCRIBE ?", "expected what is to be described"),
    ("DESCRIBE FULL", "expected SCHEMA"),
    ("DESCRIBE KEYSPACES.a", "expected the end"),
    ("DESCRIBE TABLE", "expected a table"),
    ("DESCRIBE ONLY k", "expected the end"),
    ("DESCRIBE TYPE date", "only in double quotes"),
    ("DESCRIBE FUNCTION f(int)", "expected the end"),
    ("DESCRIBE a.b.c", "expected the end"),
    ("DESCRIBE t WITH", "expected INTERNALS"),
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
        ("COMMENT ON VIEW v IS 'x'", "expected KEYSPACE, TABLE, COLUMN, TYPE or FIELD"),
        ("COMMENT ON TABLE t IS ?", "expected a string or NULL"),
        ("COMMENT ON COLUMN c IS 'x'", "expected '.'"),
        ("COMMENT ON COLUMN a.b.c.d IS 'x'", "expected IS"),
        ("COMMENT ON FIELD date.f IS 'x'", "only in double quotes"),
        ("COMMENT ON FIELD f IS 'x'", "expected '.'"),
        ("SECURITY LABEL FOR 'p' ON TABLE t IS 'x'", "expected a provider"),
        ("SECURITY LABELS ON TABLE t IS 'x'", "expected LABEL"),
    ],
)
def test_remarks_are_refused_with_a_reason(
    is_refused_for: Callable[[DialectName, str, str], None], text: str, reason: str
) -> None:
    is_refused_for("cassandra-6.0", text, reason)


@pytest.mark.parametrize(
    ("text", "feature"),
    [
        ("COMMENT ON TABLE t IS 'x'", "COMMENT ON"),
        ("SECURITY LABEL ON TABLE t IS 'x'", "SECURITY LABEL"),
        ("DESCRIBE t WITH INTERNALS AND PASSWORDS", "DESCRIBE … AND PASSWORDS"),
    ],
)
def test_what_only_other_dialects_have_is_refused_by_name(
    is_only_elsewhere: Callable[[DialectName, str, str], None], text: str, feature: str
) -> None:
    is_only_elsewhere("cassandra-5.0", text, feature)
