"""A batch is what its writes are one by one, though they have one time; where it would not be, it is refused."""

from __future__ import annotations

import datetime as dt
import enum
import random
import time
from copy import deepcopy
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import pytest

from coodie.aio import AsyncBatchQuery, Document, create_keyspace
from coodie.exceptions import CoodieError, InvalidQueryError
from coodie.fields import ClusteringKey, Frozen, PrimaryKey, Static
from coodie.usertype import UserType

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node

UTC = dt.timezone.utc
EARLY, LATE, BEFORE = (dt.datetime(year, 1, 1, 12, 0, 0, 1_100, tzinfo=UTC) for year in (2001, 2002, 1960))
ELSEWHERE = "batches_in_order_elsewhere"


class Size(enum.Enum):
    S = "s"
    L = "l"


class Place(UserType):
    street: str | None = None
    number: int | None = None

    class Settings:
        __type_name__ = "place_of_batches_in_order"


class Parcel(Document):
    shelf: Annotated[UUID, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    title: str | None = None
    count: int = 0
    marks: list[str] = []
    tags: set[str] = set()
    sizes: dict[str, int] = {}
    kinds: dict[Size, int] = {}
    place: Place | None = None
    label: Annotated[dict[str, int], Frozen()] = {}
    changed_at: dt.datetime | None = None
    owner: Annotated[str | None, Static()] = None

    class Settings:
        name = "parcels_batched_in_order"


class Title(Document):
    """Another model of the same table."""

    shelf: Annotated[UUID, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    title: str | None = None

    class Settings:
        name = "parcels_batched_in_order"


class Moment(Document):
    shelf: Annotated[UUID, PrimaryKey()]
    at: Annotated[dt.datetime, ClusteringKey()]
    title: str | None = None

    class Settings:
        name = "moments_batched_in_order"


class Kept(Title):
    class Settings(Title.Settings):
        keyspace = ELSEWHERE


FIELDS: dict[str, Any] = {
    "title": "x",
    "count": 1,
    "marks": ["a", "b"],
    "tags": {"a", "b"},
    "sizes": {"a": 1, "b": 2},
    "kinds": {Size.S: 1},
    "place": Place(street="a", number=1),
    "label": {"a": 1},
    "changed_at": EARLY,
    "owner": "q",
}


@pytest.fixture(autouse=True)
async def tables(connection: AbstractDriver) -> None:
    assert connection is not None
    await create_keyspace(ELSEWHERE)
    await Place.sync_type_async()  # sync: use Place.sync_type()
    for model in (Parcel, Moment, Kept):
        await model.sync_table()


async def saved(number: int = 1, shelf: UUID | None = None, **given: Any) -> Parcel:
    held: dict[str, Any] = {"shelf": shelf or uuid4(), "number": number, **deepcopy(FIELDS), **given}
    parcel = Parcel(**held)
    await parcel.save()
    return parcel


async def rows_of(shelf: UUID) -> list[dict[str, Any]]:
    return [row.model_dump(exclude={"shelf"}) for row in await Parcel.find(shelf=shelf).all()]


Step = tuple[str, Any]
"""A verb with what it is called with; `assign` assigns to a field, and no write follows."""


async def do(parcel: Parcel, step: Step, **batch: Any) -> None:
    verb, given = step
    if verb == "assign":
        for field, value in deepcopy(given).items():
            setattr(parcel, field, value)
    elif verb == "elements":
        await parcel.delete_columns(collection_elements=given, **batch)
    elif verb == "columns":
        await parcel.delete_columns(*given, **batch)
    else:
        await getattr(parcel, verb)(**deepcopy(given), **batch)


MIXED: dict[str, list[Step]] = {
    "save, another value of a key": [("save", {}), ("update", {"put__sizes": {"a": 0}})],
    "two values of a key": [("update", {"put__sizes": {"z": 9}}), ("update", {"put__sizes": {"z": 1}})],
    "save, remove from the list": [("save", {}), ("update", {"remove__marks": ["a"]})],
    "save, set in the list": [("save", {}), ("update", {"setindex__marks": (0, "z")})],
    "append, remove it": [("update", {"append__marks": ["z"]}), ("update", {"remove__marks": ["z"]})],
    "prepend, set in the list": [("update", {"prepend__marks": ["z"]}), ("update", {"setindex__marks": (0, "c")})],
    "delete the first element twice": [("elements", [("marks", 0)]), ("elements", [("marks", 0)])],
    "remove, set in the list": [("update", {"remove__marks": ["a"]}), ("update", {"setindex__marks": (0, "c")})],
    "set a place twice": [("update", {"setindex__marks": (0, "z")}), ("update", {"setindex__marks": (0, "c")})],
    "delete an element, put it": [("elements", [("kinds", Size.S)]), ("update", {"put__kinds": {Size.S: 5}})],
    "for a while, for good": [("update", {"title": "n", "ttl": 300}), ("update", {"title": "n"})],
    "save as JSON, another value": [("save_json", {}), ("update", {"title": "a"})],
    "two static values": [("update", {"owner": "z"}), ("update", {"owner": "a"})],
    "two moments, the later one first": [("update", {"changed_at": LATE}), ("update", {"changed_at": EARLY})],
    "two moments, one before 1970": [("update", {"changed_at": BEFORE}), ("update", {"changed_at": EARLY})],
    "an earlier moment, the one of before": [("update", {"changed_at": EARLY.replace(year=1999)}), ("save", {})],
    "delete, save": [("delete", {}), ("save", {})],
    "delete, update": [("delete", {}), ("update", {"title": "n"})],
}
IN_ORDER: dict[str, list[Step]] = {
    "two moments": [("update", {"changed_at": EARLY}), ("update", {"changed_at": LATE})],
    "values, nulls": [("update", {"title": "v", "owner": "z"}), ("update", {"title": None, "owner": None})],
    "delete, a static value": [("delete", {}), ("update", {"owner": "n"})],
    "save, delete": [("save", {}), ("delete", {})],
    "save, put another key": [("save", {}), ("update", {"put__sizes": {"z": 0}})],
    "remove, append": [("update", {"remove__marks": ["a"]}), ("update", {"append__marks": ["a"]})],
    "remove two": [("update", {"remove__marks": ["a"]}), ("update", {"remove__marks": ["b"]})],
    "append, prepend": [("update", {"append__marks": ["x"]}), ("update", {"prepend__marks": ["y"]})],
    "set in the list, append": [("update", {"setindex__marks": (0, "z")}), ("update", {"append__marks": ["c"]})],
    "save, delete columns": [("save", {}), ("columns", ["title", "marks", "place"])],
    "set a field twice alike": [("update", {"title": "n"}), ("update", {"title": "n"})],
    "two fields of a user type": [
        ("assign", {"place": Place(street="b", number=1)}),
        ("update", {}),
        ("assign", {"place": Place(street="b", number=2)}),
        ("update", {}),
    ],
}


@pytest.mark.parametrize("name", MIXED)
async def test_what_the_server_would_mix_is_refused(name: str) -> None:
    parcel = await saved()
    before = await rows_of(parcel.shelf)
    batch = AsyncBatchQuery()
    for step in MIXED[name]:
        await do(parcel, step, batch=batch)
    with pytest.raises(InvalidQueryError, match=r"by one batch.* write one behind the batch"):
        await batch.execute()
    assert await rows_of(parcel.shelf) == before


@pytest.mark.parametrize("name", IN_ORDER)
async def test_what_comes_out_as_it_was_written_is_sent(name: str) -> None:
    batched, by_one = await saved(), await saved()
    async with AsyncBatchQuery() as batch:
        for step in IN_ORDER[name]:
            await do(batched, step, batch=batch)
    for step in IN_ORDER[name]:
        await do(by_one, step)
    assert await rows_of(batched.shelf) == await rows_of(by_one.shelf)


@pytest.mark.parametrize("nulls", [None, "skip"])
async def test_what_was_left_unset_is_not_written(nulls: str | None) -> None:
    parcel = Parcel(shelf=uuid4(), number=1)
    async with AsyncBatchQuery() as batch:
        await (parcel.save(nulls="skip", batch=batch) if nulls else parcel.insert(batch=batch))
        await parcel.update(title="x", tags={"a"}, batch=batch)
    assert (await Parcel.get(shelf=parcel.shelf, number=1)).title == "x"


async def test_a_row_moves() -> None:
    parcel = await saved()
    async with AsyncBatchQuery() as batch:
        await parcel.delete(batch=batch)
        parcel.number = 2
        await parcel.save(batch=batch)
    assert [row["number"] for row in await rows_of(parcel.shelf)] == [2]


async def test_tables_of_one_name_are_two_in_two_keyspaces() -> None:
    parcel = await saved()
    async with AsyncBatchQuery() as batch:
        await parcel.delete(batch=batch)
        await Kept(shelf=parcel.shelf, number=1, title="k").save(batch=batch)
    assert [row["number"] for row in await rows_of(parcel.shelf)] == [None]  # its static column is there
    assert (await Kept.get(shelf=parcel.shelf, number=1)).title == "k"


async def test_a_static_column_is_one_for_all_rows_of_a_partition() -> None:
    shelf = uuid4()
    batch = AsyncBatchQuery()
    await Parcel(shelf=shelf, number=1, owner="z").save(batch=batch)
    await Parcel(shelf=shelf, number=2, owner="a").save(batch=batch)
    with pytest.raises(InvalidQueryError, match=r"Parcel\.owner of one partition is written twice by one batch"):
        await batch.execute()
    async with AsyncBatchQuery() as batch:
        await Parcel(shelf=shelf, number=1, owner="a").save(batch=batch)
        await Parcel(shelf=shelf, number=2, owner="a").save(batch=batch)
    assert [row["owner"] for row in await rows_of(shelf)] == ["a", "a"]


async def test_two_models_of_a_table_have_one_row() -> None:
    shelf = uuid4()
    batch = AsyncBatchQuery()
    await Parcel(shelf=shelf, number=1, title="z").save(batch=batch)
    await Title(shelf=shelf, number=1, title="a").save(batch=batch)
    with pytest.raises(InvalidQueryError, match="title of one row is written twice"):
        await batch.execute()


async def test_a_row_is_known_as_the_server_knows_it() -> None:
    shelf, batch = uuid4(), AsyncBatchQuery()
    for moment, title in ((EARLY, "z"), (EARLY.replace(microsecond=1_900), "a")):
        await Moment(shelf=shelf, at=moment, title=title).save(batch=batch)
    with pytest.raises(InvalidQueryError, match=r"Moment\.title of one row is written twice"):
        await batch.execute()


@pytest.mark.parametrize("own_time", ["of another row", "of a text"])
async def test_a_write_with_a_time_of_its_own_lets_no_other_pass(own_time: str) -> None:
    parcel, batch = Parcel(shelf=uuid4(), number=1, title="z"), AsyncBatchQuery()
    if own_time == "of another row":
        await Parcel(shelf=uuid4(), number=1).save(timestamp=time.time_ns() // 1_000, batch=batch)
    else:
        text = f"DELETE FROM {ELSEWHERE}.parcels_batched_in_order USING TIMESTAMP ? WHERE shelf = ?"
        batch.add(text, [1_000, uuid4()])  # pyright: ignore[reportArgumentType] - a constant
    await parcel.save(batch=batch)
    await parcel.update(title="a", batch=batch)
    with pytest.raises(InvalidQueryError, match="written twice"):
        await batch.execute()


async def test_the_verbs_of_queries_are_looked_at_and_texts_are_not() -> None:
    parcel = await saved()
    batch = AsyncBatchQuery()
    await Parcel.find(shelf=parcel.shelf).delete(batch=batch)
    await Parcel(shelf=parcel.shelf, number=2).save(batch=batch)
    with pytest.raises(InvalidQueryError, match="is deleted and written by one batch"):
        await batch.execute()
    batch = AsyncBatchQuery()
    await Parcel.find(shelf=parcel.shelf, number=1).update(title="z", batch=batch)
    await parcel.update(title="a", batch=batch)
    with pytest.raises(InvalidQueryError, match="written twice"):
        await batch.execute()
    async with AsyncBatchQuery() as batch:
        for title in "za":
            text = f"UPDATE {ELSEWHERE}.parcels_batched_in_order SET title = ? WHERE shelf = ? AND number = ?"
            batch.add(text, [title, parcel.shelf, 1])  # pyright: ignore[reportArgumentType] - as above
    assert (await Kept.get(shelf=parcel.shelf, number=1)).title == "z"


def some_field(chance: random.Random) -> dict[str, Any]:
    letters = [chance.choice("abc") for _ in range(chance.randint(0, 3))]
    sizes = {each: chance.randint(1, 3) for each in letters}
    place = Place(street=chance.choice("abc"), number=chance.choice([None, 1, 2]))
    values = {
        "title": chance.choice([None, "x", "y"]),
        "count": chance.randint(0, 2),
        "marks": letters,
        "tags": {*letters},
        "sizes": sizes,
        "kinds": {each: chance.randint(1, 2) for each in Size if chance.random() < 0.5},
        "place": chance.choice([None, place]),
        "label": sizes,
        "changed_at": chance.choice([None, BEFORE, EARLY, LATE]),
        "owner": chance.choice([None, "q", "r"]),
    }
    name = chance.choice([*values])
    return {name: values[name]}


def some_steps(chance: random.Random) -> list[Step]:
    """A write or, of what is assigned before it, two steps."""
    letter, number = chance.choice("abc"), chance.randint(1, 3)
    parts = [
        {"add__tags": {letter}},
        {"remove__tags": {letter}},
        {"append__marks": [letter]},
        {"prepend__marks": [letter]},
        {"remove__marks": [letter]},
        {"setindex__marks": (0, letter)},
        {"put__sizes": {letter: number}},
        {"remove__sizes": {letter}},
        {"put__kinds": {Size.S: number}},
    ]
    elements = [("tags", letter), ("sizes", letter), ("kinds", Size.S), ("marks", 0)]
    plain: list[list[Step]] = [
        [("update", chance.choice(parts))],
        [("update", some_field(chance))],
        [("columns", [*some_field(chance)])],
        [("elements", [chance.choice(elements)])],
        [("assign", some_field(chance)), (chance.choice(["save", "update", "save_json"]), {})],
        [(chance.choice(["save", "insert", "delete", "save_json"]), {})],
        [("save", {"nulls": "skip"})],
    ]
    return chance.choices(plain, weights=[4, 2, 1, 1, 2, 2, 1])[0]


async def outcome(shelf: UUID, numbers: list[int], steps: list[tuple[int, Step]], batch: AsyncBatchQuery | None) -> Any:
    """The rows of a partition after these steps, each of one of its documents; None where these were refused."""
    parcels = {number: await saved(number, shelf) for number in numbers}
    for number in {number for number, _ in steps} - {*numbers}:
        parcels[number] = Parcel(shelf=shelf, number=number, **deepcopy(FIELDS))
    try:
        for number, step in steps:
            await do(parcels[number], step, **({} if batch is None else {"batch": batch}))
        if batch is not None:
            await batch.execute()
            if batch.result is not None and not batch.result.applied:
                return None
    except CoodieError:
        return None
    return await rows_of(shelf)


@pytest.mark.parametrize(("seed", "rounds"), [(1, 60), pytest.param(2, 2_000, marks=pytest.mark.long)])
async def test_a_batch_is_what_its_writes_are_one_by_one_or_is_refused(seed: int, rounds: int) -> None:
    chance, sent = random.Random(seed), 0  # noqa: S311 - the same writes each time
    for _ in range(rounds):
        numbers = [each for each in (1, 2) if chance.random() < 0.8]
        steps = [
            (number, step)
            for number in chance.choices([1, 2], weights=[4, 1], k=chance.randint(2, 3))
            for step in some_steps(chance)
        ]
        batched = await outcome(uuid4(), numbers, steps, AsyncBatchQuery())
        if batched is None:
            continue
        sent += 1
        assert batched == await outcome(uuid4(), numbers, steps, None), (numbers, steps)
    assert sent > rounds / 4
