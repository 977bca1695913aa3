"""Each request asks its nodes in an order of its own, whatever other requests do meanwhile."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from coodie_drivers.adapters._cassandra_balancing import keep_orders_apart

policies: Any = pytest.importorskip("cassandra.policies", reason="needs scylla-driver or cassandra-driver")

pytestmark = pytest.mark.adapter


class Node:
    """A node of the one datacenter, up."""

    is_up, datacenter, rack = True, "dc1", "r1"

    def __init__(self, number: int) -> None:
        self.host_id = number


NODES = [Node(number) for number in range(5)]


class Metadata:
    """What the library knows: the replicas of each token, in one list for all who ask."""

    def __init__(self) -> None:
        self.token_map = SimpleNamespace(token_class=SimpleNamespace(from_key=bytes))
        self._tablets = SimpleNamespace(get_tablet_for_key=self.tablet)
        self.replicas = NODES[:3]

    def tablet(self, *of: object) -> None:
        """Know of none."""

    def get_replicas(self, keyspace: str, key: bytes) -> list[Any]:
        del keyspace, key
        return self.replicas


def test_no_node_is_asked_twice_and_none_is_left_out() -> None:
    opened = SimpleNamespace(metadata=Metadata(), contact_points=[], endpoints_resolved=[])
    keep_orders_apart(opened)
    policy = policies.TokenAwarePolicy(policies.DCAwareRoundRobinPolicy(local_dc="dc1"))
    policy.populate(opened, NODES)
    statement = SimpleNamespace(keyspace="ks", table="t", routing_key=b"k", consistency_level=1, is_lwt=lambda: False)

    def plan() -> Any:
        return policy.make_query_plan("ks", statement)

    firsts: set[int] = set()
    for _ in range(100):
        begun = plan()
        asked: list[int] = [next(begun).host_id]
        for _ in range(8):
            next(plan())
        asked += [node.host_id for node in begun]
        assert sorted(asked[:3]) == [0, 1, 2]  # the replicas come first
        assert sorted(asked) == [node.host_id for node in NODES]
        firsts.add(asked[0])
    assert firsts == ({0, 1, 2} if policy.shuffle_replicas else {0})  # cassandra-driver leaves them in order
