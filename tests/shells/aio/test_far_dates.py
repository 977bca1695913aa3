"""Dates beyond the years 1 to 9999, as a row gave them, given back to verbs on the real node."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import pytest
from pydantic import Field, field_validator

from coodie.aio import Document
from coodie.exceptions import InvalidValueError
from coodie.fields import ClusteringKey, Frozen, PrimaryKey
from coodie.types import CqlDate

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = [pytest.mark.node, pytest.mark.usefixtures("tables")]

BEFORE = CqlDate(-900_000)
AFTER = CqlDate(4_000_000)
DAY = dt.date(2026, 3, 1)


class Dig(Document):
    site: Annotated[str, PrimaryKey()]
    day: Annotated[dt.date, ClusteringKey()]
    found: dt.date | None = None
    days: list[dt.date] = []
    others: set[dt.date] = set()
    notes: dict[dt.date, str] = {}
    span: Annotated[tuple[dt.date, int] | None, Frozen()] = None
    late: Annotated[dt.date, Field(ge=dt.date(2000, 1, 1))] = DAY
    checked: dt.date | None = None

    class Settings:
        name = "digs_of_far_dates"

    @field_validator("checked")
    @classmethod
    def is_no_sunday(cls, value: dt.date | None) -> dt.date | None:
        assert value is None or value.weekday() != 6
        return value


@pytest.fixture
async def tables(connection: AbstractDriver) -> AbstractDriver:
    await Dig.sync_table()
    return connection


async def read(connection: AbstractDriver) -> Any:
    """A document with far dates, as a row gave it; Any, for its annotations say `date`."""
    site = uuid4().hex
    cql = f"INSERT INTO {connection.default_keyspace}.digs_of_far_dates (site, day, found, days, others)"
    await connection.execute_async(f"{cql} VALUES (?, ?, ?, ?, ?)", [site, BEFORE, AFTER, [BEFORE], {AFTER}])
    return await Dig.find(site=site).first()


IN_ONE_LIST = pytest.mark.excepted(driver_type="rust", reason="the library has no list of such dates for one marker")
COMPARISONS: list[Any] = [
    {"day": BEFORE},
    {"day__gte": BEFORE},
    {"day__lt": AFTER},
    pytest.param({"day__in": [BEFORE, DAY]}, marks=IN_ONE_LIST),
    pytest.param({"day__in": {BEFORE, DAY}}, marks=IN_ONE_LIST),
    {"found": AFTER},
    {"days__contains": BEFORE},
    {"others__contains": AFTER},
]


@pytest.mark.parametrize("comparison", COMPARISONS, ids=range(len(COMPARISONS)))
async def test_a_far_date_is_compared(tables: AbstractDriver, comparison: dict[str, Any]) -> None:
    it = await read(tables)
    assert (it.day, it.found, it.days, it.others) == (BEFORE, AFTER, [BEFORE], {AFTER})
    assert await Dig.find(site=it.site, **comparison).allow_filtering().count() == 1


async def test_a_far_date_is_a_key(tables: AbstractDriver) -> None:
    it = await read(tables)
    assert await Dig.get(site=it.site, day=it.day) == it
    key = (it.site, it.day)
    assert await Dig.find().in_bulk([key]) == {key: it}
    await Dig.find(site=it.site, day=it.day).delete()
    assert await Dig.find(site=it.site).count() == 0


async def test_a_far_date_is_asked_about_and_set(tables: AbstractDriver) -> None:
    it = await read(tables)
    row = Dig.find(site=it.site, day=it.day)
    refused = await row.iff(found=BEFORE).update(days=[])
    assert not refused.applied
    assert await Dig.get(site=it.site, day=it.day) == it
    changes: dict[str, Any] = {
        "found": it.day,
        "days": [it.day, DAY, it.found],
        "others": {it.day},
        "notes": {it.found: "late"},
        "span": (it.found, 3),
    }
    await row.iff(found=it.found).update(**changes)
    it = await Dig.get(site=it.site, day=it.day)
    assert {name: getattr(it, name) for name in changes} == changes
    await it.update(found=AFTER, append__days=[it.day], if_conditions={"found": it.found})
    await row.update(add__others={AFTER}, put__notes={it.day: "early"}, setindex__days=(0, AFTER))
    read_again: Any = await Dig.get(site=it.site, day=it.day)
    assert (read_again.found, read_again.others) == (AFTER, {BEFORE, AFTER})
    assert read_again.days == [AFTER, DAY, AFTER, BEFORE]
    assert read_again.notes == {AFTER: "late", BEFORE: "early"}


async def test_what_a_field_demands_is_demanded_of_far_dates(tables: AbstractDriver) -> None:
    it = await read(tables)
    await it.update(late=AFTER)
    with pytest.raises(InvalidValueError, match=r"Dig\.late: Input should be greater than or equal to 2000-01-01"):
        await it.update(late=BEFORE)
    with pytest.raises(InvalidValueError, match=r"Dig\.found: Input should be a valid date"):
        await it.update(found=[BEFORE])
    await it.update(found=CqlDate(0))  # which Python has
    assert (it.late, it.found) == (AFTER, dt.date(1970, 1, 1))
    with pytest.raises(InvalidValueError, match=r"Dig\.checked: Input should be a valid date \(given: CqlDate\)"):
        await it.update(checked=AFTER)  # the validator knows Python's dates alone
