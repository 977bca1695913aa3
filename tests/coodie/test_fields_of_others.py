"""Expressions of fields are those of their model: a field of another model is not taken for the one of its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie import Token, col
from coodie.exceptions import InvalidQueryError
from coodie.fields import ClusteringKey, Discriminator, PrimaryKey
from coodie.sync import Document, MaterializedView

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Part(Document):
    a: Annotated[int, PrimaryKey()]
    c: Annotated[int, ClusteringKey()]
    v: int = 0


class Other(Document):
    a: Annotated[int, PrimaryKey()]
    c: Annotated[int, ClusteringKey()]
    v: int = 0
    w: int = 0


class Abstract(Document):
    a: Annotated[int, PrimaryKey()]
    v: int = 0

    class Settings:
        abstract = True


class Kept(Abstract):
    pass


class Sibling(Abstract):
    pass


class Animal(Document):
    a: Annotated[int, PrimaryKey()]
    kind: Annotated[str, Discriminator()] = ""
    v: int = 0


class Cat(Animal):
    class Settings:
        __discriminator_value__ = "cat"


class Dog(Animal):
    class Settings:
        __discriminator_value__ = "dog"


class PartByV(MaterializedView):
    v: Annotated[int, PrimaryKey()]
    a: Annotated[int, ClusteringKey()]
    c: Annotated[int, ClusteringKey(clustering_key_index=1)]

    class Settings:
        __base_table__ = "part"


VERBS: dict[str, Callable[[Any, Any], Any]] = {
    "filter()": lambda model, other: model.find(col(other.v) == 1),
    "iff()": lambda model, other: model.find(a=1).iff(col(other.v) == 1),
    "only()": lambda model, other: model.find().only(other.v),
    "defer()": lambda model, other: model.find().defer(other.v),
    "values_list()": lambda model, other: model.find().values_list(other.v),
    "order_by()": lambda model, other: model.find().order_by(col(other.v).desc()),
    "sum()": lambda model, other: model.find(a=1).sum(other.v),
    "cast()": lambda model, other: model.find().cast(other.v, "text"),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(("model", "other"), [(Part, Other), (Kept, Sibling), (Cat, Other), (PartByV, Other)])
def test_a_field_of_another_model_is_refused(verb: str, model: Any, other: Any, driver: ScriptedDriver) -> None:
    problem = f"{verb} of {model.__name__} names {other.__name__}.v, a field of another model; write {model.__name__}.v"
    with pytest.raises(InvalidQueryError) as refused:
        VERBS[verb](model, other)
    assert str(refused.value) == problem
    assert driver.requests == []


@pytest.mark.parametrize("verb", ["filter()", "only()", "values_list()", "order_by()", "cast()"])
@pytest.mark.parametrize(
    ("model", "other"),
    [(Kept, Abstract), (Cat, Animal), (Animal, Cat), (Cat, Dog), (PartByV, Part), (Part, PartByV)],
)
def test_a_field_of_the_same_hierarchy_or_table_is_taken(verb: str, model: Any, other: Any) -> None:
    assert VERBS[verb](model, other).model is model


def test_a_token_of_another_model_is_refused() -> None:
    with pytest.raises(InvalidQueryError, match=r"names Other\.a, a field of another model"):
        Part.find(Token(Other.a) > Token(5))


def test_what_only_the_other_model_has_is_refused_as_its_field() -> None:
    with pytest.raises(InvalidQueryError, match=r"names Other\.w, a field of another model; name a field of Part$"):
        Part.find(col(Other.w) == 1)
