"""Documents and where their rows are: what a write in a place that somebody has named means for one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie._model.tracking import RowSlot, is_elsewhere, kept_row, know, know_there, place_of
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from coodie._model.base import DocumentBase
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


def has_forgotten(document: DocumentBase) -> bool:
    """Whether a document, of whose row nothing is known, had one once: it was pickled or deleted since."""
    try:
        RowSlot.read(document)
    except AttributeError:
        return False
    return True


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
