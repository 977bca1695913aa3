"""A table that is altered while prepared statements read it: each row has the values of the columns it says it has."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.node.conftest import Caller

pytestmark = [pytest.mark.node, pytest.mark.adapter]

ADDED: dict[str, tuple[str, Any]] = {
    "a": ("text", "seven"),  # before the others, by name, and so in the row
    "d": ("list<int>", [7]),
    "b": ("uuid", None),
    "c": ("double", 7.5),
}


def test_a_change_of_the_columns_shows_in_the_next_answer(caller: Caller, keyspace: str) -> None:
    table = f"{keyspace}.altered_{type(caller).__name__.lower()}"
    caller.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, n int)", [])
    caller.execute(f"INSERT INTO {table} (id, n) VALUES (?, ?)", [1, 2])
    every, some = f"SELECT * FROM {table} WHERE id = ?", f"SELECT n, id FROM {table} WHERE id = ?"
    expected: dict[str, Any] = {"id": 1, "n": 2}
    for change in ("ADD", "DROP"):
        for name, (cql_type, value) in ADDED.items():
            if change == "ADD":
                caller.execute(f"ALTER TABLE {table} ADD {name} {cql_type}", [])
                caller.execute(f"INSERT INTO {table} (id, {name}) VALUES (?, ?)", [1, value])
                expected[name] = value
            else:
                caller.execute(f"ALTER TABLE {table} DROP {name}", [])
                del expected[name]
            for _ in range(3):
                assert caller.execute(every, [1]) == [expected]
                assert caller.execute(some, [1]) == [{"n": 2, "id": 1}]


async def test_no_reader_sees_a_wrong_value_while_columns_come_and_go(driver: Any, keyspace: str) -> None:
    table = f"{keyspace}.altered_under_load"
    await driver.execute_async(f"CREATE TABLE {table} (id int PRIMARY KEY, n int)", [])
    await driver.execute_async(f"INSERT INTO {table} (id, n) VALUES (?, ?)", [1, 2])
    allowed: dict[str, Any] = {"id": 1, "n": 2, **{name: (value, None) for name, (_, value) in ADDED.items()}}
    altered = asyncio.Event()
    read = 0

    async def reader() -> None:
        nonlocal read
        while not altered.is_set():
            (row,) = await driver.execute_async(f"SELECT * FROM {table} WHERE id = ?", [1])
            read += 1
            assert (row.pop("id"), row.pop("n")) == (1, 2)
            assert all(value in allowed[name] for name, value in row.items())

    readers = [asyncio.create_task(reader()) for _ in range(8)]
    try:
        for name, (cql_type, value) in ADDED.items():
            await driver.execute_async(f"ALTER TABLE {table} ADD {name} {cql_type}", [])
            await driver.execute_async(f"INSERT INTO {table} (id, {name}) VALUES (?, ?)", [1, value])
            await asyncio.sleep(0.05)
            await driver.execute_async(f"ALTER TABLE {table} DROP {name}", [])
    finally:
        altered.set()
    await asyncio.gather(*readers)
    assert read > len(readers)
