"""Blocking calls beside an event loop."""

from __future__ import annotations

import asyncio
import gc
import linecache
import subprocess
import sys
import threading
import time
import weakref
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import blocking, lanes
from coodie_drivers.blocking import SharedCall, in_background, in_thread
from coodie_drivers.errors import ClusterUnavailableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from types import FrameType

    StallOf = Callable[[Callable[[], Awaitable[object]]], Awaitable[float]]


async def test_a_blocking_call_leaves_the_event_loop_free(stall_of: StallOf) -> None:
    def slow() -> str:
        time.sleep(0.3)
        return threading.current_thread().name

    assert await in_thread(slow) != threading.current_thread().name
    assert await stall_of(lambda: in_thread(slow)) < 0.1


class Connection:
    """Something that is to go when nobody uses it any more."""


def kept_errors() -> Iterator[BaseException]:
    """Have calls fail in as many threads as are kept, and more, and give their errors."""
    together = threading.Barrier(12)

    def fail() -> None:
        together.wait(5)
        raise ValueError("no")

    for call in [in_background(fail) for _ in range(12)]:
        error = call.exception(5)
        assert error is not None
        yield error


def test_threads_that_wait_for_calls_keep_nothing_of_those_before() -> None:
    failed = [*kept_errors()]  # the frames of an error hold those that called them, up to the thread's own
    release = threading.Event()

    def use(connection: Connection) -> None:
        assert release.wait(5), connection

    connections = [Connection() for _ in range(12)]  # for more threads than are kept: some of them are started for it
    gone = [weakref.ref(each) for each in connections]
    calls = [in_background(partial(use, each)) for each in connections]
    del connections
    release.set()
    for call in calls:
        call.result(5)
    assert all(error.__traceback__ is not None for error in failed)
    given_up = time.monotonic() + 5
    while any(each() is not None for each in gone) and time.monotonic() < given_up:
        gc.collect()
        time.sleep(0.01)
    assert [gc.get_referrers(kept) for each in gone if (kept := each()) is not None] == [], "something holds it"


async def test_its_error_is_raised_where_it_is_awaited() -> None:
    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await in_thread(fail)


async def test_what_nobody_awaits_any_more_is_handed_over_for_cleaning_up() -> None:
    troubles: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: troubles.append(context))
    abandoned: list[str] = []
    release = threading.Event()
    done = threading.Event()

    def connect() -> str:
        assert release.wait(5)
        return "connection"

    def close(connection: str) -> None:
        abandoned.append(connection)
        done.set()

    task = asyncio.create_task(in_thread(connect, abandoned=close))
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    release.set()
    assert await in_thread(lambda: done.wait(5))
    await asyncio.sleep(0.01)
    assert (abandoned, troubles) == (["connection"], [])


async def test_what_was_awaited_to_its_end_is_not_handed_over() -> None:
    abandoned: list[str] = []
    assert await in_thread(lambda: "connection", abandoned=abandoned.append) == "connection"
    assert abandoned == []


def test_a_shared_call_is_made_when_first_asked_for() -> None:
    calls: list[int] = []
    shared = SharedCall(lambda: calls.append(1))
    assert (calls, shared.failed) == ([], False)
    shared.result()
    shared.result()
    assert (calls, shared.failed) == ([1], False)


def test_a_failed_call_says_so_to_everybody() -> None:
    def fail() -> None:
        raise ValueError("no")

    shared = SharedCall(fail)
    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            shared.result()
    with pytest.raises(ValueError, match="no"):
        asyncio.run(shared.result_async())
    assert shared.failed


LEAVING = """
import asyncio, time
from coodie_drivers.blocking import in_thread
try:
    asyncio.run(asyncio.wait_for(in_thread(lambda: time.sleep(60)), 0.1))
except asyncio.TimeoutError:
    print("left")
"""


def test_the_end_of_the_process_does_not_wait_for_what_nobody_awaits() -> None:
    command = [sys.executable, "-W", "error", "-c", LEAVING]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    assert (done.stdout, done.stderr) == ("left\n", "")


async def test_few_threads_make_many_blocking_calls() -> None:
    def once() -> str:
        time.sleep(0.01)
        return threading.current_thread().name

    names = await asyncio.gather(*(in_thread(once) for _ in range(40)))
    assert 1 < len(set(names)) <= 8
    assert await asyncio.gather(*(in_thread(once) for _ in range(9)))


async def test_calls_that_wait_for_other_machines_hold_up_no_others() -> None:
    release = threading.Event()
    waiting = [asyncio.create_task(in_thread(lambda: release.wait(20), long=True)) for _ in range(20)]
    try:
        await asyncio.sleep(0.05)
        assert await asyncio.wait_for(in_thread(lambda: "brief"), 5) == "brief"
        assert await asyncio.wait_for(in_thread(lambda: "long", long=True), 5) == "long"
    finally:
        release.set()
        await asyncio.gather(*waiting)


async def test_threads_that_have_nothing_to_do_are_few() -> None:
    names = {thread.name for thread in threading.enumerate()}
    together = threading.Barrier(30)
    await asyncio.gather(*(in_thread(lambda: together.wait(20), long=True) for _ in range(30)))
    left = [threading.current_thread()] * 9
    for _ in range(200):
        left = [
            each for each in threading.enumerate() if each.name.startswith("coodie-blocking") and each.name not in names
        ]
        if len(left) <= 8:
            break
        await asyncio.sleep(0.01)
    assert len(left) <= 8


async def test_a_shared_call_may_be_waited_for_in_part() -> None:
    release = threading.Event()
    shared = SharedCall(lambda: release.wait(20))
    with pytest.raises(FutureTimeoutError):
        shared.result(0.01, here=False)
    release.set()
    assert await shared.result_async() is True


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_concerns_the_thread_alone_that_is_interrupted(interrupt: type[BaseException]) -> None:
    begun, ending = threading.Event(), threading.Event()
    made: list[str] = []
    heard: list[object] = []

    def call() -> str:
        made.append(threading.current_thread().name)
        if len(made) == 1:
            begun.set()
            assert ending.wait(5)
            raise interrupt
        return "made"

    shared = SharedCall(call)

    def blocking() -> None:
        heard.append(shared.result())

    def awaiting() -> None:
        heard.append(asyncio.run(shared.result_async()))

    others = [threading.Thread(target=blocking), threading.Thread(target=awaiting)]

    def ask() -> None:
        assert begun.wait(5)
        for other in others:
            other.start()
        time.sleep(0.1)
        ending.set()

    asking = threading.Thread(target=ask)
    asking.start()
    with pytest.raises(interrupt):
        shared.result()
    for each in (asking, *others):
        each.join(5)
    assert (heard, len(made)) == (["made", "made"], 2)


@pytest.mark.parametrize("way", ["here", "elsewhere", "awaited"])
def test_a_call_that_failed_leaves_nothing_to_the_garbage_collector(way: str) -> None:
    used = Connection()
    gone = weakref.ref(used)

    def fail(_: Connection) -> None:
        raise ValueError("no")

    calls = [SharedCall(partial(fail, used))]  # no name holds it: its error would hold the name

    async def awaited() -> None:
        with suppress(ValueError):
            await calls.pop().result_async()

    gc.disable()
    try:
        with suppress(ValueError):
            asyncio.run(awaited()) if way == "awaited" else calls.pop().result(here=way == "here")
        del used
        given_up = time.monotonic() + 5
        while gone() is not None and time.monotonic() < given_up:
            time.sleep(0.01)
        assert gone() is None
    finally:
        gc.enable()


def test_a_call_that_cannot_be_handed_over_is_made_by_the_next_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    call = SharedCall(lambda: made.append("once"))

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    holding = [in_background(partial(time.sleep, 0.5)) for _ in range(12)]  # no thread is idle
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        with pytest.raises(ClusterUnavailableError, match="can't start new thread") as refused:
            call.result(1, here=False)
    assert (refused.value.outcome, refused.value.retryable, made) == ("not_applied", True, [])
    call.result(5, here=False)
    assert made == ["once"]
    assert [each.result(5) for each in holding] == [None] * 12


@pytest.mark.parametrize("here", [True, False])
def test_whoever_is_interrupted_anywhere_leaves_the_call_to_others(here: bool) -> None:
    """Raise at each line of the one that asks, as a signal handler may."""
    for line in range(1, 80):
        call = SharedCall(lambda: "made")
        lines = count(1)

        def interrupt(frame: FrameType, event: str, _: object, at: int = line, lines: count[int] = lines) -> Any:
            if frame.f_code.co_filename not in {blocking.__file__, lanes.__file__}:
                return None
            # Python takes no signal where a lock is taken and left.
            locks = linecache.getline(frame.f_code.co_filename, frame.f_lineno).lstrip().startswith("with ")
            if event == "line" and not locks and next(lines) == at:
                raise KeyboardInterrupt
            return interrupt

        before = sys.gettrace()
        sys.settrace(interrupt)
        try:
            call.result(5, here=here)
        except KeyboardInterrupt:
            pass
        else:
            assert next(lines) <= line, "there is no further line"
            return
        finally:
            sys.settrace(before)
        assert in_background(partial(call.result, 5, here=here)).result(10) == "made"
