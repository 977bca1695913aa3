"""What a class of a family holds: the table of all, with its own value of the discriminator only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coodie._schema.columns import Column, ModelSchema


def narrowed(schema: ModelSchema, values: tuple[str, ...]) -> ModelSchema:
    """The schema of a class whose discriminator has one of these values only."""
    columns = tuple(_narrowed(schema.model, each, values) if each.discriminates else each for each in schema.columns)
    by_name = {column.name: column for column in columns}
    return replace(
        schema,
        columns=columns,
        partition_key=tuple(by_name[each.name] for each in schema.partition_key),
        clustering_key=tuple(by_name[each.name] for each in schema.clustering_key),
    )


def _narrowed(model: str, column: Column, values: tuple[str, ...]) -> Column:
    check = column.type.encode

    def encode(value: Any) -> Any:
        if value not in values:
            raise ValueError(f"tells the classes apart, and that of {model} is {values[0]!r}; leave it out")
        return value if check is None else check(value)

    return replace(column, type=replace(column.type, encode=encode))
