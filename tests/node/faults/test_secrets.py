"""What an error path may say: never a bound value, never a password, in message, repr, log or traceback."""

from __future__ import annotations

import asyncio
import io
import logging
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import BatchRequest, Request, Statement, errors
from coodie_drivers.testing import proxy as faults
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from coodie_drivers.testing.proxy import Action, FaultProxy

    Ask = Callable[[str], list[dict[str, object]]]

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.usefixtures("calm")]

VALUE = "canary-of-a-value"  # not whole in the source, which tracebacks quote
PASSWORD = "canary-of-a-password"
SAID = f"the server repeats '{VALUE}'"

REPLIES = [
    faults.server_error(SAID),
    faults.overloaded(SAID),
    faults.is_bootstrapping(),
    faults.truncate_error(SAID),
    faults.unavailable(),
    faults.read_timeout(),
    faults.read_failure(),
    faults.write_timeout("SIMPLE"),
    faults.write_timeout("CAS"),
    faults.write_failure(),
    faults.cas_write_unknown(),
    faults.cdc_write_failure(SAID),
    faults.function_failure("shop", "tax"),
    faults.invalid(SAID),
    faults.syntax_error(SAID),
    faults.unauthorized(SAID),
    faults.configuration_error(SAID),
    faults.protocol_error(),
    faults.ErrorReply(0x7777, SAID),
]
BREAKS = [faults.drop_reply(), faults.cut_after(), faults.cut_before(), faults.corrupt_length(3)]


@pytest.fixture(scope="module")
def table(ask: Ask, cql_module_keyspace: str) -> str:
    """A table for what must not be told."""
    name = f"{cql_module_keyspace}.secrets"
    ask(f"CREATE TABLE {name} (id text PRIMARY KEY, note text)")
    return name


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that is logged, down to the client library's own details."""
    written = io.StringIO()
    handler, root = logging.StreamHandler(written), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.setLevel(before)
    root.removeHandler(handler)


def told_by(error: BaseException) -> str:
    """Everything that an error shows: its words, its facts, and its chain as a traceback."""
    shown = [str(error), repr(error), repr(vars(error))]
    return "".join([*shown, *traceback.format_exception(type(error), error, error.__traceback__)])


def requests(table: str) -> list[Request | BatchRequest]:
    insert = Statement(f"INSERT INTO {table} (id, note) VALUES (?, ?)", StatementKind.INSERT, idempotent=True)
    select = Statement(f"SELECT note FROM {table} WHERE id = ?", StatementKind.SELECT, idempotent=True)
    lwt = Statement(f"{insert.cql} IF NOT EXISTS", StatementKind.INSERT, idempotent=False, conditional=True)
    values = [VALUE, VALUE]
    return [
        Request(insert, values, timeout=0.5),
        Request(lwt, values, timeout=0.5),
        Request(select, [VALUE], timeout=0.5),
        BatchRequest([(insert, values), (insert, values)], timeout=0.5),
    ]


@pytest.mark.parametrize("way", ["sync", "async"])
@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: f"0x{reply.code:04X}")
def test_no_error_tells_a_value(
    connect: Callable[..., Any], proxy: FaultProxy, logged: io.StringIO, table: str, reply: Any, way: str
) -> None:
    driver = connect()
    checked(driver, proxy, logged, table, faults.answer(reply), way)
    driver.close(timeout=0)


@pytest.mark.parametrize("way", ["sync", "async"])
@pytest.mark.parametrize("action", BREAKS, ids=lambda action: action.name)
def test_no_broken_connection_tells_a_value(
    connect: Callable[..., Any], proxy: FaultProxy, logged: io.StringIO, table: str, action: Action, way: str
) -> None:
    driver = connect()
    checked(driver, proxy, logged, table, action, way)
    driver.close(timeout=0)


def checked(driver: Any, proxy: FaultProxy, logged: io.StringIO, table: str, action: Action, way: str) -> None:
    def send(request: Request | BatchRequest) -> None:
        if way == "sync":
            driver.send(request)
        else:
            asyncio.run(driver.send_async(request))

    for request in requests(table):
        with proxy.rules.add(action, text=table), pytest.raises(errors.CoodieError) as raised:
            send(request)
        assert VALUE not in told_by(raised.value)
    assert VALUE not in logged.getvalue()


@pytest.mark.parametrize(
    "fault",
    [
        (faults.answer(faults.bad_credentials()), "STARTUP"),
        (faults.answer(faults.server_error()), "STARTUP"),
        (faults.cut_after(), "STARTUP"),
        (faults.cut_before(), "OPTIONS"),
    ],
    ids=lambda fault: f"{fault[0].name} {fault[1]}",
)
def test_no_failed_connection_tells_a_password(
    connect: Callable[..., Any], proxy: FaultProxy, logged: io.StringIO, fault: tuple[Action, str]
) -> None:
    action, opcode = fault
    with proxy.rules.add(action, opcode=opcode), pytest.raises(errors.ClusterUnavailableError) as raised:
        connect(username="somebody", password=PASSWORD, connect_timeout=2.0, lazy=False)
    assert raised.value.outcome == "not_applied"
    assert PASSWORD not in told_by(raised.value)
    assert PASSWORD not in logged.getvalue()
