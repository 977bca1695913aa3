"""NaN in a primary key, by which no row is told from another, is refused before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.exceptions import InvalidValueError
from coodie.fields import ClusteringKey, Double, Frozen, PrimaryKey
from coodie.sync import Document
from coodie.usertype import UserType

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Celsius(float):
    """A float of its own kind."""


class Partition(Document):
    at: Annotated[float, PrimaryKey()]


class Wide(Document):
    at: Annotated[float, PrimaryKey(), Double()]
    v: float = 0.0


class Row(Document):
    id: Annotated[int, PrimaryKey()]
    at: Annotated[float, ClusteringKey(), Double()]
    v: float = 0.0


class Kept(Document):
    at: Annotated[Celsius, PrimaryKey()]


class Point(UserType):
    name: str
    at: tuple[float, int]


class Inside(Document):
    id: Annotated[int, PrimaryKey()]
    many: Annotated[list[float], Frozen(), ClusteringKey(clustering_key_index=0)] = []
    some: Annotated[set[Annotated[float, Double()]], Frozen(), ClusteringKey(clustering_key_index=1)] = set()
    by: Annotated[dict[str, list[float]], Frozen(), ClusteringKey(clustering_key_index=2)] = {}
    pair: Annotated[tuple[int, float], ClusteringKey(clustering_key_index=3)] = (1, 1.0)
    point: Annotated[Point, Frozen(), ClusteringKey(clustering_key_index=4)] = Point(name="", at=(1.0, 1))
    v: list[float] = []


NAN = float("nan")
REFUSED: dict[str, Callable[[], object]] = {
    "save of a float": lambda: Partition(at=NAN).save(),
    "save of a double": lambda: Wide(at=NAN).save(),
    "save of a clustering key": lambda: Row(id=1, at=NAN).save(),
    "save of a float of its own": lambda: Kept(at=Celsius(NAN)).save(),
    "insert": lambda: Wide(at=NAN).insert(),
    "delete": lambda: Row(id=1, at=NAN).delete(),
    "update": lambda: Row(id=1, at=NAN).update(v=1.0),
    "find": lambda: Wide.find(at=NAN).all(),
    "find in": lambda: Wide.find(at__in=[1.0, NAN]).all(),
    "get": lambda: Row.get(id=1, at=NAN),
}


@pytest.mark.parametrize("call", REFUSED)
def test_nan_in_a_key_is_refused(call: str, driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidValueError, match=r"\w+\.at: is part of the primary key and NaN, .*; give a number"):
        REFUSED[call]()
    assert driver.requests == []


INSIDE: dict[str, dict[str, Any]] = {
    "list": {"many": [1.0, NAN]},
    "set": {"some": {NAN}},
    "map": {"by": {"a": [1.0], "b": [NAN]}},
    "tuple": {"pair": (1, NAN)},
    "user type": {"point": Point(name="a", at=(NAN, 1))},
}


@pytest.mark.parametrize("held", INSIDE)
def test_nan_inside_of_a_key_is_refused(held: str, driver: ScriptedDriver) -> None:
    told = r"Inside\.\w+: is part of the primary key and holds NaN, by which no row is told .*; give numbers"
    for call in (
        lambda: Inside(id=1, **INSIDE[held]).save(),
        lambda: Inside(id=1, **INSIDE[held]).delete(),
        lambda: Inside.find(id=1, **INSIDE[held]).all(),
    ):
        with pytest.raises(InvalidValueError, match=told):
            call()
    assert driver.requests == []


def test_other_values_are_keys_and_hold_nan_elsewhere(driver: ScriptedDriver) -> None:
    Inside(id=1, many=[1.0], some={-0.0}, by={"a": []}, v=[NAN]).save()
    assert driver.requests[-1].params[1:4] == ([1.0], {-0.0}, {"a": []})


MAKING: list[Callable[[Any], Any]] = [
    lambda at: Partition(at=at),
    lambda at: Row(id=1, at=at),
    lambda at: Kept(at=Celsius(at)),
]


@pytest.mark.parametrize("value", [1.5, -0.0, float("inf"), 3])
@pytest.mark.parametrize("make", MAKING)
def test_other_numbers_are_keys_and_nan_is_a_value(make: Any, value: float, driver: ScriptedDriver) -> None:
    make(value).save()
    assert value in driver.requests[-1].params
    Row(id=1, at=1.0, v=NAN).save()
    assert str(driver.requests[-1].params[-1]) == "nan"
