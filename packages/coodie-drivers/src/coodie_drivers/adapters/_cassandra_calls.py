"""A request on its way: how often it was sent, by whom it was answered, and when it may be sent again."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, NoReturn

from coodie_drivers.adapters._cassandra_errors import Attempt, down_hosts, pass_noted, raise_translated
from coodie_drivers.adapters._cassandra_library import cluster, errors, protocol
from coodie_drivers.adapters._cassandra_retries import (
    EARLIER,
    NO_EARLIER,
    SENT_AGAIN,
    EarlierAttempts,
    earlier_attempts,
    own_decision,
)
from coodie_drivers.adapters._cassandra_unreadable import ForgottenError
from coodie_drivers.adapters._forgotten import pause_before_preparing
from coodie_drivers.errors import ConnectionLostError, SchemaDisagreementError
from coodie_drivers.retries import Failure, Sent, outcome_of, pause_before, verdict_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie_drivers.adapters._cassandra_shapes import Shapes
    from coodie_drivers.errors import CoodieError

_OVERLOADED: Final = Failure("overloaded")


@dataclass(frozen=True, slots=True, repr=False)
class TurnedAway:
    """A request that a node turned away, being overloaded or without the prepared statement, and that is sent again.

    It does not show the library's error: what the server said there may repeat a value.

    Attributes:
        pause: the seconds to wait.
        attempts: what is known of the attempts so far.
        error: the library's error.
        attempt: what the error is told with, should it come to that.
        forgotten: how often a node had forgotten the statement.
    """

    pause: float
    attempts: EarlierAttempts
    error: Exception
    attempt: Attempt
    forgotten: int = 0

    def raise_error(self) -> NoReturn:
        """Raise the contract's error."""
        raise_translated(self.error, self.attempt)

    def told(self, error: CoodieError) -> CoodieError:
        """Return an error that came when the statement was prepared again, with what the attempts before may have done.

        What cannot be prepared has done nothing, but an attempt that nobody knows of may have.
        """
        if self.attempts.uncertain and not self.attempt.sent.reads:
            error.outcome = "unknown"
        return error


class Call:
    """A request on its way, with what an error about it must say.

    Attributes:
        future: the library's future.
        sent: the statement's nature.
        shapes: the prepared statement of each part.
        before: what is known of attempts that were made by other futures.
        forgotten: how often a node had forgotten the statement.
    """

    __slots__ = ("_cql", "_lone", "before", "forgotten", "future", "sent", "shapes")

    def __init__(
        self,
        future: Any,
        sent: Sent,
        shapes: Shapes,
        cql: str | None,
        lone: bool,  # noqa: FBT001 - made on every call
    ) -> None:
        """Take a future; `cql` is None for a batch, `lone` says whether it never has two attempts under way at once."""
        self.future = future
        self.sent = sent
        self.shapes = shapes
        self.before = NO_EARLIER
        self.forgotten = 0
        self._cql = cql
        self._lone = lone

    def attempts(self) -> int:
        """Return how often the statement was sent, when the last attempt has been answered.

        The library notes an attempt after it was sent, when it may have been answered already. What came from outside
        while it sent to one node, such as an exception of a signal handler, it took for a reason to ask the next: it is
        raised here.
        """
        future, before = self.future, self.before
        pass_noted(future._errors)  # noqa: SLF001 - the library's, of both packages
        asked = future.attempted_hosts
        earlier: EarlierAttempts = getattr(future.query, EARLIER, NO_EARLIER)  # as `earlier_attempts` does, at once
        if len(asked) <= 1 and earlier is before is NO_EARLIER:  # as nearly always
            return 1
        decided = sum(earlier)
        return max(len(asked) - _prepared_anew(asked, decided), decided + 1) + sum(before)

    def attempt(self, error: Exception | None = None) -> Attempt:
        """Return what is known of the request by now, that it has failed with this error of the library."""
        asked, answered_by = self.future.attempted_hosts, self.future.coordinator_host
        earlier = earlier_attempts(self.future.query)
        here = len(asked)
        unanswered = not asked or isinstance(error, (cluster.NoHostAvailable, errors.OperationTimedOut))
        if not unanswered:
            here = max(here, sum(earlier) + 1)
        prepared_anew = _prepared_anew(asked, sum(earlier))
        coordinator = asked[-1] if asked and here == len(asked) else answered_by
        return Attempt(
            self.sent,
            self._cql,
            endpoint_of(coordinator),
            here - prepared_anew + sum(self.before),
            self._cql is None or self.shapes[0] is not None,
            earlier.harmless + self.before.harmless + prepared_anew,
            uncertain=not self._lone or earlier.uncertain + self.before.uncertain > 0,
            down=down_hosts(getattr(self.future, "session", None), error),
        )

    def raise_disagreement(self, *, closed: bool) -> NoReturn:
        """Raise that the nodes have not agreed on an answered change of the schema.

        Raises:
            SchemaDisagreementError: they had all the time.
            ConnectionLostError: the session was shut down, so that nobody knows whether they do.
        """
        facts = self.attempt().facts(Failure("timed_out"))
        if closed:
            raise ConnectionLostError("the driver was closed before the nodes had agreed on the schema", **facts)
        raise SchemaDisagreementError(**facts)

    def turned_away(self, error: Exception, left: float | None, own_policy: Any = None) -> TurnedAway | None:
        """Return when to send the statement again; None where this error, or the time that is left, forbids it.

        A policy of the session's owner is asked, too: it may say that it is not sent again, or after which pause.
        """
        if isinstance(error, ForgottenError):
            return self._forgotten(error, left)
        if not isinstance(error, protocol.OverloadedErrorMessage):
            return None
        attempt = self.attempt(error)
        retries = attempt.attempts - 1 - self.forgotten
        if verdict_on(_OVERLOADED, self.sent, retries) == "give_up":
            return None
        pause: float | None = pause_before(_OVERLOADED, retries)
        if own_policy is not None:
            pause = self._own_pause(own_policy, error, attempt, pause)
        if pause is None or (left is not None and left <= pause):
            return None
        harmless = attempt.harmless + (outcome_of(_OVERLOADED, self.sent) == "not_applied")
        so_far = EarlierAttempts(harmless, attempt.attempts - harmless)
        return TurnedAway(pause, so_far, error, attempt, self.forgotten)

    def _own_pause(self, own_policy: Any, error: Exception, attempt: Attempt, usual: float | None) -> float | None:
        """Return the pause that a policy of the session's owner wants, `usual` where it says none; None to give up."""
        level = getattr(self.future.message, "consistency_level", None)
        retries = attempt.attempts - 1 - self.forgotten
        verdict, _, *pause = own_decision(
            own_policy, "on_request_error", self.future.query, level, error=error, retry_num=retries
        )
        return None if verdict not in SENT_AGAIN else pause[0] if pause else usual

    def _forgotten(self, error: ForgottenError, left: float | None) -> TurnedAway | None:
        """Return when the statement is to be prepared, bound and sent again, if there is time for it."""
        pause = pause_before_preparing(self.forgotten + 1, left)
        if pause is None:
            return None
        attempt = self.attempt(error)
        so_far = EarlierAttempts(attempt.harmless + 1, attempt.attempts - attempt.harmless - 1)
        return TurnedAway(pause, so_far, error, attempt, self.forgotten + 1)


def waited(future: Any) -> Any:
    """Return the result of the library's future, blocking until it is there."""
    wait_for(future)
    return future.result()  # it is there: this neither waits nor blocks


def wait_for(future: Any) -> None:
    """Block until the library's future has an answer, or an error.

    The library waits by a condition of Python. A signal handler that raises may leave that locked, and the thread that
    reads the answers of all requests would wait for it for ever. This lock is taken and released in C.
    """
    if not future._event.is_set():  # noqa: SLF001 - the library's, of both packages
        done = Lock()
        done.acquire()
        future.add_callbacks(done.__exit__, done.__exit__, callback_args=(), errback_args=())
        done.acquire()


def _prepared_anew(asked: Sequence[Any], decided: int) -> int:
    """Return how often the library prepared a statement again that a node had forgotten, and so had not executed.

    It notes the node once more for the PREPARE, and once more for sending the statement again: whatever goes to a node
    again without a decision to do so.

    Args:
        asked: the nodes in the order in which something was sent to them.
        decided: how many attempts were followed by another one by decision.
    """
    again = [host is before for before, host in pairwise(asked)]
    undecided = max(0, min(sum(again), len(asked) - 1 - decided))
    return (undecided + again[-1]) // 2 if undecided else 0  # the PREPARE may be the last that was sent


def endpoint_of(host: Any) -> str | None:
    """Return a node's address, as `host:port`."""
    return None if host is None else str(getattr(host, "endpoint", host))
