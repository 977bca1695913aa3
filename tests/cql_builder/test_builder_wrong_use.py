from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

import cql_builder as cql
from cql_builder import (
    alter_table,
    batch,
    bind,
    col,
    columns,
    create_index,
    create_table,
    delete_from,
    fn,
    insert_into,
    list_of,
    lit,
    row,
    select,
    transaction,
    truncate,
    tuple_of,
    update,
)
from cql_builder.errors import (
    ArgumentError,
    ClauseConflictError,
    CqlError,
    LiteralError,
    MissingClauseError,
    RepeatedClauseError,
    StatementError,
    UnknownClauseError,
    UnsupportedFeatureError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

T = select().from_("t")
U = update("t").set(a=1).where(col("id") == 1)
D = delete_from("t")
ID = col("id") == 1
NEAR = T.order_by_nearest("v", [1.0])
ALTER = alter_table("t")
TABLE = create_table("t")
READ = transaction().let("r", select("a").from_("t").where(ID))
a, b, m, u = col("a"), col("b"), col("m"), col("u")


def call(name: str, /, *arguments: object, **keywords: object) -> Callable[[Any], object]:
    """Return a call that type checkers would refuse."""
    return lambda subject: getattr(subject, name)(*arguments, **keywords)


def made(name: str, /, *arguments: object, **keywords: object) -> Callable[[Any], object]:
    """Return a call of a name of the package that type checkers would refuse."""
    return lambda _: getattr(cql, name)(*arguments, **keywords)


Wrong = tuple[object, "Callable[[Any], object]", type[CqlError], str]

READING: list[Wrong] = [
    (T, call("where", u.field("f") == 1), StatementError, "a field cannot stand in WHERE"),
    (T, call("where", m["a"]["b"] == 1), StatementError, "a part of a part cannot be compared"),
    (T, call("where", row("r").is_null()), StatementError, "what a transaction has read is compared in transaction()"),
    (T, call("group_by"), MissingClauseError, "GROUP BY is missing; group_by() takes at least one column"),
    (T, call("group_by", 3), ArgumentError, "group_by() takes column names"),
    (T, call("group_by", a.as_("x")), ArgumentError, "group_by() takes what is grouped by, without another name"),
    (NEAR, call("compile"), MissingClauseError, "LIMIT is missing; say with limit(...) how many of the nearest rows"),
    (NEAR, call("order_by", "a"), ClauseConflictError, "ANN OF and another ordering cannot stand in one statement"),
    (T.order_by("a"), call("order_by_nearest", "v", [1]), ClauseConflictError, "ANN OF and another ordering"),
    (NEAR, call("order_by_nearest", "v", [1]), ClauseConflictError, "ANN OF and another ordering"),
    (T, call("order_by_nearest", "v", b), ArgumentError, "ANN OF: it takes a value or a function call, not Column"),
    (T, call("order_by", fn.call("bm25", b, "x"), desc=True), StatementError, "has the best rows first"),
    (T, call("without_from"), RepeatedClauseError, "FROM was given twice"),
    (select().without_from(), call("from_", "t"), RepeatedClauseError, "FROM was given twice"),
    (T, call("from_mutation_fragments", "t"), RepeatedClauseError, "FROM was given twice"),
    (T, call("with_indexes"), MissingClauseError, "included_indexes is missing"),
    (T.without_indexes("i"), call("without_indexes", "j"), RepeatedClauseError, "excluded_indexes was given twice"),
    (T, call("using", timeout=50), ArgumentError, 'TIMEOUT takes a duration such as "50ms" or a timedelta, not int'),
    (T, call("using", timeout=fn.now()), ArgumentError, "TIMEOUT takes a duration"),
    (T, call("using", timeout="soon"), LiteralError, "a duration is numbers with units"),
    (T.using(timeout="1s"), call("using", timeout="1s"), RepeatedClauseError, "TIMEOUT was given twice"),
    (T, call("using", service_level=3), ArgumentError, "SERVICE LEVEL takes a name as a str, not int"),
    (T, call("limit", lit("ten")), ArgumentError, "LIMIT takes a whole number"),
    (T, call("limit", lit(0)), StatementError, "LIMIT is a whole number from 1"),
    (T, call("limit", bind("ten")), ArgumentError, "LIMIT takes a whole number"),
    (T, call("limit", bind(-1)), StatementError, "LIMIT is a whole number from 1"),
    (T.distinct(), call("distinct"), RepeatedClauseError, "SELECT: DISTINCT was given twice; give it once"),
    (T.json(), call("json"), RepeatedClauseError, "SELECT: JSON was given twice"),
    (T.allow_filtering(), call("allow_filtering"), RepeatedClauseError, "SELECT: ALLOW FILTERING was given twice"),
    (T.bypass_cache(), call("bypass_cache"), RepeatedClauseError, "SELECT: BYPASS CACHE was given twice"),
    (
        T,
        call("using", ttl=5),
        UnknownClauseError,
        "SELECT: there is no 'ttl' here; USING has timeout, service_level",
    ),
    (T, call("as_", "x"), UnknownClauseError, "SELECT: there is no 'as_' here"),
]

EXPRESSIONS: list[Wrong] = [
    (a, call("between", 1, None), StatementError, "BETWEEN: it takes two bounds; for one bound write >= or <="),
    (a, call("between", None, 1), StatementError, "BETWEEN: it takes two bounds"),
    (a, call("not_in", "abc"), ArgumentError, "NOT IN: it takes a collection of values, not str"),
    (
        a,
        call("in_", fn.now()),
        ArgumentError,
        "IN: it takes a collection of values, such as [1, 2] or [fn.now(), 2], not FunctionCall",
    ),
    (a, call("in_", [b]), ArgumentError, "IN: it takes a value or a function call, not Column"),
    (a, call("__eq__", b + 1), StatementError, "a column cannot stand where a value stands"),
    (a, call("__eq__", fn.abs("b")), StatementError, "a column cannot stand where a value stands"),
    (a, call("__eq__", list_of(b)), StatementError, "a column cannot stand where a value stands"),
    (a, call("__eq__", (bind(1) + 2) * 3), StatementError, "arithmetic has parentheses in SELECT alone"),
    (a, call("__add__", ID), ArgumentError, "+: it takes a value, a column or a function call, not Condition"),
    (m, call("__getitem__", slice(None, None)), StatementError, "a slice: it needs a start or an end"),
    (m, call("__getitem__", slice(1, 9, 2)), StatementError, "a slice: it has no step in CQL"),
    (m, call("__getitem__", b), ArgumentError, "an element: it takes a value or a function call, not Column"),
    (u, call("field", 3), ArgumentError, "the name of a field takes a str, not int"),
    (m["a"]["b"], call("set", 1), StatementError, "a part of a part cannot be assigned"),
    (a, call("is_null"), UnknownClauseError, "a column: there is no 'is_null' here; WHERE never asks for null; in IF"),
    (a, call("contain", 1), UnknownClauseError, "a column: there is no 'contain' here (did you mean 'contains'?)"),
    (m["a"], list, ArgumentError, "a loop takes a Python collection"),
    (None, made("columns"), MissingClauseError, "columns(): what to compare is missing"),
    (None, made("columns", 3), ArgumentError, "columns(): a column takes its name as a str, not int"),
    (columns("a", "b"), call("__gt__", (1,)), StatementError, ">: 2 columns take 2 values, not 1"),
    (columns("a", "b"), call("in_", [(1, 2), (3,)]), StatementError, "IN: 2 columns take 2 values, not 1"),
    (None, made("clustering_bound"), MissingClauseError, "clustering_bound(): what to compare with is missing"),
    (T.where(a > cql.clustering_bound(1)), call("compile", "scylla"), StatementError, "cannot be a ClusteringBound"),
    (
        T.where(columns("a", "b") > cql.clustering_bound(1)),
        call("compile", "scylla"),
        StatementError,
        "SELECT: 2 columns take 2 values, not 1",
    ),
    (
        T.where(columns("a", "b") > cql.clustering_bound(1, 2)),
        call("compile"),
        UnsupportedFeatureError,
        "cassandra-5.0 has no SCYLLA_CLUSTERING_BOUND; scylla has it; instead, compare the tuple of columns",
    ),
    (None, made("expr", "k.i", "q"), StatementError, "the index is in the keyspace of the table"),
    (None, made("expr", 3, "q"), ArgumentError, "an index takes a str or an IndexName, not int"),
    (fn, call("token", bind(1), "a"), ArgumentError, "fn.token(): a column takes its name as a str, not Expression"),
    (fn, call("cast", "a", "txt"), StatementError, "'txt' is no native type (did you mean 'text'?)"),
    (fn, call("as_blob", "ints", "a"), StatementError, "there is no conversion of 'ints' (did you mean 'int"),
    (fn, call("abs", 3), ArgumentError, "fn.abs(): a column takes its name as a str, not int"),
    (fn, call("writetime", fn.now()), ArgumentError, "fn.writetime(): a column takes its name as a str"),
    (fn, call("call", "a.b.c"), StatementError, "'a.b.c' is not 'function' or 'keyspace.function'"),
    (fn, call("call", ""), MissingClauseError, "the function's name is missing"),
    (fn, call("call", 3), ArgumentError, "a function takes a str or a FunctionName, not int"),
    (fn, call("call", "f", ID), ArgumentError, "fn.call(): it takes a value, a column or a function call"),
    (None, made("lit", object()), LiteralError, "there is none for a object; bind the value"),
    (None, made("lit", datetime(2024, 1, 1)), LiteralError, "a datetime without a time zone"),  # noqa: DTZ001 - the fault
    (None, made("lit", Decimal("sNaN")), LiteralError, "signalling NaN"),
    (None, made("lit", ()), LiteralError, "a tuple has at least one element"),
    (None, made("tuple_of"), LiteralError, "a tuple has at least one element"),
    (None, made("user_type_of"), LiteralError, "at least one field"),
    (None, made("user_type_of", {"a": 1}, a=2), StatementError, "'a' is given twice"),
    (None, made("duration", 5), ArgumentError, "a duration takes a str"),
    (None, made("type_hint", "list<int", 1), CqlError, "expected '>'"),
    (None, made("bind", 1, name=2), ArgumentError, "the name of a marker takes a str, not int"),
]

WRITING: list[Wrong] = [
    (U, call("set", b=a + 1), StatementError, "'b' can be computed of itself alone"),
    (U, call("set", b=b + a), StatementError, "CQL computes of one column and a value"),
    (U, call("set", b=b * 2), StatementError, "CQL computes b + … and b - … alone"),
    (U, call("set", b=1 - b), StatementError, "CQL computes b + … and b - … alone"),
    (U, call("set", b=a), ArgumentError, "SET: it takes a value or a function call, not Column"),
    (U, call("set", u.field("f").set(1), u=2), StatementError, "column 'u' is assigned twice"),
    (U, call("if_", a.between(1, 2)), StatementError, "IF knows no BETWEEN"),
    (U, call("if_", columns("a", "b") == (1, 2)), StatementError, "several columns cannot stand as one in IF"),
    (U, call("if_", cql.expr("i", 1)), StatementError, "expr() cannot stand in IF"),
    (U, call("if_", fn.call("f", a) == 1), StatementError, "a function cannot be compared in IF"),
    (U, call("if_", u.field("a").field("b") == 1), StatementError, "a part of a part cannot be compared"),
    (U, call("if_", row("r").is_null()), StatementError, "what a transaction has read"),
    (insert_into("t"), call("json", "{}", default_null=True, default_unset=True), ClauseConflictError, "DEFAULT UNSET"),
    (D, call("columns", m["a"]["b"]), StatementError, "a part of a part cannot be deleted"),
    (D, call("columns", m["a":"b"]), ArgumentError, "columns() takes column names"),
    (U.if_exists(), call("if_exists"), RepeatedClauseError, "UPDATE: IF EXISTS was given twice"),
    (insert_into("t").if_not_exists(), call("if_not_exists"), RepeatedClauseError, "IF NOT EXISTS was given twice"),
    (D.bypass_guardrails(), call("bypass_guardrails"), RepeatedClauseError, "BYPASS LARGE_DATA_GUARDRAILS was given"),
    (D, call("using", ttl=1), UnknownClauseError, "DELETE: there is no 'ttl' here; USING has timestamp, timeout"),
    (U, call("using", tll=1), UnknownClauseError, "UPDATE: there is no 'tll' here; USING has ttl, timestamp, timeout"),
    (batch(U), call("using", ttl=1), UnknownClauseError, "USING has timestamp, timeout here, give it to its"),
    (
        truncate("t"),
        call("using", timeout="1s", ttl=1),
        UnknownClauseError,
        "TRUNCATE: there is no 'ttl' here; USING has timeout",
    ),
    (truncate("t").using(timeout="1s"), call("using", timeout="1s"), RepeatedClauseError, "TIMEOUT was given twice"),
    (cql.prune_materialized_view("v"), call("using", concurrency=0), StatementError, "CONCURRENCY is a whole number"),
    (None, made("batch", T), ArgumentError, "insert_into(…), update(…) and delete_from(…) make, not SelectBuilder"),
    (batch(), call("add", 3), ArgumentError, "insert_into(…), update(…) and delete_from(…) make, not int"),
    (batch(), call("compile"), MissingClauseError, "BATCH: what to write is missing"),
    (batch(U).unlogged(), call("unlogged"), RepeatedClauseError, "UNLOGGED was given twice"),
    (batch(U).unlogged(), call("counter"), ClauseConflictError, "UNLOGGED and COUNTER"),
    (batch(insert_into("t").values(a=1)).counter(), call("compile"), StatementError, "counters are written by UPDATE"),
    (batch(U).counter().using(timestamp=1), call("compile"), ClauseConflictError, "COUNTER and TIMESTAMP"),
    (
        batch(U.using(timestamp=1)).using(timestamp=1),
        call("compile"),
        ClauseConflictError,
        "TIMESTAMP of the batch and TIMESTAMP of a statement in it",
    ),
    (batch(U.if_exists()).using(timestamp=1), call("compile"), ClauseConflictError, "TIMESTAMP and IF"),
    (
        batch(insert_into("t").values(a=1).if_not_exists()).using(timestamp=1),
        call("compile"),
        ClauseConflictError,
        "TIMESTAMP and IF",
    ),
    (batch(insert_into("t")), call("compile"), MissingClauseError, "INSERT: VALUES is missing"),
    (batch(U), call("where", ID), UnknownClauseError, "BATCH: there is no 'where' here"),
]

TRANSACTIONS: list[Wrong] = [
    (transaction(), call("compile"), MissingClauseError, "TRANSACTION: what to do is missing"),
    (READ, call("let", "r", T.where(ID)), RepeatedClauseError, "LET r was given twice"),
    (READ, call("let", "s", U), ArgumentError, "let() takes a SELECT, not UpdateBuilder"),
    (READ, call("let", 3, T.where(ID)), ArgumentError, "the name of a row takes a str, not int"),
    (READ, call("let", "s", T), MissingClauseError, "LET: WHERE is missing"),
    (READ, call("let", "s", T.where(ID).order_by("a")), StatementError, "it selects with FROM, WHERE and LIMIT alone"),
    (READ, call("let", "s", select(a.as_("b")).from_("t").where(ID)), StatementError, "no other name there"),
    (READ, call("if_", ID), StatementError, "IF compares what was read"),
    (READ, call("if_", True), ArgumentError, "if_() takes conditions"),
    (READ, call("then", T), ArgumentError, "insert_into(…), update(…) and delete_from(…) make"),
    (READ, call("answer"), MissingClauseError, "the answer is missing"),
    (READ, call("answer", "r"), ArgumentError, "one SELECT, or what was read as row(…), not str"),
    (READ.answer(row("r")), call("answer", row("r")), RepeatedClauseError, "SELECT was given twice"),
    (READ.answer(row("rr")), call("compile"), StatementError, "no row 'rr' was read (did you mean 'r'?)"),
    (READ.if_(row("s").is_null()).then(U), call("compile"), StatementError, "no row 's' was read"),
    (READ.answer(row("r")).if_(row("r").is_null()), call("compile"), MissingClauseError, "THEN is missing"),
    (READ.then(U.if_exists()), call("compile"), StatementError, "what is written has no IF of its own"),
    (
        row("r").column("a"),
        call("__eq__", row("r").column("b")),
        StatementError,
        "what was read is compared with a value",
    ),
    (T, call("where", row("r").column("a") == 1), StatementError, "what a transaction has read"),
]


@pytest.mark.parametrize(
    ("subject", "wrong", "error", "sentence"),
    [*READING, *EXPRESSIONS, *WRITING, *TRANSACTIONS],
)
def test_wrong_use_is_refused_with_a_sentence(
    subject: Any, wrong: Callable[[Any], object], error: type[CqlError], sentence: str
) -> None:
    with pytest.raises(error) as caught:
        wrong(subject)
    assert sentence in str(caught.value)


def test_a_column_is_indexed_once() -> None:
    twice = create_index().on("t", "a").and_column("a")
    with pytest.raises(StatementError, match="'a' is indexed twice"):
        twice.compile()


def test_no_error_and_no_repr_shows_a_value() -> None:
    shown = [
        repr(T.where(a == "s3cret", columns("a", "b") > ("s3cret", 1)).limit(5)),
        repr(a + "s3cret"),
        repr(bind("s3cret")),
        repr(tuple_of("s3cret", 1)),
        repr(batch(U.set(b="s3cret"))),
        repr(READ.then(U.set(b="s3cret"))),
    ]
    for wrong in (call("between", "s3cret", None), call("in_", "s3cret"), call("__eq__", bind("s3cret") + b)):
        with pytest.raises(StatementError) as caught:
            wrong(a)
        shown.append(str(caught.value))
    assert not [text for text in shown if "s3cret" in text]
