"""Texts and trees of a hundred levels where the caller has left little of the stack, or its limit is too low."""

from __future__ import annotations

import inspect
import sys
import threading
from typing import TYPE_CHECKING, TypeVar, cast

import pytest

from cql_builder import compile_statement, parse_cql, parse_script, parse_type
from cql_builder.analysis import (
    find,
    is_conditional,
    is_idempotent,
    key_binding,
    statement_kind,
    table_uses,
    tables,
    transform,
    walk,
)
from cql_builder.ast import ColumnName, Insert, ListLiteral, StringLiteral, TableName
from cql_builder.errors import CqlSyntaxError, StatementError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cql_builder.ast import Node, Statement, Term

T = TypeVar("T")

LEVELS = {
    "SELECT {} FROM t": [
        ("(", ")"),
        ("[", "]"),
        ("{", "}"),
        ("f(", ")"),
        ("- ", ""),
        ("(int)", ""),
        ("cast(", " AS int)"),
    ],
    "SELECT a FROM t WHERE b = {}": [("(", ")"), ("[", "]"), ("f(", ")"), ("(int)", ""), ("{x: ", "}"), ("{1: ", "}")],
    "SELECT a FROM t WHERE b = 1 AND {}": [("(", ")")],
    "SELECT b[{}] FROM t": [("[", "]")],
}
INNERMOST = {"SELECT {} FROM t": "a", "SELECT a FROM t WHERE b = 1 AND {}": "c = 1"}
NESTED = {
    f"{statement.format(opening + '...' + closing)}": statement.format(
        opening * 99 + INNERMOST.get(statement, "1") + closing * 99
    )
    for statement, pairs in LEVELS.items()
    for opening, closing in pairs
}
ROOM_LEFT = 20
"""How many frames are left where the stack is nearly used up: Python itself needs some to start a thread."""


def frames_in_use() -> int:
    frame, count = inspect.currentframe(), 0
    while frame is not None:
        frame, count = frame.f_back, count + 1
    return count


def nearly_at_the_limit(call: Callable[[], T]) -> T:
    """Call where the caller has left few frames."""

    def descend(frames: int) -> T:
        return call() if frames <= 0 else descend(frames - 1)

    return descend(sys.getrecursionlimit() - frames_in_use() - ROOM_LEFT)


@pytest.mark.parametrize("text", NESTED.values(), ids=NESTED)
def test_a_text_is_read_and_written_whatever_the_caller_has_left(text: str) -> None:
    tree = parse_cql(text)
    assert nearly_at_the_limit(lambda: parse_cql(text)) == tree
    assert nearly_at_the_limit(lambda: parse_script(text)) == [tree]
    changed = transform(tree, lambda node: TableName("never_compiled") if isinstance(node, TableName) else node)
    assert nearly_at_the_limit(lambda: compile_statement(changed).cql) == compile_statement(changed).cql


def test_a_type_is_read_whatever_the_caller_has_left() -> None:
    text = "list<" * 100 + "int" + ">" * 100
    assert nearly_at_the_limit(lambda: parse_type(text)) == parse_type(text)


def test_an_error_is_the_same_whatever_the_caller_has_left() -> None:
    text = f"SELECT a\nFROM t WHERE b = {'(' * 90}1{')' * 89}"
    with pytest.raises(CqlSyntaxError) as with_room:
        parse_cql(text)
    with pytest.raises(CqlSyntaxError) as without:
        nearly_at_the_limit(lambda: parse_cql(text))
    assert str(without.value) == str(with_room.value)


@pytest.mark.parametrize(
    ("innermost", "reason"), [(TableName("t"), "cannot be a TableName"), (StringLiteral(cast("str", 5)), "not int")]
)
def test_a_wrong_tree_is_refused_whatever_the_caller_has_left(innermost: Node, reason: str) -> None:
    inner = cast("Term", innermost)
    for _ in range(99):
        inner = ListLiteral((inner,))
    tree = Insert(TableName("t"), (ColumnName("a"),), (inner,))
    with pytest.raises(StatementError, match=reason):
        nearly_at_the_limit(lambda: compile_statement(tree))


@pytest.mark.parametrize("text", NESTED.values(), ids=NESTED)
def test_a_tree_is_looked_at_whatever_the_caller_has_left(text: str) -> None:
    tree, same = parse_cql(text), parse_cql(text)
    looks: list[Callable[[Statement], object]] = [
        repr,
        hash,
        lambda one: one == same,
        lambda one: len(list(walk(one))),
        lambda one: list(find(one, ColumnName)),
        lambda one: transform(one, lambda node: node),
        statement_kind,
        is_conditional,
        is_idempotent,
        tables,
        table_uses,
        lambda one: key_binding(one, ["b"]),
    ]
    unseen = [parse_cql(text) for _ in looks]

    def look_at_all() -> list[object]:
        return [look(one) for look, one in zip(looks, unseen, strict=True)]

    assert nearly_at_the_limit(look_at_all) == [look(tree) for look in looks]


def test_what_no_stack_has_room_for_is_refused_with_what_helps() -> None:
    text = f"SELECT {'(' * 100}a{')' * 100} FROM t"
    tree = parse_cql(text)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(frames_in_use() + 100)
    try:
        with pytest.raises(CqlSyntaxError) as unread:
            parse_cql(text)
        with pytest.raises(StatementError) as unwritten:
            compile_statement(transform(tree, lambda node: TableName("u") if isinstance(node, TableName) else node))
    finally:
        sys.setrecursionlimit(limit)
    assert "raise it with sys.setrecursionlimit" in unread.value.reason
    assert "nested too deep" in unwritten.value.reason


def test_where_no_thread_can_be_started_an_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    text = f"SELECT {'(' * 100}a{')' * 100} FROM t"
    monkeypatch.setattr(threading.Thread, "start", fails)
    with pytest.raises(CqlSyntaxError, match="recursion limit"):
        nearly_at_the_limit(lambda: parse_cql(text))
