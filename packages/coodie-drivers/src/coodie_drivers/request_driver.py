"""`RequestDriver`: the documented verbs of a driver, for whoever can send one request and give one page back."""

from __future__ import annotations

from abc import abstractmethod
from inspect import signature
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.arguments import seconds_fault
from coodie_drivers.contract import AbstractDriver
from coodie_drivers.errors import ConfigurationError
from coodie_drivers.messages import BatchRequest, Reply, Request, Rows, TableRequest, statement_of
from coodie_drivers.operations import adrive, drive
from coodie_drivers.tables import sync_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeGuard

__all__ = ["CLOSE_TIMEOUT", "OpenedDriver", "RequestDriver", "check_close_timeout", "takes_timeout"]

CLOSE_TIMEOUT: Final = 5.0
"""Seconds that closing waits for requests under way, where nothing else is said."""


class OpenedDriver(AbstractDriver):
    """A driver as `init_coodie` opens it: closing takes a time limit, and it tells what it has prepared."""

    @abstractmethod
    def close(self, *, timeout: float = CLOSE_TIMEOUT) -> None:
        """Refuse further requests, wait `timeout` seconds at most for those under way, and release what was opened."""

    @abstractmethod
    async def close_async(self, *, timeout: float = CLOSE_TIMEOUT) -> None:
        """Do as `close` does without blocking the event loop."""

    @property
    def prepared_statements(self) -> int:
        """How many prepared statements are held; of a driver that keeps none, 0."""
        return 0


class RequestDriver(OpenedDriver):
    """A driver whose adapter sends requests: `send` and `send_async` are its own, all other verbs stand on these."""

    _executes_beneath = True

    @abstractmethod
    def send(self, request: Request | BatchRequest) -> Reply:
        """Send one request and return one page of its answer."""

    @abstractmethod
    async def send_async(self, request: Request | BatchRequest) -> Reply:
        """Send one request and return one page of its answer, without blocking the event loop."""

    def execute(  # noqa: PLR0913 - the documented signature
        self,
        stmt: str,
        params: list[Any],
        consistency: str | None = None,
        timeout: float | None = None,
        fetch_size: int | None = None,
        paging_state: bytes | None = None,
    ) -> Rows:
        """Execute `stmt` with `params`; return rows as a list of dicts.

        All rows of all pages are returned; with `fetch_size` or `paging_state` it is one page, and the result's
        `paging_state` says where the next one starts.
        """
        request = Request(statement_of(stmt), _values(params), consistency, timeout, fetch_size, paging_state)
        del params  # a traceback may be shown with its variables
        send = self._send_beneath or self.send
        reply = send(request)
        pages = [reply]
        while _wants_all(fetch_size, paging_state) and reply.paging_state is not None:
            request.paging_state = reply.paging_state
            reply = send(request)
            pages.append(reply)
        return Rows.of(pages)

    async def execute_async(  # noqa: PLR0913 - the documented signature
        self,
        stmt: str,
        params: list[Any],
        consistency: str | None = None,
        timeout: float | None = None,
        fetch_size: int | None = None,
        paging_state: bytes | None = None,
    ) -> Rows:
        """Execute `stmt` with `params` without blocking the event loop; return rows as a list of dicts.

        All rows of all pages are returned; with `fetch_size` or `paging_state` it is one page, and the result's
        `paging_state` says where the next one starts.
        """
        request = Request(statement_of(stmt), _values(params), consistency, timeout, fetch_size, paging_state)
        del params  # a traceback may be shown with its variables
        send = self._send_async_beneath or self.send_async
        reply = await send(request)
        pages = [reply]
        while _wants_all(fetch_size, paging_state) and reply.paging_state is not None:
            request.paging_state = reply.paging_state
            reply = await send(request)
            pages.append(reply)
        return Rows.of(pages)

    def execute_one(
        self, stmt: str, params: list[Any], consistency: str | None = None, timeout: float | None = None
    ) -> Any:  # noqa: ANN401 - the documented signature
        """Execute `stmt` and return the first column of the first row, or None; no page after that row is fetched."""
        request = Request(statement_of(stmt), _values(params), consistency, timeout)
        del params  # a traceback may be shown with its variables
        reply = self.send(request)
        while not reply.rows and reply.paging_state is not None:
            request.paging_state = reply.paging_state
            reply = self.send(request)
        return _first_value(reply)

    async def execute_one_async(
        self, stmt: str, params: list[Any], consistency: str | None = None, timeout: float | None = None
    ) -> Any:  # noqa: ANN401 - the documented signature
        """Execute `stmt` and return the first column of the first row, or None, without blocking the event loop."""
        request = Request(statement_of(stmt), _values(params), consistency, timeout)
        del params  # a traceback may be shown with its variables
        reply = await self.send_async(request)
        while not reply.rows and reply.paging_state is not None:
            request.paging_state = reply.paging_state
            reply = await self.send_async(request)
        return _first_value(reply)

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
        wanted = TableRequest(table, keyspace, cols, table_options, dry_run, drop_removed_indexes)
        return drive(sync_table(wanted), self)

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
        wanted = TableRequest(table, keyspace, cols, table_options, dry_run, drop_removed_indexes)
        return await adrive(sync_table(wanted), self)


def _values(params: list[Any] | None) -> Sequence[object]:
    return () if params is None else params


def _first_value(reply: Reply) -> object:
    return reply.rows[0][0] if reply.rows and reply.rows[0] else None


def _wants_all(fetch_size: int | None, paging_state: bytes | None) -> bool:
    return fetch_size is None and paging_state is None


def check_close_timeout(timeout: object) -> None:
    """Refuse a time that closing cannot wait for, before anything is closed.

    Raises:
        ConfigurationError: says what it takes.
    """
    fault = seconds_fault(timeout, least="from 0")
    if fault is not None:
        raise ConfigurationError(f"the timeout of close takes seconds, a number {fault}")


def takes_timeout(driver: AbstractDriver) -> TypeGuard[OpenedDriver]:
    """Return whether closing this driver takes a time limit: those of the documented contract alone do not."""
    return isinstance(driver, OpenedDriver) or "timeout" in signature(driver.close).parameters
