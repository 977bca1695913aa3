"""What changes inside a value of a document is written too, however deep it stands, seen on the node."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import pytest

from coodie.aio import Document
from coodie.fields import Frozen, PrimaryKey, Vector
from coodie.usertype import UserType

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers import AbstractDriver

pytestmark = [pytest.mark.node, pytest.mark.usefixtures("tables")]


class Leg(UserType):
    stops: list[str] = []
    times: dict[str, list[int]] = {}


class Journey(Document):
    id: Annotated[str, PrimaryKey()]
    by_day: dict[str, list[int]] = {}
    crews: dict[str, set[str]] = {}
    fares: dict[str, dict[str, int]] = {}
    rounds: list[list[int]] = []
    fixed: Annotated[list[list[int]], Frozen()] = []
    pair: tuple[int, list[int]] = (0, [])
    deep: dict[str, list[dict[str, list[int]]]] = {}
    leg: Leg = Leg()
    legs: list[Leg] = []
    note: str = ""
    heading: Annotated[list[float] | None, Vector(2)] = None

    class Settings:
        name = "journeys_in_parts"


@pytest.fixture
async def tables(connection: AbstractDriver) -> AbstractDriver:
    await Journey.sync_table()
    return connection


async def saved() -> Journey:
    """A journey with one of everything, as it was read."""
    made = Journey(
        id=uuid4().hex,
        by_day={"mon": [1]},
        crews={"a": {"Ann"}},
        fares={"adult": {"EUR": 3}},
        rounds=[[1], [2]],
        fixed=[[1]],
        pair=(1, [1]),
        deep={"a": [{"b": [1]}]},
        leg=Leg(stops=["x"], times={"mon": [1]}),
        legs=[Leg(stops=["y"])],
        heading=[1.0, 0.0],
    )
    await made.save()
    return await Journey.get(id=made.id)


def turn(journey: Journey) -> None:
    assert journey.heading is not None
    journey.heading[1] = 1.0


CHANGES: dict[str, Callable[[Journey], object]] = {
    "a list in a dict": lambda it: it.by_day["mon"].append(2),
    "a set in a dict": lambda it: it.crews["a"].add("Ben"),
    "a dict in a dict": lambda it: it.fares["adult"].update(CHF=4),
    "a list in a list": lambda it: it.rounds[1].append(3),
    "a list in a frozen list": lambda it: it.fixed[0].append(2),
    "a list in a tuple": lambda it: it.pair[1].append(2),
    "a list in a dict in a list in a dict": lambda it: it.deep["a"][0]["b"].append(2),
    "a list in a user type": lambda it: it.leg.stops.append("z"),
    "a list in a dict in a user type": lambda it: it.leg.times["mon"].append(2),
    "a list in a user type in a list": lambda it: it.legs[0].stops.append("z"),
    "a number of a vector": turn,
}


async def assert_row_holds(journey: Journey) -> None:
    """Hold the row to what the document has, which may have been fetched in part."""
    row = vars(await Journey.get(id=journey.id))
    assert {name: row[name] for name in vars(journey)} == vars(journey)


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "in part"])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_what_changed_inside_a_value_is_written(change: Callable[[Journey], object], *, whole: bool) -> None:
    made = await saved()
    journey = made if whole else await Journey.find(id=made.id).defer("note").first()
    assert journey is not None
    before = copy.deepcopy(vars(journey))
    change(journey)
    assert vars(journey) != before
    await journey.update()
    await assert_row_holds(journey)
    if change is turn:
        journey.heading = [0.0, 0.0]
    change(journey)
    await journey.save(changed_only=True)
    await assert_row_holds(journey)


async def test_json_holds_every_part() -> None:
    made = await saved()
    made.id = uuid4().hex
    await made.save_json()
    assert await Journey.get(id=made.id) == made
