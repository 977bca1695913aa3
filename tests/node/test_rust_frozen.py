"""Empty collections over scylladb-rs-driver in tables that another program has made, or made anew, a moment ago."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import BatchRequest, init_coodie, statement_of, unregister_driver
from coodie_drivers.testing.probe import Probe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter]

NOTICED = 1.2
KINDS = [("list<int>", "frozen<list<int>>"), ("frozen<list<int>>", "list<int>")]


@pytest.fixture
def probe(cql_cluster: CqlCluster) -> Iterator[Probe]:
    """Another program."""
    with Probe(cql_cluster.hosts[0], cql_cluster.port) as probe:
        yield probe


@pytest.fixture
def connect(cql_cluster: CqlCluster) -> Iterator[Callable[[], Any]]:
    """Connect: the library looks at the schema then, and for a minute not again."""
    pytest.importorskip("scylla")
    yield lambda: init_coodie(hosts=cql_cluster.hosts, port=cql_cluster.port, driver_type="rust", name="frozen")
    unregister_driver("frozen").close()


def held_by(kind: str) -> Any:
    return [] if kind.startswith("frozen") else None


@pytest.mark.parametrize(("before", "after"), KINDS)
def test_an_empty_list_is_read_by_the_table_that_is_there(
    connect: Callable[[], Any], probe: Probe, cql_module_keyspace: str, before: str, after: str
) -> None:
    table = f"{cql_module_keyspace}.again_{len(before)}"
    rust: Any = None
    for kind in (before, after):
        probe.execute(f"DROP TABLE IF EXISTS {table}")
        probe.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, fl {kind})")
        probe.execute(f"INSERT INTO {table} (id, fl) VALUES (1, [])")
        rust = connect() if rust is None else rust
        time.sleep(NOTICED)
        for cql, values in ((f"SELECT fl FROM {table} WHERE id = ?", [1]), (f"SELECT fl FROM {table}", [])):
            assert rust.execute(cql, values) == [{"fl": held_by(kind)}]
        assert rust.execute(f"SELECT * FROM {table} WHERE id = ?", [1]) == [{"id": 1, "fl": held_by(kind)}]


@pytest.mark.parametrize(("before", "after"), KINDS)
def test_an_empty_list_in_the_row_of_a_refused_condition_is_read_so_too(
    connect: Callable[[], Any], probe: Probe, cql_module_keyspace: str, before: str, after: str
) -> None:
    table = f"{cql_module_keyspace}.refused_{len(before)}"
    write = statement_of(f"INSERT INTO {table} (id, fl) VALUES (?, ?) IF NOT EXISTS")
    rust: Any = None
    for kind in (before, after):
        probe.execute(f"DROP TABLE IF EXISTS {table}")
        probe.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, fl {kind})")
        probe.execute(f"INSERT INTO {table} (id, fl) VALUES (1, [])")
        rust = connect() if rust is None else rust
        time.sleep(NOTICED)
        refused = rust.execute(write.cql, [1, None])
        assert refused == [{"[applied]": False, "id": 1, "fl": held_by(kind)}]
        batched = rust.send(BatchRequest([(write, [1, None])]))
        assert (batched.applied, batched.rows[0][-1]) == (False, held_by(kind))


def test_empty_collections_of_a_view_are_read_by_the_view(
    connect: Callable[[], Any], probe: Probe, cql_module_keyspace: str
) -> None:
    table = f"{cql_module_keyspace}.viewed"
    probe.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, other int, fl frozen<list<int>>, l list<int>)")
    probe.execute(
        f"CREATE MATERIALIZED VIEW {table}_by_other AS SELECT * FROM {table} "
        "WHERE other IS NOT NULL AND id IS NOT NULL PRIMARY KEY (other, id)"
    )
    probe.execute(f"INSERT INTO {table} (id, other, fl, l) VALUES (1, 2, [], [])")
    rust = connect()
    read = f"SELECT fl, l FROM {table}_by_other WHERE other = ?"
    assert rust.execute(read, [2]) == [{"fl": [], "l": None}]
