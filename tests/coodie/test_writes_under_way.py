"""What a program does to a document while a write of it is under way, which ends after that."""

from __future__ import annotations

import asyncio
import pickle
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.aio import AsyncBatchQuery, Document
from coodie.exceptions import InvalidValueError, StaleDocumentError
from coodie.fields import PrimaryKey, Version
from coodie.hooks import before_save, before_update
from coodie.usertype import UserType
from coodie_drivers.messages import Reply, Request
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.messages import BatchRequest


class Plan(Document):
    id: Annotated[int, PrimaryKey()]
    title: str = ""
    body: str = ""
    version: Annotated[int, Version()] = 0


class Signed(Document):
    id: Annotated[int, PrimaryKey()]
    title: str = ""
    body: str = ""
    signature: str = "none"

    @before_save
    def sign_saved(self) -> None:
        self.signature = "hook"

    @before_update
    def sign_updated(self) -> None:
        self.signature = "hook"


class SignedPlan(Plan, Signed):
    pass


class Slow(ScriptedDriver):
    """Answers after everybody else has done something."""

    async def send_async(self, request: Request | BatchRequest) -> Reply:
        """Take the answer now, and give it later."""
        try:
            return self.send(request)
        finally:
            await asyncio.sleep(0)


APPLIED = Reply([(True,)], ("[applied]",), None, True)


def rejected(**values: Any) -> Reply:
    """Make the answer to a write whose condition did not hold."""
    return Reply([(False, *values.values())], ("[applied]", *values), None, False)


@pytest.mark.parametrize("second", ["save", "update", "delete", "delete_columns"])
async def test_the_second_of_two_versioned_writes_at_once_is_refused(
    second: str, register: Callable[[ScriptedDriver], None]
) -> None:
    register(Slow([APPLIED, APPLIED, rejected(version=1)]))
    plan = Plan(id=1)
    await plan.save()

    async def write_title() -> None:
        plan.title = "first"
        await plan.save()

    async def write_body() -> None:
        plan.body = "second"
        await getattr(plan, second)(*(["title"] if second == "delete_columns" else []))

    first, other = await asyncio.gather(write_title(), write_body(), return_exceptions=True)
    assert first is None
    assert isinstance(other, StaleDocumentError)
    assert (plan.title, plan.body, plan.version) == ("first", "second", 1)


@pytest.mark.parametrize("model", [Plan, SignedPlan])
async def test_what_is_assigned_while_a_document_is_saved_stays(
    model: type[Plan], register: Callable[[ScriptedDriver], None]
) -> None:
    driver = Slow([APPLIED, APPLIED, APPLIED])
    register(driver)
    plan = model(id=1)
    await plan.save()
    plan.title = "saved"
    saving = asyncio.ensure_future(plan.save())
    await asyncio.sleep(0)
    plan.body = "typed meanwhile"
    await saving
    assert (plan.title, plan.body, plan.version) == ("saved", "typed meanwhile", 1)
    await plan.update()
    assert driver.requests[-1].statement.cql.startswith(f"UPDATE ks.{model.table_name()} SET body = ?, version = ? ")


class Note(Document):
    id: Annotated[int, PrimaryKey()]
    title: str = ""
    lines: list[str] = []


@pytest.mark.parametrize("ttl", [None, 60])
async def test_what_is_assigned_while_an_update_names_the_field_stays_and_is_written_next(
    ttl: int | None, register: Callable[[ScriptedDriver], None]
) -> None:
    driver = Slow()
    register(driver)
    note = Note(id=1)
    await note.save()
    updating = asyncio.ensure_future(note.update(ttl=ttl, title="named", lines=["named"]))
    await asyncio.sleep(0)
    note.title = "typed meanwhile"
    await updating
    assert (note.title, note.lines) == ("typed meanwhile", ["named"])
    await note.update()
    assert isinstance(driver.requests[-1], Request)
    assert list(driver.requests[-1].params) == ["typed meanwhile", 1]


@pytest.mark.parametrize("ttl", [None, 60])
async def test_of_several_updates_that_name_a_field_the_last_one_that_ends_counts(
    ttl: int | None, register: Callable[[ScriptedDriver], None]
) -> None:
    register(Slow())
    note = Note(id=1)
    await note.save()
    await asyncio.gather(*(note.update(ttl=ttl, title=f"title {number}") for number in range(3)))
    assert note.title == "title 2"


async def test_what_is_assigned_while_a_batch_collects_stays_and_is_written_next(
    register: Callable[[ScriptedDriver], None],
) -> None:
    driver = Slow()
    register(driver)
    note = Note(id=1)
    await note.save()
    async with AsyncBatchQuery() as batch:
        await note.update(batch=batch, title="first")
        await note.update(batch=batch, lines=["second"])
        note.lines = ["typed meanwhile"]
    assert (note.title, note.lines) == ("first", ["typed meanwhile"])
    await note.update()
    assert isinstance(driver.requests[-1], Request)
    assert list(driver.requests[-1].params) == [["typed meanwhile"], 1]


class Address(UserType):
    street: str = ""


class Home(Document):
    id: Annotated[int, PrimaryKey()]
    on: bool = True
    lines: list[str] = []
    address: Address = Address()


def switch(home: Home) -> None:
    home.on = True


def append(home: Home) -> None:
    home.lines.append("meanwhile")


def move(home: Home) -> None:
    home.address.street = "meanwhile"


MEANWHILE: list[tuple[str, Any, Callable[[Home], None], Any, Any]] = [
    ("on", False, switch, True, True),  # the very object that it held before
    ("lines", ["named"], append, ["a", "meanwhile"], ["a", "meanwhile"]),
    ("address", Address(street="named"), move, Address(street="meanwhile"), {"street": "meanwhile"}),
]


async def home_of(kind: str) -> Home:
    """Make a document that is new, or whose row is known as a whole, or of which only the key was fetched."""
    if kind == "partial":
        home = await Home.find(id=1).only("id").first()
        assert home is not None
        home.lines, home.address = ["a"], Address()
        return home
    home = Home(id=1, lines=["a"])
    if kind == "saved":
        await home.save()
    return home


@pytest.mark.parametrize("kind", ["new", "saved", "partial"])
@pytest.mark.parametrize("ttl", [None, 60])
@pytest.mark.parametrize(("field", "named", "change", "kept", "sent"), MEANWHILE)
async def test_what_the_program_does_to_a_field_that_is_being_updated_stays_and_is_written_next(
    kind: str,
    ttl: int | None,
    field: str,
    named: Any,
    change: Callable[[Home], None],
    kept: Any,
    sent: Any,
    register: Callable[[ScriptedDriver], None],
) -> None:
    driver = Slow([Reply([(1,)], ("id",))] if kind == "partial" else [])
    register(driver)
    home = await home_of(kind)
    updating = asyncio.ensure_future(home.update(ttl=ttl, **{field: named}))
    await asyncio.sleep(0)
    change(home)
    await updating
    assert getattr(home, field) == kept
    await (home.save() if kind == "new" else home.update())
    written = driver.requests[-1]
    assert isinstance(written, Request)
    # Of a user type update() writes the fields that changed.
    assert (sent["street"] if field == "address" and kind != "new" else sent) in written.params


async def test_what_the_program_does_while_a_batch_collects_is_told_from_what_it_did_before(
    register: Callable[[ScriptedDriver], None],
) -> None:
    driver = Slow()
    register(driver)
    home = Home(id=1)
    await home.save()
    async with AsyncBatchQuery() as batch:
        home.on = True
        home.lines.append("before")
        await home.update(batch=batch, on=False, lines=["named"])
    assert (home.on, home.lines) == (False, ["named"])
    async with AsyncBatchQuery() as batch:
        await home.update(batch=batch, on=True, lines=["later"])
        home.on = False
        home.lines.append("meanwhile")
    assert (home.on, home.lines) == (False, ["named", "meanwhile"])


async def test_the_names_of_the_fields_that_are_set_are_a_set_like_any_other(
    register: Callable[[ScriptedDriver], None],
) -> None:
    register(Slow())
    home = Home(id=1)
    await home.update(on=False)
    home.lines = ["a"]
    names = {"id", "on", "lines"}
    assert home.model_fields_set == names
    assert sorted(home.model_dump(exclude_unset=True)) == sorted(names)
    assert repr(home.model_fields_set) == repr({*home.model_fields_set})
    pickled: Home = pickle.loads(pickle.dumps(home))  # noqa: S301 - its own
    for each in (home.model_copy(), home.model_copy(deep=True), pickled):
        assert type(each.model_fields_set) is set
        each.on = True
        assert each.model_fields_set == names


@pytest.mark.parametrize("model", [Signed, SignedPlan])
@pytest.mark.parametrize("verb", ["update", "insert"])
async def test_what_is_assigned_while_a_write_is_refused_stays_and_what_hooks_assigned_goes(
    model: type[Signed], verb: str, register: Callable[[ScriptedDriver], None]
) -> None:
    register(Slow([rejected(title="theirs", version=0)]))
    signed = model(id=1)
    writing = signed.insert() if verb == "insert" else signed.update(if_conditions={"title": "mine"}, title="b")
    under_way = asyncio.ensure_future(writing)
    await asyncio.sleep(0)
    signed.body = "typed meanwhile"
    assert signed.signature == "hook"
    result = await under_way
    assert result is not None
    assert not result.applied
    assert (signed.title, signed.body, signed.signature) == ("", "typed meanwhile", "none")


async def test_a_hook_does_not_take_the_place_of_what_was_assigned_since(
    register: Callable[[ScriptedDriver], None],
) -> None:
    register(Slow([rejected(title="theirs")]))
    signed = Signed(id=1)
    writing = asyncio.ensure_future(signed.update(if_conditions={"title": "mine"}, title="b"))
    await asyncio.sleep(0)
    signed.signature = "mine"
    await writing
    assert signed.signature == "mine"


@pytest.mark.parametrize("lines", ["text", b"bytes", {"a": 1}, 7])
@pytest.mark.parametrize("changed_only", [False, True])
async def test_what_is_no_collection_of_its_field_is_refused_where_it_replaces_one(
    lines: Any, changed_only: bool, register: Callable[[ScriptedDriver], None]
) -> None:
    driver = Slow()
    register(driver)
    note = Note(id=1, lines=["a line"])
    await note.save()
    note.lines = lines
    with pytest.raises(InvalidValueError, match=r"^Note\.lines"):
        await (note.save(changed_only=True) if changed_only else note.update())
    assert len(driver.requests) == 1


class Slugged(Document):
    id: Annotated[int, PrimaryKey()]
    a: str = "a"
    b: str = "b"
    slug: str = "ab"

    @before_update
    def join(self) -> None:
        self.slug = self.a + self.b


async def test_what_hooks_assigned_is_taken_back_of_two_writes_at_once(
    register: Callable[[ScriptedDriver], None],
) -> None:
    register(Slow([Reply(), rejected(a="a"), rejected(a="a")]))
    slugged = Slugged(id=1)
    await slugged.save()
    unheld = {"a": "no"}
    await asyncio.gather(slugged.update(a="A", if_conditions=unheld), slugged.update(b="B", if_conditions=unheld))
    assert (slugged.a, slugged.b, slugged.slug) == ("a", "b", "ab")
