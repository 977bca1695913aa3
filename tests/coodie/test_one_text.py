"""One statement however its parts are given: what is prepared has the model's order, and each value its place."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.fields import ClusteringKey, Counter, PrimaryKey
from coodie.sync import BatchQuery, CounterDocument, Document, col

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Order(Document):
    shop: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()] = 0
    state: str = "new"
    total: int = 0
    tags: set[str] = set()
    limits: dict[str, int] = {}


class Visits(CounterDocument):
    page: Annotated[str, PrimaryKey()]
    seen: Annotated[int, Counter()]
    liked: Annotated[int, Counter()]


KEY: dict[str, Any] = {"shop": "s", "number": 1}
WHERE: dict[str, Any] = {"state": "open", "number__lt": 9, "shop": "s", "number__gte": 2, "total__in": [3, 4]}
CHANGES: dict[str, Any] = {"total": 5, "add__tags": {"x"}, "state": "paid"}

CALLS: dict[str, tuple[dict[str, Any], Callable[[dict[str, Any]], object]]] = {
    "find": (WHERE, lambda given: Order.find(**given).allow_filtering().all()),
    "find with a limit": (WHERE, lambda given: Order.find(**given).limit(2).allow_filtering().all()),
    "filter": (WHERE, lambda given: _filtered(given).allow_filtering().limit(3).all()),
    "find_one": (KEY | {"total": 7}, lambda given: Order.find_one(**given)),
    "exists": (WHERE, lambda given: Order.find(**given).allow_filtering().exists()),
    "json": (WHERE, lambda given: Order.find(**given).allow_filtering().limit(4).json()),
    "scan": ({"total": 1, "state": "a"}, lambda given: list(Order.find(**given).allow_filtering().scan(splits=1))),
    "update": (CHANGES, lambda given: Order(**KEY).update(**given)),
    "update of plain values": ({"total": 5, "state": "x"}, lambda given: Order(**KEY).update(**given)),
    "update with a ttl": (CHANGES, lambda given: Order(**KEY).update(ttl=60, **given)),
    "update of a query": (CHANGES, lambda given: Order.find(**KEY).timestamp(1_700_000_000_000_000).update(**given)),
    "update by key": (KEY, lambda given: Order.find(**given).update(total=1)),
    "conditions": (
        {"total__gt": 1, "state": "a", "total__lt": 9},
        lambda given: Order(**KEY).update(total=2, if_conditions=given),
    ),
    "iff": ({"total": 1, "state": "a"}, lambda given: Order.find(**KEY).iff(**given).update(total=2)),
    "a deletion": ({"total": 1, "state": "a"}, lambda given: Order.find(**KEY).iff(**given).delete()),
    "a range": ({"number__gt": 1, "shop": "s", "number__lt": 4}, lambda given: Order.find(**given).delete()),
    "increment": ({"liked": 1, "page": "p", "seen": 2}, lambda given: Visits.increment(**given)),
    "expressions": (
        {"a": Order.total > 3, "b": col(Order.tags).contains("x"), "c": Order.shop == "s", "d": Order.limits["k"] == 2},
        lambda given: Order.find(*given.values()).allow_filtering().all(),
    ),
}


def _filtered(given: dict[str, Any]) -> Any:
    query: Any = Order.find()
    for name, value in given.items():
        query = query.filter(**{name: value})
    return query


def _batched(given: dict[str, Any]) -> None:
    with BatchQuery() as batch:
        Order(**KEY).update(batch=batch, **given)


CALLS["a batch"] = (CHANGES, _batched)


@pytest.mark.parametrize("case", CALLS)
def test_one_text_is_sent_in_whatever_order_it_is_said(case: str, driver: ScriptedDriver) -> None:
    given, call = CALLS[case]
    for names in [*permutations(given)][:24]:
        call({name: given[name] for name in names})
    parts = [(each.statement, each.params) if hasattr(each, "statement") else each.parts[0] for each in driver.requests]
    assert {statement.cql for statement, _ in parts} == {parts[0][0].cql}
    assert all(list(values) == list(parts[0][1]) for _, values in parts)


def test_the_text_has_the_order_of_the_model(driver: ScriptedDriver) -> None:
    Order.find(total=3, number__lt=9, state="open", number__gte=2, shop="s").all()
    request = driver.requests[-1]
    assert request.statement.cql.endswith(
        "WHERE shop = ? AND number >= ? AND number < ? AND state = ? AND total = ? ALLOW FILTERING"
    )
    assert list(request.params) == ["s", 2, 9, "open", 3]
    Order(**KEY).update(total=5, state="paid")
    request = driver.requests[-1]
    assert request.statement.cql == 'UPDATE ks."order" SET state = ?, total = ? WHERE shop = ? AND number = ?'
    assert list(request.params) == ["paid", 5, "s", 1]
