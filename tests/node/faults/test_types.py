"""Answers with a type that the client library cannot parse: one request fails, and its connection lives on."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import errors
from coodie_drivers.testing import proxy as faults
from coodie_drivers.testing.proxy.frames import make_frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.proxy import FaultProxy, Passage

    Ask = Callable[[str], list[dict[str, object]]]

pytestmark = [pytest.mark.node, pytest.mark.adapter]

keys = count(1)

ELEMENT, NO_ELEMENT = b"(org.apache.cassandra.db.marshal.FloatType", b"(org.apache.cassandra.db.marshal.Float:ype"


@pytest.fixture(scope="module")
def table(ask: Ask, cql_module_keyspace: str, driver_type: str) -> str:
    """A table with a vector, and beside it one of counters."""
    if driver_type not in {"scylla", "cassandra"}:
        pytest.skip("this library's own parser is not at hand")
    name = f"{cql_module_keyspace}.vectors"
    ask(f"CREATE TABLE {name} (id int PRIMARY KEY, v vector<float, 2>)")
    ask(f"CREATE TABLE {name}_counters (id int PRIMARY KEY, n counter)")
    return name


def misspelling() -> faults.Action:
    """Name the type of the vector's elements so that nobody can parse it."""

    def act(passage: Passage) -> None:
        frame = passage.frame
        body = frame.body.replace(ELEMENT, NO_ELEMENT)
        passage.send_on(make_frame(frame.version, frame.flags, frame.stream, frame.opcode, body))

    return faults.Action("misspelling", "reply", act)


@pytest.mark.parametrize(
    ("opcode", "statement", "values"),
    [
        ("QUERY", "SELECT v FROM {}", []),
        ("PREPARE", "SELECT v FROM {} WHERE id = ?", [1]),
        ("PREPARE", "INSERT INTO {} (id, v) VALUES (?, ?)", [1, [0.5, 1.5]]),
    ],
    ids=["rows", "prepared rows", "markers"],
)
async def test_others_on_the_connection_are_not_disturbed(
    connect: Any, proxy: FaultProxy, table: str, opcode: str, statement: str, values: list[Any]
) -> None:
    driver, cql = connect(), statement.format(table)
    increment, key = f"UPDATE {table}_counters SET n = n + 1 WHERE id = ?", next(keys)
    await driver.execute_async(increment, [key])
    with proxy.rules.add(misspelling(), text=cql, opcode=opcode) as rule:
        others = [asyncio.create_task(driver.execute_async(increment, [key])) for _ in range(100)]
        with pytest.raises(errors.DriverError, match=r"does not know the type .*Float:ype") as caught:
            await driver.execute_async(cql, values)
        await asyncio.gather(*others)
    assert (caught.value.outcome, rule.hits > 0) == ("not_applied", True)
    assert await driver.execute_async(f"SELECT n FROM {table}_counters WHERE id = ?", [key]) == [{"n": 101}]
