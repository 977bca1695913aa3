"""The proxy before something that stands for a node: it starts, refuses, cuts, bears load, and ends without a trace."""

from __future__ import annotations

import asyncio
import gc
import socket
import struct
import threading
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Protocol

import pytest

from coodie_drivers import ConfigurationError
from coodie_drivers.testing import FaultProxy
from coodie_drivers.testing.errors import CqlAnswerError, NodeError
from coodie_drivers.testing.probe import Probe
from coodie_drivers.testing.proxy import answer, delay_reply, drop_request, nth, overloaded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Stub(Protocol):
    host: str
    port: int
    statements: list[str]
    answers: dict[str, tuple[int, bytes]]


class Cluster(SimpleNamespace):
    hosts: list[str]
    port: int


def proxy_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "coodie-fault-proxy"]


def wait_for(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


@pytest.fixture
def proxy(cql_stub: Stub) -> Iterator[FaultProxy]:
    with FaultProxy(Cluster(hosts=[cql_stub.host], port=cql_stub.port)) as started:
        yield started


def connected(proxy: FaultProxy, timeout: float = 5.0) -> Probe:
    return Probe(proxy.hosts[0], proxy.port, timeout=timeout)


def test_what_is_asked_reaches_the_node_and_the_answer_the_client(cql_stub: Stub, proxy: FaultProxy) -> None:
    with connected(proxy) as probe:
        assert probe.rows("SELECT release_version FROM x") == [{"release_version": "5.0.9"}]
        assert proxy.connections == 1
    assert cql_stub.statements == ["SELECT release_version FROM x"]
    assert [passed.opcode for passed in proxy.traffic.requests()] == ["STARTUP", "QUERY"]
    assert [passed.opcode for passed in proxy.traffic.replies()] == ["READY", "RESULT"]
    assert {passed.host for passed in proxy.traffic.requests()} == set(proxy.hosts)
    wait_for(lambda: proxy.connections == 0)


def test_a_rule_acts_on_what_passes(cql_stub: Stub, proxy: FaultProxy) -> None:
    rule = proxy.rules.add(answer(overloaded()), text="SELECT", when=nth(2))
    with connected(proxy) as probe:
        probe.execute("SELECT 1")
        with pytest.raises(CqlAnswerError, match="overloaded"):
            probe.execute("SELECT 2")
        probe.execute("SELECT 3")
    assert (rule.hits, rule.seen) == (1, 3)
    assert cql_stub.statements == ["SELECT 1", "SELECT 3"]
    assert [passed.action for passed in proxy.traffic.requests("QUERY")] == [None, "answer(0x1001)", None]


def test_a_request_that_is_lost_is_waited_for_in_vain(cql_stub: Stub, proxy: FaultProxy) -> None:
    proxy.rules.add(drop_request(), text="SELECT")
    with connected(proxy, timeout=0.05) as probe, pytest.raises(TimeoutError):
        probe.execute("SELECT 1")
    assert cql_stub.statements == []


def test_a_delayed_reply_comes_late(proxy: FaultProxy) -> None:
    proxy.rules.add(delay_reply(0.1))
    with connected(proxy) as probe:
        began = time.monotonic()
        probe.execute("SELECT 1")
        assert time.monotonic() - began >= 0.1


def test_new_connections_are_refused_until_they_are_accepted_again(proxy: FaultProxy) -> None:
    with connected(proxy) as probe:
        proxy.refuse_connections()
        proxy.refuse_connections(proxy.hosts[0])
        with pytest.raises(ConnectionRefusedError):
            connected(proxy)
        probe.execute("SELECT 1")
        proxy.accept_connections()
        with connected(proxy) as other:
            other.execute("SELECT 2")


def test_connections_are_cut(proxy: FaultProxy) -> None:
    with connected(proxy) as probe:
        proxy.cut_connections(proxy.hosts[0])
        with pytest.raises(OSError, match=r"closed|reset|Broken pipe"):
            probe.execute("SELECT 1")


def test_a_client_of_a_node_that_is_not_there_is_cut(proxy: FaultProxy) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    with FaultProxy(Cluster(hosts=["127.0.0.1"], port=port)) as before_nothing:
        with pytest.raises(OSError, match=r"closed|reset|Broken pipe"):
            connected(before_nothing)
        wait_for(lambda: before_nothing.connections == 0)


def test_each_node_has_a_proxy_of_its_own(cql_stub: Stub) -> None:
    with FaultProxy(Cluster(hosts=["localhost", "127.0.0.1"], port=cql_stub.port)) as proxy:
        assert len(set(proxy.hosts)) == 2
        first, second = proxy.hosts
        proxy.rules.add(answer(overloaded()), host=second)
        with Probe(first, proxy.port) as probe:
            probe.execute("SELECT 1")
        with Probe(second, proxy.port) as probe, pytest.raises(CqlAnswerError):
            probe.execute("SELECT 1")
        proxy.refuse_connections(first)
        with Probe(second, proxy.port):
            pass
        with pytest.raises(ConfigurationError, match=r"no proxy is at '127\.0\.0\.300'"):
            proxy.refuse_connections("127.0.0.300")


def test_it_ends_at_once_whatever_is_under_way_and_leaves_nothing(cql_stub: Stub) -> None:
    before = len(proxy_threads())
    for _ in range(5):
        with FaultProxy(Cluster(hosts=[cql_stub.host], port=cql_stub.port)) as proxy:
            proxy.rules.add(delay_reply(60), text="SELECT")
            waiting = [socket.create_connection((proxy.hosts[0], proxy.port)) for _ in range(20)]
            for each in waiting:
                each.sendall(struct.pack(">BBhBI", 4, 0, 1, 0x07, 15) + struct.pack(">I", 8) + b"SELECT 1\x00\x01\x00")
            host, port = proxy.hosts[0], proxy.port
            began = time.monotonic()
        assert time.monotonic() - began < 5
        for each in waiting:
            each.close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, port))
        proxy.close()
    gc.collect()  # an open connection would complain now
    assert len(proxy_threads()) == before


def test_what_is_not_started_says_so(cql_stub: Stub) -> None:
    proxy = FaultProxy(Cluster(hosts=[cql_stub.host], port=cql_stub.port))
    with pytest.raises(NodeError, match=r"the proxy is not started; use it in a `with` block"):
        _ = proxy.hosts
    proxy.rules.add(answer(overloaded()))
    with proxy.start() as started:
        hosts = started.start().hosts
        assert hosts == proxy.hosts
        with connected(proxy) as probe, pytest.raises(CqlAnswerError):
            probe.execute("SELECT 1")


def test_a_host_without_an_address_is_refused() -> None:
    before = len(proxy_threads())
    with pytest.raises(NodeError, match="'no such host' is no address and no name of one"):
        FaultProxy(Cluster(hosts=["no such host"], port=9042)).start()
    assert len(proxy_threads()) == before


async def test_thousands_of_requests_at_once_are_answered_each_its_own(proxy: FaultProxy, cql_stub: Stub) -> None:
    cql_stub.answers["SELECT large"] = (0x08, struct.pack(">I", 1) + bytes(2_000))
    request = struct.pack(">I", 12) + b"SELECT large" + b"\x00\x01\x00"

    async def ask(count: int) -> set[int]:
        reader, writer = await asyncio.open_connection(proxy.hosts[0], proxy.port)
        for stream in range(count):
            writer.write(struct.pack(">BBhBI", 4, 0, stream, 0x07, len(request)) + request)
        streams: set[int] = set()
        for _ in range(count):
            stream, length = struct.unpack(">xxhxI", await reader.readexactly(9))
            assert len(await reader.readexactly(length)) == 2_004
            streams.add(stream)
        writer.close()
        await writer.wait_closed()
        return streams

    # More than any buffer between holds: nothing is read faster than it can be passed on, and nothing is lost.
    found = await asyncio.gather(*(ask(2_500) for _ in range(4)))
    assert found == [set(range(2_500))] * 4
