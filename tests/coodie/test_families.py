"""Families of classes that share a table: what their definitions make and refuse, and rows of each class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import create_model

from coodie._hydration.families import family_hydrator
from coodie._model.base import complete_schema
from coodie._query.target import Target
from coodie.exceptions import DocumentNotFound, InvalidModelError, InvalidQueryError
from coodie.fields import BigInt, ClusteringKey, Discriminator, Indexed, PrimaryKey
from coodie.sync import Document

if TYPE_CHECKING:
    from coodie_drivers.testing.scripted import ScriptedDriver


class Animal(Document):
    id: Annotated[int, PrimaryKey()]
    kind: Annotated[str, Discriminator(), Indexed()] = ""
    name: str = ""


class Cat(Animal):
    lives: int = 9

    class Settings:
        __discriminator_value__ = "cat"


class Dog(Animal):
    tricks: list[str] = []

    class Settings:
        discriminator_value = "dog"


class Puppy(Dog):
    weeks: int | None = None

    class Settings(Dog.Settings):
        discriminator_value = "puppy"


def test_what_is_not_found_names_the_fields_that_were_asked_for(driver: ScriptedDriver) -> None:
    with pytest.raises(DocumentNotFound, match=r"^no Cat with the given 'id'$"):
        Cat.get(id=1)
    assert "kind = ?" in driver.requests[0].statement.cql


def test_the_classes_share_the_table_which_has_the_columns_of_all(driver: ScriptedDriver) -> None:
    assert {each.table_name() for each in (Animal, Cat, Dog, Puppy)} == {"animal"}
    for model in (Animal, Cat, Puppy):
        model.sync_table()
        table, _, columns, *_ = driver.tables[-1]
        assert table == "animal"
        assert [(each.name, each.cql_type, each.index) for each in columns] == [
            ("id", "int", False),
            ("kind", "text", True),
            ("name", "text", False),
            ("lives", "int", False),
            ("tricks", "list<text>", False),
            ("weeks", "int", False),
        ]


def test_a_class_has_its_value_by_default_and_takes_no_other(driver: ScriptedDriver) -> None:
    assert (Cat(id=1).kind, Dog(id=1).kind, Puppy(id=1).kind) == ("cat", "dog", "puppy")
    Puppy(id=1).save()
    assert driver.requests[-1].params[1] == "puppy"
    with pytest.raises(InvalidQueryError, match="that of Cat is 'cat'; leave it out"):
        Cat(id=1, kind="dog").save()
    with pytest.raises(InvalidQueryError, match="that of Cat is 'cat'"):
        Cat.find(kind="dog")
    Animal(id=1, kind="fish").save()


def target_of(model: type[Any], *, validates_rows: bool) -> Target[Any]:
    schema = complete_schema(model)
    return Target(model, schema, "ks", validates_rows=validates_rows, supports_unset=True)


@pytest.mark.parametrize("validated", [False, True])
def test_rows_become_instances_of_their_classes_in_order(validated: bool) -> None:
    family = complete_schema(Animal).family
    assert family is not None
    columns = family.columns(Animal)
    assert [each.name for each in columns] == ["id", "kind", "name", "lives", "tricks", "weeks"]
    rows = [
        (1, "cat", "a", 7, None, None),
        (2, "cat", "b", None, None, None),
        (3, "puppy", "c", None, ["sit"], 5),
        (4, "dog", "d", None, None, None),
        (5, "fish", "e", None, None, None),
        (6, "cat", "f", 1, None, None),
    ]
    found = family_hydrator(target_of(Animal, validates_rows=validated), columns)(rows)
    assert found == [
        Cat(id=1, name="a", lives=7),
        Cat(id=2, name="b"),
        Puppy(id=3, name="c", tricks=["sit"], weeks=5),
        Dog(id=4, name="d"),
        Animal(id=5, kind="fish", name="e"),
        Cat(id=6, name="f", lives=1),
    ]
    assert [type(each) for each in found] == [Cat, Cat, Puppy, Dog, Animal, Cat]


def test_a_class_reads_those_derived_from_it_too() -> None:
    family = complete_schema(Dog).family
    assert family is not None
    assert family.values_of(Dog) == ("dog", "puppy")
    assert family.values_of(Animal) == ("cat", "dog", "puppy")
    columns = family.columns(Dog)
    assert [each.name for each in columns] == ["id", "kind", "name", "tricks", "weeks"]
    rows = [(1, "dog", "a", ["x"], None), (2, "puppy", "b", None, 3)]
    found = family_hydrator(target_of(Dog, validates_rows=False), columns)(rows)
    assert found == [Dog(id=1, name="a", tricks=["x"]), Puppy(id=2, name="b", weeks=3)]


@pytest.mark.parametrize(
    ("model", "operator", "value"), [(Cat, "=", "cat"), (Puppy, "=", "puppy"), (Dog, "IN", ["dog", "puppy"])]
)
def test_a_query_of_a_class_asks_for_its_values(model: type[Document], operator: str, value: object) -> None:
    state = model.find().state
    assert [(lookup.column.field, lookup.operator) for lookup in state.lookups] == [("kind", operator)]
    assert state.values == (value,)


def test_a_query_of_the_base_asks_for_all() -> None:
    class Alone(Document):
        id: Annotated[int, PrimaryKey()]

    assert Animal.find().state.lookups == ()
    assert Alone.find().state.lookups == ()


def test_columns_that_were_not_asked_for_are_left_out() -> None:
    schema = complete_schema(Animal)
    columns = (schema.by_name["id"], schema.by_name["kind"])
    (found,) = family_hydrator(target_of(Animal, validates_rows=False), columns)([(1, "cat")])
    assert type(found) is Cat
    assert found.__dict__ == {"id": 1, "kind": "cat"}


def subclass(settings: dict[str, Any], **annotations: Any) -> type[Animal]:
    inner = type("Settings", (), {"__module__": __name__, "__qualname__": "Wrong.Settings", **settings})
    body = {"__annotations__": annotations, "__module__": __name__, "__qualname__": "Wrong", "Settings": inner}
    metaclass: Any = type(Animal)
    made: type[Animal] = metaclass("Wrong", (Animal,), body)
    return made


@pytest.mark.parametrize(
    ("settings", "annotations", "sentence"),
    [
        ({}, {}, 'has no value to be told by; set __discriminator_value__ = "wrong" in its Settings'),
        ({"discriminator_value": "cat"}, {}, "is 'cat', which Cat has already; give it one of its own"),
        ({"discriminator_value": 3}, {}, "is a text"),
        ({"discriminator_value": "w", "name": "own"}, {}, "has the table of Animal.*; leave name and keyspace out"),
        (
            {"discriminator_value": "w"},
            {"lives": Annotated[int, BigInt()]},
            "field 'lives' is CQL bigint, and int in Cat, which has the same table",
        ),
        (
            {"discriminator_value": "w"},
            {"at": Annotated[int, ClusteringKey()]},
            "field 'at' is a key, and the table of Animal has its key already; put keys into Animal",
        ),
        (
            {"discriminator_value": "w"},
            {"other": Annotated[str, Discriminator()]},
            r"fields 'kind' and 'other' are marked Discriminator\(\)",
        ),
    ],
)
def test_a_wrong_class_is_refused(settings: dict[str, Any], annotations: dict[str, Any], sentence: str) -> None:
    before = complete_schema(Animal).family
    assert before is not None
    members = dict(before.members)
    with pytest.raises(InvalidModelError, match=sentence):
        subclass(settings, **annotations)
    assert before.members == members


def test_a_wrong_discriminator_is_refused() -> None:
    for kind in (Annotated[int, Discriminator()], Annotated[str | None, Discriminator()]):
        fields: dict[str, Any] = {"id": (Annotated[int, PrimaryKey()], ...), "kind": (kind, ...)}
        with pytest.raises(InvalidModelError, match=r"write kind: Annotated\[str, Discriminator\(\)\]"):
            create_model("Wrong", __base__=Document, **fields)

    with pytest.raises(InvalidModelError, match="needs a discriminator; mark a field of its base class"):

        class Lonely(Document):  # pyright: ignore[reportUnusedClass]
            id: Annotated[int, PrimaryKey()]

            class Settings:
                discriminator_value = "x"


def test_abstract_classes_between_are_no_rows(driver: ScriptedDriver) -> None:
    class Shape(Document):
        id: Annotated[int, PrimaryKey()]
        kind: Annotated[str, Discriminator()] = ""

        class Settings:
            discriminator_value = "shape"

    class Round(Shape):
        radius: int = 1

        class Settings(Shape.Settings):
            abstract = True

    class Circle(Round):
        class Settings(Round.Settings):
            discriminator_value = "circle"

    assert Shape(id=1).kind == "shape"
    with pytest.raises(InvalidModelError, match="is abstract"):
        Round.table_name()
    Circle.sync_table()
    assert [each.name for each in driver.tables[-1][2]] == ["id", "kind", "radius"]
