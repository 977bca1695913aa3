"""Times of writes that are hardly meant: warned of, in every place that takes one."""

from __future__ import annotations

import time
import warnings
from typing import TYPE_CHECKING, Annotated

import pytest

from coodie.errors import DistantTimestampWarning
from coodie.exceptions import InvalidQueryError
from coodie.fields import PrimaryKey
from coodie.sync import BatchQuery, Document

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver

DAY = 86_400_000_000


class Entry(Document):
    id: Annotated[int, PrimaryKey()]
    text: str = ""

    class Settings:
        name = "entries"
        keyspace = "ks"


def now() -> int:
    return time.time_ns() // 1_000


PLACES: list[Callable[[int], object]] = [
    lambda timestamp: Entry(id=1).save(timestamp=timestamp),
    lambda timestamp: Entry(id=1).delete(timestamp=timestamp),
    lambda timestamp: Entry.find(id=1).timestamp(timestamp),
    lambda timestamp: Entry.find(id=1).using(timestamp=timestamp),
    lambda timestamp: BatchQuery(timestamp=timestamp),
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("timestamp", [-(2**63), 2**63])
def test_a_time_that_servers_do_not_take_is_refused_with_the_bound(
    place: Callable[[int], object], timestamp: int, driver: ScriptedDriver
) -> None:
    sentence = r"^timestamp is a whole number of microseconds since 1970, above -2\*\*63 and below 2\*\*63$"
    with pytest.raises(InvalidQueryError, match=sentence):
        place(timestamp)
    assert driver.requests == []


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("written", "told"),
    [
        (lambda: now() + 2 * DAY, "is 2 days ahead: it hides what is written without one until then"),
        (lambda: now() * 1_000, r"is [\d,]{5,} days ahead"),
        (lambda: now() // 1_000, "looks like milliseconds since 1970; multiply it by 1,000"),
        (lambda: now() // 1_000_000, "looks like seconds since 1970; multiply it by 1,000,000"),
        (lambda: 1_325_376_000_000, "looks like milliseconds since 1970; multiply it by 1,000"),
        (lambda: 1_325_376_000, "looks like seconds since 1970; multiply it by 1,000,000"),
        (lambda: -1, "is before 1970: whatever is written there hides it; leave it out, or write None, for now"),
        (lambda: -now(), "is before 1970: whatever is written there hides it; leave it out"),
    ],
    ids=["days ahead", "nanoseconds", "milliseconds", "seconds", "old milliseconds", "old seconds", "-1", "negative"],
)
def test_a_time_that_is_hardly_meant_is_warned_of(
    driver: ScriptedDriver, place: Callable[[int], object], written: Callable[[], int], told: str
) -> None:
    del driver
    with pytest.warns(DistantTimestampWarning, match=f"^timestamp takes microseconds, and this one {told}") as warned:
        place(written())
    assert {each.filename for each in warned} == {__file__}


@pytest.mark.parametrize("written", [0, 1, 90_000, 1_000_000_000_000_000, "400 days ago", "half a day ahead"])
def test_other_times_are_nobodys_business(driver: ScriptedDriver, written: int | str) -> None:
    if isinstance(written, str):
        written = now() + {"400 days ago": -400 * DAY, "half a day ahead": DAY // 2}[written]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Entry(id=1).save(timestamp=written)
    assert driver.requests[-1].params[-1] == written
