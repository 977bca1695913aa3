"""Keyspaces: create and drop, asynchronous."""

from __future__ import annotations

from coodie._ops import tables
from coodie._shell.running import arun_on

__all__ = ["create_keyspace", "drop_keyspace"]


async def create_keyspace(
    keyspace: str,
    replication_factor: int = 1,
    strategy: str = "SimpleStrategy",
    dc_replication_map: dict[str, int] | None = None,
    connection: str | None = None,
    durable_writes: bool = True,
) -> None:
    """Create a keyspace, if it is not there.

    Args:
        keyspace: its name.
        replication_factor: how many nodes hold each row.
        strategy: the replication strategy's class.
        dc_replication_map: replicas by data center; chooses `NetworkTopologyStrategy`.
        connection: the name of the connection; None for the default one.
        durable_writes: whether writes go to the commit log.

    Raises:
        InvalidQueryError: the name or the replication cannot be right.
    """
    replication = tables.replication_of(replication_factor, strategy, dc_replication_map)
    await arun_on(connection, tables.create_keyspace(keyspace, replication, durable_writes=durable_writes))


async def drop_keyspace(keyspace: str, connection: str | None = None) -> None:
    """Drop a keyspace with all its tables, if it is there.

    Args:
        keyspace: its name.
        connection: the name of the connection; None for the default one.
    """
    await arun_on(connection, tables.drop_keyspace(keyspace))
