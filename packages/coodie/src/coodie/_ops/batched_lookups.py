"""Changes of lists in a batch with a condition, for which the server looks into the rows with conditions only.

An element that is set or removed by its place, or removed by its value, is looked up in the list as it is. A batch with
a condition looks it up in what it has read for its conditions: of any other row it finds no list, and fails, or removes
nothing and says that it was applied (`CQL3CasRequest`, seen with Cassandra 4.1 to 6.0).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from coodie._ops.batched_cells import JsonValues, writing_in
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from coodie._ops.batched_cells import Writing
    from coodie._query.target import Target
    from coodie._schema.columns import Column
    from coodie_drivers.messages import Statement

    Part = tuple[Statement, Sequence[Any]]

_CONDITIONS_ALONE: Final = (
    "is set or removed by a batch with a condition, which looks into the lists of those rows only that a condition is "
    "about"
)


def refuse_unread_lists(parts: Sequence[Part], targets: Sequence[Target[Any]], texts: Collection[Statement]) -> None:
    """Refuse a write of a batch with a condition that needs a list which no condition has the server read.

    Args:
        parts: the statements with their values.
        targets: the tables that the verbs among them write to.
        texts: those that are somebody's own; where one has a condition, what the server reads is for him to know.

    Raises:
        InvalidQueryError: names the field.
    """
    written = [
        (statement, writing, values)
        for statement, values in parts
        if statement not in texts and not isinstance(values, JsonValues)
        if (writing := writing_in(targets, statement, values)) is not None
    ]
    asking = [statement for statement, _ in parts if statement.conditional]
    told = [(writing, writing.row(values)) for statement, writing, values in written if statement.conditional]
    if len(told) < len(asking):
        return
    rows = {row for _, row in told}
    # Where one of these sets a static column, all of them are read, as for a write of static columns alone.
    rows |= {row[: writing.width] for writing, row in told if writing.statics}
    static = {(row[: writing.width], name) for writing, row in told for name in writing.said.asked}
    for _, writing, values in written:
        row = writing.row(values)
        partition = row[: writing.width]
        if row not in rows:
            about = "is about this row, such as if_exists=True"
            _refuse(next(_looked_into(writing, values, static=False), None), writing, about)
        # Else of static columns those are read that the conditions of rows compare.
        if partition not in rows:
            columns = _looked_into(writing, values, static=True)
            unread = next((column for column in columns if (partition, column.name) not in static), None)
            _refuse(unread, writing, "compares this column")


def _looked_into(writing: Writing, values: Sequence[Any], *, static: bool) -> Iterator[Column]:
    """The columns of lists in which the server looks for something."""
    for column, cells in writing.cells(values, static=static):
        if cells.looks and column is not None:
            yield column


def _refuse(column: Column | None, writing: Writing, about: str) -> None:
    if column is not None:
        fix = f"give the batch a condition that {about}, write the list as a whole, or write it without the batch"
        raise InvalidQueryError(f"an element of {writing.schema.model}.{column.field} {_CONDITIONS_ALONE}; {fix}")
