"""`ScriptedDriver`: a driver that remembers what it was asked and answers from a list, for unit tests without a server.

It proves what is sent, never what a server makes of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie_drivers.contract import AbstractDriver
from coodie_drivers.messages import BatchRequest, Reply, Request, Rows, statement_of

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ScriptedDriver"]


class ScriptedDriver(AbstractDriver):
    """A driver that answers from a script.

    Each request takes the next answer of the script; an exception is raised, and when the script is over the answer is
    empty.

    Attributes:
        requests: what was sent, in order.
        tables: the arguments of each `sync_table`, in order.

    >>> from coodie_drivers.messages import Reply
    >>> driver = ScriptedDriver([Reply([(1,)], ("n",))])
    >>> driver.execute("SELECT n FROM ks.t", [])
    [{'n': 1}]
    >>> [request.statement.cql for request in driver.requests]
    ['SELECT n FROM ks.t']
    """

    supports_unset = True
    _executes_beneath = True

    def __init__(self, script: Iterable[Reply | Exception] = (), default_keyspace: str | None = "ks") -> None:
        """Start with nothing asked yet."""
        self.requests: list[Any] = []
        self.tables: list[tuple[Any, ...]] = []
        self.default_keyspace = default_keyspace
        self._script = iter(script)

    def send(self, request: Request | BatchRequest) -> Reply:
        """Remember a request and answer from the script."""
        self.requests.append(request)
        answer = next(self._script, None)
        if isinstance(answer, Exception):
            raise answer
        return Reply() if answer is None else answer

    async def send_async(self, request: Request | BatchRequest) -> Reply:
        """Remember a request and answer from the script."""
        return self.send(request)

    def execute(  # noqa: PLR0913 - the documented signature
        self,
        stmt: str,
        params: list[Any],
        consistency: str | None = None,
        timeout: float | None = None,
        fetch_size: int | None = None,
        paging_state: bytes | None = None,
    ) -> list[dict[str, Any]]:
        """Remember a statement and answer from the script."""
        send = self._send_beneath or self.send
        return Rows(send(Request(statement_of(stmt), params, consistency, timeout, fetch_size, paging_state)))

    async def execute_async(  # noqa: PLR0913 - the documented signature
        self,
        stmt: str,
        params: list[Any],
        consistency: str | None = None,
        timeout: float | None = None,
        fetch_size: int | None = None,
        paging_state: bytes | None = None,
    ) -> list[dict[str, Any]]:
        """Remember a statement and answer from the script."""
        return self.execute(stmt, params, consistency, timeout, fetch_size, paging_state)

    def sync_table(  # noqa: PLR0913 - the documented signature
        self,
        table: str,
        keyspace: str,
        cols: list[Any],
        table_options: dict[str, Any] | None = None,
        dry_run: bool = False,  # noqa: FBT001, FBT002
        drop_removed_indexes: bool = False,  # noqa: FBT001, FBT002
    ) -> list[str]:
        """Remember the table; nothing is ever to be done."""
        self.tables.append((table, keyspace, cols, table_options, dry_run, drop_removed_indexes))
        return []

    async def sync_table_async(  # noqa: PLR0913 - the documented signature
        self,
        table: str,
        keyspace: str,
        cols: list[Any],
        table_options: dict[str, Any] | None = None,
        dry_run: bool = False,  # noqa: FBT001, FBT002
        drop_removed_indexes: bool = False,  # noqa: FBT001, FBT002
    ) -> list[str]:
        """Remember the table; nothing is ever to be done."""
        return self.sync_table(table, keyspace, cols, table_options, dry_run, drop_removed_indexes)

    def close(self) -> None:
        """Do nothing: there is nothing to release."""

    async def close_async(self) -> None:
        """Do nothing: there is nothing to release."""
