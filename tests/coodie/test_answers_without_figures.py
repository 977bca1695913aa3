"""Drivers of somebody else that answer figures with nothing, or with something else, are named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie import aio
from coodie.fields import ClusteringKey, PrimaryKey
from coodie.sync import Document
from coodie_drivers.errors import DriverError
from documented_driver import DocumentedDriver, as_default

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Sale(Document):
    shop: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    price: float = 0.0


class AsyncSale(aio.Document):
    shop: Annotated[str, PrimaryKey()]
    price: float = 0.0


class Documented(DocumentedDriver):
    """Has what the contract demands, and answers every statement alike."""

    rows: list[dict[str, Any]] = []

    def execute(self, *_: Any, **__: Any) -> list[dict[str, Any]]:
        return list(self.rows)


@pytest.fixture
def documented() -> Iterator[Documented]:
    """The default connection."""
    with as_default(Documented()) as driver:
        yield driver


QUERY = Sale.find(shop="a")
FIGURES: dict[str, Callable[[], object]] = {
    "count": QUERY.count,
    "sum": lambda: QUERY.sum("price"),
    "avg": lambda: QUERY.avg("price"),
    "min": lambda: QUERY.min("price"),
    "max": lambda: QUERY.max("price"),
    "aggregate": lambda: QUERY.aggregate(n="count(*)", mean="avg(price)"),
}


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize("rows", [[], [{}], [{"a": 1, "b": 2, "c": 3, "d": 4}]])
def test_no_figure_is_an_error_of_the_driver(figure: str, rows: list[dict[str, Any]], documented: Documented) -> None:
    documented.rows = rows
    if figure == "count" and rows and rows[0]:
        assert FIGURES[figure]() == 1
        return
    with pytest.raises(DriverError, match=r"^Sale: the driver answered 'SELECT .*' without a figure") as caught:
        FIGURES[figure]()
    assert caught.value.outcome == "not_applied"


def test_rows_without_values_are_an_error_too(documented: Documented) -> None:
    documented.rows = [{}]
    calls: list[Callable[[], object]] = [
        QUERY.json,
        lambda: QUERY.filter(number=1).writetime("price"),
        lambda: QUERY.group_by("shop").aggregate(n="count(*)"),
    ]
    for call in calls:
        with pytest.raises(DriverError, match="without a figure"):
            call()


async def test_the_asynchronous_form_says_so_too(documented: Documented) -> None:
    documented.rows = []
    with pytest.raises(DriverError, match="without a figure"):
        await AsyncSale.find(shop="a").sum("price")
    assert await AsyncSale.find(shop="a").exists() is False
