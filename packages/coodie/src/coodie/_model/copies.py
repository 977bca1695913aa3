"""Copies of documents: they know of their row what the document knows, but for what is being written of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from coodie._model.tracking import InDoubt, RowSlot, differ_from, know_changed, known_values

if TYPE_CHECKING:
    from collections.abc import Collection

    from coodie._schema.columns import Column, ModelSchema

D = TypeVar("D", bound=BaseModel)


def copy_known(document: BaseModel, copied: BaseModel) -> None:
    """Let a copy know of its row what the document knows."""
    try:
        RowSlot.write(copied, RowSlot.read(document))
    except AttributeError:
        return


def twin_of(document: D) -> D:
    """A copy that knows all that the document knows, which a write is tried out on."""
    twin: Any = BaseModel.__copy__(document)
    copy_known(document, twin)
    found: D = twin
    return found


def doubt_under_way(copied: BaseModel, schema: ModelSchema, under_way: Collection[Column]) -> None:
    """Let a copy doubt what its row has where its document is just being written, for it hears of no answer.

    What it holds as the row had it was given for that write by name, and not to the copy: there is nothing to write.

    Args:
        copied: the copy.
        schema: its table.
        under_way: the columns of the document that are being written, or are to be by a batch.
    """
    held: dict[str, Any] = vars(copied)
    doubted = {
        column: InDoubt(value)
        for column, value in known_values(copied, schema).items()
        if column in under_way
        and column.field in held
        and not (column.in_key or column.versions or value.__class__ is InDoubt)
        and differ_from(schema, column, value, held[column.field])
    }
    know_changed(copied, schema, [*doubted], [*doubted.values()])
