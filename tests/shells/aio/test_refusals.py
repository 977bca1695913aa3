"""What a real node refuses, and how the error names the model and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import pytest

from coodie.aio import AsyncBatchQuery, CounterDocument, Document, MaterializedView, init_coodie, using
from coodie.exceptions import (
    BatchTooLargeError,
    ConfigurationError,
    InvalidModelError,
    InvalidQueryError,
    InvalidRequestError,
    InvalidValueError,
)
from coodie.fields import ClusteringKey, Counter, Indexed, PrimaryKey
from coodie.usertype import UserType
from coodie_drivers import set_default, unregister_driver

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver
    from coodie_drivers.testing import CqlCluster

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


class Elsewhere(Document):
    id: Annotated[str, PrimaryKey()]

    class Settings:
        keyspace = "never_created"


@pytest.mark.usefixtures("connection")
async def test_a_missing_keyspace_names_create_keyspace() -> None:
    way_out = (
        r'does not exist; create_keyspace\("never_created"\) creates it, then Elsewhere\.sync_table\(\) the table$'
    )
    for verb in (Elsewhere(id="a").save, Elsewhere.find(id="a").all, Elsewhere.truncate):
        with pytest.raises(InvalidRequestError, match=way_out):
            await verb()


class WithCapitals(Document):
    id: Annotated[str, PrimaryKey()]

    class Settings:
        keyspace = "Never_Created"


@pytest.mark.usefixtures("connection")
async def test_a_missing_keyspace_with_capitals_is_created_by_what_the_error_says() -> None:
    way_out = r'create_keyspace\("Never_Created"\) creates it'
    for verb in (WithCapitals(id="a").save, WithCapitals.find(id="a").all, WithCapitals.find().count):
        with pytest.raises(InvalidRequestError, match=way_out):
            await verb()
    with pytest.raises(ConfigurationError, match=rf"^WithCapitals: keyspace 'Never_Created' does not exist; {way_out}"):
        await WithCapitals.sync_table()


class Home(UserType):
    street: str = ""


class WithType(Document):
    id: Annotated[str, PrimaryKey()]
    home: Home | None = None

    class Settings:
        keyspace = "never_created"


class ByStreet(MaterializedView):
    street: Annotated[str, PrimaryKey()]
    id: Annotated[str, ClusteringKey()]

    class Settings:
        keyspace = "never_created"
        __base_table__ = "elsewhere"


@pytest.mark.usefixtures("connection")
@pytest.mark.parametrize("dry_run", [False, True])
async def test_nothing_is_made_in_a_missing_keyspace_and_each_kind_says_how_to_create_it(dry_run: bool) -> None:
    way_out = r"keyspace 'never_created' does not exist; create_keyspace\(.never_created.\) creates it, for more"
    for model in (Elsewhere, WithType, ByStreet):
        with pytest.raises(ConfigurationError, match=rf"^{model.__name__}: {way_out}"):
            await model.sync_table(dry_run)
    with pytest.raises(ConfigurationError, match=rf"^Home: {way_out}"):
        await Home.sync_type_async("never_created", dry_run)  # sync: use Home.sync_type("never_created", dry_run)
    with pytest.raises(ConfigurationError, match=rf"^Home: {way_out}"), using(keyspace="never_created"):
        await Home.sync_type_async(dry_run=dry_run)  # sync: use Home.sync_type(dry_run=dry_run)


class Large(Document):
    id: Annotated[str, PrimaryKey()]
    text: str = ""

    class Settings:
        name = "large_rows"


@pytest.mark.usefixtures("connection")
async def test_a_batch_that_is_too_large_says_what_to_do() -> None:
    await Large.sync_table()
    batch = AsyncBatchQuery()
    for number in range(100):
        await Large(id=str(number), text="x" * 10_000).save(batch=batch)
    many = r"^Batch too large; write many rows by save_many\(\), .* batch_size_fail_threshold"
    with pytest.raises(BatchTooLargeError, match=many) as caught:
        await batch.execute()
    assert (caught.value.outcome, isinstance(caught.value, InvalidRequestError)) == ("not_applied", True)
    assert await Large.find().count() == 0


@pytest.mark.usefixtures("connection")
async def test_an_index_on_the_whole_partition_key_is_refused_here_as_the_server_would(
    connection: AbstractDriver,
) -> None:
    await Large.sync_table()
    with pytest.raises(InvalidRequestError, match="Cannot create secondary index on the only partition key column"):
        await connection.execute_async(f"CREATE INDEX ON {connection.default_keyspace}.large_rows (id)", [])
    with pytest.raises(InvalidModelError, match="is the whole partition key, which is found without an index"):

        class Indexing(Document):  # pyright: ignore[reportUnusedClass]
            id: Annotated[str, PrimaryKey(), Indexed()]


@pytest.mark.usefixtures("connection")
async def test_a_text_that_cannot_be_sent_names_the_field() -> None:
    await Wide.sync_table()
    wide = Wide(id="a")
    for verb in (
        lambda: wide.update(label="\ud800"),
        lambda: wide.update(size=1, if_conditions={"label": "\ud800"}),
        lambda: Wide.find(id="a", label="\ud800").all(),
        lambda: Wide.find(id="a", label__in=["\ud800"]).count(),
    ):
        with pytest.raises(InvalidValueError, match=r"^Wide\.label: the text holds half of a surrogate pair"):
            await verb()


@pytest.mark.usefixtures("connection")
async def test_a_pattern_needs_an_index_of_its_own() -> None:
    await Wide.sync_table()
    with pytest.raises(
        InvalidRequestError, match=r"; mark the field of 'label' Indexed\(using='sasi', mode='CONTAINS'\)"
    ):
        await Wide.find(id="a", label__like="a%").all()


@pytest.mark.parametrize(
    ("where", "values", "lookups"),
    [
        ("label = ? AND label = ?", ["a", "b"], ({"label": "a"}, {"label": "b"})),
        ("label IN ? AND label > ?", [["a"], "b"], ({"label__in": ["a"]}, {"label__gt": "b"})),
        ("size > ? AND size >= ?", [1, 2], ({"size__gt": 1}, {"size__gte": 2})),
        ("token(id) < ? AND token(id) < ?", [1, 2], ({"id__token__lt": 1}, {"id__token__lte": 2})),
    ],
)
async def test_two_comparisons_are_refused_here_as_the_server_would(
    where: str, values: list[object], lookups: tuple[dict[str, object], dict[str, object]], connection: AbstractDriver
) -> None:
    await Wide.sync_table()
    text = f"SELECT id FROM {connection.default_keyspace}.widths WHERE {where} ALLOW FILTERING"
    with pytest.raises(InvalidRequestError, match=r"more than one relation|More than one restriction"):
        await connection.execute_async(text, values)
    first, then = lookups
    with pytest.raises(InvalidQueryError, match=r"^Wide\.\w+ (is compared twice|has two (lower|upper) bounds)"):
        await Wide.find(**first).filter(**then).allow_filtering().all()


@pytest.mark.usefixtures("connection")
async def test_a_batch_that_was_refused_can_be_executed_again() -> None:
    class Pages(Document):
        id: Annotated[str, PrimaryKey()]

        class Settings:
            name = "batched_pages"

    await Pages.drop_table()
    batch = AsyncBatchQuery()
    page = Pages(id=str(uuid4()))
    await page.save(batch=batch)
    with pytest.raises(InvalidRequestError, match=r"Pages\.sync_table\(\) creates the table"):
        await batch.execute()
    await Pages.sync_table()
    await batch.execute()
    assert await Pages.get(id=page.id) == page


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


async def test_without_a_keyspace_each_verb_says_so(cql_cluster: CqlCluster, driver_type: str) -> None:
    bare = await init_coodie(hosts=cql_cluster.hosts, port=cql_cluster.port, driver_type=driver_type, name="bare")
    set_default("bare")
    try:
        for verb in (Narrow(id="a").save, Narrow.find(id="a").all, Narrow.sync_table):
            with pytest.raises(ConfigurationError, match=r"^Narrow has no keyspace; set Settings\.keyspace"):
                await verb()
    finally:
        unregister_driver("bare")
        await bare.close_async()
