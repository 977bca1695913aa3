"""Optimistic locking: nobody overwrites what he has not seen, on the real node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID, uuid4

import pytest
from pydantic import Field

from coodie.aio import AsyncBatchQuery, Document
from coodie.exceptions import FieldNotLoadedError, InvalidQueryError, StaleDocumentError
from coodie.fields import PrimaryKey, Version
from coodie.mixins import Timestamped

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class Plan(Timestamped, Document):
    id: Annotated[UUID, PrimaryKey()] = Field(default_factory=uuid4)
    title: str = "untitled"
    steps: list[str] = []
    tags: set[str] = set()
    notes: dict[str, int] = {}
    version: Annotated[int, Version()] = 0

    class Settings:
        name = "plans_with_versions"


@pytest.fixture
async def plan(connection: AbstractDriver) -> Plan:
    """A plan that was saved."""
    await Plan.sync_table()
    plan = Plan()
    await plan.save()
    return plan


async def test_each_write_counts_and_stale_ones_are_refused(plan: Plan) -> None:
    mine, theirs = await Plan.get(id=plan.id), await Plan.get(id=plan.id)
    mine.title = "mine"
    await mine.save()
    assert mine.version == 1
    with pytest.raises(StaleDocumentError, match="written by somebody else since it was read") as stale:
        await theirs.update(title="theirs")
    assert (stale.value.existing, theirs.title, theirs.version) == ({"version": 1}, "untitled", 0)
    with pytest.raises(StaleDocumentError):
        await theirs.save()
    assert theirs.updated_at == plan.updated_at
    with pytest.raises(StaleDocumentError):
        await theirs.delete()
    mine.steps.append("one")
    await mine.update()
    again = await Plan.get(id=plan.id)
    assert (again, again.version, again.steps) == (mine, 2, ["one"])
    result = await again.delete()
    assert result is not None
    assert result.applied
    with pytest.raises(StaleDocumentError, match="no longer there"):
        await mine.update(title="gone")


async def test_a_new_document_takes_no_others_place(plan: Plan) -> None:
    twin = Plan(id=plan.id, title="twin")
    with pytest.raises(StaleDocumentError):
        await twin.save()
    assert (twin.created_at, twin.updated_at) == (None, None)
    rejected = await plan.update(if_conditions={"title": "other"}, title="changed")
    assert rejected is not None
    assert (rejected.applied, plan.title, plan.version) == (False, "untitled", 0)


async def test_what_cannot_look_at_the_version_is_refused(plan: Plan) -> None:
    batch = AsyncBatchQuery()
    with pytest.raises(InvalidQueryError, match="write it without a batch"):
        await plan.save(batch=batch)
    with pytest.raises(InvalidQueryError, match="which knows its version"):
        await Plan.find(id=plan.id).update(title="x")
    with pytest.raises(InvalidQueryError, match=r"use save\(\)"):
        await plan.save_json()
    with pytest.raises(InvalidQueryError, match=r"or name it: iff\(version=\.\.\.\)"):
        await Plan.find(id=plan.id).delete()
    with pytest.raises(InvalidQueryError, match=r"Plan\.version counts the writes of a document"):
        await plan.update(version=100)
    assert await Plan.get(id=plan.id) == plan


async def test_columns_are_deleted_where_nobody_else_has_written(plan: Plan) -> None:
    await plan.update(steps=["one", "two", "three"], tags={"a", "b"}, notes={"x": 1, "y": 2})
    mine, theirs = await Plan.get(id=plan.id), await Plan.get(id=plan.id)
    await mine.update(title="mine")
    with pytest.raises(StaleDocumentError, match="written by somebody else"):
        await theirs.delete_columns("title")
    assert (theirs.title, theirs.version) == ("untitled", 1)
    await mine.delete_columns(
        "title", collection_elements=[("steps", 1), ("tags", "a"), ("notes", "x"), ("notes", "y")]
    )
    assert (mine.title, mine.steps, mine.tags, mine.notes) == ("untitled", ["one", "three"], {"b"}, {})
    assert mine.version == 3
    await mine.update()
    await mine.update(title="known")
    assert await Plan.get(id=plan.id) == mine
    with pytest.raises(InvalidQueryError, match="write it without a batch"):
        await mine.delete_columns("title", batch=AsyncBatchQuery())


async def test_a_query_deletes_what_has_the_version_that_it_names(plan: Plan) -> None:
    refused = await Plan.find(id=plan.id).iff(version=7).delete()
    assert (refused.applied, refused.existing) == (False, {"version": 0})
    assert (await Plan.find(id=plan.id).iff(version=0).delete()).applied


async def test_a_document_in_part_has_its_version(plan: Plan) -> None:
    part = await Plan.find(id=plan.id).only("title").first()
    assert part is not None
    await part.update(title="changed")
    assert (await Plan.get(id=plan.id)).version == part.version == 1
    without = await Plan.find(id=plan.id).defer("version").first()
    assert without is not None
    without.title = "without"
    with pytest.raises(FieldNotLoadedError, match=r"Plan\.version was not fetched"):
        await without.save()
    with pytest.raises(FieldNotLoadedError, match=r"Plan\.version was not fetched"):
        await without.update(title="x")
    with pytest.raises(FieldNotLoadedError, match=r"Plan\.version was not fetched"):
        await without.delete()
    assert (await Plan.get(id=plan.id)).version == 1


async def test_a_document_with_another_key_is_a_new_one(plan: Plan) -> None:
    other = await Plan.get(id=plan.id)
    other.id = uuid4()
    await other.save()
    assert await Plan.get(id=other.id) == other
    other.id = plan.id
    with pytest.raises(StaleDocumentError):
        await other.save()
