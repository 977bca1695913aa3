"""What one server takes of WHERE and another refuses, and values of user-defined types in SELECT."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cql_builder import (
    batch,
    col,
    columns,
    compile_statement,
    delete_from,
    expr,
    fn,
    lit,
    parse_cql,
    select,
    type_hint,
    update,
    user_type_of,
)
from cql_builder.dialects import DIALECTS
from cql_builder.errors import MissingClauseError, StatementError, UnsupportedFeatureError

if TYPE_CHECKING:
    from cql_builder.builder.parts import Condition
    from cql_builder.dialects import DialectName

T = select("id").from_("t")
ID = col("id") == 1
U = update("t").set(a=1).where(ID)
D = delete_from("t").where(ID)

COMPARED: list[tuple[Condition, ...]] = [
    (ID,),
    (col("id").in_([1]),),
    (col("id") > 1,),
    (col("c").in_([1]), col("c") > 1),
    (col("c") > 1, col("c").in_([1])),
    (col("c") > 1, col("c") >= 2),
    (col("c") > 1, col("c") < 2, col("c") < 3),
    (columns("c", "d") == (1, 2), col("d") == 1),
    (columns("c", "d") > (1, 2), col("d") == 1),
    (columns("c", "d") > (1, 2), col("c") > 1),
    (columns("c", "d").in_([(1, 2)]), columns("c", "d") > (1, 2)),
    (fn.token("id") == 1, fn.token("id") > 1),
]


@pytest.mark.parametrize("conditions", COMPARED)
def test_a_second_comparison_of_a_column_is_scylladbs(conditions: tuple[Condition, ...]) -> None:
    for statement in T.where(ID, *conditions), D.where(ID, *conditions):
        for dialect in set(DIALECTS) - {"scylla"}:
            with pytest.raises(UnsupportedFeatureError) as caught:
                statement.compile(dialect)
            assert caught.value.supported_by == ("scylla",)
            assert "once, or with one lower and one upper bound" in str(caught.value)
    assert T.where(ID, *conditions).compile("scylla").cql.count(" AND ") == len(conditions)


def test_between_and_not_in_bind_a_column_as_cassandra_6_counts_it() -> None:
    between, other = T.where(col("a").between(1, 2)).allow_filtering(), col("a") != 3
    assert between.where(other).compile("cassandra-6.0").cql.count("AND") == 2
    assert T.where(col("a").not_in([1]), other).allow_filtering().compile("cassandra-6.0").params == ([1], 3)
    for second in col("a") == 1, col("a") > 1, col("a") < 1, col("a").in_([1]):
        with pytest.raises(UnsupportedFeatureError, match="compare 'a' once, or with one lower and one upper bound"):
            between.where(second).compile("cassandra-6.0")


def test_a_token_beside_the_key_of_a_write_is_cassandras() -> None:
    statement = D.where(fn.token("id") == 1)
    assert statement.compile("cassandra-4.0").cql == "DELETE FROM t WHERE id = ? AND token(id) = ?"
    with pytest.raises(UnsupportedFeatureError, match=r"instead, name the partition key alone"):
        statement.compile("scylla")


def test_scylladb_takes_several_rows_in_a_batch_with_if() -> None:
    assert "IN ?" in batch(U.if_exists(), D.where(col("c").in_([1]))).compile("scylla").cql


def test_a_value_of_a_user_defined_type_is_selected_with_its_type() -> None:
    value = user_type_of(street="x", at=user_type_of(n=1))
    text, params, _ = select(type_hint("address", value)).from_("t").compile()
    assert (text, params) == ("SELECT (address){street: ?, at: {n: ?}} FROM t", ("x", 1))
    assert compile_statement(parse_cql(text)).cql == text
    with pytest.raises(UnsupportedFeatureError, match=r"put its type before it, as in \(address\)\{street: \?\}"):
        select(value).from_("t").compile()
    tree = parse_cql("SELECT {v: 1} FROM t", dialect="scylla")
    assert compile_statement(tree, dialect="scylla").cql == "SELECT {v: 1} FROM t"
    with pytest.raises(UnsupportedFeatureError, match="value of a user-defined type without its type in SELECT"):
        compile_statement(tree)


def test_nothing_is_found_by_null() -> None:
    nothing = col("a") == None  # noqa: E711 - an operator of the language built here
    for begun in (T, U, D):
        with pytest.raises(StatementError, match="no server takes = null in WHERE: nothing is equal to it; leave"):
            begun.where(nothing)
    assert U.if_(nothing).compile().cql == "UPDATE t SET a = ? WHERE id = ? IF a = ?"


@pytest.mark.parametrize(
    "condition",
    [
        col("address") == user_type_of(street=None),
        col("a") == fn.call("default_of", None),
        expr("i", None),
        col("m")[lit(1)] == 5,
        col("a") != None,  # noqa: E711 - an operator of the language built here
    ],
)
def test_a_null_inside_of_a_value_is_no_matter_of_where(condition: Condition) -> None:
    assert T.where(condition).params[-1] in {None, 5}


def test_a_part_is_not_equal_to_null_either() -> None:
    with pytest.raises(StatementError, match="no server takes = null in WHERE"):
        T.where(col("m")["k"] == None)  # noqa: E711 - an operator of the language built here


@pytest.mark.parametrize("dialect", DIALECTS)
def test_any_condition_may_name_the_key_of_what_is_ordered(dialect: DialectName) -> None:
    found = T.where(col("price") >= 3, col("tags").contains("vip")).order_by("price", desc=True).limit(10)
    assert found.compile(dialect).cql.endswith("WHERE price >= ? AND tags CONTAINS ? ORDER BY price DESC LIMIT ?")


def test_without_a_table_there_is_no_star() -> None:
    with pytest.raises(MissingClauseError, match="what is selected is missing; without_from"):
        select().without_from().compile("scylla")
    for text in ("SELECT *", "SELECT JSON *", "SELECT * WHERE a = 1"):
        assert compile_statement(parse_cql(text, dialect="scylla"), dialect="scylla").cql == text


@pytest.mark.parametrize(
    ("compared", "reason"),
    [
        (columns("a", "b").like(("x", "y")), "several columns cannot stand as one in IF"),
        (col("a")["x"]["y"].like("x"), "a part of a part cannot be compared"),
    ],
)
def test_like_is_asked_in_if_what_other_comparisons_are(compared: Condition, reason: str) -> None:
    with pytest.raises(StatementError) as caught:
        U.if_(compared)
    assert reason in str(caught.value)


def test_like_is_asked_in_where_what_other_comparisons_are() -> None:
    with pytest.raises(StatementError, match="a field cannot stand in WHERE"):
        T.where(col("a").field("b").like("x"))
    with pytest.raises(StatementError, match="a part of a part cannot be compared"):
        T.where(col("a")["x"]["y"].like("x"))
    with pytest.raises(StatementError, match="'a' is twice in columns"):
        T.where(columns("a", "a").like(("x", "y"))).compile("scylla")


@pytest.mark.parametrize("text", ["a, b", '"a"', "t.a", "token(a)", "a desc"])
def test_what_rows_are_ordered_by_is_a_column(text: str) -> None:
    with pytest.raises(StatementError, match=r"is not taken for a column; .* a column of that very name is col"):
        T.where(ID).order_by(text)
