"""Tokens of keys and bounds of moments, as the real node has them."""

from __future__ import annotations

import datetime as dt
import ipaddress
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid1, uuid4

import pytest
from pydantic import create_model

from coodie import MaxTimeUUID, MinTimeUUID, Token
from coodie.aio import Document
from coodie.fields import BigInt, ClusteringKey, Double, Frozen, PrimaryKey, SmallInt, TimeUUID, TinyInt, VarInt

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node

KEYS: dict[str, tuple[Any, list[Any]]] = {
    "text": (str, ["Rome", "ä" * 40]),
    "day": (dt.date, [dt.date(2026, 3, 1), dt.date(1901, 1, 1)]),
    "number": (Annotated[int, BigInt()], [-5, 1 << 40]),
    "small": (Annotated[int, SmallInt()], [-5, 300]),
    "tiny": (Annotated[int, TinyInt()], [-128, 127]),
    "large": (Annotated[int, VarInt()], [-129, 1 << 100]),
    "flag": (bool, [True, False]),
    "plain": (float, [1.5, -0.0]),
    "exact": (Annotated[float, Double()], [1.1, float("inf")]),
    "decimal": (Decimal, [Decimal("-1.50"), Decimal("1E+3")]),
    "data": (bytes, [b"\x00\xff" * 9, b"\x80" * 15]),
    "key": (UUID, [uuid4(), UUID(int=1)]),
    "at": (dt.datetime, [dt.datetime(1969, 1, 1, 0, 0, 0, 999, tzinfo=dt.timezone.utc), dt.datetime(2026, 1, 1)]),  # noqa: DTZ001
    "time": (dt.time, [dt.time(23, 59, 59, 999_999), dt.time(0)]),
    "address": (ipaddress.IPv6Address, [ipaddress.IPv6Address("::1"), ipaddress.IPv6Address("fe80::1")]),
    "places": (Annotated[list[int], Frozen()], [[1, 2], []]),
    "pair": (tuple[int | None, str], [(None, "a"), (1, "")]),
}


class Event(Document):
    room: Annotated[str, PrimaryKey()]
    id: Annotated[UUID, TimeUUID(), ClusteringKey()]

    class Settings:
        name = "events_by_timeuuid"


PARTLY: Any = Annotated
"""What type checkers do not look into: the types of keys are values here."""


def model_of(name: str, fields: dict[str, Any]) -> Any:
    """Make a model of these required fields."""
    given: dict[str, Any] = {field: (kind, ...) for field, kind in fields.items()}
    return create_model(name, __base__=Document, **given)


async def test_the_token_of_a_key_is_the_servers(connection: AbstractDriver) -> None:
    keyed = enumerate(KEYS.items())
    kinds = {name: PARTLY[kind, PrimaryKey(partition_key_index=at)] for at, (name, (kind, _)) in keyed}
    model = model_of("KeysWithTokens", kinds)
    await model.sync_table()
    for at in range(2):
        values = {name: given[at] for name, (_, given) in KEYS.items()}
        document = model(**values)
        await document.save()
        rows = await model.find(**values).values_list("text").select_token().all()
        token = rows[0][-1]
        here = Token(*values.values())
        between = model.find(pk__token__gte=here, pk__token__lte=here)
        assert await between.values_list("text").select_token().all() == [(values["text"], token)]
        assert await model.find(pk__token__gt=token - 1, pk__token__lt=here).count() == 0


async def test_the_token_of_one_column_is_the_servers(connection: AbstractDriver) -> None:
    for name, (kind, given) in KEYS.items():
        if name not in ("text", "data", "pair", "decimal"):  # the others differ in nothing, and each costs a table
            continue
        model = model_of(f"OneKeyOf{name}", {"value": PARTLY[kind, PrimaryKey()]})
        await model.sync_table()
        for value in given:
            await model(value=value).save()
            assert await model.find(value__token__gte=Token(value), value__token__lte=Token(value)).count() == 1


async def test_bounds_hold_every_timeuuid_of_their_moments(connection: AbstractDriver) -> None:
    await Event.sync_table()
    room = uuid4().hex
    for clock in (0, 1, 0x3FFF):
        await Event(room=room, id=uuid1(0xFFFF_FFFF_FFFF, clock)).save()
        await Event(room=room, id=uuid1(0x8080_8080_8080, clock)).save()
    found = await Event.find(room=room).all()
    first = dt.datetime(1582, 10, 15, tzinfo=dt.timezone.utc)
    moments = [first + dt.timedelta(microseconds=each.id.time // 10) for each in found]
    inside = Event.find(room=room, id__gte=MinTimeUUID(min(moments)), id__lte=MaxTimeUUID(max(moments)))
    assert await inside.count() == 6
    assert await Event.find(room=room, id__lt=MinTimeUUID(min(moments))).count() == 0
    assert await Event.find(room=room, id__gt=MaxTimeUUID(max(moments))).count() == 0
    for each, moment in zip(found, moments, strict=True):
        own = await Event.find(room=room, id__gte=MinTimeUUID(moment), id__lte=MaxTimeUUID(moment)).all()
        assert each in own
