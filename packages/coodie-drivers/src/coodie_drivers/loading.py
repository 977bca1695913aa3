"""Which adapter serves a connection: by driver type, by what is installed, or by the session that was given."""

from __future__ import annotations

import sys
import threading
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from coodie_drivers.dsn import driver_type_of
from coodie_drivers.errors import ConfigurationError, DriverMissingError
from coodie_drivers.hiding import unframed
from coodie_drivers.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from importlib.metadata import EntryPoint

    from coodie_drivers.contract import Adapter

ENTRY_POINT_GROUP: Final = "coodie_drivers.adapters"
DEFAULT_DRIVER_TYPE: Final = "scylla"

_SCYLLA: Final = "scylla-driver"
_CASSANDRA: Final = "cassandra-driver"
_ACSYLLA: Final = "acsylla"
_RUST: Final = "scylladb-rs-driver"


class _BuiltIn(NamedTuple):
    module: str
    distributions: tuple[str, ...]
    least_python: tuple[int, int] = (3, 10)


_BUILT_IN: Final = {
    # The default is served by either library: both speak to both servers.
    "scylla": _BuiltIn("coodie_drivers.adapters.scylla", (_SCYLLA, _CASSANDRA)),
    "cassandra": _BuiltIn("coodie_drivers.adapters.cassandra", (_CASSANDRA,)),
    "acsylla": _BuiltIn("coodie_drivers.adapters.acsylla", (_ACSYLLA,)),
    "rust": _BuiltIn("coodie_drivers.adapters.rust", (_RUST,), (3, 11)),
}
"""Driver types whose adapters are part of this package."""


def chosen_driver_type(given: str, dsn: object) -> str:
    """Return the driver type of the argument or of the DSN's scheme, which must not differ.

    Raises:
        ConfigurationError: if they do, or the DSN cannot be read.
    """
    with unframed():
        named = None if dsn is None else driver_type_of(dsn)
    if named is None:
        return given
    if given not in (DEFAULT_DRIVER_TYPE, named):
        raise ConfigurationError(f"the dsn names driver type {named!r}, and driver_type is {given!r}: give one of them")
    return named


def load_adapter(driver_type: str = DEFAULT_DRIVER_TYPE) -> Adapter:
    """Return the adapter of this driver type, importing its client library.

    Raises:
        ConfigurationError: if there is no such type, it cannot be imported, the libraries installed exclude each
            other, or threads are not those of Python.
        DriverMissingError: if its client library is not installed; names the extra that brings it.
    """
    # A driver type that is no text, a list perhaps, cannot even be looked up.
    built_in = _BUILT_IN.get(driver_type) if driver_type in list(_BUILT_IN) else None
    if built_in is not None:
        _require(driver_type, built_in)
        _require_threads()
        return cast("Adapter", import_module(built_in.module))
    for entry in _entry_points():
        if entry.name == driver_type:
            return _loaded(entry)
    known = sorted({*_BUILT_IN, *(entry.name for entry in _entry_points())})
    raise ConfigurationError(
        f"there is no driver type {driver_type!r}{did_you_mean(str(driver_type), known)}; there are {', '.join(known)}"
    )


def load_adapter_for(session: object) -> Adapter:
    """Return the adapter that knows this session.

    Raises:
        ConfigurationError: if none does.
    """
    refused: ConfigurationError | None = None
    for load in _installed_adapters():
        try:
            adapter = load()
        except ConfigurationError as error:  # that one cannot be loaded is no harm to a session of another
            refused = refused or error
        else:
            if adapter.recognizes(session):
                return adapter
    if refused is not None:
        raise refused
    raise ConfigurationError(
        f"a {type(session).__module__}.{type(session).__name__} is no session that an installed driver knows; "
        "give what cassandra.cluster.Cluster(...).connect() returns, or, for scylladb-rs-driver, what awaiting "
        "scylla.session_builder.SessionBuilder().connect() gives"
    )


def _installed_adapters() -> Iterable[Callable[[], Adapter]]:
    if _installed(_SCYLLA, _CASSANDRA):
        yield load_adapter
    if _installed(_ACSYLLA):
        yield partial(load_adapter, "acsylla")
    if _installed(_RUST) and sys.version_info >= _BUILT_IN["rust"].least_python:
        yield partial(load_adapter, "rust")
    for entry in _entry_points():
        yield partial(_loaded, entry)


def _loaded(entry: EntryPoint) -> Adapter:
    try:
        return cast("Adapter", entry.load())
    except (ImportError, AttributeError) as error:
        by = "" if entry.dist is None else f", which {entry.dist.name} brings,"
        raise ConfigurationError(
            f"driver type {entry.name!r}{by} cannot be imported from {entry.value}: {type(error).__name__}: {error}"
        ) from error


def _require_threads() -> None:
    """Refuse threads that gevent, or the like, has made something else of: whoever waits there is woken by nobody."""
    made = type(threading.Lock()).__module__
    if made != "_thread":
        raise ConfigurationError(
            f"threads are not Python's own here, but of {made}, which an answer of a client library cannot wake: leave "
            f"out monkey.patch_all(), and use threads or asyncio"
        )


def _require(driver_type: str, wanted: _BuiltIn) -> None:
    if sys.version_info < wanted.least_python:
        least, running = (".".join(map(str, version[:2])) for version in (wanted.least_python, sys.version_info))
        raise ConfigurationError(
            f"driver type {driver_type!r} needs Python {least} or newer, this is {running}: use another driver type"
        )
    installed = _installed(*wanted.distributions)
    clashing = _installed(_SCYLLA, _CASSANDRA)
    if len(clashing) > 1 and _CASSANDRA in wanted.distributions:
        raise ConfigurationError(
            f"{_SCYLLA} and {_CASSANDRA} are both installed, and both own the import package 'cassandra', so each has "
            f"overwritten files of the other: uninstall both, then install the one you want "
            f"(pip uninstall {_SCYLLA} {_CASSANDRA}; pip install {_SCYLLA})"
        )
    if not installed:
        in_the_way = clashing[0] if clashing and _CASSANDRA in wanted.distributions else None
        others = [name for name, built_in in _BUILT_IN.items() if _is_usable(built_in)]
        raise DriverMissingError(
            driver_type, " or ".join(wanted.distributions), driver_type, in_the_way, others[0] if others else ""
        )


def _is_usable(built_in: _BuiltIn) -> bool:
    return sys.version_info >= built_in.least_python and bool(_installed(*built_in.distributions))


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
