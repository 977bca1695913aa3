"""Whole tables, read by ranges of tokens, on the real node: every row once, interrupted and resumed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import pytest

from coodie.aio import Document
from coodie.fields import ClusteringKey, PrimaryKey

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node

PARTITIONS, ROWS = 2_000, 6


class Measure(Document):
    site: Annotated[int, PrimaryKey(partition_key_index=0)]
    kind: Annotated[str, PrimaryKey(partition_key_index=1)]
    number: Annotated[int, ClusteringKey()]
    value: int = 0

    class Settings:
        name = "measures_of_scans"


async def test_every_row_once(connection: AbstractDriver) -> None:
    await Measure.sync_table()
    await Measure.truncate()
    rows = {(site, f"k{site % 3}", number) for site in range(PARTITIONS) for number in range(ROWS)}
    documents = (Measure(site=site, kind=kind, number=number, value=number) for site, kind, number in sorted(rows))
    assert (await Measure.find().save_many(documents, at_once=64, batched=True)).written == 12_000

    query = Measure.find().fetch_size(100).values_list("site", "kind", "number")
    seen: list[tuple[int, str, int]] = []
    told: list[int] = []
    position = None
    for stop in (1, 777, 3_000, 12_000):
        scan = query.scan(resume=position, splits=64, progress=lambda done, of: told.append(done * 1_000 + of))
        first = len(seen)
        async for row in scan:
            seen.append(row)
            if len(seen) == first + stop:
                break
        position = scan.position
    assert len(seen) == 12_000
    assert set(seen) == rows
    assert told == [done * 1_000 + 64 for done in range(1, 65)]
    assert [row[0] async for row in query.scan(resume=position)] == []

    some = Measure.find(value=3).allow_filtering().only("value").scan(splits=16)
    assert len([measure async for measure in some if measure.value == 3]) == PARTITIONS
    keys = Measure.find().distinct().values_list("site", "kind").scan(splits=16)
    assert len([site async for site, _ in keys]) == PARTITIONS
    assert connection is not None
