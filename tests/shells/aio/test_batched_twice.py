"""Two writes of one document in one batch, on the real node: the row is what the document is, or they are refused."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.aio import AsyncBatchQuery, Document
from coodie.exceptions import InvalidQueryError
from coodie.fields import PrimaryKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class Basket(Document):
    id: Annotated[int, PrimaryKey()]
    price: int = 0
    notes: list[str] = []
    tags: set[str] = set()
    sizes: dict[str, int] = {}

    class Settings:
        name = "baskets_batched_twice"


def lower(basket: Basket) -> None:
    basket.price -= 1
    basket.notes.append("n")
    basket.tags ^= {"a", "t"}
    basket.sizes["s"] = basket.price


WRITES: dict[str, Callable[[Basket, AsyncBatchQuery], Any]] = {
    "save": lambda basket, batch: basket.save(batch=batch),
    "update": lambda basket, batch: basket.update(batch=batch),
    "price": lambda basket, batch: basket.update(price=basket.price - 1, batch=batch),
    "same price": lambda basket, batch: basket.update(price=7, batch=batch),
    "notes": lambda basket, batch: basket.update(notes=["x"], batch=batch),
    "no notes": lambda basket, batch: basket.update(notes=[], batch=batch),
    "append": lambda basket, batch: basket.update(append__notes=["x"], batch=batch),
    "add": lambda basket, batch: basket.update(add__tags={"a"}, put__sizes={"a": 9}, batch=batch),
    "remove": lambda basket, batch: basket.update(remove__tags={"a"}, remove__sizes={"a"}, batch=batch),
    "tags": lambda basket, batch: basket.update(tags={"z"}, sizes={"z": 1}, batch=batch),
    "delete columns": lambda basket, batch: basket.delete_columns("price", "tags", batch=batch),
    "delete": lambda basket, batch: basket.delete(batch=batch),
}
TAKEN = [("save", "append"), ("save", "delete"), ("append", "append"), ("price", "notes"), ("tags", "add")]
REFUSED = [("save", "save"), ("update", "save"), ("price", "same price"), ("delete", "save"), ("remove", "add")]


@pytest.mark.parametrize("changed_between", [False, True])
async def test_the_row_is_what_the_document_is_or_the_batch_is_refused(
    connection: AbstractDriver, changed_between: bool
) -> None:
    await Basket.sync_table()
    taken: list[tuple[str, str]] = []
    for place, names in enumerate(product(WRITES, WRITES)):
        await Basket(id=place, price=10, notes=["o"], tags={"a", "o"}, sizes={"a": 1}).save()
        basket = await Basket.get(id=place)
        lower(basket)
        batch = AsyncBatchQuery()
        first, second = (WRITES[name] for name in names)
        await first(basket, batch)
        if changed_between:
            lower(basket)
        try:
            await second(basket, batch)
            await batch.execute()
        except InvalidQueryError:
            continue
        taken.append(names)
        if "delete" not in names:
            await basket.update()
            assert await Basket.get(id=place) == basket, names
        else:
            assert await Basket.find_one(id=place) is None, names
    assert connection is not None
    if not changed_between:
        assert {*TAKEN} <= {*taken}
        assert not {*REFUSED} & {*taken}
