"""Changes of the schema on connections of scylla-driver or cassandra-driver that read no metadata of the schema."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from tests.node.conftest import Awaiting, Blocking

from coodie_drivers.adapters.scylla import CassandraDriver
from cql_builder.schema import ColumnDefinition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from coodie_drivers.testing.sources import CqlCluster

cluster: Any = pytest.importorskip("cassandra.cluster", reason="needs scylla-driver or cassandra-driver")

pytestmark = [
    pytest.mark.node,
    pytest.mark.adapter,
    *[pytest.mark.excepted(driver_type=name, reason="the library has no such option") for name in ("acsylla", "rust")],
]

COLUMNS = [
    ColumnDefinition("id", "int", primary_key=True),
    ColumnDefinition("a", "int", index=True),
    ColumnDefinition("b", "int", index=True),
]

numbers = count(1)


@pytest.fixture(scope="module", params=["made here", "of one's own", "that waits for nobody"])
def without_metadata(
    request: pytest.FixtureRequest, connect_for_module: Callable[..., Any], cql_cluster: CqlCluster
) -> Iterator[Any]:
    """A driver over a session without metadata of the schema."""
    if request.param != "of one's own":
        waits = {} if request.param == "made here" else {"max_schema_agreement_wait": 0}
        yield connect_for_module(schema_metadata_enabled=False, **waits)
        return
    own = cluster.Cluster(cql_cluster.hosts, port=cql_cluster.port, schema_metadata_enabled=False)
    yield CassandraDriver(own.connect())
    own.shutdown()


@pytest.mark.parametrize("way", [Blocking, Awaiting])
def test_the_schema_is_changed_without_metadata(without_metadata: Any, cql_module_keyspace: str, way: Any) -> None:
    caller, table = way(without_metadata), f"t{next(numbers)}"
    assert len(caller.sync_table(table, cql_module_keyspace, COLUMNS)) == 3
    assert caller.sync_table(table, cql_module_keyspace, COLUMNS) == []
    caller.execute(f"ALTER TABLE {cql_module_keyspace}.{table} ADD c int", [])
    caller.execute(f"DROP TABLE {cql_module_keyspace}.{table}", [])
