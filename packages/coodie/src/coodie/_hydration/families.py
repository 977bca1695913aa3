"""Rows of a family → documents, each of the class that its discriminator names."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from coodie._hydration.rows import Hydrator, hydrator_for
from coodie._model.base import DocumentBase

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from coodie._query.target import Target
    from coodie._schema.columns import Column, Family

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
    family = target.schema.family
    if family is None:
        return hydrator_for(target, target.model, columns, validated=validated)
    name = family.discriminator.name
    value_of = itemgetter(next(place for place, column in enumerate(columns) if column.name == name))
    known: dict[object, Hydrator] = {}

    def hydrate(rows: Sequence[tuple[Any, ...]]) -> list[D]:
        documents: list[D] = []
        for value, alike in groupby(rows, value_of):
            made = known.get(value)
            if made is None:
                made = known[value] = _of_class(target, family, value, columns, validated=validated)
            documents += made(list(alike))
        return documents

    return hydrate


def _of_class(
    target: Target[Any], family: Family, value: object, columns: tuple[Column, ...], *, validated: bool | None
) -> Hydrator:
    """The hydrator of the class that this value names, which takes its own columns out of a row."""
    member = family.members.get(value) if isinstance(value, str) else None
    if member is None or not issubclass(member.model, target.model):
        model, schema = target.model, target.schema
    else:
        model, schema = member.model, member.schema
    own = {column.name: column for column in schema.columns}
    places = [place for place, column in enumerate(columns) if column.name in own]
    hydrate = hydrator_for(target, model, tuple(own[columns[place].name] for place in places), validated=validated)
    if len(places) == len(columns):
        return hydrate
    if len(places) == 1:
        return lambda rows: hydrate([(row[places[0]],) for row in rows])
    pick = itemgetter(*places)
    return lambda rows: hydrate([pick(row) for row in rows])
