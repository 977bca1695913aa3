"""Tables, keys, indexes and settings as they are documented, with every adapter on a real node."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated
from uuid import UUID, uuid4

import pytest
from pydantic import Field

from coodie.aio import Document
from coodie.exceptions import InvalidQueryError
from coodie.fields import ClusteringKey, Indexed, PrimaryKey

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver
    from coodie_drivers.testing.keyspaces import Keyspaces

pytestmark = [pytest.mark.node, pytest.mark.every_adapter]
shows = pytest.mark.shows


class Event(Document):
    """A row whose key has another order than the class has."""

    region: Annotated[str, PrimaryKey(partition_key_index=1)]
    tenant: Annotated[str, PrimaryKey(partition_key_index=0)]
    priority: Annotated[int, ClusteringKey(clustering_key_index=1, order="DESC")]
    category: Annotated[str, ClusteringKey(clustering_key_index=0)]
    email: Annotated[str, Indexed()] = ""
    note: str = ""

    class Settings:
        name = "documented_events"


class Visit(Document):
    id: Annotated[UUID, PrimaryKey()] = Field(default_factory=uuid4)
    created_at: Annotated[dt.datetime, ClusteringKey(order="DESC")]

    class Settings:
        name = "documented_visits"


async def columns_of(connection: AbstractDriver, table: str) -> dict[str, tuple[str, int, str]]:
    """What the server says of the columns of a table: the kind, the place in the key, and the order of each."""
    rows = await connection.execute_async(
        "SELECT column_name, kind, position, clustering_order FROM system_schema.columns "
        "WHERE keyspace_name = ? AND table_name = ?",
        [connection.default_keyspace, table],
    )
    return {row["column_name"]: (row["kind"], row["position"], row["clustering_order"]) for row in rows}


@shows("partition key", "partition key of several fields", "clustering key", "several clustering keys")
async def test_the_table_has_the_key_of_its_model(connection: AbstractDriver) -> None:
    await Event.sync_table()
    assert await columns_of(connection, "documented_events") == {
        "tenant": ("partition_key", 0, "none"),
        "region": ("partition_key", 1, "none"),
        "category": ("clustering", 0, "asc"),
        "priority": ("clustering", 1, "desc"),
        "email": ("regular", -1, "none"),
        "note": ("regular", -1, "none"),
    }
    tenant = uuid4().hex
    for category, priority in (("b", 1), ("a", 1), ("a", 2)):
        await Event(tenant=tenant, region="eu", category=category, priority=priority).save()
    found = await Event.find(tenant=tenant, region="eu").all()
    assert [(event.category, event.priority) for event in found] == [("a", 2), ("a", 1), ("b", 1)]
    with pytest.raises(InvalidQueryError, match=r"region|allow_filtering"):
        await Event.find(tenant=tenant).all()


@shows("clustering order")
async def test_rows_lie_in_the_order_of_their_key(connection: AbstractDriver) -> None:
    await Visit.sync_table()
    visit = uuid4()
    moments = [dt.datetime(2026, 1, day, tzinfo=dt.timezone.utc) for day in (2, 3, 1)]
    for moment in moments:
        await Visit(id=visit, created_at=moment).save()
    assert [each.created_at for each in await Visit.find(id=visit).all()] == sorted(moments, reverse=True)
    assert (await columns_of(connection, "documented_visits"))["created_at"] == ("clustering", 0, "desc")


@shows("secondary index")
async def test_an_index_serves_a_query_without_filtering(connection: AbstractDriver) -> None:
    await Event.sync_table()
    event = Event(tenant=uuid4().hex, region="eu", category="a", priority=1, email=uuid4().hex)
    await event.save()
    assert await Event.find(email=event.email).all() == [event]
    with pytest.raises(InvalidQueryError, match=r"allow_filtering\(\)"):
        await Event.find(note="x").all()


async def exists(connection: AbstractDriver, table: str) -> bool:
    return bool(await columns_of(connection, table))


@shows(
    "make the table",
    "make the table again",
    "sync_table: dry_run",
    "sync_table: add columns",
    "sync_table: drop_removed_indexes",
    "settings: name",
    "truncate",
    "drop_table",
)
async def test_the_life_of_a_table(connection: AbstractDriver) -> None:
    table = f"documented_{uuid4().hex[:12]}"

    class First(Document):
        id: Annotated[int, PrimaryKey()]
        email: Annotated[str, Indexed()] = ""

        class Settings:
            name = table

    class Second(Document):
        id: Annotated[int, PrimaryKey()]
        email: str = ""
        note: str | None = None

        class Settings:
            name = table

    assert First.table_name() == table
    planned = await First.sync_table(dry_run=True)
    assert [cql.split()[1] for cql in planned] == ["TABLE", "INDEX"]
    assert not await exists(connection, table)
    assert await First.sync_table() == planned
    assert set(await columns_of(connection, table)) == {"id", "email"}
    assert await First.sync_table() == []
    await First(id=1, email="a@b").save()

    (added,) = await Second.sync_table()
    assert added.endswith("ADD note text")
    assert set(await columns_of(connection, table)) == {"id", "email", "note"}
    assert await Second.get(id=1) == Second(id=1, email="a@b")
    (dropped,) = await Second.sync_table(dry_run=True, drop_removed_indexes=True)
    assert dropped.startswith("DROP INDEX")
    assert await First.find(email="a@b").count() == 1
    assert await Second.sync_table(drop_removed_indexes=True) == [dropped]
    asked = "SELECT index_name FROM system_schema.indexes WHERE keyspace_name = ? AND table_name = ?"
    assert await connection.execute_async(asked, [connection.default_keyspace, table]) == []

    await Second.truncate()
    assert await Second.find().all() == []
    await Second.drop_table()
    assert not await exists(connection, table)


@shows("settings: keyspace")
async def test_a_model_may_name_its_keyspace(connection: AbstractDriver, cql_keyspaces: Keyspaces) -> None:
    with cql_keyspaces.fresh("documented") as other:

        class Elsewhere(Document):
            id: Annotated[int, PrimaryKey()]

            class Settings:
                name = "elsewhere"
                keyspace = other

        await Elsewhere.sync_table()
        await Elsewhere(id=1).save()
        assert await connection.execute_async(f"SELECT id FROM {other}.elsewhere", []) == [{"id": 1}]
        assert await Elsewhere.get(id=1) == Elsewhere(id=1)
