"""What a real node refuses, and how the error names the model and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import pytest

from coodie.aio import AsyncBatchQuery, CounterDocument, Document
from coodie.drivers.cassandra import CassandraDriver
from coodie.exceptions import ConfigurationError, InvalidQueryError, InvalidRequestError, InvalidValueError
from coodie.fields import Counter, PrimaryKey
from coodie_drivers import register_driver, unregister_driver

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class NeverSynced(Document):
    id: Annotated[str, PrimaryKey()]
    size: int = 0

    class Settings:
        name = "never_synced"


class Narrow(Document):
    id: Annotated[str, PrimaryKey()]

    class Settings:
        name = "widths"


class Wide(Narrow):
    size: int | None = None
    label: str = ""


class Hits(CounterDocument):
    url: Annotated[str, PrimaryKey()]
    views: Annotated[int, Counter()] = 0

    class Settings:
        name = "refused_hits"


@pytest.mark.usefixtures("connection")
async def test_a_missing_table_names_sync_table() -> None:
    way_out = r"table never_synced does not exist; NeverSynced\.sync_table\(\) creates the table"
    with pytest.raises(InvalidRequestError, match=way_out):
        await NeverSynced(id="a").save()
    with pytest.raises(InvalidRequestError, match=way_out):
        await NeverSynced.find(id="a").all()
    batch = AsyncBatchQuery()
    await NeverSynced(id="a").save(batch=batch)
    with pytest.raises(InvalidRequestError, match=way_out):
        await batch.execute()


@pytest.mark.usefixtures("connection")
async def test_a_missing_column_names_sync_table_which_adds_it() -> None:
    await Narrow.drop_table()
    await Narrow.sync_table()
    way_out = r"Undefined column name \w+ in table \S+; Wide\.sync_table\(\) adds the columns that the table lacks"
    with pytest.raises(InvalidRequestError, match=way_out):
        await Wide(id="a").save()
    with pytest.raises(InvalidRequestError, match=way_out):
        await Wide.get(id="a")
    await Wide.sync_table()
    wide = Wide(id=str(uuid4()), size=1)
    await wide.save()
    assert await Wide.get(id=wide.id) == wide


@pytest.mark.usefixtures("connection")
async def test_a_value_that_went_wrong_names_the_field() -> None:
    await Wide.sync_table()
    wide = Wide(id="a")
    wide.label = 5  # type: ignore[assignment]  # what the test is about
    for verb in (wide.save, wide.insert):
        with pytest.raises(InvalidValueError, match=r"^Wide\.label: CQL text takes str, not int$"):
            await verb()
    batch = AsyncBatchQuery()
    with pytest.raises(InvalidValueError, match=r"^Wide\.label: CQL text takes str, not int$"):
        await wide.save(batch=batch)


@pytest.mark.usefixtures("connection")
async def test_what_the_server_would_refuse_is_refused_here_as_the_server_would(connection: AbstractDriver) -> None:
    await Wide.sync_table()
    await Hits.sync_table()
    keyspace = connection.default_keyspace
    with pytest.raises(InvalidRequestError, match="Key may not be empty"):
        await connection.execute_async(f"SELECT id FROM {keyspace}.widths WHERE id = ?", [""])
    with pytest.raises(InvalidValueError, match="is the whole partition key and is empty"):
        await Wide.find_one(id="")
    with pytest.raises(InvalidRequestError, match="custom timestamp for counter"):
        await connection.execute_async(
            f"DELETE FROM {keyspace}.refused_hits USING TIMESTAMP ? WHERE url = ?",
            [5, "a"],
        )
    with pytest.raises(InvalidQueryError, match="whose deletes take no timestamp"):
        await Hits(url="a").delete(timestamp=5)
    kept = Wide(id=str(uuid4()))
    await kept.save()
    assert kept in await Wide.find(id__gt="").allow_filtering().all()
    assert await Hits(url="a").delete() is None


async def test_without_a_keyspace_each_verb_says_so(connection: AbstractDriver) -> None:
    assert isinstance(connection, CassandraDriver)
    register_driver("bare", CassandraDriver(connection.session), default=True)
    try:
        for verb in (Narrow(id="a").save, Narrow.find(id="a").all, Narrow.sync_table):
            with pytest.raises(ConfigurationError, match=r"^Narrow has no keyspace; set Settings\.keyspace"):
                await verb()
    finally:
        unregister_driver("bare")
