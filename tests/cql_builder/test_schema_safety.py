"""How safe each step is, and that it says why: what can lose data or what protects it is never additive."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from cql_builder.ast import ColumnName, IntegerLiteral
from cql_builder.ast.tables import ComparisonConstraint
from cql_builder.builder.tables import alter_table
from cql_builder.errors import SchemaError
from cql_builder.schema import (
    ColumnDefinition,
    ColumnSchema,
    IndexSchema,
    KeyspaceSchema,
    Step,
    TableSchema,
    ViewSchema,
    apply,
    canonical_type,
    diff_schema,
    diff_table,
    schema_from_cql,
)

TABLE = "CREATE TABLE t (id int, k int, a text, PRIMARY KEY (id, k));"
VIEW = "CREATE MATERIALIZED VIEW v AS SELECT id, k FROM t WHERE id IS NOT NULL AND k IS NOT NULL PRIMARY KEY (k, id);"
MASKED = TABLE.replace("a text", "a text MASKED WITH hide()")
HIDE = "CREATE FUNCTION hide (v text) CALLED ON NULL INPUT RETURNS text LANGUAGE java AS 'return null;';"


def found(before: str, after: str) -> tuple[Step, ...]:
    return diff_schema(schema_from_cql(before, "ks"), schema_from_cql(after, "ks"))


def with_options(options: str) -> str:
    return f"{TABLE[:-1]} WITH {options};" if options else TABLE


@pytest.mark.parametrize(
    ("before", "after", "safety", "why"),
    [
        ("", "gc_grace_seconds = 0", "destructive", "what was deleted may come back where a node missed the deletion"),
        ("", "gc_grace_seconds = 863999", "destructive", "finish a repair before"),
        ("gc_grace_seconds = 0", "", "additive", ""),
        ("", "default_time_to_live = 60", "destructive", "rows written from now on end by themselves, or sooner"),
        ("default_time_to_live = 60", "default_time_to_live = 59", "destructive", "or sooner"),
        ("default_time_to_live = 60", "default_time_to_live = 61", "additive", ""),
        ("default_time_to_live = 60", "", "additive", ""),
        ("cdc = true", "cdc = 'no'", "destructive", "missing for whoever reads the change log"),
        ("", "cdc = true", "additive", ""),
        ("", "allow_auto_snapshot = false", "destructive", "leaves no snapshot any more"),
        ("", "incremental_backups = false", "destructive", "missing in the backups"),
        ("", "crc_check_chance = 0.5", "destructive", "broken data may be read"),
        ("", "read_repair = 'NONE'", "destructive", "a quorum may read older data after newer"),
        ("read_repair = 'NONE'", "", "additive", ""),
        ("", "comment = 'x' AND caching = {'keys': 'NONE'}", "additive", ""),
        ("", "memtable = 'trie'", "rewrite", "all that is in memory is written to files"),
        ("", "compression = {'enabled': 'no'}", "rewrite", ""),
        ("", "compaction = {'class': 'SizeTieredCompactionStrategy', 'max_threshold': 9}", "rewrite", ""),
        (
            "compaction = {'class': 'TimeWindowCompactionStrategy'}",
            "compaction = {'class': 'TimeWindowCompactionStrategy', 'unsafe_aggressive_sstable_expiration': true}",
            "destructive",
            "deleted rows may come back",
        ),
        ("", "unheard_of = 1", "destructive", "what 'unheard_of' keeps safe is not known here"),
    ],
)
def test_a_changed_option_says_what_it_loses(before: str, after: str, safety: str, why: str) -> None:
    (step,) = found(with_options(before), with_options(after))
    assert step.safety == safety
    assert why in step.reason
    views = [f"{TABLE}{VIEW[:-1]}{f' WITH {options}' if options else ''}" for options in (before, after)]
    if "default_time_to_live" in before + after:
        with pytest.raises(SchemaError, match="no view has a default_time_to_live"):
            found(views[0], views[1])
    else:
        assert [step.safety for step in found(views[0], views[1])] == [safety]


def test_a_table_alone_is_judged_likewise() -> None:
    key = [ColumnDefinition("id", "uuid", primary_key=True)]
    options: dict[str, object] = {"gc_grace_seconds": 0, "comment": "x", "compression": {"enabled": False}}
    before, after = [TableSchema.from_columns("t", "ks", key, each) for each in ({}, options)]
    assert [step.safety for step in diff_table(before, after)] == ["additive", "rewrite", "destructive"]


TOPOLOGY = "NetworkTopologyStrategy"


@pytest.mark.parametrize(
    ("before", "after", "safety", "why"),
    [
        ({"dc1": 1}, {"dc1": 3}, "rewrite", "new replicas (dc1) have nothing until they are filled"),
        ({"dc1": 3}, {"dc1": "3", "dc2": 3}, "rewrite", "new replicas (dc2) have nothing until they are filled"),
        ({"dc1": 3}, {"dc1": 1}, "destructive", "run a full repair before, and a cleanup afterwards"),
        ({"dc1": 3, "dc2": 3}, {"dc1": 3}, "destructive", "replicas go away (dc2), with what only they have"),
        ({"dc1": 3}, {"dc2": 3}, "destructive", "first add the new ones (dc2) and keep the others"),
        ({"dc1": "3/1"}, {"dc1": "3"}, "destructive", "replicas go away (dc1)"),
        ({"class": "SimpleStrategy", "replication_factor": 3}, {"dc1": 3}, "destructive", "only then a cleanup"),
        ({}, {"dc1": 3}, "rewrite", ""),
    ],
)
def test_replicas_that_go_away_are_destructive(
    before: dict[str, object], after: dict[str, object], safety: str, why: str
) -> None:
    one, other = [KeyspaceSchema("ks", {"class": TOPOLOGY, **replication}) for replication in (before, after)]
    (step,) = diff_schema(one, other)
    assert step.safety == safety
    assert why in step.reason
    assert apply(one, [step]) == other


def test_writes_that_are_no_longer_durable_and_options_not_known_are_destructive() -> None:
    replication = {"class": "SimpleStrategy", "replication_factor": 1}
    durable, other = KeyspaceSchema("ks", replication), KeyspaceSchema("ks", replication, durable_writes=False)
    assert [step.safety for step in diff_schema(durable, other)] == ["destructive"]
    assert [step.safety for step in diff_schema(other, durable)] == ["additive"]
    tablets = [KeyspaceSchema("ks", replication, options={"tablets": {"enabled": word}}) for word in (True, "true", 0)]
    assert tablets[0] == tablets[1] != tablets[2]
    assert diff_schema(tablets[0], tablets[1], dialect="scylla") == ()
    (step,) = diff_schema(tablets[0], tablets[2], dialect="scylla")
    assert (step.safety, "what they keep safe is not known here" in step.reason) == ("destructive", True)


@pytest.mark.parametrize(
    ("before", "after", "safety"),
    [
        ("", "MASKED WITH DEFAULT", "additive"),
        ("MASKED WITH DEFAULT", "", "destructive"),
        ("MASKED WITH mask_inner(1, 1)", "MASKED WITH mask_inner(2, 2)", "destructive"),
        ("MASKED WITH mask_inner(1, 1)", "MASKED WITH mask_null()", "additive"),
        ("MASKED WITH DEFAULT", "MASKED WITH mask_hash()", "destructive"),
    ],
)
def test_a_mask_that_goes_is_destructive(before: str, after: str, safety: str) -> None:
    (step,) = found(*[TABLE.replace("a text", f"a text {mask}") for mask in (before, after)])
    assert step.safety == safety


def checked(*names: str) -> KeyspaceSchema:
    checks = {name: ComparisonConstraint(ColumnName(name), ">", IntegerLiteral("0")) for name in names}
    number = canonical_type(schema_from_cql("CREATE TYPE t (n int)", "ks").types[0].fields[0].type)
    columns = [ColumnSchema(name, number, constraints=(check,)) for name, check in checks.items()]
    plain = schema_from_cql("CREATE TABLE t (id int PRIMARY KEY, x int, y int)", "ks").table("t")
    table = TableSchema("ks", "t", (*plain.columns, *columns), ("id",))
    return KeyspaceSchema("ks", tables=(table,))


def test_columns_with_constraints_are_added_one_by_one() -> None:
    before, after = schema_from_cql("CREATE TABLE t (id int PRIMARY KEY)", "ks"), checked("a", "b")
    steps = diff_schema(before, after, dialect="cassandra-6.0")
    assert [step.cql for step in steps] == [
        "ALTER TABLE ks.t ADD (x int, y int)",
        "ALTER TABLE ks.t ADD a int CHECK a > 0",
        "ALTER TABLE ks.t ADD b int CHECK b > 0",
    ]
    assert apply(before, steps) == after
    (drop,) = diff_schema(after, before, dialect="cassandra-6.0")
    assert apply(before, [Step(back, "additive", "back") for back in drop.inverse]) == after


def test_a_constraint_that_goes_is_destructive() -> None:
    loose = schema_from_cql("CREATE TABLE t (id int PRIMARY KEY, x int, y int, a int)", "ks")
    for before, after, safety in ((loose, checked("a"), "additive"), (checked("a"), loose, "destructive")):
        assert [step.safety for step in diff_schema(before, after, dialect="cassandra-6.0")] == [safety]


def test_a_function_goes_after_the_mask_that_it_was() -> None:
    before, after = schema_from_cql(HIDE + MASKED, "ks"), schema_from_cql(TABLE, "ks")
    steps = diff_schema(before, after)
    assert [step.cql for step in steps] == ["ALTER TABLE ks.t ALTER a DROP MASKED", "DROP FUNCTION ks.hide (text)"]
    assert apply(before, steps) == after
    gone = schema_from_cql("", "ks")
    assert [step.cql for step in diff_schema(before, gone)] == ["DROP TABLE ks.t", "DROP FUNCTION ks.hide (text)"]


def test_a_type_goes_after_the_function_that_masked_with_it() -> None:
    box = "CREATE TYPE box (n int);"
    hide = HIDE.replace("(v text)", "(v text, b box)")
    before, after = schema_from_cql(box + hide + MASKED.replace("()", "(null)"), "ks"), schema_from_cql(TABLE, "ks")
    steps = diff_schema(before, after)
    assert [(step.cql or "").split(" ks.")[0] for step in steps] == ["ALTER TABLE", "DROP FUNCTION", "DROP TYPE"]
    assert apply(before, steps) == after


def test_a_function_that_masks_is_made_anew_by_no_step() -> None:
    returning = HIDE.replace("CALLED", "RETURNS NULL")
    (step,) = found(HIDE + MASKED, returning + MASKED)
    assert (step.safety, step.reason) == (
        "impossible",
        (
            "function hide(text) is wanted otherwise, and no server drops it while it masks column 'a' of table 't':"
            " take the mask away first, or make another function and mask with that one"
        ),
    )
    (replaced,) = found(HIDE + MASKED, HIDE.replace("return null", "return v") + MASKED)
    assert (replaced.safety, "it may show more of column 'a' of table 't'" in replaced.reason) == ("destructive", True)
    there = schema_from_cql(HIDE + MASKED, "ks")
    (kept,) = diff_schema(there, replace(there, functions=()))
    assert (kept.safety, "but it masks column 'a' of table 't', which stays" in kept.reason) == ("impossible", True)


@pytest.mark.parametrize("mask", ["", " MASKED WITH DEFAULT"])
def test_a_function_is_made_anew_once_it_masks_nothing(mask: str) -> None:
    before = schema_from_cql(HIDE + MASKED, "ks")
    other = HIDE.replace("CALLED", "RETURNS NULL") + TABLE.replace("a text", f"a text{mask}, b text MASKED WITH hide()")
    steps = diff_schema(before, schema_from_cql(other, "ks"))
    assert [" ".join((step.cql or "").split()[:2]) for step in steps] == [
        "ALTER TABLE",
        "DROP FUNCTION",
        "CREATE FUNCTION",
        "ALTER TABLE",
    ]
    assert apply(before, steps) == schema_from_cql(other, "ks")


def test_a_function_goes_after_another_masks_the_column_and_a_mask_comes_after_its_function() -> None:
    before = schema_from_cql(HIDE + MASKED, "ks")
    after = schema_from_cql((HIDE + MASKED).replace("hide", "cover"), "ks")
    steps = diff_schema(before, after)
    kinds = ["CREATE FUNCTION", "ALTER TABLE", "DROP FUNCTION"]
    assert [" ".join((step.cql or "").split()[:2]) for step in steps] == kinds
    assert apply(before, steps) == after


def test_a_column_that_cannot_get_its_type_keeps_its_mask_and_the_function_of_it() -> None:
    before = schema_from_cql(HIDE + MASKED, "ks")
    after = schema_from_cql((HIDE + MASKED).replace("text", "int"), "ks")
    steps = diff_schema(before, after)
    assert [step.safety for step in steps] == ["additive", "impossible", "impossible"]
    assert "function hide(text) is not wanted, but it masks column 'a' of table 't'" in steps[2].reason
    there = apply(before, steps)
    assert there is not None
    assert there.tables == before.tables
    unmasked = schema_from_cql(TABLE + HIDE, "ks")
    assert apply(unmasked, diff_schema(unmasked, after)) is not None


def test_steps_are_equal_when_they_do_and_say_the_same() -> None:
    one, other = found(TABLE, MASKED.replace("hide", "mask_null")), found(TABLE, MASKED.replace("hide", "mask_null"))
    assert one == other
    assert hash(one) == hash(other)
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301 - made here
    (step,) = one
    assert step != Step(step.statement, "rewrite", step.reason, step.inverse)
    assert step != Step(None, step.safety, step.reason, step.inverse)
    assert step != Step(step.statement, step.safety, step.reason)
    assert Step(alter_table("ks.t").drop("a"), "destructive", "x") == Step(
        alter_table("ks.t").drop("a"), "destructive", "x"
    )
    assert step != "step"


def test_a_schema_keeps_copies_that_nobody_changes() -> None:
    nested: dict[str, object] = {"class": "SizeTieredCompactionStrategy"}
    options: dict[str, object] = {"compaction": nested, "comment": "x", "racks": ["a"]}
    texts = {"case_sensitive": "false"}
    holders = (
        KeyspaceSchema("ks", options, options=options),
        TableSchema("ks", "t", (), (), options=options),
        ViewSchema("ks", "v", "t", (), (), (), options=options),
        IndexSchema("i", "a", None, "sai", texts),
    )
    before = [hash(holder) for holder in holders]
    nested["class"] = options["comment"] = texts["case_sensitive"] = "other"
    assert [hash(holder) for holder in holders] == before
    for holder in holders:
        assert pickle.loads(pickle.dumps(holder)) == holder  # noqa: S301 - made here
        with pytest.raises(TypeError):
            holder.options["comment"] = "y"  # type: ignore[index] # what nobody should try
    assert holders[0].options["compaction"] == {"class": "SizeTieredCompactionStrategy"}
    assert holders[0].options["racks"] == ("a",)
