"""The errors of acsylla as those of `coodie_drivers.errors`, translated here once and nowhere else.

Acsylla tells the kind of an error and one sentence, or the number alone of an error that it has no name for. The
figures that come with some of them, the write type and the node stay inside the C++ driver.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NoReturn

from coodie_drivers.adapters._acsylla_library import library
from coodie_drivers.adapters._server_sentences import read_failure, reasons_in, without_values
from coodie_drivers.errors import (
    AlreadyExistsError,
    ClusterUnavailableError,
    ConnectionLostError,
    CoodieError,
    DriverClosedError,
    DriverError,
    DriverErrorFacts,
    FunctionFailureError,
    InvalidRequestError,
    InvalidSyntaxError,
    OperationTimedOutError,
    OverloadedError,
    ReadTimeoutError,
    ReplicaAnswers,
    ServerError,
    UnauthorizedError,
    UnavailableError,
    UnreadableValueError,
    WriteFailureError,
    WriteTimeoutError,
)
from coodie_drivers.interrupts import pass_interrupt
from coodie_drivers.retries import Failure, outcome_of, retryable

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.adapters._acsylla_rows import UnreadableError
    from coodie_drivers.retries import FailureKind, Sent

_REQUEST_TIMED_OUT: Final = library.errors.CassErrorLibRequestTimedOut
_SOONER: Final = 0.9
"""The part of the time limit before which "timed out" means that the connection broke: the library says the same."""

_GRAIN: Final = 0.002
"""Seconds by which the library may be early: it counts whole milliseconds."""

_PAGING_STATE: Final = "Invalid value for the paging state"
_NOT_OF_THIS_QUERY: Final = (
    "the paging state is not one of this query: give the paging_state of the page before, of the same statement with "
    "the same values, unchanged; or None to begin anew"
)

_UNKNOWN: Final = "not connected, or it failed to answer"

_EXISTING_TABLE: Final = re.compile(r'table "?(\w+)"? to keyspace "?(\w+)"?')
_EXISTING_KEYSPACE: Final = re.compile(r'existing keyspace "?(\w+)"?')
_CONSISTENCY: Final = re.compile(r"consistency level (\w+)")
_FAILED_FUNCTION: Final = re.compile(r"^execution of '(\w+\.\w+)")
_CALL: Final = re.compile(r"(?<!into )\b(\w+\.\w+)\s*\(", re.IGNORECASE)
_CALLS_FROM_JSON: Final = re.compile(r"\bfrom_?json\s*\(", re.IGNORECASE)
_NO_JSON: Final = re.compile(r"MarshalException|JSON")
_FROM_JSON: Final = "system.fromjson"
"""How the server calls its own function, which fails as those of users do where a text is no JSON of the column's type.

Its sentence then tells what was wrong with the text, and not the function.
"""

_OF_THE_SERVER: Final = 2
"""`CASS_ERROR_SOURCE_SERVER`, the highest byte of the number of an error that a node sent."""
_CAS_WRITE_UNKNOWN: Final = 0x1700
_CDC_WRITE_FAILURE: Final = 0x1600


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is known of the request that failed.

    Attributes:
        sent: the statement's nature.
        cql: its text; None for a batch.
        attempts: how often the statement left for a node, as far as is known; 0 when it never did.
        has_values: whether values were bound, which the server's sentence could then repeat.
        limit: the seconds within which an answer was to come.
        elapsed: the seconds that went by.
        hosts: where the cluster was looked for.
        library_resends: whether the library itself may have sent it to several nodes.
        uncertain: whether an earlier attempt may have been applied.
        connected: whether there were connections when the library found no node that does it.
    """

    sent: Sent
    cql: str | None
    attempts: int = 0
    has_values: bool = False
    limit: float | None = None
    elapsed: float = 0.0
    hosts: tuple[str, ...] = ()
    library_resends: bool = False
    uncertain: bool = False
    connected: bool = False

    def after(self, failure: Failure) -> Attempt:
        """Return the attempt that follows upon this one, which failed so."""
        if failure.kind == "not_sent":
            return self
        uncertain = self.uncertain or outcome_of(failure, self.sent) == "unknown"
        return replace(self, attempts=self.attempts + 1, uncertain=uncertain)

    def unsent(self) -> Attempt:
        """Return what is known when it turns out that the last attempt did not leave for a node."""
        return replace(self, attempts=self.attempts - 1)

    def left(self) -> float | None:
        """Return the seconds in which an answer may still come; None where no limit is known."""
        return None if self.limit is None else self.limit - self.elapsed

    def facts(self, failure: Failure) -> DriverErrorFacts:
        """Return what every `DriverError` tells."""
        if not self.attempts:
            failure = Failure("not_sent")  # whatever was answered, it was asked to prepare the statement
        # What the library sends to several nodes may be applied by another one than the one that failed.
        uncertain = self.uncertain or (self.library_resends and not self.sent.reads)
        return {
            "outcome": "unknown" if uncertain else outcome_of(failure, self.sent),
            "retryable": retryable(failure, self.sent),
            "statement_kind": self.sent.kind,
            "attempts": self.attempts,
        }


def failure_of(error: BaseException, attempt: Attempt) -> Failure | None:
    """Return what an error means for sending again; None for one that the statement itself is to blame for."""
    if isinstance(error, _REQUEST_TIMED_OUT):
        return Failure("connection_lost" if _broke(attempt) else "timed_out")
    if type(error) is library.errors.CassException:
        return _unnamed(error)
    kind = _FAILURE_KINDS.get(type(error).__name__.removeprefix("CassError"))
    if isinstance(error, library.errors.CassErrorLibNoHostsAvailable):
        if attempt.library_resends:
            kind = "connection_lost"  # so end also the hosts to which it was sent, and whose connections broke
        elif attempt.connected:
            kind = "bootstrapping"  # which the library does not tell: it asks the next node, until there is none
    return None if kind is None else Failure(kind)


def _unnamed(error: BaseException) -> Failure | None:
    """Return what an error means that acsylla has no name for, by the C++ driver's number of it."""
    number = error.args[0] if error.args else None
    if not isinstance(number, int) or number >> 24 != _OF_THE_SERVER:
        return None
    code = number & 0xFFFFFF
    if code == _CAS_WRITE_UNKNOWN:
        return Failure("write_timeout", "CAS")
    return Failure("write_failure", "CDC") if code == _CDC_WRITE_FAILURE else Failure("server_error")


def _broke(attempt: Attempt) -> bool:
    # The limit of a session of somebody else's is not known, so the statement may be under way yet.
    return attempt.limit is not None and attempt.elapsed < attempt.limit * _SOONER - _GRAIN


_FAILURE_KINDS: Final[dict[str, FailureKind]] = {
    "LibNoHostsAvailable": "not_sent",
    "LibNoStreams": "not_sent",
    "LibRequestQueueFull": "not_sent",
    "LibWriteError": "connection_lost",
    "ServerBadCredentials": "server_error",
    "ServerIsBootstrapping": "bootstrapping",
    "ServerOverloaded": "overloaded",
    "ServerReadFailure": "read_failure",
    "ServerReadTimeout": "read_timeout",
    "ServerServerError": "server_error",
    "ServerTruncateError": "truncate_error",
    "ServerUnavailable": "unavailable",
    "ServerWriteFailure": "write_failure",
    "ServerWriteTimeout": "write_timeout",
    "ServerFunctionFailure": "function_failure",
}


def raise_translated(error: BaseException, attempt: Attempt) -> NoReturn:
    """Raise the contract's error for the library's.

    The library's own error stays its cause, unless it holds a sentence of the server that could repeat a bound value:
    then the chain is cut, since tracebacks end in logs.
    """
    if isinstance(error, CoodieError) or not isinstance(error, Exception):
        raise error
    pass_interrupt(error)
    name = type(error).__name__.removeprefix("CassError")
    refusal = _REFUSALS.get(name)
    if refusal is not None:
        told, whole = _refusal_sentence(error, attempt)
        refused = refusal(told, statement_kind=attempt.sent.kind, cql=attempt.cql)
        if attempt.uncertain:
            refused.outcome = "unknown"  # this attempt did nothing, but an earlier one may have
        raise refused from (error if whole else None)
    if isinstance(error, RuntimeError) and "closed" in str(error):
        closed = DriverClosedError()
        if attempt.uncertain:
            closed.outcome = "unknown"  # it was closed between two attempts
        raise closed from None
    failure = failure_of(error, attempt)
    # What the server said to an attempt before stands behind the error, too.
    may_repeat = attempt.has_values and (name.startswith("Server") or error.__context__ is not None)
    cause = None if may_repeat else error
    if failure is None:
        kind = Failure("connection_lost" if attempt.attempts else "not_sent")
        raise DriverError(f"the client library failed: {type(error).__name__}", **attempt.facts(kind)) from cause
    if failure.kind == "function_failure":
        raise FunctionFailureError(_function_of(error, attempt), **attempt.facts(failure)) from None
    raise _BUILDERS[failure.kind](error, attempt, failure) from cause


_REFUSALS: Final[dict[str, type[InvalidRequestError]]] = {
    "ServerAlreadyExists": AlreadyExistsError,
    "ServerConfigError": InvalidRequestError,
    "ServerInvalidQuery": InvalidRequestError,
    "ServerProtocolError": InvalidRequestError,  # the server could not even read the request, and so did nothing
    "ServerSyntaxError": InvalidSyntaxError,
    "ServerUnauthorized": UnauthorizedError,
}


def sentence_of(error: BaseException) -> str:
    """Return the server's own sentence, without the library's name for the kind of error before it."""
    text = str(error)
    return text.partition(": ")[2] or text


def _refusal_sentence(error: BaseException, attempt: Attempt) -> tuple[str, bool]:
    """Return what to tell about a refusal, and whether it is all that the server said."""
    sentence = sentence_of(error)
    if sentence == _PAGING_STATE:
        return _NOT_OF_THIS_QUERY, True
    table, keyspace = _EXISTING_TABLE.search(sentence), _EXISTING_KEYSPACE.search(sentence)
    if table is not None:
        return f"table '{table[2]}.{table[1]}' already exists", True
    if keyspace is not None:
        return f"keyspace '{keyspace[1]}' already exists", True
    told = without_values(sentence) if attempt.has_values else sentence
    return told, told == sentence


def _function_of(error: BaseException, attempt: Attempt) -> str:
    """Return the function that failed: the server's sentence may name it, or the statement calls one alone."""
    sentence, cql = sentence_of(error), attempt.cql or ""
    found = _FAILED_FUNCTION.match(sentence)
    if found is None and _NO_JSON.search(sentence) and _CALLS_FROM_JSON.search(cql):
        return _FROM_JSON
    called = {found[1]} if found is not None else set(_CALL.findall(cql))
    return called.pop() if len(called) == 1 else "of a user"


def raise_unreadable(error: UnreadableError, attempt: Attempt) -> NoReturn:
    """Raise the error for an answer that holds a value without a Python form."""
    # The server did its part: for a write, a conditional one that answers with a row, nobody can tell from here.
    facts = attempt.facts(Failure("connection_lost"))
    facts["retryable"] = False
    raise UnreadableValueError(error.column, error.cql_type, **facts) from None


def _not_sent(error: BaseException, attempt: Attempt, failure: Failure) -> DriverError:
    if isinstance(error, library.errors.CassErrorLibNoHostsAvailable):
        return _no_hosts(attempt, failure)
    message = "the client library has as many requests under way as it can: ask for less at once, or later"
    return OverloadedError(message, **attempt.facts(failure))


def _no_hosts(attempt: Attempt, failure: Failure) -> DriverError:
    reason = "it turned the statement away: it may be starting" if attempt.connected else _UNKNOWN
    reasons = dict.fromkeys(attempt.hosts, reason)
    return ClusterUnavailableError(reasons, **attempt.facts(failure))


def _connection_lost(error: BaseException, attempt: Attempt, failure: Failure) -> DriverError:
    if isinstance(error, library.errors.CassErrorLibNoHostsAvailable):
        return _no_hosts(attempt, failure)
    return ConnectionLostError("the connection broke before the answer came", **attempt.facts(failure))


def _timed_out(_: BaseException, attempt: Attempt, failure: Failure) -> DriverError:
    return OperationTimedOutError(attempt.limit, **attempt.facts(failure))


def _unavailable(error: BaseException, attempt: Attempt, failure: Failure) -> DriverError:
    found = _CONSISTENCY.search(str(error))
    return UnavailableError(found[1] if found else "asked for", None, None, **attempt.facts(failure))


def _overloaded(_: BaseException, attempt: Attempt, failure: Failure) -> DriverError:
    message = "the coordinator is overloaded and turned the request away"
    return OverloadedError(message, **attempt.facts(failure))


def _replicas(kind: Any) -> Callable[[BaseException, Attempt, Failure], DriverError]:
    def build(told: BaseException, attempt: Attempt, failure: Failure) -> DriverError:
        if failure.write_type == "CDC":
            message = "the node's space for change data capture is used up"
            return ServerError(message, **attempt.facts(failure))
        answers = ReplicaAnswers("", None, None, reasons=reasons_in(str(told)))
        error: DriverError = kind(answers, failure.write_type, **attempt.facts(failure))
        return error

    return build


def _server_error(error: BaseException, attempt: Attempt, failure: Failure) -> DriverError:
    if type(error) is library.errors.CassException:
        number: int = error.args[0]
        message = f"the server failed with an error that the client library does not know, 0x{number & 0xFFFFFF:04X}"
        return ServerError(message, **attempt.facts(failure))
    told = without_values(sentence_of(error)) if attempt.has_values else sentence_of(error)
    return ServerError(told or "the server failed", **attempt.facts(failure))


_BUILDERS: Final[dict[FailureKind, Callable[[BaseException, Attempt, Failure], DriverError]]] = {
    "bootstrapping": lambda _, attempt, failure: _no_hosts(attempt, failure),
    "connection_lost": _connection_lost,
    "not_sent": _not_sent,
    "overloaded": _overloaded,
    "read_failure": _replicas(read_failure),
    "read_timeout": _replicas(ReadTimeoutError),
    "server_error": _server_error,
    "timed_out": _timed_out,
    "truncate_error": _server_error,
    "unavailable": _unavailable,
    "write_failure": _replicas(WriteFailureError),
    "write_timeout": _replicas(WriteTimeoutError),
}
