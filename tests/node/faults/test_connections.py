"""Replies that are lost, late, damaged, or cut off with their connection: what is told, and what the tables say."""

from __future__ import annotations

import asyncio
import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import Request, Statement, errors, init_coodie, unregister_driver
from coodie_drivers.testing import FaultProxy
from coodie_drivers.testing import proxy as faults
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from coodie_drivers.testing.proxy import Action
    from coodie_drivers.testing.sources import CqlCluster

    Ask = Callable[[str], list[dict[str, object]]]

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter]

SOON, LONG = 0.3, 30.0
AGAIN = 0.5
"""Seconds after which a connection is there again: the client libraries' own pauses are a second or two."""

keys = count(1)


@pytest.fixture(scope="module")
def table(ask: Ask, cql_module_keyspace: str) -> str:
    """A table of rows, and beside it one of counters."""
    name = f"{cql_module_keyspace}.events"
    ask(f"CREATE TABLE {name} (id int PRIMARY KEY, note text, tags list<text>)")
    ask(f"CREATE TABLE {name}_counters (id int PRIMARY KEY, n counter)")
    return name


def statements(table: str) -> dict[str, Statement]:
    update = StatementKind.UPDATE
    return {
        "plain": Statement(f"UPDATE {table} SET note = 'x' WHERE id = ?", update, idempotent=True),
        "counter": Statement(f"UPDATE {table}_counters SET n = n + 1 WHERE id = ?", update, idempotent=False),
        "append": Statement(f"UPDATE {table} SET tags = tags + ['x'] WHERE id = ?", update, idempotent=False),
        "lwt": Statement(
            f"UPDATE {table} SET note = 'x' WHERE id = ? IF note = null", update, idempotent=False, conditional=True
        ),
    }


def applied(ask: Ask, table: str, shape: str, key: int) -> int:
    """How often the statement was applied; what leaves the same when repeated counts once."""
    if shape == "counter":
        return sum(int.from_bytes(bytes(row["n"]), "big") if isinstance(row["n"], bytes) else int(str(row["n"]))
                   for row in ask(f"SELECT n FROM {table}_counters WHERE id = {key}"))  # fmt: skip
    column = "tags" if shape == "append" else "note"
    (found,) = [row[column] for row in ask(f"SELECT {column} FROM {table} WHERE id = {key}")] or [None]
    if found is None:
        return 0
    return int.from_bytes(bytes(found)[:4], "big") if isinstance(found, bytes) else 1


def prepared(caller: Any, statement: Statement) -> None:
    """Have the statement prepared, so that a short time is about its execution alone."""
    caller.send(Request(statement, [0]))


@pytest.mark.parametrize("shape", ["plain", "counter", "append", "lwt"])
@pytest.mark.parametrize("action", [faults.cut_before(), faults.cut_after()], ids=lambda each: each.name)
def test_a_connection_that_breaks(
    breaking: Any, proxy: FaultProxy, ask: Ask, table: str, action: Action, shape: str
) -> None:
    key, statement = next(keys), statements(table)[shape]
    prepared(breaking, statement)
    with proxy.rules.add(action, text=statement.cql, when=faults.first(1)) as rule:
        if shape == "plain":
            assert breaking.send(Request(statement, [key])).attempts == 2
        else:
            with pytest.raises(errors.DriverError) as raised:
                breaking.send(Request(statement, [key]))
            assert (raised.value.outcome, raised.value.retryable, raised.value.attempts) == ("unknown", False, 1)
    assert rule.seen == (2 if shape == "plain" else 1)
    assert applied(ask, table, shape, key) == (0 if action.name == "cut_before" and shape != "plain" else 1)


@pytest.mark.parametrize("shape", ["plain", "counter"])
def test_connections_that_all_break(breaking: Any, proxy: FaultProxy, ask: Ask, table: str, shape: str) -> None:
    key, statement = next(keys), statements(table)[shape]
    prepared(breaking, statement)
    with proxy.rules.add(faults.cut_after(), text=statement.cql) as rule, pytest.raises(errors.DriverError) as raised:
        breaking.send(Request(statement, [key]))
    assert raised.value.outcome == "unknown"
    assert raised.value.retryable == (shape == "plain")
    assert raised.value.attempts == rule.hits == (2 if shape == "plain" else 1)
    assert applied(ask, table, shape, key) == 1


@pytest.mark.parametrize("shape", ["plain", "counter", "append", "lwt"])
@pytest.mark.parametrize("action", [faults.drop_request(), faults.drop_reply()], ids=lambda each: each.name)
def test_no_answer_in_time(
    caller: Any, proxy: FaultProxy, calm: None, ask: Ask, table: str, action: Action, shape: str
) -> None:
    key, statement = next(keys), statements(table)[shape]
    prepared(caller, statement)
    with proxy.rules.add(action, text=statement.cql) as rule:
        with pytest.raises(errors.OperationTimedOutError, match=r"no answer within 0\.3 s") as raised:
            caller.send(Request(statement, [key], timeout=SOON))
        rule.wait()
    error = raised.value
    assert (error.outcome, error.retryable, error.attempts) == ("unknown", shape == "plain", 1)
    assert (error.statement_kind, error.timeout) == (StatementKind.UPDATE, SOON)
    assert (rule.seen, applied(ask, table, shape, key)) == (1, 0 if action.name == "drop_request" else 1)


async def test_a_late_reply_answers_nobody_else(through: Any, proxy: FaultProxy, calm: None, table: str) -> None:
    for number in range(50):
        await through.execute_async(f"INSERT INTO {table} (id, note) VALUES (?, ?)", [1_000 + number, f"note {number}"])
    select = f"SELECT id, note FROM {table} WHERE id = ?"
    await through.execute_async(select, [1_000])

    async def asked(number: int, timeout: float | None) -> bool:
        """Whether it was answered, and then rightly."""
        try:
            rows = await through.execute_async(select, [1_000 + number % 50], None, timeout)
        except errors.OperationTimedOutError:
            return False
        assert rows == [{"id": 1_000 + number % 50, "note": f"note {number % 50}"}]
        return True

    with proxy.rules.add(faults.delay_reply(0.4), text=select, when=faults.every(2)) as rule:
        answered = await asyncio.gather(*[asked(number, 0.2) for number in range(400)])
        assert not all(answered)
        # While the late replies come in, others are asked for.
        until = time.monotonic() + 0.6
        while time.monotonic() < until:
            assert all(await asyncio.gather(*[asked(number, LONG) for number in range(50)]))
    assert rule.hits >= 200


@pytest.mark.parametrize("length", [0x7FFFFFFF, 0x10000000, 3])
def test_a_reply_of_another_length_than_it_tells(
    breaking: Any, proxy: FaultProxy, ask: Ask, table: str, length: int
) -> None:
    key, statement = next(keys), statements(table)["counter"]
    prepared(breaking, statement)
    action = faults.corrupt_length(length)
    with (
        proxy.rules.add(action, text=statement.cql, when=faults.first(1)) as rule,
        pytest.raises(errors.DriverError) as raised,
    ):
        breaking.send(Request(statement, [key], timeout=1.0))
    assert (raised.value.outcome, raised.value.retryable, raised.value.attempts) == ("unknown", False, 1)
    assert (rule.seen, applied(ask, table, "counter", key)) == (1, 1)


def test_a_driver_that_closes_between_two_attempts_does_not_undo_the_first(
    connect: Callable[..., Any], proxy: FaultProxy, calm: None, ask: Ask, table: str
) -> None:
    key, driver = next(keys), connect()
    cql = f"UPDATE {table} SET note = 'x' WHERE id IN (?, ?)"
    statement = Statement(cql, StatementKind.UPDATE, idempotent=True)
    driver.send(Request(statement, [0, 0]))
    with (
        ThreadPoolExecutor(1) as threads,
        proxy.rules.add(faults.answer(faults.overloaded(), delivered=True), text=cql) as rule,
    ):
        sending = threads.submit(driver.send, Request(statement, [key, 0]))
        rule.wait()
        driver.close(timeout=0)
        error: Any = sending.exception(LONG)
    assert isinstance(error, errors.CoodieError)
    assert error.outcome == "unknown"
    assert applied(ask, table, "plain", key) == 1


def test_a_cluster_of_one_node_answers_soon_after_a_connection_broke(
    cql_cluster: CqlCluster, driver_type: str, table: str
) -> None:
    counter = statements(table)["counter"]
    with FaultProxy(cql_cluster) as proxy, connected_to(proxy, driver_type) as driver:
        driver.send(Request(counter, [0]))
        found: list[float] = []
        while len(found) < 4 and (not found or min(found) > AGAIN):  # on a busy machine anything may take a while
            with proxy.rules.add(faults.cut_after(), text=table), pytest.raises(errors.DriverError):
                driver.send(Request(counter, [next(keys)], timeout=2.0))
            began = time.monotonic()
            while True:
                try:
                    driver.send(Request(counter, [next(keys)], timeout=2.0))
                    break
                except errors.DriverError:
                    assert time.monotonic() - began < 10
                    time.sleep(0.01)
            found.append(time.monotonic() - began)
        assert min(found) <= AGAIN


@contextlib.contextmanager
def connected_to(proxy: FaultProxy, driver_type: str) -> Generator[Any, None, None]:
    """A driver by one proxy alone, and not by the two of the other tests."""
    name = f"one-{next(keys)}"
    driver: Any = init_coodie(hosts=proxy.hosts, port=proxy.port, name=name, driver_type=driver_type)
    try:
        yield driver
    finally:
        unregister_driver(name)
        driver.close(timeout=0)
