"""Documents after writes of which the client is not told: what the next update leaves in the row is what they hold."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from tests.node.faults.conftest import reaching_both

from coodie.exceptions import CoodieError, DriverError, StaleDocumentError
from coodie.fields import PrimaryKey, Version
from coodie.sync import BatchQuery, Document
from coodie_drivers.testing import proxy as faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.proxy import FaultProxy

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.usefixtures("calm", "through_proxies")]


class Basket(Document):
    id: Annotated[int, PrimaryKey()]
    price: int = 10
    note: str = ""
    lines: list[int] = []
    tags: set[str] = set()
    words: dict[str, int] = {}

    class Settings:
        name = "doubted_rows"
        connection = "doubted rows"


class Counted(Document):
    id: Annotated[int, PrimaryKey()]
    lines: list[int] = []
    version: Annotated[int, Version()] = 0

    class Settings:
        name = "doubted_versions"
        connection = "doubted rows"


@pytest.fixture(scope="module")
def through_proxies(connect: Callable[..., Any], proxy: FaultProxy, cql_module_keyspace: str) -> None:
    """Let the models go through the proxies."""
    reaching_both(proxy, partial(connect, name="doubted rows", keyspace=cql_module_keyspace))
    Basket.sync_table()
    Counted.sync_table()


def batched(basket: Basket) -> None:
    with BatchQuery() as batch:
        basket.update(batch=batch)


WRITES: dict[str, Callable[[Basket], object]] = {
    "save": lambda basket: basket.save(),
    "update": lambda basket: basket.update(),
    "update on a condition": lambda basket: basket.update(if_exists=True),
    "batch": batched,
    "save_many": lambda basket: Basket.find().save_many([basket]),
    "update by name": lambda basket: basket.update(
        price=99, append__lines=[2], add__tags={"paid"}, put__words={"a": 2, "b": 2}
    ),
}


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("taken_back", [True, False])
def test_the_next_update_makes_the_row_what_the_document_is(
    *, taken_back: bool, write: str, applied: bool, proxy: FaultProxy
) -> None:
    basket = Basket(id=1, lines=[1], tags={"a"}, words={"a": 1})
    basket.save()
    if "name" not in write:
        basket.price = 99
        basket.lines.append(2)
        basket.tags.add("paid")
        basket.words |= {"a": 2, "b": 2}
    kind = "CAS" if "condition" in write else "BATCH" if write == "batch" else "SIMPLE"
    untold = faults.answer(faults.write_timeout(kind), delivered=applied)
    with proxy.rules.add(untold, text="doubted_rows"), pytest.raises(CoodieError) as raised:
        WRITES[write](basket)
    assert raised.value.outcome == "unknown"
    if taken_back:
        basket.price, basket.lines, basket.tags, basket.words = 10, [1], {"a"}, {"a": 1}
    basket.note = "another field"
    basket.update()
    assert Basket.get(id=1) == basket


@pytest.mark.parametrize("applied", [True, False])
def test_a_document_with_a_version_is_stale_or_written_once(*, applied: bool, proxy: FaultProxy) -> None:
    Counted.truncate()
    counted = Counted(id=1, lines=[1])
    counted.save()
    counted.lines.append(2)
    untold = faults.answer(faults.write_timeout("CAS"), delivered=applied)
    with proxy.rules.add(untold, text="doubted_versions"), pytest.raises(DriverError):
        counted.update()
    if applied:
        with pytest.raises(StaleDocumentError, match="or by a write of its own"):
            counted.update()
    else:
        counted.update()
    assert (Counted.get(id=1).lines, Counted.get(id=1).version) == ([1, 2], 1)
