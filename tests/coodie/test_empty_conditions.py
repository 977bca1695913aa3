"""Conditions that compare with an empty collection: by order a server refuses them, by value it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.exceptions import InvalidValueError
from coodie.fields import Frozen, PrimaryKey
from coodie.sync import Document
from coodie.usertype import UserType
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Pair(UserType):
    left: int = 0


class Basket(Document):
    id: Annotated[int, PrimaryKey()]
    lines: list[int] = []
    tags: set[str] = set()
    words: dict[str, int] = {}
    whole: Annotated[list[int], Frozen()] = []
    number: int = 0
    name: str = ""
    pair: Pair | None = None


EMPTY: list[tuple[str, Any]] = [("lines", []), ("tags", set()), ("words", {})]


@pytest.mark.parametrize(("field", "empty"), EMPTY)
@pytest.mark.parametrize("lookup", ["gt", "gte", "lt", "lte"])
def test_an_order_beside_an_empty_collection_is_refused(
    field: str, empty: Any, lookup: str, driver: ScriptedDriver
) -> None:
    condition = {f"{field}__{lookup}": empty}
    sentence = rf"^Basket\.{field}: {field}__{lookup}=\.\.\. compares with an empty collection, .*; {field}=\.\.\. asks"
    calls: list[Callable[[], object]] = [
        lambda: Basket.find(id=1).iff(**condition).update(number=1),
        lambda: Basket.find(id=1).iff(**condition).delete(),
        lambda: Basket(id=1).update(if_conditions=condition, number=1),
        lambda: Basket(id=1).delete(if_conditions=condition),
    ]
    for call in calls:
        with pytest.raises(InvalidValueError, match=sentence):
            call()
    assert driver.requests == []


COMPARED: list[dict[str, Any]] = [
    {"lines": []},
    {"lines__ne": []},
    {"tags__in": [set()]},
    {"words__ne": {}},
    {"lines__gt": [1]},
    {"whole__gt": []},
    {"number__gt": 0},
    {"name__gt": ""},
    {"pair__gt": Pair()},
]


@pytest.mark.parametrize("condition", COMPARED)
def test_what_a_server_compares_is_sent(condition: dict[str, Any], script: Callable[..., ScriptedDriver]) -> None:
    driver = script(Reply([(True,)], ("[applied]",), applied=True))
    Basket.find(id=1).iff(**condition).update(number=1)
    assert len(driver.requests) == 1
