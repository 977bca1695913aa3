"""Pages that a web client asks for by cursors, on the real node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import pytest

from coodie.aio import Document
from coodie.cursors import PageCursors
from coodie.exceptions import InvalidCursorError
from coodie.fields import ClusteringKey, PrimaryKey

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node

CURSORS = PageCursors(bytes(range(32)), max_age=3_600)


class Comment(Document):
    post: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]

    class Settings:
        name = "comments_by_cursor"


async def serve(post: str, cursor: str | None, size: int) -> tuple[list[int], str | None]:
    """Answer one request of a client, as an endpoint would."""
    query = Comment.find(post=post)
    page = await query.fetch_size(size).page(CURSORS.open(query, cursor, tenant="a")).paged_all()
    following = None if page.paging_state is None else CURSORS.sign(query, page.paging_state, tenant="a")
    return [comment.number for comment in page], following


async def test_a_client_walks_through_the_pages(connection: AbstractDriver) -> None:
    await Comment.sync_table()
    post, other = uuid4().hex, uuid4().hex
    await Comment.find().save_many(Comment(post=post, number=number) for number in range(25))
    seen, cursor = await serve(post, None, 10)
    with pytest.raises(InvalidCursorError):
        await serve(other, cursor, 10)
    while cursor is not None:
        numbers, cursor = await serve(post, cursor, 7)
        seen += numbers
    assert seen == list(range(25))
    assert connection is not None
