"""The errors of the package `scylla` as those of `coodie_drivers.errors`, translated here once and nowhere else.

The library tells in sentences only, whose beginnings are fixed: `Database returned an error: …, Error message: …`, with
the figures of the error in parentheses. What stands behind `Error message:` is the server's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

from coodie_drivers.adapters._forgotten import FORGETS, pause_before_preparing
from coodie_drivers.adapters._rust_library import errors
from coodie_drivers.adapters._server_sentences import read_failure, reasons_in, without_values
from coodie_drivers.errors import (
    AlreadyExistsError,
    ClusterUnavailableError,
    ConnectionLostError,
    CoodieError,
    DriverError,
    DriverErrorFacts,
    FunctionFailureError,
    InvalidRequestError,
    InvalidSyntaxError,
    OperationTimedOutError,
    OverloadedError,
    ReadTimeoutError,
    ReplicaAnswers,
    SchemaDisagreementError,
    ServerError,
    UnauthorizedError,
    UnavailableError,
    WriteFailureError,
    WriteTimeoutError,
)
from coodie_drivers.interrupts import pass_interrupt
from coodie_drivers.reaching import system_reason
from coodie_drivers.retries import Failure, outcome_of, retryable

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.retries import FailureKind, Sent

_ANSWERED: Final = "Database returned an error: "
_ANSWER: Final = re.compile(_ANSWERED + r"(.*?), Error message: (.*)", re.DOTALL)
_FACTS: Final = re.compile(r"(\w+): (\w+)")
_WORD: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_UNWRITTEN: Final = re.compile(r"\bSerializationError: ")
_PREPARED_ANEW: Final = re.compile(r"^[^:]*: (?:Prepared statement id changed|Reprepared statement's id)")
_WRONG_PAGING_STATE: Final = "Invalid value for the paging state"
_NOT_OF_THIS_QUERY: Final = (
    "the paging state is not one of this query: give the paging_state of the page before, of the same statement with "
    "the same values, unchanged; or None to begin anew"
)
_BROKEN_BEFORE: Final = "The connection was already broken"
_UNREAD_SCHEMA: Final = "Cluster metadata fetch error occurred during automatic schema agreement"
"""What the library says when it cannot read the new schema, for which it asks once the nodes have agreed on it."""

_SYSTEM_ERROR: Final = re.compile(r"\(os error (\d+)\)")

_CUT: Final = "future was cancelled"
"""What the library says of a call that was ended from here."""

_UNKNOWN_TIMEUUID: Final = re.compile(r"column index: (\d+),.*Malformed simple custom type name: LegacyTimeUUIDType\Z")
"""What the library says of a column whose type the server tells by a class that the library does not know."""

_CAS_WRITE_UNKNOWN: Final = "Error code: 5888"
_FORGOTTEN: Final = "Tried to execute a prepared statement that is not prepared"
_CDC_WRITE_FAILURE: Final = "Error code: 5632"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is known of the request that failed.

    Attributes:
        sent: the statement's nature.
        cql: its text; None for a batch.
        attempts: how often the statement was given to the library to send; 0 when it was to be prepared only.
        has_values: whether values were bound, which the server's sentence could then repeat.
        timeout: the client's own limit in seconds, where known.
        uncertain: whether an earlier attempt may have been applied.
        speculative: whether the library may have sent it to several nodes at once.
        unconnected: how often it found no connection, or one that had broken before, and so was hardly sent.
        forgotten: how often a node had forgotten the prepared statement.
        hosts: the nodes that the library knows of.
    """

    sent: Sent
    cql: str | None
    attempts: int = 1
    has_values: bool = False
    timeout: float | None = None
    uncertain: bool = False
    speculative: bool = False
    unconnected: int = 0
    forgotten: int = 0
    hosts: tuple[str, ...] = ()

    def after(self, failure: Failure) -> Attempt:
        """Return the attempt that follows upon this one, which failed so."""
        uncertain = self.uncertain or outcome_of(failure, self.sent) == "unknown"
        return replace(self, attempts=self.attempts + 1, uncertain=uncertain)

    def after_forgetting(self, left: float | None) -> tuple[float | None, Attempt]:
        """Return the attempt that follows where a node had forgotten the statement, and the pause before; None for no.

        Args:
            left: the seconds that the request has left; None where it has no limit.
        """
        forgotten = self.forgotten + 1
        after = replace(self, attempts=self.attempts + 1, forgotten=forgotten)
        return pause_before_preparing(forgotten, left), after

    @property
    def retries(self) -> int:
        """How often it was sent again for what a node said of itself, not of a statement that it had forgotten."""
        return self.attempts - 1 - self.forgotten

    def facts(self, failure: Failure) -> DriverErrorFacts:
        """Return what every `DriverError` tells; the library does not tell which node it asked."""
        if not self.attempts:
            failure = Failure("not_sent")  # whatever was answered, it was asked to prepare the statement
        never_left = failure.kind == "not_sent" and self.attempts == 1
        # Another node than the one that failed may have applied what went to several.
        uncertain = self.uncertain or (self.speculative and not self.sent.reads and bool(self.attempts))
        return {
            "outcome": "unknown" if uncertain else outcome_of(failure, self.sent),
            "retryable": retryable(failure, self.sent),
            "statement_kind": self.sent.kind,
            "coordinator": None,
            "attempts": 0 if never_left else self.attempts,
        }


class Told(NamedTuple):
    """What the library told.

    Attributes:
        failure: what went wrong; None where the server refused the statement.
        error: the server's error in the library's words; the library's whole sentence where no server answered.
        message: the server's own sentence.
    """

    failure: Failure | None
    error: str
    message: str = ""

    def fact(self, name: str) -> str:
        """Return one of the error's figures."""
        facts: dict[str, str] = dict(_FACTS.findall(self.error))
        return facts.get(name, "")

    def number(self, name: str) -> int:
        """Return one of the error's figures as a number, 0 where an error of this kind has none."""
        return int(self.fact(name) or 0)


def told_by(error: BaseException) -> Told:
    """Return what an error of the library means."""
    if isinstance(error, TimeoutError):  # a call that the library itself would never have ended
        return Told(Failure("timed_out"), "")
    text = str(error)
    answer = _ANSWER.search(text)
    own = text if answer is None else text[: answer.start()]
    # What the library itself failed at stands first; a node's answer behind it was to another question.
    found: list[FailureKind] = [kind for mark, kind in _LIBRARY_FAILURES.items() if mark in own]
    if answer is None or found:
        return Told(Failure(found[0] if found else "connection_lost"), text)
    return _answered(*answer.groups())


def _answered(told: str, message: str) -> Told:
    """Return what an error means that the server sent."""
    if any(told.startswith(mark) for mark in _REFUSALS):
        return Told(None, told, message)
    found: list[FailureKind] = [kind for mark, kind in _SERVER_FAILURES.items() if told.startswith(mark)]
    facts = dict(_FACTS.findall(told))
    received, required = (int(facts.get(name, 0)) for name in ("received", "required"))
    if _CAS_WRITE_UNKNOWN in told:
        return Told(Failure("write_timeout", "CAS"), told, message)
    if _CDC_WRITE_FAILURE in told:
        return Told(Failure("write_failure", "CDC"), told, message)
    write_type = _WORD.sub("_", facts["write_type"]).upper() if "write_type" in facts else None
    kind: FailureKind = found[0] if found else "server_error"
    failure = Failure(kind, write_type, received >= required, facts.get("data_present") == "true")
    return Told(failure, told, message)


def is_prepared_anew(error: BaseException) -> bool:
    """Return whether a node prepared a statement anew, and it became another: nothing was executed."""
    return _PREPARED_ANEW.search(str(error)) is not None


def was_forgotten(error: BaseException) -> bool:
    """Return whether a node had forgotten the prepared statement, and did nothing."""
    return isinstance(error, errors.ScyllaError) and told_by(error).error.startswith(_FORGOTTEN)


def found_no_node(error: BaseException) -> bool:
    """Return whether there was no connection to send the request on."""
    if not isinstance(error, errors.ScyllaError):
        return False
    sentence, _, _ = str(error).partition(_ANSWERED)
    return any(mark in sentence for mark in _NO_NODE)


def was_broken(error: BaseException) -> bool:
    """Return whether the connection had broken before, so that the request was hardly sent on it."""
    return _BROKEN_BEFORE in str(error)


def unknown_timeuuid(error: BaseException) -> int | None:
    """Return the place of the column that is a timeuuid and that the library does not know as one; None for others."""
    found = _UNKNOWN_TIMEUUID.search(str(error)) if isinstance(error, errors.ScyllaError) else None
    return None if found is None else int(found[1])


def is_agreed(error: BaseException) -> bool:
    """Return whether a change of the schema was made and agreed on, and the library only failed to read the result.

    It reads no schema in which a column is of a type with a quoted name, in whatever keyspace.
    """
    return isinstance(error, errors.ScyllaError) and _UNREAD_SCHEMA in str(error).partition(_ANSWERED)[0]


def is_unwritten(error: BaseException) -> bool:
    """Return whether the library itself refused to write a value."""
    text = str(error)
    return isinstance(error, errors.ScyllaError) and _UNWRITTEN.search(text) is not None and not _ANSWER.search(text)


def raise_translated(error: Exception, attempt: Attempt) -> NoReturn:
    """Raise the contract's error for the library's.

    The library's own error stays its cause, unless it holds a sentence of the server that could repeat a bound value:
    then the chain is cut, since tracebacks end in logs.
    """
    pass_interrupt(error)
    if isinstance(error, CoodieError):
        if attempt.uncertain:
            error.outcome = "unknown"  # the driver was closed between two attempts
        raise error
    told = told_by(error)
    if told.failure is None:
        refused, whole = _refused(told, attempt)
        if attempt.uncertain:
            refused.outcome = "unknown"  # this attempt did nothing, but an earlier one may have
        raise refused from (error if whole else None)
    translated = _failed(told, told.failure, attempt)
    raise translated from (None if told.failure.kind == "function_failure" or attempt.has_values else error)


def _refused(told: Told, attempt: Attempt) -> tuple[InvalidRequestError, bool]:
    """Return the error for a statement that the server refused, and whether it says all that the server said."""
    kind = next(kind for mark, kind in _REFUSALS.items() if told.error.startswith(mark))
    sentence = _already_exists(told) if kind is AlreadyExistsError else told.message
    said = without_values(sentence) if attempt.has_values else sentence
    if sentence == _WRONG_PAGING_STATE:
        said = sentence = _NOT_OF_THIS_QUERY
    return kind(said, statement_kind=attempt.sent.kind, cql=attempt.cql), said == sentence


def _already_exists(told: Told) -> str:
    keyspace, table = told.fact("keyspace"), told.fact("table")
    return f"table '{keyspace}.{table}' already exists" if table else f"keyspace '{keyspace}' already exists"


def _failed(told: Told, failure: Failure, attempt: Attempt) -> DriverError:
    if told.error.startswith("Rate limit"):
        return _rate_limited(told, attempt)
    if failure.kind == "timed_out" and "schema agreement" in told.error:
        return SchemaDisagreementError(**attempt.facts(failure))
    build = _BUILDERS.get(failure.kind, _server_error)
    return build(told, failure, attempt)


def _unreached(told: Told, failure: Failure, attempt: Attempt) -> DriverError:
    if "stream id" in told.error:
        return OverloadedError("as many requests are under way as the connection can have", **attempt.facts(failure))
    if "repared statement" in told.error:
        return DriverError(
            "a node prepared the statement anew and made another of it; send it again", **attempt.facts(failure)
        )
    if "Failed to serialize" in told.error:
        return DriverError("the client library cannot send a request like this one", **attempt.facts(failure))
    _, _, reason = told.error.partition("Last connection failed with: ")
    number = _SYSTEM_ERROR.search(reason)
    if number is not None:
        reason = system_reason(OSError(int(number[1]), reason)) or reason
    return _no_node(reason, failure, attempt)


def _bootstrapping(told: Told, failure: Failure, attempt: Attempt) -> DriverError:
    if "not prepared" in told.error:
        return ServerError(FORGETS, **attempt.facts(failure))
    return _no_node(told.message or "it is starting", failure, attempt)


def _no_node(reason: str, failure: Failure, attempt: Attempt) -> ClusterUnavailableError:
    """Return the error that names each node that was there to be asked; the library tells why of one of them alone."""
    hosts = attempt.hosts or (("cluster",) if reason else ())
    return ClusterUnavailableError(dict.fromkeys(hosts, reason or "not connected"), **attempt.facts(failure))


def _timed_out(_: Told, failure: Failure, attempt: Attempt) -> DriverError:
    return OperationTimedOutError(attempt.timeout, **attempt.facts(failure))


def _connection_lost(told: Told, failure: Failure, attempt: Attempt) -> DriverError:
    facts = attempt.facts(failure)
    if told.error == _CUT:
        return ConnectionLostError("the driver was closed before the answer came", **facts)
    if "Connection broken" in told.error:
        return ConnectionLostError("the connection broke before the answer came", **facts)
    return DriverError("the client library failed", **facts)


def _unavailable(told: Told, failure: Failure, attempt: Attempt) -> DriverError:
    required, alive = told.number("required"), told.number("alive")
    return UnavailableError(_consistency(told), required, alive, **attempt.facts(failure))


def _overloaded(_: Told, failure: Failure, attempt: Attempt) -> DriverError:
    return OverloadedError("the coordinator is overloaded and turned the request away", **attempt.facts(failure))


def _rate_limited(told: Told, attempt: Attempt) -> DriverError:
    # The library does not say whether the coordinator or a replica turned it away; only the former is harmless.
    del told
    message = "the rate limit of the partition turned the request away"
    return OverloadedError(message, **attempt.facts(Failure("server_error")))


def _read_timeout(told: Told, failure: Failure, attempt: Attempt) -> DriverError:
    return ReadTimeoutError(_answers(told), **attempt.facts(failure))


def _read_failure(told: Told, failure: Failure, attempt: Attempt) -> DriverError:
    return read_failure(_answers(told), **attempt.facts(failure))


def _write_timeout(told: Told, failure: Failure, attempt: Attempt) -> DriverError:
    return WriteTimeoutError(_answers(told), failure.write_type, **attempt.facts(failure))


def _write_failure(told: Told, failure: Failure, attempt: Attempt) -> DriverError:
    if failure.write_type == "CDC":
        return ServerError("the node's space for change data capture is used up", **attempt.facts(failure))
    return WriteFailureError(_answers(told), failure.write_type, **attempt.facts(failure))


def _function_failure(told: Told, failure: Failure, attempt: Attempt) -> DriverError:
    return FunctionFailureError(f"{told.fact('keyspace')}.{told.fact('function')}", **attempt.facts(failure))


def _server_error(told: Told, failure: Failure, attempt: Attempt) -> DriverError:
    said = without_values(told.message) if attempt.has_values else told.message
    return ServerError(said or "the server failed", **attempt.facts(failure))


def _answers(told: Told) -> ReplicaAnswers:
    if not told.fact("consistency"):  # the library knows no such error, and drops its figures
        return ReplicaAnswers("", None, None)
    return ReplicaAnswers(
        _consistency(told),
        told.number("required"),
        told.number("received"),
        told.number("numfailures"),
        reasons_in(told.message),
    )


def _consistency(told: Told) -> str:
    return _WORD.sub("_", told.fact("consistency")).upper()


_REFUSALS: Final[dict[str, type[InvalidRequestError]]] = {
    "The submitted query has a syntax error": InvalidSyntaxError,
    "The logged user doesn't have the right": UnauthorizedError,
    "Attempted to create a keyspace or a table that was already existing": AlreadyExistsError,
    "The query is syntactically correct but invalid": InvalidRequestError,
    "The query is invalid because of some configuration issue": InvalidRequestError,
    "Invalid protocol message received": InvalidRequestError,  # the server could not read the request, and did nothing
}

_SERVER_FAILURES: Final[dict[str, FailureKind]] = {
    "Not enough nodes are alive": "unavailable",
    "The request cannot be processed because the coordinator node is overloaded": "overloaded",
    "The coordinator node is still bootstrapping": "bootstrapping",
    _FORGOTTEN: "bootstrapping",  # it did nothing, as a starting one
    "Error during truncate operation": "truncate_error",
    "Not enough nodes responded to the read request": "read_timeout",
    "Not enough nodes responded to the write request": "write_timeout",
    "A non-timeout error during a read request": "read_failure",
    "A non-timeout error during a write request": "write_failure",
    "User defined function failed": "function_failure",
}

_NO_NODE: Final = (
    "No connections in the pool",
    "Failed to find a node with working connection pool",
    "Load balancing policy returned an empty plan",
)

_LIBRARY_FAILURES: Final[dict[str, FailureKind]] = {
    "schema agreement": "timed_out",
    "Request execution exceeded a client timeout": "timed_out",
    **dict.fromkeys(_NO_NODE, "not_sent"),
    "Unable to allocate stream id": "not_sent",
    "Prepared statement id changed after repreparation": "not_sent",
    "Reprepared statement's id does not exist in the batch": "not_sent",
    "Failed to serialize": "not_sent",
}

_BUILDERS: Final[dict[FailureKind, Callable[[Any, Failure, Attempt], DriverError]]] = {
    "not_sent": _unreached,
    "bootstrapping": _bootstrapping,
    "timed_out": _timed_out,
    "connection_lost": _connection_lost,
    "unavailable": _unavailable,
    "overloaded": _overloaded,
    "read_timeout": _read_timeout,
    "read_failure": _read_failure,
    "write_timeout": _write_timeout,
    "write_failure": _write_failure,
    "function_failure": _function_failure,
}
