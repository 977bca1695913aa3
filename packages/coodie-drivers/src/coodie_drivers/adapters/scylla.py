"""The adapter for scylla-driver: ScyllaDB's client library, which speaks to Apache Cassandra as well."""

from __future__ import annotations

from coodie_drivers.adapters._cassandra_connecting import adopt, connect, connect_async, option_names, recognizes
from coodie_drivers.adapters._cassandra_core import CassandraDriver

__all__ = ["CassandraDriver", "adopt", "connect", "connect_async", "driver_class", "option_names", "recognizes"]

driver_class = CassandraDriver
"""The class of the drivers that are made."""
