"""Verbs that hand their write to a batch, on the real node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import pytest
from pydantic import BaseModel

from coodie.aio import AsyncBatchQuery, CounterDocument, Document
from coodie.fields import ClusteringKey, Counter, PrimaryKey

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class Step(Document):
    plan: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    title: str = ""
    tags: set[str] = set()

    class Settings:
        name = "steps_in_batches"


class Seen(CounterDocument):
    place: Annotated[str, PrimaryKey()]
    times: Annotated[int, Counter()] = 0

    class Settings:
        name = "seen_in_batches"


class Patch(BaseModel):
    title: str


async def test_every_verb_writes_by_batch(connection: AbstractDriver) -> None:
    await Step.sync_table()
    plan = uuid4().hex
    steps = [Step(plan=plan, number=number) for number in range(5)]
    await Step.find().save_many(steps)
    async with AsyncBatchQuery() as batch:
        await steps[0].update(title="updated", add__tags={"a"}, batch=batch)
        await Step.create(plan=plan, number=9, title="created", batch=batch)
        await Step(plan=plan, number=8, title="json").save_json(batch=batch)
        await Step.find(plan=plan, number=1).update(title="by query", batch=batch)
        assert await Step.find(plan=plan, number=7).update_from(Patch(title="patched"), batch=batch) is None
        await Step.find(plan=plan, number=2).delete(batch=batch)
        await Step.find(plan=plan, number__gte=3, number__lt=5).delete(batch=batch)
        assert steps[0].title == ""
    found = [(step.number, step.title) for step in await Step.find(plan=plan).all()]
    assert found == [(0, "updated"), (1, "by query"), (7, "patched"), (8, "json"), (9, "created")]
    assert await Step.get(plan=plan, number=0) == steps[0]
    async with AsyncBatchQuery() as conditional:
        await steps[0].update(title="other", if_conditions={"title": "wrong"}, batch=conditional)
    assert conditional.result is not None
    assert (conditional.result.applied, steps[0].title) == (False, "updated")


async def test_the_batch_tells_what_became_of_a_condition(connection: AbstractDriver) -> None:
    await Step.sync_table()
    plan = uuid4().hex
    await Step(plan=plan, number=1, title="first").save()
    row = Step.find(plan=plan, number=1)
    async with AsyncBatchQuery() as failing:
        assert await row.iff(title="wrong").update(title="other", batch=failing) is None
    async with AsyncBatchQuery() as holding:
        assert await row.iff(title="first").delete(batch=holding) is None
        assert await row.exists()
    assert failing.result is not None
    assert holding.result is not None
    assert (failing.result.applied, failing.result.existing["title"]) == (False, "first")
    assert (holding.result.applied, await row.exists()) == (True, False)


async def test_counters_are_counted_by_batch(connection: AbstractDriver) -> None:
    await Seen.sync_table()
    place = uuid4().hex
    async with AsyncBatchQuery(batch_type="counter") as batch:
        await Seen(place=place).increment(times=3, batch=batch)
        await Seen.decrement(place=place, times=1, batch=batch)
    assert (await Seen.get(place=place)).times == 2
