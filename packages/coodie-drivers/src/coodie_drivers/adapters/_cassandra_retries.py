"""The retry policy that is set on each statement: it asks `coodie_drivers.retries` and nobody else.

The library's own default sends a statement again whenever a connection breaks, a counter increment too.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from coodie_drivers.adapters._cassandra_library import cluster, connection, errors, policies, protocol
from coodie_drivers.adapters._cassandra_library import query as queries
from coodie_drivers.interrupts import is_of_handler
from coodie_drivers.retries import OVERLOADED_RETRIES, Failure, outcome_of, pause_before, verdict_on

if TYPE_CHECKING:
    from coodie_drivers.retries import Sent

_SAME_HOST: Final[int] = policies.RetryPolicy.RETRY
_NEXT_HOST: Final[int] = policies.RetryPolicy.RETRY_NEXT_HOST
_GIVE_UP: Final[int] = policies.RetryPolicy.RETHROW
SENT_AGAIN: Final = frozenset({_SAME_HOST, _NEXT_HOST})
"""What a policy says of a statement that is to be sent again."""

EARLIER: Final = "coodie_earlier_attempts"
"""The attribute of a statement of the library, made for one request, that holds its `EarlierAttempts`."""

_CODES: Final = {"same_host": _SAME_HOST, "next_host": _NEXT_HOST, "give_up": _GIVE_UP}

_VALUES: Final = 3 if hasattr(policies, "ExponentialBackoffRetryPolicy") else 2
"""How many values the library takes of a decision: cassandra-driver has no pause before it sends again."""

_MAY_PREPARE_LATER: Final = (
    protocol.OverloadedErrorMessage,
    protocol.IsBootstrappingErrorMessage,
    protocol.ServerError,
)
"""Answers to a PREPARE after which the same node may well prepare it."""

_LOG: Final = logging.getLogger("coodie.retries")

Decision = tuple[int, Any] | tuple[int, Any, float]


class EarlierAttempts(NamedTuple):
    """How many attempts of a statement failed and were followed by another one, by what is known of them.

    Counted where that is decided: the library notes an attempt only after it was sent, when its answer, and with it
    the end of the request, may be there already.

    Attributes:
        harmless: those that have certainly changed nothing.
        uncertain: those that may have been applied.
    """

    harmless: int = 0
    uncertain: int = 0


NO_EARLIER: Final = EarlierAttempts()


class RetryDecisions:
    """A retry policy, as the library calls it, for statements of which the same is known.

    A policy that the user set is asked too, and may give up where resending would be harmless, but not the reverse.
    It is asked as the library does, which gives most by name.

    Nothing is sent again on a session that has been shut down: cassandra-driver would drop the attempt without a word,
    and whoever waits for it would wait until the request's own time is over.
    """

    __slots__ = ("_own", "_sent", "_session")

    def __init__(self, sent: Sent, session: Any, own: Any = None) -> None:
        self._sent = sent
        self._session = session
        self._own = own

    def on_read_timeout(  # noqa: PLR0913 - as the library calls it
        self, query: Any, consistency: Any, required_responses: int, received_responses: int, data_retrieved: Any,
        retry_num: int,
    ) -> Decision:  # fmt: skip
        """Decide about a read that timed out on the server."""
        enough = received_responses >= required_responses
        failure = Failure("read_timeout", enough_replicas=enough, data_retrieved=bool(data_retrieved))
        return self._decided(
            "on_read_timeout", failure, retry_num, query, consistency=consistency,
            required_responses=required_responses, received_responses=received_responses,
            data_retrieved=data_retrieved,
        )  # fmt: skip

    def on_write_timeout(  # noqa: PLR0913 - as the library calls it
        self, query: Any, consistency: Any, write_type: int, required_responses: int, received_responses: int,
        retry_num: int,
    ) -> Decision:  # fmt: skip
        """Decide about a write that timed out on the server."""
        failure = Failure("write_timeout", write_type=errors.WriteType.value_to_name.get(write_type))
        return self._decided(
            "on_write_timeout", failure, retry_num, query, consistency=consistency, write_type=write_type,
            required_responses=required_responses, received_responses=received_responses,
        )  # fmt: skip

    def on_unavailable(
        self, query: Any, consistency: Any, required_replicas: int, alive_replicas: int, retry_num: int
    ) -> Decision:
        """Decide about a statement for which too few replicas were alive."""
        return self._decided(
            "on_unavailable", Failure("unavailable"), retry_num, query, consistency=consistency,
            required_replicas=required_replicas, alive_replicas=alive_replicas,
        )  # fmt: skip

    def on_request_error(self, query: Any, consistency: Any, error: Any, retry_num: int) -> Decision:
        """Decide about a broken connection, or a coordinator that failed or turned the statement away."""
        return self._decided("on_request_error", failure_of(error), retry_num, query, consistency, error=error)

    def _decided(self, hook: str, failure: Failure, retries: int, query: Any, *arguments: Any, **told: Any) -> Decision:
        verdict = verdict_on(failure, self._sent, retries)
        if verdict == "give_up" or getattr(self._session, "is_shutdown", False):
            return _GIVE_UP, None
        if failure.kind == "overloaded":
            return _GIVE_UP, None  # cassandra-driver cannot wait before it sends again: the request itself does
        nodes = self._nodes()
        if self._own is not None:
            own: Any = own_decision(self._own, hook, query, *arguments, retry_num=retries, **told)[:_VALUES]
            again = own[0] == _NEXT_HOST or (own[0] == _SAME_HOST and retries < max(1, nodes - 1))
            if not again:
                # To ignore a failure would be to report a success that nobody knows of.
                return _GIVE_UP, None
            self._note(query, failure)
            decided: Decision = own
            return decided
        if verdict == "next_host" and nodes == 1:  # the library would end there
            if retries:  # a node that is starting is asked as often as there are nodes, and twice at least
                return _GIVE_UP, None
            verdict = "same_host"
        self._note(query, failure)
        return _CODES[verdict], None

    def _nodes(self) -> int:
        """Return how many nodes there are to go on to; 0 where nobody knows."""
        metadata = getattr(getattr(self._session, "cluster", None), "metadata", None)
        return 0 if metadata is None else sum(host.is_up is not False for host in metadata.all_hosts())

    def _note(self, query: Any, failure: Failure) -> None:
        """Keep with a statement that goes out again what is known of the attempt that failed."""
        if isinstance(query, queries.Statement):
            harmless, uncertain = earlier_attempts(query)
            if outcome_of(failure, self._sent) == "not_applied":
                harmless += 1
            else:
                uncertain += 1
            setattr(query, EARLIER, EarlierAttempts(harmless, uncertain))


def own_decision(own_policy: Any, hook: str, *arguments: Any, **told: Any) -> Decision:
    """Return what a policy that the user set decides; one that fails, or decides nothing that can be done, gives up.

    The server's failure is to be told then, with all that is known of it; what is wrong with the policy is logged.
    """
    try:
        verdict, consistency, *pause = getattr(own_policy, hook)(*arguments, **told)
        if verdict not in SENT_AGAIN:
            return _GIVE_UP, None
        return (verdict, consistency, float(*pause)) if pause else (verdict, consistency)
    except BaseException as error:
        if _is_from_outside(error):
            raise
        _LOG.exception("%s of the retry policy %s failed: nothing is sent again", hook, type(own_policy).__name__)
        return _GIVE_UP, None


def _is_from_outside(error: BaseException) -> bool:
    """Return whether it is not of the policy: Ctrl-C, or what a signal handler raised while it ran.

    Both come in the main thread alone. In the library's event loop nobody would hear of what is raised, and the answer
    would be lost with it.
    """
    if threading.current_thread() is not threading.main_thread():
        return False
    return isinstance(error, KeyboardInterrupt) or is_of_handler(error)


def prepare_pause(error: Any, retries: int) -> float | None:
    """Return how long to wait before a statement is prepared again; None where it is not: preparing changes nothing.

    The library goes on to the next node by itself, so all of them have turned it away.
    """
    reasons: list[Any] = list(error.errors.values()) if isinstance(error, cluster.NoHostAvailable) else [error]
    if not reasons or not all(isinstance(each, _MAY_PREPARE_LATER) for each in reasons):
        return None
    if any(isinstance(each, protocol.OverloadedErrorMessage) for each in reasons):
        return pause_before(Failure("overloaded"), retries) if retries < OVERLOADED_RETRIES else None
    failed = sum(isinstance(each, protocol.ServerError) for each in reasons)
    return None if retries or failed > 1 else 0.0  # where two have failed it was sent again already


def earlier_attempts(query: Any) -> EarlierAttempts:
    """Return what is known of the attempts of a statement that were followed by another one."""
    found: EarlierAttempts = getattr(query, EARLIER, NO_EARLIER)
    return found


def failure_of(error: Any) -> Failure:
    """Return what a broken connection or a coordinator's own failure means."""
    if isinstance(error, protocol.IsBootstrappingErrorMessage):
        return Failure("bootstrapping")
    if isinstance(error, protocol.OverloadedErrorMessage):
        return Failure("overloaded")
    if isinstance(error, protocol.TruncateError):
        return Failure("truncate_error")
    if isinstance(error, connection.ConnectionException):
        return Failure("connection_lost")
    return Failure("server_error")
