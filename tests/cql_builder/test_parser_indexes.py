from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cql_builder import parse_cql
from cql_builder.ast import (
    AlterMaterializedView,
    ColumnName,
    CreateIndex,
    CreateMaterializedView,
    CreateTrigger,
    DropIndex,
    DropMaterializedView,
    DropTrigger,
    IndexName,
    IndexTarget,
    IntegerLiteral,
    IsNotNull,
    LocalIndexTarget,
    Option,
    Ordering,
    TableName,
)
from cql_builder.errors import CqlSyntaxError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cql_builder.ast import Node
    from cql_builder.dialects import DialectName

A, B, C = ColumnName("a"), ColumnName("b"), ColumnName("c")
KS, T = "ks", TableName("t")
KS_T = TableName("t", KS)
X = Option("x", IntegerLiteral("1"))

IN_5_0: list[tuple[str, Node]] = [
    ("CREATE INDEX ON t (a)", CreateIndex(None, T, (IndexTarget(A),))),
    ("CREATE INDEX keys ON t (keys)", CreateIndex("keys", T, (IndexTarget(ColumnName("keys")),))),
    (
        "CREATE CUSTOM INDEX IF NOT EXISTS i ON ks.t (KEYS(a), values(b), ENTRIES(c), FULL(a)) USING 'x' WITH x = 1",
        CreateIndex(
            "i",
            KS_T,
            (IndexTarget(A, "keys"), IndexTarget(B, "values"), IndexTarget(C, "entries"), IndexTarget(A, "full")),
            "x",
            (X,),
            if_not_exists=True,
            custom=True,
        ),
    ),
    ("CREATE CUSTOM INDEX ON t () USING 'x'", CreateIndex(None, T, (), "x", custom=True)),
    ("DROP INDEX IF EXISTS ks.i", DropIndex(IndexName("i", KS), if_exists=True)),
    ("CREATE TRIGGER IF NOT EXISTS g ON ks.t USING 'x'", CreateTrigger("g", KS_T, "x", if_not_exists=True)),
    ("DROP TRIGGER IF EXISTS g ON t", DropTrigger("g", T, if_exists=True)),
    (
        (
            "CREATE MATERIALIZED VIEW IF NOT EXISTS ks.v AS SELECT a, b FROM t WHERE a IS NOT NULL "
            "PRIMARY KEY ((a), b) WITH CLUSTERING ORDER BY (b DESC) AND x = 1"
        ),
        CreateMaterializedView(
            TableName("v", KS),
            (A, B),
            T,
            (IsNotNull(A),),
            (A,),
            (B,),
            (Ordering(B, descending=True),),
            (X,),
            if_not_exists=True,
        ),
    ),
    (
        "CREATE MATERIALIZED VIEW v AS SELECT * FROM t PRIMARY KEY (a)",
        CreateMaterializedView(TableName("v"), (), T, (), (A,)),
    ),
    ("ALTER MATERIALIZED VIEW IF EXISTS t WITH x = 1", AlterMaterializedView(T, (X,), if_exists=True)),
    ("DROP MATERIALIZED VIEW IF EXISTS ks.t", DropMaterializedView(KS_T, if_exists=True)),
]
ELSEWHERE: list[tuple[str, str, Node]] = [
    (
        "scylla",
        "CREATE INDEX i ON t (a) WITH CLUSTERING ORDER BY (b DESC, c ASC) AND COMPACT STORAGE AND x = 1",
        CreateIndex(
            "i",
            T,
            (IndexTarget(A),),
            options=(X,),
            clustering_order=(Ordering(B, descending=True), Ordering(C)),
            compact_storage=True,
        ),
    ),
    ("scylla", "CREATE INDEX ON t ((a, b), c)", CreateIndex(None, T, (LocalIndexTarget((A, B)), IndexTarget(C)))),
    (
        "scylla",
        "CREATE MATERIALIZED VIEW t AS SELECT * FROM t PRIMARY KEY (a) WITH COMPACT STORAGE",
        CreateMaterializedView(T, (), T, (), (A,), compact_storage=True),
    ),
]


@pytest.mark.parametrize(("dialect", "text", "tree"), [*[("cassandra-5.0", *row) for row in IN_5_0], *ELSEWHERE])
def test_the_text_is_read_as_the_tree_and_written_again(
    is_read_as: Callable[[DialectName, str, Node], None], dialect: DialectName, text: str, tree: Node
) -> None:
    is_read_as(dialect, text, tree)


def test_cassandra_reads_all_of_them_too(complaints: Callable[[Sequence[str]], dict[str, str]]) -> None:
    assert complaints([text for text, _ in IN_5_0]) == {}


@pytest.mark.parametrize(
    "hints",
    [
        "included_indexes = {a} AND included_indexes = {b}",
        "excluded_indexes = {} AND included_indexes = {a} AND excluded_indexes = {a}",
    ],
)
def test_indexes_are_hinted_at_once(refusals: Callable[[Sequence[str], str], list[str | None]], hints: str) -> None:
    text = f"SELECT a FROM t WITH {hints}"
    with pytest.raises(CqlSyntaxError, match="cluded_indexes is given twice; name all indexes in one") as caught:
        parse_cql(text, dialect="cassandra-6.0")
    assert caught.value.position == text.rindex(hints[:16])
    (error,) = refusals([text], "cassandra-6.0")
    assert error is not None
    assert error.startswith("Multiple definitions for property")
