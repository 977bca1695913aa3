"""What a class of a family holds: the table of all, with its own value of the discriminator only."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, get_origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie._schema.columns import Column, ModelSchema


def narrowed(schema: ModelSchema, value: str) -> ModelSchema:
    """The schema of a class whose discriminator has this value only."""
    return _with_columns(
        schema, [_narrowed(schema.model, each, value) if each.discriminates else each for each in schema.columns]
    )


def _with_columns(schema: ModelSchema, columns: Sequence[Column]) -> ModelSchema:
    by_name = {column.name: column for column in columns}
    return replace(
        schema,
        columns=tuple(columns),
        partition_key=tuple(by_name[each.name] for each in schema.partition_key),
        clustering_key=tuple(by_name[each.name] for each in schema.clustering_key),
    )


def owning(schema: ModelSchema, value: str) -> ModelSchema:
    """The schema of a base whose own instances have this value: its queries are about the rows of all classes."""
    return _with_columns(
        schema, [replace(each, own_value=value) if each.discriminates else each for each in schema.columns]
    )


def names_values(column: Column, schema: ModelSchema) -> bool:
    """Whether the annotation of a discriminator says itself which values there are."""
    said: Any = schema.document.model_fields[column.field].annotation
    return get_origin(said) is Literal or (isinstance(said, type) and issubclass(said, Enum))


def of_another_class(model: str, value: str) -> str:
    """What is said of a discriminator that a class with this value of its own is to have, and of none as well."""
    return f"tells the classes apart, and that of {model} is {value!r}; leave it out"


def _narrowed(model: str, column: Column, own: str) -> Column:
    check = column.type.encode

    def encode(value: Any) -> Any:
        if value != own:
            raise ValueError(of_another_class(model, own))
        return value if check is None else check(value)

    return replace(column, type=replace(column.type, encode=encode), own_value=own)
