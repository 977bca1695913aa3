"""Connecting to nodes that go silent on the way: told within the stated time, and leaving nothing."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from tests.coodie_drivers.adapters.listeners import OPTIONS, REGISTER, STARTUP, answering, ask_for_login

from coodie_drivers import LazyDriver, init_coodie, init_coodie_async
from coodie_drivers.errors import ClusterUnavailableError, DriverClosedError, OperationTimedOutError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.coodie_drivers.adapters.listeners import Listener

pytestmark = [pytest.mark.adapter, pytest.mark.every_adapter, pytest.mark.once, pytest.mark.timed]

LIMIT, PROMISED = 0.6, 0.3
"""Seconds within which a node is to be reached, and by which the error may be later."""

LONG, SOON = 5, 3
"""Seconds within which a node is to be reached by who is interrupted meanwhile, and within which that is told."""

TRIES = 4
"""How often a busy machine may be late with it, and once more."""

ANSWERED = {"nothing": (), "startup": (OPTIONS, STARTUP), "register": (OPTIONS, STARTUP, REGISTER)}
"""What nodes answer before they go silent, by the last of it."""

LASTING = ("acsylla", "register")
"""The driver type whose library waits 12 s for an answer, whatever it is told, and what nodes answered before."""

others: set[threading.Thread] = set()
"""The threads that were there before the test: drivers of other tests have theirs."""


@pytest.fixture(autouse=True)
def of_others() -> None:
    """Look at the threads that are there."""
    others.clear()
    others.update(threading.enumerate())


Refused = tuple[ClusterUnavailableError, float]


@pytest.fixture(params=["sync", "async"])
def refused(driver_type: str, request: pytest.FixtureRequest) -> Callable[..., Refused]:
    """Connect in vain, in either way; return the error and the seconds until it came."""

    def connect(**arguments: Any) -> Refused:
        given: dict[str, Any] = {"driver_type": driver_type, "connect_timeout": LIMIT, **arguments}
        began = time.monotonic()
        with pytest.raises(ClusterUnavailableError) as caught:
            asyncio.run(init_coodie_async(**given)) if request.param == "async" else init_coodie(**given)
        error, seconds = caught.value, time.monotonic() - began
        assert set(error.reasons) == set(given["hosts"])
        assert (error.outcome, error.retryable, error.attempts) == ("not_applied", True, 0)
        return error, seconds

    return connect


def in_time(attempt: Callable[[], Refused]) -> ClusterUnavailableError:
    """Have it refused until that takes the stated time, and not more."""
    seconds = 0.0
    for _ in range(TRIES):
        error, seconds = attempt()
        if LIMIT - PROMISED <= seconds <= LIMIT + PROMISED:
            return error
    raise AssertionError(f"the error came after {seconds:.2f} s")


@pytest.mark.parametrize("until", ANSWERED)
@pytest.mark.parametrize("count", [1, 5])
def test_the_limit_holds_wherever_nodes_go_silent(
    listening: Callable[..., Listener], refused: Callable[..., Refused], driver_type: str, until: str, count: int
) -> None:
    listeners = [listening(answering(*ANSWERED[until])) for _ in range(count)]
    error = in_time(lambda: refused(hosts=[each.host for each in listeners]))
    assert all("CQL" in reason for reason in error.reasons.values())
    if (driver_type, until) != LASTING:
        assert ended_soon(listeners)


def test_the_limit_holds_for_hosts_that_do_not_even_accept(black_hole: str, refused: Callable[..., Refused]) -> None:
    error = in_time(lambda: refused(hosts=[black_hole]))
    assert "does not accept a connection" in error.reasons[black_hole]


def test_the_limit_holds_where_a_datacenter_is_given(
    listening: Callable[..., Listener], refused: Callable[..., Refused]
) -> None:
    listeners = [listening(answering()) for _ in range(2)]
    in_time(lambda: refused(hosts=[each.host for each in listeners], datacenter="dc1"))


def test_the_limit_holds_where_credentials_are_slow_to_say_whom_to_log_in_as(
    listening: Callable[..., Listener], refused: Callable[..., Refused]
) -> None:
    listener, answers = listening(ask_for_login), threading.Event()

    def credentials() -> tuple[str, str]:
        answers.wait(60)
        return "ann", "secret"

    try:
        in_time(lambda: refused(hosts=[listener.host], credentials=credentials))
    finally:
        answers.set()
    assert ended_soon([listener])


@pytest.mark.parametrize("until", ["nothing", "startup"])
def test_who_connects_can_be_interrupted(listening: Callable[..., Listener], driver_type: str, until: str) -> None:
    listener, began = listening(answering(*ANSWERED[until])), time.monotonic()

    class SoftTimeLimitError(Exception):
        """What a job queue raises from a signal handler."""

    def handle(*_: object) -> None:
        raise SoftTimeLimitError

    before = signal.signal(signal.SIGALRM, handle)
    try:
        signal.setitimer(signal.ITIMER_REAL, PROMISED)
        with pytest.raises(SoftTimeLimitError):
            init_coodie(hosts=[listener.host], driver_type=driver_type, connect_timeout=LONG)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert time.monotonic() - began < SOON
    assert ended_soon([listener], LONG)


@pytest.mark.parametrize("way", ["sync", "async"])
def test_a_call_has_its_own_limit_while_a_lazy_driver_connects(
    listening: Callable[..., Listener], driver_type: str, way: str
) -> None:
    listener = listening(answering())
    driver = LazyDriver([listener.host], None, None, {"driver_type": driver_type, "connect_timeout": 20})
    began = time.monotonic()
    with pytest.raises(OperationTimedOutError, match=rf"within {PROMISED:g} s") as caught:
        ask(driver, way, PROMISED)
    assert caught.value.outcome == "not_applied"
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(ask, driver, way, None)
        with pytest.raises(OperationTimedOutError):
            ask(driver, way, PROMISED)
        assert listener.open == 1, "they wait for the same connection"
        driver.close(timeout=0.1)
        with pytest.raises(DriverClosedError):
            waiting.result(60)
    assert time.monotonic() - began < 30


def ask(driver: LazyDriver, way: str, timeout: float | None) -> object:
    if way == "sync":
        return driver.execute("SELECT key FROM system.local", [], None, timeout)
    return asyncio.run(driver.execute_async("SELECT key FROM system.local", [], None, timeout))


def ended_soon(listeners: list[Listener], within: float = 0) -> bool:
    """Return whether all who connected have hung up, and nobody connects any more: soon, or soon after so long."""
    until = time.monotonic() + within + 5
    while (connecting() or any(each.open for each in listeners)) and time.monotonic() < until:
        time.sleep(0.01)
    return not connecting() and not any(each.open for each in listeners)


def connecting() -> list[threading.Thread]:
    """The threads in which somebody still connects, who did not before the test."""
    names = ("coodie-connecting", "coodie-reaching", "coodie-acsylla")
    return [each for each in threading.enumerate() if each.name.startswith(names) and each not in others]
