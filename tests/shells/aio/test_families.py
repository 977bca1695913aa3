"""Polymorphism: the classes of one table, seen on the real node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import pytest

from coodie.aio import AsyncBatchQuery, Document
from coodie.exceptions import ConditionFailedError, InvalidQueryError
from coodie.fields import ClusteringKey, Discriminator, PrimaryKey, Static, Version

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class Vehicle(Document):
    fleet: Annotated[UUID, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    kind: Annotated[str, Discriminator()] = ""
    name: str = ""

    class Settings:
        name = "vehicles_of_a_family"


class Car(Vehicle):
    doors: int = 4

    class Settings(Vehicle.Settings):
        __discriminator_value__ = "car"


class Truck(Vehicle):
    load: float | None = None
    stops: list[str] = []

    class Settings(Vehicle.Settings):
        __discriminator_value__ = "truck"


@pytest.fixture
async def fleet(connection: AbstractDriver) -> UUID:
    """A car, two trucks, and a vehicle that is neither."""
    await Vehicle.sync_table()
    fleet = uuid4()
    await Car(fleet=fleet, number=1, name="small", doors=2).save()
    await Truck(fleet=fleet, number=2, name="big", load=2.5, stops=["Rome"]).save()
    await Truck(fleet=fleet, number=3).save()
    await Vehicle(fleet=fleet, number=4, name="odd").save()
    return fleet


async def test_reads_give_the_right_class(fleet: UUID) -> None:
    assert await Truck.sync_table() == []
    found = await Vehicle.find(fleet=fleet).all()
    assert [type(each) for each in found] == [Car, Truck, Truck, Vehicle]
    assert found[1] == Truck(fleet=fleet, number=2, name="big", load=2.5, stops=["Rome"])
    assert [type(each) async for each in Vehicle.find(fleet=fleet).order_by("-number")] == [Vehicle, Truck, Truck, Car]
    assert type(await Vehicle.get(fleet=fleet, number=1)) is Car
    (some,) = await Vehicle.find(fleet=fleet, number=2).only("name").all()
    assert (type(some), some.name) == (Truck, "big")
    assert await Vehicle.find(fleet=fleet).values_list("name", flat=True).all() == ["small", "big", "", "odd"]


async def test_a_subclass_finds_its_own(fleet: UUID) -> None:
    assert [truck.number for truck in await Truck.find(fleet=fleet).all()] == [2, 3]
    assert await Truck.find(fleet=fleet).count() == 2
    assert await Truck.find_one(fleet=fleet, number=1) is None
    assert fleet in {truck.fleet for truck in await Truck.find().all()}
    truck = await Truck.get(fleet=fleet, number=2)
    truck.stops.append("Paris")
    await truck.update()
    assert (await Vehicle.get(fleet=fleet, number=2)) == truck


async def test_a_subclass_writes_its_own(fleet: UUID) -> None:
    changed = await Truck.find(fleet=fleet).update(name="lorry")
    assert changed.written == 2
    assert await Vehicle.find(fleet=fleet).values_list("name", flat=True).all() == ["small", "lorry", "lorry", "odd"]
    with pytest.raises(InvalidQueryError, match="says nothing of which rows"):
        await Truck.find().delete()
    assert (await Car.find(fleet=fleet).delete()).written == 1
    assert await Vehicle.find(fleet=fleet).count() == 3


async def test_what_is_there_of_another_class_is_named(fleet: UUID) -> None:
    with pytest.raises(ConditionFailedError, match=r"^no Car but a Truck has this key, and nothing") as refused:
        await Car.find().get_or_create(fleet=fleet, number=2)
    assert refused.value.existing["name"] == "big"
    with pytest.raises(ConditionFailedError, match=r"^no Car but a Vehicle has this key"):
        await Car.find().get_or_create(fleet=fleet, number=4)
    car, created = await Car.find().get_or_create(fleet=fleet, number=1)
    assert (type(car), car.doors, created) == (Car, 2, False)
    there, created = await Vehicle.find().get_or_create(fleet=fleet, number=2)
    assert (type(there), created) == (Truck, False)


class Crew(Document):
    """A family whose partitions have something of their own, and of which one class has a version."""

    ship: Annotated[UUID, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    port: Annotated[str | None, Static()] = None
    note: str = ""
    kind: Annotated[str, Discriminator()] = ""

    class Settings:
        name = "crews_of_a_family"


class Cook(Crew):
    class Settings(Crew.Settings):
        __discriminator_value__ = "cook"


class Mate(Crew):
    rank: int = 1
    version: Annotated[int, Version()] = 0

    class Settings(Crew.Settings):
        __discriminator_value__ = "mate"


@pytest.fixture
async def mate(connection: AbstractDriver) -> Mate:
    """One of two of a ship."""
    await Crew.sync_table()
    mate = Mate(ship=uuid4(), number=1, port="Cork")
    await mate.save()
    await Cook(ship=mate.ship, number=2, port="Cork").save()
    return mate


async def test_each_partition_is_found_once(mate: Mate) -> None:
    of_one = Crew.find(ship=mate.ship)
    (found,) = await of_one.distinct().all()
    assert (type(found), found.ship) == (Crew, mate.ship)
    (found,) = await of_one.distinct("ship", "port").all()
    assert (type(found), found.port) == (Crew, "Cork")
    assert await of_one.distinct("ship").values_list("ship", flat=True).all() == [mate.ship]
    with pytest.raises(
        InvalidQueryError, match=r"'kind' tells the rows of Cook .*; write Crew\.find\(\)\.distinct\(\)$"
    ):
        await Cook.find(ship=mate.ship).distinct().all()


async def test_no_query_of_the_base_passes_over_the_version_of_a_class(mate: Mate) -> None:
    row = Crew.find(ship=mate.ship, number=1)
    with pytest.raises(
        InvalidQueryError, match=r"^update\(\) of a query would pass over the version of Mate; update each"
    ):
        await row.update(kind="cook")
    with pytest.raises(
        InvalidQueryError, match=r"would pass over the version of Mate; delete_many.* document for its$"
    ):
        await row.delete()
    assert (await Cook.find(ship=mate.ship, number=2).delete()).written == 1
    assert await Crew.find(ship=mate.ship).all() == [mate]


async def test_a_condition_of_a_row_that_is_no_such_class_did_not_hold(mate: Mate) -> None:
    cooks = Cook.find(ship=mate.ship)
    for number in (1, 3):  # a mate, and nobody
        row = cooks.filter(number=number)
        for written in (await row.if_exists().update(note="x"), await row.iff(note="").update(note="x")):
            key = {"ship": mate.ship, "number": number}
            assert (written.applied, written.written, written.rejected) == (False, 0, [key])
        assert not (await row.if_exists().delete()).applied
        assert (await row.update(note="x")).written == 0
    assert (await cooks.filter(number=2).if_exists().update(note="x")).applied
    assert [(each.number, each.note) for each in await Crew.find(ship=mate.ship).all()] == [(1, ""), (2, "x")]
    assert not (await Mate.find(ship=mate.ship, number=9).iff(version=0).delete()).applied
    assert (await cooks.if_exists().update(note="y")).written == 1  # all that there are


async def test_static_columns_are_written_by_the_row_of_a_class(mate: Mate) -> None:
    cooks = Cook.find(ship=mate.ship)
    there, elsewhere = cooks.filter(number=2), cooks.filter(number=1)
    assert (await there.update(port="a")).written == 1
    assert (await there.iff(port="a").update(port="b")).applied
    assert (await there.if_exists().update(port="c")).applied
    refused = await elsewhere.iff(port="c").update(port="x")
    assert (refused.applied, refused.rejected) == (False, [{"ship": mate.ship}])
    refused = await elsewhere.if_exists().update(port="x")
    assert (refused.applied, refused.rejected) == (False, [{"ship": mate.ship, "number": 1}])
    assert (await elsewhere.update(port="x")).written == 0
    with pytest.raises(InvalidQueryError, match=r"in a batch cannot ask whether the row is a Cook; read the document"):
        await there.update(port="x", batch=AsyncBatchQuery())
    assert {each.port for each in await Crew.find(ship=mate.ship).all()} == {"c"}


class Garage(Document):
    """A family of its own, whose rows are deleted."""

    id: Annotated[int, PrimaryKey()]
    kind: Annotated[str, Discriminator()] = ""
    name: str = ""

    class Settings:
        name = "garages_of_a_family"


class Shed(Garage):
    class Settings(Garage.Settings):
        __discriminator_value__ = "shed"


class Tower(Garage):
    class Settings(Garage.Settings):
        __discriminator_value__ = "tower"


async def test_a_subclass_changes_and_deletes_all_of_its_own(connection: AbstractDriver) -> None:
    await Garage.sync_table()
    await Garage.truncate()
    await Garage.find().save_many([Shed(id=1), Tower(id=2), Shed(id=3), Garage(id=4)])
    assert (await Shed.find().allow_filtering().update(name="old")).written == 2
    assert {each.id for each in await Garage.find().all() if each.name == "old"} == {1, 3}
    assert (await Shed.find().allow_filtering().delete()).written == 2
    assert {each.id for each in await Garage.find().all()} == {2, 4}


async def test_a_subclass_does_not_remove_the_rows_of_the_others(connection: AbstractDriver) -> None:
    await Garage.sync_table()
    verbs: tuple[Callable[[], Any], ...] = (
        lambda: Shed.find().delete(),
        lambda: Shed.find().update(name="new"),
    )
    for verb in verbs:
        with pytest.raises(InvalidQueryError, match=r"says nothing of which rows: .*allow_filtering\(\)") as refused:
            await verb()
        assert "truncate" not in str(refused.value)
    with pytest.raises(InvalidQueryError, match=r"^truncate\(\) of Shed would .* of Garage.*; write Garage.truncate"):
        await Shed.truncate()
    with pytest.raises(InvalidQueryError, match=r"^drop_table\(\) of Shed would .*; write Garage.drop_table\(\)"):
        await Shed.drop_table()
