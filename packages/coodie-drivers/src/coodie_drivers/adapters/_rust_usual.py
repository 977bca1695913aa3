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
from coodie_drivers.calls import LISTED, check_call
from coodie_drivers.messages import BatchRequest, Reply, Request, Statement

if TYPE_CHECKING:
    from collections.abc import Callable

Begun = tuple[Any, list[Any], PreparedShape, float]
"""The library's statement for a request, its values, what was prepared for it, and when it began."""


class UsualExchange(Exchange):
    """An `Exchange` that takes the usual requests at less cost."""

    __slots__ = ()

    def begun(self, request: Request | BatchRequest, ready: Callable[[str], PreparedShape | None]) -> Begun | None:
        """Return what is sent for the usual request, which is one call of the library; None for any other.

        Who takes it has the session execute it, and goes on with `reply_to`, or is done if it has no rows; `call_of` is
        for what comes otherwise.
        """
        if (
            (now := time.monotonic()) >= self.looks.watch.look_at
            or type(request) is not Request
            or request.consistency is not None
            or request.timeout is not None
            or request.fetch_size is not None
            or request.paging_state is not None
        ):
            return None
        statement, params = request.statement, request.params
        if type(statement) is not Statement or type(params) not in LISTED:
            return None
        shape = ready(statement.cql)
        if shape is None:
            return None
        known = shape.known.get(statement) or self._known(request, shape)
        if known is None:
            return None
        try:
            values = shape.quick_bind(*params)
        except TypeError:
            return None  # who takes it the slow way says what is wrong
        if values is None:
            return None
        plain, repeated = known
        if self._requests.speculates and is_repeatable(statement, shape, params):
            return repeated, values, shape, now
        return plain, values, shape, now

    def _known(self, request: Request, shape: PreparedShape) -> tuple[Any, Any] | None:
        """Return the library's statements for those like this one, once not to be repeated and once to be."""
        statement = request.statement
        if not check_call(request) or statement.kind not in shape.usual_kinds or statement.conditional:
            return None
        if not request.params:
            return None
        plain, repeated = [self._requests.bound(shape, request, idempotent=each) for each in (False, True)]
        return shape.keep_known(statement, plain, repeated)

    def call_of(self, begun: Begun) -> Call:
        """Return it as a call that may be made again."""
        statement, values, shape, began = begun
        call = Call(self, statement, values, shape, NO_OPTIONS)
        call.began = began
        return call

    def reply_to(self, begun: Begun, result: Any) -> Reply | None:
        """Return the rows that it asked for; None when some columns have to be asked for in another way."""
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
