"""Entries of dicts on a real node: found by their indexes, filtered, and compared by conditions of writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import pytest

from coodie import col
from coodie.aio import Document
from coodie.fields import ClusteringKey, Frozen, Indexed, PrimaryKey

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = [pytest.mark.node, pytest.mark.usefixtures("rows")]


class Plan(Document):
    id: Annotated[int, PrimaryKey()]
    at: Annotated[int, ClusteringKey()] = 0
    limits: Annotated[dict[str, int], Indexed(on="entries")] = {}
    quotas: Annotated[dict[str, int], Indexed(using="sai", on="entries")] = {}
    plain: dict[str, int] = {}
    fixed: Annotated[dict[str, int], Frozen()] = {}
    steps: list[int] = []
    tags: Annotated[set[str], Indexed()] = set()

    class Settings:
        name = "plans_of_entries"


@pytest.fixture
async def rows(connection: AbstractDriver) -> None:
    """Two rows of one partition."""
    await Plan.sync_table()
    await Plan.truncate()
    entries = {"a": 1, "b": 2}
    await Plan(
        id=1, at=1, limits=entries, quotas=entries, plain=entries, fixed=entries, steps=[5, 6], tags={"x", "y"}
    ).save()
    await Plan(id=1, at=2, limits={"a": 2}, quotas={"a": 2}, plain={"a": 2}, tags={"x"}).save()


async def test_entries_are_found() -> None:
    for query in (
        Plan.find(Plan.limits["a"] == 1),
        Plan.find(Plan.quotas["a"] == 1),
        Plan.find(Plan.quotas["a"] == 1, Plan.quotas["b"] == 2),
        Plan.find(Plan.limits["a"] == 1, Plan.limits["b"] == 2),
        Plan.find(Plan.limits["a"] == 1, Plan.quotas["b"] == 2),
        Plan.find(Plan.limits["a"] == 1, id=1),
        Plan.find(Plan.plain["a"] == 1, id=1),
        Plan.find(Plan.plain["a"] == 1).allow_filtering(),
        Plan.find(tags__contains="x").filter(tags__contains="y"),
    ):
        assert await query.values_list("at", flat=True).all() == [1]
    assert await Plan.find(Plan.limits["c"] == 1).count() == 0


async def test_conditions_compare_entries_and_places() -> None:
    row = Plan.find(id=1, at=1)
    rejected = await row.iff(Plan.limits["a"] > 1).update(plain={})
    assert (rejected.applied, rejected.existing) == (False, {"limits": {"a": 1, "b": 2}})
    assert not (await row.iff(Plan.steps[1] == 5).update(plain={})).applied
    assert not (await row.iff(Plan.steps[9] == 5).update(plain={})).applied
    assert not (await row.iff(col(Plan.limits)["c"] != None).delete()).applied  # noqa: E711
    applied = await row.iff(
        Plan.limits["a"] <= 1, col(Plan.limits["b"]).in_([2, 3]), Plan.steps[0] == 5, Plan.fixed["a"] == 1
    ).update(plain={"c": 3})
    assert applied.applied
    assert (await row.iff(col(Plan.limits)["c"] == None).delete()).applied  # noqa: E711
    assert await row.count() == 0
