"""The tables of types as they are documented: each column's CQL type, and values that come back, with every adapter."""

from __future__ import annotations

import datetime as dt
import ipaddress
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid1, uuid4

import pytest
from pydantic import Field

from coodie.aio import Document
from coodie.fields import (
    Ascii,
    BigInt,
    Double,
    Frozen,
    PrimaryKey,
    SmallInt,
    Time,
    TimeUUID,
    TinyInt,
    VarInt,
)

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = [pytest.mark.node, pytest.mark.every_adapter]
shows = pytest.mark.shows


class Typed(Document):
    id: Annotated[UUID, PrimaryKey()] = Field(default_factory=uuid4)
    text_: str | None = None
    int_: int | None = None
    float_: float | None = None
    boolean_: bool | None = None
    uuid_: UUID | None = None
    timestamp_: dt.datetime | None = None
    date_: dt.date | None = None
    time_: dt.time | None = None
    decimal_: Decimal | None = None
    blob_: bytes | None = None
    inet4_: ipaddress.IPv4Address | None = None
    inet6_: ipaddress.IPv6Address | None = None
    list_: list[int] = []
    set_: set[str] = set()
    map_: dict[str, float] = {}
    tuple_: tuple[int, str] | None = None
    bigint_: Annotated[int, BigInt()] | None = None
    smallint_: Annotated[int, SmallInt()] | None = None
    tinyint_: Annotated[int, TinyInt()] | None = None
    varint_: Annotated[int, VarInt()] | None = None
    double_: Annotated[float, Double()] | None = None
    ascii_: Annotated[str, Ascii()] | None = None
    timeuuid_: Annotated[UUID, TimeUUID()] | None = None
    marked_time_: Annotated[dt.time, Time()] | None = None
    frozen_: Annotated[list[int], Frozen()] = []

    class Settings:
        name = "documented_types"


UTC = dt.timezone.utc


@pytest.mark.parametrize(
    ("field", "cql_type", "values"),
    [
        pytest.param("text_", "text", ["", "it's é\n\U0001f600"], marks=shows("str is text")),
        pytest.param("int_", "int", [-(1 << 31), (1 << 31) - 1], marks=shows("int is int")),
        pytest.param("float_", "float", [0.5, -float(1 << 40)], marks=shows("float is float")),
        pytest.param("boolean_", "boolean", [True, False], marks=shows("bool is boolean")),
        pytest.param("uuid_", "uuid", [uuid4(), UUID(int=0)], marks=shows("UUID is uuid")),
        pytest.param(
            "timestamp_",
            "timestamp",
            [dt.datetime(2026, 2, 3, 4, 5, 6, 789_000, tzinfo=UTC), dt.datetime(1900, 1, 1, tzinfo=UTC)],
            marks=shows("datetime is timestamp"),
        ),
        pytest.param("date_", "date", [dt.date(1, 1, 1), dt.date(9999, 12, 31)], marks=shows("date is date")),
        pytest.param("time_", "time", [dt.time(0), dt.time(23, 59, 59, 999_999)], marks=shows("time is time")),
        pytest.param("decimal_", "decimal", [Decimal("-1.500"), Decimal("1E+3")], marks=shows("Decimal is decimal")),
        pytest.param("blob_", "blob", [b"", bytes(range(256))], marks=shows("bytes is blob")),
        pytest.param("inet4_", "inet", [ipaddress.IPv4Address("10.0.0.1")], marks=shows("IPv4Address is inet")),
        pytest.param("inet6_", "inet", [ipaddress.IPv6Address("2001:db8::1")], marks=shows("IPv6Address is inet")),
        pytest.param("list_", "list<int>", [[3, 1, 3], []], marks=shows("list is list")),
        pytest.param("set_", "set<text>", [{"b", "a"}, set[str]()], marks=shows("set is set")),
        pytest.param("map_", "map<text, float>", [{"a": 0.5, "": 2.0}, {}], marks=shows("dict is map")),
        pytest.param("tuple_", "frozen<tuple<int, text>>", [(1, "a")], marks=shows("tuple is tuple")),
        pytest.param("bigint_", "bigint", [-(1 << 63), (1 << 63) - 1], marks=shows("marker BigInt")),
        pytest.param("smallint_", "smallint", [-(1 << 15), (1 << 15) - 1], marks=shows("marker SmallInt")),
        pytest.param("tinyint_", "tinyint", [-128, 127], marks=shows("marker TinyInt")),
        pytest.param("varint_", "varint", [1 << 200, -(1 << 200)], marks=shows("marker VarInt")),
        pytest.param("double_", "double", [0.1, 5e-324], marks=shows("marker Double")),
        pytest.param("ascii_", "ascii", ["plain"], marks=shows("marker Ascii")),
        pytest.param("timeuuid_", "timeuuid", [uuid1()], marks=shows("marker TimeUUID")),
        pytest.param("marked_time_", "time", [dt.time(1, 2, 3, 4)], marks=shows("marker Time")),
        pytest.param("frozen_", "frozen<list<int>>", [[1, 2], [2]], marks=shows("marker Frozen")),
    ],
)
async def test_a_type_is_its_columns_and_its_values_come_back(
    connection: AbstractDriver, field: str, cql_type: str, values: list[Any]
) -> None:
    await Typed.sync_table()
    told = await connection.execute_one_async(
        "SELECT type FROM system_schema.columns WHERE keyspace_name = ? AND table_name = ? AND column_name = ?",
        [connection.default_keyspace, "documented_types", field],
    )
    assert told == cql_type
    for value in values:
        saved = Typed.model_validate({field: value})
        await saved.save()
        read = await Typed.get(id=saved.id)
        assert getattr(read, field) == value
        assert type(getattr(read, field)) is type(value)
        changed = Typed()
        await changed.save()
        await changed.update(**{field: value})
        assert getattr(await Typed.get(id=changed.id), field) == value
