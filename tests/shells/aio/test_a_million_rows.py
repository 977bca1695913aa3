"""A million rows come back as a million from every way of reading that streams, in memory that stays as it is."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.aio import Document
from coodie.fields import ClusteringKey, PrimaryKey

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from coodie.aio import QuerySet
    from coodie_drivers import AbstractDriver

STATM = Path("/proc/self/statm")

pytestmark = [
    pytest.mark.node,
    pytest.mark.long,
    pytest.mark.timeout(1_800),
    pytest.mark.skipif(not STATM.exists(), reason="how much memory is resident is read from /proc"),
]

PARTS, ROWS = 1_000, 1_000
MORE = 30 * 2**20
"""How many bytes the process may grow by while the rows go through it."""


class Reading(Document):
    part: Annotated[int, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    text: str = ""

    class Settings:
        name = "a_million_rows"


def resident() -> int:
    """How many bytes of the process are in memory."""
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def one_by_one(query: QuerySet[Reading]) -> AsyncIterator[tuple[int, int]]:
    async for row in query:
        yield row.part, row.number


async def page_by_page(query: QuerySet[Reading]) -> AsyncIterator[tuple[int, int]]:
    async for page in query.pages():
        for row in page:
            yield row.part, row.number


async def by_paging_states(query: QuerySet[Reading]) -> AsyncIterator[tuple[int, int]]:
    page = await query.paged_all()
    while True:
        for row in page:
            yield row.part, row.number
        if page.paging_state is None:
            return
        page = await query.page(page.paging_state).paged_all()


async def as_values(query: QuerySet[Reading]) -> AsyncIterator[tuple[int, int]]:
    async for row in query.values_list("part", "number"):
        yield row[0], row[1]


async def scanned(query: QuerySet[Reading]) -> AsyncIterator[tuple[int, int]]:
    async for row in query.scan(splits=64):
        yield row.part, row.number


async def test_a_million_rows_are_streamed(connection: AbstractDriver) -> None:
    await Reading.sync_table()
    await Reading.truncate()
    before, largest = resident(), 0

    def readings() -> Any:
        nonlocal largest
        for part in range(PARTS):
            largest = max(largest, resident())
            for number in range(ROWS):
                yield Reading(part=part, number=number, text=f"reading {number}")

    written = await Reading.find().save_many(readings(), at_once=16, batched=True)
    assert written.written == PARTS * ROWS
    assert largest < before + MORE
    for way in (one_by_one, page_by_page, by_paging_states, as_values, scanned):
        seen = bytearray(PARTS * ROWS)
        gc.collect()
        before, largest = resident(), 0
        async for part, number in way(Reading.find().fetch_size(1_000)):
            seen[part * ROWS + number] += 1
            if not number:
                largest = max(largest, resident())
        assert seen == b"\x01" * (PARTS * ROWS), way.__name__
        assert largest < before + MORE, way.__name__
    assert connection is not None
