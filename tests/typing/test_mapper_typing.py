"""What type checkers say about code that uses the mapper: right use passes, each wrong line is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

RIGHT = """
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID
from pydantic import BaseModel
from typing_extensions import assert_type
from coodie import DocumentNotFound, LazyDocument, MinTimeUUID, Token, aio, sync
from coodie.cursors import PageCursors
from coodie.fields import Counter, PrimaryKey
from coodie.results import BulkResult, LWTResult, PagedResult, WriteResult

class Labels(list[str]):
    pass

class Product(sync.Document):
    id: Annotated[UUID, PrimaryKey()]
    name: str = ""
    price: float = 0.0
    tags: set[str] = set()
    limits: dict[str, int] = {}
    quotas: dict[str, int] | None = None
    steps: list[int] = []
    marks: frozenset[float] | None = None
    pairs: tuple[int, ...] = ()
    seen: Sequence[str] = []
    named: Mapping[str, int] = {}
    labels: Labels = Labels()

class Summary(BaseModel):
    name: str

class ByName(sync.MaterializedView):
    name: Annotated[str, PrimaryKey()]

class Hits(sync.CounterDocument):
    url: Annotated[str, PrimaryKey()]
    views: Annotated[int, Counter()]

class AsyncProduct(aio.Document):
    id: Annotated[UUID, PrimaryKey()]
    name: str = ""

class AsyncHits(aio.CounterDocument):
    url: Annotated[str, PrimaryKey()]
    views: Annotated[int, Counter()]

def blocking(key: UUID, chosen: bool, changes: dict[str, Any]) -> None:
    product = Product(id=key, name="a", tags={"b"})
    assert_type(product.name, str)
    assert_type(Product.find(), sync.QuerySet[Product])
    assert_type(Product.find(name="a").filter(id=key).order_by("name").limit(3), sync.QuerySet[Product])
    assert_type(Product.find().all(), list[Product])
    assert_type(Product.find().first(), Product | None)
    assert_type(Product.find().count(), int)
    assert_type([each for each in Product.find()], list[Product])
    assert_type(Product.find().in_bulk([key]), dict[Any, Product])
    assert_type(Product.find().get_or_create(id=key), tuple[Product, bool])
    assert_type(Product.find().save_many([Product(id=key)]), BulkResult)
    assert_type([each for each in Product.find().scan()], list[Product])
    assert_type(Product.find().values_list("name").reverse().scan().position, str)
    assert_type(PageCursors(b"").sign(Product.find(), b""), str)
    assert_type(PageCursors(b"").open(Product.find(), None), bytes | None)
    assert_type(Product.get(id=key), Product)
    assert_type(Product.find(Token(Product.id) > Token(key), id__token__lt=5).first(), Product | None)
    assert_type(MinTimeUUID(dt.datetime.now()), UUID)
    try:
        Product.get(id=key)
    except Product.DoesNotExist as error:
        assert_type(error, DocumentNotFound)
    assert_type(Product.find_one(id=key), Product | None)
    assert_type(Product.find(Product.price > 3, sync.col(Product.tags).contains("a")).all(), list[Product])
    assert_type(Product.find(Product.limits["day"] == 3, sync.col(Product.quotas)["day"] >= 3).all(), list[Product])
    Product.find(sync.col(Product.limits).contains(3), sync.col(Product.quotas).contains_key("day"))
    Product.find(sync.col(Product.steps).contains_(3), sync.col(Product.marks).contains(3))
    Product.find(sync.col(Product.pairs).contains(3), sync.col(Product.seen).contains("a"))
    Product.find(sync.col(Product.named).contains_key("a"), sync.col(Product.labels).contains("a"))
    Product.find(sync.col(Product.price) == 3, sync.col(Product.name).like("a%"))
    Product.find().iff(sync.col(Product.quotas)["day"] == None, sync.col(Product.quotas)["day"] != 3)
    Product.find().iff(sync.col(Product.name) != "x", sync.col(Product.name) != None)
    found = Product.find().iff(sync.col(Product.limits["day"]).in_([3]), Product.steps[0] > 3)
    assert_type(found.delete(), WriteResult)
    assert_type(found.delete(batch=None), WriteResult)
    assert_type(found.update(name="x"), WriteResult)
    assert_type(found.update(name="x", batch=None), WriteResult)
    assert_type(found.update(name="x", batch=sync.BatchQuery()), WriteResult | None)
    later: sync.BatchQuery | None = sync.BatchQuery() if chosen else None
    assert_type(found.update(name="x", batch=later), WriteResult | None)
    assert_type(found.delete(batch=later), WriteResult | None)
    told: WriteResult | None = found.update(**changes)
    assert told is None or told.applied
    assert_type(Product.find().order_by(sync.col(Product.price).desc()).only("name"), sync.QuerySet[Product])
    assert_type(Product.find().values_list("id", "name").all(), list[tuple[Any, ...]])
    assert_type(Product.find().into(Summary).first(), Summary | None)
    assert_type(Product.find().all(lazy=True), list[LazyDocument[Product]])
    assert_type(Product.find().paged_all(), PagedResult[Product])
    assert_type([each for page in Product.find().pages() for each in page], list[Product])
    assert_type(Product.find().validate(on_invalid="collect").all(), list[Product])
    assert_type(Product.find()[:10], sync.QuerySet[Product])
    assert_type(Product.find()[3], Product)
    assert_type(Product.find().group_by("id").aggregate(n="count(*)"), list[dict[str, Any]])
    assert_type(Product.find().aggregate(n="count(*)"), dict[str, Any])
    assert_type(Product.find(id=key).using(ttl=3).update(name="x"), WriteResult)
    assert_type(Product.find().create(id=key), Product)
    assert_type(Product.create(id=key), Product)
    assert_type(ByName.find(name="x").all(), list[ByName])
    assert_type(sync.QuerySet(Product).first(), Product | None)
    product.save(changed_only=True, nulls="skip")
    sync.execute_raw("SELECT key FROM system.local WHERE key = ?", ["local"])
    with sync.using(keyspace="tenant"):
        product.save()
    assert_type(product.insert(ttl=5), LWTResult)
    assert_type(product.insert(batch=sync.BatchQuery()), LWTResult | None)
    assert_type(product.update(name="b", add__tags={"c"}, if_exists=True), LWTResult)
    assert_type(product.update(name="b", if_conditions={"name": "a"}, ttl=5), LWTResult)
    assert_type(product.update(name="b", ttl=5), LWTResult | None)  # a model with a Version() is told
    assert_type(product.update(if_exists=True), LWTResult | None)  # where nothing changed nothing is asked
    assert_type(product.update(name="b", if_exists=True, batch=sync.BatchQuery()), LWTResult | None)
    assert_type(product.update(name="b", if_exists=chosen), LWTResult | None)
    asked: LWTResult | None = product.update(if_exists=True, **changes)
    assert asked is None or asked.applied
    assert_type(product.delete(if_conditions={"name": "a"}), LWTResult)
    assert_type(product.delete(True), LWTResult)
    assert_type(product.delete(if_exists=True, consistency="ONE", timeout=2), LWTResult)
    assert_type(product.delete(if_exists=chosen), LWTResult | None)
    assert_type(product.delete(if_exists=True, batch=sync.BatchQuery()), LWTResult | None)
    assert_type(product.delete(), LWTResult | None)
    assert_type(ByName(name="x").update(name="y"), LWTResult | None)
    assert_type(Product.sync_table(dry_run=True), list[str])
    assert_type(sync.reflect_table("t", connection="c"), type[sync.Document])
    with sync.BatchQuery(logged=False) as batch:
        product.save(batch=batch, consistency="ONE")
    assert_type(batch, sync.BatchQuery)
    assert_type(batch.result, LWTResult | None)
    Hits(url="/").increment(views=1)
    Hits.decrement(url="/", views=1)
    Hits(url="/").decrement(views=1, batch=sync.BatchQuery(batch_type="counter"))
    Hits.decrement(url="/", views=1, batch=sync.BatchQuery(batch_type="counter"))
    assert_type(Hits(url="/"), Hits)
    assert_type(Hits.get(url="/").views, int)

async def awaiting(key: UUID) -> None:
    product = AsyncProduct(id=key)
    assert_type(AsyncProduct.find(), aio.QuerySet[AsyncProduct])
    assert_type(await AsyncProduct.find(name="a").limit(3).all(), list[AsyncProduct])
    assert_type(await AsyncProduct.find().first(), AsyncProduct | None)
    assert_type(await AsyncProduct.find().count(), int)
    assert_type(await AsyncProduct.find().values_list("name").all(), list[tuple[Any, ...]])
    assert_type(await AsyncProduct.find()[3], AsyncProduct)
    assert_type([page async for page in AsyncProduct.find().pages()], list[PagedResult[AsyncProduct]])
    assert_type(await AsyncProduct.find(id=key).delete(), WriteResult)
    assert_type(await AsyncProduct.find(id=key).update(name="x"), WriteResult)
    assert_type(await AsyncProduct.find(id=key).delete(batch=aio.AsyncBatchQuery()), WriteResult | None)
    assert_type(await AsyncProduct.find(id=key).update(name="x", batch=aio.AsyncBatchQuery()), WriteResult | None)
    assert_type([each async for each in AsyncProduct.find()], list[AsyncProduct])
    assert_type(await AsyncProduct.find().in_bulk([key]), dict[Any, AsyncProduct])
    assert_type(await AsyncProduct.find().get_or_create(id=key), tuple[AsyncProduct, bool])
    assert_type(await AsyncProduct.find().delete_many(AsyncProduct.find()), BulkResult)
    assert_type([each async for each in AsyncProduct.find().scan()], list[AsyncProduct])
    assert_type([len(page) async for page in AsyncProduct.find().pages()], list[int])
    assert_type(await AsyncProduct.get(id=key), AsyncProduct)
    assert_type(await AsyncProduct.find_one(id=key), AsyncProduct | None)
    await product.save(ttl=5)
    assert_type(await product.insert(), LWTResult)
    assert_type(await product.update(name="b"), LWTResult | None)
    assert_type(await product.update(name="b", if_exists=True), LWTResult)
    assert_type(await product.update(name="b", if_exists=True, batch=aio.AsyncBatchQuery()), LWTResult | None)
    assert_type(await product.delete(if_exists=True), LWTResult)
    assert_type(await aio.reflect_table("t"), type[aio.Document])
    async with aio.AsyncBatchQuery() as batch:
        await product.save(batch=batch)
    assert_type(batch, aio.AsyncBatchQuery)
    await AsyncHits(url="/").increment(views=1)
    assert_type((await AsyncHits.get(url="/")).views, int)
"""

MODELS = """
from typing import Annotated
from coodie import MinTimeUUID, Token, aio, sync
from coodie.fields import Counter, Indexed, PrimaryKey

class Product(sync.Document):
    id: Annotated[int, PrimaryKey()]
    name: str = ""
    limits: dict[str, int] = {}
    tags: set[str] = set()
    quotas: dict[str, int] | None = None

class Later(aio.Document):
    id: Annotated[int, PrimaryKey()]

class Hits(sync.CounterDocument):
    url: Annotated[str, PrimaryKey()]
    views: Annotated[int, Counter()]

"""

WRONG = """
product = Product(id=1)  # right
Product()
Product(id="x")
Product(id=1, nmae="x")
product.nmae
product.name = 5
product.save(tll=5)
product.save(5.5)
product.save(batch=aio.AsyncBatchQuery())
product.update("name")
product.update(ttl="5")
product.update(if_conditions=True)
product.update(name="x", if_exists=1)
product.update(name="x", if_exists=True, batch=sync.BatchQuery()).applied
product.update(name="x").applied
product.insert(batch=sync.BatchQuery()).applied
Product.find(id=1).update(name="x", batch=sync.BatchQuery()).applied
Product.find(id=1).delete(batch=sync.BatchQuery()).applied
product.insert(tll=5)
product.delete(if_conditions=True)
product.delete(if_exists=True, if_conditions={"name": "x"}, tll=5)
product.delete().applied
sync.reflect_table(5)
sync.reflect_table("t", model="T")
Product.find("a")
Product.find().filter(3)
Product.find().limit("3")
Product.find().order_by(3)
Product.find().nothing()
Product.find(Product.id > "x")
Product.find(Product.nmae == "x")
Product.find(Product.limits[5] == 3)
Product.find(Product.limits["day"] > "x")
Product.find(sync.col(Product.limits)[5] == 3)
Product.find(sync.col(Product.limits)["day"] > "x")
Product.find(sync.col(Product.name)[0] == "x")
Product.find(sync.col(Product.price) == "x")
Product.find().iff(sync.col(Product.name) != 3)
Product.find(sync.col(Product.limits)["day"] == "x")
Product.find(sync.col(Product.price).like("x"))
Product.find(sync.col(Product.tags).contains(3))
Product.find(sync.col(Product.limits).contains("x"))
Product.find(sync.col(Product.limits).contains_key(3))
Product.find(sync.col(Product.quotas).contains("x"))
Product.find(sync.col(Product.quotas).contains_key(3))
Product.find(sync.col(Product.tags).contains_key("x"))
Product.find(sync.col(Product.id).contains(3))
Product.find().values_list(3)
Product.find().into(int)
Product.find().fetch_size("3")
Product.find().using(tll=3)
Product.find().group_by("id").sum("id")
Product.find().json().all()
Product.find()["name"]
Product.find().validate(on_invalid="ignore")
product.save(nulls="never")
Product.find().save_many(5)
Product.find().save_many([], at_once="5")
Product.find().insert_many([], batched=True)
Product.find().update_from({"name": "x"})
Product.find().scan(at_once="5")
Product.get(1)
Product.get(id=1).nmae
Product.find(Token(Product.id) > "x")
MinTimeUUID(5)
Product.find().first().name
list(Later.find())
Hits("/")
Hits(url="/").nothing
Hits(url="/").increment(views="q")
Hits(url="/").increment(views=1.5)
Hits(url="/").increment(views=1, batch=aio.AsyncBatchQuery())
Hits(url="/").save(batch=sync.BatchQuery())
sync.BatchQuery().add(3)
PrimaryKey("x")
Indexed(5)
async def awaiting() -> None:
    later = Later(id=1)  # right
    await later.save(batch=sync.BatchQuery())
    await Later.find().all().first()
    (await Later.find().first()).id
    later.update(id=1).applied
    aio.AsyncBatchQuery().__enter__()
    await Later.find()
"""


@pytest.mark.once
def test_right_use_passes(checked: Callable[[str], dict[str, set[int]]]) -> None:
    assert checked(RIGHT) == {"mypy": set(), "pyright": set()}


@pytest.mark.once
def test_every_wrong_line_is_refused(checked: Callable[[str], dict[str, set[int]]]) -> None:
    models = MODELS.strip().splitlines()
    lines = WRONG.strip().splitlines()
    wrong = {number for number, line in enumerate(lines, len(models) + 1) if not line.endswith((")  # right", ":"))}
    assert checked("\n".join([*models, *lines])) == {"mypy": wrong, "pyright": wrong}


@pytest.mark.once
def test_a_raw_statement_that_is_put_together_is_flagged(checked: Callable[[str], dict[str, set[int]]]) -> None:
    """By pyright: mypy takes any str for a text that is written in the program."""
    lines = ["from coodie.sync import execute_raw", "key = input()", 'execute_raw(f"SELECT {key} FROM t")']
    assert checked("\n".join(lines)) == {"mypy": set(), "pyright": {3}}
