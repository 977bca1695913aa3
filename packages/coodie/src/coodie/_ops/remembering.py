"""What a document holds, and knows of its row, after a write; and what it held before one that was not made."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from coodie._model.extract import encode_value
from coodie._model.hooking import run_hooks
from coodie._model.tracking import as_field, know_changed, known_of
from coodie_drivers.values import UNSET

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coodie._model.base import DocumentBase
    from coodie._ops.changed import Changes
    from coodie._query.assignments import Assignment
    from coodie._query.target import Target
    from coodie._schema.columns import Column


def settle(target: Target[Any], document: DocumentBase, changes: Changes) -> None:
    """Make the document what its row now is, where it is not that already, and let it know so."""
    _remember(document, changes.assignments[: changes.given], changes.held)
    _know(target, document, changes)


class Hooked:
    """What hooks have assigned for a write, so that it can be taken back where the write was not made."""

    __slots__ = ("_after", "_before", "_document")

    def __init__(self, document: DocumentBase, hooks: Mapping[str, tuple[str, ...]], event: str) -> None:
        """Run the hooks of an event that comes before a write; what they assigned is taken back where one raises."""
        self._document = document
        self._before: dict[str, Any] = dict(vars(document))
        try:
            run_hooks(document, hooks, event)
        except BaseException:
            self._after: dict[str, Any] = dict(vars(document))
            self.take_back()
            raise
        self._after = dict(vars(document))

    def assigned(self) -> dict[str, Any]:
        """The fields that hooks have assigned to, and their values."""
        before = self._before
        return {name: value for name, value in self._after.items() if name not in before or value is not before[name]}

    def take_back(self) -> None:
        """Take back what hooks have assigned; not where the program has assigned something else since."""
        held: dict[str, Any] = vars(self._document)
        for name, value in self.assigned().items():
            if name not in held or held[name] is not value:
                continue
            if name in self._before:
                held[name] = self._before[name]
            else:
                del held[name]


def _remember(document: DocumentBase, assignments: Sequence[Assignment], values: Sequence[object]) -> None:
    """Change the document past Pydantic's own setter, which a frozen model refuses."""
    held: dict[str, Any] = vars(document)
    fields_set = document.__pydantic_fields_set__
    for assignment, value in zip(assignments, values, strict=False):
        field = assignment.column.field
        if assignment.operation == "set":
            held[field] = value
        elif field in held:
            held[field] = assignment.applied(held[field], value)
        else:
            continue  # it was not fetched, and what was added to it is not all that it has
        fields_set.add(field)


def _know(target: Target[Any], document: DocumentBase, changes: Changes) -> None:
    """Keep what the row has now: of a collection what was written, and not what else became of the field."""
    known = known_of(document, target.schema)
    if known is None:
        return
    row = dict(zip(known.columns, known.row, strict=True))
    written: dict[Column, Any] = {}
    sending = iter(changes.sent)
    for assignment, value in zip(changes.assignments, changes.held, strict=True):
        column = assignment.column
        first, *_ = islice(sending, assignment.width)
        if first is UNSET:
            continue
        if assignment.operation == "set":
            written[column] = first
        elif column in row:
            now = assignment.applied(as_field(column, written.get(column, row[column])), value)
            written[column] = encode_value(target.schema.model, column, now)
    know_changed(document, target.schema, [*written], [*written.values()])
