"""A private event loop: blocking code runs coroutines in it, and it goes away without a trace."""

from __future__ import annotations

import asyncio
import os
import threading
import time

import pytest

from coodie_drivers.errors import DriverClosedError
from coodie_drivers.loop_thread import LoopThread


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


def test_closing_cancels_what_still_runs() -> None:
    loop = LoopThread("cancelled")
    ended: list[type[BaseException] | None] = []

    def wait() -> None:
        try:
            loop.run(answered(1, 60))
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test looks at it
            ended.append(type(error))

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.05)
    loop.close()
    thread.join(5)
    assert not thread.is_alive()
    assert [error.__name__ for error in ended if error is not None] == ["CancelledError"]


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
