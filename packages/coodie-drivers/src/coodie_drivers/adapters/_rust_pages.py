"""From the results of the package `scylla` to pages; and the errors about what it cannot read or write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie_drivers.adapters._rust_errors import Attempt, is_unwritten
from coodie_drivers.adapters._rust_rewriting import literals_in, with_columns_as_bytes
from coodie_drivers.adapters._rust_types import hint_of
from coodie_drivers.contract import APPLIED
from coodie_drivers.errors import DriverError, InvalidQueryError, UnreadableValueError
from coodie_drivers.messages import Reply
from coodie_drivers.retries import Failure
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from coodie_drivers.adapters._rust_decoding import Reading
    from coodie_drivers.adapters._rust_shapes import PreparedShape
    from coodie_drivers.messages import Statement


def check_written(error: Exception, bound: Iterable[tuple[PreparedShape | None, Sequence[object]]]) -> None:
    """Raise what is to blame if the library refused to write a value: its own sentence may hold it."""
    if is_unwritten(error):
        culprits = (shape.culprit(values) for shape, values in bound if shape is not None)
        found = next(filter(None, culprits), None)
        raise found or InvalidQueryError("the client library cannot write one of these values") from None


def page(reading: Reading, result: Any, rows: list[tuple[Any, ...]], attempts: int = 1) -> Reply:
    """Return the page of these rows."""
    columns = reading.columns
    state = result.paging_state()
    applied = bool(rows[0][0]) if rows and columns[0] == APPLIED else None
    return Reply(rows, columns, None if state is None else state.as_bytes(), applied, (), None, attempts)


def answers_condition(statement: Statement) -> bool:
    """Return whether rows that come for a statement tell of its condition; a batch in one text may have some."""
    return statement.conditional or statement.kind is StatementKind.BATCH


def page_of_condition(reading: Reading, result: Any, attempts: int) -> Reply:
    """Return what a conditional statement answers: nothing can be asked once more for what the library cannot read.

    The columns that it cannot read are left out. That the statement was applied, or was not, is told in any case.
    """
    columns, rows = reading.rows_of_condition(result.iter_current_page())
    applied = bool(rows[0][0]) if rows and columns[:1] == (APPLIED,) else None
    return Reply(rows, columns, applied=applied, attempts=attempts)


def unreadable(reading: Reading, column: str | None, attempt: Attempt) -> DriverError:
    """Return the error about a column that nobody can read."""
    # The server did its part: for a write, a conditional one that answers with a row, nobody can tell from here.
    facts = attempt.facts(Failure("connection_lost"))
    facts["retryable"] = False
    return UnreadableValueError(column, None if column is None else str(reading.type_of(column)), **facts)


def asking_for_bytes(cql: str, reading: Reading, places: frozenset[int]) -> str | None:
    """Return a SELECT as `with_columns_as_bytes` does, of an answer whose columns are known."""
    literals = tuple([(index, hint_of(reading.types[index])) for index in sorted(places & literals_in(cql))])
    return with_columns_as_bytes(cql, reading.columns, places, literals)
