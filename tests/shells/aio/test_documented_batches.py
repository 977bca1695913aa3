"""Batches as they are documented, with every adapter on a real node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import pytest
from pydantic import Field

from coodie.aio import AsyncBatchQuery, Document, execute_raw
from coodie.fields import PrimaryKey
from coodie_drivers.messages import BatchRequest

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver
    from coodie_drivers.messages import Reply, Request

pytestmark = [pytest.mark.node, pytest.mark.every_adapter]
shows = pytest.mark.shows


class User(Document):
    id: Annotated[UUID, PrimaryKey()] = Field(default_factory=uuid4)
    name: str

    class Settings:
        name = "documented_users"


@pytest.fixture
async def kinds(connection: AbstractDriver, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kinds of the batches that are sent from then on."""
    await User.sync_table()
    seen: list[str] = []
    send = connection.send_async

    async def watched(request: Request | BatchRequest) -> Reply:
        if isinstance(request, BatchRequest):
            seen.append(request.kind)
        return await send(request)

    monkeypatch.setattr(connection, "send_async", watched)
    return seen


async def names(*users: User) -> list[str]:
    found = [await User.find_one(id=user.id) for user in users]
    return [user.name for user in found if user is not None]


async def names_in_the_table(connection: AbstractDriver, *users: User) -> list[str]:
    """The names again, in CQL: what the model's own verbs read shows nothing of what they would have kept back."""
    text: Any = f"SELECT name FROM {connection.default_keyspace}.{User.table_name()} WHERE id = ?"
    return [row["name"] for user in users for row in await execute_raw(text, [user.id])]


@shows("batch: a block of writes", "save: batch", "delete: batch", "batch: logged")
async def test_a_block_is_sent_at_its_end(kinds: list[str], connection: AbstractDriver) -> None:
    first, second, third = User(name="a"), User(name="b"), User(name="c")
    await third.save()
    async with AsyncBatchQuery() as batch:
        await first.save(batch=batch)
        await second.save(batch=batch)
        await third.delete(batch=batch)
        assert kinds == []
        assert await names(first, second, third) == ["c"]
        assert await names_in_the_table(connection, first, second, third) == ["c"]
    assert kinds == ["logged"]
    assert await names(first, second, third) == ["a", "b"]
    assert await names_in_the_table(connection, first, second, third) == ["a", "b"]


@shows("batch: unlogged")
async def test_a_batch_may_be_unlogged(kinds: list[str]) -> None:
    for batch in (AsyncBatchQuery(batch_type="unlogged"), AsyncBatchQuery(logged=False)):
        user = User(name="a")
        async with batch:
            await user.save(batch=batch)
        assert kinds.pop() == "unlogged"
        assert await names(user) == ["a"]
