"""`into(...)` on the real node: aliases, models inside, and the classes of a family."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel, Field

from coodie.aio import Document
from coodie.fields import ClusteringKey, Discriminator, Frozen, PrimaryKey
from coodie.usertype import UserType

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class Harbour(UserType):
    town: str
    berth: int | None = None


class Ship(Document):
    fleet: Annotated[UUID, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    kind: Annotated[str, Discriminator()] = ""
    shown_name: str = Field(default="", alias="shownName")
    home: Harbour | None = None
    calls: Annotated[list[Harbour], Frozen()] = []

    class Settings:
        name = "ships_into_others"


class Ferry(Ship):
    cars: int = 10

    class Settings(Ship.Settings):
        __discriminator_value__ = "ferry"


class Port(BaseModel):
    town: str


class Entry(BaseModel):
    title: str = Field(validation_alias="shownName")
    port: Port | None = Field(default=None, alias="home")
    calls: list[Port] = []
    cars: int = 0


async def test_rows_become_models_with_names_of_their_own(connection: AbstractDriver) -> None:
    await Ship.sync_table()
    fleet = uuid4()
    await Ship(fleet=fleet, number=1, shownName="Anna").save()
    ferry = Ferry(fleet=fleet, number=2, shownName="Bea", home=Harbour(town="Kiel", berth=3), cars=40)
    ferry.calls = [Harbour(town="Oslo")]
    await ferry.save()
    anna, bea = await Ship.find(fleet=fleet).into(Entry).all()
    assert vars(anna) == {"title": "Anna", "port": None, "calls": [], "cars": 0}
    assert vars(bea) == {"title": "Bea", "port": Port(town="Kiel"), "calls": [Port(town="Oslo")], "cars": 40}
    assert await Ferry.find(fleet=fleet).allow_filtering().into(Entry).all() == [bea]


class Move(BaseModel):
    home: Port | None = None


async def test_a_patch_with_a_plain_model_sets_a_user_type(connection: AbstractDriver) -> None:
    await Ship.sync_table()
    ship = Ship(fleet=uuid4(), number=1, home=Harbour(town="Kiel", berth=3))
    await ship.save()
    await Ship.find(fleet=ship.fleet, number=1).update_from(Move(home=Port(town="Oslo")))
    assert (await Ship.get(fleet=ship.fleet, number=1)).home == Harbour(town="Oslo")
