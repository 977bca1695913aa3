"""The adapter for acsylla: Python's way to the C++ driver, which speaks to ScyllaDB and Apache Cassandra."""

from __future__ import annotations

from coodie_drivers.adapters._acsylla_connecting import adopt, connect, connect_async, option_names, recognizes
from coodie_drivers.adapters._acsylla_core import AcsyllaDriver

__all__ = ["AcsyllaDriver", "adopt", "connect", "connect_async", "driver_class", "option_names", "recognizes"]

driver_class = AcsyllaDriver
"""The class of the drivers that are made."""
