"""What documents do not know of their rows: what a write is about to change, or may have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from coodie._model.base import DocumentBase, table_schema
from coodie._model.tracking import (
    KNOWING,
    InDoubt,
    before_doubt,
    know_changed,
    know_in_doubt,
    know_nothing,
    known_of,
    known_values,
)
from coodie._ops.changed import Changes
from coodie.errors import may_be_applied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from coodie._schema.columns import Column, ModelSchema

Call = tuple["Callable[..., object]", tuple[object, ...]]
"""What is called when a write was made, and with what."""


class Marked(NamedTuple):
    """A write under way of what was found by comparing a document with its row.

    Attributes:
        document: the document.
        schema: its table.
        marks: what was known of the columns, and the marks that stand there meanwhile.
    """

    document: DocumentBase
    schema: ModelSchema
    marks: dict[Column, tuple[Any, InDoubt]]


def doubt(error: BaseException, know: Callable[..., object], *args: object) -> None:
    """Let a document doubt what a failed write of it would have changed in its row, unless it surely did not.

    A write that timed out, or whose task was cancelled, may be made. The next one that compares with the row then
    writes these columns whole, whatever they are. Of a row that may have been deleted nothing is known.

    Args:
        error: what the write ended with.
        know: lets the document know of its row where the write was made, and may change the document itself.
        args: those of `know`, the document among them.
    """
    document = _document_among(args)
    if document is None or not may_be_applied(error):
        return
    schema = table_schema(type(document))
    if know is know_nothing:
        if schema.version is None:  # else it is asked about, and the row is gone or as it was known
            know_nothing(document)
        return
    if known_of(document, schema) is None:
        return
    written = document.__copy__()
    know(*(written if each is document else each for each in args))
    know_in_doubt(document, schema, known_values(written, schema))


def doubt_all(error: BaseException, calls: Sequence[Call]) -> None:
    """Do as `doubt` does for each write of a batch that failed.

    Args:
        error: what the batch ended with.
        calls: what would be called behind the batch: besides what lets documents know, the program's own functions.
    """
    for call, args in calls:
        if call in KNOWING:
            doubt(error, call, *args)


def mark_sent(calls: Iterable[Call]) -> list[Marked]:
    """Let documents doubt what writes are about to change that were found by comparing with their rows.

    Another one that compares meanwhile writes these columns whole: it would find the same, and append it once more.

    Args:
        calls: what will be called where they are made.
    """
    marked: list[Marked] = []
    for _, args in calls:
        changes = args[-1] if args else None
        if not isinstance(changes, Changes) or changes.given == len(changes.assignments):
            continue
        if (document := _document_among(args)) is not None:
            marked.append(_marked(document, [each.column for each in changes.assignments[changes.given :]]))
    return marked


def _marked(document: DocumentBase, columns: Sequence[Column]) -> Marked:
    schema = table_schema(type(document))
    known = known_values(document, schema)
    marks = {each: (known[each], InDoubt(before_doubt(known[each]))) for each in columns if each in known}
    know_changed(document, schema, [*marks], [mark for _, mark in marks.values()])
    return Marked(document, schema, marks)


def unmark(marked: Sequence[Marked]) -> list[Marked]:
    """Let documents know again what they knew before these writes; give of each what others have written meanwhile."""
    others: list[Marked] = []
    for document, schema, marks in reversed(marked):  # two may be of one document
        known = known_values(document, schema)
        own = [column for column, (_, mark) in marks.items() if known.get(column) is mark]
        know_changed(document, schema, own, [marks[column][0] for column in own])
        others.append(Marked(document, schema, {column: marks[column] for column in marks if column not in own}))
    return others


def doubt_others(others: Sequence[Marked]) -> None:
    """Let documents doubt what rows have in columns that two writes at once have changed, in whichever order."""
    for document, schema, marks in others:
        known = known_values(document, schema) if marks else {}
        there = [column for column in marks if column in known]
        know_changed(document, schema, there, [InDoubt(before_doubt(known[column])) for column in there])


def _document_among(args: Sequence[object]) -> DocumentBase | None:
    return next((each for each in args if isinstance(each, DocumentBase)), None)
