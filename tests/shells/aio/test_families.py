"""Polymorphism: the classes of one table, seen on the real node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID, uuid4

import pytest

from coodie.aio import Document
from coodie.exceptions import InvalidQueryError
from coodie.fields import ClusteringKey, Discriminator, PrimaryKey

if TYPE_CHECKING:
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
