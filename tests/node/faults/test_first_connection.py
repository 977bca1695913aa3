"""A node that goes silent while a driver connects to it: told within `connect_timeout`, and no connection is left."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import errors, init_coodie, init_coodie_async
from coodie_drivers.testing import FaultProxy
from coodie_drivers.testing import proxy as faults

if TYPE_CHECKING:
    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter]

LIMIT, PROMISED = 0.6, 0.3
"""Seconds within which a node is to be reached, and by which the error may be later."""

TRIES = 4
"""How often a busy machine may be late with it, and once more."""


def but_for_the_first(number: int) -> bool:
    """Match all messages but one."""
    return number > 1


SILENT: dict[str, dict[str, Any]] = {
    "events": {"opcode": "REGISTER"},
    "cluster": {"text": "system.local"},
    "requests": {"opcode": "STARTUP", "when": but_for_the_first},
}
"""Where nodes go silent: asked to tell of events, asked about the cluster, or on all connections but the first."""

LASTING = ("acsylla", "cluster")
"""The driver type whose library waits 12 s for an answer, whatever it is told, and where that is."""


@pytest.mark.parametrize("way", ["sync", "async"])
@pytest.mark.parametrize("where", SILENT)
def test_the_limit_holds_for_all_of_connecting(cql_cluster: CqlCluster, driver_type: str, where: str, way: str) -> None:
    with FaultProxy(cql_cluster) as proxy:
        given: dict[str, Any] = {"hosts": proxy.hosts, "port": proxy.port, "driver_type": driver_type}
        seconds = 0.0
        for _ in range(TRIES):
            with proxy.rules.add(faults.drop_reply(), **SILENT[where]):
                began = time.monotonic()
                with pytest.raises(errors.ClusterUnavailableError) as caught:
                    connect(way, connect_timeout=LIMIT, **given)
                seconds = time.monotonic() - began
            assert set(caught.value.reasons) == {f"{host}:{proxy.port}" for host in proxy.hosts}
            assert (caught.value.outcome, caught.value.attempts) == ("not_applied", 0)
            if seconds <= LIMIT + PROMISED:
                break
        assert seconds <= LIMIT + PROMISED
        until = time.monotonic() + 5
        while proxy.connections and (driver_type, where) != LASTING and time.monotonic() < until:
            time.sleep(0.01)
        assert proxy.connections == 0 or (driver_type, where) == LASTING


def connect(way: str, **arguments: Any) -> object:
    return asyncio.run(init_coodie_async(**arguments)) if way == "async" else init_coodie(**arguments)
