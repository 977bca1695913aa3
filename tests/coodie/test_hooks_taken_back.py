"""What hooks have assigned is taken back, by every verb alike, where the write is not known to be made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from tests.coodie.failing import Failing, timed_out

from coodie.exceptions import BulkWriteError, DriverError, InvalidValueError, StaleDocumentError
from coodie.fields import PrimaryKey, Version
from coodie.hooks import after_save, before_delete, before_save, before_update
from coodie.mixins import Timestamped
from coodie.sync import Document
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver

    Register = Callable[[ScriptedDriver], None]

APPLIED = Reply([(True,)], ("[applied]",), None, True)
REJECTED = Reply([(False,)], ("[applied]",), None, False)


class Page(Timestamped, Document):
    id: Annotated[int, PrimaryKey()]
    title: str = ""
    marks: list[int] = []
    edits: int = 0

    @before_save
    @before_update
    def count(self) -> None:
        self.edits += 1


class Versioned(Page):
    version: Annotated[int, Version()] = 0


def query_of(page: Page) -> Any:
    """The query of all documents of its model."""
    return type(page).find()


VERBS: dict[str, Callable[[Any], object]] = {
    "save": lambda page: page.save(),
    "save of what changed": lambda page: page.save(changed_only=True),
    "save, nulls skipped": lambda page: page.save(nulls="skip"),
    "save_json": lambda page: page.save_json(),
    "insert": lambda page: page.insert(),
    "update": lambda page: page.update(),
    "update by name": lambda page: page.update(title="x"),
    "update on a condition": lambda page: page.update(title="x", if_conditions={"title": ""}),
    "save_many": lambda page: query_of(page).save_many([page]),
    "save_many batched": lambda page: query_of(page).save_many([page], batched=True),
    "insert_many": lambda page: query_of(page).insert_many([page]),
    "update_many": lambda page: query_of(page).update_many([page], title="x"),
}
ERRORS: dict[str, Callable[[], BaseException]] = {
    "certain": lambda: DriverError("too few replicas", outcome="not_applied"),
    "unknown": timed_out,
    "of another library": lambda: ConnectionError("gone"),
    "interrupt": KeyboardInterrupt,
}


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize(
    ("verb", "model"),
    [*[(verb, Page) for verb in VERBS], *[(verb, Versioned) for verb in VERBS if verb != "save_json"]],
)
def test_it_is_taken_back_where_the_write_fails(verb: str, model: type[Page], error: str, register: Register) -> None:
    register(Failing(ERRORS[error](), answer=APPLIED))
    page = model(id=1)
    page.save()
    before = dict(vars(page))
    with pytest.raises((DriverError, BulkWriteError, ConnectionError, KeyboardInterrupt)):
        VERBS[verb](page)
    assert vars(page) == before


@pytest.mark.parametrize("verb", ["save", "save of what changed", "save_json", "insert", "save_many", "insert_many"])
def test_a_new_document_too_is_what_it_was(verb: str, register: Register) -> None:
    register(Failing(ERRORS["certain"](), places=(0,)))
    page = Page(id=1)
    with pytest.raises((DriverError, BulkWriteError)):
        VERBS[verb](page)
    assert (page.edits, page.created_at, page.updated_at) == (0, None, None)


@pytest.mark.parametrize("verb", ["save", "save_json", "insert", "save_many", "insert_many"])
def test_it_is_taken_back_where_a_value_does_not_fit(verb: str, driver: ScriptedDriver) -> None:
    page = Page.model_construct(id=1, marks=[None], edits=3)
    with pytest.raises(InvalidValueError, match=r"Page\.marks"):
        VERBS[verb](page)
    assert page.edits == 3
    assert driver.requests == []


def test_it_is_taken_back_where_a_row_was_there(script: Callable[..., ScriptedDriver]) -> None:
    script(REJECTED, REJECTED, REJECTED)
    page = Page(id=1)
    assert not page.insert().applied
    assert Page.find().insert_many([page]).rejected
    assert page.edits == 0
    plan = Versioned(id=1)
    with pytest.raises(StaleDocumentError):
        plan.save()
    assert plan.edits == 0


@pytest.mark.parametrize("stop_on_error", [True, False])
@pytest.mark.parametrize("verb", ["save_many", "insert_many"])
def test_of_many_it_is_taken_back_of_those_that_were_not_written(
    verb: str, register: Register, *, stop_on_error: bool
) -> None:
    class Numbered(Page):
        @before_save
        def check(self) -> None:
            if self.id < 0:
                raise ValueError("not yours")

    register(Failing(ConnectionError("gone"), places=(), answer=APPLIED))
    pages = [Numbered(id=number) for number in (1, 2, -1, 3)]
    many = getattr(Numbered.find(), verb)
    if stop_on_error:
        with pytest.raises(BulkWriteError, match="not yours"):
            many(pages)
        assert [page.edits for page in pages] == [0, 0, 0, 0]
    else:
        assert list(many(pages, stop_on_error=False).failed) == [2]
        assert [page.edits for page in pages] == [1, 1, 0, 1]


def test_what_was_not_begun_holds_what_it_held(register: Register) -> None:
    driver = Failing(ERRORS["certain"](), places=(1,))
    register(driver)
    pages = [Page(id=number) for number in range(4)]
    with pytest.raises(BulkWriteError):
        Page.find().save_many(pages, at_once=1)
    assert len(driver.requests) == 2
    assert [page.edits for page in pages] == [1, 0, 0, 0]


class Named(Document):
    slug: Annotated[str, PrimaryKey()] = ""
    title: str = ""
    edits: int = 0

    @before_save
    def name(self) -> None:
        self.edits += 1
        self.slug = self.slug or f"slug-{next(NUMBERS)}"


NUMBERS = iter(range(100))


@pytest.mark.parametrize("verb", ["save", "save_json", "insert"])
def test_a_key_that_a_hook_gave_stays_where_its_row_may_be_there(verb: str, register: Register) -> None:
    driver = Failing(timed_out(), places=(0,), answer=APPLIED)
    register(driver)
    named = Named()
    with pytest.raises(DriverError):
        VERBS[verb](named)
    assert named.slug
    assert named.edits == 0
    VERBS[verb](named)
    first, second = driver.requests
    assert list(first.params) == list(second.params)  # the same row, and not another one


def test_a_key_that_a_hook_gave_is_taken_back_where_there_is_no_row_of_it(register: Register) -> None:
    register(Failing(ERRORS["certain"](), places=(0,)))
    named = Named()
    with pytest.raises(DriverError):
        named.save()
    assert (named.slug, named.edits) == ("", 0)


def test_what_is_in_doubt_is_written_whole_as_the_document_has_it(register: Register) -> None:
    driver = Failing(timed_out())
    register(driver)
    page = Page(id=1, title="a")
    page.save()
    page.title = "b"
    with pytest.raises(DriverError):
        page.save()
    page.title = "a"
    page.save(changed_only=True)
    statement, params = driver.requests[-1].statement.cql, driver.requests[-1].params
    assert "title = ?" in statement
    assert "a" in params
    assert page.edits == 2


def test_it_stays_where_a_hook_behind_the_write_raises(register: Register) -> None:
    class Mailed(Page):
        @after_save
        def mail(self) -> None:
            raise ConnectionError("the mail server is down")

    register(Failing(timed_out(), places=(), answer=APPLIED))
    for write in (Mailed.save, Mailed.insert, Mailed.save_json):
        mailed: Any = Mailed(id=1)
        with pytest.raises(ConnectionError):
            write(mailed)
        assert mailed.edits == 1


def test_what_a_hook_of_delete_assigns_stays(script: Callable[..., ScriptedDriver]) -> None:
    class Marked(Document):
        id: Annotated[int, PrimaryKey()]
        note: str = ""

        @before_delete
        def mark(self) -> None:
            self.note = "deleting"

    marked = Marked(id=1)
    driver = script(Reply(), REJECTED)
    marked.save()
    marked.delete(if_conditions={"note": "other"})
    assert marked.note == "deleting"
    marked.update()
    assert driver.requests[-1].statement.cql.startswith("UPDATE ks.marked SET note = ?")
