"""What the reference of drivers promises of connecting, of the registry and of single options, with every adapter."""

from __future__ import annotations

import asyncio
import contextlib
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie.drivers import LazyDriver, get_driver, init_coodie, init_coodie_async, register_driver
from coodie.drivers.cassandra import CassandraDriver
from coodie_drivers import ConfigurationError, unregister_driver
from coodie_drivers.errors import DriverClosedError, OperationTimedOutError, UnavailableError
from coodie_drivers.loop_thread import LoopThread
from cql_builder.schema import ColumnDefinition

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter]
shows = pytest.mark.shows

LOCAL = "SELECT key FROM system.local WHERE key = ?"
COLUMNS = [ColumnDefinition("id", "int", primary_key=True), ColumnDefinition("name", "text", index=True)]
numbers = count(1)
names = count(1)


class Way:
    """Connecting, and the verbs of a driver, one way or the other."""

    def __init__(self, way: str, given: dict[str, Any]) -> None:
        self.blocking = way == "sync"
        self._given = given
        self.names: list[str] = []

    def connect(self, **arguments: Any) -> Any:
        """Connect by the function of this way, under a name of its own unless one is given."""
        given: dict[str, Any] = {"name": f"documented-{next(names)}", **self._given, **arguments}
        self.names.append(given["name"])
        return init_coodie(**given) if self.blocking else asyncio.run(init_coodie_async(**given))

    def call(self, driver: Any, verb: str, *arguments: Any, **options: Any) -> Any:
        """Call a method of this way."""
        if self.blocking:
            return getattr(driver, verb)(*arguments, **options)
        return asyncio.run(getattr(driver, f"{verb}_async")(*arguments, **options))


@pytest.fixture(params=["sync", "async"])
def way(request: pytest.FixtureRequest, cql_cluster: CqlCluster, driver_type: str) -> Iterator[Way]:
    """One way of the two; what was connected is closed at the end."""
    given = {"hosts": cql_cluster.hosts, "port": cql_cluster.port, "driver_type": driver_type}
    made = Way(request.param, given)
    yield made
    for name in made.names:
        with contextlib.suppress(ConfigurationError):
            unregister_driver(name).close()


@shows("driver: execute_one, with options")
def test_execute_one_takes_consistency_and_timeout(way: Way) -> None:
    driver = way.connect()
    assert way.call(driver, "execute_one", LOCAL, ["local"], "ONE", 30.0) == "local"
    asked = "SELECT role FROM system_auth.roles WHERE role = ?"
    with pytest.raises(UnavailableError):  # there is one node
        way.call(driver, "execute_one", asked, ["nobody"], consistency="THREE")
    late = False
    for _ in range(1_000):  # a library that measures in milliseconds may have the answer before it looks
        try:
            way.call(driver, "execute_one", asked, ["nobody"], timeout=1e-9)
        except OperationTimedOutError:
            late = True
            break
    assert late


@shows("driver: sync_table(table_options)")
def test_sync_table_sets_options(way: Way, cql_module_keyspace: str) -> None:
    driver, table = way.connect(), f"options_{next(numbers)}"
    options = {"comment": "it's ours", "default_time_to_live": 600}
    assert way.call(driver, "sync_table", table, cql_module_keyspace, COLUMNS, options)
    asked = "SELECT comment, default_time_to_live FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?"
    assert way.call(driver, "execute", asked, [cql_module_keyspace, table]) == [options]
    assert way.call(driver, "sync_table", table, cql_module_keyspace, COLUMNS, options) == []


@shows("register_driver", "get_driver")
def test_a_driver_is_registered_and_found(way: Way) -> None:
    driver = way.connect(name="documented-first")
    unregister_driver("documented-first")
    register_driver("documented-other", driver)
    register_driver("documented-chosen", driver, default=True)
    try:
        assert get_driver("documented-other") is driver
        assert get_driver() is driver
        assert way.call(get_driver(), "execute", LOCAL, ["local"]) == [{"key": "local"}]
        with pytest.raises(ConfigurationError):
            get_driver("documented-first")
    finally:
        unregister_driver("documented-other")
        unregister_driver("documented-chosen").close()


@contextlib.contextmanager
def acsylla_session(cluster: CqlCluster) -> Generator[Any, None, None]:
    acsylla: Any = pytest.importorskip("acsylla", reason="needs acsylla")

    async def connected() -> Any:
        KEPT.append(acsylla.create_cluster(cluster.hosts, port=cluster.port, log_level="disabled"))
        return await KEPT[-1].create_session()

    thread = LoopThread("documented")
    session = thread.run(connected())
    try:
        yield session
    finally:
        thread.run(session.close())
        thread.close()


KEPT: list[Any] = []
"""What acsylla leaves open when a session of one's own goes: its sockets, of which Python would warn in any test."""


@pytest.fixture
def session(cql_cluster: CqlCluster, driver_type: str) -> Iterator[Any]:
    """A session that the client library alone has opened."""
    if driver_type == "acsylla":
        with acsylla_session(cql_cluster) as opened:
            yield opened
    elif driver_type == "rust":
        builder: Any = pytest.importorskip("scylla.session_builder", reason="needs scylladb-rs-driver")
        points = [(host, cql_cluster.port) for host in cql_cluster.hosts]
        yield builder.SessionBuilder().contact_points(points).connect().result()
    else:
        library: Any = pytest.importorskip("cassandra.cluster", reason="needs scylla-driver or cassandra-driver")
        connected = library.Cluster(cql_cluster.hosts, port=cql_cluster.port, control_connection_timeout=30)
        yield connected.connect()
        connected.shutdown()


@shows("connect over a session")
def test_a_session_of_ones_own_is_taken(way: Way, session: Any) -> None:
    arguments: dict[str, Any] = {"session": session, "keyspace": "shop", "name": f"documented-{next(names)}"}
    driver: Any = init_coodie(**arguments) if way.blocking else asyncio.run(init_coodie_async(**arguments))
    unregister_driver(arguments["name"])
    assert driver.default_keyspace == "shop"
    assert way.call(driver, "execute", LOCAL, ["local"]) == [{"key": "local"}]
    way.call(driver, "close")
    with pytest.raises(DriverClosedError):
        way.call(driver, "execute", LOCAL, ["local"])
    again: Any = init_coodie(session=session, name=arguments["name"])  # for nobody has closed it
    assert way.call(unregister_driver(arguments["name"]), "execute", LOCAL, ["local"]) == [{"key": "local"}]
    again.close()


@pytest.mark.excepted(driver_type="acsylla", reason="the class is of the libraries that are imported as `cassandra`")
@pytest.mark.excepted(driver_type="rust", reason="the class is of the libraries that are imported as `cassandra`")
@shows("CassandraDriver over a session")
def test_a_cassandra_driver_is_made_over_a_session(way: Way, session: Any) -> None:
    driver = CassandraDriver(session, default_keyspace="shop")
    assert (driver.session, driver.default_keyspace) == (session, "shop")
    assert way.call(driver, "execute", LOCAL, ["local"]) == [{"key": "local"}]
    assert CassandraDriver(session).default_keyspace is None


@pytest.fixture
def lazy(way: Way) -> Any:
    """A driver that has not connected yet."""
    driver = way.connect(lazy=True)
    assert isinstance(driver, LazyDriver)
    return driver


@shows("connect: lazy", "lazy: execute")
def test_a_lazy_driver_executes_with_every_option(way: Way, lazy: Any) -> None:
    rows = way.call(lazy, "execute", "SELECT keyspace_name FROM system_schema.keyspaces", [], "ONE", 30.0, 2)
    assert len(rows) == 2
    more = way.call(
        lazy, "execute", "SELECT keyspace_name FROM system_schema.keyspaces", [], None, None, 2, rows.paging_state
    )
    assert rows[0] not in more
    with pytest.raises(UnavailableError):
        way.call(lazy, "execute", "SELECT role FROM system_auth.roles WHERE role = ?", ["nobody"], "THREE")


@shows("lazy: sync_table")
def test_a_lazy_driver_makes_tables(way: Way, lazy: Any, cql_module_keyspace: str) -> None:
    table, options = f"lazy_{next(numbers)}", {"comment": "lazily"}
    plain = [ColumnDefinition("id", "int", primary_key=True), ColumnDefinition("name", "text")]
    planned = way.call(lazy, "sync_table", table, cql_module_keyspace, COLUMNS, options, dry_run=True)
    assert way.call(lazy, "sync_table", table, cql_module_keyspace, COLUMNS, options) == planned
    assert way.call(lazy, "sync_table", table, cql_module_keyspace, COLUMNS, options) == []
    (dropped,) = way.call(lazy, "sync_table", table, cql_module_keyspace, plain, drop_removed_indexes=True)
    assert dropped.startswith("DROP INDEX")


@shows("lazy: close")
def test_a_lazy_driver_is_closed_whether_it_has_connected_or_not(way: Way) -> None:
    for connects in (True, False):
        driver = way.connect(lazy=True)
        if connects:
            assert way.call(driver, "execute", LOCAL, ["local"]) == [{"key": "local"}]
        way.call(driver, "close")
        with pytest.raises(DriverClosedError):
            way.call(driver, "execute", LOCAL, ["local"])


OWN_OPTIONS: dict[str, dict[str, Any]] = {
    "scylla": {"idle_heartbeat_interval": 10},
    "acsylla": {"num_threads_io": 1},
    "rust": {"tcp_nodelay": True},
}
"""An argument that is the client library's own."""


NAMED = pytest.mark.excepted(driver_type="acsylla", reason="the C++ driver has no compression that could be named")


@shows("connect: compression")
@pytest.mark.parametrize("compression", [True, False, pytest.param("lz4", marks=NAMED)])
def test_compression_is_chosen(way: Way, compression: str | bool, driver_type: str) -> None:
    if compression == "lz4" and driver_type == "scylla":
        pytest.importorskip("lz4", reason="a compression that is named needs its package: lz4 is not installed")
    driver = way.connect(compression=compression)
    assert way.call(driver, "execute", LOCAL, ["local"]) == [{"key": "local"}]


@shows("connect: options of the client library")
def test_options_of_the_client_library_are_passed_on(way: Way, driver_type: str) -> None:
    driver = way.connect(**OWN_OPTIONS[driver_type])
    assert way.call(driver, "execute", LOCAL, ["local"]) == [{"key": "local"}]
    with pytest.raises(ConfigurationError, match="no_such_option"):
        way.connect(no_such_option=1)
