"""Batches that write one row twice: what the server would mix is refused before it is sent, and nothing is lost."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Annotated

import pytest

from coodie.exceptions import InvalidQueryError
from coodie.fields import ClusteringKey, PrimaryKey
from coodie.mixins import Timestamped
from coodie.sync import BatchQuery, Document
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Callable


class Stock(Document):
    shop: Annotated[str, PrimaryKey()]
    item: Annotated[int, ClusteringKey()]
    count: int = 0
    notes: list[str] = []


class Article(Timestamped, Document):
    id: Annotated[int, PrimaryKey()]
    title: str = ""
    body: str = ""


@pytest.fixture
def driver(register: Callable[[ScriptedDriver], None]) -> ScriptedDriver:
    driver = ScriptedDriver()
    register(driver)
    return driver


def test_two_documents_of_one_row_are_refused_by_their_key(driver: ScriptedDriver) -> None:
    batch = BatchQuery()
    Stock(shop="a", item=1, count=5).save(batch=batch)
    Stock(shop="a", item=1, count=3).save(batch=batch)
    with pytest.raises(
        InvalidQueryError, match=r"Stock\.count of one row is written twice by one batch, .* behind the"
    ):
        batch.execute()
    assert driver.requests == []


def test_rows_that_share_a_part_of_their_key_are_rows_of_their_own(driver: ScriptedDriver) -> None:
    with BatchQuery() as batch:
        for shop in "ab":
            for item in (1, 2):
                Stock(shop=shop, item=item, count=item, notes=["n"]).save(batch=batch)
    (request,) = driver.requests
    assert len(request.parts) == 4


def test_what_is_the_same_both_times_is_written(driver: ScriptedDriver) -> None:
    stock = Stock(shop="a", item=1, count=5)
    with BatchQuery() as batch:
        stock.save(batch=batch)
        stock.save(batch=batch)
    assert len(driver.requests) == 1


def test_a_row_is_not_written_by_the_batch_that_deletes_it(driver: ScriptedDriver) -> None:
    stock = Stock(shop="a", item=1, count=5)
    stock.save()
    batch = BatchQuery()
    stock.delete(batch=batch)
    stock.save(batch=batch)
    with pytest.raises(InvalidQueryError, match="a row of Stock is deleted and written by one batch"):
        batch.execute()
    with BatchQuery() as batch:
        stock.save(batch=batch)
        stock.delete(batch=batch)
    assert len(driver.requests) == 2


def test_a_call_of_the_programs_own_is_no_write(driver: ScriptedDriver) -> None:
    told: list[str] = []
    with BatchQuery() as batch:
        Stock(shop="a", item=1).save(batch=batch)
        batch.add_callback(told.append, "sent")
        batch.add_callback(lambda: told.append("once more"))
    assert told == ["sent", "once more"]
    assert len(driver.requests) == 1


def test_writes_that_have_times_of_their_own_have_an_order(driver: ScriptedDriver) -> None:
    stock = Stock(shop="a", item=1, count=5)
    with BatchQuery() as batch:
        stock.save(timestamp=1_000, batch=batch)
        stock.count = 3
        stock.save(timestamp=2_000, batch=batch)
    (request,) = driver.requests
    assert len(request.parts) == 2


def test_the_clock_may_go_on_between_two_writes(driver: ScriptedDriver) -> None:
    article = Article(id=1)
    article.save()
    with BatchQuery() as batch:
        article.update(title="x", batch=batch)
        time.sleep(0.002)
        article.update(body="y", batch=batch)
    assert len(driver.requests[1].parts) == 2


def test_a_row_is_the_one_of_the_key_that_the_document_had(driver: ScriptedDriver) -> None:
    stock = Stock(shop="a", item=1)
    stock.save()
    batch = BatchQuery()
    stock.update(count=1, batch=batch)
    stock.item = 2
    stock.save(batch=batch)
    batch.execute()
    assert [len(request.parts) for request in driver.requests[1:]] == [2]


class Visit(Document):
    id: Annotated[int, PrimaryKey()]
    at: datetime | None = None

    class Settings:
        name = "visits_of_two_models"


class SameVisit(Visit):
    """Another model of the table."""


@pytest.mark.parametrize("other", [Visit, SameVisit])
def test_an_earlier_moment_given_by_name_is_not_passed_over_for_a_model_of_the_same_table(
    driver: ScriptedDriver, other: type[Visit]
) -> None:
    visit = SameVisit(id=1, at=datetime(2020, 1, 5, tzinfo=timezone.utc))
    visit.save()
    del driver.requests[:]
    batch = BatchQuery()
    other(id=2).save(batch=batch)
    visit.update(at=datetime(2020, 1, 1, tzinfo=timezone.utc), batch=batch)
    visit.save(batch=batch)  # with the moment that it still holds, which is the later one
    with pytest.raises(InvalidQueryError, match=r"\.at of one row is written twice by one batch"):
        batch.execute()
    assert driver.requests == []
