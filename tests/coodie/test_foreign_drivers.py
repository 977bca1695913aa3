"""Bulk verbs, reads by key and scans over a driver that has the documented methods alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

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
