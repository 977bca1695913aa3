"""Pages that are empty, short, or cut off: every way of reading them gives each row once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import Request, errors, statement_of
from coodie_drivers.testing import proxy as faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.proxy import FaultProxy

    Ask = Callable[[str], list[dict[str, object]]]

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter, pytest.mark.usefixtures("calm")]

ROWS, READERS = 100, 200


@pytest.fixture(scope="module")
def table(ask: Ask, cql_module_keyspace: str) -> str:
    """A table of two partitions of rows."""
    name = f"{cql_module_keyspace}.rows"
    ask(f"CREATE TABLE {name} (part int, row int, PRIMARY KEY (part, row))")
    for row in range(ROWS):
        ask(f"INSERT INTO {name} (part, row) VALUES (1, {row})")
        ask(f"INSERT INTO {name} (part, row) VALUES (2, {1_000 + row})")
    return name


def at_once(caller: Any, cql: str, values: list[Any], _: int) -> list[int]:
    """All pages by one call."""
    return [row["row"] for row in caller.execute(cql, values)]


def page_by_page(caller: Any, cql: str, values: list[Any], size: int) -> list[int]:
    """One page for each call of `execute`."""
    found: list[int] = []
    state: bytes | None = None
    while True:
        page = caller.execute(cql, values, None, None, size, state)
        found += [row["row"] for row in page]
        state = page.paging_state
        if state is None:
            return found


def by_requests(caller: Any, cql: str, values: list[Any], size: int) -> list[int]:
    """One page for each request."""
    found: list[int] = []
    statement, state = statement_of(cql), None
    while True:
        reply = caller.send(Request(statement, values, fetch_size=size, paging_state=state))
        found += [row[0] for row in reply.rows]
        state = reply.paging_state
        if state is None:
            return found


WAYS = [at_once, page_by_page, by_requests]
PAGES = {
    "first is empty": [(faults.empty_page(), faults.nth(1))],
    "many are empty": [(faults.empty_page(), faults.nth(1, 2, 4, 7))],
    "short": [(faults.short_page(3), faults.always())],
    "empty and short": [(faults.empty_page(), faults.nth(1, 3, 5)), (faults.short_page(7), faults.always())],
    "last is empty": [(faults.short_page(ROWS - 1), faults.nth(1)), (faults.empty_page(), faults.nth(1))],
}


@pytest.mark.parametrize("bound", [True, False], ids=["bound", "as text"])
@pytest.mark.parametrize("size", [10, ROWS - 1, ROWS, ROWS + 1])
@pytest.mark.parametrize("pages", PAGES)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_each_row_comes_once(
    caller: Any, proxy: FaultProxy, table: str, way: Callable[..., list[int]], pages: str, size: int, bound: bool
) -> None:
    cql = f"SELECT row FROM {table} WHERE part = {'?' if bound else 1}"
    rules = [proxy.rules.add(action, text=cql, when=when) for action, when in PAGES[pages]]
    try:
        assert way(caller, cql, [1] if bound else [], size) == list(range(ROWS))
        assert sum(rule.hits for rule in rules) > 0
    finally:
        for rule in rules:
            rule.remove()


@pytest.mark.parametrize("number", [1, 2, 3, 5, 10])
@pytest.mark.parametrize("way", [page_by_page, by_requests], ids=lambda way: way.__name__)
def test_a_host_that_is_lost_between_pages_costs_no_row(
    breaking: Any, proxy: FaultProxy, table: str, way: Callable[..., list[int]], number: int
) -> None:
    cql = f"SELECT row FROM {table} WHERE part = ?"
    breaking.execute(cql, [2])
    with proxy.rules.add(faults.cut_after(), text=cql, when=faults.nth(number)) as rule:
        assert way(breaking, cql, [2], 10) == [1_000 + row for row in range(ROWS)]
    assert rule.hits == 1


@pytest.mark.parametrize("pages", [2_000, pytest.param(100_000, marks=pytest.mark.long)])
@pytest.mark.timeout(1_800)
async def test_pages_of_many_who_read_at_once_are_not_mixed_up(
    through: Any, proxy: FaultProxy, table: str, pages: int
) -> None:
    cql, fetched, wrong = f"SELECT row FROM {table} WHERE part = ?", 0, list[int]()

    async def read(number: int) -> None:
        nonlocal fetched
        found: list[int] = []
        state: bytes | None = None
        while True:
            page = await through.execute_async(cql, [1 + number % 2], None, None, 7 + number % 6, state)
            fetched += 1
            found += [row["row"] for row in page]
            state = page.paging_state
            if state is None:
                break
        if found != [number % 2 * 1_000 + row for row in range(ROWS)]:
            wrong.append(number)

    with proxy.rules.add(faults.delay_reply(0.01), text=cql, when=faults.sometimes(0.3, seed=5)):
        while fetched < pages:
            await asyncio.gather(*[read(number) for number in range(READERS)])
    assert wrong == []


def test_a_page_that_cannot_be_had_is_an_error_and_no_end(caller: Any, proxy: FaultProxy, table: str) -> None:
    cql = f"SELECT row FROM {table} WHERE part = ?"
    caller.execute(cql, [1])
    with (
        proxy.rules.add(faults.short_page(10), text=cql, when=faults.nth(1)),
        proxy.rules.add(faults.answer(faults.read_failure()), text=cql, when=faults.nth(2)),
        pytest.raises(errors.ReadFailureError) as raised,
    ):
        caller.execute(cql, [1])
    assert (raised.value.outcome, raised.value.retryable) == ("not_applied", False)
