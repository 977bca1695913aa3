"""What a document holds, and knows of its row, after a write; and what it held before one that was not made."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from coodie._model.extract import encode_value
from coodie._model.hooking import run_hooks
from coodie._model.tracking import RowSlot, as_field, assigned_since, know_changed, know_nothing, know_there, known_of
from coodie._ops.batches import BatchState
from coodie._ops.changed import Changes, changes_made
from coodie._query.keywords import keywords_of
from coodie_drivers.values import UNSET

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from coodie._model.base import DocumentBase
    from coodie._ops.changed import Made
    from coodie._query.options import Collector
    from coodie._query.target import Target
    from coodie._schema.columns import Column


D = TypeVar("D", bound="DocumentBase")


def settle(target: Target[Any], document: DocumentBase, changes: Changes) -> None:
    """Make the document what its row now is, where it is not that already, and let it know so."""
    _remember(target, document, changes)
    _know(target, document, changes)


class Hooked:
    """What hooks have assigned for a write, so that it can be taken back where the write was not made."""

    __slots__ = ("_after", "_before", "_document")

    def __init__(
        self,
        document: DocumentBase,
        hooks: Mapping[str, tuple[str, ...]],
        event: str,
        batch: Collector | None = None,
    ) -> None:
        """Run the hooks of an event that comes before a write; what they assigned is taken back where one raises.

        It is also taken back where the batch that takes the write does not make it.
        """
        self._document = document
        self._before: dict[str, Any] = dict(vars(document))
        try:
            run_hooks(document, hooks, event)
        except BaseException:
            self._after: dict[str, Any] = dict(vars(document))
            self.take_back()
            raise
        self._after = dict(vars(document))
        if batch is not None:
            batch.unless_sent(self.take_back)

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


def made_of(
    target: Target[Any],
    document: DocumentBase,
    hooked: Hooked | None,
    changes: Mapping[str, object],
    batch: Collector | None,
) -> Made:
    """What changed in a document, or what hooks have assigned besides what is given by keyword."""
    if not changes:
        return changes_made(target, document if batch is None else _as_batched(document, batch))
    if hooked is None:
        return ()
    by_name = target.schema.by_name
    given = {by_name.get(keyword) for keyword in changes}
    table = keywords_of(target.model).assignments
    columns = [(column, value) for name, value in hooked.assigned().items() if (column := by_name.get(name))]
    return [(table.whole(column), value) for column, value in columns if not column.in_key and column not in given]


def _as_batched(document: D, batch: Collector) -> D:
    """The document with what it will know of its row when a batch was sent; the very same where that is nothing new.

    What is to become of it then, by updates that name fields, is not yet to be seen: it holds other values.
    """
    found: D | None = None
    for call, args in batch.calls_with(document) if isinstance(batch, BatchState) else ():
        if not _is_knowing(call, args):
            continue
        found = document.__copy__() if found is None else found
        call(*(found if each is document else each for each in args))
    return document if found is None else found


def _is_knowing(call: Callable[..., object], args: tuple[object, ...]) -> bool:
    """Whether a call lets a document know of its row, and changes nothing else of it."""
    if call is settle:
        return isinstance(args[-1], Changes) and args[-1].given == 0
    return call in (RowSlot.write, know_nothing, know_there)


def _remember(target: Target[Any], document: DocumentBase, changes: Changes) -> None:
    """Change the document past Pydantic's own setter, which a frozen model refuses."""
    held: dict[str, Any] = vars(document)
    fields_set = document.__pydantic_fields_set__
    for assignment, value in zip(changes.assignments[: changes.given], changes.held, strict=False):
        field = assignment.column.field
        if assignment.operation == "set":
            if assigned_since(document, target.schema, assignment.column, changes.was.get(field)):
                continue
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
