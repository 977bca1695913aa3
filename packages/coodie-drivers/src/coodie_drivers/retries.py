"""What a failure leaves known, and whether to send the statement again: pure decisions, no input or output.

The adapters ask here with what the server or the client library said; nothing else decides about resending.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from coodie_drivers.errors import Outcome
    from coodie_drivers.messages import BatchKind

__all__ = [
    "OVERLOADED_RETRIES",
    "SAME_HOST_WRITE_TYPES",
    "Failure",
    "FailureKind",
    "Sent",
    "Verdict",
    "outcome_of",
    "pause_before",
    "retryable",
    "verdict_on",
]

FailureKind = Literal[
    "not_sent",
    "bootstrapping",
    "unavailable",
    "overloaded",
    "connection_lost",
    "timed_out",
    "server_error",
    "truncate_error",
    "read_timeout",
    "read_failure",
    "write_timeout",
    "write_failure",
    "function_failure",
]
"""What went wrong; `timed_out` is the client's own limit, the other timeouts are the server's."""

Verdict = Literal["same_host", "next_host", "give_up"]
"""What to do next; where there is no other host the next one is the same again."""

SAME_HOST_WRITE_TYPES: Final = frozenset({"SIMPLE", "UNLOGGED_BATCH", "BATCH_LOG"})
"""Timed-out writes that may be sent again when that is harmless; a `BATCH` is logged and will be applied by itself."""

OVERLOADED_RETRIES: Final = 3
"""How often a statement that an overloaded node turned away is sent again, at most."""

_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 0.3
"""Seconds before such a statement is sent again, at first and at most: each time it is twice as many."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What is known of the statement that was sent.

    Attributes:
        kind: what it does.
        idempotent: whether running it twice leaves the same data as running it once.
        conditional: whether it is a lightweight transaction.
        one_partition: whether it certainly touches one partition only, so that it is applied whole or not at all.
        batch: the kind of batch it is; None for a single statement.
        reads: whether it changes nothing.
        repeatable: whether sending it again can do no harm, whatever became of the first time.
    """

    kind: StatementKind
    idempotent: bool = False
    conditional: bool = False
    one_partition: bool = False
    batch: BatchKind | None = None
    reads: bool = field(init=False)
    repeatable: bool = field(init=False)

    def __post_init__(self) -> None:
        """Work out what each request asks for."""
        reads = self.kind is StatementKind.SELECT
        object.__setattr__(self, "reads", reads)
        object.__setattr__(self, "repeatable", reads or (self.idempotent and not self.conditional))


@dataclass(frozen=True, slots=True)
class Failure:
    """What the server or the client library said.

    Attributes:
        kind: what went wrong.
        write_type: the server's word for what was being written, for a write timeout.
        enough_replicas: whether as many replicas answered as the consistency needs.
        data_retrieved: whether a replica sent the data itself, for a read timeout.
    """

    kind: FailureKind
    write_type: str | None = None
    enough_replicas: bool = False
    data_retrieved: bool = False


def outcome_of(failure: Failure, sent: Sent) -> Outcome:
    """Return whether it is certain that the statement changed nothing.

    A conditional statement that got as far as a coordinator is `unknown` in any case: its Paxos phase may have been
    accepted before the commit failed. A write to several partitions is sent one by one by the coordinator, so that one
    may be refused after others were applied. Whether enough replicas live is asked for a logged batch as a whole before
    anything is written; whether they have too much to do, after its log is, from which it will be applied all the same
    (`StorageProxy.mutateAtomically`, Cassandra 4.0 to 6.0).
    """
    if sent.reads or failure.kind in {"not_sent", "bootstrapping"}:
        return "not_applied"
    if sent.conditional or failure.kind not in {"unavailable", "overloaded"}:
        return "unknown"
    checked_whole = failure.kind == "unavailable" and sent.batch == "logged"
    return "not_applied" if sent.one_partition or checked_whole else "unknown"


def retryable(failure: Failure, sent: Sent) -> bool:
    """Return whether the caller may send the statement again without harm, and with some hope."""
    if failure.kind in {"read_failure", "write_failure", "function_failure", "truncate_error"}:
        return False
    return sent.repeatable or outcome_of(failure, sent) == "not_applied"


def verdict_on(failure: Failure, sent: Sent, retries: int) -> Verdict:
    """Return what to do next about a failure after the statement has been sent again `retries` times.

    >>> verdict_on(Failure("connection_lost"), Sent(StatementKind.UPDATE, idempotent=False), 0)
    'give_up'
    """
    if failure.kind in {"not_sent", "bootstrapping"}:
        return "next_host"  # the node did nothing; the number of nodes bounds the attempts
    allowed = OVERLOADED_RETRIES if failure.kind == "overloaded" else 1
    if retries >= allowed or not retryable(failure, sent) or failure.kind == "timed_out":
        return "give_up"
    if failure.kind == "read_timeout":
        # Enough replicas answered, only the one asked for the data did not: the next try will ask another.
        return "same_host" if failure.enough_replicas and not failure.data_retrieved else "give_up"
    if failure.kind == "write_timeout":
        return "same_host" if failure.write_type in SAME_HOST_WRITE_TYPES else "give_up"
    return "next_host"


def pause_before(failure: Failure, retries: int) -> float:
    """Return how many seconds to wait before a statement is sent again that was sent again `retries` times before.

    Only an overloaded node needs time: at first 0.1 s, then twice as long each time, 0.3 s at most; of that a random
    share between the half and all of it, so that many who were turned away together do not come back together.
    """
    if failure.kind != "overloaded":
        return 0.0
    from random import uniform  # noqa: PLC0415 - it takes milliseconds to load, and few nodes are ever overloaded

    return min(_LONGEST_PAUSE, _FIRST_PAUSE * float(2**retries)) * uniform(0.5, 1.0)  # noqa: S311 - not a secret
