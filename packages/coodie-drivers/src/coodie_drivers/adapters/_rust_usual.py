"""The usual request, which is one call of the library: nothing is made for it that only other steps would need."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from coodie_drivers.adapters._rust_calls import NO_OPTIONS, Call
from coodie_drivers.adapters._rust_decoding import AsBytesError
from coodie_drivers.adapters._rust_exchange import Exchange
from coodie_drivers.adapters._rust_library import errors
from coodie_drivers.adapters._rust_pages import page
from coodie_drivers.adapters._rust_requests import is_repeatable
from coodie_drivers.adapters._rust_shapes import PreparedShape
from coodie_drivers.calls import check_call
from coodie_drivers.errors import DriverClosedError
from coodie_drivers.messages import BatchRequest, Reply, Request
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable

Begun = tuple[Any, list[Any], PreparedShape, float]
"""The library's statement for a request, its values, what was prepared for it, and when it began."""


class UsualExchange(Exchange):
    """An `Exchange` that takes the usual requests at less cost."""

    __slots__ = ()

    def begun(self, request: Request | BatchRequest, ready: Callable[[str], PreparedShape | None]) -> Begun | None:
        """Return what is sent for the usual request, which is one call of the library; None for any other.

        Who takes it goes on with `started`, and then with `reply_to`; `call_of` is for what comes otherwise.
        """
        if (
            (now := time.monotonic()) >= self.looks.watch.look_at
            or not check_call(request)
            or isinstance(request, BatchRequest)
        ):
            return None
        statement, params = request.statement, request.params
        shape = ready(statement.cql)
        if shape is None or statement.kind not in shape.usual_kinds or not params or statement.conditional:
            return None
        values, as_json = shape.bind(params)
        if as_json:
            return None
        repeatable = self._requests.speculates and is_repeatable(statement, shape, params)
        bound = shape.usual[repeatable]
        if bound is None:
            bound = shape.usual[repeatable] = self._requests.bound(shape, request, idempotent=repeatable)
        return bound, values, shape, now

    def started(self, begun: Begun) -> Any:
        """Return the library's future for it.

        Raises:
            DriverClosedError: if the driver was closed.
        """
        session = self.session  # here and not by `open_session`, for each request comes by
        if session is None:
            raise DriverClosedError
        try:
            return session.execute(begun[0], begun[1])
        finally:
            del session

    def call_of(self, begun: Begun) -> Call:
        """Return it as a call that may be made again."""
        statement, values, shape, began = begun
        call = Call(self, statement, values, shape, NO_OPTIONS)
        call.began = began
        return call

    def reply_to(self, request: Request, begun: Begun, result: Any) -> Reply | None:
        """Return the reply to it; None when some columns have to be asked for in another way."""
        if request.statement.kind is not StatementKind.SELECT:
            self._order.acknowledged()
            return Reply()
        shape = begun[2]
        reading = shape.reading
        if reading is None:
            return None
        try:
            rows = None if shape.quick is None else shape.quick(result.iter_current_page())
            if rows is None:
                rows = reading.rows(result.iter_current_page())
        except (AsBytesError, ValueError, errors.DeserializationError):  # a row of another length, among others
            return None
        return page(reading, result, rows)
