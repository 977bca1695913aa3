"""Connecting to a real node with the options of `init_coodie`, and failing to."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import (
    UNSET,
    BatchRequest,
    ConfigurationError,
    Request,
    init_coodie,
    init_coodie_async,
    statement_of,
    unregister_driver,
)
from coodie_drivers.config import FIRST_WITH_UNSET
from coodie_drivers.errors import ClusterUnavailableError, InvalidQueryError
from cql_builder.schema import ColumnDefinition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter]

NO_SUCH = "it has no such option"

SELECT = "SELECT release_version FROM system.local"


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of this machine where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


Attempt = Callable[..., Awaitable[Any]]


@pytest.fixture
def attempt(driver_type: str) -> Attempt:
    """Connect in either way."""

    async def attempt(asynchronous: bool, **arguments: Any) -> Any:
        arguments = {"name": "failing", "driver_type": driver_type, **arguments}
        return await init_coodie_async(**arguments) if asynchronous else init_coodie(**arguments)

    return attempt


def excepting(*values: Any, **reasons: str) -> Any:
    """Values of a parametrized test that are not for the driver types named, for the reasons given."""
    marks = [pytest.mark.excepted(driver_type=name, reason=reason) for name, reason in reasons.items()]
    return pytest.param(*values, marks=marks)


@pytest.mark.parametrize(
    "options",
    [
        excepting({"protocol_version": 4}, rust=NO_SUCH),
        excepting({"executor_threads": 1}, acsylla=NO_SUCH, rust=NO_SUCH),
        excepting({"idle_heartbeat_interval": 2, "idle_heartbeat_timeout": 2}, acsylla=NO_SUCH, rust=NO_SUCH),
        excepting({"heartbeat_interval_sec": 2, "idle_timeout_sec": 5}, scylla=NO_SUCH, rust=NO_SUCH),
        excepting({"keepalive_interval": 2, "keepalive_timeout": 2}, acsylla=NO_SUCH, scylla=NO_SUCH),
    ],
)
def test_the_librarys_own_options_are_taken(
    cql_cluster: CqlCluster, connect: Callable[..., Any], options: dict[str, Any]
) -> None:
    assert connect(**options).execute(SELECT, []) == [{"release_version": cql_cluster.version}]


@pytest.mark.excepted(driver_type="acsylla", reason="it does without such a value by itself")
@pytest.mark.excepted(driver_type="rust", reason=NO_SUCH)
@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize("observers", [[], [print]], ids=["alone", "observed"])
def test_an_old_protocol_has_no_value_for_leaving_a_column_as_it_is(
    connect: Callable[..., Any], lazy: bool, observers: list[Any]
) -> None:
    newer, older = (connect(protocol_version=version, lazy=lazy, observers=observers) for version in (4, 3))
    assert (newer.supports_unset, older.supports_unset) == (True, False)


@pytest.mark.excepted(driver_type="acsylla", reason="it does without such a value by itself")
@pytest.mark.excepted(driver_type="rust", reason=NO_SUCH)
@pytest.mark.parametrize("version", [3, 4])
def test_unset_is_refused_by_name_where_the_protocol_has_none(
    connect: Callable[..., Any], keyspace: str, version: int
) -> None:
    driver = connect(protocol_version=version)
    driver.execute(f"CREATE TABLE IF NOT EXISTS {keyspace}.kept (id int PRIMARY KEY, name text)", [])
    insert = statement_of(f"INSERT INTO {keyspace}.kept (id, name) VALUES (?, ?)")
    for request in (Request(insert, (1, UNSET)), BatchRequest([(insert, (1, UNSET))])):
        if version >= FIRST_WITH_UNSET:
            driver.send(request)
            continue
        with pytest.raises(
            InvalidQueryError, match=r"^column 'name' \(text\): protocol 3 has no UNSET: leave the column"
        ):
            driver.send(request)


@pytest.mark.parametrize("lazy", [False, True])
def test_what_a_table_is_made_by_is_observed(connect: Callable[..., Any], keyspace: str, lazy: bool) -> None:
    seen: list[Any] = []
    driver = connect(lazy=lazy, observers=[seen.append])
    steps = driver.sync_table("observed", keyspace, [ColumnDefinition("id", "int", primary_key=True)])
    assert [each.cql for each in seen if each.kind == "SCHEMA"] == steps != []
    assert "SELECT" in {each.kind for each in seen}
    driver.execute(f"DROP TABLE {keyspace}.observed", [])


def test_hosts_may_carry_their_ports_and_names(cql_cluster: CqlCluster, driver_type: str) -> None:
    hosts = [f"{host}:{cql_cluster.port}" for host in cql_cluster.hosts]
    driver = init_coodie(hosts=hosts, name="ports", driver_type=driver_type)
    try:
        assert driver.execute(SELECT, []) == [{"release_version": cql_cluster.version}]
    finally:
        unregister_driver("ports").close()


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_one_host_that_is_down_costs_no_start_and_is_named_once(
    cql_cluster: CqlCluster, attempt: Attempt, closed_port: int, caplog: pytest.LogCaptureFixture, asynchronous: bool
) -> None:
    down, up = f"127.0.0.1:{closed_port}", f"{cql_cluster.hosts[0]}:{cql_cluster.port}"
    for start in range(1, 6):
        began = time.monotonic()
        driver = await attempt(asynchronous, hosts=[down, up], name=f"start{start}")
        assert time.monotonic() - began < 6
        assert driver.execute(SELECT, []) == [{"release_version": cql_cluster.version}]
        unregister_driver(f"start{start}").close()
        told: list[str] = []
        while len(told) < start and time.monotonic() - began < 6:
            await asyncio.sleep(0.01)
            told = [record.getMessage() for record in caplog.records if record.name == "coodie.connecting"]
        assert len(told) == start
        assert told[-1].startswith(f"connected, but not by 1 of 2 hosts: {down}: it refused the connection")


@pytest.mark.excepted(driver_type="acsylla", reason="its policy is a record that is asked for nothing")
@pytest.mark.excepted(driver_type="rust", reason="its policy is asked for nothing that Python sees")
def test_speculative_execution_is_for_idempotent_statements_only(connect: Callable[..., Any], keyspace: str) -> None:
    asked: list[bool] = []

    class NoPlan:
        def next_execution(self, _: object) -> int:
            return -1

    class Policy:
        def new_plan(self, _: str, statement: Any) -> NoPlan:
            if "speculative" in str(statement):  # not what the driver itself looks for now and then
                asked.append(statement.is_idempotent)
            return NoPlan()

    driver = connect(speculative_execution_policy=Policy())
    driver.execute(f"CREATE TABLE {keyspace}.speculative (id int PRIMARY KEY, n bigint)", [])
    driver.execute(f"INSERT INTO {keyspace}.speculative (id, n) VALUES (?, ?)", [1, 2])
    driver.execute(f"UPDATE {keyspace}.speculative SET n = ? WHERE id = ? IF n = ?", [3, 1, 2])
    driver.execute(f"INSERT INTO {keyspace}.speculative (id, n) VALUES (?, toUnixTimestamp(now()))", [2])
    assert asked == [True]
    driver.execute(f"SELECT n FROM {keyspace}.speculative WHERE id = ?", [1])
    assert asked == [True, True]


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_a_name_that_cannot_be_resolved_is_said_so(asynchronous: bool, attempt: Attempt) -> None:
    with pytest.raises(ClusterUnavailableError, match=r"nowhere\.invalid:9042: the name could not be resolved"):
        await attempt(asynchronous, hosts=["nowhere.invalid"])


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        excepting(
            {"load_balancing_policy": object},
            "load_balancing_policy must be an object, not a class",
            acsylla="its policies are arguments of their own",
        ),
        excepting(
            {"reconnection_policy": object},
            "the client library cannot use an argument",
            acsylla="its policies are arguments of their own",
            rust=NO_SUCH,
        ),
        excepting({"pool_size": 3}, "the client library cannot use an argument", acsylla=NO_SUCH, scylla=NO_SUCH),
    ],
)
async def test_what_the_library_cannot_use_is_a_configuration_error(
    cql_cluster: CqlCluster, attempt: Attempt, driver_type: str, options: dict[str, Any], reason: str
) -> None:
    options = {"hosts": cql_cluster.hosts, "port": cql_cluster.port, "driver_type": driver_type, **options}
    for asynchronous in (False, True):
        with pytest.raises(ConfigurationError, match=reason):
            await attempt(asynchronous, **options)


@pytest.mark.parametrize(
    "version",
    [excepting(2, acsylla="its library leaves open what it has opened before it refuses a version that it knows"), 99],
)
async def test_a_version_of_the_protocol_that_is_not_spoken_is_named(
    cql_cluster: CqlCluster, attempt: Attempt, driver_type: str, version: int
) -> None:
    options = {"hosts": cql_cluster.hosts, "port": cql_cluster.port, "driver_type": driver_type}
    for asynchronous in (False, True):
        with pytest.raises((ConfigurationError, ClusterUnavailableError), match="protocol_version"):
            await attempt(asynchronous, **options, protocol_version=version)


def test_connections_that_were_opened_and_closed_leave_nothing(
    cql_cluster: CqlCluster, closed_port: int, driver_type: str, connections_open: Callable[[], int]
) -> None:
    options: dict[str, Any] = {"name": "passing", "driver_type": driver_type}

    def once() -> None:
        init_coodie(hosts=cql_cluster.hosts, port=cql_cluster.port, **options).execute(SELECT, [])
        unregister_driver("passing").close()
        with pytest.raises(ClusterUnavailableError):
            init_coodie(hosts=["127.0.0.1"], port=closed_port, **options)

    once()
    gc.collect()
    before = connections_open()
    for _ in range(5):
        once()
    for _ in range(100):  # the library's threads end a moment after they were told to
        if connections_open() <= before:
            break
        time.sleep(0.05)
    assert connections_open() <= before


async def test_a_connection_that_nobody_waits_for_any_more_is_closed(
    cql_cluster: CqlCluster, driver_type: str, connections_open: Callable[[], int]
) -> None:
    before = connections_open()
    arguments: dict[str, Any] = {"hosts": cql_cluster.hosts, "port": cql_cluster.port, "driver_type": driver_type}
    task = asyncio.create_task(init_coodie_async(**arguments, name="abandoned"))
    await asyncio.sleep(0.005)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    for _ in range(200):
        if connections_open() <= before:
            break
        await asyncio.sleep(0.05)
    assert connections_open() <= before


async def test_many_who_connect_to_nobody_at_once_are_all_told(
    closed_port: int, driver_type: str, attempt: Attempt
) -> None:
    arguments: dict[str, Any] = {"hosts": ["127.0.0.1"], "port": closed_port, "driver_type": driver_type}
    attempts = [attempt(True, **arguments, connect_timeout=1.0) for _ in range(12)]
    told = await asyncio.wait_for(asyncio.gather(*attempts, return_exceptions=True), 20)
    assert [type(error) for error in told] == [ClusterUnavailableError] * 12


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_hosts_that_accept_and_say_nothing_keep_nobody_from_the_others(
    cql_cluster: CqlCluster, driver_type: str, attempt: Attempt, asynchronous: bool
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        hosts = [f"127.0.0.1:{port}", f"127.0.0.2:{port}", f"{cql_cluster.hosts[0]}:{cql_cluster.port}"]
        for _ in range(4):  # a library may choose by chance with which it begins
            driver = await attempt(asynchronous, hosts=hosts, driver_type=driver_type, connect_timeout=4.0)
            assert driver.execute(SELECT, []) == [{"release_version": cql_cluster.version}]
            unregister_driver("failing").close()


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_a_datacenter_that_there_is_not_is_refused_by_those_that_there_are(
    cql_cluster: CqlCluster, driver_type: str, attempt: Attempt, asynchronous: bool
) -> None:
    given = {"hosts": cql_cluster.hosts, "port": cql_cluster.port, "driver_type": driver_type}
    with pytest.raises(ConfigurationError, match="no node is in datacenter 'datacentre1'; did you mean 'datacenter1'"):
        await attempt(asynchronous, **given, datacenter="datacentre1")
    driver = await attempt(asynchronous, **given, datacenter="datacenter1")
    driver.close()
    unregister_driver("failing")


@pytest.mark.parametrize("timeout", [None, "x", -1, float("nan"), 1e300])
async def test_a_time_that_closing_cannot_wait_for_leaves_the_driver_open(
    cql_cluster: CqlCluster, driver_type: str, attempt: Attempt, timeout: Any
) -> None:
    driver = await attempt(False, hosts=cql_cluster.hosts, port=cql_cluster.port, driver_type=driver_type)
    with pytest.raises(ConfigurationError, match="the timeout of close takes seconds, a number"):
        driver.close(timeout=timeout)
    with pytest.raises(ConfigurationError, match="the timeout of close takes seconds, a number"):
        await driver.close_async(timeout=timeout)
    assert driver.execute(SELECT, []) == [{"release_version": cql_cluster.version}]
    unregister_driver("failing").close()


@pytest.mark.parametrize("options", [{"request_timeout": 1_000_000}, {"connect_timeout": 1_000_000}])
def test_the_longest_times_are_taken(connect: Callable[..., Any], options: dict[str, Any]) -> None:
    driver = connect(**options)
    assert driver.execute("SELECT key FROM system.local WHERE key = ?", ["local"], None, 1_000_000) == [
        {"key": "local"}
    ]


@pytest.mark.parametrize("lazy", [False, True])
async def test_how_many_statements_are_prepared_is_told(
    cql_cluster: CqlCluster, driver_type: str, attempt: Attempt, lazy: bool
) -> None:
    given = {"hosts": cql_cluster.hosts, "port": cql_cluster.port, "driver_type": driver_type, "lazy": lazy}
    seen: list[Any] = []
    driver = await attempt(False, **given, observers=[seen.append])
    assert driver.prepared_statements == 0
    for number in range(6):
        driver.execute(f"SELECT key AS key{number % 3} FROM system.local WHERE key = ?", ["local"])
    assert driver.prepared_statements == 3
    unregister_driver("failing").close()


NOT_TOLD = "its library tells the server no name of the application"


@pytest.mark.excepted(driver_type="cassandra", reason=NOT_TOLD)
@pytest.mark.parametrize(
    "compression", [False, excepting("lz4", acsylla=NO_SUCH), excepting("snappy", acsylla=NO_SUCH)]
)
def test_the_server_is_told_the_application_and_what_compresses(
    connect: Callable[..., Any], driver_type: str, compression: str | bool
) -> None:
    name = f"counting-house-{driver_type}-{compression}"
    try:
        driver = connect(application_name=name, compression=compression)
    except ConfigurationError as error:
        pytest.skip(f"a compression that is named needs its package: {error}")
    rows = driver.execute("SELECT client_options FROM system_views.clients", [])
    told = [each["client_options"] for each in rows if each["client_options"].get("APPLICATION_NAME") == name]
    assert told
    assert {each.get("COMPRESSION", "") for each in told} == {compression or ""}
