"""The errors of every layer that talks to a cluster, drawn as a tree.

```
CoodieError
├── ConfigurationError             something was set up wrongly; nothing was sent
│   └── DriverMissingError         the client library for the wanted driver is not installed
├── InvalidQueryError              the query cannot be right; nothing was changed
│   ├── TableConflictError         the table that is there cannot become the table that is wanted
│   └── InvalidRequestError        the server refused it
│       ├── InvalidSyntaxError     it is not CQL, or not CQL of this server's version
│       ├── UnauthorizedError      this user may not do it
│       └── AlreadyExistsError     the keyspace or table to create is there already
└── DriverError                    the cluster or the way to it failed; `outcome` says what is known
    ├── ClusterUnavailableError    no node could be reached; names each one with its reason
    ├── ConnectionLostError        the connection broke while the answer was awaited
    ├── OperationTimedOutError     no answer within the client's own time limit
    ├── UnavailableError           too few replicas alive for the consistency asked for
    ├── OverloadedError            the coordinator or a rate limit turned the request away
    ├── ReadTimeoutError           too few replicas answered the coordinator in time
    ├── ReadFailureError           replicas failed while reading
    │   └── TooManyTombstonesError there is more deleted data between the rows than they go over
    ├── WriteTimeoutError          too few replicas acknowledged the write in time
    ├── WriteFailureError          replicas failed while writing
    ├── FunctionFailureError       a user-defined function failed
    ├── ServerError                the coordinator failed in a way of its own
    ├── UnreadableValueError       a value of the answer has no Python form, such as a time beyond the year 9999
    ├── SchemaDisagreementError    the nodes did not agree on the schema in time
    ├── DriverClosedError          the driver was used after it had been closed
    └── ForkedDriverError          the process forked, and the session is somebody else's
```

The mapper's own errors (`DocumentNotFound` and others) stand below these in `coodie.errors`. No message and no
attribute ever holds a bound value: values may be secrets, and errors end in logs. A literal is part of a statement's
text, and told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Unpack

    from cql_builder.analysis import StatementKind

__all__ = [
    "AlreadyExistsError",
    "ClusterUnavailableError",
    "ConfigurationError",
    "ConnectionLostError",
    "CoodieError",
    "DriverClosedError",
    "DriverError",
    "DriverErrorFacts",
    "DriverMissingError",
    "ForkedDriverError",
    "FunctionFailureError",
    "InvalidQueryError",
    "InvalidRequestError",
    "InvalidSyntaxError",
    "OperationTimedOutError",
    "Outcome",
    "OverloadedError",
    "PlainPasswordWarning",
    "ReadFailureError",
    "ReadTimeoutError",
    "ReplicaAnswers",
    "SchemaDisagreementError",
    "ServerError",
    "TableConflictError",
    "TooManyTombstonesError",
    "UnauthorizedError",
    "UnavailableError",
    "UnreadableValueError",
    "WriteFailureError",
    "WriteTimeoutError",
]

Outcome = Literal["not_applied", "unknown"]


class CoodieError(Exception):
    """The base of every error that this family of packages raises on purpose.

    Attributes:
        outcome: `not_applied` when it is certain that nothing was changed, else `unknown`.
        retryable: whether doing the same again is safe and may help.
    """

    outcome: Outcome = "not_applied"
    retryable: bool = False

    def __reduce__(self) -> tuple[object, ...]:
        """Travel between processes whole: an error's facts do not all fit through its `__init__` again."""
        return _rebuilt, (type(self), self.args), self.__dict__


def _rebuilt(kind: type[CoodieError], args: tuple[object, ...]) -> CoodieError:
    error = kind.__new__(kind, *args)
    error.args = args
    return error


class ConfigurationError(CoodieError):
    """Something was set up wrongly: no driver registered, an unknown option, a wrong model."""


class DriverMissingError(ConfigurationError):
    """The client library for the wanted driver is not installed, or not usable as it is.

    Attributes:
        driver_type: the driver that was wanted, as given to `init_coodie`.
        extra: the extra of this distribution that installs what is missing.
    """

    def __init__(
        self, driver_type: str, distributions: str, extra: str, in_the_way: str | None = None, instead: str = ""
    ) -> None:
        """Name the distributions that would do, and what to do.

        Args:
            driver_type: the driver that was wanted.
            distributions: what would serve it.
            extra: the extra of this distribution that installs one.
            in_the_way: what is to be uninstalled before.
            instead: the driver type whose library is installed; empty where there is none.
        """
        before = "" if in_the_way is None else f"pip uninstall {in_the_way} (both own the package 'cassandra'), then "
        super().__init__(
            f"driver type '{driver_type}' needs {distributions}, which is not installed: {before}"
            f"pip install {distributions.partition(' or ')[0]}, or the extra '{extra}' of coodie-drivers"
            + (f"; or use what is installed: driver_type='{instead}'" if instead else "")
        )
        self.driver_type = driver_type
        self.extra = extra


class InvalidQueryError(CoodieError):
    """The query cannot be right; it was refused before, or by, the server, and nothing was changed."""


class TableConflictError(InvalidQueryError):
    """The table, view or user type that is there cannot become the one that is wanted without losing data.

    Attributes:
        keyspace: the table's keyspace.
        table: the name of the table, view or type.
        conflicts: one sentence for each difference, with what to do instead.
    """

    def __init__(self, keyspace: str, table: str, conflicts: tuple[str, ...], *, kind: str = "table") -> None:
        """Build the sentence from the differences found; `kind` is what it calls the thing that is there."""
        super().__init__(f"{kind} '{keyspace}.{table}' cannot be changed as wanted: {'; '.join(conflicts)}")
        self.keyspace = keyspace
        self.table = table
        self.conflicts = conflicts


class InvalidRequestError(InvalidQueryError):
    """The server refused the statement; nothing was changed, unless it had been sent before (`outcome` is `unknown`).

    Attributes:
        statement_kind: what kind of statement was refused.
        coordinator: the node that refused it, where known.
        cql: the statement's text with its markers, where known.
    """

    def __init__(
        self,
        message: str,
        *,
        statement_kind: StatementKind | None = None,
        coordinator: str | None = None,
        cql: str | None = None,
    ) -> None:
        """Hold the server's own sentence and which statement it is about."""
        super().__init__(message)
        self.statement_kind = statement_kind
        self.coordinator = coordinator
        self.cql = cql


class InvalidSyntaxError(InvalidRequestError):
    """The server could not parse the statement."""


class UnauthorizedError(InvalidRequestError):
    """The user of this connection may not do what the statement asks for."""


class AlreadyExistsError(InvalidRequestError):
    """The keyspace or table to be created exists already."""


class DriverErrorFacts(TypedDict, total=False):
    """What every `DriverError` can be told about the request that failed."""

    outcome: Outcome
    retryable: bool
    statement_kind: StatementKind | None
    coordinator: str | None
    attempts: int


class DriverError(CoodieError):
    """The cluster, or the way to it, failed.

    Attributes:
        outcome: `not_applied` when it is certain that nothing was changed, else `unknown`.
        retryable: whether sending the same statement again is safe and may help.
        statement_kind: what kind of statement failed, where one was involved.
        coordinator: the node that answered or was asked, where known.
        attempts: how often the statement was sent.
    """

    def __init__(  # noqa: PLR0913 - every error's facts, by keyword
        self,
        message: str,
        *,
        outcome: Outcome = "unknown",
        retryable: bool = False,
        statement_kind: StatementKind | None = None,
        coordinator: str | None = None,
        attempts: int = 1,
    ) -> None:
        """Build the error from facts; `message` never contains a value of the statement."""
        super().__init__(message)
        self.outcome = outcome
        self.retryable = retryable
        self.statement_kind = statement_kind
        self.coordinator = coordinator
        self.attempts = attempts


class ClusterUnavailableError(DriverError):
    """No node could be reached.

    Attributes:
        reasons: each node that was tried, as `host:port`, with why it could not be used.
    """

    def __init__(self, reasons: Mapping[str, str], **facts: Unpack[DriverErrorFacts]) -> None:
        """List the nodes with their reasons."""
        listed = "; ".join(f"{host}: {reason}" for host, reason in reasons.items()) or "no node is known to be up"
        super().__init__(f"no node of the cluster could be reached ({listed})", **facts)
        self.reasons = dict(reasons)


class UnreadableValueError(DriverError):
    """A value of the answer has no Python form, such as a `timestamp` beyond the years 1 to 9999.

    Attributes:
        column: the column that holds it; None where the client library does not say.
        cql_type: its type; None as well.
    """

    def __init__(
        self,
        column: str | None,
        cql_type: str | None,
        advice: str = "leave the column out, or correct what was written",
        **facts: Unpack[DriverErrorFacts],
    ) -> None:
        """Name the column, and what to do about it."""
        where = "a column" if column is None else f"column '{column}' ({cql_type})"
        problem = f"{where} of the answer holds a value that has no Python form, such as a time beyond the years 1 to"
        super().__init__(f"{problem} 9999; {advice}", **facts)
        self.column = column
        self.cql_type = cql_type


class ConnectionLostError(DriverError):
    """The connection broke after the statement was sent and before the answer came."""


class OperationTimedOutError(DriverError):
    """No answer came within the client's own time limit.

    Attributes:
        timeout: the limit in seconds, where known.
    """

    def __init__(self, timeout: float | None, **facts: Unpack[DriverErrorFacts]) -> None:
        """Say how long was waited."""
        within = "in time" if timeout is None else f"within {timeout:g} s"
        super().__init__(f"no answer {within}", **facts)
        self.timeout = timeout


class UnavailableError(DriverError):
    """The coordinator knew of too few live replicas for the consistency asked for.

    Attributes:
        consistency: the consistency asked for.
        required: how many replicas it needs; None where the client library does not tell.
        alive: how many the coordinator believed to be alive; None where the client library does not tell.
    """

    def __init__(
        self, consistency: str, required: int | None, alive: int | None, **facts: Unpack[DriverErrorFacts]
    ) -> None:
        """Say how many replicas there should be and are."""
        if required is None or alive is None:
            message = f"consistency {consistency} needs more live replicas than there are"
        else:
            message = f"consistency {consistency} needs {required} live replicas, there are {alive}"
        super().__init__(message, **facts)
        self.consistency = consistency
        self.required = required
        self.alive = alive


class OverloadedError(DriverError):
    """The coordinator, or a rate limit, turned the request away."""


class ReplicaAnswers(NamedTuple):
    """How many replicas a consistency needs, how many answered, and how many of them said that they failed.

    A client library may tell less: then the consistency is empty, and a number None. `reasons` are the server's own
    words for why replicas failed (`READ_TOO_MANY_TOMBSTONES`, `TIMEOUT`, `INCOMPATIBLE_SCHEMA`, …), each once.
    """

    consistency: str
    required: int | None
    received: int | None
    failures: int = 0
    reasons: tuple[str, ...] = ()


class _ReplicaError(DriverError):
    """Too few replicas did their part."""

    _what = ""
    _way_out = ""

    def __init__(
        self, answers: ReplicaAnswers, write_type: str | None = None, **facts: Unpack[DriverErrorFacts]
    ) -> None:
        """Say how many replicas answered and failed."""
        consistency, required, received, failures, reasons = answers
        failed = f" and {failures} failed" if failures else ""
        written = "" if write_type is None else f", write type {write_type}"
        if required is None or received is None:
            told = "too few replicas did their part"
        else:
            told = f"consistency {consistency} needs {required} replicas, {received} answered{failed}"
        why = f" ({', '.join(reasons)})" if reasons else ""
        super().__init__(f"{self._what}: {told}{why}{written}{self._way_out}", **facts)
        self.answers = answers
        self.write_type = write_type


class ReadTimeoutError(_ReplicaError):
    """Too few replicas answered the coordinator in time.

    Attributes:
        answers: the consistency, and how many replicas it needs and heard from.
    """

    _what = "the read timed out on the server"


class ReadFailureError(_ReplicaError):
    """Replicas failed while reading.

    Attributes:
        answers: the consistency, how many replicas it needs, heard from and saw fail, and why these failed.
    """

    _what = "replicas failed while reading"


class TooManyTombstonesError(ReadFailureError):
    """Between the rows that were asked for lies more deleted or expired data than a replica goes over.

    The limit is `tombstone_failure_threshold` in the server's cassandra.yaml, 100,000 unless it is set.

    Attributes:
        answers: the consistency, how many replicas it needs, heard from and saw fail, and why these failed.
    """

    _way_out = (
        "; what was deleted or expired stays until gc_grace_seconds are over and it is compacted: ask for a smaller "
        "range, and delete whole partitions or ranges rather than rows, elements and columns"
    )


class WriteTimeoutError(_ReplicaError):
    """Too few replicas acknowledged the write in time.

    Attributes:
        answers: the consistency, and how many replicas it needs and heard from.
        write_type: the server's own word for what was being written (`SIMPLE`, `BATCH_LOG`, `COUNTER`, `CAS`, …).
    """

    _what = "the write timed out on the server"


class WriteFailureError(_ReplicaError):
    """Replicas failed while writing.

    Attributes:
        answers: the consistency, and how many replicas it needs, heard from and saw fail.
        write_type: the server's own word for what was being written (`SIMPLE`, `BATCH_LOG`, `COUNTER`, `CAS`, …).
    """

    _what = "replicas failed while writing"


class FunctionFailureError(DriverError):
    """A user-defined function failed while the statement ran.

    Attributes:
        function: the function's name with its keyspace.
    """

    def __init__(self, function: str, **facts: Unpack[DriverErrorFacts]) -> None:
        """Name the function; what it said is left out, for it may speak of values."""
        super().__init__(f"function '{function}' failed on the server", **facts)
        self.function = function


class ServerError(DriverError):
    """The coordinator failed in a way of its own; its log says more."""


class SchemaDisagreementError(DriverError):
    """The statement was executed, but the nodes did not agree on the schema within the time allowed."""

    def __init__(self, **facts: Unpack[DriverErrorFacts]) -> None:
        """Say what happened and what to do."""
        super().__init__(
            "the schema was changed, but the nodes did not agree on it in time: a node may be down or slow; "
            "check that all nodes report one schema version before the table is used",
            **facts,
        )


class DriverClosedError(DriverError):
    """The driver was used after it had been closed; nothing was sent."""

    def __init__(self) -> None:
        """Say that a new connection is needed."""
        super().__init__(
            "this driver has been closed; connect again with init_coodie(...)", outcome="not_applied", attempts=0
        )


class ForkedDriverError(DriverError):
    """The driver's connection was made before the process forked, and does not work in the child; nothing was sent."""

    def __init__(
        self,
        remedy: str = "connect in the child, or let init_coodie(hosts=...) connect, which does so by itself",
    ) -> None:
        """Say what to do instead."""
        super().__init__(
            "this driver's session was connected before the process forked, and its threads and connections belong to "
            f"the parent: {remedy}",
            outcome="not_applied",
            attempts=0,
        )


class PlainPasswordWarning(UserWarning):
    """A password goes to another machine over a connection that is not encrypted."""
