"""The fault proxy before a real node, as acsylla and scylladb-rs-driver meet it: it works with every client library."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from coodie_drivers.testing import proxy as faults
from coodie_drivers.testing.probe import Probe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from coodie_drivers.testing import CqlCluster, FaultProxy

pytestmark = pytest.mark.node

Row = dict[str, object]

KEPT: list[object] = []
"""Sessions of acsylla: it never closes the sockets by which it wakes the loop, and these complain when they go."""


class Client(Protocol):
    """What these tests need of a client library: one statement, prepared and executed."""

    async def run(self, cql: str, *values: str) -> list[Row]: ...

    async def pages(self, cql: str, size: int) -> list[list[Row]]: ...

    async def close(self) -> None: ...


class Acsylla:
    def __init__(self, session: Any) -> None:
        self._session = session

    @classmethod
    async def connected(cls, proxy: FaultProxy) -> Acsylla:
        library: Any = pytest.importorskip("acsylla", reason="needs acsylla")
        cluster = library.create_cluster(
            proxy.hosts, port=proxy.port, request_timeout=1.0, retry_policy="fallthrough", log_level="disabled"
        )
        session = await cluster.create_session()
        KEPT.extend([cluster, session, asyncio.get_running_loop()])
        return cls(session)

    async def run(self, cql: str, *values: str) -> list[Row]:
        statement = (await self._session.create_prepared(cql)).bind()
        for at, value in enumerate(values):
            statement.bind(at, value)
        return [row.as_dict() for row in await self._session.execute(statement)]

    async def pages(self, cql: str, size: int) -> list[list[Row]]:
        prepared = await self._session.create_prepared(cql)
        found: list[list[Row]] = []
        state: bytes | None = None
        while True:
            statement = prepared.bind(page_size=size, page_state=state)
            result = await self._session.execute(statement)
            found.append([row.as_dict() for row in result])
            if not result.has_more_pages():
                return found
            state = result.page_state()

    async def close(self) -> None:
        await self._session.close()


class Rust:
    def __init__(self, session: Any) -> None:
        self._session = session

    @classmethod
    async def connected(cls, proxy: FaultProxy) -> Rust:
        builders: Any = pytest.importorskip("scylla.session_builder", reason="needs scylladb-rs-driver")
        points = [(host, proxy.port) for host in proxy.hosts]
        return cls(await builders.SessionBuilder().contact_points(points).connect())

    async def run(self, cql: str, *values: str) -> list[Row]:
        statement = (await self._session.prepare(cql)).with_request_timeout(1.0)
        rows: list[Row] = await (await self._session.execute(statement, list(values))).all()
        return rows

    async def pages(self, cql: str, size: int) -> list[list[Row]]:
        statement = (await self._session.prepare(cql)).with_page_size(size)
        result = await self._session.execute(statement, [])
        found: list[list[Row]] = []
        while result is not None:
            found.append(list(result.iter_current_page()))
            result = await result.fetch_next_page()
        return found

    async def close(self) -> None:
        """There is nothing to close: a session ends when nothing refers to it."""


@pytest.fixture(params=[Acsylla, Rust])
async def client(cql_proxy: FaultProxy, request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    connected = await request.param.connected(cql_proxy)
    yield connected
    cql_proxy.rules.clear()
    await connected.close()


@pytest.fixture(scope="module")
def table(cql_cluster: CqlCluster, cql_module_keyspace: str) -> str:
    """A table of rows, and beside it one of counters with the same name and `_counters`."""
    name = f"{cql_module_keyspace}.events"
    with Probe(cql_cluster.hosts[0], cql_cluster.port) as probe:
        probe.execute(f"CREATE TABLE {name} (place text, id int, PRIMARY KEY (place, id))")
        probe.execute(f"CREATE TABLE {name}_counters (id text PRIMARY KEY, seen counter)")
        for number in range(7):
            probe.execute(f"INSERT INTO {name} (place, id) VALUES ('pages', {number})")
        probe.agree()
    return name


@pytest.fixture
def ask(cql_cluster: CqlCluster) -> Callable[[str], list[Row]]:
    """Ask the node itself."""

    def asked(cql: str) -> list[Row]:
        with Probe(cql_cluster.hosts[0], cql_cluster.port) as probe:
            return probe.rows(cql)

    return asked


@pytest.mark.parametrize(
    ("action", "applied"),
    [
        (faults.drop_request(), False),
        (faults.drop_reply(), True),
        (faults.cut_before(), False),
        (faults.cut_after(), True),
        (faults.answer(faults.write_timeout("COUNTER")), False),
        (faults.answer(faults.write_timeout("COUNTER"), delivered=True), True),
        (faults.corrupt_length(), True),
    ],
    ids=lambda value: getattr(value, "name", None),
)
async def test_a_write_is_applied_or_not_as_the_fault_says(
    client: Client,
    cql_proxy: FaultProxy,
    table: str,
    ask: Callable[[str], list[Row]],
    action: faults.Action,
    applied: bool,
) -> None:
    key = f"{type(client).__name__} {action.name} {applied}"
    count = f"UPDATE {table}_counters SET seen = seen + 1 WHERE id = ?"
    rule = cql_proxy.rules.add(action, text="seen + 1", when=faults.first(1))
    with pytest.raises(Exception, match=r"(?i)time|broken|closed|hosts|reset|connection|request"):
        await client.run(count, key)
    rule.wait()
    assert ask(f"SELECT seen FROM {table}_counters WHERE id = '{key}'") == ([{"seen": 1}] if applied else [])
    assert {passed.text for passed in cql_proxy.traffic.requests("EXECUTE", "seen + 1")} == {count}


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (faults.read_timeout(), "(?i)read.*time|not enough nodes responded to the read"),
        (faults.read_failure(), "(?i)read failure|non-timeout error during a read"),
        (faults.write_failure("BATCH"), "(?i)write failure|non-timeout error during a write"),
        (faults.function_failure("k", "f", ["int"]), r"(?i)function.*fail"),
        (faults.overloaded(), "(?i)overloaded"),
        (faults.invalid("not this way"), "not this way"),
        (faults.unauthorized("not you"), "not you"),
        (faults.server_error("oops"), "oops"),
    ],
    ids=lambda value: f"0x{value.code:04X}" if isinstance(value, faults.ErrorReply) else None,
)
async def test_an_error_is_understood(
    client: Client, cql_proxy: FaultProxy, table: str, error: faults.ErrorReply, says: str
) -> None:
    cql_proxy.rules.add(faults.answer(error), text=table)
    with pytest.raises(Exception, match=says):
        await client.run(f"SELECT id FROM {table} WHERE place = ?", "pages")


async def test_a_forgotten_statement_is_prepared_again(client: Client, cql_proxy: FaultProxy, table: str) -> None:
    rule = cql_proxy.rules.add(faults.answer(faults.unprepared()), text=table, when=faults.first(1))
    assert len(await client.run(f"SELECT id FROM {table} WHERE place = ?", "pages")) == 7
    assert rule.hits == 1
    opcodes = [passed.opcode for passed in cql_proxy.traffic.requests(text=table)]
    assert opcodes[-3:] == ["EXECUTE", "PREPARE", "EXECUTE"]


async def test_empty_and_short_pages_lose_no_row(client: Client, cql_proxy: FaultProxy, table: str) -> None:
    cql_proxy.rules.add(faults.empty_page(), text=table, when=faults.nth(1, 3))
    cql_proxy.rules.add(faults.short_page(2), text=table)
    found = await client.pages(f"SELECT id FROM {table} WHERE place = 'pages'", 5)
    assert [len(page) for page in found] == [0, 2, 0, 2, 1, 2]
    assert [row["id"] for page in found for row in page] == list(range(7))


async def test_new_connections_are_refused(client: Client, cql_proxy: FaultProxy, table: str) -> None:
    cql_proxy.refuse_connections()
    cql_proxy.cut_connections()
    with pytest.raises(Exception, match=r"(?i)host|connection|request|node"):
        await client.run(f"SELECT id FROM {table} WHERE place = ?", "pages")
