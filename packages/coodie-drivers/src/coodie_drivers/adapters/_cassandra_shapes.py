"""`PreparedShapes`: the prepared statements of one session of the package `cassandra`, and when they are forgotten."""

from __future__ import annotations

import time
from concurrent.futures import TimeoutError as FutureTimeoutError
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._cassandra_errors import Attempt, down_hosts, raise_translated
from coodie_drivers.adapters._cassandra_library import errors
from coodie_drivers.adapters._cassandra_requests import PreparedShape
from coodie_drivers.adapters._cassandra_retries import prepare_pause
from coodie_drivers.adapters._schema_watch import LOOKS, SchemaWatch
from coodie_drivers.blocking import in_background
from coodie_drivers.errors import DriverError
from coodie_drivers.messages import BatchRequest, Request, statement_of
from coodie_drivers.retries import Sent
from coodie_drivers.statements import StatementCache, texts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from coodie_drivers.adapters._cassandra_pauses import Pauses
    from coodie_drivers.errors import InvalidQueryError

    Shapes = Sequence[PreparedShape | None]

_LOOK_AGAIN: Final = 1.0
"""Seconds between two PREPAREs, at least, that are to show whether a value that was refused is right by now."""


class PreparedShapes:
    """What was prepared on a session, by its text, each of the 1,000 most recently used once.

    Where a node has forgotten a statement, the library would prepare it again and send the values as they were bound,
    for the columns as they were. On sessions that were opened here it tells instead (see `surviving`).

    Attributes:
        ready: gives the prepared statement of a text; None where that takes longer.
        watch: when all of it is to be forgotten.
    """

    __slots__ = ("_bound_anew", "_codec", "_pauses", "_ready", "_session", "ready", "watch")

    def __init__(self, session: Any, *, codec: bool, owned: bool, pauses: Pauses | None) -> None:
        """Begin with nothing.

        Args:
            session: the library's session.
            codec: whether values are bound by functions generated for each statement.
            owned: whether the session was opened here.
            pauses: has who prepares wait where a node is busy; None where a policy of the user's decides by itself.
        """
        self._session = session
        self._codec = codec
        self._pauses = pauses
        self.watch = SchemaWatch(LOOKS)
        binds_anew = owned and getattr(session.cluster, "prepare_on_all_hosts", False)
        self._bound_anew: Any = getattr(session.client_protocol_handler, "bound_anew", None) if binds_anew else None
        self._ready: StatementCache[PreparedShape] = StatementCache(self._prepared, timeout=session.default_timeout)
        self.ready = self._ready.ready

    def __len__(self) -> int:
        """Return how many statements are held."""
        return len(self._ready)

    def of(self, request: Request | BatchRequest) -> Shapes:
        """Return the prepared statement of each part of a request, None for those without values."""
        if isinstance(request, Request):
            return (self._ready.get(request.statement.cql, request.timeout) if request.params else None,)
        found = self._ready.get_all(texts_of(request), request.timeout)
        return [found[part.cql] if values else None for part, values in request.parts]

    async def of_async(self, request: Request | BatchRequest) -> Shapes:
        """Return the prepared statement of each part of a request without blocking the event loop."""
        if isinstance(request, Request):
            prepare = self._ready.get_async
            return (await prepare(request.statement.cql, request.timeout) if request.params else None,)
        found = await self._ready.get_all_async(texts_of(request), request.timeout)
        return [found[part.cql] if values else None for part, values in request.parts]

    def forget_all(self) -> None:
        """Have every statement prepared anew, for the schema has changed."""
        self._ready = self._ready.anew(self._session.default_timeout)
        self.ready = self._ready.ready

    def saw(self, version: object) -> None:
        """Take note of the schema's version, and forget everything if it is another one."""
        if self.watch.saw(version, time.monotonic()):
            self.forget_all()

    def forget(self, shapes: Iterable[PreparedShape | None]) -> None:
        """Have these statements prepared anew."""
        for shape in shapes:
            if shape is not None:
                self._ready.forget(shape.prepared.query_string, shape)

    def renewed(self, refusal: InvalidQueryError, request: Request | BatchRequest, shapes: Shapes) -> Shapes:
        """Return the statements of a request, of which one refused a value, prepared anew, once in a second at most.

        Somebody else may have changed the column, and the value be right.

        Raises:
            InvalidQueryError: the refusal, where nothing else can be told.
        """
        self._doubt(shapes, refusal)
        try:
            return _looked_at(self.of(request))
        except DriverError:
            raise refusal from None

    async def renewed_async(
        self, refusal: InvalidQueryError, request: Request | BatchRequest, shapes: Shapes
    ) -> Shapes:
        """Do as `renewed` does without blocking the event loop."""
        self._doubt(shapes, refusal)
        try:
            return _looked_at(await self.of_async(request))
        except DriverError:
            raise refusal from None

    def _doubt(self, shapes: Shapes, refusal: InvalidQueryError) -> None:
        now = time.monotonic()
        doubtful = [shape for shape in shapes if shape is not None and now - shape.looked_at >= _LOOK_AGAIN]
        if not doubtful:
            raise refusal
        self.forget(doubtful)

    def _prepared(self, cql: str) -> PreparedShape:
        limit, retries = self._session.default_timeout, 0
        until = None if limit is None else time.monotonic() + limit
        while True:
            try:
                prepared = self._prepared_again(cql, until) if retries else self._session.prepare(cql)
                shape = PreparedShape(prepared, codec=self._codec)
                break
            except Exception as error:  # noqa: BLE001 - the library raises all it knows
                left = None if until is None else until - time.monotonic()
                if not self._waited(prepare_pause(error, retries), left):
                    # Nothing was executed, and no value had been sent that the server could repeat.
                    sent, down = Sent(statement_of(cql).kind), down_hosts(self._session, error)
                    raise_translated(error, Attempt(sent, cql, limit=limit, down=down))
            retries += 1
        if self._bound_anew is not None:
            self._bound_anew[shape.prepared.query_id] = shape
        return shape

    def _prepared_again(self, cql: str, until: float | None) -> Any:
        """Return the library's prepared statement if it is there by then: the library gives each attempt all the time.

        Raises:
            OperationTimedOut: the library's own, if it is not.
        """
        if until is None:
            return self._session.prepare(cql)
        preparing = in_background(partial(self._session.prepare, cql))
        try:
            return preparing.result(max(0.0, until - time.monotonic()))
        except FutureTimeoutError:
            raise errors.OperationTimedOut from None
        finally:
            del preparing  # it keeps its error, whose traceback keeps this name

    def _waited(self, pause: float | None, left: float | None) -> bool:
        """Wait before a statement is prepared again; return whether it is, in the time that is left."""
        pauses = self._pauses
        if pauses is None or pause is None or pauses.ended or (left is not None and left <= pause):
            return False
        pauses.wait(pause)
        return not pauses.ended


def has_values(request: Request | BatchRequest) -> bool:
    """Return whether a request may have values, so that it matters what was prepared."""
    return isinstance(request, BatchRequest) or bool(request.params)


def _looked_at(shapes: Shapes) -> Shapes:
    """Return these, noted to be prepared anew for a value that was refused."""
    for shape in shapes:
        if shape is not None:
            shape.looked_at = time.monotonic()
    return shapes
