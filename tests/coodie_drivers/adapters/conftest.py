"""A session of paper: what the package `cassandra` would answer, without a server."""

from __future__ import annotations

import errno
import socket
import sys
from threading import Event
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from tests.coodie_drivers.adapters.listeners import Listener

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

cluster: Any = pytest.importorskip("cassandra.cluster", reason="needs scylla-driver or cassandra-driver")
policies: Any = pytest.importorskip("cassandra.policies", reason="needs scylla-driver or cassandra-driver")
protocol: Any = pytest.importorskip("cassandra.protocol", reason="needs scylla-driver or cassandra-driver")
query: Any = pytest.importorskip("cassandra.query", reason="needs scylla-driver or cassandra-driver")

HOST = SimpleNamespace(endpoint="10.0.0.1:9042")


class PaperFuture:
    """What `Session.execute_async` returns, answered already."""

    def __init__(self, statement: Any, answer: Any, attempted_hosts: list[Any]) -> None:
        self.query = statement
        self.attempted_hosts = attempted_hosts
        self._errors: dict[Any, Any] = {}
        self._event = Event()
        self.coordinator_host = attempted_hosts[-1] if attempted_hosts else None
        self.is_schema_agreed = True
        self.warnings: list[str] | None = None
        self._answer = answer
        # What the library's ResultSet reads of its future.
        self._col_names: list[str] | None = None
        self._col_types: list[Any] | None = None
        self._paging_state: bytes | None = None

    def result(self) -> Any:
        if isinstance(self._answer, Exception):
            raise self._answer
        return cluster.ResultSet(self, self._answer)

    def add_callbacks(self, callback: Any, errback: Any, *, callback_args: Any, errback_args: Any) -> None:
        if isinstance(self._answer, Exception):
            errback(self._answer, *errback_args)
        else:
            callback(self._answer, *callback_args)


class PaperSession:
    """A session that answers each statement with the next of its answers.

    Attributes:
        sent: each statement that was executed, with the options of the call.
        answers: what to answer with; an exception is raised. When they are over, the answer is empty.
        attempted_hosts: the hosts that each request claims to have been sent to.
        markers: the columns that a prepared statement claims its markers are for: name and type.
        key_indexes: which of the markers claim to be the partition key.
        in_flight: each node that claims to be up, with the requests under way on each of its connections.
        stalled: whether the requests to come stay under way for ever, though they are answered at once.
    """

    def __init__(self) -> None:
        self.sent: list[tuple[Any, dict[str, Any]]] = []
        self.answers: list[Any] = []
        self.prepare_errors: list[Exception] = []
        self.attempted_hosts: list[Any] = [HOST]
        self.markers: list[tuple[str, Any]] = []
        self.key_indexes: list[int] | None = None
        self.default_timeout = 10.0
        self.cluster = SimpleNamespace(
            max_schema_agreement_wait=7,
            shutdown=lambda: None,
            is_shutdown=False,
            schema_metadata_enabled=True,
            connection_class=SimpleNamespace(max_in_flight=2**15),
        )
        self.profile = cluster.ExecutionProfile(load_balancing_policy=None)
        self.legacy = False
        self.in_flight: dict[Any, list[int]] = {}
        self.stalled = False
        self.is_shutdown = False

    def get_execution_profile(self, _: Any) -> Any:
        return self.profile

    def execution_profile_clone_update(self, _: Any, **changes: Any) -> Any:
        kept = ("retry_policy", "request_timeout", "speculative_execution_policy")
        known = {name: getattr(self.profile, name) for name in kept}
        return SimpleNamespace(**{**known, **changes})

    def get_pool_state(self) -> dict[Any, dict[str, Any]]:
        return {
            host: {"shutdown": False, "open_count": len(connections), "in_flights": connections}
            for host, connections in self.in_flight.items()
        }

    def prepare(self, cql: str) -> Any:
        if self.prepare_errors:
            raise self.prepare_errors.pop(0)
        columns = [
            protocol.ColumnMetadata(keyspace_name="ks", table_name="t", name=name, type=cql_type)
            for name, cql_type in self.markers
        ]
        return query.PreparedStatement(columns, b"id", self.key_indexes, cql, "ks", 4, [], None)

    def execute_async(self, statement: Any, **options: Any) -> PaperFuture:
        if self.legacy and "execution_profile" in options:
            raise ValueError("Cannot specify execution_profile while using legacy parameters.")
        if getattr(statement, "query_string", None) == "SELECT schema_version FROM system.local":
            return PaperFuture(statement, [("the schema",)], [HOST])  # no part of what a test is about
        self.sent.append((statement, options))
        if self.stalled:
            self.in_flight[options.get("host", next(iter(self.in_flight)))][0] += 1
        return PaperFuture(statement, self.answers.pop(0) if self.answers else None, self.attempted_hosts)


@pytest.fixture
def session() -> PaperSession:
    """A session whose owner chose nothing."""
    session = PaperSession()
    session.profile.retry_policy = policies.RetryPolicy()
    return session


@pytest.fixture
def listening() -> Iterator[Callable[..., Listener]]:
    """Start a listener; it is stopped after the test."""
    started: list[Listener] = []

    def start(speak: Callable[[socket.socket], object], address: str = "127.0.0.1") -> Listener:
        started.append(Listener(speak, address))
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.fixture
def black_hole() -> Iterator[str]:
    """A host that answers no attempt to connect, as behind a firewall: its queue is full."""
    if sys.platform != "linux":
        pytest.skip("other systems refuse when the queue is full")
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            assert each.connect_ex(full.getsockname()) in {0, errno.EINPROGRESS}
        yield f"127.0.0.1:{full.getsockname()[1]}"
        for each in waiting:
            each.close()
