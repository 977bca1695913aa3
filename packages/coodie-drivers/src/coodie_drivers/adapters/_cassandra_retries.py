"""The retry policy that is set on each statement: it asks `coodie_drivers.retries` and nobody else.

The library's own default sends a statement again whenever a connection breaks, a counter increment too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._cassandra_library import connection, errors, policies, protocol
from coodie_drivers.adapters._cassandra_library import query as queries
from coodie_drivers.retries import Failure, outcome_of, verdict_on

if TYPE_CHECKING:
    from coodie_drivers.retries import Sent

OVERLOADED_DELAY: Final = 0.1
"""Seconds before a statement that an overloaded node turned away is sent to the next one."""

_SAME_HOST: Final[int] = policies.RetryPolicy.RETRY
_NEXT_HOST: Final[int] = policies.RetryPolicy.RETRY_NEXT_HOST
_GIVE_UP: Final[int] = policies.RetryPolicy.RETHROW
_DELAYS_RETRIES: Final[bool] = hasattr(policies, "ExponentialBackoffRetryPolicy")
"""Whether the library can wait before it sends again: scylla-driver can."""

_HARMLESS: Final = "coodie_harmless_attempts"
"""The attribute of a statement of the library, made for one request, that counts such attempts of it."""

_CODES: Final = {"same_host": _SAME_HOST, "next_host": _NEXT_HOST, "give_up": _GIVE_UP}

Decision = tuple[int, Any] | tuple[int, Any, float]


class RetryDecisions:
    """A retry policy, as the library calls it, for statements of which the same is known.

    A policy that the user set is asked too, and may give up where resending would be harmless, but not the reverse.
    """

    __slots__ = ("_own", "_sent")

    def __init__(self, sent: Sent, own: Any = None) -> None:
        self._sent = sent
        self._own = own

    def on_read_timeout(  # noqa: PLR0913 - as the library calls it
        self, query: Any, consistency: Any, required_responses: int, received_responses: int, data_retrieved: Any,
        retry_num: int,
    ) -> Decision:  # fmt: skip
        """Decide about a read that timed out on the server."""
        enough = received_responses >= required_responses
        failure = Failure("read_timeout", enough_replicas=enough, data_retrieved=bool(data_retrieved))
        arguments = (query, consistency, required_responses, received_responses, data_retrieved, retry_num)
        return self._decided("on_read_timeout", failure, retry_num, arguments)

    def on_write_timeout(  # noqa: PLR0913 - as the library calls it
        self, query: Any, consistency: Any, write_type: int, required_responses: int, received_responses: int,
        retry_num: int,
    ) -> Decision:  # fmt: skip
        """Decide about a write that timed out on the server."""
        failure = Failure("write_timeout", write_type=errors.WriteType.value_to_name.get(write_type))
        arguments = (query, consistency, write_type, required_responses, received_responses, retry_num)
        return self._decided("on_write_timeout", failure, retry_num, arguments)

    def on_unavailable(
        self, query: Any, consistency: Any, required_replicas: int, alive_replicas: int, retry_num: int
    ) -> Decision:
        """Decide about a statement for which too few replicas were alive."""
        arguments = (query, consistency, required_replicas, alive_replicas, retry_num)
        return self._decided("on_unavailable", Failure("unavailable"), retry_num, arguments)

    def on_request_error(self, query: Any, consistency: Any, error: Any, retry_num: int) -> Decision:
        """Decide about a broken connection, or a coordinator that failed or turned the statement away."""
        return self._decided("on_request_error", failure_of(error), retry_num, (query, consistency, error, retry_num))

    def _decided(self, hook: str, failure: Failure, retries: int, arguments: tuple[Any, ...]) -> Decision:
        verdict = verdict_on(failure, self._sent, retries)
        if verdict == "give_up":
            return _GIVE_UP, None
        if self._own is not None:
            own: Decision = getattr(self._own, hook)(*arguments)
            if own[0] not in {_SAME_HOST, _NEXT_HOST}:
                # To ignore a failure would be to report a success that nobody knows of.
                return _GIVE_UP, None
            self._note(arguments[0], failure)
            return own
        self._note(arguments[0], failure)
        if failure.kind == "overloaded" and _DELAYS_RETRIES:
            return _CODES[verdict], None, OVERLOADED_DELAY
        return _CODES[verdict], None

    def _note(self, query: Any, failure: Failure) -> None:
        """Keep with a statement that goes out again whether what went out before has certainly changed nothing."""
        if isinstance(query, queries.Statement) and outcome_of(failure, self._sent) == "not_applied":
            setattr(query, _HARMLESS, harmless_attempts(query) + 1)


def harmless_attempts(query: Any) -> int:
    """Return how many of a statement's attempts were followed by another one and have certainly changed nothing."""
    found: int = getattr(query, _HARMLESS, 0)
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
