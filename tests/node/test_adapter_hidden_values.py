"""No error of a request shows a bound value by the variables of its traceback, whichever library it comes from."""

from __future__ import annotations

import asyncio
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import CoodieError, init_coodie, unregister_driver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter]

CANARY = "a value nobody may see"
TABLE = "CREATE TABLE IF NOT EXISTS {}.hidden (k text PRIMARY KEY, v int, l text)"


@pytest.fixture(scope="module")
def hiding(cql_cluster: CqlCluster, driver_type: str) -> Iterator[Any]:
    """A driver that was opened here."""
    driver = init_coodie(hosts=cql_cluster.hosts, port=cql_cluster.port, driver_type=driver_type, name="hiding")
    yield driver
    unregister_driver("hiding")
    driver.close()


def shown_by(error: BaseException) -> list[str]:
    """The variables of frames of ours that show the value, in all errors that led to this one."""
    found, seen, left = list[str](), list[BaseException](), list[BaseException | None]([error])
    while left:
        each = left.pop()
        if each is None or each in seen:
            continue
        seen.append(each)
        left += [each.__cause__, each.__context__]
        for frame, _ in traceback.walk_tb(each.__traceback__):
            if "coodie_drivers" in frame.f_code.co_filename:
                names = frame.f_locals.items()
                found += [f"{frame.f_code.co_name}: {name}" for name, value in names if CANARY in repr(value)]
    return found


@pytest.mark.parametrize(
    ("cql", "values"),
    [
        ("INSERT INTO {}.hidden (k, v) VALUES (?, ?)", [CANARY, CANARY]),
        ("INSERT INTO {}.hidden (k, v) VALUES (?, ?)", [CANARY]),
        ("INSERT INTO {}.hidden (k, l) VALUES (?, ?)", [CANARY * 5_000, "l"]),
        ("INSERT INTO {}.hidden JSON ?", [f'{{"k": "{CANARY}", "none": 1}}']),
        ("INSERT INTO {}.not_there (k) VALUES (?)", [CANARY]),
    ],
    ids=["a wrong type", "too few", "a key too long", "wrong JSON", "no table"],
)
@pytest.mark.parametrize("way", ["blocking", "awaiting"])
def test_no_variable_of_ours_shows_a_value(
    hiding: Any, cql_module_keyspace: str, way: str, cql: str, values: list[Any]
) -> None:
    hiding.execute(TABLE.format(cql_module_keyspace), [])

    async def awaiting() -> None:
        await hiding.execute_async(cql.format(cql_module_keyspace), values)

    for _ in range(2):  # what was prepared before goes another way
        with pytest.raises(CoodieError) as raised:
            hiding.execute(cql.format(cql_module_keyspace), values) if way == "blocking" else asyncio.run(awaiting())
        assert shown_by(raised.value) == []
        assert traceback.extract_tb(raised.value.__traceback__)[-1].name != "execute"
