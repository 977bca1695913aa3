"""`batch(...)`: several writes in one statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

from cql_builder.ast.statements import Batch
from cql_builder.builder import clauses
from cql_builder.builder.delete import DeleteBuilder
from cql_builder.builder.insert import InsertBuilder
from cql_builder.builder.statement import StatementBuilder
from cql_builder.builder.update import UpdateBuilder, changes_counters
from cql_builder.errors import (
    ArgumentError,
    ClauseConflictError,
    MissingClauseError,
    RepeatedClauseError,
    StatementError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Never, Self

    from cql_builder.ast.statements import BatchKind
    from cql_builder.builder.clauses import Microseconds, Timeout, Using

Write: TypeAlias = InsertBuilder | UpdateBuilder | DeleteBuilder
"""What a batch or a transaction writes: `writes: list[Write] = []`."""


class BatchBuilder(StatementBuilder):
    """A BATCH. Made by `batch`.

    >>> from cql_builder import BatchBuilder, batch, insert_into
    >>> isinstance(batch(insert_into("t").values(id=1)), BatchBuilder)
    True
    """

    kind: ClassVar[str] = "BATCH"
    _statements: tuple[Write, ...]
    _batch_kind: BatchKind = "logged"
    _using: Using = clauses.NO_USING

    def __init__(self, statements: tuple[Write, ...]) -> None:
        """Start with what is written."""
        self.__dict__.update(_statements=statements)

    def add(self, *statements: Write) -> Self:
        """Write this too, after what was given before.

        Raises:
            ArgumentError: if one is no INSERT, UPDATE or DELETE.
        """
        return self._with(_statements=(*self._statements, *checked_writes(statements)))

    def unlogged(self) -> Self:
        """Let the writes of one partition go through without those of another.

        It is BEGIN UNLOGGED BATCH.

        Raises:
            StatementError: if the batch is of another kind already.
        """
        return self._of_kind("unlogged")

    def counter(self) -> Self:
        """Let the batch be one of counters: BEGIN COUNTER BATCH.

        Raises:
            StatementError: if the batch is of another kind already.
        """
        return self._of_kind("counter")

    def using(self, *, timestamp: Microseconds | None = None, timeout: Timeout | None = None, **others: Never) -> Self:
        """Write all at a timestamp, in microseconds or as a datetime with a time zone.

        An argument that is None counts as not given.

        The timeout is ScyllaDB's, a duration such as `"50ms"`.

        Raises:
            StatementError: if one is plainly of the wrong kind, out of range, or given twice.
        """
        using = clauses.using_with(self._using, self.kind, others, timestamp=timestamp, timeout=timeout)
        return self._with(_using=using)

    @property
    def tree(self) -> Batch:
        """The statement as a tree, markers where values stand.

        Raises:
            MissingClauseError: if nothing is written, or something in it lacks a clause.
            StatementError: if counters are incremented in it beside other writes, or in a batch that is logged.
        """
        if not self._statements:
            raise MissingClauseError(self.kind, "what to write", "give batch(...) an INSERT, UPDATE or DELETE")
        trees = tuple([statement.tree for statement in self._statements])
        if self._batch_kind != "counter" and any(map(changes_counters, self._statements)):
            self._refuse_beside_counters()
        return Batch(trees, self._batch_kind, clauses.using_options(self._using))

    @property
    def params(self) -> tuple[object, ...]:
        """What the markers stand for, in the order of the text."""
        values = [value for statement in self._statements for value in statement.params]
        return (*clauses.using_values(self._using), *values)

    def _refuse_beside_counters(self) -> None:
        if "timestamp" in self._using:
            raise ClauseConflictError(self.kind, "a counter", "TIMESTAMP")
        if self._batch_kind == "logged" or not all(map(_may_count, self._statements)):
            raise StatementError(self.kind, "counters are written in a batch of their own; call counter()")

    def _of_kind(self, kind: BatchKind) -> Self:
        if self._batch_kind == kind:
            raise RepeatedClauseError(self.kind, kind.upper())
        if self._batch_kind != "logged":
            raise ClauseConflictError(self.kind, self._batch_kind.upper(), kind.upper())
        return self._with(_batch_kind=kind)


def batch(*statements: Write) -> BatchBuilder:
    """Return a BATCH of INSERT, UPDATE and DELETE, which are written all or none.

    Raises:
        ArgumentError: if one is no such statement.

    >>> from cql_builder import batch, col, insert_into, update
    >>> paid = update("orders").set(paid=True).where(col("id") == 7)
    >>> batch(insert_into("payments").values(order=7, sum=12), paid).compile().cql[:71]
    'BEGIN BATCH INSERT INTO payments ("order", sum) VALUES (?, ?); UPDATE o'
    >>> batch(paid).unlogged().using(timestamp=5).params
    (5, True, 7)
    """
    return BatchBuilder(checked_writes(statements))


def checked_writes(given: Sequence[object], statement: str = BatchBuilder.kind) -> tuple[Write, ...]:
    """Return statements that write rows.

    Raises:
        ArgumentError: if one writes none.
    """
    writes: list[Write] = []
    for write in given:
        if not isinstance(write, InsertBuilder | UpdateBuilder | DeleteBuilder):
            expected = "what insert_into(…), update(…) and delete_from(…) make"
            raise ArgumentError(statement, "what is written", expected, write)
        writes.append(write)
    return tuple(writes)


def _may_count(write: Write) -> bool:
    """Return whether a write can be of a table with counters; rows of one are deleted as those of any other."""
    return changes_counters(write) or isinstance(write, DeleteBuilder)
