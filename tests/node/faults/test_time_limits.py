"""A request's time limit holds for all of its attempts together, with the pauses between them."""

from __future__ import annotations

import contextlib
import threading
import time
from importlib import import_module
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
    Connect = Callable[..., Any]

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter, pytest.mark.usefixtures("calm")]

LIMIT, SHORT, SLACK = 1.0, 0.4, 0.25
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


def test_a_limit_holds_while_a_node_goes_away(proxy: FaultProxy, connect: Connect, table: str) -> None:
    driver = connect()
    statement = Statement(f"SELECT note FROM {table} WHERE id = ?", StatementKind.SELECT, idempotent=True)
    driver.send(Request(statement, [0]))
    slowest = [0.0]

    def ask_again(until: float) -> None:
        while (began := time.monotonic()) < until:
            with contextlib.suppress(errors.CoodieError):
                driver.send(Request(statement, [0], timeout=SHORT))
            slowest.append(time.monotonic() - began)
            time.sleep(0.002)

    asking = [threading.Thread(target=ask_again, args=(time.monotonic() + 1.2,)) for _ in range(3)]
    for thread in asking:
        thread.start()
    time.sleep(0.1)
    proxy.refuse_connections()
    proxy.cut_connections()
    for thread in asking:
        thread.join()
    proxy.accept_connections()
    driver.close(timeout=0)
    assert max(slowest) < SHORT + SLACK


def test_a_limit_holds_while_connections_are_being_closed(
    proxy: FaultProxy, connect: Connect, table: str, driver_type: str
) -> None:
    """The library waits 2 s for a node whose connections are closed, if it has not been told of that."""
    if driver_type not in {"scylla", "cassandra"}:
        pytest.skip("the class is of the libraries that are imported as `cassandra`")
    cluster, policies = import_module("cassandra.cluster"), import_module("cassandra.policies")
    base = cluster.Cluster.connection_class

    def close(connection: Any) -> None:
        base.close(connection)
        if not connection.is_control_connection:
            time.sleep(0.1)  # time goes by before anybody hears of it, as on a busy machine

    lingering = type("Lingering", (base,), {"close": close})
    told_by, asked = proxy.hosts
    alone = policies.WhiteListRoundRobinPolicy([asked])
    driver = connect(hosts=[told_by], connection_class=lingering, load_balancing_policy=alone)
    statement = Statement(f"SELECT note FROM {table} WHERE id = ?", StatementKind.SELECT, idempotent=True)
    driver.send(Request(statement, [0]))
    proxy.refuse_connections(asked)
    threading.Timer(0.1, proxy.cut_connections, [asked]).start()
    slowest, until = 0.0, time.monotonic() + 0.6
    while (began := time.monotonic()) < until:
        with contextlib.suppress(errors.CoodieError):
            driver.send(Request(statement, [0], timeout=SHORT))
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(0.02)
    proxy.accept_connections()
    driver.close(timeout=0)
    assert slowest < SHORT + SLACK
