"""Writes of one document that are under way at once: whatever became of them, one more `update()` makes its row so."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.aio import AsyncBatchQuery, Document
from coodie.fields import PrimaryKey
from coodie.usertype import UserType
from coodie_drivers import init_coodie, register_driver, unregister_driver

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from coodie_drivers.messages import BatchRequest, Reply, Request
    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter, pytest.mark.timed]

LATEST = 0.004
"""Seconds after which an answer may be told at the latest."""

STILL_SENT = 0.1
"""Seconds within which a busy acsylla has sent what was given up, which the node times."""


class Line(UserType):
    sku: str = ""
    count: int = 1


class Order(Document):
    id: Annotated[int, PrimaryKey()]
    state: str = ""
    lines: list[Line] = []
    notes: list[str] = []
    tags: set[str] = set()
    groups: dict[str, list[int]] = {}

    class Settings:
        name = "orders_at_once"
        connection = "at once"


class Late:
    """A driver that tells answers late, in another order than they came in."""

    def __init__(self, driver: Any, dice: random.Random) -> None:
        self._driver, self._dice = driver, dice

    def __getattr__(self, name: str) -> Any:
        return getattr(self._driver, name)

    async def send_async(self, request: Request | BatchRequest) -> Reply:
        reply: Reply = await self._driver.send_async(request)
        await asyncio.sleep(self._dice.choice((0, 0, self._dice.uniform(0, LATEST))))
        return reply


@pytest.fixture(scope="module")
def opened(cql_cluster: CqlCluster, driver_type: str, cql_module_keyspace: str) -> Iterator[Any]:
    """A connection by this driver type."""
    name = f"opened-{driver_type}"
    yield init_coodie(
        hosts=cql_cluster.hosts,
        port=cql_cluster.port,
        keyspace=cql_module_keyspace,
        driver_type=driver_type,
        name=name,
    )
    unregister_driver(name).close()


@pytest.fixture
def late(opened: Any) -> Iterator[Callable[[int], random.Random]]:
    """Begin anew by a seed, over a driver that tells answers late."""

    def begun(seed: int) -> random.Random:
        dice = random.Random(seed)  # noqa: S311 - any order will do
        late: Any = Late(opened, dice)
        register_driver("at once", late)
        return dice

    yield begun
    unregister_driver("at once")


async def in_a_batch(order: Order) -> None:
    async with AsyncBatchQuery() as batch:
        await order.update(batch=batch)


async def saved_in_a_batch(order: Order) -> None:
    async with AsyncBatchQuery() as batch:
        await order.save(batch=batch)


def change(order: Order, dice: random.Random) -> None:
    """Change something of what the document holds in place, or assign it."""
    word = dice.choice("abcdef")
    what = dice.randrange(6)
    if what == 0:
        order.state = word
    elif what == 1:
        order.notes.append(word)
    elif what == 2:
        order.tags ^= {word}
    elif what == 3:
        order.groups.setdefault(word, []).append(dice.randrange(9))
    elif what == 4:
        order.lines.append(Line(sku=word))
    elif order.lines:
        dice.choice(order.lines).count += 1


WRITES: list[Callable[[Order, str], Awaitable[object]]] = [
    lambda order, _: order.update(),
    lambda order, _: order.save(changed_only=True),
    lambda order, _: order.save(),
    lambda order, _: in_a_batch(order),
    lambda order, _: saved_in_a_batch(order),
    lambda order, word: order.update(state=word),
    lambda order, word: order.update(append__notes=[word]),
    lambda order, word: order.update(add__tags={word}, put__groups={word: [1]}),
    lambda order, word: order.update(remove__tags={word}, append__lines=[Line(sku=word)]),
]
"""None has a condition: one that was given up may still be made behind what follows it, and is timed by the server."""


async def deleted_in_a_batch(order: Order) -> None:
    async with AsyncBatchQuery() as batch:
        await order.delete(batch=batch)


DELETIONS: list[Callable[[Order, str], Awaitable[object]]] = [
    lambda order, _: order.delete(),
    lambda order, _: deleted_in_a_batch(order),
]


async def shuffled(
    order: Order,
    dice: random.Random,
    given_up: float,
    writes: list[Callable[[Order, str], Awaitable[object]]],
) -> None:
    """Change and write a document, several times at once, and give up this share of the writes."""
    writing: list[asyncio.Future[object]] = []
    for _ in range(dice.randrange(2, 7)):
        for _ in range(dice.randrange(3)):
            change(order, dice)
        writing.append(asyncio.ensure_future(dice.choice(writes)(order, dice.choice("abcdef"))))
        for _ in range(dice.randrange(3)):
            await asyncio.sleep(dice.choice((0, 0.001)))
        if dice.random() < given_up:
            dice.choice(writing).cancel()
    for ended in await asyncio.gather(*writing, return_exceptions=True):
        if ended is not None and not isinstance(ended, asyncio.CancelledError):
            forgotten = writes is not WRITES and "was pickled or deleted since" in str(ended)
            assert forgotten or not isinstance(ended, BaseException), ended


async def after_walks(
    late: Callable[[int], random.Random],
    driver_type: str,
    part: int,
    writes: list[Callable[[Order, str], Awaitable[object]]] = WRITES,
) -> AsyncIterator[Order]:
    """Documents that were written many times at once, some of these given up, when nothing is under way any more."""
    # What is given up over scylladb-rs-driver may be sent behind what follows it, and is timed by the node.
    given_up = 0.0 if driver_type == "rust" else 0.3
    for seed in range(part * 25, part * 25 + 25):
        dice = late(seed)
        if not seed % 25:
            await Order.sync_table()
        await Order(id=seed, notes=["x"], tags={"a"}, groups={"a": [1]}, lines=[Line(sku="x")]).save()
        order = await Order.get(id=seed)
        await shuffled(order, dice, given_up, writes)
        await asyncio.sleep(STILL_SENT if driver_type == "acsylla" else 2 * LATEST)  # what was given up is on its way
        yield order


@pytest.mark.parametrize("part", range(4))
async def test_one_more_update_makes_the_row_what_the_document_is(
    late: Callable[[int], random.Random], driver_type: str, part: int
) -> None:
    async for order in after_walks(late, driver_type, part):
        await order.update()
        assert await Order.get(id=order.id) == order, f"seed {order.id}"
        assert await order.update() is None


@pytest.mark.parametrize("part", range(4))
async def test_a_save_of_what_changed_makes_the_row_so_whoever_has_deleted_it(
    late: Callable[[int], random.Random], driver_type: str, part: int
) -> None:
    async for order in after_walks(late, driver_type, part, WRITES + DELETIONS * 2):
        await order.save(changed_only=True)
        assert await Order.get(id=order.id) == order, f"seed {order.id}"
