"""A paging state that is not one: the client library does not give up the connection over it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers.errors import InvalidRequestError

if TYPE_CHECKING:
    from tests.node.conftest import Caller

pytestmark = [pytest.mark.node, pytest.mark.adapter]


@pytest.fixture(scope="module")
def table(driver: Any, cql_module_keyspace: str) -> str:
    """A table with rows."""
    name = f"{cql_module_keyspace}.pages"
    driver.execute(f"CREATE TABLE {name} (part int, row int, PRIMARY KEY (part, row))", [])
    for row in range(10):
        driver.execute(f"INSERT INTO {name} (part, row) VALUES (?, ?)", [1, row])
    return name


@pytest.mark.parametrize("spoilt", ["made up", "cut", "longer"])
def test_a_wrong_paging_state_costs_no_connection(
    caller: Caller, table: str, caplog: pytest.LogCaptureFixture, spoilt: str
) -> None:
    for stmt, params in ((f"SELECT row FROM {table} WHERE part = ?", [1]), (f"SELECT row FROM {table}", [])):
        right = caller.execute(stmt, params, None, None, 3).paging_state
        assert right is not None
        wrong = {"made up": b"junk", "cut": right[:-3], "longer": right + b"zz"}[spoilt]
        with pytest.raises(InvalidRequestError):
            caller.execute(stmt, params, None, None, 3, wrong)
    # The library logs when it gives up a connection.
    assert [record.getMessage() for record in caplog.records if record.name.startswith("cassandra")] == []
