"""Fields of durations and of addresses: what verbs take for them, and what else Pydantic knows but CQL does not."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import pytest
from pydantic import BaseModel, create_model
from typing_extensions import TypedDict

from coodie.exceptions import InvalidModelError, InvalidQueryError, InvalidValueError
from coodie.fields import BigInt, Duration, Frozen, PrimaryKey
from coodie.sync import Document, col
from coodie.types import CqlDuration
from coodie.usertype import UserType
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver

SOME = CqlDuration(1, 1, 1)


class Shift(Document):
    id: Annotated[int, PrimaryKey()]
    lasts: CqlDuration
    marked: Annotated[CqlDuration, Duration()] = SOME
    pause: CqlDuration | None = None
    pauses: list[CqlDuration] = []
    fixed: Annotated[list[CqlDuration], Frozen()] = []
    by_day: dict[str, CqlDuration] = {}
    pair: tuple[CqlDuration, int] | None = None


def shift() -> Shift:
    return Shift(id=1, lasts=SOME)


@pytest.mark.parametrize(
    ("lookup", "value"),
    [
        ("lasts", SOME),
        ("lasts__in", [SOME]),
        ("marked", SOME),
        ("pause", SOME),
        ("pauses__contains", SOME),
        ("by_day__contains", SOME),
        ("fixed", [SOME]),
        ("pair", (SOME, 1)),
    ],
)
def test_a_duration_can_be_looked_for(lookup: str, value: object, driver: ScriptedDriver) -> None:
    Shift.find(**{lookup: value}).allow_filtering().all()
    assert list(driver.requests[-1].params) == [value]


class Stay(UserType):
    place: str
    lasts: CqlDuration


class Trip(Document):
    id: Annotated[int, PrimaryKey()]
    took: timedelta | None = None
    counted: Annotated[timedelta, BigInt()] = timedelta(0)
    lasts: CqlDuration = SOME
    pair: Annotated[tuple[CqlDuration, int] | None, Frozen()] = None
    fixed: Annotated[list[CqlDuration], Frozen()] = []
    stay: Annotated[Stay | None, Frozen()] = None
    pauses: list[CqlDuration] = []
    by_day: dict[str, CqlDuration] = {}


IN_PYTHON = "ask by equality, or compare in Python"
UNORDERED: list[tuple[str, object, str]] = [
    (
        "took",
        timedelta(1),
        "a duration has no order; mark the field BigInt(), as which a timedelta has one, or compare",
    ),
    ("lasts", SOME, f"a duration has no order; {IN_PYTHON}"),
    ("pair", (SOME, 1), f"durations have no order, so CQL tuple<duration, int> has none; {IN_PYTHON}"),
    ("fixed", [SOME], f"durations have no order, so CQL frozen<list<duration>> has none; {IN_PYTHON}"),
    ("stay", Stay(place="a", lasts=SOME), "durations have no order (Stay.lasts is one), so CQL frozen<stay> has none"),
]


@pytest.mark.parametrize("suffix", ["gt", "gte", "lt", "lte"])
@pytest.mark.parametrize(("field", "value", "told"), UNORDERED, ids=[each[0] for each in UNORDERED])
def test_durations_are_not_compared_by_size(
    field: str, value: Any, told: str, suffix: str, driver: ScriptedDriver
) -> None:
    compared: Any = {f"{field}__{suffix}": value}
    of_field: Any = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}[suffix]
    ways: list[Callable[[], object]] = [
        lambda: Trip.find(id=1, **compared),
        lambda: Trip.find(id=1, **compared).explain(),
        lambda: Trip.find(of_field(getattr(Trip, field), value)),
        lambda: Trip.find(id=1).iff(**compared).update(pauses=[]),
        lambda: Trip(id=1).delete(if_conditions=compared),
    ]
    for way in ways:
        with pytest.raises(InvalidQueryError, match=f"^{re.escape(f'Trip.{field}: {told}')}"):
            way()
    assert driver.requests == []


def test_neither_are_collections_of_durations_and_what_is_in_them(driver: ScriptedDriver) -> None:
    told: dict[str, Any] = {
        r"Trip.pauses: durations have no order, so CQL list<duration> has none": {"pauses__gt": [SOME]},
        r"Trip.by_day: durations have no order, so CQL map<text, duration> has none": {"by_day__lte": {"a": SOME}},
    }
    for sentence, compared in told.items():
        with pytest.raises(InvalidQueryError, match=f"^{re.escape(sentence)}"):
            Trip.find(id=1).iff(**compared)
    entries: list[Any] = [col(Trip.by_day)["a"] > SOME, col(Trip.pauses)[0] <= SOME]
    for entry in entries:
        with pytest.raises(InvalidQueryError, match=rf"\[\.\.\.\]: a duration has no order; {IN_PYTHON}$"):
            Trip.find(id=1).iff(entry)
    assert driver.requests == []


def test_what_has_an_order_is_compared_beside_durations(script: Callable[..., ScriptedDriver]) -> None:
    driver = script()
    Trip.find(counted__gt=timedelta(1)).allow_filtering().all()
    with pytest.raises(InvalidQueryError, match=r"^Trip\.took: a duration has no order to sort by; mark .* BigInt\(\)"):
        Trip.find().allow_filtering().order_by("took").all()
    assert len(driver.requests) == 1


@pytest.mark.parametrize("value", [5, "1mo", (1, 1, 1), {"months": 1 << 40}])
@pytest.mark.parametrize("lookup", ["lasts", "marked", "pause", "pauses__contains", "by_day__contains"])
def test_what_is_no_duration_is_refused_by_field(lookup: str, value: Any, driver: ScriptedDriver) -> None:
    field = lookup.partition("__contains")[0]
    verbs: list[Callable[[], object]] = [lambda: Shift.find(**{lookup: value}), lambda: Shift.get(**{lookup: value})]
    if field == lookup:
        verbs += [
            lambda: Shift.find(**{f"{lookup}__in": [SOME, value]}),
            lambda: shift().update(**{lookup: value}),
            lambda: shift().update(lasts=SOME, if_conditions={lookup: value}),
        ]
    for verb in verbs:
        with pytest.raises(InvalidValueError, match=rf"^Shift\.{field}: .*") as caught:
            verb()
        assert str(1 << 40) not in str(caught.value)
    assert driver.requests == []


def test_elements_that_are_no_durations_are_refused(driver: ScriptedDriver) -> None:
    wrong: list[dict[str, Any]] = [
        {"append__pauses": 5},
        {"remove__pauses": ["1mo"]},
        {"fixed": [5]},
        {"pair": (5, 1)},
    ]
    for changes in wrong:
        with pytest.raises(
            InvalidValueError, match=r"^Shift\.\w+(\[0\])?: Input should be a dictionary or an instance of Cql"
        ):
            shift().update(**changes)
    assert driver.requests == []


class Point(BaseModel):
    x: int = 0


@dataclass
class Place:
    x: int = 0


class Entry(TypedDict):
    x: int


class Pair(NamedTuple):
    x: int


@pytest.mark.parametrize("kind", [Point, Place, Entry, Pair])
def test_what_pydantic_knows_and_cql_does_not_is_no_field(kind: Any) -> None:
    annotations: tuple[Any, ...] = (kind, list[kind], dict[str, kind] | None, tuple[kind, int])
    for annotation in annotations:
        with pytest.raises(InvalidModelError, match=rf"field 'value': {kind.__name__} has no CQL type"):
            create_model("Wrong", __base__=Document, id=(Annotated[int, PrimaryKey()], ...), value=(annotation, ...))


class Host(Document):
    id: Annotated[int, PrimaryKey()]
    address: IPv4Address | IPv6Address
    gateway: IPv4Address | IPv6Address | None = None
    others: list[IPv6Address | IPv4Address] = []


def test_a_field_takes_addresses_of_both_versions(script: Callable[..., ScriptedDriver]) -> None:
    four, six = IPv4Address("10.0.0.1"), IPv6Address("::1")
    columns = ("id", "address", "gateway", "others")
    driver = script(Reply(), Reply(), Reply([(1, six, None, [four, six])], columns))
    Host(id=1, address=four, gateway=six, others=[six, four]).save()
    assert list(driver.requests[-1].params) == [1, four, six, [six, four]]
    Host.find(id=1, address="::1", others__contains=four).all()
    assert list(driver.requests[-1].params) == [1, six, four]
    assert vars(Host.get(id=1)) == {"id": 1, "address": six, "gateway": None, "others": [four, six]}
    Host.sync_table()
    types = {column.name: column.cql_type for column in driver.tables[-1][2]}
    assert types == {"id": "int", "address": "inet", "gateway": "inet", "others": "list<inet>"}
    with pytest.raises(InvalidValueError, match=r"^Host\.address: .*the column is CQL inet"):
        Host.find(address="here")
