"""Fixtures of the shells' tests: one driver per worker to the real node, the default connection of each test."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from coodie.sync import create_keyspace, drop_keyspace
from coodie_drivers import init_coodie, register_driver, unregister_driver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coodie_drivers import AbstractDriver
    from coodie_drivers.testing import CqlCluster

NAME = "shells"


@pytest.fixture(scope="session")
def driver_of_worker(cql_cluster: CqlCluster) -> Iterator[AbstractDriver]:
    """A driver with a keyspace of this worker's own, registered while a test asks for it."""
    keyspace = f"shells_{uuid4().hex[:12]}"
    driver = init_coodie(hosts=cql_cluster.hosts, port=cql_cluster.port, keyspace=keyspace, name=NAME)
    create_keyspace(keyspace, connection=NAME)
    unregister_driver(NAME)
    yield driver
    register_driver(NAME, driver)
    drop_keyspace(keyspace, connection=NAME)
    unregister_driver(NAME)
    driver.close()


@pytest.fixture
def connection(driver_of_worker: AbstractDriver) -> Iterator[AbstractDriver]:
    """The default connection of one test."""
    register_driver(NAME, driver_of_worker, default=True)
    yield driver_of_worker
    unregister_driver(NAME)
