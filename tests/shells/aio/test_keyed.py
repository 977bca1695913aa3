"""Documents by their keys, one fetched or created, and partial changes, on the real node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import pytest
from pydantic import BaseModel

from coodie.aio import Document
from coodie.fields import ClusteringKey, PrimaryKey

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class Seat(Document):
    hall: Annotated[str, PrimaryKey()]
    row: Annotated[int, ClusteringKey(clustering_key_index=0)]
    number: Annotated[int, ClusteringKey(order="DESC", clustering_key_index=1)]
    guest: str | None = None
    wishes: set[str] = set()

    class Settings:
        name = "seats_by_key"


class SeatPatch(BaseModel):
    guest: str | None = None
    wishes: set[str] = set()


@pytest.fixture
async def hall(connection: AbstractDriver) -> str:
    """A hall of six seats."""
    await Seat.sync_table()
    hall = uuid4().hex
    await Seat.find().save_many(
        Seat(hall=hall, row=row, number=number, guest=f"{row}/{number}") for row in (1, 2) for number in (1, 2, 3)
    )
    return hall


async def test_documents_by_key(hall: str) -> None:
    keys = [(hall, 1, 2), (hall, 2, 3), (hall, 9, 9)]
    found = await Seat.find().in_bulk(keys)
    assert {key: seat.guest for key, seat in found.items()} == {keys[0]: "1/2", keys[1]: "2/3"}
    many = [(hall, 1 + place % 2, place) for place in range(600)]
    assert len(await Seat.find().in_bulk(many)) == 3


async def test_one_of_many_creates(hall: str) -> None:
    seat, created = await Seat.find().get_or_create(hall=hall, row=5, number=1, guest="Ann", wishes={"aisle"})
    assert created
    again, created = await Seat.find().get_or_create(hall=hall, row=5, number=1, guest="Bob")
    assert (again, created) == (seat, False)
    again.guest = "Cid"
    await again.update()
    assert (await Seat.get(hall=hall, row=5, number=1)).guest == "Cid"


async def test_what_was_set_is_changed(hall: str) -> None:
    one = Seat.find(hall=hall, row=1, number=1)
    await one.update_from(SeatPatch(wishes={"window"}))
    seat = await Seat.get(hall=hall, row=1, number=1)
    assert (seat.guest, seat.wishes) == ("1/1", {"window"})
    assert (await Seat.find(hall=hall, row=2).update_from(SeatPatch(guest=None))).written == 3
    assert await Seat.find(hall=hall, row=2).values_list("guest", flat=True).all() == [None] * 3


async def test_the_page_before(hall: str) -> None:
    places = Seat.find(hall=hall).values_list("row", "number")
    assert await places.all() == [(1, 3), (1, 2), (1, 1), (2, 3), (2, 2), (2, 1)]
    assert await places.reverse().limit(2).all() == [(2, 1), (2, 2)]
    before = await places.filter(row__lt=2).reverse().limit(2).all()
    assert before == [(1, 1), (1, 2)]
