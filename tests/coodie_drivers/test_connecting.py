"""Waiting for a cluster that is not there yet."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import get_driver, init_coodie, init_coodie_async
from coodie_drivers.errors import ClusterUnavailableError, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("registry")


def blocking(**arguments: Any) -> Any:
    return init_coodie(hosts=["db1"], driver_type="paper", **arguments)


def awaiting(**arguments: Any) -> Any:
    return asyncio.run(init_coodie_async(hosts=["db1"], driver_type="paper", **arguments))


def lazily(**arguments: Any) -> Any:
    driver: Any = init_coodie(hosts=["db1"], driver_type="paper", lazy=True, **arguments)
    driver.execute("SELECT n FROM t", [])
    return driver


def away(*, retryable: bool = True) -> ClusterUnavailableError:
    return ClusterUnavailableError({"db1:9042": "it is not there yet"}, retryable=retryable)


@pytest.mark.parametrize("way", [blocking, awaiting, lazily])
def test_who_is_told_to_wait_connects_when_a_node_is_there(
    paper: Any, way: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    paper.failures.extend([away(), away()])
    assert way(retry_connect=20) is get_driver()
    assert len(paper.connected) == 1
    assert told_of_connecting(caplog) == ["no node could be reached yet at db1:9042: trying again for 20 s"]


@pytest.mark.parametrize("way", [blocking, awaiting])
def test_when_its_time_is_over_the_last_error_is_raised(paper: Any, way: Callable[..., Any]) -> None:
    paper.failures.extend(away() for _ in range(1_000))
    began = time.monotonic()
    with pytest.raises(ClusterUnavailableError, match="it is not there yet"):
        way(retry_connect=0.6)
    assert 0.6 <= time.monotonic() - began < 5
    assert 1_000 - len(paper.failures) == 3, "after 0.25 and 0.6 s"
    with pytest.raises(ConfigurationError, match="no driver is registered"):
        get_driver()


@pytest.mark.parametrize("way", [blocking, awaiting])
@pytest.mark.parametrize("error", [away(retryable=False), ConfigurationError("no")])
def test_what_waiting_does_not_help_is_raised_at_once(paper: Any, way: Callable[..., Any], error: Exception) -> None:
    paper.failures.extend([away(), error])
    with pytest.raises(type(error), match=str(error).replace("(", r"\(").replace(")", r"\)")):
        way(retry_connect=20)
    assert len(paper.failures) == 1


@pytest.mark.parametrize("way", [blocking, awaiting])
def test_without_it_nobody_waits(paper: Any, way: Callable[..., Any]) -> None:
    paper.failures.extend([away(), away()])
    with pytest.raises(ClusterUnavailableError):
        way()
    assert len(paper.failures) == 1


def told_of_connecting(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What coodie logged: a client library of an earlier test may still tell of a node that is gone."""
    return [record.getMessage() for record in caplog.records if record.name == "coodie.connecting"]


def noted(caplog: pytest.LogCaptureFixture, hosts: list[str], seconds: float = 5) -> list[str]:
    """What was logged of these hosts, as soon as anything was: a look that an earlier test began may end meanwhile."""

    def of_these() -> list[str]:
        return [message for message in told_of_connecting(caplog) if any(host in message for host in hosts)]

    until = time.monotonic() + seconds
    while not of_these() and time.monotonic() < until:
        time.sleep(0.01)
    return of_these()


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.usefixtures("paper")
def test_hosts_that_accept_no_connection_are_named_once(caplog: pytest.LogCaptureFixture, asynchronous: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        here, nowhere = (f"127.0.0.1:{each.getsockname()[1]}" for each in (listening, taken))
        arguments: Any = {"hosts": [nowhere, here, "no-such-host.invalid"], "driver_type": "paper"}
        if asynchronous:
            asyncio.run(init_coodie_async(**arguments))
        else:
            init_coodie(**arguments)
        (told,) = noted(caplog, [nowhere])
    assert told.startswith(f"connected, but not by 2 of 3 hosts: {nowhere}: it refused the connection: does a node run")
    assert told.endswith("no-such-host.invalid:9042: the name could not be resolved: is it written correctly?")
    assert here not in told


@pytest.mark.parametrize("hosts", [["no-such-host.invalid"], None])
@pytest.mark.usefixtures("paper")
def test_where_all_hosts_accept_nothing_is_said(caplog: pytest.LogCaptureFixture, hosts: list[str] | None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        both = [f"127.0.0.1:{each.getsockname()[1]}" for each in (one, other)]
        init_coodie(hosts=hosts or both, driver_type="paper")
        assert noted(caplog, hosts or both, 0.3) == []


@pytest.mark.parametrize("way", [blocking, awaiting])
def test_the_first_try_is_part_of_its_time(
    paper: Any, way: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    paper.delay = 0.3
    paper.failures.extend(away() for _ in range(5))
    with pytest.raises(ClusterUnavailableError):
        way(retry_connect=0.2)
    assert len(paper.failures) == 4
    assert told_of_connecting(caplog) == [], "nothing is tried again"
