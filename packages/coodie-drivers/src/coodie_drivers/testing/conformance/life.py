"""A driver's life: connecting at once or later, blocks that close it, closing in good order, forks."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers.errors import (
    ClusterUnavailableError,
    ConfigurationError,
    DriverClosedError,
)
from coodie_drivers.lazy import LazyDriver
from coodie_drivers.messages import Request, statement_of
from coodie_drivers.registry import get_driver
from coodie_drivers.testing.conformance.suite import Suite
from coodie_drivers.testing.proxy import FaultProxy
from cql_builder.schema import ColumnDefinition

if TYPE_CHECKING:
    from coodie_drivers.testing.conformance.suite import Connect
    from coodie_drivers.testing.conformance.ways import Way
    from coodie_drivers.testing.sources import CqlCluster

__all__ = ["ForkCases", "LifeCases"]

SELECT = "SELECT key FROM system.local"
LOCAL = [{"key": "local"}]

CHILD = """
import asyncio, os, sys, time
from coodie_drivers import init_coodie
from coodie_drivers.errors import CoodieError

host, port, driver_type, way, lazy = sys.argv[1:]
driver = init_coodie(hosts=[host], port=int(port), driver_type=driver_type, lazy=lazy == "lazy")

def ask():
    stmt = "SELECT key FROM system.local"
    rows = driver.execute(stmt, []) if way == "sync" else asyncio.run(driver.execute_async(stmt, []))
    assert rows == [{"key": "local"}], rows

if lazy != "lazy":
    ask()
for _ in range(2):
    child = os.fork()
    if child == 0:
        began, told = time.monotonic(), "answered"
        try:
            ask()
        except CoodieError as error:
            told = f"{type(error).__name__} {error.outcome}"
        print(told, time.monotonic() - began < 5, flush=True)
        os._exit(0)
    os.waitpid(child, 0)
ask()
"""
"""A program that connects, forks, and asks in the child and in the parent."""


class LifeCases(Suite):
    """The cases about connecting and closing."""

    def test_a_connection_knows_its_default_keyspace(self, connect: Connect, keyspace: str) -> None:
        own: Way = connect(keyspace=keyspace)
        assert own.driver.default_keyspace == keyspace
        assert connect().driver.default_keyspace is None

    def test_a_block_closes_its_driver(self, connect: Connect) -> None:
        own: Way = connect()
        entered: list[Any] = []

        def work(inside: Way) -> None:
            entered.append(inside.driver)
            assert inside.execute(SELECT) == LOCAL

        own.use_in_block(work)
        assert entered == [own.driver]
        with pytest.raises(DriverClosedError) as caught:
            own.execute(SELECT)
        assert (caught.value.outcome, caught.value.attempts) == ("not_applied", 0)

    def test_a_closed_driver_refuses_everything_and_closes_again(self, connect: Connect, keyspace: str) -> None:
        own: Way = connect()
        own.call("close")
        own.call("close", timeout=1)
        calls: list[tuple[str, tuple[object, ...]]] = [
            ("execute", (SELECT, [])),
            ("execute", ("SELECT key FROM system.local WHERE key = ?", ["local"])),
            ("execute_one", (SELECT, [])),
            ("send", (Request(statement_of(SELECT)),)),
            ("sync_table", ("never", keyspace, [ColumnDefinition("id", "int", primary_key=True)])),
        ]
        for verb, arguments in calls:
            with pytest.raises(DriverClosedError):
                own.call(verb, *arguments)

    def test_a_lazy_driver_connects_on_first_use_and_once(self, connect: Connect, cql_cluster: CqlCluster) -> None:
        with FaultProxy(cql_cluster) as proxy:
            # An adapter may give an event loop that goes on asking connections of its own, a hundred times and more.
            asked: list[tuple[object, ...]] = [(SELECT, [])] * 99
            own: Way = connect(hosts=proxy.hosts, port=proxy.port, lazy=True)
            assert isinstance(own.driver, LazyDriver)
            assert proxy.traffic.requests() == []
            assert own.together("execute", asked) == [LOCAL] * 99
            lazily = len(proxy.traffic.requests("STARTUP"))
            own.driver.close()
            proxy.traffic.clear()
            other: Way = connect(hosts=proxy.hosts, port=proxy.port)
            other.together("execute", asked)
            assert lazily <= len(proxy.traffic.requests("STARTUP")) + 1
            other.driver.close()

    def test_when_no_host_answers_each_is_named_and_nothing_is_registered(
        self, connect: Connect, cql_proxy: FaultProxy
    ) -> None:
        host, port = cql_proxy.hosts[0], cql_proxy.port
        cql_proxy.close()
        with pytest.raises(ClusterUnavailableError) as caught:
            connect(hosts=[f"{host}:{port}", "nowhere.invalid"], port=None, name="nobody")
        assert "refused" in caught.value.reasons[f"{host}:{port}"]
        assert any("could not be resolved" in reason for reason in caught.value.reasons.values())
        assert (caught.value.outcome, caught.value.retryable, caught.value.attempts) == ("not_applied", True, 0)
        with pytest.raises(ConfigurationError):
            get_driver("nobody")

    @pytest.mark.parametrize(
        ("options", "reason"),
        [
            ({"conect_timeout": 1}, "did you mean 'connect_timeout'"),
            ({"contact_points": ["127.0.0.1"]}, "it is called 'hosts'"),
            ({"compression": "zzz"}, "compression 'zzz' is not installed"),
        ],
        ids=["misspelt", "the library's name", "compression"],
    )
    def test_an_argument_that_cannot_be_is_a_configuration_error(
        self, connect: Connect, options: dict[str, Any], reason: str
    ) -> None:
        with pytest.raises(ConfigurationError, match=reason):
            connect(**options)

    @pytest.mark.parametrize(
        "options",
        [
            {"consistency": "one", "serial_consistency": "local_serial", "request_timeout": 5, "fetch_size": 10},
            {"compression": False},
            {"compression": True},
            {"connect_timeout": 3},
            {"username": "anybody", "password": "anything"},
            {"keyspace": "not_there_yet"},
        ],
        ids="-".join,
    )
    def test_options_of_every_connection_are_taken(self, connect: Connect, options: dict[str, Any]) -> None:
        own: Way = connect(**options)
        assert own.execute(SELECT) == LOCAL
        assert own.driver.default_keyspace == options.get("keyspace")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
class ForkCases(Suite):
    """The cases about forked children: they connect anew."""

    def test_a_forked_child_connects_anew(self, way: Way, cql_cluster: CqlCluster) -> None:
        assert self._told_by_children(way, cql_cluster, "connected") == ["answered True"] * 2

    def test_a_forked_child_is_never_kept_waiting(self, way: Way, cql_cluster: CqlCluster) -> None:
        assert set(self._told_by_children(way, cql_cluster, "connected")) <= {
            "answered True",
            "ForkedDriverError not_applied True",
        }

    def test_a_lazy_driver_that_was_not_used_connects_in_a_child(self, way: Way, cql_cluster: CqlCluster) -> None:
        assert self._told_by_children(way, cql_cluster, "lazy") == ["answered True"] * 2

    def _told_by_children(self, way: Way, cluster: CqlCluster, lazy: str) -> list[str]:
        given = [cluster.hosts[0], str(cluster.port), self.driver_type, way.name, lazy]
        command = [sys.executable, "-W", "ignore", "-c", CHILD, *given]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.splitlines()
