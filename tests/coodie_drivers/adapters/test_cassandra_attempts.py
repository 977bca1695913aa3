"""What is told of a statement that was sent more than once: whether any attempt may have been applied."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.coodie_drivers.adapters.paper_failures import (
    COUNTER,
    INSERT,
    LOST,
    SELECT,
    SEVERAL,
    TIMED_OUT,
    UNAVAILABLE,
    Node,
    failure,
    server,
)

from coodie_drivers import Request
from coodie_drivers.adapters.scylla import CassandraDriver
from coodie_drivers.errors import (
    OperationTimedOutError,
    OverloadedError,
    UnavailableError,
)
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from tests.coodie_drivers.adapters.conftest import PaperSession

    from coodie_drivers.messages import Statement

cluster: Any = pytest.importorskip("cassandra.cluster", reason="needs scylla-driver or cassandra-driver")
cqltypes: Any = pytest.importorskip("cassandra.cqltypes", reason="needs scylla-driver or cassandra-driver")
policies: Any = pytest.importorskip("cassandra.policies", reason="needs scylla-driver or cassandra-driver")
pool: Any = pytest.importorskip("cassandra.pool", reason="needs scylla-driver or cassandra-driver")
protocol: Any = pytest.importorskip("cassandra.protocol", reason="needs scylla-driver or cassandra-driver")

pytestmark = pytest.mark.adapter


def test_nodes_that_all_did_nothing_leave_nothing_applied(
    session: PaperSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.markers, session.key_indexes = [("k", cqltypes.Int32Type), ("a", cqltypes.Int32Type)], [0]
    bootstrapping = server(protocol.IsBootstrappingErrorMessage, 0x1002)
    execute = session.execute_async

    def refused_by_the_first_node(statement: Any, **options: Any) -> Any:
        statement.retry_policy.on_request_error(statement, None, bootstrapping, 0)
        return execute(statement, **options)

    monkeypatch.setattr(session, "execute_async", refused_by_the_first_node)
    error = cluster.NoHostAvailable("none", {"10.0.0.2:9042": pool.NoConnectionsAvailable("busy")})
    assert failure(session, error, COUNTER, (1, 2)).outcome == "not_applied"
    session.attempted_hosts = [Node("10.0.0.1:9042"), Node("10.0.0.2:9042")]
    assert failure(session, error, INSERT, (1, 2)).outcome == "unknown"


@pytest.mark.parametrize("told", [{}, {"10.0.0.2:9042": pool.NoConnectionsAvailable("busy")}])
def test_a_node_whose_answer_is_not_told_may_have_done_its_part(session: PaperSession, told: dict[str, Any]) -> None:
    # The library goes on to the next node in another thread before it notes what the first one said.
    session.markers, session.key_indexes = [("k", cqltypes.Int32Type), ("a", cqltypes.Int32Type)], [0]
    assert failure(session, cluster.NoHostAvailable("none", told), INSERT, (1, 2)).outcome == "unknown"


def test_the_answer_of_the_last_node_that_was_left_is_the_reason(session: PaperSession) -> None:
    session.markers, session.key_indexes = [("k", cqltypes.Int32Type), ("a", cqltypes.Int32Type)], [0]
    found = failure(session, cluster.NoHostAvailable("none", {"10.0.0.1:9042": UNAVAILABLE}), COUNTER, (1, 2))
    assert isinstance(found, UnavailableError)
    assert (found.outcome, found.retryable) == ("not_applied", True)


@pytest.mark.parametrize(
    ("statement", "outcome"), [(INSERT, "unknown"), (COUNTER, "not_applied"), (SELECT, "not_applied")]
)
def test_what_was_sent_before_may_have_been_applied_then(
    session: PaperSession, statement: Statement, outcome: str
) -> None:
    session.markers, session.key_indexes = [("k", cqltypes.Int32Type), ("a", cqltypes.Int32Type)], [0]
    session.attempted_hosts = [Node("10.0.0.1:9042"), Node("10.0.0.2:9042")]
    found = failure(session, UNAVAILABLE, statement, (1, 2) if "?" in statement.cql else ())
    assert found.outcome == outcome


@pytest.mark.parametrize(
    ("statement", "first", "last", "outcome"),
    [
        (INSERT, LOST, UNAVAILABLE, "unknown"),
        (INSERT, LOST, cluster.NoHostAvailable("none", {}), "unknown"),
        (INSERT, server(protocol.IsBootstrappingErrorMessage, 0x1002), UNAVAILABLE, "not_applied"),
        (COUNTER, server(protocol.IsBootstrappingErrorMessage, 0x1002), UNAVAILABLE, "not_applied"),
        (SELECT, LOST, UNAVAILABLE, "not_applied"),
    ],
)
def test_an_attempt_counts_before_the_library_has_noted_the_next_one(
    session: PaperSession,
    monkeypatch: pytest.MonkeyPatch,
    statement: Statement,
    first: Any,
    last: Exception,
    outcome: str,
) -> None:
    session.markers, session.key_indexes = [("k", cqltypes.Int32Type), ("a", cqltypes.Int32Type)], [0]
    session.attempted_hosts = [Node("10.0.0.1:9042")]
    execute = session.execute_async

    def answered_by_the_second_node(bound: Any, **options: Any) -> Any:
        bound.retry_policy.on_request_error(bound, None, first, 0)
        future = execute(bound, **options)
        future.coordinator_host = Node("10.0.0.2:9042")
        return future

    monkeypatch.setattr(session, "execute_async", answered_by_the_second_node)
    found: Any = failure(session, last, statement, (1, 2) if "?" in statement.cql else ())
    assert found.outcome == outcome
    if last is UNAVAILABLE:
        assert (found.attempts, found.coordinator) == (2, "10.0.0.2:9042")
    reply = CassandraDriver(session).send(Request(statement, (1, 2) if "?" in statement.cql else ()))
    assert (reply.attempts, reply.coordinator) == (2, "10.0.0.2:9042")


@pytest.mark.parametrize(
    ("statement", "last", "outcome"),
    [
        (INSERT, UNAVAILABLE, "not_applied"),
        (INSERT, TIMED_OUT, "unknown"),
        (SEVERAL, UNAVAILABLE, "unknown"),
        (SEVERAL, cluster.NoHostAvailable("none", {}), "unknown"),
    ],
)
def test_what_an_overloaded_node_turned_away_before_counts(
    session: PaperSession, statement: Statement, last: Exception, outcome: str
) -> None:
    session.markers = [("k", cqltypes.Int32Type), ("a", cqltypes.Int32Type)]
    session.answers.append(server(protocol.OverloadedErrorMessage, 0x1001))
    found: Any = failure(session, last, statement, (1, 2))
    assert (found.outcome, found.attempts) == (outcome, 2)


@pytest.mark.parametrize(("timeout", "told"), [(4, "no answer within 4 s"), (None, "no answer within 10 s")])
def test_the_time_that_is_told_is_the_whole_limit(session: PaperSession, timeout: float | None, told: str) -> None:
    # cassandra-driver tells none, and after a pause for an overloaded node the library knows of what is left alone.
    for turned_away in (0, 1):
        session.answers += [server(protocol.OverloadedErrorMessage, 0x1001)] * turned_away + [TIMED_OUT]
        with pytest.raises(OperationTimedOutError, match=f"^{told}$") as caught:
            CassandraDriver(session).send(Request(SELECT, timeout=timeout))
        assert (caught.value.timeout, caught.value.attempts) == (timeout or 10, 1 + turned_away)
    session.prepare_errors.append(TIMED_OUT)
    with pytest.raises(OperationTimedOutError, match="within 10 s"):
        CassandraDriver(session).send(Request(INSERT, (1, 2), timeout=timeout))


def test_a_driver_that_closes_while_a_node_is_given_time_tells_what_became_of_it(
    session: PaperSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.markers = [("k", cqltypes.Int32Type), ("a", cqltypes.Int32Type)]
    session.answers.append(server(protocol.OverloadedErrorMessage, 0x1001))
    driver = CassandraDriver(session)

    def eight_seconds(*_: object) -> float:
        return 8.0

    monkeypatch.setattr("coodie_drivers.adapters._cassandra_calls.pause_before", eight_seconds)
    began = time.monotonic()
    threading.Timer(0.05, driver.close).start()
    with pytest.raises(OverloadedError) as caught:
        driver.send(Request(SEVERAL, (1, 2)))
    assert (caught.value.outcome, caught.value.attempts) == ("unknown", 1)
    assert time.monotonic() - began < 7


def test_what_may_be_under_way_on_another_node_too_may_be_applied(session: PaperSession) -> None:
    session.markers, session.key_indexes = [("k", cqltypes.Int32Type), ("a", cqltypes.Int32Type)], [0]
    session.profile.speculative_execution_policy = policies.ConstantSpeculativeExecutionPolicy(0.1, 2)
    outcomes = {each.kind: failure(session, UNAVAILABLE, each, (1, 2)).outcome for each in (INSERT, COUNTER)}
    assert outcomes == {StatementKind.INSERT: "unknown", StatementKind.UPDATE: "not_applied"}
    assert failure(session, UNAVAILABLE, SELECT).outcome == "not_applied"


def test_a_node_that_had_forgotten_the_statement_has_not_applied_it(session: PaperSession) -> None:
    session.markers, session.key_indexes = [("k", cqltypes.Int32Type), ("a", cqltypes.Int32Type)], [0]
    node = Node("10.0.0.1:9042")
    session.attempted_hosts = [node, node, node]  # executed, prepared again, executed again
    found: Any = failure(session, UNAVAILABLE, INSERT, (1, 2))
    assert (found.outcome, found.attempts) == ("not_applied", 2)
    assert CassandraDriver(session).send(Request(INSERT, (1, 2))).attempts == 2
    session.attempted_hosts = [node] * 7
    assert CassandraDriver(session).send(Request(INSERT, (1, 2))).attempts == 4
    session.attempted_hosts = [node, node, Node("10.0.0.2:9042")]
    assert failure(session, UNAVAILABLE, INSERT, (1, 2)).outcome == "unknown"
