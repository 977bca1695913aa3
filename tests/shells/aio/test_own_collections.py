"""Fields whose collections are of classes of their own, and user types in collections, change as plain ones do."""

from __future__ import annotations

import warnings
from collections import Counter, defaultdict
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar
from uuid import uuid4

import pytest
from pydantic import Field

from coodie.aio import Document
from coodie.exceptions import InvalidValueError
from coodie.fields import PrimaryKey
from coodie.usertype import UserType

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")


class Marks(dict[str, int]):
    """Marks by name."""


class Words(list[str]):
    """Words in order."""


class Tags(set[str]):
    """Tags."""


class ByName(dict[str, T]):
    """Something by name."""


class ByNumber(dict[V, K], Generic[K, V]):
    """Its parameters stand in another order than a dict's."""


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
    counted: Counter[str] = Counter()
    seen: AbstractSet[int] = frozenset()
    named: ByName[int] = ByName()
    numbered: ByNumber[str, int] = ByNumber()
    deep: dict[str, Counter[str]] = {}

    class Settings:
        name = "bags_of_own_collections"


class Groups(defaultdict[str, list[int]]):
    """Says by itself what a new key has, so that it is made of entries alone."""

    def __init__(self, entries: Any = ()) -> None:
        super().__init__(list, entries)


class Summed(list[int]):
    """Adds another list to itself number by number."""

    def __add__(self, other: Any) -> Any:
        return Summed(each + more for each, more in zip(self, other, strict=True))

    __radd__ = __add__


class Both(set[str]):
    """Has its own idea of `|`."""

    def __or__(self, other: Any) -> Any:
        return Both(self & {*other})

    __ror__ = __or__


class Ledger(Document):
    """Its collections have operators of their own."""

    id: Annotated[str, PrimaryKey()]
    groups: Groups = Groups()
    sums: Summed = Summed()
    tags: Both = Both()

    class Settings:
        name = "ledgers_of_own_collections"


class Index(Document):
    """Its dicts make what they do not have."""

    id: Annotated[str, PrimaryKey()]
    pages: defaultdict[str, list[int]] = defaultdict(list)
    counted: defaultdict[str, int] | None = None
    given: defaultdict[str, Annotated[list[str], Field(default_factory=lambda: ["see"])]] = defaultdict(list)
    homes: defaultdict[str, Annotated[Home, Field(default_factory=Home)]] = defaultdict(Home)
    words: defaultdict[str, Annotated[Words, Field(default_factory=Words)]] = defaultdict(Words)
    deep: dict[str, defaultdict[str, set[str]]] = {}

    class Settings:
        name = "indexes_of_own_collections"


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


async def test_counters_and_sets_that_do_not_change_are_read_as_they_are_made(bag: Bag) -> None:
    bag.counted.update("aab")
    bag.seen = frozenset({1, 2})
    bag.named["a"] = 1
    bag.numbered[7] = "b"
    bag.deep = {"x": Counter("cc")}
    await bag.save()
    again = await Bag.get(id=bag.id)
    assert again == bag
    kinds: list[Any] = [again.counted, again.seen, again.named, again.numbered, again.deep["x"]]
    assert [type(each) for each in kinds] == [Counter, frozenset, ByName, ByNumber, Counter]
    assert again.counted["nothing"] == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert again.model_dump_json() == bag.model_dump_json()
    (empty,) = await Bag.find(id=(await Bag.create(id=uuid4().hex)).id).all()
    assert (type(empty.counted), type(empty.seen), type(empty.named)) == (Counter, frozenset, ByName)


async def test_they_change_in_place(bag: Bag) -> None:
    await bag.update(put__counted={"z": 4}, add__seen=[5], put__named={"n": 1})
    bag.counted["z"] += 1
    await bag.update()
    await bag.update(add__seen={6})
    await bag.update(remove__seen={5})
    again = await Bag.get(id=bag.id)
    assert (again.counted, again.seen, again.named) == (Counter(z=5), {6}, {"n": 1})
    assert again == bag
    assert (type(bag.counted), type(bag.seen)) == (Counter, frozenset)
    for wrong in (["x"], [[1]]):
        with pytest.raises(InvalidValueError, match=r"^Bag\.seen"):
            await bag.update(add__seen=wrong)


async def test_a_default_dict_is_read_with_the_default_that_pydantic_gives_it(connection: AbstractDriver) -> None:
    await Index.sync_table()
    plain: dict[str, Any] = {
        "pages": {"a": [1]},
        "counted": {"a": 2},
        "given": {"a": ["x"]},
        "deep": {"x": {"a": {"b"}}},
    }
    made = Index(id=uuid4().hex, **plain)
    await made.save()
    checked = await Index.find(id=made.id).validate().all()
    for read in (await Index.get(id=made.id), *checked):
        assert read == made
        assert read.counted is not None
        for held in (read.pages, read.counted, read.given, read.homes, read.words, read.deep["x"]):
            assert type(held) is defaultdict
        new = read.pages["z"], read.counted["z"], read.given["z"], read.homes["z"], read.deep["x"]["z"]
        assert new == ([], 0, ["see"], Home(), set())
        assert type(read.words["z"]) is Words
    empty = await Index.get(id=(await Index.create(id=uuid4().hex)).id)
    assert (empty.pages["z"], empty.counted, empty.homes["z"]) == ([], None, Home())


async def test_a_default_dict_changes_in_place(connection: AbstractDriver) -> None:
    await Index.sync_table()
    mine = await Index.create(id=uuid4().hex, pages={"a": [1]})
    await Index.find(id=mine.id).update(put__pages={"b": [2]})
    mine.pages["c"].append(3)
    mine.homes["x"].street = "Elm"
    await mine.update()
    read = await Index.get(id=mine.id)
    assert (read.pages, read.homes) == ({"a": [1], "b": [2], "c": [3]}, {"x": Home(street="Elm")})
    await read.update(put__pages={"d": [4]}, counted={"a": 1})
    await read.update(remove__pages=["a"])
    await read.delete_columns(collection_elements=[("pages", "b")])
    assert read.pages == {"c": [3], "d": [4]}
    assert read.counted is not None
    assert (read.pages["z"], read.counted["z"]) == ([], 0)
    again = await Index.get(id=mine.id)
    assert (again.pages, again.counted) == ({"c": [3], "d": [4]}, {"a": 1})


async def test_operators_of_a_class_change_no_row_and_no_document(connection: AbstractDriver) -> None:
    await Ledger.sync_table()
    mine = await Ledger.create(id=uuid4().hex, groups=Groups({"a": [1]}), sums=Summed([1, 2]), tags=Both({"a"}))
    mine.groups["c"].append(3)
    mine.sums.append(3)
    mine.tags.add("b")
    await mine.update()
    await mine.update(put__groups={"b": [2]}, append__sums=[4], add__tags={"c"})
    await mine.update(remove__groups=["a"], prepend__sums=[0])
    again = await Ledger.get(id=mine.id)
    for document in (mine, again):
        held = document.groups, document.sums, document.tags
        assert held == ({"b": [2], "c": [3]}, [0, 1, 2, 3, 4], {"a", "b", "c"})
        assert [type(each) for each in held] == [Groups, Summed, Both]
        assert document.groups["z"] == []
