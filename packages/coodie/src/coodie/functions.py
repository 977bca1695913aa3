"""Functions of CQL as values to compare with: the bounds of a moment's timeuuids, and tokens of partitions."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from coodie._model.tokens import Token
from coodie.errors import InvalidValueError

__all__ = ["MaxTimeUUID", "MinTimeUUID", "Token"]

_FIRST = dt.datetime(1582, 10, 15, tzinfo=dt.timezone.utc)
"""Where the time of a version 1 UUID begins (RFC 9562, section 5.1)."""

_TICKS = 10_000
"""How many steps of 100 nanoseconds a millisecond has."""

# Servers compare what follows the time byte by byte, with signs, and UUIDs of RFC 9562 have 0x80 to 0xBF in front.
_LEAST, _GREATEST = 0x8080_8080_8080_8080, 0xBF7F_7F7F_7F7F_7F7F


def MinTimeUUID(moment: dt.datetime) -> UUID:  # noqa: N802 - users type it so
    """Return the least timeuuid of a moment's millisecond: `Event.find(room=room, id__gte=MinTimeUUID(since))`.

    It is what the server's `minTimeuuid()` returns; a moment without a time zone is taken as UTC. It is a bound, and no
    identifier of anything: use `uuid.uuid1()` for these.

    Raises:
        InvalidValueError: it is no datetime, or lies before 15 October 1582, where the time of timeuuids begins.

    >>> MinTimeUUID(dt.datetime(2026, 3, 1, 12))
    UUID('2c57e000-1566-11f1-8080-808080808080')
    """
    return _bound("MinTimeUUID", _ticks("MinTimeUUID", moment), _LEAST)


def MaxTimeUUID(moment: dt.datetime) -> UUID:  # noqa: N802 - users type it so
    """Return the greatest timeuuid of a moment's millisecond: `Event.find(room=room, id__lte=MaxTimeUUID(until))`.

    No timeuuid that is made as RFC 9562 says lies between it and the server's `maxTimeuuid()`; see `MinTimeUUID`.

    Raises:
        InvalidValueError: as `MinTimeUUID` does.

    >>> MaxTimeUUID(dt.datetime(2026, 3, 1, 12)) > MinTimeUUID(dt.datetime(2026, 3, 1, 12))
    True
    """
    return _bound("MaxTimeUUID", _ticks("MaxTimeUUID", moment) + _TICKS - 1, _GREATEST)


def _ticks(function: str, moment: dt.datetime) -> int:
    given: object = moment
    if not isinstance(given, dt.datetime):  # pyright: ignore[reportUnnecessaryIsInstance] - whatever is passed
        raise InvalidValueError(function, "moment", f"is a datetime, not {type(given).__name__}")
    aware = moment.replace(tzinfo=dt.timezone.utc) if moment.utcoffset() is None else moment
    return (aware - _FIRST) // dt.timedelta(milliseconds=1) * _TICKS


def _bound(function: str, ticks: int, rest: int) -> UUID:
    if not 0 <= ticks < 1 << 60:
        raise InvalidValueError(function, "moment", "a timeuuid has a time from 1582 to 5236; give another datetime")
    time = (ticks & 0xFFFF_FFFF) << 32 | (ticks >> 32 & 0xFFFF) << 16 | 0x1000 | ticks >> 48
    return UUID(int=time << 64 | rest)
