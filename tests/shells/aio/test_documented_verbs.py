"""The verbs of a document as they are documented, and each of their options, with every adapter on a real node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import pytest
from pydantic import Field

from coodie.aio import AsyncBatchQuery, Document
from coodie.exceptions import DocumentNotFound, InvalidQueryError
from coodie.fields import Indexed, PrimaryKey
from coodie_drivers.errors import OperationTimedOutError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers import AbstractDriver

pytestmark = [pytest.mark.node, pytest.mark.every_adapter]
shows = pytest.mark.shows


class Item(Document):
    id: Annotated[UUID, PrimaryKey()] = Field(default_factory=uuid4)
    title: str
    status: Annotated[str, Indexed()] = "todo"
    assignee: str | None = None
    priority: int = 0
    tags: set[str] = set()
    comments: list[str] = []
    links: dict[str, str] = {}

    class Settings:
        name = "documented_items"


@pytest.fixture
async def item(connection: AbstractDriver) -> Item:
    """A document whose row is not there yet."""
    await Item.sync_table()
    return Item(title="first", assignee="Ann", priority=3, tags={"a"}, comments=["x", "y"], links={"k": "v", "l": "w"})


async def stored(connection: AbstractDriver, item: Item, what: str) -> Any:
    """What the server has of an item, asked without the mapper."""
    text = f"SELECT {what} FROM {connection.default_keyspace}.documented_items WHERE id = ?"
    return await connection.execute_one_async(text, [item.id])


LONG_AGO = 1_000
"""When rows are written that a condition is asked about next.

Clients time plain writes in microseconds, Cassandra conditional ones in milliseconds: within the same millisecond the
plain one is the later.
"""

ARGUMENTS: dict[str, tuple[str, ...]] = {"delete_columns": ("assignee",)}
"""What a verb must be given besides its options."""


def called(item: Item, verb: str, **options: Any) -> Any:
    return getattr(item, verb)(*ARGUMENTS.get(verb, ()), **options)


@shows("construct and save", "save", "a key that makes itself", "get")
async def test_save_writes_every_column(item: Item, connection: AbstractDriver) -> None:
    await item.save()
    columns = "id, title, status, assignee, priority, tags, comments, links"
    table = f"{connection.default_keyspace}.documented_items"
    rows = await connection.execute_async(f"SELECT {columns} FROM {table} WHERE id = ?", [item.id])
    assert rows == [item.model_dump()]
    assert await Item.get(id=item.id) == item


@shows("save: overwrites")
async def test_save_overwrites_the_whole_row(item: Item) -> None:
    await item.save()
    other = Item(id=item.id, title="second")
    await other.save()
    assert await Item.get(id=item.id) == other


@shows("save_json")
async def test_save_json_writes_every_column(item: Item) -> None:
    await item.save_json()
    assert await Item.get(id=item.id) == item


@shows("insert", "result: applied", "result: existing")
async def test_insert_writes_what_is_not_there_yet(item: Item) -> None:
    first = await item.insert()
    second = await Item(id=item.id, title="second").insert()
    assert first is not None
    assert (first.applied, first.existing) == (True, {})
    assert second is not None
    assert second.applied is False
    assert second.existing == item.model_dump()
    assert await Item.get(id=item.id) == item


@shows("delete", "error: not found")
async def test_delete_removes_the_row(item: Item) -> None:
    await item.save()
    assert await item.delete() is None
    with pytest.raises(DocumentNotFound):
        await Item.get(id=item.id)


@shows("delete_columns")
async def test_delete_columns_empties_them_and_leaves_the_rest(item: Item) -> None:
    await item.save()
    await item.delete_columns("assignee", "links")
    found = await Item.get(id=item.id)
    assert (found.assignee, found.links, found.title, found.tags) == (None, {}, "first", {"a"})


@shows("delete_columns: collection_elements")
async def test_delete_columns_removes_single_elements(item: Item) -> None:
    await item.save()
    await item.delete_columns(collection_elements=[("links", "k"), ("comments", 0)])
    found = await Item.get(id=item.id)
    assert (found.links, found.comments, found.assignee) == ({"l": "w"}, ["y"], "Ann")


@pytest.mark.parametrize(
    "verb",
    [
        pytest.param("save", marks=shows("save: ttl")),
        pytest.param("save_json", marks=shows("save_json: ttl")),
        pytest.param("insert", marks=shows("insert: ttl")),
    ],
)
async def test_what_is_written_with_a_ttl_expires(item: Item, connection: AbstractDriver, verb: str) -> None:
    await called(item, verb, ttl=3_600)
    assert 3_500 < await stored(connection, item, "ttl(title)") <= 3_600
    other = Item(title="lasting")
    await called(other, verb)
    assert await stored(connection, other, "ttl(title)") is None


@pytest.mark.parametrize(
    "verb",
    [
        pytest.param("save", marks=shows("save: timestamp")),
        pytest.param("save_json", marks=shows("save_json: timestamp")),
    ],
)
async def test_a_timestamp_is_when_it_was_written(item: Item, connection: AbstractDriver, verb: str) -> None:
    await called(item, verb, timestamp=1_234_567)
    assert await stored(connection, item, "writetime(title)") == 1_234_567


@pytest.mark.parametrize(
    "verb",
    [
        pytest.param("delete", marks=shows("delete: timestamp")),
        pytest.param("delete_columns", marks=shows("delete_columns: timestamp")),
    ],
)
async def test_a_timestamp_spares_what_was_written_later(item: Item, connection: AbstractDriver, verb: str) -> None:
    await item.save(timestamp=2_000_000)
    await called(Item(id=item.id, title=""), verb, timestamp=1_000_000)
    assert await stored(connection, item, "assignee") == "Ann"
    await called(Item(id=item.id, title=""), verb, timestamp=3_000_000)
    assert await stored(connection, item, "assignee") is None


@shows("insert: timestamp")
async def test_insert_takes_no_timestamp_for_the_server_times_transactions(item: Item) -> None:
    with pytest.raises(InvalidQueryError, match="timestamp"):
        await item.insert(timestamp=1_000_000)
    assert await Item.find_one(id=item.id) is None


@pytest.mark.parametrize(
    "verb",
    [
        pytest.param("save", marks=shows("save: consistency")),
        pytest.param("save_json", marks=shows("save_json: consistency")),
        pytest.param("insert", marks=shows("insert: consistency")),
        pytest.param("delete", marks=shows("delete: consistency")),
        pytest.param("delete_columns", marks=shows("delete_columns: consistency")),
    ],
)
async def test_a_consistency_is_asked_of_the_server(item: Item, verb: str) -> None:
    with pytest.raises(UnavailableError):  # there is one replica
        await called(item, verb, consistency="THREE")
    await called(item, verb, consistency="QUORUM")


async def until_timed_out(call: Callable[[], Any]) -> bool:
    """Call until an answer came too late: a library that measures in milliseconds may have it before it looks."""
    for _ in range(1_000):
        try:
            await call()
        except OperationTimedOutError:
            return True
    return False


@pytest.mark.parametrize(
    "verb",
    [
        pytest.param("save", marks=shows("save: timeout")),
        pytest.param("save_json", marks=shows("save_json: timeout")),
        pytest.param("insert", marks=shows("insert: timeout")),
        pytest.param("delete", marks=shows("delete: timeout")),
        pytest.param("delete_columns", marks=shows("delete_columns: timeout")),
    ],
)
async def test_a_timeout_is_heeded(item: Item, verb: str) -> None:
    assert await until_timed_out(lambda: called(item, verb, timeout=1e-9))
    await called(item, verb, timeout=30.0)


@pytest.mark.parametrize(
    "verb",
    [pytest.param("save", marks=shows("save: batch")), pytest.param("insert", marks=shows("insert: batch"))],
)
async def test_a_batch_takes_what_is_written(item: Item, verb: str) -> None:
    batch = AsyncBatchQuery()
    assert await called(item, verb, batch=batch) is None
    assert await Item.find_one(id=item.id) is None
    await batch.execute()
    assert await Item.get(id=item.id) == item


async def test_a_batch_takes_what_is_updated_and_the_document_stays_as_it_is(item: Item) -> None:
    await item.save()
    async with AsyncBatchQuery() as batch:
        assert await item.update(batch=batch, status="done", add__tags={"b"}) is None
        assert (item.status, item.tags) == ("todo", {"a"})
        assert await Item.get(id=item.id) == item
    found = await Item.get(id=item.id)
    assert (found.status, found.tags) == ("done", {"a", "b"})


@pytest.mark.parametrize(
    "verb",
    [
        pytest.param("delete", marks=shows("delete: batch")),
        pytest.param("delete_columns", marks=shows("delete_columns: batch")),
    ],
)
async def test_a_batch_takes_what_is_deleted(item: Item, connection: AbstractDriver, verb: str) -> None:
    await item.save()
    batch = AsyncBatchQuery()
    assert await called(item, verb, batch=batch) is None
    assert await stored(connection, item, "assignee") == "Ann"
    await batch.execute()
    assert await stored(connection, item, "assignee") is None


@shows("delete: if_exists")
async def test_delete_if_exists_says_whether_there_was_a_row(item: Item) -> None:
    await item.save(timestamp=LONG_AGO)
    gone, missing = await item.delete(if_exists=True), await item.delete(if_exists=True)
    assert gone is not None
    assert missing is not None
    assert (gone.applied, missing.applied) == (True, False)


@shows("delete: if_conditions", "delete: if_conditions with operators")
@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ({"title": "other"}, {"title": "first"}),
        ({"title__ne": "first"}, {"title__ne": "other"}),
        ({"priority__gt": 3}, {"priority__gt": 2}),
        ({"status__in": ["done"]}, {"status__in": ["todo", "done"]}),
    ],
)
async def test_delete_asks_for_what_must_hold(item: Item, wrong: dict[str, Any], right: dict[str, Any]) -> None:
    await item.save(timestamp=LONG_AGO)
    refused = await item.delete(if_conditions=wrong)
    assert refused is not None
    assert refused.applied is False
    (column,) = (name.partition("__")[0] for name in wrong)
    assert refused.existing == {column: getattr(item, column)}
    assert await Item.find_one(id=item.id) == item
    applied = await item.delete(if_conditions=right)
    assert applied is not None
    assert applied.applied
    assert await Item.find_one(id=item.id) is None


@shows("update: fields")
async def test_update_changes_the_given_fields_alone(item: Item, connection: AbstractDriver) -> None:
    await item.save(timestamp=1_000)
    await item.update(status="done", assignee="Bob")
    assert await Item.get(id=item.id) == item
    assert (item.status, item.assignee) == ("done", "Bob")
    assert await stored(connection, item, "writetime(title)") == 1_000


@shows("update: ttl")
async def test_update_with_a_ttl_expires(item: Item, connection: AbstractDriver) -> None:
    await item.save()
    await item.update(ttl=7_200, status="in_progress")
    assert 7_100 < await stored(connection, item, "ttl(status)") <= 7_200
    assert await stored(connection, item, "ttl(title)") is None


@shows("update: if_exists")
async def test_update_if_exists_makes_no_row(item: Item) -> None:
    missing = await item.update(if_exists=True, status="done")
    assert missing is not None
    assert missing.applied is False
    assert await Item.find_one(id=item.id) is None
    await item.save(timestamp=LONG_AGO)
    there = await item.update(if_exists=True, status="done")
    assert there is not None
    assert there.applied
    assert (await Item.get(id=item.id)).status == "done"


@shows("update: if_conditions")
async def test_update_asks_for_what_must_hold(item: Item) -> None:
    await item.save(timestamp=LONG_AGO)
    refused = await item.update(if_conditions={"title": "other"}, status="done")
    assert refused is not None
    assert (refused.applied, refused.existing, item.status) == (False, {"title": "first"}, "todo")
    applied = await item.update(if_conditions={"title": "first"}, status="done")
    assert applied is not None
    assert applied.applied
    assert (await Item.get(id=item.id)).status == item.status == "done"
