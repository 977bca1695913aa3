"""`min()` and `max()` of what the server puts in an order: counters and lists too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID, uuid4

import pytest

from coodie.aio import CounterDocument, Document
from coodie.exceptions import InvalidQueryError
from coodie.fields import ClusteringKey, Counter, Frozen, PrimaryKey
from coodie.types import CqlDuration

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class Goals(CounterDocument):
    team: Annotated[UUID, PrimaryKey()]
    year: Annotated[int, ClusteringKey()]
    more: Annotated[int, Counter()] = 0

    class Settings:
        name = "goals_of_figures"


class Path(Document):
    map_: Annotated[UUID, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    steps: list[int] = []
    fixed: Annotated[list[int], Frozen()] = []
    places: tuple[str, ...] = ()
    marks: set[int] = set()
    pauses: list[CqlDuration] = []

    class Settings:
        name = "paths_of_figures"


async def test_counters_have_a_least_and_a_greatest(connection: AbstractDriver) -> None:
    await Goals.sync_table()
    team = uuid4()
    query = Goals.find(team=team)
    assert (await query.min("more"), await query.max("more")) == (None, None)
    for year, more in enumerate((5, -7, 0)):
        await Goals(team=team, year=year).increment(more=more)
    assert (await query.min("more"), await query.max("more")) == (-7, 5)
    assert await query.aggregate(most="max(more)", least="min(more)") == {"most": 5, "least": -7}


async def test_lists_have_the_order_by_which_they_are_sorted(connection: AbstractDriver) -> None:
    await Path.sync_table()
    map_ = uuid4()
    for number, steps in enumerate(([2], [1, 300], [1, 5], [-1, 9], [2, -1])):
        places = tuple("abc"[each % 3] for each in steps)
        await Path(map_=map_, number=number, steps=steps, fixed=steps, places=places).save()
    query = Path.find(map_=map_)
    for field in ("steps", "fixed", "places"):
        in_order = await query.order_by(field).values_list(field, flat=True).all()
        assert [await query.min(field), await query.max(field)] == [in_order[0], in_order[-1]]
    assert await query.min("fixed") == [-1, 9]


async def test_what_has_no_order_has_neither(connection: AbstractDriver) -> None:
    for field in ("marks", "pauses"):
        with pytest.raises(InvalidQueryError, match=rf"^max\(\): Path\.{field} is CQL .*, which has no order$"):
            await Path.find(map_=uuid4()).max(field)
