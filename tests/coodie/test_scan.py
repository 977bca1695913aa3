"""Scans of whole tables: every row once, also when they are interrupted and resumed, with a few pages in memory."""

from __future__ import annotations

import asyncio
import base64
import itertools
import random
import threading
from typing import TYPE_CHECKING, Annotated, Any, cast

import pytest

from coodie import aio
from coodie.cursors import PageCursors
from coodie.exceptions import DriverError, InvalidCursorError, InvalidQueryError
from coodie.fields import PrimaryKey
from coodie.sync import Document
from coodie_drivers.messages import Reply
from coodie_drivers.testing.scripted import ScriptedDriver
from cql_builder.analysis import StatementKind
from task_models import Task, User

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.messages import BatchRequest, Request

    Register = Callable[[ScriptedDriver], None]

COLUMNS = ("id",)
ENDS = -(1 << 63), (1 << 63) - 1


class Thing(Document):
    id: Annotated[int, PrimaryKey()]


class AsyncThing(aio.Document):
    id: Annotated[int, PrimaryKey()]


class Ring(ScriptedDriver):
    """Answers from rows that lie on the ring, page by page; some pages are empty though more follows."""

    def __init__(self, rows: int, fetch_size: int = 7) -> None:
        super().__init__()
        chance = random.Random(rows)  # noqa: S311 - to be the same each time
        tokens = [ENDS[0] + 1, 0, ENDS[1], *(chance.randrange(ENDS[0] + 1, ENDS[1]) for _ in range(rows - 3))]
        self._rows = sorted(zip(tokens, range(rows), strict=True))
        self._fetch_size = fetch_size
        self._lock = threading.Lock()
        self.fails_after: int | None = None
        self.answered = 0

    def send(self, request: Request | BatchRequest) -> Reply:
        asked = cast("Request", request)
        with self._lock:
            super().send(asked)
            self.answered += 1
            if self.fails_after is not None and self.answered > self.fails_after:
                raise DriverError("gone", outcome="not_applied", statement_kind=StatementKind.SELECT)
        low, high = cast("list[int]", list(asked.params)[-2:])
        rows = [(number,) for token, number in self._rows if low < token <= high]
        size = asked.fetch_size or self._fetch_size
        state = asked.paging_state or b"0:full"
        start = int(state.split(b":")[0])
        if start and state.endswith(b":empty"):
            return Reply([], COLUMNS, b"%d:full" % start)
        end = start + size
        return Reply(rows[start:end], COLUMNS, None if end >= len(rows) else b"%d:empty" % end)


def test_ranges_cover_the_ring(register: Register) -> None:
    driver = Ring(50)
    register(driver)
    assert sorted(thing.id for thing in Thing.find().scan(splits=7, at_once=3)) == list(range(50))
    cql = "SELECT id FROM ks.thing WHERE TOKEN(id) > ? AND TOKEN(id) <= ?"
    assert {request.statement.cql.replace("token", "TOKEN") for request in driver.requests} == {cql}
    bounds = sorted({tuple(request.params) for request in driver.requests})
    assert (bounds[0][0], bounds[-1][1], len(bounds)) == (*ENDS, 7)
    assert all(before[1] == after[0] for before, after in itertools.pairwise(bounds))


@pytest.mark.parametrize("splits", [1, 3, 256])
def test_a_scan_that_is_interrupted_anywhere_gives_out_each_row_once(register: Register, splits: int) -> None:
    register(Ring(400))
    chance = random.Random(splits)  # noqa: S311 - as above
    seen: list[int] = []
    position: str | None = None
    for _ in range(2_000):
        scan = (
            Thing.find()
            .fetch_size(chance.choice([2, 7, 50]))
            .scan(splits=splits if position is None else None, at_once=chance.choice([1, 4, 9]), resume=position)
        )
        stop = chance.randrange(1, 60)
        for thing in scan:
            seen.append(thing.id)
            stop -= 1
            if not stop:
                break
        position = scan.position
        if stop:
            break
    assert sorted(seen) == list(range(400))
    assert list(Thing.find().scan(resume=position)) == []


def test_after_a_failure_the_same_scan_goes_on(register: Register) -> None:
    driver = Ring(300)
    register(driver)
    scan = Thing.find().scan(splits=5, at_once=2)
    seen: list[int] = []
    for limit in (3, 9, 20, None):
        driver.fails_after = limit
        try:
            seen.extend(thing.id for thing in scan)
        except DriverError:
            continue
    assert sorted(seen) == list(range(300))


async def test_asynchronously_too(register: Register) -> None:
    register(Ring(200))
    told: list[tuple[int, int]] = []
    seen: list[int] = []
    scan = AsyncThing.find().scan(splits=11, at_once=4, progress=lambda done, of: told.append((done, of)))
    async for thing in scan:
        seen.append(thing.id)
        if len(seen) == 90:
            break
    resumed = AsyncThing.find().scan(resume=scan.position, progress=lambda done, of: told.append((done, of)))
    seen += [thing.id async for thing in resumed]
    assert sorted(seen) == list(range(200))
    assert [done for done, _ in told] == list(range(1, 12))
    assert told[-1] == (11, 11)


def test_pages_are_fetched_as_they_are_needed(register: Register) -> None:
    driver = Ring(5_000, fetch_size=5)
    register(driver)
    scan = iter(Thing.find().scan(splits=8, at_once=4))
    for _ in range(10):
        next(scan)
    assert driver.answered <= 4 * 3


def test_what_a_query_says_is_heeded(driver: ScriptedDriver) -> None:
    query = Task.find(status="done").only("status").consistency("ONE").fetch_size(9).timeout(2).per_partition_limit(2)
    assert list(query.allow_filtering().filter(priority__gt=3).scan(splits=1)) == []
    request = driver.requests[-1]
    cql = (
        "SELECT tenant, project, day, rank, status FROM ks.task WHERE status = ? AND priority > ? "
        "AND token(tenant, project) > ? AND token(tenant, project) <= ? PER PARTITION LIMIT ? ALLOW FILTERING"
    )
    assert request.statement.cql.replace("TOKEN(", "token(") == cql
    assert list(request.params) == ["done", 3, *ENDS, 2]
    assert (request.consistency, request.fetch_size, request.timeout) == ("ONE", 9, 2)
    list(Task.find().using(keyspace="other").distinct().values_list("tenant", "project").scan(splits=1))
    assert driver.requests[-1].statement.cql.startswith("SELECT DISTINCT tenant, project FROM other.task WHERE")


def _scanned(query: Any) -> Any:
    return query.scan()


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "a partition": (lambda: Task.find(tenant="a").scan(), "reads all partitions of Task, and 'tenant' is compared"),
    "tokens": (lambda: User.find(id__token__gt=3).scan(), "'id' is compared; loop over the query itself"),
    "an order": (lambda: Task.find().order_by("day").scan(), r"takes no order_by\(\)"),
    "a limit": (lambda: Task.find().limit(3).scan(), r"takes no limit\(\)"),
    "a slice": (lambda: _scanned(Task.find()[3:]), r"takes no slice\(\)"),
    "a page": (lambda: Task.find().page(b"x").scan(), r"takes no page\(\)"),
    "a filter": (lambda: Task.find(priority=3).scan(), "call .allow_filtering()"),
    "splits": (lambda: Task.find().scan(splits=0), "from 1 to 65,536"),
    "at_once": (lambda: Task.find().scan(at_once=1_000), "from 1 to 256"),
    "none at once": (lambda: Task.find().scan(at_once=0), "from 1 to 256"),
    "progress": (lambda: Task.find().scan(progress=5), r"scan\(progress=...\) takes a function to call, not int"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
}


@pytest.mark.usefixtures("driver")
@pytest.mark.parametrize("what", REFUSED)
def test_refused_with_the_way_out(what: str, refused: Callable[[Callable[[], object], str], None]) -> None:
    refused(*REFUSED[what])


@pytest.mark.parametrize("wrong", ["", "x", "ä", "A" * 40, base64.b64encode(b'12345678["a",1,2,[]]').decode(), 5])
def test_what_is_no_position_is_refused(wrong: Any, driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidCursorError, match="none of a scan of this query"):
        User.find().scan(resume=wrong)
    position = Task.find().scan().position
    with pytest.raises(InvalidCursorError):
        User.find().scan(resume=position)
    with pytest.raises(InvalidCursorError):
        Task.find().only("status").scan(resume=position)
    with pytest.raises(InvalidQueryError, match="has 256 splits; leave splits out"):
        Task.find().scan(resume=position, splits=3)
    assert driver.requests == []


@pytest.mark.usefixtures("driver")
def test_a_position_can_be_signed() -> None:
    cursors, query = PageCursors(bytes(32)), Task.find()
    signed = cursors.sign(query, query.scan(splits=9).position.encode())
    assert list(query.scan(resume=cursors.open(query, signed).decode(), splits=9)) == []


def test_a_scan_is_for_one_loop_at_a_time(register: Register) -> None:
    register(Ring(60))
    scan = Thing.find().scan(splits=8)
    first = iter(scan)
    given = [next(first).id for _ in range(5)]
    with pytest.raises(InvalidQueryError, match="another loop over this scan runs"):
        next(iter(scan))
    given += [thing.id for thing in first]
    assert sorted(given) == list(range(60))
    with pytest.raises(InvalidQueryError, match="has given out everything"):
        list(scan)


async def test_workers_that_share_a_scan_are_told(register: Register) -> None:
    register(Ring(60))
    scan = AsyncThing.find().scan(splits=8)

    async def work() -> list[int]:
        return [thing.id async for thing in scan]

    found = await asyncio.gather(*[work() for _ in range(4)], return_exceptions=True)
    assert [sorted(each) for each in found if isinstance(each, list)] == [list(range(60))]
    assert sum(isinstance(each, InvalidQueryError) for each in found) == 3
    with pytest.raises(InvalidQueryError, match="has given out everything"):
        await work()


async def test_a_loop_that_was_left_makes_way_for_another(register: Register) -> None:
    register(Ring(60))
    scan = AsyncThing.find().scan(splits=8)
    given: list[int] = []
    for most in (5, 10, 60):
        async for thing in scan:
            given.append(thing.id)
            if len(given) == most:
                break
    given += [thing.id async for thing in scan]
    assert sorted(given) == list(range(60))


def test_progress_that_raises_leaves_the_scan_where_it_is(register: Register) -> None:
    register(Ring(60))

    def fail(done: int, _of: int) -> None:
        if done == 3:
            raise LookupError("nobody listens")

    scan = Thing.find().scan(splits=8, progress=fail)
    given: list[int] = []
    with pytest.raises(LookupError):
        given.extend(thing.id for thing in scan)
    given += [thing.id for thing in Thing.find().scan(resume=scan.position)]
    assert sorted(given) == list(range(60))
