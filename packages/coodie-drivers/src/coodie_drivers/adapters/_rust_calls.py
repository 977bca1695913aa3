"""`Call`: one call of the package `scylla`, that may be made again in what is left of its time."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Final, Protocol

from coodie_drivers.adapters._rust_decoding import ROWS_WITH_UNREAD
from coodie_drivers.adapters._rust_library import results
from coodie_drivers.adapters._rust_pages import answers_condition
from coodie_drivers.adapters._rust_shapes import WRITES
from coodie_drivers.errors import DriverClosedError
from coodie_drivers.hosts import Host
from coodie_drivers.retries import OVERLOADED_RETRIES
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from coodie_drivers.adapters._rust_decoding import Reading
    from coodie_drivers.adapters._rust_shapes import PreparedShape
    from coodie_drivers.messages import Request
    from coodie_drivers.retries import Failure

NO_OPTIONS: Final[Mapping[str, Any]] = {}
OF_CONDITIONS: Final[Mapping[str, Any]] = {"factory": ROWS_WITH_UNREAD}

WITHOUT_ROWS: Final = (*WRITES, StatementKind.SCHEMA, StatementKind.TRUNCATE)
"""What answers with no rows, without a condition; no set, for the hash of such a member is worked out in Python."""


_LEAST_NODES: Final = 2
"""How often a statement is sent, at least, with which a node did nothing."""


class _Closed:
    """Stands for the session of a driver that was closed: whatever is asked of it is refused."""

    def __getattr__(self, name: str) -> Any:
        """Refuse it."""
        raise DriverClosedError


CLOSED: Final = _Closed()


class OpenSession(Protocol):
    """Who knows the session; `CLOSED` when there is none any more.

    A call asks anew each time, and gives it no name: a session lives for as long as anybody holds it, and a traceback
    holds the names.
    """

    session: Any


class Call:
    """One call of the library, that may be made again.

    Attributes:
        shape: the statement that was prepared for the request; None for one that goes as text.
        options: further arguments of the call.
        began: when it was made first.
        reading: how its rows are read, where that stands in the answer only.
        failed: why they could not be read.
        attempts: how often it was made.
    """

    __slots__ = ("_over", "_statement", "_values", "attempts", "began", "failed", "options", "reading", "shape")

    def __init__(
        self,
        over: OpenSession,
        statement: Any,
        values: list[Any] | None,
        shape: PreparedShape | None,
        options: Mapping[str, Any],
    ) -> None:
        self._over = over
        self._statement = statement
        self._values = values
        self.shape = shape
        self.options = options
        self.reading: Reading | None = None
        self.failed: Exception | None = None
        self.attempts = 1
        self.began = time.monotonic()

    def limit(self, seconds: float) -> None:
        """Have the library give up sooner."""
        self._statement = self._statement.with_request_timeout(seconds)

    def started(self) -> Any:
        """Return the library's future.

        Raises:
            DriverClosedError: if the driver was closed.
        """
        return self._over.session.execute(self._statement, self._values, **self.options)


def options_of(request: Request, reading: Reading | None) -> Mapping[str, Any]:
    """Return the further arguments of a call of the library."""
    if answers_condition(request.statement):
        return OF_CONDITIONS
    if request.paging_state is None and (reading is None or reading.factory is None):
        return NO_OPTIONS
    options: dict[str, Any] = {}
    if request.paging_state is not None:
        options["paging_state"] = results.PagingState.from_bytes(request.paging_state)
    if reading is not None and reading.factory is not None:
        options["factory"] = reading.factory
    return options


def hosts_of(over: OpenSession) -> tuple[str, ...]:
    """Return the nodes that the library knows of; none when there is no session any more."""
    try:
        nodes = _nodes(over)
    except DriverClosedError:
        return ()
    return tuple(str(Host(str(address), port)) for address, port in (node.address for node in nodes))


def _nodes(over: OpenSession) -> Collection[Any]:
    nodes: Collection[Any] = over.session.cluster_state.nodes_info.values()
    return nodes


def most_attempts(over: OpenSession, failure: Failure) -> int:
    """Return how often a request may be sent that failed so, where it may be sent again at all."""
    # A request that no node took the library has offered to all of them.
    if over.session is CLOSED or failure.kind == "not_sent":
        return 0
    if failure.kind == "bootstrapping":
        return max(_LEAST_NODES, len(_nodes(over)))
    return OVERLOADED_RETRIES + 1 if failure.kind == "overloaded" else 2


def waited(future: Any, seconds: float | None = None) -> Any:
    """Return the result of the library's future, blocking until it is there, or for that long.

    The library's own way to wait cannot be interrupted, so that Ctrl-C would be heard only after the answer.

    Raises:
        TimeoutError: if it is not there in time; then it is given up.
    """
    try:
        if seconds is None and threading.current_thread() is not threading.main_thread():
            return future.result()
        done = threading.Lock()
        done.acquire()

        # The lock's own method: in a function of Python a signal handler could raise, the library would swallow that,
        # and nobody would ever be woken.
        future.on_done(done.__exit__)
        in_time = False
        try:
            in_time = done.acquire(timeout=-1 if seconds is None else seconds)
        finally:
            if not in_time:  # or interrupted
                future.cancel()
        if not in_time:
            raise TimeoutError
        return future.result()
    finally:
        del future  # it keeps its error, whose traceback keeps this name
