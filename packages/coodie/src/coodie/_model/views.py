"""The materialized views that models are defined of, by the table that they are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakSet

if TYPE_CHECKING:
    from coodie._schema.columns import ModelSchema

_DEFINED: WeakSet[type[Any]] = WeakSet()


def note_view(model: type[Any]) -> None:
    """Take note of a model of a view."""
    _DEFINED.add(model)


def views_of(schema: ModelSchema) -> list[ModelSchema]:
    """The views that are made of a table, by the names of their models."""
    schemas: list[ModelSchema] = [model.__dict__["__coodie_schema__"] for model in list(_DEFINED)]
    found = [each for each in schemas if each.view is not None and each.view.base_table == schema.table]
    return sorted((each for each in found if each.keyspace == schema.keyspace), key=lambda each: each.model)
