"""Each failure of the package `cassandra` as the contract tells it."""

from __future__ import annotations

import traceback
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from tests.coodie_drivers.adapters.paper_failures import (
    CAS_TIMEOUT,
    COUNTER,
    COUNTER_TIMEOUT,
    CREATE,
    INSERT,
    LOST,
    LWT,
    REPLICAS,
    SELECT,
    SEVERAL,
    TIMED_OUT,
    UNAVAILABLE,
    WRITE_TIMEOUT,
    Node,
    failure,
    server,
)

from coodie_drivers import BatchRequest, DriverError, Request
from coodie_drivers.adapters.scylla import CassandraDriver
from coodie_drivers.errors import (
    AlreadyExistsError,
    ClusterUnavailableError,
    ConnectionLostError,
    FunctionFailureError,
    InvalidRequestError,
    InvalidSyntaxError,
    OperationTimedOutError,
    OverloadedError,
    ReadFailureError,
    ReadTimeoutError,
    SchemaDisagreementError,
    ServerError,
    UnauthorizedError,
    UnavailableError,
    WriteFailureError,
    WriteTimeoutError,
)
from coodie_drivers.messages import Statement
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from tests.coodie_drivers.adapters.conftest import PaperSession

cassandra: Any = pytest.importorskip("cassandra", reason="needs scylla-driver or cassandra-driver")
cluster: Any = pytest.importorskip("cassandra.cluster", reason="needs scylla-driver or cassandra-driver")
connection: Any = pytest.importorskip("cassandra.connection", reason="needs scylla-driver or cassandra-driver")
cqltypes: Any = pytest.importorskip("cassandra.cqltypes", reason="needs scylla-driver or cassandra-driver")
policies: Any = pytest.importorskip("cassandra.policies", reason="needs scylla-driver or cassandra-driver")
pool: Any = pytest.importorskip("cassandra.pool", reason="needs scylla-driver or cassandra-driver")
protocol: Any = pytest.importorskip("cassandra.protocol", reason="needs scylla-driver or cassandra-driver")

pytestmark = pytest.mark.adapter


@pytest.mark.parametrize(
    ("error", "statement", "expected", "outcome", "retryable"),
    [
        (UNAVAILABLE, SELECT, UnavailableError, "not_applied", True),
        (UNAVAILABLE, INSERT, UnavailableError, "not_applied", True),
        (UNAVAILABLE, COUNTER, UnavailableError, "not_applied", True),
        (UNAVAILABLE, LWT, UnavailableError, "unknown", False),
        (TIMED_OUT, SELECT, OperationTimedOutError, "not_applied", True),
        (TIMED_OUT, INSERT, OperationTimedOutError, "unknown", True),
        (TIMED_OUT, COUNTER, OperationTimedOutError, "unknown", False),
        (TIMED_OUT, LWT, OperationTimedOutError, "unknown", False),
        (LOST, INSERT, ConnectionLostError, "unknown", True),
        (LOST, COUNTER, ConnectionLostError, "unknown", False),
        (connection.ConnectionException("broken"), LWT, ConnectionLostError, "unknown", False),
        (WRITE_TIMEOUT, INSERT, WriteTimeoutError, "unknown", True),
        (COUNTER_TIMEOUT, COUNTER, WriteTimeoutError, "unknown", False),
        (CAS_TIMEOUT, LWT, WriteTimeoutError, "unknown", False),
        (server(protocol.ErrorMessage, 0x1700), LWT, WriteTimeoutError, "unknown", False),
        (cassandra.ReadTimeout("m", data_retrieved=False, **REPLICAS), SELECT, ReadTimeoutError, "not_applied", True),
        (cassandra.ReadFailure("m", failures=1, **REPLICAS), SELECT, ReadFailureError, "not_applied", False),
        (
            cassandra.WriteFailure("m", failures=1, write_type=cassandra.WriteType.SIMPLE, **REPLICAS),
            INSERT,
            WriteFailureError,
            "unknown",
            False,
        ),
        (server(protocol.OverloadedErrorMessage, 0x1001), COUNTER, OverloadedError, "not_applied", True),
        (server(protocol.OverloadedErrorMessage, 0x1001), LWT, OverloadedError, "unknown", False),
        (server(protocol.ServerError, 0x0000), INSERT, ServerError, "unknown", True),
        (server(protocol.ServerError, 0x0000), COUNTER, ServerError, "unknown", False),
        (server(protocol.IsBootstrappingErrorMessage, 0x1002), COUNTER, ClusterUnavailableError, "not_applied", True),
        (server(protocol.TruncateError, 0x1003), CREATE, ServerError, "unknown", False),
        (server(protocol.CDCWriteException, 0x1600), INSERT, ServerError, "unknown", False),
        (cassandra.FunctionFailure("m", "ks", "f", ["int"]), SELECT, FunctionFailureError, "not_applied", False),
        (RuntimeError("a bug"), COUNTER, DriverError, "unknown", False),
        (RuntimeError("a bug"), SELECT, DriverError, "not_applied", True),
    ],
)
def test_failures_say_what_is_known(
    session: PaperSession, error: Any, statement: Statement, expected: type, outcome: str, retryable: bool
) -> None:
    session.markers, session.key_indexes = [("k", cqltypes.Int32Type), ("a", cqltypes.Int32Type)], [0]
    found = failure(session, error, statement, (1, 2) if "?" in statement.cql else ())
    assert type(found) is expected
    assert isinstance(found, DriverError)
    assert (found.outcome, found.retryable) == (outcome, retryable)
    attempts = 4 if expected is OverloadedError and retryable else 1
    assert (found.statement_kind, found.coordinator, found.attempts) == (statement.kind, "10.0.0.1:9042", attempts)


@pytest.mark.parametrize(
    ("error", "expected", "message"),
    [
        (server(protocol.SyntaxException, 0x2000), InvalidSyntaxError, "as it says"),
        (
            cassandra.InvalidRequest('Error from server: code=2200 [Invalid] message="no such"'),
            InvalidRequestError,
            "no such",
        ),
        (
            cassandra.Unauthorized('Error from server: code=2100 [Unauthorized] message="may not"'),
            UnauthorizedError,
            "may not",
        ),
        (cassandra.AlreadyExists("ks", "t"), AlreadyExistsError, "table 'ks.t' already exists"),
        (server(protocol.ConfigurationException, 0x2300), InvalidRequestError, "as it says"),
        (server(protocol.ProtocolException, 0x000A), InvalidRequestError, "as it says"),
    ],
)
def test_refusals_keep_the_sentence_of_the_server(
    session: PaperSession, error: Any, expected: type, message: str
) -> None:
    found = failure(session, error)
    assert type(found) is expected
    assert isinstance(found, InvalidRequestError)
    assert str(found) == message
    assert (found.outcome, found.cql, found.coordinator) == ("not_applied", SELECT.cql, "10.0.0.1:9042")
    assert found.__cause__ is error


@pytest.mark.parametrize("cql", ["SELECT a FROM t", "SELECT a FROM t WHERE k = ? AND a = ?"])
def test_a_wrong_paging_state_is_said_to_be_one(session: PaperSession, cql: str) -> None:
    refused = protocol.ProtocolException(code=0x000A, message="Invalid value for the paging state", info=None)
    session.markers = [(name, cqltypes.Int32Type) for name in ("k", "a") if "?" in cql]
    statement = Statement(cql, StatementKind.SELECT, idempotent=True)
    found = failure(session, refused, statement, (1, 2) if "?" in cql else ())
    assert isinstance(found, InvalidRequestError)
    assert str(found).startswith("the paging state is not one of this query: give the paging_state of the page before")
    assert (found.outcome, found.retryable, found.cql) == ("not_applied", False, cql)
    assert found.__cause__ is refused


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (
            "Error decoding JSON value for age: Expected an int value, but got a String: canary",
            "Error decoding JSON value for age",
        ),
        ("Could not decode JSON string as a map: oops (String was: {canary})", "Could not decode JSON string as a map"),
        (
            "In call to function blobasint, value 0xCA4A57 is not a valid binary",
            "In call to function blobasint, value … is not a valid binary",
        ),
        ("Unable to make int from 'canary'", "Unable to make int from …"),
        ("Invalid null value in condition for column a", "Invalid null value in condition for column a"),
    ],
)
def test_a_sentence_of_the_server_never_repeats_bound_values(session: PaperSession, message: str, told: str) -> None:
    session.markers = [("[json]", cqltypes.UTF8Type)]
    error = cassandra.InvalidRequest(f'Error from server: code=2200 [Invalid query] message="{message}"')
    found = failure(
        session, error, Statement("INSERT INTO t JSON ?", StatementKind.INSERT, idempotent=True), ("canary",)
    )
    assert str(found) == told
    shown = "".join(traceback.format_exception(found))
    assert "canary" not in shown
    assert "CA4A57" not in shown


def test_what_a_function_said_is_left_out(session: PaperSession) -> None:
    found = failure(session, cassandra.FunctionFailure("execution of 'ks.f' failed: canary", "ks", "f", ["int"]))
    assert str(found) == "function 'ks.f' failed on the server"
    assert "canary" not in "".join(traceback.format_exception(found))


@pytest.mark.parametrize("error", [TIMED_OUT, cluster.NoHostAvailable("none", {}), LOST])
@pytest.mark.parametrize("statement", [COUNTER, LWT])
def test_what_never_left_was_not_applied(session: PaperSession, error: Exception, statement: Statement) -> None:
    session.markers, session.key_indexes = [("k", cqltypes.Int32Type), ("a", cqltypes.Int32Type)], [0]
    session.attempted_hosts = []
    found = failure(session, error, statement, (1, 2))
    assert isinstance(found, DriverError)
    assert (found.outcome, found.retryable, found.attempts, found.coordinator) == ("not_applied", True, 0, None)


def test_an_unreachable_cluster_names_each_node(session: PaperSession) -> None:
    error = cluster.NoHostAvailable(
        "none",
        {Node("10.0.0.2:9042"): connection.ConnectionException("refused\nby  it"), "10.0.0.3:9042": ValueError()},
    )
    found = failure(session, error)
    assert isinstance(found, ClusterUnavailableError)
    assert found.reasons == {"10.0.0.2:9042": "refused by it", "10.0.0.3:9042": "ValueError"}


def test_nodes_that_were_not_tried_are_named_with_what_to_do(session: PaperSession) -> None:
    down, up = (SimpleNamespace(endpoint=f"10.0.0.{n}:9042", is_up=n > 2) for n in (2, 3))
    session.cluster.metadata = SimpleNamespace(all_hosts=lambda: [down, up])
    told = {Node("10.0.0.4:9042"): connection.ConnectionException("Host has been marked down or removed")}
    session.prepare_errors.append(cluster.NoHostAvailable("none", told))
    found = failure(session, LOST, COUNTER, (1, 2))
    assert isinstance(found, ClusterUnavailableError)
    assert found.reasons.keys() == {"10.0.0.2:9042", "10.0.0.4:9042"}
    assert all("does a node run there" in reason for reason in found.reasons.values())


def test_a_statement_that_cannot_be_prepared_was_not_applied(session: PaperSession) -> None:
    for error, expected in (
        (TIMED_OUT, OperationTimedOutError),
        (server(protocol.SyntaxException, 0x2000), InvalidSyntaxError),
    ):
        session.prepare_errors.append(error)
        with pytest.raises(expected) as caught:
            CassandraDriver(session).send(Request(COUNTER, (1, 2)))
        assert caught.value.outcome == "not_applied"
    assert session.sent == []


def test_a_write_to_several_partitions_may_have_been_applied_in_part(session: PaperSession) -> None:
    session.markers, session.key_indexes = [("a", cqltypes.Int32Type), ("in(k)", cqltypes.Int32Type)], None
    found = failure(session, UNAVAILABLE, SEVERAL, (1, 2))
    assert (found.outcome, found.retryable) == ("unknown", True)


@pytest.mark.parametrize(
    ("kind", "outcome"), [("logged", "not_applied"), ("unlogged", "unknown"), ("counter", "unknown")]
)
def test_a_batch_is_judged_by_its_kind(session: PaperSession, kind: Any, outcome: str) -> None:
    session.markers, session.key_indexes = [("k", cqltypes.Int32Type), ("a", cqltypes.Int32Type)], [0]
    session.answers.append(UNAVAILABLE)
    with pytest.raises(UnavailableError) as caught:
        CassandraDriver(session).send(BatchRequest([(COUNTER, (1, 2)), (COUNTER, (2, 2))], kind))
    assert (caught.value.outcome, caught.value.statement_kind) == (outcome, StatementKind.BATCH)


def test_nodes_that_do_not_agree_on_the_schema_are_reported(
    session: PaperSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute_async = session.execute_async

    def disagreeing(statement: Any, **options: Any) -> Any:
        future = execute_async(statement, **options)
        future.is_schema_agreed = False
        return future

    monkeypatch.setattr(session, "execute_async", disagreeing)
    with pytest.raises(SchemaDisagreementError, match="nodes did not agree"):
        CassandraDriver(session).send(Request(CREATE))
    session.cluster.is_shutdown = True
    with pytest.raises(ConnectionLostError, match="closed before the nodes had agreed") as caught:
        CassandraDriver(session).send(Request(CREATE))
    assert (caught.value.outcome, caught.value.retryable) == ("unknown", False)
    assert CassandraDriver(session).send(Request(SELECT)).rows == ()
    assert session.sent[0][1]["timeout"] == 17.0


def test_replies_to_attempts_say_how_often_and_where(session: PaperSession) -> None:
    session.attempted_hosts = [SimpleNamespace(endpoint="10.0.0.1:9042"), SimpleNamespace(endpoint="10.0.0.2:9042")]
    found = failure(session, WRITE_TIMEOUT)
    assert isinstance(found, WriteTimeoutError)
    assert (found.attempts, found.coordinator, found.write_type) == (2, "10.0.0.2:9042", "SIMPLE")
    assert str(found).endswith("consistency QUORUM needs 2 replicas, 1 answered, write type SIMPLE")


async def test_awaiting_tells_the_same(session: PaperSession) -> None:
    session.answers.append(UNAVAILABLE)
    with pytest.raises(UnavailableError, match="QUORUM needs 2 live replicas, there are 1") as caught:
        await CassandraDriver(session).send_async(Request(SELECT))
    assert (caught.value.required, caught.value.alive, caught.value.consistency) == (2, 1, "QUORUM")


def test_a_node_that_fails_and_repeats_a_value_is_not_repeated(session: PaperSession) -> None:
    session.markers, session.key_indexes = [("k", cqltypes.Int32Type), ("a", cqltypes.Int32Type)], [0]
    failing = server(protocol.ServerError, 0x0000, "cannot write 'canary-7'")
    for error in (failing, cluster.NoHostAvailable("none", {"10.0.0.1:9042": failing})):
        found = failure(session, error, INSERT, (1, 2))
        assert "canary" not in "".join(traceback.format_exception(found)).replace("test_a_node_that", "")


def test_a_node_that_cannot_prepare_a_statement_has_not_executed_it(session: PaperSession) -> None:
    failing = server(protocol.ServerError, 0)
    session.prepare_errors += [cluster.NoHostAvailable("none", {"10.0.0.1:9042": failing})] * 2
    found = failure(session, LOST, COUNTER, (1, 2))
    assert (found.outcome, found.retryable) == ("not_applied", True)


def test_two_nodes_that_cannot_prepare_a_statement_are_not_asked_again(session: PaperSession) -> None:
    failing = dict.fromkeys(("10.0.0.1:9042", "10.0.0.2:9042"), server(protocol.ServerError, 0))
    session.prepare_errors += [cluster.NoHostAvailable("none", failing)] * 2
    failure(session, LOST, COUNTER, (1, 2))
    assert len(session.prepare_errors) == 1
