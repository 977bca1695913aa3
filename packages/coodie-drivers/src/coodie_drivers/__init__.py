"""One contract over the Python client libraries for Apache Cassandra and ScyllaDB.

`init_coodie` connects and registers, `get_driver` finds the driver again; see `coodie_drivers.contract` for what a
driver is and `coodie_drivers.errors` for what can go wrong. No client library is imported before one is connected to.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coodie_drivers.adapters.scylla import CassandraDriver
    from coodie_drivers.contract import AbstractDriver
    from coodie_drivers.errors import (
        ConfigurationError,
        CoodieError,
        DriverError,
        DriverMissingError,
        InvalidQueryError,
    )
    from coodie_drivers.lazy import LazyDriver
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

_HOMES = {
    "contract": ("AbstractDriver",),
    "errors": ("ConfigurationError", "CoodieError", "DriverError", "DriverMissingError", "InvalidQueryError"),
    "lazy": ("LazyDriver",),
    "messages": ("BatchRequest", "Reply", "Request", "Rows", "Statement", "TableRequest", "statement_of"),
    "operations": ("Op", "adrive", "drive"),
    "registry": (
        "get_driver",
        "init_coodie",
        "init_coodie_async",
        "register_driver",
        "set_default",
        "unregister_driver",
    ),
    "values": ("UNSET", "CqlDate", "CqlDuration"),
}


def __getattr__(name: str) -> object:
    """Import a name's module when the name is asked for.

    The pytest plugin lives in this package and is loaded into every pytest run of an environment, so importing the
    package costs nothing; a client library is imported for `CassandraDriver` alone.
    """
    if name == "CassandraDriver":
        return import_module("coodie_drivers.loading").load_adapter().driver_class
    for module, names in _HOMES.items():
        if name in names:
            found: object = getattr(import_module(f"coodie_drivers.{module}"), name)
            globals()[name] = found
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
