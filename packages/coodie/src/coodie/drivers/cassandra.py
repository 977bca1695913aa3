"""The driver of scylla-driver and cassandra-driver, under the documented import path.

Importing this module imports the client library; without one it raises `DriverMissingError`.
"""

from __future__ import annotations

from coodie_drivers import CassandraDriver

__all__ = ["CassandraDriver"]
