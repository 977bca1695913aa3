"""What a refused write shows of the nulls of a row: what can be compared with, and no null that nobody read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.fields import ClusteringKey, Frozen, PrimaryKey, Static
from coodie.sync import BatchQuery, Document
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Stock(Document):
    id: Annotated[int, PrimaryKey()]
    reserved: int = 0
    tags: set[str] = set()
    fixed: Annotated[list[int], Frozen()] = []


class Room(Document):
    house: Annotated[int, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    owner: Annotated[str | None, Static()] = None
    labels: Annotated[set[str], Static()] = set()
    beds: int = 0


REFUSED = Reply([(False, None)], ("[applied]", "reserved"), applied=False)
CHANGES: dict[str, Callable[[Any], Any]] = {
    "iff": lambda value: Stock.find(id=1).iff(reserved=value).update(reserved=1),
    "expression": lambda value: Stock.find(id=1).iff(Stock.reserved == value).update(reserved=1),
    "document": lambda value: Stock(id=1).update(if_conditions={"reserved": value}, reserved=1),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_null_that_stood_in_the_way_can_be_compared_with(change: str, script: Callable[..., ScriptedDriver]) -> None:
    driver = script(REFUSED, Reply([(True,)], ("[applied]",), applied=True))
    refused = CHANGES[change](0)
    assert refused.existing == {"reserved": None}
    assert CHANGES[change](refused.existing["reserved"]).applied
    assert [request.params[-1] for request in driver.requests] == [0, None]


def test_an_empty_collection_that_stood_in_the_way_is_one(script: Callable[..., ScriptedDriver]) -> None:
    row: tuple[Any, ...] = (False, 1, None, None, None)
    script(Reply([row], ("[applied]", "id", "reserved", "tags", "fixed"), applied=False))
    result = Stock(id=1).insert()
    assert result.existing == {"id": 1, "reserved": None, "tags": set(), "fixed": None}


def test_what_is_there_is_returned_with_defaults(script: Callable[..., ScriptedDriver]) -> None:
    row: tuple[Any, ...] = (False, 1, None, None, None)
    script(Reply([row], ("[applied]", "id", "reserved", "tags", "fixed"), applied=False))
    assert Stock.find().get_or_create(id=1) == (Stock(id=1), False)


COLUMNS = ("house", "number", "owner", "labels", "beds")
UNSEEN = Reply([(False, 1, 2, None, None, 4)], ("[applied]", *COLUMNS), applied=False)


def without_unset(driver: ScriptedDriver) -> ScriptedDriver:
    driver.supports_unset = False
    return driver


def test_static_columns_that_an_insert_did_not_name_are_not_shown_as_null(
    script: Callable[..., ScriptedDriver],
) -> None:
    without_unset(script(UNSEEN, UNSEEN))
    assert Room(house=1, number=2).insert().existing == {"house": 1, "number": 2, "beds": 4}
    # Of who names one, the server reads all.
    named = Room(house=1, number=2, labels={"a"}).insert()
    assert named.existing == {"house": 1, "number": 2, "owner": None, "labels": set(), "beds": 4}


def test_static_columns_that_an_insert_leaves_unset_are_named(script: Callable[..., ScriptedDriver]) -> None:
    script(UNSEEN)
    assert Room(house=1, number=2).insert().existing["owner"] is None


def test_a_batch_shows_static_columns_where_a_write_names_one(script: Callable[..., ScriptedDriver]) -> None:
    without_unset(script(UNSEEN, UNSEEN))
    for labels, shown in ((set[str](), set[str]()), ({"a"}, {"owner", "labels"})):
        with BatchQuery() as batch:
            Room(house=1, number=1).insert(batch=batch)
            Room(house=1, number=2, labels=labels).insert(batch=batch)
        assert batch.result is not None
        assert batch.result.existing.keys() == {"house", "number", "beds"} | shown


def test_a_row_that_was_not_shown_whole_is_read(script: Callable[..., ScriptedDriver]) -> None:
    driver = without_unset(script(UNSEEN, Reply([(1, 2, "ann", {"vip"}, 4)], COLUMNS)))
    room, created = Room.find().get_or_create(house=1, number=2)
    assert (room, created) == (Room(house=1, number=2, owner="ann", labels={"vip"}, beds=4), False)
    assert driver.requests[-1].consistency == "SERIAL"
