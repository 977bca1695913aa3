"""A request's time limit holds for all of its attempts together, with the pauses between them."""

from __future__ import annotations

import time
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import BatchRequest, Request, Statement, errors
from coodie_drivers.testing import proxy as faults
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.proxy import FaultProxy

    Ask = Callable[[str], list[dict[str, object]]]

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter, pytest.mark.usefixtures("calm")]

LIMIT, SLACK = 1.0, 0.25
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
