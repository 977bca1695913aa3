"""One contract over the Python client libraries for Apache Cassandra and ScyllaDB.

`init_coodie` connects and registers, `get_driver` finds the driver again; see `coodie_drivers.contract` for what a
driver is and `coodie_drivers.errors` for what can go wrong. No client library is imported before one is connected to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from coodie_drivers.contract import AbstractDriver
from coodie_drivers.errors import (
    ConfigurationError,
    CoodieError,
    DriverError,
    DriverMissingError,
    InvalidQueryError,
)
from coodie_drivers.messages import BatchRequest, Reply, Request, Rows, Statement, TableRequest, statement_of
from coodie_drivers.operations import Op, adrive, drive
from coodie_drivers.registry import (
    get_driver,
    init_coodie,
    init_coodie_async,
    register_driver,
    set_default,
    unregister_driver,
)
from coodie_drivers.values import UNSET, CqlDate, CqlDuration

if TYPE_CHECKING:
    from coodie_drivers.adapters.scylla import CassandraDriver
    from coodie_drivers.lazy import LazyDriver

__all__ = [
    "UNSET",
    "AbstractDriver",
    "BatchRequest",
    "CassandraDriver",
    "ConfigurationError",
    "CoodieError",
    "CqlDate",
    "CqlDuration",
    "DriverError",
    "DriverMissingError",
    "InvalidQueryError",
    "LazyDriver",
    "Op",
    "Reply",
    "Request",
    "Rows",
    "Statement",
    "TableRequest",
    "adrive",
    "drive",
    "get_driver",
    "init_coodie",
    "init_coodie_async",
    "register_driver",
    "set_default",
    "statement_of",
    "unregister_driver",
]


def __getattr__(name: str) -> object:
    """Import on first use what needs a client library, or more than most programs do."""
    if name == "CassandraDriver":
        from coodie_drivers.loading import load_adapter  # noqa: PLC0415

        return load_adapter().driver_class
    if name == "LazyDriver":
        from coodie_drivers.lazy import LazyDriver  # noqa: PLC0415

        return LazyDriver
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
