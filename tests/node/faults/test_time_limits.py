"""A request's time limit holds for all of its attempts together, with the pauses between them."""

from __future__ import annotations

import contextlib
import time
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import BatchRequest, Request, Statement, errors, statement_of
from coodie_drivers.testing import proxy as faults
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.proxy import FaultProxy

    Ask = Callable[[str], list[dict[str, object]]]

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter, pytest.mark.usefixtures("calm")]

LIMIT, SHORT, SLACK = 1.0, 0.8, 0.25
LOOKS = 1.05
"""Seconds after which the schema's version is looked at again, where the library is told of no change by others."""

keys = count(1)


@pytest.fixture(scope="module")
def table(ask: Ask, cql_module_keyspace: str) -> str:
    """A table of rows."""
    name = f"{cql_module_keyspace}.rows"
    ask(f"CREATE TABLE {name} (id int PRIMARY KEY, note text)")
    return name


@pytest.fixture(params=["statement", "batch"])
def request_for(table: str, request: pytest.FixtureRequest) -> Callable[..., Request | BatchRequest]:
    """Makes a write that may be repeated, of one row."""
    statement = Statement(f"UPDATE {table} SET note = 'x' WHERE id = ?", StatementKind.UPDATE, idempotent=True)

    def made(key: int, timeout: float | None = None) -> Request | BatchRequest:
        if request.param == "batch":
            return BatchRequest([(statement, [key])], timeout=timeout)
        return Request(statement, [key], timeout=timeout)

    return made


def test_a_last_attempt_gets_what_those_before_it_have_left(
    caller: Any, proxy: FaultProxy, ask: Ask, table: str, request_for: Callable[..., Request | BatchRequest]
) -> None:
    key = next(keys)
    caller.send(request_for(0))
    began = time.monotonic()
    with (
        proxy.rules.add(faults.answer(faults.overloaded()), text=table, when=faults.first(3)) as refused,
        proxy.rules.add(faults.drop_reply(), text=table) as lost,
        pytest.raises(errors.OperationTimedOutError, match=rf"no answer within {LIMIT:g} s") as raised,
    ):
        caller.send(request_for(key, LIMIT))
    assert LIMIT - SLACK < time.monotonic() - began < LIMIT + SLACK, "the pauses alone take 0.3 s or more"
    assert (refused.hits, lost.hits) == (3, 1)
    assert (raised.value.outcome, raised.value.attempts) == ("unknown", 4)
    assert ask(f"SELECT note FROM {table} WHERE id = {key}") != []


def test_an_attempt_is_not_made_for_which_no_time_is_left(
    caller: Any, proxy: FaultProxy, ask: Ask, table: str, request_for: Callable[..., Request | BatchRequest]
) -> None:
    key = next(keys)
    caller.send(request_for(0))
    began = time.monotonic()
    with (
        proxy.rules.add(faults.answer(faults.overloaded()), text=table) as refused,
        pytest.raises((errors.OverloadedError, errors.OperationTimedOutError)) as raised,
    ):
        caller.send(request_for(key, 0.12))
    assert time.monotonic() - began < 0.12 + SLACK
    assert raised.value.attempts == refused.hits < 4
    assert ask(f"SELECT note FROM {table} WHERE id = {key}") == []


@pytest.mark.parametrize("answered", [True, False], ids=["then answered", "then unanswered"])
def test_what_is_looked_at_for_a_request_takes_of_its_time(
    caller: Any, proxy: FaultProxy, table: str, request_for: Callable[..., Request | BatchRequest], *, answered: bool
) -> None:
    caller.send(request_for(0))
    time.sleep(LOOKS)
    with proxy.rules.add(faults.drop_reply(), text="schema_version"), contextlib.ExitStack() as rules:
        began = time.monotonic()
        if answered:
            caller.send(request_for(0, SHORT))
        else:
            lost = rules.enter_context(proxy.rules.add(faults.drop_reply(), text=table))
            with pytest.raises(errors.OperationTimedOutError, match=rf"no answer within {SHORT:g} s") as raised:
                caller.send(request_for(0, SHORT))
            assert (lost.hits, raised.value.outcome, raised.value.timeout) == (1, "unknown", SHORT)
        assert time.monotonic() - began < SHORT + SLACK


def test_what_is_asked_to_read_rows_takes_of_their_time(
    caller: Any, proxy: FaultProxy, ask: Ask, cql_module_keyspace: str
) -> None:
    table = f"{cql_module_keyspace}.collections"
    ask(f"CREATE TABLE IF NOT EXISTS {table} (id int PRIMARY KEY, tags set<text>, sizes frozen<list<int>>)")
    ask(f"INSERT INTO {table} (id, sizes) VALUES (1, [])")
    time.sleep(LOOKS)
    with (
        proxy.rules.add(faults.drop_reply(), text="schema_version"),
        proxy.rules.add(faults.drop_reply(), text="system_schema"),
    ):
        began = time.monotonic()
        reply = caller.send(Request(statement_of(f"SELECT id, sizes, tags FROM {table}"), timeout=SHORT))
        assert time.monotonic() - began < SHORT + SLACK
    assert reply.rows == [(1, [], None)]
