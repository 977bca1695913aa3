"""Rows of a family → documents, each of the class that its discriminator names, or what is made of these."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from coodie._hydration.rows import Hydrator, hydrator_for
from coodie._model.base import DocumentBase
from coodie._query.matching import class_named

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from coodie._query.target import Target
    from coodie._schema.columns import Column, ModelSchema

D = TypeVar("D", bound=DocumentBase)


def family_hydrator(
    target: Target[D], columns: tuple[Column, ...], *, validated: bool | None = None
) -> Callable[[Sequence[tuple[Any, ...]]], list[D]]:
    """The function that turns rows of these columns into documents of a model and the classes derived from it.

    A row whose discriminator is null or names no known class becomes an instance of the model that was asked for.

    Args:
        target: the model that was asked for; it belongs to a family.
        columns: the columns of a row, the discriminator among them: for whole documents `family.columns(model)`.
        validated: whether rows are validated; None leaves it to what the driver says of itself.
    """
    return by_class(
        target, columns, lambda schema, own: hydrator_for(target, schema.document, own, validated=validated)
    )


def by_class(
    target: Target[Any],
    columns: tuple[Column, ...],
    make: Callable[[ModelSchema, tuple[Column, ...]], Hydrator],
) -> Hydrator:
    """The function that reads rows by the classes that their discriminators name.

    Args:
        target: the model that was asked for.
        columns: the columns of a row, in a family with the discriminator among them where a row is of one class.
        make: makes what reads rows of a class, of its own columns.
    """
    family = target.schema.family
    tells = None if family is None else family.discriminator.name
    place = next((place for place, column in enumerate(columns) if column.name == tells), None)
    if place is None:  # no family, or rows of partitions, which may have several classes
        return make(target.schema, columns)
    value_of = itemgetter(place)
    known: dict[object, Hydrator] = {}

    def read(rows: Sequence[tuple[Any, ...]]) -> list[Any]:
        items: list[Any] = []
        for value, alike in groupby(rows, value_of):
            made = known.get(value)
            if made is None:
                made = known[value] = _of_class(class_named(target, value), columns, make)
            items += made(list(alike))
        return items

    return read


def _of_class(
    schema: ModelSchema,
    columns: tuple[Column, ...],
    make: Callable[[ModelSchema, tuple[Column, ...]], Hydrator],
) -> Hydrator:
    """What reads rows of a class, which takes its own columns out of a row."""
    own = {column.name: column for column in schema.columns}
    places = [place for place, column in enumerate(columns) if column.name in own]
    read = make(schema, tuple(own[columns[place].name] for place in places))
    if len(places) == len(columns):
        return read
    if len(places) == 1:
        return lambda rows: read([(row[places[0]],) for row in rows])
    pick = itemgetter(*places)
    return lambda rows: read([pick(row) for row in rows])
