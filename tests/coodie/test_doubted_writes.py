"""Documents after writes of which nobody knows whether they were made: tasks, batches, versions, hooks, user types."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import pytest
from tests.coodie.failing import Failing, Note, assigned, saved, timed_out

from coodie import aio, using
from coodie.exceptions import BulkWriteError, DriverError, InvalidQueryError, StaleDocumentError
from coodie.fields import Frozen, PrimaryKey, Version
from coodie.hooks import before_update
from coodie.sync import BatchQuery, Document
from coodie.types import UNSET
from coodie.usertype import UserType
from coodie_drivers.messages import Reply
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.messages import BatchRequest, Request

APPLIED = Reply([(True,)], ("[applied]",), None, True)


class AsyncNote(aio.Document):
    id: Annotated[int, PrimaryKey()]
    price: int = 0
    lines: list[str] = []


class Stalling(ScriptedDriver):
    """Does not answer the second request."""

    async def send_async(self, request: Request | BatchRequest) -> Reply:
        """Stall where that is to be."""
        self.send(request)
        if len(self.requests) == 2:
            self.stalled.set()
            await asyncio.Event().wait()
        return Reply()

    def __init__(self) -> None:
        super().__init__()
        self.stalled = asyncio.Event()


@pytest.mark.parametrize("level", [None, "ONE"])
@pytest.mark.parametrize("verb", ["save", "update", "by name", "batch", "save_many"])
async def test_a_write_whose_task_was_cancelled_is_in_doubt(
    verb: str, level: str | None, register: Callable[[ScriptedDriver], None]
) -> None:
    class Levelled(AsyncNote):
        class Settings:
            consistency = level

    driver = Stalling()
    register(driver)
    note = Levelled(id=1, lines=["a"])
    await note.save()

    async def write() -> None:
        if verb == "by name":
            await note.update(append__lines=["b"])
            return
        note.lines.append("b")
        if verb == "batch":
            async with aio.AsyncBatchQuery() as batch:
                await note.update(batch=batch)
        elif verb == "save_many":
            await Levelled.find().save_many([note, Levelled(id=2)])
        else:
            await (note.save() if verb == "save" else note.update())

    writing = asyncio.ensure_future(write())
    await driver.stalled.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    note.price = 1
    await note.update()
    assert assigned(driver) == {"price = ?", "lines = ?"}
    assert (["a"] if verb == "by name" else ["a", "b"]) in driver.requests[-1].params


def test_a_batch_that_is_sent_again_lets_its_documents_know(register: Callable[[ScriptedDriver], None]) -> None:
    driver = Failing(timed_out())
    register(driver)
    note = saved()
    note.price = 9
    note.tags.add("b")
    batch = BatchQuery()
    note.update(batch=batch)
    note.update(body="by name", batch=batch)
    told: list[str] = []
    batch.add_callback(told.append, "sent")
    with pytest.raises(DriverError):
        batch.execute()
    assert (note.body, told) == ("", [])
    batch.execute()
    assert (note.body, told) == ("by name", ["sent"])
    note.update()
    assert assigned(driver) == {"tags = ?"}  # what was added is known where the whole was
    note.update()
    assert len(driver.requests) == 4


def test_a_batch_that_deletes_leaves_its_documents_in_doubt(register: Callable[[ScriptedDriver], None]) -> None:
    driver = Failing(timed_out(), places=(2,))
    register(driver)
    note, other = saved(), saved(number=2, body="x")
    batch = BatchQuery()
    note.delete(batch=batch)
    other.delete_columns("body", batch=batch)
    with pytest.raises(DriverError):
        batch.execute()
    assert other.body == "x"
    other.update()
    assert assigned(driver) == {"body = ?"}
    with pytest.raises(InvalidQueryError, match="was pickled or deleted since"):
        note.update()


def test_documents_whose_write_was_not_begun_know_their_rows(register: Callable[[ScriptedDriver], None]) -> None:
    driver = Failing(timed_out(), places=(4,))
    register(driver)
    notes = [Note(owner="o", number=number, lines=["a"]) for number in range(4)]
    Note.find().save_many(notes, at_once=1)
    for note in notes:
        note.lines.append("b")
    with pytest.raises(BulkWriteError, match="0 rows were written, 1 failed and 3 were not begun"):
        Note.find().update_many(notes, at_once=1, append__lines=["x"])
    for note, sent in zip(notes, ("lines = ?", *["lines = lines + ?"] * 3), strict=True):
        note.update()
        assert assigned(driver) == {sent}


def test_a_copy_in_another_place_leaves_the_row_known(register: Callable[[ScriptedDriver], None]) -> None:
    driver = Failing(timed_out())
    register(driver)
    note = saved()
    note.lines.append("b")
    with using(keyspace="other"), pytest.raises(DriverError):
        note.save()
    note.update()
    assert assigned(driver) == {"lines = lines + ?"}


def test_a_new_document_stays_new(register: Callable[[ScriptedDriver], None]) -> None:
    driver = Failing(timed_out(), places=(0, 1))
    register(driver)
    note = Note(owner="o", number=1)
    with pytest.raises(DriverError):
        note.save()
    with pytest.raises(DriverError):
        note.update(price=9)
    note.save(changed_only=True)
    assert driver.requests[-1].statement.cql.startswith("INSERT")


def test_a_column_that_was_not_fetched_is_not_written(register: Callable[[ScriptedDriver], None]) -> None:
    driver = Failing(timed_out(), answer=Reply([("o", 1, 5)], ("owner", "number", "price")))
    register(driver)
    note = Note.find(owner="o").only("price").all()[0]
    with pytest.raises(DriverError):
        note.update(append__lines=["x"], price=9)
    note.update()
    assert assigned(driver) == {"price = ?"}


def test_a_collection_that_was_emptied_is_written_where_nulls_are_left_alone(
    register: Callable[[ScriptedDriver], None],
) -> None:
    driver = Failing(timed_out())
    register(driver)
    note = Note(owner="o", number=1)
    note.save()
    note.tags.add("b")
    with pytest.raises(DriverError):
        note.save(nulls="skip")
    note.tags.clear()
    note.save(nulls="skip")
    assert list(driver.requests[-1].params)[-3:] == [set(), UNSET, UNSET]


def test_a_condition_asks_for_the_null_that_was_read(register: Callable[[ScriptedDriver], None]) -> None:
    driver = Failing(timed_out(), answer=Reply([("o", 1, None)], ("owner", "number", "price"), None, True))
    register(driver)
    note = Note.find(owner="o").only("price").all()[0]
    for _ in range(2):
        try:
            note.update(if_conditions={"price": 0}, price=9)
        except DriverError:
            assert note.price == 0
        assert list(driver.requests[-1].params) == [9, "o", 1, None]


class Tidy(Document):
    id: Annotated[int, PrimaryKey()]
    title: str = ""
    slug: str = ""

    @before_update
    def name(self) -> None:
        self.slug = self.title.lower()


def test_what_hooks_assigned_is_in_doubt_as_well(register: Callable[[ScriptedDriver], None]) -> None:
    driver = Failing(timed_out())
    register(driver)
    tidy = Tidy(id=1)
    tidy.save()
    with pytest.raises(DriverError):
        tidy.update(title="A")
    assert (tidy.title, tidy.slug) == ("", "")
    tidy.update()
    assert assigned(driver) == {"title = ?", "slug = ?"}
    assert list(driver.requests[-1].params) == ["", "", 1]


class Address(UserType):
    street: str = ""
    town: str = ""


class Home(Document):
    id: Annotated[int, PrimaryKey()]
    address: Address = Address()
    sizes: Annotated[list[int], Frozen()] = []


def test_a_user_type_is_written_whole(register: Callable[[ScriptedDriver], None]) -> None:
    driver = Failing(timed_out())
    register(driver)
    home = Home(id=1, address=Address(street="s", town="t"))
    home.save()
    home.address.street = "x"
    with pytest.raises(DriverError):
        home.update()
    assert assigned(driver) == {"address.street = ?"}
    home.update()
    assert assigned(driver) == {"address = ?"}


class Plan(Document):
    id: Annotated[int, PrimaryKey()]
    title: str = ""
    body: str = ""
    version: Annotated[int, Version()] = 0


def test_a_version_in_doubt_is_asked_about_and_the_error_says_that_it_may_be_its_own(
    script: Callable[..., ScriptedDriver],
) -> None:
    stale = Reply([(False, 1)], ("[applied]", "version"), None, False)
    driver = script(APPLIED, timed_out(), stale, APPLIED)
    plan = Plan(id=1)
    plan.save()
    plan.title = "mine"
    with pytest.raises(DriverError):
        plan.update()
    assert plan.version == 0
    plan.title = ""
    problem = "written by somebody else, or by a write of its own that was not answered, since it was read, and nothing"
    with pytest.raises(StaleDocumentError, match=problem) as raised:
        plan.update()
    assert raised.value.existing == {"version": 1}
    plan.update()  # as if the first had not been applied
    assert driver.requests[-1].statement.cql == "UPDATE ks.plan SET title = ?, version = ? WHERE id = ? IF version = ?"
    assert list(driver.requests[-1].params) == ["", 1, 1, 0]
    assert plan.version == 1


@pytest.mark.parametrize("verb", ["save", "update", "delete_columns", "delete"])
def test_a_version_that_was_null_is_asked_for_as_null_again(
    verb: str, register: Callable[[ScriptedDriver], None]
) -> None:
    row = Reply([(1, "t", None, None)], ("id", "title", "body", "version"), None, True)
    driver = Failing(timed_out(), answer=row)
    register(driver)
    plan = Plan.get(id=1)
    write: Callable[[], object] = lambda: getattr(plan, verb)(*(["title"] if verb == "delete_columns" else []))  # noqa: E731
    plan.title = "x"
    with pytest.raises(DriverError):
        write()
    asked = list(driver.requests[-1].params)
    assert asked[-2:] == [None, "t"] or asked[-2:] == ["t", None]
    write()
    assert list(driver.requests[-1].params) == asked
