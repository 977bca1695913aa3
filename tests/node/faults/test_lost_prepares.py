"""Late and lost answers to PREPARE: they hold up nobody who asks later."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import Request, errors, statement_of
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
