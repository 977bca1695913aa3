"""A paging state that is not one: it is refused to whoever gave it, and nobody else notices."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers.errors import InvalidRequestError

if TYPE_CHECKING:
    from tests.node.conftest import Caller

pytestmark = [pytest.mark.node, pytest.mark.adapter]

SENTENCE = "the paging state is not one of this query"


@pytest.fixture(scope="module")
def table(driver: Any, cql_module_keyspace: str) -> str:
    """A table with ten rows in one partition."""
    name = f"{cql_module_keyspace}.pages"
    driver.execute(f"CREATE TABLE {name} (part int, row int, PRIMARY KEY (part, row))", [])
    for row in range(10):
        driver.execute(f"INSERT INTO {name} (part, row) VALUES (?, ?)", [1, row])
    return name


@pytest.mark.parametrize("spoilt", ["made up", "cut", "longer"])
def test_what_is_no_paging_state_is_refused_in_words(
    caller: Caller, table: str, caplog: pytest.LogCaptureFixture, spoilt: str
) -> None:
    for stmt, params in ((f"SELECT row FROM {table} WHERE part = ?", [1]), (f"SELECT row FROM {table}", [])):
        first = caller.execute(stmt, params, None, None, 3)
        assert first.paging_state is not None
        wrong = {"made up": b"junk", "cut": first.paging_state[:-3], "longer": first.paging_state + b"zz"}[spoilt]
        with pytest.raises(InvalidRequestError, match=SENTENCE) as caught:
            caller.execute(stmt, params, None, None, 3, wrong)
        assert (caught.value.outcome, caught.value.retryable, caught.value.cql) == ("not_applied", False, stmt)
        second = caller.execute(stmt, params, None, None, 3, first.paging_state)
        assert [row["row"] for row in second] == [3, 4, 5]
    # The library logs when it gives up a connection.
    assert [record.getMessage() for record in caplog.records if record.name.startswith("cassandra")] == []


async def test_a_wrong_paging_state_fails_alone(driver: Any, table: str) -> None:
    stmt = f"SELECT row FROM {table} WHERE part = ?"
    for _ in range(5):
        asked = [driver.execute_async(stmt, [1]) for _ in range(20)]
        asked.insert(10, driver.execute_async(stmt, [1], None, None, 3, b"junk"))
        answers: list[Any] = await asyncio.gather(*asked, return_exceptions=True)
        assert isinstance(answers.pop(10), InvalidRequestError)
        assert [len(answer) for answer in answers] == [10] * 20
