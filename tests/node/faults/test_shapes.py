"""Few shapes of queries with any number of values: few PREPAREs; and more shapes than are kept: a bound that holds."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from tests.node.faults.conftest import reaching_both

from coodie.aio import Document
from coodie.fields import BigInt, ClusteringKey, PrimaryKey
from coodie_drivers.testing import proxy as faults

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from coodie_drivers.testing.proxy import FaultProxy

    Ask = Callable[[str], list[dict[str, object]]]

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.usefixtures("calm", "schema_stands_still")]

KEPT = 1_000
"""How many prepared statements are kept."""


class Item(Document):
    """A row of several types, for the values of each call to be its own."""

    tenant: Annotated[int, PrimaryKey()]
    number: Annotated[int, BigInt(), ClusteringKey()]
    name: str | None = None
    price: float = 0.0
    stock: int = 0
    tags: list[str] = []

    class Settings:
        name = "shapes"
        connection = "shapes"


def item(n: int) -> Item:
    return Item(tenant=n % 50, number=n, name=f"name {n}", price=n / 7, stock=n, tags=[f"tag {n}"])


SHAPES: dict[str, Callable[[int], Awaitable[Any]]] = {
    "save": lambda n: item(n).save(),
    "save with a ttl": lambda n: item(n).save(ttl=1_000 + n),
    "save with a timestamp": lambda n: item(n).save(timestamp=1_700_000_000_000_000 + n),
    "insert": lambda n: item(n).insert(),
    "update": lambda n: item(n).update(price=n * 2.0),
    "update of two": lambda n: item(n).update(name=f"other {n}", stock=n + 1),
    "update with a ttl": lambda n: item(n).update(price=1.0 + n, ttl=5_000 + n),
    "update with a condition": lambda n: item(n).update(if_conditions={"stock": n}, price=n * 3.0),
    "append": lambda n: item(n).update(append__tags=[f"more {n}"] * (1 + n % 3)),
    "delete": lambda n: item(n).delete(),
    "get": lambda n: Item.find(tenant=n % 50, number=n).first(),
    "find": lambda n: Item.find(tenant=-1 - n).all(),
    "find some": lambda n: Item.find(tenant=n % 50).limit(1 + n % 90).all(),
    "find from": lambda n: Item.find(tenant=n % 50, number__gte=n).limit(1 + n % 7).all(),
    "find between": lambda n: Item.find(tenant=n % 50, number__gt=n, number__lte=n + n % 9).all(),
    "find several": lambda n: Item.find(tenant=n % 50, number__in=list(range(n, n + 1 + n % 40))).all(),
    "find several partitions": lambda n: Item.find(tenant__in=[-1 - n, *range(-2 - n % 30, -1)], number=n).all(),
    "find the last": lambda n: Item.find(tenant=n % 50).order_by("-number").limit(1 + n % 5).all(),
    "find names": lambda n: Item.find(tenant=n % 50, number=n).only("name").all(),
    "count": lambda n: Item.find(tenant=n % 50, number__gt=n).count(),
}


@pytest.fixture(scope="module")
def driver(connect: Callable[..., Any], proxy: FaultProxy, ask: Ask, cql_module_keyspace: str) -> Any:
    """The driver of the model, through the proxies."""
    columns = "tenant int, number bigint, name text, price float, stock int, tags list<text>"
    ask(f"CREATE TABLE IF NOT EXISTS {cql_module_keyspace}.shapes ({columns}, PRIMARY KEY (tenant, number))")
    return reaching_both(proxy, partial(connect, name="shapes", keyspace=cql_module_keyspace))


def counting() -> faults.Action:
    """Let requests pass, so that the rule counts them."""
    return faults.Action("counting", "request", lambda passage: passage.send_on(passage.frame))


@pytest.mark.every_adapter
@pytest.mark.parametrize("calls", [2_000, pytest.param(100_000, marks=pytest.mark.long)])
@pytest.mark.timeout(1_800)
async def test_as_many_statements_are_prepared_as_there_are_shapes(
    driver: Any,
    proxy: FaultProxy,
    calls: int,
    note: Callable[..., None],
) -> None:
    waiting, shapes = iter(range(calls)), list(SHAPES.values())

    async def one_after_the_other() -> None:
        for number in waiting:
            await shapes[number % len(shapes)](number)

    with contextlib.ExitStack() as rules:
        executed = rules.enter_context(proxy.rules.add(counting(), text="shapes"))
        prepared = {
            host: rules.enter_context(proxy.rules.add(counting(), opcode="PREPARE", text="shapes", host=host))
            for host in proxy.hosts
        }
        await asyncio.gather(*[one_after_the_other() for _ in range(20)])
    note(executed=executed.hits, prepared={host: rule.hits for host, rule in prepared.items()})
    assert executed.hits >= calls
    # Of acsylla each event loop that goes on asking has a session of its own, which prepares for itself.
    assert max(rule.hits for rule in prepared.values()) <= 2 * len(SHAPES)
    assert len(SHAPES) <= driver.prepared_statements <= 2 * len(SHAPES)


def test_no_more_statements_are_kept_than_a_thousand(connect: Callable[..., Any], cql_proxy: FaultProxy) -> None:
    driver, shapes = connect(hosts=cql_proxy.hosts, port=cql_proxy.port), KEPT * 3 // 2

    def run(number: int) -> list[str]:
        """Run the statement of this number; give the kinds of requests that it took."""
        cql = f"SELECT key AS kept{number} FROM system.local WHERE key = ?"
        cql_proxy.traffic.clear()
        assert driver.execute(cql, ["nobody"]) == []
        return [sent.opcode for sent in cql_proxy.traffic.requests(text=cql)]

    for number in range(shapes):
        assert run(number)[0] == "PREPARE"
        assert driver.prepared_statements <= KEPT
    assert driver.prepared_statements == KEPT
    # Asked to run what it has forgotten since, the node has it prepared once more: what was sent first tells.
    assert run(shapes - 1)[0] == "EXECUTE", "the last one was not kept"
    assert run(shapes - KEPT)[0] == "EXECUTE", "one of the thousand last was not kept"
    assert run(0)[0] == "PREPARE", "the first one was kept"
    driver.close(timeout=0)
