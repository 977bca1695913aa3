"""A type with a quoted name, in a keyspace of whomever, beside which scylladb-rs-driver reads no schema at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import errors
from coodie_drivers.testing.probe import Probe
from cql_builder.schema import ColumnDefinition

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.node.conftest import Caller

    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter]

COLUMNS = [ColumnDefinition("id", "int", primary_key=True), ColumnDefinition("v", "text", index=True)]


@pytest.fixture
def theirs(cql_cluster: CqlCluster, cql_keyspace: str) -> str:
    """A table with a column of such a type, which another program has made."""
    with Probe(cql_cluster.hosts[0], cql_cluster.port) as probe:
        probe.execute(f'CREATE TYPE {cql_keyspace}."Big" (a int)')
        probe.execute(
            f"CREATE TABLE {cql_keyspace}.theirs (id int PRIMARY KEY, "
            'b frozen<"Big">, frozen_list frozen<list<int>>, plain list<int>)'
        )
        probe.agree()
    return f"{cql_keyspace}.theirs"


def test_a_change_that_was_made_is_told_as_made(caller: Caller, theirs: str) -> None:
    keyspace = theirs.partition(".")[0]
    assert caller.execute(f"CREATE TABLE {keyspace}.ours (id int PRIMARY KEY, b frozen<set<int>>)", []) == []
    assert caller.execute(f"INSERT INTO {keyspace}.ours (id, b) VALUES (?, ?)", [1, set()]) == []
    assert caller.execute(f"SELECT b FROM {keyspace}.ours", []) == [{"b": set()}]
    assert len(caller.sync_table("synced", keyspace, COLUMNS)) == 2
    assert caller.sync_table("synced", keyspace, COLUMNS) == []
    with pytest.raises(errors.AlreadyExistsError):
        caller.execute(f"CREATE TABLE {keyspace}.ours (id int PRIMARY KEY)", [])


def test_empty_and_null_are_told_apart(caller: Caller, theirs: str) -> None:
    insert = f"INSERT INTO {theirs} (id, b, frozen_list, plain) VALUES (?, ?, ?, ?)"
    caller.execute(insert, [1, {"a": 1}, [], []])
    caller.execute(insert, [2, None, None, [3]])
    found = caller.execute(f"SELECT id, b, frozen_list, plain FROM {theirs} WHERE id IN ?", [[1, 2]])
    assert sorted(found, key=lambda row: row["id"]) == [
        {"id": 1, "b": {"a": 1}, "frozen_list": [], "plain": None},
        {"id": 2, "b": None, "frozen_list": None, "plain": [3]},
    ]


def test_who_connects_knows_the_datacenter(connect: Callable[..., Any], theirs: str) -> None:
    there = f"SELECT id FROM {theirs}"
    with pytest.raises(errors.ConfigurationError, match="no node is in datacenter 'nowhere'; there are"):
        connect(datacenter="nowhere")
    (row,) = connect().execute("SELECT data_center FROM system.local", [])
    assert connect(datacenter=row["data_center"]).execute(there, []) == []
