from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from cql_builder import TableName, col, delete_from, fn, insert_into, select, truncate, update
from cql_builder.errors import (
    ArgumentError,
    ClauseConflictError,
    CqlError,
    MissingClauseError,
    RepeatedClauseError,
    StatementError,
    UnknownClauseError,
    UnsupportedFeatureError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from cql_builder.builder.parts import Condition
    from cql_builder.builder.statement import StatementBuilder

    Check = Callable[[StatementBuilder, str], None]

T = select().from_("t")
U = update("t").set(a=1)
D = delete_from("t")
ID = col("id") == 1


class Later:
    """A value of a type that the builder cannot know."""


CONDITIONS: list[tuple[Condition, str, tuple[object, ...]]] = [
    (col("a") == 1, "a = ?", (1,)),
    (col("a") != 1, "a != ?", (1,)),
    (col("a") < 1, "a < ?", (1,)),
    (col("a") <= 1, "a <= ?", (1,)),
    (col("a") > 1, "a > ?", (1,)),
    (col("a") >= 1, "a >= ?", (1,)),
    (col("a") == None, "a = ?", (None,)),  # noqa: E711 - an operator of the language built here
    (col("a").in_([1, 2]), "a IN ?", ([1, 2],)),
    (col("a").in_({1}), "a IN ?", ({1},)),
    (col("a").contains("x"), "a CONTAINS ?", ("x",)),
    (col("a").contains_key("k"), "a CONTAINS KEY ?", ("k",)),
    (col("a").like("x%"), "a LIKE ?", ("x%",)),
    (col("a").is_not_null(), "a IS NOT NULL", ()),
    (col("m")["k"] == 1, "m[?] = ?", ("k", 1)),
    (col("m")["k"] >= 1, "m[?] >= ?", ("k", 1)),
    (fn.token("a") > 5, "token(a) > ?", (5,)),
    (fn.token("a", "B") <= 5, 'token(a, "B") <= ?', (5,)),
    (fn.token(col("a")) == 5, "token(a) = ?", (5,)),
    (col("a") < fn.now(), "a < now()", ()),
    (col("order") == 1, '"order" = ?', (1,)),
]


@pytest.mark.parametrize(("condition", "cql", "params"), CONDITIONS, ids=[cql for _, cql, _ in CONDITIONS])
def test_where_takes_conditions(check: Check, condition: Condition, cql: str, params: tuple[object, ...]) -> None:
    statement = T.where(condition)
    check(statement, f"SELECT * FROM t WHERE {cql}")
    assert statement.compile().params == params


@pytest.mark.parametrize(
    ("condition", "cql", "params"),
    [
        (col("a") == 1, "a = ?", (1,)),
        (col("a") != None, "a != ?", (None,)),  # noqa: E711 - an operator of the language built here
        (col("m")["k"].in_([1]), "m[?] IN ?", ("k", [1])),
        (col("a").contains("x"), "a CONTAINS ?", ("x",)),
        (col("a").contains_key("x"), "a CONTAINS KEY ?", ("x",)),
    ],
)
def test_if_takes_conditions(check: Check, condition: Condition, cql: str, params: tuple[object, ...]) -> None:
    for statement, text in ((U, "UPDATE t SET a = ?"), (D, "DELETE FROM t")):
        check(statement.where(ID).if_(condition), f"{text} WHERE id = ? IF {cql}")
        assert statement.where(ID).if_(condition).params[-len(params) :] == params


@pytest.mark.parametrize(
    ("statement", "cql"),
    [
        (T, "SELECT * FROM t"),
        (select("a", col("B"), fn.count()).from_("ks.T"), 'SELECT a, "B", COUNT(*) FROM ks."T"'),
        (select(fn.count("a").as_("n"), col("b").as_("B")).from_("t"), 'SELECT count(a) AS n, b AS "B" FROM t'),
        (
            select(fn.min("a"), fn.max("a"), fn.sum("a"), fn.avg("a")).from_("t"),
            "SELECT min(a), max(a), sum(a), avg(a) FROM t",
        ),
        (
            select(fn.token("a", "b"), fn.writetime("x"), fn.ttl("x")).from_("t"),
            "SELECT token(a, b), writetime(x), ttl(x) FROM t",
        ),
        (select(fn.now(), fn.uuid().as_("u")).from_("t"), "SELECT now(), uuid() AS u FROM t"),
        (select("a").from_("t").distinct(), "SELECT DISTINCT a FROM t"),
        (select("a").from_("t").json(), "SELECT JSON a FROM t"),
        (select("a").from_("t").json().distinct(), "SELECT JSON DISTINCT a FROM t"),
        (T.where(col("a") == 1, col("b") > 2).where(col("c") == 3), "SELECT * FROM t WHERE a = ? AND b > ? AND c = ?"),
        (T.order_by("a").order_by("B", desc=True), 'SELECT * FROM t ORDER BY a ASC, "B" DESC'),
        (T.limit(10).per_partition_limit(2), "SELECT * FROM t PER PARTITION LIMIT ? LIMIT ?"),
        (T.limit(None).per_partition_limit(None).limit(3), "SELECT * FROM t LIMIT ?"),
        (T.allow_filtering(), "SELECT * FROM t ALLOW FILTERING"),
        (select().from_(TableName("a.b", "c")), 'SELECT * FROM c."a.b"'),
        (insert_into("t").values({"a": 1, "B": 2}, c=3), 'INSERT INTO t (a, "B", c) VALUES (?, ?, ?)'),
        (insert_into("t").values(a=1).values({"b": 2}), "INSERT INTO t (a, b) VALUES (?, ?)"),
        (insert_into("t").values({"columns": 1, "self": 2}), "INSERT INTO t (columns, self) VALUES (?, ?)"),
        (insert_into("t").values({}, columns=1, self=2), "INSERT INTO t (columns, self) VALUES (?, ?)"),
        (insert_into("t").values(a=fn.now(), b=2), "INSERT INTO t (a, b) VALUES (now(), ?)"),
        (insert_into("t").values(a=1).if_not_exists(), "INSERT INTO t (a) VALUES (?) IF NOT EXISTS"),
        (
            insert_into("t").using(timestamp=5, ttl=4).values(a=1),
            "INSERT INTO t (a) VALUES (?) USING TTL ? AND TIMESTAMP ?",
        ),
        (
            insert_into("t").values(a=1).using(timestamp=5).using(ttl=4),
            "INSERT INTO t (a) VALUES (?) USING TTL ? AND TIMESTAMP ?",
        ),
        (insert_into("t").values(a=1).using(ttl=None, timestamp=None), "INSERT INTO t (a) VALUES (?)"),
        (insert_into("t").json("{}"), "INSERT INTO t JSON ?"),
        (
            insert_into("t").json("{}", default_unset=True).if_not_exists().using(ttl=1),
            "INSERT INTO t JSON ? DEFAULT UNSET IF NOT EXISTS USING TTL ?",
        ),
        (update("ks.t").set({"a": 1}, b=2).where(ID), "UPDATE ks.t SET a = ?, b = ? WHERE id = ?"),
        (U.where(ID).using(ttl=1, timestamp=2), "UPDATE t USING TTL ? AND TIMESTAMP ? SET a = ? WHERE id = ?"),
        (U.where(ID, col("ck") > 2).if_exists(), "UPDATE t SET a = ? WHERE id = ? AND ck > ? IF EXISTS"),
        (U.where(ID).if_(col("b") == 1).if_(col("c") < 2), "UPDATE t SET a = ? WHERE id = ? IF b = ? AND c < ?"),
        (update("t").set(col("a").set(1)).where(ID), "UPDATE t SET a = ? WHERE id = ?"),
        (update("t").set(col("a").add({1})).where(ID), "UPDATE t SET a = a + ? WHERE id = ?"),
        (update("t").set(col("A").append([1])).where(ID), 'UPDATE t SET "A" = "A" + ? WHERE id = ?'),
        (update("t").set(col("A").prepend([1])).where(ID), 'UPDATE t SET "A" = ? + "A" WHERE id = ?'),
        (update("t").set(col("a").remove([1])).where(ID), "UPDATE t SET a = a - ? WHERE id = ?"),
        (
            update("t").set(col("n").increment(2), col("o").decrement()).where(ID),
            "UPDATE t SET n = n + ?, o = o - ? WHERE id = ?",
        ),
        (
            update("t").set(col("m")["k"].set(1), col("m")["l"].set(2)).where(ID),
            "UPDATE t SET m[?] = ?, m[?] = ? WHERE id = ?",
        ),
        (
            update("t").set(col("s").add({1}), col("s").remove({2})).where(ID),
            "UPDATE t SET s = s + ?, s = s - ? WHERE id = ?",
        ),
        (update("t").set(a=fn.uuid()).where(ID), "UPDATE t SET a = uuid() WHERE id = ?"),
        (D.where(ID), "DELETE FROM t WHERE id = ?"),
        (D.columns("a", "B").columns(col("m")["k"], col("c")).where(ID), 'DELETE a, "B", m[?], c FROM t WHERE id = ?'),
        (D.where(ID).using(timestamp=5), "DELETE FROM t USING TIMESTAMP ? WHERE id = ?"),
        (D.where(ID).if_exists(), "DELETE FROM t WHERE id = ? IF EXISTS"),
        (truncate("ks.T"), 'TRUNCATE ks."T"'),
    ],
)
def test_a_statement_has_its_text(check: Check, statement: StatementBuilder, cql: str) -> None:
    check(statement, cql)


def test_every_value_is_a_parameter_in_the_order_of_the_text() -> None:
    assert insert_into("t").using(timestamp=4, ttl=3).values(a=1).values(b=2).compile().params == (1, 2, 3, 4)
    changed = update("t").if_(col("m")["i"] == 9).where(col("a").in_([7])).using(timestamp=2, ttl=1)
    changed = changed.set({"a": 3}, col("m")["k"].set(5), b=6)
    assert (
        changed.compile().cql
        == "UPDATE t USING TTL ? AND TIMESTAMP ? SET a = ?, m[?] = ?, b = ? WHERE a IN ? IF m[?] = ?"
    )
    assert changed.compile().params == (1, 2, 3, "k", 5, 6, [7], "i", 9)
    deleted = delete_from("t").if_(col("x") == 5).where(col("a") == 4).using(timestamp=3).columns(col("m")["k"])
    assert deleted.compile().params == ("k", 3, 4, 5)
    assert T.limit(3).per_partition_limit(2).where(col("a") == 1).compile().params == (1, 2, 3)


def test_values_of_unknown_types_pass_as_they_are() -> None:
    later = [Later() for _ in range(4)]
    statement = insert_into("t").values(a=later[0]).using(ttl=later[1], timestamp=later[2])
    assert [given is kept for given, kept in zip(later, statement.compile().params, strict=False)] == [True] * 3
    assert T.limit(later[3]).compile().params == (later[3],)
    assert insert_into("t").json(later[0]).params == (later[0],)
    assert T.where(col("a").in_(later[0])).params == (later[0],)


def test_a_statement_never_changes() -> None:
    statements: list[StatementBuilder] = [T, insert_into("t").values(a=1), U.where(ID), D.where(ID)]
    before = [(statement.tree, statement.params) for statement in statements]
    T.where(ID).limit(1).distinct().json().allow_filtering().order_by("a").per_partition_limit(1)
    insert_into("t").values(a=1).values(b=1).if_not_exists().using(ttl=1)
    U.where(ID).set(b=1).using(ttl=1).if_exists()
    D.where(ID).columns("a").using(timestamp=1).if_exists()
    assert [(statement.tree, statement.params) for statement in statements] == before
    with pytest.raises(AttributeError):
        setattr(T, "limit", 3)  # noqa: B010 - what a careless caller does


def test_a_tree_can_be_pickled_and_copied() -> None:
    tree = U.where(ID).if_(col("m")["k"] == 1).tree
    assert pickle.loads(pickle.dumps(tree)) == tree  # noqa: S301 - made here
    assert copy.deepcopy(tree) == tree
    with pytest.raises(AttributeError, match="a Update never changes"):
        setattr(tree, "table", None)  # noqa: B010 - what a careless caller does
    with pytest.raises(AttributeError, match="a Update never changes"):
        delattr(tree, "table")


def test_no_value_is_shown() -> None:
    statement = insert_into("t").values(password="secret")
    assert repr(statement) == "<InsertBuilder INSERT INTO t (password) VALUES (?)>"
    assert "secret" not in repr(statement.compile())
    assert "secret" not in repr(col("a") == "secret")
    assert repr(insert_into("t")) == "<InsertBuilder INSERT: VALUES is missing; give values(...) or json(...)>"


@pytest.mark.parametrize("limit", ["ten", b"10", 1.5, True, False, [1], (1,), {1: 1}, {1}, 1j, col("a"), fn.now()])
def test_a_limit_is_no_plain_other_thing(limit: object) -> None:
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
    for statement in (insert_into("t"), update("t")):
        with pytest.raises(StatementError, match="TTL is a whole number from 0 to 630720000"):
            statement.using(ttl=-1)
        with pytest.raises(StatementError, match="TTL is a whole number"):
            statement.using(ttl=630720001)
        with pytest.raises(ArgumentError, match="TTL takes a whole number, not str"):
            statement.using(ttl="60")
        assert statement.using(ttl=0) is not statement
    with pytest.raises(StatementError, match="TIMESTAMP is a whole number"):
        D.using(timestamp=-(2**63))
    with pytest.raises(ArgumentError, match="DELETE: TIMESTAMP takes a whole number, not float"):
        D.using(timestamp=1.5)


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


def test_what_a_dialect_lacks_in_if_is_refused_by_name() -> None:
    contains = U.where(ID).if_(col("a").contains(1))
    assert contains.compile("cassandra-4.1").cql.endswith("IF a CONTAINS ?")
    with pytest.raises(UnsupportedFeatureError) as caught:
        contains.compile("cassandra-4.0")
    assert str(caught.value) == (
        "cassandra-4.0 has no CONTAINS in IF; cassandra-4.1, cassandra-5.0, cassandra-6.0 have it;"
        " instead, compare the whole collection"
    )
    like = U.where(ID).if_(col("a").like("x%"))
    assert like.compile("scylla").cql.endswith("IF a LIKE ?")
    with pytest.raises(UnsupportedFeatureError, match=r"cassandra-5\.0 has no LIKE in IF; scylla has it"):
        like.compile()
