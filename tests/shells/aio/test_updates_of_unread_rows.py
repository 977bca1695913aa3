"""What a document has put into a row that it never read, by updates that name fields: saves that skip nulls see it."""

from __future__ import annotations

import copy
import pickle
import random
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import pytest

from coodie.aio import AsyncBatchQuery, Document
from coodie.exceptions import CoodieError, DriverError, InvalidQueryError, OperationTimedOutError
from coodie.fields import ClusteringKey, PrimaryKey, Static, Version
from coodie.usertype import UserType

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers import AbstractDriver
    from coodie_drivers.messages import BatchRequest, Reply, Request

pytestmark = pytest.mark.node

SEEDS = 40
STEPS = 12


class Home(UserType):
    street: str | None = None
    number: int | None = None

    class Settings:
        __type_name__ = "home_of_unread_rows"


class Leaf(Document):
    tree: Annotated[UUID, PrimaryKey()]
    number: Annotated[int, ClusteringKey()] = 1
    title: str | None = None
    size: int | None = None
    tags: set[str] = set()
    lines: list[str] = []
    sizes: dict[str, int] = {}
    home: Home | None = None
    owner: Annotated[str | None, Static()] = None
    marks: Annotated[set[str], Static()] = set()

    class Settings:
        name = "leaves_of_unread_rows"
        nulls = "skip"


class Plan(Document):
    id: Annotated[UUID, PrimaryKey()]
    number: Annotated[int, ClusteringKey()] = 1
    title: str | None = None
    tags: set[str] = set()
    owner: Annotated[str | None, Static()] = None
    version: Annotated[int, Version()] = 0

    class Settings:
        name = "plans_of_unread_rows"
        nulls = "skip"


class Losing:
    """Loses the next answer, of a request that is sent or not, where it is told to."""

    def __init__(self, connection: Any) -> None:
        self.send_on = connection.send_async
        self.next: str | None = None

    async def send_async(self, request: Request | BatchRequest) -> Reply:
        """Send a request, if that is to be."""
        lost, self.next = self.next, None
        if lost != "request":
            reply: Reply = await self.send_on(request)
            if lost is None:
                return reply
        raise OperationTimedOutError(1.0, outcome="unknown")


@pytest.fixture
async def losing(connection: AbstractDriver, monkeypatch: pytest.MonkeyPatch) -> Losing:
    """Lose answers of the default connection."""
    await Leaf.sync_table()
    await Plan.sync_table()
    found = Losing(connection)
    monkeypatch.setattr(connection, "send_async", found.send_async)
    return found


async def row_of(leaf: Leaf) -> dict[str, Any]:
    found = await Leaf.get(tree=leaf.tree, number=leaf.number)
    return found.model_dump()


async def lost(losing: Losing, writing: Callable[[], Any], what: str = "answer") -> None:
    losing.next = what
    with pytest.raises(DriverError):
        await writing()


async def settle(leaf: Leaf) -> None:
    await leaf.save()
    await leaf.update()
    assert await row_of(leaf) == leaf.model_dump()


async def test_what_an_update_in_doubt_added_to_goes_when_the_field_is_written(losing: Losing) -> None:
    leaf = Leaf(tree=uuid4())
    await lost(losing, lambda: leaf.update(tags={"q"}))
    await leaf.save()
    leaf.tags.add("r")
    await leaf.update()
    assert (await row_of(leaf))["tags"] == leaf.tags == {"r"}


@pytest.mark.parametrize("first", ["lost", "none"])
@pytest.mark.parametrize("second", ["lost", "made"])
@pytest.mark.parametrize(
    "changes",
    [
        {"title": "x", "tags": {"a"}},
        {"title": "x", "lines": ["p"], "sizes": {"a": 1}},
        {"append__lines": ["p"], "add__tags": {"a"}, "put__sizes": {"a": 1}},
        {"size": 1, "owner": "bob", "marks": {"a"}},
        {"owner": "bob", "add__marks": {"a"}},
        {"home": Home(street="High Street")},
    ],
    ids=" ".join,
)
async def test_what_an_update_put_there_is_taken_back(
    losing: Losing, first: str, second: str, changes: dict[str, Any]
) -> None:
    leaf = Leaf(tree=uuid4())
    if first == "lost":
        await lost(losing, leaf.save)
    if second == "lost":
        await lost(losing, lambda: leaf.update(**changes))
    else:
        await leaf.update(**changes)
    with pytest.raises(InvalidQueryError, match="name the fields, or save"):
        await leaf.update()
    empty = Leaf(tree=leaf.tree)
    for name in Leaf.model_fields:
        setattr(leaf, name, getattr(empty, name))
    await leaf.save()
    assert not (await row_of(leaf))["tags"]  # a collection that was emptied is written by the save already
    await leaf.update()
    assert await row_of(leaf) == empty.model_dump()


async def test_a_batch_that_is_in_doubt_is_as_its_writes_are(losing: Losing) -> None:
    leaf = Leaf(tree=uuid4())

    async def both() -> None:
        async with AsyncBatchQuery() as batch:
            await leaf.update(title="x", add__tags={"a"}, batch=batch)
            await leaf.save(batch=batch)

    await lost(losing, both)
    assert (leaf.title, leaf.tags) == (None, set())
    await settle(leaf)
    assert (await row_of(leaf))["tags"] == set()


async def test_a_condition_that_does_not_hold_puts_nothing_there(losing: Losing) -> None:
    leaf = Leaf(tree=uuid4(), number=2)
    result = await leaf.update(title="x", tags={"a"}, if_conditions={"size": 1})
    assert result is not None
    assert not result.applied
    await leaf.save()
    losing.next = "request"  # of which there is none: the row is null there
    await leaf.update()
    assert losing.next == "request"


async def test_static_values_are_those_of_all_rows_of_a_partition(losing: Losing) -> None:
    leaf = Leaf(tree=uuid4())
    await lost(losing, lambda: leaf.update(owner="bob", marks={"a"}, title="x"))
    leaf.number = 2
    await settle(leaf)
    assert (await row_of(leaf))["owner"] is None


async def test_a_new_row_leaves_static_values_in_doubt(losing: Losing) -> None:
    leaf = Leaf(tree=uuid4())
    await lost(losing, lambda: leaf.update(owner="bob"))
    result = await leaf.insert()
    assert result is not None
    assert result.applied
    await leaf.update()
    assert await row_of(leaf) == leaf.model_dump()


@pytest.mark.parametrize("batched", [True, False])
async def test_static_values_stay_where_the_row_goes(losing: Losing, *, batched: bool) -> None:
    leaf = Leaf(tree=uuid4(), owner="bob", marks={"a"})
    await leaf.save()
    await leaf.delete()
    leaf.owner, leaf.marks = None, set()
    async with AsyncBatchQuery() as batch:
        await leaf.insert(batch=batch if batched else None)
    await leaf.update()
    assert losing.next is None
    assert await row_of(leaf) == leaf.model_dump()


async def test_a_new_version_leaves_static_values_in_doubt(losing: Losing) -> None:
    key = uuid4()
    await Plan(id=key, number=1, owner="bob").save()
    plan = Plan(id=key, number=2)
    await lost(losing, lambda: plan.update(owner="ann"), "request")
    await plan.save()
    await plan.update()
    assert (await Plan.get(id=key, number=2)).owner is plan.owner is None


def change(leaf: Leaf, dice: random.Random) -> None:
    """Change something of what a document holds, or empty it."""
    word, name = dice.choice("abcd"), dice.choice(["title", "size", "tags", "lines", "sizes", "home", "owner", "marks"])
    values: dict[str, list[Any]] = {
        "title": [word, None, None],
        "size": [dice.randrange(9), None],
        "tags": [{word}, leaf.tags | {word}, set(), set()],
        "lines": [[word], [*leaf.lines, word], [], []],
        "sizes": [{word: 1}, {**leaf.sizes, word: 2}, {}, {}],
        "home": [Home(street=word), Home(number=1), None],
        "owner": [word, None],
        "marks": [{word}, set()],
    }
    setattr(leaf, name, dice.choice(values[name]))


def changes_of(dice: random.Random) -> dict[str, Any]:
    """What an update gives by name, at most once of a field."""
    word, home = dice.choice("abcd"), Home(street=dice.choice("abcd"))
    choices: list[list[dict[str, Any]]] = [
        [{}, {"title": word}, {"title": None}],
        [{}, {"size": 1}],
        [{}, {"tags": {word}}, {"tags": set()}, {"add__tags": {word}}, {"remove__tags": {word}}],
        [{}, {"lines": [word]}, {"append__lines": [word]}, {"prepend__lines": [word]}, {"remove__lines": [word]}],
        [{}, {"sizes": {word: 1}}, {"put__sizes": {word: 2}}, {"remove__sizes": {word}}],
        [{}, {"home": home}, {"home": None}],
        [{}, {}, {"owner": word}, {"marks": {word}}, {"add__marks": {word}}],
    ]
    found: dict[str, Any] = {}
    for each in choices:
        found.update(dice.choice(each))
    return found or {"title": word}


def pickled(leaf: Leaf) -> Leaf:
    found: Leaf = pickle.loads(pickle.dumps(leaf))  # noqa: S301 - our own
    return found


COPIES: list[Callable[[Leaf], Leaf]] = [copy.copy, copy.deepcopy, pickled]


async def batched(leaf: Leaf, dice: random.Random) -> None:
    async with AsyncBatchQuery() as batch:
        await leaf.update(**changes_of(dice), batch=batch)
        if dice.random() < 0.5:
            await leaf.save(batch=batch)


async def write(leaf: Leaf, dice: random.Random) -> None:
    """Write a document in one of the ways that there are."""
    what = dice.randrange(12)
    if what < 4:
        await leaf.update(**changes_of(dice))
    elif what == 4:
        await leaf.save()
    elif what == 5:
        await leaf.save_json()
    elif what == 6:
        await leaf.save(changed_only=True)
    elif what == 7:
        await leaf.insert()
    elif what == 8:
        await leaf.update(**changes_of(dice), if_conditions={"title": dice.choice(["a", None])})
    elif what == 9:
        await batched(leaf, dice)
    elif what == 10:
        await Leaf.find().save_many([leaf])
    elif dice.random() < 0.3:
        await leaf.delete()
    else:
        await leaf.update()


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_whatever_was_lost_a_save_and_an_update_make_the_row_what_the_document_is(
    losing: Losing, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311 - any order will do
    leaf, begun = Leaf(tree=uuid4()), dice.randrange(STEPS)
    for _ in range(begun, STEPS):
        for _ in range(dice.randrange(3)):
            change(leaf, dice)
        losing.next = dice.choice([None, "answer", "answer", "request"])
        with suppress(CoodieError, DriverError):
            await write(leaf, dice)
        losing.next = None
        if dice.random() < 0.1:
            leaf = dice.choice(COPIES)(leaf)
    await settle(leaf)
