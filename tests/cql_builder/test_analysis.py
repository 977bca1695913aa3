from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cql_builder import (
    alter_table,
    col,
    create_index,
    create_keyspace,
    create_materialized_view,
    create_table,
    delete_from,
    drop_index,
    drop_keyspace,
    drop_materialized_view,
    drop_table,
    fn,
    insert_into,
    select,
    truncate,
    update,
)
from cql_builder.analysis import (
    Classification,
    StatementKind,
    classify,
    is_conditional,
    is_idempotent,
    statement_kind,
    walk,
)
from cql_builder.ast import Bind, ColumnName, Statement

if TYPE_CHECKING:
    from cql_builder.builder.statement import StatementBuilder

ID = col("id") == 1
INSERT = insert_into("t").values(a=1)
UPDATE = update("t").set(a=1).where(ID)
DELETE = delete_from("t").where(ID)
VIEW = create_materialized_view("v").from_("t").where(col("a").is_not_null()).partition_key("a")

KINDS: list[tuple[StatementBuilder, StatementKind]] = [
    (select().from_("t"), StatementKind.SELECT),
    (INSERT, StatementKind.INSERT),
    (insert_into("t").json("{}"), StatementKind.INSERT),
    (UPDATE, StatementKind.UPDATE),
    (DELETE, StatementKind.DELETE),
    (truncate("t"), StatementKind.TRUNCATE),
    (create_keyspace("k", {"class": "SimpleStrategy"}), StatementKind.SCHEMA),
    (drop_keyspace("k"), StatementKind.SCHEMA),
    (create_table("t").column("a", "int").partition_key("a"), StatementKind.SCHEMA),
    (alter_table("t").add("a", "int"), StatementKind.SCHEMA),
    (alter_table("t").drop("a"), StatementKind.SCHEMA),
    (alter_table("t").options({"comment": "x"}), StatementKind.SCHEMA),
    (drop_table("t"), StatementKind.SCHEMA),
    (create_index("i").on("t", "a").if_not_exists(), StatementKind.SCHEMA),
    (drop_index("i"), StatementKind.SCHEMA),
    (VIEW, StatementKind.SCHEMA),
    (drop_materialized_view("v"), StatementKind.SCHEMA),
]


@pytest.mark.parametrize(("statement", "kind"), KINDS)
def test_the_kind_is_the_same_from_tree_and_text(statement: StatementBuilder, kind: StatementKind) -> None:
    assert statement_kind(statement.tree) is kind
    assert classify(statement.compile().cql).kind is kind


def test_an_unknown_statement_is_of_another_kind() -> None:
    class Describe(Statement):
        """A statement that this version does not know."""

        what: str

    assert statement_kind(Describe("cluster")) is StatementKind.OTHER
    assert not is_idempotent(Describe("cluster"))
    assert not is_conditional(Describe("cluster"))


@pytest.mark.parametrize(
    ("statement", "conditional"),
    [
        (select().from_("t"), False),
        (INSERT, False),
        (INSERT.if_not_exists(), True),
        (insert_into("t").json("{}").if_not_exists(), True),
        (UPDATE, False),
        (UPDATE.if_exists(), True),
        (UPDATE.if_(col("a") == 1), True),
        (DELETE, False),
        (DELETE.if_exists(), True),
        (DELETE.if_(col("a") == 1), True),
        (truncate("t"), False),
        (drop_table("t", if_exists=True), False),
        (select("if").from_("if"), False),
    ],
)
def test_what_is_conditional_is_the_same_from_tree_and_text(statement: StatementBuilder, conditional: bool) -> None:
    assert is_conditional(statement.tree) is conditional
    assert classify(statement.compile().cql).conditional is conditional


@pytest.mark.parametrize(
    ("statement", "idempotent"),
    [
        (select(fn.now()).from_("t"), True),
        (INSERT, True),
        (INSERT.using(ttl=5), True),
        (INSERT.if_not_exists(), False),
        (insert_into("t").values(a=fn.now()), False),
        (insert_into("t").values(a=fn.uuid()), False),
        (insert_into("t").json("{}"), False),
        (insert_into("t").json("{}").if_not_exists(), False),
        (UPDATE, True),
        (UPDATE.set(b=fn.now()), False),
        (UPDATE.if_exists(), False),
        (UPDATE.if_(col("a") == 1), False),
        (UPDATE.set(col("c").add(1)), False),
        (UPDATE.set(col("c").append([1])), False),
        (UPDATE.set(col("c").prepend([1])), False),
        (UPDATE.set(col("c").remove([1])), False),
        (update("t").set(col("c").increment()).where(col("id") == 1), False),
        (update("t").set(col("c").decrement()).where(col("id") == 1), False),
        (UPDATE.set(col("c")[0].set(1)), False),
        (update("t").set(a=1).where(col("id") == fn.uuid()), False),
        (DELETE, True),
        (DELETE.columns("a"), True),
        (DELETE.columns(col("l")[0]), False),
        (DELETE.if_exists(), False),
        (DELETE.if_(col("a") == 1), False),
        (truncate("t"), False),
        (drop_table("t", if_exists=True), False),
    ],
)
def test_idempotent_is_only_what_surely_is(statement: StatementBuilder, idempotent: bool) -> None:
    assert is_idempotent(statement.tree) is idempotent
    if classify(statement.compile().cql).idempotent:
        assert idempotent


def test_a_tree_is_walked_in_the_order_of_its_fields() -> None:
    names = [node.name for node in walk(UPDATE.tree) if isinstance(node, ColumnName)]
    assert names == ["a", "id"]
    assert sum(isinstance(node, Bind) for node in walk(UPDATE.tree)) == 2


@pytest.mark.parametrize(
    ("text", "kind", "conditional"),
    [
        ("SELECT 1", StatementKind.SELECT, False),
        ("  select\n*", StatementKind.SELECT, False),
        ("-- INSERT\nSELECT", StatementKind.SELECT, False),
        ("// INSERT\nSELECT", StatementKind.SELECT, False),
        ("/* INSERT */SELECT", StatementKind.SELECT, False),
        ("(SELECT)", StatementKind.SELECT, False),
        ("INSERT INTO t (a) VALUES ('if')", StatementKind.INSERT, False),
        ("INSERT INTO t (a) VALUES ('it''s if') ", StatementKind.INSERT, False),
        ("INSERT INTO t (a) VALUES ($$ if ' $$)", StatementKind.INSERT, False),
        ('INSERT INTO t ("if") VALUES (?) -- if', StatementKind.INSERT, False),
        ("INSERT INTO t (a) VALUES (?) /* if", StatementKind.INSERT, False),
        ("INSERT INTO t (a) VALUES (0xabcdef)", StatementKind.INSERT, False),
        ("UPDATE t SET a = 1 WHERE k = 0xABIF EXISTS", StatementKind.UPDATE, True),
        ("-- a comment\rUPDATE t SET a = 1 WHERE k = 1 /*\nSELECT */", StatementKind.UPDATE, False),
        ("INSERT INTO t (a) VALUES (?) IF NOT EXISTS", StatementKind.INSERT, True),
        ("INSERT INTO t (a) VALUES (?)if not exists", StatementKind.INSERT, True),
        ("UPDATE t SET a='x'IF EXISTS", StatementKind.UPDATE, True),
        ("UPDATE t SET iffy = 1 WHERE gif = 2", StatementKind.UPDATE, False),
        ("DELETE FROM t WHERE a = 1 IF b = 2", StatementKind.DELETE, True),
        ("BEGIN BATCH INSERT INTO t (a) VALUES (1) IF NOT EXISTS APPLY BATCH", StatementKind.BATCH, True),
        ("BEGIN COUNTER BATCH UPDATE t SET a = a + 1 WHERE b = 1 APPLY BATCH", StatementKind.BATCH, False),
        ("TRUNCATE t", StatementKind.TRUNCATE, False),
        ("CREATE TABLE IF NOT EXISTS t (a int PRIMARY KEY)", StatementKind.SCHEMA, False),
        ("CREATE OR REPLACE FUNCTION f", StatementKind.SCHEMA, False),
        ("ALTER TYPE t ADD a int", StatementKind.SCHEMA, False),
        ("DROP MATERIALIZED VIEW IF EXISTS v", StatementKind.SCHEMA, False),
        ("COMMENT ON TABLE t IS 'x'", StatementKind.SCHEMA, False),
        ("CREATE ROLE IF NOT EXISTS r", StatementKind.OTHER, False),
        ("ALTER USER u WITH PASSWORD 'x'", StatementKind.OTHER, False),
        ("DROP SERVICE LEVEL IF EXISTS s", StatementKind.OTHER, False),
        ("USE k", StatementKind.OTHER, False),
        ("GRANT SELECT ON t TO r", StatementKind.OTHER, False),
        ("", StatementKind.OTHER, False),
        ("'SELECT'", StatementKind.OTHER, False),
        ("'SELECT", StatementKind.OTHER, False),
    ],
)
def test_a_text_is_classified(text: str, kind: StatementKind, conditional: bool) -> None:
    assert classify(text) == Classification(kind, kind is StatementKind.SELECT, conditional)


@given(st.text(), st.sampled_from(["", "SELECT ", "INSERT INTO t ", "BEGIN BATCH "]))
def test_no_text_raises(text: str, before: str) -> None:
    classify(before + text)


@given(st.text(st.characters(exclude_characters="'")))
def test_what_stands_in_a_string_is_no_condition(text: str) -> None:
    assert not classify(f"UPDATE t SET a = '{text}' WHERE b = ?").conditional
    assert classify(f"UPDATE t SET a = '{text}' WHERE b = ? IF EXISTS").conditional


@pytest.mark.parametrize("unit", ["'", '"', "$", "$$", "/*", "--", "a ", "1", "/", "-", "a'", "if"])
def test_long_texts_take_linear_time(unit: str) -> None:
    """Minutes, were the time quadratic."""
    began = time.process_time()
    assert classify("INSERT " + unit * (990_000 // len(unit))).kind is StatementKind.INSERT
    assert time.process_time() - began < 20


def test_what_is_too_long_to_be_looked_at_counts_as_conditional() -> None:
    assert classify("INSERT " + "a" * 1_000_000) == Classification(
        StatementKind.INSERT, idempotent=False, conditional=True
    )
    assert classify("SELECT " + "a" * 1_000_000) == Classification(
        StatementKind.SELECT, idempotent=True, conditional=False
    )
