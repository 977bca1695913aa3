"""What a document knows of columns that a write has skipped: what was known, also by the time that a batch is sent."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import pytest

from coodie.aio import AsyncBatchQuery, Document
from coodie.exceptions import InvalidQueryError
from coodie.fields import PrimaryKey

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class Leaf(Document):
    id: Annotated[UUID, PrimaryKey()]
    title: str | None = None
    size: int | None = None
    tags: set[str] = set()
    lines: list[str] = []
    sizes: dict[str, int] = {}

    class Settings:
        name = "leaves_of_skipped_nulls"
        nulls = "skip"


class Plain(Leaf):
    """The same table, whose writes skip nulls where they say so."""

    class Settings(Leaf.Settings):
        nulls = "write"


@pytest.fixture(autouse=True)
async def table(connection: AbstractDriver) -> None:
    assert connection is not None
    await Leaf.sync_table()


WRITES = ["save", "save(nulls='skip')", "save_json"]


def made(way: str, **fields: Any) -> Leaf:
    return (Plain if "nulls" in way else Leaf)(id=uuid4(), **fields)


async def write(leaf: Leaf, way: str, **batch: Any) -> None:
    if way == "save_json":
        await leaf.save_json(**batch)
    elif way == "save":
        await leaf.save(**batch)
    else:
        await leaf.save(nulls="skip", **batch)


async def row_of(leaf: Leaf) -> dict[str, Any]:
    return (await Plain.get(id=leaf.id)).model_dump()


@pytest.mark.parametrize("way", WRITES)
async def test_what_the_same_batch_has_put_there_can_be_emptied_behind_it(way: str) -> None:
    leaf = made(way, title="y")
    await write(leaf, way)
    batch = AsyncBatchQuery()
    leaf.tags = {"a"}
    await write(leaf, way, batch=batch)
    leaf.tags = set()
    await write(leaf, way, batch=batch)
    with pytest.raises(InvalidQueryError, match=r"\.tags of one row is written twice by one batch"):
        await batch.execute()
    assert (await row_of(leaf))["tags"] == set()


@pytest.mark.parametrize("way", WRITES)
@pytest.mark.parametrize("batched", [True, False])
async def test_a_null_that_was_skipped_behind_a_value_is_still_to_be_written(way: str, *, batched: bool) -> None:
    leaf = made(way, tags={"a"})
    await write(leaf, way)
    batch = AsyncBatchQuery()
    options = {"batch": batch} if batched else {}
    for title in ("x", None):
        leaf.title = title
        await write(leaf, way, **options)
    await batch.execute()
    assert (await row_of(leaf))["title"] == "x"
    await leaf.update()
    assert await row_of(leaf) == leaf.model_dump()


@pytest.mark.parametrize("way", WRITES)
async def test_what_was_skipped_when_it_was_collected_keeps_what_is_known_when_it_is_sent(way: str) -> None:
    leaf = made(way)
    await write(leaf, way)
    batch = AsyncBatchQuery()
    await write(leaf, way, batch=batch)
    leaf.tags, leaf.title = {"a"}, "x"
    await leaf.update()
    leaf.tags, leaf.title = set(), None
    await batch.execute()
    assert (await row_of(leaf))["tags"] == {"a"}
    await leaf.update()
    assert await row_of(leaf) == leaf.model_dump()
    assert (leaf.title, leaf.tags) == (None, set())


@pytest.mark.parametrize("way", WRITES)
async def test_an_update_by_name_before_a_skipping_write_of_the_batch_is_known(way: str) -> None:
    leaf = made(way)
    await write(leaf, way)
    async with AsyncBatchQuery() as batch:
        await leaf.update(title="x", add__tags={"a"}, batch=batch)
        await write(leaf, way, batch=batch)
    assert (leaf.title, leaf.tags) == ("x", {"a"})
    leaf.title, leaf.tags = None, set()
    await leaf.update()
    assert await row_of(leaf) == leaf.model_dump()


@pytest.mark.parametrize("way", WRITES)
async def test_what_is_emptied_again_behind_an_update_by_name_is_written(way: str) -> None:
    leaf = made(way)
    await write(leaf, way)
    batch = AsyncBatchQuery()
    await leaf.update(tags={"a"}, batch=batch)
    leaf.tags = set()
    await write(leaf, way, batch=batch)
    with pytest.raises(InvalidQueryError, match=r"\.tags of one row is written twice by one batch"):
        await batch.execute()


@pytest.mark.parametrize("way", WRITES)
@pytest.mark.parametrize("begin", ["read in part", "pickled", "of another row"])
@pytest.mark.parametrize("batched", [True, False])
async def test_of_a_skipped_null_nothing_is_known_where_nothing_was(way: str, begin: str, *, batched: bool) -> None:
    there = made(way, title="bob", size=1, tags={"a"}, lines=["b"], sizes={"c": 1})
    await there.save()
    leaf = await type(there).find(id=there.id).only("size").first()
    assert leaf is not None
    if begin == "pickled":
        leaf = pickle.loads(pickle.dumps(await type(there).get(id=there.id)))  # noqa: S301 - our own
    elif begin == "of another row":
        leaf = made(way)
        await leaf.save(nulls="write")
        leaf.id = there.id
    leaf.title, leaf.tags = None, set()
    async with AsyncBatchQuery() as batch:
        await write(leaf, way, **({"batch": batch} if batched else {}))
    assert (await row_of(there))["title"] == "bob"
    await leaf.update()
    row = await row_of(there)
    assert (row["title"], row["tags"]) == (None, set())


@pytest.mark.parametrize("way", WRITES)
async def test_a_new_document_writes_no_nulls_by_the_update_that_follows(way: str) -> None:
    there = made(way, title="bob", tags={"a"})
    await there.save()
    leaf = type(there)(id=there.id, size=1)
    await write(leaf, way)
    leaf.size = 2
    await leaf.update()
    assert await row_of(there) == {**there.model_dump(), "size": 2}


async def test_a_collection_of_another_row_is_not_emptied_by_a_document_that_moved_there() -> None:
    mine, theirs = Leaf(id=uuid4(), tags={"mine"}), Leaf(id=uuid4(), tags={"theirs"})
    await mine.save()
    await theirs.save()
    moved = await Leaf.get(id=mine.id)
    moved.id, moved.tags = theirs.id, set()
    await moved.save()
    assert (await Leaf.get(id=theirs.id)).tags == {"theirs"}
    async with AsyncBatchQuery() as batch:
        moved = await Leaf.get(id=mine.id)
        moved.id, moved.tags = theirs.id, set()
        await moved.save(batch=batch)
    assert (await Leaf.get(id=theirs.id)).tags == {"theirs"}
