"""Operators on collections change what they say: neither what was not fetched nor what is still to be written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import pytest

from coodie.aio import AsyncBatchQuery, Document
from coodie.exceptions import FieldNotLoadedError
from coodie.fields import PrimaryKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers import AbstractDriver

pytestmark = [pytest.mark.node, pytest.mark.usefixtures("tables")]


class Shelf(Document):
    id: Annotated[str, PrimaryKey()]
    title: str = ""
    tags: set[str] = set()
    books: list[str] = []
    prices: dict[str, int] = {}

    class Settings:
        name = "shelves_with_operators"


@pytest.fixture
async def tables(connection: AbstractDriver) -> AbstractDriver:
    await Shelf.sync_table()
    return connection


async def saved() -> Shelf:
    made = Shelf(id=uuid4().hex, tags={"a"}, books=["one", "two"], prices={"one": 1})
    await made.save()
    return await Shelf.get(id=made.id)


BEFORE_AN_OPERATOR: list[tuple[Callable[[Shelf], object], dict[str, Any]]] = [
    (lambda it: it.tags.add("z"), {"add__tags": {"q"}}),
    (lambda it: it.tags.add("z"), {"remove__tags": {"a"}}),
    (lambda it: it.books.append("three"), {"append__books": ["four"]}),
    (lambda it: it.books.insert(0, "zero"), {"prepend__books": ["minus one"]}),
    (lambda it: it.books.append("three"), {"remove__books": ["one"]}),
    (lambda it: it.books.append("three"), {"setindex__books": (0, "first")}),
    (lambda it: it.prices.update(two=2), {"put__prices": {"three": 3}}),
    (lambda it: it.prices.update(two=2), {"remove__prices": {"one"}}),
]
WAYS = pytest.mark.parametrize(
    ("change", "operator"), BEFORE_AN_OPERATOR, ids=[next(iter(each)) for _, each in BEFORE_AN_OPERATOR]
)


@WAYS
@pytest.mark.parametrize("batched", [False, True], ids=["alone", "in a batch"])
async def test_what_changed_before_is_written_later(
    change: Callable[[Shelf], object], operator: dict[str, Any], *, batched: bool
) -> None:
    shelf = await saved()
    change(shelf)
    if batched:
        async with AsyncBatchQuery() as batch:
            await shelf.update(**operator, batch=batch)
    else:
        await shelf.update(**operator)
    assert await Shelf.get(id=shelf.id) != shelf
    await shelf.update()
    assert await Shelf.get(id=shelf.id) == shelf


@pytest.mark.parametrize("operator", [each for _, each in BEFORE_AN_OPERATOR], ids=lambda each: next(iter(each)))
async def test_what_was_not_fetched_is_not_overwritten(operator: dict[str, Any]) -> None:
    whole = await saved()
    part = await Shelf.find(id=whole.id).only("title").first()
    assert part is not None
    await part.update(**operator)
    changed = await Shelf.get(id=part.id)
    assert changed != whole
    (keyword,) = operator
    with pytest.raises(FieldNotLoadedError):
        getattr(part, keyword.split("__")[1])
    part.title = changed.title = "changed"
    await part.save()
    await part.update()
    assert await Shelf.get(id=part.id) == changed


async def test_elements_are_deleted_of_what_was_not_fetched() -> None:
    whole = await saved()
    part = await Shelf.find(id=whole.id).only("title").first()
    assert part is not None
    await part.delete_columns(collection_elements=[("books", 0), ("tags", "x"), ("prices", "y")])
    with pytest.raises(FieldNotLoadedError):
        _ = part.books
    await part.save()
    row = await Shelf.get(id=part.id)
    assert (row.books, row.tags, row.prices) == (["two"], {"a"}, {"one": 1})


async def test_an_element_that_was_deleted_is_known_to_be_gone() -> None:
    mine = await saved()
    theirs = await Shelf.get(id=mine.id)
    await mine.delete_columns(collection_elements=[("books", 0)])
    await theirs.update(append__books=["three"])
    await mine.update()
    assert (await Shelf.get(id=mine.id)).books == ["two", "three"]
