"""Whose field an expression is: one of another model is not taken for the field of the same name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie._model.base import complete_schema
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from coodie._schema.columns import ModelSchema


def refuse_foreign(schema: ModelSchema, owner: type[Any], field: str, verb: str) -> None:
    """Refuse a field that is neither of the model, nor of a class above or below it, nor of the same table.

    Raises:
        InvalidQueryError: it is of another model.
    """
    model = schema.document
    if issubclass(model, owner) or issubclass(owner, model) or _table(complete_schema(owner)) == _table(schema):
        return
    fix = f"write {schema.model}.{field}" if field in schema.by_name else f"name a field of {schema.model}"
    raise InvalidQueryError(f"{verb} of {schema.model} names {owner.__name__}.{field}, a field of another model; {fix}")


def _table(schema: ModelSchema) -> tuple[str | None, str]:
    """The table that a model is of: of a view, the one that it is made of."""
    return schema.keyspace, schema.table if schema.view is None else schema.view.base_table
