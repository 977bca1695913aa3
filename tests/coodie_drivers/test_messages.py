"""What travels between an operation and a driver."""

from __future__ import annotations

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


def test_a_reply_says_whether_more_is_to_come() -> None:
    assert repr(Reply([(1,)], ("a",), b"x")).endswith("1 rows of ('a',), more to come)")
    assert "more" not in repr(Reply([(1,)], ("a",)))


def test_rows_are_a_list_of_dicts_that_tells_the_rest_too() -> None:
    rows = Rows(Reply([(1, "x"), (2, None)], ("id", "name"), b"next", None, ["slow"]))
    assert rows == [{"id": 1, "name": "x"}, {"id": 2, "name": None}]
    assert isinstance(rows, list)
    assert (rows.columns, rows.paging_state, rows.applied, rows.warnings) == (("id", "name"), b"next", None, ["slow"])
