"""Fields whose collections are of classes of their own, and user types in collections, change as plain ones do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import pytest

from coodie.aio import Document
from coodie.exceptions import InvalidValueError
from coodie.fields import PrimaryKey
from coodie.usertype import UserType

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class Marks(dict[str, int]):
    """Marks by name."""


class Words(list[str]):
    """Words in order."""


class Tags(set[str]):
    """Tags."""


class Home(UserType):
    street: str = ""

    class Settings:
        __type_name__ = "home_in_collections"


class Bag(Document):
    id: Annotated[str, PrimaryKey()]
    marks: Marks = Marks()
    words: Words = Words()
    tags: Tags = Tags()
    homes: list[Home] = []

    class Settings:
        name = "bags_of_own_collections"


@pytest.fixture
async def bag(connection: AbstractDriver) -> Bag:
    await Bag.sync_table()
    made = Bag(id=uuid4().hex, marks=Marks(a=1), words=Words(["a", "b"]), tags=Tags({"a"}))
    await made.save()
    return made


async def test_what_changed_inside_is_written(bag: Bag) -> None:
    bag.marks["b"] = 2
    bag.words.append("c")
    bag.tags.add("b")
    await bag.update()
    bag.marks["a"] = 3
    del bag.marks["b"]
    bag.words.insert(0, "z")
    bag.tags.discard("a")
    await bag.update()
    again = await Bag.get(id=bag.id)
    assert (again.marks, again.words, again.tags) == ({"a": 3}, ["z", "a", "b", "c"], {"b"})
    assert (type(again.marks), type(again.words), type(again.tags)) == (Marks, Words, Tags)
    assert again == bag


async def test_the_operations_take_plain_collections(bag: Bag) -> None:
    await bag.update(put__marks={"b": 2}, append__words=["c"], add__tags={"b"})
    await bag.update(update__marks={"c": 3}, prepend__words="z", remove__tags="a")
    await bag.update(remove__marks=["a"], setindex__words=(0, "y"))
    again = await Bag.get(id=bag.id)
    assert (again.marks, again.words, again.tags) == ({"b": 2, "c": 3}, ["y", "a", "b", "c"], {"b"})
    assert again == bag
    assert (type(bag.marks), type(bag.words), type(bag.tags)) == (Marks, Words, Tags)
    with pytest.raises(InvalidValueError, match=r"^Bag\.marks"):
        await bag.update(put__marks={"a": "x"})
    with pytest.raises(InvalidValueError, match=r"^Bag\.marks"):
        await bag.update(put__marks=5)


async def test_one_user_type_stands_for_a_collection_of_one(bag: Bag) -> None:
    await bag.update(append__homes=Home(street="Elm"))
    await bag.update(prepend__homes=Home(street="Oak"))
    await Bag.find(id=bag.id).update(homes__append=Home(street="Ash"))
    await bag.update(remove__homes=Home(street="Elm"))
    again = await Bag.get(id=bag.id)
    assert again.homes == [Home(street="Oak"), Home(street="Ash")]
