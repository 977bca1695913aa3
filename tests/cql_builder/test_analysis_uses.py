"""What statements read and write: `tables`, `table_uses`, `key_binding`, `partition_key_terms`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cql_builder import col, create_index, delete_from, drop_table, fn, insert_into, parse_cql, select, truncate, update
from cql_builder.analysis import KeyBinding, TableUse, key_binding, partition_key_terms, table_uses, tables
from cql_builder.ast import (
    Batch,
    Bind,
    ColumnName,
    ColumnTuple,
    Comparison,
    CountRows,
    Delete,
    In,
    IntegerLiteral,
    Let,
    PruneMaterializedView,
    Select,
    TableName,
    Transaction,
    TupleLiteral,
    Use,
    ValueList,
)

if TYPE_CHECKING:
    from cql_builder.ast import Relation, Statement

T = TableName("t")
ONE, TWO = IntegerLiteral("1"), IntegerLiteral("2")
A, B = ColumnName("a"), ColumnName("b")
UPDATE = update("t").set(col("tags").add({1}), x=1).where(col("id") == 1)


def columns(*names: str) -> frozenset[str]:
    return frozenset(names)


@pytest.mark.parametrize(
    ("tree", "use"),
    [
        (select().from_("t").tree, TableUse(T, reads=True, all_columns_read=True)),
        (
            select("a", fn.max("b")).from_("t").where(col("c") == 1, fn.token("d") > 2).order_by("e").tree,
            TableUse(T, reads=True, columns_read=columns("a", "b", "c", "d", "e")),
        ),
        (Select((CountRows(),), T, group_by=(A,)), TableUse(T, reads=True, columns_read=columns("a"))),
        (insert_into("t").values(a=1, b=2).tree, TableUse(T, writes=True, columns_written=columns("a", "b"))),
        (
            insert_into("t").values(a=1).if_not_exists().tree,
            TableUse(T, reads=True, writes=True, columns_written=columns("a"), all_columns_read=True),
        ),
        (
            insert_into("t").json("{}").if_not_exists().tree,
            TableUse(T, reads=True, writes=True, all_columns_read=True, all_columns_written=True),
        ),
        (
            update("t").set(x=1).where(col("id") == 1).if_exists().tree,
            TableUse(
                T,
                reads=True,
                writes=True,
                columns_read=columns("id"),
                columns_written=columns("x"),
                all_columns_read=True,
            ),
        ),
        (
            delete_from("t").where(col("id") == 1).if_exists().tree,
            TableUse(
                T,
                reads=True,
                writes=True,
                columns_read=columns("id"),
                all_columns_read=True,
                all_columns_written=True,
            ),
        ),
        (insert_into("t").json("{}").tree, TableUse(T, writes=True, all_columns_written=True)),
        (
            UPDATE.tree,
            TableUse(T, writes=True, columns_read=columns("id"), columns_written=columns("tags", "x")),
        ),
        (
            UPDATE.if_(col("n") == 3).tree,
            TableUse(T, reads=True, writes=True, columns_read=columns("id", "n"), columns_written=columns("tags", "x")),
        ),
        (
            delete_from("t").where(col("id") == 1).tree,
            TableUse(T, writes=True, columns_read=columns("id"), all_columns_written=True),
        ),
        (truncate("t").tree, TableUse(T, writes=True, all_columns_written=True)),
        (
            PruneMaterializedView(T, (Comparison(A, "=", ONE),)),
            TableUse(T, reads=True, writes=True, columns_read=columns("a"), all_columns_written=True),
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_statement_uses_its_table(tree: Statement, use: TableUse) -> None:
    assert table_uses(tree) == (use,)


def test_a_batch_uses_each_table_once() -> None:
    other = TableName("u", "ks")
    tree = Batch((UPDATE.tree, insert_into("t").values(y=1).tree, truncating(other)))
    assert table_uses(tree) == (
        TableUse(T, writes=True, columns_read=columns("id"), columns_written=columns("tags", "x", "y")),
        TableUse(other, writes=True, columns_read=columns("a"), all_columns_written=True),
    )
    assert tables(tree) == (T, other)


def truncating(table: TableName) -> Delete:
    return delete_from(table).where(col("a") == 1).tree


def test_a_transaction_uses_what_it_reads_and_what_it_writes() -> None:
    read = Let("row", (A,), TableName("r"), (Comparison(B, "=", ONE),))
    answer = Select((), TableName("s"))
    uses = {use.table.name: use for use in table_uses(Transaction((read,), answer, (), (UPDATE.tree,)))}
    assert uses["r"] == TableUse(TableName("r"), reads=True, columns_read=columns("a", "b"))
    assert uses["s"].all_columns_read
    assert uses["t"].writes


def test_what_touches_no_rows_uses_no_table() -> None:
    assert table_uses(Use("ks")) == ()
    assert table_uses(drop_table("t").tree) == ()
    assert table_uses(Select((A,), None)) == ()
    assert tables(create_index("i").on("ks.t", "a").tree) == (TableName("t", "ks"),)


def where(*relations: Relation) -> Select:
    return Select((), T, relations)


@pytest.mark.parametrize(
    ("tree", "key", "binding"),
    [
        (where(), ["a"], KeyBinding.NONE),
        (where(Comparison(A, "=", ONE)), ["a"], KeyBinding.ONE),
        (where(Comparison(A, "=", ONE)), ["a", "b"], KeyBinding.NONE),
        (where(Comparison(A, "=", ONE)), [], KeyBinding.NONE),
        (where(Comparison(A, ">", ONE)), ["a"], KeyBinding.NONE),
        (where(In(A, Bind())), ["a"], KeyBinding.SEVERAL),
        (where(In(A, Bind(), negated=True)), ["a"], KeyBinding.NONE),
        (where(In(A, ValueList((ONE,))), Comparison(B, "=", ONE)), ["a", "b"], KeyBinding.SEVERAL),
        (where(Comparison(ColumnTuple((A, B)), "=", TupleLiteral((ONE, TWO)))), ["b", "a"], KeyBinding.ONE),
        (where(Comparison(ColumnTuple((A, B)), "=", Bind())), ["a"], KeyBinding.NONE),
        (where(In(ColumnTuple((A, B)), Bind())), ["a", "b"], KeyBinding.SEVERAL),
        (select().from_("t").where(fn.token("a") == 1).tree, ["a"], KeyBinding.NONE),
        (insert_into("t").values(a=1, b=2).tree, ["a"], KeyBinding.ONE),
        (insert_into("t").values(b=2).tree, ["a"], KeyBinding.NONE),
        (insert_into("t").json("{}").tree, ["a"], KeyBinding.NONE),
        (UPDATE.tree, ["id"], KeyBinding.ONE),
        (delete_from("t").where(col("id").in_([1])).tree, ["id"], KeyBinding.SEVERAL),
        (truncate("t").tree, ["id"], KeyBinding.NONE),
    ],
)
def test_a_statement_names_its_partitions(tree: Statement, key: list[str], binding: KeyBinding) -> None:
    assert key_binding(tree, key) is binding


def test_the_terms_of_a_key_come_in_the_order_of_the_key() -> None:
    tree = where(Comparison(ColumnTuple((A, B)), "=", TupleLiteral((ONE, TWO))))
    assert partition_key_terms(tree, ["b", "a"]) == (TWO, ONE)
    assert partition_key_terms(tree, ["b"]) == (TWO,)
    assert partition_key_terms(tree, ["b", "c"]) is None
    assert partition_key_terms(tree, []) is None
    assert partition_key_terms(where(In(A, Bind())), ["a"]) is None


def test_the_key_of_a_pruned_view_is_bound_as_that_of_a_select() -> None:
    tree = parse_cql("PRUNE MATERIALIZED VIEW v WHERE k = 1", dialect="scylla")
    assert (key_binding(tree, ["k"]), key_binding(tree, ["k", "c"])) == (KeyBinding.ONE, KeyBinding.NONE)


@pytest.mark.parametrize(
    ("selected", "read"),
    [
        ("(u){v: 1}", ""),
        ("(frozen<u>){v: a, w: {'x': b}}", "ab"),
        ("(list<frozen<u>>)[{v: a}]", "a"),
        ("(set<frozen<u>>){{v: 1}}", ""),
        ("(u)({v: 1})", ""),
        ("(tuple<int, frozen<u>>)(a, {v: b})", "ab"),
        ("(map<text, frozen<u>>){a: {v: b}}", "ab"),
        ("(map<int, int>){a: b}", "ab"),
        ("(k.u){v: f(a)}, v", "av"),
        ("(int)a, [b, c]", "abc"),
        ("{a: b}", "ab"),
        ("(u){v: {w: 1}}", "w"),
    ],
)
def test_a_field_of_a_user_defined_type_is_no_column(selected: str, read: str) -> None:
    (use,) = table_uses(parse_cql(f"SELECT {selected} FROM t"))
    assert use.columns_read == frozenset(read)
