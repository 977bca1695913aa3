"""`LazyDriver`: a driver that connects when it is first used."""

from __future__ import annotations

import os
import threading
import time
import weakref
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.blocking import in_background
from coodie_drivers.calls import check_timeout
from coodie_drivers.config import FIRST_WITH_UNSET, ConnectionConfig, warn_of_plain_password
from coodie_drivers.connecting import connected
from coodie_drivers.contract import AbstractDriver, send_async_to, send_to
from coodie_drivers.errors import ConfigurationError, CoodieError, DriverClosedError, OperationTimedOutError
from coodie_drivers.hiding import hidden
from coodie_drivers.loading import DEFAULT_DRIVER_TYPE, chosen_driver_type, load_adapter
from coodie_drivers.messages import Request, statement_of
from coodie_drivers.observing import ObservedDriver, checked_observers, observed_while_connecting
from coodie_drivers.request_driver import CLOSE_TIMEOUT, OpenedDriver, check_close_timeout, takes_timeout
from coodie_drivers.shared_connection import SharedConnection, close
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from ssl import SSLContext

    from typing_extensions import Self

    from coodie_drivers.contract import Adapter
    from coodie_drivers.messages import BatchRequest, Reply
    from coodie_drivers.observing import Observer

    Asked = Request | BatchRequest | str | None
    """What is asked: a request, the text of one, or several that have no limit of their own."""

__all__ = [
    "LazyDriver",
]


_LIVE: Final[weakref.WeakSet[LazyDriver]] = weakref.WeakSet()


class LazyDriver(OpenedDriver):
    """A driver that connects on first use, once, even when many tasks and threads arrive together.

    What was given is checked at once; only the network is left for later, and what a client library alone can tell,
    such as which compression is installed. When connecting fails, those who wait get the error, and the next use tries
    again.
    """

    _executes_beneath = True

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
            kwargs: all further arguments of `init_coodie` but `name`, `session`, `codec` and `lazy`, such as `dsn`,
                `driver_type` and `observers`. The environment is not read.

        Raises:
            ConfigurationError: if an argument is unknown or contradicts another, or the client library is missing.
        """
        arguments = hidden({"hosts": hosts, "keyspace": keyspace, "ssl_context": ssl_context, **(kwargs or {})})
        del kwargs  # a traceback may be shown with its variables
        _refuse_what_registers(arguments)
        observers = checked_observers(arguments.pop("observers", ()))
        driver_type = arguments.pop("driver_type", DEFAULT_DRIVER_TYPE)
        adapter = load_adapter(chosen_driver_type(driver_type, arguments.get("dsn")))
        config = ConnectionConfig.from_arguments(arguments, adapter.option_names())
        warn_of_plain_password(config)
        self._begin(adapter, config, observers)

    @classmethod
    def of(cls, adapter: Adapter, config: ConnectionConfig, observers: tuple[Observer, ...]) -> Self:
        """Return one that connects as this says, which has been checked."""
        driver = cls.__new__(cls)
        driver._begin(adapter, config, observers)  # noqa: SLF001 - it is one of these
        return driver

    def _begin(self, adapter: Adapter, config: ConnectionConfig, observers: tuple[Observer, ...]) -> None:
        self._observers = observers
        self._config = config
        self._adapter = adapter
        self._lock = threading.Lock()
        self._connecting: SharedConnection | None = None
        self._connected: AbstractDriver | None = None
        self._closing: AbstractDriver | None = None
        self._closed = False
        self._closer = object()  # another one each time that somebody closes
        self._ending = threading.Event()
        _LIVE.add(self)
        self.default_keyspace = self._config.keyspace
        # An adapter's class may merely have the documented methods.
        self.needs_row_validation = getattr(adapter.driver_class, "needs_row_validation", True)
        self.supports_unset = getattr(adapter.driver_class, "supports_unset", False) and _knows_unset(self._config)

    def send(self, request: Request | BatchRequest) -> Reply:
        """Send one request and return one page of its answer, connecting first if need be."""
        return send_to(self._connected or self._driver(request), request)

    async def send_async(self, request: Request | BatchRequest) -> Reply:
        """Send one request and return one page of its answer, without blocking the event loop."""
        return await send_async_to(self._connected or await self._driver_async(request), request)

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
        try:
            driver = self._connected or self._driver(stmt, timeout)
            return driver.execute(stmt, params, consistency, timeout, fetch_size, paging_state)
        finally:
            del params  # a traceback may be shown with its variables

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
        try:
            driver = self._connected or await self._driver_async(stmt, timeout)
            return await driver.execute_async(stmt, params, consistency, timeout, fetch_size, paging_state)
        finally:
            del params  # a traceback may be shown with its variables

    def execute_one(
        self, stmt: str, params: list[Any], consistency: str | None = None, timeout: float | None = None
    ) -> Any:  # noqa: ANN401 - the documented signature
        """Execute `stmt` and return the first column of the first row, or None; no page after it is fetched."""
        try:
            driver = self._connected or self._driver(stmt, timeout)
            return driver.execute_one(stmt, params, consistency, timeout)
        finally:
            del params  # a traceback may be shown with its variables

    async def execute_one_async(
        self,
        stmt: str,
        params: list[Any],
        consistency: str | None = None,
        timeout: float | None = None,
    ) -> Any:  # noqa: ANN401 - the documented signature
        """Do as `execute_one` does without blocking the event loop."""
        try:
            driver = self._connected or await self._driver_async(stmt, timeout)
            return await driver.execute_one_async(stmt, params, consistency, timeout)
        finally:
            del params  # a traceback may be shown with its variables

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
        driver = self._connected or self._driver()
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
        driver = self._connected or await self._driver_async()
        return await driver.sync_table_async(table, keyspace, cols, table_options, dry_run, drop_removed_indexes)

    @property
    def prepared_statements(self) -> int:
        """How many prepared statements the connection holds, where its adapter tells; 0 before there is one."""
        held: int = getattr(self._connected, "prepared_statements", 0)
        return held

    def close(self, *, timeout: float = CLOSE_TIMEOUT) -> None:
        """Refuse further requests, and close the connection if there is one.

        Args:
            timeout: as for that, seconds. Where it is still being made for somebody who waits, closing waits as well;
                who waits then is told that the driver is closed, and the connection is closed when it is there.
        """
        check_close_timeout(timeout)
        until = time.monotonic() + timeout
        connected, connecting = self._ended()
        if connecting is not None:
            connected = self._made(connecting, until)
        if connected is not None:
            with suppress(CoodieError):
                close(connected, max(0, until - time.monotonic()))
        self._closing = self._connecting = None

    async def close_async(self, *, timeout: float = CLOSE_TIMEOUT) -> None:
        """Do as `close` does without blocking the event loop."""
        check_close_timeout(timeout)
        until = time.monotonic() + timeout
        connected, connecting = self._ended()
        if connecting is not None:
            connected = await self._made_async(connecting, until)
        if connected is not None:
            left = max(0, until - time.monotonic())
            with suppress(CoodieError):
                await (connected.close_async(timeout=left) if takes_timeout(connected) else connected.close_async())
        self._closing = self._connecting = None

    def _made(self, connecting: SharedConnection, until: float) -> AbstractDriver | None:
        """Return what is to be closed; None if there is nothing by then, and what comes later is closed by others."""
        try:
            return connecting.driver(max(0, until - time.monotonic()) if connecting.awaited else 0)
        except FutureTimeoutError:
            connecting.give_up()
        except BaseException as error:
            if error is not connecting.failure:  # which those hear who wait for the connection
                self._close_later(connecting, until)
                raise
        return None

    async def _made_async(self, connecting: SharedConnection, until: float) -> AbstractDriver | None:
        """Do as `_made` does without blocking the event loop."""
        import asyncio  # noqa: PLC0415 - whoever is here has an event loop running

        try:
            return await connecting.driver_async(max(0, until - time.monotonic()) if connecting.awaited else 0)
        except asyncio.TimeoutError:
            connecting.give_up()
        except BaseException as error:
            if error is not connecting.failure:  # as above
                self._close_later(connecting, until)
                raise
        return None

    def _close_later(self, connecting: SharedConnection, until: float) -> None:
        """Close the connection in the background, for who was interrupted in it, unless somebody closes it anew."""
        closer = self._closer

        def close_made() -> None:
            connected = self._made(connecting, until)
            if connected is not None and self._closer is closer:
                close(connected, max(0, until - time.monotonic()))
                self._closing = self._connecting = None

        in_background(close_made)

    def forget(self) -> None:
        """Forget a connection that was only on its way when the process forked, and the locks of that process.

        No lock may be asked for here, not even that of a future: a thread of the parent may have held it for good.
        """
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._connecting = None

    def _driver(self, asked: Asked = None, timeout: float | None = None) -> AbstractDriver:
        """Return the connection, blocking until it is there, for as long as this request may take.

        Raises:
            OperationTimedOutError: if it takes longer; it goes on being made for others.
        """
        with observed_while_connecting(self._observers, asked):
            limit = _limit_of(asked, timeout)
            connecting = self._connection()
            try:
                return connecting.driver(limit)
            except FutureTimeoutError:
                if connecting.failed:  # with an error of its own
                    raise
                raise _too_late(asked, limit) from None
            finally:
                del self, connecting, asked  # a traceback may be shown with its variables

    async def _driver_async(self, asked: Asked = None, timeout: float | None = None) -> AbstractDriver:
        """Do as `_driver` does without blocking the event loop."""
        import asyncio  # noqa: PLC0415 - as above

        with observed_while_connecting(self._observers, asked):
            limit = _limit_of(asked, timeout)
            connecting = self._connection()
            try:
                return await connecting.driver_async(limit)
            except asyncio.TimeoutError:
                if connecting.failed:  # as above
                    raise
                raise _too_late(asked, limit) from None
            finally:
                del self, connecting, asked  # as above

    def _connection(self) -> SharedConnection:
        with self._lock:
            if self._closed:
                raise DriverClosedError
            if self._connecting is None or self._connecting.failed:
                self._connecting = SharedConnection(self._connect)
            return self._connecting

    def _connect(self) -> AbstractDriver:
        driver = connected(self._adapter, self._config, self._ending.wait)
        if self._observers:
            driver = ObservedDriver(driver, self._observers)
        with self._lock:
            if not self._closed:
                self._connected = driver
        return driver

    def _ended(self) -> tuple[AbstractDriver | None, SharedConnection | None]:
        """Return what is to be closed, if there is something: the connection, or what will be one."""
        with self._lock:
            self._closed = True
            self._closer = object()
            self._ending.set()
            self._closing = self._closing or self._connected  # who closes again may shorten what the first waits for
            self._connected = None
            connected, connecting = self._closing, self._connecting
        if connected is not None or connecting is None or connecting.failed:
            return connected, None
        return None, connecting


def _limit_of(asked: Asked, timeout: float | None) -> float | None:
    """Return the seconds that a request may take; None where it says nothing."""
    limit = timeout if asked is None or isinstance(asked, str) else asked.timeout
    check_timeout(limit)
    return limit


def _too_late(asked: Asked, limit: float | None) -> OperationTimedOutError:
    """Return the error of who waited too long for the connection: nothing was sent."""
    kind = None if asked is None else StatementKind.BATCH
    if isinstance(asked, str):
        kind = statement_of(asked).kind
    elif isinstance(asked, Request):
        kind = asked.statement.kind
    return OperationTimedOutError(limit, outcome="not_applied", retryable=True, statement_kind=kind, attempts=0)


def _knows_unset(config: ConnectionConfig) -> bool:
    """Return whether the version of the protocol that is asked for, if one is, knows of values that are unset."""
    version = config.options.get("protocol_version")
    return not isinstance(version, int) or version >= FIRST_WITH_UNSET


def _refuse_what_registers(arguments: Mapping[str, object]) -> None:
    for name in ("codec", "lazy", "name", "session"):
        if arguments.get(name) is not None:
            raise ConfigurationError(
                f"'{name}' is for init_coodie: a LazyDriver connects by itself, and register_driver(name, driver) "
                "makes it known under a name"
            )


def _forget_all() -> None:
    for driver in list(_LIVE):
        driver.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
