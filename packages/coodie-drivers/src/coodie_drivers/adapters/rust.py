"""The adapter for scylladb-rs-driver: ScyllaDB's client library in Rust, which speaks to Apache Cassandra as well."""

from __future__ import annotations

from coodie_drivers.adapters._rust_connecting import adopt, connect, connect_async, option_names, recognizes
from coodie_drivers.adapters._rust_core import RustDriver

__all__ = ["RustDriver", "adopt", "connect", "connect_async", "driver_class", "option_names", "recognizes"]

driver_class = RustDriver
"""The class of the drivers that are made."""
