"""`AcsyllaDriver`: the driver over a session of acsylla."""

from __future__ import annotations

from coodie_drivers.adapters.acsylla import AcsyllaDriver

__all__ = ["AcsyllaDriver"]
