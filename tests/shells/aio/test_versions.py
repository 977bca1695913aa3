"""Optimistic locking: nobody overwrites what he has not seen, on the real node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import pytest
from pydantic import Field

from coodie.aio import AsyncBatchQuery, Document
from coodie.exceptions import FieldNotLoadedError, InvalidQueryError, InvalidValueError, StaleDocumentError
from coodie.fields import PrimaryKey, Version
from coodie.mixins import Timestamped

if TYPE_CHECKING:
    from collections.abc import Callable

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
    with pytest.raises(InvalidQueryError, match=r"would let Plan\.version end, and not its row, .* the save\(\) that"):
        await plan.update(ttl=60, title="for a minute")
    plan.steps.append("for a minute")
    with pytest.raises(InvalidQueryError, match="and not its row"):
        await plan.save(ttl=60)
    with pytest.raises(InvalidQueryError, match="and not its row"):
        await plan.save(changed_only=True, ttl=60)
    plan.steps.pop()
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


class Unversioned(Document):
    id: Annotated[UUID, PrimaryKey()] = Field(default_factory=uuid4)
    title: str = "untitled"

    class Settings:
        name = "plans_before_versions"


class Versioned(Unversioned):
    version: Annotated[int, Version()] = 0

    class Settings(Unversioned.Settings):
        pass


class Loose(Document):
    id: Annotated[UUID, PrimaryKey()]
    title: str | None = None
    version: int | None = None

    class Settings(Unversioned.Settings):
        pass


WAYS = ("save", "save of what changed", "save of many", "update", "update of a field", "delete of columns", "delete")


async def write(plan: Versioned, way: str) -> None:
    """Write a plan in one of the ways."""
    if way == "save of many":
        await Versioned.find().save_many([plan])
    elif way.startswith("save"):
        await plan.save(changed_only=way == "save of what changed")
    elif way == "delete of columns":
        await plan.delete_columns("title")
    elif way == "delete":
        await plan.delete()
    elif way == "update":
        await plan.update()
    else:
        await plan.update(title="changed")


@pytest.fixture
async def old(connection: AbstractDriver) -> Versioned:
    """A plan that was written before plans had versions, as it is read now."""
    await Unversioned.sync_table()
    before = Unversioned(title="old")
    await before.save()
    await Versioned.sync_table()
    return await Versioned.get(id=before.id)


@pytest.mark.parametrize("way", WAYS)
async def test_a_row_without_a_version_is_written_like_others(old: Versioned, way: str) -> None:
    assert old.version == 0
    old.title = "assigned"
    await write(old, way)
    found = await Versioned.find_one(id=old.id)
    if way == "delete":
        assert found is None
    else:
        assert found == old
        assert old.version == 1


@pytest.mark.parametrize("way", [each for each in WAYS if each != "save of many"])
async def test_a_row_that_had_no_version_is_stale_when_it_was_written_since(old: Versioned, way: str) -> None:
    theirs = await Versioned.get(id=old.id)
    await theirs.update(title="theirs")
    old.title = "mine"
    with pytest.raises(StaleDocumentError, match="written by somebody else"):
        await write(old, way)
    assert await Versioned.get(id=old.id) == theirs
    await theirs.delete()
    with pytest.raises(StaleDocumentError, match="no longer there"):
        await write(old, way)
    assert await Versioned.find_one(id=old.id) is None


async def test_a_version_is_not_taken_for_the_null_that_it_became(old: Versioned) -> None:
    mine = await Versioned.get(id=old.id)
    await mine.save()
    twin = await Versioned.get(id=old.id)
    await Loose.find(id=old.id).update(version=None)
    twin.title = "twin"
    with pytest.raises(StaleDocumentError):
        await twin.save()
    made = Versioned(id=old.id, title="made")
    with pytest.raises(StaleDocumentError):
        await made.update(title="made")
    assert (await Versioned.get(id=old.id)).title == "old"


async def test_a_condition_of_ones_own_is_asked_beside_the_version(old: Versioned, plan: Plan) -> None:
    refused = await old.update(if_conditions={"title": "other"}, title="changed")
    assert (refused.applied, refused.existing["title"], old.title) == (False, "old", "old")
    assert (await old.update(if_conditions={"title": "old"}, title="changed")).applied
    again = await old.update(if_conditions={"version": 1, "title__ne": "x"}, title="again")
    assert (again.applied, old.version) == (True, 2)
    for write in (plan.update, plan.delete):
        with pytest.raises(InvalidQueryError, match=r"Plan\.version is another one.*leave it out of if_conditions"):
            await write(if_conditions={"version": 77})
    assert await Plan.get(id=plan.id) == plan


async def test_what_a_null_reads_as_is_what_a_document_compares_with(old: Versioned) -> None:
    await Loose.find(id=old.id).update(title=None)
    found = await Unversioned.get(id=old.id)
    assert found.title == "untitled"
    refused = await found.update(if_conditions={"title": "other"}, title="x")
    assert not refused.applied
    result = await found.update(if_conditions={"title": found.title}, title="x")
    assert (result.applied, (await Unversioned.get(id=old.id)).title) == (True, "x")
    await Loose.find(id=old.id).update(title=None)
    found = await Unversioned.get(id=old.id)
    deleted = await found.delete(if_conditions={"title": "untitled"})
    assert deleted.applied


def updated_by_name(plan: Plan) -> Any:
    return plan.update(title="new")


def without_title(plan: Plan) -> Any:
    return plan.delete_columns("title")


WRITES: list[Callable[[Plan], Any]] = [Plan.save, Plan.update, updated_by_name, without_title, Plan.delete]


@pytest.mark.parametrize("wrong", ["SECRET-PIN-1234", [1], 1.5, True, 2**31])
async def test_what_is_no_version_is_refused_by_its_field_and_not_repeated(plan: Plan, wrong: Any) -> None:
    plan.version = wrong
    plan.steps = ["one"]
    for write in WRITES:
        with pytest.raises(InvalidValueError, match=r"^Plan\.version: ") as refused:
            await write(plan)
        assert "SECRET" not in str(refused.value)
    plan.version = 0
    await plan.update()
    assert (plan.version, (await Plan.get(id=plan.id)).steps) == (1, ["one"])


async def test_a_version_that_was_assigned_is_the_one_that_is_asked_about(plan: Plan) -> None:
    seen = plan.version  # as a request gives it back
    await plan.update(title="second")
    for write in WRITES:
        for steps in ([], ["one"]):
            found = await Plan.get(id=plan.id)
            found.version = seen
            found.steps = steps
            with pytest.raises(StaleDocumentError, match="written by somebody else since it was read"):
                await write(found)
    found = await Plan.get(id=plan.id)
    await found.update(title="third")
    mine = plan.model_copy(update={"version": found.version})
    mine.steps = ["two"]
    await mine.update()
    again = await Plan.get(id=plan.id)
    assert (again.title, again.steps, again.version, mine.version) == ("third", ["two"], 3, 3)
