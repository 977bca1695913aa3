"""A write is later than the one that was given up before it, as the server sees them."""

from __future__ import annotations

import asyncio
import contextlib
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import BatchRequest, Request, statement_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter]

ROWS = 150
numbers = count()


@pytest.mark.parametrize("batched", [True, False], ids=["batch", "statement"])
def test_what_was_given_up_does_not_overtake_the_next_write(
    connect: Callable[..., Any], keyspace: str, batched: bool
) -> None:
    driver, table = connect(), f"{keyspace}.given_up_{next(numbers)}"
    driver.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, a text)", [])
    insert = statement_of(f"INSERT INTO {table} (id, a) VALUES (?, ?)")
    driver.send(Request(insert, [-1, "prepared"]))

    def write(key: int, text: str) -> Coroutine[Any, Any, object]:
        values: list[object] = [key, text]
        request = BatchRequest([(insert, values)]) if batched else Request(insert, values)
        return driver.send_async(request)  # type: ignore[no-any-return]

    async def written(key: int) -> None:
        given_up = asyncio.create_task(write(key, "given up"))
        for _ in range(key % 4):
            await asyncio.sleep(0)
        given_up.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await given_up
        await driver.send_async(Request(insert, [key, "later"]))

    async def all_written() -> None:
        for key in range(ROWS):
            await written(key)
        await asyncio.sleep(0.1)

    asyncio.run(all_written())
    found = {row["id"]: row["a"] for row in driver.execute(f"SELECT id, a FROM {table}", [])}
    assert {key: text for key, text in found.items() if text == "given up"} == {}
    assert len(found) == ROWS + 1
