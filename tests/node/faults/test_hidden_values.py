"""No error of a request that was sent again shows a bound value by the variables of its traceback."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest
from tests.node.variables import variables_with

from coodie_drivers import BatchRequest, Request, Statement, errors
from coodie_drivers.testing import proxy as faults
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.proxy import FaultProxy

    Ask = Callable[[str], list[dict[str, object]]]

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter, pytest.mark.usefixtures("calm")]

VALUE = "a value nobody may see"
SAID = f"the server repeats '{VALUE}'"

FAILURES = {
    "turned away again and again": [faults.overloaded(SAID)] * 8,
    "forgotten, then turned away": [faults.unprepared(), *[faults.overloaded(SAID)] * 8],
    "too late, then refused": [faults.read_timeout(), faults.invalid(SAID)],
    "refused": [faults.invalid(SAID)],
}
"""What a node answers to one attempt after the other."""


@pytest.fixture(scope="module")
def table(ask: Ask, cql_module_keyspace: str) -> str:
    """A table for what must not be shown."""
    name = f"{cql_module_keyspace}.hidden"
    ask(f"CREATE TABLE {name} (id text PRIMARY KEY, note text)")
    return name


def asked(table: str) -> dict[str, Request | BatchRequest]:
    insert = Statement(f"INSERT INTO {table} (id, note) VALUES (?, ?)", StatementKind.INSERT, idempotent=True)
    select = Statement(f"SELECT note FROM {table} WHERE id = ?", StatementKind.SELECT, idempotent=True)
    values = [VALUE, VALUE]
    return {
        "write": Request(insert, values),
        "write with a limit": Request(insert, values, timeout=5),
        "read": Request(select, [VALUE]),
        "batch": BatchRequest([(insert, values), (insert, values)]),
        "batch with a timestamp": BatchRequest([(insert, values), (insert, values)], timestamp=1),
    }


@pytest.mark.parametrize("kind", asked(""))
@pytest.mark.parametrize("answers", FAILURES.values(), ids=FAILURES)
def test_no_variable_shows_a_value_of_a_request_that_was_sent_again(
    caller: Any, proxy: FaultProxy, table: str, kind: str, answers: list[faults.ErrorReply]
) -> None:
    request = asked(table)[kind]
    for _ in range(2):  # what was prepared before goes another way
        caller.send(request)
    with contextlib.ExitStack() as stack:
        for reply in answers:  # each the next one, for the first rule that acts is the only one that counts a message
            stack.enter_context(proxy.rules.add(faults.answer(reply), text=table, when=faults.nth(1)))
        with pytest.raises(errors.CoodieError) as raised:
            caller.send(request)
    assert variables_with(VALUE, raised.value) == []
    caller.send(request)
