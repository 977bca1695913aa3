"""Exceptions that come from outside, which say nothing about a request."""

from __future__ import annotations

import asyncio
import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers.blocking import SharedCall
from coodie_drivers.interrupts import is_interrupt
from coodie_drivers.loop_thread import LoopThread

if TYPE_CHECKING:
    from collections.abc import Iterator


connection: Any = pytest.importorskip("cassandra.connection", reason="needs scylla-driver or cassandra-driver")

pytestmark = pytest.mark.adapter


class SoftTimeLimitError(Exception):
    """What a job queue raises from a signal handler."""


class OurConnectionError(connection.ConnectionException):  # type: ignore[misc]  # the library carries no types
    """A connection of somebody's own, which fails in a way of its own."""


class Raising:
    """Raises what it is told to, in a signal handler."""

    def __init__(self) -> None:
        self.error: BaseException = SoftTimeLimitError()

    def __call__(self, *_: object) -> None:
        raise self.error


@pytest.fixture
def handler() -> Iterator[Raising]:
    """What handles a signal for the length of a test."""
    raising = Raising()
    before = signal.signal(signal.SIGUSR1, raising)
    yield raising
    signal.signal(signal.SIGUSR1, before)


def caught_of(error: BaseException) -> BaseException:
    try:
        raise error  # noqa: TRY301 - so that it has a traceback
    except BaseException as caught:  # noqa: BLE001 - whatever it is
        return caught


@pytest.mark.parametrize("error", [ValueError(), TimeoutError(), OurConnectionError("gone"), asyncio.CancelledError()])
def test_errors_of_libraries_and_of_python_tell_of_requests(error: BaseException) -> None:
    assert not is_interrupt(error)
    assert not is_interrupt(caught_of(error))


def test_an_exception_of_somebody_else_is_from_outside() -> None:
    assert is_interrupt(SoftTimeLimitError())


@pytest.mark.parametrize("error", [TimeoutError(), ValueError(), Exception(), SoftTimeLimitError()])
def test_whatever_a_signal_handler_raises_is_from_outside(handler: Raising, error: Exception) -> None:
    handler.error = error
    with pytest.raises(type(error)) as raised:
        signal.raise_signal(signal.SIGUSR1)
    assert is_interrupt(raised.value)


def test_a_method_and_a_function_are_handlers_as_well(handler: Raising) -> None:
    handler.error = TimeoutError()

    def raising(*_: object) -> None:
        raise TimeoutError

    for each in (raising, handler.__call__):
        signal.signal(signal.SIGUSR1, each)
        with pytest.raises(TimeoutError) as raised:
            signal.raise_signal(signal.SIGUSR1)
        assert is_interrupt(raised.value)


def test_who_makes_a_call_for_others_is_interrupted_alone() -> None:
    asked, begun, waiting = list[int](), threading.Event(), threading.Event()

    def call() -> str:
        asked.append(1)
        if len(asked) > 1:
            return "made"
        begun.set()
        assert waiting.wait(5)
        raise SoftTimeLimitError

    shared, told = SharedCall(call), list[str]()

    def wait_for_it() -> None:
        assert begun.wait(5)
        waiting.set()
        told.append(shared.result(5))

    other = threading.Thread(target=wait_for_it)
    other.start()
    with pytest.raises(SoftTimeLimitError):
        shared.result()
    other.join(5)
    assert told == ["made"]


def test_a_coroutine_that_was_handed_over_is_cancelled_when_who_waits_is_interrupted(handler: Raising) -> None:
    loop, ended = LoopThread("interrupted"), list[str]()
    main = threading.main_thread().ident
    assert main is not None

    async def work() -> None:
        try:
            signal.pthread_kill(main, signal.SIGUSR1)
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    with pytest.raises(SoftTimeLimitError):
        loop.run(work())
    assert loop.run(asyncio.sleep(0, "alive")) == "alive"
    assert ended == ["cancelled"]
    loop.close()
