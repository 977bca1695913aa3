"""What is sorted here is sorted as a server sorts clustering columns of the same type: seen on the real node."""

from __future__ import annotations

import datetime as dt
import ipaddress
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import create_model

from coodie.aio import Document, execute_raw
from coodie.fields import Ascii, BigInt, ClusteringKey, Double, Frozen, PrimaryKey, TimeUUID, VarInt, Vector
from coodie.usertype import UserType
from cql_values import STRATEGIES

pytestmark = pytest.mark.node


class Spot(UserType):
    seen: Annotated[UUID, TimeUUID()] | None = None
    heat: float | None = None

    class Settings:
        __type_name__ = "spot_of_orders"


def collected(strategy: st.SearchStrategy[Any], count: int = 60) -> list[Any]:
    """Values of a strategy, as Hypothesis goes about it: the odd ones and some that are much alike."""
    found: list[Any] = []
    quick = settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )

    @quick
    @given(strategy)
    def collect(value: Any) -> None:
        found.append(value)

    collect()
    return found


def of_moment(given: tuple[int, int]) -> UUID:
    moment, rest = given
    return UUID(int=moment << 96 | 0x0001_11EE << 64 | rest)


ANY_UUID = STRATEGIES["uuid"] | STRATEGIES["timeuuid"] | st.uuids(version=4) | st.uuids(version=3)
FEW_MOMENTS = st.tuples(st.integers(0, 2), st.integers(0x8000_0000_0000_0000, 0xBFFF_FFFF_FFFF_FFFF)).map(of_moment)
TIME_UUID = STRATEGIES["timeuuid"] | FEW_MOMENTS
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.text("a\uffff\U0001f600", max_size=4)

TYPES: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "text": (str, TEXT),
    "ascii": (Annotated[str, Ascii()], STRATEGIES["ascii"]),
    "blob": (bytes, st.binary(max_size=4)),
    "boolean": (bool, STRATEGIES["boolean"]),
    "int": (int, STRATEGIES["int"]),
    "bigint": (Annotated[int, BigInt()], STRATEGIES["bigint"]),
    "varint": (Annotated[int, VarInt()], STRATEGIES["varint"]),
    "decimal": (Decimal, st.decimals(-100, 100, places=2) | st.decimals(allow_nan=False, allow_infinity=False)),
    "float": (float, STRATEGIES["float"] | st.sampled_from([0.0, -0.0])),
    "double": (Annotated[float, Double()], STRATEGIES["double"] | st.sampled_from([0.0, -0.0])),
    "uuid": (UUID, ANY_UUID),
    "timeuuid": (Annotated[UUID, TimeUUID()], TIME_UUID),
    "date": (dt.date, st.dates()),
    "time": (dt.time, STRATEGIES["time"]),
    "timestamp": (dt.datetime, STRATEGIES["timestamp"]),
    "inet": (ipaddress.IPv4Address | ipaddress.IPv6Address, STRATEGIES["inet"]),
    "tuple": (
        tuple[Annotated[UUID, TimeUUID()] | None, float | None, str | None],
        st.tuples(
            st.none() | TIME_UUID, st.none() | st.sampled_from([0.0, -0.0, 1.5]), st.none() | st.sampled_from("ab")
        ),
    ),
    "list_of_uuids": (tuple[UUID, ...], st.lists(ANY_UUID | st.just(UUID(int=5)), max_size=3).map(tuple)),
    "list_of_texts": (tuple[str, ...], st.lists(st.sampled_from("abc"), max_size=3).map(tuple)),
    "user_type": (
        Annotated[Spot, Frozen()],
        st.builds(Spot, seen=st.none() | TIME_UUID, heat=st.none() | st.sampled_from([0.0, -0.0, 1.5])),
    ),
    "vector": (
        Annotated[list[float], Vector(2)],
        st.lists(st.sampled_from([0.0, -0.0, 1.5, -2.5]), min_size=2, max_size=2),
    ),
}


@pytest.mark.usefixtures("connection")
@pytest.mark.parametrize("kind", TYPES)
async def test_a_column_is_sorted_here_as_a_clustering_column_of_its_type_by_the_server(kind: str) -> None:
    annotation, strategy = TYPES[kind]
    making: Any = create_model  # whose annotations no type checker knows
    model = making(
        f"OrderOf{kind.title().replace('_', '')}",
        __base__=Document,
        room=(Annotated[UUID, PrimaryKey()], ...),
        key=(Annotated[annotation, ClusteringKey()], ...),
        value=(annotation, ...),
    )
    await model.sync_table()
    room = uuid4()
    values = collected(strategy)
    for value in values:
        await model(room=room, key=value, value=value).save()
    of_room = model.find(room=room).values_list("key", flat=True)
    for sign in ("", "-"):
        by_server = await of_room.order_by(f"{sign}key").all()
        here = await of_room.order_by(f"{sign}value").all()
        assert list(map(repr, here)) == list(map(repr, by_server))


class Weather(Document):
    room: Annotated[UUID, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    heat: float | None = None
    depth: Annotated[float, Double()] = 0.0

    class Settings:
        name = "weather_of_orders"


@pytest.mark.usefixtures("connection")
async def test_what_is_no_number_is_the_greatest_and_null_the_last(keyspace_of_worker: str) -> None:
    await Weather.sync_table()
    room, nan = uuid4(), float("nan")
    for number, heat in enumerate([1.0, nan, -1.0, None, float("inf"), nan, 0.0]):
        await Weather(room=room, number=number, heat=heat, depth=heat or 0.0).save()
    numbers = Weather.find(room=room).values_list("number", flat=True)
    assert await numbers.order_by("heat").all() == [2, 6, 0, 4, 1, 5, 3]
    assert await numbers.order_by("-heat").all() == [1, 5, 4, 0, 6, 2, 3]
    assert await numbers.order_by("depth", "-number").all() == [2, 6, 3, 0, 4, 5, 1]
    assert await numbers.order_by("heat").first() == 2
    # The server's own order of them: the mapper refuses a key that is no number.
    table = f"{keyspace_of_worker}.heats_of_orders"
    execute: Any = execute_raw
    await execute(f"CREATE TABLE IF NOT EXISTS {table} (room uuid, heat float, PRIMARY KEY (room, heat))")
    for written in ("NaN", "1.0", "Infinity", "-1.0"):
        await execute(f"INSERT INTO {table} (room, heat) VALUES ({room}, {written})")
    rows = await execute(f"SELECT heat FROM {table} WHERE room = {room}")
    assert list(map(repr, [row["heat"] for row in rows])) == ["-1.0", "1.0", "inf", "nan"]
