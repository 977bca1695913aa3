"""Retries whose answer is there before the library has noted that they were sent: what went before still counts."""

from __future__ import annotations

import time
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import Request, Statement, errors
from coodie_drivers.testing import proxy as faults
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.proxy import FaultProxy

    Ask = Callable[[str], list[dict[str, object]]]

pytestmark = [
    pytest.mark.node,
    pytest.mark.adapter,
    pytest.mark.excepted(driver_type="acsylla", reason="the C++ driver notes no attempts that could be late"),
    pytest.mark.excepted(driver_type="rust", reason="the Rust driver notes no attempts that could be late"),
]

keys = count(1)


class LateNotes(list[Any]):
    """The hosts that were asked, as the library's thread notes them when it is held up after it has sent."""

    def append(self, host: Any) -> None:
        time.sleep(0.2 if self else 0)
        super().append(host)


def note_late(future: Any) -> None:
    future.attempted_hosts = LateNotes()


@pytest.fixture(scope="module")
def table(ask: Ask, cql_module_keyspace: str) -> str:
    """A table of rows."""
    name = f"{cql_module_keyspace}.notes"
    ask(f"CREATE TABLE {name} (id int PRIMARY KEY, note text)")
    return name


def test_a_first_attempt_that_was_applied_is_not_forgotten(
    breaking: Any, proxy: FaultProxy, ask: Ask, table: str
) -> None:
    cql, key = f"UPDATE {table} SET note = 'x' WHERE id = ?", next(keys)
    statement = Statement(cql, StatementKind.UPDATE, idempotent=True)
    breaking.send(Request(statement, [0]))
    breaking.driver.session.add_request_init_listener(note_late)
    with (
        proxy.rules.add(faults.answer(faults.server_error(), delivered=True), text=cql, when=faults.first(1)),
        proxy.rules.add(faults.answer(faults.unavailable()), text=cql, when=faults.nth(2)),
        pytest.raises(errors.DriverError) as raised,
    ):
        breaking.send(Request(statement, [key]))
    assert (raised.value.outcome, raised.value.attempts) == ("unknown", 2)
    assert ask(f"SELECT note FROM {table} WHERE id = {key}") != []
