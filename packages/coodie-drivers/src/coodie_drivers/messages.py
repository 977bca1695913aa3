"""What travels between an operation and a driver: requests going down, replies coming up.

Everything that is the same for each call of one query shape sits in a `Statement`, built once; what varies per call
sits in a `Request`. Nothing about a query is ever kept on a driver object.
"""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

from coodie_drivers.errors import InvalidQueryError
from cql_builder.analysis import StatementKind, classify
from cql_builder.errors import CqlError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cql_builder.schema import ColumnDefinition

__all__ = [
    "BatchKind",
    "BatchRequest",
    "ManyRequests",
    "Pause",
    "Reply",
    "Request",
    "Rows",
    "Statement",
    "TableRequest",
    "statement_of",
]

BatchKind = Literal["logged", "unlogged", "counter"]

_WRITES = frozenset({StatementKind.INSERT, StatementKind.UPDATE, StatementKind.DELETE, StatementKind.BATCH})
_READ_CHARACTERS = 10_000
"""How long a write may be that is read to know whether it may be sent again: it takes about 1 ms."""


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """CQL text with `?` markers and what a driver must know about it, one object per query shape.

    Attributes:
        cql: the text, each value a `?` marker.
        kind: what the statement does; decides how it is sent and how a failure is judged.
        idempotent: whether running it twice leaves the same data as running it once.
        conditional: whether it is a lightweight transaction (`IF …`).
    """

    cql: str
    kind: StatementKind
    idempotent: bool
    conditional: bool = False


def statement_of(cql: str) -> Statement:
    """Describe a text that somebody wrote, looked into once.

    A SELECT is idempotent, and a write that `cql_builder.analysis.is_idempotent` says it of, read in the default
    dialect. A write that cannot be read so is not, nor is one of more than 10,000 characters.

    Raises:
        InvalidQueryError: if it is no text.

    >>> statement_of("INSERT INTO t (a) VALUES (?) IF NOT EXISTS").conditional
    True
    >>> statement_of("UPDATE t SET n = n + 1 WHERE id = ?").idempotent
    False
    """
    if not isinstance(cql, str):  # pyright: ignore[reportUnnecessaryIsInstance] - raw statements come from anywhere
        raise InvalidQueryError(f"a statement is a str of CQL, not {type(cql).__name__}")
    return _short(cql) if len(cql) <= _READ_CHARACTERS else _long(cql)


def _classified(cql: str) -> Statement:
    found = classify(cql)
    idempotent = found.idempotent or (found.kind in _WRITES and not found.conditional and _leaves_the_same(cql))
    return Statement(cql, found.kind, idempotent, found.conditional)


_short: Final = lru_cache(maxsize=1_000)(_classified)
_long: Final = lru_cache(maxsize=10)(_classified)  # a thousand texts of a megabyte would fill a gigabyte


def _leaves_the_same(cql: str) -> bool:
    if len(cql) > _READ_CHARACTERS:
        return False
    # Programs that write no texts never need these.
    from cql_builder import parse_cql  # noqa: PLC0415
    from cql_builder.analysis import is_idempotent  # noqa: PLC0415

    try:
        return is_idempotent(parse_cql(cql))
    except CqlError:
        return False


def _counted(given: object) -> str:
    """Return how many there are; whoever shows a request that will be refused must not fail over an iterator."""
    return str(len(given)) if isinstance(given, Sized) else f"{type(given).__name__} of"


class Request:
    """One statement with the values and options of one call; answered by one page of rows."""

    __slots__ = ("consistency", "fetch_size", "paging_state", "params", "statement", "timeout")

    def __init__(  # noqa: PLR0913 - a plain record
        self,
        statement: Statement,
        params: Sequence[object] = (),
        consistency: str | None = None,
        timeout: float | None = None,
        fetch_size: int | None = None,
        paging_state: bytes | None = None,
    ) -> None:
        """Hold what one call adds to its statement; `timeout` is in seconds, `fetch_size` in rows."""
        self.statement = statement
        self.params = params
        self.consistency = consistency
        self.timeout = timeout
        self.fetch_size = fetch_size
        self.paging_state = paging_state

    def __repr__(self) -> str:
        """Name the statement; values are never shown, they may be secrets."""
        return f"Request({self.statement.cql!r}, {_counted(self.params)} values)"


class BatchRequest:
    """Several writes that the server takes as one batch, each a statement with its values."""

    __slots__ = ("consistency", "kind", "parts", "timeout", "timestamp")

    def __init__(
        self,
        parts: Sequence[tuple[Statement, Sequence[object]]],
        kind: BatchKind = "logged",
        consistency: str | None = None,
        timeout: float | None = None,
        timestamp: int | None = None,
    ) -> None:
        """Hold the writes in order; `timestamp` is in microseconds and applies to all of them."""
        self.parts = parts
        self.kind: BatchKind = kind
        self.consistency = consistency
        self.timeout = timeout
        self.timestamp = timestamp

    def __repr__(self) -> str:
        """Name the kind and the number of statements; values are never shown."""
        return f"BatchRequest({self.kind}, {_counted(self.parts)} statements)"


class ManyRequests:
    """Requests that do not depend on each other, sent a bounded number at once; none is begun after one that failed.

    Its reply is empty: what became of each stands in `outcomes`.

    Attributes:
        requests: what is sent, in order.
        at_once: how many are under way at once.
        outcomes: of each request its reply, or what it failed with; None for one that was not begun.
    """

    __slots__ = ("at_once", "outcomes", "requests")

    def __init__(self, requests: Sequence[Request | BatchRequest], at_once: int) -> None:
        """Hold the requests, none of which was begun."""
        self.requests = requests
        self.at_once = at_once
        self.outcomes: list[Reply | Exception | None] = [None] * len(requests)

    def __repr__(self) -> str:
        """Say how many there are; values are never shown."""
        return f"ManyRequests({len(self.requests)} requests, {self.at_once} at once)"


class Pause:
    """A while in which an operation asks nothing, since what it waits for has not come; its reply is empty.

    Attributes:
        seconds: how long.
    """

    __slots__ = ("seconds",)

    def __init__(self, seconds: float) -> None:
        """Hold the seconds."""
        self.seconds = seconds


class TableRequest:
    """A table as it should be; the driver compares it with the table that is there (`sync_table`).

    Its reply has one row per CQL statement that was, or with `dry_run` would be, executed.
    """

    __slots__ = ("columns", "drop_removed_indexes", "dry_run", "keyspace", "options", "table")

    def __init__(  # noqa: PLR0913 - the order of the documented sync_table
        self,
        table: str,
        keyspace: str,
        columns: Sequence[ColumnDefinition],
        options: Mapping[str, Any] | None = None,
        dry_run: bool = False,  # noqa: FBT001, FBT002 - the order of the documented sync_table
        drop_removed_indexes: bool = False,  # noqa: FBT001, FBT002
    ) -> None:
        """Hold the wanted table, in the order of the documented `sync_table`."""
        self.table = table
        self.keyspace = keyspace
        self.columns = columns
        self.options = options
        self.dry_run = dry_run
        self.drop_removed_indexes = drop_removed_indexes

    def __repr__(self) -> str:
        """Name the table and the number of its columns."""
        return f"TableRequest({self.keyspace}.{self.table}, {_counted(self.columns)} columns)"


class Reply:
    """One page of an answer.

    Attributes:
        rows: the rows of this page, each a tuple in the order of `columns`.
        columns: the column names, empty where the statement returns no rows.
        paging_state: where the next page starts; None, and only None, says that this was the last one.
        applied: whether a conditional statement was applied; None for any other.
        warnings: what the server warned of.
        coordinator: the node that answered, where the client library tells.
        attempts: how often the request was sent, where the client library tells.
    """

    __slots__ = ("applied", "attempts", "columns", "coordinator", "paging_state", "rows", "warnings")

    def __init__(  # noqa: PLR0913 - a plain record
        self,
        rows: Sequence[tuple[Any, ...]] = (),
        columns: tuple[str, ...] = (),
        paging_state: bytes | None = None,
        applied: bool | None = None,  # noqa: FBT001 - a plain record, built on every call
        warnings: Sequence[str] = (),
        coordinator: str | None = None,
        attempts: int = 1,
    ) -> None:
        """Hold one page."""
        self.rows = rows
        self.columns = columns
        self.paging_state = paging_state
        self.applied = applied
        self.warnings = warnings
        self.coordinator = coordinator
        self.attempts = attempts

    def __repr__(self) -> str:
        """Say how many rows of which columns there are; values are never shown."""
        more = ", more to come" if self.paging_state is not None else ""
        return f"Reply({len(self.rows)} rows of {self.columns}{more})"


class Rows(list[dict[str, Any]]):
    """What `execute` returns: a list of dicts that also carries what else the server said.

    Attributes:
        columns: the column names, also when there is no row; where the table was changed between two pages, those of
            the last one.
        paging_state: where the next page starts; None when all rows are here.
        applied: whether a conditional statement was applied; None for any other.
        warnings: what the server warned of.
    """

    __slots__ = ("applied", "columns", "paging_state", "warnings")

    def __init__(self, reply: Reply) -> None:
        """Turn a reply's tuples into dicts."""
        columns = reply.columns
        super().__init__(dict(zip(columns, row, strict=True)) for row in reply.rows)
        self.columns = columns
        self.paging_state = reply.paging_state
        self.applied = reply.applied
        self.warnings = reply.warnings

    @classmethod
    def of(cls, pages: Sequence[Reply]) -> Rows:
        """Return the rows of all pages, each under the columns of its own page: `*` may mean others in the next one."""
        rows = cls(pages[0])
        for page in pages[1:]:
            following = cls(page)
            rows.extend(following)
            rows.columns, rows.paging_state = following.columns, following.paging_state
            rows.warnings = [*rows.warnings, *following.warnings]
        return rows
