"""The steps between two keyspaces: their order, how safe they are, why they are there, and the way back."""

from __future__ import annotations

import pytest

from cql_builder.builder.statement import FinishedStatement
from cql_builder.errors import ArgumentError, SchemaError
from cql_builder.parser.parse import parse_cql
from cql_builder.schema import KeyspaceSchema, Step, apply, creation_steps, diff_schema, schema_from_cql

TABLE = "CREATE TABLE t (id int, k int, a text, PRIMARY KEY (id, k));"
VIEW = "CREATE MATERIALIZED VIEW v AS SELECT id, k FROM t WHERE id IS NOT NULL AND k IS NOT NULL PRIMARY KEY (k, id);"
FUNCTION = "CREATE FUNCTION f (s int, v int) CALLED ON NULL INPUT RETURNS int LANGUAGE java AS 'return 1;';"
FINAL = "CREATE FUNCTION g (s int) CALLED ON NULL INPUT RETURNS int LANGUAGE java AS 'return 1;';"
AGGREGATE = "CREATE AGGREGATE total (int) SFUNC f STYPE int FINALFUNC g INITCOND 0;"
ANOTHER_COLUMN = "add a column under another name and copy the values"
ANOTHER_TABLE = "make another table and copy the rows"
ANOTHER_TYPE = "make another type, add columns of it and copy the values"
MONEY = "CREATE TYPE money (amount decimal, currency text);"


def steps(before: str, after: str) -> list[tuple[str, str | None]]:
    found = diff_schema(schema_from_cql(before, "ks"), schema_from_cql(after, "ks"))
    return [(step.safety, step.cql) for step in found]


def reasons(before: str, after: str) -> set[str]:
    return {step.reason for step in diff_schema(schema_from_cql(before, "ks"), schema_from_cql(after, "ks"))}


def impossible(before: str, after: str) -> list[str]:
    found = diff_schema(schema_from_cql(before, "ks"), schema_from_cql(after, "ks"))
    assert {(step.safety, step.cql) for step in found} == {("impossible", None)}
    return [step.reason for step in found]


def test_what_others_need_is_there_first_and_goes_last() -> None:
    everything = f"CREATE TYPE box (m frozen<money>); {TABLE} CREATE INDEX i ON t (a); ALTER TABLE t ADD b frozen<box>;"
    script = MONEY + everything + VIEW + AGGREGATE.replace("CREATE", FUNCTION + FINAL + "CREATE")
    kinds = [" ".join((cql or "").split()[:2]) for _, cql in steps("", script)]
    view = "CREATE MATERIALIZED"
    functions = ["CREATE FUNCTION", "CREATE FUNCTION", "CREATE AGGREGATE"]
    assert kinds == ["CREATE TYPE", "CREATE TYPE", *functions, "CREATE TABLE", "CREATE INDEX", view]
    drops = [((cql or "").split()[1], safety) for safety, cql in steps(script, "")]
    gone = ["MATERIALIZED", "TABLE", "AGGREGATE", "FUNCTION", "FUNCTION", "TYPE", "TYPE"]
    assert drops == [(kind, "destructive") for kind in gone]
    assert [cql for _, cql in steps(script, "")][-2:] == ["DROP TYPE ks.box", "DROP TYPE ks.money"]


def test_a_view_goes_before_columns_of_its_table_and_comes_back() -> None:
    assert steps(TABLE + VIEW, TABLE.replace("a text", "b int") + VIEW) == [
        ("rewrite", "DROP MATERIALIZED VIEW ks.v"),
        ("destructive", "ALTER TABLE ks.t DROP a"),
        ("additive", "ALTER TABLE ks.t ADD b int"),
        (
            "rewrite",
            (
                "CREATE MATERIALIZED VIEW ks.v AS SELECT id, k FROM ks.t WHERE id IS NOT NULL AND k IS NOT NULL"
                " PRIMARY KEY (k, id)"
            ),
        ),
    ]


def test_a_view_that_is_wanted_otherwise_is_made_anew_and_only_its_options_are_altered() -> None:
    longer = VIEW.replace("k IS", "k > 3 AND k IS")
    assert [safety for safety, _ in steps(TABLE + VIEW, TABLE + longer)] == ["rewrite", "rewrite"]
    assert reasons(TABLE + VIEW, TABLE + longer) == {"view 'v' is wanted otherwise (conditions) and is made anew"}
    turned = VIEW[:-1] + " WITH CLUSTERING ORDER BY (id DESC);"
    order = "view 'v' is wanted otherwise (clustering key or its order) and is made anew"
    assert reasons(TABLE + VIEW, TABLE + turned) == {order}
    reordered = VIEW.replace("id IS NOT NULL AND k IS NOT NULL", "k IS NOT NULL AND id IS NOT NULL")
    assert steps(TABLE + VIEW, TABLE + reordered) == []
    assert steps(TABLE + VIEW, TABLE + VIEW[:-1] + " WITH comment = 'x'") == [
        ("additive", "ALTER MATERIALIZED VIEW ks.v WITH comment = 'x'")
    ]


def test_an_index_that_is_wanted_otherwise_is_made_anew() -> None:
    there, wanted = TABLE + "CREATE INDEX i ON t (a);", TABLE + "CREATE INDEX i ON t (k);"
    assert steps(there, wanted) == [("rewrite", "DROP INDEX ks.i"), ("rewrite", "CREATE INDEX i ON ks.t (k)")]
    named = TABLE + "CREATE CUSTOM INDEX i ON t (a) USING 'StorageAttachedIndex';"
    assert steps(named, TABLE + "CREATE INDEX i ON t (a) USING 'sai';") == []
    assert steps(there, TABLE + "CREATE INDEX i ON t (a) USING 'legacy_local_table';") == []
    assert steps(there, TABLE) == [("destructive", "DROP INDEX ks.i")]


def test_masks_are_added_changed_and_taken_away() -> None:
    masked = TABLE.replace("a text", "a text MASKED WITH DEFAULT")
    assert steps(TABLE, masked) == [("additive", "ALTER TABLE ks.t ALTER a MASKED WITH DEFAULT")]
    assert steps(masked, TABLE) == [("destructive", "ALTER TABLE ks.t ALTER a DROP MASKED")]
    assert steps(masked, TABLE.replace("a text", "a text MASKED WITH system.mask_default()")) == []
    inner = [TABLE.replace("a text", f"a text MASKED WITH mask_inner({n}, null)") for n in (1, 2)]
    assert [cql for _, cql in steps(*inner)] == ["ALTER TABLE ks.t ALTER a MASKED WITH mask_inner(2, null)"]


def test_options_that_are_not_wanted_go_back_to_their_defaults_or_are_kept() -> None:
    before = schema_from_cql(TABLE[:-1] + " WITH gc_grace_seconds = 5 AND compression = {'enabled': 'false'}", "ks")
    after = schema_from_cql(TABLE[:-1] + " WITH comment = 'x' AND cdc = false", "ks")
    assert [(step.safety, step.cql) for step in diff_schema(before, after)] == [
        ("additive", "ALTER TABLE ks.t WITH comment = 'x' AND gc_grace_seconds = 864000"),
        ("rewrite", "ALTER TABLE ks.t WITH compression = {'class': 'LZ4Compressor'}"),
    ]
    kept = diff_schema(before, after, keep_options=True)
    assert [step.cql for step in kept] == ["ALTER TABLE ks.t WITH comment = 'x'"]


def test_the_bloom_filter_default_follows_the_compaction_of_a_new_table_only() -> None:
    leveled = TABLE[:-1] + " WITH compaction = {'class': 'LeveledCompactionStrategy'}"
    assert [cql for _, cql in steps(TABLE, leveled)] == [
        "ALTER TABLE ks.t WITH bloom_filter_fp_chance = 0.1",
        "ALTER TABLE ks.t WITH compaction = {'class': 'LeveledCompactionStrategy'}",
    ]
    assert steps(leveled, leveled + " AND bloom_filter_fp_chance = '0.10'") == []


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (
            TABLE,
            TABLE.replace("(id, k)", "(a, k)"),
            f"table 't' has the partition key (id) and is wanted with (a); {ANOTHER_TABLE}",
        ),
        (
            TABLE,
            TABLE[:-1] + " WITH CLUSTERING ORDER BY (k DESC)",
            f"table 't' has the clustering key (k ASC) and is wanted with (k DESC); {ANOTHER_TABLE}",
        ),
        (
            TABLE,
            TABLE[:-1] + " WITH COMPACT STORAGE",
            f"table 't' has no COMPACT STORAGE and is wanted with it; {ANOTHER_TABLE}",
        ),
        (
            TABLE,
            TABLE.replace("a text", "a int"),
            f"column 'a' of table 't' is text and wanted as int; Cassandra changes no type: {ANOTHER_COLUMN}",
        ),
        (
            TABLE,
            TABLE.replace("k int", "k text"),
            f"column 'k' of table 't' is int and wanted as text; Cassandra changes no type: {ANOTHER_TABLE}",
        ),
        (
            TABLE,
            TABLE.replace("a text", "a text STATIC"),
            f"column 'a' of table 't' is not static and wanted static; {ANOTHER_COLUMN}",
        ),
        (
            MONEY + TABLE.replace("a text", "a money"),
            MONEY + TABLE.replace("a text, ", ""),
            (
                "table 't': 'a' has a user-defined type that is not frozen, and no server drops such a column;"
                f" {ANOTHER_TABLE}"
            ),
        ),
        (
            TABLE + "ALTER TABLE t DROP a",
            TABLE.replace("a text", "a int"),
            (
                "table 't': a column 'a' was dropped that had another type, and it can only come back with that"
                f" one; {ANOTHER_COLUMN}"
            ),
        ),
        (
            TABLE[:-1] + " WITH unheard_of = 1",
            TABLE,
            "table 't' has the option 'unheard_of', whose default is not known: say its value",
        ),
        (
            MONEY,
            MONEY.replace("currency", "unit"),
            (
                "field 2 of type 'money' is 'currency' and wanted as 'unit': if it is the same under another"
                f" name, use ALTER TYPE … RENAME; else fields are only added at the end, or {ANOTHER_TYPE}"
            ),
        ),
        (
            MONEY,
            MONEY.replace("decimal", "double"),
            (
                "field 'amount' of type 'money' is decimal and wanted as double; Cassandra changes no type:"
                f" {ANOTHER_TYPE}"
            ),
        ),
        (
            MONEY,
            "CREATE TYPE money (amount decimal)",
            f"field 'currency' of type 'money' is not wanted; no server drops it: {ANOTHER_TYPE}",
        ),
        (
            f"{MONEY} CREATE TYPE box (m frozen<money>); CREATE TABLE t (id frozen<box> PRIMARY KEY)",
            f"{MONEY[:-2]}, note text); CREATE TYPE box (m frozen<money>); CREATE TABLE t (id frozen<box> PRIMARY KEY)",
            f"type 'money' gets no field 'note': it is in the partition key of t; {ANOTHER_TYPE}",
        ),
    ],
)
def test_what_no_single_step_does_says_what_to_do_instead(before: str, after: str, reason: str) -> None:
    assert impossible(before, after) == [reason]


def test_a_type_stays_while_something_keeps_it() -> None:
    before = MONEY + TABLE.replace("a text", "a money")
    reasons = impossible(before, TABLE)
    assert len(reasons) == 2
    assert reasons[0] == "type 'money' is not wanted, but table 't' keeps it; drop what uses it first"
    held = impossible(f"{MONEY} CREATE TYPE box (n int, m frozen<money>)", "CREATE TYPE box (n int)")
    assert held[0] == "type 'money' is not wanted, but type 'box' keeps it; drop what uses it first"


def test_types_get_fields_after_the_types_of_these_fields() -> None:
    after = "CREATE TYPE box (n int); CREATE TYPE money (amount decimal, currency text, box frozen<box>)"
    assert steps(MONEY, after) == [
        ("additive", "CREATE TYPE ks.box (n int)"),
        ("additive", "ALTER TYPE ks.money ADD box frozen<box>"),
    ]


def test_a_function_is_replaced_where_a_server_does_it() -> None:
    changed = FUNCTION.replace("return 1", "return 2").replace("v int", "w int")
    ((safety, cql),) = steps(FUNCTION + FINAL + AGGREGATE, changed + FINAL + AGGREGATE)
    assert safety == "rewrite"
    assert (cql or "").startswith("CREATE OR REPLACE FUNCTION ks.f (s int, w int)")
    ((_, cql),) = steps(FUNCTION + FINAL + AGGREGATE, FUNCTION + FINAL + AGGREGATE.replace("INITCOND 0", "INITCOND 1"))
    assert (cql or "").startswith("CREATE OR REPLACE AGGREGATE ks.total (int)")
    assert steps(FUNCTION + FINAL + AGGREGATE, FUNCTION + FINAL + AGGREGATE.replace("INITCOND 0", "INITCOND 0.0")) == []


@pytest.mark.parametrize(("old", "new"), [("RETURNS int", "RETURNS text"), ("CALLED ON", "RETURNS NULL ON")])
def test_a_function_that_cannot_be_replaced_is_made_anew_with_its_aggregates(old: str, new: str) -> None:
    found = steps(FUNCTION + FINAL + AGGREGATE, FUNCTION + FINAL.replace(old, new) + AGGREGATE)
    assert [(safety, " ".join((cql or "").split()[:3])) for safety, cql in found] == [
        ("rewrite", "DROP AGGREGATE ks.total"),
        ("rewrite", "DROP FUNCTION ks.g"),
        ("rewrite", "CREATE FUNCTION ks.g"),
        ("rewrite", "CREATE AGGREGATE ks.total"),
    ]


def test_each_step_has_its_way_back_where_there_is_one() -> None:
    before = schema_from_cql(f"{MONEY} {TABLE} CREATE INDEX i ON t (a);", "ks")
    after = schema_from_cql(f"{MONEY[:-2]}, note text); {TABLE.replace('a text', 'b int')} {VIEW}", "ks")
    found = {step.cql: step.inverse_cql for step in diff_schema(before, after)}
    assert found.pop("ALTER TYPE ks.money ADD note text") == ()
    assert found.pop("ALTER TABLE ks.t ADD b int") == ()  # no column of a table with views can be dropped
    assert found.pop("DROP INDEX ks.i") == ("CREATE INDEX i ON ks.t (a)",)
    assert found.pop("ALTER TABLE ks.t DROP a") == ("ALTER TABLE ks.t ADD a text",)
    assert list(found.values()) == [("DROP MATERIALIZED VIEW ks.v",)]


def test_a_keyspace_is_created_altered_and_dropped() -> None:
    one = KeyspaceSchema("ks", {"class": "SimpleStrategy", "replication_factor": 1})
    two = KeyspaceSchema("ks", {"class": "NetworkTopologyStrategy", "dc1": 3}, durable_writes=False)
    create = "CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"
    assert [step.cql for step in creation_steps(one)] == [f"{create} AND durable_writes = true"]
    assert [(step.safety, step.cql, len(step.inverse)) for step in diff_schema(one, two)] == [
        ("destructive", "ALTER KEYSPACE ks WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 3}", 1),
        ("destructive", "ALTER KEYSPACE ks WITH durable_writes = false", 1),
    ]
    assert [(step.safety, step.cql) for step in diff_schema(one, None)] == [("destructive", "DROP KEYSPACE ks")]
    assert diff_schema(None, None) == ()
    assert apply(None, ()) is None


@pytest.mark.parametrize(
    ("actual", "desired", "same"),
    [
        (
            {"class": "SimpleStrategy", "replication_factor": "1"},
            {"class": "SimpleStrategy", "replication_factor": 1},
            True,
        ),
        ({"class": "org.apache.cassandra.locator.SimpleStrategy"}, {"class": "SimpleStrategy"}, True),
        (
            {"class": "NetworkTopologyStrategy", "a": "3", "b": "3"},
            {"class": "NetworkTopologyStrategy", "replication_factor": 3},
            True,
        ),
        (
            {"class": "NetworkTopologyStrategy", "a": "3", "b": "1"},
            {"class": "NetworkTopologyStrategy", "replication_factor": 3, "b": 1},
            True,
        ),
        (
            {"class": "NetworkTopologyStrategy", "a": "3", "b": "1"},
            {"class": "NetworkTopologyStrategy", "replication_factor": 3},
            False,
        ),
        ({"class": "NetworkTopologyStrategy", "a": "3"}, {"class": "NetworkTopologyStrategy", "a": 3, "b": 3}, False),
        ({"class": "SimpleStrategy", "replication_factor": "1"}, {}, True),
    ],
)
def test_replication_is_compared_by_meaning(actual: dict[str, object], desired: dict[str, object], same: bool) -> None:
    found = diff_schema(KeyspaceSchema("ks", actual), KeyspaceSchema("ks", desired))
    assert (found == ()) is same


def test_a_keyspace_is_not_created_before_its_replication_is_said() -> None:
    (step,) = diff_schema(None, KeyspaceSchema("ks"))
    assert (step.safety, step.cql) == ("impossible", None)
    assert step.reason.startswith("there is no keyspace 'ks', and nothing says how it is replicated")


@pytest.mark.parametrize(
    "cql",
    [
        "CREATE TABLE s.t (id int PRIMARY KEY)",
        "ALTER KEYSPACE s WITH durable_writes = true",
        "ALTER TABLE s.t ADD a int",
        "DROP TABLE s.t",
        "DROP KEYSPACE s",
    ],
)
def test_nothing_is_applied_to_a_keyspace_that_is_not_there(cql: str) -> None:
    step = Step(FinishedStatement(parse_cql(cql)), "additive", "by hand")
    with pytest.raises(SchemaError, match="keyspace 's': there is no such keyspace; create it first"):
        apply(None, [step])


def test_what_a_keyspace_of_unknown_replication_has_is_applied_to_none_that_is_not_there() -> None:
    steps = creation_steps(schema_from_cql("CREATE TABLE s.t (id int PRIMARY KEY)"))
    with pytest.raises(SchemaError, match="there is no such keyspace"):
        apply(None, steps)


def test_a_keyspace_that_need_not_be_there_is_none_after_its_steps() -> None:
    assert apply(None, [Step(FinishedStatement(parse_cql("DROP KEYSPACE IF EXISTS s")), "destructive", "")]) is None
    unnamed = Step(FinishedStatement(parse_cql("DROP TABLE t")), "destructive", "")
    with pytest.raises(ArgumentError, match="apply: the schema takes a KeyspaceSchema, for the steps name no keyspace"):
        apply(None, [unnamed])


def test_no_keyspace_is_renamed() -> None:
    with pytest.raises(SchemaError, match="keyspace 'a': it is wanted as 'b', and no server renames one"):
        diff_schema(KeyspaceSchema("a"), KeyspaceSchema("b"))
