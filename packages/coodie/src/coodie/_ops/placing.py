"""Documents and where their rows are: what a write in a place that somebody has named means for one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie._model.tracking import (
    RowSlot,
    has_forgotten,
    is_elsewhere,
    is_of_row,
    kept_row,
    know,
    know_there,
    known_values,
    lets_know,
    may_have_of,
    perhaps_of,
    place_of,
)
from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.values import UNSET

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coodie._model.base import DocumentBase
    from coodie._model.tracking import Place
    from coodie._query.options import Call
    from coodie._query.target import Target
    from coodie._schema.columns import Column


def know_in(target: Target[Any], document: DocumentBase, columns: tuple[Column, ...], row: tuple[Any, ...]) -> None:
    """Let a document know what its row holds now."""
    if target.place is None:
        know(document, target.schema, columns, row)
    else:
        know_there(document, target, columns, row)


def knowing_in(target: Target[Any], document: DocumentBase, columns: tuple[Column, ...], row: tuple[Any, ...]) -> Call:
    """What lets a document know so when a batch was sent."""
    if target.place is None:
        return RowSlot.write, (document, kept_row(target.schema, columns, row))
    return know_there, (document, target, columns, row)


@lets_know
def know_sent(target: Target[Any], document: DocumentBase, columns: tuple[Column, ...], sent: tuple[Any, ...]) -> None:
    """Let a document know what was sent of its row, and of what was left `UNSET` keep what it knows by now."""
    schema = target.schema
    before = known_before(target, document, columns, sent)
    if not has_forgotten(document):
        # One that never had a row has most likely made it: what others have there is not for it to overwrite.
        held: dict[str, Any] = vars(document)
        sent = tuple(
            [
                None if value is UNSET and column not in before and column.is_null(held.get(column.field)) else value
                for column, value in zip(columns, sent, strict=True)
            ]
        )
    if len(before) == len(schema.columns) == len(columns):  # as nearly always
        row = [before[column] if value is UNSET else value for column, value in zip(columns, sent, strict=True)]
        know_in(target, document, columns, tuple(row))
    elif before or any(value is UNSET for value in sent):
        written = {column: value for column, value in zip(columns, sent, strict=True) if value is not UNSET}
        values = {**before, **written}
        kept = tuple([column for column in schema.columns if column in values])
        know_in(target, document, kept, tuple([values[column] for column in kept]))
    else:
        know_in(target, document, columns, sent)


def known_before(
    target: Target[Any], document: DocumentBase, columns: Sequence[Column], sent: Sequence[Any]
) -> Mapping[Column, Any]:
    """What a document knows of the row that was written, or doubts; nothing where it knows of another one."""
    perhaps = perhaps_of(document)
    if perhaps is not None:
        there = _is_there(target, perhaps.within)
        return may_have_of(target.schema, perhaps, columns, sent) if there else {}
    if target.place is None:
        elsewhere = place_of(document) is not None
    else:
        elsewhere = is_elsewhere(document, target.place, at_home=target.at_home)
    known = {} if elsewhere else known_values(document, target.schema)
    return known if is_of_row(target.schema, known, columns, sent) else {}


def _is_there(target: Target[Any], place: Place | None) -> bool:
    """Whether a target is in a place, None being that of its model."""
    if place is None:
        return target.place is None or target.at_home
    return target.place == place


def refuse_elsewhere(target: Target[Any], document: DocumentBase, verb: str) -> None:
    """Refuse to change a row, in a place that was named, by a document that has its row in another one.

    Raises:
        InvalidQueryError: it has.
    """
    if target.place is not None and is_elsewhere(document, target.place, at_home=target.at_home):
        model = target.schema.model
        problem = f"this {model} has its row in {_named(place_of(document))}, and using() says {_named(target.place)}"
        fix = f"leave the block, or read it there first{_write_there(target, verb)}"
        raise InvalidQueryError(f"{problem}, where {verb}() would change another row; {fix}")


def _write_there(target: Target[Any], verb: str) -> str:
    """What writes such a document in the place that is named; nothing saves a row of counters."""
    model = target.schema.model
    if not target.model.__coodie_counters__:
        return f"; save() writes a copy of the whole {model} there"
    return f"; {model}.{verb}(...) with the key counts there" if verb in ("increment", "decrement") else ""


def refuse_unnamed(target: Target[Any], document: DocumentBase, verb: str) -> None:
    """Refuse to write a document by a query of its model that names no place, where its row is in another one.

    Raises:
        InvalidQueryError: it is.
    """
    place = place_of(document) if RowSlot.placed and target.place is None else None
    if place is not None and place != (None, target.keyspace):
        model = target.schema.model
        arguments = ", ".join(f'{name}="{value}"' for name, value in place._asdict().items() if value is not None)
        problem = f"this {model} has its row in {_named(place)}, and {verb}() would write it into the model's own place"
        raise InvalidQueryError(f"{problem}; say where: {model}.find().using({arguments}).{verb}(...)")


def _named(place: tuple[str | None, str | None] | None) -> str:
    if place is None:
        return "the place of its model"
    connection, keyspace = place
    there = f"keyspace {keyspace!r}" if keyspace is not None else "the session's keyspace"
    return there if connection is None else f"{there} of connection {connection!r}"
