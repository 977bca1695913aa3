"""A query that goes on behind a page, `page(state)`, returns what lies behind it by every terminal, limited or not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from operator import itemgetter, methodcaller
from typing import TYPE_CHECKING, Annotated, Any, cast
from uuid import uuid4

import pytest
from pydantic import BaseModel

from coodie.aio import Document
from coodie.cursors import PageCursors
from coodie.exceptions import InvalidQueryError
from coodie.fields import ClusteringKey, PrimaryKey, Vector, VectorIndex

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node

ROWS = 12
SEEN = 5
"""How many rows the page before had."""

SIZES = (None, 1, 3, 100)
"""How many rows a page has: below each limit here, between them, above them."""


class Entry(Document):
    book: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey(clustering_key_index=0)]
    line: Annotated[int, ClusteringKey(clustering_key_index=1)] = 0
    text: str = ""
    spot: Annotated[list[float], Vector(2), VectorIndex()] = [1.0, 1.0]

    class Settings:
        name = "continued_entries"


class Number(BaseModel):
    number: int


@pytest.fixture
async def book(connection: AbstractDriver) -> str:
    """A partition of twelve entries."""
    await Entry.sync_table()
    book = uuid4().hex
    await Entry.find().save_many([Entry(book=book, number=number) for number in range(ROWS)])
    return book


def number_of(item: Any) -> int:
    """The number that an item has, whatever the query makes of a row."""
    if isinstance(item, str):
        item = json.loads(item)["number"]
    elif isinstance(item, tuple):
        item = cast("tuple[int, int]", item)[0]
    return item if isinstance(item, int) else item.number


def numbers(items: Any) -> list[int]:
    return [number_of(item) for item in items]


async def place(query: Any, at: int) -> list[int]:
    try:
        return [number_of(await query[at])]
    except IndexError:
        return []


async def first(query: Any) -> list[int]:
    return [number_of(item) for item in [await query.first()] if item is not None]


async def all_states(query: Any) -> list[int]:
    page = await query.paged_all()
    found = numbers(page)
    while page.paging_state is not None:
        page = await query.page(page.paging_state).paged_all()
        found += numbers(page)
    return found


async def of_items(items: Any) -> list[int]:
    return numbers(await items)


async def of_lazy(query: Any) -> list[int]:
    return [number_of(row.resolve()) for row in await query.all(lazy=True)]


async def of_stream(query: Any) -> list[int]:
    return [number_of(item) async for item in query]


async def of_pages(query: Any) -> list[int]:
    return [number_of(item) async for page in query.pages() for item in page]


TERMINALS: dict[str, tuple[Callable[[Any], Any], slice]] = {
    "all": (lambda query: of_items(query.all()), slice(None)),
    "lazily": (of_lazy, slice(None)),
    "iteration": (of_stream, slice(None)),
    "pages": (of_pages, slice(None)),
    "first": (first, slice(0, 1)),
    "place 0": (lambda query: place(query, 0), slice(0, 1)),
    "place 2": (lambda query: place(query, 2), slice(2, 3)),
    "slice": (lambda query: of_items(query[1:4].all()), slice(1, 4)),
    "json": (lambda query: of_items(query.json()), slice(None)),
}
"""How to get the numbers of a query, and which of those that lie behind the page they are."""


@dataclass(frozen=True)
class Modifier:
    """What a query says besides, and what becomes of the rows that lie behind the page."""

    say: Callable[[Any], Any]
    left: Callable[[list[int]], list[int]] = lambda rows: rows


LIMITS = (1, 2, 3, 4, 6, 7, 8, 100)
MODIFIERS: dict[str, Modifier] = {
    "nothing": Modifier(lambda query: query),
    **{f"limit {n}": Modifier(methodcaller("limit", n), itemgetter(slice(n))) for n in LIMITS},
    "slice to 2": Modifier(lambda query: query[:2], lambda rows: rows[:2]),
    "slice 1 to 3": Modifier(lambda query: query[1:3], lambda rows: rows[1:3]),
    "slice from 2": Modifier(lambda query: query[2:], lambda rows: rows[2:]),
    "slice of a limit": Modifier(lambda query: query.limit(4)[1:], lambda rows: rows[1:4]),
    "only": Modifier(lambda query: query.only("text").limit(2), lambda rows: rows[:2]),
    "values_list": Modifier(lambda query: query.values_list("number", "line").limit(2), lambda rows: rows[:2]),
    "flat values_list": Modifier(lambda query: query.values_list("number", flat=True).limit(2), lambda rows: rows[:2]),
    "into": Modifier(lambda query: query.into(Number).limit(2), lambda rows: rows[:2]),
    "validate": Modifier(lambda query: query.validate(on_invalid="skip").limit(2), lambda rows: rows[:2]),
    "filter": Modifier(lambda query: query.filter(text="").limit(2), lambda rows: rows[:2]),
    "per_partition_limit": Modifier(lambda query: query.per_partition_limit(ROWS).limit(2), lambda rows: rows[:2]),
    "group_by": Modifier(lambda query: query.group_by("book", "number").limit(2), lambda rows: rows[:2]),
}

REFUSED = {
    "lazily": {"validate"},
    "pages": {"slice 1 to 3", "slice from 2", "slice of a limit"},
    "json": {"slice 1 to 3", "slice from 2", "slice of a limit", "validate", "into", "group_by"}
    | {"values_list", "flat values_list"},
}
"""What a terminal takes not at all, by its name."""

ORDERS: dict[str, Callable[[Any], Any]] = {
    "as stored": lambda query: query,
    "reversed": lambda query: query.order_by("-number"),
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("terminal", TERMINALS)
async def test_rows_behind_a_page_are_those_of_the_query(book: str, terminal: str, order: str) -> None:
    everything = ORDERS[order](Entry.find(book=book))
    behind = [entry.number for entry in await everything.all()][SEEN:]
    state = (await everything.fetch_size(SEEN).paged_all()).paging_state
    call, part = TERMINALS[terminal]
    wrong: list[str] = []
    for name, modifier in MODIFIERS.items():
        for size in SIZES:
            query = modifier.say(everything.page(state))
            query = query if size is None else query.fetch_size(size)
            if name in REFUSED.get(terminal, ()):
                with pytest.raises((InvalidQueryError, AttributeError)):
                    await call(query)
                continue
            found = await call(query)
            if found != modifier.left(behind)[part]:
                wrong.append(f"{name}, pages of {size}: {found}")
    assert not wrong


async def test_pages_of_a_limited_query_go_on_to_its_limit(book: str) -> None:
    """A limit is of the whole walk from page to page, where each page is asked for by the state of the one before."""
    for limit in (1, 3, 4, 7, 100):
        for size in (1, 3, 4):
            expected = list(range(min(limit, ROWS)))
            assert await all_states(Entry.find(book=book).limit(limit).fetch_size(size)) == expected


async def test_a_limit_behind_a_page_is_counted_from_there(book: str) -> None:
    state = (await Entry.find(book=book).fetch_size(SEEN).paged_all()).paging_state
    page = await Entry.find(book=book).page(state).limit(4).fetch_size(3).paged_all()
    assert numbers(page) == [5, 6, 7]
    page = await Entry.find(book=book).page(state).limit(3).fetch_size(4).paged_all()
    assert (numbers(page), page.paging_state) == ([5, 6, 7], None)


async def test_a_limited_page_goes_on_where_pages_are_larger(book: str) -> None:
    """The rows that the limit leaves are known to the state, whatever the size of the pages that follow."""
    limited = Entry.find(book=book).limit(7)
    state = (await limited.fetch_size(3).paged_all()).paging_state
    for size in SIZES:
        query = limited.page(state) if size is None else limited.page(state).fetch_size(size)
        assert numbers(await query.all()) == [3, 4, 5, 6]
        assert await of_stream(query) == [3, 4, 5, 6]


async def test_a_signed_cursor_of_a_limited_query_goes_on(book: str) -> None:
    cursors = PageCursors(b"a key of tests, of 32 bytes ....")
    query = Entry.find(book=book).limit(7).fetch_size(3)
    found: list[int] = []
    cursor: str | None = None
    while True:
        going_on = query.page(cursors.open(query, cursor))
        page = await going_on.paged_all()
        found += numbers(page)
        cursor = cursors.sign(going_on, page.paging_state)
        if cursor is None:
            break
    assert found == list(range(7))


async def test_nearest_rows_have_no_pages(book: str) -> None:
    query = Entry.find(book=book).order_by_ann("spot", [1.0, 1.0]).limit(3)
    with pytest.raises(InvalidQueryError, match=r"page\(\) does not go with order_by_ann\(\)"):
        await query.page(b"state").all()
