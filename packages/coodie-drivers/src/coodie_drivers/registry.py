"""The named drivers of a process: connecting and registering them, and finding them again."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.errors import ConfigurationError
from coodie_drivers.hiding import hidden
from coodie_drivers.spelling import did_you_mean

if TYPE_CHECKING:
    from ssl import SSLContext

    from coodie_drivers.contract import AbstractDriver
    from coodie_drivers.opening import Opening
    from coodie_drivers.request_driver import OpenedDriver

__all__ = [
    "DEFAULT_NAME",
    "REGISTRY",
    "Registry",
    "get_driver",
    "init_coodie",
    "init_coodie_async",
    "register_driver",
    "set_default",
    "unregister_driver",
]

DEFAULT_NAME: Final = "default"


class Registry:
    """Drivers by name; the default is the one chosen, else the one named "default", else the first.

    Attributes:
        changes: how often anything has changed: while it stays, each name means the driver that it meant.
    """

    def __init__(self) -> None:
        """Start with no driver."""
        self.changes = 0
        self._lock = threading.Lock()
        self._drivers: dict[str, AbstractDriver] = {}
        self._opened_here: set[str] = set()
        self._chosen: str | None = None

    def put(self, name: str, driver: AbstractDriver, *, chosen: bool, opened_here: bool) -> AbstractDriver | None:
        """Register a driver; return the one it replaces if that must be closed: opened here, and under no name now."""
        with self._lock:
            replaced = self._drivers.get(name)
            ours = name in self._opened_here
            self._drivers[name] = driver
            self.changes += 1
            (self._opened_here.add if opened_here else self._opened_here.discard)(name)
            if chosen:
                self._chosen = name
            is_gone = all(each is not replaced for each in self._drivers.values())
        return replaced if ours and is_gone else None

    def get(self, name: str | None) -> AbstractDriver:
        """Return the driver of this name, or the default one."""
        if name is not None:
            _require_name(name)
        with self._lock:
            wanted = self._default_name() if name is None else name
            driver = self._drivers.get(wanted) if wanted is not None else None
            names = list(self._drivers)
        if driver is not None:
            return driver
        if not names:
            raise ConfigurationError(
                "no driver is registered: call init_coodie(hosts=['127.0.0.1'], keyspace='my_ks') first "
                "(await it when it comes from coodie or coodie.aio)"
            )
        raise _unknown(wanted, names)

    def choose(self, name: str) -> None:
        """Make the driver of this name the default."""
        _require_name(name)
        with self._lock:
            names = list(self._drivers)
            if name in names:
                self._chosen = name
                self.changes += 1
                return
        raise _unknown(name, names)

    def remove(self, name: str) -> AbstractDriver:
        """Take the driver of this name out and return it."""
        _require_name(name)
        with self._lock:
            driver = self._drivers.pop(name, None)
            self.changes += 1
            names = list(self._drivers)
            self._opened_here.discard(name)
            if self._chosen == name:
                self._chosen = None
        if driver is None:
            raise _unknown(name, names)
        return driver

    def unlock(self) -> None:
        """Have a lock of its own, as a forked child must: another thread of the parent may have held the other."""
        self._lock = threading.Lock()

    def _default_name(self) -> str | None:
        for name in (self._chosen, DEFAULT_NAME):
            if name in self._drivers:
                return name
        return next(iter(self._drivers), None)


REGISTRY = Registry()
"""The drivers of this process."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=REGISTRY.unlock)


def register_driver(name: str, driver: AbstractDriver, default: bool = False) -> None:  # noqa: FBT001, FBT002
    """Register a driver of your own under a name; one that was there under it is replaced, and not closed by this.

    Args:
        name: how to find it again; the driver named "default" is the default unless another was chosen.
        driver: any object with the methods of `AbstractDriver`.
        default: whether it becomes the default whatever its name is.

    Raises:
        ConfigurationError: the name is none, or the driver has nothing to execute with.
    """
    _require_name(name)
    if isinstance(driver, type):
        raise ConfigurationError(f"{driver.__name__} is a class: register an object of it, {driver.__name__}(...)")
    if not any(hasattr(driver, method) for method in ("execute", "execute_async", "send", "send_async")):
        raise ConfigurationError(f"a {type(driver).__name__} is no driver: it has neither execute nor execute_async")
    REGISTRY.put(name, driver, chosen=default, opened_here=False)


def get_driver(name: str | None = None) -> AbstractDriver:
    """Return the driver of this name, or the default one: that very object.

    Raises:
        ConfigurationError: if there is none; says how to get one.
    """
    return REGISTRY.get(name)


def set_default(name: str) -> None:
    """Make a registered driver the default.

    Raises:
        ConfigurationError: if there is no driver of this name.
    """
    REGISTRY.choose(name)


def unregister_driver(name: str = DEFAULT_NAME) -> AbstractDriver:
    """Take a driver out of the registry and return it, not closed.

    Raises:
        ConfigurationError: if there is no driver of this name.
    """
    return REGISTRY.remove(name)


def init_coodie(  # noqa: PLR0913 - the documented signature
    hosts: list[str] | None = None,
    session: Any | None = None,  # noqa: ANN401 - the documented signature
    keyspace: str | None = None,
    driver_type: str = "scylla",
    name: str = DEFAULT_NAME,
    ssl_context: SSLContext | None = None,
    lazy: bool = False,  # noqa: FBT001, FBT002
    compression: str | bool | None = None,  # noqa: FBT001
    speculative_execution_policy: Any | None = None,  # noqa: ANN401
    **kwargs: Any,  # noqa: ANN401
) -> OpenedDriver:
    """Connect to a cluster, register the driver under `name`, and return it.

    Called again for the same name it connects anew, replaces the driver and closes the one before, if that was
    connected by this function and has no other name: requests that are under way on it get five seconds. When
    connecting fails, the registry is as it was. In a child of `os.fork` the driver connects anew when it is first used
    there.

    Args:
        hosts: nodes to try first, each `name`, `name:port` or `[IPv6 address]:port`; default `127.0.0.1`.
        session: a session of your own instead of `hosts`; it is used as it is and never closed here.
        keyspace: the keyspace of models that name none; it need not exist yet. Texts for `execute` name theirs.
        driver_type: which client library; the default takes whichever of scylla-driver and cassandra-driver is there.
        name: how models and `get_driver` find it; see `register_driver` on which is the default.
        ssl_context: how to encrypt, such as `ssl.create_default_context(cafile=…)`.
        lazy: whether to connect on first use only.
        compression: True for any that is installed, its name, False for none; None leaves it to the client library.
        speculative_execution_policy: the client library's own; used for idempotent statements only.
        kwargs: `dsn` (hosts and all that follows as one text, `cassandra://user:password@h1,h2:9042/keyspace?dc=dc1`;
            where neither it nor `hosts` is given, variables such as `COODIE_DSN` and `COODIE_HOSTS` are read), `port`,
            `username`, `password`, `credentials` (a function that returns both, asked at each login), `require_tls`
            (True to refuse a plain connection), `datacenter` (whose nodes are asked), `consistency`,
            `serial_consistency`, `request_timeout` (seconds, 10), `connect_timeout` (seconds, 5: within it a first node
            must have been reached, however many hosts there are), `retry_connect` (seconds to go on trying while none
            can be, as when program and cluster start together), `fetch_size` (rows in a page, 1,000),
            `application_name` (what the servers call this program), `observers` (called with each request that is
            over, see `coodie_drivers.observing`), the `ssl_*` arguments of `init_coodie_async`, and whatever the
            client library itself takes. Beside `session`: `codec`, True to have this driver bind values and read rows
            with functions of its own, several times faster, as on connections made here; it replaces the session's
            `client_protocol_handler`, and others who use the session get what they got before.

    Raises:
        ConfigurationError: if an argument is unknown, wrong, or contradicts another.
        DriverMissingError: if the client library is not installed.
        ClusterUnavailableError: if no host could be reached in time; `reasons` says for each why, and what to do.
    """
    from coodie_drivers.opening import Opening  # noqa: PLC0415 - reading the registry needs none of it

    _require_name(name)
    arguments = hidden(
        {
            "hosts": hosts,
            "keyspace": keyspace,
            "ssl_context": ssl_context,
            "compression": compression,
            "speculative_execution_policy": speculative_execution_policy,
            **kwargs,
        }
    )
    del kwargs  # a traceback may be shown with its variables
    opening = Opening(session, driver_type, lazy=lazy, arguments=arguments)
    driver = opening.open()
    replaced = REGISTRY.put(name, driver, chosen=False, opened_here=session is None)
    if replaced is not None:
        replaced.close()
    return driver


async def init_coodie_async(  # noqa: PLR0913 - the documented signature
    hosts: list[str] | None = None,
    session: Any | None = None,  # noqa: ANN401 - the documented signature
    keyspace: str | None = None,
    driver_type: str = "scylla",
    name: str = DEFAULT_NAME,
    ssl_context: SSLContext | None = None,
    ssl_enabled: bool | None = None,  # noqa: FBT001
    ssl_trusted_cert: str | None = None,
    ssl_cert: str | None = None,
    ssl_private_key: str | None = None,
    ssl_verify_flags: int | None = None,
    **kwargs: Any,  # noqa: ANN401
) -> OpenedDriver:
    """Connect to a cluster without blocking the event loop, register the driver under `name`, and return it.

    The driver serves synchronous and asynchronous code alike, and belongs to no event loop. Called again for the same
    name it connects anew, replaces the driver and closes the one before, if that was connected by this function and has
    no other name: requests that are under way on it get five seconds. When connecting fails, the registry is as it was.
    In a child of `os.fork` the driver connects anew when it is first used there.

    Args:
        hosts: nodes to try first, each `name`, `name:port` or `[IPv6 address]:port`; default `127.0.0.1`.
        session: a session of your own instead of `hosts`; it is used as it is and never closed here.
        keyspace: the keyspace of models that name none; it need not exist yet. Texts for `execute` name theirs.
        driver_type: which client library; the default takes whichever of scylla-driver and cassandra-driver is there.
        name: how models and `get_driver` find it; see `register_driver` on which is the default.
        ssl_context: how to encrypt, such as `ssl.create_default_context(cafile=…)`.
        ssl_enabled: True to encrypt, verifying certificates and host names, when no `ssl_context` is given.
        ssl_trusted_cert: the authority to trust, as PEM text or the path of a PEM file, a `pathlib.Path` too.
        ssl_cert: the client's own certificate, as PEM text or the path of a PEM file.
        ssl_private_key: the key of that certificate, likewise.
        ssl_verify_flags: 0 to verify nothing, 1 the certificate, 3 its host name too (the default).
        kwargs: `lazy`, `compression`, `speculative_execution_policy` and all further arguments of `init_coodie`.

    Raises:
        ConfigurationError: if an argument is unknown, wrong, or contradicts another.
        DriverMissingError: if the client library is not installed.
        ClusterUnavailableError: if no host could be reached in time; `reasons` says for each why, and what to do.
    """
    from coodie_drivers.blocking import in_thread  # noqa: PLC0415 - reading the registry needs none of it

    _require_name(name)
    lazy: bool = kwargs.pop("lazy", False)
    arguments = hidden(
        {
            "hosts": hosts,
            "keyspace": keyspace,
            "ssl_context": ssl_context,
            "ssl_enabled": ssl_enabled,
            "ssl_trusted_cert": ssl_trusted_cert,
            "ssl_cert": ssl_cert,
            "ssl_private_key": ssl_private_key,
            "ssl_verify_flags": ssl_verify_flags,
            **kwargs,
        }
    )
    del kwargs, ssl_private_key  # a traceback may be shown with its variables
    opening_class = await in_thread(_opening_class)
    opening = opening_class(session, driver_type, lazy=lazy, arguments=arguments)
    driver = await opening.open_async()
    replaced = REGISTRY.put(name, driver, chosen=False, opened_here=session is None)
    if replaced is not None:
        await replaced.close_async()
    return driver


def _opening_class() -> type[Opening]:
    """Return the class, importing it with what it stands on: TLS alone takes tens of milliseconds."""
    from coodie_drivers.opening import Opening  # noqa: PLC0415 - it is the import that must not keep an event loop

    return Opening


def _require_name(name: object) -> None:
    if not isinstance(name, str):
        raise ConfigurationError(f"the name of a driver is a str, not {type(name).__name__}")
    if not name:
        raise ConfigurationError("a driver needs a name that is not empty")


def _unknown(name: str | None, names: list[str]) -> ConfigurationError:
    there = ", ".join(repr(each) for each in names) or "none"
    return ConfigurationError(
        f"no driver is registered under the name {name!r}{did_you_mean(str(name), names)}; registered: {there}"
    )
