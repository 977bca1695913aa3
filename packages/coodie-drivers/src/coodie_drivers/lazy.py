"""`LazyDriver`: a driver that connects when it is first used."""

from __future__ import annotations

import os
import threading
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.blocking import SharedCall
from coodie_drivers.config import ConnectionConfig
from coodie_drivers.contract import AbstractDriver
from coodie_drivers.errors import CoodieError, DriverClosedError
from coodie_drivers.loading import DEFAULT_DRIVER_TYPE, load_adapter
from coodie_drivers.request_driver import CLOSE_TIMEOUT, takes_timeout

if TYPE_CHECKING:
    from ssl import SSLContext

    from coodie_drivers.messages import BatchRequest, Reply, Request

__all__ = [
    "LazyDriver",
]


_LIVE: Final[weakref.WeakSet[LazyDriver]] = weakref.WeakSet()


class LazyDriver(AbstractDriver):
    """A driver that connects on first use, once, even when many tasks and threads arrive together.

    What was given is checked at once; only the network is left for later. When connecting fails, those who wait get the
    error, and the next use tries again.
    """

    def __init__(
        self,
        hosts: list[str] | None,
        keyspace: str | None,
        ssl_context: SSLContext | None,
        kwargs: dict[str, Any],
    ) -> None:
        """Check and keep how to connect.

        Args:
            hosts: as for `init_coodie`.
            keyspace: as for `init_coodie`.
            ssl_context: as for `init_coodie`.
            kwargs: all further arguments of `init_coodie`.

        Raises:
            ConfigurationError: if an argument is unknown or contradicts another, or the client library is missing.
        """
        further = dict(kwargs or {})
        adapter = load_adapter(further.pop("driver_type", DEFAULT_DRIVER_TYPE))
        arguments = {"hosts": hosts, "keyspace": keyspace, "ssl_context": ssl_context, **further}
        self._config = ConnectionConfig.from_arguments(arguments, adapter.option_names())
        self._adapter = adapter
        self._lock = threading.Lock()
        self._connecting: SharedCall[AbstractDriver] | None = None
        self._closed = False
        _LIVE.add(self)
        self.default_keyspace = keyspace
        self.needs_row_validation = adapter.driver_class.needs_row_validation
        self.supports_unset = adapter.driver_class.supports_unset

    def send(self, request: Request | BatchRequest) -> Reply:
        """Send one request and return one page of its answer, connecting first if need be."""
        return self._connection().result().send(request)

    async def send_async(self, request: Request | BatchRequest) -> Reply:
        """Send one request and return one page of its answer, without blocking the event loop."""
        return await (await self._connection().result_async()).send_async(request)

    def execute(  # noqa: PLR0913 - the documented signature
        self,
        stmt: str,
        params: list[Any],
        consistency: str | None = None,
        timeout: float | None = None,
        fetch_size: int | None = None,
        paging_state: bytes | None = None,
    ) -> list[dict[str, Any]]:
        """Execute `stmt` with `params`; return rows as a list of dicts."""
        driver = self._connection().result()
        return driver.execute(stmt, params, consistency, timeout, fetch_size, paging_state)

    async def execute_async(  # noqa: PLR0913 - the documented signature
        self,
        stmt: str,
        params: list[Any],
        consistency: str | None = None,
        timeout: float | None = None,
        fetch_size: int | None = None,
        paging_state: bytes | None = None,
    ) -> list[dict[str, Any]]:
        """Execute `stmt` with `params` without blocking the event loop; return rows as a list of dicts."""
        driver = await self._connection().result_async()
        return await driver.execute_async(stmt, params, consistency, timeout, fetch_size, paging_state)

    def sync_table(  # noqa: PLR0913 - the documented signature
        self,
        table: str,
        keyspace: str,
        cols: list[Any],
        table_options: dict[str, Any] | None = None,
        dry_run: bool = False,  # noqa: FBT001, FBT002
        drop_removed_indexes: bool = False,  # noqa: FBT001, FBT002
    ) -> list[str]:
        """Create the table, or add to it what it lacks; return the CQL that was, or would be, executed."""
        driver = self._connection().result()
        return driver.sync_table(table, keyspace, cols, table_options, dry_run, drop_removed_indexes)

    async def sync_table_async(  # noqa: PLR0913 - the documented signature
        self,
        table: str,
        keyspace: str,
        cols: list[Any],
        table_options: dict[str, Any] | None = None,
        dry_run: bool = False,  # noqa: FBT001, FBT002
        drop_removed_indexes: bool = False,  # noqa: FBT001, FBT002
    ) -> list[str]:
        """Create the table, or add to it what it lacks, without blocking the event loop."""
        driver = await self._connection().result_async()
        return await driver.sync_table_async(table, keyspace, cols, table_options, dry_run, drop_removed_indexes)

    def close(self, *, timeout: float = CLOSE_TIMEOUT) -> None:
        """Refuse further requests, and close the connection if there is one; `timeout` is as for that."""
        connecting = self._ended()
        if connecting is not None:
            with suppress(CoodieError):  # those who wait for the connection hear why there is none
                driver = connecting.result()
                driver.close(timeout=timeout) if takes_timeout(driver) else driver.close()

    async def close_async(self, *, timeout: float = CLOSE_TIMEOUT) -> None:
        """Do as `close` does without blocking the event loop."""
        connecting = self._ended()
        if connecting is not None:
            with suppress(CoodieError):  # those who wait for the connection hear why there is none
                driver = await connecting.result_async()
                await (driver.close_async(timeout=timeout) if takes_timeout(driver) else driver.close_async())

    def forget(self) -> None:
        """Forget a connection that was only on its way when the process forked, and the lock of that process."""
        self._lock = threading.Lock()
        if self._connecting is not None and not self._connecting.done:
            self._connecting = None

    def _connection(self) -> SharedCall[AbstractDriver]:
        with self._lock:
            if self._closed:
                raise DriverClosedError
            if self._connecting is None or self._connecting.failed:
                self._connecting = SharedCall(lambda: self._adapter.connect(self._config))
            return self._connecting

    def _ended(self) -> SharedCall[AbstractDriver] | None:
        with self._lock:
            self._closed = True
            connecting, self._connecting = self._connecting, None
        return None if connecting is None or connecting.failed else connecting


def _forget_all() -> None:
    for driver in list(_LIVE):
        driver.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
