"""What a document holds, and knows of its row, after a write; and what it held before one that was not made."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from coodie._model.extract import encode_value
from coodie._model.tracking import as_field, know_changed, known_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coodie._model.base import DocumentBase
    from coodie._query.assignments import Assignment
    from coodie._query.target import Target
    from coodie._schema.columns import Column


def settle(  # noqa: PLR0913 - what was written, as the field holds it and as it was sent
    target: Target[Any],
    document: DocumentBase,
    assignments: Sequence[Assignment],
    held: Sequence[object],
    sent: Sequence[object],
    *,
    made: bool,
) -> None:
    """Make the document what its row now is, where it is not that already, and let it know so.

    Args:
        target: the model and its table.
        document: what was updated.
        assignments: what was changed.
        held: of each assignment the value, as the field holds it.
        sent: their values as a driver takes them.
        made: whether the document was changed before its row.
    """
    if not made:
        _remember(document, assignments, held)
    _know(target, document, assignments, held, sent)


def restore(document: DocumentBase, before: Mapping[str, object] | None) -> None:
    """Take back what hooks assigned for a write that was not made; nothing where none ran."""
    if before is None:
        return
    held: dict[str, Any] = vars(document)
    for name in held.keys() - before.keys():
        del held[name]
    held.update(before)


def _remember(document: DocumentBase, assignments: Sequence[Assignment], values: Sequence[object]) -> None:
    """Change the document past Pydantic's own setter, which a frozen model refuses."""
    held: dict[str, Any] = vars(document)
    fields_set = document.__pydantic_fields_set__
    for assignment, value in zip(assignments, values, strict=True):
        field = assignment.column.field
        if assignment.operation == "set":
            held[field] = value
        elif field in held:
            held[field] = assignment.applied(held[field], value)
        else:
            continue  # it was not fetched, and what was added to it is not all that it has
        fields_set.add(field)


def _know(
    target: Target[Any],
    document: DocumentBase,
    assignments: Sequence[Assignment],
    held: Sequence[object],
    sent: Sequence[object],
) -> None:
    """Keep what the row has now: of a collection what was written, and not what else became of the field."""
    known = known_of(document, target.schema)
    if known is None:
        return
    row = dict(zip(known.columns, known.row, strict=True))
    written: dict[Column, Any] = {}
    sending = iter(sent)
    for assignment, value in zip(assignments, held, strict=True):
        column = assignment.column
        first, *_ = islice(sending, assignment.width)
        if assignment.operation == "set":
            written[column] = first
        elif column in row:
            now = assignment.applied(as_field(column, written.get(column, row[column])), value)
            written[column] = encode_value(target.schema.model, column, now)
    know_changed(document, target.schema, [*written], [*written.values()])
