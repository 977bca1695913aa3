"""Values that CQL has and Python has not, re-exported from the drivers' type table."""

from __future__ import annotations

from coodie_drivers.values import UNSET, CqlDuration

__all__ = ["UNSET", "CqlDuration"]
