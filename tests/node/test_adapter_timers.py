"""How many timers of the library the requests of a session start, and that its event loops end their limits in time."""

from __future__ import annotations

import sys
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import init_coodie, unregister_driver
from coodie_drivers.errors import OperationTimedOutError
from coodie_drivers.testing import proxy as faults
from coodie_drivers.testing.proxy import FaultProxy

if TYPE_CHECKING:
    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.timed]

REACTORS = {
    "the usual one": ("cassandra.cluster", "DefaultConnection"),
    "libev": ("cassandra.io.libevreactor", "LibevConnection"),
    "asyncio": ("cassandra.io.asyncioreactor", "AsyncioConnection"),
    "asyncore": ("cassandra.io.asyncorereactor", "AsyncoreConnection"),
}
SLACK = 0.25
STMT = "SELECT key FROM system.local WHERE key = ?"


@pytest.fixture(params=REACTORS)
def counting(request: pytest.FixtureRequest) -> Any:
    """A class of connections that counts the library's timers."""
    module, name = REACTORS[request.param]
    if request.param == "asyncore" and sys.version_info >= (3, 12):
        pytest.skip("Python has no asyncore any more")
    try:
        connection_class: Any = getattr(import_module(module), name)
    except Exception as error:  # noqa: BLE001 - the libraries raise errors of several kinds for what is not installed
        pytest.skip(f"this event loop is not there: {error}")

    def create_timer(cls: Any, timeout: float, callback: Any) -> Any:
        cls.started.append(timeout)
        started: Any = connection_class.create_timer.__func__(cls, timeout, callback)
        return started

    counted: Any = type("Counting", (connection_class,), {"create_timer": classmethod(create_timer), "started": []})
    return counted


def test_the_requests_of_a_session_share_timers_and_end_in_time(cql_cluster: CqlCluster, counting: Any) -> None:
    with FaultProxy(cql_cluster) as proxy:
        driver: Any = init_coodie(
            hosts=proxy.hosts, port=proxy.port, driver_type="scylla", name="timers", connection_class=counting
        )
        unregister_driver("timers")
        try:
            driver.execute(STMT, ["local"])
            before = len(counting.started)
            for _ in range(100):
                assert driver.execute(STMT, ["local"]) == [{"key": "local"}]
            assert len(counting.started) - before <= 2
            for limit in (0.2, 0.7):
                began = time.monotonic()
                with proxy.rules.add(faults.drop_reply(), text=STMT), pytest.raises(OperationTimedOutError):
                    driver.execute(STMT, ["local"], None, limit)
                assert 0 <= time.monotonic() - began - limit < SLACK
        finally:
            driver.close()
