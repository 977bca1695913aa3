"""What a query says reaches every terminal, or is refused there by name: seen on the real node."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import pytest
from pydantic import BaseModel

from coodie import col
from coodie.aio import Document, QuerySet
from coodie.errors import (
    ConditionFailedError,
    FieldNotLoadedError,
    InvalidValueError,
    MultipleDocumentsFound,
    UnknownNameError,
)
from coodie.exceptions import InvalidQueryError
from coodie.fields import ClusteringKey, Indexed, PrimaryKey, Static

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class Sale(Document):
    shop: Annotated[str, PrimaryKey()]
    day: Annotated[int, ClusteringKey(clustering_key_index=0)]
    number: Annotated[int, ClusteringKey(clustering_key_index=1)]
    owner: Annotated[str | None, Static()] = None
    price: Decimal | None = None
    pieces: int = 1
    weight: float | None = None
    status: Annotated[str, Indexed()] = "new"
    tags: set[str] = set()

    class Settings:
        name = "sales_of_queries"


class Ticket(BaseModel):
    """Some fields of a sale."""

    day: int
    pieces: int
    remark: str = "none"


SALES = [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1)]


@pytest.fixture
async def shop(connection: AbstractDriver) -> str:
    """A partition of five sales on three days."""
    await Sale.sync_table()
    shop = uuid4().hex
    for day, number in SALES:
        price = Decimal(day) + Decimal(number) / 10
        await Sale(shop=shop, day=day, number=number, owner="Ann", price=price, pieces=day * number, weight=0.5).save()
    return shop


async def test_documents_come_with_some_fields_and_say_which_are_missing(shop: str) -> None:
    some = await Sale.find(shop=shop, day=1).only("pieces").all()
    assert [(sale.shop, sale.day, sale.number, sale.pieces) for sale in some] == [(shop, 1, 1, 1), (shop, 1, 2, 2)]
    with pytest.raises(FieldNotLoadedError, match=r"Sale\.price was not fetched"):
        _ = some[0].price
    deferred = await Sale.find(shop=shop, day=3).defer("price", "tags").first()
    assert deferred is not None
    assert deferred.status == "new"
    with pytest.raises(AttributeError):
        _ = deferred.tags
    deferred.pieces = 40
    await deferred.save()
    again = await Sale.get(shop=shop, day=3, number=1)
    assert (again.pieces, again.price) == (40, Decimal("3.1"))


async def test_rows_come_as_tuples_values_and_other_models(shop: str) -> None:
    query = Sale.find(shop=shop)
    assert await query.values_list("day", "number").all() == SALES
    assert await query.values_list(col(Sale.number), flat=True).all() == [1, 2, 1, 2, 1]
    assert await query.values_list("tags", flat=True).first() == set()
    tickets = await query.into(Ticket).all()
    assert tickets[3] == Ticket(day=2, pieces=4)
    assert [ticket.day async for ticket in query.into(Ticket)] == [1, 1, 2, 2, 3]
    assert await query.cast("price", "int").values_list("price", flat=True).all() == [1, 1, 2, 2, 3]
    tokens = await query.values_list("day").select_token().all()
    assert [day for day, _ in tokens] == [1, 1, 2, 2, 3]
    assert len({token for _, token in tokens}) == 1
    found = await Sale.find(shop__token__gte=tokens[0][1], shop__token__lte=tokens[0][1]).count()
    assert found == 5


async def test_partitions_and_groups(shop: str) -> None:
    assert [(sale.shop, sale.owner) for sale in await Sale.find(shop=shop).distinct("owner").all()] == [(shop, "Ann")]
    assert shop in await Sale.find().distinct().values_list("shop", flat=True).all()
    by_day = Sale.find(shop=shop).group_by("shop", "day")
    expected = [
        {"shop": shop, "day": 1, "n": 2, "total": 3},
        {"shop": shop, "day": 2, "n": 2, "total": 6},
        {"shop": shop, "day": 3, "n": 1, "total": 3},
    ]
    assert await by_day.aggregate(n="count(*)", total="sum(pieces)") == expected
    assert await by_day.limit(2).aggregate(n="count(*)", total="sum(pieces)") == expected[:2]
    assert [sale.number for sale in await by_day.all()] == [1, 1, 1]
    assert len(await Sale.find(shop__in=[shop]).per_partition_limit(2).all()) == 2


async def test_figures_are_exact(shop: str) -> None:
    query = Sale.find(shop=shop)
    found = await query.aggregate(n="count(price)", most="max(price)", mean="avg(pieces)", sum="sum(weight)")
    assert found == {"n": 5, "most": Decimal("3.1"), "mean": 2.4, "sum": 2.5}
    assert (await query.sum("pieces"), await query.min(col(Sale.day)), await query.max("status")) == (12, 1, "new")
    nothing = Sale.find(shop="nowhere")
    assert (await nothing.sum("pieces"), await nothing.avg("pieces"), await nothing.max("pieces")) == (0, None, None)
    await Sale(shop="big", day=1, number=1, pieces=2**31 - 1).save()
    await Sale(shop="big", day=1, number=2, pieces=2**31 - 1).save()
    assert await Sale.find(shop="big").sum("pieces") == 2**32 - 2
    assert await query.exists()
    assert not await nothing.exists()
    assert await query.order_by("-day").limit(3).count() == 3


async def test_json_and_facts_of_writing(shop: str) -> None:
    one = Sale.find(shop=shop, day=1, number=1)
    texts = await one.only("pieces").json()
    assert texts == [f'{{"shop": "{shop}", "day": 1, "number": 1, "pieces": 1}}']
    soon = time.time_ns() // 1_000 + 60_000_000
    await one.using(ttl=500, timestamp=soon).update(pieces=7)
    assert await one.writetime("pieces") == soon
    assert 0 < await one.column_ttl(col(Sale.pieces)) <= 500
    assert await one.column_ttl("status") is None
    with pytest.raises(MultipleDocumentsFound):
        await Sale.find(shop=shop).writetime("pieces")
    with pytest.raises(InvalidQueryError, match="part of the primary key"):
        await one.writetime("day")


async def test_pages_go_on_where_they_ended(shop: str) -> None:
    query = Sale.find(shop=shop).fetch_size(2)
    first = await query.paged_all()
    assert ([sale.number for sale in first], first.has_more) == ([1, 2], True)
    second = await query.page(first.paging_state).paged_all()
    assert [(sale.day, sale.number) for sale in second] == SALES[2:4]
    sizes = [len(page) async for page in query.pages()]
    assert (sum(sizes), sizes[:2]) == (5, [2, 2])
    assert [sale.day async for sale in query] == [1, 1, 2, 2, 3]
    assert [sale.day for sale in await query[1:3].all()] == [1, 2]
    assert [sale.day async for sale in query[3:]] == [2, 3]
    assert (await query[4]).day == 3
    with pytest.raises(IndexError):
        await query[5]
    with pytest.raises(InvalidQueryError, match="no pages of what is sorted here"):
        await query.order_by("pieces").paged_all()


async def test_conditions_are_comparisons_of_fields(shop: str) -> None:
    found = await Sale.find(Sale.shop == shop, Sale.day >= 2, Sale.day < 3).order_by(col(Sale.day).desc()).all()
    assert [(sale.day, sale.number) for sale in found] == [(2, 2), (2, 1)]
    assert await Sale.find(col(Sale.shop).in_([shop, "nowhere"]), day=1).count() == 2
    with pytest.raises(InvalidQueryError, match="is no truth value"):
        Sale.find(Sale.shop == shop and Sale.day == 1)
    with pytest.raises(InvalidQueryError, match="Python compared before"):
        Sale.find(shop == "x")


async def test_writes_by_key_and_row_by_row(shop: str) -> None:
    one = Sale.find(shop=shop, day=1, number=1)
    assert (await one.update(pieces=10)).written == 1
    rejected = await one.iff(pieces__gt=10).update(status="sold")
    assert (rejected.applied, rejected.existing, rejected.written) == (False, {"pieces": 10}, 0)
    assert (await one.iff(Sale.pieces == 10).update(status="sold", add__tags={"x"})).applied
    await Sale.find(shop=shop).update(owner="Bob")
    assert (await Sale.get(shop=shop, day=3, number=1)).owner == "Bob"
    done = await Sale.find(shop=shop, day__gte=2).if_exists().update(status="late")
    assert (done.applied, done.written) == (True, 3)
    assert await Sale.find(shop=shop, status="late").count() == 3
    gone = await Sale.find(shop=shop, status="late", day=3).delete()
    assert gone.written == 1
    assert (await Sale.find(shop=shop, day=2, number__gt=1).delete()).applied
    assert await Sale.find(shop=shop).values_list("day", "number").all() == [(1, 1), (1, 2), (2, 1)]
    assert (await Sale.find(shop=shop, day=9, number=9).if_exists().delete()).applied is False
    assert not await Sale.find(shop=shop, day=9).exists()
    await Sale.find(shop=shop).delete()
    assert await Sale.find(shop=shop).all() == []


async def test_create_constructs_and_saves(shop: str) -> None:
    made = await QuerySet(Sale).using(ttl=300).create(shop=shop, day=7, number=1, pieces=3)
    assert made == await Sale.get(shop=shop, day=7, number=1)
    assert 0 < await Sale.find(shop=shop, day=7, number=1).column_ttl("pieces") <= 300
    with pytest.raises(ConditionFailedError) as refused:
        await Sale.find().if_not_exists().create(shop=shop, day=7, number=1, pieces=4)
    assert refused.value.existing["pieces"] == 3


async def test_a_query_explains_itself(shop: str) -> None:
    row = Sale.find(shop=shop, day=1, number=1).explain()
    assert (row.access, row.warnings) == ("row", ())
    assert "WHERE shop = ? AND day = ? AND number = ?" in row.cql
    indexed = Sale.find(status="new").order_by("-pieces").limit(3).explain()
    assert indexed.access == "index"
    assert any("sorted here" in why for why in indexed.why)
    assert any("ALLOW FILTERING" in each for each in Sale.find(shop=shop, pieces=3).explain().warnings)


REFUSED: dict[str, tuple[Callable[[str], Any], str]] = {
    "update of everything": (lambda _: Sale.find().update(pieces=1), "says nothing of which rows"),
    "delete of everything": (lambda _: Sale.find().delete(), r"Sale.truncate\(\) removes every row"),
    "update with a limit": (lambda shop: Sale.find(shop=shop).limit(1).update(pieces=1), r"takes no limit\(\)"),
    "count of groups": (lambda shop: Sale.find(shop=shop).per_partition_limit(1).count(), "takes no per_partition"),
    "create with a filter": (lambda shop: Sale.find(shop=shop).create(shop=shop, day=1, number=1), "takes no filter"),
    "ttl of a read": (lambda shop: Sale.find(shop=shop).ttl(3).all(), r"takes no ttl\(\); leave it out, or use create"),
    "group of no key": (lambda shop: Sale.find(shop=shop).group_by("pieces").all(), "from the left"),
    "sum of text": (lambda shop: Sale.find(shop=shop).sum("status"), "which is no number"),
    "update of the key": (lambda shop: Sale.find(shop=shop).update(day=3), "part of the primary key"),
    "is null": (lambda shop: Sale.find(shop=shop).is_null("price").all(), "has no IS NULL"),
    "cast of documents": (lambda shop: Sale.find(shop=shop).cast("price", "int").all(), r"values_list\(\)"),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_what_a_terminal_does_not_heed_is_refused_by_name(shop: str, what: str) -> None:
    call, sentence = REFUSED[what]
    with pytest.raises(InvalidQueryError, match=sentence):
        await call(shop)


async def test_wrong_names_and_values_are_refused_before_the_network(shop: str) -> None:
    query = Sale.find(shop=shop)
    for call in (query.only, query.defer, query.values_list, query.order_by, query.group_by, query.distinct):
        with pytest.raises(UnknownNameError, match="did you mean 'price'"):
            call("prize")
    with pytest.raises(UnknownNameError, match="did you mean 'sum'"):
        await query.aggregate(total="summ(price)")
    with pytest.raises(InvalidValueError):
        await query.update(pieces="many")
    with pytest.raises(InvalidQueryError, match="flat=True"):
        query.values_list("day", "number", flat=True)
