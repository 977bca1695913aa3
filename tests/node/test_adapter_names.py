"""Names whose look-up takes long: no event loop waits for it, neither in connecting nor in connecting anew."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import init_coodie_async, unregister_driver
from coodie_drivers.errors import ClusterUnavailableError, DriverError
from coodie_drivers.testing import FaultProxy
from coodie_drivers.testing.conformance.stalls import STALL, stall_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter, pytest.mark.timed]

NAME, NOBODY = "db.slow.invalid", "nowhere.slow.invalid"
STMT = "SELECT key FROM system.local WHERE key = ?"


class SlowNames:
    """What looks names up, slowly.

    Attributes:
        asked: how often it was asked.
        on_a_loop: the threads that asked although an event loop runs in them.
        slow: which hosts it takes its time for; all of them where that is None.
    """

    def __init__(self, address: str, seconds: float) -> None:
        self.asked = 0
        self.on_a_loop: list[str] = []
        self.slow: set[str] | None = {NAME, NOBODY}
        self._address, self._seconds = address, seconds
        self._real: Callable[..., Any] = socket.getaddrinfo

    def __call__(self, host: Any, *arguments: Any, **options: Any) -> Any:
        if self.slow is None or host in self.slow:
            self.asked += 1
            self._note()
            time.sleep(self._seconds)
        if host == NOBODY:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return self._real(self._address if host == NAME else host, *arguments, **options)

    def _note(self) -> None:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return
        self.on_a_loop.append(threading.current_thread().name)


@pytest.fixture(params=[0.3, pytest.param(2.0, marks=pytest.mark.long)])
def names(request: pytest.FixtureRequest, cql_cluster: CqlCluster, monkeypatch: pytest.MonkeyPatch) -> SlowNames:
    """Look-ups that take so many seconds."""
    slow = SlowNames(cql_cluster.hosts[0], request.param)
    monkeypatch.setattr(socket, "getaddrinfo", slow)
    return slow


async def test_connecting_by_a_name_stalls_no_event_loop(
    cql_cluster: CqlCluster, driver_type: str, names: SlowNames, note: Callable[..., None]
) -> None:
    # The native libraries look names up by themselves: theirs is one that there is, beside one that there is not.
    own = driver_type in {"acsylla", "rust"}
    hosts = [NOBODY, cql_cluster.hosts[0]] if own else [NAME]

    async def connect_and_close() -> None:
        given: dict[str, Any] = {"hosts": hosts, "port": cql_cluster.port, "driver_type": driver_type}
        driver: Any = await init_coodie_async(**given, name="slow", connect_timeout=30.0, lazy=False)
        unregister_driver("slow")
        assert await driver.execute_async(STMT, ["local"]) == [{"key": "local"}]
        await driver.close_async()

    stall = await stall_of(connect_and_close)
    note(stall=stall, asked=names.asked)
    assert stall < STALL
    assert names.on_a_loop == []
    assert names.asked > 0 or own


async def test_a_name_that_there_is_not_stalls_no_event_loop(
    cql_cluster: CqlCluster, driver_type: str, names: SlowNames, note: Callable[..., None]
) -> None:
    async def fail_to_connect() -> None:
        given: dict[str, Any] = {"hosts": [NOBODY], "port": cql_cluster.port, "driver_type": driver_type}
        with pytest.raises(ClusterUnavailableError, match="the name could not be resolved"):
            await init_coodie_async(**given, name="nobody", connect_timeout=30.0, lazy=False)

    stall = await stall_of(fail_to_connect)
    note(stall=stall, asked=names.asked)
    assert stall < STALL
    assert names.on_a_loop == []


async def test_connecting_anew_stalls_no_event_loop(
    cql_cluster: CqlCluster, driver_type: str, names: SlowNames, note: Callable[..., None]
) -> None:
    with FaultProxy(cql_cluster) as proxy:
        given: dict[str, Any] = {"hosts": proxy.hosts, "port": proxy.port, "driver_type": driver_type}
        driver: Any = await init_coodie_async(**given, name="again", lazy=False)
        unregister_driver("again")
        await driver.execute_async(STMT, ["local"])
        names.slow = None  # addresses are looked up as well

        async def lose_and_find_again() -> None:
            proxy.cut_connections()
            deadline = time.monotonic() + 60
            while True:
                with contextlib.suppress(DriverError):
                    assert await driver.execute_async(STMT, ["local"]) == [{"key": "local"}]
                    return
                assert time.monotonic() < deadline
                await asyncio.sleep(0.01)

        stall = await stall_of(lose_and_find_again)
        note(stall=stall, asked=names.asked)
        names.slow = set()
        await driver.close_async(timeout=0)
    assert stall < STALL
    assert names.on_a_loop == []
