"""What a failure leaves known, and whether the statement is sent again."""

from __future__ import annotations

import itertools
from typing import get_args

import pytest

from coodie_drivers.messages import BatchKind
from coodie_drivers.retries import Failure, FailureKind, Sent, outcome_of, pause_before, retryable, verdict_on
from cql_builder.analysis import StatementKind

KINDS: tuple[FailureKind, ...] = get_args(FailureKind)
WRITE_TYPES = ["SIMPLE", "BATCH", "UNLOGGED_BATCH", "COUNTER", "BATCH_LOG", "CAS", "VIEW", "CDC", None]
BATCHES: tuple[BatchKind | None, ...] = (*get_args(BatchKind), None)

FAILURES = {
    Failure(kind, write_type if kind == "write_timeout" else None, enough, data)
    for kind, write_type, enough, data in itertools.product(KINDS, WRITE_TYPES, (True, False), (True, False))
}
STATEMENTS = [
    Sent(*facts)
    for facts in itertools.product(
        (StatementKind.SELECT, StatementKind.UPDATE, StatementKind.SCHEMA),
        (True, False),
        (True, False),
        (True, False),
        BATCHES,
    )
]

PLAIN = Sent(StatementKind.INSERT, idempotent=True, one_partition=True)
COUNTER = Sent(StatementKind.UPDATE, idempotent=False, one_partition=True)
LWT = Sent(StatementKind.UPDATE, idempotent=True, conditional=True, one_partition=True)
READ = Sent(StatementKind.SELECT, idempotent=True)


def test_what_may_have_been_applied_and_is_not_idempotent_is_never_sent_again() -> None:
    for failure, sent in itertools.product(FAILURES, STATEMENTS):
        if outcome_of(failure, sent) == "unknown" and (not sent.idempotent or sent.conditional):
            assert not retryable(failure, sent)
            assert {verdict_on(failure, sent, retries) for retries in (0, 1, 2)} == {"give_up"}


def test_a_lightweight_transaction_is_sent_again_only_when_the_node_did_nothing() -> None:
    for failure in FAILURES:
        resent = verdict_on(failure, LWT, 0) != "give_up"
        assert resent == (failure.kind in {"not_sent", "bootstrapping"})
        assert (outcome_of(failure, LWT) == "not_applied") == resent


def test_a_statement_is_sent_again_once_at_most() -> None:
    for failure, sent in itertools.product(FAILURES, STATEMENTS):
        if failure.kind not in {"not_sent", "bootstrapping", "overloaded"}:
            assert verdict_on(failure, sent, 1) == "give_up"


def test_an_overloaded_node_is_given_time_and_three_more_attempts() -> None:
    failure = Failure("overloaded")
    for sent in STATEMENTS:
        verdicts = [verdict_on(failure, sent, retries) for retries in range(5)]
        expected = "next_host" if retryable(failure, sent) else "give_up"
        assert verdicts == [expected] * 3 + ["give_up"] * 2
    for retries, longest in enumerate([0.1, 0.2, 0.3, 0.3]):
        pauses = {pause_before(failure, retries) for _ in range(200)}
        assert longest / 2 <= min(pauses) < longest * 0.6
        assert longest * 0.9 < max(pauses) <= longest
    assert {pause_before(each, 0) for each in FAILURES if each.kind != "overloaded"} == {0.0}


def test_a_read_changes_nothing() -> None:
    assert {outcome_of(failure, READ) for failure in FAILURES} == {"not_applied"}


@pytest.mark.parametrize(
    ("failure", "sent", "outcome", "may_retry", "verdict"),
    [
        (Failure("bootstrapping"), COUNTER, "not_applied", True, "next_host"),
        (Failure("unavailable"), PLAIN, "not_applied", True, "next_host"),
        (Failure("unavailable"), COUNTER, "not_applied", True, "next_host"),
        (Failure("unavailable"), LWT, "unknown", False, "give_up"),
        (Failure("unavailable"), READ, "not_applied", True, "next_host"),
        (Failure("overloaded"), COUNTER, "not_applied", True, "next_host"),
        (Failure("connection_lost"), PLAIN, "unknown", True, "next_host"),
        (Failure("connection_lost"), COUNTER, "unknown", False, "give_up"),
        (Failure("connection_lost"), READ, "not_applied", True, "next_host"),
        (Failure("server_error"), PLAIN, "unknown", True, "next_host"),
        (Failure("server_error"), COUNTER, "unknown", False, "give_up"),
        (Failure("timed_out"), PLAIN, "unknown", True, "give_up"),
        (Failure("timed_out"), COUNTER, "unknown", False, "give_up"),
        (Failure("write_timeout", "SIMPLE"), PLAIN, "unknown", True, "same_host"),
        (Failure("write_timeout", "UNLOGGED_BATCH"), PLAIN, "unknown", True, "same_host"),
        (Failure("write_timeout", "BATCH_LOG"), PLAIN, "unknown", True, "same_host"),
        (Failure("write_timeout", "BATCH_LOG"), COUNTER, "unknown", False, "give_up"),
        (Failure("write_timeout", "BATCH"), PLAIN, "unknown", True, "give_up"),
        (Failure("write_timeout", "COUNTER"), COUNTER, "unknown", False, "give_up"),
        (Failure("write_timeout", "CAS"), LWT, "unknown", False, "give_up"),
        (Failure("write_failure"), PLAIN, "unknown", False, "give_up"),
        (Failure("read_timeout", enough_replicas=True), READ, "not_applied", True, "same_host"),
        (Failure("read_timeout", enough_replicas=True, data_retrieved=True), READ, "not_applied", True, "give_up"),
        (Failure("read_timeout"), READ, "not_applied", True, "give_up"),
        (Failure("read_failure"), READ, "not_applied", False, "give_up"),
        (Failure("truncate_error"), Sent(StatementKind.TRUNCATE), "unknown", False, "give_up"),
    ],
)
def test_the_table_of_decisions(failure: Failure, sent: Sent, outcome: str, may_retry: bool, verdict: str) -> None:
    assert (outcome_of(failure, sent), retryable(failure, sent), verdict_on(failure, sent, 0)) == (
        outcome,
        may_retry,
        verdict,
    )


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("kind", ["unavailable", "overloaded"])
def test_several_partitions_are_refused_one_by_one_unless_logged(kind: FailureKind, batch: BatchKind | None) -> None:
    sent = Sent(StatementKind.BATCH, idempotent=False, one_partition=False, batch=batch)
    # A node finds out that it has too much to do after it has written the log, from which the batch will be applied.
    expected = "not_applied" if batch == "logged" and kind == "unavailable" else "unknown"
    assert outcome_of(Failure(kind), sent) == expected
    assert retryable(Failure(kind), sent) == (expected == "not_applied")
