"""`AbstractDriver`: the contract between the mapper and whatever talks to a cluster.

The abstract methods are the documented ones; a driver that has these and nothing else is complete. `send` and
`send_async` are the richer entry that the adapters of this package override; by default they stand on `execute`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from inspect import iscoroutine
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

from coodie_drivers.errors import ConfigurationError, DriverError
from coodie_drivers.messages import BatchRequest, Reply, Request, Statement, TableRequest
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from typing_extensions import Self

    from coodie_drivers.config import ConnectionConfig

__all__ = [
    "APPLIED",
    "AbstractDriver",
    "Adapter",
    "batch_as_request",
    "send_async_to",
    "send_to",
]

APPLIED = "[applied]"
"""The column in which Cassandra and ScyllaDB answer whether a lightweight transaction was applied."""


class AbstractDriver(ABC):
    """Abstract base class of the execution backends.

    A driver serves any number of threads and event loops at once, and keeps nothing about a query on itself.

    A class of your own below one that is there may override `execute` and `execute_async`, for an audit say: whatever
    the mapper sends then goes through them.

    Attributes:
        needs_row_validation: True when rows may hold values that are not the Python types of the type table; the
            mapper then validates each row instead of trusting it.
        supports_unset: whether `UNSET` may stand among the values, for "leave this column as it is".
        default_keyspace: the keyspace of models that name none.
    """

    needs_row_validation: bool = False
    supports_unset: bool = False
    default_keyspace: str | None = None

    _executes_beneath: ClassVar[bool] = False
    """Whether the verbs of this very class do without `send` where they were overridden, so that it may call them."""

    _send_beneath: Callable[[Request | BatchRequest], Reply] | None = None
    _send_async_beneath: Callable[[Request | BatchRequest], Awaitable[Reply]] | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:  # noqa: ANN401 - whatever other bases take
        """Have `send` go through an `execute` that alone is overridden, so that nothing passes by what it adds."""
        super().__init_subclass__(**kwargs)
        for verb, entry in (("execute", "send"), ("execute_async", "send_async")):
            beneath = f"_{entry}_beneath"
            # Further below nothing is to be done: `execute` is looked up on the driver.
            if getattr(cls, beneath) is None and _is_passed_by(cls, verb, entry):
                setattr(cls, beneath, getattr(cls, entry))
                setattr(cls, entry, getattr(AbstractDriver, entry))

    @abstractmethod
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

    @abstractmethod
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

    @abstractmethod
    def close(self) -> None:
        """Release synchronous resources."""

    @abstractmethod
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

    @abstractmethod
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

    @abstractmethod
    async def close_async(self) -> None:
        """Release asynchronous resources."""

    def execute_one(
        self, stmt: str, params: list[Any], consistency: str | None = None, timeout: float | None = None
    ) -> Any:  # noqa: ANN401 - the documented signature
        """Execute `stmt` and return the first column of the first row, or None."""
        return _first_value(self.execute(stmt, params, consistency, timeout))

    async def execute_one_async(
        self,
        stmt: str,
        params: list[Any],
        consistency: str | None = None,
        timeout: float | None = None,
    ) -> Any:  # noqa: ANN401 - the documented signature
        """Execute `stmt` and return the first column of the first row, or None, without blocking the event loop."""
        return _first_value(await self.execute_async(stmt, params, consistency, timeout))

    def __enter__(self) -> Self:
        """Return the driver: `with init_coodie(...) as driver:` closes it at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    async def __aenter__(self) -> Self:
        """Return the driver: `async with await init_coodie_async(...) as driver:` closes it at the end."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it without blocking the event loop."""
        await self.close_async()

    def send(self, request: Request | BatchRequest) -> Reply:
        """Send one request and return one page of its answer."""
        return _reply(self, self.execute(*_execute_arguments(request)), request)

    async def send_async(self, request: Request | BatchRequest) -> Reply:
        """Send one request and return one page of its answer, without blocking the event loop."""
        return _reply(self, await self.execute_async(*_execute_arguments(request)), request)


class Adapter(Protocol):
    """What a client library needs to be a `driver_type` of `init_coodie`; found by entry point or built in.

    A distribution adds its own under the entry point group `coodie_drivers.adapters`: the entry's name is the driver
    type, its object has these members (a module does).
    """

    @property
    def driver_class(self) -> type[AbstractDriver]:
        """The class of the drivers that are made."""
        ...

    def option_names(self) -> Collection[str]:
        """Return the names of the client library's own arguments that users may give to `init_coodie`."""
        ...

    def recognizes(self, session: object) -> bool:
        """Return whether this is a session of the client library."""
        ...

    def adopt(self, session: Any, default_keyspace: str | None) -> AbstractDriver:  # noqa: ANN401 - each library's own
        """Return a driver over a session that belongs to somebody else."""
        ...

    def connect(self, config: ConnectionConfig) -> AbstractDriver:
        """Connect and return a driver; when connecting fails, nothing stays open."""
        ...

    async def connect_async(self, config: ConnectionConfig) -> AbstractDriver:
        """Connect without blocking the event loop and return a driver."""
        ...


def send_to(driver: AbstractDriver, asked: Request | BatchRequest | TableRequest) -> Reply:
    """Send anything an operation may ask for to any driver, also one that only has the documented methods."""
    if isinstance(asked, TableRequest):
        _require(driver, "sync_table", "sync_table_async")
        return _statements(driver, driver.sync_table(*_sync_table_arguments(asked)))
    if hasattr(driver, "send"):
        return driver.send(asked)
    _require(driver, "execute", "execute_async")
    return AbstractDriver.send(driver, asked)


async def send_async_to(driver: AbstractDriver, asked: Request | BatchRequest | TableRequest) -> Reply:
    """Send anything an operation may ask for to any driver, without blocking the event loop."""
    if isinstance(asked, TableRequest):
        _require(driver, "sync_table_async", "sync_table")
        return _statements(driver, await driver.sync_table_async(*_sync_table_arguments(asked)))
    if hasattr(driver, "send_async"):
        return await driver.send_async(asked)
    _require(driver, "execute_async", "execute")
    return await AbstractDriver.send_async(driver, asked)


def _require(driver: object, method: str, other: str) -> None:
    """Refuse a driver of somebody's own that lacks the half that is asked of it."""
    if hasattr(driver, method):
        return
    if hasattr(driver, other):
        half = "asynchronous" if method.endswith("_async") else "blocking"
        told = f"it has {other} alone, and this is {half} code"
    else:
        told = f"it has neither that nor {other}"
    raise ConfigurationError(f"the driver {type(driver).__name__} has no method {method}: {told}")


def _is_passed_by(cls: type[AbstractDriver], verb: str, entry: str) -> bool:
    """Return whether a class has a `verb` of its own above one that does without it, and its `entry` from below."""
    classes = cls.__mro__
    with_entry = next(place for place, each in enumerate(classes) if entry in vars(each))
    own = any(verb in vars(each) for each in classes[:with_entry])
    beneath = next(each for each in classes[with_entry:] if verb in vars(each))
    return own and vars(beneath).get("_executes_beneath", False)


def _first_value(rows: Sequence[dict[str, object]]) -> object:
    return next(iter(rows[0].values()), None) if rows else None


def batch_as_request(batch: BatchRequest) -> Request:
    """Return a batch as one statement of text, for a driver that has no other form of it.

    With a timestamp it is not idempotent, whatever its parts are: one of them may replace a list, and a list that is
    replaced twice at one timestamp holds its elements twice (CASSANDRA-11368). The texts of the parts do not tell.
    """
    kind = "" if batch.kind == "logged" else f"{batch.kind.upper()} "
    using = "" if batch.timestamp is None else "USING TIMESTAMP ? "
    statements = [statement for statement, _ in batch.parts]
    text = f"BEGIN {kind}BATCH {using}{' '.join(f'{statement.cql};' for statement in statements)} APPLY BATCH"
    values: list[object] = [] if batch.timestamp is None else [batch.timestamp]
    values.extend(value for _, params in batch.parts for value in params)
    whole = Statement(
        text,
        StatementKind.BATCH,
        idempotent=batch.kind != "counter"
        and batch.timestamp is None
        and all(statement.idempotent for statement in statements),
        conditional=any(statement.conditional for statement in statements),
    )
    return Request(whole, values, batch.consistency, batch.timeout)


def _execute_arguments(
    request: Request | BatchRequest,
) -> tuple[str, list[Any], str | None, float | None, int | None, bytes | None]:
    if isinstance(request, BatchRequest):
        request = batch_as_request(request)
    return (
        request.statement.cql,
        list(request.params),
        request.consistency,
        request.timeout,
        request.fetch_size,
        request.paging_state,
    )


def _sync_table_arguments(
    asked: TableRequest,
) -> tuple[str, str, list[Any], dict[str, Any] | None, bool, bool]:
    options = None if asked.options is None else dict(asked.options)
    return asked.table, asked.keyspace, list(asked.columns), options, asked.dry_run, asked.drop_removed_indexes


def _reply(driver: object, rows: list[dict[str, Any]] | None, request: Request | BatchRequest) -> Reply:
    """Read a documented answer: a list of dicts, or one that carries more (`Rows`); None counts as no rows."""
    if rows is not None and not _is_list(rows):
        raise _unreadable(driver, rows, request)
    applied = getattr(rows, "applied", None)
    if rows and not isinstance(cast("object", rows[0]), Mapping):
        raise _unreadable(driver, rows, request)
    # Of two columns with one name a dict has the last alone.
    columns = tuple(dict.fromkeys(getattr(rows, "columns", None) or (rows[0] if rows else ())))
    if applied is None and rows and APPLIED in columns and _may_be_conditional(request):
        applied = bool(rows[0].get(APPLIED))
    tuples: list[tuple[Any, ...]] = []
    for row in rows or ():
        try:
            # By name: the order of a dict's keys is no part of the contract.
            tuples.append(tuple([row[column] for column in columns]))
        except (KeyError, TypeError):
            raise _unreadable(driver, rows or (), request) from None
        if len(row) != len(columns):
            raise _unreadable(driver, rows or (), request)
    return Reply(tuples, columns, getattr(rows, "paging_state", None), applied, getattr(rows, "warnings", None) or ())


def _unreadable(driver: object, rows: object, request: Request | BatchRequest) -> DriverError:
    """Return the error for an answer whose rows are not alike; it names the first that is to blame."""
    kind = StatementKind.BATCH if isinstance(request, BatchRequest) else request.statement.kind
    return DriverError(
        f"the driver {type(driver).__name__}: {_fault(rows)}",
        outcome="not_applied" if kind is StatementKind.SELECT else "unknown",
        statement_kind=kind,
    )


def _fault(rows: Any) -> str:  # noqa: ANN401 - whatever somebody's driver returned
    return _fault_of_rows(rows) if _is_list(rows) else _is_no_list("execute", rows, "dicts")


def _is_list(answer: object) -> bool:
    return isinstance(answer, Sequence)


def _is_no_list(verb: str, answer: object, of: str) -> str:
    if iscoroutine(answer):
        answer.close()  # else Python warns of one that was never awaited, wherever it is collected
        return f"its answer is a coroutine; {verb} returns a list of {of}, and {verb}_async is awaited"
    return f"its answer is a {type(answer).__name__}; {verb} returns a list of {of}"


def _fault_of_rows(rows: Sequence[Any]) -> str:
    columns: dict[str, None] = dict.fromkeys(getattr(rows, "columns", None) or ())
    for number, row in enumerate(rows, 1):
        if not isinstance(row, Mapping):
            return f"row {number} of its answer is a {type(row).__name__}; execute returns a list of dicts"
        columns.update(cast("Mapping[str, None]", row))
    for number, row in enumerate(rows, 1):
        for column in columns:
            if column not in row:
                return f"row {number} of its answer lacks column {column!r}, which others have"
    return "the columns of its answer are not those of its rows"


def _may_be_conditional(request: Request | BatchRequest) -> bool:
    return isinstance(request, BatchRequest) or request.statement.conditional


def _statements(driver: object, cql: object) -> Reply:
    """Read what `sync_table` returned; None counts as no statements."""
    if cql is None:
        return Reply([], ("cql",))
    if isinstance(cql, str) or not isinstance(cql, Sequence):
        raise DriverError(f"the driver {type(driver).__name__}: {_is_no_list('sync_table', cql, 'texts')}")
    return Reply([(text,) for text in cast("Sequence[str]", cql)], ("cql",))
