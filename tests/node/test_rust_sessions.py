"""A session of scylladb-rs-driver that is somebody's own: used as it is, and closed by nobody but its owner."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import BatchRequest, get_driver, init_coodie, init_coodie_async, statement_of, unregister_driver
from coodie_drivers.errors import DriverClosedError
from coodie_drivers.messages import Request

if TYPE_CHECKING:
    from coodie_drivers.testing.sources import CqlCluster

session_builder: Any = pytest.importorskip("scylla.session_builder", reason="needs scylladb-rs-driver")

pytestmark = [
    pytest.mark.node,
    pytest.mark.adapter,
    pytest.mark.excepted(driver_type="scylla", reason="about sessions of scylladb-rs-driver"),
]


@pytest.fixture
def session(cql_cluster: CqlCluster) -> Any:
    """A session that the library alone has opened."""
    points = [(host, cql_cluster.port) for host in cql_cluster.hosts]
    return session_builder.SessionBuilder().contact_points(points).connect().result()


@pytest.mark.parametrize("asynchronous", [False, True])
def test_init_coodie_takes_a_session_and_never_closes_it(session: Any, asynchronous: bool) -> None:
    arguments: dict[str, Any] = {"session": session, "keyspace": "shop", "name": "own"}
    driver: Any = asyncio.run(init_coodie_async(**arguments)) if asynchronous else init_coodie(**arguments)
    assert (get_driver("own"), driver.default_keyspace, driver.session) == (driver, "shop", session)
    stmt = "SELECT key FROM system.local WHERE key = ?"
    assert driver.execute(stmt, ["local"]) == asyncio.run(driver.execute_async(stmt, ["local"])) == [{"key": "local"}]
    unregister_driver("own")
    if asynchronous:
        asyncio.run(driver.close_async())
    else:
        driver.close()
    with pytest.raises(DriverClosedError):
        driver.execute(stmt, ["local"])
    found = session.execute("SELECT key FROM system.local").result()
    assert list(found.iter_current_page()) == [{"key": "local"}]


def test_a_session_keeps_its_own_page_size(session: Any, driver: Any, keyspace: str) -> None:
    driver.execute(f"CREATE TABLE {keyspace}.own (part int, row int, PRIMARY KEY (part, row))", [])
    insert = statement_of(f"INSERT INTO {keyspace}.own (part, row) VALUES (?, ?)")
    driver.send(BatchRequest([(insert, (1, row)) for row in range(1_200)], "unlogged"))
    adopted = init_coodie(session=session, name="pages")
    unregister_driver("pages")
    everything = Request(statement_of(f"SELECT row FROM {keyspace}.own WHERE part = ?"), (1,))
    assert len(adopted.send(everything).rows) == 1_200
    assert len(driver.send(everything).rows) == 1_000
