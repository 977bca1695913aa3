from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cql_builder import col, delete_from, fn, insert_into, select, truncate, update
from cql_builder.errors import (
    ArgumentError,
    ClauseConflictError,
    CqlError,
    MissingClauseError,
    RepeatedClauseError,
    StatementError,
    UnknownClauseError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

T = select().from_("t")
U = update("t").set(a=1)
D = delete_from("t")
ID = col("id") == 1


@pytest.mark.parametrize("limit", ["ten", b"10", 1.5, True, False, [1], (1,), {1: 1}, {1}, 1j, col("a"), fn.now()])
def test_a_limit_is_no_plain_other_thing(limit: Any) -> None:
    for clause in (T.limit, T.per_partition_limit):
        with pytest.raises(ArgumentError, match="LIMIT takes a whole number, not"):
            clause(limit)


@pytest.mark.parametrize("limit", [0, -1, 2**31])
def test_a_limit_is_in_the_range_of_the_server(limit: int) -> None:
    with pytest.raises(StatementError, match="SELECT: LIMIT is a whole number from 1 to 2147483647"):
        T.limit(limit)
    with pytest.raises(StatementError, match="PER PARTITION LIMIT is a whole number from 1"):
        T.per_partition_limit(limit)


def test_ttl_and_timestamp_are_in_the_range_of_the_server() -> None:
    text: Any = "60"
    part: Any = 1.5
    for statement in (insert_into("t"), update("t")):
        with pytest.raises(StatementError, match="TTL is a whole number from 0 to 630720000"):
            statement.using(ttl=-1)
        with pytest.raises(StatementError, match="TTL is a whole number"):
            statement.using(ttl=630720001)
        with pytest.raises(ArgumentError, match="TTL takes a whole number of seconds or a timedelta, not str"):
            statement.using(ttl=text)
        assert statement.using(ttl=0) is not statement
    with pytest.raises(StatementError, match="TIMESTAMP is a whole number"):
        D.using(timestamp=-(2**63))
    with pytest.raises(
        ArgumentError, match=r"DELETE: TIMESTAMP takes a whole number of microseconds or a .*, not float"
    ):
        D.using(timestamp=part)


def call(name: str, *arguments: object, **keywords: object) -> Callable[[Any], object]:
    """Return a call that type checkers would refuse."""
    return lambda subject: getattr(subject, name)(*arguments, **keywords)


WRONG: list[tuple[object, Callable[[Any], object], type[CqlError], str]] = [
    (
        T,
        call("where", True),
        ArgumentError,
        'takes conditions such as col("price") >= 3 (a plain Python comparison gives a bool), not bool',
    ),
    (T, call("where", "a = 1"), ArgumentError, "where() takes conditions such as"),
    (T, call("where", None), ArgumentError, "not None"),
    (U, call("if_", False), ArgumentError, "if_() takes conditions such as"),
    (T, call("where", col("m")["k"].in_([1])), StatementError, "an element cannot stand before IN in WHERE"),
    (U, call("if_", col("a").is_not_null()), StatementError, "IF knows no IS NOT NULL"),
    (D, call("if_", fn.token("a") > 1), StatementError, "a token cannot stand in IF"),
    (T, call("from_", "u"), RepeatedClauseError, "SELECT: FROM was given twice"),
    (T.limit(1), call("limit", 2), RepeatedClauseError, "LIMIT was given twice"),
    (
        T.per_partition_limit(1),
        call("per_partition_limit", 2),
        RepeatedClauseError,
        "PER PARTITION LIMIT was given twice",
    ),
    (U.using(ttl=1), call("using", ttl=1), RepeatedClauseError, "UPDATE: TTL was given twice"),
    (D.using(timestamp=1), call("using", timestamp=1), RepeatedClauseError, "TIMESTAMP was given twice"),
    (T.order_by("a"), call("order_by", "a", desc=True), StatementError, "ORDER BY has 'a' twice"),
    (T, call("order_by", 3), ArgumentError, "a column takes its name as a str, not int"),
    (insert_into("t"), call("values"), MissingClauseError, "values() takes at least one column"),
    (insert_into("t"), call("values", {}), MissingClauseError, "VALUES is missing"),
    (
        insert_into("t"),
        call("values", [("a", 1)]),
        ArgumentError,
        "values() takes a mapping of column names to values, not list",
    ),
    (insert_into("t"), call("values", {1: 2}), ArgumentError, "values() takes column names as str, not int"),
    (insert_into("t"), call("values", {"a": 1}, a=2), StatementError, "column 'a' has two values"),
    (insert_into("t").values(a=1), call("values", a=2), StatementError, "column 'a' has two values"),
    (
        insert_into("t").values(a=1),
        call("json", "{}"),
        ClauseConflictError,
        "VALUES and JSON cannot stand in one statement",
    ),
    (insert_into("t").json("{}"), call("values", a=1), ClauseConflictError, "VALUES and JSON"),
    (insert_into("t").json("{}"), call("json", "{}"), RepeatedClauseError, "JSON was given twice"),
    (insert_into("t"), call("json", {"a": 1}), ArgumentError, "json() takes a JSON text as str, not dict"),
    (insert_into("t"), call("json", None), ArgumentError, "json() takes a JSON text as str, not None"),
    (update("t"), call("set"), MissingClauseError, "set() takes at least one column"),
    (update("t"), call("set", {}), MissingClauseError, "set() takes at least one column"),
    (update("t"), call("set", "a"), ArgumentError, "set() takes mappings, assignments"),
    (update("t"), call("set", True), ArgumentError, "not bool"),
    (update("t"), call("set", {"a": 1}, a=2), StatementError, "column 'a' is assigned twice"),
    (U, call("set", col("a").add(1)), StatementError, "column 'a' is assigned twice"),
    (update("t").set(col("a").add(1)), call("set", a=1), StatementError, "column 'a' is assigned twice"),
    (update("t").set(col("a")["k"].set(1)), call("set", a=1), StatementError, "column 'a' is assigned twice"),
    (U.if_exists(), call("if_", ID), ClauseConflictError, "IF EXISTS and IF with conditions"),
    (U.if_(ID), call("if_exists"), ClauseConflictError, "IF EXISTS and IF with conditions"),
    (D.if_exists(), call("if_", ID), ClauseConflictError, "IF EXISTS and IF with conditions"),
    (D.if_(ID), call("if_exists"), ClauseConflictError, "IF EXISTS and IF with conditions"),
    (D, call("columns", 3), ArgumentError, "columns() takes column names"),
    (D, call("columns", ID), ArgumentError, "columns() takes column names"),
    (select(), call("compile"), MissingClauseError, 'FROM is missing; name the table with from_("…")'),
    (update("t").where(ID), call("compile"), MissingClauseError, "SET is missing"),
    (U, call("compile"), MissingClauseError, "WHERE is missing"),
    (D, call("compile"), MissingClauseError, "truncate(...) deletes them all"),
    (insert_into("t"), call("compile"), MissingClauseError, "VALUES is missing"),
    (
        insert_into("t"),
        call("where", ID),
        UnknownClauseError,
        "INSERT: there is no 'where' here; there is if_not_exists, json, using, values",
    ),
    (insert_into("t"), call("value", {}), UnknownClauseError, "(did you mean 'values'?)"),
    (col("a"), call("in_", "abc"), ArgumentError, "IN: it takes a collection of values, not str"),
    (col("a"), call("in_", None), ArgumentError, "IN: it takes a collection of values, not None"),
    (col("a"), call("__eq__", col("b")), ArgumentError, "=: it takes a value or a function call, not Column"),
    (col("a"), call("contains", ID), ArgumentError, "CONTAINS: it takes a value or a function call, not Condition"),
    (ID, bool, StatementError, "it has no truth value"),
    (col("a"), list, ArgumentError, "a loop takes a Python collection, not Column"),
    ("a", lambda _: 1 < col("a") < 5, StatementError, "it has no truth value"),
    (None, col, ArgumentError, "a column takes its name as a str, not None"),
    (3, select, ArgumentError, "select() takes column names, col(...) and functions, not int"),
    (ID, select, ArgumentError, "select() takes column names, col(...) and functions, not Condition"),
    (fn, call("token"), MissingClauseError, "the partition key is missing"),
    (
        "a.b.c",
        truncate,
        StatementError,
        "'a.b.c' is not 'table' or 'keyspace.table'; for names with dots give TableName",
    ),
    ("a.", truncate, StatementError, "'a.' is not 'table' or 'keyspace.table'"),
    (".a", insert_into, StatementError, "'.a' is not 'table' or 'keyspace.table'"),
    ("", update, MissingClauseError, "the table's name is missing"),
    (None, delete_from, ArgumentError, "a table takes a str or a TableName, not None"),
]


@pytest.mark.parametrize(("subject", "wrong", "error", "sentence"), WRONG)
def test_wrong_use_is_refused_with_a_sentence(
    subject: Any, wrong: Callable[[Any], object], error: type[CqlError], sentence: str
) -> None:
    with pytest.raises(error) as caught:
        wrong(subject)
    assert type(caught.value) is error
    assert sentence in str(caught.value)
