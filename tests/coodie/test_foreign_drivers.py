"""Bulk verbs, reads by key and scans over a driver that has the documented methods alone."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import pytest

from coodie.fields import ClusteringKey, PrimaryKey
from coodie.sync import Document
from documented_driver import DocumentedDriver, as_default

if TYPE_CHECKING:
    from collections.abc import Iterator


class Entry(Document):
    book: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    text: str | None = None


class Sale(Document):
    shop: Annotated[str, PrimaryKey()]
    day: Annotated[int, ClusteringKey()]
    figure1: Annotated[int, ClusteringKey(clustering_key_index=1)]
    price: Decimal = Decimal(0)
    pieces: int = 0


class Figures(DocumentedDriver):
    """Answers figures as a server does, as a dict in another order: by the names of the statement, or its own."""

    known: ClassVar[dict[str, Any]] = {
        "count": 3,
        "system.count(price)": 2,
        "system.sum(price)": Decimal("9.5"),
        "system.avg(price)": Decimal("4.75"),
        "system.max(price)": Decimal(5),
        "system.sum(cast(pieces as varint))": 7,
        "system.avg(cast(pieces as double))": 3.5,
        "system.count(pieces)": 2,
        "shop": "a",
        "day": 1,
        "figure1": 4,
    }

    def __init__(self, *, own_names: bool) -> None:
        self._own_names = own_names

    def execute(self, stmt: str, *_: Any, **__: Any) -> list[dict[str, Any]]:
        row: dict[str, Any] = {}
        for selected in stmt.removeprefix("SELECT ").partition(" FROM ")[0].split(", "):
            text, _as, name = selected.partition(" AS figure")
            called = text.replace("CAST", "cast").replace(" AS ", " as ")
            function, parenthesis, of = called.partition("(")
            own = called if not parenthesis else "count" if "*" in of else f"system.{function.lower()}({of}"
            row[f"figure{name}" if name and not self._own_names else own] = self.known[own]
        return [dict(reversed(row.items()))]


class Documented(DocumentedDriver):
    """Has what the contract demands; its rows are dicts in another order, all on one page."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, list[Any]]] = []

    def execute(self, stmt: str, params: list[Any], *_: Any, **__: Any) -> list[dict[str, Any]]:
        self.asked.append((stmt, list(params)))
        row = {"text": "there", "number": 1, "book": "a"}
        if stmt.startswith("SELECT"):
            return [row]
        return [{"[applied]": False, **row}] if "IF NOT EXISTS" in stmt and 1 in params else [{"[applied]": True}]


@pytest.fixture
def documented() -> Iterator[Documented]:
    """The default connection."""
    with as_default(Documented()) as driver:
        yield driver


def entries(count: int) -> list[Entry]:
    return [Entry(book="a", number=number) for number in range(count)]


def test_documents_are_written_one_by_one_and_in_batches(documented: Documented) -> None:
    assert Entry.find().save_many(entries(3)).written == 3
    assert len(documented.asked) == 3
    assert Entry.find().save_many(entries(3), batched=True).written == 3
    text, values = documented.asked[-1]
    assert text.startswith("BEGIN UNLOGGED BATCH INSERT INTO ks.entry")
    assert len(values) == 9


def test_what_was_rejected_is_told(documented: Documented) -> None:
    result = Entry.find().insert_many(entries(3))
    assert (result.written, result.rejected[1].existing["text"]) == (2, "there")
    assert len(documented.asked) == 3


@pytest.mark.usefixtures("documented")
def test_documents_are_found_by_key_and_in_scans() -> None:
    there = Entry(book="a", number=1, text="there")
    assert Entry.find().in_bulk([("a", 1)]) == {("a", 1): there}
    assert Entry.find().get_or_create(book="a", number=1) == (there, False)
    assert Entry.find().get_or_create(book="a", number=2)[1]
    assert list(Entry.find().scan(splits=4)) == [there] * 4


@pytest.mark.parametrize("own_names", [False, True])
def test_figures_are_told_apart_by_name(own_names: bool) -> None:
    with as_default(Figures(own_names=own_names)):
        query = Sale.find(shop="a")
        assert query.count() == 3
        assert (query.sum("price"), query.avg("price"), query.sum("pieces"), query.avg("pieces")) == (
            Decimal("9.5"),
            Decimal("4.75"),
            7,
            3.5,
        )
        asked = {
            "n": "count(*)",
            "again": "count(*)",
            "total": "sum(price)",
            "most": "max(price)",
            "mean": "avg(price)",
        }
        answered = {"n": 3, "again": 3, "total": Decimal("9.5"), "most": Decimal(5), "mean": Decimal("4.75")}
        assert query.aggregate(**asked) == answered
        grouped = query.group_by("shop", "day", "figure1").aggregate(n="count(*)", total="sum(price)")
        assert grouped == [{"shop": "a", "day": 1, "figure1": 4, "n": 3, "total": Decimal("9.5")}]
