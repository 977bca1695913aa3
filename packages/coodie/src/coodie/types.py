"""Values that CQL has and Python has not, re-exported from the drivers' type table.

What Python has is used as it is: `datetime` for CQL `timestamp`, which keeps milliseconds (what is finer is cut off)
and is read back in UTC, a datetime without a time zone being taken as UTC; `coodie.fields` says more.
"""

from __future__ import annotations

import datetime as dt

from coodie_drivers.values import UNSET, CqlDate, CqlDuration

__all__ = ["UNSET", "CqlDate", "CqlDuration", "as_timestamp"]


def as_timestamp(moment: dt.datetime) -> dt.datetime:
    """Return a moment as a document has it that was read from a table: in UTC and whole milliseconds.

    So a document equals the one that is read when it was saved, and a moment of Python one that was read.

    >>> as_timestamp(dt.datetime(2026, 3, 1, 12, 0, 0, 123_456))
    datetime.datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=datetime.timezone.utc)
    """
    aware = moment.replace(tzinfo=dt.timezone.utc) if moment.utcoffset() is None else moment.astimezone(dt.timezone.utc)
    return aware.replace(microsecond=aware.microsecond // 1000 * 1000)
