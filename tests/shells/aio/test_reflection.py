"""Models of tables that are there: the same table and the same rows as the model that made it, on a real node."""

from __future__ import annotations

import asyncio  # sync: use import time
import datetime as dt
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from uuid import UUID, uuid1, uuid4

import pytest
from pydantic import BaseModel, ConfigDict, Field

from coodie.aio import CounterDocument, Document, MaterializedView, reflect_table, using
from coodie.exceptions import ConfigurationError, InvalidModelError, InvalidQueryError, UnknownNameError
from coodie.fields import (
    Ascii,
    BigInt,
    ClusteringKey,
    Counter,
    Double,
    Frozen,
    Indexed,
    PrimaryKey,
    SmallInt,
    Static,
    TimeUUID,
    TinyInt,
    VarInt,
    Vector,
    VectorIndex,
)
from coodie.types import CqlDuration
from coodie.usertype import UserType, extract_udt_classes

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node

UTC = dt.timezone.utc


class Spot(UserType):
    model_config = ConfigDict(frozen=True)

    x: int | None = None
    tags: tuple[str, ...] | None = None

    class Settings:
        type_name = "reflected_spot"


class Home(UserType):
    street: str | None = None
    class_: str | None = Field(default=None, alias="class")
    spots: list[Spot] | None = None
    moment: dt.datetime | None = None

    class Settings:
        type_name = "reflected_home"


class Every(Document):
    """Every type that a column can have, in every place."""

    tenant: Annotated[str, PrimaryKey()]
    day: Annotated[dt.date, PrimaryKey(partition_key_index=1)]
    number: Annotated[int, SmallInt(), ClusteringKey(order="DESC")]
    spot: Annotated[Spot, Frozen(), ClusteringKey(clustering_key_index=1)]
    shared: Annotated[dict[str, int], Static()] = {}
    name: Annotated[str | None, Static(), Indexed()] = None
    text_: str | None = None
    ascii_: Annotated[str, Ascii()] | None = None
    int_: Annotated[int | None, Indexed(index_name="reflected_ints")] = None
    bigint_: Annotated[int, BigInt()] | None = None
    tinyint_: Annotated[int, TinyInt()] | None = None
    varint_: Annotated[int, VarInt()] | None = None
    float_: float | None = None
    double_: Annotated[float, Double()] | None = None
    decimal_: Decimal | None = None
    boolean_: bool | None = None
    blob_: bytes | None = None
    uuid_: UUID | None = None
    timeuuid_: Annotated[UUID, TimeUUID()] | None = None
    inet_: IPv4Address | IPv6Address | None = None
    time_: dt.time | None = None
    timestamp_: dt.datetime | None = None
    duration_: CqlDuration | None = None
    words: Annotated[list[str], Indexed(using="sai")] = []
    marks: set[int] = set()
    by_key: Annotated[dict[str, int], Indexed(on="keys"), Indexed(using="sai", on="entries")] = {}
    whole: Annotated[list[int] | None, Frozen(), Indexed()] = None
    deep: dict[str, list[set[int]]] = {}
    hashed: set[tuple[int, ...]] = set()
    sets: dict[frozenset[str], Decimal] = {}
    pair: tuple[int | None, str | None] | None = None
    near: Annotated[list[float] | None, Vector(3), VectorIndex(similarity_function="DOT_PRODUCT")] = None
    vectors: list[Annotated[list[float], Vector(2)]] = []
    home: Home | None = None
    fixed: Annotated[Home | None, Frozen()] = None
    homes: list[Home] = []
    spots: set[Spot] = set()
    by_spot: dict[Spot, Home] = {}
    label: Annotated[str | None, Indexed(using="sai", case_sensitive=False, normalize=True)] = None
    found: Annotated[str | None, Indexed(using="sasi", mode="CONTAINS", case_sensitive=False)] = None

    class Settings:
        name = "reflected_every"


HOME = {"street": "Via Appia", "class": "b", "spots": [{"x": 1, "tags": ("a",)}], "moment": None}
VALUES: dict[str, Any] = {
    "tenant": "t",
    "day": dt.date(2026, 3, 1),
    "number": 5,
    "spot": {"x": 3, "tags": None},
    "shared": {"a": 1},
    "name": "n",
    "text_": "é",
    "ascii_": "e",
    "int_": -1,
    "bigint_": 1 << 62,
    "tinyint_": -128,
    "varint_": 1 << 100,
    "float_": 0.5,
    "double_": 0.1,
    "decimal_": Decimal("1.50"),
    "boolean_": True,
    "blob_": b"\x00",
    "uuid_": uuid4(),
    "timeuuid_": uuid1(),
    "inet_": IPv6Address("::1"),
    "time_": dt.time(1, 2, 3, 4),
    "timestamp_": dt.datetime(2026, 3, 1, 12, tzinfo=UTC),
    "duration_": CqlDuration(months=1, days=2, nanoseconds=3),
    "words": ["b", "a"],
    "marks": {1, 2},
    "by_key": {"k": 1},
    "whole": [1, 2],
    "deep": {"a": [{1}]},
    "hashed": {(1, 2)},
    "sets": {frozenset({"a"}): Decimal(1)},
    "pair": (1, None),
    "near": [0.5, 1.0, 0.25],
    "vectors": [[0.5, 1.0]],
    "home": HOME,
    "fixed": HOME,
    "homes": [HOME],
    "label": "L",
    "found": "F",
}
ALMOST_NOTHING = {name: VALUES[name] for name in ("tenant", "day", "number", "spot")}


class Visits(CounterDocument):
    page: Annotated[str, PrimaryKey()]
    seen: Annotated[int, Counter()] = 0

    class Settings:
        name = "reflected_visits"


class Parcel(Document):
    id: Annotated[int, PrimaryKey()]
    town: str
    weight: int = 0

    class Settings:
        name = "reflected_parcels"


class ByTown(MaterializedView):
    town: Annotated[str, PrimaryKey()]
    id: Annotated[int, ClusteringKey(order="DESC")]

    class Settings:
        name = "reflected_by_town"
        __base_table__ = "reflected_parcels"
        __view_columns__: ClassVar = ["town", "id"]
        __where_clause__ = "town IS NOT NULL AND id IS NOT NULL AND id > 5"


def plain(value: Any) -> Any:
    """What a document holds, by column, whatever the classes of its user types; what is in no order sorted."""
    parts: Any = value
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        return {info.alias or name: plain(getattr(value, name)) for name, info in sorted(fields.items())}
    if isinstance(value, dict):
        return sorted((repr(plain(key)), plain(each)) for key, each in parts.items())
    if isinstance(value, (set, frozenset)):
        return sorted(repr(plain(each)) for each in parts)
    return [plain(each) for each in parts] if isinstance(value, (list, tuple)) else value


@pytest.fixture
async def every(connection: AbstractDriver) -> type[Any]:
    """The model of a table with everything, which another model has made."""
    await Every.sync_table()
    return await reflect_table("reflected_every")


async def test_the_model_of_a_table_asks_for_nothing_that_is_not_there(every: type[Any]) -> None:
    assert Document in every.__mro__
    assert (every.__name__, every.table_name()) == ("ReflectedEvery", "reflected_every")
    assert await every.sync_table(dry_run=True) == []
    assert await every.sync_table(drop_removed_indexes=True) == []
    assert await Every.sync_table(drop_removed_indexes=True) == []
    assert [each.type_name() for each in extract_udt_classes(every)] == ["reflected_spot", "reflected_home"]


@pytest.mark.parametrize("values", [VALUES, ALMOST_NOTHING])
async def test_rows_that_one_has_written_are_read_by_the_other(every: type[Any], values: dict[str, Any]) -> None:
    for writer, reader in ((Every, every), (every, Every)):
        written = writer.model_validate({**values, "tenant": uuid4().hex})
        held: Any = written.spot
        spot: Any = held.__class__
        written.spots = {spot(x=1), spot(x=2, tags=("b",))}
        written.by_spot = {each: written.home for each in written.spots if written.home is not None}
        await written.save()
        key = {"tenant": written.tenant, "day": written.day, "number": written.number}
        read = await reader.find_one(**key)
        assert plain(read) == plain(written)


async def test_everything_that_is_known_of_the_table_serves(every: type[Any]) -> None:
    tenant = uuid4().hex
    document = every(**{**VALUES, "tenant": tenant, "label": tenant})
    result = await document.insert()
    assert result.applied
    await document.update(append__words="c", add__marks={3}, homes=[{"street": "Ring Rd"}], name="shared")
    found = await every.find(label=tenant.upper()).all()
    assert [each.words for each in found] == [["b", "a", "c"]]
    assert found[0].homes[0].street == "Ring Rd"
    assert found[0].name == "shared"
    assert (await every.find(tenant=tenant, day=VALUES["day"]).order_by("-number").first()).marks == {1, 2, 3}
    assert await every.find(by_key__contains_key="k", tenant=tenant, day=VALUES["day"]).count() == 1
    await document.delete()
    assert await every.find(label=tenant).count() == 0


async def test_a_table_of_counters_is_one(connection: AbstractDriver) -> None:
    await Visits.sync_table()
    counted: type[Any] = await reflect_table("reflected_visits", model_name="Counted")
    assert CounterDocument in counted.__mro__
    assert (counted.__name__, await counted.sync_table()) == ("Counted", [])
    page = uuid4().hex
    await counted.increment(page=page, seen=3)
    assert (await counted.get(page=page)).seen == 3
    assert counted(page="/").seen == 0


async def test_a_view_is_read(connection: AbstractDriver) -> None:
    await Parcel.sync_table()
    await ByTown.sync_view()
    view: type[Any] = await reflect_table("reflected_by_town")
    assert MaterializedView in view.__mro__
    assert await view.sync_table() == []
    town = uuid4().hex
    for number in (3, 7, 9):
        await Parcel(id=number, town=town).save()
    found: list[Any] = []
    for _ in range(100):
        found = await view.find(town=town).all()
        if len(found) == 2:
            break
        await asyncio.sleep(0.05)  # sync: use time.sleep(0.05)
    assert [parcel.id for parcel in found] == [9, 7]
    with pytest.raises(InvalidQueryError, match="ReflectedByTown is a materialized view, which the server writes"):
        await found[0].save()
    await view.drop_view()


STRANGE = """CREATE TABLE IF NOT EXISTS {keyspace}."Strange" (
    "Id" int, "class" text, "unit price" decimal, "_hidden" text, "json" text, "2nd" int, "ttl" int, "größe" int,
    "model_dump_all" int, "self" text, "json_" text, "a""b" text, save frozen<set<int>>,
    PRIMARY KEY ("Id", "unit price")
) WITH CLUSTERING ORDER BY ("unit price" DESC)"""


async def test_columns_that_are_no_names_of_python_are_reached_by_others(
    connection: AbstractDriver, keyspace_of_worker: str
) -> None:
    await connection.execute_async(STRANGE.format(keyspace=keyspace_of_worker), [])
    strange: type[Any] = await reflect_table("Strange")
    assert {name: info.alias or name for name, info in strange.model_fields.items()} == {
        "Id": "Id",
        "unit_price": "unit price",
        "column_2nd": "2nd",
        "hidden": "_hidden",
        "a_b": 'a"b',
        "class_": "class",
        "größe": "größe",
        "json_2": "json",
        "json_": "json_",
        "column_model_dump_all": "model_dump_all",
        "save_": "save",
        "self_": "self",
        "ttl_": "ttl",
    }
    assert await strange.sync_table() == []
    made = strange(Id=1, unit_price=Decimal("1.5"), class_="c", json_2="j", hidden="h", a_b="q", save_={1}, größe=3)
    await made.save()
    assert await strange.get(Id=1, unit_price=Decimal("1.5")) == made
    await made.update(ttl_=5, self_="s")
    found = await strange.find(Id=1, unit_price__lte=2).order_by("unit_price").all()
    assert [(each.ttl_, each.self_, each.save_) for each in found] == [(5, "s", {1})]


async def test_types_that_were_made_by_hand_are_as_they_are(
    connection: AbstractDriver, keyspace_of_worker: str
) -> None:
    for cql in (
        "CREATE TYPE IF NOT EXISTS {keyspace}.reflected_bag (items list<text>, by_name map<text, int>)",
        "CREATE TABLE IF NOT EXISTS {keyspace}.reflected_bags (id int PRIMARY KEY, bag frozen<reflected_bag>)",
        "CREATE TABLE IF NOT EXISTS {keyspace}.reflected_other (id int PRIMARY KEY, bags list<frozen<reflected_bag>>)",
    ):
        await connection.execute_async(cql.format(keyspace=keyspace_of_worker), [])
    bags: type[Any] = await reflect_table("reflected_bags")
    assert await bags.sync_table() == []
    await bags(id=1, bag={"items": ["a"], "by_name": {"b": 1}}).save()
    read = await bags.get(id=1)
    assert (read.bag.items, read.bag.by_name) == (["a"], {"b": 1})
    other: type[Any] = await reflect_table("reflected_other")
    assert await other.create(id=1, bags=[read.bag]) == await other.get(id=1)


async def test_the_place_is_that_of_the_argument_or_of_whoever_uses_the_model(
    connection: AbstractDriver, keyspace_of_worker: str
) -> None:
    local: type[Any] = await reflect_table("local", keyspace="system", model_name="Local")
    assert (await local.get(key="local")).release_version
    await Visits.sync_table()
    visits: type[Any] = await reflect_table("reflected_visits")
    with using(keyspace=keyspace_of_worker):
        assert await visits.find(page=uuid4().hex).count() == 0
    with using(keyspace="system"), pytest.raises(InvalidQueryError, match="reflected_visits"):
        await visits.find(page="/").count()


async def test_what_is_not_there_is_told_with_what_is(connection: AbstractDriver, keyspace_of_worker: str) -> None:
    await Visits.sync_table()
    sentence = f"^keyspace '{keyspace_of_worker}' has no table or view 'reflected_visit'; did you mean 'reflected_v"
    with pytest.raises(UnknownNameError, match=sentence):
        await reflect_table("reflected_visit")
    with pytest.raises(ConfigurationError, match=r"^keyspace 'sistem' does not exist; did you mean 'system'\?$"):
        await reflect_table("local", keyspace="sistem")


async def test_a_column_of_a_type_that_no_field_has_is_named(
    connection: AbstractDriver, keyspace_of_worker: str
) -> None:
    cql = "CREATE TABLE IF NOT EXISTS {keyspace}.reflected_texts (id int PRIMARY KEY, near vector<text, 2>)"
    await connection.execute_async(cql.format(keyspace=keyspace_of_worker), [])
    sentence = r"^ReflectedTexts: column 'near': CQL vector<text, 2>: vectors are of float; write the class by hand and"
    with pytest.raises(InvalidModelError, match=sentence):
        await reflect_table("reflected_texts")
