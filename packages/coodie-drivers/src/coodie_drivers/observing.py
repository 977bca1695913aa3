"""Observers: whoever wants to know of each request that a driver sends, and what became of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from coodie_drivers.contract import AbstractDriver, send_async_to, send_to
from coodie_drivers.errors import ConfigurationError, CoodieError, InvalidRequestError
from coodie_drivers.interrupts import is_of_handler
from coodie_drivers.messages import BatchRequest, Reply, Request, Statement, statement_of
from coodie_drivers.request_driver import CLOSE_TIMEOUT, RequestDriver, takes_timeout

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from coodie_drivers.errors import Outcome

__all__ = ["ObservedDriver", "Observer", "Passed", "QueryLog", "SlowLog"]

LOGGER: Final = "coodie.queries"
_LOG: Final = logging.getLogger(LOGGER)
_MILLISECOND: Final = 1e-3


class Passed:
    """A request that is over: what was asked, how long it took, and what became of it. It never holds a bound value.

    Attributes:
        cql: the text as it was written; for a batch the texts of its parts, one a line.
        kind: what the statement does: `SELECT`, `UPDATE`, `BATCH` …
        consistency: the level that was asked for; None for the connection's own.
        started: when it was sent, in seconds since 1970.
        seconds: how long the answer took, in seconds.
        rows: how many rows came back in this page; None when it failed.
        coordinator: the node that answered or failed, where the client library tells.
        attempts: how often it was sent; 0 when it was refused before.
        warnings: what the server warned of.
        error: what was raised; None when it succeeded.
        outcome: whether it is certain that nothing was changed (`not_applied`) or not (`unknown`); None on success.
    """

    __slots__ = (
        "_statements",
        "attempts",
        "consistency",
        "coordinator",
        "error",
        "kind",
        "rows",
        "seconds",
        "started",
        "warnings",
    )

    def __init__(
        self, request: Request | BatchRequest, started: float, seconds: float, answer: Reply | BaseException
    ) -> None:
        """Take note of one request and its answer."""
        # The request itself holds the values, and an observer may keep what it is told.
        if isinstance(request, BatchRequest):
            self._statements = tuple([statement for statement, _ in request.parts])
            self.kind = "BATCH"
        else:
            self._statements = (request.statement,)
            self.kind = request.statement.kind.name
        self.consistency = request.consistency
        self.started = started
        self.seconds = seconds
        if isinstance(answer, Reply):
            self.error: BaseException | None = None
            self.rows: int | None = len(answer.rows)
            self.coordinator = answer.coordinator
            self.attempts = answer.attempts
            self.warnings = tuple(answer.warnings)
        else:
            self.error = answer
            self.rows = None
            self.coordinator = getattr(answer, "coordinator", None)
            self.attempts = _attempts_of(answer)
            self.warnings = ()

    @property
    def cql(self) -> str:
        """The text as it was written."""
        return "\n".join([statement.cql for statement in self._statements])

    @property
    def outcome(self) -> Outcome | None:
        """Whether it is certain that nothing was changed; None on success."""
        if self.error is None:
            return None
        if isinstance(self.error, CoodieError):
            return self.error.outcome
        return "not_applied" if self.kind == "SELECT" else "unknown"

    def __repr__(self) -> str:
        """Say it in one line."""
        what = f"{self.rows} rows" if self.error is None else type(self.error).__name__
        return f"Passed({self.cql!r}, {self.seconds / _MILLISECOND:.1f} ms, {what})"


Observer: TypeAlias = Callable[[Passed], object]
"""Anything that can be called with what has passed, in the thread or task that asked, right before it goes on."""


class ObservedDriver(RequestDriver):
    """Any driver, with observers told of each request. Made by `init_coodie(observers=[...])`.

    What an observer raises is logged and harms nobody, be it `SystemExit` or `CancelledError`; Ctrl-C, and what a
    signal handler raises, surface when they come while one runs. Attributes of the driver inside are found here too.
    """

    def __init__(self, driver: AbstractDriver, observers: Iterable[Observer]) -> None:
        """Observe a driver."""
        self.driver = driver
        self.observers = checked_observers(observers)
        # A driver that merely has the documented methods may give any values, and need not tell its keyspace.
        self.needs_row_validation = getattr(driver, "needs_row_validation", True)
        self.supports_unset = getattr(driver, "supports_unset", False)
        keyspace: str | None = getattr(driver, "default_keyspace", None)
        if keyspace is not None or "default_keyspace" in getattr(driver, "__dict__", ()):
            self.default_keyspace = keyspace

    def send(self, request: Request | BatchRequest) -> Reply:
        """Send one request, tell the observers, and return one page of its answer."""
        with _Watch(self.observers, request) as watch:
            watch.reply = send_to(self.driver, request)
        return watch.reply

    async def send_async(self, request: Request | BatchRequest) -> Reply:
        """Send one request without blocking the event loop, tell the observers, and return one page of its answer."""
        with _Watch(self.observers, request) as watch:
            watch.reply = await send_async_to(self.driver, request)
        return watch.reply

    def sync_table(  # noqa: PLR0913 - the documented signature
        self,
        table: str,
        keyspace: str,
        cols: list[Any],
        table_options: dict[str, Any] | None = None,
        dry_run: bool = False,  # noqa: FBT001, FBT002
        drop_removed_indexes: bool = False,  # noqa: FBT001, FBT002
    ) -> list[str]:
        """Create the table, or add to it what it lacks; a driver that does so in a way of its own is not observed."""
        if getattr(type(self.driver), "sync_table", None) is RequestDriver.sync_table:
            return super().sync_table(table, keyspace, cols, table_options, dry_run, drop_removed_indexes)
        return self.driver.sync_table(table, keyspace, cols, table_options, dry_run, drop_removed_indexes)

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
        arguments = (table, keyspace, cols, table_options, dry_run, drop_removed_indexes)
        if getattr(type(self.driver), "sync_table_async", None) is RequestDriver.sync_table_async:
            return await super().sync_table_async(*arguments)
        return await self.driver.sync_table_async(*arguments)

    def close(self, *, timeout: float = CLOSE_TIMEOUT) -> None:
        """Close the driver inside; `timeout` is for one that knows of it."""
        self.driver.close(timeout=timeout) if takes_timeout(self.driver) else self.driver.close()

    async def close_async(self, *, timeout: float = CLOSE_TIMEOUT) -> None:
        """Close the driver inside without blocking the event loop."""
        await (self.driver.close_async(timeout=timeout) if takes_timeout(self.driver) else self.driver.close_async())

    @property
    def prepared_statements(self) -> int:
        """How many prepared statements the driver inside holds; 0 where it does not tell."""
        held: int = getattr(self.driver, "prepared_statements", 0)
        return held

    def __getattr__(self, name: str) -> object:
        """Return what only the driver inside has, such as its session."""
        if name == "driver":  # `copy` and `pickle` ask before there is one
            raise AttributeError(name)
        return getattr(self.driver, name)


def observed_while_connecting(observers: tuple[Observer, ...], asked: Request | BatchRequest | str | None) -> _Watch:
    """Return a context in which the connection for a request is made: failing there, the request is over.

    Args:
        observers: who is told of it.
        asked: the request, or its text; None where there is none yet, of which nobody is told.
    """
    return _Before(observers, Request(statement_of(asked)) if observers and isinstance(asked, str) else asked)


class QueryLog:
    """An observer that logs each request to `coodie.queries`: its text, time, rows or error; never a bound value.

    Args:
        level: the level of what succeeded; what failed is logged as a warning.

    Raises:
        ConfigurationError: if that is no number.
    """

    __slots__ = ("_level",)

    def __init__(self, level: int = logging.DEBUG) -> None:
        """Take the level."""
        given: Any = level
        if isinstance(given, bool) or not isinstance(given, int):
            raise ConfigurationError(f"QueryLog takes a level of logging, such as logging.INFO, not {level!r}")
        self._level = level

    def __call__(self, passed: Passed) -> None:
        """Log one request."""
        level = self._level if passed.error is None else logging.WARNING
        if _LOG.isEnabledFor(level):
            _LOG.log(level, *_told(passed))


class SlowLog:
    """An observer that logs, as a warning to `coodie.queries`, each request that took long, whatever became of it.

    Args:
        seconds: how long is long.

    Raises:
        ConfigurationError: if that is no number above 0.
    """

    __slots__ = ("_seconds",)

    def __init__(self, seconds: float) -> None:
        """Take the limit."""
        given: Any = seconds
        if isinstance(given, bool) or not isinstance(given, (int, float)) or not given > 0:
            raise ConfigurationError(f"SlowLog takes a number of seconds above 0, not {seconds!r}")
        self._seconds = seconds

    def __call__(self, passed: Passed) -> None:
        """Log one request if it was slow."""
        if passed.seconds >= self._seconds:
            text, *facts = _told(passed)
            _LOG.warning(f"slow: {text}", *facts)


def checked_observers(observers: object) -> tuple[Observer, ...]:
    """Return the observers as a tuple.

    Raises:
        ConfigurationError: if it is no collection, or one of them cannot be called, or would have to be awaited.
    """
    if not isinstance(observers, Iterable) or isinstance(observers, str):
        raise ConfigurationError(f"observers must be a list of functions, not {type(observers).__name__}")
    found = tuple(cast("Iterable[Observer]", observers))
    for each in found:
        if not callable(each):
            raise ConfigurationError(f"an observer is called with what has passed, which {each!r} cannot be")
        if iscoroutinefunction(each) or iscoroutinefunction(getattr(each, "__call__", None)):  # noqa: B004 - not whether
            raise ConfigurationError("an observer is called, and not awaited: give a function without async")
    return found


def _attempts_of(error: BaseException) -> int:
    """Return how often a request was sent that ended so; once where that is not known."""
    found: int | None = getattr(error, "attempts", None)
    if found is not None:
        return found
    # What is refused by anybody but a server was refused before it was sent.
    return 0 if isinstance(error, CoodieError) and not isinstance(error, InvalidRequestError) else 1


def _is_request(asked: object) -> bool:
    """Return whether it is a request through and through; what was refused may be of anything."""
    if isinstance(asked, Request):
        return _is_statement(asked.statement)
    parts: Any = asked.parts if isinstance(asked, BatchRequest) else None
    if not isinstance(parts, (list, tuple)):
        return False
    try:
        return all(_is_statement(statement) for statement, _ in cast("Iterable[Any]", parts))
    except (TypeError, ValueError):
        return False


def _is_statement(given: object) -> bool:
    text: Any = given.cql if isinstance(given, Statement) else None
    return isinstance(text, str)


def _told(passed: Passed) -> tuple[str, str, float, str, str]:
    became = f"{passed.rows} rows" if passed.error is None else f"{type(passed.error).__name__} ({passed.outcome})"
    if passed.attempts > 1:
        became += f", {passed.attempts} attempts"
    where = passed.coordinator or "unknown node"
    return "%s: %.1f ms, %s, %s", passed.cql, passed.seconds / _MILLISECOND, became, where


def _of_observers() -> tuple[type[BaseException], ...]:
    """Return what an observer may raise without an answer being lost.

    Ctrl-C is not of an observer, nor what a signal handler raises while one runs. But nobody is cancelled while plain
    code runs, and to leave the program is not for an observer to decide.
    """
    from asyncio import CancelledError  # noqa: PLC0415 - observers seldom fail

    return Exception, SystemExit, CancelledError


class _Watch:
    """Measures one request and tells the observers when it is over."""

    __slots__ = ("_observers", "_request", "_started", "_ticks", "reply")

    reply: Reply

    def __init__(self, observers: tuple[Observer, ...], request: Request | BatchRequest | str | None) -> None:
        self._observers = observers
        self._request = request

    def __enter__(self) -> Self:
        self._started = time.time()
        self._ticks = time.perf_counter()
        return self

    def __exit__(self, _: object, error: BaseException | None, traceback: TracebackType | None) -> None:
        asked: Any = self._request
        if error is not None and not _is_request(asked):
            return  # there is nothing that an observer could be told of
        seconds = time.perf_counter() - self._ticks
        passed = Passed(asked, self._started, seconds, self.reply if error is None else error)
        for observer in self._observers:
            try:
                observer(passed)
            except _of_observers() as failure:  # which is looked at when one fails
                if is_of_handler(failure):
                    raise  # it is not the observer's: it came while that ran
                _LOG.exception("an observer failed; the request did not")


class _Before(_Watch):
    """Tells the observers of a request that was over before it could be sent."""

    __slots__ = ()

    def __exit__(self, kind: object, error: BaseException | None, traceback: TracebackType | None) -> None:
        if error is not None:
            super().__exit__(kind, error, traceback)
