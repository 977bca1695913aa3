"""Logins that fail for a while when the connections have broken: the driver is back when they do not any more."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import CoodieError, init_coodie, unregister_driver
from coodie_drivers.testing import FaultProxy
from coodie_drivers.testing import proxy as faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter]


class Vault:
    """A function for credentials, and what it raises."""

    def __init__(self) -> None:
        self.fault: BaseException | None = None
        self.asked = 0

    def __call__(self) -> tuple[str, str]:
        self.asked += 1
        if self.fault is not None:
            raise self.fault
        return "cassandra", "cassandra"


def until(done: Callable[[], object], seconds: float) -> bool:
    """Whether it was done in time."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if done():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("fault", ["refused", "raises", "exits"])
def test_a_driver_is_back_when_logins_work_again(cql_cluster: CqlCluster, driver_type: str, fault: str) -> None:
    vault = Vault()
    with FaultProxy(cql_cluster) as proxy:
        driver: Any = init_coodie(
            hosts=proxy.hosts, port=proxy.port, driver_type=driver_type, name="vault", credentials=vault
        )

        def answers() -> bool:
            with contextlib.suppress(CoodieError):
                return bool(driver.execute("SELECT key FROM system.local", [], None, 1.0))
            return False

        try:
            if fault == "refused":
                refusing = proxy.rules.add(faults.answer(faults.bad_credentials()), opcode="STARTUP")
                proxy.cut_connections()
                assert until(lambda: answers() or refusing.hits >= 3, 10)  # a library may hold one that it was opening
                refusing.remove()
            else:
                vault.fault = KeyError("sealed") if fault == "raises" else SystemExit("no token")
                asked = vault.asked
                proxy.cut_connections()
                assert until(lambda: answers() or vault.asked >= asked + 3, 10)
                vault.fault = None
            assert until(answers, 10)
        finally:
            unregister_driver("vault").close()
