"""Materialized views: made, read and refused to be written, on the real node."""

from __future__ import annotations

import asyncio  # sync: use import time
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel

from coodie.aio import Document, MaterializedView
from coodie.exceptions import (
    ConfigurationError,
    InvalidModelError,
    InvalidQueryError,
    InvalidRequestError,
    TableConflictError,
)
from coodie.fields import BigInt, ClusteringKey, Indexed, PrimaryKey, Static

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class Parcel(Document):
    id: Annotated[UUID, PrimaryKey()]
    weight: Annotated[int, ClusteringKey()]
    town: str
    note: str | None = None

    class Settings:
        name = "parcels_of_views"


class ParcelByTown(MaterializedView):
    town: Annotated[str, PrimaryKey()]
    weight: Annotated[int, ClusteringKey(clustering_key_index=0)]
    id: Annotated[UUID, ClusteringKey(clustering_key_index=1)]
    note: str | None = None

    class Settings:
        name = "parcels_by_town"
        __base_table__ = "parcels_of_views"
        __view_columns__: ClassVar = ["id", "town", "weight", "note"]
        __where_clause__ = "town IS NOT NULL AND weight IS NOT NULL AND id IS NOT NULL AND weight > 5"
        __clustering_order__: ClassVar = {"weight": "DESC"}


async def until(number: int, town: str) -> list[ParcelByTown]:
    """Read a view until it has so many rows: the server writes it a little later."""
    found: list[ParcelByTown] = []
    for _ in range(100):
        found = await ParcelByTown.find(town=town).all()
        if len(found) == number:
            return found
        await asyncio.sleep(0.05)  # sync: use time.sleep(0.05)
    return found


async def test_a_view_is_made_once_and_read(connection: AbstractDriver) -> None:
    await Parcel.sync_table()
    planned = await ParcelByTown.sync_table(dry_run=True)
    assert await ParcelByTown.sync_table() == planned
    assert len(planned) == 1
    assert "CREATE MATERIALIZED VIEW" in planned[0]
    await ParcelByTown.sync_view()
    assert await ParcelByTown.sync_table() == []
    town = uuid4().hex
    for weight in (3, 7, 9):
        await Parcel(id=uuid4(), town=town, weight=weight).save()
    assert [parcel.weight for parcel in await until(2, town)] == [9, 7]
    first = await ParcelByTown.find(town=town).order_by("weight").first()
    assert first is not None
    assert first.weight == 7
    assert await ParcelByTown.find(town=town, weight__gt=7).count() == 1

    class Other(MaterializedView):
        weight: Annotated[int, PrimaryKey()]
        id: Annotated[UUID, ClusteringKey(clustering_key_index=0)]
        town: Annotated[str, ClusteringKey(clustering_key_index=1)]

        class Settings:
            name = "parcels_by_town"
            __base_table__ = "parcels_of_views"

    with pytest.raises(TableConflictError, match=r"Other.drop_view\(\) and sync_view\(\) make it anew") as raised:
        await Other.sync_view()
    assert str(raised.value).startswith(f"view '{raised.value.keyspace}.parcels_by_town' cannot be changed")
    assert len(raised.value.conflicts) == len(set(raised.value.conflicts))
    await ParcelByTown.drop_view()
    await ParcelByTown.drop_view()
    assert await Other.sync_table(dry_run=True)


async def test_a_view_without_its_table_says_what_to_do(connection: AbstractDriver) -> None:
    class Lost(MaterializedView):
        town: Annotated[str, PrimaryKey()]

        class Settings:
            __base_table__ = "nowhere"

    with pytest.raises(ConfigurationError, match=r"nowhere', of which the view is made, does not exist; create it"):
        await Lost.sync_view()


async def test_a_view_has_the_key_of_its_table_and_one_other_column(connection: AbstractDriver) -> None:
    class Lacking(MaterializedView):
        town: Annotated[str, PrimaryKey()]
        id: Annotated[UUID, ClusteringKey()]

        class Settings:
            __base_table__ = "parcels_of_views"

    class Adding(MaterializedView):
        town: Annotated[str, PrimaryKey()]
        note: Annotated[str, ClusteringKey(clustering_key_index=0)]
        id: Annotated[UUID, ClusteringKey(clustering_key_index=1)]
        weight: Annotated[int, ClusteringKey(clustering_key_index=2)]

        class Settings:
            __base_table__ = "parcels_of_views"

    await Parcel.sync_table()
    lacking = r"^Lacking: the primary key lacks 'weight' of the key of the table '.*'.*: add it as a ClusteringKey\(\)$"
    adding = (
        r"^Adding: the primary key has 'town' and 'note', which are not in .*; a view adds one at most: leave the oth"
    )
    for model, sentence in ((Lacking, lacking), (Adding, adding)):
        for dry_run in (True, False):
            with pytest.raises(ConfigurationError, match=sentence):
                await model.sync_table(dry_run=dry_run)
        with pytest.raises(ConfigurationError, match=sentence):
            await model.sync_view()


REFUSED: dict[str, tuple[Any, ...]] = {
    "save": (),
    "save_json": (),
    "insert": (),
    "delete": (),
    "delete_columns": ("note",),
    "update": (),
    "truncate": (),
    "drop_table": (),
}


@pytest.mark.parametrize("verb", REFUSED)
async def test_what_would_write_a_view_is_refused(connection: AbstractDriver, verb: str) -> None:
    parcel = ParcelByTown(town="Rome", weight=7, id=uuid4())
    with pytest.raises(InvalidQueryError, match=r"is a materialized view"):
        await getattr(parcel, verb)(*REFUSED[verb])
    query = ParcelByTown.find(town="Rome")
    with pytest.raises(InvalidQueryError, match=r"is a materialized view"):
        await query.update(note="x")
    with pytest.raises(InvalidQueryError, match=r"is a materialized view"):
        await query.delete()
    with pytest.raises(InvalidQueryError, match=r"is a materialized view"):
        await query.create(town="a", weight=6, id=uuid4())
    with pytest.raises(InvalidQueryError, match=r"is a materialized view"):
        await query.update_from(parcel)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "a view needs its table"),
        ({"__base_table__": "t", "__view_columns__": "a"}, "is a list of column names"),
        (
            {"__base_table__": "t", "__view_columns__": ["town"]},
            r"field 'id' is none of Settings\.__view_columns__; add",
        ),
        ({"__base_table__": "t", "__clustering_order__": {"town": "DESC"}}, "has no clustering column 'town'"),
        ({"__base_table__": "t", "__clustering_order__": {"id": "down"}}, "is 'ASC' or 'DESC'"),
        ({"__base_table__": "t", "__default_ttl__": 3}, "live as long as those of its table"),
    ],
)
def test_a_wrong_view_is_refused_when_it_is_defined(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidModelError, match=sentence):

        class Wrong(MaterializedView):  # pyright: ignore[reportUnusedClass] - it cannot even be made
            town: Annotated[str, PrimaryKey()]
            id: Annotated[UUID, ClusteringKey()]

            Settings: ClassVar = type("Settings", (), settings)


async def test_a_condition_is_a_condition_and_nothing_more(connection: AbstractDriver) -> None:
    await Parcel.sync_table()
    for clause in ("town IS NOT NULL PRIMARY KEY (id)", "town IS NOT NULL LIMIT 3", "town IS NOT NULL; DROP TABLE t"):

        class Sly(MaterializedView):
            town: Annotated[str, PrimaryKey()]

            class Settings:
                __base_table__ = "parcels_of_views"
                __where_clause__ = clause

        with pytest.raises(InvalidModelError, match="__where_clause__"):
            await Sly.sync_view()


async def test_a_field_that_the_table_lacks_is_named_when_the_view_is_made(connection: AbstractDriver) -> None:
    await Parcel.sync_table()

    class Lacking(MaterializedView):
        town: Annotated[str, PrimaryKey()]
        weight: Annotated[int, ClusteringKey(clustering_key_index=0)]
        id: Annotated[UUID, ClusteringKey(clustering_key_index=1)]
        colour: str = ""

        class Settings:
            name = "parcels_lacking"
            __base_table__ = "parcels_of_views"

    with pytest.raises(
        ConfigurationError, match=r"Lacking\.colour: the table '\w+\.parcels_of_views'.* no column 'colour'"
    ):
        await Lacking.sync_view()


async def test_a_view_without_a_column_is_made_anew_by_its_own_verbs(connection: AbstractDriver) -> None:
    await Parcel.sync_table()

    class Narrow(MaterializedView):
        town: Annotated[str, PrimaryKey()]
        weight: Annotated[int, ClusteringKey(clustering_key_index=0)]
        id: Annotated[UUID, ClusteringKey(clustering_key_index=1)]

        class Settings:
            name = "parcels_narrow"
            __base_table__ = "parcels_of_views"
            __view_columns__: ClassVar = ["town", "weight", "id"]

    class Wider(Narrow):
        colour: str = ""

        class Settings(Narrow.Settings):
            __view_columns__: ClassVar = ["*"]

    await Narrow.sync_view()
    with pytest.raises(
        InvalidRequestError, match=r"colour.*; Wider\.sync_view\(\) creates .*, and drop_view\(\) before"
    ):
        await Wider.find(town="a").all()


async def test_a_field_has_the_type_that_the_table_has(connection: AbstractDriver, keyspace_of_worker: str) -> None:
    await Parcel.sync_table()
    named = keyspace_of_worker

    class Wrong(MaterializedView):
        """Of a keyspace that it names: which model has its table is not known."""

        town: Annotated[str, PrimaryKey()]
        weight: Annotated[int, BigInt(), ClusteringKey(clustering_key_index=0)]
        id: Annotated[UUID, ClusteringKey(clustering_key_index=1)]

        class Settings:
            name = "parcels_of_another_type"
            keyspace = named
            __base_table__ = "parcels_of_views"

    told = (
        r"Wrong\.weight is CQL bigint, and the table '\w+\.parcels_of_views', .* has it as int; give the field the type"
    )
    with pytest.raises(ConfigurationError, match=told):
        await Wrong.sync_view()


def test_an_order_that_is_said_twice_is_said_alike() -> None:
    def ordered(direction: str) -> type[MaterializedView]:
        class Ordered(MaterializedView):
            town: Annotated[str, PrimaryKey()]
            id: Annotated[UUID, ClusteringKey(order="DESC")]

            class Settings:
                __base_table__ = "t"
                __clustering_order__: ClassVar = {"id": direction}

        return Ordered

    assert ordered("DESC").table_name() == "ordered"
    told = r"field 'id' is ClusteringKey\(order='DESC'\), and Settings\.__clustering_order__ says 'ASC'; say it in one"
    with pytest.raises(InvalidModelError, match=told):
        ordered("ASC")


class Shelf(Document):
    id: Annotated[int, PrimaryKey()]
    at: Annotated[int, ClusteringKey(order="DESC")]
    label: Annotated[str, Static()] = ""
    town: str = ""

    class Settings:
        name = "shelves_of_views"


class ShelvesByTown(MaterializedView):
    town: Annotated[str, PrimaryKey()]
    id: Annotated[int, ClusteringKey(clustering_key_index=0)]
    at: Annotated[int, ClusteringKey(clustering_key_index=1)]

    class Settings:
        name = "shelves_by_town"
        __base_table__ = "shelves_of_views"
        __view_columns__: ClassVar = ["town", "id", "at"]


async def test_a_view_has_its_own_order_and_not_that_of_its_table(connection: AbstractDriver) -> None:
    await Shelf.sync_table()
    await ShelvesByTown.drop_view()
    await ShelvesByTown.sync_view()
    assert await ShelvesByTown.sync_table(dry_run=True) == []
    town = uuid4().hex
    for at in (1, 3, 2):
        await Shelf(id=1, at=at, town=town).save()
    found: list[ShelvesByTown] = []
    for _ in range(100):
        found = await ShelvesByTown.find(town=town).all()
        if len(found) == 3:
            break
        await asyncio.sleep(0.05)  # sync: use time.sleep(0.05)
    assert [each.at for each in found] == [1, 2, 3]
    assert [each.at for each in await ShelvesByTown.find(town=town).order_by("-id", "-at").all()] == [3, 2, 1]


async def test_a_view_of_everything_is_of_a_table_without_static_columns(connection: AbstractDriver) -> None:
    await Shelf.sync_table()

    class All(ShelvesByTown):
        class Settings(ShelvesByTown.Settings):
            name = "shelves_of_all"
            __view_columns__: ClassVar = ["*"]

    told = (
        r"All: the table .* has the static column 'label', which no view has; name the columns of the view in Settings"
    )
    with pytest.raises(ConfigurationError, match=told):
        await All.sync_view()


class BoxFields(BaseModel):
    """What table and view have in common: the index is the table's."""

    weight: Annotated[int, Indexed()] = 0
    note: str = ""


class Box(BoxFields, Document):
    id: Annotated[str, PrimaryKey()]
    town: str

    class Settings:
        name = "boxes_with_an_index"


class BoxByTown(BoxFields, MaterializedView):
    town: Annotated[str, PrimaryKey()]
    id: Annotated[str, ClusteringKey()]

    class Settings:
        name = "boxes_by_town"
        __base_table__ = "boxes_with_an_index"


async def test_a_view_has_not_the_index_of_the_fields_that_it_shares(connection: AbstractDriver) -> None:
    await Box.sync_table()
    await BoxByTown.sync_view()
    assert await BoxByTown.sync_table(dry_run=True) == []
    box = Box(id=uuid4().hex, town=uuid4().hex, weight=uuid4().int % 2**31)
    await box.save()
    assert await Box.find(weight=box.weight).all() == [box]
    with pytest.raises(InvalidQueryError, match=r"no key serves 'weight'; .* no view has an index"):
        await BoxByTown.find(weight=box.weight).all()
    found: list[BoxByTown] = []
    for _ in range(100):
        found = await BoxByTown.find(weight=box.weight).allow_filtering().all()
        if found:
            break
        await asyncio.sleep(0.05)  # sync: use time.sleep(0.05)
    assert found == await BoxByTown.find(town=box.town, weight=box.weight).all()
    assert [each.id for each in found] == [box.id]
