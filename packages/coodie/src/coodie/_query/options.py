"""The options of a write: how long it lives, when it happened, on what condition, and how it is sent."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from coodie._model.defining import levels_to_user
from coodie._query.levels import level_of_write
from coodie.errors import DistantTimestampWarning
from coodie_drivers.errors import InvalidQueryError
from cql_builder.limits import MAX_TTL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie_drivers.messages import Statement

Call = tuple[Callable[..., object], tuple[object, ...]]
"""What is called when a write was made, and with what."""

NO_TIMESTAMP = "a lightweight transaction is timed by the server; leave timestamp out, or write without a condition"


_DAY = 86_400_000_000
_YEAR = 366 * _DAY
"""In microseconds."""

_FIRST = 946_684_800_000_000
"""The year 2000 in microseconds: what programs write of happened since, so another unit is told by it."""

_UNITS = {"milliseconds": 1_000, "seconds": 1_000_000}
"""What a timestamp may be given in by mistake, and what makes microseconds of it."""


def checked_ttl(ttl: int) -> int:
    """Seconds until written values expire, in the range that servers take (CQL reference, "TTL").

    Raises:
        InvalidQueryError: it is no whole number from 0 to 630,720,000.
    """
    if type(ttl) is not int or not 0 <= ttl <= MAX_TTL:
        raise InvalidQueryError(f"ttl is a whole number of seconds from 0 to {MAX_TTL} (20 years)")
    return ttl


def checked_timestamp(timestamp: int) -> int:
    """Microseconds since 1970.

    Servers take any number of 64 bits but the least one, so that what is hardly meant is warned of and written: a time
    that is more than a day ahead, which hides what others write before then; one before 1970, which is behind whatever
    is there; and one that would lie between the year 2000 and the next if it were seconds or milliseconds. Others pass,
    for the times of old data and small numbers that a program counts by itself are right.

    Raises:
        InvalidQueryError: it is no whole number above -2**63 and below 2**63.
    """
    if type(timestamp) is not int or not -(1 << 63) < timestamp < 1 << 63:
        raise InvalidQueryError("timestamp is a whole number of microseconds since 1970, above -2**63 and below 2**63")
    doubt = _doubt_of(timestamp)
    if doubt is not None:
        warnings.warn(
            f"timestamp takes microseconds, and this one {doubt}", DistantTimestampWarning, stacklevel=levels_to_user()
        )
    return timestamp


def _doubt_of(timestamp: int) -> str | None:
    """Why a time is hardly meant."""
    if timestamp < 0:
        return "is before 1970: whatever is written there hides it; leave it out, or write None, for now"
    now = time.time_ns() // 1_000
    if timestamp > now + _DAY:
        return f"is {(timestamp - now) / _DAY:,.0f} days ahead: it hides what is written without one until then"
    for unit, factor in _UNITS.items():
        if _FIRST <= timestamp * factor < now + _YEAR:
            return f"looks like {unit} since 1970; multiply it by {factor:,}"
    return None


def checked_timeout(timeout: float) -> float:
    """Seconds to wait for an answer.

    Raises:
        InvalidQueryError: it is no positive number.
    """
    if type(timeout) not in (int, float) or not timeout > 0:
        raise InvalidQueryError("timeout is a positive number of seconds")
    return timeout


def skipped(nulls: str | None) -> bool | None:
    """Whether `save(nulls=...)` leaves alone what is None; None leaves it to the model.

    Raises:
        InvalidQueryError: it is neither `write` nor `skip`.
    """
    if nulls not in (None, "write", "skip"):
        raise InvalidQueryError("nulls is 'write' or 'skip', or None for what Settings.nulls says")
    return None if nulls is None else nulls == "skip"


class Collector(Protocol):
    """Something that takes a write now and sends it later: a batch."""

    def collect(
        self,
        target: Any,
        statement: Statement,
        values: Sequence[object],
        options: WriteOptions,
        then: Call | None = None,
    ) -> None:
        """Keep the write, and what is called, with its arguments, when it was made."""
        ...

    def afterwards(self, call: Callable[..., object], *args: object) -> None:
        """Call this when the batch was sent."""
        ...

    def unless_sent(self, call: Callable[[], object]) -> None:
        """Call this when the batch is dropped, or a condition of it did not hold."""
        ...


class Batch(Protocol):
    """A batch, as the verbs take it."""

    @property
    def writes(self) -> WriteOptions:
        """The options of a write of which nothing is said but that this takes it."""
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
        guard: the condition, a `Guard`, where a query has read it already.
        using: which of the ttl (1) and the timestamp (2) the statement mentions, added up.
    """

    __slots__ = ("batch", "consistency", "guard", "if_conditions", "if_exists", "timeout", "timestamp", "ttl", "using")

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
            InvalidQueryError: the ttl, the timestamp or the timeout is out of range, or no write is made at the level.
            ConfigurationError: there is no such consistency level.
        """
        self.ttl = None if ttl is None else checked_ttl(ttl)
        self.timestamp = None if timestamp is None else checked_timestamp(timestamp)
        self.consistency = None if consistency is None else level_of_write(consistency)
        self.timeout = None if timeout is None else checked_timeout(timeout)
        self.using = (ttl is not None) + 2 * (timestamp is not None)
        self.batch = batch
        self.guard: Any = None
        self.if_exists = False
        self.if_conditions: Mapping[str, object] | None = None

    def on_condition(self, if_conditions: Mapping[str, object] | None, *, if_exists: bool) -> WriteOptions:
        """These options with a condition; the very same without one.

        Raises:
            InvalidQueryError: both forms are given, or the form that is given is empty.
        """
        if if_conditions is None and if_exists is False:
            return self
        given: object = if_exists  # a cast would be a call of a function
        if type(given) is not bool:
            raise InvalidQueryError("if_exists is True or False")
        conditions: object = if_conditions
        if conditions is not None and not isinstance(conditions, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] - whatever is passed
            raise InvalidQueryError('if_conditions is a dict of fields and values, such as {"status": "open"}')
        if if_conditions is not None and if_exists:
            raise InvalidQueryError(
                "give if_exists or if_conditions, not both: a condition on a column implies that the row exists"
            )
        if if_conditions is not None and not if_conditions:
            raise InvalidQueryError("if_conditions is empty; leave it out to write without a condition")
        if self.timestamp is not None and (if_exists or if_conditions):
            raise InvalidQueryError(NO_TIMESTAMP)
        # Others: those that say nothing are shared.
        conditional = WriteOptions(self.ttl, self.timestamp, self.consistency, self.timeout, self.batch)
        conditional.if_exists = if_exists
        conditional.if_conditions = if_conditions
        return conditional

    def shape(self) -> int:
        """Which of ttl and timestamp the statement mentions."""
        return self.using


USUAL = WriteOptions()
"""The options of a write that says nothing."""


def write_options(
    ttl: int | None = None,
    timestamp: int | None = None,
    consistency: str | None = None,
    timeout: float | None = None,
    batch: Batch | None = None,
) -> WriteOptions:
    """The options of a write without condition; most say nothing, or nothing besides their batch, and share one object.

    Raises:
        InvalidQueryError: the ttl, the timestamp or the timeout is out of range.
        ConfigurationError: there is no such consistency level.
    """
    if ttl is None and timestamp is None and consistency is None and timeout is None:
        return USUAL if batch is None else batch.writes
    return WriteOptions(ttl, timestamp, consistency, timeout, None if batch is None else batch.writes.batch)
