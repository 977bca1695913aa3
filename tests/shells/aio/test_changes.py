"""Only what changed is written: dirty tracking, documents in part, differences of collections, seen on the node."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import pytest

from coodie.aio import AsyncBatchQuery, Document
from coodie.exceptions import InvalidQueryError
from coodie.fields import Frozen, PrimaryKey

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class Page(Document):
    id: Annotated[str, PrimaryKey()]
    title: str = "untitled"
    words: int = 0
    tags: set[str] = set()
    lines: list[str] = []
    notes: dict[str, int] = {}
    fixed: Annotated[list[int], Frozen()] = []
    editor: str | None = None

    class Settings:
        name = "pages_that_change"


class Skipping(Document):
    id: Annotated[str, PrimaryKey()]
    title: str = "untitled"
    editor: str | None = None

    class Settings:
        name = "pages_that_skip_nulls"
        nulls = "skip"


@pytest.fixture
async def page(connection: AbstractDriver) -> Page:
    """A page as it was read."""
    await Page.sync_table()
    made = Page(id=uuid4().hex, tags={"a", "b"}, lines=["one"], notes={"x": 1, "y": 2}, fixed=[1], editor="Ann")
    await made.save()
    return await Page.get(id=made.id)


async def written(page: Page, field: str) -> Any:
    """Return when a column was written."""
    return await Page.find(id=page.id).writetime(field)


async def test_an_update_without_fields_writes_what_changed(page: Page) -> None:
    before = await written(page, "words"), await written(page, "editor")
    assert await page.update() is None
    page.title = "changed"
    await page.update()
    assert (await written(page, "words"), await written(page, "editor")) == before
    assert await written(page, "title") > before[0]
    page.words = 3
    result = await page.update(if_conditions={"title": "other"})
    assert result is not None
    assert (result.applied, result.existing, page.words) == (False, {"title": "changed"}, 3)
    await page.save(changed_only=True)
    assert await Page.get(id=page.id) == page


async def test_a_condition_is_asked_about_where_nothing_changed(page: Page) -> None:
    before = await written(page, "title")
    for conditions, holds in (({"title": "untitled"}, True), ({"title": "other"}, False), ({"words__gt": 5}, False)):
        result = await page.update(if_conditions=conditions)
        assert result is not None
        assert result.applied is holds
    there = await page.update(if_exists=True)
    assert there is not None
    assert there.applied
    assert await written(page, "title") == before
    assert await Page.get(id=page.id) == page
    page.tags = {"b", "a"}
    bulk = await Page.find().iff(title="other").update_many([page])
    assert [*bulk.rejected] == [0]
    async with AsyncBatchQuery() as batch:
        assert await page.update(if_conditions={"title": "other"}, batch=batch) is None
    assert batch.result is not None
    assert not batch.result.applied
    await Page.find(id=page.id).delete()
    gone = await page.update(if_exists=True)
    assert gone is not None
    assert not gone.applied
    assert await Page.find_one(id=page.id) is None


async def test_collections_are_changed_and_not_replaced(page: Page) -> None:
    other = await Page.get(id=page.id)
    other.tags.add("theirs")
    other.notes["z"] = 3
    other.lines.append("last")
    await other.update()
    page.tags = {"a", "mine"}
    page.notes["x"] = 10
    del page.notes["y"]
    page.lines.insert(0, "zero")
    page.fixed.append(2)
    await page.update()
    merged = await Page.get(id=page.id)
    assert merged.tags == {"a", "mine", "theirs"}
    assert merged.notes == {"x": 10, "z": 3}
    assert merged.lines == ["zero", "one", "last"]
    assert merged.fixed == [1, 2]
    merged.tags.clear()
    merged.lines[1:] = ["other"]
    await merged.update()
    assert await Page.get(id=page.id) == merged


async def test_a_list_that_grew_at_both_ends_keeps_what_others_added(page: Page) -> None:
    async def theirs(line: str) -> None:
        other = await Page.get(id=page.id)
        other.lines.append(line)
        await other.update()

    await theirs("theirs")
    page.lines = ["a", "b", *page.lines, "y", "z"]
    await page.update()
    assert page.lines == ["a", "b", "one", "y", "z"]
    page = await Page.get(id=page.id)
    assert page.lines == ["a", "b", "one", "theirs", "y", "z"]
    await theirs("more")
    page.lines[:0] = ["0"]
    page.lines += ["9"]
    result = await page.update(if_exists=True)
    assert result is not None
    assert result.applied
    page = await Page.get(id=page.id)
    assert page.lines == ["0", "a", "b", "one", "theirs", "y", "z", "more", "9"]
    await theirs("last")
    page.lines = ["<", *page.lines, ">"]
    async with AsyncBatchQuery() as batch:
        await page.update(batch=batch)
        await Page(id=uuid4().hex).save(batch=batch)
    await page.update()
    assert (await Page.get(id=page.id)).lines == ["<", *page.lines[1:-1], "last", ">"]


async def test_collections_that_were_empty_or_are_emptied_keep_what_others_added(connection: AbstractDriver) -> None:
    await Page.sync_table()
    await Page.find(id="empty").delete()
    await Page(id="empty").save()
    mine, theirs = await Page.get(id="empty"), await Page.get(id="empty")
    for each, name in ((theirs, "theirs"), (mine, "mine")):
        each.tags.add(name)
        each.notes[name] = 1
        each.lines.append(name)
        await each.update()
    both = await Page.get(id="empty")
    assert (both.tags, both.notes) == ({"theirs", "mine"}, {"theirs": 1, "mine": 1})
    assert both.lines == ["theirs", "mine"]
    await Page(id="empty", tags={"a"}, notes={"a": 1}).save()
    mine, theirs = await Page.get(id="empty"), await Page.get(id="empty")
    theirs.tags.add("theirs")
    theirs.notes["theirs"] = 1
    await theirs.update()
    mine.tags.clear()
    mine.notes = {}
    await mine.update()
    assert (mine.tags, mine.notes) == (set(), {})
    both = await Page.get(id="empty")
    assert (both.tags, both.notes) == ({"theirs"}, {"theirs": 1})


async def test_what_was_saved_is_known_and_a_copy_knows_it_too(page: Page) -> None:
    made = Page(id=uuid4().hex)
    with pytest.raises(InvalidQueryError, match="neither read from the table nor saved; name the fields, or save"):
        await made.update()
    await made.save(changed_only=True)
    made.words = 1
    twin = copy.copy(made)
    await twin.update()
    assert (await Page.get(id=made.id)).words == 1
    deep = page.model_copy(deep=True)
    deep.tags.add("deep")
    await deep.update()
    assert (await Page.get(id=page.id)).tags == {"a", "b", "deep"}
    assert page.tags == {"a", "b"}
    fresh = Page(id=uuid4().hex)
    result = await fresh.insert()
    assert result is not None
    assert result.applied
    fresh.title = "after"
    await fresh.update()
    assert (await Page.get(id=fresh.id)).title == "after"


async def test_a_document_in_part_writes_what_it_has(page: Page) -> None:
    part = await Page.find(id=page.id).only("words").first()
    assert part is not None
    part.words = 5
    part.title = "assigned"
    await part.update()
    await part.save()
    whole = await Page.get(id=page.id)
    assert (whole.words, whole.title, whole.editor, whole.tags) == (5, "assigned", "Ann", {"a", "b"})


async def test_nulls_are_written_or_skipped_as_is_asked_for(page: Page) -> None:
    page.editor = None
    await page.save(nulls="skip")
    assert (await Page.get(id=page.id)).editor == "Ann"
    await page.save()
    assert (await Page.get(id=page.id)).editor is None
    with pytest.raises(InvalidQueryError, match="'write' or 'skip'"):
        await page.save(nulls="never")  # type: ignore[arg-type]


@pytest.mark.usefixtures("connection")
async def test_a_null_that_was_skipped_is_still_to_be_written() -> None:
    await Skipping.sync_table()
    made = Skipping(id=uuid4().hex, editor="Ann")
    await made.save()
    for write in (Skipping.save, Skipping.save_json):
        page = await Skipping.get(id=made.id)
        page.editor, page.title = None, write.__name__
        await write(page)
        row = await Skipping.get(id=made.id)
        assert (row.title, row.editor) == (write.__name__, "Ann")
    await page.update()
    assert await Skipping.get(id=made.id) == page


async def test_what_a_batch_or_json_wrote_is_what_the_next_update_compares_with(page: Page) -> None:
    page.words = 1
    async with AsyncBatchQuery() as batch:
        await page.save(batch=batch)
    page.words = 0
    await page.update()
    assert await Page.get(id=page.id) == page
    page.words = 2
    await page.save_json()
    page.words = 0
    await page.update()
    assert await Page.get(id=page.id) == page
    page.words = 3
    async with AsyncBatchQuery() as batch:
        await page.save_json(batch=batch)
    page.words = 0
    await page.update()
    assert await Page.get(id=page.id) == page


async def test_a_document_with_another_key_is_written_whole(page: Page) -> None:
    page.id, page.words = uuid4().hex, 7
    twin = page.model_copy(update={"id": uuid4().hex})
    for moved in (page, twin):
        with pytest.raises(
            InvalidQueryError, match=r"Page\.id is part of the primary key and changed.*writes it whole"
        ):
            await moved.update()
        assert await Page.find_one(id=moved.id) is None
        await moved.save(changed_only=True)
        assert await Page.get(id=moved.id) == moved
        moved.words = 8
        await moved.update()
        assert await Page.get(id=moved.id) == moved


async def test_dicts_are_put_into_and_lists_set_by_index(page: Page) -> None:
    await page.update(put__notes={"x": 5}, setindex__lines=(0, "first"), add__tags="c")
    await page.update(notes__update={"new": 9})
    fresh = await Page.get(id=page.id)
    assert fresh == page
    assert (fresh.notes, fresh.lines, fresh.tags) == ({"x": 5, "y": 2, "new": 9}, ["first"], {"a", "b", "c"})
    with pytest.raises(InvalidQueryError, match="setindex takes a pair"):
        await page.update(setindex__lines="first")
    with pytest.raises(InvalidQueryError, match="put is for map fields"):
        await page.update(put__tags={"a"})


async def test_a_part_that_never_expires_has_no_time_to_live(page: Page) -> None:
    await Page.find(id=page.id).ttl(10_000).update(tags__add={"c"})
    times = await Page.find(id=page.id).column_ttl("tags")
    assert times[:2] == [None, None]
    assert 0 < times[2] <= 10_000
