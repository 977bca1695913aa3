"""Static columns against a real node: what is written by the key of the partition, and what by that of the row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import pytest
from pydantic import Field

from coodie.aio import AsyncBatchQuery, CounterDocument, Document
from coodie.exceptions import InvalidRequestError, InvalidValueError
from coodie.fields import ClusteringKey, Counter, PrimaryKey, Static

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class Basket(Document):
    owner: Annotated[str, PrimaryKey()]
    line: Annotated[int, ClusteringKey()]
    note: Annotated[str, Static()] = ""
    flags: Annotated[set[str], Static()] = set()
    steps: Annotated[list[str], Static()] = []
    extra: Annotated[dict[str, str], Static()] = {}
    amount: int = 1

    class Settings:
        name = "static_baskets"


class Visits(CounterDocument):
    site: Annotated[str, PrimaryKey()]
    page: Annotated[str, ClusteringKey()]
    total: Annotated[int, Counter(), Static()] = 0
    views: Annotated[int, Counter()] = 0

    class Settings:
        name = "static_visits"


class Parcel(Document):
    """A model whose clustering key has a default, which no partition without rows is to be read with."""

    owner: Annotated[str, PrimaryKey()]
    box: Annotated[int, ClusteringKey()] = 0
    id: Annotated[UUID, ClusteringKey()] = Field(default_factory=uuid4)
    marks: Annotated[tuple[str, ...], ClusteringKey()] = ()
    note: Annotated[str, Static()] = ""
    amount: int = 1

    class Settings:
        name = "static_parcels"


@pytest.fixture
async def tables(connection: AbstractDriver) -> AbstractDriver:
    for model in (Basket, Visits, Parcel):
        await model.sync_table()
    return connection


async def saved() -> tuple[Basket, Basket]:
    """Two rows of one partition."""
    first = Basket(owner=str(uuid4()), line=1, note="old", flags={"a"}, steps=["x", "y"], extra={"k": "v"})
    second = first.model_copy(update={"line": 2})
    await first.save()
    await second.save()
    return first, second


async def read(basket: Basket) -> Basket:
    return await Basket.get(owner=basket.owner, line=basket.line)


async def test_the_server_takes_no_row_for_what_is_the_partitions(tables: AbstractDriver) -> None:
    table = f"{tables.default_keyspace}.static_baskets"
    with pytest.raises(InvalidRequestError, match="modifies only static columns"):
        await tables.execute_async(f"UPDATE {table} SET note = ? WHERE owner = ? AND line = ?", ["n", "o", 1])
    with pytest.raises(InvalidRequestError, match="Some clustering keys are missing"):
        await tables.execute_async(f"UPDATE {table} SET note = ? WHERE owner = ? IF amount = ?", ["n", "o", 1])


@pytest.mark.usefixtures("tables")
async def test_static_columns_are_updated_for_every_row_of_the_partition() -> None:
    first, second = await saved()
    await first.update(note="new")
    await first.update(add__flags={"z"}, append__steps="w", remove__extra={"k"})
    assert await read(first) == first
    assert (first.note, first.flags, first.steps, first.extra) == ("new", {"a", "z"}, ["x", "y", "w"], {})
    changed = await read(second)
    assert (changed.note, changed.flags, changed.steps, changed.extra) == ("new", {"a", "z"}, ["x", "y", "w"], {})
    await first.update(note="both", amount=5)
    assert [(each.note, each.amount) for each in await Basket.find(owner=first.owner).all()] == [
        ("both", 5),
        ("both", 1),
    ]


@pytest.mark.usefixtures("tables")
async def test_conditions_on_static_columns_and_on_those_of_the_row() -> None:
    first, _ = await saved()
    exists = await first.update(note="1", if_exists=True)
    holds = await first.update(note="2", if_conditions={"note": "1"})
    refused = await first.update(note="3", if_conditions={"note": "1"})
    of_the_row = await first.update(note="4", if_conditions={"amount": 1})
    of_both = await first.update(note="5", if_conditions={"amount": 1, "note": "4"})
    on_static = await first.update(amount=9, if_conditions={"note": "5"})
    assert [result.applied for result in (exists, holds, refused, of_the_row, of_both, on_static)] == [
        True,
        True,
        False,
        True,
        True,
        True,
    ]
    assert refused is not None
    assert refused.existing == {"note": "2"}
    assert await read(first) == first
    assert (first.note, first.amount) == ("5", 9)
    elsewhere = await Basket(owner=str(uuid4()), line=1).update(note="x", if_exists=True)
    assert elsewhere is not None
    assert not elsewhere.applied


@pytest.mark.usefixtures("tables")
async def test_a_row_that_exists_is_found_where_static_columns_alone_change() -> None:
    owner = str(uuid4())
    await Basket.find(owner=owner, line=1).update(amount=3)
    here, missing = Basket.find(owner=owner, line=1), Basket.find(owner=owner, line=2)
    of_document = await Basket(owner=owner, line=1).update(note="1", if_exists=True)
    of_query = await here.if_exists().update(steps=["x"])
    assert of_document is not None
    assert (of_document.applied, of_query.applied) == (True, True)
    found = await Basket.get(owner=owner, line=1)
    assert (found.note, found.steps, found.amount) == ("1", ["x"], 3)
    refused = await missing.if_exists().update(note="2")
    assert (refused.applied, refused.existing) == (False, {})
    await here.delete()
    gone = await found.update(note="3", if_exists=True)
    assert gone is not None
    assert (gone.applied, gone.existing) == (False, {})
    assert await Basket.find(owner=owner).values_list("note").all() == [("1",)]


@pytest.mark.usefixtures("tables")
async def test_the_key_of_a_missing_row_names_the_partition_of_static_columns() -> None:
    owner = str(uuid4())
    partition, row = Basket.find(owner=owner), Basket.find(owner=owner, line=1)
    await partition.update(note="old")
    assert (await row.update(note="new", add__flags={"a"})).written == 1
    refused = await row.iff(note="old").update(note="x")
    assert (refused.applied, refused.existing, refused.rejected) == (False, {"note": "new"}, [{"owner": owner}])
    assert (await row.iff(note="new").update(note="newer")).written == 1
    assert not (await row.if_exists().update(note="x")).applied
    assert await partition.values_list("note", "flags").all() == [("newer", {"a"})]
    async with AsyncBatchQuery() as batch:
        await row.iff(note="newer").update(note="newest", batch=batch)
    assert batch.result is not None
    assert batch.result.applied
    assert await partition.values_list("note", "line").all() == [("newest", None)]


@pytest.mark.usefixtures("tables")
async def test_no_condition_holds_of_a_row_that_is_named_and_not_found() -> None:
    owner = str(uuid4())
    row = Basket.find(owner=owner, line=1).filter(amount=3).allow_filtering()
    on_condition = row.iff(note="x")
    for result in (await on_condition.update(amount=4), await on_condition.delete(), await row.if_exists().delete()):
        assert (result.applied, result.written, result.rejected) == (False, 0, [{"owner": owner, "line": 1}])
    of_static = await Basket.find(owner=owner, line__gt=0).iff(note="x").update(note="y")
    assert (of_static.applied, of_static.rejected) == (False, [{"owner": owner}])
    assert (await row.update(amount=4)).applied  # every row that there is, for no condition was asked
    assert (await Basket.find(owner=owner).iff(note="x").update(amount=4)).applied


@pytest.mark.usefixtures("tables")
async def test_static_columns_and_their_elements_are_deleted_for_every_row() -> None:
    first, second = await saved()
    await first.delete_columns(collection_elements=[("flags", "a"), ("steps", 0), ("extra", "k")])
    await first.delete_columns("note")
    assert await read(first) == first
    changed = await read(second)
    assert (changed.note, changed.flags, changed.steps, changed.extra) == ("", set(), ["y"], {})
    await first.delete_columns("note", "amount")
    assert await read(first) == first


@pytest.mark.usefixtures("tables")
async def test_a_partition_without_rows_has_none_to_write() -> None:
    first, _ = await saved()
    alone = str(uuid4())
    await Basket.find(owner=alone).update(note="old")
    both = Basket.find(owner__in=[first.owner, alone])
    assert (await both.update(amount=6)).written == 2
    assert (await both.update(amount=7, note="new")).written == 2
    assert (await Basket.find(owner=alone).update(amount=6)).written == 0
    assert [each.amount for each in await Basket.find(owner=first.owner).all()] == [7, 7]
    assert (await both.update(note="of both")).written == 2
    assert (await Basket.find(owner=alone, note="of both").allow_filtering().delete()).written == 0
    assert await Basket.find(owner=alone).only("note").values_list("note").all() == [("of both",)]
    assert (await Basket.find(owner=first.owner, note="of both").allow_filtering().delete()).written == 2


@pytest.mark.usefixtures("tables")
async def test_a_partition_without_rows_is_read_without_the_defaults_of_its_key() -> None:
    alone = str(uuid4())
    of_it = Parcel.find(owner=alone)
    await of_it.update(note="old")
    found = await of_it.all()
    rows: list[Any] = [(each.box, each.id, each.marks, each.note, each.amount) for each in found]
    assert rows == [(None, None, None, "old", 1)]
    assert await of_it.values_list("box", "id", "marks", "amount").all() == [(None, None, None, 1)]
    (parcel,) = found
    refused = "is part of the primary key and is None"
    with pytest.raises(InvalidValueError, match=refused):
        await parcel.save()
    with pytest.raises(InvalidValueError, match=refused):
        await parcel.insert()
    with pytest.raises(InvalidValueError, match=refused):
        await parcel.update(amount=2)
    with pytest.raises(InvalidValueError, match=refused):
        await parcel.delete()
    with pytest.raises(InvalidValueError, match=refused):
        await Parcel.find().save_many(found)
    with pytest.raises(InvalidValueError, match=refused):
        await Parcel.find().update_many(found, amount=2)
    parcel.note = "new"
    await parcel.update()
    assert await of_it.values_list("note", "box").all() == [("new", None)]
    parcel.amount = 3
    with pytest.raises(InvalidValueError, match=refused):
        await parcel.update()


@pytest.mark.usefixtures("tables")
async def test_a_batch_takes_writes_of_the_partition_and_of_the_row() -> None:
    first, second = await saved()
    async with AsyncBatchQuery() as batch:
        await first.delete_columns("note", batch=batch)
        await first.delete_columns("amount", batch=batch)
        await second.delete_columns(collection_elements=[("flags", "a")], batch=batch)
    changed = await read(first)
    assert (changed.note, changed.flags, changed.amount) == ("", set(), 1)
    async with AsyncBatchQuery() as batch:
        await second.delete(if_conditions={"note": None}, batch=batch)
        await first.delete_columns("steps", batch=batch)
    assert batch.result is not None
    assert batch.result.applied
    assert [each.line for each in await Basket.find(owner=first.owner).all()] == [1]


@pytest.mark.usefixtures("tables")
async def test_a_new_row_leaves_the_static_collections_of_its_partition() -> None:
    first, _ = await saved()
    made, created = await Basket.find().get_or_create(owner=first.owner, line=3, note="old")
    assert created
    assert made == first.model_copy(update={"line": 3})
    rows = [Basket(owner=first.owner, line=line, note="old") for line in (4, 5, 6)]
    assert (await rows[0].insert()).applied
    assert (await Basket.find().insert_many(rows[1:2])).written == 1
    await rows[2].save(nulls="skip")
    for row in rows:
        assert await read(row) == first.model_copy(update={"line": row.line})


@pytest.mark.usefixtures("tables")
async def test_static_counters_are_counted_for_the_partition() -> None:
    visits = Visits(site=str(uuid4()), page="p")
    await visits.increment(total=2, views=1)
    await visits.increment(total=3)
    await Visits.decrement(site=visits.site, total=1)
    found = await Visits.get(site=visits.site, page="p")
    assert (found.total, found.views) == (4, 1)


@pytest.mark.usefixtures("tables")
async def test_of_a_row_it_is_known_when_its_static_columns_were_written() -> None:
    one, two = await saved()
    await one.update(note="n")
    row = Basket.find(owner=one.owner, line=two.line)
    assert await row.writetime("note") > 0
    assert await row.column_ttl("note") is None
