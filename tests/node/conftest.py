"""Fixtures of the tests against a real node: one connection per process, and both ways of using it."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from coodie_drivers import init_coodie, init_coodie_async, unregister_driver
from coodie_drivers.adapters._schema_watch import SchemaWatch
from coodie_drivers.testing.errors import SourceMissingError
from coodie_drivers.testing.local.installation import check_installation

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from coodie_drivers import AbstractDriver, BatchRequest, Reply, Request
    from coodie_drivers.messages import Rows
    from coodie_drivers.testing.sources import CqlCluster


numbers = count()


class Caller(Protocol):
    """The verbs of a driver, one way or the other."""

    def execute(self, stmt: str, params: list[Any], *options: Any) -> Rows: ...

    def send(self, request: Request | BatchRequest) -> Reply: ...

    def sync_table(self, *arguments: Any) -> list[str]: ...


class Blocking:
    """The synchronous half of a driver."""

    def __init__(self, driver: AbstractDriver) -> None:
        self._driver: Any = driver

    def execute(self, stmt: str, params: list[Any], *options: Any) -> Rows:
        rows: Rows = self._driver.execute(stmt, params, *options)
        return rows

    def send(self, request: Request | BatchRequest) -> Reply:
        reply: Reply = self._driver.send(request)
        return reply

    def sync_table(self, *arguments: Any) -> list[str]:
        executed: list[str] = self._driver.sync_table(*arguments)
        return executed


class Awaiting:
    """The asynchronous half of a driver, each call on an event loop of its own."""

    def __init__(self, driver: AbstractDriver) -> None:
        self._driver: Any = driver

    def execute(self, stmt: str, params: list[Any], *options: Any) -> Rows:
        rows: Rows = asyncio.run(self._driver.execute_async(stmt, params, *options))
        return rows

    def send(self, request: Request | BatchRequest) -> Reply:
        reply: Reply = asyncio.run(self._driver.send_async(request))
        return reply

    def sync_table(self, *arguments: Any) -> list[str]:
        executed: list[str] = asyncio.run(self._driver.sync_table_async(*arguments))
        return executed


@pytest.fixture
def connections_open(driver_type: str, cql_cluster: CqlCluster) -> Callable[[], int]:
    """How many connections to the cluster are open, by what the client library, or Linux, has for each."""

    def counted() -> int:
        if driver_type != "rust":
            return sum(thread.name in {"Task Scheduler", "coodie-acsylla"} for thread in threading.enumerate())
        open_here = {str(file.readlink()) for file in Path("/proc/self/fd").iterdir() if file.is_symlink()}
        listed = [line.split() for line in Path("/proc/self/net/tcp").read_text("ascii").splitlines()[1:]]
        port = f":{cql_cluster.port:04X}"
        return sum(row[2].endswith(port) and f"socket:[{row[9]}]" in open_here for row in listed)

    return counted


@pytest.fixture(params=["sync", "async"])
def connect_either_way(driver_type: str, request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Connect in either way; what was connected is closed at the end."""
    connected: list[str] = []

    def connect(**arguments: Any) -> Any:
        given: dict[str, Any] = {
            "name": "access",
            "driver_type": driver_type,
            "connect_timeout": 5.0,
            "lazy": False,
            **arguments,
        }
        driver = asyncio.run(init_coodie_async(**given)) if request.param == "async" else init_coodie(**given)
        connected.append("access")
        return driver

    yield connect
    for name in connected:
        unregister_driver(name).close()


@contextlib.contextmanager
def connecting(cluster: CqlCluster, driver_type: str) -> Generator[Callable[..., Any]]:
    """Connect to the node once more, with further arguments of `init_coodie`; closed at the end."""
    names: list[str] = []

    def connect(**arguments: Any) -> AbstractDriver:
        name = f"node-{next(numbers)}"
        arguments = {"driver_type": driver_type, **arguments}
        driver = init_coodie(hosts=cluster.hosts, port=cluster.port, name=name, **arguments)
        names.append(name)
        return driver

    try:
        yield connect
    finally:
        for name in names:
            unregister_driver(name).close()


@pytest.fixture
def connect(cql_cluster: CqlCluster, driver_type: str) -> Iterator[Callable[..., Any]]:
    """Connect for one test: libraries read the schema whenever it changes, for every connection that is open."""
    with connecting(cql_cluster, driver_type) as connect:
        yield connect


@pytest.fixture(scope="module")
def connect_for_module(cql_cluster: CqlCluster, driver_type: str) -> Iterator[Callable[..., Any]]:
    """Connect for the tests of a module."""
    with connecting(cql_cluster, driver_type) as connect:
        yield connect


@pytest.fixture(scope="session")
def driver(cql_cluster: CqlCluster, driver_type: str) -> Iterator[Any]:
    """A connection for all tests of this process."""
    with connecting(cql_cluster, driver_type) as connect:
        yield connect()


@pytest.fixture(params=["sync", "async"])
def caller(driver: Any, request: pytest.FixtureRequest) -> Caller:
    """The driver's verbs, once by its blocking and once by its asynchronous methods."""
    return Blocking(driver) if request.param == "sync" else Awaiting(driver)


@pytest.fixture
def schema_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have drivers overlook that tests which run beside this one change the schema, for which they would forget."""
    saw = SchemaWatch.saw

    def saw_nothing(watch: SchemaWatch, version: object, now: float) -> bool:
        saw(watch, version, now)
        return False

    monkeypatch.setattr(SchemaWatch, "saw", saw_nothing)


@pytest.fixture
def keyspace(cql_module_keyspace: str) -> str:
    """A keyspace that the tests of one module share."""
    return cql_module_keyspace


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Note figures that a test has found: in reports, and on the terminal with `-s`."""

    def noted(**figures: object) -> None:
        request.node.user_properties.extend([(name, str(figure)) for name, figure in figures.items()])
        sys.stdout.write(f"\n{request.node.name}: {figures}\n")

    return noted


@pytest.fixture
def local_node() -> None:
    """Skip where a local node cannot be started at all, as the fixtures of the plugin do."""
    try:
        check_installation("5.0")
    except SourceMissingError as error:
        pytest.skip(f"no Cassandra node: {error}")
