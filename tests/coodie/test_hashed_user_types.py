"""User types in sets and as keys of dicts: Python must be able to hash them, which the definition says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import ConfigDict, create_model

from coodie.exceptions import InvalidModelError
from coodie.fields import PrimaryKey, Vector
from coodie.sync import Document
from coodie.usertype import UserType

if TYPE_CHECKING:
    from coodie_drivers.testing.scripted import ScriptedDriver


class Spot(UserType):
    lat: float = 0.0


class Fixed(UserType):
    model_config = ConfigDict(frozen=True)

    lat: float = 0.0
    names: tuple[str, ...] = ()


class Listed(UserType):
    model_config = ConfigDict(frozen=True)

    names: list[str] = []


class Holding(UserType):
    model_config = ConfigDict(frozen=True)

    spot: Spot | None = None


class Hashed(UserType):
    """Is hashed by what it says itself, whatever its fields are."""

    lat: float = 0.0
    names: list[str] = []

    def __hash__(self) -> int:
        return hash(self.lat)


class HashedFixed(Listed):
    def __hash__(self) -> int:
        return hash(tuple(self.names))


def model(annotation: Any) -> Any:
    fields: dict[str, Any] = {"id": (Annotated[int, PrimaryKey()], ...), "value": (annotation, ...)}
    return create_model("Place", __base__=Document, **fields)


FROZEN = r"write model_config = ConfigDict\(frozen=True\) in Spot$"


@pytest.mark.parametrize(
    ("annotation", "sentence"),
    [
        (set[Spot], rf"^Place: field 'value': what a set holds must be hashable, which Spot is not; {FROZEN}"),
        (frozenset[Spot], rf"what a frozenset holds must be hashable, which Spot is not; {FROZEN}"),
        (dict[Spot, int], rf"the keys of a dict must be hashable, which Spot is not; {FROZEN}"),
        (set[tuple[Spot, int]], rf"what a set holds must be hashable, which Spot is not; {FROZEN}"),
        (list[set[Spot]], FROZEN),
        (set[Holding], FROZEN),
        (set[Listed], r"which field 'names' of Listed is not; write tuple\[\.\.\., \.\.\.\] or frozenset\[\.\.\.\]"),
        (set[Annotated[list[float], Vector(2)]], "what a set holds must be hashable.*; hold vectors in a list"),
    ],
)
def test_what_python_cannot_hash_is_refused_at_the_definition(annotation: Any, sentence: str) -> None:
    with pytest.raises(InvalidModelError, match=sentence):
        model(annotation)


@pytest.mark.parametrize("made", [Fixed(lat=1.5, names=("a",)), Hashed(lat=1.5), HashedFixed(names=["a"])])
def test_what_has_a_hash_is_held_and_written(driver: ScriptedDriver, made: Any) -> None:
    kind: Any = made.__class__
    sets, dicts = model(set[kind]), model(dict[kind, Spot])
    sets(id=1, value={made}).save()
    (element,) = driver.requests[-1].params[1]
    dicts(id=1, value={made: Spot(lat=2.0)}).save()
    ((key, value),) = driver.requests[-1].params[1].items()
    assert key == element
    assert value == {"lat": 2.0}


def test_what_is_not_hashed_may_be_of_any_class(driver: ScriptedDriver) -> None:
    for annotation in (list[Spot], dict[str, Spot], tuple[Spot, int], Spot):
        model(annotation).sync_table()
