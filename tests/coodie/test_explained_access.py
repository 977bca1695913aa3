"""What `explain()` says of each comparison: what serves it there, and what grows."""

from __future__ import annotations

from typing import Annotated, Any

import pytest

from coodie.fields import ClusteringKey, Indexed, PrimaryKey
from coodie.sync import Document


class Order(Document):
    shop: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    line: Annotated[int, ClusteringKey(clustering_key_index=1), Indexed()]
    status: Annotated[str, Indexed()] = "new"
    note: str = ""


class Event(Document):
    day: Annotated[str, PrimaryKey(partition_key_index=0)]
    region: Annotated[str, PrimaryKey(partition_key_index=1), Indexed()]
    number: Annotated[int, ClusteringKey()]
    note: str = ""


PARTITION = "part of the partition key, which says on which nodes the rows are"
CLUSTERING = "part of the clustering key, by which rows lie in order"
INDEX = "served by an index"
FILTERED = "filtered, the server reads rows and leaves out those that do not match"

WHY: dict[str, tuple[type[Document], dict[str, Any], str, list[str]]] = {
    "a range beside an index": (
        Order,
        {"shop": "Rome", "number__gte": 2, "status": "paid"},
        "index",
        [PARTITION, CLUSTERING, INDEX],
    ),
    "a row beside an index": (
        Order,
        {"shop": "Rome", "number": 2, "line": 1, "status": "paid"},
        "row",
        [PARTITION, CLUSTERING, CLUSTERING, INDEX],
    ),
    "an index of the clustering key": (Order, {"shop": "Rome", "line": 1}, "index", [PARTITION, INDEX]),
    "an index of the clustering key behind a range": (
        Order,
        {"shop": "Rome", "number__gt": 1, "line": 1},
        "partition",
        [PARTITION, CLUSTERING, FILTERED],
    ),
    "an index of a part of the partition key": (Event, {"region": "eu"}, "index", [INDEX]),
    "an index of a part, and a filtered column": (Event, {"region": "eu", "note": "x"}, "index", [INDEX, FILTERED]),
    "the whole partition key": (Event, {"day": "d", "region": "eu"}, "partition", [PARTITION, PARTITION]),
}


@pytest.mark.parametrize("case", WHY)
def test_each_comparison_is_served_by_what_serves_it(case: str) -> None:
    model, lookups, access, why = WHY[case]
    explained = model.find(**lookups).explain()
    assert (explained.access, list(explained.why)) == (
        access,
        [f"{keyword}: {reason}" for keyword, reason in zip(lookups, why, strict=True)],
    )


def test_what_grows_is_what_is_read() -> None:
    assert Order.find(shop="Rome", number=2, line=1, note="x").explain().warnings == ()
    assert Order.find(shop="Rome", number=2, line=1, note="x", status="paid").explain().warnings == ()
    grows = "ALLOW FILTERING: the work grows with {}, not with what is found"
    partition = Order.find(shop="Rome", note="x").explain()
    assert partition.warnings == (grows.format("the partition"),)
    index = Order.find(shop="Rome", note="x", status="paid").explain()
    assert index.warnings == (grows.format("what the index finds"),)
    table = Order.find(note="x").limit(1).allow_filtering().explain()
    assert table.warnings == (grows.format("what is read"),)
