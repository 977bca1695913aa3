"""The options of a write: how long it lives, when it happened, on what condition, and how it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coodie_drivers.messages import Request

MAX_TTL = 630_720_000
"""The longest time to live in seconds that Cassandra accepts: 20 years (CQL reference, "Time to live")."""


class Collector(Protocol):
    """Something that takes a write now and sends it later: a batch."""

    def collect(self, target: Any, request: Request) -> None:
        """Keep the write."""
        ...


class WriteOptions:
    """What one call says besides the values.

    Attributes:
        ttl: seconds until the written values expire; 0 for never; None for the table's default.
        timestamp: when the write happened, in microseconds since 1970; None for now.
        consistency: the consistency level; None for the driver's default.
        timeout: seconds to wait for the answer; None for the driver's default.
        if_exists: whether the row must exist.
        if_conditions: what must hold of the row, by field or field and lookup; None for no condition.
        batch: takes the write instead of sending it.
    """

    __slots__ = ("batch", "consistency", "if_conditions", "if_exists", "timeout", "timestamp", "ttl")

    def __init__(
        self,
        ttl: int | None = None,
        timestamp: int | None = None,
        consistency: str | None = None,
        timeout: float | None = None,
        batch: Collector | None = None,
    ) -> None:
        """Hold and check the options.

        Raises:
            InvalidQueryError: the ttl or the timestamp is out of range.
        """
        if ttl is not None and (type(ttl) is not int or not 0 <= ttl <= MAX_TTL):
            raise InvalidQueryError(f"ttl is a whole number of seconds from 0 to {MAX_TTL} (20 years)")
        if timestamp is not None and (type(timestamp) is not int or not -(1 << 63) < timestamp < 1 << 63):
            raise InvalidQueryError("timestamp is a whole number of microseconds since 1970, of 64 bits")
        self.ttl = ttl
        self.timestamp = timestamp
        self.consistency = consistency
        self.timeout = timeout
        self.batch = batch
        self.if_exists = False
        self.if_conditions: Mapping[str, object] | None = None

    def on_condition(self, if_conditions: Mapping[str, object] | None, *, if_exists: bool) -> WriteOptions:
        """These options with a condition.

        Raises:
            InvalidQueryError: both forms are given, or the form that is given is empty.
        """
        if if_conditions is not None and if_exists:
            raise InvalidQueryError(
                "give if_exists or if_conditions, not both: a condition on a column implies that the row exists"
            )
        if if_conditions is not None and not if_conditions:
            raise InvalidQueryError("if_conditions is empty; leave it out to write without a condition")
        self.if_exists = if_exists
        self.if_conditions = if_conditions
        return self

    def shape(self) -> tuple[bool, bool]:
        """Which of ttl and timestamp the statement mentions."""
        return self.ttl is not None, self.timestamp is not None
