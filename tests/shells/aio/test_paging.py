"""12,000 rows come back as 12,000 from every way of reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import pytest

from coodie.aio import AsyncBatchQuery, Document
from coodie.fields import ClusteringKey, PrimaryKey

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node

ROWS = 12_000


class Row(Document):
    part: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    text: str = ""

    class Settings:
        name = "many_rows"


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


async def test_every_way_of_reading_returns_every_row_once(part: str) -> None:
    expected = list(range(ROWS))
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
