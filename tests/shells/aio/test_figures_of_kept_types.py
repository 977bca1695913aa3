"""Figures of fields whose values are stored as another type."""

from __future__ import annotations

import datetime as dt
import enum
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, NewType
from uuid import UUID, uuid1, uuid4

import pytest

from coodie.aio import Document, execute_raw
from coodie.exceptions import InvalidRowError
from coodie.fields import BigInt, ClusteringKey, PrimaryKey, TimeUUID

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class Size(enum.Enum):
    SMALL = 1
    LARGE = 3


class Cents(int):
    pass


Grams = NewType("Grams", int)


class Shift(Document):
    model_config = {"use_enum_values": False}

    worker: Annotated[UUID, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    took: Annotated[dt.timedelta | None, BigInt()] = None
    size: Size = Size.SMALL
    paid: Cents = Cents(0)
    carried: Grams = Grams(0)
    price: Decimal = Decimal(0)
    made: Annotated[UUID | None, TimeUUID()] = None

    class Settings:
        name = "shifts_of_figures"


HOUR = dt.timedelta(hours=1)
MADE = [uuid1(node=1, clock_seq=number) for number in range(3)]


@pytest.fixture
async def worker(connection: AbstractDriver) -> UUID:
    """Somebody with three shifts."""
    await Shift.sync_table()
    worker = uuid4()
    for number in range(3):
        shift = Shift(
            worker=worker,
            number=number,
            took=(number + 1) * HOUR + dt.timedelta(microseconds=number),
            size=Size.LARGE if number else Size.SMALL,
            paid=Cents(number * 100),
            carried=Grams(number),
            price=Decimal(number) / 4,
            made=MADE[number],
        )
        await shift.save()
    return worker


async def test_figures_of_time_spans_are_time_spans(worker: UUID) -> None:
    query = Shift.find(worker=worker)
    total = 6 * HOUR + dt.timedelta(microseconds=3)
    assert await query.sum("took") == total
    assert await query.avg("took") == total / 3
    assert await query.min("took") == HOUR
    assert await query.aggregate(all="sum(took)", mean="avg(took)", most="max(took)", n="count(took)") == {
        "all": total,
        "mean": total / 3,
        "most": 3 * HOUR + dt.timedelta(microseconds=2),
        "n": 3,
    }
    (group,) = await query.group_by("worker").aggregate(total="sum(took)")
    assert group == {"worker": worker, "total": total}
    nothing = Shift.find(worker=uuid4())
    assert (await nothing.sum("took"), await nothing.avg("took")) == (dt.timedelta(0), None)


async def test_a_sum_of_time_spans_that_is_none_is_an_error(worker: UUID) -> None:
    long = dt.timedelta(microseconds=2**63 - 1)
    for number in range(10):
        await Shift(worker=worker, number=number, took=long).save()
    query = Shift.find(worker=worker)
    assert await query.max("took") == long
    with pytest.raises(InvalidRowError, match=r"^Shift\.took: sum\(\) is of no value that its type allows"):
        await query.sum("took")


async def test_figures_of_other_types_that_are_stored_as_numbers(worker: UUID) -> None:
    query = Shift.find(worker=worker)
    assert (await query.min("size"), await query.max("size")) == (Size.SMALL, Size.LARGE)
    assert (await query.sum("size"), await query.avg("size")) == (7, 7 / 3)
    most: Any = await query.max("paid")
    assert (type(most), most, await query.sum("paid"), await query.avg("paid")) == (Cents, 200, 300, 100.0)
    assert (await query.sum("carried"), await query.max("carried")) == (3, 2)
    assert (await query.sum("price"), await query.avg("price")) == (Decimal("0.75"), Decimal("0.25"))


async def test_figures_of_timeuuids_are_uuids(worker: UUID) -> None:
    query = Shift.find(worker=worker)
    assert (await query.min("made"), await query.max("made")) == (MADE[0], MADE[-1])
    assert await query.aggregate(first="min(made)", n="count(made)") == {"first": MADE[0], "n": 3}


async def test_a_figure_that_is_no_value_of_the_field_is_named(worker: UUID, connection: AbstractDriver) -> None:
    table = f"{getattr(connection, 'default_keyspace', '')}.shifts_of_figures"
    text = f"UPDATE {table} SET size = 9 WHERE worker = ? AND number = ?"
    await execute_raw(text, [worker, 0])  # pyright: ignore[reportArgumentType] - put together, which only a test may do
    with pytest.raises(InvalidRowError, match=r"^Shift\.size: max\(\)"):
        await Shift.find(worker=worker).max("size")
