"""What travels between an operation and a driver."""

from __future__ import annotations

from sys import getrefcount
from typing import Any, cast

import pytest

from coodie_drivers import BatchRequest, Reply, Request, Rows, TableRequest, statement_of

INSERT = statement_of("INSERT INTO t (a) VALUES (?)")


@pytest.mark.parametrize(
    "message",
    [
        Request(INSERT, ("canary-7f3a",), paging_state=b"canary-7f3a"),
        BatchRequest([(INSERT, ("canary-7f3a",))]),
        Reply([("canary-7f3a",)], ("a",), b"canary-7f3a"),
        TableRequest("t", "ks", [], {"comment": "canary-7f3a"}),
    ],
    ids=lambda message: type(message).__name__,
)
def test_messages_never_show_values(message: object) -> None:
    assert "canary" not in repr(message)
    assert type(message).__name__ in repr(message)


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (Request(INSERT, cast("Any", iter(["canary-7f3a"]))), "list_iterator of values"),
        (BatchRequest(cast("Any", iter([]))), "list_iterator of statements"),
        (TableRequest("t", "ks", cast("Any", iter([]))), "list_iterator of columns"),
    ],
    ids=["Request", "BatchRequest", "TableRequest"],
)
def test_what_will_be_refused_can_be_shown_with_the_variables_of_its_traceback(message: object, told: str) -> None:
    assert told in repr(message)


def test_a_reply_says_whether_more_is_to_come() -> None:
    assert repr(Reply([(1,)], ("a",), b"x")).endswith("1 rows of ('a',), more to come)")
    assert "more" not in repr(Reply([(1,)], ("a",)))


def test_rows_are_a_list_of_dicts_that_tells_the_rest_too() -> None:
    rows = Rows(Reply([(1, "x"), (2, None)], ("id", "name"), b"next", None, ["slow"]))
    assert rows == [{"id": 1, "name": "x"}, {"id": 2, "name": None}]
    assert isinstance(rows, list)
    assert (rows.columns, rows.paging_state, rows.applied, rows.warnings) == (("id", "name"), b"next", None, ["slow"])


@pytest.mark.parametrize(
    ("cql", "idempotent"),
    [
        ("SELECT a FROM t WHERE id = ?", True),
        ("INSERT INTO t (id, a) VALUES (?, ?)", True),
        ("update t set a = ? where id = ?", True),
        ("DELETE FROM t WHERE id = ?", True),
        ("BEGIN BATCH UPDATE t SET a = 1 WHERE id = 1; DELETE FROM t WHERE id = 2; APPLY BATCH", True),
        ("INSERT INTO t (id, a) VALUES (?, ?) IF NOT EXISTS", False),
        ("INSERT INTO t (id, a) VALUES (?, now())", False),
        ("UPDATE t SET n = n + 1 WHERE id = ?", False),
        ("UPDATE t SET l = l + ? WHERE id = ?", False),
        ("UPDATE t SET a = 1 WHERE id = 1; UPDATE t SET n = n + 1 WHERE id = 1", False),
        ("BEGIN BATCH UPDATE t SET a = 1 WHERE id = 1; UPDATE t SET l = [1] WHERE id = 2; APPLY BATCH", False),
        ("INSERT INTO t (id, a) VALUES (?, ?) OF A LATER SERVER", False),
        ("TRUNCATE t", False),
        ("CREATE TABLE t (a int PRIMARY KEY)", False),
        (f"DELETE FROM t WHERE id = '{'x' * 10_000}'", False),
    ],
)
def test_of_a_text_it_is_known_whether_it_may_be_sent_again(cql: str, idempotent: bool) -> None:
    assert statement_of(cql).idempotent is idempotent
    assert statement_of(cql) is statement_of(cql)


def test_long_texts_are_not_kept() -> None:
    texts = [f"INSERT INTO t (a) VALUES ('{number}{'x' * 20_000}')" for number in range(30)]
    before = [getrefcount(text) for text in texts]
    assert [statement_of(text).cql for text in texts] == texts
    after = [getrefcount(text) for text in texts]
    assert sum(now > then for now, then in zip(after, before, strict=True)) == 10
    assert statement_of(texts[-1]) is statement_of(texts[-1])
