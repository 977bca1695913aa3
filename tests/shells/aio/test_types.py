"""Each documented type comes back from a real node as the same value of the same Python type."""

from __future__ import annotations

import datetime as dt
import json
import math
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID, uuid1, uuid4

import pytest
from pydantic import Field, NaiveDatetime

from coodie.aio import Document
from coodie.exceptions import InvalidQueryError
from coodie.fields import (
    Ascii,
    BigInt,
    ClusteringKey,
    Double,
    Frozen,
    PrimaryKey,
    SmallInt,
    Static,
    Time,
    TimeUUID,
    TinyInt,
    VarInt,
)
from coodie.types import CqlDuration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node

UTC = dt.timezone.utc


class Colour(Enum):
    RED = "red"


class Scalars(Document):
    id: Annotated[UUID, PrimaryKey()] = Field(default_factory=uuid4)
    text_: str | None = None
    int_: int | None = None
    float_: float | None = None
    bool_: bool | None = None
    uuid_: UUID | None = None
    timestamp_: dt.datetime | None = None
    naive_: NaiveDatetime | None = None
    date_: dt.date | None = None
    time_: dt.time | None = None
    decimal_: Decimal | None = None
    blob_: bytes | None = None
    inet4_: IPv4Address | None = None
    inet6_: IPv6Address | None = None
    inet_: IPv4Address | IPv6Address | None = None
    duration_: CqlDuration | None = None
    bigint_: Annotated[int, BigInt()] | None = None
    smallint_: Annotated[int, SmallInt()] | None = None
    tinyint_: Annotated[int, TinyInt()] | None = None
    varint_: Annotated[int, VarInt()] | None = None
    double_: Annotated[float, Double()] | None = None
    ascii_: Annotated[str, Ascii()] | None = None
    timeuuid_: Annotated[UUID, TimeUUID()] | None = None
    marked_time_: Annotated[dt.time, Time()] | None = None
    enum_: Colour | None = None
    literal_: Literal["a", "b"] | None = None

    class Settings:
        name = "scalars"


class Collections(Document):
    id: Annotated[UUID, PrimaryKey()] = Field(default_factory=uuid4)
    list_: list[int] = []
    set_: set[str] = set()
    map_: dict[str, int] = {}
    tuple_: tuple[int, str | None] | None = None
    endless_: tuple[int, ...] = ()
    fixed_: frozenset[UUID] = frozenset()
    frozen_: Annotated[dict[str, float], Frozen()] = {}
    nested_: dict[str, list[set[int]]] = {}
    dates_: list[dt.date] = []
    times_: set[dt.time] = set()
    moments_: dict[dt.datetime, IPv4Address] = {}
    enums_: list[Colour] = []
    durations_: list[CqlDuration] = []
    inets_: set[IPv4Address | IPv6Address] = set()
    pairs_: list[tuple[int, str]] = []
    keyed_: dict[tuple[int, ...], Decimal] = {}

    class Settings:
        name = "collections"


class Keyed(Document):
    """Types as parts of keys, and a static column."""

    day: Annotated[dt.date, PrimaryKey(partition_key_index=0)]
    host: Annotated[IPv4Address, PrimaryKey(partition_key_index=1)]
    moment: Annotated[dt.datetime, ClusteringKey(order="DESC")]
    amount: Annotated[Decimal, ClusteringKey(clustering_key_index=1)]
    parts: Annotated[list[int], ClusteringKey(clustering_key_index=2), Frozen()]
    shared: Annotated[str, Static()] = ""

    class Settings:
        name = "keyed"


SCALARS: list[tuple[str, Any]] = [
    ("text_", ""),
    ("text_", 'it\'s a "test"\n-- /* */ ; \u0000 \U0001f600 é'),
    ("int_", -(1 << 31)),
    ("int_", (1 << 31) - 1),
    ("float_", 0.5),
    ("float_", -math.inf),
    ("bool_", False),
    ("bool_", True),
    ("uuid_", uuid4()),
    ("timestamp_", dt.datetime(1, 1, 1, tzinfo=UTC)),
    ("timestamp_", dt.datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)),
    ("timestamp_", dt.datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)),
    ("naive_", dt.datetime(2026, 2, 28, 1, 2, 3, 4_000)),  # noqa: DTZ001 - what a NaiveDatetime field holds
    ("date_", dt.date(1, 1, 1)),
    ("date_", dt.date(9999, 12, 31)),
    ("time_", dt.time(23, 59, 59, 999_999)),
    ("time_", dt.time(0)),
    ("decimal_", Decimal("-123456789012345678901234567890.000000000012345")),
    ("decimal_", Decimal("1E+3")),
    ("blob_", b""),
    ("blob_", bytes(range(256))),
    ("inet4_", IPv4Address("127.0.0.1")),
    ("inet6_", IPv6Address("2001:db8::1")),
    ("inet_", IPv4Address("127.0.0.1")),
    ("inet_", IPv6Address("::ffff:0:1")),
    ("duration_", CqlDuration(months=14, days=3, nanoseconds=123_456_789)),
    ("duration_", CqlDuration(months=-1, days=-2, nanoseconds=-3)),
    ("bigint_", -(1 << 63)),
    ("smallint_", (1 << 15) - 1),
    ("tinyint_", -128),
    ("varint_", -(1 << 200)),
    ("double_", 0.1),
    ("double_", 5e-324),
    ("ascii_", "plain"),
    ("timeuuid_", uuid1()),
    ("marked_time_", dt.time(1, 2, 3, 4)),
    ("enum_", "red"),
    ("literal_", "b"),
]

COLLECTIONS: dict[str, Any] = {
    "list_": [3, 1, 3],
    "set_": {"b", "a"},
    "map_": {"k": 1, "": 2},
    "tuple_": (1, None),
    "endless_": (3, 2, 1),
    "fixed_": frozenset({UUID(int=1), UUID(int=2)}),
    "frozen_": {"a": 0.5},
    "nested_": {"a": [{1, 2}, set()], "b": []},
    "dates_": [dt.date(2026, 1, 1)],
    "times_": {dt.time(1, 2, 3, 4)},
    "moments_": {dt.datetime(2026, 1, 1, 12, tzinfo=UTC): IPv4Address("10.0.0.1")},
    "enums_": ["red", "red"],
    "durations_": [CqlDuration(months=1, days=0, nanoseconds=0)],
    "inets_": {IPv4Address("10.0.0.1"), IPv6Address("::1")},
    "pairs_": [(1, "a"), (2, "b")],
    "keyed_": {(1, 2): Decimal("1.5")},
}


def types_of(value: object) -> str:
    """A value's type and those of everything in it, as text that can be compared."""
    held: Any = value
    parts: Iterable[object] = ()
    if type(value) is dict:
        parts = held.items()
    elif type(value) in (list, tuple, set, frozenset):
        parts = held
    return f"{type(held).__name__}{sorted(map(types_of, parts))}"


@pytest.fixture
async def tables(connection: AbstractDriver) -> None:
    for model in (Scalars, Collections, Keyed):
        await model.sync_table()


@pytest.mark.usefixtures("tables")
async def test_scalars_come_back_equal_and_of_their_type() -> None:
    for field, value in SCALARS:
        saved = Scalars.model_validate({field: value})
        await saved.save()
        read = await Scalars.get(id=saved.id)
        held = getattr(read, field)
        assert held == value, field
        assert type(held) is type(value), field
        assert read == saved, field
        if field != "blob_":  # JSON has no bytes: Pydantic writes those that are UTF-8
            assert read.model_dump_json() == saved.model_dump_json(), field


@pytest.mark.usefixtures("tables")
async def test_absent_values_come_back_as_none_and_empty_collections_as_empty() -> None:
    saved = Scalars()
    await saved.save()
    assert await Scalars.get(id=saved.id) == saved
    empty = Collections()
    await empty.save()
    read = await Collections.get(id=empty.id)
    assert read == empty
    for field in Collections.model_fields:
        assert type(getattr(read, field)) is type(getattr(empty, field)), field


@pytest.mark.usefixtures("tables")
async def test_not_a_number_comes_back_as_such() -> None:
    saved = Scalars(float_=math.nan, double_=math.nan)
    await saved.save()
    read = await Scalars.get(id=saved.id)
    assert read.float_ is not None
    assert read.double_ is not None
    assert math.isnan(read.float_)
    assert math.isnan(read.double_)


@pytest.mark.usefixtures("tables")
async def test_collections_come_back_equal_and_of_their_types() -> None:
    saved = Collections.model_validate(COLLECTIONS)
    await saved.save()
    read = await Collections.get(id=saved.id)
    assert read == saved
    for field in COLLECTIONS:
        assert types_of(getattr(read, field)) == types_of(getattr(saved, field)), field
    # The server keeps maps in the order of their keys.
    assert json.loads(read.model_dump_json()).keys() == json.loads(saved.model_dump_json()).keys()


@pytest.mark.usefixtures("tables")
async def test_what_was_inserted_or_updated_is_as_right_as_what_was_saved() -> None:
    inserted = Collections.model_validate(COLLECTIONS)
    await inserted.insert()
    assert await Collections.get(id=inserted.id) == inserted
    updated = Collections()
    await updated.save()
    await updated.update(**COLLECTIONS)
    assert updated == await Collections.get(id=updated.id)
    scalars = Scalars()
    await scalars.save()
    for field, value in SCALARS:
        await scalars.update(**{field: value})
    assert scalars == await Scalars.get(id=scalars.id)


@pytest.mark.usefixtures("tables")
async def test_keys_of_many_types_find_their_row() -> None:
    saved = Keyed(
        day=dt.date(2026, 3, 1),
        host=IPv4Address("10.1.2.3"),
        moment=dt.datetime(2026, 3, 1, 12, tzinfo=UTC),
        amount=Decimal("1.50"),
        parts=[1, 2],
        shared="all",
    )
    await saved.save()
    key = {name: getattr(saved, name) for name in ("day", "host", "moment", "amount", "parts")}
    assert await Keyed.get(**key) == saved
    since = await Keyed.find(day=saved.day, host="10.1.2.3", moment__gte=dt.datetime(2026, 1, 1, tzinfo=UTC)).all()
    assert since == [saved]


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("int_", 1 << 31),
        ("smallint_", 1 << 15),
        ("tinyint_", 128),
        ("bigint_", 1 << 63),
        ("float_", 1e39),
        ("decimal_", Decimal("NaN")),
        ("ascii_", "é"),
        ("timeuuid_", uuid4()),
        ("text_", "\ud800"),
    ],
)
async def test_a_value_out_of_range_is_refused_and_nothing_is_written(field: str, value: Any) -> None:
    broken = Scalars()
    setattr(broken, field, value)
    with pytest.raises(InvalidQueryError, match=field):
        await broken.save()
    assert await Scalars.find_one(id=broken.id) is None
