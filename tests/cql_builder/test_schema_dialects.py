"""Steps for one server: texts in its dialect, and what it lacks or cannot do, with all that needs it, is impossible."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from cql_builder.schema import KeyspaceSchema, Step, apply, creation_steps, diff_schema, schema_from_cql

if TYPE_CHECKING:
    from cql_builder.dialects import DialectName

TABLE = "CREATE TABLE t (id int, k int, a text, PRIMARY KEY (id, k));"
SIMPLE = {"class": "SimpleStrategy", "replication_factor": 1}


def read(script: str, dialect: DialectName = "scylla") -> KeyspaceSchema:
    return schema_from_cql(script, "ks", dialect=dialect)


def found(before: str, after: str, dialect: DialectName = "scylla") -> tuple[Step, ...]:
    return diff_schema(read(before, dialect), read(after, dialect), dialect=dialect)


def said(steps: tuple[Step, ...]) -> list[tuple[str, str | None, tuple[str, ...]]]:
    return [(step.safety, step.cql, step.inverse_cql) for step in steps]


def test_a_step_has_its_texts_in_the_dialect_it_is_made_for() -> None:
    short, long = (f"{TABLE[:-1]} WITH tombstone_gc = {{'mode': '{mode}'}};" for mode in ("repair", "timeout"))
    assert said(found(short, long)) == [
        (
            "destructive",
            "ALTER TABLE ks.t WITH tombstone_gc = {'mode': 'timeout'}",
            ("ALTER TABLE ks.t WITH tombstone_gc = {'mode': 'repair'}",),
        )
    ]
    ((_, cql, _),) = said(found("", short))
    assert (cql or "").endswith(" WITH tombstone_gc = {'mode': 'repair'}")
    ((_, _, back),) = said(found(short, ""))
    assert back == (cql,)


def test_each_dialect_quotes_what_it_reserves() -> None:
    unset = TABLE.replace("a text", '"unset" text')
    texts = [found(TABLE, unset, dialect)[1].cql for dialect in ("scylla", "cassandra-5.0")]
    assert texts == ['ALTER TABLE ks.t ADD "unset" text', "ALTER TABLE ks.t ADD unset text"]


def test_a_keyspace_is_created_and_dropped_in_its_dialect() -> None:
    table = read(f"{TABLE[:-1]} WITH tombstone_gc = {{'mode': 'repair'}}").tables
    keyspace = KeyspaceSchema("ks", SIMPLE, tables=table)
    steps = creation_steps(keyspace, dialect="scylla")
    (drop,) = diff_schema(keyspace, None, dialect="scylla")
    assert drop.inverse_cql == tuple([step.cql for step in steps])
    assert "tombstone_gc" in drop.inverse_cql[1]
    (elsewhere,) = diff_schema(keyspace, None)
    assert (elsewhere.cql, elsewhere.inverse) == ("DROP KEYSPACE ks", ())


def test_steps_for_servers_of_different_dialects_differ() -> None:
    one, other = (found("", TABLE, dialect) for dialect in ("scylla", "cassandra-5.0"))
    assert one != other
    assert one == found("", TABLE, "scylla")


@pytest.mark.parametrize(
    ("dialect", "option", "having"),
    [
        ("scylla", "read_repair = 'NONE'", "cassandra-4.0, cassandra-4.1, cassandra-5.0, cassandra-6.0 have it"),
        ("cassandra-4.0", "memtable = 'trie'", "cassandra-4.1, cassandra-5.0, cassandra-6.0 have it"),
        ("cassandra-5.0", "tombstone_gc = {'mode': 'repair'}", "scylla has it"),
    ],
)
def test_an_option_that_the_server_lacks_is_impossible_and_keeps_no_other_from_it(
    dialect: DialectName, option: str, having: str
) -> None:
    name = option.partition(" ")[0]
    with_option = f"{TABLE[:-1]} WITH gc_grace_seconds = 5 AND {option};"
    altered, lacking = found(TABLE, with_option, dialect)
    assert altered.cql == "ALTER TABLE ks.t WITH gc_grace_seconds = 5"
    assert altered.inverse_cql == ("ALTER TABLE ks.t WITH gc_grace_seconds = 864000",)
    assert (lacking.safety, lacking.statement, lacking.inverse) == ("impossible", None, ())
    assert lacking.reason.endswith(f"but {dialect} has no table option '{name}'; {having}; instead, leave it out")
    (creation,) = found("", with_option, dialect)
    assert creation.safety == "impossible"
    assert creation.reason.startswith(f"there is no table 't', but {dialect} has no table option '{name}'")


def test_an_option_whose_value_before_is_not_known_has_no_way_back() -> None:
    assert said(found(TABLE, f"{TABLE[:-1]} WITH tombstone_gc = {{'mode': 'repair'}}")) == [
        ("destructive", "ALTER TABLE ks.t WITH tombstone_gc = {'mode': 'repair'}", ())
    ]


def test_what_the_server_lacks_is_impossible_whatever_it_is() -> None:
    masked = TABLE.replace("a text", "a text MASKED WITH DEFAULT")
    before, after = (read(script, "cassandra-5.0") for script in (TABLE, masked))
    (step,) = diff_schema(before, after, dialect="cassandra-4.1")
    assert (step.safety, step.cql) == ("impossible", None)
    assert "but cassandra-4.1 has no " in step.reason
    assert [each.safety for each in diff_schema(before, after, dialect="cassandra-5.0")] == ["additive"]


NEEDING = [
    (
        "a column of which an index is wanted",
        f"{TABLE} ALTER TABLE t DROP a;",
        f"{TABLE.replace('a text', 'a int')} CREATE INDEX i ON t (a);",
        ["CREATE INDEX"],
    ),
    (
        "a column of which a view is wanted",
        f"{TABLE} ALTER TABLE t DROP a;",
        (
            f"{TABLE.replace('a text', 'a int')} CREATE MATERIALIZED VIEW v AS SELECT * FROM t"
            " WHERE a IS NOT NULL AND id IS NOT NULL AND k IS NOT NULL PRIMARY KEY (a, id, k);"
        ),
        ["CREATE MATERIALIZED VIEW"],
    ),
    (
        "a clustering column that a view has",
        "CREATE TABLE t (id int, k int, a text, PRIMARY KEY (id, k));",
        (
            "CREATE TABLE t (id int PRIMARY KEY, k int, a text); CREATE MATERIALIZED VIEW v AS SELECT id, a FROM t"
            " WHERE a IS NOT NULL AND id IS NOT NULL PRIMARY KEY (a, id);"
        ),
        ["CREATE MATERIALIZED VIEW"],
    ),
]


@pytest.mark.parametrize(("before", "after"), [case[1:3] for case in NEEDING], ids=[case[0] for case in NEEDING])
def test_what_needs_an_impossible_step_is_impossible_too(before: str, after: str) -> None:
    actual = read(before, "cassandra-5.0")
    steps = diff_schema(actual, read(after, "cassandra-5.0"))
    assert {(step.safety, step.cql) for step in steps} == {("impossible", None)}
    assert len(steps) > 1
    assert "but another step that it needs is impossible: " in steps[-1].reason
    assert apply(actual, steps) == actual


def test_what_does_not_need_an_impossible_step_stays() -> None:
    before = f"{TABLE} CREATE TABLE u (id int PRIMARY KEY);"
    after = f"{TABLE.replace('a text', 'a int')} CREATE TABLE u (id int PRIMARY KEY, b int); CREATE INDEX i ON u (b);"
    steps = found(before, after, "cassandra-5.0")
    assert [step.safety for step in steps] == ["impossible", "additive", "additive"]


def test_a_table_that_cannot_be_made_takes_its_index_with_it() -> None:
    after = f"{TABLE[:-1]} WITH memtable = 'trie'; CREATE INDEX i ON t (a); CREATE TABLE u (id int PRIMARY KEY);"
    steps = diff_schema(
        None, KeyspaceSchema("ks", SIMPLE, tables=read(after, "cassandra-5.0").tables), dialect="cassandra-4.0"
    )
    assert [step.safety for step in steps] == ["additive", "impossible", "additive", "impossible"]


def test_a_step_is_copied_with_its_dialect() -> None:
    steps = found("", f"{TABLE[:-1]} WITH tombstone_gc = {{'mode': 'repair'}}")
    again = pickle.loads(pickle.dumps(steps))  # noqa: S301 - what was pickled here
    assert again == steps


def test_what_scylla_makes_of_another_type_is_not_denied() -> None:
    money = "CREATE TYPE money (amount int);"
    after = f"{money.replace('int', 'varint')} {TABLE.replace('a text', 'a blob')}"
    field, column = found(f"{money} {TABLE}", after)
    assert (
        "ALTER TYPE … ALTER … TYPE of ScyllaDB takes one that reads what was written; for others: make" in field.reason
    )
    assert (
        "ALTER TABLE … ALTER … TYPE of ScyllaDB takes one that reads what was written; for others: add" in column.reason
    )
