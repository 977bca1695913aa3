"""What acsylla tells of failures, read where it tells little: which node applied it, and which function failed."""

from __future__ import annotations

from typing import Any

import pytest

from coodie_drivers.errors import ConnectionLostError, DriverError, FunctionFailureError
from coodie_drivers.retries import Sent
from cql_builder.analysis import StatementKind

told: Any = pytest.importorskip("coodie_drivers.adapters._acsylla_errors", reason="needs acsylla")
acsylla: Any = pytest.importorskip("acsylla", reason="needs acsylla")

WRITE = Sent(StatementKind.INSERT, idempotent=True, one_partition=True)
READ = Sent(StatementKind.SELECT)
NO_INT = "org.apache.cassandra.serializers.MarshalException: Unable to make int from 'x'"
CQL = "INSERT INTO shop.products (id) VALUES (?)"


def raised(error: Exception, sent: Sent, **facts: Any) -> DriverError:
    """What the contract tells of an error of the library."""
    attempt = told.Attempt(sent, facts.pop("cql", CQL), 1, hosts=("127.0.0.1:9042",), **facts)
    with pytest.raises(DriverError) as caught:
        told.raise_translated(error, attempt)
    return caught.value


@pytest.mark.parametrize(
    "name", ["LibNoHostsAvailable", "ServerUnavailable", "ServerOverloaded", "ServerIsBootstrapping"]
)
def test_what_went_to_several_nodes_may_be_applied_by_another_than_the_one_that_failed(name: str) -> None:
    error = getattr(acsylla.errors, f"CassError{name}")
    assert raised(error("message"), WRITE).outcome == "not_applied"
    assert raised(error("message"), WRITE, library_resends=True).outcome == "unknown"
    assert raised(error("message"), READ, library_resends=True).outcome == "not_applied"


def test_hosts_that_are_all_gone_may_have_got_what_the_library_sent_to_several() -> None:
    error = acsylla.errors.CassErrorLibNoHostsAvailable("message")
    attempt = told.Attempt(WRITE, CQL, 1, library_resends=True)
    assert told.failure_of(error, told.Attempt(WRITE, CQL, 1)).kind == "not_sent"
    assert told.failure_of(error, attempt).kind == "connection_lost"


def test_a_statement_that_was_to_be_prepared_reached_no_node() -> None:
    error = acsylla.errors.CassErrorLibRequestTimedOut("Request timed out")
    attempt = told.Attempt(WRITE, CQL, 0, limit=10.0, elapsed=0.1)
    with pytest.raises(ConnectionLostError) as caught:
        told.raise_translated(error, attempt)
    assert (caught.value.outcome, caught.value.attempts) == ("not_applied", 0)


@pytest.mark.parametrize(
    ("sentence", "cql", "function"),
    [
        ("execution of 'shop.half[int]' failed: java.lang.ArithmeticException", "SELECT 1", "shop.half"),
        ("execution failed", "SELECT shop.half(price) FROM shop.products", "shop.half"),
        ("execution failed", "SELECT shop.half (price), shop.half(cost) FROM shop.products", "shop.half"),
        ("execution failed", "INSERT INTO shop.products (id, n) VALUES (1, shop.half(2))", "shop.half"),
        ("execution failed", "INSERT INTO shop.products(id, n) VALUES (1, half(2))", "of a user"),
        ("execution failed", "SELECT shop.half(price), shop.third(price) FROM shop.products", "of a user"),
        ("execution failed", "SELECT count(*) FROM shop.products", "of a user"),
        ("execution failed", None, "of a user"),
        (NO_INT, "UPDATE shop.products SET n = fromJson(?) WHERE id = 1", "system.fromjson"),
        (NO_INT, "INSERT INTO shop.products (id, n) VALUES (1, from_json(?))", "system.fromjson"),
        ("execution failed", "UPDATE shop.products SET n = half(fromJson('1')) WHERE id = 1", "of a user"),
    ],
)
def test_a_function_is_named_where_the_server_or_the_statement_names_one_alone(
    sentence: str, cql: str | None, function: str
) -> None:
    error = acsylla.errors.CassErrorServerFunctionFailure(f"User defined function failure: {sentence}")
    failed = raised(error, READ, cql=cql)
    assert isinstance(failed, FunctionFailureError)
    assert function in str(failed)
    assert failed.function == function


@pytest.mark.parametrize(
    ("limit", "elapsed", "kind"),
    [
        (0.001, 0.0004, "timed_out"),
        (0.0019, 0.0011, "timed_out"),
        (10.0, 9.99, "timed_out"),
        (10.0, 1.0, "connection_lost"),
    ],
)
def test_a_limit_of_a_millisecond_is_no_lost_connection(limit: float, elapsed: float, kind: str) -> None:
    error = acsylla.errors.CassErrorLibRequestTimedOut("Request timed out")
    assert told.failure_of(error, told.Attempt(WRITE, CQL, 1, limit=limit, elapsed=elapsed)).kind == kind
