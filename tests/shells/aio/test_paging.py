"""12,000 rows come back as 12,000 from every way of reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import pytest

from coodie.aio import AsyncBatchQuery, Document
from coodie.fields import ClusteringKey, PrimaryKey

if TYPE_CHECKING:
    from coodie.aio import QuerySet
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node

ROWS = 12_000
FETCHED = 10
"""How many rows a page has."""


class Row(Document):
    part: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    text: str = ""

    class Settings:
        name = "many_rows"


async def at_once(query: QuerySet[Row]) -> list[int]:
    return [row.number for row in await query.all()]


async def lazily(query: QuerySet[Row]) -> list[int]:
    return [row.resolve().number for row in await query.all(lazy=True)]


async def one_by_one(query: QuerySet[Row]) -> list[int]:
    return [row.number async for row in query]


async def page_by_page(query: QuerySet[Row]) -> list[int]:
    return [row.number async for page in query.pages() for row in page]


async def by_paging_states(query: QuerySet[Row]) -> list[int]:
    page = await query.paged_all()
    found = [row.number for row in page]
    while page.paging_state is not None:
        page = await query.page(page.paging_state).paged_all()
        found += [row.number for row in page]
    return found


async def values_at_once(query: QuerySet[Row]) -> list[int]:
    return await query.values_list("number", flat=True).all()


async def values_one_by_one(query: QuerySet[Row]) -> list[int]:
    return [number async for (number,) in query.values_list("number")]


async def in_slices(query: QuerySet[Row]) -> list[int]:
    return [row.number for row in [*await query[:FETCHED].all(), *await query[FETCHED:].all()]]


async def scanned(query: QuerySet[Row]) -> list[int]:
    return [row.number async for row in query.scan(splits=8)]


WAYS = [
    at_once,
    lazily,
    one_by_one,
    page_by_page,
    by_paging_states,
    values_at_once,
    values_one_by_one,
    in_slices,
]


@pytest.fixture
async def part(connection: AbstractDriver) -> str:
    """A partition of 12,000 rows, the only ones of the table."""
    await Row.sync_table()
    await Row.truncate()
    part = uuid4().hex
    for start in range(0, ROWS, 500):
        async with AsyncBatchQuery(logged=False) as batch:
            for number in range(start, start + 500):
                await Row(part=part, number=number, text=f"row {number}").save(batch=batch)
    return part


class Few(Row):
    """A table of one partition for each number of rows."""

    class Settings(Row.Settings):
        name = "few_rows"


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_a_page_may_end_where_the_rows_do(connection: AbstractDriver, way: Any) -> None:
    await Few.sync_table()
    for rows in (0, 1, FETCHED - 1, FETCHED, FETCHED + 1, 3 * FETCHED):
        await Few.find().save_many([Few(part=f"{rows} rows", number=number) for number in range(rows)])
        query = Few.find(part=f"{rows} rows").fetch_size(FETCHED)
        assert await way(query) == list(range(rows))
        assert await query.count() == rows


async def test_every_way_of_reading_returns_every_row_once(part: str) -> None:
    expected = list(range(ROWS))
    for way in (*WAYS, scanned):
        assert await way(Row.find().fetch_size(1_000)) == expected
        assert await way(Row.find().fetch_size(1_001)) == expected
    assert [row.number for row in await Row.find(part=part).all()] == expected
    assert [row.number for row in await Row.find().all()] == expected
    assert [row.number async for row in Row.find(part=part)] == expected
    assert [row.number async for row in Row.find()] == expected
    assert [row.number for row in await Row.find(part=part).order_by("-number").all()] == expected[::-1]
    assert [row.number async for row in Row.find(part=part).limit(ROWS - 1)] == expected[:-1]
    assert len(await Row.find(part=part, number__gte=0).limit(7_001).all()) == 7_001
    assert len(await Row.find(text__gte="").allow_filtering().all()) == ROWS
    assert await Row.find(part=part).count() == ROWS
    assert await Row.find().count() == ROWS
    assert await Row.find().limit(5_000).count() == 5_000
    last = await Row.find(part=part).order_by("-number").first()
    assert last is not None
    assert last.number == ROWS - 1
