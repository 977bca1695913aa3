"""Reads among more deleted or expired data than a replica goes over: told apart from all other failures."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import errors

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.node, pytest.mark.adapter]

THRESHOLD = 100_000
"""`tombstone_failure_threshold` of cassandra.yaml, as it is set by default."""

PART = 5_000
"""Elements that are written at once."""


@pytest.fixture(scope="module")
def expired(driver: Any, cql_module_keyspace: str) -> str:
    """A table with a row whose elements have all expired."""
    table = f"{cql_module_keyspace}.expired"
    driver.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, numbers map<int, int>)", [])
    write = f"UPDATE {table} USING TTL 1 SET numbers = numbers + ? WHERE id = ?"
    for first in range(0, THRESHOLD + PART, PART):
        driver.execute(write, [dict.fromkeys(range(first, first + PART), 0), 1])
    time.sleep(2)  # until they have expired
    return table


def test_too_many_tombstones_are_told(driver: Any, expired: str) -> None:
    read = f"SELECT numbers FROM {expired} WHERE id = ?"
    executions: list[Callable[[], object]] = [
        lambda: driver.execute(read, [1]),
        lambda: asyncio.run(driver.execute_async(read, [1])),
    ]
    for execute in executions:
        with pytest.raises(errors.TooManyTombstonesError, match="ask for a smaller range") as caught:
            execute()
        assert isinstance(caught.value, errors.ReadFailureError)
        assert caught.value.answers.reasons == ("READ_TOO_MANY_TOMBSTONES",)
        assert (caught.value.outcome, caught.value.attempts) == ("not_applied", 1)
    assert driver.execute(read, [2]) == []
