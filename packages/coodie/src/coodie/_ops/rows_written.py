"""Writing the rows that a query finds, many at once, and what became of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from coodie._hydration.lwt import lwt_result
from coodie.results import BulkWriteError, LWTResult, WriteResult
from coodie_drivers.messages import ManyRequests, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from coodie._query.options import WriteOptions
    from coodie._query.target import Target
    from coodie._query.write import Guard, RowPlan
    from coodie._schema.columns import Column
    from coodie_drivers.operations import Op

Row = tuple[Any, ...]

AT_ONCE = 32
"""How many rows are written at once."""


class RowChange(NamedTuple):
    """What is to be done to each row.

    Attributes:
        verb: the verb, for sentences.
        plan: makes the statement for rows of a key's columns.
        added: the values that every row gets besides its key.
        guard: the condition of each write.
        options: how it is written.
        key: the columns that choose what is written.
    """

    verb: str
    plan: Callable[[], RowPlan]
    added: tuple[object, ...]
    guard: Guard
    options: WriteOptions
    key: tuple[Column, ...]


class RowsWritten:
    """What became of the rows so far."""

    def __init__(self, target: Target[Any], change: RowChange, asked: Row | None = None) -> None:
        """Start with none; of the one key that is `asked` about a condition does not hold where nothing is found."""
        self._target = target
        self._change = change
        self._asked = asked
        self._written: list[Row] = []
        self._rejected: list[tuple[Row, LWTResult]] = []

    def write(self, keys: Sequence[Row]) -> Op[None]:
        """Write the rows of these keys, many at once.

        Raises:
            BulkWriteError: one of them failed.
        """
        if not keys:
            return
        change = self._change
        plan = change.plan()
        many = ManyRequests([plan.request(key, change.options, *change.added) for key in keys], AT_ONCE)
        yield many
        failed: list[tuple[Row, Exception]] = []
        for key, outcome in zip(keys, many.outcomes, strict=True):
            if isinstance(outcome, Reply):
                self._take(key, outcome)
            elif outcome is not None:
                failed.append((key, outcome))
        if failed:
            raise self._failure(failed, many.outcomes.count(None)) from failed[0][1]

    def _take(self, key: Row, reply: Reply) -> None:
        result = lwt_result(self._target.schema, reply) if self._change.guard else None
        if result is None or result.applied:
            self._written.append(key)
        else:
            self._rejected.append((key, result))

    def _failure(self, failed: list[tuple[Row, Exception]], left: int) -> BulkWriteError:
        wrong = [(by_field(self._change.key, key), error) for key, error in failed]
        written = [by_field(self._change.key, key) for key in self._written]
        return BulkWriteError(self._target.schema.model, written, wrong, left)

    def refuse_rest(self, error: Exception) -> None:
        """Do not let a failure to find more rows hide that some were written.

        Raises:
            BulkWriteError: some were.
        """
        if self._written:
            written = [by_field(self._change.key, key) for key in self._written]
            raise BulkWriteError(self._target.schema.model, written, [], 0, interrupted_by=error) from error

    def result(self) -> WriteResult:
        """What became of all rows."""
        rejected = [by_field(self._change.key, key) for key, _ in self._rejected]
        if self._change.guard and self._asked is not None and not (self._written or rejected):
            rejected = [by_field(self._change.key, self._asked)]
        existing = self._rejected[0][1].existing if len(self._rejected) == 1 else {}
        return WriteResult(not rejected, existing, written=len(self._written), rejected=rejected)


def by_field(columns: Sequence[Column], key: Row) -> dict[str, Any]:
    """A key as a driver gives it, by field, as the fields hold it."""
    return {column.field: value for column, value in zip(columns, decoded(columns, key), strict=True)}


def decoded(columns: Sequence[Column], key: Row) -> list[Any]:
    """A key as a driver gives it, as the fields hold it."""
    pairs = zip(columns, key, strict=True)
    return [value if column.type.decode is None else column.type.decode(value) for column, value in pairs]
