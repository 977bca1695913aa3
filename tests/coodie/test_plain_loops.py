"""A query of an asynchronous document is no plain iterable, and says what to write."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.aio import Document
from coodie.exceptions import InvalidQueryError
from coodie.fields import ClusteringKey, PrimaryKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Entry(Document):
    book: Annotated[int, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]


def first_of(query: Any) -> Any:
    """What a plain loop begins with."""
    for item in query:
        return item
    return None


LOOPS: dict[str, Callable[[Any], Any]] = {
    "for": first_of,
    "iter": iter,
    "in": lambda query: 3 in query,
    "unpacking": lambda query: max(*query),
    "groups": lambda query: iter(query.group_by("book")),
    "slice": lambda query: iter(query[:3]),
}


@pytest.mark.parametrize("loop", LOOPS)
def test_a_plain_loop_over_an_awaited_query_is_refused(loop: str, driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidQueryError, match=r"`async for item in Entry\.find\(\.\.\.\)`, or `await "):
        LOOPS[loop](Entry.find(book=1))
    assert driver.requests == []


def test_how_many_an_awaited_query_finds_is_awaited(driver: ScriptedDriver) -> None:
    query: Any = Entry.find(book=1)
    for asked in (query, query.group_by("book")):
        with pytest.raises(InvalidQueryError, match=r"^how many .* of Entry .*: write `len\(await query\.all\(\)\)`"):
            len(asked)
    assert driver.requests == []


TESTS: dict[str, Callable[[Any], Any]] = {
    "bool": bool,
    "if": lambda query: 1 if query else 2,
    "or": lambda query: query or None,
}


@pytest.mark.parametrize("test", TESTS)
def test_whether_an_awaited_query_finds_anything_is_no_plain_test(test: str, driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidQueryError, match=r"`if await query\.exists\(\):`, or `if query is not None:`"):
        TESTS[test](Entry.find(book=1))
    assert driver.requests == []


def test_an_awaiting_loop_goes_through_it(driver: ScriptedDriver) -> None:
    async def count() -> int:
        return len([item async for item in Entry.find(book=1)])

    assert asyncio.run(count()) == 0
    assert len(driver.requests) == 1
