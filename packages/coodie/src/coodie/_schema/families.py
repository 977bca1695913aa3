"""What a class of a family holds: the table of all, with its own value of the discriminator only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coodie._schema.columns import Column, ModelSchema


def narrowed(schema: ModelSchema, value: str) -> ModelSchema:
    """The schema of a class whose discriminator has this value only."""
    columns = tuple(_narrowed(schema.model, each, value) if each.discriminates else each for each in schema.columns)
    by_name = {column.name: column for column in columns}
    return replace(
        schema,
        columns=columns,
        partition_key=tuple(by_name[each.name] for each in schema.partition_key),
        clustering_key=tuple(by_name[each.name] for each in schema.clustering_key),
    )


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
