"""What documents do not know of their rows: what a write is about to change, or may have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coodie._model.base import DocumentBase, table_schema
from coodie._model.copies import twin_of
from coodie._model.tracking import (
    KNOWING,
    MayHave,
    RowSlot,
    has_forgotten,
    know_in_doubt,
    know_nothing,
    know_perhaps,
    known_of,
    known_values,
    perhaps_of,
    place_of,
)
from coodie._ops.changed import Changes, Deleted
from coodie._ops.placing import know_sent
from coodie.errors import may_be_applied
from coodie_drivers.values import UNSET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from coodie._query.options import Call
    from coodie._schema.columns import Column


def doubt(error: BaseException, know: Callable[..., object], *args: object) -> None:
    """Let a document doubt what a failed write of it would have changed in its row, unless it surely did not.

    A write that timed out, or whose task was cancelled, may be made. The next one that compares with the row then
    writes these columns whole, whatever they are. Of a row that may have been deleted nothing is known.

    Args:
        error: what the write ended with.
        know: lets the document know of its row where the write was made, and may change the document itself.
        args: those of `know`, the document among them.
    """
    document = document_among(args)
    if document is None or not may_be_applied(error):
        return
    schema = table_schema(type(document))
    if know is know_nothing:
        if schema.version is None:  # else it is asked about, and the row is gone or as it was known
            know_nothing(document)
        return
    is_known = known_of(document, schema) is not None
    written = twin_of(document)  # what the document would be and know where the write was made
    if not is_known and perhaps_of(written) is None:  # so that an update of it is noted, whatever the settings say
        RowSlot.write(written, MayHave((), (), place_of(document), has_forgotten(document), saved=False))
    know(*(written if each is document else each for each in args))
    perhaps = perhaps_of(written)
    if is_known:
        know_in_doubt(document, schema, known_values(written, schema))
    elif perhaps is None:  # a save
        know_perhaps(document, schema, written)
    elif perhaps.columns:  # what an update puts into such a row is in doubt where it was made as well
        RowSlot.write(document, perhaps)


def doubt_all(error: BaseException, calls: Sequence[Call]) -> None:
    """Do as `doubt` does for each write of a batch that failed.

    Args:
        error: what the batch ended with.
        calls: what would be called behind the batch: besides what lets documents know, the program's own functions.
    """
    for call, args in calls:
        if call in KNOWING:
            doubt(error, call, *args)


def documents_of(calls: Iterable[Call]) -> Iterator[DocumentBase]:
    """The documents that writes are of which end in these calls; one that several are of, several times."""
    for _, args in calls:
        document = document_among(args)
        if document is not None:
            yield document


def columns_of(calls: Iterable[Call]) -> set[Column]:
    """The columns that writes change which end in these calls, where these let a document know of its row."""
    columns: set[Column] = set()
    for call, args in calls:
        changes = args[-1] if args else None
        if isinstance(changes, Changes):
            columns.update(each.column for each in changes.assignments)
        elif isinstance(changes, Deleted):
            columns.update((*changes.columns, *(column for column, _ in changes.elements)))
        elif call is know_sent:
            columns.update(column for column, value in zip(*args[-2:], strict=True) if value is not UNSET)
        elif call in KNOWING and (document := document_among(args)) is not None:
            schema = table_schema(type(document))
            columns.update(schema.row_columns if call is know_nothing else schema.columns)
    return columns


def deletes_row(calls: Iterable[Call]) -> bool:
    """Whether one of the writes deletes a row which end in these calls."""
    return any(call is know_nothing for call, _ in calls)


def document_among(args: Sequence[object]) -> DocumentBase | None:
    """The document that a call lets know of its row."""
    return next((each for each in args if isinstance(each, DocumentBase)), None)
