"""Hooks, stamps and marks of deletion, and what batches call afterwards, on the real node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar
from uuid import UUID, uuid4

import pytest
from pydantic import Field

from coodie.aio import AsyncBatchQuery, Document
from coodie.exceptions import InvalidQueryError
from coodie.fields import PrimaryKey
from coodie.hooks import (
    after_delete,
    after_load,
    after_save,
    after_update,
    before_delete,
    before_save,
    before_update,
)
from coodie.mixins import SoftDeleted, Timestamped

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class Order(Timestamped, SoftDeleted, Document):
    id: Annotated[UUID, PrimaryKey()] = Field(default_factory=uuid4)
    total: int = 0
    state: str = "new"
    seen: ClassVar[list[str]] = []

    class Settings:
        name = "orders_with_hooks"

    @before_save
    def check_total(self) -> None:
        self.seen.append("before save")
        if self.total < 0:
            raise ValueError("an order costs something")

    @after_save
    def saved(self) -> None:
        self.seen.append("after save")

    @before_update
    def round_total(self) -> None:
        self.seen.append("before update")
        self.total = self.total // 10 * 10

    @after_update
    def updated(self) -> None:
        self.seen.append("after update")

    @before_delete
    def leave(self) -> None:
        self.seen.append("before delete")

    @after_delete
    def left(self) -> None:
        self.seen.append("after delete")

    @after_load
    def loaded(self) -> None:
        self.seen.append("load")


@pytest.fixture
async def seen(connection: AbstractDriver) -> list[str]:
    """What the hooks did in this test."""
    await Order.sync_table()
    Order.seen.clear()
    return Order.seen


async def test_each_verb_runs_its_hooks(seen: list[str]) -> None:
    order = Order(total=17)
    await order.save()
    await order.update(state="paid")
    found = await Order.get(id=order.id)
    assert (found.total, found.state) == (10, "paid")
    assert found == order
    await order.delete()
    assert seen == [
        "before save",
        "after save",
        "before update",
        "after update",
        "load",
        "before delete",
        "after delete",
    ]


async def test_what_a_hook_raises_ends_the_verb(seen: list[str]) -> None:
    order = Order(total=-1)
    with pytest.raises(ValueError, match="costs something"):
        await order.save()
    assert await Order.find_one(id=order.id) is None


async def test_a_hook_sees_what_is_given_and_what_it_makes_of_it_is_written(seen: list[str]) -> None:
    order = Order(total=20)
    await order.save()
    await order.update(total=47, state="paid")
    assert (order.total, order.state) == (40, "paid")
    assert await Order.get(id=order.id) == order
    rejected = await order.update(total=99, if_conditions={"state": "new"})
    assert rejected is not None
    assert (rejected.applied, order.total) == (False, 40)
    assert await Order.get(id=order.id) == order


class Labelled(Timestamped, Document):
    id: Annotated[UUID, PrimaryKey()] = Field(default_factory=uuid4)
    labels: set[str] = set()
    lines: list[str] = []

    class Settings:
        name = "labelled_with_hooks"


async def test_iterators_are_written_where_hooks_see_them(connection: AbstractDriver) -> None:
    await Labelled.sync_table()
    labelled = Labelled(labels={"old"})
    await labelled.save()
    await labelled.update(add__labels=map(str.strip, [" a", " b"]), lines=map(str.strip, [" c", " d"]))
    assert (labelled.labels, labelled.lines) == ({"old", "a", "b"}, ["c", "d"])
    assert await Labelled.get(id=labelled.id) == labelled
    asked = await labelled.update(if_conditions={"labels": iter(["old", "a", "b"])})
    assert asked is not None
    assert asked.applied


async def test_stamps_keep_themselves(seen: list[str]) -> None:
    order = Order(total=20)
    await order.save()
    created = order.created_at
    assert created is not None
    assert order.updated_at == created
    rejected = await order.update(if_conditions={"state": "gone"}, state="paid")
    assert rejected is not None
    assert (rejected.applied, order.updated_at, order.state) == (False, created, "new")
    await order.update(state="paid")
    found = await Order.get(id=order.id)
    assert found.created_at == created
    assert found.updated_at is not None
    assert found.updated_at >= created
    assert not found.is_deleted
    found.mark_deleted()
    await found.update()
    assert (await Order.get(id=order.id)).is_deleted
    found.mark_restored()
    await found.update()
    assert not (await Order.get(id=order.id)).is_deleted


async def test_stamps_of_what_was_not_written_are_taken_back(seen: list[str]) -> None:
    order = await Order.create(total=20)
    other = Order(id=order.id)
    rejected = await other.insert()
    assert not rejected.applied
    assert (other.created_at, other.updated_at) == (None, None)
    order.state = "paid"
    before = order.updated_at
    result = await order.update(if_conditions={"state": "gone"})
    assert result is not None
    assert (result.applied, order.state, order.updated_at) == (False, "paid", before)


async def test_documents_in_part_are_stamped_as_far_as_they_go(seen: list[str]) -> None:
    order = await Order.create(total=20)
    part = await Order.find(id=order.id).only("state", "total").first()
    assert part is not None
    part.state = "paid"
    await part.save()
    found = await Order.get(id=order.id)
    assert (found.state, found.created_at, found.updated_at) == ("paid", order.created_at, part.updated_at)
    rejected = await part.insert()
    assert not rejected.applied
    await order.delete()
    assert (await part.insert()).applied


async def test_hooks_of_a_batch_run_when_it_was_sent(seen: list[str]) -> None:
    order, other = Order(total=1), Order(total=2)
    called: list[object] = []
    async with AsyncBatchQuery() as batch:
        await order.save(batch=batch)
        await other.save(batch=batch)
        batch.add_callback(called.append, 1)
        assert (seen, called) == (["before save", "before save"], [])
    assert (seen[2:], called) == (["after save", "after save"], [1])
    dropped = AsyncBatchQuery()
    dropped.add_callback(called.append, 2)
    await dropped.__aexit__(RuntimeError, RuntimeError(), None)
    await dropped.execute()
    assert called == [1]


async def test_stamps_of_a_batch_that_was_not_made_are_taken_back(seen: list[str]) -> None:
    order = await Order.create()
    before = order.model_dump()

    async def fail_inside() -> None:
        async with AsyncBatchQuery() as batch:
            await order.save(batch=batch)
            await order.update(total=1, batch=batch)
            raise KeyError

    with pytest.raises(KeyError):
        await fail_inside()
    assert order.model_dump() == before
    async with AsyncBatchQuery() as batch:
        await order.update(total=1, if_conditions={"total": 99}, batch=batch)
    assert batch.result is not None
    assert not batch.result.applied
    assert order.model_dump() == before
    assert await Order.get(id=order.id) == order


async def test_a_call_behind_a_batch_finds_its_result(seen: list[str]) -> None:
    batch = AsyncBatchQuery()
    found: list[bool] = []

    def look() -> None:
        assert batch.result is not None
        found.append(batch.result.applied)
        raise RuntimeError("metrics are down")

    await Order().insert(batch=batch)
    batch.add_callback(look)
    with pytest.raises(RuntimeError, match="metrics are down"):
        await batch.execute()
    assert found == [True]


async def test_a_batch_with_a_timestamp_refuses_a_condition_and_keeps_the_rest(seen: list[str]) -> None:
    order = Order(total=1)
    async with AsyncBatchQuery(timestamp=1_700_000_000_000_000) as batch:
        await order.save(batch=batch)
        with pytest.raises(InvalidQueryError, match=r"takes no write with a condition.*; leave timestamp out"):
            await Order(id=order.id).insert(batch=batch)
        with pytest.raises(InvalidQueryError, match="2 markers, but 1 value was given"):
            batch.add("INSERT INTO ks.t (a, b) VALUES (?, ?)", [1])
    assert await Order.find(id=order.id).writetime("total") == 1_700_000_000_000_000


class Ledger(Document):
    """What was told of its writes."""

    id: Annotated[UUID, PrimaryKey()]
    total: int = 0
    told: ClassVar[list[str]] = []

    class Settings:
        name = "ledgers_with_hooks"

    @after_save
    def saved(self) -> None:
        self.told.append("save")

    @after_update
    def updated(self) -> None:
        self.told.append("update")


async def test_where_nothing_is_written_no_hook_says_so(connection: AbstractDriver) -> None:
    await Ledger.sync_table()
    ledger, told = Ledger(id=uuid4()), Ledger.told
    told.clear()
    await ledger.save(changed_only=True)
    assert told == ["save"]
    await ledger.save(changed_only=True)
    await ledger.update()
    async with AsyncBatchQuery() as batch:
        await ledger.save(changed_only=True, batch=batch)
    assert told == ["save"]
    ledger.total = 1
    await ledger.save(changed_only=True)
    ledger.total = 2
    async with AsyncBatchQuery() as batch:
        await ledger.save(changed_only=True, batch=batch)
    assert told == ["save"] * 3
    assert (await Ledger.get(id=ledger.id)).total == 2
