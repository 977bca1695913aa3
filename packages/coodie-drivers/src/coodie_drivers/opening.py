"""What `init_coodie` does before it registers: from its arguments to a driver that is connected, or will be."""

from __future__ import annotations

import os
from inspect import signature
from typing import TYPE_CHECKING, Any, cast

from coodie_drivers.arguments import with_environment
from coodie_drivers.blocking import in_thread
from coodie_drivers.config import ConnectionConfig, warn_of_plain_password
from coodie_drivers.connecting import connected, connected_async
from coodie_drivers.dsn import ENVIRONMENT_PREFIX
from coodie_drivers.errors import ConfigurationError
from coodie_drivers.hiding import hidden, unframed
from coodie_drivers.lazy import LazyDriver
from coodie_drivers.loading import DEFAULT_DRIVER_TYPE, chosen_driver_type, load_adapter, load_adapter_for
from coodie_drivers.observing import ObservedDriver, checked_observers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coodie_drivers.contract import AbstractDriver, Adapter
    from coodie_drivers.request_driver import OpenedDriver


class Opening:
    """A driver about to be made.

    Raises:
        ConfigurationError: on making it, if the arguments are wrong or contradict each other.
    """

    def __init__(self, session: object, driver_type: str, *, lazy: bool, arguments: Mapping[str, Any]) -> None:
        self._session = session
        self._lazy = _checked_flag("lazy", lazy)
        given = {name: value for name, value in hidden(arguments).items() if value is not None}
        self._observers = checked_observers(given.pop("observers", ()))
        self._codec = _checked_codec(given.pop("codec", None), session)
        if session is not None:
            self._refuse_beside_session(given)
        elif "hosts" not in given and "dsn" not in given:
            with unframed():
                driver_type = _driver_type_said(driver_type)
                given = with_environment(given, os.environ)
        self._driver_type = chosen_driver_type(driver_type, given.get("dsn"))
        self._arguments = given

    def open(self) -> OpenedDriver:
        """Return the driver, blocking while it connects."""
        if self._session is not None:
            return self._observed(self._adopted())
        adapter, config = self._with_adapter()
        warn_of_plain_password(config)
        return self._later(adapter, config) if self._lazy else self._observed(connected(adapter, config))

    async def open_async(self) -> OpenedDriver:
        """Return the driver without blocking the event loop.

        The adapter is loaded in a thread too: its client library takes a tenth of a second to import.
        """
        if self._session is not None:
            return self._observed(await in_thread(self._adopted))
        adapter, config = await in_thread(self._with_adapter)
        warn_of_plain_password(config)  # not in that thread, in which no line is the user's
        return self._later(adapter, config) if self._lazy else self._observed(await connected_async(adapter, config))

    def _observed(self, driver: AbstractDriver) -> OpenedDriver:
        # An adapter's driver is one; of a class that merely has the documented methods its author knows what it takes.
        return ObservedDriver(driver, self._observers) if self._observers else cast("OpenedDriver", driver)

    def _later(self, adapter: Adapter, config: ConnectionConfig) -> OpenedDriver:
        return LazyDriver.of(adapter, config, self._observers)

    def _with_adapter(self) -> tuple[Adapter, ConnectionConfig]:
        adapter = load_adapter(self._driver_type)
        return adapter, ConnectionConfig.from_arguments(self._arguments, adapter.option_names())

    def _adopted(self) -> AbstractDriver:
        adapter = load_adapter_for(self._session)
        if self._driver_type != DEFAULT_DRIVER_TYPE and adapter is not load_adapter(self._driver_type):
            raise ConfigurationError(
                f"the session is not one of driver_type={self._driver_type!r}: leave driver_type out, the session "
                "says which client library it is of"
            )
        keyspace = self._arguments.get("keyspace")
        if not self._codec:
            return adapter.adopt(self._session, keyspace)
        adopt: Any = adapter.adopt
        if "codec" not in signature(adopt).parameters:
            raise ConfigurationError(
                f"the adapter for a session of {type(self._session).__module__} has no codec: leave codec out"
            )
        driver: AbstractDriver = adopt(self._session, keyspace, codec=True)
        return driver

    def _refuse_beside_session(self, given: Mapping[str, Any]) -> None:
        beside = [name for name in given if name != "keyspace"]
        if self._lazy:
            beside.append("lazy")
        if beside:
            raise ConfigurationError(
                f"give either session or {', '.join(beside)}: a session is connected already and used as it is"
            )


def _driver_type_said(given: str) -> str:
    """Return the driver type of the argument, or else that of the DSN which the environment says."""
    dsn = os.environ.get(f"{ENVIRONMENT_PREFIX}DSN")
    if given != DEFAULT_DRIVER_TYPE or not dsn:
        return given
    return chosen_driver_type(given, dsn)


def _checked_flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise ConfigurationError(f"{name} must be True or False, not {type(value).__name__}")
    return value


def _checked_codec(codec: object, session: object) -> bool:
    if codec is not None and not isinstance(codec, bool):
        raise ConfigurationError(f"codec must be True or False, not {type(codec).__name__}")
    if codec is not None and session is None:
        raise ConfigurationError("codec is for a session of your own: on connections made here it is always on")
    return bool(codec)
