"""Late and lost answers to PREPARE: they hold up nobody who asks later, and no batch for longer than it may be."""

from __future__ import annotations

import asyncio
import time
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import BatchRequest, Request, errors, statement_of
from coodie_drivers.testing import proxy as faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers import Reply
    from coodie_drivers.testing.proxy import FaultProxy

    Ask = Callable[[str], list[dict[str, object]]]

pytestmark = [
    pytest.mark.node,
    pytest.mark.adapter,
    pytest.mark.every_adapter,
    pytest.mark.usefixtures("calm", "schema_stands_still"),
]

SHORT, LONG = 0.5, 5.0
"""Seconds that a request may take; an adapter waits 10 for the answer to a PREPARE."""

SLACK = 0.3

texts = count(1)


@pytest.fixture(scope="module")
def table(ask: Ask, cql_module_keyspace: str) -> str:
    """A table of rows."""
    name = f"{cql_module_keyspace}.rows"
    ask(f"CREATE TABLE {name} (id int PRIMARY KEY, n int, tags set<text>)")
    ask(f"INSERT INTO {name} (id, n, tags) VALUES (1, 1, {{'new'}})")
    return name


def read(table: str, timeout: float) -> Request:
    """A statement whose text was never prepared before."""
    return Request(statement_of(f"SELECT n AS n{next(texts)} FROM {table} WHERE id = ?"), [1], timeout=timeout)


def batch(table: str, parts: int, timeout: float | None) -> BatchRequest:
    """Statements whose texts were never prepared before."""
    cql = [f"UPDATE {table} SET n = ? WHERE id = ? /* {next(texts)} */" for _ in range(parts)]
    return BatchRequest([(statement_of(each), [1, 1]) for each in cql], timeout=timeout)


def again(request: Request, timeout: float) -> Request:
    """The same statement with another time limit."""
    return Request(request.statement, request.params, timeout=timeout)


def test_a_text_whose_answer_was_lost_is_prepared_anew_for_who_asks_next(
    caller: Any, proxy: FaultProxy, table: str
) -> None:
    request = read(table, SHORT)
    with proxy.rules.add(faults.drop_reply(), opcode="PREPARE", text=request.statement.cql) as lost:
        with pytest.raises(errors.OperationTimedOutError) as raised:
            caller.send(request)
        assert lost.hits > 0
    assert (raised.value.outcome, raised.value.attempts, raised.value.retryable) == ("not_applied", 0, True)
    proxy.traffic.clear()
    assert caller.send(again(request, LONG)).rows == [(1,)]
    assert 0 < len(proxy.traffic.requests("PREPARE", request.statement.cql)) <= len(proxy.hosts)


async def test_who_goes_on_waiting_gets_what_another_had_prepared_anew(
    through: Any, proxy: FaultProxy, table: str
) -> None:
    request = read(table, SHORT)
    with proxy.rules.add(faults.drop_reply(), opcode="PREPARE", text=request.statement.cql):
        patient = asyncio.create_task(through.send_async(again(request, LONG)))
        await asyncio.sleep(0)
        with pytest.raises(errors.OperationTimedOutError):
            await through.send_async(request)
    replies: list[Reply] = [await through.send_async(again(request, LONG)), await patient]
    assert [reply.rows for reply in replies] == [[(1,)]] * 2


async def test_an_answer_that_comes_late_is_of_use(through: Any, proxy: FaultProxy, table: str) -> None:
    request = read(table, SHORT)
    with proxy.rules.add(faults.delay_reply(3 * SHORT), opcode="PREPARE", text=request.statement.cql):
        for _ in range(10):
            try:
                reply = await through.send_async(request)
            except errors.OperationTimedOutError:
                continue
            assert reply.rows == [(1,)]
            return
    pytest.fail("it was never answered")


def test_texts_whose_answers_were_lost_hold_up_no_others(
    through: Any, caller: Any, proxy: FaultProxy, table: str
) -> None:
    requests = [read(table, SHORT) for _ in range(8)]

    async def ask_all() -> list[object]:
        told: list[object] = await asyncio.gather(*map(through.send_async, requests), return_exceptions=True)
        return told

    with proxy.rules.add(faults.drop_reply(), opcode="PREPARE", text=table):
        told = asyncio.run(ask_all())
    assert {type(each) for each in told} == {errors.OperationTimedOutError}
    assert caller.send(read(table, LONG)).rows == [(1,)]


def test_what_is_asked_to_read_rows_leaves_time_for_the_statement(caller: Any, proxy: FaultProxy, table: str) -> None:
    statement = statement_of(f"SELECT id AS id{next(texts)}, tags FROM {table} WHERE id = ?")
    with proxy.rules.add(faults.drop_reply(), text="system_schema"):
        reply: Reply = caller.send(Request(statement, [1], timeout=SHORT))
    assert [(key, {*tags}) for key, tags in reply.rows] == [(1, {"new"})]


def test_what_is_asked_to_read_rows_leaves_time_where_all_requests_have_little(
    connect: Callable[..., Any], proxy: FaultProxy, table: str
) -> None:
    driver = connect(request_timeout=SHORT)
    statement = statement_of(f"SELECT id AS id{next(texts)}, tags FROM {table} WHERE id = ?")
    with proxy.rules.add(faults.drop_reply(), text="system_schema"):
        reply: Reply = asyncio.run(driver.send_async(Request(statement, [1])))
    assert [(key, {*tags}) for key, tags in reply.rows] == [(1, {"new"})]


@pytest.mark.parametrize("limit", [None, LONG])
def test_the_texts_of_a_batch_are_prepared_side_by_side(
    caller: Any, proxy: FaultProxy, table: str, limit: float | None
) -> None:
    began = time.monotonic()
    with proxy.rules.add(faults.delay_reply(SHORT), opcode="PREPARE", text=table) as slow:
        caller.send(batch(table, 8, limit))
    assert slow.hits >= 8
    assert time.monotonic() - began < 8 * SHORT


def test_all_texts_of_a_batch_together_have_its_limit_to_be_prepared(
    caller: Any, proxy: FaultProxy, table: str
) -> None:
    began = time.monotonic()
    with (
        proxy.rules.add(faults.delay_reply(SHORT / 2), opcode="PREPARE", text=table),
        pytest.raises(errors.OperationTimedOutError, match=rf"no answer within {SHORT:g} s") as raised,
    ):
        caller.send(batch(table, 40, SHORT))
    assert time.monotonic() - began < SHORT + SLACK
    assert (raised.value.outcome, raised.value.attempts) == ("not_applied", 0)
