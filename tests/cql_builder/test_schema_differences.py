from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cql_builder.errors import ArgumentError
from cql_builder.schema import (
    ColumnDefinition,
    IndexSchema,
    KeyspaceSchema,
    TableSchema,
    apply,
    diff_table,
)
from cql_builder.schema.options import is_same_option

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cql_builder.ast.indexes import IndexPart

KEY = ColumnDefinition("id", "uuid", primary_key=True)
ROW = ColumnDefinition("at", "timestamp", clustering_key=True)
A = ColumnDefinition("a", "int")
ANOTHER_COLUMN = "add a column under another name and copy the values"
ANOTHER_TABLE = "make another table and copy the rows"


def table(*columns: ColumnDefinition, **options: object) -> TableSchema:
    return TableSchema.from_columns("t", "ks", columns, options)


def steps(
    actual: TableSchema | None, desired: TableSchema, *, drop_removed_indexes: bool = False
) -> list[tuple[str | None, str]]:
    found = diff_table(actual, desired, drop_removed_indexes=drop_removed_indexes)
    return [(step.cql, step.safety) for step in found]


def reasons(actual: TableSchema, desired: TableSchema) -> list[str]:
    return [step.reason for step in diff_table(actual, desired)]


def test_a_table_that_is_not_there_is_created_with_its_indexes(refusal: Callable[[str], str | None]) -> None:
    desired = table(
        KEY,
        ROW,
        ColumnDefinition("Tags", "set<text>", index=True),
        ColumnDefinition("whole", "frozen<list<int>>", index=True, index_name="w"),
        ColumnDefinition("s", "tuple<int, text>", static=True),
        comment="it's",
        default_time_to_live=60,
        compaction={"class": "LeveledCompactionStrategy", "x": 160},
    )
    found = steps(None, desired)
    assert found == [
        (
            (
                'CREATE TABLE IF NOT EXISTS ks.t (id uuid, at timestamp, "Tags" set<text>, whole frozen<list<int>>,'
                " s frozen<tuple<int, text>> STATIC, PRIMARY KEY (id, at)) WITH comment = 'it''s'"
                " AND default_time_to_live = 60 AND compaction = {'class': 'LeveledCompactionStrategy', 'x': 160}"
            ),
            "additive",
        ),
        ('CREATE INDEX IF NOT EXISTS "t_Tags_idx" ON ks.t ("Tags")', "additive"),
        ("CREATE INDEX IF NOT EXISTS w ON ks.t (full(whole))", "additive"),
    ]
    assert [refusal(cql or "") for cql, _ in found] == [None] * 3


def test_clustering_order_is_part_of_a_new_table() -> None:
    falling = ColumnDefinition("at", "timestamp", clustering_key=True, clustering_order="DESC")
    other = ColumnDefinition("n", "int", clustering_key=True, clustering_key_index=1)
    assert (steps(None, table(KEY, falling, other))[0][0] or "").endswith(
        "PRIMARY KEY (id, at, n)) WITH CLUSTERING ORDER BY (at DESC, n ASC)"
    )


def test_what_is_equal_needs_no_step() -> None:
    before = table(KEY, ROW, A, ColumnDefinition("b", "varchar"), ColumnDefinition("c", "tuple<int>"))
    after = table(ColumnDefinition("c", "frozen<tuple<int>>"), ColumnDefinition("b", "text"), A, ROW, KEY)
    assert steps(before, after) == []
    assert steps(before, after, drop_removed_indexes=True) == []


def test_new_columns_are_added_at_once() -> None:
    added = [A, ColumnDefinition("b", "list<text>", index=True), ColumnDefinition("c", "int", static=True)]
    assert steps(table(KEY, ROW), table(KEY, ROW, *added)) == [
        ("ALTER TABLE ks.t ADD (a int, b list<text>, c int STATIC)", "additive"),
        ("CREATE INDEX IF NOT EXISTS t_b_idx ON ks.t (b)", "additive"),
    ]


def test_a_column_that_is_not_wanted_stays_and_is_reported() -> None:
    assert steps(table(KEY, A), table(KEY)) == [(None, "destructive")]
    assert reasons(table(KEY, A), table(KEY)) == [
        "column 'a' of table 't' is not wanted and stays; to drop it with all that is in it: ALTER TABLE ks.t DROP a"
    ]


@pytest.mark.parametrize(
    ("actual", "desired", "reason"),
    [
        (
            table(KEY, A),
            table(KEY, ColumnDefinition("a", "text")),
            f"column 'a' of table 't' is int and wanted as text; Cassandra changes no type: {ANOTHER_COLUMN}",
        ),
        (
            table(KEY, ROW, A),
            table(KEY, ROW, ColumnDefinition("a", "int", static=True)),
            f"column 'a' of table 't' is not static and wanted static; {ANOTHER_COLUMN}",
        ),
        (
            table(KEY, ROW, ColumnDefinition("a", "int", static=True)),
            table(KEY, ROW, A),
            f"column 'a' of table 't' is static and wanted not static; {ANOTHER_COLUMN}",
        ),
        (
            table(KEY, A),
            table(KEY, ColumnDefinition("a", "int", primary_key=True, partition_key_index=1)),
            f"table 't' has the partition key (id) and is wanted with (id, a); {ANOTHER_TABLE}",
        ),
        (
            table(KEY, A),
            table(KEY, ColumnDefinition("a", "int", clustering_key=True)),
            f"table 't' has the clustering key () and is wanted with (a ASC); {ANOTHER_TABLE}",
        ),
        (
            table(KEY, ROW),
            table(KEY, ColumnDefinition("at", "timestamp", clustering_key=True, clustering_order="DESC")),
            f"table 't' has the clustering key (at ASC) and is wanted with (at DESC); {ANOTHER_TABLE}",
        ),
    ],
)
def test_what_no_single_step_does_says_what_to_do_instead(
    actual: TableSchema, desired: TableSchema, reason: str
) -> None:
    assert [(step.statement, step.safety, step.reason) for step in diff_table(actual, desired)] == [
        (None, "impossible", reason)
    ]


def test_a_new_key_column_is_never_added() -> None:
    desired = table(KEY, ColumnDefinition("new", "int", clustering_key=True))
    assert steps(table(KEY), desired) == [(None, "impossible")]


def indexed_on(column: str, name: str) -> TableSchema:
    plain = table(KEY, A, ColumnDefinition("b", "int"))
    return TableSchema("ks", "t", plain.columns, plain.partition_key, indexes=(IndexSchema(name, column),))


def test_indexes_go_only_when_asked() -> None:
    plain = table(KEY, A, ColumnDefinition("b", "int"))
    assert steps(indexed_on("a", "By A"), plain) == []
    assert steps(indexed_on("a", "By A"), plain, drop_removed_indexes=True) == [
        ('DROP INDEX IF EXISTS ks."By A"', "destructive")
    ]


def of_parts(there: IndexPart, wanted: IndexPart) -> str:
    """What is said of an index of one part of a dict that is to be of another."""
    plain = table(KEY, ColumnDefinition("m", "map<text, int>"))
    of = [replace(plain, indexes=(IndexSchema("i", "m", part),)) for part in (there, wanted)]
    (step,) = diff_table(*of)
    assert step.safety == "impossible"
    return step.reason.partition(";")[0]


def test_the_name_of_an_index_that_stays_is_taken() -> None:
    assert [
        (step.statement, step.safety, step.reason) for step in diff_table(indexed_on("a", "i"), indexed_on("b", "i"))
    ] == [
        (
            None,
            "impossible",
            "index 'i' is wanted on 'b' and is on 'a'; drop it first, or give the new one another name",
        )
    ]
    assert of_parts("keys", "values") == "index 'i' is wanted on the values of 'm' and is on the keys of 'm'"
    assert of_parts("entries", "full") == "index 'i' is wanted on the whole of 'm' and is on the entries of 'm'"
    assert steps(indexed_on("a", "i"), indexed_on("b", "i"), drop_removed_indexes=True) == [
        ("DROP INDEX IF EXISTS ks.i", "rewrite"),
        ("CREATE INDEX IF NOT EXISTS i ON ks.t (b)", "rewrite"),
    ]


def test_an_index_under_another_name_serves() -> None:
    actual = table(KEY, ColumnDefinition("a", "int", index=True, index_name="mine"))
    desired = table(KEY, ColumnDefinition("a", "int", index=True))
    assert steps(actual, desired, drop_removed_indexes=True) == []


def test_an_index_on_another_part_of_a_collection_does_not_serve() -> None:
    plain, indexed = (
        table(KEY, ColumnDefinition("m", "map<int, int>")),
        ColumnDefinition("m", "map<int, int>", index=True),
    )
    actual = TableSchema("ks", "t", plain.columns, plain.partition_key, indexes=(IndexSchema("k", "m", "keys"),))
    assert steps(actual, table(KEY, indexed)) == [("CREATE INDEX IF NOT EXISTS t_m_idx ON ks.t (m)", "additive")]
    assert steps(actual, table(KEY, indexed), drop_removed_indexes=True) == [
        ("DROP INDEX IF EXISTS ks.k", "destructive"),
        ("CREATE INDEX IF NOT EXISTS t_m_idx ON ks.t (m)", "additive"),
    ]


def test_an_index_of_a_class_of_its_own_is_created_with_it() -> None:
    plain = table(KEY, A)
    index = IndexSchema("i", "a", None, "sai", {"case_sensitive": "false"})
    desired = TableSchema("ks", "t", plain.columns, plain.partition_key, indexes=(index,))
    assert steps(plain, desired) == [
        (
            "CREATE CUSTOM INDEX IF NOT EXISTS i ON ks.t (a) USING 'sai' WITH OPTIONS = {'case_sensitive': 'false'}",
            "additive",
        )
    ]
    served = TableSchema("ks", "t", plain.columns, plain.partition_key, indexes=(replace(index, name="other"),))
    assert steps(served, desired) == []
    assert steps(served, table(KEY, replace(A, index=True))) == []
    assert [cql for cql, _ in steps(table(KEY, replace(A, index=True)), desired)] == [
        cql for cql, _ in steps(plain, desired)
    ]


def test_only_wanted_options_are_compared() -> None:
    actual = table(KEY, comment="x", gc_grace_seconds=864000, default_time_to_live=0)
    assert steps(actual, table(KEY)) == []
    assert steps(actual, table(KEY, comment="x", gc_grace_seconds="864000")) == []
    assert steps(actual, table(KEY, comment="y", default_time_to_live=60)) == [
        ("ALTER TABLE ks.t WITH comment = 'y'", "additive"),
        ("ALTER TABLE ks.t WITH default_time_to_live = 60", "destructive"),
    ]
    (reason,) = reasons(actual, table(KEY, default_time_to_live=60))
    assert reason.startswith(
        "other options of table 't' are wanted: default_time_to_live (rows written from now on end"
    )


def test_what_makes_the_server_write_data_anew_is_a_step_of_its_own() -> None:
    compaction = {"class": "org.apache.cassandra.db.compaction.SizeTieredCompactionStrategy", "max_threshold": "32"}
    actual = table(KEY, compaction=compaction, comment="")
    wanted = {"class": "LeveledCompactionStrategy"}
    assert steps(actual, table(KEY, compaction={"class": "SizeTieredCompactionStrategy"})) == []
    assert steps(actual, table(KEY, compaction=wanted, comment="x")) == [
        ("ALTER TABLE ks.t WITH comment = 'x'", "additive"),
        ("ALTER TABLE ks.t WITH compaction = {'class': 'LeveledCompactionStrategy'}", "rewrite"),
    ]


def test_an_option_that_is_no_constant_is_refused() -> None:
    with pytest.raises(
        ArgumentError,
        match=r"^the options: the option 'comment' takes a str, int, float, bool or UUID, or a map of",
    ):
        diff_table(None, table(KEY, comment=["x"]))


@pytest.mark.parametrize(
    ("name", "actual", "wanted", "same"),
    [
        ("comment", "x", "x", True),
        ("comment", "x", "X", False),
        ("comment", "", "0", False),
        ("bloom_filter_fp_chance", "1.5", "15", False),
        ("bloom_filter_fp_chance", 0.01, "0.01", True),
        ("gc_grace_seconds", 864000, 864000.0, True),
        ("cdc", True, "true", True),
        ("cdc", True, "TRUE", True),
        ("cdc", True, False, False),
        ("speculative_retry", "99p", "99PERCENTILE", True),
        ("speculative_retry", "99p", "99.0percentile", True),
        ("speculative_retry", "99p", "95p", False),
        ("speculative_retry", "50ms", "50.0MS", True),
        ("speculative_retry", "50ms", "50p", False),
        ("speculative_retry", "NEVER", "none", True),
        ("additional_write_policy", "ALWAYS", "always", True),
        ("additional_write_policy", "MIN(99p,50ms)", "min(50MS, 99PERCENTILE)", True),
        ("additional_write_policy", "MIN(99p,50ms)", "MAX(99p,50ms)", False),
        ("read_repair", "BLOCKING", "blocking", True),
        ("caching", {"keys": "ALL", "rows_per_partition": "NONE"}, {"keys": "all"}, True),
        ("caching", {"keys": "ALL", "rows_per_partition": "NONE"}, {"keys": "NONE"}, False),
        (
            "compression",
            {"class": "org.apache.cassandra.io.compress.LZ4Compressor"},
            {"sstable_compression": "LZ4Compressor"},
            True,
        ),
        ("compression", {"class": "com.example.LZ4Compressor"}, {"class": "LZ4Compressor"}, False),
        ("compression", {"enabled": "false"}, {"enabled": False}, True),
        ("compression", {"enabled": "false"}, {"sstable_compression": ""}, True),
        ("compaction", {"class": "X"}, {"class": "X", "min_threshold": 4}, False),
        ("compaction", {"class": "X", "min_threshold": "4"}, {"class": "X", "min_threshold": 4}, True),
        ("some_other", "1.0", 1, True),
        ("some_other", {"a": "b"}, "b", False),
        ("some_other", "b", {"a": "b"}, False),
    ],
)
def test_options_are_compared_by_what_they_mean(name: str, actual: object, wanted: object, same: bool) -> None:
    assert is_same_option(name, actual, wanted) is same


NAMES = ("a", "b", "C", "select", "e f")
TYPES = ("int", "text", "list<int>", "frozen<map<text, int>>", "tuple<int, text>", "vector<float, 3>")


@st.composite
def tables(draw: st.DrawFn) -> TableSchema:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True))
    columns = [
        ColumnDefinition(name, draw(st.sampled_from(TYPES)), static=draw(st.booleans()), index=draw(st.booleans()))
        for name in names
    ]
    return table(KEY, ROW, *columns)


@given(tables(), tables(), st.booleans())
def test_after_all_steps_there_is_nothing_left_to_execute(
    refusal: Callable[[str], str | None], actual: TableSchema, desired: TableSchema, drop_removed: bool
) -> None:
    found = diff_table(actual, desired, drop_removed_indexes=drop_removed)
    executed: Sequence[str] = [step.cql for step in found if step.cql is not None]
    assert [refusal(cql) for cql in executed] == [None] * len(executed)
    if all(step.safety != "impossible" for step in found):
        there = apply(KeyspaceSchema("ks", tables=(actual,)), found)
        assert there is not None
        after = there.table("t")
        assert set(after.columns) == {*actual.columns, *desired.columns}
        assert [step.cql for step in diff_table(after, desired, drop_removed_indexes=drop_removed) if step.cql] == []
    assert diff_table(desired, desired, drop_removed_indexes=True) == ()
