"""The materialized views that models are defined of, by the table that they are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from coodie.errors import InvalidModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coodie._schema.columns import Column, ModelSchema

_DEFINED: WeakSet[type[Any]] = WeakSet()


def note_view(model: type[Any], documents: type[Any]) -> None:
    """Take note of a model of a view.

    Args:
        model: the model.
        documents: the class that all models are derived from.

    Raises:
        InvalidModelError: a field is of another type than the model of the table has.
    """
    schema: ModelSchema = model.__dict__["__coodie_schema__"]
    for column in schema.columns:
        _check_type(schema, column, documents)
    _DEFINED.add(model)


def _check_type(schema: ModelSchema, column: Column, documents: type[Any]) -> None:
    """Refuse a field of another type than the model of the table has, where that is known from the same module.

    Of a model elsewhere, or one that is defined later, nobody knows whether it is the one: the table itself is looked
    at when the view is made.
    """
    if schema.view is None:
        return
    tables = [each for each in _schemas(documents) if each.document.__module__ == schema.document.__module__]
    alike = [each for each in tables if (each.keyspace, each.table) == (schema.keyspace, schema.view.base_table)]
    theirs = [(each.model, each.by_name[column.name]) for each in alike if column.name in each.by_name]
    if theirs and all(other.type.cql != column.type.cql for _, other in theirs):
        model, other = theirs[0]
        problem = f"field {column.field!r} is CQL {column.type.cql}, and {model}.{other.field} is CQL {other.type.cql}"
        raise InvalidModelError(schema.model, f"{problem}; a view has the types of its table, so write the same")


def _schemas(documents: type[Any]) -> Iterator[ModelSchema]:
    """What the models of tables say that are defined by now."""
    for each in documents.__subclasses__():
        schema: ModelSchema | None = each.__dict__.get("__coodie_schema__")
        if schema is not None and schema.view is None and not schema.abstract:
            yield schema
        yield from _schemas(each)


def views_of(schema: ModelSchema) -> list[ModelSchema]:
    """The views that are made of a table, by the names of their models."""
    schemas: list[ModelSchema] = [model.__dict__["__coodie_schema__"] for model in list(_DEFINED)]
    found = [each for each in schemas if each.view is not None and each.view.base_table == schema.table]
    return sorted((each for each in found if each.keyspace == schema.keyspace), key=lambda each: each.model)
