"""Time limits of many requests under one timer of the client library, with a stand-in for its event loop."""

from __future__ import annotations

import gc
import heapq
import os
import subprocess
import sys
import threading
import time
import weakref
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers.adapters._cassandra_timers import sharing_timers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.timed

LIMIT, SLACK = 0.6, 0.05
"""Seconds: a limit that is not too short to be shared, and by how much one may be exceeded."""


class Loop:
    """Calls what its timers are to call in a thread of its own, as the library does."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self.refusing = False
        self.passing_over = False
        self._numbers = count()
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self.changed = threading.Condition(threading.RLock())
        self._ended = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def start(self, seconds: float, callback: Callable[[], object]) -> Any:
        """Start a timer."""
        if self.refusing:
            raise RuntimeError("no timers now")
        with self.changed:
            self.asked.append(seconds)
            if not self.passing_over:
                heapq.heappush(self._due, (time.monotonic() + seconds, next(self._numbers), callback))
                self.changed.notify_all()
        return object()

    def end(self) -> None:
        """End its thread."""
        with self.changed:
            self._ended = True
            self.changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self.changed:
                if self._ended:
                    return
                left = self._due[0][0] - time.monotonic() if self._due else None
                if left is None or left > 0:
                    self.changed.wait(left)
                    continue
                callback = heapq.heappop(self._due)[2]
            callback()


@pytest.fixture
def loop() -> Iterator[Loop]:
    """An event loop."""
    made = Loop()
    yield made
    made.end()


@pytest.fixture
def connection_class(loop: Loop) -> Any:
    """A class of connections on that loop, of which timers are shared."""

    def create_timer(_: object, timeout: float, callback: Callable[[], object]) -> Any:
        return loop.start(timeout, callback)

    return sharing_timers(type("Connection", (), {"create_timer": classmethod(create_timer)}))


class Waiting:
    """A request with a time limit."""

    def __init__(self) -> None:
        self.over: list[float] = []
        self.ended = threading.Event()

    def end(self) -> None:
        """Take note that the time is over."""
        self.over.append(time.monotonic())
        self.ended.set()


def test_requests_that_are_answered_share_one_timer_of_the_library(loop: Loop, connection_class: Any) -> None:
    for _ in range(100):
        connection_class.create_timer(10.0, Waiting().end).cancel()
    assert len(loop.asked) == 1


def test_requests_under_way_share_the_timers_of_those_that_end_with_them(loop: Loop, connection_class: Any) -> None:
    waiting = [Waiting() for _ in range(1_000)]
    for each in waiting:
        connection_class.create_timer(LIMIT, each.end)
    assert all(each.ended.wait(LIMIT + 1) for each in waiting)
    assert len(loop.asked) < 20


@pytest.mark.parametrize("limit", [0.01, 0.3, 0.5, LIMIT, 1.013])
def test_a_limit_ends_when_it_is_over_and_hardly_later(loop: Loop, connection_class: Any, limit: float) -> None:
    by_itself, waiting, began = Waiting(), Waiting(), time.monotonic()
    loop.start(limit, by_itself.end)  # on a busy machine this is late, too
    connection_class.create_timer(limit, waiting.end)
    assert waiting.ended.wait(limit + 1)
    assert by_itself.ended.wait(1)
    assert waiting.over[0] - began >= limit
    assert waiting.over[0] - by_itself.over[0] < SLACK


def test_an_earlier_limit_ends_before_one_that_was_set_first(loop: Loop, connection_class: Any) -> None:
    later, earlier, by_itself, began = Waiting(), Waiting(), Waiting(), time.monotonic()
    connection_class.create_timer(0.9, later.end)
    connection_class.create_timer(LIMIT, earlier.end)
    loop.start(LIMIT, by_itself.end)
    assert later.ended.wait(2)
    assert began + LIMIT <= earlier.over[0] < by_itself.over[0] + SLACK
    assert began + 0.9 <= later.over[0]
    assert earlier.over[0] <= later.over[0]


def test_a_short_limit_is_the_librarys_own(loop: Loop, connection_class: Any) -> None:
    for limit in (0.001, 0.05, 0.4):
        connection_class.create_timer(limit, Waiting().end)
    assert loop.asked == [0.001, 0.05, 0.4]


@pytest.mark.parametrize("limit", [float("inf"), 1e300])
def test_a_limit_that_cannot_be_counted_is_the_librarys_own(loop: Loop, connection_class: Any, limit: float) -> None:
    loop.passing_over = True
    connection_class.create_timer(limit, Waiting().end)
    assert loop.asked == [limit]


def test_a_limit_that_is_cancelled_does_not_end(connection_class: Any) -> None:
    cancelled, kept = Waiting(), Waiting()
    timer = connection_class.create_timer(LIMIT, cancelled.end)
    connection_class.create_timer(LIMIT, kept.end)
    timer.cancel()
    timer.cancel()
    assert kept.ended.wait(LIMIT + 1)
    assert not cancelled.over


def test_a_cancelled_limit_holds_no_request(connection_class: Any) -> None:
    waiting = Waiting()
    seen = weakref.ref(waiting)
    gc.disable()
    try:
        timer = connection_class.create_timer(10.0, waiting.end)
        timer.cancel()
        del waiting
        assert seen() is None
    finally:
        gc.enable()


# In a process of its own: where a client library runs threads beside, `tracemalloc` may fail with them when it stops.
ANSWERED = """
import tracemalloc
from coodie_drivers.adapters._cassandra_timers import sharing_timers

def never(cls, timeout, callback):
    return None

connections = sharing_timers(type("Connection", (), {"create_timer": classmethod(never)}))

class Request:
    def end(self):
        pass

def answered(limits):
    for limit in limits:
        connections.create_timer(limit / 10, Request().end).cancel()

answered(range(1_000, 2_000))
tracemalloc.start()
answered(range(2_000, 22_000))
print(tracemalloc.get_traced_memory()[0])
"""


def test_what_is_held_does_not_grow_with_requests_that_were_answered() -> None:
    assert int(subprocess.check_output([sys.executable, "-c", ANSWERED], text=True, timeout=60)) < 100_000


def test_each_limit_ends_once_whichever_thread_sets_it(connection_class: Any) -> None:
    waiting = [Waiting() for _ in range(4_000)]
    cancelled = [Waiting() for _ in range(4_000)]

    def set_some(first: int) -> None:
        for kept, given_up in zip(waiting[first::4], cancelled[first::4], strict=True):
            connection_class.create_timer(LIMIT, kept.end)
            connection_class.create_timer(LIMIT, given_up.end).cancel()

    threads = [threading.Thread(target=set_some, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(each.ended.wait(LIMIT + 2) for each in waiting)
    assert {len(each.over) for each in waiting} == {1}
    assert not any(each.over for each in cancelled)


def test_a_limit_is_set_anew_by_what_ends(connection_class: Any) -> None:
    second, began = Waiting(), time.monotonic()
    connection_class.create_timer(LIMIT, lambda: connection_class.create_timer(LIMIT, second.end))
    assert second.ended.wait(3 * LIMIT)
    assert second.over[0] - began >= 2 * LIMIT


def test_what_fails_when_its_time_is_over_keeps_no_other(
    connection_class: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise LookupError("of a listener")

    waiting = [Waiting() for _ in range(5)]
    for each in waiting:
        connection_class.create_timer(LIMIT, fail)
        connection_class.create_timer(LIMIT, each.end)
    assert all(each.ended.wait(LIMIT + 1) for each in waiting)
    after = Waiting()
    connection_class.create_timer(LIMIT, after.end)
    assert after.ended.wait(LIMIT + 1)
    assert [(record.name, record.exc_info is not None) for record in caplog.records] == [
        ("cassandra.connection", True)
    ] * 5


def test_a_refusal_of_the_library_is_raised_and_the_next_limit_ends(loop: Loop, connection_class: Any) -> None:
    refused, waiting = Waiting(), Waiting()
    loop.refusing = True
    with pytest.raises(RuntimeError, match="no timers now"):
        connection_class.create_timer(LIMIT, refused.end)
    loop.refusing = False
    connection_class.create_timer(LIMIT, waiting.end)
    assert waiting.ended.wait(LIMIT + 1)
    assert not refused.over


def test_a_timer_that_the_library_lost_is_started_again(loop: Loop, connection_class: Any) -> None:
    lost, waiting = Waiting(), Waiting()
    loop.passing_over = True
    connection_class.create_timer(LIMIT, lost.end)
    loop.passing_over = False
    time.sleep(LIMIT + 1.1)
    connection_class.create_timer(LIMIT, waiting.end)
    assert lost.ended.wait(LIMIT + 1)
    assert waiting.ended.wait(LIMIT + 1)


def test_a_limit_may_be_set_while_another_is_being_set(loop: Loop, connection_class: Any) -> None:
    """As a signal handler or a finalizer does it that makes a request."""
    inner, outer = Waiting(), Waiting()
    start = loop.start

    def interrupted(seconds: float, callback: Callable[[], object]) -> Any:
        loop.start = start  # type: ignore[method-assign]
        connection_class.create_timer(LIMIT, inner.end)
        return start(seconds, callback)

    loop.start = interrupted  # type: ignore[method-assign]
    connection_class.create_timer(LIMIT, outer.end)
    assert inner.ended.wait(LIMIT + 1)
    assert outer.ended.wait(LIMIT + 1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_starts_timers_of_its_own(loop: Loop, connection_class: Any) -> None:
    waiting = Waiting()
    connection_class.create_timer(LIMIT, waiting.end)
    with loop.changed:  # or the child may have it locked for good, by a thread that the child does not have
        child = os.fork()
        if child == 0:
            asked = len(loop.asked)
            connection_class.create_timer(2 * LIMIT, Waiting().end)
            os._exit(0 if len(loop.asked) == asked + 1 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert waiting.ended.wait(LIMIT + 1), "nothing is changed for the parent"
