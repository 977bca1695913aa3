"""The cache of prepared statements where a server is late, or silent: who asks next is not held up by those before."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers.blocking import in_background
from coodie_drivers.errors import ClusterUnavailableError, OperationTimedOutError
from coodie_drivers.statements import StatementCache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Asked = Callable[..., str]

pytestmark = pytest.mark.timed

LIMIT, LONG = 0.1, 5.0
"""Seconds that some wait, and that are longer than any test takes."""


class Server:
    """Answers each PREPARE when it is told to, the first time that a text is asked for, and after that, at once."""

    def __init__(self) -> None:
        self.prepared: list[str] = []
        self.under_way = self.most = 0
        self.late: dict[str, threading.Event] = {}
        self.failures: dict[tuple[str, int], Exception] = {}
        self._lock = threading.Lock()

    def prepare(self, cql: str) -> str:
        with self._lock:
            self.prepared.append(cql)
            number = self.prepared.count(cql)
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            answer = self.late.get(f"{cql} {number}")
        try:
            assert answer is None or answer.wait(LONG)
            failure = self.failures.get((cql, number))
            if failure is not None:
                raise failure
            return f"{cql} {number}"
        finally:
            with self._lock:
                self.under_way -= 1

    def lose(self, *answers: str) -> None:
        """Keep these answers, each a text and how often it was prepared, until `give` is called."""
        self.late.update({each: threading.Event() for each in answers})

    def give(self, *answers: str) -> None:
        """Answer late."""
        for each in answers or tuple(self.late):
            self.late[each].set()


@pytest.fixture
def server() -> Iterator[Server]:
    """A server, all of whose answers come at the end of the test."""
    made = Server()
    yield made
    made.give()


@pytest.fixture
def cache(server: Server) -> StatementCache[str]:
    """What it prepared."""
    return StatementCache(server.prepare)


@pytest.fixture(params=["blocking", "awaiting"])
def asked(cache: StatementCache[str], request: pytest.FixtureRequest) -> Asked:
    """Asks for a text, or for several, one way or the other."""

    def wanted(cql: str, timeout: float | None = None) -> str:
        if request.param == "blocking":
            return cache.get(cql, timeout)
        return asyncio.run(cache.get_async(cql, timeout))

    return wanted


def refused(asked: Callable[..., Any], *arguments: Any) -> None:
    """Ask in vain."""
    with pytest.raises(OperationTimedOutError) as raised:
        asked(*arguments)
    assert (raised.value.outcome, raised.value.retryable, raised.value.attempts) == ("not_applied", True, 0)


def settled(condition: Callable[[], bool]) -> bool:
    """Wait until something is so."""
    given_up = time.monotonic() + LONG
    while not condition() and time.monotonic() < given_up:
        time.sleep(0.001)
    return condition()


def test_who_asks_next_has_a_text_prepared_anew_whose_answer_was_lost(server: Server, asked: Asked) -> None:
    server.lose("a 1")
    refused(asked, "a", LIMIT)
    assert asked("a", LONG) == "a 2"
    assert asked("a", LIMIT) == "a 2"


def test_who_waits_for_longer_gets_what_was_prepared_anew(cache: StatementCache[str], server: Server) -> None:
    server.lose("a 1")

    async def both() -> tuple[str, str]:
        patient = asyncio.create_task(cache.get_async("a", LONG))
        with pytest.raises(OperationTimedOutError):
            await cache.get_async("a", LIMIT)
        return await cache.get_async("a", LONG), await patient

    assert asyncio.run(both()) == ("a 2", "a 2")


def test_who_comes_when_his_whole_limit_has_passed_does_not_wait_first(
    cache: StatementCache[str], server: Server, asked: Asked
) -> None:
    server.lose("a 1")
    with ThreadPoolExecutor(1) as patient:
        first = patient.submit(cache.get, "a")
        assert settled(lambda: server.prepared == ["a"])
        time.sleep(LIMIT)
        assert asked("a", LIMIT) == "a 2"
        server.give("a 1")
        assert first.result(LONG) == "a 2"


def test_an_answer_that_comes_late_is_for_all_who_wait_by_then(cache: StatementCache[str], server: Server) -> None:
    server.lose("a 1", "a 2")

    async def late() -> str:
        with pytest.raises(OperationTimedOutError):
            await cache.get_async("a", LIMIT)
        waiting = asyncio.create_task(cache.get_async("a", LONG))
        while len(server.prepared) < 2:  # noqa: ASYNC110 - a thread tells nobody
            await asyncio.sleep(0.001)
        server.give("a 1")
        return await waiting

    assert asyncio.run(late()) == "a 1"
    server.give("a 2")
    assert settled(lambda: server.under_way == 0)
    assert cache.get("a") == "a 1"


def test_an_answer_that_comes_too_late_replaces_nothing(
    cache: StatementCache[str], server: Server, asked: Asked
) -> None:
    server.lose("a 1")
    refused(asked, "a", LIMIT)
    found = asked("a", LONG)
    cache.forget("a", found)
    server.give("a 1")
    assert settled(lambda: server.under_way == 0)
    assert (cache.ready("a"), asked("a", LONG)) == (None, "a 3")


def test_an_error_that_comes_late_is_of_no_account(server: Server, asked: Asked) -> None:
    server.lose("a 1", "a 2")
    server.failures["a", 1] = ValueError("no such table")
    refused(asked, "a", LIMIT)
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(asked, "a", LONG)
        assert settled(lambda: len(server.prepared) == 2)
        server.give("a 1")
        assert settled(lambda: server.under_way == 1)
        assert not waiting.done()
        server.give("a 2")
        assert waiting.result(LONG) == "a 2"
    assert server.prepared == ["a", "a"]


def test_the_error_of_the_last_attempt_is_told_although_another_goes_on(server: Server, asked: Asked) -> None:
    server.lose("a 1")
    server.failures["a", 2] = ValueError("no such table")
    refused(asked, "a", LIMIT)
    with pytest.raises(ValueError, match="no such table"):
        asked("a", LONG)
    assert asked("a", LONG) == "a 3"


def test_the_error_of_who_prepares_by_himself_is_his_own_where_another_began_after_him(
    cache: StatementCache[str], server: Server
) -> None:
    server.lose("a 1", "a 2")
    server.failures["a", 1] = ValueError("timed out")
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(cache.get, "a")
        assert settled(lambda: len(server.prepared) == 1)
        time.sleep(LIMIT)
        second = threads.submit(cache.get, "a", LIMIT)
        assert settled(lambda: len(server.prepared) == 2)
        server.give("a 1")
        with pytest.raises(ValueError, match="timed out"):
            first.result(LONG)
        refused(second.result, LONG)
        server.give("a 2")
        assert cache.get("a", LONG) == "a 2"


def test_a_slow_server_is_asked_less_and_less_often(cache: StatementCache[str], server: Server, asked: Asked) -> None:
    server.lose(*[f"a {number}" for number in range(1, 100)])
    until = time.monotonic() + 4 * LIMIT
    while time.monotonic() < until:
        refused(asked, "a", LIMIT / 10)
    assert 1 < len(server.prepared) <= 7, "after 1, 3, 7, 15, … limits"


async def test_many_who_ask_at_once_have_a_text_prepared_anew_once(cache: StatementCache[str], server: Server) -> None:
    server.lose("a 1")
    told = await asyncio.gather(*[cache.get_async("a", 5 * LIMIT) for _ in range(100)], return_exceptions=True)
    assert {type(each) for each in told} == {OperationTimedOutError}
    assert await asyncio.gather(*[cache.get_async("a", LONG) for _ in range(100)]) == ["a 2"] * 100
    assert server.prepared == ["a", "a"]


def test_texts_whose_answers_were_lost_hold_up_no_others(
    cache: StatementCache[str], server: Server, asked: Asked
) -> None:
    texts = [str(number) for number in range(8)]
    server.lose(*[f"{each} 1" for each in texts])

    async def ask_all() -> list[str | BaseException]:
        return await asyncio.gather(*[cache.get_async(each, LIMIT) for each in texts], return_exceptions=True)

    assert {type(each) for each in asyncio.run(ask_all())} == {OperationTimedOutError}
    assert asked("a", LONG) == "a 1"


async def test_who_waits_for_a_turn_gets_it_when_others_are_overdue(cache: StatementCache[str], server: Server) -> None:
    texts = [str(number) for number in range(8)]
    server.lose(*[f"{each} 1" for each in texts])
    lost = [asyncio.create_task(cache.get_async(each, LIMIT)) for each in texts]
    waiting = asyncio.create_task(cache.get_async("a", LONG))
    assert await waiting == "a 1"
    assert {type(each) for each in await asyncio.gather(*lost, return_exceptions=True)} == {OperationTimedOutError}


def test_those_who_wait_for_long_hold_up_nobody_who_has_less_time(
    cache: StatementCache[str], server: Server, asked: Asked
) -> None:
    texts = [str(number) for number in range(8)]
    server.lose(*[f"{each} 1" for each in texts])
    with ThreadPoolExecutor(8) as threads:
        patient = [threads.submit(cache.get, each, LONG) for each in texts]
        assert settled(lambda: server.under_way == 8)
        time.sleep(LIMIT)
        assert asked("a", LIMIT) == "a 1"
        server.give()
        assert [each.result(LONG) for each in patient] == [f"{each} 1" for each in texts]


async def test_no_more_than_64_are_under_way_however_many_were_lost(server: Server) -> None:
    cache = StatementCache(server.prepare)
    texts = [str(number) for number in range(200)]
    server.lose(*[f"{each} 1" for each in texts])
    for at in range(0, 200, 10):
        asking = [cache.get_async(each, 0.01) for each in texts[at : at + 10]]
        told = await asyncio.gather(*asking, return_exceptions=True)
        assert {type(each) for each in told} == {OperationTimedOutError}
        if at == 100:
            cache = cache.anew(None)  # as adapters do when the schema has changed
    assert settled(lambda: server.most == 64)
    server.give()
    assert [(await cache.get_async(each, LONG)).split()[0] for each in texts] == texts
    assert server.most == 64


@pytest.fixture(params=["blocking", "awaiting"])
def asked_all(cache: StatementCache[str], request: pytest.FixtureRequest) -> Callable[..., dict[str, str]]:
    """Asks for several texts, one way or the other."""

    def wanted(texts: list[str], timeout: float | None = None) -> dict[str, str]:
        if request.param == "blocking":
            return cache.get_all(texts, timeout)
        return asyncio.run(cache.get_all_async(texts, timeout))

    return wanted


@pytest.mark.parametrize("limit", [None, LONG])
def test_several_texts_are_prepared_side_by_side_each_once(
    server: Server, asked_all: Callable[..., dict[str, str]], limit: float | None
) -> None:
    texts = [str(number) for number in range(30)]
    server.lose(*[f"{each} 1" for each in texts[:8]])
    with ThreadPoolExecutor(1) as threads:
        asking = threads.submit(asked_all, texts * 2, limit)
        assert settled(lambda: server.under_way == 8)
        server.give()
        assert asking.result(LONG) == {each: f"{each} 1" for each in texts}
    assert (sorted(server.prepared), server.most) == (sorted(texts), 8)
    assert asked_all(texts, LIMIT) == {each: f"{each} 1" for each in texts}
    assert asked_all([]) == {}


def test_several_texts_have_one_limit_together(server: Server, asked_all: Callable[..., dict[str, str]]) -> None:
    server.lose("8 1", "9 1")
    texts = [str(number) for number in range(20)]
    began = time.monotonic()
    refused(asked_all, texts, LIMIT)
    assert LIMIT <= time.monotonic() - began < LONG
    assert asked_all(texts, LONG)["8"] == "8 2"


def test_several_texts_of_which_one_fails_are_told_its_error(
    server: Server, asked_all: Callable[..., dict[str, str]]
) -> None:
    server.failures["5", 1] = ValueError("no such table")
    texts = [str(number) for number in range(10)]
    with pytest.raises(ValueError, match="no such table"):
        asked_all(texts)
    assert asked_all(texts)["5"] == "5 2"


def test_several_texts_are_prepared_by_who_blocks_where_no_thread_can_be_had(
    cache: StatementCache[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    release = threading.Event()
    holding = [in_background(partial(release.wait, LONG)) for _ in range(12)]  # no thread is idle
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        assert cache.get_all(["a", "b"]) == {"a": "a 1", "b": "b 1"}
        with pytest.raises(ClusterUnavailableError, match="can't start new thread"):
            cache.get_all(["c", "d"], LONG)
    release.set()
    assert [each.result(LONG) for each in holding] == [True] * 12
    assert cache.get_all(["c", "d"], LONG) == {"c": "c 1", "d": "d 1"}


async def test_texts_whose_tasks_were_cancelled_hold_up_no_others(cache: StatementCache[str], server: Server) -> None:
    texts = [str(number) for number in range(8)]
    server.lose(*[f"{each} 1" for each in texts])
    cancelled = [asyncio.create_task(cache.get_async(each, LONG)) for each in texts]
    while server.under_way < 8:  # noqa: ASYNC110 - a thread tells nobody
        await asyncio.sleep(0.001)
    for task in cancelled:
        task.cancel()
    assert await cache.get_async("a", LONG) == "a 1"


async def test_a_text_that_nobody_waits_for_any_more_is_not_prepared_when_it_is_its_turn(
    cache: StatementCache[str], server: Server
) -> None:
    texts = [str(number) for number in range(8)]
    server.lose(*[f"{each} 1" for each in texts])
    patient = [asyncio.create_task(cache.get_async(each, LONG)) for each in texts]
    while server.under_way < 8:  # noqa: ASYNC110 - as above
        await asyncio.sleep(0.001)
    hasty = asyncio.create_task(cache.get_async("a", LONG))
    await asyncio.sleep(0)
    hasty.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hasty
    server.give()
    assert await asyncio.gather(*patient) == [f"{each} 1" for each in texts]
    assert await cache.get_async("b", LONG) == "b 1"
    assert "a" not in server.prepared
    assert await cache.get_async("a", LONG) == "a 1"
