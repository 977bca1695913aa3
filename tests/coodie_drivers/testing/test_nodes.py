"""What a node that does not run is told to be had again by: what can be done in such a cluster."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers.testing.errors import NodeError
from coodie_drivers.testing.local.nodes import Nodes

if TYPE_CHECKING:
    from coodie_drivers.testing.local.entries import Entry


@pytest.mark.parametrize(
    ("durable", "remedy"),
    [
        (True, r"restart\(0\) brings it back"),
        (False, r"the cluster is not durable, so stop\(\) and start\(\) bring an empty one back"),
    ],
)
@pytest.mark.parametrize("verb", ["pause", "resume"])
def test_what_can_be_done_about_a_node_that_does_not_run(durable: bool, remedy: str, verb: str) -> None:
    launch: Any = SimpleNamespace(durable=durable)
    entry: Entry = launch
    nodes = Nodes([launch], entry)
    nodes.kill(0)
    with pytest.raises(NodeError, match=remedy):
        getattr(nodes, verb)(0)
