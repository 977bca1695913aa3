"""What `Settings` say of every request, and where tables are made, on a real node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar
from uuid import uuid4

import pytest

from coodie.aio import Document, using
from coodie.exceptions import GuardrailExceededError, InvalidQueryError, UnavailableError
from coodie.fields import ClusteringKey, Indexed, PrimaryKey
from coodie_drivers import register_driver, unregister_driver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class Guarded(Document):
    shop: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    status: Annotated[str, Indexed()] = "new"
    price: int = 0

    class Settings:
        name = "guarded_sales"
        guardrails: ClassVar[dict[str, object]] = {"max_in": 3, "max_rows": 10, "allow_filtering": False}


class Twice(Document):
    """Every request asks two replicas, of which the node of the tests is one."""

    id: Annotated[str, PrimaryKey()]
    text: str = ""

    class Settings:
        name = "asked_twice"
        consistency = "TWO"


class Placed(Document):
    id: Annotated[str, PrimaryKey()]

    class Settings:
        name = "placed"


@pytest.fixture
def second(connection: AbstractDriver) -> Iterator[str]:
    """Another name of the connection."""
    register_driver("second", connection)
    yield "second"
    unregister_driver("second")


async def test_guardrails_bound_what_is_held_and_let_through_what_is_not(connection: AbstractDriver) -> None:
    await Guarded.sync_table()
    shop = uuid4().hex
    await Guarded.find().save_many([Guarded(shop=shop, number=number, price=-number) for number in range(30)])
    query = Guarded.find(shop=shop)
    with pytest.raises(GuardrailExceededError, match=r"without limit\(\) may hold more than the 10 rows"):
        await query.all()
    assert [sale.number for sale in await query.limit(10).all()] == list(range(10))
    assert sum([len(page) async for page in query.fetch_size(7).pages()]) == 30
    assert sum([sale.number async for sale in query]) == sum(range(30))
    with pytest.raises(GuardrailExceededError, match=r"sorting .* would hold more than the 10 rows"):
        await query.order_by("price").limit(2).all()
    with pytest.raises(GuardrailExceededError, match="forbids ALLOW FILTERING"):
        await query.filter(price=-3).allow_filtering().limit(1).all()
    with pytest.raises(GuardrailExceededError, match="__in has 4 values"):
        await query.filter(number__in=[1, 2, 3, 4]).limit(4).all()
    assert await query.filter(number__in=[1, 2, 3]).count() == 3


async def test_every_request_asks_for_the_level_of_the_model(connection: AbstractDriver) -> None:
    await Twice.sync_table()
    one = Twice(id=uuid4().hex)
    with pytest.raises(UnavailableError):
        await one.save()
    await one.save(consistency="ONE")
    with pytest.raises(UnavailableError):
        await Twice.get(id=one.id)
    with pytest.raises(UnavailableError):
        await Twice.find(id=one.id).count()
    assert await Twice.find(id=one.id).consistency("ONE").all() == [one]


async def test_a_table_is_made_in_each_keyspace_over_each_connection(
    connection: AbstractDriver, second: str, keyspace_of_worker: str, cql_keyspace: str
) -> None:
    places = [keyspace_of_worker, cql_keyspace]
    await Placed.drop_table()
    planned = await Placed.sync_table(True, keyspaces=places)
    assert [cql.partition(" (")[0].rpartition(" ")[2] for cql in planned] == [f"{place}.placed" for place in places]
    # Over the second connection, which is the first one's node, nothing is left to do.
    assert await Placed.sync_table(keyspaces=places, connections=["shells", second]) == planned
    assert await Placed.sync_table(keyspaces=places, connections=[second]) == []
    placed = Placed(id=uuid4().hex)
    with using(keyspace=cql_keyspace):
        await placed.save()
        assert await Placed.find(id=placed.id).exists()
    assert not await Placed.find(id=placed.id).exists()
    with pytest.raises(InvalidQueryError, match="takes several names"):
        await Placed.sync_table(keyspaces="placed")
