"""Static columns that a refused INSERT does not name, over connections that cannot leave a column as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.fields import ClusteringKey, PrimaryKey, Static
from coodie.sync import BatchQuery, Document
from coodie_drivers import init_coodie, unregister_driver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter]


class Room(Document):
    house: Annotated[int, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    owner: Annotated[str | None, Static()] = None
    labels: Annotated[set[str], Static()] = set()
    beds: int = 0

    class Settings:
        name = "rooms_not_named"
        connection = "without unset"


@pytest.fixture
def room(cql_cluster: CqlCluster, driver_type: str, cql_module_keyspace: str) -> Iterator[Room]:
    """A row with static values, written over a connection that takes no `UNSET`."""
    given: dict[str, Any] = {} if driver_type == "rust" else {"protocol_version": 3}
    name = Room.Settings.connection
    driver = init_coodie(
        hosts=cql_cluster.hosts,
        port=cql_cluster.port,
        keyspace=cql_module_keyspace,
        name=name,
        driver_type=driver_type,
        lazy=False,
        **given,
    )
    Room.sync_table()
    made = Room(house=1, number=1, owner="ann", labels={"vip"}, beds=4)
    made.save()
    yield made
    unregister_driver(name)
    driver.close()


@pytest.mark.excepted(driver_type="acsylla", reason="takes no protocol_version, and leaves columns as they are")
def test_static_values_that_nobody_has_read_are_not_told_as_null(room: Room) -> None:
    assert Room(house=1, number=1).insert().existing == {"house": 1, "number": 1, "beds": 4}
    with BatchQuery() as batch:
        Room(house=1, number=1).insert(batch=batch)
        Room(house=1, number=2).insert(batch=batch)
    assert batch.result is not None
    assert batch.result.existing == {"house": 1, "number": 1, "beds": 4}
    named = Room(house=1, number=1, owner="bob").insert()
    assert (named.existing["owner"], named.existing["labels"]) == ("ann", {"vip"})
    found, created = Room.find().get_or_create(house=1, number=1)
    assert (found, created) == (room, False)
    found.beds = 5
    found.save()
    assert Room.get(house=1, number=1).owner == "ann"
    made, created = Room.find().get_or_create(house=1, number=3)
    assert (made.owner, made.labels, created) == ("ann", {"vip"}, True)
