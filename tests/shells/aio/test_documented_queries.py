"""Chains, terminals and lookups of queries as they are documented, with every adapter on a real node."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import pytest

from coodie.aio import Document
from coodie.exceptions import FieldNotLoadedError, InvalidQueryError, MultipleDocumentsFound
from coodie.fields import ClusteringKey, Indexed, PrimaryKey
from coodie_drivers import register_driver
from coodie_drivers.errors import OperationTimedOutError, UnavailableError
from coodie_drivers.observing import ObservedDriver

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers import AbstractDriver
    from coodie_drivers.observing import Passed

pytestmark = [pytest.mark.node, pytest.mark.every_adapter]
shows = pytest.mark.shows


class Product(Document):
    shop: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    brand: Annotated[str, Indexed()] = "Unknown"
    name: Annotated[str, Indexed(using="sasi")] = ""
    price: float = 0.0
    stock: int | None = None
    tags: set[str] = set()
    metadata: dict[str, str] = {}

    class Settings:
        name = "documented_products"


PRICES = [2.5, 0.5, 1.5, 3.5]


@pytest.fixture
async def shop(connection: AbstractDriver) -> str:
    """A shop of four products, of a brand of its own name."""
    await Product.sync_table()
    shop = uuid4().hex
    for number, price in enumerate(PRICES):
        tags, metadata = {f"t{number}", "all"}, {f"k{number}": "v", "env": "x"}
        await Product(
            shop=shop,
            number=number,
            brand=shop,
            name=f"{shop}-{'ab'[number % 2]}{number}",
            price=price,
            tags=tags,
            metadata=metadata,
        ).save()
    return shop


def numbers(products: list[Product]) -> list[int]:
    return [product.number for product in products]


@shows("query: nothing is sent before a terminal")
async def test_a_query_is_sent_by_its_terminal(shop: str, connection: AbstractDriver) -> None:
    sent: list[str] = []

    def note(passed: Passed) -> None:
        sent.append(passed.cql)

    register_driver("shells", ObservedDriver(connection, [note]), default=True)
    query = Product.find(shop=shop).filter(number__gt=1).limit(3)
    assert sent == []
    assert numbers(await query.all()) == [2, 3]
    assert len(sent) == 1


@shows("query: a chain of all", "find", "query: all")
async def test_a_chain_of_all_is_one_query(shop: str) -> None:
    found = await Product.find(brand=shop).filter(price__gt=1.0).order_by("price").limit(2).all()
    assert [product.price for product in found] == [1.5, 2.5]
    urgent = await Product.find(brand=shop).filter(price__gte=1.5).order_by("-price").limit(2).allow_filtering().all()
    assert [product.price for product in urgent] == [3.5, 2.5]
    assert numbers(await Product.find(shop=shop).all()) == [0, 1, 2, 3]
    assert await Product.find(shop="nowhere").all() == []


@shows("query: filter", "query: all filters hold together")
async def test_filters_hold_together(shop: str) -> None:
    query = Product.find(shop=shop, number__gt=0)
    assert numbers(await query.filter(number__lt=3).all()) == [1, 2]
    assert numbers(await query.all()) == [1, 2, 3]


@shows("query: limit")
async def test_a_limit_is_how_many_come(shop: str) -> None:
    assert numbers(await Product.find(shop=shop).limit(3).all()) == [0, 1, 2]


@shows("query: order_by")
async def test_order_by_sorts_by_the_clustering_key_and_by_other_fields(shop: str) -> None:
    assert numbers(await Product.find(shop=shop).order_by("-number").all()) == [3, 2, 1, 0]
    assert numbers(await Product.find(shop=shop).order_by("price").all()) == [1, 2, 0, 3]


@shows("query: only")
async def test_only_fetches_some_fields(shop: str) -> None:
    (product,) = await Product.find(shop=shop, number=2).only("price").all()
    assert (product.shop, product.number, product.price) == (shop, 2, 1.5)
    with pytest.raises(FieldNotLoadedError):
        _ = product.brand


@shows("query: allow_filtering", "filter where nothing serves")
async def test_what_nothing_serves_is_filtered_once_that_is_allowed(shop: str) -> None:
    query = Product.find(price=1.5, stock__gt=0)
    with pytest.raises(InvalidQueryError, match=r"allow_filtering\(\)"):
        await query.all()
    await Product.find(shop=shop, number=2).update(stock=5)
    assert shop in [product.shop for product in await query.allow_filtering().all()]


async def stored(connection: AbstractDriver, shop: str, number: int, what: str) -> Any:
    """What the server has of a product, asked without the mapper."""
    text = f"SELECT {what} FROM {connection.default_keyspace}.documented_products WHERE shop = ? AND number = ?"
    return await connection.execute_one_async(text, [shop, number])


@shows("query: ttl")
async def test_what_a_query_writes_with_a_ttl_expires(shop: str, connection: AbstractDriver) -> None:
    await Product.find(brand=shop).ttl(3_600).update(stock=4)
    for number in range(4):
        assert 3_500 < await stored(connection, shop, number, "ttl(stock)") <= 3_600
        assert await stored(connection, shop, number, "ttl(price)") is None


@shows("query: timestamp")
async def test_a_timestamp_is_when_a_query_wrote(shop: str, connection: AbstractDriver) -> None:
    soon = time.time_ns() // 1_000 + 60_000_000
    await Product.find(shop=shop, number=1).timestamp(soon).update(stock=4)
    assert await stored(connection, shop, 1, "writetime(stock)") == soon


TERMINALS: dict[str, Callable[[Any], Any]] = {
    "all": lambda query: query.all(),
    "first": lambda query: query.first(),
    "count": lambda query: query.count(),
    "paged_all": lambda query: query.paged_all(),
    "update": lambda query: query.update(stock=1),
    "delete": lambda query: query.delete(),
}


@shows("query: consistency")
@pytest.mark.parametrize("terminal", TERMINALS)
async def test_a_consistency_is_asked_of_the_server(shop: str, terminal: str) -> None:
    query = Product.find(shop=shop, number=1)
    with pytest.raises(UnavailableError):  # there is one replica
        await TERMINALS[terminal](query.consistency("THREE"))
    await TERMINALS[terminal](query.consistency("QUORUM"))


@shows("query: timeout")
@pytest.mark.parametrize("terminal", TERMINALS)
async def test_a_timeout_is_heeded(shop: str, terminal: str) -> None:
    query, late = Product.find(shop=shop, number=1), False
    for _ in range(1_000):  # a library that measures in milliseconds may have the answer before it looks
        try:
            await TERMINALS[terminal](query.timeout(1e-9))
        except OperationTimedOutError:
            late = True
            break
    assert late
    await TERMINALS[terminal](query.timeout(30.0))


@shows("query: per_partition_limit")
async def test_a_limit_of_each_partition(shop: str) -> None:
    other = Product(shop=uuid4().hex, number=7)
    await other.save()
    found = await Product.find(shop__in=[shop, other.shop]).per_partition_limit(2).all()
    assert sorted((product.shop == shop, product.number) for product in found) == [(False, 7), (True, 0), (True, 1)]


@shows("query: first")
async def test_first_is_the_first_or_none(shop: str) -> None:
    first = await Product.find(shop=shop).order_by("-number").first()
    assert first is not None
    assert first.number == 3
    assert await Product.find(shop="nowhere").first() is None


@shows("query: count")
async def test_count_is_how_many_match(shop: str) -> None:
    assert await Product.find(shop=shop).count() == 4
    assert await Product.find(brand=shop).count() == 4
    assert await Product.find(shop=shop, number__gt=1).count() == 2


@shows("query: iteration")
async def test_a_query_is_iterated_over(shop: str) -> None:
    assert [product.number async for product in Product.find(shop=shop)] == [0, 1, 2, 3]


@shows("query: create")
async def test_create_constructs_and_saves(shop: str) -> None:
    made = await Product.find().create(shop=shop, number=9, price=9.5)
    assert await Product.get(shop=shop, number=9) == made


@shows("query: update")
async def test_update_writes_every_row_that_matches(shop: str) -> None:
    await Product.find(brand=shop, price__gt=1.0).update(stock=8, add__tags={"sold"})
    found = await Product.find(shop=shop).all()
    assert [product.stock for product in found] == [8, None, 8, 8]
    assert ["sold" in product.tags for product in found] == [True, False, True, True]


@shows("query: delete")
async def test_delete_removes_every_row_that_matches(shop: str) -> None:
    await Product.find(brand=shop, price__gt=2.0).delete()
    assert numbers(await Product.find(shop=shop).all()) == [1, 2]


@shows("query: delete, filtering allowed")
async def test_delete_of_what_nothing_serves(shop: str) -> None:
    await Product.find(shop=shop, number=3).update(metadata={"for": shop})
    query = Product.find(metadata__contains=shop)
    with pytest.raises(InvalidQueryError, match=r"allow_filtering\(\)"):
        await query.delete()
    await query.allow_filtering().delete()
    assert numbers(await Product.find(shop=shop).all()) == [0, 1, 2]


@shows("query: paged_all")
async def test_paged_all_gives_a_page_and_where_the_next_begins(shop: str) -> None:
    query = Product.find(shop=shop).fetch_size(3)
    first = await query.paged_all()
    assert numbers(first.data) == [0, 1, 2]
    assert first.paging_state is not None
    second = await query.page(first.paging_state).paged_all()
    assert (numbers(second.data), second.paging_state) == ([3], None)


@shows("find_one", "error: more than one")
async def test_find_one_is_the_only_one_or_none(shop: str) -> None:
    found = await Product.find_one(shop=shop, number=2)
    assert found is not None
    assert found.price == 1.5
    assert await Product.find_one(shop=shop, number=99) is None
    for verb in (Product.find_one, Product.get):
        with pytest.raises(MultipleDocumentsFound):
            await verb(shop=shop)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param({"number__gt": 1}, [2, 3], marks=shows("lookup gt")),
        pytest.param({"number__gte": 1}, [1, 2, 3], marks=shows("lookup gte")),
        pytest.param({"number__lt": 1}, [0], marks=shows("lookup lt")),
        pytest.param({"number__lte": 1}, [0, 1], marks=shows("lookup lte")),
        pytest.param({"number__in": [3, 1, 9]}, [1, 3], marks=shows("lookup in")),
        pytest.param({"tags__contains": "t2"}, [2], marks=shows("lookup contains")),
        pytest.param({"metadata__contains_key": "k1"}, [1], marks=shows("lookup contains_key")),
    ],
)
async def test_a_lookup_finds_what_it_says(shop: str, asked: dict[str, Any], expected: list[int]) -> None:
    assert numbers(await Product.find(shop=shop, **asked).allow_filtering().all()) == expected


@shows("lookup like")
async def test_like_finds_by_a_pattern(shop: str) -> None:
    found = await Product.find(name__like=f"{shop}-a%").all()
    assert sorted(numbers(found)) == [0, 2]


@shows("lookup token gt")
async def test_a_token_lies_behind_another(shop: str) -> None:
    ((_, token),) = await Product.find(shop=shop).limit(1).values_list("shop").select_token().all()
    assert shop in {product.shop for product in await Product.find(shop__token__gt=token - 1).only("price").all()}
    assert shop not in {product.shop for product in await Product.find(shop__token__gt=token).only("price").all()}
