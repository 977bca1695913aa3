"""What the sentences of scylladb-rs-driver mean: outcomes, figures, and that no value is repeated."""

from __future__ import annotations

from typing import Any

import pytest

from coodie_drivers.errors import (
    AlreadyExistsError,
    ClusterUnavailableError,
    ConnectionLostError,
    CoodieError,
    DriverError,
    FunctionFailureError,
    InvalidRequestError,
    OperationTimedOutError,
    OverloadedError,
    ReadTimeoutError,
    ReplicaAnswers,
    SchemaDisagreementError,
    ServerError,
    UnavailableError,
    WriteFailureError,
    WriteTimeoutError,
)
from coodie_drivers.retries import Sent
from cql_builder.analysis import StatementKind

library: Any = pytest.importorskip("scylla.errors", reason="needs scylladb-rs-driver")
adapter: Any = pytest.importorskip("coodie_drivers.adapters._rust_errors", reason="needs scylladb-rs-driver")

pytestmark = pytest.mark.adapter

WRITE = Sent(StatementKind.INSERT, idempotent=True, one_partition=True)
COUNTER = Sent(StatementKind.UPDATE, one_partition=True)
CONDITIONAL = Sent(StatementKind.INSERT, idempotent=True, conditional=True, one_partition=True)
READ = Sent(StatementKind.SELECT, idempotent=True)

FIGURES = "(consistency: LocalQuorum, received: 1, required: 2, "
NOT_ENOUGH_WROTE = (
    "Not enough nodes responded to the write request in time to satisfy required consistency level " + FIGURES
)


def translated(sentence: str, sent: Sent = WRITE, **known: Any) -> CoodieError:
    """The contract's error for a sentence of the library."""
    error = library.ExecuteError(f"Failed to execute statement: {sentence}")
    with pytest.raises(CoodieError) as caught:
        adapter.raise_translated(error, adapter.Attempt(sent, "INSERT …", **known))
    return caught.value


def answered(error: str, message: str = "what the server says") -> str:
    return f"Database returned an error: {error}, Error message: {message}"


@pytest.mark.parametrize(
    ("sentence", "kind", "outcomes"),
    [
        (
            answered("Not enough nodes are alive to satisfy required consistency level "
                     "(consistency: Three, required: 3, alive: 1)"),
            UnavailableError,
            ("not_applied", "not_applied", "unknown"),
        ),
        (answered("The request cannot be processed because the coordinator node is overloaded"), OverloadedError,
         ("not_applied", "not_applied", "unknown")),
        (answered("Rate limit was exceeded for a partition affected by the request"), OverloadedError,
         ("unknown", "unknown", "unknown")),
        (answered(NOT_ENOUGH_WROTE + "write_type: Simple)"), WriteTimeoutError, ("unknown", "unknown", "unknown")),
        (answered("A non-timeout error during a write request " + FIGURES + "numfailures: 1, write_type: Counter"),
         WriteFailureError, ("unknown", "unknown", "unknown")),
        (answered("Internal server error. This indicates a server-side bug"), ServerError,
         ("unknown", "unknown", "unknown")),
        ("Connection broken, reason: Failed to write data: Broken pipe", ConnectionLostError,
         ("unknown", "unknown", "unknown")),
        ("Request execution exceeded a client timeout of 100ms", OperationTimedOutError,
         ("unknown", "unknown", "unknown")),
        ("No connections in the pool: The pool is broken; Last connection failed with: "
         + answered("Authentication failed - bad credentials"), ClusterUnavailableError,
         ("not_applied", "not_applied", "not_applied")),
        ("Unable to allocate stream id", OverloadedError, ("not_applied", "not_applied", "not_applied")),
        ("Failed to await schema agreement: Schema agreement exceeded 10000ms", SchemaDisagreementError,
         ("unknown", "unknown", "unknown")),
        ("something that nobody has seen yet", DriverError, ("unknown", "unknown", "unknown")),
    ],
)  # fmt: skip
def test_each_failure_says_what_is_known_of_a_write(
    sentence: str, kind: type[CoodieError], outcomes: tuple[str, str, str]
) -> None:
    found = [translated(sentence, sent) for sent in (WRITE, COUNTER, CONDITIONAL)]
    assert {type(error) for error in found} == {kind}
    assert tuple(error.outcome for error in found) == outcomes
    assert not found[2].retryable or outcomes[2] == "not_applied"


def test_a_lack_of_file_descriptors_is_told_with_what_to_do() -> None:
    lost = "No connections in the pool: The pool is broken; Last connection failed with: "
    told = str(translated(f"{lost}Too many open files (os error 24)"))
    assert "not enough file descriptors left" in told
    assert "ulimit -n" in told
    assert "(os error 98765)" in str(translated(f"{lost}Something else (os error 98765)"))


def test_figures_and_write_types_are_the_servers() -> None:
    error = translated(answered(NOT_ENOUGH_WROTE + "write_type: BatchLog)"))
    assert isinstance(error, WriteTimeoutError)
    assert (error.answers, error.write_type) == (ReplicaAnswers("LOCAL_QUORUM", 2, 1), "BATCH_LOG")
    unknown = translated(answered("Other error not specified in the specification. Error code: 5888"), CONDITIONAL)
    assert isinstance(unknown, WriteTimeoutError)
    assert (unknown.write_type, unknown.outcome) == ("CAS", "unknown")
    read = translated(answered("Not enough nodes responded to the read request in time to satisfy required consistency "
                               "level " + FIGURES + "data_present: true)"), READ)  # fmt: skip
    assert isinstance(read, ReadTimeoutError)
    assert (read.outcome, read.retryable) == ("not_applied", True)


def test_what_was_sent_twice_may_have_been_applied_the_first_time() -> None:
    unavailable = answered("Not enough nodes are alive to satisfy required consistency level "
                           "(consistency: One, required: 1, alive: 0)")  # fmt: skip
    again = translated(unavailable, attempts=2, uncertain=True)
    assert isinstance(again, UnavailableError)
    assert (again.outcome, again.attempts) == ("unknown", 2)
    assert translated(unavailable, attempts=2).outcome == "not_applied"  # the first time it was certainly not


def test_what_was_to_be_prepared_only_was_not_applied() -> None:
    assert translated(answered("Server error"), attempts=0).outcome == "not_applied"


def test_a_refusal_repeats_no_bound_value() -> None:
    invalid = "The query is syntactically correct but invalid"
    error = translated(answered(invalid, "Unable to coerce 'canary' to a date"), has_values=True)
    assert str(error) == "Unable to coerce … to a date"
    assert error.__cause__ is None
    plain = translated(answered(invalid, "Unable to coerce 'canary' to a date"))
    assert isinstance(plain, InvalidRequestError)
    assert "canary" in str(plain)


def test_names_in_an_error_are_taken_out_of_it() -> None:
    there = "Attempted to create a keyspace or a table that was already existing (keyspace: shop, table: products)"
    assert str(translated(answered(there))) == "table 'shop.products' already exists"
    assert isinstance(translated(answered(there)), AlreadyExistsError)
    failed = 'User defined function failed during execution (keyspace: shop, function: tax, arg_types: ["int"])'
    error = translated(answered(failed, "canary"))
    assert isinstance(error, FunctionFailureError)
    assert error.function == "shop.tax"
    assert error.__cause__ is None


def test_a_statement_that_a_node_forgot_twice_was_not_applied() -> None:
    sentence = answered(
        "Tried to execute a prepared statement that is not prepared. Driver should prepare it again",
        "Prepared query not found",
    )
    for sent in (WRITE, COUNTER, CONDITIONAL, READ):
        failed = translated(sentence, sent)
        assert isinstance(failed, ServerError)
        assert "forgets the prepared statement" in str(failed)
        assert (failed.outcome, failed.retryable) == ("not_applied", True)


@pytest.mark.parametrize(
    ("sentence", "agreed"),
    [
        ("Cluster metadata fetch error occurred during automatic schema agreement: Bad tables metadata", True),
        ("Schema agreement error occurred during automatic schema agreement: timed out", False),
        (
            answered(
                "Internal server error", "Cluster metadata fetch error occurred during automatic schema agreement"
            ),
            False,
        ),
    ],
)
def test_a_schema_that_only_the_library_cannot_read_is_agreed_on(sentence: str, agreed: bool) -> None:
    assert adapter.is_agreed(library.ExecuteError(f"Failed to execute statement: {sentence}")) is agreed
