"""Which adapter serves a connection: by driver type, by what is installed, or by the session that was given."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from coodie_drivers.errors import ConfigurationError, DriverMissingError
from coodie_drivers.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.metadata import EntryPoint

    from coodie_drivers.contract import Adapter

ENTRY_POINT_GROUP: Final = "coodie_drivers.adapters"
DEFAULT_DRIVER_TYPE: Final = "scylla"

_SCYLLA: Final = "scylla-driver"
_CASSANDRA: Final = "cassandra-driver"
_ACSYLLA: Final = "acsylla"


class _BuiltIn(NamedTuple):
    module: str
    distributions: tuple[str, ...]


_BUILT_IN: Final = {
    # The default is served by either library: both speak to both servers.
    "scylla": _BuiltIn("coodie_drivers.adapters.scylla", (_SCYLLA, _CASSANDRA)),
    "cassandra": _BuiltIn("coodie_drivers.adapters.cassandra", (_CASSANDRA,)),
    "acsylla": _BuiltIn("coodie_drivers.adapters.acsylla", (_ACSYLLA,)),
}

_LATER: Final = ("rust",)
"""Driver types that are documented, and whose adapters are still to come."""


def load_adapter(driver_type: str = DEFAULT_DRIVER_TYPE) -> Adapter:
    """Return the adapter of this driver type, importing its client library.

    Raises:
        ConfigurationError: if there is no such type, or the libraries installed exclude each other.
        DriverMissingError: if its client library is not installed; names the extra that brings it.
    """
    # A driver type that is no text, a list perhaps, cannot even be looked up.
    built_in = _BUILT_IN.get(driver_type) if driver_type in list(_BUILT_IN) else None
    if built_in is not None:
        _require(driver_type, built_in.distributions)
        return cast("Adapter", import_module(built_in.module))
    for entry in _entry_points():
        if entry.name == driver_type:
            return cast("Adapter", entry.load())
    known = sorted({*_BUILT_IN, *(entry.name for entry in _entry_points())})
    if driver_type in _LATER:
        raise ConfigurationError(
            f"the adapter for driver type {driver_type!r} is not part of this version yet; there are {', '.join(known)}"
        )
    raise ConfigurationError(
        f"there is no driver type {driver_type!r}{did_you_mean(str(driver_type), known)}; there are {', '.join(known)}"
    )


def load_adapter_for(session: object) -> Adapter:
    """Return the adapter that knows this session.

    Raises:
        ConfigurationError: if none does.
    """
    for adapter in _installed_adapters():
        if adapter.recognizes(session):
            return adapter
    raise ConfigurationError(
        f"a {type(session).__module__}.{type(session).__name__} is no session that an installed driver knows; "
        "give what cassandra.cluster.Cluster(...).connect() returns"
    )


def _installed_adapters() -> Iterable[Adapter]:
    if _installed(_SCYLLA, _CASSANDRA):
        yield load_adapter()
    if _installed(_ACSYLLA):
        yield load_adapter("acsylla")
    for entry in _entry_points():
        yield cast("Adapter", entry.load())


def _require(driver_type: str, wanted: tuple[str, ...]) -> None:
    installed = _installed(*wanted) if wanted == (_ACSYLLA,) else _installed(_SCYLLA, _CASSANDRA)
    if len(installed) > 1:
        raise ConfigurationError(
            f"{_SCYLLA} and {_CASSANDRA} are both installed, and both own the import package 'cassandra', so each has "
            f"overwritten files of the other: uninstall both, then install the one you want "
            f"(pip uninstall {_SCYLLA} {_CASSANDRA}; pip install 'coodie-drivers[scylla]')"
        )
    if not any(distribution in installed for distribution in wanted):
        raise DriverMissingError(driver_type, " or ".join(wanted), driver_type)


def _installed(*distributions: str) -> list[str]:
    from importlib import metadata  # noqa: PLC0415 - only connecting needs it

    found: list[str] = []
    for name in distributions:
        try:
            metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        found.append(name)
    return found


def _entry_points() -> Iterable[EntryPoint]:
    from importlib import metadata  # noqa: PLC0415 - only connecting needs it

    return metadata.entry_points(group=ENTRY_POINT_GROUP)
