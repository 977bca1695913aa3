"""A private event loop: blocking code runs coroutines in it, and it goes away without a trace."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
import time
from concurrent.futures import CancelledError, wait
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from typing import Any

import pytest

from coodie_drivers.errors import ClusterUnavailableError, DriverClosedError
from coodie_drivers.loop_thread import LoopEndedError, LoopThread, submit_to


async def answered(value: int, seconds: float = 0) -> int:
    await asyncio.sleep(seconds)
    return value


async def failing() -> None:
    raise LookupError("as it was raised")


def test_results_and_errors_come_back() -> None:
    loop = LoopThread("of-a-test")
    assert loop.run(answered(1)) == 1
    with pytest.raises(LookupError, match="as it was raised"):
        loop.run(failing())
    loop.close()


def test_many_threads_share_one_loop() -> None:
    loop = LoopThread("shared")
    found: list[int] = []

    def ask(number: int) -> None:
        found.append(loop.run(answered(number, 0.01)))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(20))
    assert time.monotonic() - began < 20 * 0.1
    assert [thread.name for thread in threading.enumerate()].count("shared") == 1
    loop.close()


def test_a_closed_one_refuses_and_its_thread_ends() -> None:
    loop = LoopThread("closed")
    loop.run(answered(1))
    (thread,) = [each for each in threading.enumerate() if each.name == "closed"]
    loop.close()
    thread.join(5)
    assert not thread.is_alive()
    with pytest.raises(DriverClosedError):
        loop.run(answered(2))


def test_without_file_descriptors_for_a_loop_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> asyncio.AbstractEventLoop:
        raise OSError(errno.EMFILE, "Too many open files")

    loop = LoopThread("without descriptors")
    with monkeypatch.context() as patched:
        patched.setattr(asyncio, "new_event_loop", refused)
        with pytest.raises(ClusterUnavailableError, match="not enough file descriptors left") as raised:
            loop.run(answered(1))
        assert (raised.value.outcome, raised.value.retryable) == ("not_applied", True)
        with pytest.raises(ClusterUnavailableError):
            loop.submit(answered(1))
    assert loop.run(answered(2)) == 2
    loop.close()


def test_closing_cancels_what_still_runs() -> None:
    loop = LoopThread("cancelled")
    ended: list[BaseException] = []

    def wait() -> None:
        try:
            loop.run(answered(1, 60))
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test looks at it
            ended.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.05)
    loop.close()
    thread.join(5)
    assert not thread.is_alive()
    (error,) = ended
    assert isinstance(error, DriverClosedError)
    assert error.outcome == "unknown"


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
def test_what_would_end_a_loop_is_told_to_who_waits_and_harms_nobody_else(kind: type[BaseException]) -> None:
    loop = LoopThread("exits")

    async def leaving() -> None:
        raise kind("as it was raised")

    async def asking() -> None:
        await asyncio.ensure_future(leaving())

    other = loop.submit(answered(1, 0.05))
    for each in (leaving, asking):
        with pytest.raises(kind, match="as it was raised"):
            loop.run(each())
    assert other.result(5) == 1
    (thread,) = [each for each in threading.enumerate() if each.name == "exits"]

    async def stubborn() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            raise kind

    begun = loop.submit(stubborn())
    loop.run(answered(2))
    loop.close()
    thread.join(5)
    assert (thread.is_alive(), begun.done()) == (False, True)


def test_what_cancels_itself_is_told_as_cancelled() -> None:
    loop = LoopThread("cancels-itself")

    async def cancelled() -> None:
        raise asyncio.CancelledError

    with pytest.raises(CancelledError):
        loop.run(cancelled())
    loop.close()


def test_what_begins_while_others_are_cancelled_ends_too() -> None:
    loop = LoopThread("begins-late")
    begun: list[asyncio.Task[int]] = []

    async def leaving_something() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            begun.append(asyncio.ensure_future(answered(1, 60)))

    left = loop.submit(leaving_something())
    loop.run(answered(1))
    (thread,) = [each for each in threading.enumerate() if each.name == "begins-late"]
    loop.close()
    thread.join(5)
    assert not thread.is_alive()
    assert left.cancelled()
    assert [each.cancelled() for each in begun] == [True]


def test_closing_while_a_coroutine_is_handed_over_leaves_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = LoopThread("raced")
    loop.run(answered(1))
    (thread,) = [each for each in threading.enumerate() if each.name == "raced"]
    closing = threading.Thread(target=loop.close)
    started: Any = vars(LoopThread)["_started"]

    def slowly(self: LoopThread) -> asyncio.AbstractEventLoop:
        target: asyncio.AbstractEventLoop = started(self)
        closing.start()
        closing.join(0.2)
        thread.join(0.2)
        return target

    monkeypatch.setattr(LoopThread, "_started", slowly)
    with suppress(DriverClosedError):
        assert loop.run(answered(2)) == 2
    closing.join(5)
    thread.join(5)
    assert not thread.is_alive()


def test_a_loop_of_somebody_else_s_that_is_closed_leaves_no_coroutine_behind() -> None:
    other = asyncio.new_event_loop()
    other.close()
    coroutine = answered(1)
    with pytest.raises(RuntimeError, match="closed"):
        submit_to(other, coroutine)
    with pytest.raises(RuntimeError, match="cannot reuse"):
        coroutine.send(None)


@pytest.mark.parametrize("steps", range(8))
def test_what_ends_in_the_very_moment_in_which_the_loop_does_is_told(steps: int) -> None:
    loop = LoopThread("ending")

    async def work() -> None:
        loop.close()
        for _ in range(steps):
            await asyncio.sleep(0)

    future = loop.submit(work())
    assert wait((future,), timeout=5).done == {future}


@pytest.mark.parametrize("begun", [False, True])
def test_who_waits_for_a_loop_that_ends_is_told(*, begun: bool) -> None:
    other = asyncio.new_event_loop()
    left = submit_to(other, answered(1, seconds=30))
    if begun:
        done = submit_to(other, answered(3))
        other.run_until_complete(asyncio.sleep(0.01))
        assert done.result() == asyncio.run(done.result_async()) == 3
    assert not left.done()
    with pytest.raises(FutureTimeoutError):
        left.result(0.01)
    other.close()
    assert left.done()
    with pytest.raises(LoopEndedError):
        left.result()
    with pytest.raises(LoopEndedError):
        asyncio.run(left.result_async())


async def test_what_another_loop_does_is_cancelled_with_the_task_that_waits_for_it() -> None:
    other, cancelled = asyncio.new_event_loop(), threading.Event()
    thread = threading.Thread(target=other.run_forever)
    thread.start()

    async def work() -> None:
        try:
            await asyncio.sleep(30)
        finally:
            cancelled.set()

    submitted = submit_to(other, work())
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(submitted.result_async(), 0.1)
    assert await asyncio.to_thread(cancelled.wait, 5)
    assert submitted.done()
    other.call_soon_threadsafe(other.stop)
    thread.join(5)
    other.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_has_a_loop_of_its_own() -> None:
    loop = LoopThread("forked")
    assert loop.run(answered(1)) == 1
    child = os.fork()
    if child == 0:
        try:
            os._exit(loop.run(answered(7)))
        finally:  # a child that failed must not go on as another test run
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 7
    assert loop.run(answered(2)) == 2
    loop.close()
