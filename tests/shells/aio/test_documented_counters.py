"""Counters as they are documented, with every adapter on a real node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import pytest

from coodie.aio import AsyncBatchQuery, CounterDocument, Document
from coodie.exceptions import InvalidModelError, InvalidQueryError
from coodie.fields import Counter, PrimaryKey

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = [pytest.mark.node, pytest.mark.every_adapter]
shows = pytest.mark.shows


class PageHits(CounterDocument):
    url: Annotated[str, PrimaryKey()]
    views: Annotated[int, Counter()]
    unique_visitors: Annotated[int, Counter()]

    class Settings:
        name = "documented_hits"


@pytest.fixture
async def page(connection: AbstractDriver) -> PageHits:
    """A page that nobody has seen, and the table of it."""
    await PageHits.sync_table()
    return PageHits(url=f"/{uuid4()}")


async def counted(page: PageHits) -> tuple[int, int]:
    found = await PageHits.get(url=page.url)
    return found.views, found.unique_visitors


@shows("counters: a table of them")
async def test_the_columns_are_counters(page: PageHits, connection: AbstractDriver) -> None:
    rows = await connection.execute_async(
        "SELECT column_name, type FROM system_schema.columns WHERE keyspace_name = ? AND table_name = ?",
        [connection.default_keyspace, "documented_hits"],
    )
    assert {row["column_name"]: row["type"] for row in rows} == {
        "url": "text",
        "views": "counter",
        "unique_visitors": "counter",
    }


@shows("counters: increment", "counters: get")
async def test_increment_adds(page: PageHits) -> None:
    await page.increment(views=1)
    await page.increment(views=2)
    assert await counted(page) == (3, 0)


@shows("counters: increment several at once")
async def test_increment_adds_to_several_at_once(page: PageHits) -> None:
    await page.increment(views=1, unique_visitors=4)
    assert await counted(page) == (1, 4)


@shows("counters: decrement")
async def test_decrement_subtracts(page: PageHits) -> None:
    await page.increment(views=5)
    await page.decrement(views=2)
    assert await counted(page) == (3, 0)


@shows("counters: increment on the class")
async def test_increment_on_the_class_takes_the_key(page: PageHits) -> None:
    await PageHits.increment(url=page.url, views=1, unique_visitors=1)
    assert await counted(page) == (1, 1)


@shows("counters: decrement on the class")
async def test_decrement_on_the_class_takes_the_key(page: PageHits) -> None:
    await PageHits.decrement(url=page.url, views=1)
    assert await counted(page) == (-1, 0)


@shows("counters: find")
async def test_counters_are_found(page: PageHits) -> None:
    await page.increment(views=7)
    assert [each.views for each in await PageHits.find(url=page.url).all()] == [7]


@pytest.mark.parametrize(
    "verb",
    [
        pytest.param("save", marks=shows("counters: save is refused")),
        pytest.param("insert", marks=shows("counters: insert is refused")),
    ],
)
async def test_what_would_set_a_counter_is_refused(page: PageHits, verb: str) -> None:
    with pytest.raises(InvalidQueryError, match="increment"):
        await getattr(page, verb)()
    with pytest.raises(InvalidQueryError, match="increment"):
        await getattr(page, verb)(ttl=1, timestamp=1, consistency="ONE", timeout=1.0)
    assert await PageHits.find_one(url=page.url) is None


@shows("counters: every other field is one")
async def test_every_field_outside_the_key_is_a_counter(connection: AbstractDriver) -> None:
    with pytest.raises(InvalidModelError, match="note"):

        class Noted(CounterDocument):  # pyright: ignore[reportUnusedClass] - it cannot even be made
            url: Annotated[str, PrimaryKey()]
            views: Annotated[int, Counter()]
            note: str = ""


@shows("counters: none beside other fields")
async def test_no_counter_stands_beside_other_fields(connection: AbstractDriver) -> None:
    with pytest.raises(InvalidModelError, match=r"views|ounter"):

        class Mixed(Document):  # pyright: ignore[reportUnusedClass] - it cannot even be made
            url: Annotated[str, PrimaryKey()]
            views: Annotated[int, Counter()] = 0
            note: str = ""


@shows("counters: no time to live")
async def test_counters_have_no_time_to_live(page: PageHits) -> None:
    for call in (
        lambda: page.increment(views=1, ttl=60),
        lambda: PageHits.increment(url=page.url, views=1, ttl=60),
        lambda: PageHits.find(url=page.url).ttl(60).update(views=1),
    ):
        with pytest.raises(InvalidQueryError):
            await call()
    assert await PageHits.find_one(url=page.url) is None


@shows("batch: counter")
async def test_a_batch_of_counters_counts_all_of_them(page: PageHits) -> None:
    other = PageHits(url=f"/{uuid4()}")
    async with AsyncBatchQuery(batch_type="counter") as batch:
        await page.increment(views=1, batch=batch)
        await other.decrement(views=2, batch=batch)
        assert await PageHits.find_one(url=page.url) is None
        await PageHits.increment(url=other.url, unique_visitors=5, batch=batch)
    assert (await counted(page), await counted(other)) == ((1, 0), (-2, 5))


async def test_counters_and_other_tables_are_not_mixed_as_the_server_would_refuse(
    page: PageHits, connection: AbstractDriver
) -> None:
    text: Any = f"UPDATE {connection.default_keyspace}.documented_hits SET views = views + 1 WHERE url = ?"
    with pytest.raises(InvalidQueryError, match="a logged batch takes no writes of counters"):
        AsyncBatchQuery().add(text, [page.url])
    with pytest.raises(InvalidQueryError, match="make it a batch with batch_type='counter'"):
        await page.increment(views=1, batch=AsyncBatchQuery())
    async with AsyncBatchQuery(logged=False) as unlogged:
        await page.increment(views=3, batch=unlogged)
    assert await counted(page) == (3, 0)
