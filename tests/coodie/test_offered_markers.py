"""What an error tells to mark a field with is accepted there, and does what was asked for."""

from __future__ import annotations

import datetime as dt
import enum
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest
from pydantic import create_model

from coodie.exceptions import InvalidModelError, InvalidQueryError, InvalidValueError
from coodie.fields import (
    BigInt,
    Double,
    Frozen,
    Indexed,
    PrimaryKey,
    SmallInt,
    TinyInt,
    VarInt,
    Vector,
    VectorIndex,
)
from coodie.sync import Document
from coodie.types import CqlDuration
from coodie.usertype import UserType

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Far(enum.IntEnum):
    AWAY = 1 << 40


class Own(int):
    pass


class Place(UserType):
    number: int = 0


class WidePlace(UserType):
    number: Annotated[int, BigInt()] = 0


def model_with(annotation: Any) -> Any:
    """A model with a field `x` of this type."""
    key: Any = (Annotated[int, PrimaryKey()], ...)
    field: Any = (annotation, ...)
    return create_model("Marked", __base__=Document, __module__=__name__, id=key, x=field)


BIG = 1 << 40
WIDER = r"; mark the field BigInt\(\) or VarInt\(\)$"
INSIDE = r"; mark the type in the brackets BigInt\(\) or VarInt\(\)$"
TOO_LARGE: list[tuple[Any, Any, str, list[Any]]] = [
    (int, BIG, WIDER, [Annotated[int, BigInt()], Annotated[int, VarInt()]]),
    (Own, Own(BIG), WIDER, [Annotated[Own, BigInt()], Annotated[Own, VarInt()]]),
    (Far, Far.AWAY, WIDER, [Annotated[Far, BigInt()], Annotated[Far, VarInt()]]),
    (Literal[1 << 40], BIG, WIDER, [Annotated[Literal[1 << 40], BigInt()]]),
    (Place, {"number": BIG}, r"x\.number: .*" + WIDER, [WidePlace]),
    (
        Annotated[int, TinyInt()],
        300,
        r"; mark the field SmallInt\(\) or BigInt\(\)$",
        [Annotated[int, SmallInt()], Annotated[int, BigInt()]],
    ),
    (
        Annotated[int, SmallInt()],
        70_000,
        r"; mark the field BigInt\(\) or no marker \(int\)$",
        [Annotated[int, BigInt()], int],
    ),
    (Annotated[int, BigInt()], 1 << 70, r"; mark the field VarInt\(\)$", [Annotated[int, VarInt()]]),
    (list[int], [BIG], INSIDE, [list[Annotated[int, BigInt()]], list[Annotated[int, VarInt()]]]),
    (dict[str, int], {"a": BIG}, INSIDE, [dict[str, Annotated[int, BigInt()]]]),
    (tuple[int, str], (BIG, ""), INSIDE, [tuple[Annotated[int, BigInt()], str]]),
    (list[Place], [{"number": BIG}], r"x\[0\]\.number: .*" + WIDER, [list[WidePlace]]),
    (float, 1e39, r"; mark the field Double\(\)$", [Annotated[float, Double()]]),
    (list[float], [1e39], r"; mark the type in the brackets Double\(\)$", [list[Annotated[float, Double()]]]),
    (
        Annotated[dt.timedelta, BigInt()],
        dt.timedelta.max,
        r"^Marked\.x: a CQL bigint is .* microseconds of 292,271 years; leave BigInt\(\) out to store a duration$",
        [dt.timedelta],
    ),
    (Annotated[dt.timedelta, BigInt()], dt.timedelta.min, r"; leave BigInt\(\) out", [dt.timedelta]),
]


@pytest.mark.parametrize(("annotation", "value", "sentence", "offered"), TOO_LARGE)
def test_a_value_that_is_too_large_fits_with_the_marker_that_is_offered(
    annotation: Any, value: Any, sentence: str, offered: list[Any], driver: ScriptedDriver
) -> None:
    with pytest.raises(InvalidValueError, match=sentence):
        model_with(annotation).model_construct(id=1, x=value).save()
    assert driver.requests == []
    for better in offered:
        model_with(better).model_construct(id=1, x=value).save()
    assert len(driver.requests) == len(offered)


def test_the_longest_time_span_of_microseconds_is_written(driver: ScriptedDriver) -> None:
    longest = dt.timedelta(microseconds=(1 << 63) - 1)
    model_with(Annotated[dt.timedelta, BigInt()])(id=1, x=longest).save()
    assert driver.requests[-1].params[1] == (1 << 63) - 1


@pytest.mark.usefixtures("driver")
def test_a_vector_is_offered_no_marker_that_it_cannot_have() -> None:
    with pytest.raises(InvalidValueError, match=r"a vector holds CQL floats of 32 bits, and .* too large for one$"):
        model_with(Annotated[list[float], Vector(1)])(id=1, x=[1e39]).save()


@pytest.mark.parametrize("held", [list[int], set[int], dict[str, int], tuple[int, int]])
def test_a_marker_of_a_single_value_around_a_collection_is_refused(held: Any) -> None:
    sentence = r"'x': BigInt\(\) belongs on int, not on a collection; .* as in list\[Annotated\[int, BigInt\(\)\]\]$"
    with pytest.raises(InvalidModelError, match=sentence):
        model_with(Annotated[held, BigInt()])


FROZEN = r"; .*mark the field Frozen\(\)$"
INDEXED = r"or mark the field Indexed\(\), or call"
ASKED: list[tuple[Any, Callable[[Any], object], str, Any]] = [
    (int, lambda model: model.find(x=1).all(), INDEXED, Annotated[int, Indexed()]),
    (list[int], lambda model: model.find(x__contains=1).all(), INDEXED, Annotated[list[int], Indexed()]),
    (
        dict[str, int],
        lambda model: model.find(x__contains_key="a").all(),
        r"mark the field Indexed\(on='keys'\), or call",
        Annotated[dict[str, int], Indexed(on="keys")],
    ),
    (
        dict[str, int],
        lambda model: model.find(model.x["a"] == 1).all(),
        r"mark the field Indexed\(on='entries'\), or call",
        Annotated[dict[str, int], Indexed(on="entries")],
    ),
    (frozenset[int], lambda model: model.find(x={1}).all(), INDEXED, Annotated[frozenset[int], Indexed()]),
    (tuple[int, str], lambda model: model.find(x=(1, "")).all(), INDEXED, Annotated[tuple[int, str], Indexed()]),
    (
        Annotated[Place, Frozen()],
        lambda model: model.find(x=Place()).all(),
        INDEXED,
        Annotated[Place, Frozen(), Indexed()],
    ),
    (
        list[int],
        lambda model: model.find(x=[1]).allow_filtering().all(),
        FROZEN,
        Annotated[list[int], Frozen()],
    ),
    (Place, lambda model: model.find(x=Place()).allow_filtering().all(), FROZEN, Annotated[Place, Frozen()]),
    (
        Annotated[list[float], Vector(2)],
        lambda model: model.find().order_by_ann("x", [1.0, 2.0]).limit(1).all(),
        r"mark the field VectorIndex\(\)$",
        Annotated[list[float], Vector(2), VectorIndex()],
    ),
    (
        Annotated[list[float], Vector(1)],
        lambda model: model.find().order_by_ann("x", [1.0]).limit(1).all(),
        r"mark the field VectorIndex\(similarity_function='EUCLIDEAN'\)$",
        Annotated[list[float], Vector(1), VectorIndex(similarity_function="EUCLIDEAN")],
    ),
]


@pytest.mark.parametrize(("annotation", "ask", "sentence", "offered"), ASKED)
def test_a_query_that_is_refused_is_sent_with_the_marker_that_is_offered(
    annotation: Any, ask: Callable[[Any], object], sentence: str, offered: Any, driver: ScriptedDriver
) -> None:
    with pytest.raises(InvalidQueryError, match=sentence):
        ask(model_with(annotation))
    assert driver.requests == []
    ask(model_with(offered))
    assert len(driver.requests) == 1


LENGTH = CqlDuration(months=1, days=1, nanoseconds=1)


@pytest.mark.usefixtures("driver")
@pytest.mark.parametrize(
    ("annotation", "asked"),
    [
        (CqlDuration, {"x": LENGTH}),
        (dt.timedelta, {"x": dt.timedelta(1)}),
        (list[CqlDuration], {"x__contains": LENGTH}),
        (dict[str, CqlDuration], {"x__contains_key": "a"}),
        (Annotated[list[int], Frozen()], {"x__contains": 1}),
        (Annotated[dict[str, int], Frozen()], {"x__contains_key": "a"}),
    ],
)
def test_an_index_that_cannot_be_or_does_not_serve_is_not_offered(annotation: Any, asked: dict[str, Any]) -> None:
    with pytest.raises(InvalidQueryError, match=r"^(?!.*mark the field).* too, or call \.allow_filtering"):
        model_with(annotation).find(**asked).all()
