"""The verbs of a document against a real node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID, uuid4

import pytest
from pydantic import Field

from coodie.aio import AsyncBatchQuery, CounterDocument, Document
from coodie.exceptions import DocumentNotFound, InvalidQueryError, MultipleDocumentsFound
from coodie.fields import ClusteringKey, Counter, Indexed, PrimaryKey

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class Task(Document):
    id: Annotated[UUID, PrimaryKey()] = Field(default_factory=uuid4)
    title: str
    status: Annotated[str, Indexed()] = "todo"
    assignee: str | None = None
    priority: int = 0
    tags: set[str] = set()
    comments: list[str] = []
    links: dict[str, str] = {}

    class Settings:
        name = "tasks"


class Reading(Document):
    sensor: Annotated[str, PrimaryKey()]
    minute: Annotated[int, ClusteringKey(order="DESC")]
    value: float = 0.0

    class Settings:
        name = "readings"


class PageHits(CounterDocument):
    url: Annotated[str, PrimaryKey()]
    views: Annotated[int, Counter()] = 0
    unique_visitors: Annotated[int, Counter()] = 0

    class Settings:
        name = "page_hits"


@pytest.fixture
async def tables(connection: AbstractDriver) -> None:
    for model in (Task, Reading, PageHits):
        await model.sync_table()


@pytest.mark.usefixtures("tables")
class TestOneDocument:
    async def test_what_was_saved_is_read_back_equal(self) -> None:
        task = Task(title="Write", assignee="Ann", tags={"a", "b"}, comments=["x", "x"], links={"k": "v"})
        await task.save()
        read = await Task.get(id=task.id)
        assert read == task
        assert type(read.tags) is set
        assert type(read.comments) is list
        assert type(read.links) is dict

    async def test_saving_again_overwrites_the_whole_row(self) -> None:
        task = Task(title="Write", assignee="Ann", tags={"a"})
        await task.save()
        await Task(id=task.id, title="Again").save()
        read = await Task.get(id=task.id)
        assert (read.title, read.assignee, read.tags) == ("Again", None, set())

    async def test_inserting_tells_whether_the_row_was_new(self) -> None:
        task = Task(title="First")
        first = await task.insert()
        second = await Task(id=task.id, title="Second").insert()
        assert second is not None
        assert (second.existing["tags"], second.existing["comments"], second.existing["links"]) == (set(), [], {})
        assert first is not None
        assert second is not None
        assert (first.applied, first.existing) == (True, {})
        assert second.applied is False
        assert (second.existing["title"], second.existing["id"]) == ("First", task.id)

    async def test_a_ttl_reaches_the_server(self, connection: AbstractDriver) -> None:
        task = Task(title="Short")
        await task.save(ttl=3600)
        table = f"{connection.default_keyspace}.tasks"
        ttl = await connection.execute_one_async(f"SELECT ttl(title) FROM {table} WHERE id = ?", [task.id])
        assert 3500 < ttl <= 3600
        await task.update(title="Longer", ttl=7200)
        ttl = await connection.execute_one_async(f"SELECT ttl(title) FROM {table} WHERE id = ?", [task.id])
        assert 7100 < ttl <= 7200

    async def test_a_timestamp_decides_who_wrote_last(self) -> None:
        task = Task(title="Later")
        await task.save(timestamp=2_000_000)
        await Task(id=task.id, title="Earlier").save(timestamp=1_000_000)
        assert (await Task.get(id=task.id)).title == "Later"

    async def test_updating_changes_the_row_and_the_document(self) -> None:
        task = Task(title="Old", tags={"a"}, comments=["m"], links={"k": "v", "l": "w"})
        await task.save()
        await task.update(title="New", priority=3)
        await task.update(add__tags={"b"}, append__comments="e", remove__links=["k"])
        await task.update(remove__tags={"a"}, prepend__comments=["s"])
        read = await Task.get(id=task.id)
        assert read == task
        assert (read.title, read.priority, read.tags, read.comments, read.links) == (
            "New",
            3,
            {"b"},
            ["s", "m", "e"],
            {"l": "w"},
        )

    async def test_conditions_decide_on_the_server(self) -> None:
        task = Task(title="One", priority=5)
        await task.save()
        refused = await task.update(if_conditions={"priority__lt": 3}, title="Two")
        assert refused is not None
        assert (refused.applied, refused.existing, task.title) == (False, {"priority": 5}, "One")
        applied = await task.update(if_conditions={"priority": 5, "status__in": ["todo", "new"]}, title="Two")
        assert applied is not None
        assert (applied.applied, task.title) == (True, "Two")
        gone = await Task(title="Nowhere").update(if_exists=True, title="x")
        assert gone is not None
        assert gone.applied is False

    async def test_deleting_removes_the_row(self) -> None:
        task = Task(title="Gone")
        await task.save()
        assert await task.delete() is None
        assert await Task.find_one(id=task.id) is None
        result = await task.delete(if_exists=True)
        assert result is not None
        assert result.applied is False
        with pytest.raises(DocumentNotFound):
            await Task.get(id=task.id)

    async def test_a_conditional_delete_leaves_what_does_not_match(self) -> None:
        task = Task(title="Kept")
        await task.save()
        result = await task.delete(if_conditions={"title": "Other"})
        assert result is not None
        assert (result.applied, result.existing) == (False, {"title": "Kept"})
        assert await Task.find_one(id=task.id) == task

    async def test_deleting_columns_leaves_the_rest(self) -> None:
        task = Task(title="Some", assignee="Ann", comments=["a", "b"], links={"k": "v", "l": "w"}, tags={"x", "y"})
        await task.save()
        await task.delete_columns("assignee")
        await task.delete_columns(collection_elements=[("comments", 0), ("links", "k"), ("tags", "x")])
        read = await Task.get(id=task.id)
        assert read == task
        assert (read.title, read.assignee, read.comments, read.links, read.tags) == (
            "Some",
            None,
            ["b"],
            {"l": "w"},
            {"y"},
        )

    async def test_a_batch_writes_all_or_nothing(self) -> None:
        kept, dropped = Task(title="Kept"), Task(title="Dropped")
        await dropped.save()
        async with AsyncBatchQuery() as batch:
            await kept.save(batch=batch)
            await dropped.delete(batch=batch)
            assert await Task.find_one(id=kept.id) is None
        assert await Task.find_one(id=kept.id) == kept
        assert await Task.find_one(id=dropped.id) is None

    async def test_a_conditional_batch_has_a_result(self) -> None:
        task = Task(title="Once")
        async with AsyncBatchQuery() as batch:
            await task.insert(batch=batch)
        assert batch.result is not None
        assert batch.result.applied is True
        async with AsyncBatchQuery() as batch:
            await task.insert(batch=batch)
        assert batch.result is not None
        assert batch.result.applied is False


@pytest.mark.usefixtures("tables")
class TestQueries:
    async def test_an_index_serves_a_query(self) -> None:
        status = uuid4().hex
        tasks = [Task(title=str(number), status=status, priority=number) for number in range(5)]
        for task in tasks:
            await task.save()
        assert {task.id for task in await Task.find(status=status).all()} == {task.id for task in tasks}
        assert await Task.find(status=status).count() == 5
        urgent = await (
            Task.find(status=status).filter(priority__gte=2).order_by("-priority").limit(2).allow_filtering().all()
        )
        assert [task.priority for task in urgent] == [4, 3]
        with pytest.raises(MultipleDocumentsFound):
            await Task.find_one(status=status)
        first = await Task.find(status=status).first()
        assert first is not None
        assert first.status == status

    async def test_clustering_columns_are_sorted_and_sliced_by_the_server(self) -> None:
        sensor = uuid4().hex
        for minute in range(10):
            await Reading(sensor=sensor, minute=minute, value=minute / 2).save()
        stored = await Reading.find(sensor=sensor).all()
        assert [reading.minute for reading in stored] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
        slice_ = await Reading.find(sensor=sensor, minute__gte=3, minute__lt=8).order_by("minute").limit(3).all()
        assert [reading.minute for reading in slice_] == [3, 4, 5]
        some = await Reading.find(sensor=sensor, minute__in=[1, 4]).all()
        assert [reading.minute for reading in some] == [4, 1]
        by_value = await Reading.find(sensor=sensor, value__gt=1.0).order_by("-value").limit(2).all()
        assert [reading.value for reading in by_value] == [4.5, 4.0]

    async def test_a_misspelt_field_is_refused_before_the_network(self) -> None:
        with pytest.raises(InvalidQueryError, match="did you mean 'status'"):
            await Task.find(staus="todo").all()

    async def test_filtering_must_be_allowed(self) -> None:
        task = Task(title=uuid4().hex)
        await task.save()
        with pytest.raises(InvalidQueryError, match=r"allow_filtering\(\)"):
            await Task.find(title=task.title).all()
        assert await Task.find(title=task.title).allow_filtering().all() == [task]


@pytest.mark.usefixtures("tables")
async def test_counters_count() -> None:
    url = f"/{uuid4()}"
    page = PageHits(url=url)
    await page.increment(views=1)
    await page.increment(views=2, unique_visitors=1)
    await PageHits.increment(url=url, views=10)
    await PageHits.decrement(url=url, views=3)
    read = await PageHits.get(url=url)
    assert (read.views, read.unique_visitors) == (10, 1)
    assert (page.views, page.unique_visitors) == (0, 0)
