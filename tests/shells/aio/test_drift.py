"""Tables that are there and differ from their models: what is added, kept, told and refused, on a real node."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import pytest
from pydantic import create_model

from coodie.aio import Document
from coodie.exceptions import InvalidRequestError, TableConflictError
from coodie.fields import BigInt, ClusteringKey, Discriminator, PrimaryKey, Static

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node

Id = Annotated[int, PrimaryKey()]
At = Annotated[int, ClusteringKey()]


def version(table: str, settings: dict[str, Any] | None = None, **kinds: Any) -> type[Document]:
    """A version of the model of one table."""
    inner = {"__module__": __name__, "__qualname__": "Version.Settings", "name": table, **(settings or {})}
    body: dict[str, Any] = {
        "__module__": __name__,
        "__qualname__": "Version",
        "__annotations__": {},
        "Settings": type("Settings", (), inner),
    }
    metaclass: Any = type(Document)
    base: type[Document] = metaclass("Version", (Document,), body)
    fields: dict[str, Any] = {name: (kind, ...) for name, kind in kinds.items()}
    return create_model("Version", __base__=base, **fields)


@pytest.fixture
async def table(connection: AbstractDriver) -> str:
    """A table with a key of two columns and two columns more."""
    assert connection is not None
    name = f"drift_{uuid4().hex[:8]}"
    await version(name, id=Id, at=At, a=int, b=str).sync_table()
    return name


def told(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What was logged of tables: a client library that another test has used may log its own meanwhile."""
    return [record for record in caplog.records if record.name == "coodie.tables"]


async def test_what_is_lacking_is_added_and_what_is_not_wanted_stays_and_is_told_once(
    table: str, caplog: pytest.LogCaptureFixture
) -> None:
    changed = version(table, id=Id, at=At, a=int, c=list[str])
    with caplog.at_level(logging.WARNING, "coodie.tables"):
        assert [cql.partition(" ADD ")[2] for cql in await changed.sync_table()] == ["c list<text>"]
        assert await changed.sync_table() == []
        await changed.sync_table(dry_run=True)
    assert [record.getMessage().partition(": ")[2] for record in told(caplog)] == [
        (
            f"column 'b' of table '{table}' is not wanted and stays; to drop it with all that is in it: "
            f"ALTER TABLE {record_keyspace(caplog)}.{table} DROP b"
        )
    ]


def record_keyspace(caplog: pytest.LogCaptureFixture) -> str:
    return told(caplog)[0].getMessage().partition(":")[0]


async def test_what_no_statement_changes_is_refused_and_nothing_is_done(table: str) -> None:
    refused: list[tuple[dict[str, Any], str]] = [
        (
            {"id": Id, "at": At, "a": Annotated[int, BigInt()]},
            "column 'a' .* is int and wanted as bigint.*: add a column",
        ),
        ({"id": Id, "at": At, "a": Annotated[int, Static()]}, "column 'a' .* is not static and wanted static"),
        (
            {"id": Annotated[str, PrimaryKey()], "at": At},
            "column 'id' .* is int and wanted as text.*: make another table",
        ),
        ({"id": Id, "a": int}, r"has the clustering key \(at ASC\) and is wanted with \(\); make another table"),
        (
            {"id": Id, "at": Annotated[int, ClusteringKey(order="DESC")]},
            r"has the clustering key \(at ASC\) and is wanted with \(at DESC\)",
        ),
        (
            {"id": Id, "at": Annotated[int, PrimaryKey(partition_key_index=1)]},
            r"has the partition key \(id\) and is wanted with \(id, at\); make another table and copy the rows",
        ),
    ]
    for kinds, sentence in refused:
        changed = version(table, **kinds, new=int)
        for dry_run in (True, False):
            with pytest.raises(TableConflictError, match=sentence):
                await changed.sync_table(dry_run=dry_run)
    assert await version(table, id=Id, at=At, a=int, b=str).sync_table() == []


async def test_options_are_compared_by_meaning(table: str) -> None:
    kinds: dict[str, Any] = {"id": Id, "at": At, "a": int, "b": str}
    options = {"comment": "it's ours", "compaction": {"class": "LeveledCompactionStrategy", "sstable_size_in_mb": 200}}
    wanted = version(table, {"__options__": options, "__default_ttl__": 3600}, **kinds)
    changed = await wanted.sync_table()
    assert any("default_time_to_live = 3600" in cql for cql in changed)
    assert any("sstable_size_in_mb" in cql for cql in changed)
    assert await wanted.sync_table() == []
    spelled = {
        "comment": "it's ours",
        "compaction": {
            "sstable_size_in_mb": "200",
            "class": "org.apache.cassandra.db.compaction.LeveledCompactionStrategy",
        },
    }
    assert await version(table, {"options": spelled, "default_ttl": 3600}, **kinds).sync_table() == []
    assert await version(table, **kinds).sync_table() == []
    other = version(table, {"default_ttl": 0}, **kinds)
    assert [cql.partition(" WITH ")[2] for cql in await other.sync_table()] == ["default_time_to_live = 0"]


async def test_entries_of_options_that_a_model_does_not_say_stay(table: str) -> None:
    kinds: dict[str, Any] = {"id": Id, "at": At, "a": int, "b": str}
    leveled = {"class": "LeveledCompactionStrategy"}

    def compacted(**entries: str) -> Any:
        return version(table, {"options": {"compaction": leveled | entries}}, **kinds)

    await compacted(sstable_size_in_mb="80").sync_table()
    assert await compacted().sync_table() == []
    await compacted(tombstone_threshold="0.5").sync_table()
    assert await compacted(sstable_size_in_mb="80", tombstone_threshold="0.5").sync_table() == []


async def test_entries_that_stay_are_told_where_the_server_refuses_the_rest_beside_them(table: str) -> None:
    kinds: dict[str, Any] = {"id": Id, "at": At, "a": int, "b": str}
    tiered = {"class": "SizeTieredCompactionStrategy"}

    def compacted(**entries: Any) -> type[Document]:
        return version(table, {"options": {"compaction": entries, "comment": "x"}}, **kinds)

    await compacted(**tiered, min_threshold=8, max_threshold=16).sync_table()
    with pytest.raises(
        InvalidRequestError,
        match=r"^Min compaction threshold .got 20. .* max .*; what the options do not say of compaction stays as it is "
        r"in the table \('max_threshold': '16'\): say there what it is to be",
    ) as caught:
        await compacted(**tiered, min_threshold=20).sync_table()
    assert caught.value.outcome == "not_applied"
    await compacted(**tiered, min_threshold=20, max_threshold=32).sync_table()
    with pytest.raises(InvalidRequestError) as alone:
        await compacted(**tiered, min_threshold=40, max_threshold=32).sync_table()
    assert "stays" not in str(alone.value)
    # Of another class none of them stays.
    await compacted(**{"class": "TimeWindowCompactionStrategy"}, min_threshold=40, max_threshold=50).sync_table()


async def test_a_family_has_one_table(connection: AbstractDriver) -> None:
    assert connection is not None

    class Vehicle(Document):
        id: Id
        kind: Annotated[str, Discriminator()] = ""

        class Settings:
            name = f"vehicles_{uuid4().hex[:8]}"

    class Car(Vehicle):
        doors: int = 4

        class Settings(Vehicle.Settings):
            discriminator_value = "car"

    assert len(await Car.sync_table()) == 1

    class Bike(Vehicle):
        bell: bool = True

        class Settings(Vehicle.Settings):
            discriminator_value = "bike"

    assert [cql.partition(" ADD ")[2] for cql in await Vehicle.sync_table()] == ["bell boolean"]
    assert await Bike.sync_table() == []
    await Bike(id=1).save()
    await Car(id=2, doors=3).save()
    assert await Bike.get(id=1) == Bike(id=1)
    assert (await Vehicle.get(id=2)).kind == "car"
    await Vehicle.drop_table()
