from __future__ import annotations

import re
from dataclasses import replace
from typing import Protocol

import pytest

from coodie_drivers.testing import CqlCluster, Keyspaces


class Stub(Protocol):
    host: str
    port: int
    statements: list[str]


@pytest.fixture
def cluster(cql_stub: Stub) -> CqlCluster:
    return CqlCluster([cql_stub.host], cql_stub.port, "5.0.9", "a stand-in")


def test_a_keyspace_is_made_before_and_dropped_after(cluster: CqlCluster, cql_stub: Stub) -> None:
    with Keyspaces(cluster, "main").fresh() as name:
        made = f"CREATE KEYSPACE {name} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}"
        assert cql_stub.statements == [made]
    assert cql_stub.statements == [made, f"DROP KEYSPACE IF EXISTS {name}"]


def test_it_is_dropped_when_the_test_fails(cluster: CqlCluster, cql_stub: Stub) -> None:
    with pytest.raises(AssertionError), Keyspaces(cluster, "main").fresh():
        raise AssertionError
    assert cql_stub.statements[-1].startswith("DROP KEYSPACE")


@pytest.mark.parametrize("ends_with_run", [False, True])
def test_one_for_the_run_is_dropped_only_where_the_cluster_stays(
    cluster: CqlCluster, cql_stub: Stub, *, ends_with_run: bool
) -> None:
    with Keyspaces(replace(cluster, ends_with_run=ends_with_run), "main").lasting() as name:
        assert cql_stub.statements[0].startswith(f"CREATE KEYSPACE {name} ")
    assert (f"DROP KEYSPACE IF EXISTS {name}" in cql_stub.statements) is not ends_with_run


def test_no_two_names_are_alike(cluster: CqlCluster) -> None:
    makers = [Keyspaces(cluster, worker) for worker in ("gw0", "gw1", "gw1")]
    names: list[str] = []
    for maker in makers * 2:
        with maker.fresh("test_one") as name:
            names.append(name)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("hint", ["", "test_a[1-Ü]", "x" * 100, 'a"; DROP'])
def test_a_name_needs_no_quotes_and_is_not_too_long(cluster: CqlCluster, hint: str) -> None:
    with Keyspaces(cluster, "gw0").fresh(hint) as name:
        assert re.fullmatch(r"[a-z][a-z0-9_]{0,47}", name)


def test_with_several_nodes_it_waits_until_all_know(cluster: CqlCluster, cql_stub: Stub) -> None:
    several = CqlCluster([*cluster.hosts, "127.0.0.2"], cluster.port, cluster.version, cluster.source)
    with Keyspaces(several, "main").fresh():
        assert "SELECT schema_version FROM system.peers" in cql_stub.statements
