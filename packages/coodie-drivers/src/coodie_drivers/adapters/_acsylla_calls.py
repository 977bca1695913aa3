"""What a request over acsylla is sent with: what holds for all, what is known of one, and how it is sent once more."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coodie_drivers.adapters._acsylla_errors import Attempt
from coodie_drivers.adapters._acsylla_requests import LEAST_TIMEOUT, PreparedShape
from coodie_drivers.adapters._sent_texts import sent_text
from coodie_drivers.config import DEFAULT_FETCH_SIZE
from coodie_drivers.messages import Reply, statement_of
from coodie_drivers.retries import Sent

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.adapters._acsylla_rows import LastDecoder, RowDecoders
    from coodie_drivers.messages import Request

Begun = tuple[Any, PreparedShape, float]
"""Acsylla's statement for a request, what was prepared for it, and when it began."""


@dataclass(frozen=True, slots=True)
class Habits:
    """What holds for each request that says nothing else.

    Attributes:
        timeout: seconds to wait for an answer; None where the session's owner decided.
        fetch_size: rows in a page.
        schema_wait: seconds that the nodes may take to agree on a changed schema.
        resends: whether a statement may be sent again.
        speculates: whether the session may have a policy of speculative execution, which asks for idempotence.
        hosts: where the cluster was looked for.
    """

    timeout: float | None = None
    fetch_size: int = DEFAULT_FETCH_SIZE
    schema_wait: float = 10.0
    resends: bool = True
    speculates: bool = True
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the library that may be made again: what with, how its limit is set, and when it was first made."""

    execute: Any
    statement: Any
    set_timeout: Callable[[float], None]
    began: float

    async def again(self, limit: float | None) -> Any:
        """Make it again, in what is left of the time limit."""
        if limit is not None:
            self.set_timeout(max(limit - (time.monotonic() - self.began), LEAST_TIMEOUT))
        return await self.execute(self.statement)


def sent_of(request: Request, shape: PreparedShape | None) -> Sent:
    """Return what the retry decisions need to know of a request."""
    told = request.statement
    return sent_text(told) if shape is None else shape.sent(told, request.params)


def preparing(cql: str) -> Attempt:
    """Return what is known of a statement that is to be prepared: nothing is executed, and no value is sent."""
    return Attempt(Sent(statement_of(cql).kind), cql)


def set_batch_timeout(batch: Any, seconds: float) -> None:
    """Have acsylla wait no longer for the answer to a batch."""
    batch.set_request_timeout(max(1, int(seconds * 1_000)))


def has_time(attempt: Attempt, pause: float) -> bool:
    """Return whether there is time for another attempt after a pause."""
    left = attempt.left()
    return left is None or left - pause >= LEAST_TIMEOUT


def reply_of(result: Any, decoders: RowDecoders | LastDecoder, attempt: Attempt | None) -> Reply:
    """Return the page that an answer with rows has; `attempt` says how it came, where that was not at once."""
    found = decoders.get(result)
    rows = found.rows(result)
    applied = bool(rows[0][0]) if found.tells_applied and rows else None
    state = result.page_state() if result.has_more_pages() else None
    return Reply(rows, found.columns, state, applied, (), None, 1 if attempt is None else attempt.attempts)
