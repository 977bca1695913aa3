"""Answers of the package `cassandra` as the contract has them: one `Reply` for each."""

from __future__ import annotations

from time import time_ns
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._bound_values import told_warnings
from coodie_drivers.adapters._cassandra_calls import endpoint_of
from coodie_drivers.adapters._cassandra_decoding import RowDecoders, tuples_of
from coodie_drivers.adapters._cassandra_errors import raise_translated
from coodie_drivers.adapters._cassandra_replies import Page
from coodie_drivers.adapters._cassandra_retries import NO_EARLIER
from coodie_drivers.contract import APPLIED
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from coodie_drivers.adapters._cassandra_calls import Call
    from coodie_drivers.adapters._cassandra_starting import Started, Starter
    from coodie_drivers.messages import BatchRequest, Request

_new: Final = object.__new__


class Answers:
    """Makes replies of what the library has answered to requests on one session."""

    __slots__ = ("_decoders", "_nothing", "_starter")

    def __init__(self, starter: Starter) -> None:
        """Take the answers to what this has started."""
        self._starter = starter
        self._decoders = RowDecoders()
        self._nothing: tuple[Any, Reply] = (None, Reply())

    def reply(
        self,
        request: Request | BatchRequest,
        begun: Call | Started,
        future: Any,
        result: Any,
        attempts: int | None = None,
    ) -> Reply:
        """Return the reply.

        Args:
            request: the request.
            begun: the same, begun.
            future: the library's future.
            result: what that has.
            attempts: how often the request was sent; None where that is not known yet.

        Raises:
            DriverError: a value has no Python form, or the bytes are no rows.
        """
        if attempts is None:
            once = (  # as nearly always: no record of the request is made, which would say so
                len(future.attempted_hosts) <= 1
                and future.query.coodie_earlier_attempts is NO_EARLIER
                and not future._errors  # noqa: SLF001 - the library's, of both packages
            )
            attempts = 1 if once else self._starter.call(begun).attempts()
        host, nothing = self._nothing
        if future.coordinator_host is not host:
            nothing = self._nothing_from(future.coordinator_host)
        warnings = future.warnings and told_warnings(future.warnings, request)
        if not result.column_names:
            self._starter.order.last = time_ns()  # as `acknowledged` does
            if warnings or attempts > 1:
                return Reply((), (), None, None, warnings or (), nothing.coordinator, attempts)
            return nothing
        reply = _new(Reply)  # filled in: that costs half of a call of its class
        page = result.current_rows
        if page and page.__class__ is list and page[0].__class__ is Page:
            (page,) = page
        if page.__class__ is Page:
            reply.columns = columns = page.layout.columns
            try:
                reply.rows = rows = page.rows()
            except Exception as error:  # noqa: BLE001 - the library raises all it knows
                raise_translated(error, self._starter.call(begun).attempt(error))
        else:
            columns, rows = reply.columns, reply.rows = self._read(result, page)
        reply.applied = bool(rows[0][0]) if rows and columns[0] == APPLIED else None
        reply.paging_state, reply.warnings = result.paging_state, warnings or ()
        reply.coordinator, reply.attempts = nothing.coordinator, attempts
        return reply

    def _nothing_from(self, host: Any) -> Reply:
        """Return the answer of a node that has nothing to say; that of the node which answered last is kept."""
        nothing = Reply(coordinator=endpoint_of(host))
        self._nothing = host, nothing
        return nothing

    def _read(self, result: Any, page: Any) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        """Return the rows that the library has made, and their columns."""
        if not page:  # the library puts a list of its own in place of whatever is empty
            return tuple(result.column_names), []
        decoder = self._decoders.get(result.column_names, result.column_types)
        return decoder.columns, decoder.rows(tuples_of(page, decoder.columns))
