"""Values that CQL has and Python has not, re-exported from the drivers' type table.

What Python has is used as it is: `datetime` for CQL `timestamp`, which keeps milliseconds (what is finer is cut off)
and is read back in UTC, a datetime without a time zone being taken as UTC; `coodie.fields` says more.
"""

from __future__ import annotations

from coodie_drivers.values import UNSET, CqlDuration

__all__ = ["UNSET", "CqlDuration"]
