"""Preparing over one session of acsylla: sent again as statements are, for nothing is changed by it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._acsylla_calls import has_time, preparing
from coodie_drivers.adapters._acsylla_errors import failure_of, raise_translated
from coodie_drivers.adapters._acsylla_library import library
from coodie_drivers.errors import OperationTimedOutError
from coodie_drivers.retries import Failure, Sent, pause_before, verdict_on
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.adapters._acsylla_calls import Habits
    from coodie_drivers.adapters._acsylla_errors import Attempt
    from coodie_drivers.adapters._acsylla_requests import PreparedShape
    from coodie_drivers.retries import FailureKind

NO_HOSTS: Final = library.errors.CassErrorLibNoHostsAvailable

WAITS: Final = (0.02, 0.04, 0.08, 0.16, 0.2)
"""Seconds that a statement which found no connection waits for one before each attempt, meanwhile."""

_BREAKS: Final[frozenset[FailureKind]] = frozenset({"connection_lost", "server_error"})
"""Failures after which a connection is gone: the library closes it when a node answers that it failed."""

_CONNECTING: Final = 1.0
"""Seconds after such a failure in which the library is about to connect anew."""

_PREPARE: Final = Sent(StatementKind.SELECT)
"""A PREPARE, of whatever statement: it changes nothing."""


class Connections:
    """What is known of a session's connections. It does not keep the session, which is freed when it has ended."""

    __slots__ = ("_broken_at", "_resends")

    def __init__(self, *, resends: bool) -> None:
        """Begin with nothing; take whether a statement may be sent again."""
        self._resends = resends
        self._broken_at: float | None = None

    def note(self, failure: Failure | None) -> None:
        """Take note of a failure by which a connection was lost."""
        if failure is not None and failure.kind in _BREAKS:
            self._broken_at = time.monotonic()

    def are_expected(self, error: Exception, attempt: Attempt) -> bool:
        """Return whether there will soon be a connection again for what was not sent for want of one."""
        if not isinstance(error, NO_HOSTS) or attempt.library_resends or not self._resends:
            return False
        return self._broken_at is not None and time.monotonic() - self._broken_at < _CONNECTING


def turned_away(session: Any, error: Exception) -> bool:
    """Return whether there are connections though no node was found that does what it was asked."""
    return isinstance(error, NO_HOSTS) and bool(session.metrics().stats_total_connections)


async def prepared(
    session: Any, cql: str, shape_of: Callable[[Any], PreparedShape], habits: Habits, connections: Connections
) -> PreparedShape:
    """Return what is made of acsylla's prepared statement of a text."""
    began, waits, retries = time.monotonic(), iter(WAITS), 0
    attempt = replace(preparing(cql), hosts=habits.hosts, limit=habits.timeout)
    while True:
        creating = session.create_prepared(cql)
        if retries and attempt.limit is not None:  # the library gives each attempt the whole of it
            creating = asyncio.wait_for(creating, attempt.limit - attempt.elapsed)
        try:
            return shape_of(await creating)
        except asyncio.TimeoutError:
            raise OperationTimedOutError(attempt.limit, **attempt.facts(Failure("timed_out"))) from None
        except Exception as error:  # noqa: BLE001 - the library raises all it knows
            attempt = replace(attempt, elapsed=time.monotonic() - began, connected=turned_away(session, error))
            failure = failure_of(error, attempt)
            connections.note(failure)
            pause = next(waits, None) if connections.are_expected(error, attempt) else None
            if pause is None:
                if failure is None or not habits.resends or not _may_help(failure, retries):
                    raise_translated(error, attempt)
                pause = pause_before(failure, retries)
                retries += 1
            if not has_time(attempt, pause):
                raise_translated(error, attempt)
        await asyncio.sleep(pause)
        attempt = replace(attempt, elapsed=time.monotonic() - began)


def _may_help(failure: Failure, retries: int) -> bool:
    """Return whether to prepare once more after so many times. The library itself goes on where a node is starting."""
    if failure.kind in {"not_sent", "bootstrapping"}:
        return failure.kind == "bootstrapping" and not retries
    return verdict_on(failure, _PREPARE, retries) != "give_up"
