"""Statements by hand, documents written as JSON, and rows that are documents later."""

from __future__ import annotations

import datetime as dt
import ipaddress
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated
from uuid import UUID, uuid4

import pytest

from coodie import CqlDuration, LazyDocument
from coodie.aio import AsyncBatchQuery, Document, execute_raw
from coodie.exceptions import InvalidQueryError, InvalidRequestError
from coodie.fields import BigInt, Double, Frozen, PrimaryKey, TimeUUID, VarInt
from coodie.usertype import UserType

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class Everything(Document):
    id: Annotated[UUID, PrimaryKey()]
    text: str = 'a "quoted" \u00e9\U0001f600\n line'
    whole: int = -3
    big: Annotated[int, BigInt()] = 2**62
    vast: Annotated[int, VarInt()] = 10**40
    part: float = 0.5
    exact: Annotated[float, Double()] = 0.1
    yes: bool = True
    moment: dt.datetime = dt.datetime(2024, 2, 3, 4, 5, 6, 789_000, tzinfo=dt.timezone.utc)
    day: dt.date = dt.date(1969, 12, 31)
    clock: dt.time = dt.time(23, 59, 59, 999_999)
    price: Decimal = Decimal("12.3400")
    blob: bytes = b"\x00\xff"
    host: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address("::1")
    made: Annotated[UUID, TimeUUID()] = UUID("12345678-1234-1234-8234-123456789abc")
    lasting: CqlDuration = CqlDuration(1, 2, 3_000_000)
    names: list[str] = ["x", "y"]
    numbers: set[int] = {1, 2}
    by_day: dict[dt.date, bytes] = {dt.date(2024, 1, 1): b"\x01"}
    pair: tuple[int, str | None] = (1, None)
    nested: dict[int, list[float]] = {1: [0.5, 1.5]}
    Missing: str | None = None

    class Settings:
        name = "everything_as_json"


async def test_save_json_writes_what_save_writes(connection: AbstractDriver) -> None:
    await Everything.sync_table()
    document = Everything(id=uuid4(), exact=float("-inf"))
    await document.save_json(ttl=500)
    assert await Everything.get(id=document.id) == document
    assert 0 < await Everything.find(id=document.id).column_ttl("text") <= 500
    document.Missing, document.text = "there", "changed"
    await document.save_json(timestamp=2**50)
    fresh = await Everything.get(id=document.id)
    assert fresh.text != "changed"  # it is older than what was written before
    await document.save()
    document.Missing = None
    await document.save_json()
    assert await Everything.get(id=document.id) == document
    some = await Everything.find(id=document.id).only("whole").first()
    assert some is not None
    some.whole = 9
    await some.save_json()
    assert (await Everything.get(id=document.id)).model_dump() == {**document.model_dump(), "whole": 9}


class Street(UserType):
    name: str
    Number: int = 1
    built: dt.date | None = None

    class Settings:
        type_name = "street_as_json"


class Place(UserType):
    street: Street
    Width: dict[str, bytes] = {}
    order: list[Street] = []
    price: Decimal | None = None

    class Settings:
        type_name = "place_as_json"


class Journey(Document):
    id: Annotated[UUID, PrimaryKey()]
    start: Place | None = None
    stops: list[Place] = []
    by_name: dict[str, Street] = {}
    pair: tuple[int, Street] | None = None
    fixed: Annotated[Street | None, Frozen()] = None

    class Settings:
        name = "journey_as_json"


async def test_save_json_writes_user_types(connection: AbstractDriver) -> None:
    await Journey.sync_table()
    street = Street(name='a "quoted" one', Number=2, built=dt.date(1969, 12, 31))
    place = Place(street=street, Width={"x": b"\xff"}, order=[street, Street(name="b")], price=Decimal("1.50"))
    journey = Journey(id=uuid4(), start=place, stops=[place], by_name={"a": street}, pair=(1, street), fixed=street)
    await journey.save_json()
    assert await Journey.get(id=journey.id) == journey
    journey.start = journey.fixed = None
    await journey.save_json()
    assert await Journey.get(id=journey.id) == journey


class Extreme(Document):
    id: Annotated[int, PrimaryKey()]
    at: dt.datetime | None = None
    moments: list[dt.datetime] = []
    by_moment: dict[dt.datetime, int] = {}
    pair: tuple[dt.datetime, int] | None = None
    vast: Annotated[int | None, VarInt()] = None
    many: Annotated[set[Annotated[int, VarInt()]], Frozen()] = set()
    by_vast: dict[Annotated[int, VarInt()], int] = {}
    host: ipaddress.IPv6Address | None = None

    class Settings:
        name = "extreme_as_json"


EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
LATEST = dt.datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=dt.timezone.utc)
MILLISECOND = dt.timedelta(milliseconds=1)
VAST = [2**63, -(2**63) - 1, 10**1_001, -(10**1_001), 10**5_000 + 1]


@pytest.mark.parametrize(
    "moment",
    [
        EPOCH,
        EPOCH + MILLISECOND,
        EPOCH - MILLISECOND,
        EPOCH + (2**31 - 1) * MILLISECOND,
        EPOCH + 2**31 * MILLISECOND,
        EPOCH - (2**31 + 1) * MILLISECOND,
        dt.datetime(1, 1, 1, tzinfo=dt.timezone.utc),
        LATEST,
    ],
)
async def test_save_json_writes_any_moment(connection: AbstractDriver, moment: dt.datetime) -> None:
    await Extreme.sync_table()
    extreme = Extreme(id=1, at=moment, moments=[moment], by_moment={moment: 1}, pair=(moment, 1))
    await extreme.save_json()
    assert await Extreme.get(id=1) == extreme


@pytest.mark.parametrize(
    "number",
    [2**63, -(2**63) - 1, 10**1_001, -(10**1_001), 10**5_000 + 1],
    ids=lambda each: f"{each.bit_length()} bits",
)
async def test_save_json_writes_any_whole_number(connection: AbstractDriver, number: int) -> None:
    await Extreme.sync_table()
    extreme = Extreme(id=2, vast=number, many={number, 1}, by_vast={number: 1})
    await extreme.save_json()
    assert (await Extreme.get(id=2)) == extreme


async def test_save_json_writes_ipv6_addresses(connection: AbstractDriver) -> None:
    await Extreme.sync_table()
    for host in ("::1", "fe80::1", "::", "64:ff9b::1.2.3.4", "::1.2.3.4", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"):
        extreme = Extreme(id=3, host=ipaddress.IPv6Address(host))
        await extreme.save_json()
        assert await Extreme.get(id=3) == extreme


async def test_raw_statements_return_dicts_of_every_page(connection: AbstractDriver) -> None:
    await Everything.sync_table()
    made = await Everything.create(id=uuid4(), whole=41)
    keyspace = str(getattr(connection, "default_keyspace", ""))
    text = f"SELECT id, whole FROM {keyspace}.everything_as_json WHERE id = ?"
    rows = await execute_raw(text, [made.id])  # pyright: ignore[reportArgumentType] - put together, which only a test may do
    assert rows == [{"id": made.id, "whole": 41}]
    assert await execute_raw("SELECT key FROM system.local") == [{"key": "local"}]
    with pytest.raises(InvalidQueryError, match="takes a list of values"):
        await execute_raw("SELECT key FROM system.local WHERE key = ?", "local")


async def test_a_statement_without_a_keyspace_is_told_to_name_it(connection: AbstractDriver) -> None:
    await Everything.sync_table()
    sentence = r"^No keyspace has been specified: name it in the statement \(SELECT … FROM shop\.products\), "
    with pytest.raises(InvalidRequestError, match=sentence) as caught:
        await execute_raw("SELECT id FROM everything_as_json")
    assert caught.value.outcome == "not_applied"
    batch = AsyncBatchQuery()
    batch.add("INSERT INTO everything_as_json (id) VALUES (?)", [uuid4()])
    with pytest.raises(InvalidRequestError, match=sentence):
        await batch.execute()


async def test_lazy_documents_are_made_when_they_are_looked_at(connection: AbstractDriver) -> None:
    await Everything.sync_table()
    made = await Everything.create(id=uuid4())
    (lazy,) = await Everything.find(id=made.id).all(lazy=True)
    assert isinstance(lazy, LazyDocument)
    assert (lazy.resolve(), lazy.text, repr(lazy)) == (made, made.text, repr(made))
    assert lazy == made
    lazy.whole = 8
    assert lazy.resolve().whole == 8
