"""Conditions that compare with an empty collection: by order a server refuses them, by value it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import Field

from coodie.exceptions import InvalidQueryError, InvalidValueError
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


class Named(Document):
    id: Annotated[int, PrimaryKey()]
    name: str | None = Field(default=None, alias="nm")


@pytest.mark.parametrize("values", [("a", "b"), ("a", "a"), (None, "a")])
def test_a_field_is_not_compared_by_its_name_and_its_alias(values: tuple[Any, Any], driver: ScriptedDriver) -> None:
    condition: dict[str, Any] = {"name": values[0], "nm": values[1]}
    sentence = r"^Named\.name is compared twice, by its name and by its alias; give one of them$"
    with pytest.raises(InvalidQueryError, match=sentence):
        Named(id=1).update(if_conditions=condition, name="c")
    with pytest.raises(InvalidQueryError, match=sentence):
        Named(id=1).delete(if_conditions=condition)
    assert driver.requests == []
    Named(id=1).update(if_conditions={"name__ne": "a", "nm": "b"}, name="c")
    assert len(driver.requests) == 1


@pytest.mark.parametrize("lookup", ["gt", "gte", "lt", "lte", "in"])
def test_an_order_beside_null_is_refused(lookup: str, driver: ScriptedDriver) -> None:
    condition = {f"number__{lookup}": None}
    sentence = rf"^Basket\.number: number__{lookup}=None compares with null, .*; number=None asks whether it is null, "
    calls: list[Callable[[], object]] = [
        lambda: Basket.find(id=1).iff(**condition).update(number=1),
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
