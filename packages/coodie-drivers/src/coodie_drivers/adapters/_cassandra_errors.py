"""The errors of the package `cassandra` as those of `coodie_drivers.errors`, translated here once and nowhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NoReturn

from coodie_drivers.adapters._cassandra_classes import UnknownTypeError
from coodie_drivers.adapters._cassandra_library import cluster, connection, errors, pool, protocol
from coodie_drivers.adapters._cassandra_retries import failure_of
from coodie_drivers.adapters._cassandra_unreadable import (
    WRONG_PAGING_STATE,
    DamagedAnswerError,
    ForgottenError,
    unreadable_column,
)
from coodie_drivers.adapters._forgotten import FORGETS
from coodie_drivers.adapters._server_sentences import (
    read_failure,
    reasons_in,
    without_values,
    without_words_of_function,
)
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
    ServerError,
    UnauthorizedError,
    UnavailableError,
    UnreadableValueError,
    WriteFailureError,
    WriteTimeoutError,
)
from coodie_drivers.interrupts import is_interrupt, pass_interrupt
from coodie_drivers.retries import Failure, outcome_of, retryable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from coodie_drivers.retries import Sent

_CAS_WRITE_UNKNOWN: Final = 0x1700
_SERVER_SENTENCE: Final = re.compile(r'message="(.*)"', re.DOTALL)
_DID_NOTHING: Final = (
    protocol.IsBootstrappingErrorMessage,
    pool.NoConnectionsAvailable,
    connection.ConnectionBusy,
)
"""Why a node was passed over that certainly did nothing with the statement."""

_LIBRARY: Final = ("cassandra", "coodie_drivers")

_MARKED_DOWN: Final = "Host has been marked down or removed"
"""What the library says of a node that it asks no more, or not yet again."""

_NOT_CONNECTED: Final = (
    "there is no connection to it, and another is tried in the background: does a node run there, and can it be "
    "reached from here?"
)

_NOT_OF_THIS_QUERY: Final = (
    "the paging state is not one of this query: give the paging_state of the page before, of the same statement with "
    "the same values, unchanged; or None to begin anew"
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is known of the request that failed.

    Attributes:
        sent: the statement's nature.
        cql: its text; None for a batch.
        coordinator: the node that answered or was asked last.
        attempts: how often the statement left for a node; 0 when it never did.
        has_values: whether values were bound, which the server's sentence could then repeat.
        harmless: how many attempts were followed by another one and have certainly changed nothing.
        uncertain: whether there are others, before or beside this one, that may have been applied.
        limit: the seconds within which an answer was to come, all attempts together; None where it is not known.
        down: the nodes that the library holds to be down, and so did not try.
    """

    sent: Sent
    cql: str | None
    coordinator: str | None = None
    attempts: int = 0
    has_values: bool = False
    harmless: int = 0
    uncertain: bool = False
    limit: float | None = None
    down: tuple[str, ...] = ()

    def sent_before(self) -> bool:
        """Return whether it was perhaps sent before, of which nobody knows what became: what may be repeated is."""
        others = self.uncertain or self.attempts - 1 > self.harmless
        return others and self.sent.repeatable and not self.sent.reads

    def facts(self, failure: Failure) -> DriverErrorFacts:
        """Return what every `DriverError` tells."""
        if not self.attempts:
            failure = Failure("not_sent")  # whatever was answered, it was asked to prepare the statement
        return {
            "outcome": "unknown" if self.sent_before() else outcome_of(failure, self.sent),
            "retryable": retryable(failure, self.sent),
            "statement_kind": self.sent.kind,
            "coordinator": self.coordinator,
            "attempts": self.attempts,
        }


def raise_translated(error: Exception, attempt: Attempt) -> NoReturn:
    """Raise the contract's error for the library's.

    The library's own error stays its cause, unless it holds a sentence of the server that could repeat a bound value:
    then the chain is cut, since tracebacks end in logs.
    """
    pass_interrupts(error)
    if isinstance(error, CoodieError):
        raise error
    refused = _refused(error, attempt)
    if refused is not None:
        translated, whole = refused
        raise translated from (error if whole else None)
    unreadable = unreadable_column(error)
    if unreadable is not None:
        raise _unreadable(*unreadable, attempt) from None  # the library's sentence may hold the value
    hidden = isinstance(error, (errors.FunctionFailure, DamagedAnswerError, ForgottenError))
    if hidden or (attempt.has_values and _quotes_server(error)):
        raise _failed(error, attempt) from None
    raise _failed(error, attempt) from error


def pass_interrupts(error: Any) -> None:
    """Raise what came from outside as it is, also where the library took it for a node's failure; else return."""
    pass_interrupt(error)
    if isinstance(error, cluster.NoHostAvailable):
        pass_noted(error.errors)


def pass_noted(by_host: Mapping[Any, Any]) -> None:
    """Raise what came from outside as it is, and stands among the reasons why nodes were passed over."""
    for reason in by_host.values():
        if isinstance(reason, Exception) and is_interrupt(reason):
            raise reason from None


def _refused(error: Any, attempt: Attempt) -> tuple[InvalidRequestError, bool] | None:
    """Return the error for a statement that the server refused, and whether it says all that the server said."""
    for library_errors, kind in _REFUSALS:
        if isinstance(error, library_errors):
            sentence = _sentence_of(error)
            if kind is AlreadyExistsError:
                sentence = sentence[:1].lower() + sentence[1:]  # "Table 'shop.products' already exists"
            told = _without(sentence, attempt)
            if sentence == WRONG_PAGING_STATE:
                told, sentence = _NOT_OF_THIS_QUERY, _NOT_OF_THIS_QUERY
            translated = kind(told, statement_kind=attempt.sent.kind, coordinator=attempt.coordinator, cql=attempt.cql)
            if attempt.sent_before():
                translated.outcome = "unknown"  # this attempt did nothing, but an earlier one may have
            return translated, told == sentence
    return None


_REFUSALS: Final[tuple[tuple[Any, type[InvalidRequestError]], ...]] = (
    (protocol.SyntaxException, InvalidSyntaxError),
    ((errors.Unauthorized, protocol.UnauthorizedErrorMessage), UnauthorizedError),
    ((errors.AlreadyExists, protocol.AlreadyExistsException), AlreadyExistsError),
    (
        (
            errors.InvalidRequest,
            errors.UnsupportedOperation,
            protocol.InvalidRequestException,
            protocol.ConfigurationException,
            protocol.ProtocolException,  # the server could not even read the request, and so did nothing
        ),
        InvalidRequestError,
    ),
)


def _sentence_of(error: Any) -> str:
    """Return the server's own sentence, without the library's frame around it."""
    message = getattr(error, "message", None)
    text = message if isinstance(message, str) else str(error)
    found = _SERVER_SENTENCE.search(text)
    return found.group(1) if found else text


def _told(error: Any, attempt: Attempt) -> str:
    """Return the server's own sentence, without what it may repeat of bound values where there are any."""
    return _without(_sentence_of(error), attempt)


def _without(sentence: str, attempt: Attempt) -> str:
    return without_values(sentence) if attempt.has_values else without_words_of_function(sentence)


def _quotes_server(error: Any) -> bool:
    """Return whether the library's error holds a sentence of the server that could repeat a bound value."""
    told = error.errors.values() if isinstance(error, cluster.NoHostAvailable) else (error,)
    return any(
        isinstance(each, protocol.ErrorMessage) and without_values(each.message) != each.message for each in told
    )


def _failed(error: Any, attempt: Attempt) -> DriverError:
    for library_error, build in _FAILURES:
        if isinstance(error, library_error):
            return build(error, attempt)
    if getattr(error, "code", None) == _CAS_WRITE_UNKNOWN:
        answers = ReplicaAnswers("", None, None)  # the library knows no such error, and drops its figures
        return WriteTimeoutError(answers, "CAS", **attempt.facts(Failure("write_timeout", "CAS")))
    if isinstance(error, protocol.ErrorMessage):
        return ServerError(_told(error, attempt) or "the server failed", **attempt.facts(failure_of(error)))
    kind = Failure("connection_lost" if attempt.attempts else "not_sent")
    return DriverError(f"the client library failed: {type(error).__name__}", **attempt.facts(kind))


def _unreadable(column: str, cql_type: str, attempt: Attempt) -> DriverError:
    # The server did its part: for a write, a conditional one that answers with a row, nobody can tell from here.
    facts = attempt.facts(Failure("connection_lost"))
    facts["retryable"] = False
    return UnreadableValueError(column, cql_type, **facts)


def _timed_out(error: Any, attempt: Attempt) -> DriverError:
    kind = Failure("timed_out" if attempt.attempts else "not_sent")
    limit = getattr(error, "timeout", None) if attempt.limit is None else attempt.limit
    return OperationTimedOutError(limit, **attempt.facts(kind))


def _no_host(error: Any, attempt: Attempt) -> DriverError:
    """Return why the last node that was left refused, where it answered; else that none could be reached."""
    answers = [
        reason
        for reason in error.errors.values()
        if isinstance(reason, (errors.RequestExecutionException, protocol.ErrorMessage))
        and not isinstance(reason, _DID_NOTHING)
    ]
    if answers:
        return _failed(answers[-1], attempt)
    # The library notes why a node was left only after it has gone on to the next: an answer may be missing here.
    if not all(map(is_told, error.errors.values())):  # then it may have come when the statement had left already
        attempt = replace(attempt, attempts=max(1, attempt.attempts), uncertain=True)
    did_nothing = attempt.attempts <= attempt.harmless and not attempt.uncertain
    kind = Failure("not_sent" if did_nothing else "connection_lost")
    reasons = dict.fromkeys(attempt.down, _NOT_CONNECTED) | reasons_of(error.errors)
    if attempt.has_values:
        reasons = {host: without_values(reason) for host, reason in reasons.items()}
    return ClusterUnavailableError(reasons, **attempt.facts(kind))


def is_told(reason: object) -> bool:
    """Return whether the library itself says why a node was left; anything else may have come after the sending."""
    return not isinstance(reason, Exception) or type(reason).__module__.startswith(_LIBRARY)


def reasons_of(by_host: Mapping[Any, Any]) -> dict[str, str]:
    """Return each node's address with why it could not be used, in one line each."""
    return {str(getattr(host, "endpoint", host)): reason_of(reason) for host, reason in by_host.items()}


def reason_of(error: BaseException) -> str:
    """Return what the library or the server says, in one line."""
    told = " ".join(_sentence_of(error).split()) or type(error).__name__
    return _NOT_CONNECTED if told == _MARKED_DOWN else told


def down_hosts(session: Any, error: object) -> tuple[str, ...]:
    """Return the nodes that a session holds to be down, where a request found none: the library tries no other ones."""
    if not isinstance(error, cluster.NoHostAvailable):
        return ()
    metadata = getattr(getattr(session, "cluster", None), "metadata", None)
    return () if metadata is None else tuple(str(host.endpoint) for host in metadata.all_hosts() if not host.is_up)


def _connection_lost(error: Any, attempt: Attempt) -> DriverError:
    del error  # what it says is about sockets; the chain keeps it
    kind = Failure("connection_lost" if attempt.attempts else "not_sent")
    return ConnectionLostError("the connection broke before the answer came", **attempt.facts(kind))


def _unavailable(error: Any, attempt: Attempt) -> DriverError:
    consistency = _consistency_name(error)
    facts = attempt.facts(Failure("unavailable"))
    return UnavailableError(consistency, error.required_replicas, error.alive_replicas, **facts)


def _overloaded(error: Any, attempt: Attempt) -> DriverError:
    return OverloadedError(
        "the coordinator is overloaded and turned the request away", **attempt.facts(failure_of(error))
    )


def _rate_limited(error: Any, attempt: Attempt) -> DriverError:
    kind = Failure("overloaded" if error.rejected_by_coordinator else "server_error")
    return OverloadedError("the rate limit of the partition turned the request away", **attempt.facts(kind))


def _read_timeout(error: Any, attempt: Attempt) -> DriverError:
    return ReadTimeoutError(_answers(error), **attempt.facts(Failure("read_timeout")))


def _read_failure(error: Any, attempt: Attempt) -> DriverError:
    return read_failure(_answers(error), **attempt.facts(Failure("read_failure")))


def _write_timeout(error: Any, attempt: Attempt) -> DriverError:
    write_type = errors.WriteType.value_to_name.get(error.write_type)
    return WriteTimeoutError(_answers(error), write_type, **attempt.facts(Failure("write_timeout", write_type)))


def _write_failure(error: Any, attempt: Attempt) -> DriverError:
    write_type = errors.WriteType.value_to_name.get(error.write_type)
    return WriteFailureError(_answers(error), write_type, **attempt.facts(Failure("write_failure", write_type)))


def _cdc_failure(error: Any, attempt: Attempt) -> DriverError:
    del error
    message = "the node's space for change data capture is used up"
    return ServerError(message, **attempt.facts(Failure("write_failure", "CDC")))


def _bootstrapping(error: Any, attempt: Attempt) -> DriverError:
    reasons = {} if attempt.coordinator is None else {attempt.coordinator: _told(error, attempt)}
    return ClusterUnavailableError(reasons, **attempt.facts(Failure("bootstrapping")))


def _damaged(error: Any, attempt: Attempt) -> DriverError:
    del error
    return DriverError(
        "the answer is damaged: a length in it points beyond its bytes", **attempt.facts(Failure("server_error"))
    )


def _unknown_type(error: Any, attempt: Attempt) -> DriverError:
    return DriverError(
        f"the answer cannot be read, for the client library does not know the type {error.name}",
        **attempt.facts(Failure("server_error")),
    )


def _forgotten(error: Any, attempt: Attempt) -> DriverError:
    del error
    return ServerError(FORGETS, **attempt.facts(Failure("not_sent")))


def _function_failure(error: Any, attempt: Attempt) -> DriverError:
    return FunctionFailureError(f"{error.keyspace}.{error.function}", **attempt.facts(Failure("function_failure")))


def _answers(error: Any) -> ReplicaAnswers:
    return ReplicaAnswers(
        _consistency_name(error),
        error.required_responses,
        error.received_responses,
        getattr(error, "failures", 0) or 0,
        reasons_in(str(error)),
    )


def _consistency_name(error: Any) -> str:
    return str(errors.ConsistencyLevel.value_to_name.get(error.consistency, error.consistency))


_FAILURES: Final[tuple[tuple[Any, Callable[[Any, Attempt], DriverError]], ...]] = (
    (errors.OperationTimedOut, _timed_out),
    (cluster.NoHostAvailable, _no_host),
    (connection.ConnectionException, _connection_lost),
    (errors.Unavailable, _unavailable),
    (errors.ReadTimeout, _read_timeout),
    (errors.WriteTimeout, _write_timeout),
    (errors.ReadFailure, _read_failure),
    (errors.WriteFailure, _write_failure),
    (errors.FunctionFailure, _function_failure),
    (DamagedAnswerError, _damaged),
    (UnknownTypeError, _unknown_type),
    (ForgottenError, _forgotten),
    (protocol.IsBootstrappingErrorMessage, _bootstrapping),
    (protocol.OverloadedErrorMessage, _overloaded),
    (protocol.CDCWriteException, _cdc_failure),
    *(((errors.RateLimitReached, _rate_limited),) if hasattr(errors, "RateLimitReached") else ()),
)
