"""Calls that read like SQL or like Python, and that CQL would take for something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cql_builder import (
    bind,
    col,
    columns,
    delete_from,
    describe,
    grant,
    lit,
    prune_materialized_view,
    select,
    table,
    update,
)
from cql_builder.errors import ArgumentError, CqlError, StatementError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cql_builder.builder.parts import Condition

ID = col("id") == 1
NO_NUMBERS: list[Any] = ["x", 1.5, True, [1], b"1"]
NO_COLLECTIONS: list[Any] = ["new", b"new"]
TABLES: Any = "TABLES"
SEVERAL: Any = "SELECT, MODIFY"


@pytest.mark.parametrize("before", [1, 1.5, lit(1), bind(1)])
def test_a_number_before_a_column_is_no_list_put_before_another(before: Any) -> None:
    with pytest.raises(StatementError, match=r"write col\('n'\) \+ 1, of a list col\('n'\)\.prepend"):
        update("t").set(n=before + col("n"))


def test_a_list_before_a_column_is_put_before_it() -> None:
    before: Any = [1]
    assert update("t").set(n=before + col("n")).where(ID).compile().cql == "UPDATE t SET n = ? + n WHERE id = ?"


def test_only_one_sum_is_computed_of_a_column() -> None:
    with pytest.raises(StatementError, match=r"of a column, CQL computes one sum or difference: n \+ …"):
        update("t").set(n=col("n") + 1 + 1)


@pytest.mark.parametrize("verb", ["add", "append", "prepend", "remove"])
@pytest.mark.parametrize("given", NO_COLLECTIONS)
def test_a_text_is_no_collection_of_its_characters(verb: str, given: object) -> None:
    with pytest.raises(ArgumentError, match=rf'^{verb}\(\): it takes a collection of values such as \{{"new"\}}'):
        getattr(col("tags"), verb)(given)


@pytest.mark.parametrize("verb", ["increment", "decrement"])
@pytest.mark.parametrize("given", NO_NUMBERS)
def test_a_counter_changes_by_a_whole_number(verb: str, given: object) -> None:
    with pytest.raises(ArgumentError, match=rf"^{verb}\(\): it takes a whole number, not {type(given).__name__}"):
        getattr(col("n"), verb)(given)


@pytest.mark.parametrize("given", ["ab", 5, None, {1, 2}, {"a": 1}])
def test_several_columns_are_compared_with_a_tuple(given: object) -> None:
    with pytest.raises(ArgumentError, match="=: it takes a tuple of values, one for each column"):
        select().where(columns("a", "b") == given)


def test_nothing_is_in_several_columns() -> None:
    pair: Any = columns("a", "b")
    with pytest.raises(ArgumentError, match=r"columns\(\): a loop or `in` takes a Python collection"):
        assert "a" in pair


def test_a_field_is_assigned_once() -> None:
    first, again = col("a").field("x").set(1), col("a").field("x").set(2)
    with pytest.raises(StatementError, match="UPDATE: field 'x' of column 'a' is assigned twice; assign it once"):
        update("t").set(first, again)
    other = update("t").set(first, col("a").field("y").set(2), col("b").field("x").set(3)).where(ID)
    assert other.compile().cql == "UPDATE t SET a.x = ?, a.y = ?, b.x = ? WHERE id = ?"


def test_a_column_is_no_key_of_a_mapping() -> None:
    with pytest.raises(TypeError, match=r'a column has no hash.*name columns as str there: \{"name": …\}'):
        hash(col("a"))


def order_by_two() -> object:
    ordered: Any = select().from_("t").order_by
    return ordered("a", "b")


def keyword(statement: Any, clause: str) -> Callable[[], object]:
    return lambda: getattr(statement, clause)(k=1)


WRONG: list[tuple[Callable[[], object], str]] = [
    (order_by_two, "SELECT: order_by() takes one column; call it again for each further one"),
    (keyword(select().from_("t"), "where"), 'SELECT: where() takes no keywords; write where(col("k") == …)'),
    (keyword(update("t"), "where"), 'UPDATE: where() takes no keywords; write where(col("k") == …)'),
    (keyword(update("t"), "if_"), 'UPDATE: if_() takes no keywords; write if_(col("k") == …)'),
    (keyword(delete_from("t"), "where"), 'DELETE: where() takes no keywords; write where(col("k") == …)'),
    (keyword(prune_materialized_view("v"), "where"), "PRUNE MATERIALIZED VIEW: where() takes no keywords"),
    (lambda: select("a as b"), 'SELECT: \'a as b\' is not taken for a column; another name is col("…").as_("…")'),
    (lambda: select().from_("t").order_by("a DESC"), "SELECT: 'a DESC' is not taken for a column; write desc=True"),
    (lambda: select().from_("t u"), "SELECT: 't u' is not taken for a table; CQL has no other name for one"),
    (lambda: describe(TABLES), "'TABLES' is no group (did you mean 'tables'?)"),
    (
        lambda: grant(SEVERAL, on=table("t"), to="r"),
        "GRANT: several permissions are a list of them, not one text",
    ),
]


@pytest.mark.parametrize(("call", "reason"), WRONG)
def test_what_is_meant_is_said(call: Callable[[], object], reason: str) -> None:
    with pytest.raises(CqlError) as refused:
        call()
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        (col("a").contains(1), "has no CONTAINS or LIKE"),
        (col("a").contains_key(1), "has no CONTAINS or LIKE"),
        (col("a").like("x%"), "has no CONTAINS or LIKE"),
        (col("m")["a"] == 1, "an element is none; use it in if_()"),
    ],
)
def test_a_write_names_its_rows_by_the_key(condition: Condition, reason: str) -> None:
    for statement in update("t").set(x=1), delete_from("t"):
        with pytest.raises(StatementError) as refused:
            statement.where(ID, condition).compile()
        assert reason in str(refused.value)


@pytest.mark.parametrize("timeout", ["5us", "1mo", "1d", "-5ms", "1500us1ns", "P1D", "2w", "P1M"])
def test_a_timeout_is_one_that_scylladb_takes(timeout: str) -> None:
    with pytest.raises(StatementError, match="TIMEOUT has whole milliseconds from 0, in units from ms to h"):
        select().from_("t").using(timeout=timeout)


@pytest.mark.parametrize("timeout", ["5ms", "1m30s", "1000us", "PT1M", "2H"])
def test_a_timeout_is_written_as_it_is_given(timeout: str) -> None:
    assert select().from_("t").using(timeout=timeout).compile("scylla").cql.endswith(f"USING TIMEOUT {timeout}")
