"""Why a statement that writes a whole list is never repeated: what the server makes of one that comes twice."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import BatchRequest, statement_of

if TYPE_CHECKING:
    from tests.node.conftest import Caller

pytestmark = [pytest.mark.node, pytest.mark.adapter]

numbers = count(1)


@pytest.fixture(scope="module")
def table(driver: Any, cql_module_keyspace: str) -> str:
    """A table with a list, a set and a frozen list."""
    name = f"{cql_module_keyspace}.listed"
    driver.execute(f"CREATE TABLE {name} (id int PRIMARY KEY, l list<int>, s set<int>, f frozen<list<int>>)", [])
    return name


@pytest.mark.parametrize("way", ["insert", "update", "batch"])
def test_a_list_that_is_written_twice_at_one_timestamp_holds_its_elements_twice(
    caller: Caller, table: str, way: str
) -> None:
    key = next(numbers)
    for _ in range(2):
        if way == "insert":
            stmt = f"INSERT INTO {table} (id, l, s, f) VALUES (?, ?, ?, ?) USING TIMESTAMP ?"
            caller.execute(stmt, [key, [1, 2], {1, 2}, [1, 2], 5_000])
        elif way == "update":
            stmt = f"UPDATE {table} USING TIMESTAMP ? SET l = ?, s = ?, f = ? WHERE id = ?"
            caller.execute(stmt, [5_000, [1, 2], {1, 2}, [1, 2], key])
        else:
            part = statement_of(f"INSERT INTO {table} (id, l, s, f) VALUES (?, ?, ?, ?)")
            caller.send(BatchRequest([(part, (key, [1, 2], {1, 2}, [1, 2]))], timestamp=5_000))
    (row,) = caller.execute(f"SELECT l, s, f FROM {table} WHERE id = ?", [key])
    assert row == {"l": [1, 2, 1, 2], "s": {1, 2}, "f": [1, 2]}


def test_a_list_that_is_written_again_later_is_replaced(caller: Caller, table: str) -> None:
    key = next(numbers)
    for _ in range(2):
        caller.execute(f"UPDATE {table} SET l = ? WHERE id = ?", [[1, 2], key])
    assert caller.execute(f"SELECT l FROM {table} WHERE id = ?", [key]) == [{"l": [1, 2]}]
