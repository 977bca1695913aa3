"""Limits and slices, any of them after another, narrow a query as slices narrow a list: seen on the real node."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import pytest

from coodie.aio import Document
from coodie.exceptions import InvalidQueryError
from coodie.fields import ClusteringKey, PrimaryKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class Line(Document):
    text: Annotated[UUID, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    words: int = 0

    class Settings:
        name = "lines_of_narrowing"


ROWS = 12
CHAINS = 60
SIZES = (None, 1, 3, 5)


@pytest.fixture
async def text(connection: AbstractDriver) -> UUID:
    await Line.sync_table()
    text = uuid4()
    for number in range(ROWS):
        await Line(text=text, number=number, words=number * 7 % ROWS).save()
    return text


def chain_of(dice: random.Random) -> tuple[Callable[[Any], Any], Callable[[list[int]], list[int]], bool, str]:
    """Some steps for a query, the same for a list, whether rows in front are left out, and how it is written."""
    steps: list[int | slice] = []
    for _ in range(dice.randint(1, 4)):
        start, more = dice.choice([None, 0, 1, 2, 5]), dice.choice([None, 1, 2, 4, 9])
        stop = None if more is None else (start or 0) + more
        steps.append(dice.randint(1, ROWS + 2) if dice.random() < 0.5 else slice(start, stop))

    def of_query(query: Any) -> Any:
        for step in steps:
            query = query.limit(step) if isinstance(step, int) else query[step]
        return query

    def of_list(rows: list[int]) -> list[int]:
        for step in steps:
            rows = rows[:step] if isinstance(step, int) else rows[step]
        return rows

    return of_query, of_list, any(isinstance(step, slice) and step.start for step in steps), repr(steps)


async def of_all(query: Any) -> list[int]:
    return [line.number for line in await query.all()]


async def of_lazy(query: Any) -> list[int]:
    return [line.number for line in await query.all(lazy=True)]


async def of_values(query: Any) -> list[int]:
    numbers: list[int] = await query.values_list("number", flat=True).all()
    return numbers


async def of_stream(query: Any) -> list[int]:
    return [line.number async for line in query]


async def of_first(query: Any) -> list[int]:
    return [line.number for line in [await query.first()] if line is not None]


async def of_first_readable(query: Any) -> list[int]:
    return await of_first(query.validate(on_invalid="skip"))


async def of_place(query: Any) -> list[int]:
    try:
        return [(await query[2]).number]
    except IndexError:
        return []


async def of_pages(query: Any) -> list[int]:
    return [line.number async for page in query.pages() for line in page]


async def of_states(query: Any) -> list[int]:
    page = await query.paged_all()
    found = [line.number for line in page]
    while page.paging_state is not None:
        page = await query.page(page.paging_state).paged_all()
        found += [line.number for line in page]
    return found


async def of_json(query: Any) -> list[int]:
    return [json.loads(each)["number"] for each in await query.json()]


async def of_count(query: Any) -> list[int]:
    return [await query.count()]


async def of_exists(query: Any) -> list[int]:
    return [int(await query.exists())]


WITH_PLACES: dict[str, tuple[Callable[[Any], Any], Callable[[list[int]], list[int]]]] = {
    "all": (of_all, lambda rows: rows),
    "lazily": (of_lazy, lambda rows: rows),
    "values_list": (of_values, lambda rows: rows),
    "iteration": (of_stream, lambda rows: rows),
    "first": (of_first, lambda rows: rows[:1]),
    "first that can be read": (of_first_readable, lambda rows: rows[:1]),
    "a place": (of_place, lambda rows: rows[2:3]),
}
WITHOUT_PLACES: dict[str, tuple[Callable[[Any], Any], Callable[[list[int]], list[int]]]] = {
    "pages": (of_pages, lambda rows: rows),
    "paged_all": (of_states, lambda rows: rows),
    "json": (of_json, lambda rows: rows),
    "count": (of_count, lambda rows: [len(rows)]),
    "exists": (of_exists, lambda rows: [int(bool(rows))]),
}
"""Terminals of which all take limits and slices that begin in front, and the latter no others."""

ORDERS: dict[str, Callable[[Any], Any]] = {
    "as stored": lambda query: query,
    "reversed": lambda query: query.order_by("-number"),
    "sorted here": lambda query: query.order_by("words"),
}


# What is sorted here has no pages, and figures have no order.
CASES = [
    *((terminal, order) for terminal in WITH_PLACES for order in ORDERS),
    *((terminal, order) for terminal in WITHOUT_PLACES for order in ORDERS if order != "sorted here"),
]


@pytest.mark.parametrize(("terminal", "order"), CASES)
async def test_each_limit_and_slice_is_of_what_the_one_before_left(text: UUID, terminal: str, order: str) -> None:
    everything: Any = ORDERS[order](Line.find(text=text))
    rows = await of_all(everything)
    call, part = (WITH_PLACES | WITHOUT_PLACES)[terminal]
    dice = random.Random()  # noqa: S311 - for chains
    wrong: list[str] = []
    for _ in range(CHAINS):
        of_query, of_list, leaves_out, written = chain_of(dice)
        size = dice.choice(SIZES)
        query = of_query(everything if size is None else everything.fetch_size(size))
        if leaves_out and terminal in WITHOUT_PLACES:
            with pytest.raises(InvalidQueryError, match=r"takes no slice\(\)"):
                await call(query)
            continue
        found, expected = await call(query), part(of_list(rows))
        if found != expected:
            wrong.append(f"{written} with pages of {size}: {found} and not {expected}")
    assert wrong == []


async def test_what_writes_and_sums_takes_neither(text: UUID) -> None:
    of_text = Line.find(text=text)
    for query in (of_text.limit(3), of_text[:3], of_text[5:], of_text[5:].limit(3), of_text.limit(3)[:2]):
        with pytest.raises(InvalidQueryError, match=r"^update\(\) of Line takes no (limit|slice)\(\)"):
            await query.update(words=1)
        with pytest.raises(InvalidQueryError, match=r"^delete\(\) of Line takes no (limit|slice)\(\)"):
            await query.delete()
        with pytest.raises(InvalidQueryError, match=r"^sum\(\) is of all matching rows|takes no slice\(\)"):
            await query.sum("words")
    assert await of_text.count() == ROWS


def test_a_query_says_what_it_is_narrowed_to() -> None:
    lines = Line.find()
    assert repr(lines[:10].limit(15)) == "<QuerySet Line.find().limit(10)>"
    assert repr(lines[5:].limit(3)) == "<QuerySet Line.find()[5:8]>"
    assert repr(lines.order_by("words")[5:]) == "<QuerySet Line.find().order_by('words')[5:]>"


async def test_places_have_an_end(text: UUID) -> None:
    of_text = Line.find(text=text)
    most = 2**31 - 1
    assert len(await of_text[2:].limit(most).all()) == ROWS - 2
    assert len(await of_text[2 : most + 10].all()) == ROWS - 2
    with pytest.raises(InvalidQueryError, match=rf"places up to {most}"):
        _ = of_text[most + 1 :]
