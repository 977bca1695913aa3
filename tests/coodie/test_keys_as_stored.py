"""Keys that a server holds to be one, or to be two, however Python compares them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.exceptions import InvalidQueryError
from coodie.fields import ClusteringKey, Frozen, PrimaryKey, Static
from coodie.sync import BatchQuery, Document
from coodie_drivers.messages import Reply, Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Amount(Document):
    key: Annotated[Decimal, PrimaryKey()]
    value: int = 0


class Shelf(Document):
    key: Annotated[Decimal, PrimaryKey()]
    tags: Annotated[list[float], Frozen(), PrimaryKey(partition_key_index=1)]
    line: Annotated[int, ClusteringKey()]
    note: Annotated[str, Static()] = ""
    value: int = 0


SPELLINGS = [Decimal("1.0"), Decimal("1.00"), Decimal("1.000")]


def params_of(driver: ScriptedDriver) -> list[list[Any]]:
    return [list(each.params) for each in driver.requests if isinstance(each, Request)][1:]


def test_rows_whose_keys_are_equal_to_python_alone_are_all_changed(script: Callable[..., ScriptedDriver]) -> None:
    rows = Reply([(each,) for each in SPELLINGS], ("key",))
    driver = script(rows)
    assert Amount.find(value=0).allow_filtering().update(value=1).written == 3
    assert [str(key) for _, key in params_of(driver)] == ["1.0", "1.00", "1.000"]
    driver = script(rows)
    assert Amount.find(value=1).allow_filtering().delete().written == 3
    assert [str(key) for (key,) in params_of(driver)] == ["1.0", "1.00", "1.000"]


def test_a_partition_is_changed_once_however_many_rows_it_has(script: Callable[..., ScriptedDriver]) -> None:
    one, other = SPELLINGS[:2]
    first = Reply([(one, [0.5]), (one, [0.5]), (other, [0.5])], ("key", "tags"), b"more")
    driver = script(first, Reply(), Reply(), Reply([(other, [0.5]), (other, [1.5])], ("key", "tags")))
    assert Shelf.find(value=0).allow_filtering().update(note="n").written == 3
    sent = [(note, str(key), tags) for note, key, tags in (each for each in params_of(driver) if "n" in each)]
    assert sent == [("n", "1.0", [0.5]), ("n", "1.00", [0.5]), ("n", "1.00", [1.5])]


class Measured(Document):
    place: Annotated[float, PrimaryKey()]
    at: Annotated[dt.datetime, PrimaryKey(partition_key_index=1)]
    line: Annotated[int, ClusteringKey()]


MOMENT = dt.datetime(2026, 1, 1, 12, 0, 0, 123000, tzinfo=dt.timezone.utc)
ONE_PARTITION = [
    (0.10000000149011612, MOMENT),  # 0.1 with 32 bits
    (0.1, MOMENT.replace(microsecond=123456)),
    (0.1, MOMENT.replace(tzinfo=None)),
    (0.1, MOMENT.astimezone(dt.timezone(dt.timedelta(hours=2)))),
]


@pytest.mark.parametrize(("place", "at"), ONE_PARTITION)
def test_a_condition_goes_with_what_a_server_holds_to_be_its_partition(
    place: float, at: dt.datetime, driver: ScriptedDriver
) -> None:
    batch = BatchQuery()
    Measured(place=0.1, at=MOMENT, line=1).insert(batch=batch)
    Measured(place=place, at=at, line=2).save(batch=batch)
    with pytest.raises(InvalidQueryError, match="several partitions"):
        Measured(place=place, at=at + dt.timedelta(milliseconds=1), line=3).save(batch=batch)
    assert driver.requests == []


def test_a_condition_does_not_go_with_a_key_that_is_equal_to_python_alone(driver: ScriptedDriver) -> None:
    batch = BatchQuery()
    Amount(key=SPELLINGS[0]).insert(batch=batch)
    Amount(key=SPELLINGS[0]).delete(batch=batch)
    with pytest.raises(InvalidQueryError, match="several partitions"):
        Amount(key=SPELLINGS[1]).delete(batch=batch)
    assert driver.requests == []


class Tagged(Document):
    tags: Annotated[set[str], Frozen(), PrimaryKey()]
    line: Annotated[int, ClusteringKey()]


def test_a_condition_goes_with_an_equal_set_as_key(driver: ScriptedDriver) -> None:
    words = [f"word {place}" for place in range(40)]
    batch = BatchQuery()
    Tagged(tags={*words}, line=1).insert(batch=batch)
    Tagged(tags={*reversed(words)}, line=2).save(batch=batch)
    assert driver.requests == []
