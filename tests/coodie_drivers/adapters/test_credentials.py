"""Functions that say whom to log in as, and fail: what is told is what they raised, whichever the client library."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest
from tests.coodie_drivers.adapters.listeners import ask_for_login, stay_silent

from coodie_drivers import LazyDriver, init_coodie, init_coodie_async
from coodie_drivers.errors import ClusterUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.coodie_drivers.adapters.listeners import Listener

pytestmark = [pytest.mark.adapter, pytest.mark.every_adapter, pytest.mark.once]

LIMIT = 30.0
"""Seconds within which a node is to be reached: far more than it takes to hear that it cannot be."""

WAYS = ["sync", "async", "lazy", "lazy async"]


def connect(way: str, **arguments: Any) -> object:
    """Connect in one of the ways there are."""
    if way == "async":
        return asyncio.run(init_coodie_async(**arguments))
    if way == "sync":
        return init_coodie(**arguments)
    with LazyDriver(arguments.pop("hosts"), None, None, arguments) as driver:
        if way == "lazy":
            return driver.execute("SELECT key FROM system.local", [])
        return asyncio.run(driver.execute_async("SELECT key FROM system.local", []))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, asyncio.CancelledError, GeneratorExit])
def test_what_is_no_failure_of_a_login_passes_to_who_connects(
    listening: Callable[..., Listener], driver_type: str, way: str, kind: type[BaseException]
) -> None:
    def credentials() -> tuple[str, str]:
        raise kind("vault")

    listener = listening(ask_for_login)
    with pytest.raises(kind) as raised:
        connect(way, hosts=[listener.host], driver_type=driver_type, credentials=credentials, connect_timeout=LIMIT)
    assert raised.type is kind


@pytest.mark.parametrize("way", ["sync", "async"])
def test_a_function_that_does_not_return_in_time_is_told_to_be_what_is_late(
    listening: Callable[..., Listener], driver_type: str, way: str
) -> None:
    answers, listeners = threading.Event(), [listening(ask_for_login) for _ in range(2)]

    def credentials() -> tuple[str, str]:
        answers.wait(60)
        return "ann", "secret"

    hosts = [each.host for each in listeners]
    try:
        with pytest.raises(ClusterUnavailableError) as raised:
            connect(way, hosts=hosts, driver_type=driver_type, credentials=credentials, connect_timeout=1)
    finally:
        answers.set()
    assert raised.value.reasons == dict.fromkeys(hosts, "credentials() did not return within 1 s")
    assert (raised.value.outcome, raised.value.retryable) == ("not_applied", True)


@pytest.mark.parametrize("way", ["sync", "async"])
def test_nothing_is_said_of_one_that_has_returned(
    listening: Callable[..., Listener], driver_type: str, way: str
) -> None:
    listener = listening(stay_silent)
    with pytest.raises(ClusterUnavailableError, match="does not answer CQL") as raised:
        connect(
            way,
            hosts=[listener.host],
            driver_type=driver_type,
            credentials=lambda: ("ann", "secret"),
            connect_timeout=1,
        )
    assert "credentials" not in str(raised.value)
