"""Materialized views as they are documented, with every adapter on a real node."""

from __future__ import annotations

import asyncio  # sync: use import time
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from uuid import UUID, uuid4

import pytest

from coodie.aio import Document, MaterializedView
from coodie.exceptions import InvalidQueryError
from coodie.fields import ClusteringKey, PrimaryKey

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = [pytest.mark.node, pytest.mark.every_adapter]
shows = pytest.mark.shows


class Parcel(Document):
    id: Annotated[UUID, PrimaryKey()]
    weight: Annotated[int, ClusteringKey()]
    town: str | None = None
    note: str | None = None

    class Settings:
        name = "documented_parcels"


class ParcelByTown(MaterializedView):
    town: Annotated[str, PrimaryKey()]
    weight: Annotated[int, ClusteringKey(clustering_key_index=0)]
    id: Annotated[UUID, ClusteringKey(clustering_key_index=1)]

    class Settings:
        name = "documented_parcels_by_town"
        __base_table__ = "documented_parcels"
        __view_columns__: ClassVar = ["town", "weight", "id"]
        __where_clause__ = "town IS NOT NULL AND weight IS NOT NULL AND id IS NOT NULL AND weight > 5"
        __clustering_order__: ClassVar = {"weight": "DESC"}


class WholeParcel(MaterializedView):
    town: Annotated[str, PrimaryKey()]
    id: Annotated[UUID, ClusteringKey(clustering_key_index=0)]
    weight: Annotated[int, ClusteringKey(clustering_key_index=1)]
    note: str | None = None

    class Settings:
        name = "documented_whole_parcels"
        __base_table__ = "documented_parcels"


@pytest.fixture
async def tables(connection: AbstractDriver) -> AbstractDriver:
    await Parcel.sync_table()
    return connection


async def told_of(connection: AbstractDriver, view: str) -> dict[str, Any]:
    """What the server says of a view: its table, and whether it has all columns of it; nothing where there is none."""
    rows = await connection.execute_async(
        "SELECT base_table_name, include_all_columns, where_clause FROM system_schema.views "
        "WHERE keyspace_name = ? AND view_name = ?",
        [connection.default_keyspace, view],
    )
    return rows[0] if rows else {}


async def until(view: type[Any], number: int, town: str) -> list[Any]:
    """Read a view until it has so many rows: the server writes it a little later."""
    found: list[Any] = []
    for _ in range(200):
        found = await view.find(town=town).all()
        if len(found) == number:
            break
        await asyncio.sleep(0.05)  # sync: use time.sleep(0.05)
    return found


@shows("view: sync_view", "view: base table", "view: columns", "view: condition", "view: clustering order")
async def test_a_view_is_as_its_settings_say(tables: AbstractDriver) -> None:
    await ParcelByTown.sync_view()
    await ParcelByTown.sync_view()
    told = await told_of(tables, "documented_parcels_by_town")
    assert (told["base_table_name"], told["include_all_columns"]) == ("documented_parcels", False)
    town = uuid4().hex
    for weight in (3, 7, 9):
        await Parcel(id=uuid4(), town=town, weight=weight, note="x").save()
    found = await until(ParcelByTown, 2, town)
    assert [parcel.weight for parcel in found] == [9, 7]
    assert set(found[0].model_dump()) == {"town", "weight", "id"}


@shows("view: all columns unless said otherwise", "view: condition unless said otherwise")
async def test_a_view_has_every_column_of_every_row_that_has_its_key(tables: AbstractDriver) -> None:
    await WholeParcel.sync_view()
    told = await told_of(tables, "documented_whole_parcels")
    assert told["include_all_columns"] is True
    assert all(f"{column} IS NOT NULL" in told["where_clause"] for column in ("town", "id", "weight"))
    town = uuid4().hex
    parcel = Parcel(id=uuid4(), town=town, weight=1, note="whole")
    await parcel.save()
    await Parcel(id=uuid4(), town=None, weight=1).save()
    assert [each.model_dump() for each in await until(WholeParcel, 1, town)] == [parcel.model_dump()]


@shows("view: drop_view")
async def test_a_view_is_dropped_and_its_table_stays(tables: AbstractDriver) -> None:
    view = f"documented_{uuid4().hex[:12]}"

    class Dropped(MaterializedView):
        town: Annotated[str, PrimaryKey()]
        id: Annotated[UUID, ClusteringKey(clustering_key_index=0)]
        weight: Annotated[int, ClusteringKey(clustering_key_index=1)]

        class Settings:
            name = view
            __base_table__ = "documented_parcels"

    await Dropped.sync_view()
    assert await told_of(tables, view)
    await Dropped.drop_view()
    assert not await told_of(tables, view)
    assert await Parcel.sync_table() == []


@pytest.mark.parametrize(
    ("verb", "options"),
    [
        pytest.param("save", {"ttl": 60}, marks=shows("view: save is refused")),
        pytest.param("insert", {"ttl": 60}, marks=shows("view: insert is refused")),
        pytest.param("delete", {"if_conditions": {"weight__gt": 1}}, marks=shows("view: delete is refused")),
        pytest.param("update", {"note": "x"}, marks=shows("view: update is refused")),
    ],
)
async def test_what_would_write_a_view_is_refused(
    connection: AbstractDriver, verb: str, options: dict[str, Any]
) -> None:
    parcel = ParcelByTown(town="Rome", weight=7, id=uuid4())
    for given in ({}, options):
        with pytest.raises(InvalidQueryError, match="is a materialized view"):
            await getattr(parcel, verb)(**given)
