"""The adapters of this package, held to the contract by the published suite."""

from __future__ import annotations

from importlib import metadata

import pytest

from coodie_drivers.testing.conformance import DriverConformance

pytestmark = [pytest.mark.node, pytest.mark.timed]


def installed(distribution: str) -> bool:
    try:
        metadata.distribution(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


@pytest.mark.skipif(not installed("scylla-driver"), reason="scylla-driver is not installed: cassandra-driver is")
class TestScylla(DriverConformance):
    driver_type = "scylla"


class TestCassandra(DriverConformance):
    driver_type = "cassandra"


class TestAcsylla(DriverConformance):
    driver_type = "acsylla"
    exceptions = {
        "test_the_node_that_answered_is_told": "the library does not tell which node answered",
        "test_the_server_may_warn": "the library gives no way to the server's warnings",
        "test_too_few_replicas_are_told_with_their_numbers": "the library tells no numbers of an error",
    }


class TestRust(DriverConformance):
    driver_type = "rust"
    exceptions = {
        "test_a_forked_child_connects_anew": "the library cannot be started anew in a forked child",
        "test_the_node_that_answered_is_told": "the library does not tell which node answered",
        "test_the_server_may_warn": "the library does not give the server's warnings",
        "test_unset_leaves_a_column_and_none_deletes_it": "the library has no UNSET, as supports_unset says",
    }
