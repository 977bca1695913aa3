"""The cache of prepared statements."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coodie_drivers.errors import OperationTimedOutError
from coodie_drivers.statements import StatementCache

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    StallOf = Callable[[Callable[[], Awaitable[object]]], Awaitable[float]]


class Server:
    """Prepares slowly, and counts how often for each text."""

    def __init__(self, delay: float = 0.0) -> None:
        self.delay = delay
        self.prepared: list[str] = []
        self.failures: list[Exception] = []

    def prepare(self, cql: str) -> str:
        time.sleep(self.delay)
        self.prepared.append(cql)
        if self.failures:
            raise self.failures.pop()
        return f"prepared {cql}"


def test_a_text_is_prepared_once() -> None:
    server = Server()
    cache = StatementCache(server.prepare)
    assert [cache.get("a"), cache.get("b"), cache.get("a")] == ["prepared a", "prepared b", "prepared a"]
    assert server.prepared == ["a", "b"]
    assert len(cache) == 2


def test_the_least_recently_used_statement_goes_first() -> None:
    server = Server()
    cache = StatementCache(server.prepare, capacity=2)
    for cql in ("a", "b", "a", "c", "a", "b"):
        cache.get(cql)
    assert server.prepared == ["a", "b", "c", "b"]
    assert len(cache) == 2


@given(st.lists(st.sampled_from("abcdefgh")), st.integers(1, 5))
def test_it_never_holds_more_than_its_capacity(texts: list[str], capacity: int) -> None:
    cache = StatementCache(Server().prepare, capacity)
    for cql in texts:
        assert cache.get(cql) == f"prepared {cql}"
        assert len(cache) <= capacity
    assert len(cache) == min(capacity, len(set(texts)))


def test_threads_and_event_loops_that_ask_together_prepare_once() -> None:
    server = Server(delay=0.05)
    cache = StatementCache(server.prepare)

    async def many() -> list[str]:
        return await asyncio.gather(*[cache.get_async("a") for _ in range(20)])

    with ThreadPoolExecutor(24) as threads:
        blocking = [threads.submit(cache.get, "a") for _ in range(20)]
        loops = [threads.submit(asyncio.run, many()) for _ in range(4)]
        answers = [done.result() for done in blocking] + [each for done in loops for each in done.result()]
    assert set(answers) == {"prepared a"}
    assert server.prepared == ["a"]


def test_all_who_wait_get_the_error_and_the_next_tries_again() -> None:
    server = Server(delay=0.05)
    cache = StatementCache(server.prepare)
    server.failures.append(ValueError("no such table"))

    async def many() -> list[str | BaseException]:
        return await asyncio.gather(*[cache.get_async("a") for _ in range(10)], return_exceptions=True)

    answers = asyncio.run(many())
    assert [str(answer) for answer in answers] == ["no such table"] * 10
    assert (cache.get("a"), server.prepared) == ("prepared a", ["a", "a"])


async def test_preparing_does_not_block_the_event_loop(stall_of: StallOf) -> None:
    cache, texts = StatementCache(Server(delay=0.3).prepare), iter("abcdefgh")
    assert await stall_of(lambda: cache.get_async(next(texts))) < 0.1


async def test_a_cancelled_task_leaves_the_others_their_statement() -> None:
    server = Server(delay=0.1)
    cache = StatementCache(server.prepare)
    hasty = asyncio.create_task(cache.get_async("a"))
    patient = asyncio.create_task(cache.get_async("a"))
    await asyncio.sleep(0.02)
    hasty.cancel()
    assert await patient == "prepared a"
    assert hasty.cancelled()
    assert server.prepared == ["a"]


def test_an_event_loop_that_ended_meanwhile_disturbs_nobody() -> None:
    reached = threading.Event()
    release = threading.Event()

    def prepare(cql: str) -> str:
        reached.set()
        assert release.wait(5)
        return cql

    cache = StatementCache(prepare)

    async def give_up() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(cache.get_async("a"), 0.05)
        assert reached.is_set()

    asyncio.run(give_up())
    release.set()
    assert cache.get("a") == "a"


async def test_statements_that_are_slow_to_prepare_hold_up_no_other_driver() -> None:
    release = threading.Event()
    slow = StatementCache(lambda cql: f"{cql} {release.wait(20)}")
    waiting = [asyncio.create_task(slow.get_async(str(number))) for number in range(20)]
    try:
        await asyncio.sleep(0.05)
        assert await asyncio.wait_for(StatementCache(Server().prepare).get_async("a"), 5) == "prepared a"
    finally:
        release.set()
        assert await asyncio.gather(*waiting) == [f"{number} True" for number in range(20)]


@pytest.mark.parametrize("way", ["blocking", "awaiting"])
@pytest.mark.parametrize("of", ["the call", "all calls"])
async def test_waiting_for_its_turn_to_be_prepared_has_a_limit(way: str, of: str) -> None:
    release = threading.Event()
    cache = StatementCache(lambda cql: f"{cql} {release.wait(20)}", timeout=None if of == "the call" else 0.05)
    limit = 0.05 if of == "the call" else None
    waiting = [asyncio.create_task(cache.get_async(str(number), 20)) for number in range(20)]
    await asyncio.sleep(0.05)
    try:
        asking = cache.get_async("19", limit) if way == "awaiting" else asyncio.to_thread(cache.get, "19", limit)
        with pytest.raises(OperationTimedOutError, match=r"no answer within 0\.05 s") as raised:
            await asking
        error = raised.value
        assert (error.outcome, error.retryable, error.attempts) == ("not_applied", True, 0)
    finally:
        release.set()
        await asyncio.gather(*waiting)
    assert cache.ready("19") == "19 True"


def test_long_texts_are_held_up_to_ten_million_characters() -> None:
    server = Server()
    cache = StatementCache(server.prepare)
    texts = [f"{number} {'x' * 1_000_000}" for number in range(20)]
    for text in texts:
        cache.get(text)
    assert len(cache) == 9
    assert cache.ready(texts[-1]) is not None
    assert cache.ready(texts[0]) is None
    cache.get("y" * 20_000_000)
    assert len(cache) == 1
    cache.get("short")
    assert cache.ready("short") is not None


def test_a_statement_that_is_forgotten_is_prepared_anew() -> None:
    server = Server()
    cache = StatementCache(server.prepare)
    first = cache.get("a")
    cache.forget("a", "another")
    assert cache.get("a") is first
    cache.forget("a", first)
    cache.forget("b", first)
    assert len(cache) == 0
    assert cache.get("a") == first
    assert server.prepared == ["a", "a"]
