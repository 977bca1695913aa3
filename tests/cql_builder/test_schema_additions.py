"""What a table has beside its columns, to a program that owns a part of it: what it wants is added, the rest stays."""

from __future__ import annotations

import pytest

from cql_builder.schema import ColumnDefinition, KeyspaceSchema, TableSchema, apply, diff_table, schema_from_cql

PLAIN = "CREATE TABLE t (id int, k int, a text, PRIMARY KEY (id, k))"
MASKED = PLAIN.replace("a text", "a text MASKED WITH DEFAULT")
CHECKED = PLAIN.replace("a text", "a text CHECK LENGTH() > 3")
KEY = ColumnDefinition("id", "uuid", primary_key=True)
TRIGGER = "; CREATE TRIGGER tr ON t USING 'x.Y'"


def table(*columns: ColumnDefinition, **options: object) -> TableSchema:
    return TableSchema.from_columns("t", "ks", columns, options)


def of(script: str) -> TableSchema:
    return schema_from_cql(script, "ks", dialect="cassandra-6.0").table("t")


def texts(actual: TableSchema | None, desired: TableSchema) -> list[str]:
    return [step.cql for step in diff_table(actual, desired, dialect="cassandra-6.0") if step.cql is not None]


@pytest.mark.parametrize("script", [MASKED, CHECKED, PLAIN + " WITH COMPACT STORAGE", PLAIN + TRIGGER])
def test_a_new_table_has_all_that_is_wanted(script: str) -> None:
    steps = diff_table(None, of(script), dialect="cassandra-6.0")
    made = apply(KeyspaceSchema("ks"), steps)
    assert made is not None
    assert made.table("t") == of(script)
    assert "IF NOT EXISTS" in texts(None, of(script))[-1]


@pytest.mark.parametrize(
    ("script", "cql"),
    [
        (MASKED, "ALTER TABLE ks.t ALTER a MASKED WITH DEFAULT"),
        (CHECKED, "ALTER TABLE ks.t ALTER a CHECK length() > 3"),
        (PLAIN + TRIGGER, "CREATE TRIGGER IF NOT EXISTS tr ON ks.t USING 'x.Y'"),
    ],
)
def test_what_is_wanted_is_added_to_what_is_there(script: str, cql: str) -> None:
    assert texts(of(PLAIN), of(script)) == [cql]


def test_compact_storage_is_given_to_no_table_that_is_there() -> None:
    (step,) = diff_table(of(PLAIN), of(PLAIN + " WITH COMPACT STORAGE"))
    assert (step.safety, "has no COMPACT STORAGE and is wanted with it" in step.reason) == ("impossible", True)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (
            MASKED,
            (
                "column 'a' of table 't' is masked, which is not wanted and stays; to take the mask away:"
                " ALTER TABLE ks.t ALTER a DROP MASKED"
            ),
        ),
        (CHECKED, "column 'a' of table 't' has constraints, which are not wanted and stay"),
        (PLAIN + " WITH COMPACT STORAGE", "table 't' has COMPACT STORAGE, which is not wanted and stays"),
        (
            PLAIN + TRIGGER,
            "trigger 'tr' of table 't' is not wanted and stays; to drop it: DROP TRIGGER tr ON ks.t",
        ),
        (
            "CREATE TYPE u (n int); " + PLAIN.replace("a text", "a text, b u"),
            (
                "column 'b' of table 't' is not wanted and stays: 'b' has a user-defined type that is not frozen, and"
                " no server drops such a column"
            ),
        ),
    ],
)
def test_what_is_there_and_not_wanted_stays_and_is_reported(script: str, reason: str) -> None:
    assert [(step.statement, step.safety, step.reason) for step in diff_table(of(script), of(PLAIN))] == [
        (None, "destructive", reason)
    ]


def test_another_mask_than_the_one_there_is_put_on() -> None:
    other = MASKED.replace("DEFAULT", "mask_null()")
    assert texts(of(MASKED), of(other)) == ["ALTER TABLE ks.t ALTER a MASKED WITH mask_null()"]


def test_each_step_has_its_way_back() -> None:
    (step,) = diff_table(table(KEY), table(KEY, ColumnDefinition("a", "int")))
    assert step.inverse_cql == ("ALTER TABLE ks.t DROP a",)


def options(actual: TableSchema, desired: TableSchema) -> list[tuple[str | None, str]]:
    return [(step.cql, step.safety) for step in diff_table(actual, desired)]


def test_entries_of_an_option_that_are_not_said_stay() -> None:
    tuned = {"class": "SizeTieredCompactionStrategy", "min_threshold": "6"}
    actual = table(KEY, compaction=tuned, compression={"enabled": "false"})
    assert options(actual, table(KEY, compaction={"class": "SizeTieredCompactionStrategy"})) == []
    assert options(actual, table(KEY, compression={"enabled": True})) == [
        ("ALTER TABLE ks.t WITH compression = {'enabled': true}", "rewrite")
    ]


def test_an_option_that_has_its_default_and_is_not_told_by_the_server_needs_no_step() -> None:
    assert options(table(KEY), table(KEY, cdc=False, read_repair="blocking")) == []


def test_a_table_of_another_server_is_made_in_its_dialect() -> None:
    wanted = table(KEY, ColumnDefinition("unset", "int", index=True), tombstone_gc={"mode": "repair"})
    creation, index = diff_table(None, wanted, dialect="scylla")
    assert (creation.cql or "").endswith("\"unset\" int, PRIMARY KEY (id)) WITH tombstone_gc = {'mode': 'repair'}")
    assert index.cql == 'CREATE INDEX IF NOT EXISTS t_unset_idx ON ks.t ("unset")'
    (elsewhere,) = diff_table(None, wanted)
    assert elsewhere.safety == "impossible"
    assert "cassandra-5.0 has no table option 'tombstone_gc'; scylla has it" in elsewhere.reason
    (report,) = diff_table(table(KEY, ColumnDefinition("unset", "int")), table(KEY), dialect="scylla")
    assert report.reason.endswith('ALTER TABLE ks.t DROP "unset"')


def test_an_index_of_a_column_that_cannot_be_added_is_impossible() -> None:
    gone = schema_from_cql("CREATE TABLE t (id uuid PRIMARY KEY, a text); ALTER TABLE t DROP a", "ks").table("t")
    column, index = diff_table(gone, table(KEY, ColumnDefinition("a", "int", index=True)))
    assert (column.safety, index.safety) == ("impossible", "impossible")
    assert index.reason.startswith(
        "there is no index 't_a_idx' on 'a', but index 't_a_idx' is on 'a', which is no column"
    )
