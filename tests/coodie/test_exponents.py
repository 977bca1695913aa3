"""A decimal whose exponent no server has is refused with its field, wherever it is given, before anything is sent."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.exceptions import InvalidValueError
from coodie.fields import ClusteringKey, Frozen, PrimaryKey
from coodie.sync import BatchQuery, Document
from coodie.usertype import UserType

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver

BEYOND = [
    Decimal("1E-3000000000"),
    Decimal("-12E-2147483648"),
    Decimal("1E2147483649"),
    Decimal("0E-2147483648"),
]
WITHIN = [Decimal("12E-2147483647"), Decimal("-1E2147483648"), Decimal("0E2147483648"), Decimal("1.50")]


class Cost(UserType):
    amount: Decimal = Decimal(0)


class Bill(Document):
    id: Annotated[int, PrimaryKey()]
    at: Annotated[Decimal, ClusteringKey()] = Decimal(0)
    due: Decimal | None = None
    parts: list[Decimal] = []
    others: set[Decimal] = set()
    by_name: dict[str, Decimal] = {}
    pair: tuple[Decimal, int] | None = None
    cost: Annotated[Cost, Frozen()] = Cost()


WAYS: dict[str, Callable[[Any], object]] = {
    "save": lambda value: Bill(id=1, due=value).save(),
    "save_json": lambda value: Bill(id=1, due=value).save_json(),
    "insert": lambda value: Bill(id=1, due=value).insert(),
    "update": lambda value: Bill(id=1).update(due=value),
    "clustering key": lambda value: Bill(id=1, at=value).save(),
    "element": lambda value: Bill(id=1, parts=[Decimal(1), value]).save(),
    "element of a set": lambda value: Bill(id=1, others={value}).save_json(),
    "append": lambda value: Bill(id=1).update(append__parts=[value]),
    "setindex": lambda value: Bill(id=1).update(setindex__parts=(0, value)),
    "put": lambda value: Bill(id=1).update(put__by_name={"a": value}),
    "tuple": lambda value: Bill(id=1, pair=(value, 1)).save(),
    "user type": lambda value: Bill(id=1, cost=Cost(amount=value)).save(),
    "find": lambda value: Bill.find(due=value).allow_filtering().all(),
    "range": lambda value: Bill.find(id=1, at__gt=value).all(),
    "in": lambda value: Bill.find(id=1, at__in=[value]).all(),
    "contains": lambda value: Bill.find(parts__contains=value).allow_filtering().all(),
    "get": lambda value: Bill.get(id=1, at=value),
    "in_bulk": lambda value: Bill.find().in_bulk([(1, value)]),
    "update of rows": lambda value: Bill.find(id=1, at=0).update(due=value),
    "condition": lambda value: Bill.find(id=1, at=0).iff(due=value).update(parts=[]),
    "insert_many": lambda value: Bill.find().insert_many([Bill(id=1, due=value)]),
    "batch": lambda value: Bill(id=1, due=value).save(batch=BatchQuery()),
}


@pytest.mark.parametrize("value", BEYOND, ids=str)
@pytest.mark.parametrize("way", WAYS)
def test_an_exponent_beyond_that_of_servers_is_refused(way: str, value: Decimal, driver: ScriptedDriver) -> None:
    with pytest.raises(
        InvalidValueError, match=r"^Bill\.\w+.*: a CQL decimal has an exponent from .*; round it"
    ) as told:
        WAYS[way](value)
    assert (told.value.model, str(value) in str(told.value)) == ("Bill", False)
    assert driver.requests == []


@pytest.mark.parametrize("value", WITHIN, ids=str)
def test_any_other_exponent_is_sent(value: Decimal, driver: ScriptedDriver) -> None:
    Bill.find(id=1, at=Decimal(0)).update(due=value)
    assert driver.requests[-1].params[0].as_tuple() == value.as_tuple()


@pytest.mark.parametrize("value", [Decimal("1E2147483648"), Decimal("-12E2147483647")], ids=str)
def test_what_no_server_reads_from_json_is_refused_there(value: Decimal, driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidValueError, match=r"^Bill\.parts\[0\]: from JSON the server reads no .*; use save\(\)$"):
        Bill(id=1, parts=[value]).save_json()
    assert driver.requests == []
    Bill(id=1, parts=[value]).save()
    Bill(id=1, parts=[Decimal("12E2147483646")]).save_json()
    assert len(driver.requests) == 2
