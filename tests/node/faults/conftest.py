"""Fixtures of the tests under faults: one real node that looks like two, and both ways of using a driver.

A client that is to send a statement again to the next host needs a next host. Two proxies stand before the one node,
and each tells clients of the other as of a peer, so that whatever either of them lets through ends in the same tables:
these are the judge.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import re
import struct
import time
import uuid
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import init_coodie, unregister_driver
from coodie_drivers.testing.probe import Probe
from coodie_drivers.testing.proxy import Action, FaultProxy, Passage
from coodie_drivers.testing.proxy.frames import make_frame
from coodie_drivers.testing.proxy.rows import RowsPage, read_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Coroutine, Iterator

    from coodie_drivers import BatchRequest, Reply, Request
    from coodie_drivers.messages import Rows
    from coodie_drivers.testing.sources import CqlCluster

    Connect = Callable[..., Any]
    Ask = Callable[[str], list[dict[str, object]]]

SPARE_TOKEN = "1234567"
TELLING_THE_HOST = re.compile(r"(?<!SELECT schema_version FROM )system\.local")
ASKED = "SELECT cluster_name FROM system.local"
numbers = count(1)

EXCEPTIONS: dict[str, dict[str, str]] = {
    "scylla": {},
    "cassandra": {},
    "acsylla": {
        "coordinator": "the library does not tell which node answered",
        "write type": "the library does not tell what timed out while it was written, so that nothing is sent again",
        "bootstrapping": "the library itself asks the next node when one is starting, and does not tell of that",
        "forgotten": "the library itself prepares again what a node has forgotten, as long as there is time",
        "neighbours": "the library closes a connection on which a server error came, so that others on it fail too",
    },
    "rust": {"coordinator": "the library does not tell which node answered"},
}
"""What a test cannot ask of a driver type, by a word that it looks for in the fixture `excepted`, and why not."""


@dataclass(frozen=True)
class TwoFaces:
    """One node as a cluster of two: what a proxy needs to know of it."""

    hosts: list[str]
    port: int


class Blocking:
    """A driver by its blocking methods."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def execute(self, *arguments: Any) -> Rows:
        rows: Rows = self.driver.execute(*arguments)
        return rows

    def send(self, request: Request | BatchRequest) -> Reply:
        reply: Reply = self.driver.send(request)
        return reply


class Awaiting:
    """A driver by its asynchronous methods, on one event loop that stays."""

    def __init__(self, driver: Any, loop: asyncio.AbstractEventLoop) -> None:
        self.driver = driver
        self._loop = loop

    def execute(self, *arguments: Any) -> Rows:
        rows: Rows = self._done(self.driver.execute_async(*arguments))
        return rows

    def send(self, request: Request | BatchRequest) -> Reply:
        reply: Reply = self._done(self.driver.send_async(request))
        return reply

    def _done(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._loop.run_until_complete(work)


@pytest.fixture(scope="module")
def proxy(cql_cluster: CqlCluster) -> Iterator[FaultProxy]:
    """Two proxies before one node, each of which tells clients that the other is a second node."""
    with Probe(cql_cluster.hosts[0], cql_cluster.port) as probe:
        (local,) = probe.rows("SELECT host_id, data_center, rack, release_version FROM system.local")
    with FaultProxy(TwoFaces([cql_cluster.hosts[0]] * 2, cql_cluster.port)) as started:
        for host, other in zip(started.hosts, reversed(started.hosts), strict=True):
            of_peer = told_of(other, started.port, local)
            started.rules.add(shown(local_as(host)), text=TELLING_THE_HOST, host=host)
            started.rules.add(shown(with_peer(of_peer)), text="system.peers", host=host)
        yield started


@pytest.fixture(scope="module")
def excepted(driver_type: str) -> Collection[str]:
    """What cannot be asked of the driver type: see `EXCEPTIONS`."""
    return EXCEPTIONS[driver_type].keys()


@pytest.fixture(scope="module")
def connect(proxy: FaultProxy, driver_type: str) -> Iterator[Connect]:
    """Connect through the proxies, with further arguments of `init_coodie`; closed at the end."""
    names: list[str] = []

    def connected(**arguments: Any) -> Any:
        given: dict[str, Any] = {
            "hosts": proxy.hosts,
            "port": proxy.port,
            "name": f"faults-{next(numbers)}",
            "driver_type": driver_type,
            **arguments,
        }
        driver = init_coodie(**given)
        names.append(str(given["name"]))
        return driver

    yield connected
    proxy.accept_connections()
    for name in names:
        driver: Any = unregister_driver(name)
        driver.close(timeout=0)


@pytest.fixture(scope="module")
def through(connect: Connect, proxy: FaultProxy) -> Any:
    """A driver for the tests of a module."""
    return reaching_both(proxy, connect)


@pytest.fixture(scope="module", params=["sync", "async"])
def caller(through: Any, request: pytest.FixtureRequest) -> Iterator[Blocking | Awaiting]:
    """The driver through the proxies, once by its blocking and once by its asynchronous methods."""
    if request.param == "sync":
        yield Blocking(through)
        return
    loop = asyncio.new_event_loop()
    yield Awaiting(through, loop)
    loop.close()


@pytest.fixture(scope="module")
def ask(cql_cluster: CqlCluster) -> Iterator[Ask]:
    """Ask the node itself, past the proxies."""
    with Probe(cql_cluster.hosts[0], cql_cluster.port) as probe:
        yield probe.rows


@pytest.fixture
def calm(proxy: FaultProxy) -> Iterator[None]:
    """Begin with an empty log, and leave no rule behind."""
    before = len(proxy.rules)
    proxy.traffic.clear()
    yield
    assert len(proxy.rules) == before, "a rule was left behind"


@pytest.fixture(params=["sync", "async"])
def breaking(
    proxy: FaultProxy, connect: Connect, calm: None, request: pytest.FixtureRequest
) -> Iterator[Blocking | Awaiting]:
    """A driver of the test's own, whose connections may break: to wait until a client connects anew takes seconds."""
    driver = reaching_both(proxy, connect)
    with contextlib.ExitStack() as stack:
        stack.callback(driver.close, timeout=0)
        if request.param == "sync":
            yield Blocking(driver)
        else:
            loop = asyncio.new_event_loop()
            stack.callback(loop.close)
            yield Awaiting(driver, loop)
    proxy.accept_connections()


def reaching_both(proxy: FaultProxy, connect: Connect) -> Any:
    """Connect, and wait until the driver goes on to the other host: the libraries are content with one at first."""
    proxy.traffic.clear()
    driver, deadline = connect(), time.monotonic() + 5
    while len(proxy.traffic.replies("READY")) < 3 and time.monotonic() < deadline:
        time.sleep(0.005)  # one connection for each host, and one for what the cluster tells of itself
    # A connection that is ready may not be among those that are used yet.
    while {each.host for each in proxy.traffic.requests(text=ASKED)} < {*proxy.hosts} and time.monotonic() < deadline:
        driver.execute(ASKED, [])
    return driver


def shown(change: Callable[[RowsPage], RowsPage]) -> Action:
    """Change the rows of a reply."""

    def act(passage: Passage) -> None:
        frame, page = passage.frame, read_rows(passage.frame)
        if page is not None and page.columns:
            frame = make_frame(frame.version, frame.flags, frame.stream, frame.opcode, change(page).encoded())
        passage.send_on(frame)

    return Action("shown", "reply", act)


def host_id(host: str) -> bytes:
    return uuid.uuid5(uuid.NAMESPACE_DNS, host).bytes


def local_as(host: str) -> Callable[[RowsPage], RowsPage]:
    """The node's own row, with an id that is of this proxy."""

    def change(page: RowsPage) -> RowsPage:
        rows = [
            tuple(
                [
                    host_id(host) if column.name == "host_id" else value
                    for column, value in zip(page.columns, row, strict=True)
                ]
            )
            for row in page.rows
        ]
        return replace(page, rows=tuple(rows))

    return change


def with_peer(told: dict[str, bytes]) -> Callable[[RowsPage], RowsPage]:
    return lambda page: replace(page, rows=(*page.rows, tuple([told.get(column.name) for column in page.columns])))


def told_of(host: str, port: int, local: dict[str, object]) -> dict[str, bytes]:
    """What a node tells of the other one, by column of `system.peers` and `system.peers_v2`."""
    address, token = ipaddress.ip_address(host).packed, SPARE_TOKEN.encode()
    same = {name: str(local[name]).encode() for name in ("data_center", "rack", "release_version")}
    ports = dict.fromkeys(("peer_port", "native_port"), struct.pack(">I", port))
    addresses = dict.fromkeys(("peer", "native_address", "rpc_address"), address)
    tokens = struct.pack(">II", 1, len(token)) + token
    return {**same, **ports, **addresses, "host_id": host_id(host), "tokens": tokens}
