"""A value is the same in each spelling that is stored alike: in keys, in elements, and where nothing was written."""

from __future__ import annotations

import datetime as dt
import enum
import struct
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID, uuid4

import pytest

from coodie.aio import Document
from coodie.exceptions import InvalidQueryError, InvalidValueError
from coodie.fields import ClusteringKey, PrimaryKey, Vector

pytestmark = [pytest.mark.node, pytest.mark.usefixtures("connection")]

UTC = dt.timezone.utc
EAST = dt.timezone(dt.timedelta(hours=5))
NOON = dt.datetime(2020, 1, 1, 12, tzinfo=UTC)


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Shirt(Document):
    id: Annotated[UUID, PrimaryKey()]
    colours: set[Colour] = set()
    stock: dict[Colour, int] = {}

    class Settings:
        name = "shirts_of_spellings"


class Measured(Document):
    place: Annotated[float, PrimaryKey()]
    at: Annotated[dt.datetime, ClusteringKey()]
    depth: Annotated[Decimal, ClusteringKey()]
    count: int = 0
    heats: set[float] = set()
    heading: Annotated[list[float] | None, Vector(2)] = None
    grades: dict[int, str] = {}

    class Settings:
        name = "measured_of_spellings"


class Priced(Document):
    price: Annotated[Decimal, PrimaryKey()]
    count: int = 0

    class Settings:
        name = "priced_of_spellings"


def in_bits(value: Any) -> float:
    found: float = struct.unpack(">f", struct.pack(">f", value))[0]
    return found


async def test_members_assigned_where_values_were_read_lose_nothing() -> None:
    await Shirt.sync_table()
    made = Shirt(id=uuid4(), colours={Colour.RED}, stock={Colour.RED: 1})
    await made.save()
    shirt = await Shirt.get(id=made.id)
    shirt.colours, shirt.stock = {Colour.RED, Colour.BLUE}, {Colour.RED: 7}
    await shirt.update()
    found: Any = await Shirt.get(id=made.id)
    assert (found.colours, found.stock) == ({"red", "blue"}, {"red": 7})
    shirt.colours = {Colour.BLUE, "purple"}  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match=r"Shirt\.colours.*no such member"):
        await shirt.update()
    assert await Shirt.get(id=made.id) == found


async def test_a_key_in_another_spelling_is_of_the_same_row() -> None:
    await Measured.sync_table()
    depth = uuid4().int
    made = Measured(place=0.1, at=NOON, depth=Decimal(f"{depth}.0"))
    await made.save()
    found = await Measured.get(place=0.1, at=NOON, depth=made.depth)
    found.place, found.at, found.depth, found.count = 0.1, NOON.replace(tzinfo=None), Decimal(f"{depth}.00"), 1
    await found.update()
    found.at, found.heats = NOON.astimezone(EAST), {0.5}
    before = await Measured.find(place=0.1, at=NOON, depth=depth).writetime("count")
    await found.save(changed_only=True)
    assert await Measured.find(place=0.1, at=NOON, depth=depth).writetime("count") == before
    row = await Measured.get(place=0.1, at=NOON, depth=depth)
    assert (row.count, row.heats) == (1, {0.5})
    found.at = NOON.replace(microsecond=1000)
    with pytest.raises(InvalidQueryError, match=r"Measured\.at is part of the primary key and changed"):
        await found.update()


async def test_a_decimal_with_more_zeros_is_another_partition() -> None:
    await Priced.sync_table()
    priced = Priced(price=Decimal("1.0"))
    await priced.save()
    priced.price = Decimal("1.00")
    with pytest.raises(InvalidQueryError, match=r"Priced\.price is part of the primary key and changed"):
        await priced.update()


async def test_zeros_and_spellings_are_told_apart_as_they_are_stored() -> None:
    await Measured.sync_table()
    made = Measured(place=0.5, at=NOON, depth=Decimal(uuid4().int), heats={0.0}, heading=[0.1, 0.0], grades={1: "a"})
    await made.save()
    found = await Measured.get(place=0.5, at=NOON, depth=made.depth)
    await found.update(remove__heats={-0.0})
    assert found.heats == {0.0}
    before = await Measured.find(place=0.5, at=NOON, depth=made.depth).writetime("heading")
    found.heading = [0.1, 0.0]
    await found.update()
    assert await Measured.find(place=0.5, at=NOON, depth=made.depth).writetime("heading") == before
    found.heading, found.heats = [0.1, -0.0], {-0.0}
    await found.delete_columns(collection_elements=[("grades", "1")])
    await found.update()
    again = await Measured.get(place=0.5, at=NOON, depth=made.depth)
    assert (repr(again.heats), repr(again.heading), again.grades) == ("{-0.0}", repr([in_bits(0.1), -0.0]), {})
    assert found.grades == {}
