"""What `init_coodie` does before it registers: from its arguments to a driver that is connected, or will be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie_drivers.blocking import in_thread
from coodie_drivers.config import ConnectionConfig
from coodie_drivers.errors import ConfigurationError
from coodie_drivers.lazy import LazyDriver
from coodie_drivers.loading import load_adapter, load_adapter_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coodie_drivers.contract import AbstractDriver, Adapter


class Opening:
    """A driver about to be made.

    Raises:
        ConfigurationError: on making it, if the arguments are wrong or contradict each other.
    """

    def __init__(self, session: object, driver_type: str, *, lazy: bool, arguments: Mapping[str, Any]) -> None:
        self._session = session
        self._driver_type = driver_type
        self._lazy = lazy
        self._arguments = dict(arguments)
        if session is not None:
            self._refuse_beside_session()

    def open(self) -> AbstractDriver:
        """Return the driver, blocking while it connects."""
        ready = self._without_connecting()
        if ready is not None:
            return ready
        adapter, config = self._with_adapter()
        return adapter.connect(config)

    async def open_async(self) -> AbstractDriver:
        """Return the driver without blocking the event loop.

        The adapter is loaded in a thread too: its client library takes a tenth of a second to import.
        """
        ready = await in_thread(self._without_connecting)
        if ready is not None:
            return ready
        adapter, config = await in_thread(self._with_adapter)
        return await adapter.connect_async(config)

    def _without_connecting(self) -> AbstractDriver | None:
        if self._session is not None:
            return load_adapter_for(self._session).adopt(self._session, self._arguments.get("keyspace"))
        if self._lazy:
            further: dict[str, Any] = {"driver_type": self._driver_type, **self._arguments}
            hosts, keyspace, ssl_context = (further.pop(name, None) for name in ("hosts", "keyspace", "ssl_context"))
            return LazyDriver(hosts, keyspace, ssl_context, further)
        return None

    def _with_adapter(self) -> tuple[Adapter, ConnectionConfig]:
        adapter = load_adapter(self._driver_type)
        return adapter, ConnectionConfig.from_arguments(self._arguments, adapter.option_names())

    def _refuse_beside_session(self) -> None:
        beside = [name for name, value in self._arguments.items() if value is not None and name != "keyspace"]
        if self._lazy:
            beside.append("lazy")
        if beside:
            raise ConfigurationError(
                f"give either session or {', '.join(beside)}: a session is connected already and used as it is"
            )
