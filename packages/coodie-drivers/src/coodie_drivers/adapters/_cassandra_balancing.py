"""The order in which the package `cassandra` asks nodes, one after the other."""

from __future__ import annotations

from typing import Any


def keep_orders_apart(opened: Any) -> None:
    """Give each request of a cluster that has yet to connect an order of nodes of its own.

    A token-aware policy puts the replicas of a token into a random order for each request, within the one list that all
    requests for the token go through. What is sent again, or speculatively, would go on with a list whose order others
    have changed meanwhile: one in eight went to the very node that did not answer.
    """
    known = opened.metadata.get_replicas

    def get_replicas(keyspace: str, key: bytes) -> list[Any]:
        return [*known(keyspace, key)]

    opened.metadata.get_replicas = get_replicas
