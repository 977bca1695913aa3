"""The error tree: what it tells, and that it travels."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING

import pytest

from coodie_drivers import errors
from coodie_drivers.errors import (
    AlreadyExistsError,
    ClusterUnavailableError,
    ConfigurationError,
    CoodieError,
    DriverClosedError,
    DriverError,
    DriverMissingError,
    FunctionFailureError,
    InvalidQueryError,
    InvalidRequestError,
    OperationTimedOutError,
    ReadTimeoutError,
    ReplicaAnswers,
    SchemaDisagreementError,
    TableConflictError,
    UnavailableError,
    UnreadableValueError,
    WriteTimeoutError,
)
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLES: list[CoodieError] = [
    DriverMissingError("scylla", "scylla-driver or cassandra-driver", "scylla"),
    TableConflictError("shop", "products", ("column 'a' is int and wanted as text",)),
    AlreadyExistsError("it exists", statement_kind=StatementKind.SCHEMA, coordinator="n1:9042", cql="CREATE …"),
    ClusterUnavailableError({"n1:9042": "refused", "n2:9042": "timed out"}, outcome="not_applied"),
    OperationTimedOutError(2.5, statement_kind=StatementKind.UPDATE),
    UnavailableError("QUORUM", 2, 1, outcome="not_applied", retryable=True),
    ReadTimeoutError(ReplicaAnswers("QUORUM", 2, 1)),
    WriteTimeoutError(ReplicaAnswers("ALL", 3, 1, 1), "SIMPLE", attempts=2),
    FunctionFailureError("ks.f"),
    UnreadableValueError("at", "timestamp"),
    SchemaDisagreementError(),
    DriverClosedError(),
    ConfigurationError("wrong"),
    InvalidQueryError("wrong"),
]


def all_errors(root: type[CoodieError] = CoodieError) -> Iterator[type[CoodieError]]:
    yield root
    for below in root.__subclasses__():
        if below.__module__ == errors.__name__:
            yield from all_errors(below)


def test_every_error_is_public_and_named_as_one() -> None:
    names = {error.__name__ for error in all_errors() if not error.__name__.startswith("_")}
    assert all(name.endswith("Error") for name in names)
    assert names <= set(errors.__all__)


def test_every_error_stands_in_the_drawing_of_the_tree() -> None:
    drawing = errors.__doc__ or ""
    assert [name for name in errors.__all__ if name.endswith("Error") and name not in drawing] == []


@pytest.mark.parametrize("error", SAMPLES, ids=lambda error: type(error).__name__)
def test_errors_travel_between_processes_with_all_they_know(error: CoodieError) -> None:
    for again in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):  # noqa: S301 - our own bytes
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert vars(again) == vars(error)


def test_what_was_refused_before_the_network_was_not_applied() -> None:
    for error in (InvalidQueryError("x"), ConfigurationError("x"), InvalidRequestError("x"), DriverClosedError()):
        assert (error.outcome, error.retryable) == ("not_applied", False)
    assert DriverError("x").outcome == "unknown"


def test_an_unreachable_cluster_names_each_node_with_its_reason() -> None:
    error = ClusterUnavailableError({"n1:9042": "connection refused", "n2:9042": "timed out"})
    assert "n1:9042: connection refused; n2:9042: timed out" in str(error)
    assert error.reasons == {"n1:9042": "connection refused", "n2:9042": "timed out"}
    assert "no node is known" in str(ClusterUnavailableError({}))


def test_replica_errors_say_how_many_answered() -> None:
    error = WriteTimeoutError(ReplicaAnswers("QUORUM", 2, 1, 1), "BATCH_LOG", outcome="unknown")
    assert str(error) == (
        "the write timed out on the server: consistency QUORUM needs 2 replicas, 1 answered and 1 failed, "
        "write type BATCH_LOG"
    )
    assert (error.answers.required, error.write_type) == (2, "BATCH_LOG")


def test_a_missing_library_names_the_extra() -> None:
    error = DriverMissingError("scylla", "scylla-driver or cassandra-driver", "scylla")
    assert str(error).endswith("pip install scylla-driver, or the extra 'scylla' of coodie-drivers")
    assert error.extra == "scylla"
