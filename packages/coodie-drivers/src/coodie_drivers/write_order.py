"""`WriteOrder`: conditional writes come after the plain ones that were acknowledged before them.

Client libraries time a plain write by the microsecond, and of two writes to a cell the one with the later time stays.
A Cassandra node times a conditional write itself, by the millisecond in which it begins: one that follows a plain write
within the same millisecond is older than that, and is said to be applied although nothing of it can be read
(`ClientState.getTimestampForPaxos`, Cassandra 4.0 to 6.0). So a conditional write waits until the millisecond is over.
Clocks of machines that differ by more than that do the same harm, which no client can see.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from coodie_drivers.messages import BatchRequest

if TYPE_CHECKING:
    from coodie_drivers.messages import Request

__all__ = ["WriteOrder"]

MILLISECOND: Final = 1_000_000
_SECOND: Final = 1_000_000_000
"""In nanoseconds."""


class WriteOrder:
    """When one driver's last plain write was acknowledged; safe to use from any number of threads.

    >>> order = WriteOrder()
    >>> order.pause()
    0.0
    >>> order.acknowledged()
    >>> 0 <= order.pause() <= 0.001
    True

    Attributes:
        last: when that was, in nanoseconds since 1970.
    """

    __slots__ = ("last",)

    def __init__(self) -> None:
        """Know of no write."""
        self.last = 0

    def acknowledged(self) -> None:
        """Take note that a plain write has just been acknowledged."""
        self.last = time.time_ns()

    def pause_before(self, request: Request | BatchRequest) -> float:
        """Return the seconds for which a request has to wait: 0 for one without conditions."""
        if not isinstance(request, BatchRequest):
            return self.pause() if request.statement.conditional else 0.0
        return self.pause() if any(statement.conditional for statement, _ in request.parts) else 0.0

    def pause(self) -> float:
        """Return the seconds for which a conditional write has to wait: a millisecond at most."""
        left = MILLISECOND - self.last % MILLISECOND - (time.time_ns() - self.last)
        return left / _SECOND if 0 < left <= MILLISECOND else 0.0  # a clock that was put back tells nothing
