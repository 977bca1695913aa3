from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from cql_builder import TableName, bind, col, columns, delete_from, fn, insert_into, select, truncate, update
from cql_builder.errors import (
    UnsupportedFeatureError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from cql_builder.builder.columns import CollectionElement, UserField
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
    (col("a") < 1, "a < ?", (1,)),
    (col("a") <= 1, "a <= ?", (1,)),
    (col("a") > 1, "a > ?", (1,)),
    (col("a") >= 1, "a >= ?", (1,)),
    (col("a") == 1, "a = ?", (1,)),
    (col("a").in_([1, 2]), "a IN ?", ([1, 2],)),
    (col("a").in_({1}), "a IN ?", ({1},)),
    (col("a").contains("x"), "a CONTAINS ?", ("x",)),
    (col("a").contains_key("k"), "a CONTAINS KEY ?", ("k",)),
    (col("a").like("x%"), "a LIKE ?", ("x%",)),
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
        (
            T.where(ID).order_by("a").order_by("B", desc=True),
            'SELECT * FROM t WHERE id = ? ORDER BY a ASC, "B" DESC',
        ),
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
        (U.where(ID, col("ck") == 2).if_exists(), "UPDATE t SET a = ? WHERE id = ? AND ck = ? IF EXISTS"),
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
    changed = update("t").if_(col("m")["i"] == 9).where(col("id") == 7).using(ttl=1)
    changed = changed.set({"a": 3}, col("m")["k"].set(5), b=6)
    assert changed.compile().cql == "UPDATE t USING TTL ? SET a = ?, m[?] = ?, b = ? WHERE id = ? IF m[?] = ?"
    assert changed.compile().params == (1, 3, "k", 5, 6, 7, "i", 9)
    timed = update("t").where(col("id") == 4).using(timestamp=2, ttl=1).set(a=3)
    assert timed.compile().params == (1, 2, 3, 4)
    deleted = delete_from("t").where(col("a") == 4).using(timestamp=3).columns(col("m")["k"])
    assert deleted.compile().params == ("k", 3, 4)
    assert delete_from("t").if_(col("x") == 5).where(col("a") == 4).compile().params == (4, 5)
    assert T.limit(3).per_partition_limit(2).where(col("a") == 1).compile().params == (1, 2, 3)


def test_values_of_unknown_types_pass_as_they_are() -> None:
    later: list[Any] = [Later() for _ in range(4)]
    statement = insert_into("t").values(a=later[0]).using(ttl=later[1], timestamp=later[2])
    assert [given is kept for given, kept in zip(later, statement.compile().params, strict=False)] == [True] * 3
    assert T.limit(later[3]).compile().params == (later[3],)
    assert insert_into("t").json(later[0]).params == (later[0],)
    assert T.where(col("a").in_(later[0])).params == (later[0],)
    assert T.limit(bind(later[0])).where(col("a").in_(bind(later[1]))).params == (later[1], later[0])
    assert insert_into("t").values(a=1).using(ttl=bind(later[0]), timestamp=bind(later[1])).params == (1, *later[:2])


def test_a_statement_never_changes() -> None:
    statements: list[StatementBuilder] = [T, insert_into("t").values(a=1), U.where(ID), D.where(ID)]
    before = [(statement.tree, statement.params) for statement in statements]
    T.where(ID).limit(1).distinct().json().allow_filtering().order_by("a").per_partition_limit(1)
    insert_into("t").values(a=1).values(b=1).if_not_exists().using(ttl=1)
    U.where(ID).set(b=1).using(ttl=1).if_exists()
    D.where(ID).columns("a").using(timestamp=1).if_exists()
    assert [(statement.tree, statement.params) for statement in statements] == before
    with pytest.raises(AttributeError, match="a statement never changes; each call returns another one"):
        setattr(T, "limit", 3)  # noqa: B010 - what a careless caller does


def test_a_statement_can_be_copied() -> None:
    statement = U.where(ID, col("m")["k"] == [1])
    for twin in (copy.copy(statement), copy.deepcopy(statement)):
        assert (twin.tree, twin.params) == (statement.tree, statement.params)


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


@pytest.mark.parametrize(
    ("condition", "cql", "params"),
    [
        (col("m")["k"].like("x%"), "m[?] LIKE ?", ("k", "x%")),
        (columns("a", "b").like(("x", "y")), "(a, b) LIKE (?, ?)", ("x", "y")),
        (fn.token("a").like("x"), "token(a) LIKE ?", ("x",)),
        (fn.call("f", col("a"), 1).like("x"), "f(a, ?) LIKE ?", (1, "x")),
    ],
)
def test_scylla_has_like_behind_more_than_columns(condition: Condition, cql: str, params: tuple[object, ...]) -> None:
    asked = select("a").from_("t").where(condition)
    compiled = asked.compile("scylla")
    assert (compiled.cql, compiled.params) == (f"SELECT a FROM t WHERE {cql}", params)
    with pytest.raises(UnsupportedFeatureError) as caught:
        asked.compile("cassandra-6.0")
    assert caught.value.feature == "LIKE of anything but a column"
    assert caught.value.supported_by == ("scylla",)


@pytest.mark.parametrize("part", [col("u").field("f"), col("m")["k"]])
def test_if_has_like_behind_parts_of_columns(part: UserField | CollectionElement) -> None:
    like = U.where(ID).if_(part.like("x%"))
    assert like.compile("scylla").cql.endswith(" LIKE ?")
    with pytest.raises(UnsupportedFeatureError, match=r"cassandra-5\.0 has no LIKE in IF; scylla has it"):
        like.compile()
