"""What is acsylla's own: sessions that belong to event loops, and metadata that it keeps to itself."""

from __future__ import annotations

import asyncio
import multiprocessing
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from tests.node.speculating import policy_of

from coodie_drivers import (
    ConfigurationError,
    Request,
    Statement,
    init_coodie,
    init_coodie_async,
    unregister_driver,
)
from coodie_drivers.errors import (
    ClusterUnavailableError,
    DriverClosedError,
    InvalidRequestError,
    OperationTimedOutError,
)
from coodie_drivers.testing import FaultProxy
from coodie_drivers.testing import proxy as faults
from cql_builder.analysis import StatementKind
from cql_builder.schema import ColumnDefinition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coodie_drivers.testing.sources import CqlCluster

acsylla: Any = pytest.importorskip("acsylla", reason="needs acsylla")

pytestmark = pytest.mark.node

STMT = "SELECT key, host_id FROM system.local WHERE key = ?"


KEPT: list[object] = []
"""What acsylla leaves open when a session of one's own goes: its sockets, of which Python would warn in any test."""


@pytest.fixture
def driver(cql_cluster: CqlCluster) -> Iterator[Any]:
    """A connection of the test's own."""
    yield init_coodie(hosts=cql_cluster.hosts, port=cql_cluster.port, driver_type="acsylla", name="own")
    unregister_driver("own").close()


async def test_a_given_session_is_used_in_its_loop_from_everywhere_and_left_open(cql_cluster: CqlCluster) -> None:
    cluster = acsylla.create_cluster(cql_cluster.hosts, port=cql_cluster.port, log_level="disabled")
    session = await cluster.create_session()
    driver: Any = await init_coodie_async(session=session, keyspace="shop", name="given")
    unregister_driver("given")
    assert driver.default_keyspace == "shop"
    (row,) = await driver.execute_async(STMT, ["local"])
    assert isinstance(row["host_id"], UUID)
    with ThreadPoolExecutor(2) as threads:
        loop = asyncio.get_running_loop()
        assert await loop.run_in_executor(threads, driver.execute, STMT, ["local"]) == [row]
        other_loop = loop.run_in_executor(threads, asyncio.run, driver.execute_async(STMT, ["local"]))
        assert await other_loop == [row]
    with pytest.raises(ConfigurationError, match="would wait for itself"):
        driver.execute("SELECT key FROM system.local", [])
    await driver.close_async()
    with pytest.raises(DriverClosedError):
        await driver.execute_async(STMT, ["local"])
    assert (await session.execute(acsylla.create_statement("SELECT key FROM system.local"))).count() == 1
    await session.close()
    cluster.destroy()
    KEPT.extend([cluster, session, asyncio.get_running_loop()])


async def test_over_a_given_session_a_change_of_the_schema_has_the_time_it_needs(
    cql_cluster: CqlCluster, keyspace: str
) -> None:
    cluster = acsylla.create_cluster(cql_cluster.hosts, port=cql_cluster.port, log_level="disabled")
    session = await cluster.create_session()
    driver: Any = await init_coodie_async(session=session, name="changing")
    unregister_driver("changing")
    await driver.execute_async(f"CREATE TABLE {keyspace}.given (id int PRIMARY KEY)", [])
    added = ColumnDefinition("name", "text")
    (change,) = await driver.sync_table_async(
        "given", keyspace, [ColumnDefinition("id", "int", primary_key=True), added]
    )
    assert change == f"ALTER TABLE {keyspace}.given ADD name text"
    await driver.execute_async(f"DROP TABLE {keyspace}.given", [])
    await session.close()
    cluster.destroy()
    KEPT.extend([cluster, session, asyncio.get_running_loop()])


def test_a_loop_that_goes_on_asking_and_those_after_it_get_the_same_rows(driver: Any) -> None:
    (row,) = driver.execute(STMT, ["local"])

    async def ask(times: int) -> list[Any]:
        found: list[Any] = []
        for _ in range(times):
            found += await asyncio.gather(*[driver.execute_async(STMT, ["local"]) for _ in range(10)])
        return found

    for _ in range(3):
        assert asyncio.run(ask(40)) == [[row]] * 400
    assert driver.execute(STMT, ["local"]) == [row]


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, asyncio.CancelledError])
def test_a_loop_goes_on_when_the_login_for_a_session_of_its_own_fails(
    cql_cluster: CqlCluster, kind: type[BaseException]
) -> None:
    asked: list[None] = []

    def credentials() -> tuple[str, str]:
        asked.append(None)
        if len(asked) == 1:
            return "ann", "secret"
        raise kind("vault")

    async def ask(driver: Any) -> int:
        while len(asked) < 3:
            await driver.execute_async(STMT, ["local"])
        return len(await driver.execute_async(STMT, ["local"]))

    given: dict[str, Any] = {"hosts": cql_cluster.hosts, "port": cql_cluster.port, "driver_type": "acsylla"}
    driver = init_coodie(**given, name="vault", credentials=credentials)
    unregister_driver("vault")
    with driver:
        assert asyncio.run(asyncio.wait_for(ask(driver), 60)) == 1


def test_what_another_connection_changes_is_seen(
    driver: Any, cql_cluster: CqlCluster, cql_module_keyspace: str
) -> None:
    table = f"{cql_module_keyspace}.elsewhere"
    driver.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, a int, b text)", [])
    insert = f"INSERT INTO {table} (id, a, b) VALUES (?, ?, ?)"
    driver.execute(insert, [1, 10, "x"])
    select = f"SELECT * FROM {table} WHERE id = ?"
    assert driver.execute(select, [1]) == [{"id": 1, "a": 10, "b": "x"}]
    other: Any = init_coodie(hosts=cql_cluster.hosts, port=cql_cluster.port, driver_type="acsylla", name="other")
    unregister_driver("other")
    other.execute(f"ALTER TABLE {table} ADD aa uuid", [])
    assert driver.execute(select, [1]) == [{"id": 1, "a": 10, "aa": None, "b": "x"}]
    other.execute(f"ALTER TABLE {table} DROP a", [])
    assert driver.execute(select, [1]) == [{"id": 1, "aa": None, "b": "x"}]
    with pytest.raises(InvalidRequestError, match=r"(?i)undefined column"):
        driver.execute(insert, [2, 10, "x"])
    other.close()


def test_a_forked_child_connects_anew(driver: Any) -> None:
    (row,) = driver.execute(STMT, ["local"])
    context: Any = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()

    def child() -> None:
        answers.put(str(driver.execute(STMT, ["local"])[0]["host_id"]))

    process = context.Process(target=child)
    process.start()
    process.join(10)
    assert process.exitcode == 0
    assert answers.get() == str(row["host_id"])
    assert driver.execute(STMT, ["local"]) == [row]


ABANDONING = """
import gc, multiprocessing, sys
from coodie_drivers import init_coodie, unregister_driver
host, port, statement = sys.argv[1:]
gc.disable()


def connected():
    driver = init_coodie(hosts=[host], port=int(port), driver_type="acsylla")
    driver.execute(statement, ["local"])
    return unregister_driver()


def collecting(ending):
    global kept
    kept = None
    gc.collect()
    return ending


connected()  # nobody closes it
kept = connected()
closed = connected()
closed.close()
del closed
child = multiprocessing.get_context("fork").Process(target=collecting, args=("child",))
child.start()
child.join(20)
if child.exitcode != 0:
    child.kill()
    sys.exit("the child hangs, or fails")
print(collecting("collected"))
"""


def test_a_driver_that_nobody_closes_does_no_harm_when_it_is_collected(cql_cluster: CqlCluster) -> None:
    command = [sys.executable, "-c", ABANDONING, cql_cluster.hosts[0], str(cql_cluster.port), STMT]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.returncode) == ("collected\n", 0), done.stderr


async def test_closing_with_requests_under_way_ends_them_all(cql_cluster: CqlCluster) -> None:
    driver: Any = await init_coodie_async(
        hosts=cql_cluster.hosts, port=cql_cluster.port, driver_type="acsylla", name="closing"
    )
    unregister_driver("closing")
    asked = [asyncio.create_task(driver.execute_async(STMT, ["local"])) for _ in range(500)]
    await asyncio.sleep(0)
    await asyncio.wait_for(driver.close_async(), 10)
    found = await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 10)
    assert all(isinstance(each, (list, DriverClosedError)) for each in found)


@pytest.mark.parametrize("kind", [StatementKind.SELECT, StatementKind.UPDATE])
async def test_over_a_given_session_the_library_s_own_time_limit_is_told_and_nothing_is_sent_again(
    cql_cluster: CqlCluster, kind: StatementKind
) -> None:
    cql = "SELECT key FROM system.local"
    statement = Statement(cql, kind, idempotent=True)
    with FaultProxy(cql_cluster) as proxy:
        cluster = acsylla.create_cluster(proxy.hosts, port=proxy.port, request_timeout=0.3, log_level="disabled")
        session = await cluster.create_session()
        driver: Any = await init_coodie_async(session=session, name="limited")
        unregister_driver("limited")
        with proxy.rules.add(faults.drop_reply(), text=cql) as rule, pytest.raises(OperationTimedOutError) as raised:
            await driver.send_async(Request(statement))
        assert (raised.value.attempts, rule.hits) == (1, 1)
        assert raised.value.outcome == ("not_applied" if kind is StatementKind.SELECT else "unknown")
        await session.close()
        cluster.destroy()
        KEPT.extend([cluster, session, asyncio.get_running_loop()])


@pytest.mark.parametrize("speculates", [False, True], ids=["given", "speculating"])
async def test_a_write_that_the_library_itself_sends_again_may_be_applied_when_no_node_is_left(
    cql_cluster: CqlCluster, driver: Any, cql_module_keyspace: str, speculates: bool
) -> None:
    table = f"{cql_module_keyspace}.cut_{'own' if speculates else 'given'}"
    await driver.execute_async(f"CREATE TABLE {table} (id int PRIMARY KEY)", [])
    insert = f"INSERT INTO {table} (id) VALUES (?)"
    given: list[Any] = []
    with FaultProxy(cql_cluster) as proxy:
        # Once a connection broke, it is long until the library has another one, as by its defaults.
        found: dict[str, Any] = {"port": proxy.port, "constant_reconnect_delay_ms": 60_000}
        if speculates:
            found |= {"driver_type": "acsylla", "speculative_execution_policy": policy_of("acsylla", 5)}
            writing: Any = await init_coodie_async(hosts=proxy.hosts, name="cut", **found)
        else:
            given.append(acsylla.create_cluster(proxy.hosts, log_level="disabled", **found))
            given.append(await given[0].create_session())
            writing = await init_coodie_async(session=given[1], name="cut")
        unregister_driver("cut")
        await writing.execute_async(insert, [1])
        with proxy.rules.add(faults.cut_after(), text=insert), pytest.raises(ClusterUnavailableError) as raised:
            await writing.execute_async(insert, [2])
        await writing.close_async()
        if given:
            await given[1].close()
            given[0].destroy()
            KEPT.extend([*given, asyncio.get_running_loop()])
    assert len(await driver.execute_async(f"SELECT id FROM {table}", [])) == 2
    assert (raised.value.outcome, raised.value.retryable, raised.value.attempts) == ("unknown", True, 1)


@pytest.mark.usefixtures("schema_stands_still")
async def test_over_a_given_session_a_refusal_after_the_library_asked_all_nodes_leaves_the_outcome_unknown(
    cql_cluster: CqlCluster, driver: Any, cql_module_keyspace: str
) -> None:
    table = f"{cql_module_keyspace}.refusing"
    await driver.execute_async(f"CREATE TABLE {table} (id int PRIMARY KEY, name text)", [])
    cluster = acsylla.create_cluster(cql_cluster.hosts, port=cql_cluster.port, log_level="disabled")
    session = await cluster.create_session()
    writing: Any = await init_coodie_async(session=session, name="refusing")
    unregister_driver("refusing")
    insert = f"INSERT INTO {table} (id, name) VALUES (?, ?)"
    await writing.execute_async(insert, [1, "x"])
    await driver.execute_async(f"ALTER TABLE {table} DROP name", [])
    with pytest.raises(InvalidRequestError, match="name") as raised:
        await writing.execute_async(insert, [2, "x"])
    assert raised.value.outcome == "unknown"
    await session.close()
    cluster.destroy()
    KEPT.extend([cluster, session, asyncio.get_running_loop()])


CLOSED_AS_A_NODE_COMES_UP = """
import sys, time
from types import SimpleNamespace
from coodie_drivers import init_coodie, unregister_driver
from coodie_drivers.testing.proxy import FaultProxy, delay_reply

with FaultProxy(SimpleNamespace(hosts=[sys.argv[1]], port=int(sys.argv[2]))) as proxy:
    for wait in (0.25, 0.3, 0.35, 0.4, 0.45):
        driver = init_coodie(hosts=proxy.hosts, port=proxy.port, driver_type="acsylla", name="closed")
        driver.execute("SELECT key FROM system.local WHERE key = ?", ["local"])
        with proxy.rules.add(delay_reply(0.25), opcode="STARTUP"):
            proxy.cut_connections()
            time.sleep(wait)
            unregister_driver("closed").close(timeout=0)
            time.sleep(0.35)
print("done")
"""


def test_a_driver_that_closes_while_a_node_comes_up_does_not_end_the_process(cql_cluster: CqlCluster) -> None:
    # The C++ driver connected to the node once more, to prepare there, and told a session of it that was freed by then.
    command = [sys.executable, "-c", CLOSED_AS_A_NODE_COMES_UP, cql_cluster.hosts[0], str(cql_cluster.port)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")
