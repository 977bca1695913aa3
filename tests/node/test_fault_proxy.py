"""The fault proxy before a real node: each action as a client library meets it, and what the node has after it."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers.testing import proxy as faults
from coodie_drivers.testing.probe import Probe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from coodie_drivers.testing import CqlCluster, FaultProxy

library: Any = pytest.importorskip("cassandra.cluster", reason="needs scylla-driver or cassandra-driver")
cassandra: Any = pytest.importorskip("cassandra")
policies: Any = pytest.importorskip("cassandra.policies")
connection: Any = pytest.importorskip("cassandra.connection")
queries: Any = pytest.importorskip("cassandra.query")

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.timed]

VERSIONS = (4, 5)

NO_CONNECTION = (library.NoHostAvailable, connection.ConnectionException, cassandra.OperationTimedOut)


@pytest.fixture(scope="module")
def table(cql_cluster: CqlCluster, cql_module_keyspace: str) -> str:
    """A table of rows, and beside it one of counters with the same name and `_counters`."""
    name = f"{cql_module_keyspace}.events"
    with Probe(cql_cluster.hosts[0], cql_cluster.port) as probe:
        probe.execute(f"CREATE TABLE {name} (place text, id int, note text, PRIMARY KEY (place, id))")
        probe.execute(f"CREATE TABLE {name}_counters (id text PRIMARY KEY, seen counter)")
        for number in range(10):
            probe.execute(f"INSERT INTO {name} (place, id) VALUES ('pages', {number})")
        probe.agree()
    return name


@pytest.fixture
def ask(cql_cluster: CqlCluster) -> Callable[[str], list[dict[str, object]]]:
    """Ask the node itself."""

    def asked(cql: str) -> list[dict[str, object]]:
        with Probe(cql_cluster.hosts[0], cql_cluster.port) as probe:
            return probe.rows(cql)

    return asked


@pytest.fixture(params=VERSIONS)
def session(cql_proxy: FaultProxy, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A session through the proxy that retries nothing, in either framing of the protocol."""
    profile = library.ExecutionProfile(retry_policy=policies.FallthroughRetryPolicy(), request_timeout=2.0)
    cluster = library.Cluster(
        cql_proxy.hosts,
        port=cql_proxy.port,
        protocol_version=request.param,
        compression=False,
        execution_profiles={library.EXEC_PROFILE_DEFAULT: profile},
        reconnection_policy=policies.ConstantReconnectionPolicy(0.1),
        connect_timeout=10,
    )
    yield cluster.connect()
    cluster.shutdown()


def again(session: Any, cql: str) -> Any:
    """Run a statement as soon as there is a connection again."""
    deadline = time.monotonic() + 15
    while True:
        try:
            return session.execute(cql)
        except NO_CONNECTION:
            assert time.monotonic() < deadline, "the connection did not come back"
            time.sleep(0.05)


def test_a_client_sees_the_proxy_and_nothing_behind_it(session: Any, cql_proxy: FaultProxy) -> None:
    assert [host.endpoint.address for host in session.cluster.metadata.all_hosts()] == cql_proxy.hosts
    told = session.execute("SELECT rpc_address, rpc_port FROM system.local").one()
    assert tuple(told) == (cql_proxy.hosts[0], cql_proxy.port)


@pytest.mark.parametrize(
    ("action", "raises", "applied"),
    [
        (faults.drop_request(), "OperationTimedOut", False),
        (faults.drop_reply(), "OperationTimedOut", True),
        (faults.cut_before(), "NoHostAvailable|ConnectionShutdown|ConnectionException", False),
        (faults.cut_after(), "NoHostAvailable|ConnectionShutdown|ConnectionException", True),
        (faults.answer(faults.write_timeout("COUNTER")), "WriteTimeout", False),
        (faults.answer(faults.write_timeout("COUNTER"), delivered=True), "WriteTimeout", True),
        (faults.corrupt_length(), "OperationTimedOut|NoHostAvailable|ConnectionShutdown|ConnectionException", True),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_a_write_is_applied_or_not_as_the_fault_says(
    session: Any,
    cql_proxy: FaultProxy,
    table: str,
    ask: Callable[[str], list[dict[str, object]]],
    action: faults.Action,
    raises: str,
    applied: bool,
) -> None:
    key = f"{action.name} {applied} {session.cluster.protocol_version}"
    count = session.prepare(f"UPDATE {table}_counters SET seen = seen + 1 WHERE id = ?")
    rule = cql_proxy.rules.add(action, text="seen + 1", when=faults.first(1))
    with pytest.raises(Exception) as raised:  # noqa: PT011 - which one is said below
        session.execute(count, [key], timeout=0.5)
    assert re.fullmatch(raises, type(raised.value).__name__), raised.value
    rule.wait()
    found = ask(f"SELECT seen FROM {table}_counters WHERE id = '{key}'")
    assert found == ([{"seen": 1}] if applied else [])
    if action.name == "corrupt_length":
        cql_proxy.cut_connections()  # the client waits for the rest of a reply, and would go on to
    # The client goes on, on this connection or on another.
    assert again(session, f"SELECT id FROM {table} WHERE place = 'pages' AND id = 3").one().id == 3
    assert (rule.hits, cql_proxy.traffic.requests("EXECUTE", "seen + 1")[0].text) == (1, count.query_string)


@pytest.mark.parametrize("action", [faults.delay_request(0.3), faults.delay_reply(0.3)], ids=lambda each: each.name)
def test_what_is_delayed_is_overtaken(session: Any, cql_proxy: FaultProxy, table: str, action: faults.Action) -> None:
    cql_proxy.rules.add(action, text="id = 1")
    began = time.monotonic()
    slow = session.execute_async(f"SELECT id FROM {table} WHERE place = 'pages' AND id = 1")
    quick = session.execute_async(f"SELECT id FROM {table} WHERE place = 'pages' AND id = 2")
    assert quick.result().one().id == 2
    assert time.monotonic() - began < 0.3
    assert slow.result().one().id == 1
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize(
    ("error", "kind", "facts"),
    [
        (faults.unavailable(required=3, alive=1), "Unavailable", {"required_replicas": 3, "alive_replicas": 1}),
        (faults.read_timeout(received=1, required=2, data_present=True), "ReadTimeout", {"data_retrieved": True}),
        (faults.write_timeout("BATCH_LOG"), "WriteTimeout", {"write_type": 4, "received_responses": 1}),
        (faults.write_timeout("CAS", contentions=2), "WriteTimeout", {"write_type": 5}),
        (faults.read_failure(failures=1), "ReadFailure", {"required_responses": 2}),
        (faults.write_failure("VIEW", failures=2), "WriteFailure", {"write_type": 6, "required_responses": 2}),
        (faults.function_failure("k", "f", ["int"]), "FunctionFailure", {"keyspace": "k", "arg_types": ["int"]}),
        (faults.already_exists("k", "t"), "AlreadyExists", {"keyspace": "k", "table": "t"}),
        (faults.unauthorized(), "Unauthorized", {}),
        (faults.invalid(), "InvalidRequest", {}),
        (faults.syntax_error(), "SyntaxException", {}),
        (faults.overloaded(), "OverloadedErrorMessage", {}),
        (faults.is_bootstrapping(), "IsBootstrappingErrorMessage", {}),
        (faults.server_error(), "ServerError", {}),
        (faults.truncate_error(), "TruncateError", {}),
    ],
    ids=lambda value: f"0x{value.code:04X}" if isinstance(value, faults.ErrorReply) else None,
)
def test_an_error_is_understood(
    session: Any, cql_proxy: FaultProxy, table: str, error: faults.ErrorReply, kind: str, facts: dict[str, object]
) -> None:
    cql_proxy.rules.add(faults.answer(error), text=f"FROM {table}", when=faults.first(1))
    with pytest.raises(Exception) as raised:  # noqa: PT011 - which one is said below
        session.execute(f"SELECT id FROM {table} WHERE place = 'pages'")
    met: Any = raised.value
    if type(met) is library.NoHostAvailable:
        (met,) = met.errors.values()
    assert type(met).__name__ == kind, met
    assert {name: getattr(met, name) for name in facts} == facts


def test_a_forgotten_statement_is_prepared_again(session: Any, cql_proxy: FaultProxy, table: str) -> None:
    select = session.prepare(f"SELECT id FROM {table} WHERE place = 'pages' AND id = ?")
    cql_proxy.traffic.clear()
    rule = cql_proxy.rules.add(faults.answer(faults.unprepared()), text="SELECT id", when=faults.first(1))
    assert session.execute(select, [4]).one().id == 4
    assert rule.hits == 1
    assert [passed.opcode for passed in cql_proxy.traffic.requests(text=table)] == ["EXECUTE", "PREPARE", "EXECUTE"]


@pytest.mark.parametrize("is_prepared", [False, True])
@pytest.mark.parametrize("fetch_size", [3, 100])
def test_empty_and_short_pages_lose_no_row(
    session: Any, cql_proxy: FaultProxy, table: str, is_prepared: bool, fetch_size: int
) -> None:
    cql = f"SELECT id FROM {table} WHERE place = 'pages'"
    statement = session.prepare(cql) if is_prepared else queries.SimpleStatement(cql)
    statement.fetch_size = fetch_size
    empty = cql_proxy.rules.add(faults.empty_page(), text=cql, when=faults.nth(1, 2, 4))
    short = cql_proxy.rules.add(faults.short_page(2), text=cql)
    result = session.execute(statement)
    assert (result.current_rows, result.has_more_pages) == ([], True)
    assert [row.id for row in result] == list(range(10))
    assert empty.hits == 3
    assert short.hits >= 3


def test_events_are_withheld(
    session: Any, cql_proxy: FaultProxy, table: str, ask: Callable[[str], list[dict[str, object]]]
) -> None:
    rule = cql_proxy.rules.add(faults.drop_reply(), opcode="EVENT", text="_unseen")
    ask(f"CREATE TABLE {table}_{session.cluster.protocol_version}_unseen (id int PRIMARY KEY)")
    rule.wait()
    assert "SCHEMA_CHANGE CREATED TABLE" in cql_proxy.traffic.replies("EVENT", "_unseen")[0].text


def test_a_client_comes_back_when_connections_are_accepted_again(
    session: Any, cql_proxy: FaultProxy, table: str
) -> None:
    cql = f"SELECT id FROM {table} WHERE place = 'pages' AND id = 5"
    cql_proxy.refuse_connections()
    cql_proxy.cut_connections()
    with pytest.raises(NO_CONNECTION):
        session.execute(cql)
    cql_proxy.accept_connections()
    assert again(session, cql).one().id == 5


def test_a_batch_has_the_texts_of_its_statements(session: Any, cql_proxy: FaultProxy, table: str) -> None:
    insert = session.prepare(f"INSERT INTO {table} (place, id, note) VALUES (?, ?, ?)")
    batch = queries.BatchStatement()
    batch.add(insert, ["batch", 1, "secret"])
    batch.add(f"DELETE FROM {table} WHERE place = 'nowhere'")
    rule = cql_proxy.rules.add(faults.answer(faults.write_timeout("BATCH")), text="DELETE", opcode="BATCH")
    with pytest.raises(cassandra.WriteTimeout):
        session.execute(batch)
    assert rule.hits == 1
    (passed,) = cql_proxy.traffic.requests("BATCH")
    assert passed.text == f"{insert.query_string}; DELETE FROM {table} WHERE place = 'nowhere'"
    assert "secret" not in repr(cql_proxy.traffic.requests())


def test_large_values_pass_whole(session: Any, table: str) -> None:
    insert = session.prepare(f"INSERT INTO {table} (place, id, note) VALUES ('large', ?, ?)")
    note = "0123456789" * 60_000
    for number in range(3):
        session.execute(insert, [number, note], timeout=20)
    found = session.execute(f"SELECT note FROM {table} WHERE place = 'large'", timeout=20)
    assert [row.note == note for row in found] == [True] * 3


def test_a_share_of_increments_is_lost_and_the_count_is_bounded(
    session: Any, cql_proxy: FaultProxy, table: str, ask: Callable[[str], list[dict[str, object]]]
) -> None:
    key = f"many {session.cluster.protocol_version}"
    count = session.prepare(f"UPDATE {table}_counters SET seen = seen + 1 WHERE id = ?")
    rule = cql_proxy.rules.add(faults.drop_reply(), text="seen + 1", when=faults.sometimes(0.02, seed=3))
    gate, unknown = threading.Semaphore(64), threading.Semaphore(0)

    def answered(_: object) -> None:
        gate.release()

    def lost(_: object) -> None:
        unknown.release()
        gate.release()

    for _ in range(1_000):
        gate.acquire()
        asked = session.execute_async(count, [key], timeout=2)
        asked.add_callbacks(answered, lost)
    for _ in range(64):
        gate.acquire()
    counted = 0
    while unknown.acquire(blocking=False):
        counted += 1
    assert counted == rule.hits > 5
    assert ask(f"SELECT seen FROM {table}_counters WHERE id = '{key}'") == [{"seen": 1_000}]


def test_it_closes_under_load(cql_cluster: CqlCluster, table: str) -> None:
    with faults.FaultProxy(cql_cluster) as own:
        cluster = library.Cluster(own.hosts, port=own.port, compression=False)
        session = cluster.connect()
        for _ in range(200):
            session.execute_async(f"SELECT id FROM {table} WHERE place = 'pages'")
        began = time.monotonic()
    assert time.monotonic() - began < 5
    with contextlib.suppress(library.NoHostAvailable):
        cluster.shutdown()
