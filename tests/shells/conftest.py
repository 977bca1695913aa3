"""Fixtures of the shells' tests: a keyspace for each worker, and a driver of each adapter to the real node."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from coodie_drivers import init_coodie, register_driver, unregister_driver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from coodie_drivers import AbstractDriver
    from coodie_drivers.testing import CqlCluster
    from coodie_drivers.testing.keyspaces import Keyspaces

NAME = "shells"


@pytest.fixture(scope="session")
def keyspace_of_worker(cql_keyspaces: Keyspaces) -> Iterator[str]:
    """A keyspace whose tables the tests of this process share, whichever adapter they run with."""
    with cql_keyspaces.lasting(NAME) as keyspace:
        yield keyspace


@pytest.fixture(scope="session")
def driver_of(cql_cluster: CqlCluster, keyspace_of_worker: str) -> Iterator[Callable[[str], AbstractDriver]]:
    """Give the driver of a driver type, the same one for all tests of this process; it is in no registry."""
    drivers: dict[str, AbstractDriver] = {}

    def of(driver_type: str) -> AbstractDriver:
        if driver_type not in drivers:
            drivers[driver_type] = init_coodie(
                hosts=cql_cluster.hosts,
                port=cql_cluster.port,
                keyspace=keyspace_of_worker,
                driver_type=driver_type,
                name=NAME,
            )
            unregister_driver(NAME)
        return drivers[driver_type]

    yield of
    for driver in drivers.values():
        driver.close()


@pytest.fixture
def connection(driver_of: Callable[[str], AbstractDriver], driver_type: str) -> Iterator[AbstractDriver]:
    """The default connection of one test."""
    driver = driver_of(driver_type)
    register_driver(NAME, driver, default=True)
    yield driver
    unregister_driver(NAME)
